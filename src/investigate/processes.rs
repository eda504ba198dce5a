//! The process forest of all hosts, from Sysmon GUIDs and Security pids alike.
//!
//! A process that both Sysmon 1 and Security 4688 saw start is one process. A parent is found by
//! its GUID, else by its pid within its lifetime and with the image that the child names; pids are
//! reused within minutes, so a pid alone joins nothing. Parents that started before the logs begin
//! are kept as processes of which only the children were seen.

use std::time::Duration;

use hashbrown::HashMap;

use super::alert::How;
use crate::event::fact::ProcessStart;
use crate::event::identity::file_name;
use crate::event::{LogonId, Sym, Time};
use crate::timeline::{EventIndex, HostId, Timeline};

/// Sysmon and auditing write the same start this close together.
const SAME_START: Duration = Duration::from_secs(2);
/// So many holders of a pid are looked at, the latest first: those that one log knows and the
/// other does not yet, and those of which only children were seen.
const GIVEN_AGAIN: usize = 8;

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
    /// Children in time order.
    pub children: Vec<ProcessId>,
}

/// All processes of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    all: Vec<Process>,
    by_guid: HashMap<(HostId, u128), ProcessId>,
    by_pid: HashMap<(HostId, u32), Vec<ProcessId>>,
    by_event: HashMap<EventIndex, ProcessId>,
}

impl Processes {
    /// Builds the forest.
    pub fn build(timeline: &Timeline) -> Self {
        let mut processes = Processes::default();
        let tables = timeline.tables();
        let mut ends = tables.process_ends.iter().peekable();
        for (event, fact) in tables.process_starts.iter() {
            while let Some((end, ended)) = ends.next_if(|(end, _)| *end < event) {
                processes.end(timeline, end, ended.guid, ended.pid, ended.image);
            }
            processes.start(timeline, event, fact);
        }
        for (end, ended) in ends {
            processes.end(timeline, end, ended.guid, ended.pid, ended.image);
        }
        processes
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
        self.by_event.get(&event).copied()
    }

    /// The process that a GUID, else a pid at a time, means on a host.
    pub fn find(&self, host: HostId, guid: u128, pid: u32, at: Time) -> Option<ProcessId> {
        if guid != 0
            && let Some(found) = self.by_guid.get(&(host, guid))
        {
            return Some(*found);
        }
        self.alive(host, pid, at, |_| true)
    }

    /// Every process that had a pid on a host, in the order in which they were first seen.
    pub fn with_pid(&self, host: HostId, pid: u32) -> &[ProcessId] {
        self.by_pid
            .get(&(host, pid))
            .map(Vec::as_slice)
            .unwrap_or_default()
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
            if let Some(process) = self.get(current) {
                let fresh: Vec<_> = process
                    .children
                    .iter()
                    .filter(|child| **child != id)
                    .copied()
                    .collect();
                found.extend(fresh);
            }
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

    fn alive(
        &self,
        host: HostId,
        pid: u32,
        at: Time,
        fits: impl Fn(&Process) -> bool,
    ) -> Option<ProcessId> {
        let at = at.plus(Duration::from_millis(50));
        self.by_pid
            .get(&(host, pid))?
            .iter()
            .rev()
            .copied()
            .filter(|id| {
                self.get(*id)
                    .is_some_and(|process| process.start.is_none() || process.first_seen <= at)
            })
            // A pid that was given again was free: what had it long before is no longer alive.
            .take(GIVEN_AGAIN)
            .find(|id| {
                self.get(*id).is_some_and(|process| {
                    process
                        .ended
                        .is_none_or(|ended| ended.plus(SAME_START) >= at)
                        && fits(process)
                })
            })
    }

    fn start(&mut self, timeline: &Timeline, event: EventIndex, fact: &ProcessStart) {
        let (host, time) = (timeline.host(event), timeline.time(event));
        if let Some(twin) = self.twin(timeline, host, time, fact) {
            self.complete(twin, event, fact);
            self.adopt(timeline, twin, fact, time);
            return;
        }
        let id = self.add(Process {
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
            children: Vec::new(),
        });
        self.by_event.insert(event, id);
        self.adopt(timeline, id, fact, time);
    }

    /// The process whose start the other log has already told.
    fn twin(
        &self,
        timeline: &Timeline,
        host: HostId,
        time: Time,
        fact: &ProcessStart,
    ) -> Option<ProcessId> {
        if fact.guid != 0
            && let Some(known) = self.by_guid.get(&(host, fact.guid))
        {
            return self
                .get(*known)
                .filter(|process| process.start.is_none())
                .map(|_| *known);
        }
        let known = *self.by_pid.get(&(host, fact.pid))?.last()?;
        let process = self.get(known)?;
        let of_other_log = process.start.is_some()
            && process.other_start.is_none()
            && (process.guid == 0) == fact.by_sysmon;
        let same_image = same_file(timeline, process.image, fact.image);
        (of_other_log && same_image && process.first_seen.distance(time) <= SAME_START)
            .then_some(known)
    }

    /// Adds what the second start event knows more.
    fn complete(&mut self, id: ProcessId, event: EventIndex, fact: &ProcessStart) {
        self.by_event.insert(event, id);
        let Some(process) = self.all.get_mut(id.place()) else {
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
            self.by_guid.insert((process.host, fact.guid), id);
        }
    }

    /// Finds the parent, or makes one of which only this child is known.
    fn adopt(&mut self, timeline: &Timeline, child: ProcessId, fact: &ProcessStart, time: Time) {
        let Some(host) = self
            .get(child)
            .filter(|process| process.parent.is_none())
            .map(|p| p.host)
        else {
            return;
        };
        let known = match fact.parent_guid {
            0 => None,
            guid => self.by_guid.get(&(host, guid)).copied(),
        };
        let by_pid = || {
            self.alive(host, fact.parent_pid, time, |process| {
                (fact.parent_guid == 0 || process.guid == 0)
                    && (fact.parent_image.is_none()
                        || process.image.is_none()
                        || same_file(timeline, process.image, fact.parent_image))
            })
        };
        let found = known
            .or_else(|| if fact.parent_pid == 0 { None } else { by_pid() })
            .filter(|id| *id != child);
        let parent = match found {
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
                children: Vec::new(),
            }),
        };
        if let Some(process) = self.all.get_mut(parent.place()) {
            if process.image.is_none() {
                process.image = fact.parent_image;
            }
            if process.command_line.is_none() {
                process.command_line = fact.parent_command_line;
            }
            process.children.push(child);
        }
        if let Some(process) = self.all.get_mut(child.place()) {
            process.parent = Some((parent, How::SameProcessId));
        }
    }

    fn add(&mut self, process: Process) -> ProcessId {
        let id = ProcessId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        if process.guid != 0 {
            self.by_guid.insert((process.host, process.guid), id);
        }
        self.by_pid
            .entry((process.host, process.pid))
            .or_default()
            .push(id);
        self.all.push(process);
        id
    }

    fn end(&mut self, timeline: &Timeline, event: EventIndex, guid: u128, pid: u32, image: Sym) {
        let (host, time) = (timeline.host(event), timeline.time(event));
        let found = match guid {
            0 => self.alive(host, pid, time, |process| {
                same_file(timeline, process.image, image)
            }),
            guid => self.by_guid.get(&(host, guid)).copied(),
        };
        let Some(id) = found else { return };
        self.by_event.insert(event, id);
        if let Some(process) = self.all.get_mut(id.place()) {
            process.end = Some(event);
            process.ended = Some(time);
        }
    }
}

/// Whether two paths name the same file, as far as their last parts tell.
fn same_file(timeline: &Timeline, left: Sym, right: Sym) -> bool {
    left == right
        || file_name(timeline.text(left)).eq_ignore_ascii_case(file_name(timeline.text(right)))
}
