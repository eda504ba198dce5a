//! `triage ask`: a message for the owner, and an alert that waits for the answer.

use std::io::Write;

use anyhow::Context;

use super::find;
use crate::case::CaseError;
use crate::cli::Outcome;
use crate::cli::arguments::Ask as Arguments;
use crate::cli::evidence::{case_path, examine_to_decide, keep_out_of_evidence};
use crate::cli::export::write_whole;
use crate::cli::output::{Output, note};
use crate::event::Time;
use crate::report::Ask;

pub(super) fn run(arguments: &Arguments, out: &mut Output) -> anyhow::Result<Outcome> {
    let evidence = &arguments.evidence.evidence;
    case_path(evidence, &arguments.case)?;
    if let Some(path) = &arguments.output {
        keep_out_of_evidence(path, evidence)?;
    }
    let due = Time::parse(&arguments.due).with_context(|| {
        format!(
            "--due {}: no date; write 2026-03-12 or 2026-03-12 14:00 (UTC)",
            arguments.due
        )
    })?;
    let findings = examine_to_decide(&arguments.evidence)?;
    let alert = find(&findings, &arguments.alert)?;
    let mut case = findings.case_for_writing(evidence, &arguments.case)?;
    let ask = Ask {
        whom: arguments.whom.clone(),
        question: arguments.question.clone(),
        due,
        channel: arguments.channel.clone(),
        zone: arguments
            .zone
            .clone()
            .or_else(|| findings.environment.time_zone.clone()),
        from: case.author().to_owned(),
    };
    let saved = match case.decide(alert, ask.decision()) {
        Ok(entry) => entry,
        Err(CaseError::Refused(refusal)) => {
            writeln!(out, "refused: {refusal}")?;
            return Ok(Outcome::Found);
        }
        Err(error) => return Err(error.into()),
    };
    let message = ask.message(alert);
    match &arguments.output {
        None => out.write_all(message.as_bytes())?,
        Some(path) => write_whole(path, |file| file.write_all(message.as_bytes()))
            .with_context(|| path.display().to_string())?,
    }
    note(&format!(
        "saved {}: the alert waits for {} until {due}",
        saved.id.short(),
        ask.whom
    ));
    Ok(Outcome::Done)
}
