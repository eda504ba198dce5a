//! The process forest of all hosts, from Sysmon GUIDs and Security pids alike.
//!
//! A process that both Sysmon 1 and Security 4688 saw start is one process. A parent is found by
//! its GUID, else by its pid within its lifetime and with the image that the child names; pids are
//! reused within minutes, so a pid alone joins nothing. Parents that started before the logs begin
//! are kept as processes of which only the children were seen.

mod holders;

use std::hash::BuildHasher;
use std::time::Duration;

use hashbrown::{DefaultHashBuilder, HashTable};

use self::holders::{FileNames, Holder, Holders, Name};
use super::alert::How;
use crate::event::fact::{ProcessEnd, ProcessStart};
use crate::event::identity::file_name;
use crate::event::{LogonId, Sym, Time};
use crate::timeline::{EventIndex, HostId, Timeline};

/// Sysmon and auditing write the same start this close together.
const SAME_START: Duration = Duration::from_secs(2);

/// Number of a process in its [`Processes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(u32);

impl ProcessId {
    fn place(self) -> usize {
        self.0 as usize
    }
}

/// One process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Host it ran on.
    pub host: HostId,
    /// Process id.
    pub pid: u32,
    /// Creator's process id; 0 when not known.
    pub parent_pid: u32,
    /// Sysmon GUID; 0 when not known.
    pub guid: u128,
    /// Program.
    pub image: Sym,
    /// Command line.
    pub command_line: Sym,
    /// Account it ran as.
    pub account: Sym,
    /// Logon session.
    pub logon_id: LogonId,
    /// Terminal session.
    pub session_id: Option<u32>,
    /// Integrity level.
    pub integrity: Sym,
    /// Start event (Sysmon's where both exist); `None` when only its children were seen.
    pub start: Option<EventIndex>,
    /// Second start event, of the other log.
    pub other_start: Option<EventIndex>,
    /// End event.
    pub end: Option<EventIndex>,
    /// Start time; for a process without start event the first child's.
    pub first_seen: Time,
    /// End time.
    pub ended: Option<Time>,
    /// Parent and how it is known.
    pub parent: Option<(ProcessId, How)>,
    /// Program of the parent as the start event names it.
    pub parent_image: Sym,
}

/// All processes of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    all: Vec<Process>,
    by_guid: ByGuid,
    by_pid: Holders,
    /// Start and end events with their processes, each in the order of the events.
    started: Vec<(EventIndex, ProcessId)>,
    ended: Vec<(EventIndex, ProcessId)>,
    families: Families,
}

impl Processes {
    /// Builds the forest.
    pub fn build(timeline: &Timeline) -> Self {
        let mut growing = Growing::new(timeline);
        let tables = timeline.tables();
        let mut ends = tables.process_ends.iter().peekable();
        for (event, fact) in tables.process_starts.iter() {
            while let Some((end, ended)) = ends.next_if(|(end, _)| *end < event) {
                growing.end(end, ended);
            }
            growing.start(event, fact);
        }
        for (end, ended) in ends {
            growing.end(end, ended);
        }
        growing.finish()
    }

    /// A process by number.
    pub fn get(&self, id: ProcessId) -> Option<&Process> {
        self.all.get(id.place())
    }

    /// All processes, in the order of their start events.
    pub fn iter(&self) -> impl Iterator<Item = (ProcessId, &Process)> {
        (0..).map(ProcessId).zip(&self.all)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The process whose start or end an event is.
    pub fn of_event(&self, event: EventIndex) -> Option<ProcessId> {
        let find = |all: &[(EventIndex, ProcessId)]| {
            let place = all.binary_search_by_key(&event, |(event, _)| *event);
            all.get(place.ok()?).map(|(_, id)| *id)
        };
        find(&self.started).or_else(|| find(&self.ended))
    }

    /// The process that a GUID, else a pid at a time, means on a host.
    pub fn find(&self, host: HostId, guid: u128, pid: u32, at: Time) -> Option<ProcessId> {
        let known = (guid != 0).then(|| self.by_guid.get(&self.all, host, guid));
        known
            .flatten()
            .or_else(|| self.by_pid.alive(host, pid, at, |_| true))
    }

    /// Every process that had a pid on a host, in the order in which they were first seen.
    pub fn with_pid(&self, host: HostId, pid: u32) -> impl Iterator<Item = ProcessId> {
        self.by_pid.of(host, pid).iter().map(|holder| holder.id)
    }

    /// The children of a process in time order.
    pub fn children(&self, id: ProcessId) -> &[ProcessId] {
        self.families.children(id)
    }

    /// The ancestors of a process, nearest first.
    pub fn ancestors(&self, id: ProcessId) -> Vec<ProcessId> {
        let mut found: Vec<ProcessId> = Vec::new();
        let mut current = id;
        while let Some((parent, _)) = self.get(current).and_then(|process| process.parent) {
            if found.contains(&parent) || parent == id {
                break;
            }
            found.push(parent);
            current = parent;
        }
        found
    }

    /// Whether `services.exe` started a process: it is the program of a service.
    pub fn is_service_program(&self, timeline: &Timeline, id: ProcessId) -> bool {
        let Some(process) = self.get(id) else {
            return false;
        };
        let parent = process.parent.and_then(|(parent, _)| self.get(parent));
        let image = parent.map_or(process.parent_image, |parent| parent.image);
        file_name(timeline.text(image)).eq_ignore_ascii_case("services.exe")
    }

    /// A process and all below it, parents before children.
    pub fn descendants(&self, id: ProcessId) -> Vec<ProcessId> {
        let mut found = vec![id];
        let mut next = 0;
        while let Some(&current) = found.get(next) {
            next += 1;
            let children = self.children(current).iter();
            found.extend(children.filter(|child| **child != id));
        }
        found
    }

    /// A name for a process that stays the same from run to run: GUID, or host, pid and first time.
    pub fn key(&self, timeline: &Timeline, id: ProcessId) -> String {
        self.get(id).map_or_else(String::new, |process| {
            if process.guid == 0 {
                format!(
                    "{}/{}/{}",
                    timeline.host_name(process.host),
                    process.pid,
                    process.first_seen
                )
            } else {
                format!("{:032x}", process.guid)
            }
        })
    }
}

/// A forest that is being built.
struct Growing<'t> {
    timeline: &'t Timeline,
    forest: Processes,
    names: FileNames<'t>,
    /// Parents with their children, in time order.
    links: Vec<(ProcessId, ProcessId)>,
}

impl<'t> Growing<'t> {
    fn new(timeline: &'t Timeline) -> Self {
        let tables = timeline.tables();
        let (starts, ends) = (tables.process_starts.len(), tables.process_ends.len());
        Growing {
            timeline,
            forest: Processes {
                all: Vec::with_capacity(starts),
                started: Vec::with_capacity(starts),
                ended: Vec::with_capacity(ends),
                ..Default::default()
            },
            names: FileNames::new(timeline),
            links: Vec::with_capacity(starts),
        }
    }

    fn finish(self) -> Processes {
        let mut forest = self.forest;
        forest.all.shrink_to_fit();
        forest.families = Families::of(&self.links, forest.all.len());
        forest
    }

    fn start(&mut self, event: EventIndex, fact: &ProcessStart) {
        let (host, time) = (self.timeline.host(event), self.timeline.time(event));
        let id = match self.twin(host, time, fact) {
            Some(twin) => {
                self.complete(twin, event, fact);
                twin
            }
            None => self.add(Process {
                host,
                pid: fact.pid,
                parent_pid: fact.parent_pid,
                guid: fact.guid,
                image: fact.image,
                command_line: fact.command_line,
                account: fact.account,
                logon_id: fact.logon_id,
                session_id: fact.session_id,
                integrity: fact.integrity,
                start: Some(event),
                other_start: None,
                end: None,
                first_seen: time,
                ended: None,
                parent: None,
                parent_image: fact.parent_image,
            }),
        };
        self.forest.started.push((event, id));
        self.adopt(id, host, fact, time);
    }

    fn of_guid(&self, host: HostId, guid: u128) -> Option<ProcessId> {
        let forest = &self.forest;
        (guid != 0).then(|| forest.by_guid.get(&forest.all, host, guid))?
    }

    /// The process whose start the other log has already told.
    fn twin(&mut self, host: HostId, time: Time, fact: &ProcessStart) -> Option<ProcessId> {
        if let Some(known) = self.of_guid(host, fact.guid) {
            let known = self.forest.get(known).map(|process| (known, process.start));
            return known.and_then(|(id, start)| start.is_none().then_some(id));
        }
        let known = self.forest.by_pid.of(host, fact.pid).last()?;
        if known.first_seen.distance(time) > SAME_START || known.name != self.names.name(fact.image)
        {
            return None;
        }
        let process = self.forest.get(known.id)?;
        let of_other_log = process.start.is_some()
            && process.other_start.is_none()
            && (process.guid == 0) == fact.by_sysmon;
        of_other_log.then_some(known.id)
    }

    /// Adds what the second start event knows more.
    fn complete(&mut self, id: ProcessId, event: EventIndex, fact: &ProcessStart) {
        let Some(process) = self.forest.all.get_mut(id.place()) else {
            return;
        };
        let fill = |known: &mut Sym, new: Sym| {
            if known.is_none() {
                *known = new;
            }
        };
        if fact.by_sysmon || process.start.is_none() {
            process.other_start = process.start;
            process.start = Some(event);
            // Sysmon names the account the process runs as; 4688 may name its creator.
            process.account = fact.account.some().unwrap_or(process.account);
            process.logon_id = fact.logon_id.some().unwrap_or(process.logon_id);
        } else {
            process.other_start = Some(event);
            fill(&mut process.account, fact.account);
            process.logon_id = process.logon_id.some().unwrap_or(fact.logon_id);
        }
        fill(&mut process.image, fact.image);
        fill(&mut process.command_line, fact.command_line);
        fill(&mut process.integrity, fact.integrity);
        fill(&mut process.parent_image, fact.parent_image);
        process.session_id = process.session_id.or(fact.session_id);
        if process.parent_pid == 0 {
            process.parent_pid = fact.parent_pid;
        }
        if process.guid == 0 && fact.guid != 0 {
            process.guid = fact.guid;
            self.forest.by_guid.insert(&self.forest.all, id);
        }
        self.note(id);
    }

    /// Finds the parent, or makes one of which only this child is known.
    fn adopt(&mut self, child: ProcessId, host: HostId, fact: &ProcessStart, time: Time) {
        let is_adopted = |process: &Process| process.parent.is_some();
        if self.forest.get(child).is_none_or(is_adopted) {
            return;
        }
        let by_guid = self.of_guid(host, fact.parent_guid);
        let found = by_guid.or_else(|| {
            let name = self.names.name(fact.parent_image);
            let fits = |holder: &Holder| {
                (fact.parent_guid == 0 || !holder.has_guid)
                    && (name == Name::NONE || holder.name == Name::NONE || holder.name == name)
            };
            let by_pid = &self.forest.by_pid;
            (fact.parent_pid != 0).then(|| by_pid.alive(host, fact.parent_pid, time, fits))?
        });
        let parent = match found.filter(|id| *id != child) {
            Some(parent) => parent,
            None if fact.parent_pid == 0 && fact.parent_guid == 0 => return,
            None => self.add(Process {
                host,
                pid: fact.parent_pid,
                parent_pid: 0,
                guid: fact.parent_guid,
                image: fact.parent_image,
                command_line: fact.parent_command_line,
                account: Sym::NONE,
                logon_id: LogonId::NONE,
                session_id: None,
                integrity: Sym::NONE,
                start: None,
                other_start: None,
                end: None,
                first_seen: time,
                ended: None,
                parent: None,
                parent_image: Sym::NONE,
            }),
        };
        if let Some(process) = self.forest.all.get_mut(parent.place()) {
            if process.command_line.is_none() {
                process.command_line = fact.parent_command_line;
            }
            if process.image.is_none() && !fact.parent_image.is_none() {
                process.image = fact.parent_image;
                self.note(parent);
            }
        }
        if let Some(process) = self.forest.all.get_mut(child.place()) {
            process.parent = Some((parent, How::SameProcessId));
        }
        self.links.push((parent, child));
    }

    fn add(&mut self, process: Process) -> ProcessId {
        let forest = &mut self.forest;
        let id = ProcessId(u32::try_from(forest.all.len()).unwrap_or(u32::MAX));
        let holder = self.names.holder(id, &process);
        forest.by_pid.add(process.host, process.pid, holder);
        let has_guid = holder.has_guid;
        forest.all.push(process);
        if has_guid {
            forest.by_guid.insert(&forest.all, id);
        }
        id
    }

    /// Brings what is known of a holder of a pid up to what is known of the process.
    fn note(&mut self, id: ProcessId) {
        if let Some(process) = self.forest.all.get(id.place()) {
            let holder = self.names.holder(id, process);
            self.forest.by_pid.set(process.host, process.pid, holder);
        }
    }

    fn end(&mut self, event: EventIndex, fact: &ProcessEnd) {
        let (host, time) = (self.timeline.host(event), self.timeline.time(event));
        let found = match fact.guid {
            0 => {
                let name = self.names.name(fact.image);
                let by_pid = &self.forest.by_pid;
                by_pid.alive(host, fact.pid, time, |holder| holder.name == name)
            }
            guid => self.of_guid(host, guid),
        };
        let Some(id) = found else { return };
        self.forest.ended.push((event, id));
        if let Some(process) = self.forest.all.get_mut(id.place()) {
            process.end = Some(event);
            process.ended = Some(time);
            self.note(id);
        }
    }
}

/// Processes by host and GUID; of several with the same one the last.
#[derive(Clone, Debug, Default)]
struct ByGuid {
    table: HashTable<ProcessId>,
    hasher: DefaultHashBuilder,
}

impl ByGuid {
    fn get(&self, all: &[Process], host: HostId, guid: u128) -> Option<ProcessId> {
        let is_it = |id: &ProcessId| {
            let process = all.get(id.place());
            process.is_some_and(|process| process.guid == guid && process.host == host)
        };
        let hash = self.hasher.hash_one((host, guid));
        self.table.find(hash, is_it).copied()
    }

    /// Adds a process of `all`, which has a GUID.
    fn insert(&mut self, all: &[Process], id: ProcessId) {
        let key = |id: &ProcessId| {
            all.get(id.place())
                .map(|process| (process.host, process.guid))
        };
        let Some(own) = key(&id) else { return };
        let hash = self.hasher.hash_one(own);
        match self.table.find_mut(hash, |known| key(known) == Some(own)) {
            Some(known) => *known = id,
            None => {
                let hasher = &self.hasher;
                let rehash = |id: &ProcessId| hasher.hash_one(key(id).unwrap_or_default());
                self.table.insert_unique(hash, id, rehash);
            }
        }
    }
}

/// The children of all processes, end to end.
#[derive(Clone, Debug, Default)]
struct Families {
    children: Vec<ProcessId>,
    /// Where the children of each process end; they begin where those of the one before it end.
    ends: Vec<u32>,
}

impl Families {
    /// From parents with their children, in time order.
    fn of(links: &[(ProcessId, ProcessId)], processes: usize) -> Self {
        let mut places = vec![0u32; processes];
        for (parent, _) in links {
            if let Some(count) = places.get_mut(parent.place()) {
                *count += 1;
            }
        }
        let mut next = 0;
        for place in &mut places {
            let count = std::mem::replace(place, next);
            next += count;
        }
        let mut children = vec![ProcessId(0); links.len()];
        for (parent, child) in links {
            if let Some(place) = places.get_mut(parent.place()) {
                if let Some(free) = children.get_mut(*place as usize) {
                    *free = *child;
                }
                *place += 1;
            }
        }
        Families {
            children,
            ends: places,
        }
    }

    fn children(&self, id: ProcessId) -> &[ProcessId] {
        let before = id.place().checked_sub(1);
        let start = before.and_then(|before| self.ends.get(before)).copied();
        let end = self.ends.get(id.place()).copied().unwrap_or(0);
        let range = start.unwrap_or(0) as usize..end as usize;
        self.children.get(range).unwrap_or_default()
    }
}
