//! What pieces begin with: a look at it tells quickly that a text holds none of them.

/// Letters that are looked at. No piece is shorter.
const LETTERS: usize = super::pieces::SHORTEST;
/// Bits of the number that stands for them.
const BITS: u32 = 16;

/// The first letters of pieces, without regard to case. Different letters may stand for the same.
#[derive(Clone, Debug)]
pub(super) struct Beginnings {
    /// A bit for each number.
    seen: Box<[u64]>,
}

impl Beginnings {
    /// Of these pieces, which are in ASCII.
    pub(super) fn of(pieces: &[String]) -> Self {
        let mut seen = vec![0; 1 << (BITS - u64::BITS.ilog2())].into_boxed_slice();
        for piece in pieces {
            let letters = piece.bytes().take(LETTERS).fold(0, following);
            let (word, bit) = place(letters);
            if let Some(word) = seen.get_mut(word) {
                *word |= bit;
            }
        }
        Beginnings { seen }
    }

    /// Whether a text may hold a piece. When it holds one, the answer is yes.
    pub(super) fn may_be_in(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = text.split_at_checked(LETTERS - 1) else {
            return false;
        };
        let mut letters = first.iter().copied().fold(0, following);
        rest.iter().any(|letter| {
            letters = following(letters, *letter);
            let (word, bit) = place(letters);
            self.seen.get(word).is_some_and(|word| word & bit != 0)
        })
    }
}

/// The last letters of a text, one more taken in, small and capital ones alike.
#[inline]
fn following(letters: u32, next: u8) -> u32 {
    const CASE: u8 = 0x20;
    const KEPT: u32 = (1 << (u8::BITS * LETTERS as u32)) - 1;
    (letters << u8::BITS | u32::from(next | CASE)) & KEPT
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
    fn a_text_without_a_beginning_is_told() {
        let beginnings = Beginnings::of(&["psexesvc".to_owned(), "\\pipe".to_owned()]);
        for text in ["a PSEXEC", "pse", "x\\PIPE", "\\pi"] {
            assert!(beginnings.may_be_in(text.as_bytes()), "{text}");
        }
        for text in ["", "ps", "letter.docx", "ps exec", "pipe"] {
            assert!(!beginnings.may_be_in(text.as_bytes()), "{text}");
        }
    }
}
