//! The records behind the alerts that matter, as a table.

use std::io::{self, Write};

use crate::report::Report;
use crate::report::content::chronicle::{local_time, rows};
use crate::report::model::Item;
use crate::report::words;
use crate::text::markdown as escape;

/// One row per record that an escalated or open alert cites, with local time where the site
/// profile names a zone.
pub(super) fn write(report: &Report<'_>, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(items);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Timeline\n")?;
    let zone = report.case.environment().time_zone.as_ref();
    let local = zone
        .map(|zone| format!(" {} |", escape(zone.name())))
        .unwrap_or_default();
    let rule = if zone.is_some() { "---|" } else { "" };
    writeln!(
        out,
        "| UTC |{local} host | record | what |\n|---|{rule}---|---|---|"
    )?;
    for (event, what) in &rows {
        let local = zone
            .map(|zone| format!(" {} |", local_time(event.time, zone)))
            .unwrap_or_default();
        let record = words::citation(event);
        writeln!(
            out,
            "| {} |{local} {} | {} | {} |",
            event.time,
            escape(&event.host),
            escape(&record),
            escape(what)
        )?;
    }
    writeln!(out)
}
