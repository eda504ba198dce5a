//! Searches a text for many pieces at once.
//!
//! Nearly every text holds none, and most do not even hold three letters that a piece begins with:
//! a look at a bit for each of its letters tells that. Only where those letters stand are pieces held
//! against the text. What Aho and Corasick build for the same takes longer than many a log.

use crate::detect::pattern::SHORTEST_PIECE;

/// First letters that are looked at. No piece is shorter.
const LETTERS: usize = SHORTEST_PIECE;
/// Bits of the number that stands for them. Different letters may share one.
const BITS: u32 = 16;

/// Pieces, each with the pattern that it is of, to be searched for without regard to case.
#[derive(Clone, Debug)]
pub(super) struct PieceSearch {
    /// A bit for each number of first letters.
    seen: Box<[u64]>,
    /// By their first letters.
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
struct Piece {
    first: u32,
    text: String,
    owner: usize,
}

impl PieceSearch {
    /// For pieces in ASCII, with their owners.
    pub(super) fn new<'p>(pieces: impl IntoIterator<Item = (&'p str, usize)>) -> Self {
        let piece = |(text, owner): (&str, usize)| Piece {
            first: text.as_bytes().first_chunk().map_or(0, number),
            text: text.to_owned(),
            owner,
        };
        let mut pieces: Vec<Piece> = pieces.into_iter().map(piece).collect();
        pieces.sort_unstable_by_key(|piece| piece.first);
        let mut seen = vec![0; 1 << (BITS - u64::BITS.ilog2())].into_boxed_slice();
        for piece in &pieces {
            let (word, bit) = place(piece.first);
            if let Some(word) = seen.get_mut(word) {
                *word |= bit;
            }
        }
        PieceSearch { seen, pieces }
    }

    /// The owners of all pieces that a text holds, in order.
    pub(super) fn owners_in(&self, text: &[u8]) -> Vec<usize> {
        let mut owners = Vec::new();
        for (begin, letters) in text.array_windows().map(number).enumerate() {
            let (word, bit) = place(letters);
            if self.seen.get(word).is_some_and(|word| word & bit != 0) {
                let here = text.get(begin..).unwrap_or_default();
                owners.extend(
                    self.beginning_with(letters)
                        .filter_map(|it| it.owner_in(here)),
                );
            }
        }
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    fn beginning_with(&self, letters: u32) -> impl Iterator<Item = &Piece> {
        let begin = self.pieces.partition_point(|piece| piece.first < letters);
        let rest = self.pieces.iter().skip(begin);
        rest.take_while(move |piece| piece.first == letters)
    }
}

impl Piece {
    /// Its owner, if the text begins with it.
    fn owner_in(&self, text: &[u8]) -> Option<usize> {
        let same = text.get(..self.text.len())?;
        same.eq_ignore_ascii_case(self.text.as_bytes())
            .then_some(self.owner)
    }
}

/// What stands for first letters, small and capital ones alike.
#[inline]
fn number(letters: &[u8; LETTERS]) -> u32 {
    const CASE: u32 = 0x0020_2020;
    let [a, b, c] = *letters;
    u32::from_le_bytes([a, b, c, 0]) | CASE
}

/// The word and the bit that stand for letters.
#[inline]
fn place(letters: u32) -> (usize, u64) {
    const SPREAD: u32 = 0x9e37_79b1;
    let number = letters.wrapping_mul(SPREAD) >> (u32::BITS - BITS);
    ((number / u64::BITS) as usize, 1 << (number % u64::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_told_in_order_and_once() {
        let search =
            PieceSearch::new([("psexesvc", 7), ("\\pipe", 2), ("psexec", 2), ("psexe", 9)]);
        let found = |text: &str| search.owners_in(text.as_bytes());
        assert_eq!(found("a PSEXEC on \\Pipe"), [2, 9]);
        assert_eq!(found("psexeSVC psexesvc"), [7, 9]);
        for text in ["", "ps", "pse", "letter.docx", "ps exec", "|pipe", "psex"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_piece_is_found_wherever_it_stands(
            pieces in proptest::collection::vec("[a-c\\\\.]{3,6}", 1..12),
            text in "[a-cA-C\\\\.|`\\[]{0,24}",
        ) {
            let search = PieceSearch::new(pieces.iter().map(String::as_str).zip(0..));
            let small = text.to_ascii_lowercase();
            let held: Vec<usize> = (0..pieces.len()).filter(|place| small.contains(&pieces[*place])).collect();
            proptest::prop_assert_eq!(search.owners_in(text.as_bytes()), held);
        }
    }
}
