//! A list of events: everything, or what a pivot is about, narrowed by filters.

use std::sync::Arc;

use super::{Chips, Data, Item, List, Moved, Subject, short_host};
use crate::timeline::query::{Filter, Term};
use crate::timeline::{EventIndex, Timeline, summary};

/// A column of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each has its title")]
pub enum EventColumn {
    Time,
    Host,
    Id,
    Account,
    #[default]
    What,
}

impl EventColumn {
    /// Every column, from left to right.
    pub const ALL: [EventColumn; 5] = [
        EventColumn::Time,
        EventColumn::Host,
        EventColumn::Id,
        EventColumn::Account,
        EventColumn::What,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            EventColumn::Time => "time",
            EventColumn::Host => "host",
            EventColumn::Id => "event",
            EventColumn::Account => "account",
            EventColumn::What => "what",
        }
    }

    /// What an event has in it.
    pub fn value(self, index: EventIndex, data: &Data) -> String {
        match self {
            EventColumn::Time => data.zone.seconds(data.timeline().time(index)),
            other => other.text(index, data.timeline()),
        }
    }

    /// The same without anything but the timeline; times are UTC.
    pub fn text(self, index: EventIndex, timeline: &Timeline) -> String {
        let Some(event) = timeline.event(index) else {
            return String::new();
        };
        match self {
            EventColumn::Time => super::Zone::Utc.seconds(event.time),
            EventColumn::Host => short_host(event.host).to_owned(),
            EventColumn::Id => format!(
                "{} {}",
                short_channel(&event.kind.channel),
                event.kind.event_id
            ),
            EventColumn::Account => event.account.unwrap_or_default().to_owned(),
            EventColumn::What => summary::line(timeline, index),
        }
    }
}

/// A channel's name without its vendor: `Sysmon`, `Security`, `Defender`.
pub(super) fn short_channel(channel: &str) -> &str {
    let name = channel.split('/').next().unwrap_or(channel);
    match name.rsplit('-').next() {
        Some(last) if name.starts_with("Microsoft-Windows-") => last,
        _ => name,
    }
}

/// Which events a list holds.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Every event of the timeline: nothing is stored for it.
    All,
    /// Those chosen, in time order.
    Some(Arc<Vec<EventIndex>>),
}

impl Default for Selection {
    fn default() -> Self {
        Selection::Some(Arc::default())
    }
}

impl Selection {
    /// How many there are.
    pub fn len(&self, data: &Data) -> usize {
        match self {
            Selection::All => data.timeline().len(),
            Selection::Some(events) => events.len(),
        }
    }

    /// The event at a row.
    pub fn get(&self, row: usize, data: &Data) -> Option<EventIndex> {
        match self {
            Selection::All => (row < data.timeline().len())
                .then(|| u32::try_from(row).ok().map(EventIndex))
                .flatten(),
            Selection::Some(events) => events.get(row).copied(),
        }
    }

    /// The row of an event, or where it would stand.
    pub fn row_near(&self, event: EventIndex) -> usize {
        match self {
            Selection::All => event.0 as usize,
            Selection::Some(events) => events.partition_point(|known| *known < event),
        }
    }
}

/// The answer to a filter, tagged so that a late one is told from the newest.
#[derive(Clone, Debug)]
pub struct Found {
    /// The events.
    pub events: Selection,
    /// What the head of the page says about the subject; comes with the whole.
    pub profile: Option<Vec<Item>>,
    /// Whether that is all, or what was found so far.
    pub is_whole: bool,
}

/// A list of events.
#[derive(Clone, Debug, Default)]
pub struct EventsPage {
    /// What it is about.
    pub subject: Subject,
    /// Filters beyond the subject.
    pub chips: Chips,
    /// Column under the cursor.
    pub column: EventColumn,
    /// First character of the last column that is shown.
    pub scroll: usize,
    /// Cursor.
    pub list: List,
    /// The events found.
    pub events: Selection,
    /// What is known about the subject, for the head of the page.
    pub profile: Vec<Item>,
    /// The job whose answer is awaited; `None` when the list is up to date.
    pub awaited: Option<u64>,
    /// The search whose answer is awaited.
    pub sought: Option<u64>,
    /// The event to keep the cursor on when an answer comes.
    pub keep: Option<EventIndex>,
}

impl EventsPage {
    /// A page about a subject, with nothing found yet.
    pub fn about(subject: Subject) -> EventsPage {
        EventsPage {
            subject,
            ..EventsPage::default()
        }
    }

    /// The subject and the filters in force, as one filter.
    pub fn filter(&self) -> Filter {
        let terms = self
            .subject
            .terms()
            .into_iter()
            .chain(self.chips.terms().cloned())
            .collect::<Vec<Term>>();
        Filter { terms }
    }

    /// The event under the cursor.
    pub fn here(&self, data: &Data) -> Option<EventIndex> {
        self.events.get(self.list.cursor, data)
    }

    /// How many events of the timeline are not shown.
    pub fn hidden(&self, data: &Data) -> usize {
        data.timeline().len().saturating_sub(self.events.len(data))
    }

    /// Takes an answer; the cursor stays on the record it was on, or the nearest in time.
    pub fn take(&mut self, found: Found, data: &Data) {
        let keep = self.keep.or_else(|| self.here(data));
        self.events = found.events;
        if let Some(profile) = found.profile {
            self.profile = profile;
        }
        if found.is_whole {
            self.awaited = None;
        } else {
            // the whole answer puts the cursor where it belongs
            self.keep = keep;
        }
        if let Some(event) = keep {
            self.list.cursor = self.events.row_near(event);
        }
        self.list.clamp(self.events.len(data));
    }

    /// Forgets what was found in an earlier snapshot: its events have other places now. What was
    /// under the cursor is found again by the next answer.
    pub fn renew(&mut self, moved: Moved<'_>) {
        self.keep = self.keep.and_then(|event| moved.event(event));
        self.events = Selection::default();
        self.profile.clear();
        self.sought = None;
    }
}
