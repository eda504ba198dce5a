//! Where the things of one snapshot are in a later one. While evidence is read on, events get other
//! places, and an alert that turns out to begin earlier gets another id; what they say stays.

use crate::investigate::{ProcessId, Snapshot};
use crate::timeline::{EventIndex, EventName};

/// Two snapshots of the same evidence.
#[derive(Clone, Copy, Debug)]
pub struct Moved<'s> {
    /// The earlier one.
    pub from: &'s Snapshot,
    /// The later one.
    pub to: &'s Snapshot,
}

impl Moved<'_> {
    /// The same event.
    pub fn event(&self, index: EventIndex) -> Option<EventIndex> {
        let event = self.from.timeline.event(index)?;
        self.to.timeline.find(&EventName::of(&event))
    }

    /// The same process: by its start event, else by that of its first child.
    pub fn process(&self, id: ProcessId) -> Option<ProcessId> {
        let started = |id: ProcessId| {
            let start = self.from.processes.get(id)?.start?;
            self.to.processes.of_event(self.event(start)?)
        };
        started(id).or_else(|| {
            let child = self.from.processes.children(id).first()?;
            let (parent, _) = self.to.processes.get(started(*child)?)?.parent?;
            Some(parent)
        })
    }

    /// The id of the alert that this one has become: its own, else that of the alert of the same
    /// tool to which one of its traces belongs now.
    pub fn alert(&self, id: &str) -> Option<String> {
        let find =
            |alerts: &[crate::investigate::Alert]| alerts.iter().position(|alert| alert.id == id);
        if find(&self.to.alerts).is_some() {
            return Some(id.to_owned());
        }
        let old = self.from.alerts.get(find(&self.from.alerts)?)?;
        old.sightings.iter().find_map(|sighting| {
            let event = self.event(sighting.event.index)?;
            let cites = |alert: &&crate::investigate::Alert| {
                let mut traces = alert.sightings.iter();
                alert.tool == old.tool && traces.any(|trace| trace.event.index == event)
            };
            self.to.alerts.iter().find(cites).map(|new| new.id.clone())
        })
    }
}
