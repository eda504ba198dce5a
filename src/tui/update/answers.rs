//! What workers and the case answered. Late answers find their page by number, or none.

use super::{close_layer, command, find, open};
use crate::case::{KnownRule, Triage};
use crate::tui::message::{CaseAnswer, CaseOrder, Effect, Message};
use crate::tui::model::{Data, Item, Layer, Model, Page};
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
        Message::Case(answer) => return take_case(model, answer),
        Message::Edited(result) => match (result, model.layers.last_mut()) {
            (Ok(text), Some(Layer::Notes(notes))) => notes.set(&text),
            (Ok(_), _) => {}
            (Err(reason), _) => model.say(Role::Error, reason),
        },
        Message::Copied(Ok(what)) => {
            // what was saved a moment ago stays to be read
            let saved = model.toast.take().map(|toast| toast.text);
            let saved = saved.filter(|text| text.starts_with("saved: "));
            let text = saved.map_or(what.clone(), |saved| format!("{saved}  {what}"));
            model.say(Role::Good, text);
        }
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
    settle(model, |data| data.take(snapshot));
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

/// Lets what is known change; the cursor of every page of text stays on what it was on.
fn settle(model: &mut Model, change: impl FnOnce(&mut Data)) {
    let data = &model.data;
    let before: Vec<Option<Item>> = model
        .walk
        .all_mut()
        .map(|(_, page)| match page {
            Page::Alert(page) => page.here(data),
            _ => None,
        })
        .collect();
    change(&mut model.data);
    let data = &model.data;
    for ((_, page), here) in model.walk.all_mut().zip(before) {
        match page {
            Page::Alert(page) => page.stay_on(here.as_ref(), data),
            other => {
                let len = other.len(data);
                other.list_mut().clamp(len);
            }
        }
    }
}

fn take_triage(model: &mut Model, triage: Vec<Triage>, known: Vec<KnownRule>) {
    settle(model, |data| data.take_triage(triage, known));
    command::rearrange(model, |_| {});
}

/// What is done with a message to an owner once the case has it that he was asked.
fn hand_over(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Ask(form)) = model.layers.last() else {
        return Vec::new();
    };
    let Some(text) = form.message.clone() else {
        return Vec::new();
    };
    let (copies, file) = (form.copies(), form.file());
    let mut effects = Vec::new();
    if copies {
        effects.push(Effect::Copy(text.clone()));
    }
    if !file.is_empty() {
        let file = file.into();
        effects.extend(command::order(model, CaseOrder::Write { file, text }));
    }
    effects
}

fn take_case(model: &mut Model, answer: CaseAnswer) -> Vec<Effect> {
    let mut effects = Vec::new();
    match answer {
        CaseAnswer::Opened { path } => model.case.path = Some(path),
        CaseAnswer::Unusable(reason) => {
            model.say(Role::Error, reason.clone());
            model.case.trouble = Some(reason);
        }
        CaseAnswer::Triage(triage, known) => {
            model.case.pending = model.case.pending.saturating_sub(1);
            take_triage(model, triage, known);
        }
        CaseAnswer::Saved {
            what,
            triage,
            known,
        } => {
            model.case.pending = model.case.pending.saturating_sub(1);
            take_triage(model, triage, known);
            let saving = model.layers.last_mut().and_then(Layer::saving_mut);
            if saving.is_some_and(|saving| *saving) {
                effects = hand_over(model);
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
            let count = faults.len();
            let told = match model.layers.last_mut() {
                Some(Layer::Triage(form)) => {
                    form.refuse(faults);
                    true
                }
                Some(layer) => {
                    if let Some(saving) = layer.saving_mut() {
                        *saving = false;
                    }
                    let form = layer.form_mut();
                    form.map(|form| form.blame(faults)).is_some()
                }
                None => false,
            };
            if told {
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
            if let Some(saving) = model.layers.last_mut().and_then(Layer::saving_mut) {
                *saving = false;
            }
            if let Some(Layer::Notes(notes)) = model.layers.last_mut() {
                notes.fault = Some(reason.clone());
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
                Err(reason) => match model.layers.last_mut() {
                    Some(Layer::Export(form)) => {
                        form.saving = false;
                        form.form.blame([("file".to_owned(), reason)]);
                    }
                    _ => model.say(Role::Error, reason),
                },
            }
        }
    }
    effects
}
