//! What workers and the case answered. Late answers find their page by number, or none.

use super::{close_layer, command, find, open};
use crate::case::Triage;
use crate::tui::message::{CaseAnswer, CaseOrder, Effect, Message};
use crate::tui::model::{Layer, Model, Moved, Page};
use crate::tui::theme::Role;

/// Takes an answer into the model.
pub(super) fn take(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Progress(loading) => model.loading = loading,
        Message::Snapshot(snapshot) => return take_snapshot(model, snapshot),
        Message::Found { page, job, found } => {
            let data = &model.data;
            if let Some(Page::Events(page)) = model.walk.find_mut(page)
                && page.awaited == Some(job)
            {
                page.take(found, data);
            }
        }
        Message::Read { page, record } => {
            if let Some(Page::Event(page)) = model.walk.find_mut(page) {
                page.record = Some(record);
            }
        }
        Message::Sought { page, job, row } => {
            let here = model.walk.id() == page;
            if let Some(Page::Events(page)) = model.walk.find_mut(page)
                && page.sought == Some(job)
            {
                page.sought = None;
                if here {
                    find::land(model, row);
                }
            }
        }
        Message::Case(answer) => take_case(model, answer),
        Message::Edited(result) => match (result, model.layers.last_mut()) {
            (Ok(text), Some(Layer::Notes(notes))) => notes.set(&text),
            (Ok(_), _) => {}
            (Err(reason), _) => model.say(Role::Error, reason),
        },
        Message::Copied(Ok(what)) => model.say(Role::Good, what),
        Message::Copied(Err(reason)) => model.say(Role::Warning, reason),
        Message::Failed(what) => model.say(Role::Error, what),
        Message::Key(_)
        | Message::Paste(_)
        | Message::Wheel(_)
        | Message::Click { .. }
        | Message::Resized
        | Message::Terminate
        | Message::ToastOver => {}
    }
    Vec::new()
}

/// A new snapshot: every page goes on with it, cursors stay on what they were on.
fn take_snapshot(model: &mut Model, snapshot: crate::investigate::Snapshot) -> Vec<Effect> {
    if snapshot.number <= model.data.snapshot.number {
        return Vec::new();
    }
    let under_cursor = model
        .walk
        .alerts()
        .and_then(|page| page.here(&model.data))
        .map(|alert| alert.id.clone());
    // events under cursors, while their rows still mean them
    for (_, page) in model.walk.all_mut() {
        if let Page::Events(page) = page {
            page.keep = page.here(&model.data).or(page.keep);
        }
    }
    let before = model.data.take(snapshot);
    let after = model.data.snapshot.clone();
    let moved = Moved {
        from: &before,
        to: &after,
    };
    let mut effects = command::order(model, CaseOrder::Review(after.clone()));
    let data = &model.data;
    if let Some(page) = model.walk.alerts_mut() {
        let keep = under_cursor.and_then(|id| moved.alert(&id));
        page.arrange(data, keep.as_deref());
    }
    let mut to_fetch = Vec::new();
    for (id, page) in model.walk.all_mut() {
        match page {
            Page::Alert(page) => page.id = moved.alert(&page.id).unwrap_or_else(|| page.id.clone()),
            Page::Processes(page) => page.renew(moved, data),
            Page::Event(page) => page.index = moved.event(page.index).unwrap_or(page.index),
            Page::Events(page) => {
                page.renew(moved);
                to_fetch.push(id);
            }
            Page::Alerts(_) | Page::Sources(_) => {}
        }
    }
    for id in to_fetch {
        effects.extend(open::fetch(model, id));
    }
    effects
}

fn take_triage(model: &mut Model, triage: Vec<Triage>) {
    for triage in triage {
        model.data.triage.insert(triage.alert.clone(), triage);
    }
    command::rearrange(model, |_| {});
}

fn take_case(model: &mut Model, answer: CaseAnswer) {
    match answer {
        CaseAnswer::Opened { path } => model.case.path = Some(path),
        CaseAnswer::Unusable(reason) => {
            model.say(Role::Error, reason.clone());
            model.case.trouble = Some(reason);
        }
        CaseAnswer::Triage(triage) => {
            model.case.pending = model.case.pending.saturating_sub(1);
            take_triage(model, triage);
        }
        CaseAnswer::Saved { what, triage } => {
            model.case.pending = model.case.pending.saturating_sub(1);
            take_triage(model, triage);
            let saving = match model.layers.last() {
                Some(Layer::Triage(form)) => form.saving,
                Some(Layer::Notes(notes)) => notes.saving,
                _ => false,
            };
            if saving {
                close_layer(model);
                model.data.marked.clear();
            }
            let key = model.keymap.key_of(
                crate::tui::keymap::Mode::Normal,
                crate::tui::command::Command::Undo,
            );
            let undo = key
                .map(|key| format!("  {key} takes it back"))
                .unwrap_or_default();
            model.say(Role::Good, format!("saved: {what}{undo}"));
        }
        CaseAnswer::Refused(faults) => {
            model.case.pending = model.case.pending.saturating_sub(1);
            if let Some(Layer::Triage(form)) = model.layers.last_mut() {
                let count = faults.len();
                form.refuse(faults);
                let text = if count == 1 {
                    "not saved: one thing is missing".to_owned()
                } else {
                    format!("not saved: {count} things are missing")
                };
                model.say(Role::Warning, text);
            }
        }
        CaseAnswer::NotSaved(reason) => {
            model.case.pending = model.case.pending.saturating_sub(1);
            match model.layers.last_mut() {
                Some(Layer::Triage(form)) => form.saving = false,
                Some(Layer::Notes(notes)) => {
                    notes.saving = false;
                    notes.fault = Some(reason.clone());
                }
                _ => {}
            }
            model.say(Role::Error, reason);
        }
        CaseAnswer::Preview { job, lines } => {
            model.case.pending = model.case.pending.saturating_sub(1);
            if let Some(Layer::Export(form)) = model.layers.last_mut()
                && form.awaited == job
            {
                form.preview = Some(lines);
            }
        }
        CaseAnswer::Exported(result) => {
            model.case.pending = model.case.pending.saturating_sub(1);
            match result {
                Ok(path) => {
                    if matches!(model.layers.last(), Some(Layer::Export(_))) {
                        close_layer(model);
                    }
                    let path = crate::text::line(&path.display().to_string()).into_string();
                    model.say(Role::Good, format!("written: {path}"));
                }
                Err(reason) => {
                    if let Some(Layer::Export(form)) = model.layers.last_mut() {
                        form.saving = false;
                        form.form.blame([("file".to_owned(), reason)]);
                    }
                }
            }
        }
    }
}
