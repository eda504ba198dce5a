//! Masks passwords in everything of an alert that may quote a command line.

use std::collections::BTreeMap;

use crate::case::{Note, Triage, links};
use crate::investigate::Alert;
use crate::text::mask_secrets;

/// What analysts wrote about an alert, without the passwords of command lines they pasted.
pub(super) fn mask_triage(mut triage: Triage) -> Triage {
    triage.notes = mask_notes(&triage.notes);
    triage.fields = mask_fields(&triage.fields);
    triage
}

/// Notes without passwords.
pub(super) fn mask_notes(notes: &[Note]) -> Vec<Note> {
    let mut notes = notes.to_vec();
    for note in &mut notes {
        note.markdown = mask_lines(&note.markdown);
        note.links = links(&note.markdown);
    }
    notes
}

/// Fields without passwords.
pub(super) fn mask_fields(fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let masked = fields
        .iter()
        .map(|(id, text)| (id.clone(), mask_lines(text)));
    masked.collect()
}

fn mask_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(mask_secrets).collect();
    lines.join("\n")
}

/// The alert without passwords.
pub(super) fn mask(mut alert: Alert) -> Alert {
    let texts = [&mut alert.title];
    let service = alert.service.iter_mut().flat_map(|service| {
        service
            .image_path
            .iter_mut()
            .chain([&mut service.name])
            .chain(&mut service.others)
    });
    let commands = alert
        .processes
        .iter_mut()
        .filter_map(|process| process.command_line.as_mut());
    let sightings = alert
        .sightings
        .iter_mut()
        .map(|sighting| &mut sighting.what);
    let signals = alert.signals.iter_mut().map(|signal| &mut signal.what);
    let answers = alert
        .questions
        .iter_mut()
        .filter_map(|question| question.answer.as_mut());
    texts
        .into_iter()
        .chain(service)
        .chain(commands)
        .chain(sightings)
        .chain(signals)
        .chain(answers)
        .chain(&mut alert.gaps)
        .for_each(|text| *text = mask_secrets(text));
    alert
}
