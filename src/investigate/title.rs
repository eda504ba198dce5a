//! The alert in one plain sentence: who did what with which tool on which host, from where, and
//! what ran. Nothing is claimed that the evidence does not carry.

use super::alert::{Alert, Artefact, ProcessRef, Role, Sighting};
use super::both_ends::targets;
use super::signals::Scene;
use super::wording::cut;
use crate::detect::ToolKind;
use crate::detect::catalog::On;
use crate::detect::session_zero::Door;
use crate::event::identity::file_name;

/// How much of a command the sentence shows.
const COMMAND: usize = 80;

/// The sentence.
pub(super) fn title(scene: &Scene<'_, '_>) -> String {
    let (alert, tool) = (&scene.draft.alert, scene.tool);
    let host = &alert.host;
    let (who, name) = (who(alert), &tool.title);
    let from = scene
        .source()
        .map_or_else(String::new, |source| format!(" from {source}"));
    let ran = what_ran(alert).map_or_else(String::new, |command| format!(", ran {command}"));
    if only_antivirus(alert) {
        let what = if tool.id == "antivirus" {
            "a dual-use tool"
        } else {
            name
        };
        return format!("Antivirus named {what} on {host}");
    }
    if let Some((program, parent)) = run_by_hand(scene) {
        return format!("{program} was run by {parent} on {host}, not as a service");
    }
    match tool.id.as_str() {
        "session-zero" => {
            let door = scene.door.unwrap_or(Door::Other).words();
            let program = first_child(alert)
                .and_then(|process| process.image.as_deref())
                .map_or("a process", file_name);
            format!("{who} had {program} in session 0 of {host}, through {door}{from}{ran}")
        }
        "getsystem" => format!("{who} became SYSTEM on {host} by {name}, a local step{ran}"),
        _ if is_client_only(alert) => {
            client_sentence(alert, &who, name, tool.kind == ToolKind::Behaviour)
        }
        _ if tool.kind == ToolKind::Behaviour => behaviour(alert, &who, &from, &ran),
        _ if tool.kind == ToolKind::Management => format!("{name} worked on {host}{from}{ran}"),
        "winexe" if was_present(scene) => {
            format!("{who} used winexe on {host}{from} (service already present){ran}")
        }
        _ => format!("{who} used {name} on {host}{from}{ran}"),
    }
}

fn who(alert: &Alert) -> String {
    match &alert.account {
        None => "Somebody".to_owned(),
        Some(account) if account.how.is_inferred() => format!("{} (probably)", account.name),
        Some(account) => account.name.clone(),
    }
}

fn only_antivirus(alert: &Alert) -> bool {
    alert
        .sightings
        .iter()
        .all(|sighting| sighting.artefact == Artefact::Antivirus)
}

/// The service's program, when somebody else than the service manager started it, and who that was
/// (catalogue trap 9: from a Run key, or by a double click).
fn run_by_hand(scene: &Scene<'_, '_>) -> Option<(String, String)> {
    let alert = &scene.draft.alert;
    let as_service = alert.sightings.iter().any(|sighting| {
        matches!(
            sighting.artefact,
            Artefact::ServiceInstall | Artefact::ServiceState
        )
    });
    if as_service || scene.tool.kind == ToolKind::Behaviour {
        return None;
    }
    let of_service = |process: &&ProcessRef| {
        let name = file_name(process.image.as_deref().unwrap_or_default());
        let hits = scene.around.catalog.matches(On::ServiceProcess, name);
        hits.iter().any(|hit| hit.tool == scene.draft.tool)
    };
    let mut programs = alert
        .processes
        .iter()
        .filter(|process| matches!(process.role, Role::Client | Role::Service))
        .filter(of_service);
    let process = programs.next()?;
    let parent = alert
        .processes
        .iter()
        .find(|other| Some(&other.key) == process.parent.as_ref())
        .and_then(|parent| parent.image.as_deref())
        .map(file_name)
        .filter(|parent| !parent.eq_ignore_ascii_case("services.exe"))?;
    let program = file_name(process.image.as_deref()?).to_owned();
    Some((program, parent.to_owned()))
}

/// What was done, where no tool is named: only as much as the traces show.
fn behaviour(alert: &Alert, who: &str, from: &str, ran: &str) -> String {
    let host = &alert.host;
    let shows = |kinds: &[Artefact]| {
        let mut sightings = alert.sightings.iter();
        sightings.any(|sighting| kinds.contains(&sighting.artefact))
    };
    if let Some(service) = &alert.service {
        return format!(
            "{who} set up the service {} on {host}{from}{ran}",
            service.name
        );
    }
    let started = with_role(alert, Role::Service).find_map(|process| process.image.as_deref());
    match started {
        Some(image) => format!(
            "services.exe started {} on {host}{from}{ran}",
            file_name(image)
        ),
        None if shows(&[Artefact::FileDrop]) => {
            format!("{who} wrote a program to {host} over the network{from}{ran}")
        }
        None => format!("{who} worked on a service of {host}{from}{ran}"),
    }
}

/// Whether winexe's service was there before the use: nothing shows that it was installed, and the
/// System log, which always tells that, covers the time, or nothing shows that it was started now.
fn was_present(scene: &Scene<'_, '_>) -> bool {
    let alert = scene.alert();
    let any = |fits: fn(&Sighting) -> bool| alert.sightings.iter().any(fits);
    if any(brings_service) {
        return false;
    }
    let coverage = scene.around.coverage.host(scene.draft.host);
    let system = coverage.and_then(|host| host.span("System"));
    let is_covered = system.is_some_and(|(first, last)| (first..=last).contains(&alert.first_time));
    is_covered || !any(starts_service)
}

fn brings_service(sighting: &Sighting) -> bool {
    match sighting.artefact {
        Artefact::ServiceInstall | Artefact::FileDrop => true,
        Artefact::Registry => sighting.what.contains(": ImagePath"),
        _ => false,
    }
}

fn starts_service(sighting: &Sighting) -> bool {
    match sighting.artefact {
        Artefact::ServiceProcess => true,
        Artefact::ServiceState => sighting.what.ends_with("started"),
        // The service makes this pipe once, when it begins.
        Artefact::NamedPipe => sighting.what.starts_with(r"pipe \ahexec created"),
        _ => false,
    }
}

/// Whether only the client's side was seen.
fn is_client_only(alert: &Alert) -> bool {
    alert.service.is_none()
        && with_role(alert, Role::Client).next().is_some()
        && with_role(alert, Role::Service).next().is_none()
}

fn client_sentence(alert: &Alert, who: &str, tool: &str, behaviour: bool) -> String {
    let client = with_role(alert, Role::Client).find(|process| process.command_line.is_some());
    let line = client
        .and_then(|client| client.command_line.as_deref())
        .unwrap_or_default();
    let targets = targets(line);
    let towards = if targets.is_empty() {
        String::new()
    } else {
        format!(" towards {}", cut(&targets.join(", "), COMMAND))
    };
    let ran = if line.is_empty() {
        String::new()
    } else {
        format!(": {}", cut(line, COMMAND))
    };
    let did = if behaviour {
        "gave a command to set up a service".to_owned()
    } else {
        format!("used {tool}")
    };
    format!("{who} {did} on {}{towards}{ran}", alert.host)
}

fn with_role(alert: &Alert, role: Role) -> impl Iterator<Item = &ProcessRef> {
    alert
        .processes
        .iter()
        .filter(move |process| process.role == role)
}

/// The first process that the tool ran; a console's own host is none.
fn first_child(alert: &Alert) -> Option<&ProcessRef> {
    with_role(alert, Role::Child)
        .filter(|process| process.started.is_some())
        .find(|process| {
            !process
                .image
                .as_deref()
                .is_some_and(|image| file_name(image).eq_ignore_ascii_case("conhost.exe"))
        })
}

/// The first command that the tool ran.
fn what_ran(alert: &Alert) -> Option<String> {
    let child = first_child(alert)?;
    let command = child.command_line.as_deref().or(child.image.as_deref())?;
    Some(cut(command.trim(), COMMAND))
}
