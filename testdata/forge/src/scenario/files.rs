//! Sorts the events into files, numbers them, writes them, and damages what shall be damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::event::{Event, Templates};
use crate::log::LogWriter;
use crate::random::Random;
use crate::scenario::format::{FileEntry, ScenarioFile};
use crate::scenario::host::short_channel;
use crate::scenario::world::World;
use crate::scenario::{LogFile, damage};
use crate::time::Time;

/// Writes all files of the scenario.
pub(super) fn write(world: &mut World, file: &ScenarioFile) -> Result<Vec<LogFile>> {
    let mut events = std::mem::take(&mut world.events);
    events.sort_by_key(|(host, event)| (event.time, *host));
    number(world, &mut events);
    events.retain(|(host, event)| !is_cleared(world, *host, event));
    let entries = if file.file.is_empty() {
        every_channel(world, &events)
    } else {
        file.file.clone()
    };
    entries
        .iter()
        .map(|entry| one(world, &events, entry).map_err(|error| error.at_key(&entry.path)))
        .collect()
}

/// Record ids ascend within a host's channel.
fn number(world: &World, events: &mut [(usize, Event)]) {
    let mut next: BTreeMap<(usize, String), u64> = BTreeMap::new();
    for (host, event) in events {
        let channel = &event.layout.provider.channel;
        let at = next.entry((*host, channel.clone())).or_insert_with(|| {
            let given = world
                .hosts
                .get(*host)
                .and_then(|at| at.first_records.get(short_channel(channel)).copied());
            let label = format!("{host} {channel}");
            given.unwrap_or_else(|| 1000 + Random::new(world.seed, &label).below(400_000))
        });
        // An id that the scenario gives itself also moves the count.
        if event.record_id > 0 {
            *at = event.record_id;
        }
        event.record_id = *at;
        *at += 1;
    }
}

/// Whether somebody cleared the log after this event was written to it.
fn is_cleared(world: &World, host: usize, event: &Event) -> bool {
    let channel = short_channel(&event.layout.provider.channel);
    world
        .cleared
        .iter()
        .any(|(at, what, when)| *at == host && what == channel && event.time < *when)
}

/// `<HOST>/<channel>.evtx` as Windows names its files.
fn every_channel(world: &World, events: &[(usize, Event)]) -> Vec<FileEntry> {
    let found: BTreeSet<(usize, &str)> = events
        .iter()
        .map(|(host, event)| (*host, event.layout.provider.channel.as_str()))
        .collect();
    let entry = |(host, channel): (usize, &str)| {
        let host = world.hosts.get(host)?;
        Some(FileEntry {
            path: format!("{}/{}.evtx", host.name, channel.replace('/', "%4")),
            hosts: Some(vec![host.name.clone()]),
            channels: Some(vec![short_channel(channel).to_owned()]),
            ..FileEntry::default()
        })
    };
    found.into_iter().filter_map(entry).collect()
}

fn one(world: &World, events: &[(usize, Event)], entry: &FileEntry) -> Result<LogFile> {
    let hosts = match &entry.hosts {
        Some(names) => Some(
            names
                .iter()
                .map(|name| world.host_index(name))
                .collect::<Result<BTreeSet<_>>>()?,
        ),
        None => None,
    };
    let from = entry
        .from
        .as_deref()
        .map(Time::parse)
        .transpose()
        .map_err(|error| error.at_key("from"))?;
    let to = entry
        .to
        .as_deref()
        .map(Time::parse)
        .transpose()
        .map_err(|error| error.at_key("to"))?;
    let belongs = |host: &usize, event: &Event| {
        let channel = short_channel(&event.layout.provider.channel);
        hosts.as_ref().is_none_or(|hosts| hosts.contains(host))
            && entry
                .channels
                .as_ref()
                .is_none_or(|channels| channels.iter().any(|known| known == channel))
            && from.is_none_or(|from| event.time >= from)
            && to.is_none_or(|to| event.time < to)
    };
    let mut log = LogWriter::in_memory()?;
    log.set_dirty(entry.dirty);
    let mut templates = Templates::default();
    let mut number = 0;
    let mut place = 0;
    for (_, event) in events.iter().filter(|(host, event)| belongs(host, event)) {
        place += 1;
        if entry.drop_record.contains(&place) {
            continue;
        }
        number += 1;
        let in_file = if entry.live { event.record_id } else { number };
        templates.write(&mut log, in_file, event).map_err(|error| {
            let what = &event.layout;
            Error::new(format!(
                "{} at {} on {}: {error}",
                what.kind, event.time, event.computer
            ))
        })?;
    }
    let mut bytes = log.finish()?.into_inner();
    damage::apply(&mut bytes, entry)?;
    Ok(LogFile {
        path: PathBuf::from(&entry.path),
        bytes,
    })
}
