//! A note being written.

use ratatui_textarea::TextArea;

/// The notes editor. The text area is a widget, but one that is all state; the view styles it.
#[derive(Debug)]
pub struct NotesEditor {
    /// The alerts it is for, by id.
    pub alerts: Vec<String>,
    /// The text.
    pub area: TextArea<'static>,
    /// Why it could not be saved.
    pub fault: Option<String>,
    /// Whether it was sent to the case and the answer is awaited.
    pub saving: bool,
}

impl NotesEditor {
    /// An empty note about some alerts.
    pub fn about(alerts: Vec<String>) -> NotesEditor {
        NotesEditor {
            alerts,
            area: TextArea::default(),
            fault: None,
            saving: false,
        }
    }

    /// The note.
    pub fn text(&self) -> String {
        self.area.lines().join("\n").trim_end().to_owned()
    }

    /// Puts another text in its place.
    pub fn set(&mut self, text: &str) {
        self.area = TextArea::from(text.lines());
        self.area.move_cursor(ratatui_textarea::CursorMove::Bottom);
        self.area.move_cursor(ratatui_textarea::CursorMove::End);
    }
}
