//! One regular expression of the catalogue or of the signals.
//!
//! Of hundreds, a log asks for a handful, and to compile those took longer than to read a small log.
//! So a pattern is compiled when it is first asked, and for what is asked: whether it matches an
//! ASCII text, as nearly all are, needs neither Unicode's tables, nor places of groups, nor a search
//! backwards, nor a quick search for letters ([`PatternSet`](super::pattern_set::PatternSet) did that).

mod pieces;

use std::sync::{Mutex, OnceLock, PoisonError};

use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;

pub(super) use pieces::SHORTEST as SHORTEST_PIECE;

/// A regular expression; case does not count, and a point stands for line ends, too.
#[derive(Debug)]
pub struct Pattern {
    written: String,
    pieces: OnceLock<Option<Vec<String>>>,
    /// `None` where it cannot be compiled for ASCII, as a class of other letters.
    ascii: OnceLock<Option<AnyOf>>,
    unicode: OnceLock<Regex>,
}

/// Tells of ASCII texts whether one of some patterns matches.
#[derive(Debug)]
pub(super) struct AnyOf {
    automaton: DFA,
    /// What the automaton has found out so far.
    known: Mutex<Cache>,
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
        self.unicode().map(|_| ())
    }

    /// Whether it matches; a broken pattern never does.
    pub fn is_match(&self, text: &str) -> bool {
        self.quickly(text).unwrap_or_else(|| {
            let regex = self.unicode();
            regex.is_ok_and(|regex| regex.is_match(text.as_bytes()))
        })
    }

    /// Its match with its groups, if it names any.
    pub fn named_groups<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let may_name = ["(?<", "(?P<"].iter().any(|it| self.written.contains(it));
        let regex = may_name.then(|| self.unicode())?;
        regex.ok()?.captures(text.as_bytes())
    }

    /// Pieces in small letters, of which every text that it matches holds at least one, without
    /// regard to case; `None` when there are none that are worth a search.
    pub(super) fn pieces(&self) -> Option<&[String]> {
        let pieces = self.pieces.get_or_init(|| pieces::pieces(&self.written));
        pieces.as_deref()
    }

    fn quickly(&self, text: &str) -> Option<bool> {
        let new = || AnyOf::new([self]);
        let ascii = text.is_ascii().then(|| self.ascii.get_or_init(new))?;
        ascii.as_ref()?.is_match(text)
    }

    fn unicode(&self) -> Result<&Regex, regex::Error> {
        match self.unicode.get() {
            Some(regex) => Ok(regex),
            None => {
                let regex = RegexBuilder::new(&self.written)
                    .case_insensitive(true)
                    .dot_matches_new_line(true)
                    .build()?;
                Ok(self.unicode.get_or_init(|| regex))
            }
        }
    }
}

impl AnyOf {
    /// `None` without patterns, or where they cannot be compiled.
    pub(super) fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Option<Self> {
        let written: Vec<&str> = patterns.into_iter().map(|it| &*it.written).collect();
        if written.is_empty() {
            return None;
        }
        let letters = syntax::Config::new()
            .case_insensitive(true)
            .dot_matches_new_line(true)
            .unicode(false)
            .utf8(false);
        let states = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None);
        let automaton = DFA::builder()
            .syntax(letters)
            .thompson(states)
            .configure(DFA::config().skip_cache_capacity_check(true))
            .build_many(&written)
            .ok()?;
        let known = Mutex::new(automaton.create_cache());
        Some(AnyOf { automaton, known })
    }

    /// `None` when it cannot tell, as of a text that is not ASCII.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        if !text.is_ascii() {
            return None;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let first = Input::new(text).earliest(true);
        let found = self.automaton.try_search_fwd(&mut known, &first);
        found.ok().map(|found| found.is_some())
    }
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
        assert_eq!(
            groups.name("pid").map(|pid| pid.as_bytes()),
            Some(&b"4711"[..])
        );
        assert!(
            Pattern::new("(psexe)svc".to_owned())
                .named_groups("psexesvc")
                .is_none()
        );
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_matched_as_by_the_whole_expression(text in "[ps EXvc\\\\.0-9\n]{0,24}|[a-zſK%ä]{0,8}") {
            for written in ["psexe?svc$", "^(?:p.|pa)ex", "\\bexe\\b", "s(?-i:E)v|k", "[ä-ö ]", "^$|x{2}\\w"] {
                let pattern = Pattern::new(written.to_owned());
                let whole = pattern.unicode().unwrap().is_match(text.as_bytes());
                proptest::prop_assert_eq!(pattern.is_match(&text), whole, "{} of {}", written, text);
            }
        }
    }
}
