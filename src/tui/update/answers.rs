//! What workers and the case answered. Late answers find their page by number, or none.

use super::{close_layer, command, find, open};
use crate::case::Triage;
use crate::tui::message::{CaseAnswer, CaseOrder, Effect, Message};
use crate::tui::model::{Layer, Model, Page};
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
        | Message::Resized(..)
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
    let keep = model
        .walk
        .alerts()
        .and_then(|page| page.here(&model.data))
        .map(|alert| alert.id.clone());
    // places in the old timeline mean nothing in the new one: pages about events start anew
    let moved: Vec<_> = model
        .walk
        .all_mut()
        .filter_map(|(id, page)| match page {
            Page::Processes(page) => Some((
                id,
                model
                    .data
                    .processes()
                    .get(page.focus)
                    .and_then(|process| process.start),
            )),
            _ => None,
        })
        .collect();
    let same_events = snapshot.timeline.len() == model.data.timeline().len();
    model.data.take(snapshot);
    let review = CaseOrder::Review(model.data.snapshot.clone());
    let mut effects = command::order(model, review);
    command::rearrange(model, |_| {});
    let data = &model.data;
    if let Some(page) = model.walk.alerts_mut() {
        page.arrange(data, keep.as_deref());
    }
    for (id, start) in moved {
        let data = &model.data;
        if let Some(Page::Processes(page)) = model.walk.find_mut(id) {
            page.renew(start.filter(|_| same_events), data);
        }
    }
    let stale: Vec<_> = model
        .walk
        .all_mut()
        .filter_map(|(id, page)| match page {
            Page::Events(page) => {
                if !same_events {
                    page.keep = None;
                }
                Some(id)
            }
            _ => None,
        })
        .collect();
    for id in stale {
        effects.extend(open::fetch(model, id));
    }
    effects
}

fn take_triage(model: &mut Model, triage: Vec<Triage>) {
    model.data.take_triage(triage);
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
