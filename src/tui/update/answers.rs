//! What workers and the case answered. Late answers find their page by number, or none.

use super::{alert_list, close_layer, command, filter, find, finder, open, resume};
use crate::case::{KnownRule, Triage};
use crate::investigate::Snapshot;
use crate::tui::message::{CaseAnswer, CaseOrder, Effect, Message};
use crate::tui::model::{AlertIndex, Item, Layer, Model, Moved, Page};
use crate::tui::theme::Role;

/// Takes an answer into the model.
pub(super) fn take(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Progress(loading) => {
            let items = items_here(model);
            for (_, page) in model.walk.all_mut() {
                if let Page::Sources(page) = page {
                    page.watch(&loading);
                }
            }
            model.loading = loading;
            stay_on(model, items);
        }
        Message::Snapshot(snapshot, index) => return take_snapshot(model, snapshot, index),
        Message::Hashing(hashing) => {
            let has_ended = !hashing.is_running;
            model.hashing = hashing;
            if has_ended {
                model.data.renew();
                return command::order(model, CaseOrder::Hashed);
            }
        }
        Message::Found { page, job, found } => {
            let data = &model.data;
            if let Some(Page::Events(page)) = model.walk.find_mut(page)
                && page.awaited == Some(job)
            {
                page.take(found, data);
            }
        }
        Message::Names(names) => {
            model.data.take_names(names);
            filter::renew_choices(model);
            return finder::renew(model);
        }
        Message::Hits {
            job,
            hits,
            is_whole,
        } => finder::take(model, job, hits, is_whole),
        Message::Counted {
            page,
            job,
            counts,
            total,
        } => {
            if let Some(Page::Counts(page)) = model.walk.find_mut(page)
                && page.awaited == Some(job)
            {
                page.take(counts, total);
            }
        }
        Message::Read { page, record } => {
            let data = &model.data;
            if let Some(Page::Event(page)) = model.walk.find_mut(page) {
                page.take(record, data);
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
        Message::Dumped(Ok(path)) => {
            let path = crate::text::line(&path.display().to_string()).into_string();
            model.say(Role::Good, format!("written: {path}"));
        }
        Message::Dumped(Err(reason)) => model.say(Role::Error, reason),
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
fn take_snapshot(model: &mut Model, snapshot: Snapshot, index: AlertIndex) -> Vec<Effect> {
    if snapshot.number <= model.data.snapshot.number {
        return Vec::new();
    }
    // as long as nothing was moved or opened, reading begins at the top
    let untouched = model.hint && model.data.marked.is_empty();
    let under_cursor = model
        .walk
        .alerts()
        .filter(|page| page.list.cursor > 0 || !untouched)
        .and_then(|page| page.keep(&model.data))
        .map(|alert| alert.id.clone());
    // what is under cursors, while rows still mean it
    let items = items_here(model);
    for (_, page) in model.walk.all_mut() {
        if let Page::Events(page) = page {
            page.keep = page.here(&model.data).or(page.keep);
        }
    }
    let before = model.data.take(snapshot, index);
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
            Page::Counts(_) => to_fetch.push(id),
            Page::Alerts(_) | Page::Sources(_) | Page::Known(_) => {}
        }
    }
    stay_on(model, items);
    for id in to_fetch {
        effects.extend(open::fetch(model, id));
    }
    effects.extend(finder::anew(model));
    effects.extend(filter::anew(model, moved));
    if after.complete {
        model.hashing.is_running = true;
        effects.push(Effect::Hash);
        effects.extend(resume::pages(model));
    }
    effects.push(Effect::Forget(before));
    effects
}

/// What the cursor of each page of text is on, before what is known changes.
pub(super) fn items_here(model: &mut Model) -> Vec<Option<Item>> {
    let data = &model.data;
    let pages = model.walk.all_mut();
    pages
        .map(|(_, page)| match page {
            Page::Alert(page) => page.here(data),
            _ => None,
        })
        .collect()
}

/// Puts the cursor of each page of text back on what it was on.
pub(super) fn stay_on(model: &mut Model, items: Vec<Option<Item>>) {
    let data = &model.data;
    for ((_, page), here) in model.walk.all_mut().zip(items) {
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
    let items = items_here(model);
    model.data.take_triage(triage, known);
    stay_on(model, items);
    alert_list::rearrange(model, |_| {});
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
        CaseAnswer::Waiting => model.say(
            Role::Warning,
            "another dualuse is writing to this case; waiting for it",
        ),
        CaseAnswer::Hashed => model.case.pending = model.case.pending.saturating_sub(1),
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
