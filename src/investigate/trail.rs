//! The rest of a use's trail: events that no catalogue pattern knows but that name the service,
//! its program, or its logon. A service renamed to anything is followed this way once its shape
//! has given it away.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use super::correlate::{ONE_INSTALLATION, Use, is_installation};
use super::processes::{ProcessId, Processes};
use super::program::own_program;
use super::surroundings::ends_with;
use crate::detect::{
    Artefact, Certainty, Sighting, ToolIndex, change_words, file_stem, pipe_name, service_key,
};
use crate::event::identity::file_name;
use crate::event::{LogonId, Time};
use crate::timeline::{EventIndex, Timeline};

/// How long before the first trace the preparations lie.
const BEFORE: Duration = Duration::from_secs(60);
/// How long after the last trace its remains lie.
const AFTER: Duration = Duration::from_secs(60);

/// What one use looks for.
struct Search<'t> {
    timeline: &'t Timeline,
    host: crate::timeline::HostId,
    from: EventIndex,
    to: EventIndex,
    services: BTreeSet<String>,
    programs: BTreeSet<String>,
    logons: BTreeSet<LogonId>,
    tool: ToolIndex,
    found: Vec<Sighting>,
}

/// Finds the further traces of a use, and the processes of its service. Events that another use
/// has taken (`taken`) are left alone.
pub(super) fn follow(
    timeline: &Timeline,
    processes: &Processes,
    found: &Use,
    tool: ToolIndex,
    taken: &HashSet<EventIndex>,
) -> (Vec<Sighting>, BTreeSet<ProcessId>) {
    let window = timeline.window(found.first.minus(BEFORE), found.last.plus(AFTER));
    let mut search = Search {
        timeline,
        host: found.host,
        from: window.start,
        to: window.end,
        services: found.services.clone(),
        programs: programs(timeline, found),
        logons: found.logons.clone(),
        tool,
        found: Vec::new(),
    };
    search.services();
    search.end_before_next(found);
    search.pipes_and_files();
    search.shares();
    let started = search.service_processes(processes);
    let mut sightings = search.found;
    sightings.retain(|sighting| !taken.contains(&sighting.event));
    (sightings, started)
}

/// The file names that the use's services run, without extension, lower case.
fn programs(timeline: &Timeline, found: &Use) -> BTreeSet<String> {
    let tables = timeline.tables();
    let mut names: BTreeSet<String> = found.services.iter().cloned().collect();
    for trace in &found.traces {
        let event = trace.sighting.event;
        let next = EventIndex(event.0.saturating_add(1));
        let installs = tables.service_installs.between(event, next);
        names.extend(
            installs.filter_map(|(_, install)| own_program(timeline.text(install.image_path))),
        );
        let keys = tables.registry.between(event, next);
        names.extend(keys.filter_map(|(_, key)| {
            let (_, value) = service_key(timeline.text(key.key))?;
            value
                .eq_ignore_ascii_case("ImagePath")
                .then(|| own_program(timeline.text(key.details)))?
        }));
    }
    names.retain(|name| !name.is_empty());
    names
}

impl<'t> Search<'t> {
    fn add(&mut self, event: EventIndex, artefact: Artefact, what: String) {
        self.found.push(Sighting::new(
            self.tool,
            artefact,
            Certainty::Possible,
            event,
            what,
        ));
    }

    /// Whether an event is of the use's host.
    fn is_here(&self) -> impl Fn(EventIndex) -> bool + use<'t> {
        let (timeline, host) = (self.timeline, self.host);
        move |event| timeline.host(event) == host
    }

    fn is_service(&self, name: &str) -> bool {
        !name.is_empty() && self.services.contains(&name.to_lowercase())
    }

    fn is_program(&self, path: &str) -> bool {
        let name = file_name(path);
        // Most names can be told apart without a copy in small letters.
        let may_be = |program: &String| {
            let start = name.get(..program.len());
            !name.is_ascii() || start.is_some_and(|start| start.eq_ignore_ascii_case(program))
        };
        self.programs.iter().any(may_be) && self.programs.contains(&file_stem(path))
    }

    fn services(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        let tables = timeline.tables();
        let service_installs = tables.service_installs.between(self.from, self.to);
        for (event, fact) in service_installs.of(self.is_here()) {
            if self.is_service(t(fact.name)) {
                self.programs.extend(own_program(t(fact.image_path)));
                let what = format!(
                    "service {} installed, program {}",
                    t(fact.name),
                    t(fact.image_path)
                );
                self.add(event, Artefact::ServiceInstall, what);
            }
        }
        let service_states = tables.service_states.between(self.from, self.to);
        for (event, fact) in service_states.of(self.is_here()) {
            if self.is_service(t(fact.key_name)) || self.is_service(t(fact.name)) {
                let what = format!("service {} {}", t(fact.name), change_words(fact.change));
                self.add(event, Artefact::ServiceState, what);
            }
        }
        let service_handles = tables.service_handles.between(self.from, self.to);
        for (event, fact) in service_handles.of(self.is_here()) {
            if self.is_service(t(fact.object)) {
                self.add(
                    event,
                    Artefact::ServiceState,
                    format!("service {} opened with all rights", t(fact.object)),
                );
            }
        }
        let registry = tables.registry.between(self.from, self.to);
        for (event, fact) in registry.of(self.is_here()) {
            let Some((service, value)) = service_key(t(fact.key)) else {
                continue;
            };
            if self.is_service(service) {
                if value.eq_ignore_ascii_case("ImagePath") {
                    self.programs.extend(own_program(t(fact.details)));
                }
                let what = format!(
                    "registry of service {service}: {value} {} {}",
                    t(fact.action),
                    t(fact.details)
                );
                self.add(event, Artefact::Registry, what.trim_end().to_owned());
            }
        }
    }

    /// Ends the search where the service is installed once more: that is another use.
    fn end_before_next(&mut self, found: &Use) {
        let timeline = self.timeline;
        let mut installed: Vec<Time> = self
            .found
            .iter()
            .filter(|sighting| is_installation(sighting))
            .map(|sighting| timeline.time(sighting.event))
            .collect();
        installed.sort_unstable();
        let Some(first) = found.installed.or(installed.first().copied()) else {
            return;
        };
        let known = first.max(found.last).plus(ONE_INSTALLATION);
        if let Some(next) = installed.into_iter().find(|time| *time > known) {
            // Windows writes the start type just before the program.
            let end = next.minus(Duration::from_secs(1));
            self.to = self.to.min(timeline.window(end, end).start);
            let to = self.to;
            self.found.retain(|sighting| sighting.event < to);
        }
    }

    fn pipes_and_files(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        let pipes = timeline.tables().pipes.between(self.from, self.to);
        for (event, fact) in pipes.of(self.is_here()) {
            // A pipe of that very name counts only from the service's own program or a client:
            // Windows' own pipes have names such as \svcctl too.
            let name = pipe_name(t(fact.name));
            let in_system = || t(fact.image).to_lowercase().contains("\\system32\\");
            if self.is_service(name) && (!in_system() || self.is_program(t(fact.image))) {
                let verb = if fact.created { "created" } else { "opened" };
                self.add(
                    event,
                    Artefact::NamedPipe,
                    format!(
                        "pipe {} {verb} by {}",
                        t(fact.name),
                        file_name(t(fact.image))
                    ),
                );
            }
        }
        let files = timeline.tables().files.between(self.from, self.to);
        for (event, fact) in files.of(self.is_here()) {
            let path = t(fact.path);
            if ends_with(path, ".exe") && self.is_program(path) {
                let by = if fact.pid == 4 {
                    "over the network".to_owned()
                } else {
                    format!("by {}", file_name(t(fact.image)))
                };
                self.add(
                    event,
                    Artefact::FileDrop,
                    format!("{} written {by}", t(fact.path)),
                );
            }
        }
    }

    fn shares(&mut self) {
        const WRITE_DATA: u32 = 0x2;
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        let shares = timeline.tables().shares.between(self.from, self.to);
        for (event, fact) in shares.of(self.is_here()) {
            let target = t(fact.target);
            let same_logon = self.logons.contains(&fact.logon_id);
            let is_pipe_share = ends_with(t(fact.share), "IPC$");
            if fact.is_file
                && !is_pipe_share
                && fact.access_mask & WRITE_DATA != 0
                && self.is_program(target)
            {
                self.add(
                    event,
                    Artefact::FileDrop,
                    format!("{target} written to {}", t(fact.share)),
                );
            } else if is_pipe_share && self.is_service(pipe_name(target)) {
                self.add(
                    event,
                    Artefact::ShareAccess,
                    format!("pipe {target} opened over the network"),
                );
            } else if is_pipe_share && same_logon && target.eq_ignore_ascii_case("svcctl") {
                self.add(
                    event,
                    Artefact::ShareAccess,
                    "service manager opened over the network".to_owned(),
                );
            }
        }
    }

    /// Processes that services.exe started from the service's program.
    fn service_processes(&mut self, processes: &Processes) -> BTreeSet<ProcessId> {
        let timeline = self.timeline;
        let mut started = BTreeSet::new();
        for (event, fact) in processes.started_by_services(self.host, self.from, self.to) {
            let image = timeline.text(fact.image);
            let in_system = || image.to_lowercase().contains("\\system32\\");
            if self.is_program(image) && !in_system() {
                let what = format!("services.exe started {} [{}]", file_name(image), fact.pid);
                self.add(event, Artefact::ServiceProcess, what);
                started.extend(processes.of_event(event));
            }
        }
        started
    }
}
