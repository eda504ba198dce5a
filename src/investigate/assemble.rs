//! Makes an alert of a use: its processes and their roles, its actor, its service, its sentence.

mod service;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::actor::{self, Logons};
use super::alert::{Alert, ClientRef, How, Leaning, ProcessRef, Role, Severity, Sighting};
use super::correlate::{Turns, Use};
use super::processes::{ProcessId, Processes};
use super::{cite, trail};
use crate::detect::catalog::On;
use crate::detect::{self, Artefact, Catalog, Certainty, Tool, ToolIndex, ToolKind};
use crate::event::fact::Fact;
use crate::event::identity::file_name;
use crate::text::hex;
use crate::timeline::{EventIndex, HostId, Timeline};

/// What every alert is made from.
pub(super) struct Workshop<'t> {
    pub(super) timeline: &'t Timeline,
    pub(super) processes: &'t Processes,
    pub(super) logons: &'t Logons,
    pub(super) catalog: &'t Catalog,
    pub(super) turns: &'t Turns,
}

/// An alert with the places that later steps look from.
pub(super) struct Draft {
    pub(super) alert: Alert,
    pub(super) host: HostId,
    pub(super) tool: ToolIndex,
    /// The tool on this host.
    pub(super) clients: Vec<ProcessId>,
    /// What the tool ran, and all below.
    pub(super) children: Vec<ProcessId>,
}

/// Processes of a use by what they are in it.
#[derive(Default)]
struct Cast {
    roles: BTreeMap<ProcessId, Role>,
    order: Vec<ProcessId>,
}

impl Cast {
    fn give(&mut self, process: ProcessId, role: Role) {
        if self.roles.insert(process, role).is_none() {
            self.order.push(process);
        }
    }

    fn with(&self, role: Role) -> Vec<ProcessId> {
        let mut found: Vec<_> = self
            .order
            .iter()
            .filter(|id| self.roles.get(id) == Some(&role))
            .copied()
            .collect();
        found.sort_unstable();
        found
    }
}

impl Workshop<'_> {
    /// Makes the alert of one use, the `number`th of all. `taken` holds the events of all uses.
    pub(super) fn draft(
        &self,
        number: usize,
        found: &Use,
        taken: &HashSet<EventIndex>,
    ) -> Option<Draft> {
        let tool_index = found.tool;
        let tool = self.catalog.tool(tool_index)?;
        let (further, started) =
            trail::follow(self.timeline, self.processes, found, tool_index, taken);
        let mut cast = self.cast(number, found, &started);
        // Its own children are not the tool's: it may be anything that goes on living.
        for listener in further
            .iter()
            .filter_map(|sighting| self.listener(found, sighting))
        {
            cast.give(listener, Role::Client);
        }
        let (mut clients, services, children) = (
            cast.with(Role::Client),
            cast.with(Role::Service),
            cast.with(Role::Child),
        );

        // A launcher's command line may name the tool; the tool itself lies deeper.
        clients.sort_by_cached_key(|client| {
            std::cmp::Reverse(self.processes.ancestors(*client).len())
        });

        let mut seen: Vec<detect::Sighting> = found
            .traces
            .iter()
            .map(|trace| trace.sighting.clone())
            .collect();
        seen.extend(further);
        // One event is told once, by the tool of the alert where it can.
        seen.sort_by_key(|sighting| {
            (
                sighting.event,
                sighting.tool != tool_index,
                std::cmp::Reverse(sighting.certainty),
            )
        });
        seen.dedup_by_key(|sighting| sighting.event);
        let events: Vec<EventIndex> = seen.iter().map(|sighting| sighting.event).collect();
        let is_remote =
            !services.is_empty() || !found.services.is_empty() || seen.iter().any(is_over_network);
        let actor = actor::Search {
            timeline: self.timeline,
            processes: self.processes,
            logons: self.logons,
            host: found.host,
            first: found.first,
            events: &events,
            clients: &clients,
            services: &services,
            children: &children,
            is_remote,
        }
        .actor();

        let host = self.timeline.host_name(found.host).to_owned();
        let processes = self.process_refs(&cast);
        let last_start = processes
            .iter()
            .filter_map(|process| process.started)
            .max()
            .unwrap_or(found.last);
        let sightings: Vec<Sighting> = seen
            .iter()
            .filter_map(|sighting| {
                Some(Sighting {
                    artefact: sighting.artefact,
                    what: sighting.what.clone(),
                    event: cite(self.timeline, sighting.event)?,
                })
            })
            .collect();
        let alert = Alert {
            id: self.id(tool, &host, &seen),
            tool: tool.id.clone(),
            certainty: certainty(&seen, tool_index),
            severity: Severity::Medium,
            leaning: Leaning::Undetermined,
            score: 0,
            title: String::new(),
            first_time: found.first,
            last_time: found.last.max(last_start),
            account: actor.account,
            logon: actor.logon,
            session_id: self.session(&[&children, &services, &clients]),
            service: self.service(found, &events, &services),
            client: self.client(found, &clients),
            processes,
            sightings,
            signals: Vec::new(),
            questions: Vec::new(),
            gaps: Vec::new(),
            host,
        };
        Some(Draft {
            alert,
            host: found.host,
            tool: tool_index,
            clients,
            children,
        })
    }

    /// Gives the processes of a use their roles.
    fn cast(&self, number: usize, found: &Use, started: &BTreeSet<ProcessId>) -> Cast {
        let mut cast = Cast::default();
        let mut roots: Vec<(ProcessId, Role)> = started
            .iter()
            .map(|process| (*process, Role::Service))
            .collect();
        for trace in &found.traces {
            let event = trace.sighting.event;
            let process = self.processes.of_event(event);
            match trace.sighting.artefact {
                Artefact::ServiceProcess => {
                    roots.extend(process.map(|process| (process, Role::Service)));
                }
                Artefact::ClientProcess => {
                    roots.extend(process.map(|process| (process, Role::Client)));
                }
                Artefact::ChildProcess => {
                    roots.extend(process.map(|process| (process, Role::Child)));
                }
                // The service's process, as its pipe names it.
                Artefact::ShareAccess => {
                    roots.extend(trace.process.map(|process| (process, Role::Service)));
                }
                // Whoever holds an end of the tool's pipe on this very host, or accepts its licence.
                Artefact::NamedPipe | Artefact::Registry => {
                    roots.extend(self.hand_on(found, trace));
                }
                _ => {}
            }
        }
        // The service's own role is stronger than that of a pipe's user.
        roots.sort_by_key(|(process, role)| (*role != Role::Service, *process));
        let mut given: BTreeSet<ProcessId> = BTreeSet::new();
        roots.retain(|(process, _)| given.insert(*process));
        for (root, role) in &roots {
            cast.give(*root, *role);
        }
        for (root, role) in &roots {
            let children = self.processes.children(*root).iter().copied();
            let lives_on = *role == Role::Service;
            let ours =
                children.filter(|child| !lives_on || self.is_within(number, found, *root, *child));
            for below in ours.flat_map(|child| self.processes.descendants(child)) {
                if !given.contains(&below) {
                    cast.give(below, Role::Child);
                }
            }
        }
        for (root, _) in &roots {
            for above in self.processes.ancestors(*root) {
                if cast.roles.contains_key(&above) {
                    continue;
                }
                // A service that an earlier use left running serves this one too.
                let serves = found.processes.contains(&above) || self.serves(found, above);
                cast.give(
                    above,
                    if serves {
                        Role::Service
                    } else {
                        Role::Ancestor
                    },
                );
            }
        }
        cast
    }

    /// Whether a child of a lasting service began while this use went on, and not another.
    fn is_within(&self, number: usize, found: &Use, program: ProcessId, child: ProcessId) -> bool {
        const MARGIN: Duration = Duration::from_secs(120);
        self.processes.get(child).is_some_and(|process| {
            let whose = self.turns.whose(program, child, process.first_seen);
            process.first_seen >= found.first.minus(MARGIN)
                && process.first_seen <= found.last.plus(MARGIN)
                && whose.is_none_or(|whose| whose == number)
        })
    }

    /// Whether a process is a tool's own program and no shell that a service ran.
    fn is_tool_program(&self, found: &Use, process: ProcessId) -> bool {
        let tool = self.catalog.tool(found.tool);
        tool.is_some_and(|tool| tool.kind != ToolKind::Behaviour)
            && self.processes.get(process).is_some_and(|process| {
                !self
                    .timeline
                    .text(process.image)
                    .to_lowercase()
                    .contains("\\system32\\")
            })
    }

    /// Whether a process is the program of the use's service: started by `services.exe` under its
    /// name, or a program that the catalogue knows as the tool's.
    fn serves(&self, found: &Use, process: ProcessId) -> bool {
        let image = self
            .processes
            .get(process)
            .map_or("", |process| self.timeline.text(process.image));
        let tool = found.tool;
        // A behaviour knows shells, which are also what gives the commands.
        let named = self
            .catalog
            .tool(tool)
            .is_some_and(|tool| tool.kind != ToolKind::Behaviour);
        let known = named
            && self
                .catalog
                .matches(On::ServiceProcess, file_name(image))
                .iter()
                .any(|hit| hit.tool == tool);
        known
            || (self.processes.is_service_program(process)
                && found.services.contains(&detect::file_stem(image)))
    }

    /// The process that touched the tool's pipe or licence on this host, and what that makes it.
    fn hand_on(&self, found: &Use, trace: &super::correlate::Trace) -> Option<(ProcessId, Role)> {
        let process = match trace.sighting.artefact {
            Artefact::NamedPipe => self.local_pipe_user(trace.sighting.event)?,
            _ if trace.sighting.service.is_none() => trace.process?,
            _ => return None,
        };
        let is_service = self.serves(found, process) || self.processes.is_service_program(process);
        Some((
            process,
            if is_service {
                Role::Service
            } else {
                Role::Client
            },
        ))
    }

    /// Whoever waits at a pipe of the service's name without being the service: the one who becomes
    /// SYSTEM by what the service writes there.
    fn listener(&self, found: &Use, sighting: &detect::Sighting) -> Option<ProcessId> {
        if sighting.artefact != Artefact::NamedPipe {
            return None;
        }
        let process = self.local_pipe_user(sighting.event)?;
        let known = self.processes.get(process)?;
        let stem = detect::file_stem(self.timeline.text(known.image));
        let serves = self.processes.is_service_program(process) || found.services.contains(&stem);
        (known.start.is_some() && !serves).then_some(process)
    }

    fn local_pipe_user(&self, event: EventIndex) -> Option<ProcessId> {
        let Fact::Pipe(pipe) = self.timeline.fact(event)? else {
            return None;
        };
        if pipe.pid == 4 {
            return None;
        }
        let process = self.processes.find(
            self.timeline.host(event),
            pipe.guid,
            pipe.pid,
            self.timeline.time(event),
        )?;
        let image =
            file_name(self.timeline.text(self.processes.get(process)?.image)).to_lowercase();
        (image != "services.exe" && image != "svchost.exe").then_some(process)
    }

    fn process_refs(&self, cast: &Cast) -> Vec<ProcessRef> {
        let mut order: Vec<ProcessId> = cast.order.clone();
        let depth = |id: &ProcessId| self.processes.ancestors(*id).len();
        order.sort_by_cached_key(|id| {
            (
                depth(id),
                self.processes.get(*id).map(|process| process.first_seen),
                *id,
            )
        });
        order
            .iter()
            .filter_map(|id| process_ref(self.timeline, self.processes, *id, *cast.roles.get(id)?))
            .collect()
    }

    fn session(&self, groups: &[&[ProcessId]]) -> Option<u32> {
        groups
            .iter()
            .copied()
            .flatten()
            .find_map(|process| self.processes.get(*process)?.session_id)
    }

    fn client(&self, found: &Use, clients: &[ProcessId]) -> Option<ClientRef> {
        let process = clients.iter().find_map(|id| self.processes.get(*id));
        let text = |symbol| self.timeline.strings().get(symbol).map(str::to_owned);
        // A key file names the host alone, a pipe the process too.
        let named = found
            .traces
            .iter()
            .filter(|trace| trace.sighting.client_host.is_some())
            .min_by_key(|trace| trace.sighting.client_pid.is_none());
        match (named, process) {
            (Some(trace), process) => Some(ClientRef {
                host: trace.sighting.client_host.clone(),
                pid: trace.sighting.client_pid,
                image: process.and_then(|process| text(process.image)),
                account: process.and_then(|process| text(process.account)),
                how: How::ClientName,
            }),
            (None, Some(process)) => Some(ClientRef {
                host: Some(self.timeline.host_name(process.host).to_owned()),
                pid: Some(process.pid),
                image: text(process.image),
                account: text(process.account),
                how: How::SameProcessId,
            }),
            (None, None) => None,
        }
    }

    /// A short name made from content: tool, host and the earliest sighting.
    fn id(&self, tool: &Tool, host: &str, seen: &[detect::Sighting]) -> String {
        let first = seen
            .first()
            .and_then(|sighting| cite(self.timeline, sighting.event));
        let key = first.map(|event| event.content_key()).unwrap_or_default();
        let mut hasher = Sha256::new();
        hasher.update(format!(
            "{}|{}|{key}",
            tool.id,
            crate::event::host_key(host)
        ));
        hex(hasher.finalize().into_iter().take(5))
    }
}

/// A process as an alert shows it.
pub(super) fn process_ref(
    timeline: &Timeline,
    processes: &Processes,
    id: ProcessId,
    role: Role,
) -> Option<ProcessRef> {
    let process = processes.get(id)?;
    let text = |symbol| timeline.strings().get(symbol).map(str::to_owned);
    let parent = process.parent;
    Some(ProcessRef {
        key: processes.key(id),
        host: timeline.host_name(process.host).to_owned(),
        pid: process.pid,
        parent_pid: (process.parent_pid != 0).then_some(process.parent_pid),
        parent: parent.map(|(parent, _)| processes.key(parent)),
        parent_how: parent.map(|(_, how)| how),
        image: text(process.image),
        command_line: text(process.command_line),
        account: text(process.account),
        session_id: process.session_id,
        logon_id: process.logon_id.some().map(|logon| logon.to_string()),
        integrity: text(process.integrity),
        started: process.start.map(|start| timeline.time(start)),
        ended: process.ended,
        role,
        event: process.start.and_then(|start| cite(timeline, start)),
    })
}

fn is_over_network(sighting: &detect::Sighting) -> bool {
    matches!(
        sighting.artefact,
        Artefact::ShareAccess | Artefact::FileDrop | Artefact::ServiceInstall
    )
}

/// How sure the tool is: as sure as its best trace; one step more when two kinds of trace agree.
fn certainty(seen: &[detect::Sighting], tool: ToolIndex) -> Certainty {
    let own = || seen.iter().filter(|sighting| sighting.tool == tool);
    let best = own()
        .map(|sighting| sighting.certainty)
        .max()
        .unwrap_or(Certainty::Possible);
    let kinds: BTreeSet<Artefact> = own()
        .filter(|sighting| sighting.certainty >= Certainty::Likely)
        .map(|sighting| sighting.artefact)
        .collect();
    match best {
        Certainty::Likely if kinds.len() > 1 => Certainty::Certain,
        best => best,
    }
}
