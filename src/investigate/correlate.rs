//! Joins sightings into uses: one use of one tool on one host.
//!
//! The sightings of a host are taken in time order; each goes to the open use that it is joined
//! with, or begins one. What joins, strongest first: the same event, the same process tree, the
//! same client process, the same service, the same logon, the same tool moments apart. What keeps
//! apart: different clients, different accounts, different logons, a new installation.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::processes::{ProcessId, Processes};
use crate::detect::{Artefact, Catalog, Sighting, ToolIndex, ToolKind};
use crate::event::identity::file_name;
use crate::event::{LogonId, Sym, Time};
use crate::timeline::{EventIndex, FactRef, HostId, Timeline};

/// Traces of one installation (7045, 4697, registry) lie this close together.
const ONE_INSTALLATION: Duration = Duration::from_secs(5);
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
}

/// One use, as far as the sightings tell.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) host: HostId,
    pub(super) traces: Vec<Trace>,
    pub(super) services: BTreeSet<String>,
    pub(super) clients: BTreeSet<(String, u32)>,
    runs: BTreeSet<String>,
    pub(super) processes: BTreeSet<ProcessId>,
    pub(super) logons: BTreeSet<LogonId>,
    pub(super) accounts: BTreeSet<Sym>,
    tools: BTreeSet<ToolIndex>,
    /// Arguments of the services installed, each with its time.
    arguments: Vec<(Time, String)>,
    installed: Option<Time>,
    pub(super) first: Time,
    pub(super) last: Time,
}

impl Use {
    fn begin(trace: &Trace) -> Self {
        Use {
            host: trace.host,
            traces: Vec::new(),
            services: BTreeSet::new(),
            clients: BTreeSet::new(),
            runs: BTreeSet::new(),
            processes: BTreeSet::new(),
            logons: BTreeSet::new(),
            accounts: BTreeSet::new(),
            tools: BTreeSet::new(),
            arguments: Vec::new(),
            installed: None,
            first: trace.time,
            last: trace.time,
        }
    }

    fn take(&mut self, trace: Trace) {
        self.first = self.first.min(trace.time);
        self.last = self.last.max(trace.time);
        self.tools.insert(trace.sighting.tool);
        self.services.extend(trace.sighting.service.clone());
        self.clients.extend(client(&trace.sighting));
        self.runs.extend(trace.sighting.run.clone());
        self.processes.extend(trace.process);
        self.logons.extend(trace.logon.some());
        self.accounts.extend(trace.account.some());
        if is_installation(&trace.sighting) {
            self.installed = self.installed.max(Some(trace.time));
            self.arguments.extend(
                trace
                    .arguments
                    .clone()
                    .map(|arguments| (trace.time, arguments)),
            );
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
    pub(super) fn tool(&self, catalog: &Catalog) -> ToolIndex {
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

fn is_installation(sighting: &Sighting) -> bool {
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
        of_event: HashMap::new(),
        of_process: HashMap::new(),
        open: HashMap::new(),
    };
    let mut traces: Vec<Trace> = sightings
        .into_iter()
        .map(|sighting| sweep.trace(sighting))
        .collect();
    traces.sort_by_key(|trace| (trace.time, trace.sighting.event, trace.sighting.tool));
    for trace in traces {
        sweep.place(trace);
    }
    let mut uses: Vec<Use> = sweep.uses.into_iter().flatten().collect();
    uses.sort_by_key(|found| {
        (
            found.first,
            found.traces.first().map(|trace| trace.sighting.event),
        )
    });
    uses
}

struct Sweep<'t> {
    timeline: &'t Timeline,
    processes: &'t Processes,
    catalog: &'t Catalog,
    /// `None` where a use was merged into another.
    uses: Vec<Option<Use>>,
    of_event: HashMap<EventIndex, usize>,
    of_process: HashMap<ProcessId, usize>,
    /// Uses of each host that later traces may still join.
    open: HashMap<HostId, Vec<usize>>,
}

impl Sweep<'_> {
    fn trace(&self, sighting: Sighting) -> Trace {
        let (timeline, event) = (self.timeline, sighting.event);
        let (host, time) = (timeline.host(event), timeline.time(event));
        let fact = timeline.event(event).and_then(|view| view.fact);
        let process = self
            .processes
            .of_event(event)
            .or_else(|| {
                let (guid, pid) = match fact? {
                    FactRef::Pipe(f) => (f.guid, f.pid),
                    FactRef::File(f) => (f.guid, f.pid),
                    FactRef::Registry(f) => (f.guid, f.pid),
                    FactRef::Network(f) => (f.guid, f.pid),
                    _ => return None,
                };
                self.processes.find(host, guid, pid, time)
            })
            .filter(|process| !self.is_shared(*process));
        // A SYSTEM logon exists on every host and joins nothing.
        let names_actor = matches!(
            fact,
            Some(
                FactRef::ShareAccess(_)
                    | FactRef::ServiceInstall(_)
                    | FactRef::ServiceHandle(_)
                    | FactRef::ProcessStart(_)
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
            sighting,
        }
    }

    fn arguments(&self, sighting: &Sighting, fact: Option<FactRef<'_>>) -> Option<String> {
        let line = match (fact?, sighting.artefact) {
            (FactRef::ServiceInstall(f), _) => f.image_path,
            (FactRef::Registry(f), _) if is_installation(sighting) => f.details,
            (FactRef::ProcessStart(f), Artefact::ServiceProcess) => f.command_line,
            _ => return None,
        };
        after_program(self.timeline.text(line))
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

    fn place(&mut self, trace: Trace) {
        let mut joined = self.joined(&trace);
        joined.sort_unstable();
        joined.dedup();
        let target = match joined.split_first() {
            None => {
                self.uses.push(Some(Use::begin(&trace)));
                let target = self.uses.len() - 1;
                self.open.entry(trace.host).or_default().push(target);
                target
            }
            Some((target, rest)) => {
                for other in rest {
                    self.merge(*target, *other);
                }
                *target
            }
        };
        self.of_event.insert(trace.sighting.event, target);
        if let Some(process) = trace.process {
            self.of_process.insert(process, target);
        }
        if let Some(Some(found)) = self.uses.get_mut(target) {
            found.take(trace);
        }
    }

    fn merge(&mut self, target: usize, other: usize) {
        let Some(other_use) = self.uses.get_mut(other).and_then(Option::take) else {
            return;
        };
        for trace in &other_use.traces {
            self.of_event.insert(trace.sighting.event, target);
        }
        for process in &other_use.processes {
            self.of_process.insert(*process, target);
        }
        if let Some(open) = self.open.get_mut(&other_use.host) {
            open.retain(|place| *place != other);
        }
        if let Some(Some(found)) = self.uses.get_mut(target) {
            found.absorb(other_use);
        }
    }

    /// The open uses that a trace belongs to.
    fn joined(&mut self, trace: &Trace) -> Vec<usize> {
        if let Some(found) = self.of_event.get(&trace.sighting.event) {
            return vec![*found];
        }
        let mut joined: Vec<usize> = self.joined_by_tree(trace).into_iter().collect();
        let open = self.open.entry(trace.host).or_default();
        let uses = &self.uses;
        open.retain(|place| {
            uses.get(*place).is_some_and(|found| {
                found
                    .as_ref()
                    .is_some_and(|found| found.last.plus(LONG_RUN) >= trace.time)
            })
        });
        let open = open.clone();
        // The latest use that fits wins where only time and name speak.
        let mut weak: Option<usize> = None;
        for place in open.iter().rev() {
            let Some(Some(found)) = uses.get(*place) else {
                continue;
            };
            match self.bond(found, trace) {
                Bond::Strong => joined.push(*place),
                Bond::Weak if weak.is_none() && joined.is_empty() => weak = Some(*place),
                Bond::Weak | Bond::None => {}
            }
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
        let found = self.uses.get(place)?.as_ref()?;
        let client = client(&trace.sighting);
        let serves_another = trace.time.distance(found.last) > SAME_SERVICE
            || conflicts(found, trace, client.as_ref(), self.timeline);
        let lasts = self.is_service_program(near) || near == process;
        (!lasts || !serves_another).then_some(place)
    }

    /// Whether `services.exe` started a process.
    fn is_service_program(&self, process: ProcessId) -> bool {
        self.processes.is_service_program(self.timeline, process)
    }

    fn bond(&self, found: &Use, trace: &Trace) -> Bond {
        let gap = trace.time.distance(found.last);
        let client = client(&trace.sighting);
        if client
            .as_ref()
            .is_some_and(|client| found.clients.contains(client))
            && gap <= SAME_CLIENT
        {
            return Bond::Strong;
        }
        if conflicts(found, trace, client.as_ref(), self.timeline) || !self.compatible(found, trace)
        {
            return Bond::None;
        }
        if trace
            .sighting
            .service
            .as_ref()
            .is_some_and(|service| found.services.contains(service))
        {
            return self.service_bond(found, trace, gap);
        }
        if runs_service_of(found, trace) {
            return Bond::Weak;
        }
        if !trace.logon.is_none() && found.logons.contains(&trace.logon) && gap <= SAME_LOGON {
            return Bond::Strong;
        }
        if self.serves_deployment(found, trace, gap) {
            return Bond::Weak;
        }
        let kind = self.catalog.tool(trace.sighting.tool);
        let behaviour = kind.is_none_or(|tool| tool.kind == ToolKind::Behaviour);
        let same_tool = found.tools.contains(&trace.sighting.tool);
        let limit = if kind.is_some_and(|tool| tool.many_services) {
            NEXT_COMMAND
        } else {
            SAME_TOOL
        };
        // Two services of one behaviour at one time are two, unless neither has a name.
        let nameless = trace.sighting.service.is_none() && found.services.is_empty();
        let session_zero = kind.is_some_and(|tool| tool.id == "session-zero");
        if same_tool && gap <= limit && (!behaviour || nameless) && !session_zero {
            return Bond::Weak;
        }
        Bond::None
    }

    /// Whether the trace is a service that the same account installs in the course of a named tool's
    /// use: what a roll-out installs belongs to the roll-out.
    fn serves_deployment(&self, found: &Use, trace: &Trace, gap: Duration) -> bool {
        let is_named = |tool: &ToolIndex| {
            self.catalog
                .tool(*tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour)
        };
        trace.sighting.artefact == Artefact::ServiceInstall
            && !is_named(&trace.sighting.tool)
            && found.tools.iter().any(is_named)
            && !trace.account.is_none()
            && !found.accounts.is_empty()
            && gap <= DEPLOYMENT
    }

    fn service_bond(&self, found: &Use, trace: &Trace, gap: Duration) -> Bond {
        if is_installation(&trace.sighting) {
            let again = found
                .installed
                .is_some_and(|time| trace.time.distance(time) > ONE_INSTALLATION);
            if again || gap > SAME_SERVICE {
                return Bond::None;
            }
        }
        // A trace that names service and logon ties what either of them has gathered.
        if !trace.logon.is_none() && gap <= SAME_TOOL {
            return Bond::Strong;
        }
        let ends = trace.sighting.artefact == Artefact::ServiceState
            && trace.sighting.what.ends_with("stopped");
        let limit = if ends { LONG_RUN } else { SAME_SERVICE };
        if gap <= limit { Bond::Weak } else { Bond::None }
    }

    /// Whether the trace's tool can be part of the use: the same tool, or one of the two is only a
    /// behaviour, or they share code.
    fn compatible(&self, found: &Use, trace: &Trace) -> bool {
        let named = |tool: ToolIndex| {
            self.catalog
                .tool(tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour)
        };
        found.tools.contains(&trace.sighting.tool)
            || !named(trace.sighting.tool)
            || !found.tools.iter().any(|tool| named(*tool))
    }
}

/// Whether the trace is the start of a program whose arguments are those of a service that the use
/// installed moments before. The service manager expands variables, so only what stands before
/// the first one is compared.
fn runs_service_of(found: &Use, trace: &Trace) -> bool {
    let Some(line) = trace
        .arguments
        .as_ref()
        .filter(|_| trace.sighting.artefact == Artefact::ServiceProcess)
    else {
        return false;
    };
    found.arguments.iter().any(|(installed, arguments)| {
        let fixed = arguments.split('%').next().unwrap_or_default().trim_end();
        let gap = trace.time.distance(*installed);
        // A shell within moments is the service's even where its line was rewritten.
        gap <= SAME_TOOL || (gap <= NEXT_COMMAND && fixed.len() >= 4 && line.starts_with(fixed))
    })
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

/// How strongly a trace is joined to a use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bond {
    None,
    /// Only the latest such use takes it.
    Weak,
    Strong,
}

/// Whether the trace names another client, run, account or logon than the use.
fn conflicts(
    found: &Use,
    trace: &Trace,
    client: Option<&(String, u32)>,
    timeline: &Timeline,
) -> bool {
    let other_client =
        client.is_some_and(|client| !found.clients.is_empty() && !found.clients.contains(client));
    let run = trace.sighting.run.as_ref();
    let other_run = run.is_some_and(|run| !found.runs.is_empty() && !found.runs.contains(run));
    let name = timeline.text(trace.account);
    let other_account = !trace.account.is_none()
        && !found.accounts.is_empty()
        && !found
            .accounts
            .iter()
            .any(|account| crate::event::same_account(timeline.text(*account), name));
    let far = trace.time.distance(found.last) > SAME_TOOL;
    let other_logon = far
        && !trace.logon.is_none()
        && !found.logons.is_empty()
        && !found.logons.contains(&trace.logon);
    other_client || other_run || other_account || other_logon
}
