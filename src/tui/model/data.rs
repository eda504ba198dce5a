//! What is known: the snapshot of the evidence, the decisions, the marks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Moved, Zone};
use crate::case::Triage;
use crate::investigate::{Alert, ProcessId, Processes, Snapshot};
use crate::timeline::{EventIndex, FactRef, Timeline};

/// What pages are made from.
#[derive(Debug, Default)]
pub struct Data {
    /// Events and alerts.
    pub snapshot: Snapshot,
    /// Where the work on each alert stands, by alert id; as the case file said last.
    pub triage: BTreeMap<String, Triage>,
    /// Marked alerts, by id; they outlive filters and new snapshots.
    pub marked: BTreeSet<String>,
    /// The zone of shown times.
    pub zone: Zone,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    cited: HashMap<EventIndex, usize>,
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
        self.alerts().iter().find(|alert| alert.id == id)
    }

    /// Where the work on an alert stands; `None` until the case was read.
    pub fn triage(&self, id: &str) -> Option<&Triage> {
        self.triage.get(id)
    }

    /// Takes a new snapshot; answers the one before.
    pub fn take(&mut self, snapshot: Snapshot) -> Snapshot {
        self.cited = snapshot
            .alerts
            .iter()
            .enumerate()
            .flat_map(|(place, alert)| alert.evidence().map(move |event| (event.index, place)))
            .collect();
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        let moved = Moved {
            from: &before,
            to: &self.snapshot,
        };
        self.marked = self
            .marked
            .iter()
            .filter_map(|id| moved.alert(id))
            .collect();
        before
    }

    /// The alert that an event is evidence of.
    pub fn alert_citing(&self, event: EventIndex) -> Option<&Alert> {
        self.alerts().get(*self.cited.get(&event)?)
    }

    /// The process that an event is about: the one it starts or ends, else the one that did what
    /// it tells.
    pub fn process_of(&self, index: EventIndex) -> Option<ProcessId> {
        if let Some(id) = self.processes().of_event(index) {
            return Some(id);
        }
        let event = self.timeline().event(index)?;
        let (guid, pid) = match event.fact? {
            FactRef::Pipe(fact) => (fact.guid, fact.pid),
            FactRef::File(fact) => (fact.guid, fact.pid),
            FactRef::Registry(fact) => (fact.guid, fact.pid),
            FactRef::Network(fact) => (fact.guid, fact.pid),
            FactRef::ProcessAccess(fact) => (fact.guid, fact.pid),
            FactRef::ExplicitLogon(fact) => (0, fact.pid),
            FactRef::Task(fact) if fact.pid != 0 => (0, fact.pid),
            _ => return None,
        };
        self.processes().find(event.host_id, guid, pid, event.time)
    }
}
