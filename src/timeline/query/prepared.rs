//! A term with what can be looked up once instead of per event.

use rayon::prelude::*;
use regex::{Regex, RegexBuilder};

use super::{Term, Test, named};
use crate::event::identity::{same_account, same_host, split_account};
use crate::event::{LogonId, Sym};
use crate::timeline::{EventIndex, EventKind, HostId, Timeline};

/// A yes or no for each number of a small range, a bit each, from the first yes to the last: where
/// little is wanted, little is looked at.
#[derive(Default)]
struct Set {
    /// Words of `no` before the first of `words`.
    before: usize,
    words: Vec<u64>,
}

impl Set {
    /// The numbers below `all` that are wanted; asked on all cores.
    fn of(all: usize, wanted: impl Fn(usize) -> bool + Sync) -> Set {
        let word = |number: usize| {
            let first = number * 64;
            let places = first..(first + 64).min(all);
            places.fold(0, |word, place| {
                word | u64::from(wanted(place)) << (place - first)
            })
        };
        let words = (0..all.div_ceil(64)).into_par_iter().with_min_len(64);
        let mut words: Vec<u64> = words.map(word).collect();
        let is_some = |word: &u64| *word != 0;
        words.truncate(words.iter().rposition(is_some).map_or(0, |last| last + 1));
        let before = words.iter().position(is_some).unwrap_or(0);
        words.drain(..before);
        Set { before, words }
    }

    fn has(&self, place: usize) -> bool {
        let word = self.words.get((place / 64).wrapping_sub(self.before));
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn names(&self, symbols: impl IntoIterator<Item = Sym>) -> bool {
        symbols.into_iter().any(|symbol| self.has(symbol.index()))
    }
}

/// A term, ready to be held against millions of events.
pub(super) struct Prepared<'t> {
    term: &'t Term,
    hosts: Set,
    kinds: Set,
    symbols: Set,
}

impl<'t> Prepared<'t> {
    pub(super) fn new(term: &'t Term, timeline: &Timeline) -> Self {
        let mut prepared = Prepared {
            term,
            hosts: Set::default(),
            kinds: Set::default(),
            symbols: Set::default(),
        };
        let hosts = |wanted: &(dyn Fn(&str) -> bool + Sync)| {
            let host = |place| timeline.host_name(HostId::new(place));
            Set::of(timeline.hosts().len(), |place| wanted(host(place)))
        };
        let kinds = |wanted: &(dyn Fn(&EventKind) -> bool + Sync)| {
            let all = timeline.kinds();
            Set::of(all.len(), |place| all.get(place).is_some_and(wanted))
        };
        match &term.test {
            Test::Host(names) => {
                prepared.hosts = hosts(&|host| names.iter().any(|name| same_host(host, name)));
            }
            Test::EventId(ids) => prepared.kinds = kinds(&|kind| ids.contains(&kind.event_id)),
            Test::Channel(names) => {
                let parts = Parts::new(names);
                prepared.kinds = kinds(&|kind| parts.any_in(&kind.channel));
            }
            Test::Provider(names) => {
                let parts = Parts::new(names);
                prepared.kinds = kinds(&|kind| parts.any_in(&kind.provider));
            }
            Test::Account(names) => {
                prepared.symbols = symbols(timeline, |text| {
                    names.iter().any(|name| account_means(text, name))
                });
            }
            Test::Address(values) | Test::Service(values) => {
                prepared.symbols = symbols(timeline, |text| {
                    values.iter().any(|value| value.eq_ignore_ascii_case(text))
                });
            }
            Test::Image(names) => {
                let parts = Parts::new(names);
                prepared.symbols = symbols(timeline, |text| parts.any_in(text));
            }
            Test::Text(text) => {
                let parts = Parts::new(std::slice::from_ref(text));
                prepared.symbols = symbols(timeline, |text| parts.any_in(text));
                prepared.kinds =
                    kinds(&|kind| parts.any_in(&kind.provider) || parts.any_in(&kind.channel));
                prepared.hosts = hosts(&|host| parts.any_in(host));
            }
            Test::Logon(_)
            | Test::Pid(_)
            | Test::Record(_)
            | Test::After(_)
            | Test::Before(_)
            | Test::During(..)
            | Test::Alert(..) => {}
        }
        prepared
    }

    /// Whether it can hold for any event: nothing that it looks for may occur at all.
    pub(super) fn can_hold(&self) -> bool {
        let none = match &self.term.test {
            Test::Host(_) => self.hosts.is_empty(),
            Test::EventId(_) | Test::Channel(_) | Test::Provider(_) => self.kinds.is_empty(),
            Test::Account(_) | Test::Address(_) | Test::Service(_) | Test::Image(_) => {
                self.symbols.is_empty()
            }
            Test::Text(_) => {
                self.hosts.is_empty() && self.kinds.is_empty() && self.symbols.is_empty()
            }
            Test::Logon(_)
            | Test::Pid(_)
            | Test::Record(_)
            | Test::After(_)
            | Test::Before(_)
            | Test::During(..)
            | Test::Alert(..) => false,
        };
        self.term.negated || !none
    }

    /// Whether a look at the event's own row answers it, without its fact.
    pub(super) fn is_quick(&self) -> bool {
        matches!(
            self.term.test,
            Test::Host(_)
                | Test::EventId(_)
                | Test::Channel(_)
                | Test::Provider(_)
                | Test::Record(_)
                | Test::After(_)
                | Test::Before(_)
                | Test::During(..)
                | Test::Alert(..)
        )
    }

    pub(super) fn holds(&self, timeline: &Timeline, index: EventIndex) -> bool {
        self.test(timeline, index) != self.term.negated
    }

    fn test(&self, timeline: &Timeline, index: EventIndex) -> bool {
        let is_kind = || self.kinds.has(timeline.kind(index).index());
        let is_host = || self.hosts.has(timeline.host(index).index());
        let is_account = || self.symbols.has(timeline.account(index).index());
        let fact = || timeline.fact(index);
        match &self.term.test {
            Test::Host(_) => is_host(),
            Test::EventId(_) | Test::Channel(_) | Test::Provider(_) => is_kind(),
            Test::Logon(ids) => {
                let wanted = |id: &LogonId| !id.is_none() && ids.contains(id);
                wanted(&timeline.logon_id(index))
                    || fact().is_some_and(|fact| named::logons(fact).iter().any(wanted))
            }
            Test::Pid(pids) => fact().is_some_and(|fact| {
                let named = named::pids(fact);
                named.iter().any(|pid| *pid != 0 && pids.contains(pid))
            }),
            Test::Record(ids) => timeline
                .record_id(index)
                .is_some_and(|id| ids.contains(&id)),
            Test::After(time) => timeline.time(index) >= *time,
            Test::Before(time) => timeline.time(index) < *time,
            Test::During(from, to) => (*from..*to).contains(&timeline.time(index)),
            Test::Account(_) => {
                is_account() || fact().is_some_and(|fact| self.symbols.names(named::accounts(fact)))
            }
            Test::Address(_) => {
                fact().is_some_and(|fact| self.symbols.names(named::addresses(fact)))
            }
            Test::Service(_) => {
                fact().is_some_and(|fact| self.symbols.names(named::services(fact)))
            }
            Test::Image(_) => fact().is_some_and(|fact| self.symbols.names(named::images(fact))),
            Test::Text(_) => {
                is_host()
                    || is_kind()
                    || is_account()
                    || fact().is_some_and(|fact| self.symbols.names(named::texts(fact)))
            }
            // events have no verdict: whoever filters alerts looks at these terms
            Test::Alert(..) => true,
        }
    }
}

/// The symbols whose text is wanted; one pass over all texts.
fn symbols(timeline: &Timeline, wanted: impl Fn(&str) -> bool + Sync) -> Set {
    let strings = timeline.strings();
    Set::of(strings.len(), |place| {
        let text = strings.at(place);
        !text.is_empty() && wanted(text)
    })
}

/// Parts of texts that are looked for without regard to case.
struct Parts(Vec<Regex>);

impl Parts {
    fn new(parts: &[String]) -> Parts {
        let literal = |part: &String| {
            let mut pattern = RegexBuilder::new(&regex::escape(part));
            pattern.case_insensitive(true).build().ok()
        };
        Parts(parts.iter().filter_map(literal).collect())
    }

    fn any_in(&self, text: &str) -> bool {
        self.0.iter().any(|part| part.is_match(text))
    }
}

fn account_means(text: &str, name: &str) -> bool {
    same_account(text, name)
        || (split_account(name).0.is_empty() && text.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_set_holds_what_was_wanted(wanted in proptest::collection::btree_set(0usize..700, 0..9), all in 0usize..700) {
            let set = Set::of(all, |place| wanted.contains(&place));
            for place in 0..800 {
                proptest::prop_assert_eq!(set.has(place), place < all && wanted.contains(&place));
            }
            proptest::prop_assert_eq!(set.is_empty(), !wanted.iter().any(|place| *place < all));
        }
    }
}
