//! Fields of a decision as data: what is asked, in which form, and when it must be there.

pub(super) mod forms;

use std::collections::BTreeMap;

/// One field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Name in JSON and on the command line.
    pub id: &'static str,
    /// Label in a form.
    pub label: &'static str,
    /// What to write, in a sentence.
    pub help: &'static str,
    /// What kind of value it takes.
    pub kind: FieldKind,
    /// It must be filled when any of these holds.
    pub required: &'static [Rule],
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Text of several lines.
    Paragraph,
    /// One of a closed list.
    Choice(&'static [Choice]),
    /// A date or time: `2026-03-12`, `2026-03-12 14:00` (UTC) or RFC 3339.
    Date,
    /// The id of another alert.
    Alert,
    /// At least one event ([`super::Decision::events`]).
    Events,
}

/// One value of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value in JSON and on the command line.
    pub id: &'static str,
    /// Words in a form.
    pub label: &'static str,
}

/// When a field must be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// In every case.
    Always,
    /// When another field has this value.
    When(&'static str, &'static str),
    /// When another field is empty.
    Without(&'static str),
}

impl FieldSpec {
    /// The rule by which this field must be filled, given what the others hold; `None` if it may
    /// stay empty.
    pub fn demanded_by(&self, fields: &BTreeMap<String, String>) -> Option<Rule> {
        let value = |id: &str| fields.get(id).map_or("", |value| value.trim());
        self.required.iter().copied().find(|rule| match rule {
            Rule::Always => true,
            Rule::When(other, wanted) => value(other) == *wanted,
            Rule::Without(other) => value(other).is_empty(),
        })
    }

    /// The values of a closed list; empty for other kinds.
    pub fn choices(&self) -> &'static [Choice] {
        match self.kind {
            FieldKind::Choice(choices) => choices,
            _ => &[],
        }
    }
}
