//! What can be gone to: the things that the analyst's eye falls on.

use std::time::Duration;

use crate::case::EntryId;
use crate::event::{LogonId, Time};
use crate::investigate::Step;
use crate::timeline::EventIndex;
use crate::timeline::query::{Term, Test};

/// A thing under the cursor that has a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An alert, by id.
    Alert(String),
    /// An event.
    Event(EventIndex),
    /// The process tree around a process start or any event of a process.
    Process(EventIndex),
    /// Events seen from something.
    Subject(Subject),
    /// The list of sources.
    Sources,
    /// The rules about known activity.
    Known,
    /// A note of the alert shown, to be changed.
    Note(EntryId),
}

/// What a list of events is about: the base of its filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// Every event.
    #[default]
    All,
    /// An account, as `DOMAIN\user` or SID.
    Account(String),
    /// A logon session of a host.
    Session {
        /// The host: logon ids mean nothing elsewhere.
        host: String,
        /// The session.
        id: LogonId,
    },
    /// A host.
    Host(String),
    /// A source address.
    Address(String),
    /// A service of a host.
    Service {
        /// The host.
        host: String,
        /// Key or display name.
        name: String,
    },
    /// The time around an event, on every host.
    Time {
        /// Its middle.
        at: Time,
        /// How far it reaches to each side.
        reach: Duration,
    },
    /// Every event that holds a value.
    Value(Test),
    /// The records that show one leg of an alert.
    Leg {
        /// The alert, by id.
        alert: String,
        /// The leg.
        step: Step,
    },
}

/// How far a time window reaches to each side at first.
pub const REACH: Duration = Duration::from_secs(5 * 60);

impl Subject {
    /// The subject as terms of a filter; none for [`Subject::All`], and for a leg, whose records
    /// are named one by one.
    pub fn terms(&self) -> Vec<Term> {
        match self {
            Subject::All | Subject::Leg { .. } => Vec::new(),
            Subject::Account(name) => vec![wanted(Test::Account(vec![name.clone()]))],
            Subject::Session { host, id } => {
                vec![
                    wanted(Test::Host(vec![host.clone()])),
                    wanted(Test::Logon(vec![*id])),
                ]
            }
            Subject::Host(name) => vec![wanted(Test::Host(vec![name.clone()]))],
            Subject::Address(address) => vec![wanted(Test::Address(vec![address.clone()]))],
            Subject::Service { host, name } => {
                vec![
                    wanted(Test::Host(vec![host.clone()])),
                    wanted(Test::Service(vec![name.clone()])),
                ]
            }
            Subject::Time { at, reach } => {
                vec![
                    wanted(Test::After(at.minus(*reach))),
                    wanted(Test::Before(at.plus(*reach))),
                ]
            }
            Subject::Value(test) => vec![wanted(test.clone())],
        }
    }

    /// What kind of thing it is, and its name.
    pub fn title(&self) -> (&'static str, String) {
        match self {
            Subject::All => ("all events", String::new()),
            Subject::Account(name) => ("account", name.clone()),
            Subject::Session { host, id } => ("session", format!("{id} on {}", short_host(host))),
            Subject::Host(name) => ("host", short_host(name).to_owned()),
            Subject::Address(address) => ("address", address.clone()),
            Subject::Service { host, name } => {
                ("service", format!("{name} on {}", short_host(host)))
            }
            Subject::Time { at, reach } => {
                let reach = super::zone::span(*reach);
                ("time", format!("{} ±{reach}", super::Zone::Utc.clock(*at)))
            }
            Subject::Value(test) => ("value", written(test)),
            Subject::Leg { step, .. } => ("leg", step.word().to_owned()),
        }
    }
}

/// The first label of a host name; addresses stay whole.
pub fn short_host(name: &str) -> &str {
    if name.parse::<std::net::IpAddr>().is_ok() {
        name
    } else {
        name.split('.').next().unwrap_or(name)
    }
}

/// A term that must hold, written as the analyst would.
pub fn wanted(test: Test) -> Term {
    let written = written(&test);
    Term {
        negated: false,
        test,
        written,
    }
}

/// A term that must not hold.
pub fn unwanted(test: Test) -> Term {
    let written = format!("-{}", written(&test));
    Term {
        negated: true,
        test,
        written,
    }
}

/// A test in the filter language.
fn written(test: &Test) -> String {
    let list = |values: &[String]| values.join(",");
    let (key, value) = match test {
        Test::Host(values) => ("host", list(values)),
        Test::EventId(ids) => (
            "id",
            list(&ids.iter().map(u32::to_string).collect::<Vec<_>>()),
        ),
        Test::Account(values) => ("account", list(values)),
        Test::Logon(ids) => (
            "logon",
            list(&ids.iter().map(LogonId::to_string).collect::<Vec<_>>()),
        ),
        Test::Address(values) => ("ip", list(values)),
        Test::Service(values) => ("service", list(values)),
        Test::Pid(ids) => (
            "pid",
            list(&ids.iter().map(u32::to_string).collect::<Vec<_>>()),
        ),
        Test::Image(values) => ("image", list(values)),
        Test::Channel(values) => ("channel", list(values)),
        Test::Provider(values) => ("provider", list(values)),
        Test::Record(ids) => (
            "record",
            list(&ids.iter().map(u64::to_string).collect::<Vec<_>>()),
        ),
        Test::After(time) => ("after", time.rfc3339()),
        Test::Before(time) => ("before", time.rfc3339()),
        Test::During(from, to) => ("time", format!("{}..{}", moment(*from), moment(*to))),
        Test::Alert(field, values) => (field.key(), list(values)),
        Test::Text(text) => return quoted(text),
    };
    if value.contains(char::is_whitespace) {
        format!("{key}:{}", quoted(&value))
    } else {
        format!("{key}:{value}")
    }
}

/// A time to the second where that says all.
fn moment(time: Time) -> String {
    let whole = time.rfc3339();
    let short = whole.trim_end_matches(".0000000Z");
    if short.len() < whole.len() {
        short.to_owned()
    } else {
        whole
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::query::Filter;

    #[test]
    fn subjects_read_back_as_they_are_written() {
        let at = Time::parse("2026-03-10T18:04:05.1234567Z").unwrap();
        for subject in [
            Subject::Account("NORDHAVN\\Adm Berg".into()),
            Subject::Session {
                host: "FS01.nordhavn.example".into(),
                id: LogonId(0x3_0000_03e7),
            },
            Subject::Host("FS01".into()),
            Subject::Address("::ffff:10.0.0.1".into()),
            Subject::Service {
                host: "FS01".into(),
                name: "Remote Thing".into(),
            },
            Subject::Time { at, reach: REACH },
            Subject::Value(Test::Text("net group".into())),
        ] {
            let terms = subject.terms();
            let text = terms
                .iter()
                .map(|term| term.written.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            assert_eq!(Filter::parse(&text).unwrap().terms, terms, "{text}");
        }
    }
}
