//! Safe text: the one place where record text becomes text for a human.
//!
//! Everything in an event log may be chosen by an attacker. [`Shown`] is text in which nothing can
//! move a cursor, change a colour, reverse the reading order or hide: control characters become
//! control pictures (`␛`), invisible and bidirectional format characters become `<U+202E>`. Nothing
//! is dropped in silence, so two different command lines never look equal. Printable characters of
//! every script stay as they are.

mod secrets;

use std::fmt;

pub use secrets::{MASK, mask_secrets};

/// Longest text shown in one piece, in characters; the rest is counted, not shown.
pub const MAX_SHOWN: usize = 16_384;

/// Text that is safe to print, draw or write into a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown(String);

impl Shown {
    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The safe text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Shown {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Bytes as hexadecimal digits in small letters, as hashes are written.
pub fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// One line of safe text; tabs and line breaks become `␉`, `␊`, `␍`.
pub fn line(text: &str) -> Shown {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars();
    for character in characters.by_ref().take(MAX_SHOWN) {
        push_safe(&mut shown, character);
    }
    let rest = characters.count();
    if rest > 0 {
        shown.push_str(&format!("… (+{rest} characters)"));
    }
    Shown(shown)
}

/// One line of safe text, cut to `most` characters; the rest is counted.
pub fn brief(text: &str, most: usize) -> Shown {
    let whole = line(text);
    match whole.0.char_indices().nth(most) {
        None => whole,
        Some((at, _)) => {
            let (kept, rest) = whole.0.split_at(at);
            Shown(format!("{kept}… (+{} characters)", rest.chars().count()))
        }
    }
}

/// Safe text of several lines: line feeds stay, everything else as in [`line()`].
pub fn paragraph(text: &str) -> Shown {
    let lines: Vec<String> = text
        .split('\n')
        .map(|part| line(part.trim_end_matches('\r')).into_string())
        .collect();
    Shown(lines.join("\n"))
}

/// Breaks safe text at blanks into lines of at most `width` columns; a longer word is cut between
/// graphemes. Blanks at the beginning stay, and further lines are indented like the first.
pub fn wrap(text: &Shown, width: usize) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation;
    use unicode_width::UnicodeWidthStr;

    let indent: String = text
        .0
        .chars()
        .take_while(|c| *c == ' ')
        .take(width / 2)
        .collect();
    let mut lines = Vec::new();
    let mut current = indent.clone();
    let mut used = indent.len();
    for word in text.0.trim_start_matches(' ').split_inclusive(' ') {
        let wanted = word.trim_end_matches(' ').width();
        if used > indent.len() && used + wanted > width {
            lines.push(std::mem::replace(&mut current, indent.clone()));
            used = indent.len();
        }
        for grapheme in word.graphemes(true) {
            let wide = grapheme.width();
            if used + wide > width && used > indent.len() && grapheme != " " {
                lines.push(std::mem::replace(&mut current, indent.clone()));
                used = indent.len();
            }
            current.push_str(grapheme);
            used += wide;
        }
    }
    lines.push(current);
    lines
        .iter()
        .map(|line| line.trim_end_matches(' ').to_owned())
        .collect()
}

fn push_safe(shown: &mut String, character: char) {
    match character {
        '\0'..='\u{1f}' => {
            shown.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'));
        }
        '\u{7f}' => shown.push('\u{2421}'),
        _ if is_hidden(character) => shown.push_str(&format!("<U+{:04X}>", u32::from(character))),
        _ => shown.push(character),
    }
}

/// Characters that a terminal or browser would act on or not show: C1 controls, bidirectional
/// controls, zero-width and invisible format characters, line and paragraph separators, variation
/// selectors, tags, interlinear marks, private use and non-characters (Unicode 16, general
/// categories Cc, Cf, Zl, Zp, Co and Cn by block).
pub fn is_hidden(character: char) -> bool {
    matches!(u32::from(character),
        0x80..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
        | 0x2060..=0x206f | 0x3164 | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
        | 0xfdd0..=0xfdef | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0x110bd | 0x110cd | 0x13430..=0x1343f
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0x10ffff)
}

/// A cell for CSV: safe text that no spreadsheet takes for a formula. A cell that begins with
/// `=`, `+`, `-`, `@` gets an apostrophe in front.
pub fn csv_cell(text: &str) -> String {
    let shown = line(text).into_string();
    if shown.trim_start().starts_with(['=', '+', '-', '@']) {
        format!("'{shown}")
    } else {
        shown
    }
}

/// Safe text inside Markdown: characters with a meaning there are escaped.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in line(text).as_str().chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!'
        ) {
            escaped.push('\\');
        }
        if character == '&' {
            escaped.push_str("&amp;");
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Safe text as a Markdown code span, with a fence longer than any run of backticks inside.
pub fn markdown_code(text: &str) -> String {
    let shown = line(text).into_string();
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') || shown.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// A code span inside a table cell, where a bar would end the cell.
pub fn markdown_cell_code(text: &str) -> String {
    markdown_code(text).replace('|', "\\|")
}

/// Markdown that an analyst wrote, quoted, so that its headings and lists stay inside. It may hold
/// pasted record text: hidden characters become visible, and `<` cannot begin a tag.
pub fn markdown_quote(text: &str) -> String {
    let shown = paragraph(text.trim_end()).into_string();
    let mut quoted = String::with_capacity(shown.len() + 16);
    for part in shown.lines() {
        quoted.push_str(if part.is_empty() { ">" } else { "> " });
        let mut characters = part.chars().peekable();
        while let Some(character) = characters.next() {
            let begins_tag = character == '<'
                && characters
                    .peek()
                    .is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '!' | '?'));
            if begins_tag {
                quoted.push('\\');
            }
            quoted.push(character);
        }
        quoted.push('\n');
    }
    quoted.truncate(quoted.trim_end().len());
    quoted
}

/// An indicator that no one can click or resolve by accident: `hxxp`, `[.]`, `[:]`.
pub fn defang(text: &str) -> String {
    line(text)
        .as_str()
        .replace("http", "hxxp")
        .replace("://", "[://]")
        .replace('.', "[.]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_become_visible() {
        assert_eq!(line("a\u{1b}[31mb\r\n").as_str(), "a␛[31mb␍␊");
        assert_eq!(line("x\u{202e}gpj.exe").as_str(), "x<U+202E>gpj.exe");
        assert_eq!(line("日本語 ausgeführt").as_str(), "日本語 ausgeführt");
    }

    #[test]
    fn bytes_have_two_digits_each() {
        assert_eq!(hex([0x00, 0x0a, 0xf0, 0xff]), "000af0ff");
    }

    #[test]
    fn no_formula_reaches_a_spreadsheet() {
        assert_eq!(csv_cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(csv_cell("plain"), "plain");
    }

    #[test]
    fn a_brief_says_how_much_it_leaves_out() {
        assert_eq!(brief("日本語", 3).as_str(), "日本語");
        assert_eq!(brief("日本語\u{1b}", 2).as_str(), "日本… (+2 characters)");
    }

    #[test]
    fn long_lines_break_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrap(&line("one two three"), 8), ["one two", "three"]);
        assert_eq!(
            wrap(&line("  ab cdefghijkl m"), 8),
            ["  ab", "  cdefgh", "  ijkl m"]
        );
        assert_eq!(wrap(&line(""), 8), [""]);
        assert_eq!(wrap(&line("日本語日本語"), 5), ["日本", "語日", "本語"]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word(text in "[a-z日 ]{0,60}", width in 4usize..30) {
            let lines = wrap(&line(&text), width);
            let kept: String = lines.concat().split_whitespace().collect();
            prop_assert_eq!(kept, text.split_whitespace().collect::<String>());
            prop_assert!(lines.iter().all(|l| unicode_width::UnicodeWidthStr::width(l.as_str()) <= width));
        }

        #[test]
        fn nothing_shown_can_act(text in "\\PC*|[\\x00-\\xff\u{200b}\u{202a}-\u{202e}\u{2066}-\u{2069}]*") {
            let shown = line(&text);
            prop_assert!(shown.as_str().chars().all(|c| !c.is_control() && !is_hidden(c)));
        }

        #[test]
        fn different_texts_look_different(left in "[a\\x00-\\x1f]{0,4}", right in "[a\\x00-\\x1f]{0,4}") {
            prop_assert_eq!(left == right, line(&left) == line(&right));
        }
    }
}
