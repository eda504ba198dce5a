//! A question to the owner being written, with the message below.

use super::form::{Field, Form, Input};
use crate::case::{FieldKind, Transition};
use crate::event::{NamedZone, Time};
use crate::investigate::Alert;
use crate::report::Ask;

/// The question and what is done with the message.
#[derive(Debug)]
pub struct AskForm {
    /// The alert, by id.
    pub alert: String,
    /// Whom, what, until when; where the message goes.
    pub form: Form,
    /// The message, once it can be made.
    pub message: Option<String>,
    /// Whether it was sent to the case and the answer is awaited.
    pub saving: bool,
    from: String,
}

impl AskForm {
    /// A question about an alert from an author, for an owner in a time zone.
    pub fn about(alert: &Alert, from: &str, zone: Option<&NamedZone>) -> AskForm {
        let line = |text: &str| Input::Text(tui_input::Input::new(text.to_owned()));
        let mut fields = Vec::new();
        // what the case asks for, whom and when first
        let specs = Transition::NeedsInfo.fields();
        for id in ["asked", "due", "question", "channel"] {
            let Some(spec) = specs.iter().find(|spec| spec.id == id) else {
                continue;
            };
            let input = match spec.kind {
                FieldKind::Choice(choices) => Input::Choice {
                    options: choices
                        .iter()
                        .map(|choice| (choice.id.to_owned(), choice.label.to_owned()))
                        .collect(),
                    chosen: None,
                },
                _ => line(""),
            };
            let help = match id {
                "due" => {
                    "Until when you need an answer, such as 2026-03-12 or 2026-03-12 14:00 (UTC)."
                }
                "question" => "What you ask; left empty: was this you, and under which ticket?",
                _ => spec.help,
            };
            let mut field = Field::new(spec.id, spec.label, help, input);
            field.required = matches!(id, "asked" | "due");
            fields.push(field);
        }
        fields.extend([
            Field::new(
                "zone",
                "Their zone",
                "Times are told in it, such as Europe/Oslo; UTC when empty.",
                line(zone.map_or("", NamedZone::name)),
            ),
            Field::new(
                "copy",
                "Copy the message to the clipboard when it is saved",
                "",
                Input::Check(true),
            ),
            Field::new(
                "file",
                "File",
                "Where to write the message too. An existing file is never replaced.",
                line(""),
            ),
        ]);
        let mut ask = AskForm {
            alert: alert.id.clone(),
            form: Form {
                fields,
                ..Form::default()
            },
            message: None,
            saving: false,
            from: from.to_owned(),
        };
        ask.refresh(alert);
        ask
    }

    /// Makes the message of what is filled in.
    pub fn refresh(&mut self, alert: &Alert) {
        self.message = self.ask().ok().map(|ask| ask.message(alert));
    }

    /// The question as filled in.
    ///
    /// # Errors
    /// What is wrong: field and why.
    pub fn ask(&self) -> Result<Ask, Vec<(String, String)>> {
        let value = |id| self.form.value(id);
        let mut faults = Vec::new();
        let mut fault = |id: &str, what: String| faults.push((id.to_owned(), what));
        if value("asked").is_empty() {
            fault("asked", "is missing".to_owned());
        }
        let due = Time::parse(&value("due"));
        if due.is_none() {
            let what = "is no date; write 2026-03-12 or 2026-03-12 14:00 (UTC)";
            fault("due", format!("“{}” {what}", value("due")));
        }
        let zone = value("zone");
        let zone = match zone.parse::<NamedZone>() {
            Ok(zone) => Some(zone),
            Err(_) if zone.is_empty() => None,
            Err(_) => {
                let what = "is no time zone; write one such as Europe/Oslo";
                fault("zone", format!("“{zone}” {what}"));
                None
            }
        };
        match due {
            Some(due) if faults.is_empty() => Ok(Ask {
                whom: value("asked"),
                question: value("question"),
                due,
                channel: value("channel"),
                zone,
                from: self.from.clone(),
            }),
            _ => Err(faults),
        }
    }

    /// Whether the message goes to the clipboard.
    pub fn copies(&self) -> bool {
        self.form.value("copy") == "yes"
    }

    /// The file that the message is written to; empty for none.
    pub fn file(&self) -> String {
        self.form.value("file")
    }
}
