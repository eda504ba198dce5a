//! `dualuse scan`, and what happens without a subcommand.

use std::num::NonZeroUsize;

use anyhow::Context;

use super::Outcome;
use super::arguments::{Scan, ScanFormat, Showing};
use super::evidence::examine;
use super::output::Output;
use crate::report::{Format, Options, Report, write_plain};

pub(super) fn run(arguments: &Scan, out: &mut Output) -> anyhow::Result<Outcome> {
    if let Some(threads) = arguments.threads {
        use_threads(threads)?;
    }
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
    let outcome = findings.outcome(report.alert_count());
    // The process ends now. The system takes all memory back at once; piece by piece takes longer.
    std::mem::forget(findings);
    Ok(outcome)
}

/// Sets how many threads do the work; before any work is done.
fn use_threads(threads: NonZeroUsize) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build_global()
        .with_context(|| format!("{threads} threads cannot be started; name fewer"))
}

/// What a report shows, as the arguments say.
pub(super) fn options(showing: Showing) -> Options {
    Options {
        show_secrets: showing.show_secrets,
        min_severity: showing.min_severity.map(Into::into),
    }
}
