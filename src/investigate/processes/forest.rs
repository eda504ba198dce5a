//! The forest of one host: which start and end events are of one process, and who is whose parent.

use std::time::Duration;

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::ProcessId;
use super::growing::Growing;
use crate::event::symbol::spread;
use crate::event::{Guid, Sym, Time};
use crate::timeline::{EventIndex, Timeline};

/// Sysmon and auditing write the same start this close together.
pub(super) const SAME_START: Duration = Duration::from_secs(2);
/// So many holders of a pid are looked at, the latest first: those that one log knows and the
/// other does not yet, and those of which only children were seen. A pid that was given again was
/// free: what had it long before is no longer alive.
const GIVEN_AGAIN: usize = 8;
/// Clocks of two logs of one host differ by this at most.
const SLACK: Duration = Duration::from_millis(50);

/// A row of a table, or a place among the processes of a host; or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

impl Place {
    pub(super) const NONE: Place = Place(u32::MAX);

    pub(super) fn new(place: usize) -> Self {
        Place(u32::try_from(place).unwrap_or(u32::MAX))
    }

    pub(super) fn is_none(self) -> bool {
        self == Place::NONE
    }

    pub(super) fn some(self) -> Option<usize> {
        (!self.is_none()).then_some(self.0 as usize)
    }

    /// As an index; none lies beyond every end.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is kept of a process; the rest its start events tell.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: ProcessId,
    /// Start event (Sysmon's where both exist), as a row of its table.
    pub(super) start: Place,
    /// Second start event, of the other log.
    pub(super) other_start: Place,
    /// Last end event, as a place in the timeline.
    pub(super) end: Place,
    pub(super) parent: Place,
    pub(super) image: Sym,
    pub(super) command_line: Sym,
}

/// All processes of one host.
#[derive(Clone, Debug, Default)]
pub(super) struct Forest {
    /// In the order of their ids.
    pub(super) all: Vec<Node>,
    pub(super) by_guid: ByGuid,
    /// The latest holder of each pid.
    pub(super) latest: HashMap<u32, Place>,
    /// Of each process, who had the pid before.
    pub(super) before: Vec<Place>,
    /// Start events that complete a process which was known already: row and place.
    pub(super) seconds: Vec<(Place, Place)>,
    /// End events: row and place.
    pub(super) ends: Vec<(Place, Place)>,
    /// Start events that name `services.exe` as parent, or none: rows of the table of starts.
    pub(super) of_services: Vec<u32>,
    pub(super) families: Families,
}

impl Forest {
    /// Reads the start and end events of a host, given as rows of their tables.
    pub(super) fn grow(timeline: &Timeline, starts: &[u32], ends: &[u32]) -> Self {
        let tables = timeline.tables();
        let mut growing = Growing::new(timeline, starts.len());
        let mut ends = ends.iter().filter_map(|row| {
            let row = *row as usize;
            Some((row, tables.process_ends.row(row)?))
        });
        let mut next_end = ends.next();
        for row in starts {
            let row = *row as usize;
            let Some((event, fact)) = tables.process_starts.row(row) else {
                continue;
            };
            while let Some((end, (ended, of))) = next_end
                && ended < event
            {
                growing.end(end, ended, &of);
                next_end = ends.next();
            }
            growing.start(row, event, &fact);
        }
        for (end, (ended, of)) in next_end.into_iter().chain(ends) {
            growing.end(end, ended, &of);
        }
        growing.finish()
    }

    pub(super) fn get(&self, place: Place) -> Option<&Node> {
        self.all.get(place.index())
    }

    /// Where a process is.
    pub(super) fn place(&self, id: ProcessId) -> Option<Place> {
        let place = self.all.binary_search_by_key(&id, |node| node.id).ok()?;
        Some(Place::new(place))
    }

    /// The process whose start a row of the table of starts is.
    pub(super) fn started(&self, row: usize) -> Option<ProcessId> {
        let row = Place::new(row);
        let own = ProcessId::of_start(row.index());
        let place = self.place(own).or_else(|| known(&self.seconds, row))?;
        self.get(place).map(|node| node.id)
    }

    /// The process whose end a row of the table of ends is.
    pub(super) fn ended(&self, row: usize) -> Option<ProcessId> {
        let place = known(&self.ends, Place::new(row))?;
        self.get(place).map(|node| node.id)
    }

    /// The process that a GUID, else a pid at a time, means.
    pub(super) fn find(
        &self,
        timeline: &Timeline,
        guid: Guid,
        pid: u32,
        at: Time,
    ) -> Option<ProcessId> {
        let known = self.of_guid(timeline, guid);
        let place = known.or_else(|| self.alive(timeline, pid, at))?;
        self.get(place).map(|node| node.id)
    }

    /// The process of a GUID.
    pub(super) fn of_guid(&self, timeline: &Timeline, guid: Guid) -> Option<Place> {
        let is_it = |place| self.guid(timeline, place) == guid;
        self.by_guid.find(guid.some()?, is_it)
    }

    /// Notes whose a GUID is; of several, the latest counts.
    pub(super) fn note_guid(&mut self, timeline: &Timeline, guid: Guid, place: Place) {
        match self.of_guid(timeline, guid) {
            Some(known) => self.by_guid.replace(guid, known, place),
            None => self.by_guid.insert(guid, place),
        }
    }

    /// The GUID of a process: of its start, or as its first child tells it.
    pub(super) fn guid(&self, timeline: &Timeline, place: Place) -> Guid {
        let starts = &timeline.tables().process_starts;
        let Some(node) = self.get(place) else {
            return Guid::NONE;
        };
        let own = |row: Place| starts.get(row.some()?)?.guid.some();
        let of_child = || {
            let told = node.id.is_of_child();
            told.then(|| starts.get(node.id.row()))?
        };
        own(node.start)
            .or_else(|| own(node.other_start))
            .or_else(|| Some(of_child()?.parent_guid))
            .unwrap_or_default()
    }

    /// Everybody who had a pid, the latest first.
    pub(super) fn holders(&self, pid: u32) -> impl Iterator<Item = Place> {
        let latest = self.latest.get(&pid).copied();
        let before = |place: &Place| self.before.get(place.index()).copied();
        std::iter::successors(latest, move |place| {
            before(place).filter(|it| !it.is_none())
        })
    }

    /// The last holder of a pid who was alive at a time.
    fn alive(&self, timeline: &Timeline, pid: u32, at: Time) -> Option<Place> {
        let seen = |place: &Place| {
            let by = at.plus(SLACK);
            let node = self.get(*place);
            node.is_some_and(|node| node.start.is_none() || node.first_seen(timeline) <= by)
        };
        let mut candidates = self.holders(pid).filter(seen).take(GIVEN_AGAIN);
        candidates.find(|place| {
            self.get(*place)
                .is_some_and(|node| node.lives(timeline, at))
        })
    }

    /// The last holder of a pid so far who is alive at a time that no start is behind, and fits by
    /// name and otherwise.
    pub(super) fn alive_now(
        &self,
        timeline: &Timeline,
        pid: u32,
        now: Time,
        is_name: impl Fn(Place) -> bool,
        fits: impl Fn(Place) -> bool,
    ) -> Option<Place> {
        let mut latest = self.holders(pid).take(GIVEN_AGAIN);
        latest.find(|place| {
            let node = self.get(*place).filter(|_| is_name(*place));
            node.is_some_and(|node| node.lives(timeline, now)) && fits(*place)
        })
    }
}

impl Node {
    /// When it started; for a process without start event when its first child did.
    pub(super) fn first_seen(&self, timeline: &Timeline) -> Time {
        let first = timeline.tables().process_starts.row(self.id.row());
        first.map_or(Time::MAX, |(event, _)| timeline.time(event))
    }

    /// Its last end event.
    pub(super) fn end(&self) -> Option<EventIndex> {
        self.end.some().map(|_| EventIndex(self.end.0))
    }

    /// When it ended.
    pub(super) fn ended(&self, timeline: &Timeline) -> Option<Time> {
        self.end().map(|end| timeline.time(end))
    }

    /// Whether it has not ended by a time, as far as clocks can tell.
    fn lives(&self, timeline: &Timeline, at: Time) -> bool {
        let ended = self.ended(timeline);
        ended.is_none_or(|ended| ended.plus(SAME_START) >= at.plus(SLACK))
    }
}

/// Processes by their GUIDs, which their start events tell and which are not kept twice.
#[derive(Clone, Debug, Default)]
pub(super) struct ByGuid {
    /// Places with a part of their GUIDs' hashes.
    places: HashTable<(u32, Place)>,
    hasher: DefaultHashBuilder,
}

impl ByGuid {
    fn hash(&self, guid: Guid) -> u32 {
        (self.hasher.hash_one(guid) >> 32) as u32
    }

    fn find(&self, guid: Guid, is_it: impl Fn(Place) -> bool) -> Option<Place> {
        let hash = self.hash(guid);
        let found = (self.places).find(spread(hash), |(known, place)| {
            *known == hash && is_it(*place)
        });
        found.map(|(_, place)| *place)
    }

    fn replace(&mut self, guid: Guid, known: Place, place: Place) {
        let entry = (self.hash(guid), known);
        let hash = spread(entry.0);
        if let Some((_, known)) = self.places.find_mut(hash, |other| *other == entry) {
            *known = place;
        }
    }

    fn insert(&mut self, guid: Guid, place: Place) {
        let hash = self.hash(guid);
        (self.places).insert_unique(spread(hash), (hash, place), |(hash, _)| spread(*hash));
    }
}

/// The process of a row, in a list in the order of rows.
fn known(rows: &[(Place, Place)], row: Place) -> Option<Place> {
    let at = rows.binary_search_by_key(&row, |(row, _)| *row).ok()?;
    rows.get(at).map(|(_, place)| *place)
}

/// The children of all processes, end to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Families {
    children: Vec<ProcessId>,
    /// Where the children of each process end; they begin where those of the one before it end.
    ends: Vec<u32>,
}

impl Families {
    /// From all processes; the children of one come in the order of their ids.
    pub(super) fn of(all: &[Node]) -> Self {
        let mut places = vec![0u32; all.len()];
        let links = || {
            let with_parent = all.iter().filter(|node| !node.parent.is_none());
            with_parent.map(|node| (node.parent, node.id))
        };
        for (parent, _) in links() {
            if let Some(count) = places.get_mut(parent.index()) {
                *count += 1;
            }
        }
        let mut next = 0;
        for place in &mut places {
            let count = std::mem::replace(place, next);
            next += count;
        }
        let mut children = vec![ProcessId::default(); links().count()];
        for (parent, child) in links() {
            if let Some(place) = places.get_mut(parent.index()) {
                if let Some(free) = children.get_mut(*place as usize) {
                    *free = child;
                }
                *place += 1;
            }
        }
        Families {
            children,
            ends: places,
        }
    }

    pub(super) fn children(&self, place: Place) -> &[ProcessId] {
        let before = place.index().checked_sub(1);
        let start = before.and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(place.index()).copied().unwrap_or(0);
        let range = start.unwrap_or(0) as usize..end as usize;
        self.children.get(range).unwrap_or_default()
    }
}
