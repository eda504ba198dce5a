//! Signals of shape: the service, its program, its pipes, the client's program.

use std::time::Duration;

use super::super::alert::{Artefact, Role};
use super::super::wording::cut;
use super::Row;
use super::scene::{Found, Scene};
use crate::detect::catalog::On;
use crate::detect::{Certainty, ToolKind, file_stem, pipe_name, plain_image};
use crate::event::fact::{Fact, ServiceChange};
use crate::event::identity::file_name;
use crate::event::same_host;
use crate::timeline::EventIndex;

/// A service that lives no longer was there for one command.
const AT_ONCE: Duration = Duration::from_secs(60);
/// How much of a command line is shown.
const SHOWN: usize = 100;
/// Traces that name a service.
const NAMING: [Artefact; 6] = [
    Artefact::ServiceInstall,
    Artefact::NamedPipe,
    Artefact::ShareAccess,
    Artefact::ServiceProcess,
    Artefact::ServiceState,
    Artefact::Registry,
];
/// Folders that every user can write to.
const ODD_FOLDERS: [&str; 6] = [
    "\\users\\public\\",
    "\\windows\\temp\\",
    "\\appdata\\local\\temp\\",
    "\\perflogs\\",
    "\\programdata\\",
    "\\$recycle.bin\\",
];

/// Whether the tool itself gives its service that name.
fn is_default_name(scene: &Scene<'_, '_>, name: &str) -> bool {
    let hits = scene.around.catalog.matches(On::Service, name);
    hits.iter()
        .any(|hit| hit.tool == scene.draft.tool && !hit.trace.looks_beside())
}

/// Name of the service, when it is not one that the tool gives.
fn foreign_name<'a>(scene: &'a Scene<'_, '_>) -> Option<&'a str> {
    let service = scene.alert().service.as_ref()?;
    let mut names = [Some(service.name.as_str()), service.display_name.as_deref()]
        .into_iter()
        .flatten();
    let default = names.any(|name| is_default_name(scene, name));
    (!default).then_some(service.name.as_str())
}

pub(super) fn renamed_service(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let plain = scene
        .tool
        .traces
        .iter()
        .any(|trace| trace.on.contains(&On::Service) && !trace.looks_beside());
    // Only a tool that is known for certain can be said to go by another name, and only of a service
    // that is known to be its own.
    let service = scene.alert().service.as_ref()?;
    let certain = scene.alert().certainty == Certainty::Certain && !service.how.is_inferred();
    if scene.tool.kind != ToolKind::DualUse || !plain || !certain {
        return None;
    }
    foreign_name(scene)?;
    let events: Vec<EventIndex> = scene.sightings(&NAMING).collect();
    (!events.is_empty()).then(|| Found::by(events))?
}

pub(super) fn random_name(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let name = foreign_name(scene)?;
    if !super::names::looks_random(name) {
        return None;
    }
    Found::by(scene.sightings(&NAMING))
}

pub(super) fn masquerading_name(scene: &Scene<'_, '_>, row: &Row) -> Option<Found> {
    let is_windows = |name: &str| {
        row.names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    let started = scene.with_role(Role::Service).find_map(|process| {
        let image = process.image.as_deref()?;
        let odd = is_windows(&file_stem(image)) && image.contains('\\') && !is_at_home(image);
        odd.then(|| {
            (
                image.to_owned(),
                process.event.as_ref().map(|event| event.index),
            )
        })
    });
    if let Some((image, event)) = started {
        return Some(Found::by(event)?.with("name", image));
    }
    let service = scene.alert().service.as_ref()?;
    let at_home = service.image_path.as_deref().is_some_and(is_at_home);
    if !is_windows(&service.name) || at_home {
        return None;
    }
    let found = Found::by(scene.sightings(&NAMING))?;
    Some(found.with("name", format!("the service {}", service.name)))
}

/// Whether a program lies where Windows keeps its own.
fn is_at_home(image: &str) -> bool {
    let image = image.to_lowercase();
    [
        "\\system32\\",
        "\\syswow64\\",
        "\\program files",
        "\\programdata\\microsoft\\",
        "\\servicing\\",
    ]
    .iter()
    .any(|home| image.contains(home))
        || image.ends_with("\\windows\\explorer.exe")
}

pub(super) fn renamed_client(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let client = scene.client()?;
    let Some(Fact::ProcessStart(start)) = scene.around.fact(client.start?) else {
        return None;
    };
    let timeline = scene.around.timeline;
    let (image, original) = (
        timeline.text(start.image),
        timeline.text(start.original_file_name),
    );
    let matches = |on, value: &str| {
        let hits = scene.around.catalog.matches(on, value);
        hits.iter().any(|hit| hit.tool == scene.draft.tool)
    };
    if !matches(On::OriginalName, original) || matches(On::Process, file_name(image)) {
        return None;
    }
    Some(Found::by(client.start)?.with("name", image))
}

pub(super) fn known_copy(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let own = scene
        .with_role(Role::Client)
        .chain(scene.with_role(Role::Service));
    own.filter_map(|process| process.event.as_ref())
        .find_map(|event| {
            let Some(Fact::ProcessStart(start)) = scene.around.fact(event.index) else {
                return None;
            };
            let text = |symbol| scene.around.timeline.text(symbol);
            let hits = scene.around.catalog.matches(On::Hash, text(start.hashes));
            let known = hits.iter().find(|hit| hit.tool == scene.draft.tool)?;
            let found = Found::by([event.index])?
                .with("name", file_name(text(start.image)))
                .with("says", known.trace.says.clone().unwrap_or_default());
            Some(found)
        })
}

pub(super) fn client_in_odd_folder(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let client = scene.client()?;
    let image = scene.around.timeline.text(client.image);
    let lower = image.to_lowercase();
    let odd = ODD_FOLDERS.iter().any(|folder| lower.contains(folder));
    odd.then(|| Some(Found::by(client.start)?.with("folder", image)))?
}

/// Program lines of the use's services, each with its event.
fn service_lines(scene: &Scene<'_, '_>) -> Vec<(String, EventIndex)> {
    let text = |symbol| scene.around.timeline.text(symbol);
    scene
        .facts()
        .filter_map(|(event, fact)| match fact {
            Fact::ServiceInstall(f) => Some((plain_image(text(f.image_path)), event)),
            Fact::Registry(f) if text(f.key).to_lowercase().ends_with("\\imagepath") => {
                Some((plain_image(text(f.details)), event))
            }
            _ => None,
        })
        .filter(|(line, _)| !line.is_empty())
        .collect()
}

pub(super) fn shell_service(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    const SHELLS: [&str; 9] = [
        "cmd",
        "powershell",
        "pwsh",
        "rundll32",
        "regsvr32",
        "mshta",
        "wscript",
        "cscript",
        "%comspec%",
    ];
    let shells: Vec<(String, EventIndex)> = service_lines(scene)
        .into_iter()
        .filter(|(line, _)| {
            let unquoted = line.trim_start_matches('"');
            let program = unquoted.split(['"', ' ']).next().unwrap_or_default();
            SHELLS.contains(&file_stem(program).as_str()) && !is_product(scene, line)
        })
        .collect();
    let line = cut(&shells.first()?.0, SHOWN);
    let found = Found::by(shells.iter().map(|(_, event)| *event))?;
    Some(found.with("line", line))
}

/// Whether the catalogue knows a service's line as one that installed products have too.
fn is_product(scene: &Scene<'_, '_>, line: &str) -> bool {
    let hits = scene.around.catalog.matches(On::ServiceImage, line);
    !hits.is_empty() && hits.iter().all(|hit| hit.trace.sure == Certainty::Possible)
}

pub(super) fn on_own_share(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let host = &scene.alert().host;
    let own: Vec<(String, EventIndex)> = service_lines(scene)
        .into_iter()
        .filter(|(line, _)| {
            let unquoted = line.trim_start_matches('"');
            let server = unquoted
                .strip_prefix("\\\\")
                .and_then(|rest| rest.split('\\').next())
                .unwrap_or_default();
            let is_device = server == "." || server == "?" || server.is_empty();
            !is_device
                && (server.starts_with("127.")
                    || server.eq_ignore_ascii_case("localhost")
                    || server.eq_ignore_ascii_case("%computername%")
                    || same_host(server, host)
                    || unquoted.to_lowercase().contains("\\admin$\\"))
        })
        .collect();
    let line = cut(&own.first()?.0, SHOWN);
    let found = Found::by(own.iter().map(|(_, event)| *event))?;
    Some(found.with("line", line))
}

pub(super) fn unknown_program(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let text = |symbol| scene.around.timeline.text(symbol);
    let dropped = scene.facts().find_map(|(event, fact)| {
        let path = match fact {
            Fact::ShareAccess(f) if text(f.share).to_uppercase().ends_with("ADMIN$") => {
                text(f.target)
            }
            Fact::File(f) if f.pid == 4 => text(f.path),
            _ => return None,
        };
        let name = file_name(path);
        let is_program = name.to_lowercase().ends_with(".exe");
        // The service of a dual-use tool under another name is told by that signal.
        let own = match scene.tool.kind {
            ToolKind::Management => true,
            ToolKind::DualUse => {
                foreign_name(scene).is_some_and(|service| file_stem(name) == service.to_lowercase())
            }
            ToolKind::Offensive | ToolKind::Behaviour => false,
        };
        let known = own || !scene.around.catalog.matches(On::File, name).is_empty();
        (is_program && !known).then(|| (path.to_owned(), event))
    })?;
    Some(Found::by([dropped.1])?.with("program", dropped.0))
}

pub(super) fn remcom_pipes(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let text = |symbol| scene.around.timeline.text(symbol);
    let mut pipes = Vec::new();
    for (event, fact) in scene.facts() {
        let (pipe, image) = match fact {
            Fact::Pipe(f) => (text(f.name), text(f.image)),
            Fact::ShareAccess(f) => (text(f.target), ""),
            Fact::ServiceInstall(f) if is_remcom(text(f.name)) => return None,
            Fact::ServiceState(f) if is_remcom(text(f.name)) => return None,
            Fact::ProcessStart(f) if is_remcom(file_name(text(f.image))) => return None,
            Fact::File(f) if is_remcom(file_name(text(f.path))) => return None,
            _ => continue,
        };
        if is_remcom(file_name(image)) || file_name(pipe).eq_ignore_ascii_case("remcomsvc.exe") {
            return None;
        }
        if is_remcom(pipe_name(pipe)) {
            pipes.push(event);
        }
    }
    // Without a service of another name in sight the service may just not have been logged.
    let other = scene
        .alert()
        .service
        .as_ref()
        .is_some_and(|service| !is_remcom(&service.name));
    (other && !pipes.is_empty()).then(|| Found::by(pipes))?
}

fn is_remcom(name: &str) -> bool {
    name.get(..6)
        .is_some_and(|head| head.eq_ignore_ascii_case("remcom"))
}

pub(super) fn attack_tool_shape(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    const SHAPES: [Artefact; 7] = [
        Artefact::ServiceInstall,
        Artefact::ServiceProcess,
        Artefact::NamedPipe,
        Artefact::ShareAccess,
        Artefact::FileDrop,
        Artefact::ChildProcess,
        Artefact::Registry,
    ];
    let events: Vec<EventIndex> = scene.sightings(&SHAPES).collect();
    let certain = scene.alert().certainty >= Certainty::Likely;
    let shows = scene.tool.kind == ToolKind::Offensive && certain && !events.is_empty();
    shows.then(|| Found::by(events))?
}

pub(super) fn runs_as_system(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    const SYSTEM: &str = "0x3e7";
    let system: Vec<EventIndex> = scene
        .with_role(Role::Child)
        .filter(|process| process.logon_id.as_deref() == Some(SYSTEM))
        .filter_map(|process| Some(process.event.as_ref()?.index))
        .collect();
    if system.is_empty() || super::deeds::is_deployment(scene) {
        return None;
    }
    Found::by(system)
}

pub(super) fn removed_at_once(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let text = |symbol| scene.around.timeline.text(symbol);
    let first = scene.alert().first_time;
    let gone: Vec<EventIndex> = scene
        .facts()
        .filter(|(event, _)| scene.around.timeline.time(*event).distance(first) <= AT_ONCE)
        .filter(|(_, fact)| match fact {
            Fact::ServiceState(f) => f.change == ServiceChange::Stopped,
            Fact::Registry(f) => {
                text(f.action).to_lowercase().starts_with("delete")
                    || text(f.key).to_lowercase().ends_with("\\deleteflag")
            }
            _ => false,
        })
        .map(|(event, _)| event)
        .collect();
    (!gone.is_empty()).then(|| Found::by(gone))?
}
