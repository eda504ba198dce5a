//! A rule about known activity being written, changed or revoked.

use std::collections::BTreeMap;

use super::form::{Field, Form, Input};
use crate::case::{EntryId, Fault, FieldKind, FieldSpec, KnownActivity, KnownRule};
use crate::investigate::Alert;
use crate::tui::model::Data;

/// Prefix of the fields that accept a red flag.
const ACCEPT: &str = "accept ";

/// What is done with the rule.
#[derive(Clone, Debug)]
pub enum RuleWork {
    /// It is made from the verdict on an alert, by id.
    Make(String),
    /// Its text is replaced.
    Edit(Box<KnownRule>),
    /// It is taken out of force.
    Revoke(EntryId),
}

/// The form of a rule.
#[derive(Debug)]
pub struct RuleForm {
    /// What is done.
    pub work: RuleWork,
    /// Its fields.
    pub form: Form,
    /// Whether it was sent to the case and the answer is awaited.
    pub saving: bool,
}

impl RuleForm {
    /// A rule from the verdict on an alert, as narrow as the alert allows.
    pub fn make(alert: &Alert, data: &Data) -> RuleForm {
        let mut form = form(&KnownActivity::proposal(alert));
        let flags = data.triage(&alert.id).map(|triage| &triage.red_flags);
        for flag in flags.into_iter().flatten() {
            form.fields.push(accepted(&flag.id, &flag.what, ""));
        }
        RuleForm::of(RuleWork::Make(alert.id.clone()), form)
    }

    /// The text of a rule, to change.
    pub fn edit(known: &KnownRule) -> RuleForm {
        let mut form = form(&known.rule.to_fields());
        for (flag, why) in &known.rule.accepted {
            form.fields.push(accepted(flag, flag, why));
        }
        RuleForm::of(RuleWork::Edit(Box::new(known.clone())), form)
    }

    /// Why a rule is taken out of force.
    pub fn revoke(known: &KnownRule) -> RuleForm {
        let help = "Why it no longer holds. The alerts under it are open again.";
        let mut reason = Field::new("reason", "Reason", help, line(""));
        reason.required = true;
        let form = Form {
            fields: vec![reason],
            ..Form::default()
        };
        RuleForm::of(RuleWork::Revoke(known.id.clone()), form)
    }

    fn of(work: RuleWork, form: Form) -> RuleForm {
        let mut rule = RuleForm {
            work,
            form,
            saving: false,
        };
        rule.refresh();
        rule
    }

    /// Brings the marks of required fields up to date with what is filled in.
    pub fn refresh(&mut self) {
        let values = self.values();
        for spec in KnownActivity::fields() {
            let mut fields = self.form.fields.iter_mut();
            if !matches!(self.work, RuleWork::Revoke(_))
                && let Some(field) = fields.find(|field| field.id == spec.id)
            {
                field.required = spec.demanded_by(&values).is_some();
            }
        }
    }

    fn values(&self) -> BTreeMap<String, String> {
        let fields = self.form.fields.iter();
        fields
            .filter(|field| !field.id.starts_with(ACCEPT))
            .map(|field| (field.id.clone(), field.value()))
            .collect()
    }

    /// The rule as filled in.
    ///
    /// # Errors
    /// Everything that is wrong or missing.
    pub fn rule(&self) -> Result<KnownActivity, Vec<Fault>> {
        let mut rule = KnownActivity::from_fields(&self.values())?;
        for field in &self.form.fields {
            if let Some(flag) = field.id.strip_prefix(ACCEPT)
                && !field.value().is_empty()
            {
                rule.accepted.insert(flag.to_owned(), field.value());
            }
        }
        if let RuleWork::Edit(known) = &self.work {
            rule.origin.clone_from(&known.rule.origin);
        }
        Ok(rule)
    }
}

fn line(text: &str) -> Input {
    Input::Text(tui_input::Input::new(text.to_owned()))
}

fn form(values: &BTreeMap<String, String>) -> Form {
    let field = |spec: &FieldSpec| {
        let value = values.get(spec.id).map_or("", String::as_str);
        let help = match spec.kind {
            FieldKind::Date => format!(
                "{} Such as 2026-09-30 or 2026-09-30 14:00 (UTC).",
                spec.help
            ),
            _ => spec.help.to_owned(),
        };
        let input = match spec.kind {
            FieldKind::Paragraph => {
                Input::Paragraph(Box::new(ratatui_textarea::TextArea::from(value.lines())))
            }
            _ => line(value),
        };
        Field::new(spec.id, spec.label, &help, input)
    };
    Form {
        fields: KnownActivity::fields().iter().map(field).collect(),
        ..Form::default()
    }
}

fn accepted(flag: &str, what: &str, why: &str) -> Field {
    let help = format!(
        "Red flag: {what}. Say why the rule accepts it; left empty, alerts with it stay open."
    );
    Field::new(&format!("{ACCEPT}{flag}"), "Accepts", &help, line(why))
}
