//! Holds the timeline's facts against the catalogue.

use std::collections::HashMap;

use super::catalog::{Hit, On};
use super::{Artefact, Catalog, Certainty, Sighting, ToolKind, antivirus};
use crate::event::Sym;
use crate::event::fact::{ProcessStart, ServiceChange};
use crate::event::identity::file_name;
use crate::timeline::{EventIndex, Timeline};

/// Access right to write file data (5145 `AccessMask`, bit 1): only with it is a file dropped.
const WRITE_DATA: u32 = 0x2;

/// Every sighting of a catalogue tool, in time order.
pub fn find(timeline: &Timeline, catalog: &Catalog) -> Vec<Sighting> {
    let mut finder = Finder {
        timeline,
        catalog,
        cache: HashMap::new(),
        found: Vec::new(),
    };
    finder.services();
    finder.processes();
    finder.pipes_and_files();
    finder.registry();
    finder.network();
    antivirus::find(timeline, catalog, &mut finder.found);
    let mut found = finder.found;
    found.sort_by_key(|sighting| {
        (
            sighting.event,
            sighting.tool,
            std::cmp::Reverse(sighting.certainty),
        )
    });
    found.dedup_by_key(|sighting| (sighting.event, sighting.tool));
    found
}

struct Finder<'t> {
    timeline: &'t Timeline,
    catalog: &'t Catalog,
    cache: HashMap<(On, Sym), Vec<Hit<'t>>>,
    found: Vec<Sighting>,
}

impl<'t> Finder<'t> {
    /// Patterns that match a text, looked up once per distinct text.
    fn hits(&mut self, on: On, symbol: Sym, value: impl Fn(&str) -> &str) -> Vec<Hit<'t>> {
        if symbol.is_none() {
            return Vec::new();
        }
        let (timeline, catalog) = (self.timeline, self.catalog);
        self.cache
            .entry((on, symbol))
            .or_insert_with(|| catalog.matches(on, value(timeline.text(symbol))))
            .clone()
    }

    fn add(
        &mut self,
        event: EventIndex,
        artefact: Artefact,
        hit: &Hit<'_>,
        service: Option<String>,
        what: String,
    ) {
        let what = match &hit.trace.says {
            Some(says) => format!("{what} ({says})"),
            None => what,
        };
        self.found.push(Sighting {
            tool: hit.tool,
            artefact,
            certainty: hit.trace.sure,
            event,
            what,
            service: hit.service.clone().or(service),
            client_host: hit.client.clone(),
            client_pid: hit.pid,
        });
    }

    fn services(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().service_installs.iter() {
            let image = plain_image(t(fact.image_path));
            let mut hits = self.hits(On::Service, fact.name, |name| name);
            hits.retain(|hit| hit.allows_image(Some(&image)));
            hits.extend(self.catalog.matches(On::ServiceImage, &image));
            for hit in hits {
                let what = format!("service {} installed, program {image}", t(fact.name));
                self.add(
                    event,
                    Artefact::ServiceInstall,
                    &hit,
                    Some(t(fact.name).to_lowercase()),
                    what,
                );
            }
        }
        for (event, fact) in timeline.tables().service_states.iter() {
            let name = fact.key_name.some().unwrap_or(fact.name);
            let mut hits = self.hits(On::Service, name, |name| name);
            hits.extend(self.hits(On::Service, fact.name, |name| name));
            hits.retain(|hit| hit.allows_image(None));
            for hit in hits {
                let what = format!("service {} {}", t(name), change_words(fact.change));
                self.add(
                    event,
                    Artefact::ServiceState,
                    &hit,
                    Some(t(name).to_lowercase()),
                    what,
                );
            }
        }
        for (event, fact) in timeline.tables().service_handles.iter() {
            let hits = self.hits(On::Service, fact.object, |name| name);
            for hit in hits.iter().filter(|hit| hit.allows_image(None)) {
                let what = format!("service {} opened with all rights", t(fact.object));
                self.add(
                    event,
                    Artefact::ServiceState,
                    hit,
                    Some(t(fact.object).to_lowercase()),
                    what,
                );
            }
        }
    }

    fn processes(&mut self) {
        let timeline = self.timeline;
        for (event, fact) in timeline.tables().process_starts.iter() {
            let starter = Starter::of(timeline, fact);
            let image = timeline.text(fact.image);
            let described = format!("{} [{}]", file_name(image), fact.pid);
            for hit in self.hits(On::ServiceProcess, fact.image, file_name) {
                self.service_process(event, &hit, fact, starter, &described);
            }
            for hit in self.hits(On::ServiceOriginalName, fact.original_file_name, |name| {
                name
            }) {
                let service = file_stem(image);
                let what = format!("service program {described} ran");
                self.add(event, Artefact::ServiceProcess, &hit, Some(service), what);
            }
            let mut clients = self.hits(On::Process, fact.image, file_name);
            clients.extend(self.hits(On::OriginalName, fact.original_file_name, |name| name));
            clients.extend(self.hits(On::Command, fact.command_line, |line| line));
            for hit in clients {
                let what = format!("{described} was started");
                self.add(event, Artefact::ClientProcess, &hit, None, what);
            }
            if starter == Starter::ServiceManager {
                for hit in self.hits(On::ServiceCommand, fact.command_line, |line| line) {
                    let what = format!("services.exe started {described}");
                    self.add(event, Artefact::ServiceProcess, &hit, None, what);
                }
            }
        }
    }

    fn service_process(
        &mut self,
        event: EventIndex,
        hit: &Hit<'_>,
        fact: &ProcessStart,
        starter: Starter,
        described: &str,
    ) {
        let behaviour = self
            .catalog
            .tool(hit.tool)
            .is_some_and(|tool| tool.kind == ToolKind::Behaviour);
        let image = self.timeline.text(fact.image);
        match starter {
            Starter::ServiceManager => {
                let service = (!behaviour).then(|| file_stem(image));
                self.add(
                    event,
                    Artefact::ServiceProcess,
                    hit,
                    service,
                    format!("services.exe started {described}"),
                );
            }
            // A behaviour needs its starter; a named program is worth telling anyhow.
            _ if behaviour => {}
            Starter::Unknown => {
                let what = format!("service program {described} ran");
                self.add(
                    event,
                    Artefact::ServiceProcess,
                    hit,
                    Some(file_stem(image)),
                    what,
                );
            }
            Starter::Other => {
                let parent = file_name(self.timeline.text(fact.parent_image)).to_owned();
                let what = format!(
                    "service program {described} ran, started by {parent} and not as a service"
                );
                self.add(event, Artefact::ServiceProcess, hit, None, what);
                if let Some(last) = self.found.last_mut() {
                    last.certainty = last.certainty.min(Certainty::Likely);
                }
            }
        }
    }

    fn pipes_and_files(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().pipes.iter() {
            for hit in self.hits(On::Pipe, fact.name, pipe_name) {
                let verb = if fact.created { "created" } else { "opened" };
                let what = format!(
                    "pipe {} {verb} by {}",
                    t(fact.name),
                    file_name(t(fact.image))
                );
                self.add(event, Artefact::NamedPipe, &hit, None, what);
            }
        }
        for (event, fact) in timeline.tables().shares.iter() {
            if ends_with_ignore_case(t(fact.share), "\\IPC$") {
                for hit in self.hits(On::Pipe, fact.target, pipe_name) {
                    let what = format!("pipe {} opened over the network", t(fact.target));
                    self.add(event, Artefact::ShareAccess, &hit, None, what);
                }
            } else if fact.is_file && fact.access_mask & WRITE_DATA != 0 {
                for hit in self.hits(On::File, fact.target, file_name) {
                    let what = format!("{} written to {}", t(fact.target), t(fact.share));
                    self.add(
                        event,
                        Artefact::FileDrop,
                        &hit,
                        Some(file_stem(t(fact.target))),
                        what,
                    );
                }
            }
        }
        for (event, fact) in timeline.tables().files.iter() {
            for hit in self.hits(On::File, fact.path, file_name) {
                let by = if fact.pid == 4 {
                    "over the network".to_owned()
                } else {
                    format!("by {}", file_name(t(fact.image)))
                };
                let verb = match fact.action {
                    crate::event::fact::FileAction::Created => "written",
                    crate::event::fact::FileAction::Deleted => "deleted",
                };
                let what = format!("{} {verb} {by}", t(fact.path));
                self.add(
                    event,
                    Artefact::FileDrop,
                    &hit,
                    Some(file_stem(t(fact.path))),
                    what,
                );
            }
        }
    }

    fn registry(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().registry.iter() {
            for hit in self.hits(On::Registry, fact.key, |key| key) {
                let what = format!("registry {} by {}", t(fact.key), file_name(t(fact.image)));
                self.add(event, Artefact::Registry, &hit, None, what);
            }
            let Some((service, value)) = service_key(t(fact.key)) else {
                continue;
            };
            let image = value
                .eq_ignore_ascii_case("ImagePath")
                .then(|| plain_image(t(fact.details)));
            let mut hits: Vec<Hit<'_>> = self.catalog.matches(On::Service, service);
            hits.retain(|hit| hit.allows_image(image.as_deref()));
            if let Some(image) = &image {
                hits.extend(self.catalog.matches(On::ServiceImage, image));
            }
            for hit in hits {
                let what = format!(
                    "registry of service {service}: {value} {} {}",
                    t(fact.action),
                    t(fact.details)
                );
                self.add(
                    event,
                    Artefact::Registry,
                    &hit,
                    Some(service.to_lowercase()),
                    what.trim_end().to_owned(),
                );
            }
        }
    }

    fn network(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().network.iter() {
            for hit in self.hits(On::Process, fact.image, file_name) {
                let what = format!(
                    "{} [{}] connected to {}:{}",
                    file_name(t(fact.image)),
                    fact.pid,
                    t(fact.destination_ip),
                    fact.destination_port
                );
                self.add(event, Artefact::Network, &hit, None, what);
            }
        }
    }
}

/// Who started a process, as far as its start event says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Starter {
    ServiceManager,
    Other,
    Unknown,
}

impl Starter {
    fn of(timeline: &Timeline, fact: &ProcessStart) -> Self {
        match timeline.strings().get(fact.parent_image) {
            None => Starter::Unknown,
            Some(image) if file_name(image).eq_ignore_ascii_case("services.exe") => {
                Starter::ServiceManager
            }
            Some(_) => Starter::Other,
        }
    }
}

/// A service's program path as compared: Sysmon's doubled percent signs undone, space trimmed.
pub fn plain_image(image: &str) -> String {
    image.replace("%%", "%").trim().to_owned()
}

/// A pipe's name without its backslash.
pub fn pipe_name(name: &str) -> &str {
    name.trim_start_matches('\\')
}

/// A file's name without folder and last extension, lower case.
pub fn file_stem(path: &str) -> String {
    let name = file_name(path);
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_lowercase()
}

/// The service and the value that a registry path below `…\Services\` names.
pub fn service_key(path: &str) -> Option<(&str, &str)> {
    const MARK: &str = "\\services\\";
    let at = path.to_ascii_lowercase().find(MARK)?;
    let is_control_set = path.get(..at)?.to_ascii_lowercase().contains("controlset");
    let rest = path.get(at + MARK.len()..)?;
    let (service, value) = rest.split_once('\\').unwrap_or((rest, ""));
    (is_control_set && !value.contains('\\') && !service.is_empty()).then_some((service, value))
}

fn ends_with_ignore_case(text: &str, end: &str) -> bool {
    text.len() >= end.len()
        && text
            .get(text.len() - end.len()..)
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// The words for a service's change of state.
pub fn change_words(change: ServiceChange) -> &'static str {
    match change {
        ServiceChange::Started => "started",
        ServiceChange::Stopped => "stopped",
        ServiceChange::TimedOut => "did not answer its start in time",
        ServiceChange::StartFailed => "could not be started",
        ServiceChange::Crashed => "ended unexpectedly",
        ServiceChange::StartTypeChanged => "had its start type changed",
        ServiceChange::Unknown => "changed its state",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_paths_of_services_are_taken_apart() {
        assert_eq!(
            service_key(r"HKLM\System\CurrentControlSet\services\hello\ImagePath"),
            Some(("hello", "ImagePath"))
        );
        assert_eq!(
            service_key(r"HKLM\System\ControlSet001\Services\x"),
            Some(("x", ""))
        );
        assert_eq!(service_key(r"HKLM\Software\Services\x\y"), None);
    }
}
