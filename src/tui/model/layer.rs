//! What can lie over a page and has the keys while it does.

mod export;
mod form;
mod menu;
mod notes;
mod prompt;
mod triage;

pub use export::{ExportForm, Scope};
pub use form::{Field, Form, Input, edit_area, edit_line, paste_line};
pub use menu::{Entry, Menu};
pub use notes::NotesEditor;
pub use prompt::{Prompt, PromptKind};
pub use triage::{TriageForm, TriageStage};

use super::List;
use crate::tui::keymap::Mode;

/// A layer over the page.
#[derive(Debug)]
pub enum Layer {
    /// Every key that works here; each can be run.
    Help(Menu),
    /// Commands by name.
    Palette(Menu),
    /// One line of text.
    Prompt(Prompt),
    /// A decision.
    Triage(TriageForm),
    /// A note.
    Notes(Box<NotesEditor>),
    /// An export.
    Export(ExportForm),
}

impl Layer {
    /// Which keys are in force.
    pub fn mode(&self) -> Mode {
        match self {
            Layer::Notes(_) => Mode::Notes,
            _ => Mode::Prompt,
        }
    }

    /// The cursor of its list, where it has one.
    pub fn list_mut(&mut self) -> Option<&mut List> {
        match self {
            Layer::Help(menu) | Layer::Palette(menu) => Some(&mut menu.list),
            Layer::Triage(form) => Some(form.list_mut()),
            Layer::Export(form) => Some(&mut form.form.list),
            Layer::Prompt(_) | Layer::Notes(_) => None,
        }
    }
}
