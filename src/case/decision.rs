//! A decision as the analyst fills it in, and the one place where it is judged complete.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::{FieldKind, FieldSpec, Rule};
use super::red_flag::RedFlag;
use super::transition::{Disposition, State, Transition};
use super::triage::Triage;
use crate::event::Time;
use crate::investigate::EventRef;

/// A decision, filled in from [`Transition::fields`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub transition: Transition,
    /// Values by field id. Empty values count as absent.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The events it rests on.
    #[serde(default)]
    pub events: Vec<EventRef>,
    /// The red flags that the analyst saw and accepted: id, and why (may be empty).
    #[serde(default)]
    pub acknowledged: BTreeMap<String, String>,
}

impl Decision {
    /// An empty form of a transition.
    pub fn new(transition: Transition) -> Self {
        Decision {
            transition,
            fields: BTreeMap::new(),
            events: Vec::new(),
            acknowledged: BTreeMap::new(),
        }
    }

    /// The form with a value filled in.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The form with an event cited.
    #[must_use]
    pub fn citing(mut self, event: EventRef) -> Self {
        self.events.push(event);
        self
    }

    /// The form with a red flag acknowledged.
    #[must_use]
    pub fn acknowledging(mut self, red_flag: &str, why: impl Into<String>) -> Self {
        self.acknowledged.insert(red_flag.to_owned(), why.into());
        self
    }

    /// The value of a field, without the blanks around it; `None` when empty.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.fields
            .get(field)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The label of a field's value: the words of a closed list, else the value itself.
    pub fn words(&self, spec: &FieldSpec) -> Option<&str> {
        let value = self.value(spec.id)?;
        let choice = spec.choices().iter().find(|choice| choice.id == value);
        Some(choice.map_or(value, |choice| choice.label))
    }

    /// The verdict that the answer to an open question leads to, when it was "yes, that was us":
    /// attributed to whom was asked, confirmed by them over the channel it was asked on, with
    /// question and answer in the comment. Ticket and events are still to be filled in. `None`
    /// when the alert does not wait for an answer.
    pub fn answered(triage: &Triage, answer: &str) -> Option<Decision> {
        if triage.state != State::NeedsInfo {
            return None;
        }
        let asked = |field: &str| triage.fields.get(field).cloned().unwrap_or_default();
        let comment = format!("Asked: {}\nAnswer: {}", asked("question"), answer.trim());
        let decision = Decision::new(Transition::AdminAttributed)
            .with("attributed_to", asked("asked"))
            .with("basis", "owner-confirmed")
            .with("confirmed_by", asked("asked"))
            .with("channel", asked("channel"))
            .with("comment", comment);
        Some(decision.tidy())
    }

    /// Drops empty values, so that what is stored is what was said.
    pub(super) fn tidy(mut self) -> Self {
        self.fields.retain(|_, value| !value.trim().is_empty());
        self
    }
}

/// Why a decision cannot be saved: everything at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The transition that was refused.
    pub transition: Transition,
    /// What is wrong or missing.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Field id, red-flag id, or the part of an order: `alert`, `transition`, `cite`.
    pub field: String,
    /// What to do about it, in a sentence.
    pub what: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "“{}” cannot be saved yet:", self.transition.title())?;
        for fault in &self.faults {
            write!(f, "\n  {}: {}", fault.field, fault.what)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// Whether a transition is possible from where an alert stands now. A closed alert is reopened
/// first, unless its evidence grew or two verdicts contradict each other: then a new verdict says
/// which holds.
pub fn is_offered(transition: Transition, triage: &Triage) -> bool {
    let closed = triage.state == State::Closed;
    let open_question = triage.stale.is_some() || !triage.conflict.is_empty();
    match transition {
        Transition::Reopen => closed,
        Transition::Outcome => triage.disposition == Some(Disposition::Escalated),
        _ => !closed || open_question,
    }
}

/// Everything that keeps a decision from being saved.
pub(super) fn faults(decision: &Decision, triage: &Triage, red_flags: &[RedFlag]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !is_offered(decision.transition, triage) {
        faults.push(fault(
            "transition",
            not_offered(decision.transition, triage),
        ));
    }
    let specs = decision.transition.fields();
    for spec in specs {
        if let Some(what) = field_fault(spec, decision) {
            faults.push(fault(spec.id, what));
        }
    }
    for field in decision.fields.keys() {
        if !specs.iter().any(|spec| spec.id == field) {
            let known: Vec<&str> = specs.iter().map(|spec| spec.id).collect();
            faults.push(fault(
                field,
                format!("no such field; there are {}", known.join(", ")),
            ));
        }
    }
    if decision
        .value("duplicate_of")
        .is_some_and(|other| other == triage.alert)
    {
        faults.push(fault(
            "duplicate_of",
            "an alert is no duplicate of itself".to_owned(),
        ));
    }
    for flag in red_flags {
        if !decision.acknowledged.contains_key(&flag.id) {
            faults.push(fault(
                &flag.id,
                format!("red flag to acknowledge: {}", flag.what),
            ));
        }
    }
    faults
}

fn fault(field: &str, what: String) -> Fault {
    Fault {
        field: field.to_owned(),
        what,
    }
}

fn not_offered(transition: Transition, triage: &Triage) -> String {
    match transition {
        Transition::Reopen => format!(
            "the alert is {}, only a closed one is reopened",
            triage.state
        ),
        Transition::Outcome => "only an escalated alert has an outcome".to_owned(),
        _ => "the alert is closed; reopen it first".to_owned(),
    }
}

fn field_fault(spec: &FieldSpec, decision: &Decision) -> Option<String> {
    if spec.kind == FieldKind::Events {
        return decision
            .events
            .is_empty()
            .then(|| "cite at least one event".to_owned());
    }
    match decision.value(spec.id) {
        None => spec
            .demanded_by(&decision.fields)
            .map(|rule| demand(spec, rule)),
        Some(value) => match spec.kind {
            FieldKind::Choice(choices) if !choices.iter().any(|choice| choice.id == value) => {
                let known: Vec<&str> = choices.iter().map(|choice| choice.id).collect();
                Some(format!("“{value}” is none of {}", known.join(", ")))
            }
            FieldKind::Date if Time::parse(value).is_none() => Some(format!(
                "“{value}” is no date; write 2026-03-12 or 2026-03-12 14:00 (UTC)"
            )),
            _ => None,
        },
    }
}

fn demand(spec: &FieldSpec, rule: Rule) -> String {
    match rule {
        Rule::Always => format!("is missing. {}", spec.help),
        Rule::When(other, value) => format!("is missing, since {other} is {value}. {}", spec.help),
        Rule::Without(other) => {
            format!("is missing; fill it in, or say in {other} why there is none")
        }
    }
}
