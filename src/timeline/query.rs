//! Finds events: a filter is a list of terms that must all hold.
//!
//! `host:ws01 id:4624,4688 account:alice after:2026-03-10T18:00 logon:0x3e7 -id:4689 "free text"`:
//! several values of one term are alternatives, a minus negates a term. Names are compared without
//! case; free text is looked for in everything the timeline keeps of an event.

mod named;
mod parse;
mod prepared;
pub mod tally;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{EventIndex, Timeline};
use crate::event::{LogonId, Time};
pub use parse::words;
use prepared::Prepared;

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
    /// `time:` – from a time up to, not including, another.
    During(Time, Time),
    /// `tool:`, `severity:`, `verdict:` – what only alerts have; holds for every event.
    Alert(AlertField, Vec<String>),
    /// Free text.
    Text(String),
}

/// What alerts have and events have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertField {
    /// Id of the tool in the catalogue.
    Tool,
    /// Severity, in words.
    Severity,
    /// Verdict, or where the work stands.
    Verdict,
}

impl AlertField {
    /// Its key in the filter language.
    pub fn key(self) -> &'static str {
        match self {
            AlertField::Tool => "tool",
            AlertField::Severity => "severity",
            AlertField::Verdict => "verdict",
        }
    }
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
    /// Bytes of the term.
    pub len: usize,
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
    (
        "time",
        "a day, hour or minute, or from..to (UTC)",
        "time:2026-03-10T18",
    ),
    ("tool", "tool of an alert", "tool:psexec,winexe"),
    ("severity", "severity of an alert", "severity:critical,high"),
    ("verdict", "verdict on an alert", "verdict:new"),
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
        self.select_in_steps(timeline, cancel, None, |_| {})
    }

    /// Like [`Filter::select`], showing what was found so far again and again: first around an
    /// event, if one is named, then after a small part of the timeline, then after parts that
    /// double, so that a first answer is there soon.
    pub fn select_in_steps(
        &self,
        timeline: &Timeline,
        cancel: &AtomicBool,
        near: Option<EventIndex>,
        mut so_far: impl FnMut(&[EventIndex]),
    ) -> Option<Vec<EventIndex>> {
        const FIRST: u32 = 262_144;
        const AROUND: u32 = FIRST / 2;
        let (first, last) = self.span(timeline);
        let mut tests = Vec::new();
        for term in &self.terms {
            if cancel.load(Ordering::Relaxed) {
                return None;
            }
            let test = Prepared::new(term, timeline);
            if !test.can_hold() {
                return Some(Vec::new());
            }
            tests.push(test);
        }
        tests.sort_by_key(|test| !test.is_quick());
        let mut around = Vec::new();
        if let Some(EventIndex(middle)) = near.filter(|_| last.saturating_sub(first) > FIRST) {
            let from = middle.saturating_sub(AROUND).max(first);
            let to = middle.saturating_add(AROUND).min(last);
            around = select_part(from, to, &tests, timeline, cancel)?;
            so_far(&around);
        }
        let mut found = Vec::new();
        let (mut start, mut part) = (first, FIRST);
        while start < last {
            let end = start.saturating_add(part).min(last);
            found.extend(select_part(start, end, &tests, timeline, cancel)?);
            (start, part) = (end, part.saturating_mul(2));
            if start < last {
                let further = around.partition_point(|event| event.0 < start);
                let further = around.get(further..).unwrap_or_default();
                so_far(&[found.as_slice(), further].concat());
            }
        }
        Some(found)
    }

    fn span(&self, timeline: &Timeline) -> (u32, u32) {
        let (mut from, mut to) = (Time::MIN, Time::MAX);
        for term in self.terms.iter().filter(|term| !term.negated) {
            match term.test {
                Test::After(time) => from = from.max(time),
                Test::Before(time) => to = to.min(time),
                Test::During(start, end) => (from, to) = (from.max(start), to.min(end)),
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

/// The events of a part of the timeline for which all tests hold; `None` when cancelled.
fn select_part(
    from: u32,
    to: u32,
    tests: &[Prepared<'_>],
    timeline: &Timeline,
    cancel: &AtomicBool,
) -> Option<Vec<EventIndex>> {
    const BLOCK: u32 = 65_536;
    let holds = |index: &EventIndex| tests.iter().all(|test| test.holds(timeline, *index));
    let blocks: Vec<u32> = (from..to).step_by(BLOCK as usize).collect();
    let found: Option<Vec<Vec<EventIndex>>> = blocks
        .into_par_iter()
        .map(|start| {
            let end = start.saturating_add(BLOCK).min(to);
            let events = (start..end).map(EventIndex).filter(holds);
            (!cancel.load(Ordering::Relaxed)).then(|| events.collect())
        })
        .collect();
    found.map(|blocks| blocks.concat())
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
        assert_eq!(
            (error.at, error.len, error.message.as_str()),
            (7, 4, "`x` is no number")
        );
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

    #[test]
    fn a_time_is_a_unit_or_a_stretch() {
        let during = |text: &str| match Filter::parse(text).unwrap().terms[0].test {
            Test::During(from, to) => (from.rfc3339(), to.distance(from).as_secs()),
            ref other => panic!("{other:?}"),
        };
        let at = |clock: &str| format!("2026-03-10T{clock}.0000000Z");
        assert_eq!(during("time:2026-03-10"), (at("00:00:00"), 86_400));
        assert_eq!(during("time:2026-03-10T18"), (at("18:00:00"), 3_600));
        assert_eq!(during("time:2026-03-10T18:05"), (at("18:05:00"), 60));
        assert_eq!(
            during("time:2026-03-10T18:00..2026-03-10T18:00:30"),
            (at("18:00:00"), 30)
        );
        for wrong in [
            "time:soon",
            "time:2026-03-10..",
            "time:2026-03-11..2026-03-10",
        ] {
            let error = Filter::parse(wrong).unwrap_err();
            assert!(error.message.contains("2026-03-10T18"), "{}", error.message);
        }
    }

    #[test]
    fn parts_find_what_one_pass_finds() {
        use crate::timeline::KindId;
        let mut timeline = Timeline::default();
        timeline.columns.time = (0..600_000).map(Time::from_filetime).collect();
        timeline.columns.kind = vec![KindId::default(); 600_000];
        let filter = Filter {
            terms: vec![Term {
                negated: false,
                test: Test::Before(Time::from_filetime(500_000)),
                written: String::new(),
            }],
        };
        let steps = |near| {
            let mut seen = Vec::new();
            let so_far = |found: &[EventIndex]| {
                assert!(found.is_sorted());
                seen.push(found.len());
            };
            let all = filter.select_in_steps(&timeline, &AtomicBool::new(false), near, so_far);
            assert_eq!(
                all.unwrap(),
                filter.select(&timeline, &AtomicBool::new(false)).unwrap()
            );
            seen
        };
        assert_eq!(steps(None), [262_144]);
        // first what lies around the event one comes from, then that and the beginning
        assert_eq!(
            steps(Some(EventIndex(400_000))),
            [231_072, 262_144 + 231_072]
        );
        // what lies around twice is there once
        assert_eq!(steps(Some(EventIndex(10))), [131_082, 262_144]);
        assert!(filter.select(&timeline, &AtomicBool::new(true)).is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC*") {
            let _ = Filter::parse(&text);
        }
    }
}
