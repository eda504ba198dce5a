//! A term with what can be looked up once instead of per event.

use rayon::prelude::*;
use regex::{Regex, RegexBuilder};

use super::{Term, Test, named};
use crate::event::identity::{same_account, same_host, split_account};
use crate::event::{LogonId, Sym};
use crate::timeline::{EventIndex, EventKind, Timeline};

/// A yes or no for each number of a small range.
#[derive(Default)]
struct Set(Vec<bool>);

impl Set {
    fn has(&self, place: usize) -> bool {
        self.0.get(place).copied().unwrap_or(false)
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
        let hosts = |wanted: &dyn Fn(&str) -> bool| {
            Set(timeline.hosts().map(|(_, host)| wanted(host)).collect())
        };
        let kinds = |wanted: &dyn Fn(&EventKind) -> bool| {
            Set(timeline.kinds().iter().map(wanted).collect())
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

/// The symbols whose text is wanted; one pass over all texts, on all cores.
fn symbols(timeline: &Timeline, wanted: impl Fn(&str) -> bool + Sync) -> Set {
    let strings = timeline.strings();
    let all = (0..strings.len()).into_par_iter().with_min_len(4096);
    Set(all
        .map(|place| {
            let text = strings.at(place);
            !text.is_empty() && wanted(text)
        })
        .collect())
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
