//! Many regular expressions held against one text, of which nearly always none matches.
//!
//! To compile them all, and to walk them side by side over texts that differ, takes longer than
//! reading many a log. So each pattern is asked which pieces of text a match cannot do without, and
//! one search for all those pieces (Aho and Corasick's) says which patterns are worth being asked
//! themselves. Patterns without such a piece are held against every text, as one set.

mod pieces;

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use regex::bytes::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use pieces::pieces;

/// Patterns that are matched together; case does not count. Each is compiled when it is first worth
/// it.
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    patterns: Vec<Pattern>,
    /// All of them as one, for texts in other letters than ASCII: there `k` also is the sign of
    /// Kelvin, which the search for pieces does not know.
    all: OnceLock<RegexSet>,
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
    search: AhoCorasick,
    /// The pattern of each piece.
    owners: Vec<usize>,
    /// Patterns that have no pieces, and the same as one.
    others: Vec<usize>,
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
    /// From regular expressions, which are known by their places.
    pub fn new(written: impl IntoIterator<Item = String>) -> Self {
        PatternSet {
            patterns: written.into_iter().map(Pattern::new).collect(),
            ..Default::default()
        }
    }

    /// Compiles everything now, to see whether it can be.
    ///
    /// # Errors
    /// When one is no regular expression, or all of them together are too large.
    pub fn check(&self) -> Result<(), regex::Error> {
        self.patterns.iter().try_for_each(Pattern::check)?;
        set(&self.patterns, Letters::Unicode).map(|_| ())
    }

    /// One of its patterns.
    pub fn get(&self, place: usize) -> Option<&Pattern> {
        self.patterns.get(place)
    }

    /// The places of all patterns that match somewhere in a text, in order.
    pub fn matches(&self, text: &str) -> Vec<usize> {
        let sieve = self.sieve.get_or_init(|| self.sieve()).as_ref();
        let Some(sieve) = sieve.filter(|_| text.is_ascii()) else {
            return self.matches_of_all(text);
        };
        let found = sieve.search.find_overlapping_iter(text);
        let mut places: Vec<usize> = found
            .filter_map(|piece| sieve.owners.get(piece.pattern().as_usize()).copied())
            .collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|place| self.get(*place).is_some_and(|it| it.is_match(text)));
        let other = sieve.other.as_ref();
        if let Some(other) = other.filter(|other| other.is_match(text.as_bytes())) {
            let others = other.matches(text.as_bytes()).into_iter();
            places.extend(others.filter_map(|other| sieve.others.get(other).copied()));
            places.sort_unstable();
        }
        places
    }

    fn matches_of_all(&self, text: &str) -> Vec<usize> {
        let all = self.all.get_or_init(|| {
            let all = set(&self.patterns, Letters::Unicode);
            all.unwrap_or_default()
        });
        all.matches(text.as_bytes()).into_iter().collect()
    }

    /// `None` where it cannot be built: then all patterns are asked.
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
            .build(&wanted);
        let rest = || others.iter().filter_map(|place| self.get(*place));
        let other = || set(rest(), Letters::Ascii).or_else(|_| set(rest(), Letters::Unicode));
        let other = (!others.is_empty()).then(other).transpose();
        Some(Sieve {
            search: search.ok()?,
            owners,
            other: other.ok()?,
            others,
        })
    }
}

fn set<'p>(
    patterns: impl IntoIterator<Item = &'p Pattern>,
    letters: Letters,
) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns.into_iter().map(|pattern| &pattern.written))
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .unicode(letters == Letters::Unicode)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(patterns: &[&str]) -> PatternSet {
        PatternSet::new(patterns.iter().map(|pattern| (*pattern).to_owned()))
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
    fn a_broken_pattern_is_told() {
        assert!(set(&["a", "("]).check().is_err());
        assert!(set(&["a", "b{2}"]).check().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn the_sieve_loses_nothing(text in "[ps exvc\\\\.0-9]{0,24}|[a-zſK%]{0,8}") {
            let patterns = [
                "psexe?svc", "^(?:ps|pa)ex", "\\\\svc\\.exe$", "x+e.{2}", "(?:svc|[0-9]{3})", "\\bexe\\b", "s(?-i:E)v|cvx", "[ä-ö ]",
            ];
            let set = set(&patterns);
            proptest::prop_assert_eq!(set.matches(&text), set.matches_of_all(&text));
        }
    }
}
