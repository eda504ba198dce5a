//! What happens in the layers over a page: prompts, menus, forms, the notes editor.

use crossterm::event::KeyCode;

use super::{close_layer, command, filter, find, finder, notes, timeline};
use crate::report::Format;
use crate::tui::command::{Command, Ready};
use crate::tui::key::{self, Key};
use crate::tui::keymap::{Lookup, Mode};
use crate::tui::message::{CaseOrder, Effect, ExportOrder};
use crate::tui::model::layer::{
    AskForm, ExportForm, Form, Input, Menu, Prompt, PromptKind, RuleForm, RuleWork, TriageForm,
    TriageStage, edit_area, edit_line, paste_line,
};
use crate::tui::model::{Layer, Model, Page, Scope, Step};
use crate::tui::theme::Role;

/// Opens the prompt for text to find.
pub(super) fn prompt_find(model: &mut Model) {
    let before = model.page().list().cursor;
    let line = tui_input::Input::default();
    model.layers.push(Layer::Prompt(Prompt {
        kind: PromptKind::Find,
        line,
        fault: None,
        before,
        filter: None,
    }));
}

pub(super) fn open_help(model: &mut Model) {
    let menu = Menu::help(model);
    model.layers.push(Layer::Help(menu));
}

pub(super) fn open_palette(model: &mut Model) {
    let menu = Menu::palette(model);
    model.layers.push(Layer::Palette(menu));
}

pub(super) fn open_triage(model: &mut Model) {
    let alerts = model.chosen_alerts();
    match model.set_aside.take() {
        Some(Layer::Triage(form)) if form.alerts == alerts => {
            model.layers.push(Layer::Triage(form));
        }
        aside => {
            model.set_aside = aside;
            model
                .layers
                .push(Layer::Triage(TriageForm::about(alerts, &model.data)));
        }
    }
}

/// The question to the owner of the alert under the cursor.
pub(super) fn open_ask(model: &mut Model) {
    let id = model.context().alert;
    let Some(alert) = id.as_deref().and_then(|id| model.data.alert(id)) else {
        return;
    };
    let settings = &model.settings;
    let zone = settings.zone.as_ref().or(settings.site_zone.as_ref());
    let form = AskForm::about(alert, &settings.author, zone);
    model.layers.push(Layer::Ask(form));
}

/// A rule from the verdict under the cursor; on the page of rules, the one under the cursor.
pub(super) fn open_rule(model: &mut Model) {
    let data = &model.data;
    let form = match model.page() {
        Page::Known(page) => page.rule(data).map(RuleForm::edit),
        _ => {
            let id = model.context().alert;
            let alert = id.as_deref().and_then(|id| data.alert(id));
            alert.map(|alert| RuleForm::make(alert, data))
        }
    };
    model.layers.extend(form.map(Layer::Rule));
}

/// Why the rule under the cursor is taken out of force.
pub(super) fn open_revoke(model: &mut Model) {
    let form = match model.page() {
        Page::Known(page) => page.rule(&model.data).map(RuleForm::revoke),
        _ => None,
    };
    model.layers.extend(form.map(Layer::Rule));
}

pub(super) fn open_export(model: &mut Model) -> Vec<Effect> {
    let here = model.context().alert;
    let mut form = ExportForm::new(model.data.marked.len(), here);
    suggest_file(&mut form);
    model.layers.push(Layer::Export(form));
    preview(model)
}

/// A file name that says what it is, unless the analyst typed one.
fn suggest_file(form: &mut ExportForm) {
    let extension = Format::from_word(&form.format()).map_or("txt", Format::extension);
    let typed = form.file();
    let ours = typed.is_empty() || typed.starts_with("dualuse-triage.");
    if let Some(Input::Text(line)) = form
        .form
        .fields
        .iter_mut()
        .find(|field| field.id == "file")
        .map(|field| &mut field.input)
        && ours
    {
        *line = tui_input::Input::new(format!("dualuse-triage.{extension}"));
    }
}

/// Whether a key is text for the field that has the keys, before it can be a command.
pub(super) fn wants_text(model: &Model, key: Key) -> bool {
    let code = *key.codes.first();
    let plain = key.modifiers.is_empty();
    let in_line = key::typed(key).is_some()
        || (plain
            && matches!(
                code,
                KeyCode::Left | KeyCode::Right | KeyCode::Home | KeyCode::End
            ));
    match model.layers.last() {
        Some(
            Layer::Help(_)
            | Layer::Palette(_)
            | Layer::Finder(_)
            | Layer::Prompt(_)
            | Layer::Picker(_),
        ) => in_line,
        // a sign of the text that is bound, as `@` is, is a command
        Some(Layer::Notes(_)) => {
            key::typed(key).is_some()
                && model.keymap.look_up(Mode::Notes, &[key]) == Lookup::Nothing
        }
        Some(layer) => match layer.form().and_then(|form| form.here()) {
            Some(field) => match field.input {
                Input::Text(_) => in_line,
                Input::Paragraph(_) => {
                    in_line
                        || (plain && matches!(code, KeyCode::Enter | KeyCode::Up | KeyCode::Down))
                }
                Input::Choice { .. } | Input::Check(_) => false,
            },
            None => false,
        },
        None => false,
    }
}

/// Types a key into the layer on top.
pub(super) fn type_key(model: &mut Model, key: Key) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Help(menu) | Layer::Palette(menu)) => menu.type_key(key),
        Some(Layer::Picker(picker)) => picker.type_key(key),
        Some(Layer::Finder(finder)) => {
            edit_line(&mut finder.line, key);
            return finder::look(model);
        }
        Some(Layer::Prompt(prompt)) => {
            edit_line(&mut prompt.line, key);
            return typed(model);
        }
        Some(Layer::Notes(notes)) => edit_area(&mut notes.area, key),
        Some(layer) => match layer.form_mut() {
            Some(form) => {
                form.type_key(key);
                refresh(model);
            }
            None => move_by_page_keys(model, key),
        },
        None => {}
    }
    Vec::new()
}

/// Brings what follows from a form up to date with what is filled in.
fn refresh(model: &mut Model) {
    match model.layers.last_mut() {
        Some(Layer::Triage(form)) => form.refresh(),
        Some(Layer::Rule(form)) => form.refresh(),
        Some(Layer::Ask(form)) => {
            if let Some(alert) = model.data.alert(&form.alert) {
                form.refresh(alert);
            }
        }
        _ => {}
    }
}

/// Where no text is typed, the keys of pages move too.
fn move_by_page_keys(model: &mut Model, key: Key) {
    let step = match model.keymap.look_up(Mode::Normal, &[key]) {
        Lookup::Command(Command::Down) => Step::By(1),
        Lookup::Command(Command::Up) => Step::By(-1),
        Lookup::Command(Command::Top) => Step::Top,
        Lookup::Command(Command::Bottom) => Step::Bottom,
        _ => return,
    };
    command::step(model, step);
}

/// Puts pasted text where it belongs.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Help(menu) | Layer::Palette(menu)) => menu.paste(text),
        Some(Layer::Picker(picker)) => picker.paste(text),
        Some(Layer::Finder(finder)) => {
            paste_line(&mut finder.line, text);
            return finder::look(model);
        }
        Some(Layer::Prompt(prompt)) => {
            paste_line(&mut prompt.line, text);
            return typed(model);
        }
        Some(Layer::Notes(notes)) => {
            notes.area.insert_str(text.replace('\r', "\n"));
        }
        Some(layer) => {
            if let Some(form) = layer.form_mut() {
                form.paste(text);
            }
            refresh(model);
        }
        // pasted text is never taken for commands
        None => model.say(Role::Dim, "pasted text goes nowhere here"),
    }
    Vec::new()
}

/// The prompt's text changed: search along, or let the filter act.
fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    match prompt.kind {
        PromptKind::Filter => filter::typed(model),
        PromptKind::Find => {
            let before = prompt.before;
            model.sought = Some(prompt.line.value().to_owned());
            let effects = find::from_row(model, before, true);
            // not yet found is no news while typing
            model.toast = None;
            effects
        }
    }
}

/// A command while a layer is open. `None` when the layer leaves it to the page.
pub(super) fn run(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let done = Some(Vec::new());
    match command {
        Command::Cancel => Some(cancel(model)),
        Command::Accept => Some(accept(model)),
        Command::Save => Some(save(model)),
        Command::NextField | Command::PreviousField => {
            let forward = command == Command::NextField;
            if matches!(model.layers.last(), Some(Layer::Prompt(_))) {
                return Some(filter::complete(model, forward));
            }
            match model.layers.last_mut().and_then(Layer::form_mut) {
                Some(form) => form.go_round(forward),
                None => command::step(model, Step::By(if forward { 1 } else { -1 })),
            }
            done
        }
        Command::Choose | Command::Left | Command::Right => {
            Some(turn(model, if command == Command::Left { -1 } else { 1 }))
        }
        Command::PageDown
        | Command::PageUp
        | Command::Top
        | Command::Bottom
        | Command::Down
        | Command::Up => None,
        Command::Editor => match model.layers.last() {
            Some(Layer::Notes(notes)) => Some(vec![Effect::Edit(notes.text())]),
            _ => done,
        },
        Command::Link => {
            notes::pick(model);
            done
        }
        Command::FilterBars | Command::MarkBar | Command::ZoomIn | Command::ZoomOut => {
            Some(timeline::run(model, command))
        }
        Command::ToggleFilter
        | Command::EditFilter
        | Command::NegateFilter
        | Command::RemoveFilter => Some(filter::on_bar(model, command)),
        Command::Suspend | Command::Redraw | Command::Quit | Command::Interrupt => None,
        _ => done,
    }
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    match close_layer(model) {
        Some(Layer::Prompt(Prompt {
            filter: Some(before),
            ..
        })) => return filter::cancel(model, *before),
        Some(Layer::Prompt(Prompt {
            kind: PromptKind::Find,
            before,
            ..
        })) => {
            model.walk.here_mut().list_mut().cursor = before;
            model.sought = None;
        }
        Some(Layer::Picker(_)) => notes::drop_pick(model),
        Some(Layer::Finder(_)) => return vec![Effect::StopFinder],
        Some(Layer::Notes(notes)) if !notes.text().is_empty() => {
            model.say(
                Role::Warning,
                "the note is not saved; open it again to go on with it",
            );
            model.set_aside = Some(Layer::Notes(notes));
        }
        Some(Layer::Triage(form)) if matches!(form.stage, TriageStage::Fill(..)) => {
            model.say(
                Role::Warning,
                "nothing was decided; open the form again to go on with it",
            );
            model.set_aside = Some(Layer::Triage(form));
        }
        _ => {}
    }
    Vec::new()
}

fn accept(model: &mut Model) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Help(menu) | Layer::Palette(menu)) => {
            let Some(entry) = menu.here().cloned() else {
                return Vec::new();
            };
            close_layer(model);
            match entry.command.ready(model) {
                Ready::Yes => command::run(model, entry.command),
                Ready::No(reason) => {
                    model.say(
                        Role::Warning,
                        format!("{}: {reason}", entry.command.title()),
                    );
                    Vec::new()
                }
                Ready::Elsewhere => Vec::new(),
            }
        }
        Some(Layer::Finder(_)) => finder::accept(model),
        Some(Layer::Prompt(_)) => accept_prompt(model),
        Some(Layer::Picker(_)) => {
            notes::take_pick(model);
            Vec::new()
        }
        Some(Layer::Triage(form)) => {
            match &mut form.stage {
                TriageStage::Choose(list) => {
                    if let Some((transition, false)) = form.offers.get(list.cursor).copied() {
                        let text = format!(
                            "{}: not from where the alert stands now",
                            transition.title()
                        );
                        model.say(Role::Warning, text);
                    } else {
                        form.choose();
                    }
                }
                TriageStage::Fill(_, fields) if fields.at_end() => return save(model),
                TriageStage::Fill(_, fields) => fields.step(1),
            }
            Vec::new()
        }
        Some(layer) => match layer.form_mut() {
            Some(form) if form.at_end() => save(model),
            Some(form) => {
                form.step(1);
                Vec::new()
            }
            None => Vec::new(),
        },
        None => Vec::new(),
    }
}

fn accept_prompt(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let text = prompt.line.value().trim().to_owned();
    match prompt.kind {
        PromptKind::Find => {
            let before = prompt.before;
            close_layer(model);
            model.sought = (!text.is_empty()).then_some(text);
            find::from_row(model, before, true)
        }
        PromptKind::Filter => filter::accept(model),
    }
}

/// Changes the choice that has the keys.
fn turn(model: &mut Model, by: isize) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(layer) => {
            if let Some(field) = layer.form_mut().and_then(Form::here_mut) {
                field.turn(by);
            }
            if let Layer::Export(form) = layer {
                suggest_file(form);
                return preview(model);
            }
            refresh(model);
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn save(model: &mut Model) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Triage(form)) if !form.saving => {
            let Some(decision) = form.decision() else {
                return Vec::new();
            };
            form.saving = true;
            let alerts = form.alerts.clone();
            command::order(model, CaseOrder::Decide { alerts, decision })
        }
        Some(Layer::Notes(notes)) if !notes.saving => notes::save(model),
        Some(Layer::Rule(form)) if !form.saving => save_rule(model),
        Some(Layer::Ask(form)) if !form.saving => match form.ask() {
            Ok(ask) => {
                form.saving = true;
                let alerts = vec![form.alert.clone()];
                let decision = ask.decision();
                command::order(model, CaseOrder::Decide { alerts, decision })
            }
            Err(faults) => {
                form.form.blame(faults);
                Vec::new()
            }
        },
        Some(Layer::Export(_)) => {
            let job = model.number();
            let Some(export) = export_order(model, job) else {
                return Vec::new();
            };
            if export.file.as_os_str().is_empty() {
                if let Some(Layer::Export(form)) = model.layers.last_mut() {
                    form.form
                        .blame([("file".to_owned(), "name a file".to_owned())]);
                }
                return Vec::new();
            }
            if let Some(Layer::Export(form)) = model.layers.last_mut() {
                form.saving = true;
            }
            command::order(model, CaseOrder::Export(export))
        }
        _ => Vec::new(),
    }
}

fn save_rule(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Rule(form)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let order = match &form.work {
        RuleWork::Revoke(id) => {
            let (id, reason) = (id.clone(), form.form.value("reason"));
            if reason.is_empty() {
                let fault = ("reason".to_owned(), "is missing".to_owned());
                form.form.blame([fault]);
                return Vec::new();
            }
            CaseOrder::RevokeKnown { id, reason }
        }
        work => match (form.rule(), work) {
            (Ok(rule), RuleWork::Edit(known)) => CaseOrder::EditKnown {
                id: known.id.clone(),
                rule: Box::new(rule),
            },
            (Ok(rule), RuleWork::Make(alert)) => CaseOrder::Know {
                alert: alert.clone(),
                rule: Box::new(rule),
            },
            (Ok(_), RuleWork::Revoke(_)) => return Vec::new(),
            (Err(faults), _) => {
                let faults = faults.into_iter().map(|fault| (fault.field, fault.what));
                form.form.blame(faults);
                return Vec::new();
            }
        },
    };
    form.saving = true;
    command::order(model, order)
}

/// Asks for a preview of the export as it is set now.
fn preview(model: &mut Model) -> Vec<Effect> {
    let job = model.number();
    if let Some(Layer::Export(form)) = model.layers.last_mut() {
        form.awaited = job;
    }
    match export_order(model, job) {
        Some(export) => command::order(model, CaseOrder::Preview(export)),
        None => Vec::new(),
    }
}

fn export_order(model: &Model, job: u64) -> Option<ExportOrder> {
    let Some(Layer::Export(form)) = model.layers.last() else {
        return None;
    };
    let scope = form.scope();
    let alerts = match scope {
        Scope::Marked => model.data.marked.iter().cloned().collect(),
        Scope::One => form.here.iter().cloned().collect(),
        Scope::All | Scope::Worked => Vec::new(),
    };
    Some(ExportOrder {
        job,
        format: form.format(),
        scope,
        alerts,
        show_secrets: form.shows_secrets(),
        file: form.file().into(),
    })
}
