//! One line of text at the foot of the screen.

use tui_input::Input as Line;

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
    /// What is wrong with it.
    pub fault: Option<String>,
    /// Where the cursor was before, to go back to.
    pub before: usize,
}
