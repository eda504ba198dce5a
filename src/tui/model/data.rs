//! What is known: the snapshot of the evidence, the decisions, the marks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{AlertIndex, Moved, Names, Target, Zone};
use crate::case::{KnownRule, Triage};
use crate::event::fact::Fact;
use crate::event::{Guid, Time};
use crate::investigate::{Alert, ProcessId, Processes, Snapshot};
use crate::timeline::{EventIndex, Timeline};

/// What pages are made from.
#[derive(Debug, Default)]
pub struct Data {
    /// Events and alerts.
    pub snapshot: Snapshot,
    /// Marked alerts, by id; they outlive filters and new snapshots.
    pub marked: BTreeSet<String>,
    /// The zone of shown times.
    pub zone: Zone,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// When it is: ages are told from it; `None` leaves them out.
    pub now: Option<Time>,
    /// Columns and lines of the screen as last drawn; pages show more where there is room.
    pub screen: (u16, u16),
    /// Bars of the timeline as last drawn; none where the screen is too low for them.
    pub bars: usize,
    /// Where the work on each alert stands, by alert id; as the case file said last.
    triage: BTreeMap<String, Triage>,
    known: Vec<KnownRule>,
    index: AlertIndex,
    version: u64,
    names: Option<Arc<Names>>,
    pub(super) bookmarks: Vec<Target>,
}

impl Data {
    /// The events.
    pub fn timeline(&self) -> &Timeline {
        &self.snapshot.timeline
    }

    /// All processes.
    pub fn processes(&self) -> &Processes {
        &self.snapshot.processes
    }

    /// The alerts.
    pub fn alerts(&self) -> &[Alert] {
        &self.snapshot.alerts
    }

    /// An alert by its id.
    pub fn alert(&self, id: &str) -> Option<&Alert> {
        self.alerts().get(self.index.place(id)?)
    }

    /// The alerts by what lists ask of them.
    pub fn index(&self) -> &AlertIndex {
        &self.index
    }

    /// Where the work on an alert stands; `None` until the case was read.
    pub fn triage(&self, id: &str) -> Option<&Triage> {
        self.triage.get(id)
    }

    /// Takes what the case says about alerts.
    pub fn take_triage(&mut self, triage: Vec<Triage>, known: Vec<KnownRule>) {
        self.known = known;
        self.version += 1;
        let triage = triage.into_iter();
        self.triage
            .extend(triage.map(|triage| (triage.alert.clone(), triage)));
    }

    /// The rules about known activity, revoked ones at the end, with what each took in.
    pub fn known(&self) -> &[KnownRule] {
        &self.known
    }

    /// Counts up with every new snapshot and verdict: what was made from an older one is stale.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Says that what was made from the snapshot is stale: more is known of its sources.
    pub fn renew(&mut self) {
        self.version += 1;
    }

    /// Takes a new snapshot with its index; answers the one before.
    pub fn take(&mut self, snapshot: Snapshot, index: AlertIndex) -> Snapshot {
        self.version += 1;
        self.index = index;
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        let moved = Moved {
            from: &before,
            to: &self.snapshot,
        };
        self.bookmarks = self.moved_bookmarks(moved);
        self.marked = self
            .marked
            .iter()
            .filter_map(|id| match self.index.place(id) {
                Some(_) => Some(id.clone()),
                None => moved.alert(id),
            })
            .collect();
        before
    }

    /// What occurs in the events by name; `None` until it was gathered.
    pub fn names(&self) -> Option<&Names> {
        self.names.as_deref()
    }

    /// The same, to hand to a worker.
    pub fn shared_names(&self) -> Option<Arc<Names>> {
        self.names.clone()
    }

    /// Whether the names there are, are those of the events there are.
    pub fn has_names(&self) -> bool {
        let known = self.names().map(|names| names.snapshot);
        known == Some(self.snapshot.number)
    }

    /// Takes the names of a snapshot; those of an older one serve until then.
    pub fn take_names(&mut self, names: Arc<Names>) {
        if names.snapshot <= self.snapshot.number {
            self.names = Some(names);
        }
    }

    /// The alerts that an event is evidence of.
    pub fn alerts_citing(&self, event: EventIndex) -> impl Iterator<Item = &Alert> {
        let places = self.index.citing(event);
        places.filter_map(|place| self.alerts().get(place))
    }

    /// The process that an event is about: the one it starts or ends, else the one that did what
    /// it tells.
    pub fn process_of(&self, index: EventIndex) -> Option<ProcessId> {
        if let Some(id) = self.processes().of_event(index) {
            return Some(id);
        }
        let event = self.timeline().event(index)?;
        let (guid, pid) = match event.fact? {
            Fact::Pipe(fact) => (fact.guid, fact.pid),
            Fact::File(fact) => (fact.guid, fact.pid),
            Fact::Registry(fact) => (fact.guid, fact.pid),
            Fact::Network(fact) => (fact.guid, fact.pid),
            Fact::ProcessAccess(fact) => (fact.guid, fact.pid),
            Fact::ExplicitLogon(fact) => (Guid::NONE, fact.pid),
            Fact::Task(fact) if fact.pid != 0 => (Guid::NONE, fact.pid),
            _ => return None,
        };
        self.processes().find(event.host_id, guid, pid, event.time)
    }
}
