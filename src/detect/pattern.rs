//! One regular expression of the catalogue or of the signals.
//!
//! Of hundreds, a log asks for a handful, and to compile those took longer than to read a small log.
//! So a pattern is compiled when first a text holds all the pieces that a match cannot do without,
//! and for what is asked: texts in ASCII, as nearly all are, need none of Unicode's tables.

mod automaton;
mod pieces;

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::bytes::RegexBuilder;

pub(super) use automaton::{Automaton, Letters};
pub(super) use pieces::SHORTEST as SHORTEST_PIECE;

/// A regular expression; case does not count, and a point stands for line ends, too.
#[derive(Debug)]
pub struct Pattern {
    written: String,
    pieces: OnceLock<Vec<Vec<String>>>,
    /// `None` where it cannot be compiled for ASCII. Boxed, as most are never compiled.
    ascii: OnceLock<Option<Box<Automaton>>>,
    /// `None` where it cannot be compiled at all.
    unicode: OnceLock<Option<Box<Automaton>>>,
}

/// What the named groups of a pattern matched.
#[derive(Debug)]
pub struct Groups<'t> {
    text: &'t str,
    places: regex_automata::util::captures::Captures,
}

impl<'t> Groups<'t> {
    /// What a group matched, if it is there and took part.
    pub fn name(&self, name: &str) -> Option<&'t str> {
        let place = self.places.get_group_by_name(name)?;
        self.text.get(place.range())
    }
}

impl Pattern {
    /// From a regular expression.
    pub fn new(written: String) -> Self {
        Pattern {
            written,
            pieces: OnceLock::new(),
            ascii: OnceLock::new(),
            unicode: OnceLock::new(),
        }
    }

    /// Compiles it now, to see whether it can be.
    ///
    /// # Errors
    /// When it is no regular expression, or too large.
    pub fn check(&self) -> Result<(), regex::Error> {
        whole_expression(&self.written).build().map(drop)
    }

    /// Whether it matches; a broken pattern never does.
    pub fn is_match(&self, text: &str) -> bool {
        let is_compiled = self.compiled(Letters::of(text)).get().is_some();
        if !is_compiled && !self.has_pieces_in(text) {
            return false;
        }
        let automaton = self.automaton_for(text);
        automaton.is_some_and(|automaton| automaton.is_match(text))
    }

    /// Its match with its groups, if it names any.
    pub fn named_groups<'t>(&self, text: &'t str) -> Option<Groups<'t>> {
        let names_any = automaton::names_groups(&self.written);
        let automaton = names_any.then(|| self.automaton_for(text))?;
        let places = automaton?.groups(text)?;
        Some(Groups { text, places })
    }

    /// Its regular expression.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// Pieces in small letters: of each list, every text that it matches holds at least one, without
    /// regard to case. The rarest first; none when there are none that are worth a search.
    pub(super) fn pieces(&self) -> &[Vec<String>] {
        self.pieces.get_or_init(|| pieces::pieces(&self.written))
    }

    fn has_pieces_in(&self, text: &str) -> bool {
        let needed = self.pieces();
        if needed.is_empty() {
            return true;
        }
        let small = plain_letters(text).to_ascii_lowercase();
        let holds_one = |any: &Vec<String>| any.iter().any(|piece| small.contains(piece.as_str()));
        needed.iter().all(holds_one)
    }

    fn compiled(&self, letters: Letters) -> &OnceLock<Option<Box<Automaton>>> {
        match letters {
            Letters::Ascii => &self.ascii,
            Letters::Unicode => &self.unicode,
        }
    }

    fn automaton(&self, letters: Letters) -> Option<&Automaton> {
        let new = || Automaton::new(&[&self.written], letters).map(Box::new);
        self.compiled(letters).get_or_init(new).as_deref()
    }

    /// What can say whether it matches a text.
    fn automaton_for(&self, text: &str) -> Option<&Automaton> {
        let own = self.automaton(Letters::of(text));
        own.or_else(|| self.automaton(Letters::Unicode))
    }
}

/// A text without the two signs of Unicode that are letters of ASCII when case does not count.
pub(super) fn plain_letters(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{17f}', "s").replace('\u{212a}', "k"))
}

/// How a pattern is meant.
fn whole_expression(written: &str) -> RegexBuilder {
    let mut expression = RegexBuilder::new(written);
    expression.case_insensitive(true).dot_matches_new_line(true);
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pattern_is_told_and_matches_nothing() {
        let broken = Pattern::new("(".to_owned());
        assert!(broken.check().is_err());
        assert!(!broken.is_match("("));
    }

    #[test]
    fn only_a_pattern_that_names_groups_gives_them() {
        let named = Pattern::new("^(?<service>.+)-(?<pid>[0-9]+)$".to_owned());
        let groups = named.named_groups("PSEXESVC-4711").unwrap();
        assert_eq!(groups.name("pid"), Some("4711"));
        assert_eq!(groups.name("run"), None);
        assert!(
            Pattern::new("(psexe)svc".to_owned())
                .named_groups("psexesvc")
                .is_none()
        );
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_matched_as_by_the_whole_expression(text in "[ps EXvc\\\\.0-9-\n]{0,24}|[a-zſK%ä -]{0,8}|(ps|exe|svc|ſvc|-| |ä){0,9}") {
            for written in [
                "psexe?svc$", "^(?:p.|pa)ex", "\\bexe\\b", "s(?-i:E)v|k", "[ä-ö ]", "^$|x{2}\\w", "psexe.*svc.*ps",
                "^(?<run>.+)-(?<pid>[0-9]*)", "(?<run>.+?)(?<pid>\\bsvc| )",
            ] {
                let whole = whole_expression(written).build().unwrap();
                let groups = |name| Some(whole.captures(text.as_bytes())?.name(name)?.range());
                let pattern = Pattern::new(written.to_owned());
                proptest::prop_assert_eq!(pattern.is_match(&text), whole.is_match(text.as_bytes()), "{} of {}", written, text);
                for name in ["run", "pid"] {
                    let found = pattern.named_groups(&text);
                    let found = found.as_ref().and_then(|found| found.name(name));
                    let wanted = groups(name).and_then(|range| text.get(range));
                    proptest::prop_assert_eq!(found, wanted, "{} of {}", written, text);
                }
            }
        }
    }
}
