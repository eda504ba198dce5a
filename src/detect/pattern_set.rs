//! Many regular expressions held against one text, of which nearly always none matches.
//!
//! To compile them all, and to walk them side by side over texts that differ, takes longer than
//! reading many a log. So each pattern is asked which pieces of text a match cannot do without, and
//! one search for all those pieces (Aho and Corasick's) says which patterns are worth being asked
//! themselves; most texts do not even hold three letters that a piece begins with. Patterns without
//! such a piece are held against every text, and against ASCII as one.

mod beginnings;
mod pieces;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use regex::bytes::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use beginnings::Beginnings;
use pieces::pieces;

/// Patterns that are matched together; case does not count. Each is compiled when it is first worth
/// it.
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    patterns: Vec<Arc<Pattern>>,
    sieve: OnceLock<Option<Sieve>>,
}

/// A regular expression that is compiled when first asked for: for ASCII texts, which nearly all
/// are, into far less than for all of Unicode.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    ascii: OnceLock<Regex>,
    unicode: OnceLock<Regex>,
}

/// What tells which patterns may match.
#[derive(Clone, Debug)]
struct Sieve {
    beginnings: Beginnings,
    search: AhoCorasick,
    /// The pattern of each piece.
    owners: Vec<usize>,
    /// Patterns that have no pieces.
    others: Vec<usize>,
    /// The same as one, for ASCII.
    other: Option<RegexSet>,
}

/// The letters that a pattern is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    Ascii,
    Unicode,
}

impl Pattern {
    /// From a regular expression.
    pub fn new(written: String) -> Self {
        Pattern {
            written,
            ascii: OnceLock::new(),
            unicode: OnceLock::new(),
        }
    }

    /// Compiles it now, to see whether it can be.
    ///
    /// # Errors
    /// When it is no regular expression, or too large.
    pub fn check(&self) -> Result<(), regex::Error> {
        self.compiled(Letters::Unicode).map(|_| ())
    }

    /// Whether it matches; a broken pattern never does.
    pub fn is_match(&self, text: &str) -> bool {
        let regex = self.for_text(text);
        regex.is_ok_and(|regex| regex.is_match(text.as_bytes()))
    }

    /// Its match with its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.for_text(text).ok()?.captures(text.as_bytes())
    }

    fn for_text(&self, text: &str) -> Result<&Regex, regex::Error> {
        // A class of other letters cannot be compiled for ASCII.
        let ascii = text.is_ascii().then(|| self.compiled(Letters::Ascii));
        match ascii {
            Some(Ok(regex)) => Ok(regex),
            _ => self.compiled(Letters::Unicode),
        }
    }

    fn compiled(&self, letters: Letters) -> Result<&Regex, regex::Error> {
        let place = match letters {
            Letters::Ascii => &self.ascii,
            Letters::Unicode => &self.unicode,
        };
        match place.get() {
            Some(regex) => Ok(regex),
            None => {
                let regex = RegexBuilder::new(&self.written)
                    .case_insensitive(true)
                    .dot_matches_new_line(true)
                    .unicode(letters == Letters::Unicode)
                    .build()?;
                Ok(place.get_or_init(|| regex))
            }
        }
    }
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

    /// The places of all patterns that match somewhere in a text, in order.
    pub fn matches(&self, text: &str) -> Vec<usize> {
        let Some(sieve) = self.sieve.get_or_init(|| self.sieve()) else {
            return self.asked(0..self.patterns.len(), text).collect();
        };
        let mut places: Vec<usize> = self.asked(sieve.worth_asking(text), text).collect();
        match sieve.other.as_ref().filter(|_| text.is_ascii()) {
            Some(other) if !other.is_match(text.as_bytes()) => return places,
            Some(other) => {
                let others = other.matches(text.as_bytes()).into_iter();
                places.extend(others.filter_map(|other| sieve.others.get(other).copied()));
            }
            None => places.extend(self.asked(sieve.others.iter().copied(), text)),
        }
        places.sort_unstable();
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

    /// `None` where the search cannot be built: then all patterns are asked.
    fn sieve(&self) -> Option<Sieve> {
        let (mut wanted, mut owners, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (place, pattern) in self.patterns.iter().enumerate() {
            match pieces(&pattern.written) {
                Some(pieces) => {
                    owners.resize(owners.len() + pieces.len(), place);
                    wanted.extend(pieces);
                }
                None => others.push(place),
            }
        }
        let search = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            // It takes far less to build than what would be a little quicker.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            // It finds the rarest letter of the pieces, which most texts hold.
            .prefilter(false)
            .build(&wanted);
        let rest = others.iter().filter_map(|place| self.get(*place));
        let other = RegexSetBuilder::new(rest.map(|pattern| &pattern.written))
            .case_insensitive(true)
            .dot_matches_new_line(true)
            .unicode(false)
            .build();
        Some(Sieve {
            beginnings: Beginnings::of(&wanted),
            search: search.ok()?,
            owners,
            others,
            other: other.ok(),
        })
    }
}

impl Sieve {
    /// The patterns of which a text holds a piece, in order.
    fn worth_asking(&self, text: &str) -> Vec<usize> {
        let searched = plain_letters(text);
        if !self.beginnings.may_be_in(searched.as_bytes()) {
            return Vec::new();
        }
        let found = self.search.find_overlapping_iter(&*searched);
        let mut worth: Vec<usize> = found
            .filter_map(|piece| self.owners.get(piece.pattern().as_usize()).copied())
            .collect();
        worth.sort_unstable();
        worth.dedup();
        worth
    }
}

/// A text without the two signs of Unicode that are letters of ASCII when case does not count.
fn plain_letters(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\u{17f}', "s").replace('\u{212a}', "k"))
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

    #[test]
    fn a_broken_pattern_is_told_and_matches_nothing() {
        assert!(Pattern::new("(".to_owned()).check().is_err());
        assert_eq!(set(&["psexe", "("]).matches("psexesvc"), [0]);
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
    }
}
