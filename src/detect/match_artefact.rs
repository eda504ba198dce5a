//! Holds the timeline's facts against the catalogue.

use std::ops::Range;

use rayon::prelude::*;

use super::cache::{Cache, Memo};
use super::catalog::{Hit, On};
use super::names::{change_words, file_stem, is_program, plain_image, service_key, share_name};
use super::starter::{Starter, Starters};
use super::{Artefact, Catalog, Certainty, Sighting, ToolKind};
use crate::event::Sym;
use crate::event::fact::{FileAction, ProcessStart};
use crate::event::identity::file_name;
use crate::timeline::{EventIndex, Timeline};

/// Access right to write file data (5145 `AccessMask`, bit 1): only with it is a file dropped.
const WRITE_DATA: u32 = 0x2;

/// The process id of the kernel, which writes what comes over SMB.
const SYSTEM_PID: u32 = 4;

/// Share accesses that are looked at in one go: of all facts they are the most whose texts differ.
const SHARES: usize = 32_768;

/// Every sighting of a catalogue pattern, in no order.
pub(super) fn find<'t>(timeline: &'t Timeline, catalog: &'t Catalog) -> Vec<Sighting> {
    type Look<'l, 't> = Box<dyn Fn(&mut Finder<'t>) + Sync + 'l>;
    let mut looks: Vec<Look<'_, 't>> = vec![
        Box::new(Finder::processes),
        Box::new(|finder| {
            finder.service_installs();
            finder.service_states();
            finder.pipes();
            finder.files();
            finder.registry();
            finder.network();
            finder.scripts();
        }),
    ];
    let shares = timeline.tables().shares.len();
    for first in (0..shares).step_by(SHARES) {
        looks.push(Box::new(move |finder| finder.shares(first..first + SHARES)));
    }
    let look = |look: &Look<'_, 't>| {
        let mut finder = Finder {
            timeline,
            catalog,
            cache: Cache::new(timeline, catalog),
            found: Vec::new(),
        };
        look(&mut finder);
        finder.found
    };
    looks
        .par_iter()
        .with_max_len(1)
        .flat_map_iter(look)
        .collect()
}

struct Finder<'t> {
    timeline: &'t Timeline,
    catalog: &'t Catalog,
    cache: Cache<'t>,
    found: Vec<Sighting>,
}

impl<'t> Finder<'t> {
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
            run: hit.run.clone(),
            service_pid: hit.service_pid,
        });
    }

    /// Patterns that match the symbol's text and agree with what stands beside it.
    fn hits_beside<'v>(
        &mut self,
        on: On,
        symbol: Sym,
        beside: impl FnOnce() -> Option<&'v str>,
    ) -> Vec<Hit<'t>> {
        let mut hits = self.cache.hits(on, symbol);
        if !hits.is_empty() {
            let value = on.value(self.timeline.text(symbol));
            let beside = beside();
            hits.retain(|hit| hit.agrees(&value, beside));
        }
        hits
    }

    fn service_installs(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().service_installs.iter() {
            let image = plain_image(t(fact.image_path));
            let mut hits = self.hits_beside(On::Service, fact.name, || Some(image.as_str()));
            hits.extend(self.cache.hits(On::ServiceImage, fact.image_path));
            hits.extend(self.cache.hits(On::ServiceProgram, fact.image_path));
            for hit in hits {
                let what = format!("service {} installed, program {image}", t(fact.name));
                let service = Some(t(fact.name).to_lowercase());
                self.add(event, Artefact::ServiceInstall, &hit, service, what);
            }
        }
    }

    fn service_states(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().service_states.iter() {
            let name = fact.key_name.some().unwrap_or(fact.name);
            let mut hits = self.hits_beside(On::Service, name, || None);
            if name != fact.name {
                hits.extend(self.hits_beside(On::Service, fact.name, || None));
            }
            for hit in hits {
                let what = format!("service {} {}", t(name), change_words(fact.change));
                let service = Some(t(name).to_lowercase());
                self.add(event, Artefact::ServiceState, &hit, service, what);
            }
        }
        for (event, fact) in timeline.tables().service_handles.iter() {
            for hit in self.hits_beside(On::Service, fact.object, || None) {
                let what = format!("service {} opened with all rights", t(fact.object));
                let service = Some(t(fact.object).to_lowercase());
                self.add(event, Artefact::ServiceState, &hit, service, what);
            }
        }
    }

    fn processes(&mut self) {
        let timeline = self.timeline;
        let mut starters = Starters::new(timeline);
        for (event, fact) in timeline.tables().process_starts.iter() {
            let starter = starters.of_process(event, &fact);
            self.clients(event, &fact);
            self.service_programs(event, &fact, starter);
            self.children(event, &fact);
        }
        self.credentials();
    }

    /// What a tool's service or another door started, told by the parent that the event names.
    fn children(&mut self, event: EventIndex, fact: &ProcessStart) {
        let timeline = self.timeline;
        let parent = || timeline.strings().get(fact.parent_image).map(file_name);
        let image = || file_name(timeline.text(fact.image));
        for hit in self.hits_beside(On::ChildCommand, fact.command_line, parent) {
            let by = parent().map_or(String::new(), |parent| format!(" by {parent}"));
            let what = format!("{} [{}] was started{by}", image(), fact.pid);
            self.add(event, Artefact::ChildProcess, &hit, None, what);
        }
        for hit in self.cache.hits(On::ServiceProcess, fact.parent_image) {
            let is_tool = self
                .catalog
                .tool(hit.tool)
                .is_some_and(|tool| matches!(tool.kind, ToolKind::DualUse | ToolKind::Offensive));
            if is_tool {
                let parent = parent().unwrap_or_default();
                let what = format!("{parent} ran {} [{}]", image(), fact.pid);
                let service = Some(file_stem(parent));
                self.add(event, Artefact::ChildProcess, &hit, service, what);
            }
        }
    }

    /// The tool at work on its source host, as 4648 shows it: other credentials, and the target.
    fn credentials(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().explicit_logons.iter() {
            for hit in self.cache.hits(On::Process, fact.process) {
                let what = format!(
                    "{} [{}] used the credentials of {} for {}",
                    file_name(t(fact.process)),
                    fact.pid,
                    t(fact.account),
                    t(fact.target_server)
                );
                self.add(event, Artefact::ClientProcess, &hit, None, what);
            }
        }
    }

    fn clients(&mut self, event: EventIndex, fact: &ProcessStart) {
        let timeline = self.timeline;
        let image = || file_name(timeline.text(fact.image));
        let mut hits = self.cache.hits(On::Process, fact.image);
        hits.extend(self.hits_beside(On::OriginalName, fact.original_file_name, || Some(image())));
        hits.extend(self.cache.hits(On::Description, fact.description));
        hits.extend(self.cache.hits(On::Hash, fact.hashes));
        hits.extend(self.hits_beside(On::Command, fact.command_line, || Some(image())));
        for hit in hits {
            let image = image();
            let what = format!("{image} [{}] was started", fact.pid);
            self.add(event, Artefact::ClientProcess, &hit, None, what);
        }
    }

    fn service_programs(&mut self, event: EventIndex, fact: &ProcessStart, starter: Starter) {
        let image = self.timeline.text(fact.image);
        let described = || format!("{} [{}]", file_name(image), fact.pid);
        for hit in self.cache.hits(On::ServiceProcess, fact.image) {
            self.service_process(event, &hit, fact, starter, &described());
        }
        let mut marked = self
            .cache
            .hits(On::ServiceOriginalName, fact.original_file_name);
        marked.extend(self.cache.hits(On::ServiceDescription, fact.description));
        for hit in marked {
            let what = format!("service program {} ran", described());
            let service = Some(file_stem(image));
            self.add(event, Artefact::ServiceProcess, &hit, service, what);
        }
        if starter != Starter::ServiceManager {
            return;
        }
        let mut started = self.cache.hits(On::ServiceCommand, fact.command_line);
        started.extend(self.cache.hits(On::ServiceProcessPath, fact.image));
        for hit in started {
            let what = format!("services.exe started {}", described());
            self.add(event, Artefact::ServiceProcess, &hit, None, what);
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
        let stem = file_stem(self.timeline.text(fact.image));
        match starter {
            Starter::ServiceManager => {
                let what = format!("services.exe started {described}");
                let service = (!behaviour).then_some(stem);
                self.add(event, Artefact::ServiceProcess, hit, service, what);
            }
            // A behaviour needs its starter; a named program is worth telling anyhow.
            _ if behaviour => {}
            Starter::Unknown => {
                let what = format!("service program {described} ran");
                self.add(event, Artefact::ServiceProcess, hit, Some(stem), what);
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

    fn pipes(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().pipes.iter() {
            let image = file_name(t(fact.image));
            for hit in self.hits_beside(On::Pipe, fact.name, || Some(image)) {
                let verb = if fact.created { "created" } else { "opened" };
                let what = format!("pipe {} {verb} by {image}", t(fact.name));
                self.add(event, Artefact::NamedPipe, &hit, None, what);
            }
        }
    }

    fn shares(&mut self, rows: Range<usize>) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        let mut kinds: Memo<(bool, bool)> = Memo::default();
        let mut path = String::new();
        for (event, fact) in timeline.tables().shares.rows(rows) {
            if !fact.is_file {
                continue;
            }
            let (is_pipe, is_hidden) = kinds.get(fact.share, || {
                let share = share_name(t(fact.share));
                (share.eq_ignore_ascii_case("IPC$"), share.ends_with('$'))
            });
            if is_pipe {
                // The client is across the network, where Sysmon would name System.
                for hit in self.hits_beside(On::Pipe, fact.target, || Some("System")) {
                    let what = format!("pipe {} opened over the network", t(fact.target));
                    self.add(event, Artefact::ShareAccess, &hit, None, what);
                }
                continue;
            }
            path.clear();
            path.push_str(share_name(t(fact.share)));
            path.push('\\');
            path.push_str(t(fact.target));
            if !self.catalog.may_match_on_share(&path) {
                continue;
            }
            for hit in self.cache.hits(On::ShareFile, fact.target) {
                let what = format!("{} on {} was opened", t(fact.target), t(fact.share));
                self.add(event, Artefact::ShareAccess, &hit, None, what);
            }
            if fact.access_mask & WRITE_DATA == 0 {
                continue;
            }
            let mut hits = self.cache.hits(On::File, fact.target);
            if is_hidden {
                hits.extend(self.catalog.matches(On::Dropped, &path));
            }
            for hit in hits {
                let what = format!("{} written to {}", t(fact.target), t(fact.share));
                let service = program_stem(t(fact.target));
                self.add(event, Artefact::FileDrop, &hit, service, what);
            }
        }
    }

    fn files(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().files.iter() {
            let over_network = fact.pid == SYSTEM_PID;
            let mut hits = self.cache.hits(On::File, fact.path);
            if over_network && fact.action == FileAction::Created {
                hits.extend(self.cache.hits(On::Dropped, fact.path));
            }
            for hit in hits {
                let by = if over_network {
                    "over the network".to_owned()
                } else {
                    format!("by {}", file_name(t(fact.image)))
                };
                let verb = match fact.action {
                    FileAction::Created => "written",
                    FileAction::Deleted => "deleted",
                };
                let what = format!("{} {verb} {by}", t(fact.path));
                let service = program_stem(t(fact.path));
                self.add(event, Artefact::FileDrop, &hit, service, what);
            }
        }
    }

    fn registry(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().registry.iter() {
            let writer = file_name(t(fact.image));
            for hit in self.hits_beside(On::Registry, fact.key, || Some(writer)) {
                let what = format!("registry {} by {writer}", t(fact.key));
                self.add(event, Artefact::Registry, &hit, None, what);
            }
            let Some((service, value)) = service_key(t(fact.key)) else {
                continue;
            };
            let image = value
                .eq_ignore_ascii_case("ImagePath")
                .then(|| plain_image(t(fact.details)));
            let mut hits = self.cache.hits_of_service_key(fact.key, service);
            hits.retain(|hit| hit.agrees(service, image.as_deref()));
            if image.is_some() {
                hits.extend(self.cache.hits(On::ServiceImage, fact.details));
                hits.extend(self.cache.hits(On::ServiceProgram, fact.details));
            }
            for hit in hits {
                let what = format!(
                    "registry of service {service}: {value} {} {}",
                    t(fact.action),
                    t(fact.details)
                );
                let service = Some(service.to_lowercase());
                let what = what.trim_end().to_owned();
                self.add(event, Artefact::Registry, &hit, service, what);
            }
        }
    }

    fn network(&mut self) {
        let timeline = self.timeline;
        let t = |symbol| timeline.text(symbol);
        for (event, fact) in timeline.tables().network.iter() {
            for hit in self.cache.hits(On::Process, fact.image) {
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

    fn scripts(&mut self) {
        let timeline = self.timeline;
        for (event, fact) in timeline.tables().scripts.iter() {
            let mut hits = self.hits_beside(On::Script, fact.text, || None);
            hits.extend(self.hits_beside(On::Script, fact.path, || None));
            for hit in hits {
                let what = "PowerShell text".to_owned();
                self.add(event, Artefact::Script, &hit, None, what);
            }
        }
    }
}

/// The service that a program's file may be of: called like it. A key file or a log is of none.
fn program_stem(path: &str) -> Option<String> {
    is_program(path).then(|| file_stem(path))
}
