//! Regular expressions compiled for one kind of texts.
//!
//! What the `regex` crate builds besides (a search backwards, quick searches for letters, Unicode's
//! tables for texts without any) takes longer than all that these are ever asked.

use std::sync::{Mutex, PoisonError};

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;

/// Texts that an automaton is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detect) enum Letters {
    /// ASCII only.
    Ascii,
    /// Any.
    Unicode,
}

impl Letters {
    /// Those of a text.
    pub(super) fn of(text: &str) -> Self {
        match text.is_ascii() {
            true => Letters::Ascii,
            false => Letters::Unicode,
        }
    }
}

/// Some regular expressions; case does not count, and a point stands for line ends, too.
#[derive(Debug)]
pub(in crate::detect) struct Automaton {
    dfa: DFA,
    /// What it has found out so far.
    known: Mutex<Cache>,
}

impl Automaton {
    /// `None` where they cannot be compiled, as a class of other letters for ASCII.
    pub(in crate::detect) fn new(written: &[&str], letters: Letters) -> Option<Self> {
        let meaning = syntax::Config::new()
            .case_insensitive(true)
            .dot_matches_new_line(true)
            .unicode(letters == Letters::Unicode)
            .utf8(false);
        // To walk around groups that nobody asks for would take time at every step.
        let groups = if written.iter().any(|it| names_groups(it)) {
            WhichCaptures::All
        } else {
            WhichCaptures::None
        };
        let states = thompson::Config::new().utf8(false).which_captures(groups);
        let mut compiler = thompson::Compiler::new();
        compiler.syntax(meaning).configure(states);
        let cache = DFA::config()
            .skip_cache_capacity_check(true)
            .unicode_word_boundary(true);
        let nfa = compiler.build_many(written).ok()?;
        let dfa = DFA::builder().configure(cache).build_from_nfa(nfa).ok()?;
        let known = Mutex::new(dfa.create_cache());
        Some(Automaton { dfa, known })
    }

    /// Whether one of them matches a text of its kind.
    pub(in crate::detect) fn is_match(&self, text: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let first = Input::new(text).earliest(true);
        match self.dfa.try_search_fwd(&mut known, &first) {
            Ok(found) => found.is_some(),
            // It does not know where words end among other letters than ASCII.
            Err(_) => self.slow().is_some_and(|slow| {
                let mut cache = slow.create_cache();
                slow.is_match(&mut cache, first)
            }),
        }
    }

    /// The match with its groups in a text of its kind.
    pub(super) fn groups(&self, text: &str) -> Option<Captures> {
        let slow = self.slow()?;
        let mut groups = slow.create_captures();
        slow.captures(&mut slow.create_cache(), text, &mut groups);
        groups.is_match().then_some(groups)
    }

    fn slow(&self) -> Option<PikeVM> {
        PikeVM::new_from_nfa(self.dfa.get_nfa().clone()).ok()
    }
}

/// Whether a regular expression names a group.
pub(super) fn names_groups(written: &str) -> bool {
    ["(?<", "(?P<"].iter().any(|it| written.contains(it))
}
