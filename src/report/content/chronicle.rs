//! The records behind the alerts, in order of time.

use std::collections::BTreeMap;

use crate::case::Disposition;
use crate::event::{NamedZone, Time};
use crate::investigate::EventRef;
use crate::report::model::Item;
use crate::report::words;

/// One record per row that an escalated or open alert cites or a note points at, with what it shows.
pub(in crate::report) fn rows(items: &[Item]) -> Vec<(&EventRef, String)> {
    let mut rows: BTreeMap<(Time, String), (&EventRef, String)> = BTreeMap::new();
    let told = items
        .iter()
        .filter(|item| item.is(Disposition::Escalated) || item.triage.is_open());
    let noted = items.iter().flat_map(|item| {
        let linked = item.linked.iter();
        linked.map(|(event, said)| (event, said.clone(), ""))
    });
    for (event, what, _) in told.flat_map(records).chain(noted) {
        rows.entry((event.time, event.content_key()))
            .or_insert((event, what));
    }
    rows.into_values().collect()
}

/// Every record that an alert or a note about it cites, what it shows, and what kind of fact that is.
pub(in crate::report) fn records(
    item: &Item,
) -> impl Iterator<Item = (&EventRef, String, &'static str)> {
    let alert = &item.alert;
    let sightings = alert
        .sightings
        .iter()
        .map(|sighting| (&sighting.event, sighting.what.clone(), "Tool sighted"));
    let logon = alert.logon.iter().filter_map(|logon| {
        let what = words::logon(alert).unwrap_or_else(|| "logon".to_owned());
        let said = format!("{what}, from {}", words::source(alert));
        Some((logon.event.as_ref()?, said, "Logon"))
    });
    let processes = alert.processes.iter().filter_map(|process| {
        let said = format!("started {}", words::command(process));
        Some((process.event.as_ref()?, said, "Process started"))
    });
    let signals = alert.signals.iter().flat_map(|signal| {
        signal
            .events
            .iter()
            .map(move |event| (event, signal.what.clone(), "Signal"))
    });
    let linked = item.linked.iter();
    let linked = linked.map(|(event, said)| (event, said.clone(), "Noted"));
    sightings
        .chain(logon)
        .chain(processes)
        .chain(signals)
        .chain(linked)
}

/// A time in a zone, with its offset.
pub(in crate::report) fn local_time(time: Time, zone: &NamedZone) -> String {
    zone.local(time).map_or_else(String::new, |local| {
        local.format("%Y-%m-%d %H:%M:%S %z").to_string()
    })
}
