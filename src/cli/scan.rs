//! `dualuse scan`, and what happens without a subcommand.

use super::Outcome;
use super::arguments::{Scan, ScanFormat, Showing};
use super::evidence::examine;
use super::output::Output;
use crate::report::{Format, Options, Report, write_plain};

pub(super) fn run(arguments: &Scan, out: &mut Output) -> anyhow::Result<Outcome> {
    let evidence = &arguments.evidence.evidence;
    let findings = examine(evidence, &arguments.evidence.reading)?;
    let case = findings.case_for_reading(evidence, &arguments.case)?;
    let report = Report {
        timeline: &findings.snapshot.timeline,
        alerts: &findings.snapshot.alerts,
        case: &case,
        options: options(arguments.showing),
    };
    match arguments.format {
        ScanFormat::Text => write_plain(&report, out.plain(), out)?,
        ScanFormat::Json => report.write(Format::Json, out)?,
        ScanFormat::Jsonl => report.write(Format::Jsonl, out)?,
        ScanFormat::Csv => report.write(Format::Csv, out)?,
    }
    Ok(findings.outcome(report.alert_count()))
}

/// What a report shows, as the arguments say.
pub(super) fn options(showing: Showing) -> Options {
    Options {
        show_secrets: showing.show_secrets,
        min_severity: showing.min_severity.map(Into::into),
    }
}
