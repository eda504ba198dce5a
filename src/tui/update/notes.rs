//! What happens in the notes editor and in the list of what a note may point at.

use super::{close_layer, command};
use crate::case::EntryId;
use crate::timeline::EventIndex;
use crate::tui::message::{CaseOrder, Effect};
use crate::tui::model::layer::{NotesEditor, Picker};
use crate::tui::model::{Layer, Model, Page};
use crate::tui::theme::Role;

/// A new note about the alerts chosen, or the one that was set aside.
pub(super) fn open(model: &mut Model) {
    let alerts = model.chosen_alerts();
    show(model, NotesEditor::about(alerts));
}

/// A note that is there, to be changed.
pub(super) fn change(model: &mut Model, id: &EntryId) {
    let alert = match model.page() {
        Page::Alert(page) => page.id.clone(),
        _ => return,
    };
    let triage = model.data.triage(&alert);
    let note = triage.and_then(|triage| triage.notes.iter().find(|note| note.id == *id));
    if let Some(note) = note {
        let editor = NotesEditor::changing(alert, note);
        show(model, editor);
    }
}

/// Shows an editor; one with the same task that was left unsaved goes on.
fn show(model: &mut Model, fresh: NotesEditor) {
    match model.set_aside.take() {
        Some(Layer::Notes(notes)) if notes.is_same_task(&fresh) => {
            model.layers.push(Layer::Notes(notes));
        }
        aside => {
            model.set_aside = aside;
            model.layers.push(Layer::Notes(Box::new(fresh)));
        }
    }
}

/// Sends the note to the case.
pub(super) fn save(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Notes(notes)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let (markdown, alerts) = (notes.text(), notes.alerts.clone());
    let replaces = notes.replaces.clone();
    if markdown.is_empty() && replaces.is_none() {
        notes.fault = Some("the note is empty".to_owned());
        return Vec::new();
    }
    notes.saving = true;
    let order = CaseOrder::Note {
        alerts,
        markdown,
        replaces,
    };
    command::order(model, order)
}

/// Offers what the note may point at. Within a word, as in a mail address, `@` is a letter.
pub(super) fn pick(model: &mut Model) {
    let Some(Layer::Notes(notes)) = model.layers.last_mut() else {
        return;
    };
    if notes.is_in_word() {
        notes.area.insert_char('@');
        return;
    }
    let alerts = notes.alerts.clone();
    let data = &model.data;
    let open: Vec<EventIndex> = model
        .walk
        .all()
        .filter_map(|page| page.event(data))
        .collect();
    let picker = Picker::about(&alerts, &open, data);
    model.layers.push(Layer::Picker(Box::new(picker)));
}

/// Writes the link under the cursor into the note.
pub(super) fn take_pick(model: &mut Model) {
    let Some(Layer::Picker(picker)) = model.layers.last() else {
        return;
    };
    let Some(link) = picker.here().map(|candidate| candidate.link.to_string()) else {
        model.say(Role::Warning, "nothing is like that");
        return;
    };
    close_layer(model);
    insert(model, &link);
}

/// No link after all: the sign itself stands in the note.
pub(super) fn drop_pick(model: &mut Model) {
    insert(model, "@");
}

fn insert(model: &mut Model, text: &str) {
    if let Some(Layer::Notes(notes)) = model.layers.last_mut() {
        notes.area.insert_str(text);
    }
}
