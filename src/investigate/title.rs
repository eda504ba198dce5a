//! The alert in one plain sentence: who did what with which tool on which host, from where, and
//! what ran. Nothing is claimed that the evidence does not carry.

use super::alert::{Alert, Artefact, ProcessRef, Role};
use super::both_ends::targets;
use super::signals::Scene;
use super::wording::cut;
use crate::detect::ToolKind;
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
    if let Some((program, parent)) = run_by_hand(alert) {
        let by = parent.map_or_else(
            || "not by services.exe".to_owned(),
            |parent| format!("by {parent}"),
        );
        return format!("{program} was run {by} on {host}, not as a service");
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
        _ if tool.kind == ToolKind::Behaviour => {
            let service = alert.service.as_ref().map_or_else(
                || "a service".to_owned(),
                |s| format!("the service {}", s.name),
            );
            format!("{who} set up {service} on {host}{from}{ran}")
        }
        _ if tool.kind == ToolKind::Management => format!("{name} worked on {host}{from}{ran}"),
        _ if is_client_only(alert) => client_sentence(alert, &who, name),
        "winexe" if !has_installation(alert) => {
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

/// The service's program, when every trace of it says that it was no service, and who ran it
/// (catalogue trap 9: from a Run key, or by a double click).
fn run_by_hand(alert: &Alert) -> Option<(String, Option<String>)> {
    const WORDS: &str = "not as a service";
    let mut services = alert
        .sightings
        .iter()
        .filter(|sighting| sighting.artefact == Artefact::ServiceProcess)
        .peekable();
    services.peek()?;
    let by_hand = services.all(|sighting| sighting.what.contains(WORDS));
    let installed = alert.sightings.iter().any(|sighting| {
        matches!(
            sighting.artefact,
            Artefact::ServiceInstall | Artefact::ServiceState
        )
    });
    if !by_hand || installed {
        return None;
    }
    let process = with_role(alert, Role::Service).next()?;
    let parent = alert
        .processes
        .iter()
        .find(|other| Some(&other.key) == process.parent.as_ref())
        .and_then(|parent| parent.image.as_deref())
        .map(|image| file_name(image).to_owned());
    let program = file_name(process.image.as_deref()?).to_owned();
    Some((program, parent))
}

fn has_installation(alert: &Alert) -> bool {
    alert.sightings.iter().any(|sighting| {
        matches!(
            sighting.artefact,
            Artefact::ServiceInstall | Artefact::FileDrop
        )
    })
}

/// Whether only the client's side was seen.
fn is_client_only(alert: &Alert) -> bool {
    alert.service.is_none()
        && with_role(alert, Role::Client).next().is_some()
        && with_role(alert, Role::Service).next().is_none()
}

fn client_sentence(alert: &Alert, who: &str, tool: &str) -> String {
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
    format!("{who} used {tool} on {}{towards}{ran}", alert.host)
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
