//! The service of a use: its name, its program, and how it is known to be the tool's.

use std::collections::HashSet;

use super::super::alert::{How, ServiceRef};
use super::super::correlate::{Trace, Use, is_installation};
use super::super::processes::ProcessId;
use super::Workshop;
use crate::detect::{self, Artefact};
use crate::event::LogonId;
use crate::event::fact::Fact;
use crate::event::identity::file_name;
use crate::timeline::EventIndex;

impl Workshop<'_> {
    pub(super) fn service(
        &self,
        found: &Use,
        events: &[EventIndex],
        programs: &[ProcessId],
    ) -> Option<ServiceRef> {
        let mut service = ServiceRef::default();
        let mut names: Vec<String> = Vec::new();
        let text = |symbol| self.timeline.strings().get(symbol).map(str::to_owned);
        for event in events {
            match self.timeline.fact(*event) {
                Some(Fact::ServiceInstall(f)) => {
                    names.extend(text(f.name));
                    if !f.is_key_name && service.display_name.is_none() {
                        service.display_name = text(f.name);
                    }
                    service.image_path = service.image_path.or_else(|| text(f.image_path));
                    service.run_as = service.run_as.or_else(|| text(f.run_as));
                    service.start_type = service.start_type.or_else(|| text(f.start_type));
                }
                Some(Fact::ServiceState(f)) => {
                    names.extend(text(f.key_name).or_else(|| text(f.name)));
                    service.display_name = service.display_name.or_else(|| text(f.name));
                }
                Some(Fact::Registry(f)) => {
                    if let Some((name, value)) = detect::service_key(self.timeline.text(f.key)) {
                        names.push(name.to_owned());
                        if value.eq_ignore_ascii_case("ImagePath") {
                            // Sysmon doubles percent signs.
                            let image = || text(f.details).map(|image| detect::plain_image(&image));
                            service.image_path = service.image_path.or_else(image);
                        }
                    }
                }
                _ => {}
            }
        }
        let key_name = self.key_name(events);
        // A name told only by a pipe or a file is the last resort; the longest-lived part of it.
        let implied = || {
            found
                .traces
                .iter()
                .filter(|trace| {
                    trace.sighting.artefact != Artefact::ServiceProcess || found.services.len() == 1
                })
                .find_map(|trace| trace.sighting.service.clone())
        };
        let spelled = |name: String| -> String {
            events
                .iter()
                .find_map(|event| match self.timeline.fact(*event)? {
                    Fact::Pipe(f) => spelling(detect::pipe_name(self.timeline.text(f.name)), &name),
                    Fact::ShareAccess(f) => {
                        spelling(file_name(self.timeline.text(f.target)), &name)
                    }
                    Fact::File(f) => spelling(file_name(self.timeline.text(f.path)), &name),
                    Fact::ServiceHandle(f) => spelling(self.timeline.text(f.object), &name),
                    Fact::ProcessStart(f) => [f.image, f.parent_image]
                        .iter()
                        .find_map(|image| spelling(file_name(self.timeline.text(*image)), &name)),
                    _ => None,
                })
                .unwrap_or(name)
        };
        let program = || {
            let process = self.processes.get(*programs.first()?)?;
            self.is_tool_program(found, *programs.first()?)
                .then(|| detect::file_stem(self.timeline.text(process.image)))
        };
        service.name = key_name
            .or_else(|| names.first().cloned())
            .or_else(|| implied().or_else(program).map(spelled))?;
        let mut others: Vec<String> = names
            .into_iter()
            .filter(|name| {
                !name.eq_ignore_ascii_case(&service.name)
                    && service.display_name.as_ref() != Some(name)
            })
            .collect();
        others.sort();
        others.dedup();
        service.others = others;
        service.how = self.service_known(found, programs);
        Some(service)
    }

    /// The key name of the first service that was installed: 4697 gives it; 7045 has the display name
    /// alone, which 7036 and its kind have beside the key name, and the registry knows the program.
    fn key_name(&self, events: &[EventIndex]) -> Option<String> {
        let text = |symbol| self.timeline.strings().get(symbol).map(str::to_owned);
        let facts = || events.iter().filter_map(|event| self.timeline.fact(*event));
        let audited = facts().find_map(|fact| match fact {
            Fact::ServiceInstall(f) if f.is_key_name => text(f.name),
            _ => None,
        });
        let installed = || {
            facts().find_map(|fact| match fact {
                Fact::ServiceInstall(f) => Some(f),
                _ => None,
            })
        };
        audited.or_else(|| {
            let installed = installed()?;
            facts().find_map(|fact| match fact {
                Fact::ServiceState(f) if f.name == installed.name => text(f.key_name),
                Fact::Registry(f) => {
                    let t = |symbol| detect::plain_image(self.timeline.text(symbol));
                    let (name, value) = detect::service_key(self.timeline.text(f.key))?;
                    let same = value.eq_ignore_ascii_case("ImagePath")
                        && t(f.details).eq_ignore_ascii_case(&t(installed.image_path));
                    same.then(|| name.to_owned())
                }
                _ => None,
            })
        })
    }

    /// How the service is known to be the tool's. A service under a name that no tool has is the
    /// tool's by what its traces share with the installation.
    fn service_known(&self, found: &Use, programs: &[ProcessId]) -> How {
        let logon = |trace: &Trace| {
            let logon = self.timeline.logon_id(trace.sighting.event);
            (!logon.is_none() && !logon.is_built_in()).then_some(logon)
        };
        let (installed, others): (Vec<&Trace>, Vec<&Trace>) = found
            .traces
            .iter()
            .partition(|trace| is_installation(&trace.sighting));
        let is_own = |trace: &&&Trace| trace.sighting.tool == found.tool;
        let own = || others.iter().filter(is_own);
        if installed.is_empty()
            || installed.iter().any(|trace| is_own(&trace))
            || own().any(|trace| trace.sighting.service.is_some())
        {
            return How::Named;
        }
        let logons: HashSet<LogonId> = installed.iter().filter_map(|trace| logon(trace)).collect();
        if own()
            .filter_map(|trace| logon(trace))
            .any(|id| logons.contains(&id))
        {
            How::SameLogonId
        } else if own().any(|trace| trace.process.is_some_and(|id| programs.contains(&id))) {
            How::SameProcessId
        } else {
            How::SameAccountSourceTime
        }
    }
}

/// `name` as it is spelled at the beginning of `text`.
fn spelling(text: &str, name: &str) -> Option<String> {
    let head = text.get(..name.len())?;
    head.eq_ignore_ascii_case(name).then(|| head.to_owned())
}
