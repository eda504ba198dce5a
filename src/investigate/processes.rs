//! The process forest of all hosts, from Sysmon GUIDs and Security pids alike.
//!
//! A process that both Sysmon 1 and Security 4688 saw start is one process. A parent is found by
//! its GUID, else by its pid within its lifetime and with the image that the child names; pids are
//! reused within minutes, so a pid alone joins nothing. Parents that started before the logs begin
//! are kept as processes of which only the children were seen.
//!
//! Hosts have nothing to do with each other here: the forest of each is built when it is first
//! asked for, and most hosts of a large collection are never asked for.

mod forest;
mod growing;
mod names;

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use self::forest::{Forest, Node};
use super::alert::How;
use crate::event::fact::{Fact, ProcessStart};
use crate::event::identity::file_name;
use crate::event::{Guid, LogonId, Sym, Time};
use crate::timeline::{EventIndex, HostId, Timeline};

/// Number of a process in its [`Processes`]: they come in the order of the events that told of them
/// first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(u32);

impl ProcessId {
    /// Of a process whose start a row of the table of starts tells.
    fn of_start(row: usize) -> Self {
        ProcessId(u32::try_from(row * 2).unwrap_or(u32::MAX))
    }

    /// Of a process of which the start of a child tells first.
    fn of_child(row: usize) -> Self {
        ProcessId(u32::try_from(row * 2 + 1).unwrap_or(u32::MAX))
    }

    /// The row of the table of starts that told of it first.
    fn row(self) -> usize {
        self.0 as usize / 2
    }

    fn is_of_child(self) -> bool {
        self.0 % 2 == 1
    }
}
/// One process.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    /// Host it ran on.
    pub host: HostId,
    /// Process id.
    pub pid: u32,
    /// Creator's process id; 0 when not known.
    pub parent_pid: u32,
    /// Sysmon GUID; 0 when not known.
    pub guid: Guid,
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
    timeline: Arc<Timeline>,
    /// By host.
    hosts: Vec<OfHost>,
}

/// The processes of one host.
#[derive(Clone, Debug, Default)]
struct OfHost {
    /// Its rows of the table of starts.
    starts: Vec<u32>,
    /// Its rows of the table of ends.
    ends: Vec<u32>,
    forest: OnceLock<Forest>,
}

impl OfHost {
    fn forest(&self, timeline: &Timeline) -> &Forest {
        self.forest
            .get_or_init(|| Forest::grow(timeline, &self.starts, &self.ends))
    }
}

impl Processes {
    /// The processes of a timeline. Hosts are looked at when they are asked for.
    pub fn of(timeline: Arc<Timeline>) -> Self {
        let mut hosts: Vec<OfHost> = Vec::new();
        hosts.resize_with(timeline.hosts().len(), OfHost::default);
        let tables = timeline.tables();
        for (row, event) in (0..).zip(tables.process_starts.events()) {
            if let Some(host) = hosts.get_mut(timeline.host(event).index()) {
                host.starts.push(row);
            }
        }
        for (row, event) in (0..).zip(tables.process_ends.events()) {
            if let Some(host) = hosts.get_mut(timeline.host(event).index()) {
                host.ends.push(row);
            }
        }
        Processes { timeline, hosts }
    }

    /// Builds the forests of these hosts now, on all cores. Nothing depends on it but the time that
    /// the first question about a host takes.
    pub fn prepare(&self, hosts: impl IntoIterator<Item = HostId>) {
        let mut wanted: Vec<&OfHost> = hosts
            .into_iter()
            .filter_map(|host| self.hosts.get(host.index()))
            .collect();
        // The largest first, so that no core is left with it at the end.
        wanted.sort_by_key(|host| std::cmp::Reverse(host.starts.len()));
        wanted.into_par_iter().with_max_len(1).for_each(|host| {
            host.forest(&self.timeline);
        });
    }

    /// Builds what is left to build.
    pub fn prepare_all(&self) {
        self.prepare((0..self.hosts.len()).map(HostId::new));
    }

    fn forest(&self, host: HostId) -> Option<&Forest> {
        Some(self.hosts.get(host.index())?.forest(&self.timeline))
    }

    /// The forest that a process is in.
    fn forest_of(&self, id: ProcessId) -> Option<&Forest> {
        let (event, _) = self.timeline.tables().process_starts.row(id.row())?;
        self.forest(self.timeline.host(event))
    }

    fn node(&self, id: ProcessId) -> Option<(&Forest, &Node)> {
        let forest = self.forest_of(id)?;
        Some((forest, forest.get(forest.place(id)?)?))
    }

    /// A process by number.
    pub fn get(&self, id: ProcessId) -> Option<Process> {
        let (forest, node) = self.node(id)?;
        let tables = self.timeline.tables();
        let (first, told_by) = tables.process_starts.row(id.row())?;
        let row = |place: forest::Place| tables.process_starts.row(place.some()?);
        let start = row(node.start);
        let other_start = row(node.other_start);
        let told = Told::of(start, other_start);
        let (pid, guid) = if id.is_of_child() {
            (told_by.parent_pid, told_by.parent_guid)
        } else {
            (told_by.pid, told.first(|fact| fact.guid, Guid::NONE))
        };
        let parent = forest.get(node.parent);
        Some(Process {
            host: self.timeline.host(first),
            pid,
            parent_pid: told.first(|fact| fact.parent_pid, 0),
            guid,
            image: node.image,
            command_line: node.command_line,
            account: told.best(|fact| fact.account, Sym::NONE),
            logon_id: told.best(|fact| fact.logon_id, LogonId::NONE),
            session_id: told.first(|fact| fact.session_id, None).map(u32::from),
            integrity: told.first(|fact| fact.integrity, Sym::NONE),
            start: start.map(|(event, _)| event),
            other_start: other_start.map(|(event, _)| event),
            end: node.end(),
            first_seen: node.first_seen(&self.timeline),
            ended: node.ended(&self.timeline),
            parent: parent.map(|parent| (parent.id, How::SameProcessId)),
            parent_image: told.first(|fact| fact.parent_image, Sym::NONE),
        })
    }

    /// All processes of all hosts, in the order in which they were first seen. Builds what is not
    /// built yet.
    pub fn ids(&self) -> Vec<ProcessId> {
        self.prepare_all();
        let forests = self.hosts.iter().filter_map(|host| host.forest.get());
        let mut ids: Vec<ProcessId> = forests
            .flat_map(|forest| &forest.all)
            .map(|node| node.id)
            .collect();
        ids.sort_unstable();
        ids
    }

    /// The process whose start or end an event is.
    pub fn of_event(&self, event: EventIndex) -> Option<ProcessId> {
        let tables = self.timeline.tables();
        match self.timeline.fact(event)? {
            Fact::ProcessStart(_) => {
                let row = tables.process_starts.row_of(event)?;
                self.forest(self.timeline.host(event))?.started(row)
            }
            Fact::ProcessEnd(_) => {
                let row = tables.process_ends.row_of(event)?;
                self.forest(self.timeline.host(event))?.ended(row)
            }
            _ => None,
        }
    }

    /// The process that a GUID, else a pid at a time, means on a host.
    pub fn find(&self, host: HostId, guid: Guid, pid: u32, at: Time) -> Option<ProcessId> {
        self.forest(host)?.find(&self.timeline, guid, pid, at)
    }

    /// Every process that had a pid on a host, in the order in which they were first seen.
    pub fn with_pid(&self, host: HostId, pid: u32) -> Vec<ProcessId> {
        let Some(forest) = self.forest(host) else {
            return Vec::new();
        };
        let holders = forest.holders(pid);
        let mut all: Vec<ProcessId> = holders
            .filter_map(|place| forest.get(place))
            .map(|node| node.id)
            .collect();
        all.reverse();
        all
    }

    /// The processes of the start events of a host with `from <= time <= to`, in time order; one that
    /// two logs saw start comes twice.
    pub fn started_between(
        &self,
        host: HostId,
        from: Time,
        to: Time,
    ) -> impl Iterator<Item = ProcessId> {
        let of_host = self.hosts.get(host.index());
        let starts = of_host.map(|of_host| of_host.starts.as_slice());
        let starts = starts.unwrap_or_default();
        let table = &self.timeline.tables().process_starts;
        let time = |row: &u32| {
            let event = table.event(*row as usize);
            event.map_or(Time::MAX, |event| self.timeline.time(event))
        };
        let start = starts.partition_point(|row| time(row) < from);
        let end = starts.partition_point(|row| time(row) <= to);
        let rows = starts.get(start..end.max(start)).unwrap_or_default();
        rows.iter()
            .filter_map(move |row| self.forest(host)?.started(*row as usize))
    }

    /// The start events of a host in `from..to` (event positions) that name `services.exe` as parent, or
    /// no parent.
    pub(super) fn started_by_services(
        &self,
        host: HostId,
        from: EventIndex,
        to: EventIndex,
    ) -> impl Iterator<Item = (EventIndex, ProcessStart)> {
        let rows = self
            .forest(host)
            .map(|forest| forest.of_services.as_slice());
        let rows = rows.unwrap_or_default();
        let table = &self.timeline.tables().process_starts;
        let first = rows
            .partition_point(|row| table.event(*row as usize).is_some_and(|event| event < from));
        let rows = rows.get(first..).unwrap_or_default().iter();
        rows.map_while(|row| table.row(*row as usize))
            .take_while(move |(event, _)| *event < to)
    }

    /// The processes of a host whose program's path is one that is wanted, in the order in which
    /// they were first seen.
    pub fn running(
        &self,
        host: HostId,
        is_wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = ProcessId> {
        let nodes = self.forest(host).map(|forest| forest.all.iter());
        let mut known: hashbrown::HashMap<Sym, bool> = hashbrown::HashMap::new();
        nodes.into_iter().flatten().filter_map(move |node| {
            let is_wanted = || is_wanted(self.timeline.text(node.image));
            let wanted = known.entry(node.image).or_insert_with(is_wanted);
            wanted.then_some(node.id)
        })
    }

    /// The children of a process in time order.
    pub fn children(&self, id: ProcessId) -> &[ProcessId] {
        let families = self.forest_of(id).and_then(|forest| {
            let place = forest.place(id)?;
            Some(forest.families.children(place))
        });
        families.unwrap_or_default()
    }

    /// The parent of a process.
    fn parent(&self, id: ProcessId) -> Option<ProcessId> {
        let (forest, node) = self.node(id)?;
        forest.get(node.parent).map(|parent| parent.id)
    }

    /// The ancestors of a process, nearest first.
    pub fn ancestors(&self, id: ProcessId) -> Vec<ProcessId> {
        let mut found: Vec<ProcessId> = Vec::new();
        let mut current = id;
        while let Some(parent) = self.parent(current) {
            if found.contains(&parent) || parent == id {
                break;
            }
            found.push(parent);
            current = parent;
        }
        found
    }

    /// Whether `services.exe` started a process: it is the program of a service.
    pub fn is_service_program(&self, id: ProcessId) -> bool {
        let image = match self.parent(id) {
            Some(parent) => self.node(parent).map(|(_, node)| node.image),
            None => self.get(id).map(|process| process.parent_image),
        };
        let image = self.timeline.text(image.unwrap_or_default());
        file_name(image).eq_ignore_ascii_case("services.exe")
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
    pub fn key(&self, id: ProcessId) -> String {
        self.get(id).map_or_else(String::new, |process| {
            if process.guid.is_none() {
                format!(
                    "{}/{}/{}",
                    self.timeline.host_name(process.host),
                    process.pid,
                    process.first_seen
                )
            } else {
                format!("{}", process.guid)
            }
        })
    }
}

/// The start events of one process, of one log or of both.
struct Told {
    /// Sysmon's first: it names the account the process runs as; 4688 may name its creator.
    by_worth: [Option<ProcessStart>; 2],
    by_time: [Option<ProcessStart>; 2],
}

impl Told {
    fn of(
        start: Option<(EventIndex, ProcessStart)>,
        other: Option<(EventIndex, ProcessStart)>,
    ) -> Self {
        let (own, second) = (start.map(|(_, fact)| fact), other.map(|(_, fact)| fact));
        let is_late = start
            .zip(other)
            .is_some_and(|((own, _), (other, _))| other < own);
        Told {
            by_worth: [own, second],
            by_time: if is_late {
                [second, own]
            } else {
                [own, second]
            },
        }
    }

    /// What the better of the two says that says anything.
    fn best<T: PartialEq>(&self, value: impl Fn(&ProcessStart) -> T, nothing: T) -> T {
        said(&self.by_worth, value, nothing)
    }

    /// What the earlier of the two says that says anything.
    fn first<T: PartialEq>(&self, value: impl Fn(&ProcessStart) -> T, nothing: T) -> T {
        said(&self.by_time, value, nothing)
    }
}

fn said<T: PartialEq>(
    facts: &[Option<ProcessStart>],
    value: impl Fn(&ProcessStart) -> T,
    nothing: T,
) -> T {
    let mut values = facts.iter().flatten().map(value);
    values.find(|value| *value != nothing).unwrap_or(nothing)
}
