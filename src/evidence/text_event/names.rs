//! Names that a collector left out or spelt in its own way.

use std::collections::HashMap;

use super::flat::fold;
use super::{message, positions};
use crate::event::layout::layout;
use crate::evidence::record::{Header, Record};

/// Providers by channel, where the channel has only one that matters: (channel, event ids,
/// provider). Source: the events' manifests.
const PROVIDERS: [(&str, &[std::ops::RangeInclusive<u32>], &str); 8] = [
    ("Security", &[1100..=1108], "Microsoft-Windows-Eventlog"),
    (
        "Security",
        &[0..=u32::MAX],
        "Microsoft-Windows-Security-Auditing",
    ),
    ("System", &[7000..=7046], "Service Control Manager"),
    ("System", &[104..=104], "Microsoft-Windows-Eventlog"),
    ("System", &[12..=13], "Microsoft-Windows-Kernel-General"),
    ("System", &[6005..=6013], "EventLog"),
    ("Windows PowerShell", &[400..=800], "PowerShell"),
    (
        "Application",
        &[11_707..=11_728, 1033..=1042],
        "MsiInstaller",
    ),
];

/// Channels by provider.
const CHANNELS: [(&str, &str); 6] = [
    ("Microsoft-Windows-Security-Auditing", "Security"),
    ("Service Control Manager", "System"),
    ("PowerShell", "Windows PowerShell"),
    (
        "Microsoft-Windows-Sysmon",
        "Microsoft-Windows-Sysmon/Operational",
    ),
    (
        "Microsoft-Windows-PowerShell",
        "Microsoft-Windows-PowerShell/Operational",
    ),
    (
        "Microsoft-Windows-Windows Defender",
        "Microsoft-Windows-Windows Defender/Operational",
    ),
];

/// Display names and short names of providers and channels that collectors write.
const ALIASES: [(&str, &str); 4] = [
    (
        "Microsoft Windows security auditing.",
        "Microsoft-Windows-Security-Auditing",
    ),
    (
        "Microsoft-Windows-Service Control Manager",
        "Service Control Manager",
    ),
    ("Sysmon", "Microsoft-Windows-Sysmon"),
    ("Windows Defender", "Microsoft-Windows-Windows Defender"),
];

/// Adds provider or channel where one follows from the other and the event id.
pub(super) fn infer(header: &mut Header) {
    for (alias, name) in ALIASES {
        if header.provider.eq_ignore_ascii_case(alias) {
            name.clone_into(&mut header.provider);
        }
    }
    if header.provider.is_empty() {
        let known = PROVIDERS.iter().find(|(channel, ids, _)| {
            header.channel.eq_ignore_ascii_case(channel)
                && ids.iter().any(|range| range.contains(&header.event_id))
        });
        // `Microsoft-Windows-Sysmon/Operational` belongs to the provider of that name.
        let own = header.channel.split_once('/').map(|(provider, _)| provider);
        let name = known.map(|(.., provider)| *provider).or(own);
        header.provider = name.unwrap_or_default().to_owned();
    }
    if header.channel.is_empty() {
        let known = CHANNELS
            .iter()
            .find(|(provider, _)| header.provider.eq_ignore_ascii_case(provider));
        if let Some((_, channel)) = known {
            (*channel).clone_into(&mut header.channel);
        } else if header.provider == "Microsoft-Windows-Eventlog" && header.event_id == 1102 {
            "Security".clone_into(&mut header.channel);
        }
    }
}

/// Gives data the names that the event's layout knows, where a collector changed case or
/// punctuation (`Threat_Name`, `processId`) or called unnamed values `param1`, `param2` ….
pub(super) fn complete(record: &mut Record) {
    name_by_position(record);
    let Some(layout) = layout(&record.header.provider, record.header.event_id) else {
        return;
    };
    read_message(record, layout.fields);
    let missing: Vec<&str> = layout
        .fields
        .iter()
        .copied()
        .filter(|name| record.data(name).is_none())
        .collect();
    if missing.is_empty() {
        return;
    }
    let mut by_fold: HashMap<String, usize> = HashMap::new();
    for (at, field) in record.data.iter().enumerate() {
        if !layout.fields.contains(&field.name.as_str()) {
            by_fold.entry(fold(&field.name)).or_insert(at);
        }
    }
    for name in missing {
        let wanted = match name
            .strip_prefix('#')
            .and_then(|number| number.parse::<usize>().ok())
        {
            Some(number) => format!("param{}", number + 1),
            None => fold(name),
        };
        if let Some(field) = by_fold
            .remove(&wanted)
            .and_then(|at| record.data.get_mut(at))
        {
            name.clone_into(&mut field.name);
        }
    }
}

/// Reads the data out of the message where there is no other.
fn read_message(record: &mut Record, fields: &[&str]) {
    // The header has a process id too.
    let mut own = fields.iter().filter(|name| **name != "ProcessId");
    if own.any(|name| record.data(name).is_some()) {
        return;
    }
    if let Some(text) = record.data("Message") {
        let Header {
            provider, event_id, ..
        } = &record.header;
        let mut data = message::data(provider, *event_id, text);
        data.append(&mut record.data);
        record.data = data;
    }
}

/// Names the values of a bare list, where there is nothing else but what the collector added.
fn name_by_position(record: &mut Record) {
    let bare = |name: &str| name.starts_with('#');
    let count = record.data.iter().filter(|field| bare(&field.name)).count();
    if count == 0 {
        return;
    }
    let Header {
        provider, event_id, ..
    } = &record.header;
    let Some(names) = positions::names(provider, *event_id, count) else {
        return;
    };
    let fields = record.data.iter_mut().filter(|field| bare(&field.name));
    for (field, name) in fields.zip(names) {
        name.clone_into(&mut field.name);
    }
}
