//! What happens in the layers over a page: prompts, menus, forms, the notes editor.

use crossterm::event::KeyCode;

use super::{close_layer, command, find, open};
use crate::report::Format;
use crate::timeline::query::Filter;
use crate::tui::command::{Command, Ready};
use crate::tui::key::{self, Key};
use crate::tui::message::{CaseOrder, Effect, ExportOrder};
use crate::tui::model::layer::{
    ExportForm, Input, Menu, NotesEditor, Prompt, PromptKind, TriageForm, TriageStage, edit_area,
    edit_line, paste_line,
};
use crate::tui::model::{Layer, Model, Scope, Step};
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
    }));
}

/// Opens the prompt for filters, with those in force in it.
pub(super) fn prompt_filter(model: &mut Model) {
    let written = model
        .page()
        .chips()
        .map(crate::tui::model::Chips::written)
        .unwrap_or_default();
    let text = if written.is_empty() {
        written
    } else {
        written + " "
    };
    let before = model.page().list().cursor;
    let line = tui_input::Input::new(text);
    model.layers.push(Layer::Prompt(Prompt {
        kind: PromptKind::Filter,
        line,
        fault: None,
        before,
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

pub(super) fn open_notes(model: &mut Model) {
    let alerts = model.chosen_alerts();
    match model.set_aside.take() {
        Some(Layer::Notes(notes)) if notes.alerts == alerts => {
            model.layers.push(Layer::Notes(notes));
        }
        aside => {
            model.set_aside = aside;
            model
                .layers
                .push(Layer::Notes(Box::new(NotesEditor::about(alerts))));
        }
    }
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
        Some(Layer::Help(_) | Layer::Palette(_) | Layer::Prompt(_)) => in_line,
        Some(Layer::Triage(TriageForm {
            stage: TriageStage::Fill(_, form),
            ..
        }))
        | Some(Layer::Export(ExportForm { form, .. })) => {
            match form.here().map(|field| &field.input) {
                Some(Input::Text(_)) => in_line,
                Some(Input::Paragraph(_)) => {
                    in_line
                        || (plain && matches!(code, KeyCode::Enter | KeyCode::Up | KeyCode::Down))
                }
                _ => false,
            }
        }
        Some(Layer::Triage(_)) | None => false,
        Some(Layer::Notes(_)) => key::typed(key).is_some(),
    }
}

/// Types a key into the layer on top.
pub(super) fn type_key(model: &mut Model, key: Key) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Help(menu) | Layer::Palette(menu)) => menu.type_key(key),
        Some(Layer::Prompt(prompt)) => {
            edit_line(&mut prompt.line, key);
            return typed(model);
        }
        Some(Layer::Notes(notes)) => edit_area(&mut notes.area, key),
        Some(Layer::Triage(form)) => {
            match &mut form.stage {
                TriageStage::Fill(_, fields) => fields.type_key(key),
                TriageStage::Choose(_) => move_by_page_keys(model, key),
            }
            if let Some(Layer::Triage(form)) = model.layers.last_mut() {
                form.refresh();
            }
        }
        Some(Layer::Export(form)) => form.form.type_key(key),
        None => {}
    }
    Vec::new()
}

/// Where no text is typed, the keys of pages move too.
fn move_by_page_keys(model: &mut Model, key: Key) {
    use crate::tui::keymap::{Lookup, Mode};
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
pub(super) fn paste(model: &mut Model, text: &str) {
    match model.layers.last_mut() {
        Some(Layer::Help(menu) | Layer::Palette(menu)) => {
            paste_line(&mut menu.line, text);
            menu.narrow();
        }
        Some(Layer::Prompt(prompt)) => paste_line(&mut prompt.line, text),
        Some(Layer::Notes(notes)) => {
            notes.area.insert_str(text.replace('\r', "\n"));
        }
        Some(Layer::Triage(form)) => {
            if let TriageStage::Fill(_, fields) = &mut form.stage {
                fields.paste(text);
            }
            form.refresh();
        }
        Some(Layer::Export(form)) => form.form.paste(text),
        // pasted text is never taken for commands
        None => model.say(Role::Dim, "pasted text goes nowhere here"),
    }
}

/// The prompt's text changed: search along, or judge the filter.
fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let text = prompt.line.value().to_owned();
    match prompt.kind {
        PromptKind::Filter => {
            prompt.fault = Filter::parse(&text).err().map(|error| error.to_string());
            Vec::new()
        }
        PromptKind::Find => {
            let before = prompt.before;
            model.sought = Some(text);
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
        Command::Cancel => {
            cancel(model);
            done
        }
        Command::Accept => Some(accept(model)),
        Command::Save => Some(save(model)),
        Command::NextField | Command::PreviousField => {
            command::step(
                model,
                Step::By(if command == Command::NextField { 1 } else { -1 }),
            );
            done
        }
        Command::Choose | Command::Left | Command::Right => {
            Some(turn(model, if command == Command::Left { -1 } else { 1 }))
        }
        Command::PageDown | Command::PageUp | Command::Down | Command::Up => None,
        Command::Editor => match model.layers.last() {
            Some(Layer::Notes(notes)) => Some(vec![Effect::Edit(notes.text())]),
            _ => done,
        },
        Command::Suspend | Command::Redraw | Command::Quit | Command::Interrupt => None,
        _ => done,
    }
}

fn cancel(model: &mut Model) {
    match close_layer(model) {
        Some(Layer::Prompt(Prompt {
            kind: PromptKind::Find,
            before,
            ..
        })) => {
            model.walk.here_mut().list_mut().cursor = before;
            model.sought = None;
        }
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
        Some(Layer::Prompt(_)) => accept_prompt(model),
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
        Some(Layer::Export(form)) if form.form.at_end() => save(model),
        Some(Layer::Export(form)) => {
            form.form.step(1);
            Vec::new()
        }
        Some(Layer::Notes(_)) | None => Vec::new(),
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
        PromptKind::Filter => match Filter::parse(&text) {
            Ok(filter) => {
                close_layer(model);
                open::change_chips(model, |chips| chips.replace(filter))
            }
            Err(error) => {
                prompt.fault = Some(error.to_string());
                Vec::new()
            }
        },
    }
}

/// Changes the choice that has the keys.
fn turn(model: &mut Model, by: isize) -> Vec<Effect> {
    match model.layers.last_mut() {
        Some(Layer::Triage(form)) => {
            if let TriageStage::Fill(_, fields) = &mut form.stage
                && let Some(field) = fields.here_mut()
            {
                field.turn(by);
            }
            form.refresh();
            Vec::new()
        }
        Some(Layer::Export(form)) => {
            if let Some(field) = form.form.here_mut() {
                field.turn(by);
            }
            suggest_file(form);
            preview(model)
        }
        _ => Vec::new(),
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
        Some(Layer::Notes(notes)) if !notes.saving => {
            let (markdown, alerts) = (notes.text(), notes.alerts.clone());
            if markdown.is_empty() {
                notes.fault = Some("the note is empty".to_owned());
                return Vec::new();
            }
            notes.saving = true;
            command::order(model, CaseOrder::Note { alerts, markdown })
        }
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
