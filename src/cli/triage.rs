//! `dualuse triage`: the analyst's work without the interface, for scripts.

mod ask;
mod decide;
mod form;
mod note;
mod show;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Outcome;
use super::arguments::{CaseFile, Evidence, Triage, TriageAction, Whose};
use super::evidence::{Findings, case_path, examine, say_waiting};
use super::output::Output;
pub(super) use decide::pairs;

use crate::case::{Case, author};
use crate::investigate::Alert;
use crate::text::line;

pub(super) fn run(arguments: Triage, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        TriageAction::List {
            evidence,
            case,
            open,
            json,
        } => {
            let (findings, case) = read(&evidence, &case)?;
            show::list(&findings, &case, open, json, out)
        }
        TriageAction::Show {
            evidence,
            case,
            alert,
            json,
        } => {
            let (findings, case) = read(&evidence, &case)?;
            show::one(find(&findings, &alert)?, &findings, &case, json, out)
        }
        TriageAction::Decide(arguments) => decide::run(&arguments, out),
        TriageAction::Ask(arguments) => ask::run(&arguments, out),
        TriageAction::Note(arguments) => note::run(&arguments, out),
        TriageAction::Undo(whose) => turn_back(&whose, "taken back", Case::undo, out),
        TriageAction::Redo(whose) => turn_back(&whose, "in force again", Case::redo, out),
        TriageAction::Form { transition, json } => form::run(transition.as_deref(), json, out),
    }
}

fn read(evidence: &Evidence, file: &CaseFile) -> anyhow::Result<(Findings, Case)> {
    let findings = examine(&evidence.evidence, &evidence.reading)?;
    let case = findings.case_for_reading(&evidence.evidence, file)?;
    Ok((findings, case))
}

/// The alert whose id is or begins with `id`.
pub(super) fn find<'a>(findings: &'a Findings, id: &str) -> anyhow::Result<&'a Alert> {
    let alerts = &findings.snapshot.alerts;
    if let Some(alert) = alerts.iter().find(|alert| alert.id == id) {
        return Ok(alert);
    }
    let mut meant = alerts
        .iter()
        .filter(|alert| alert.id.starts_with(id) && !id.is_empty());
    match (meant.next(), meant.next()) {
        (Some(alert), None) => Ok(alert),
        (Some(_), Some(_)) => anyhow::bail!("{id}: several alerts begin so; give more of the id"),
        (None, _) => {
            anyhow::bail!("{id}: no such alert in this evidence; `dualuse triage list` names them")
        }
    }
}

type Turn =
    fn(&mut Case) -> Result<Vec<std::sync::Arc<crate::case::Entry>>, crate::case::CaseError>;

fn turn_back(whose: &Whose, what: &str, turn: Turn, out: &mut Output) -> anyhow::Result<Outcome> {
    let path = case_path(&whose.evidence, &whose.case)?;
    let mut case = Case::open(&path, &author(whose.case.author.as_deref()))?;
    case.set_on_wait(say_waiting);
    for entry in turn(&mut case)? {
        let alert = entry
            .content
            .subject
            .as_ref()
            .map_or("", |subject| subject.title.as_str());
        writeln!(
            out,
            "{what}: {} of {}: {}",
            entry.summary(),
            entry.content.time,
            line(alert)
        )?;
    }
    Ok(Outcome::Done)
}

/// The text of a file, or of standard input for `-` or none.
pub(super) fn read_text(file: Option<&Path>) -> anyhow::Result<String> {
    match file {
        None => from_stdin(),
        Some(path) if path == Path::new("-") => from_stdin(),
        Some(path) => {
            fs::read_to_string(path).with_context(|| PathBuf::from(path).display().to_string())
        }
    }
}

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input")?;
    Ok(text)
}
