//! Grows the forest of a host, event by event in time order.

use super::ProcessId;
use super::forest::{Families, Forest, Node, Place, SAME_START};
use super::names::{FileNames, Name};
use crate::event::fact::{ProcessEnd, ProcessStart};
use crate::event::{Guid, Time};
use crate::timeline::{EventIndex, Timeline};

/// A forest that is being built.
pub(super) struct Growing<'t> {
    timeline: &'t Timeline,
    forest: Forest,
    names: FileNames<'t>,
    /// The name of each process.
    named: Vec<Name>,
}

impl<'t> Growing<'t> {
    pub(super) fn new(timeline: &'t Timeline, starts: usize) -> Self {
        Growing {
            timeline,
            forest: Forest {
                all: Vec::with_capacity(starts),
                before: Vec::with_capacity(starts),
                ..Default::default()
            },
            names: FileNames::new(timeline),
            named: Vec::with_capacity(starts),
        }
    }

    pub(super) fn finish(self) -> Forest {
        let mut forest = self.forest;
        forest.all.shrink_to_fit();
        forest.before.shrink_to_fit();
        forest.of_services.shrink_to_fit();
        forest.families = Families::of(&forest.all);
        forest
    }

    pub(super) fn start(&mut self, row: usize, event: EventIndex, fact: &ProcessStart) {
        let time = self.timeline.time(event);
        let name = self.names.name(fact.image);
        let parent = self.names.name(fact.parent_image);
        if matches!(parent, Name::NONE | Name::SERVICES) {
            self.forest.of_services.extend(u32::try_from(row));
        }
        let place = match self.twin(time, name, fact) {
            Some(twin) => {
                self.complete(twin, row, name, fact);
                twin
            }
            None => self.add(
                fact.pid,
                fact.guid,
                name,
                Node {
                    id: ProcessId::of_start(row),
                    start: Place::new(row),
                    other_start: Place::NONE,
                    end: Place::NONE,
                    parent: Place::NONE,
                    image: fact.image,
                    command_line: fact.command_line,
                },
            ),
        };
        self.adopt(place, row, fact, parent, time);
    }

    fn of_guid(&self, guid: Guid) -> Option<Place> {
        self.forest.of_guid(self.timeline, guid)
    }

    /// The process whose start the other log has already told.
    fn twin(&self, time: Time, name: Name, fact: &ProcessStart) -> Option<Place> {
        let forest = &self.forest;
        if let Some(known) = self.of_guid(fact.guid) {
            let only_children_seen = forest.get(known)?.start.is_none();
            return only_children_seen.then_some(known);
        }
        let latest = forest.holders(fact.pid).next()?;
        if self.name_of(latest) != name {
            return None;
        }
        let node = forest.get(latest)?;
        let is_same_start = node.first_seen(self.timeline).distance(time) <= SAME_START;
        let of_other_log = !node.start.is_none()
            && node.other_start.is_none()
            && self.has_guid(latest) != fact.by_sysmon;
        (is_same_start && of_other_log).then_some(latest)
    }

    /// Adds what the second start event knows more.
    fn complete(&mut self, place: Place, row: usize, name: Name, fact: &ProcessStart) {
        let had_guid = self.has_guid(place);
        let forest = &mut self.forest;
        let Some(node) = forest.all.get_mut(place.index()) else {
            return;
        };
        let row = Place::new(row);
        if fact.by_sysmon || node.start.is_none() {
            node.other_start = std::mem::replace(&mut node.start, row);
        } else {
            node.other_start = row;
        }
        let is_named = !node.image.is_none();
        node.image = node.image.some().unwrap_or(fact.image);
        node.command_line = node.command_line.some().unwrap_or(fact.command_line);
        if !had_guid && !fact.guid.is_none() {
            forest.note_guid(self.timeline, fact.guid, place);
        }
        forest.seconds.push((row, place));
        if !is_named {
            self.rename(place, name);
        }
    }

    fn has_guid(&self, place: Place) -> bool {
        !self.forest.guid(self.timeline, place).is_none()
    }

    fn name_of(&self, place: Place) -> Name {
        self.named.get(place.index()).copied().unwrap_or(Name::NONE)
    }

    /// Notes the name of a process whose program was not known at first.
    fn rename(&mut self, place: Place, name: Name) {
        if let Some(known) = self.named.get_mut(place.index()) {
            *known = name;
        }
    }

    /// Finds the parent, whose program has that name, or makes one of which only this child is known.
    fn adopt(&mut self, child: Place, row: usize, fact: &ProcessStart, name: Name, time: Time) {
        let is_orphan = |node: &Node| node.parent.is_none();
        if !self.forest.get(child).is_some_and(is_orphan) {
            return;
        }
        let found = self.of_guid(fact.parent_guid).or_else(|| {
            let is_name = |place| {
                let known = self.name_of(place);
                name == Name::NONE || known == Name::NONE || known == name
            };
            let fits = |place| fact.parent_guid.is_none() || !self.has_guid(place);
            let forest = &self.forest;
            (fact.parent_pid != 0)
                .then(|| forest.alive_now(self.timeline, fact.parent_pid, time, is_name, fits))?
        });
        let parent = match found.filter(|place| *place != child) {
            Some(parent) => parent,
            None if fact.parent_pid == 0 && fact.parent_guid.is_none() => return,
            None => self.add(
                fact.parent_pid,
                fact.parent_guid,
                name,
                Node {
                    id: ProcessId::of_child(row),
                    start: Place::NONE,
                    other_start: Place::NONE,
                    end: Place::NONE,
                    parent: Place::NONE,
                    image: fact.parent_image,
                    command_line: fact.parent_command_line,
                },
            ),
        };
        if let Some(node) = self.forest.all.get_mut(parent.index()) {
            node.command_line = node.command_line.some().unwrap_or(fact.parent_command_line);
            if node.image.is_none() && !fact.parent_image.is_none() {
                node.image = fact.parent_image;
                self.rename(parent, name);
            }
        }
        if let Some(node) = self.forest.all.get_mut(child.index()) {
            node.parent = parent;
        }
    }

    fn add(&mut self, pid: u32, guid: Guid, name: Name, node: Node) -> Place {
        let forest = &mut self.forest;
        let place = Place::new(forest.all.len());
        let before = forest.latest.insert(pid, place);
        forest.before.push(before.unwrap_or(Place::NONE));
        self.named.push(name);
        if !guid.is_none() {
            forest.note_guid(self.timeline, guid, place);
        }
        forest.all.push(node);
        place
    }

    pub(super) fn end(&mut self, row: usize, event: EventIndex, fact: &ProcessEnd) {
        let time = self.timeline.time(event);
        let found = if fact.guid.is_none() {
            let name = self.names.name(fact.image);
            let forest = &self.forest;
            forest.alive_now(
                self.timeline,
                fact.pid,
                time,
                |place| self.name_of(place) == name,
                |_| true,
            )
        } else {
            self.of_guid(fact.guid)
        };
        let Some(place) = found else { return };
        let row = Place::new(row);
        self.forest.ends.push((row, place));
        if let Some(node) = self.forest.all.get_mut(place.index()) {
            node.end = Place::new(event.0 as usize);
        }
    }
}
