//! Joins sightings into uses: one use of one tool on one host.
//!
//! The sightings of a host are taken in time order; each goes to the open use that it is joined
//! with, or begins one. What joins, strongest first: the same event, the same process tree, the
//! same client process, the same service, the same logon, the same tool moments apart. What keeps
//! apart: different clients, different accounts, different logons, a new installation.

mod bond;
mod open;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use rayon::prelude::*;

use super::processes::{ProcessId, Processes};
use super::program::own_program;
use crate::detect::catalog::On;
use crate::detect::{self, Artefact, Catalog, Sighting, ToolIndex, ToolKind, service_key};
use crate::event::fact::{Fact, FileAction, ServiceChange};
use crate::event::identity::file_name;
use crate::event::{Guid, LogonId, Sym, Time};
use crate::timeline::{HostId, Timeline};
use bond::{Apart, Bond};
use open::Open;

/// Traces of one installation (7045, 4697, registry) lie this close together.
pub(super) const ONE_INSTALLATION: Duration = Duration::from_secs(5);
/// Traces of one service without a new installation.
const SAME_SERVICE: Duration = Duration::from_secs(120);
/// A service that stops belongs to the use that ran it, even hours later.
const LONG_RUN: Duration = Duration::from_secs(24 * 3600);
/// Traces of one client process.
const SAME_CLIENT: Duration = Duration::from_secs(3600);
/// Traces of one logon.
const SAME_LOGON: Duration = Duration::from_secs(300);
/// Traces of one tool with nothing else in common.
const SAME_TOOL: Duration = Duration::from_secs(10);
/// A service that a roll-out installs after its last own trace.
const DEPLOYMENT: Duration = Duration::from_secs(30);
/// Services of one tool that installs one per command.
const NEXT_COMMAND: Duration = Duration::from_secs(60);

/// A sighting with what can join it to others.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) sighting: Sighting,
    pub(super) time: Time,
    host: HostId,
    pub(super) process: Option<ProcessId>,
    logon: LogonId,
    account: Sym,
    /// What follows the program in a service's image path, or in the command line of what
    /// `services.exe` started: one names the other where no service name does.
    arguments: Option<String>,
    /// The program that was installed, dropped or started, or that holds a pipe.
    program: Option<String>,
    /// Whether it installed a program that lies where clients put theirs.
    pushes: bool,
    /// The file that was dropped or deleted, lower case.
    file: Option<String>,
    /// Whether a service stopped, was disabled or removed, or a file was deleted.
    ends: bool,
}

/// One use, as far as the sightings tell.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) host: HostId,
    pub(super) traces: Vec<Trace>,
    pub(super) services: BTreeSet<String>,
    /// Programs of its services ([`own_program`]).
    programs: BTreeSet<String>,
    /// Names of files that were dropped.
    files: BTreeSet<String>,
    pub(super) clients: BTreeSet<(String, u32)>,
    runs: BTreeSet<String>,
    pub(super) processes: BTreeSet<ProcessId>,
    pub(super) logons: BTreeSet<LogonId>,
    pub(super) accounts: BTreeSet<Sym>,
    tools: BTreeSet<ToolIndex>,
    /// The tool that the traces speak for.
    pub(super) tool: ToolIndex,
    /// Arguments of the services installed or changed, each with its time, in time order.
    arguments: Vec<(Time, String)>,
    /// When its service was last installed.
    pub(super) installed: Option<Time>,
    /// When a service was last installed whose program lies where clients put theirs.
    pushed: Option<Time>,
    /// When a program of its services first ran.
    ran: Option<Time>,
    pub(super) first: Time,
    pub(super) last: Time,
}

impl Use {
    fn begin(trace: &Trace) -> Self {
        Use {
            host: trace.host,
            traces: Vec::new(),
            services: BTreeSet::new(),
            programs: BTreeSet::new(),
            files: BTreeSet::new(),
            clients: BTreeSet::new(),
            runs: BTreeSet::new(),
            processes: BTreeSet::new(),
            logons: BTreeSet::new(),
            accounts: BTreeSet::new(),
            tools: BTreeSet::new(),
            tool: trace.sighting.tool,
            arguments: Vec::new(),
            installed: None,
            pushed: None,
            ran: None,
            first: trace.time,
            last: trace.time,
        }
    }

    fn take(&mut self, trace: Trace) {
        self.first = self.first.min(trace.time);
        self.last = self.last.max(trace.time);
        self.tools.insert(trace.sighting.tool);
        self.services.extend(trace.sighting.service.clone());
        self.programs.extend(trace.program.clone());
        self.files.extend(trace.file.clone());
        self.clients.extend(client(&trace.sighting));
        self.runs.extend(trace.sighting.run.clone());
        self.processes.extend(trace.process);
        self.logons.extend(trace.logon.some());
        self.accounts.extend(trace.account.some());
        if is_installation(&trace.sighting) {
            self.installed = self.installed.max(Some(trace.time));
        }
        if trace.pushes {
            self.pushed = self.pushed.max(Some(trace.time));
        }
        if trace.sighting.artefact == Artefact::ServiceProcess {
            let earlier = self.ran.filter(|ran| *ran <= trace.time);
            self.ran = earlier.or(Some(trace.time));
        } else if let Some(arguments) = trace.arguments.clone() {
            let place = self
                .arguments
                .partition_point(|(time, _)| *time <= trace.time);
            self.arguments.insert(place, (trace.time, arguments));
        }
        self.traces.push(trace);
    }

    fn absorb(&mut self, other: Use) {
        for trace in other.traces {
            self.take(trace);
        }
    }

    /// The tool that the traces speak for: most distinct kinds of trace, weighed by certainty;
    /// named tools before behaviours, then the catalogue's order.
    fn elect(&self, catalog: &Catalog) -> ToolIndex {
        let vote = |tool: ToolIndex| {
            let kinds: BTreeSet<_> = self
                .traces
                .iter()
                .filter(|trace| trace.sighting.tool == tool)
                .map(|trace| (trace.sighting.artefact, trace.sighting.certainty))
                .collect();
            let weight: usize = kinds
                .iter()
                .map(|(_, certainty)| 1 << (2 * (*certainty as usize)))
                .sum();
            let named = catalog
                .tool(tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour);
            (named, weight, std::cmp::Reverse(tool))
        };
        self.tools
            .iter()
            .copied()
            .max_by_key(|tool| vote(*tool))
            .unwrap_or_default()
    }
}

fn client(sighting: &Sighting) -> Option<(String, u32)> {
    Some((
        sighting.client_host.as_ref()?.to_uppercase(),
        sighting.client_pid?,
    ))
}

pub(super) fn is_installation(sighting: &Sighting) -> bool {
    sighting.artefact == Artefact::ServiceInstall
        || (sighting.artefact == Artefact::Registry && sighting.what.contains(": ImagePath"))
}

/// Groups sightings into uses, in order of their first trace.
pub(super) fn correlate(
    timeline: &Timeline,
    processes: &Processes,
    catalog: &Catalog,
    sightings: Vec<Sighting>,
) -> Vec<Use> {
    let mut sweep = Sweep {
        timeline,
        processes,
        catalog,
        uses: Vec::new(),
        of_process: HashMap::new(),
        open: HashMap::new(),
    };
    let mut traces: Vec<Trace> = sightings
        .into_par_iter()
        .map(|sighting| sweep.trace(sighting))
        .collect();
    traces.sort_by_key(|trace| (trace.time, trace.sighting.event, trace.sighting.tool));
    for of_event in traces.chunk_by(|left, right| left.sighting.event == right.sighting.event) {
        sweep.place(of_event);
    }
    let mut uses: Vec<Use> = sweep.uses.into_iter().flatten().collect();
    for found in &mut uses {
        found.tool = found.elect(catalog);
    }
    uses.sort_by_key(|found| {
        (
            found.first,
            found.traces.first().map(|trace| trace.sighting.event),
        )
    });
    uses
}

/// Which use each process serves or belongs to: a service's program may serve one after the other.
#[derive(Debug, Default)]
pub(super) struct Turns {
    of: HashMap<ProcessId, Vec<(Time, usize)>>,
}

impl Turns {
    /// Of uses in order of their first trace.
    pub(super) fn of(uses: &[Use]) -> Self {
        let mut turns = Turns::default();
        for (number, found) in uses.iter().enumerate() {
            for process in &found.processes {
                let of = turns.of.entry(*process).or_default();
                of.push((found.first, number));
            }
        }
        turns
    }

    /// The use that a child of a service's program belongs to: its own, else the latest of the
    /// program's that had begun.
    pub(super) fn whose(&self, program: ProcessId, child: ProcessId, at: Time) -> Option<usize> {
        if let Some([(_, only)]) = self.of.get(&child).map(Vec::as_slice) {
            return Some(*only);
        }
        let served = self.of.get(&program)?;
        let begun = served.partition_point(|(first, _)| *first <= at);
        let (_, number) = served.get(begun.saturating_sub(1))?;
        Some(*number)
    }
}

struct Sweep<'t> {
    timeline: &'t Timeline,
    processes: &'t Processes,
    catalog: &'t Catalog,
    /// `None` where a use was merged into another.
    uses: Vec<Option<Use>>,
    of_process: HashMap<ProcessId, usize>,
    /// Uses of each host that later traces may still join.
    open: HashMap<HostId, Open>,
}

impl Sweep<'_> {
    fn trace(&self, sighting: Sighting) -> Trace {
        let (timeline, event) = (self.timeline, sighting.event);
        let (host, time) = (timeline.host(event), timeline.time(event));
        let fact = timeline.fact(event);
        let process = self
            .processes
            .of_event(event)
            .or_else(|| self.process_named(&sighting, host, time))
            .or_else(|| {
                let (guid, pid) = match fact? {
                    Fact::Pipe(f) => (f.guid, f.pid),
                    Fact::File(f) => (f.guid, f.pid),
                    Fact::Registry(f) => (f.guid, f.pid),
                    Fact::Network(f) => (f.guid, f.pid),
                    Fact::ExplicitLogon(f) => (Guid::NONE, f.pid),
                    _ => return None,
                };
                self.processes.find(host, guid, pid, time)
            })
            .filter(|process| !self.is_shared(*process));
        // A SYSTEM logon exists on every host and joins nothing.
        let names_actor = matches!(
            fact,
            Some(
                Fact::ShareAccess(_)
                    | Fact::ServiceInstall(_)
                    | Fact::ServiceHandle(_)
                    | Fact::ProcessStart(_)
            )
        );
        let logon = timeline.logon_id(event);
        let account = timeline.account(event);
        let is_service =
            crate::detect::session_zero::is_service_account_name(timeline.text(account));
        let keeps = names_actor && !is_service;
        Trace {
            time,
            host,
            process,
            logon: if keeps && !logon.is_built_in() {
                logon
            } else {
                LogonId::NONE
            },
            account: if keeps { account } else { Sym::NONE },
            arguments: self.arguments(&sighting, fact),
            program: self.program(&sighting, fact),
            pushes: match fact {
                Some(Fact::ServiceInstall(f)) => {
                    detect::lies_where_clients_write(self.timeline.text(f.image_path))
                }
                _ => false,
            },
            file: fact.and_then(|fact| file(timeline, fact)),
            ends: fact.is_some_and(|fact| ends(timeline, fact)),
            sighting,
        }
    }

    /// The service's process whose id a pipe's name carries the low half of: the tool's program by
    /// name, or whatever `services.exe` started where the program was renamed.
    fn process_named(&self, sighting: &Sighting, host: HostId, at: Time) -> Option<ProcessId> {
        /// Windows gives process ids beyond 16 bits only to hosts that run very many.
        const HIGH_HALVES: u32 = 16;
        let low = sighting.service_pid?;
        let named = |id: &ProcessId| {
            self.processes.get(*id).is_some_and(|process| {
                let image = file_name(self.timeline.text(process.image));
                let hits = self.catalog.matches(On::ServiceProcess, image);
                hits.iter().any(|hit| hit.tool == sighting.tool)
            })
        };
        let candidates: Vec<ProcessId> = (0..HIGH_HALVES)
            .filter_map(|high| self.processes.find(host, Guid::NONE, high << 16 | low, at))
            .collect();
        let mut any = candidates.iter();
        let found = any.find(|id| named(id)).or_else(|| {
            let mut any = candidates.iter();
            any.find(|id| self.is_service_program(**id))
        });
        found.copied()
    }

    fn arguments(&self, sighting: &Sighting, fact: Option<Fact>) -> Option<String> {
        let line = match (fact?, sighting.artefact) {
            (Fact::ServiceInstall(f), _) => f.image_path,
            (Fact::Registry(f), _) => {
                let (_, value) = service_key(self.timeline.text(f.key))?;
                if !value.eq_ignore_ascii_case("ImagePath") {
                    return None;
                }
                f.details
            }
            (Fact::ProcessStart(f), Artefact::ServiceProcess) => f.command_line,
            _ => return None,
        };
        after_program(self.timeline.text(line))
    }

    fn program(&self, sighting: &Sighting, fact: Option<Fact>) -> Option<String> {
        let line = match (fact?, sighting.artefact) {
            (Fact::ServiceInstall(f), _) => f.image_path,
            (Fact::Registry(f), _) if is_installation(sighting) => f.details,
            (Fact::ProcessStart(f), Artefact::ServiceProcess) => f.image,
            (Fact::Pipe(f), _) => f.image,
            (Fact::File(f), Artefact::FileDrop) => f.path,
            (Fact::ShareAccess(f), Artefact::FileDrop) => f.target,
            _ => return None,
        };
        own_program(self.timeline.text(line))
    }

    /// Processes of Windows that act for everybody and therefore join nothing.
    fn is_shared(&self, process: ProcessId) -> bool {
        const SHARED: [&str; 9] = [
            "",
            "system",
            "services.exe",
            "svchost.exe",
            "lsass.exe",
            "explorer.exe",
            "wmiprvse.exe",
            "wininit.exe",
            "userinit.exe",
        ];
        self.processes.get(process).is_none_or(|process| {
            let name = file_name(self.timeline.text(process.image)).to_lowercase();
            // A renamed service may be called svchost.exe; the real one lies in System32.
            let path = self.timeline.text(process.image).to_lowercase();
            SHARED.contains(&name.as_str())
                && (name != "svchost.exe"
                    || path.contains("\\system32\\")
                    || path.contains("\\syswow64\\"))
        })
    }

    /// Places the traces of one event: one for each tool that it may show. They stay together, so
    /// what one of them is joined with takes all.
    fn place(&mut self, traces: &[Trace]) {
        let Some(first) = traces.first() else { return };
        let mut joined: Vec<usize> = traces.iter().flat_map(|trace| self.joined(trace)).collect();
        joined.sort_unstable();
        joined.dedup();
        let target = match joined.split_first() {
            None => {
                self.uses.push(Some(Use::begin(first)));
                self.uses.len() - 1
            }
            Some((target, rest)) => {
                for other in rest {
                    self.merge(*target, *other);
                }
                *target
            }
        };
        let open = self.open.entry(first.host).or_default();
        for trace in traces {
            if let Some(process) = trace.process {
                self.of_process.insert(process, target);
            }
            if let Some(Some(found)) = self.uses.get_mut(target) {
                open.note(target, trace);
                found.take(trace.clone());
            }
        }
    }

    fn merge(&mut self, target: usize, other: usize) {
        let Some(other_use) = self.uses.get_mut(other).and_then(Option::take) else {
            return;
        };
        for process in &other_use.processes {
            self.of_process.insert(*process, target);
        }
        let open = self.open.entry(other_use.host).or_default();
        open.close(other);
        for trace in &other_use.traces {
            open.note(target, trace);
        }
        if let Some(Some(found)) = self.uses.get_mut(target) {
            found.absorb(other_use);
        }
    }

    /// The open uses that a trace belongs to.
    fn joined(&mut self, trace: &Trace) -> Vec<usize> {
        let uses = &self.uses;
        let last = |place: usize| Some(uses.get(place)?.as_ref()?.last);
        let open = self.open.entry(trace.host).or_default();
        open.forget(trace.time, last);
        let mut joined: Vec<usize> = self.joined_by_tree(trace).into_iter().collect();
        let Some(open) = self.open.get(&trace.host) else {
            return joined;
        };
        // The latest use that fits wins where only time and name speak.
        let mut weak: Option<usize> = None;
        for place in open.near(trace).into_iter().rev() {
            let Some(Some(found)) = uses.get(place) else {
                continue;
            };
            match self.bond(found, trace) {
                Bond::Strong => joined.push(place),
                Bond::Weak if weak.is_none() && joined.is_empty() => weak = Some(place),
                Bond::Weak | Bond::None => {}
            }
        }
        if joined.is_empty() && trace.ends {
            let fits = |place: &usize| {
                let found = uses.get(*place).and_then(Option::as_ref);
                found.is_some_and(|found| self.bond(found, trace) == Bond::Weak)
            };
            weak = weak.max(open.of_service(trace).find(fits));
            weak = weak.max(open.of_file(trace).find(fits));
        }
        if joined.is_empty() {
            joined.extend(weak);
        }
        joined
    }

    /// The use of the nearest process above (or at) the trace's own. A service's program outlives a
    /// use and serves the next one: what hangs on it directly joins only while the use goes on.
    fn joined_by_tree(&self, trace: &Trace) -> Option<usize> {
        let process = trace.process?;
        let mut line = std::iter::once(process).chain(self.processes.ancestors(process));
        let (near, place) = line.find_map(|near| Some((near, *self.of_process.get(&near)?)))?;
        let lasts = self.is_service_program(near) || near == process;
        if !lasts {
            return Some(place);
        }
        let apart = |place: usize| {
            let found = self.uses.get(place)?.as_ref()?;
            let goes_on =
                trace.time.distance(found.last) <= SAME_SERVICE && found.processes.contains(&near);
            goes_on.then(|| self.apart(found, trace))
        };
        if apart(place)? == Apart::No {
            return Some(place);
        }
        if trace.sighting.artefact != Artefact::ChildProcess {
            return None;
        }
        // One program serves several callers, and may run a command for somebody else than its
        // caller (`psexec -u`, `winexe --runas`).
        let open = self.open.get(&trace.host)?;
        let own = open.latest().find(|place| apart(*place) == Some(Apart::No));
        own.or((apart(place)? == Apart::Account).then_some(place))
    }

    /// Whether `services.exe` started a process.
    fn is_service_program(&self, process: ProcessId) -> bool {
        self.processes.is_service_program(process)
    }
}

/// The name of a file that was dropped or deleted, lower case.
fn file(timeline: &Timeline, fact: Fact) -> Option<String> {
    let path = match fact {
        Fact::File(f) => f.path,
        Fact::ShareAccess(f) if !timeline.text(f.share).ends_with("IPC$") => f.target,
        _ => return None,
    };
    let name = file_name(timeline.text(path)).to_lowercase();
    (!name.is_empty()).then_some(name)
}

/// Whether a service stopped (7036), its key in the registry was marked for deletion, disabled or
/// deleted, as the service manager does when one is removed, or a file was deleted.
fn ends(timeline: &Timeline, fact: Fact) -> bool {
    const DISABLED: &str = "(0x00000004)";
    match fact {
        Fact::ServiceState(f) => f.change == ServiceChange::Stopped,
        Fact::File(f) => f.action == FileAction::Deleted,
        Fact::Registry(f) => service_key(timeline.text(f.key)).is_some_and(|(_, value)| {
            let is_value = |wanted: &str| value.eq_ignore_ascii_case(wanted);
            let is_deleted = || timeline.text(f.action).starts_with("Delete");
            let is_disabled = || timeline.text(f.details).ends_with(DISABLED);
            is_value("DeleteFlag")
                || value.is_empty() && is_deleted()
                || is_value("Start") && is_disabled()
        }),
        _ => false,
    }
}

/// A command line without its program, in one case and with single spaces; `None` when nothing
/// follows the program.
fn after_program(line: &str) -> Option<String> {
    let line = crate::detect::plain_image(line);
    let rest = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.1,
        None => line.split_once(' ')?.1,
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" ").to_lowercase())
}
