//! Finds events: a filter is a list of terms that must all hold.
//!
//! `host:ws01 id:4624,4688 account:alice after:2026-03-10T18:00 logon:0x3e7 -id:4689 "free text"`:
//! several values of one term are alternatives, a minus negates a term. Names are compared without
//! case; free text is looked for in everything the timeline keeps of an event.

mod parse;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{EventIndex, FactRef, Timeline};
use crate::event::identity::{same_account, same_host, split_account};
use crate::event::{LogonId, Sym, Time};

/// What a term looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `host:` – name of the host, compared by first label.
    Host(Vec<String>),
    /// `id:` – event id.
    EventId(Vec<u32>),
    /// `account:` – account, with or without domain, anywhere in the event's identities.
    Account(Vec<String>),
    /// `logon:` – logon id.
    Logon(Vec<LogonId>),
    /// `ip:` – source or destination address.
    Address(Vec<String>),
    /// `service:` – service name, display or key.
    Service(Vec<String>),
    /// `pid:` – process id, of the process or its creator.
    Pid(Vec<u32>),
    /// `image:` – part of a program's path.
    Image(Vec<String>),
    /// `channel:` – part of the channel's name.
    Channel(Vec<String>),
    /// `provider:` – part of the provider's name.
    Provider(Vec<String>),
    /// `record:` – record id.
    Record(Vec<u64>),
    /// `after:` – at or after a time.
    After(Time),
    /// `before:` – before a time.
    Before(Time),
    /// Free text.
    Text(String),
}

/// A test, wanted or not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether events for which the test holds are dropped.
    pub negated: bool,
    /// The test.
    pub test: Test,
    /// As written, for chips.
    pub written: String,
}

/// Terms that must all hold. The empty filter holds for every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The terms.
    pub terms: Vec<Term>,
}

/// What is wrong with a filter's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// Byte offset of the term.
    pub at: usize,
    /// In words, with the remedy.
    pub message: String,
}

/// The keys of the filter language with a short help and an example each.
pub const KEYS: &[(&str, &str, &str)] = &[
    ("host", "host that wrote the event", "host:ws01,fs01"),
    ("id", "event id", "id:4624,4688"),
    (
        "account",
        "account, with or without domain",
        "account:adm.berg",
    ),
    ("logon", "logon id", "logon:0x3e7"),
    ("ip", "source or destination address", "ip:10.20.0.15"),
    ("service", "service name", "service:psexesvc"),
    ("pid", "process id", "pid:4242"),
    ("image", "part of a program's path", "image:cmd.exe"),
    ("channel", "part of the channel's name", "channel:sysmon"),
    (
        "provider",
        "part of the provider's name",
        "provider:defender",
    ),
    ("record", "record id", "record:1042"),
    (
        "after",
        "at or after a time (UTC)",
        "after:2026-03-10T18:00",
    ),
    ("before", "before a time (UTC)", "before:2026-03-10T21:00"),
];

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Names the first term that cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let terms = parse::words(text)
            .into_iter()
            .map(|(at, word)| parse::term(at, &word))
            .collect::<Result<_, _>>()?;
        Ok(Filter { terms })
    }

    /// Adds a term to a copy of the filter; a term that is already there is not repeated.
    #[must_use]
    pub fn with(&self, term: Term) -> Self {
        let mut filter = self.clone();
        if !filter.terms.contains(&term) {
            filter.terms.push(term);
        }
        filter
    }

    /// The filter as it would be written.
    pub fn written(&self) -> String {
        self.terms
            .iter()
            .map(|term| term.written.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The events for which the filter holds, in time order; `None` when cancelled.
    pub fn select(&self, timeline: &Timeline, cancel: &AtomicBool) -> Option<Vec<EventIndex>> {
        const BLOCK: u32 = 65_536;
        let (first, last) = self.span(timeline);
        let tests: Vec<Prepared<'_>> = self
            .terms
            .iter()
            .map(|term| Prepared::new(term, timeline))
            .collect();
        let blocks: Vec<u32> = (first..last).step_by(BLOCK as usize).collect();
        let found: Option<Vec<Vec<EventIndex>>> = blocks
            .into_par_iter()
            .map(|start| {
                if cancel.load(Ordering::Relaxed) {
                    return None;
                }
                let end = start.saturating_add(BLOCK).min(last);
                let holds =
                    |index: &EventIndex| tests.iter().all(|test| test.holds(timeline, *index));
                Some((start..end).map(EventIndex).filter(holds).collect())
            })
            .collect();
        found.map(|blocks| blocks.concat())
    }

    /// Whether the filter holds for one event.
    pub fn holds(&self, timeline: &Timeline, index: EventIndex) -> bool {
        self.terms
            .iter()
            .all(|term| Prepared::new(term, timeline).holds(timeline, index))
    }

    fn span(&self, timeline: &Timeline) -> (u32, u32) {
        let (mut from, mut to) = (Time::MIN, Time::MAX);
        for term in self.terms.iter().filter(|term| !term.negated) {
            match term.test {
                Test::After(time) => from = from.max(time),
                Test::Before(time) => to = to.min(time),
                _ => {}
            }
        }
        let window = timeline.window(from, to);
        let all = u32::try_from(timeline.len()).unwrap_or(u32::MAX);
        (
            window.start.0,
            if to == Time::MAX { all } else { window.end.0 },
        )
    }
}

/// A term with what can be looked up once instead of per event.
struct Prepared<'t> {
    term: &'t Term,
    hosts: Vec<super::HostId>,
    kinds: HashSet<usize>,
    symbols: HashSet<Sym>,
}

impl<'t> Prepared<'t> {
    fn new(term: &'t Term, timeline: &Timeline) -> Self {
        let mut prepared = Prepared {
            term,
            hosts: Vec::new(),
            kinds: HashSet::new(),
            symbols: HashSet::new(),
        };
        let symbols = |holds: &dyn Fn(&str) -> bool| {
            timeline
                .strings()
                .iter()
                .filter(|(_, text)| holds(text))
                .map(|(symbol, _)| symbol)
                .collect()
        };
        match &term.test {
            Test::Host(names) => {
                let wanted = |host: &str| names.iter().any(|name| same_host(host, name));
                prepared.hosts = timeline
                    .hosts()
                    .filter(|(_, host)| wanted(host))
                    .map(|(id, _)| id)
                    .collect();
            }
            Test::EventId(ids) => {
                prepared.kinds = positions(timeline, |kind| ids.contains(&kind.event_id));
            }
            Test::Channel(names) => {
                prepared.kinds = positions(timeline, |kind| contains_any(&kind.channel, names));
            }
            Test::Provider(names) => {
                prepared.kinds = positions(timeline, |kind| contains_any(&kind.provider, names));
            }
            Test::Account(names) => {
                prepared.symbols =
                    symbols(&|text| names.iter().any(|name| account_means(text, name)));
            }
            Test::Address(values) | Test::Service(values) => {
                prepared.symbols =
                    symbols(&|text| values.iter().any(|value| value.eq_ignore_ascii_case(text)));
            }
            Test::Image(parts) => prepared.symbols = symbols(&|text| contains_any(text, parts)),
            Test::Text(text) => {
                let parts = [text.clone()];
                prepared.symbols = symbols(&|text| contains_any(text, &parts));
                prepared.kinds = positions(timeline, |kind| {
                    contains_any(&kind.provider, &parts) || contains_any(&kind.channel, &parts)
                });
                prepared.hosts = timeline
                    .hosts()
                    .filter(|(_, host)| contains_any(host, &parts))
                    .map(|(id, _)| id)
                    .collect();
            }
            Test::Logon(_) | Test::Pid(_) | Test::Record(_) | Test::After(_) | Test::Before(_) => {}
        }
        prepared
    }

    fn holds(&self, timeline: &Timeline, index: EventIndex) -> bool {
        self.test(timeline, index) != self.term.negated
    }

    fn test(&self, timeline: &Timeline, index: EventIndex) -> bool {
        let kind = || {
            timeline
                .columns
                .kind
                .get(index.row())
                .map_or(usize::MAX, |kind| kind.index())
        };
        let fact = || timeline.event(index).and_then(|event| event.fact);
        match &self.term.test {
            Test::Host(_) => self.hosts.contains(&timeline.host(index)),
            Test::EventId(_) | Test::Channel(_) | Test::Provider(_) => self.kinds.contains(&kind()),
            Test::Logon(ids) => {
                let own = timeline.logon_id(index);
                ids.contains(&own)
                    || fact().is_some_and(|fact| {
                        logons(fact)
                            .iter()
                            .any(|id| !id.is_none() && ids.contains(id))
                    })
            }
            Test::Pid(pids) => fact().is_some_and(|fact| {
                pids_of(fact)
                    .iter()
                    .any(|pid| *pid != 0 && pids.contains(pid))
            }),
            Test::Record(ids) => timeline
                .record_id(index)
                .is_some_and(|id| ids.contains(&id)),
            Test::After(time) => timeline.time(index) >= *time,
            Test::Before(time) => timeline.time(index) < *time,
            Test::Account(_) => {
                self.symbols.contains(&timeline.account(index))
                    || fact().is_some_and(|fact| {
                        accounts(fact)
                            .iter()
                            .any(|account| self.symbols.contains(account))
                    })
            }
            Test::Address(_) => fact()
                .is_some_and(|fact| addresses(fact).iter().any(|ip| self.symbols.contains(ip))),
            Test::Service(_) => fact().is_some_and(|fact| {
                services(fact)
                    .iter()
                    .any(|name| self.symbols.contains(name))
            }),
            Test::Image(_) => fact().is_some_and(|fact| {
                images(fact)
                    .iter()
                    .any(|image| self.symbols.contains(image))
            }),
            Test::Text(_) => {
                self.hosts.contains(&timeline.host(index))
                    || self.kinds.contains(&kind())
                    || self.symbols.contains(&timeline.account(index))
                    || fact().is_some_and(|fact| {
                        texts(fact).iter().any(|text| self.symbols.contains(text))
                    })
            }
        }
    }
}

fn positions(timeline: &Timeline, wanted: impl Fn(&super::EventKind) -> bool) -> HashSet<usize> {
    timeline
        .kinds()
        .iter()
        .enumerate()
        .filter(|(_, kind)| wanted(kind))
        .map(|(position, _)| position)
        .collect()
}

fn contains_any(text: &str, parts: &[String]) -> bool {
    let text = text.to_lowercase();
    parts.iter().any(|part| text.contains(&part.to_lowercase()))
}

fn account_means(text: &str, name: &str) -> bool {
    same_account(text, name)
        || (split_account(name).0.is_empty() && text.eq_ignore_ascii_case(name))
}

/// Logon sessions an event names besides its own.
fn logons(fact: FactRef<'_>) -> Vec<LogonId> {
    match fact {
        FactRef::ProcessStart(f) => vec![f.logon_id, f.creator_logon_id],
        FactRef::Logon(f) => vec![f.logon_id, f.linked_logon_id, f.subject_logon_id],
        _ => Vec::new(),
    }
}

/// Process ids an event names.
fn pids_of(fact: FactRef<'_>) -> Vec<u32> {
    match fact {
        FactRef::ProcessStart(f) => vec![f.pid, f.parent_pid],
        FactRef::ProcessEnd(f) => vec![f.pid],
        FactRef::Pipe(f) => vec![f.pid],
        FactRef::File(f) => vec![f.pid],
        FactRef::Registry(f) => vec![f.pid],
        FactRef::Network(f) => vec![f.pid],
        FactRef::Logon(f) => vec![f.pid],
        FactRef::ExplicitLogon(f) => vec![f.pid],
        FactRef::ProcessAccess(f) => vec![f.pid, f.target_pid],
        FactRef::Task(f) => vec![f.pid],
        FactRef::ServiceInstall(f) => vec![f.client_pid],
        _ => Vec::new(),
    }
}

/// Accounts an event names.
pub(crate) fn accounts(fact: FactRef<'_>) -> Vec<Sym> {
    match fact {
        FactRef::ProcessStart(f) => vec![f.account, f.creator, f.sid],
        FactRef::Logon(f) => vec![f.account, f.subject, f.sid],
        FactRef::ExplicitLogon(f) => vec![f.subject, f.account, f.subject_sid],
        FactRef::ServiceInstall(f) => vec![f.account, f.run_as, f.sid],
        FactRef::PrivilegedLogon(f) => vec![f.account, f.sid],
        FactRef::ShareAccess(f) => vec![f.account, f.sid],
        FactRef::Antivirus(f) => vec![f.account],
        FactRef::Authentication(f) => vec![f.account, f.sid],
        FactRef::Task(f) => vec![f.account, f.sid],
        _ => Vec::new(),
    }
}

/// Addresses and source workstations an event names.
pub(crate) fn addresses(fact: FactRef<'_>) -> Vec<Sym> {
    match fact {
        FactRef::Logon(f) => vec![f.source_ip, f.workstation],
        FactRef::ExplicitLogon(f) => vec![f.source_ip, f.target_server],
        FactRef::ShareAccess(f) => vec![f.source_ip],
        FactRef::Network(f) => vec![
            f.source_ip,
            f.destination_ip,
            f.source_host,
            f.destination_host,
        ],
        FactRef::Authentication(f) => vec![f.source_ip, f.workstation],
        _ => Vec::new(),
    }
}

fn services(fact: FactRef<'_>) -> Vec<Sym> {
    match fact {
        FactRef::ServiceInstall(f) => vec![f.name],
        FactRef::ServiceState(f) => vec![f.name, f.key_name],
        FactRef::ServiceHandle(f) => vec![f.object],
        _ => Vec::new(),
    }
}

fn images(fact: FactRef<'_>) -> Vec<Sym> {
    match fact {
        FactRef::ProcessStart(f) => vec![f.image, f.parent_image],
        FactRef::ProcessEnd(f) => vec![f.image],
        FactRef::Pipe(f) => vec![f.image],
        FactRef::File(f) => vec![f.image],
        FactRef::Registry(f) => vec![f.image],
        FactRef::Network(f) => vec![f.image],
        FactRef::ServiceInstall(f) => vec![f.image_path],
        FactRef::Logon(f) => vec![f.process],
        FactRef::ExplicitLogon(f) => vec![f.process],
        FactRef::ProcessAccess(f) => vec![f.image, f.target_image],
        FactRef::Antivirus(f) => vec![f.path, f.process],
        _ => Vec::new(),
    }
}

/// Everything a fact says in words.
fn texts(fact: FactRef<'_>) -> Vec<Sym> {
    let mut all = accounts(fact);
    all.extend(addresses(fact));
    all.extend(services(fact));
    all.extend(images(fact));
    match fact {
        FactRef::ProcessStart(f) => all.extend([
            f.command_line,
            f.parent_command_line,
            f.original_file_name,
            f.company,
            f.product,
            f.description,
            f.hashes,
            f.current_directory,
            f.integrity,
        ]),
        FactRef::Pipe(f) => all.push(f.name),
        FactRef::File(f) => all.push(f.path),
        FactRef::Registry(f) => all.extend([f.key, f.details, f.action]),
        FactRef::ShareAccess(f) => all.extend([f.share, f.target, f.share_path]),
        FactRef::Antivirus(f) => all.extend([f.threat, f.category, f.severity, f.action]),
        FactRef::Task(f) => all.extend([f.name, f.content]),
        FactRef::Script(f) => all.extend([f.text, f.path]),
        FactRef::Logon(f) => all.extend([f.package, f.logon_process, f.status]),
        FactRef::ExplicitLogon(f) => all.push(f.target_info),
        FactRef::LogCleared(f) => all.extend([f.channel, f.account]),
        FactRef::ProtectionChange(f) => all.extend([f.old, f.new]),
        FactRef::ServiceState(f) => all.push(f.detail),
        FactRef::Authentication(f) => all.push(f.service),
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read() {
        let filter =
            Filter::parse(r#"host:ws01,fs01 -id:4624 "net group" after:2026-03-10"#).unwrap();
        assert_eq!(filter.terms.len(), 4);
        assert!(filter.terms[1].negated);
        assert_eq!(filter.terms[2].test, Test::Text("net group".into()));
        assert_eq!(Filter::parse(&filter.written()).unwrap(), filter);
    }

    #[test]
    fn errors_name_the_place_and_the_remedy() {
        let error = Filter::parse("host:a id:x").unwrap_err();
        assert_eq!((error.at, error.message.as_str()), (7, "`x` is no number"));
        assert!(
            Filter::parse("hots:a")
                .unwrap_err()
                .message
                .contains("no such key")
        );
        assert!(
            Filter::parse("id:")
                .unwrap_err()
                .message
                .contains("id:4624")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC*") {
            let _ = Filter::parse(&text);
        }
    }
}
