//! Which leg a record shows: what the artefact says, made exact by the record's own fact.

use super::{Step, same_host};
use crate::detect::service_key;
use crate::event::fact::{Fact, FileAction, Registry, ServiceChange};
use crate::investigate::alert::{Alert, Artefact, EventRef, ProcessRef, Sighting};
use crate::investigate::cite;
use crate::timeline::Timeline;

/// The process id of the kernel, which writes what comes over SMB.
const SYSTEM_PID: u32 = 4;

/// What a sighting tells about the legs.
#[derive(Default)]
pub(super) struct Traced {
    /// The legs it shows.
    pub(super) steps: Vec<Step>,
    /// Whether it shows that something came over the network.
    pub(super) over_network: bool,
}

/// Which legs a sighting shows.
pub(super) fn trace(alert: &Alert, sighting: &Sighting, timeline: &Timeline) -> Traced {
    let fact = timeline
        .event(sighting.event.index)
        .filter(|event| event.time == sighting.event.time)
        .and_then(|event| event.fact);
    let source = !same_host(&sighting.event.host, &alert.host);
    let mut traced = Traced::default();
    match (sighting.artefact, fact) {
        (Artefact::ClientProcess, _) => traced.steps.push(Step::Client),
        (Artefact::Network, _) => traced.steps.push(Step::Connect),
        (Artefact::Registry, Some(Fact::Registry(fact))) => {
            traced.steps.extend(registry_step(&fact, source, timeline));
        }
        _ if source => traced.steps.push(Step::Client),
        (Artefact::Logon, _) => traced.steps.push(Step::Logon),
        (_, Some(Fact::ShareAccess(fact))) => {
            // the record of a file or pipe on a share shows the share as well
            traced.over_network = true;
            traced.steps.push(Step::Share);
            let pipe = timeline.text(fact.share).to_uppercase().ends_with("IPC$")
                && !timeline.text(fact.target).eq_ignore_ascii_case("svcctl");
            if sighting.artefact == Artefact::FileDrop {
                traced.steps.push(Step::Drop);
            } else if pipe && fact.is_file {
                traced.steps.push(Step::Pipe);
            }
        }
        (Artefact::ShareAccess, _) => traced.steps.push(Step::Share),
        (Artefact::FileDrop, Some(Fact::File(fact))) => {
            traced.over_network = fact.pid == SYSTEM_PID;
            traced.steps.push(match fact.action {
                FileAction::Created => Step::Drop,
                FileAction::Deleted => Step::Delete,
            });
        }
        (Artefact::FileDrop, _) => traced.steps.push(Step::Drop),
        (Artefact::ServiceInstall, _) => traced.steps.push(Step::Install),
        (Artefact::ServiceState, Some(Fact::ServiceState(fact))) => {
            traced.steps.push(match fact.change {
                ServiceChange::Stopped | ServiceChange::Crashed => Step::Stop,
                ServiceChange::StartTypeChanged => Step::Install,
                ServiceChange::Started
                | ServiceChange::TimedOut
                | ServiceChange::StartFailed
                | ServiceChange::Unknown => Step::Start,
            });
        }
        // the service manager was opened to make or change the service
        (Artefact::ServiceState, Some(Fact::ServiceHandle(_))) => {
            traced.steps.push(Step::Install);
        }
        (Artefact::ServiceState | Artefact::ServiceProcess, _) => traced.steps.push(Step::Start),
        (Artefact::NamedPipe, fact) => {
            traced.over_network =
                matches!(fact, Some(Fact::Pipe(fact)) if fact.pid == SYSTEM_PID && !fact.created);
            traced.steps.push(Step::Pipe);
        }
        (Artefact::ChildProcess, _) => traced.steps.push(Step::Child),
        (Artefact::Registry | Artefact::Antivirus | Artefact::Script, _) => {}
    }
    traced
}

/// A service's key made, changed or deleted; other keys that betray a tool are its client's.
fn registry_step(fact: &Registry, source: bool, timeline: &Timeline) -> Option<Step> {
    let Some((_, value)) = service_key(timeline.text(fact.key)) else {
        let sysinternals = timeline
            .text(fact.key)
            .to_lowercase()
            .contains("\\sysinternals\\");
        return (source || sysinternals).then_some(Step::Client);
    };
    if source {
        return None;
    }
    let action = timeline.text(fact.action).to_lowercase();
    let disabled =
        value.eq_ignore_ascii_case("Start") && timeline.text(fact.details).contains("(0x00000004)");
    let deleted =
        action.starts_with("delete") || value.eq_ignore_ascii_case("DeleteFlag") || disabled;
    Some(if deleted { Step::Delete } else { Step::Install })
}

/// The record of a process's end.
pub(super) fn end_of(process: &ProcessRef, timeline: &Timeline) -> Option<EventRef> {
    let ended = process.ended?;
    let ends = &timeline.tables().process_ends;
    let moment = timeline.window(ended, ended.plus(std::time::Duration::from_nanos(100)));
    ends.between(moment.start, moment.end)
        .find(|(event, fact)| {
            fact.pid == process.pid
                && same_host(timeline.host_name(timeline.host(*event)), &process.host)
        })
        .and_then(|(event, _)| cite(timeline, event))
}
