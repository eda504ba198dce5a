//! The note for a ticket or a colleague: one file per case, one section per alert.
//!
//! Order and content are what readers of hand-over notes ask for: the situation in two sentences,
//! what was escalated and who acts next, the timeline, what was attributed and on what ground,
//! what was ruled out, what is not known, indicators, evidence, and the log of decisions.

mod alert;
mod evidence;
mod indicators;
mod timeline;

use std::io::{self, Write};

use super::Report;
use super::content::{self, AUTHORISED, Part, SET_ASIDE, TO_ACT_ON, count};
use super::model::{Item, items};
use crate::text::markdown as escape;

/// Writes the whole note.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let items = items(report);
    heading(report, &items, out)?;
    summary(report, &items, out)?;
    alerts(&items, TO_ACT_ON, out)?;
    timeline::write(report, &items, out)?;
    alerts(&items, AUTHORISED, out)?;
    evidence::ruled_out(&items, out)?;
    alerts(&items, SET_ASIDE, out)?;
    evidence::gaps(report, &items, out)?;
    evidence::known_activity(report, out)?;
    indicators::write(&items, out)?;
    evidence::sources(report, out)?;
    evidence::decision_log(report, out)
}

fn heading(report: &Report<'_>, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# Case {}: {}, {}, {}\n",
        escape(&content::case_name(report)),
        count(items.len(), "alert"),
        escape(&content::hosts(items)),
        content::time_span(items)
    )?;
    let heads: Vec<String> = report
        .case
        .heads()
        .iter()
        .map(|id| format!("`{}`", id.short()))
        .collect();
    let heads = if heads.is_empty() {
        "no entry".to_owned()
    } else {
        heads.join(", ")
    };
    writeln!(
        out,
        "dualuse {}. All times are UTC. Decision log ends at {heads}.\n",
        env!("CARGO_PKG_VERSION"),
    )
}

fn summary(report: &Report<'_>, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let situation = content::situation(report, items);
    writeln!(out, "## Summary\n\n{}\n", escape(&situation))?;
    writeln!(out, "| state or verdict | alerts |\n|---|---:|")?;
    for (what, number) in content::counts(items) {
        writeln!(out, "| {what} | {number} |")?;
    }
    writeln!(out)
}

fn alerts(items: &[Item], parts: &[Part], out: &mut dyn Write) -> io::Result<()> {
    for (title, belongs) in parts {
        let mut items = items.iter().filter(|item| belongs(item)).peekable();
        if items.peek().is_some() {
            writeln!(out, "## {title}\n")?;
            items.try_for_each(|item| alert::write(item, out))?;
        }
    }
    Ok(())
}
