//! The only code that changes the model: a message in, effects out. No terminal, no files; the
//! same messages lead to the same model.

mod alert_list;
mod answers;
mod command;
mod counts;
mod filter;
mod find;
mod finder;
mod layers;
mod notes;
mod open;
mod resume;
mod timeline;

pub use resume::begin as resume;

use super::command::{Command, Ready};
use super::keymap::{Lookup, Mode};
use super::message::{Effect, Message};
use super::model::{Layer, Model};
use super::theme::Role;

/// Lets a message act on the model.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mode = model.mode();
    model.ring.note(&message, mode);
    match message {
        Message::Key(key) => press(model, key),
        Message::Paste(text) => layers::paste(model, &text),
        Message::Wheel(rows) => {
            command::step(model, super::model::Step::By(rows));
            Vec::new()
        }
        Message::Click { y, .. } => {
            command::click(model, y);
            Vec::new()
        }
        Message::Resized(width, height) => {
            resize(model, (width, height));
            Vec::new()
        }
        Message::Terminate => vec![Effect::Quit],
        Message::ToastOver => {
            if model
                .toast
                .as_ref()
                .is_some_and(|toast| toast.until <= std::time::Instant::now())
            {
                model.toast = None;
            }
            Vec::new()
        }
        other => answers::take(model, other),
    }
}

/// A key: part of a sequence, a command, or text.
fn press(model: &mut Model, key: super::key::Key) -> Vec<Effect> {
    let mode = model.mode();
    model.touched = true;
    let asked_to_quit = std::mem::take(&mut model.quitting);
    if mode != Mode::Normal && layers::wants_text(model, key) {
        model.pressed.clear();
        return layers::type_key(model, key);
    }
    if !model.pressed.is_empty()
        && model.keymap.look_up(mode, &[key]) == Lookup::Command(Command::Cancel)
    {
        model.pressed.clear();
        return Vec::new();
    }
    model.pressed.push(key);
    let lookup = model.keymap.look_up(mode, &model.pressed);
    match lookup {
        Lookup::Prefix => Vec::new(),
        Lookup::Command(command) => {
            let in_sequence = model.pressed.len() > 1;
            model.pressed.clear();
            match command.ready(model) {
                Ready::Yes => {
                    model.quitting = asked_to_quit;
                    let effects = command::run(model, command);
                    model.quitting &=
                        matches!(command, Command::Close | Command::Quit | Command::Interrupt);
                    effects
                }
                Ready::No(reason) => {
                    model.say(Role::Warning, format!("{}: {reason}", command.title()));
                    Vec::new()
                }
                Ready::Elsewhere => {
                    // pressing a pivot that has nowhere to go must not look like a dead key
                    if in_sequence {
                        model.say(
                            Role::Warning,
                            format!("{}: nothing here leads there", command.title()),
                        );
                    }
                    Vec::new()
                }
            }
        }
        Lookup::Nothing => {
            let sequence = model.pressed.len() > 1;
            let shown = super::key::show_sequence(&model.pressed);
            model.pressed.clear();
            if mode != Mode::Normal {
                return layers::type_key(model, key);
            }
            if sequence {
                model.say(
                    Role::Warning,
                    format!("{shown} is not bound; ? lists the keys"),
                );
            }
            Vec::new()
        }
    }
}

/// Another size of the screen: pages show more or less, those one comes back to as well; cursors stay
/// on what they were on.
fn resize(model: &mut Model, screen: (u16, u16)) {
    let items = answers::items_here(model);
    model.data.screen = screen;
    answers::stay_on(model, items);
}

/// Closes the layer on top.
fn close_layer(model: &mut Model) -> Option<Layer> {
    model.layers.pop()
}
