//! `triage list` and `triage show`.

use std::io::Write;

use serde_json::json;

use super::form::form;
use crate::case::{Case, Transition, is_offered};
use crate::cli::Outcome;
use crate::cli::evidence::Findings;
use crate::cli::output::Output;
use crate::investigate::Alert;
use crate::report::{Options, Report, alert_json, to_json, to_json_line, word, write_plain};
use crate::text::line;

pub(super) fn list(
    findings: &Findings,
    case: &Case,
    only_open: bool,
    json: bool,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    for alert in findings.snapshot.alerts.iter() {
        let triage = case.triage(alert);
        if only_open && !triage.is_open() {
            continue;
        }
        if json {
            to_json_line(&alert_json(alert, &triage, Options::default()), out)?;
            continue;
        }
        let mut stands = triage.state.to_string();
        if let Some(disposition) = triage.disposition {
            stands = disposition.to_string();
        }
        if triage.settled_by().is_some() {
            stands = "known-activity".to_owned();
        }
        if triage.stale.is_some() {
            stands.push_str(" (stale)");
        }
        if !triage.conflict.is_empty() {
            stands.push_str(" (conflict)");
        }
        let severity = word(&alert.severity);
        writeln!(
            out,
            "{:14} {severity:8} {stands:24} {}",
            line(&alert.id),
            line(&alert.title)
        )?;
    }
    Ok(Outcome::Done)
}

pub(super) fn one(
    alert: &Alert,
    findings: &Findings,
    case: &Case,
    json: bool,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    let triage = case.triage(alert);
    let offered: Vec<Transition> = Transition::ALL
        .into_iter()
        .filter(|transition| is_offered(*transition, &triage))
        .collect();
    if json {
        let value = json!({
            "alert": alert_json(alert, &triage, Options::default()),
            "red_flags": triage.red_flags,
            "history": triage.history.iter().map(|entry| &**entry).collect::<Vec<_>>(),
            "offered": offered.iter().map(|transition| form(*transition)).collect::<Vec<_>>(),
        });
        to_json(&value, out)?;
        return Ok(Outcome::Done);
    }
    let alerts = [alert.clone()];
    let timeline = &findings.snapshot.timeline;
    let report = Report {
        timeline,
        alerts: &alerts,
        case,
        options: Options::default(),
    };
    write_plain(&report, out.plain(), out)?;
    if !triage.red_flags.is_empty() {
        writeln!(
            out,
            "\nRed flags, to be acknowledged before “admin-attributed”:"
        )?;
        for flag in &triage.red_flags {
            writeln!(out, "  {:22} {}", line(&flag.id), line(&flag.what))?;
        }
    }
    if !triage.history.is_empty() {
        writeln!(out, "\nHistory:")?;
        for entry in &triage.history {
            let content = &entry.content;
            let mut summary = entry.summary();
            if triage.notes.iter().any(|note| note.id == entry.id) {
                summary = format!("{summary} {}", entry.id.short());
            }
            let taken_back = if case.is_in_force(&entry.id) {
                ""
            } else {
                " (taken back)"
            };
            writeln!(
                out,
                "  {}  {}  {}{taken_back}",
                content.time,
                line(&content.author),
                line(&summary)
            )?;
        }
    }
    let words: Vec<&str> = offered.iter().map(|transition| transition.word()).collect();
    writeln!(
        out,
        "\nPossible now: {} (fields: `dualuse triage form`)",
        words.join(", ")
    )?;
    Ok(Outcome::Done)
}
