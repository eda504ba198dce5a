//! What can lie over a page and has the keys while it does.

mod ask;
mod choices;
mod complete;
mod export;
mod finder;
mod form;
mod menu;
mod notes;
mod picker;
mod prompt;
mod rule;
mod triage;

pub use ask::AskForm;
pub use choices::{Choices, Choosable};
pub use complete::{Choice, Completion};
pub use export::{ExportForm, Scope};
pub use finder::{Among, Finder, Hit, HitKind, Leads, MOST, Matcher, best_first, commands};
pub use form::{Field, Form, Input, edit_area, edit_line, paste_line};
pub use menu::{Entry, Menu};
pub use notes::NotesEditor;
pub use picker::{Candidate, Picker};
pub use prompt::{Filtering, Prompt, PromptKind};
pub use rule::{RuleForm, RuleWork};
pub use triage::{TriageForm, TriageStage};

use super::{BarCursor, List};
use crate::tui::keymap::Mode;

/// A layer over the page.
#[derive(Debug)]
pub enum Layer {
    /// Every key that works here; each can be run.
    Help(Menu),
    /// Commands by name.
    Palette(Menu),
    /// Anything by a few of its letters.
    Finder(Finder),
    /// One line of text.
    Prompt(Prompt),
    /// The cursor among the bars of the timeline.
    Timeline(BarCursor),
    /// The cursor on the bar of filters.
    Filters(List),
    /// A decision.
    Triage(TriageForm),
    /// A note.
    Notes(Box<NotesEditor>),
    /// What a note may point at.
    Picker(Box<Picker>),
    /// An export.
    Export(ExportForm),
    /// A rule about known activity.
    Rule(RuleForm),
    /// A question to the owner.
    Ask(AskForm),
}

impl Layer {
    /// Which keys are in force.
    pub fn mode(&self) -> Mode {
        match self {
            Layer::Notes(_) => Mode::Notes,
            Layer::Filters(_) => Mode::Filters,
            Layer::Timeline(_) => Mode::Timeline,
            _ => Mode::Prompt,
        }
    }

    /// The cursor of its list, where it has one.
    pub fn list_mut(&mut self) -> Option<&mut List> {
        match self {
            Layer::Help(menu) | Layer::Palette(menu) => Some(&mut menu.list),
            Layer::Picker(picker) => Some(&mut picker.list),
            Layer::Triage(form) => Some(form.list_mut()),
            Layer::Filters(list) => Some(list),
            Layer::Finder(finder) => Some(&mut finder.list),
            Layer::Export(_) | Layer::Rule(_) | Layer::Ask(_) => {
                self.form_mut().map(|form| &mut form.list)
            }
            Layer::Prompt(_) | Layer::Timeline(_) | Layer::Notes(_) => None,
        }
    }

    /// The form being filled in, where it is one.
    pub fn form(&self) -> Option<&Form> {
        match self {
            Layer::Triage(form) => match &form.stage {
                TriageStage::Fill(_, form) => Some(form),
                TriageStage::Choose(_) => None,
            },
            Layer::Export(form) => Some(&form.form),
            Layer::Rule(form) => Some(&form.form),
            Layer::Ask(form) => Some(&form.form),
            Layer::Help(_)
            | Layer::Palette(_)
            | Layer::Finder(_)
            | Layer::Prompt(_)
            | Layer::Filters(_)
            | Layer::Timeline(_)
            | Layer::Notes(_)
            | Layer::Picker(_) => None,
        }
    }

    /// The form being filled in, to change.
    pub fn form_mut(&mut self) -> Option<&mut Form> {
        match self {
            Layer::Triage(form) => match &mut form.stage {
                TriageStage::Fill(_, form) => Some(form),
                TriageStage::Choose(_) => None,
            },
            Layer::Export(form) => Some(&mut form.form),
            Layer::Rule(form) => Some(&mut form.form),
            Layer::Ask(form) => Some(&mut form.form),
            Layer::Help(_)
            | Layer::Palette(_)
            | Layer::Finder(_)
            | Layer::Prompt(_)
            | Layer::Filters(_)
            | Layer::Timeline(_)
            | Layer::Notes(_)
            | Layer::Picker(_) => None,
        }
    }

    /// Whether it was sent to the case and the answer is awaited, to change.
    pub fn saving_mut(&mut self) -> Option<&mut bool> {
        match self {
            Layer::Triage(form) => Some(&mut form.saving),
            Layer::Notes(notes) => Some(&mut notes.saving),
            Layer::Export(form) => Some(&mut form.saving),
            Layer::Rule(form) => Some(&mut form.saving),
            Layer::Ask(form) => Some(&mut form.saving),
            Layer::Help(_)
            | Layer::Palette(_)
            | Layer::Finder(_)
            | Layer::Prompt(_)
            | Layer::Filters(_)
            | Layer::Timeline(_)
            | Layer::Picker(_) => None,
        }
    }
}
