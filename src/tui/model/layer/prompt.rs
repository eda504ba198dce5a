//! One line of text at the foot of the screen.

use tui_input::Input as Line;

use super::complete::Completion;
use crate::timeline::EventIndex;
use crate::timeline::query::FilterError;
use crate::tui::model::{Chips, EventsPage, Rewrite};

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// To be found; nothing is hidden.
    Find,
    /// A filter.
    Filter,
}

impl PromptKind {
    /// The word before the text.
    pub fn title(self) -> &'static str {
        match self {
            PromptKind::Find => "find",
            PromptKind::Filter => "filter",
        }
    }
}

/// A line being typed.
#[derive(Debug)]
pub struct Prompt {
    /// What it is for.
    pub kind: PromptKind,
    /// The text.
    pub line: Line,
    /// What is wrong with it, and where.
    pub fault: Option<FilterError>,
    /// Where the cursor was before, to go back to.
    pub before: usize,
    /// What a filter being typed changes.
    pub filter: Option<Box<Filtering>>,
}

/// A filter being typed: it acts at once, and can be taken back.
#[derive(Debug)]
pub struct Filtering {
    /// Which filters the line is about.
    pub which: Rewrite,
    /// All filters as they were before.
    pub chips: Chips,
    /// The alert under the cursor before.
    pub alert: Option<String>,
    /// The event under the cursor before.
    pub event: Option<EventIndex>,
    /// The list of events before, and the snapshot it was found in.
    pub list: Option<(u64, EventsPage)>,
    /// What the word at the cursor may become.
    pub completion: Completion,
}
