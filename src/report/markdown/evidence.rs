//! What was checked, what is not known, what was read, and who decided what.

use std::io::{self, Write};

use crate::report::Report;
use crate::report::content;
use crate::report::model::Item;
use crate::text::markdown as escape;

/// The questions that evidence answered.
pub(super) fn ruled_out(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let rows = content::ruled_out(items);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Checked and ruled out\n\n| alert | question | answer | how it is known |\n|---|---|---|---|"
    )?;
    for row in rows {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(row.alert),
            escape(row.question),
            escape(row.answer),
            escape(row.how)
        )?;
    }
    writeln!(out)
}

/// What was not there to see.
pub(super) fn gaps(report: &Report<'_>, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Not known\n")?;
    let gaps = content::gaps(report, items);
    for gap in &gaps {
        let of = gap.of.join(", ");
        writeln!(out, "- {} ({})", escape(&gap.what), escape(&of))?;
    }
    if gaps.is_empty() {
        writeln!(out, "{}", content::NO_GAP)?;
    }
    writeln!(out)
}

/// The rules, and what each took in.
pub(super) fn known_activity(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rules = content::known_activity(report);
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Known activity\n\n| rule | covers | took in | by | expires |\n|---|---|---|---|---|"
    )?;
    for rule in rules {
        let cells = rule.map(|cell| escape(&cell));
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)
}

/// What was read.
pub(super) fn sources(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "## Evidence\n\n| file | bytes | SHA-256 | events | first | last | records | damage |\n|---|---:|---|---:|---|---|---|---:|"
    )?;
    for source in report.timeline.sources() {
        let time = |time: Option<crate::event::Time>| {
            time.map(|time| time.to_string()).unwrap_or_default()
        };
        let records = match (source.first_record_id, source.last_record_id) {
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => String::new(),
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {records} | {} |",
            escape(&source.path.to_string_lossy()),
            source.bytes,
            source.sha256.get().unwrap_or("not computed"),
            source.events,
            time(source.first_time),
            time(source.last_time),
            source.damage.len()
        )?;
    }
    writeln!(out)
}

/// Who said what, and the links of the chain.
pub(super) fn decision_log(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "## Decision log\n\n| time | author | alert | what | entry |\n|---|---|---|---|---|"
    )?;
    for entry in report.case.log() {
        let alert = entry
            .content
            .subject
            .as_ref()
            .map_or("", |subject| subject.alert.as_str());
        let taken_back = if report.case.is_in_force(&entry.id) {
            ""
        } else {
            ", taken back"
        };
        writeln!(
            out,
            "| {} | {} | {} | {}{taken_back} | `{}` |",
            entry.content.time,
            escape(&entry.content.author),
            escape(alert),
            escape(&entry.summary()),
            entry.id.short()
        )?;
    }
    let heads: Vec<String> = report
        .case
        .heads()
        .iter()
        .map(|id| format!("`{id}`"))
        .collect();
    writeln!(
        out,
        "\nThe log is a hash chain that ends at {}. `dualuse case verify` recomputes it.",
        heads.join(" and ")
    )
}
