//! A run of text with a role: the only text that views draw.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::tui::theme::Role;

/// Signs in sentences, and how they are written in ASCII.
const SIGNS: [(char, &str); 9] = [
    ('…', ".."),
    ('×', "x"),
    ('±', "+-"),
    ('→', "->"),
    ('←', "<-"),
    ('·', "."),
    ('–', "-"),
    ('“', "\""),
    ('”', "\""),
];

/// Safe text with a role. There is no way to make one of text that has not passed
/// [`crate::text::line`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    text: String,
    role: Role,
}

impl Piece {
    /// Makes text safe and gives it a role.
    pub fn new(text: impl AsRef<str>, role: Role) -> Piece {
        Piece {
            text: crate::text::line(text.as_ref()).into_string(),
            role,
        }
    }

    /// Like [`Piece::new`] for text of which no more than `columns` can be seen, so that a huge
    /// command line costs no more than a short one.
    pub fn head(text: &str, columns: usize, role: Role) -> Piece {
        let end = text
            .char_indices()
            .nth(columns.saturating_add(1))
            .map_or(text.len(), |(end, _)| end);
        Piece::new(text.get(..end).unwrap_or(text), role)
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.text.width()
    }

    /// The same text in another role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Piece {
        self.role = role;
        self
    }

    /// The same with the signs that the program's own sentences use written in ASCII. Any other
    /// character is a record's and stays.
    #[must_use]
    pub fn in_ascii(&self) -> Piece {
        let text = self.text.chars().fold(String::new(), |mut text, sign| {
            match SIGNS.iter().find(|(known, _)| *known == sign) {
                Some((_, plain)) => text.push_str(plain),
                None => text.push(sign),
            }
            text
        });
        self.part(&text)
    }

    fn part(&self, text: &str) -> Piece {
        // a part of safe text is safe
        Piece {
            text: text.to_owned(),
            role: self.role,
        }
    }
}

/// Cuts safe text to a width, between graphemes; an ellipsis says that something was cut.
pub fn cut(text: &str, width: usize, ascii: bool) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = used + grapheme.width();
        if next + 1 > width {
            break;
        }
        kept.push_str(grapheme);
        used = next;
    }
    if width > 0 {
        kept.push_str(if ascii { "~" } else { "…" });
    }
    Cow::Owned(kept)
}

/// Breaks pieces into lines of a width: at blanks, or inside words longer than a line.
pub fn wrap(pieces: &[Piece], width: usize) -> Vec<Vec<Piece>> {
    let width = width.max(1);
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    let mut used = 0;
    for piece in pieces {
        for word in words(&piece.text, width) {
            let blank = word.trim().is_empty();
            let size = word.width();
            if used + size > width && used > 0 {
                if !blank && size <= width {
                    lines.push(Vec::new());
                    used = 0;
                } else if blank {
                    // the break takes the place of the blank
                    lines.push(Vec::new());
                    used = 0;
                    continue;
                }
            }
            if blank && used == 0 && lines.len() > 1 {
                continue;
            }
            if used + size <= width {
                push(&mut lines, piece, word);
                used += size;
                continue;
            }
            for grapheme in word.graphemes(true) {
                let size = grapheme.width();
                if used + size > width && used > 0 {
                    lines.push(Vec::new());
                    used = 0;
                }
                push(&mut lines, piece, grapheme);
                used += size;
            }
        }
    }
    lines
}

/// Words up to this width are not broken at their punctuation: `WS-1088`, `20:47:34`.
const WHOLE: usize = 24;

/// What may not be broken while it fits on a line: blanks, words, parts of long words.
fn words(text: &str, width: usize) -> impl Iterator<Item = &str> {
    text.split_inclusive(char::is_whitespace)
        .flat_map(move |run| {
            let word = run.trim_end();
            let (word, blank) = run.split_at(word.len());
            let whole = word.width() <= width.min(WHOLE);
            let parts = (!whole).then(|| word.split_word_bounds());
            let whole = whole.then_some(word);
            whole
                .into_iter()
                .chain(parts.into_iter().flatten())
                .chain([blank])
                .filter(|part| !part.is_empty())
        })
}

fn push(lines: &mut [Vec<Piece>], piece: &Piece, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(last) if last.role == piece.role => last.text.push_str(text),
        _ => line.push(piece.part(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fall_between_graphemes() {
        assert_eq!(cut("日本語", 5, false), "日本…");
        assert_eq!(cut("日本語", 4, false), "日…");
        assert_eq!(cut("abc", 3, false), "abc");
        assert_eq!(cut("abcd", 3, true), "ab~");
        assert_eq!(cut("abcd", 0, false), "");
    }

    #[test]
    fn lines_break_at_blanks_and_inside_long_words() {
        let pieces = [
            Piece::new("one two ", Role::Text),
            Piece::new("abcdefghij", Role::Strong),
        ];
        let lines: Vec<String> = wrap(&pieces, 7)
            .iter()
            .map(|line| line.iter().map(Piece::text).collect::<String>())
            .collect();
        assert_eq!(lines, ["one two", "abcdefg", "hij"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be_and_no_letter_is_lost(text in "\\PC{0,80}", width in 2usize..30) {
            let piece = Piece::new(&text, Role::Text);
            proptest::prop_assert!(cut(piece.text(), width, false).width() <= width);
            let lines = wrap(std::slice::from_ref(&piece), width);
            let joined: String = lines.iter().flatten().map(Piece::text).collect();
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(letters(&joined), letters(piece.text()));
            for line in &lines {
                let size: usize = line.iter().map(Piece::width).sum();
                let widest = piece.text().graphemes(true).map(UnicodeWidthStr::width).max().unwrap_or(0);
                proptest::prop_assert!(size <= width.max(widest));
            }
        }
    }
}
