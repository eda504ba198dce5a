//! A note being written.

use ratatui_textarea::TextArea;

use crate::case::{EntryId, Note};

/// The notes editor. The text area is a widget, but one that is all state; the view styles it.
#[derive(Debug)]
pub struct NotesEditor {
    /// The alerts it is for, by id.
    pub alerts: Vec<String>,
    /// The note whose place it takes.
    pub replaces: Option<EntryId>,
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
            replaces: None,
            area: TextArea::default(),
            fault: None,
            saving: false,
        }
    }

    /// A note of an alert, to be changed.
    pub fn changing(alert: String, note: &Note) -> NotesEditor {
        let mut editor = NotesEditor::about(vec![alert]);
        editor.replaces = Some(note.id.clone());
        editor.set(&note.markdown);
        editor
    }

    /// Whether another editor is for the same alerts and takes the same note's place.
    pub fn is_same_task(&self, other: &NotesEditor) -> bool {
        self.alerts == other.alerts && self.replaces == other.replaces
    }

    /// Whether a letter or digit stands before the cursor.
    pub fn is_in_word(&self) -> bool {
        let ratatui_textarea::DataCursor(row, column) = self.area.cursor();
        let before = column.checked_sub(1).and_then(|column| {
            let line = self.area.lines().get(row)?;
            line.chars().nth(column)
        });
        before.is_some_and(char::is_alphanumeric)
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
