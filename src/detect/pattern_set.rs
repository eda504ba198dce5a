//! Many regular expressions held against one text, of which nearly always none matches.
//!
//! To compile them all, and to walk them side by side over texts that differ, takes longer than
//! reading many a log. So each pattern is asked which pieces of text a match cannot do without, and
//! one search for the rarest of them says which patterns are worth being asked themselves. Patterns
//! without such pieces are held against every text, and against ASCII as one.

mod piece_search;

use std::sync::{Arc, OnceLock};

use super::pattern::{Automaton, Letters, Pattern, plain_letters};
use piece_search::PieceSearch;

/// Patterns that are matched together. Each is compiled when it is first worth it.
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    patterns: Vec<Arc<Pattern>>,
    sieve: OnceLock<Arc<Sieve>>,
}

/// What tells which patterns may match.
#[derive(Debug)]
struct Sieve {
    pieces: PieceSearch,
    /// Patterns that have no pieces.
    others: Vec<usize>,
    /// Whether one of those matches an ASCII text; `None` when nothing can tell.
    any_other: Option<Automaton>,
}

impl PatternSet {
    /// From patterns, which are known by their places.
    pub fn new(patterns: impl IntoIterator<Item = Arc<Pattern>>) -> Self {
        PatternSet {
            patterns: patterns.into_iter().collect(),
            ..Default::default()
        }
    }

    /// One of its patterns.
    pub fn get(&self, place: usize) -> Option<&Pattern> {
        self.patterns.get(place).map(Arc::as_ref)
    }

    /// The patterns of several sets, as one set.
    pub fn of_all<'s>(sets: impl IntoIterator<Item = &'s PatternSet>) -> Self {
        let patterns = sets.into_iter().flat_map(|set| &set.patterns);
        PatternSet::new(patterns.cloned())
    }

    /// Whether one of them may match somewhere in a text, or in one that is part of it.
    pub fn may_match(&self, text: &str) -> bool {
        let sieve = self.sifted();
        !sieve.others.is_empty() || !sieve.worth_asking(text).is_empty()
    }

    /// The places of all patterns that match somewhere in a text, in order.
    pub fn matches(&self, text: &str) -> Vec<usize> {
        let sieve = self.sifted();
        let mut places: Vec<usize> = self.asked(sieve.worth_asking(text), text).collect();
        if sieve.may_any_other_match(text) {
            places.extend(self.asked(sieve.others.iter().copied(), text));
            places.sort_unstable();
        }
        places
    }

    /// Which of these patterns match.
    fn asked(
        &self,
        places: impl IntoIterator<Item = usize>,
        text: &str,
    ) -> impl Iterator<Item = usize> {
        let is_match = |place: &usize| self.get(*place).is_some_and(|it| it.is_match(text));
        places.into_iter().filter(is_match)
    }

    fn sifted(&self) -> &Sieve {
        self.sieve.get_or_init(|| Arc::new(self.sieve()))
    }

    fn sieve(&self) -> Sieve {
        let (mut pieces, mut others) = (Vec::new(), Vec::new());
        for (place, pattern) in self.patterns.iter().enumerate() {
            match pattern.pieces().first() {
                Some(rarest) => pieces.extend(rarest.iter().map(|piece| (piece.as_str(), place))),
                None => others.push(place),
            }
        }
        let rest = others.iter().filter_map(|place| self.get(*place));
        let rest: Vec<&str> = rest.map(Pattern::written).collect();
        Sieve {
            pieces: PieceSearch::new(pieces),
            any_other: Automaton::new(&rest, Letters::Ascii),
            others,
        }
    }
}

impl Sieve {
    /// The patterns of which a text holds a piece, in order.
    fn worth_asking(&self, text: &str) -> Vec<usize> {
        self.pieces.owners_in(plain_letters(text).as_bytes())
    }

    fn may_any_other_match(&self, text: &str) -> bool {
        let any_other = self.any_other.as_ref().filter(|_| text.is_ascii());
        !self.others.is_empty() && any_other.is_none_or(|any| any.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(patterns: &[&str]) -> PatternSet {
        let pattern = |written: &&str| Arc::new(Pattern::new((*written).to_owned()));
        PatternSet::new(patterns.iter().map(pattern))
    }

    #[test]
    fn what_matches_is_told_in_order_whether_it_has_pieces_or_not() {
        let set = set(&["^[a-z]{4}$", "psexe", "^ps.*svc$", "(?:pa|cs)exec", "exe"]);
        assert_eq!(set.matches("PSEXESVC"), [1, 2, 4]);
        assert_eq!(set.matches("psEx"), [0]);
        assert_eq!(set.matches("paexec"), [3, 4]);
        assert_eq!(set.matches("nothing of it"), [0usize; 0]);
        // The sign of Kelvin and the long s are letters of these patterns, too.
        assert_eq!(set.matches("pſexe"), [1, 4]);
    }

    proptest::proptest! {
        #[test]
        fn the_sieve_loses_nothing(text in "[ps exvc\\\\.0-9]{0,24}|[a-zſK%]{0,8}") {
            let patterns = [
                "psexe?svc", "^(?:ps|pa)ex", "\\\\svc\\.exe$", "x+e.{2}", "(?:svc|[0-9]{3})", "\\bexe\\b", "s(?-i:E)v|cvx", "[ä-ö ]",
            ];
            let set = set(&patterns);
            let all: Vec<usize> = set.asked(0..patterns.len(), &text).collect();
            proptest::prop_assert_eq!(set.matches(&text), all);
        }

        #[test]
        fn what_may_match_is_told_of_a_text_around_it_too(
            text in "(ps|exe|svc|[xſ.\\\\]){0,6}",
            around in "[a-d\\\\ſ]{0,6}",
        ) {
            let sets = [set(&["^psexe?svc$", "svc[.]exe$"]), set(&["^x+(?:exe|[0-9x]svc)"])];
            let all = PatternSet::of_all(&sets);
            let matches = sets.iter().any(|set| !set.matches(&text).is_empty());
            let whole = format!("{around}{text}{around}");
            proptest::prop_assert!(!matches || all.may_match(&whole));
            proptest::prop_assert!(!all.may_match(&around));
        }
    }
}
