//! Cuts a command line into words, quoted parts whole.

/// A word with the quotes and blanks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// All of it.
    pub(super) whole: &'a str,
    /// Quotes before it.
    pub(super) opening: &'a str,
    /// The word.
    pub(super) bare: &'a str,
    /// Quotes and blanks after it.
    pub(super) closing: &'a str,
}

impl Word<'_> {
    /// Whether it is, or ends in, a quoted text of several words: a command line of its own.
    pub(super) fn is_quoted_line(&self) -> bool {
        self.bare.contains(char::is_whitespace)
    }
}

/// The words of a text, in order. Together they are the text.
pub(super) struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

/// From this depth on only blanks divide words.
const QUOTES_COUNT_TO: usize = 5;

impl<'a> Words<'a> {
    /// `depth` counts the quotes that the text lies in: inside them, `\"` is a quote.
    pub(super) fn of(text: &'a str, depth: usize) -> Self {
        Words { rest: text, depth }
    }

    /// Where the first word and the blanks after it end.
    fn end(&self) -> (usize, usize) {
        let (mut quote, mut word_end, mut before) = (None, None, ' ');
        for (at, character) in self.rest.char_indices() {
            if let Some(end) = word_end {
                if !character.is_whitespace() {
                    return (end, at);
                }
            } else if character.is_whitespace() && quote.is_none() {
                word_end = Some(at);
            } else if quote == Some(character) && self.is_quote(character, before) {
                quote = None;
            } else if quote.is_none() && self.opens(character, at, before) {
                quote = Some(character);
            }
            before = character;
        }
        (word_end.unwrap_or(self.rest.len()), self.rest.len())
    }

    fn is_quote(&self, character: char, before: char) -> bool {
        character == '\'' || before != '\\' || self.depth > 0
    }

    /// An apostrophe quotes only at the beginning of a word, and only if there is a second one.
    fn opens(&self, character: char, at: usize, before: char) -> bool {
        self.depth < QUOTES_COUNT_TO
            && match character {
                '"' => self.is_quote(character, before),
                '\'' => at == 0 && self.rest.matches('\'').nth(1).is_some(),
                _ => false,
            }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (word_end, end) = self.end();
        let (whole, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        let word = whole.get(..word_end).unwrap_or(whole);
        // `/c:"two words"` is opened by all that stands before its text.
        let opening = match word.find('"') {
            Some(at) if word.contains(char::is_whitespace) => at + 1,
            _ => word.len() - word.trim_start_matches(['"', '\'', '\\']).len(),
        };
        // `\\host` begins with backslashes that are its own.
        let opening = if word.starts_with('\\') && !word.starts_with("\\\"") {
            0
        } else {
            opening
        };
        let inner = word.get(opening..).unwrap_or("");
        let bare = inner.trim_end_matches(['"', '\'']);
        let bare = if bare.len() < inner.len() {
            bare.strip_suffix('\\').unwrap_or(bare)
        } else {
            bare
        };
        let (opening, tail) = whole.split_at_checked(opening).unwrap_or(("", whole));
        let (bare, closing) = tail.split_at_checked(bare.len()).unwrap_or((tail, ""));
        Some(Word {
            whole,
            opening,
            bare,
            closing,
        })
    }
}
