//! Signals of deeds: what the command lines of a use say was done. The patterns are data.

use std::collections::HashSet;
use std::time::Duration;

use super::super::alert::{ProcessRef, Role};
use super::super::wording::{cut, listed};
use super::scene::{Found, Scene};
use super::{Of, RULES, Row};
use crate::detect::plain_image;
use crate::event::Time;
use crate::event::fact::Fact;
use crate::event::identity::file_name;
use crate::text::mask_secrets;
use crate::timeline::EventIndex;

/// What takes no longer was one short command.
const AT_ONCE: Duration = Duration::from_secs(5);
/// Command lines shown for one signal, and how much of each.
const SHOWN: usize = 4;
const LENGTH: usize = 80;
/// So many are looked for in a line that may repeat them; a use with more ran no two alike.
const COMPARED: usize = 64;

/// A command line with the event that shows it.
pub(super) struct Deed {
    pub(super) line: String,
    pub(super) event: Option<EventIndex>,
}

/// The signal of a row with command patterns.
pub(super) fn commands(scene: &Scene<'_, '_>, row: &Row) -> Option<Found> {
    let mut shown: Vec<String> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let mut events = Vec::new();
    let mut kinds: Vec<usize> = Vec::new();
    for deed in lines(scene, row.of) {
        let matches = row.patterns.matches(&deed.line);
        if matches.is_empty() {
            continue;
        }
        kinds.extend(matches);
        // A client's line repeats what its child then does.
        let mut first = shown.iter().take(COMPARED);
        let line = deed.line.trim();
        if !first.any(|other| line.contains(other)) && known.insert(line.to_owned()) {
            shown.push(line.to_owned());
        }
        events.extend(deed.event);
    }
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < row.at_least {
        return None;
    }
    let shown: Vec<String> = shown.iter().map(|line| cut(line, LENGTH)).collect();
    Some(Found::by(events)?.with("deed", listed(&shown, SHOWN)))
}

/// Whether software was deployed, by the rows that say so.
pub(super) fn is_deployment(scene: &Scene<'_, '_>) -> bool {
    RULES
        .signal
        .iter()
        .filter(|row| row.id == "agent-installer" || row.id == "software-from-share")
        .any(|row| commands(scene, row).is_some())
}

fn lines(scene: &Scene<'_, '_>, of: Of) -> Vec<Deed> {
    match of {
        Of::Run => run(scene).into_iter().chain(client(scene)).collect(),
        Of::Client => client(scene),
        Of::Lineage => lineage(scene),
    }
}

/// What the tool ran: its children, its service's process, and the services' own lines. What it was
/// told to run stands in the client's line.
pub(super) fn run(scene: &Scene<'_, '_>) -> Vec<Deed> {
    let text = |symbol| scene.around.timeline.text(symbol);
    let roles = scene
        .with_role(Role::Service)
        .chain(scene.with_role(Role::Child));
    let mut deeds: Vec<Deed> = roles
        .filter_map(|process| {
            Some(Deed {
                line: process
                    .command_line
                    .clone()
                    .or_else(|| process.image.clone())?,
                event: process.event.as_ref().map(|event| event.index),
            })
        })
        .collect();
    for (event, fact) in scene.facts() {
        let line = match fact {
            Fact::ServiceInstall(f) => plain_image(text(f.image_path)),
            Fact::Registry(f) if text(f.key).to_lowercase().ends_with("\\imagepath") => {
                plain_image(text(f.details))
            }
            _ => continue,
        };
        deeds.push(Deed {
            line,
            event: Some(event),
        });
    }
    deeds
}

fn client(scene: &Scene<'_, '_>) -> Vec<Deed> {
    scene
        .with_role(Role::Client)
        .filter_map(|process| {
            Some(Deed {
                line: process.command_line.clone()?,
                event: process.event.as_ref().map(|event| event.index),
            })
        })
        .collect()
}

/// The parents of the client, whatever the alert shows of them.
fn lineage(scene: &Scene<'_, '_>) -> Vec<Deed> {
    let around = scene.around;
    let client = scene
        .ends
        .client
        .or_else(|| scene.draft.clients.first().copied());
    let above = client
        .map(|client| around.processes.ancestors(client))
        .unwrap_or_default();
    above
        .into_iter()
        .filter_map(|id| {
            let process = around.processes.get(id)?;
            let line = process.command_line.some().unwrap_or(process.image);
            Some(Deed {
                line: around.timeline.text(line).to_owned(),
                event: process.start,
            })
        })
        .collect()
}

/// What was run, the console's host beside, when all of it is known to have ended at once.
pub(super) fn ended_at_once(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let is_console = |process: &&ProcessRef| {
        let image = process.image.as_deref().map(file_name).unwrap_or_default();
        image.eq_ignore_ascii_case("conhost.exe")
    };
    let ran = || scene.with_role(Role::Child).filter(|it| !is_console(it));
    let began = ran().map(|process| process.started).min()??;
    let ends: Option<Vec<Time>> = ran().map(|process| process.ended).collect();
    let took = ends?.into_iter().max()?.distance(began);
    let events = ran().filter_map(|process| Some(process.event.as_ref()?.index));
    (took <= AT_ONCE).then(|| Some(Found::by(events)?.with("span", seconds(took))))?
}

/// A short time, to the tenth of a second.
fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

pub(super) fn password_visible(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let alert = scene.alert();
    let showing: Vec<EventIndex> = alert
        .processes
        .iter()
        .filter(|process| {
            let line = process.command_line.as_deref().unwrap_or_default();
            takes_passwords(process.image.as_deref()) && mask_secrets(line) != line
        })
        .filter_map(|process| Some(process.event.as_ref()?.index))
        .collect();
    (!showing.is_empty()).then(|| Found::by(showing))?
}

/// Whether `-p` can be a password of that program: with Windows' own service host it is not.
fn takes_passwords(image: Option<&str>) -> bool {
    let name = image.map(file_name).unwrap_or_default();
    !["svchost.exe", "services.exe", "werfault.exe"]
        .iter()
        .any(|other| name.eq_ignore_ascii_case(other))
}
