//! Services that were installed over the network.
//!
//! An installation event does not say so itself. The installer's logon does (4697 carries its logon
//! id, and 4624 tells that it is a network logon), or the service manager's pipe does, opened over
//! the network by the same account just before (5145 `svcctl`).

use std::collections::HashSet;
use std::time::Duration;

use hashbrown::HashMap;

use super::cache::Memo;
use super::names::{pipe_name, plain_image, program_name, share_name};
use super::{Artefact, Catalog, Certainty, Sighting, ToolKind};
use crate::event::fact::ServiceInstall;
use crate::event::identity::is_service_sid;
use crate::event::{LogonId, Sym, Time};
use crate::timeline::{EventIndex, HostId, Timeline};

/// Network logon (4624 `LogonType`).
const NETWORK: u32 = 3;
/// From opening the service manager's pipe to the installation.
const AFTER_PIPE: Duration = Duration::from_secs(5);
/// Between the two records of one installation (7045 and 4697).
const TWIN: Duration = Duration::from_secs(2);

/// Adds a sighting of `remote-service` for each installation over the network that is of no named
/// tool. `found` holds what the patterns found.
pub(super) fn find(timeline: &Timeline, catalog: &Catalog, found: &mut Vec<Sighting>) {
    let Some(tool) = catalog.find("remote-service") else {
        return;
    };
    let named: HashSet<EventIndex> = found
        .iter()
        .filter(|sighting| {
            catalog
                .tool(sighting.tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour)
        })
        .map(|sighting| sighting.event)
        .collect();
    let by_tool: HashSet<(HostId, LogonId)> = named
        .iter()
        .map(|event| (timeline.host(*event), timeline.logon_id(*event)))
        .filter(|(_, logon)| !logon.is_none() && !logon.is_built_in())
        .collect();
    let t = |symbol| timeline.text(symbol);
    let mut twins: HashMap<(HostId, Sym), Time> = HashMap::new();
    let mut add = |event, fact: &ServiceInstall, how: &str| {
        let what = format!(
            "service {} installed, program {} ({how})",
            t(fact.name),
            plain_image(t(fact.image_path))
        );
        let sure = certainty(&plain_image(t(fact.image_path)));
        found.push(Sighting {
            service: Some(t(fact.name).to_lowercase()),
            ..Sighting::new(tool, Artefact::ServiceInstall, sure, event, what)
        });
    };
    let installs: Vec<_> = timeline
        .tables()
        .service_installs
        .iter()
        .filter(|(event, fact)| !named.contains(event) && !is_driver(timeline, fact))
        // What a named tool's run rolls out belongs to that run.
        .filter(|(event, fact)| {
            !by_tool.contains(&(timeline.host(*event), fact.logon_id))
                || certainty(&plain_image(t(fact.image_path))) > Certainty::Possible
        })
        .collect();
    let doors = Doors::of(timeline, &installs);
    for (event, fact) in &installs {
        if let Some(how) = doors.way(timeline, *event, fact) {
            add(*event, fact, how);
            twins.insert(
                (timeline.host(*event), fact.image_path),
                timeline.time(*event),
            );
        }
    }
    for (event, fact) in &installs {
        let key = (timeline.host(*event), fact.image_path);
        let is_twin = twins.get(&key).is_some_and(|time| {
            let own = timeline.time(*event);
            *time <= own.plus(TWIN) && own <= time.plus(TWIN)
        });
        if is_twin && doors.way(timeline, *event, fact).is_none() {
            add(
                *event,
                fact,
                "installed over the network, as Security 4697 of the same service says",
            );
        }
    }
}

/// A program that lies where installed products lie says little: whoever rolls out an agent through
/// a remote shell installs it there. So does the host of Windows' own services.
fn certainty(image: &str) -> Certainty {
    let image = image.to_lowercase();
    let is_ordinary = [
        "\\program files\\",
        "\\program files (x86)\\",
        "%programfiles%\\",
        "%programfiles(x86)%\\",
        "\\system32\\svchost.exe",
    ]
    .iter()
    .any(|folder| image.contains(folder))
        && !image.starts_with("\"\\\\")
        && !image.starts_with("\\\\");
    if is_ordinary {
        Certainty::Possible
    } else {
        Certainty::Likely
    }
}

fn is_driver(timeline: &Timeline, fact: &ServiceInstall) -> bool {
    let image = plain_image(timeline.text(fact.image_path)).to_lowercase();
    program_name(&image).ends_with(".sys")
}

/// What shows that somebody acted over the network.
#[derive(Default)]
struct Doors {
    logons: HashSet<(HostId, LogonId)>,
    /// Openings of `svcctl` over the network by account, in time order.
    pipes: HashMap<(HostId, Sym), Vec<Time>>,
}

impl Doors {
    /// Looks only for what can be a door of one of these installations.
    fn of(timeline: &Timeline, installs: &[(EventIndex, ServiceInstall)]) -> Self {
        let mut doors = Doors::default();
        if installs.is_empty() {
            return doors;
        }
        let tables = timeline.tables();
        let wanted: hashbrown::HashSet<LogonId> = installs
            .iter()
            .map(|(_, fact)| fact.logon_id)
            .filter(|logon| !logon.is_none() && !logon.is_built_in())
            .collect();
        for (event, fact) in tables.logons.iter() {
            if wanted.contains(&fact.logon_id) && fact.success && fact.logon_type == NETWORK {
                doors.logons.insert((timeline.host(event), fact.logon_id));
            }
        }
        let mut managers: Memo<bool> = Memo::default();
        let mut pipe_shares: Memo<bool> = Memo::default();
        for (event, fact) in tables.shares.iter().filter(|(_, fact)| fact.is_file) {
            let is_pipe = pipe_shares.get(fact.share, || {
                share_name(timeline.text(fact.share)).eq_ignore_ascii_case("IPC$")
            });
            let is_manager =
                || pipe_name(timeline.text(fact.target)).eq_ignore_ascii_case("svcctl");
            if is_pipe
                && managers.get(fact.target, is_manager)
                && !is_service_sid(timeline.text(fact.sid))
            {
                let key = (timeline.host(event), fact.sid);
                let openings = doors.pipes.entry(key).or_default();
                openings.push(timeline.time(event));
            }
        }
        doors
    }

    fn way(
        &self,
        timeline: &Timeline,
        event: EventIndex,
        fact: &ServiceInstall,
    ) -> Option<&'static str> {
        let host = timeline.host(event);
        if !fact.logon_id.is_none()
            && !fact.logon_id.is_built_in()
            && self.logons.contains(&(host, fact.logon_id))
        {
            return Some("installed over the network: the installer's logon is a network logon");
        }
        let time = timeline.time(event);
        let opened = self.pipes.get(&(host, fact.sid))?;
        let before = opened.partition_point(|at| *at <= time);
        let last = opened.get(before.checked_sub(1)?)?;
        (last.plus(AFTER_PIPE) >= time).then_some(
            "installed over the network: the same account had just opened the service manager's pipe",
        )
    }
}
