//! An export being prepared, with a preview of what will be written.

use super::form::{Field, Form, Input};
use crate::report::Format;

/// Which alerts are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// The marked ones.
    Marked,
    /// The one under the cursor.
    One,
    /// Those with a decision or note.
    Worked,
}

impl Scope {
    fn named(name: &str) -> Scope {
        match name {
            "marked" => Scope::Marked,
            "one" => Scope::One,
            "worked" => Scope::Worked,
            _ => Scope::All,
        }
    }
}

/// The export dialogue.
#[derive(Debug)]
pub struct ExportForm {
    /// Format, scope, file.
    pub form: Form,
    /// What the file would begin with; `None` until it was made.
    pub preview: Option<Result<Vec<String>, String>>,
    /// The job whose preview is awaited.
    pub awaited: u64,
    /// Whether the file is being written.
    pub saving: bool,
    /// The alert under the cursor when the dialogue was opened.
    pub here: Option<String>,
}

impl ExportForm {
    /// A dialogue for a number of marked alerts and the one under the cursor.
    pub fn new(marked: usize, here: Option<String>) -> ExportForm {
        let options = Format::ALL
            .iter()
            .map(|format| {
                (
                    format.word().to_owned(),
                    format!("{}: {}", format.word(), format.help()),
                )
            })
            .collect();
        let mut scopes = vec![
            ("all".to_owned(), "all alerts".to_owned()),
            ("worked".to_owned(), "those decided or noted".to_owned()),
        ];
        if marked > 0 {
            scopes.insert(
                0,
                ("marked".to_owned(), format!("the {marked} marked ones")),
            );
        }
        if here.is_some() {
            scopes.push(("one".to_owned(), "only this one".to_owned()));
        }
        let fields = vec![
            Field::new(
                "format",
                "Format",
                "What kind of file.",
                Input::Choice {
                    options,
                    chosen: Some(0),
                },
            ),
            Field::new(
                "scope",
                "Alerts",
                "Which alerts it tells of.",
                Input::Choice {
                    options: scopes,
                    chosen: Some(0),
                },
            ),
            Field::new(
                "secrets",
                "Passwords",
                "Command lines can hold passwords.",
                Input::Choice {
                    options: vec![
                        ("mask".to_owned(), "masked".to_owned()),
                        ("show".to_owned(), "as logged".to_owned()),
                    ],
                    chosen: Some(0),
                },
            ),
            Field::new(
                "file",
                "File",
                "Where to write it. An existing file is never replaced.",
                Input::Text(tui_input::Input::default()),
            ),
        ];
        ExportForm {
            form: Form {
                fields,
                ..Form::default()
            },
            preview: None,
            awaited: 0,
            saving: false,
            here,
        }
    }

    /// The format chosen.
    pub fn format(&self) -> String {
        self.form.value("format")
    }

    /// The alerts chosen.
    pub fn scope(&self) -> Scope {
        Scope::named(&self.form.value("scope"))
    }

    /// Whether passwords are left as logged.
    pub fn shows_secrets(&self) -> bool {
        self.form.value("secrets") == "show"
    }

    /// The file named.
    pub fn file(&self) -> String {
        self.form.value("file")
    }
}
