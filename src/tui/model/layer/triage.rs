//! A decision being made: first what, then the form that it asks for.

use std::collections::BTreeMap;

use ratatui_textarea::TextArea;

use super::form::{Field, Form, Input};
use crate::case::{Decision, FieldKind, FieldSpec, RedFlag, Transition, is_offered};
use crate::investigate::EventRef;
use crate::tui::model::{Data, List};

/// Prefix of the fields that acknowledge a red flag.
const FLAG: &str = "flag ";

/// Choosing, or filling in.
#[derive(Debug)]
pub enum TriageStage {
    /// Choosing what to do.
    Choose(List),
    /// Filling in the form of a transition.
    Fill(Transition, Form),
}

/// A decision about some alerts.
#[derive(Debug)]
pub struct TriageForm {
    /// The alerts it is for, by id.
    pub alerts: Vec<String>,
    /// What can be decided, with the reason where it cannot.
    pub offers: Vec<(Transition, bool)>,
    /// Where one is.
    pub stage: TriageStage,
    /// Whether it was sent to the case and the answer is awaited.
    pub saving: bool,
    red_flags: Vec<RedFlag>,
    sightings: Vec<EventRef>,
}

impl TriageForm {
    /// The form for some alerts, with what the case says about them.
    pub fn about(alerts: Vec<String>, data: &Data) -> TriageForm {
        let triages: Vec<_> = alerts.iter().filter_map(|id| data.triage(id)).collect();
        let offers = Transition::ALL
            .into_iter()
            .map(|transition| {
                (
                    transition,
                    triages.iter().all(|triage| is_offered(transition, triage)),
                )
            })
            .collect();
        let mut red_flags: Vec<RedFlag> = Vec::new();
        for flag in triages.iter().flat_map(|triage| &triage.red_flags) {
            if !red_flags.iter().any(|known| known.id == flag.id) {
                red_flags.push(flag.clone());
            }
        }
        let sightings = match alerts.as_slice() {
            [id] => data.alert(id).map_or_else(Vec::new, |alert| {
                alert
                    .sightings
                    .iter()
                    .map(|sighting| sighting.event.clone())
                    .collect()
            }),
            // each alert of a bulk action cites its own
            _ => Vec::new(),
        };
        let mut form = TriageForm {
            alerts,
            offers,
            stage: TriageStage::Choose(List::default()),
            saving: false,
            red_flags,
            sightings,
        };
        if let TriageStage::Choose(list) = &mut form.stage {
            list.cursor = form
                .offers
                .iter()
                .position(|(_, offered)| *offered)
                .unwrap_or(0);
        }
        form
    }

    /// The cursor in force.
    pub fn list_mut(&mut self) -> &mut List {
        match &mut self.stage {
            TriageStage::Choose(list) => list,
            TriageStage::Fill(_, form) => &mut form.list,
        }
    }

    /// Goes on to the form of the transition under the cursor, if it is offered.
    pub fn choose(&mut self) {
        let TriageStage::Choose(list) = &self.stage else {
            return;
        };
        let Some((transition, true)) = self.offers.get(list.cursor).copied() else {
            return;
        };
        let mut fields: Vec<Field> = transition
            .fields()
            .iter()
            .map(|spec| self.field_of(spec))
            .collect();
        if asks_for_flags(transition) {
            fields.extend(
                self.red_flags
                    .iter()
                    .map(|flag| flag_field(&flag.id, &flag.what)),
            );
        }
        let mut form = Form {
            fields,
            ..Form::default()
        };
        refresh_required(&mut form, transition);
        self.stage = TriageStage::Fill(transition, form);
    }

    fn field_of(&self, spec: &FieldSpec) -> Field {
        let input = match spec.kind {
            FieldKind::Text | FieldKind::Date | FieldKind::Alert => {
                Input::Text(tui_input::Input::default())
            }
            FieldKind::Paragraph => Input::Paragraph(Box::new(TextArea::default())),
            FieldKind::Choice(choices) => Input::Choice {
                options: choices
                    .iter()
                    .map(|choice| (choice.id.to_owned(), choice.label.to_owned()))
                    .collect(),
                chosen: None,
            },
            FieldKind::Events => Input::Check(true),
        };
        let help = match spec.kind {
            FieldKind::Events if self.alerts.len() > 1 => {
                "Each alert cites the events it was seen in.".to_owned()
            }
            FieldKind::Events => format!(
                "Cite the {} events in which the tool was seen.",
                self.sightings.len()
            ),
            FieldKind::Date => format!(
                "{} Such as 2026-03-12 or 2026-03-12 14:00 (UTC).",
                spec.help
            ),
            _ => spec.help.to_owned(),
        };
        Field::new(spec.id, spec.label, &help, input)
    }

    /// Brings the marks of required fields up to date with what is filled in.
    pub fn refresh(&mut self) {
        if let TriageStage::Fill(transition, form) = &mut self.stage {
            refresh_required(form, *transition);
        }
    }

    /// The decision as filled in so far; `None` while choosing.
    pub fn decision(&self) -> Option<Decision> {
        let TriageStage::Fill(transition, form) = &self.stage else {
            return None;
        };
        let mut decision = Decision::new(*transition);
        for spec in transition.fields() {
            let value = form.value(spec.id);
            if spec.kind == FieldKind::Events {
                if value == "yes" {
                    decision.events.clone_from(&self.sightings);
                }
            } else if !value.is_empty() {
                decision.fields.insert(spec.id.to_owned(), value);
            }
        }
        for field in &form.fields {
            if let Some(flag) = field.id.strip_prefix(FLAG)
                && field.value() == "yes"
            {
                decision.acknowledged.insert(flag.to_owned(), String::new());
            }
        }
        Some(decision)
    }

    /// Shows why the case refused: each fault at its field; red flags that the form did not know
    /// become fields.
    pub fn refuse(&mut self, faults: Vec<(String, String)>) {
        self.saving = false;
        let TriageStage::Fill(transition, form) = &mut self.stage else {
            return;
        };
        let known: Vec<&str> = transition.fields().iter().map(|spec| spec.id).collect();
        let mut named = Vec::new();
        for (id, what) in faults {
            let is_flag = !known.contains(&id.as_str()) && id != "transition";
            if is_flag {
                let flag = format!("{FLAG}{id}");
                if !form.fields.iter().any(|field| field.id == flag) {
                    form.fields.push(flag_field(&id, &what));
                }
                named.push((flag, what));
            } else {
                named.push((id, what));
            }
        }
        form.blame(named);
    }
}

/// Only a verdict of "it was us" can be contradicted by red flags.
fn asks_for_flags(transition: Transition) -> bool {
    transition == Transition::AdminAttributed
}

fn flag_field(id: &str, what: &str) -> Field {
    let mut field = Field::new(
        &format!("{FLAG}{id}"),
        &format!("red flag: {what}"),
        "Seen and accepted. It is kept with the decision.",
        Input::Check(false),
    );
    field.required = true;
    field
}

fn refresh_required(form: &mut Form, transition: Transition) {
    let values: BTreeMap<String, String> = form
        .fields
        .iter()
        .map(|field| (field.id.clone(), field.value()))
        .collect();
    for spec in transition.fields() {
        if let Some(field) = form.fields.iter_mut().find(|field| field.id == spec.id) {
            field.required = spec.demanded_by(&values).is_some();
        }
    }
}
