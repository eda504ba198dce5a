//! `triage form`: what each transition asks for.

use std::io::Write;

use serde_json::{Value, json};

use crate::case::{FieldKind, FieldSpec, Rule, Transition};
use crate::cli::Outcome;
use crate::cli::output::Output;
use crate::report::to_json;

pub(super) fn run(word: Option<&str>, as_json: bool, out: &mut Output) -> anyhow::Result<Outcome> {
    let transitions = match word {
        Some(word) => vec![transition(word)?],
        None => Transition::ALL.to_vec(),
    };
    if as_json {
        let forms: Vec<Value> = transitions
            .iter()
            .map(|transition| form(*transition))
            .collect();
        to_json(&forms, out)?;
        return Ok(Outcome::Done);
    }
    for transition in transitions {
        writeln!(out, "{transition}: {}", transition.help())?;
        for spec in transition.fields() {
            let choices: Vec<&str> = spec.choices().iter().map(|choice| choice.id).collect();
            let choices = if choices.is_empty() {
                String::new()
            } else {
                format!(" [{}]", choices.join(" | "))
            };
            writeln!(
                out,
                "  {:14} {}{choices} {}",
                spec.id,
                spec.help,
                demand(spec)
            )?;
        }
        writeln!(out)?;
    }
    Ok(Outcome::Done)
}

/// The transition of that word.
pub(super) fn transition(word: &str) -> anyhow::Result<Transition> {
    Transition::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = Transition::ALL
            .iter()
            .map(|transition| transition.word())
            .collect();
        anyhow::anyhow!("{word}: no such transition; there are {}", known.join(", "))
    })
}

fn demand(spec: &FieldSpec) -> String {
    let rules: Vec<String> = spec
        .required
        .iter()
        .map(|rule| match rule {
            Rule::Always => "needed".to_owned(),
            Rule::When(field, value) => format!("needed when {field}={value}"),
            Rule::Without(field) => format!("needed without {field}"),
        })
        .collect();
    if rules.is_empty() {
        String::new()
    } else {
        format!("({})", rules.join("; "))
    }
}

/// The form as JSON: the same specification that the interface builds its forms from.
pub(super) fn form(transition: Transition) -> Value {
    let fields: Vec<Value> = transition
        .fields()
        .iter()
        .map(|spec| {
            let choices: Vec<&str> = spec.choices().iter().map(|choice| choice.id).collect();
            json!({
                "id": spec.id,
                "label": spec.label,
                "help": spec.help,
                "kind": kind(spec.kind),
                "choices": choices,
                "required": spec.required.iter().map(rule).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "transition": transition.word(),
        "help": transition.help(),
        "leads_to": transition.leads_to(),
        "disposition": transition.disposition(),
        "fields": fields,
    })
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Paragraph => "paragraph",
        FieldKind::Choice(_) => "choice",
        FieldKind::Date => "date",
        FieldKind::Alert => "alert",
        FieldKind::Events => "events",
    }
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::Always => json!({ "always": true }),
        Rule::When(field, value) => json!({ "when": { *field: value } }),
        Rule::Without(field) => json!({ "without": field }),
    }
}
