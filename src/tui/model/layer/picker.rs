//! A list to pick from what a note points at: an event, a process or an account.

use std::collections::HashSet;
use std::time::Duration;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::choices::{Choices, Choosable};
use crate::case::{Link, Linked, RecordName};
use crate::event::fact::Fact;
use crate::event::identity::file_name;
use crate::investigate::{Alert, cite};
use crate::timeline::{EventIndex, summary};
use crate::tui::model::Data;
use crate::tui::model::events::short_channel;

/// How far before and after an alert events are offered.
const REACH: Duration = Duration::from_secs(5 * 60);
/// Most events offered from around an alert. Any other is offered once its page is open.
const MOST: usize = 2000;

/// One thing to point at.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// "event", "process", "account".
    pub kind: &'static str,
    /// Host, time and record; empty for accounts.
    pub tail: String,
    /// The link that picking it writes.
    pub link: Link,
}

impl Choosable for Candidate {
    fn score(&self, matcher: &SkimMatcherV2, typed: &str) -> Option<i64> {
        let text = format!("{} {} {}", self.kind, self.link.label, self.tail);
        matcher.fuzzy_match(&text, typed)
    }
}

/// Things to point at, narrowed by what is typed.
pub type Picker = Choices<Candidate>;

impl Picker {
    /// What a note about some alerts may point at, the nearest first: what lies open, then what the
    /// alerts are made of, then what happened around them on their hosts.
    pub fn about(alerts: &[String], open: &[EventIndex], data: &Data) -> Picker {
        let mut gathered = Gathered {
            data,
            known: HashSet::new(),
            all: Vec::new(),
        };
        for event in open {
            gathered.event(*event);
        }
        let alerts: Vec<&Alert> = alerts.iter().filter_map(|id| data.alert(id)).collect();
        for alert in &alerts {
            gathered.alert(alert);
        }
        for alert in &alerts {
            gathered.around(alert);
        }
        Choices::of(gathered.all, true)
    }
}

/// Candidates being gathered, each once.
struct Gathered<'g> {
    data: &'g Data,
    known: HashSet<String>,
    all: Vec<Candidate>,
}

impl Gathered<'_> {
    fn alert(&mut self, alert: &Alert) {
        self.account(alert.account.as_ref().map(|account| account.name.as_str()));
        let client = alert.client.as_ref();
        self.account(client.and_then(|client| client.account.as_deref()));
        for process in &alert.processes {
            if let Some(event) = &process.event {
                self.event(event.index);
            }
            self.account(process.account.as_deref());
        }
        if let Some(event) = alert.logon.as_ref().and_then(|logon| logon.event.as_ref()) {
            self.event(event.index);
        }
        for event in alert.evidence() {
            self.event(event.index);
        }
        let cited = alert.signals.iter().flat_map(|signal| &signal.events);
        for event in cited {
            self.event(event.index);
        }
    }

    /// What happened on the alert's hosts shortly before and after.
    fn around(&mut self, alert: &Alert) {
        let timeline = self.data.timeline();
        let source = alert
            .client
            .as_ref()
            .and_then(|client| client.host.as_deref())
            .and_then(|host| timeline.find_host(host));
        let hosts = [timeline.find_host(&alert.host), source];
        let window = timeline.window(alert.first_time.minus(REACH), alert.last_time.plus(REACH));
        let near = (window.start.0..window.end.0)
            .map(EventIndex)
            .filter(|event| hosts.contains(&Some(timeline.host(*event))))
            .take(MOST);
        for event in near {
            self.event(event);
            self.account(timeline.event(event).and_then(|event| event.account));
        }
    }

    /// An event; and the process, where it tells of a start.
    fn event(&mut self, index: EventIndex) {
        let timeline = self.data.timeline();
        let Some((view, cited)) = timeline.event(index).zip(cite(timeline, index)) else {
            return;
        };
        let record = view.record_id.map(|id| format!(" #{id}"));
        let tail = format!(
            "{}  {}  {} {}{}",
            self.data.zone.clock(view.time),
            view.host,
            short_channel(&view.kind.channel),
            view.kind.event_id,
            record.unwrap_or_default()
        );
        let name = RecordName::from(&cited);
        if let Some(Fact::ProcessStart(start)) = view.fact {
            let image = file_name(timeline.text(start.image));
            let command = timeline.strings().get(start.command_line);
            let label = command.filter(|it| it.contains(image)).unwrap_or(image);
            let link = Link::new(label, Linked::Process(name.clone()));
            self.push("process", link, tail.clone());
        }
        let link = Link::new(&summary::line(timeline, index), Linked::Event(name));
        self.push("event", link, tail);
    }

    fn account(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            let name = name.to_owned();
            let link = Link::new(&name.clone(), Linked::Account { name });
            self.push("account", link, String::new());
        }
    }

    fn push(&mut self, kind: &'static str, link: Link, tail: String) {
        if self.known.insert(link.to.to_string()) {
            self.all.push(Candidate { kind, tail, link });
        }
    }
}
