//! The records behind the alerts that matter, in order of time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono_tz::Tz;

use crate::case::Disposition;
use crate::event::Time;
use crate::investigate::EventRef;
use crate::report::Report;
use crate::report::model::Item;
use crate::report::words;
use crate::text::markdown as escape;

/// One row per record that an escalated or open alert cites, with local time where the site
/// profile names a zone.
pub(super) fn write(report: &Report<'_>, items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let mut rows: BTreeMap<(Time, String), (&EventRef, String)> = BTreeMap::new();
    let told = items
        .iter()
        .filter(|item| item.is(Disposition::Escalated) || item.triage.is_open());
    for item in told {
        for (event, what) in records(item) {
            rows.entry((event.time, event.content_key()))
                .or_insert((event, what));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Timeline\n")?;
    let zone = report.case.environment().time_zone;
    let local = zone
        .map(|zone| format!(" {} |", escape(zone.name())))
        .unwrap_or_default();
    let rule = if zone.is_some() { "---|" } else { "" };
    writeln!(
        out,
        "| UTC |{local} host | record | what |\n|---|{rule}---|---|---|"
    )?;
    for (event, what) in rows.values() {
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

fn records(item: &Item) -> impl Iterator<Item = (&EventRef, String)> {
    let alert = &item.alert;
    let sightings = alert
        .sightings
        .iter()
        .map(|sighting| (&sighting.event, sighting.what.clone()));
    let logon = alert.logon.iter().filter_map(|logon| {
        let what = words::logon(alert).unwrap_or_else(|| "logon".to_owned());
        Some((
            logon.event.as_ref()?,
            format!("{what}, from {}", words::source(alert)),
        ))
    });
    let processes = alert.processes.iter().filter_map(|process| {
        Some((
            process.event.as_ref()?,
            format!("started {}", words::command(process)),
        ))
    });
    let signals = alert.signals.iter().flat_map(|signal| {
        signal
            .events
            .iter()
            .map(move |event| (event, signal.what.clone()))
    });
    sightings.chain(logon).chain(processes).chain(signals)
}

fn local_time(time: Time, zone: Tz) -> String {
    time.utc().map_or_else(String::new, |utc| {
        utc.with_timezone(&zone)
            .format("%Y-%m-%d %H:%M:%S %z")
            .to_string()
    })
}
