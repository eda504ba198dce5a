//! Signals of what happened around the use: lsass opened, logs cleared, protections, antivirus.

use std::time::Duration;

use super::super::alert::Artefact;
use super::super::wording::{cut, span};
use super::Row;
use super::scene::{Found, Scene};
use crate::event::Time;
use crate::event::fact::{Antivirus, Fact};
use crate::event::identity::file_name;
use crate::event::layout::parse_number;
use crate::timeline::EventIndex;

/// Clearings and weakened protections so near count.
const NEAR: Duration = Duration::from_secs(3600);
/// Other antivirus verdicts so near count.
const VERDICT_NEAR: Duration = Duration::from_secs(300);
/// What is opened goes on a while after the last sighting.
const STILL: Duration = Duration::from_secs(60);
/// What follows so closely belongs to it.
const SAME_MOMENT: Duration = Duration::from_secs(2);
/// Right to read another process's memory (`PROCESS_VM_READ`).
const VM_READ: u64 = 0x10;

/// When something happened, seen from the use.
pub(super) fn when(scene: &Scene<'_, '_>, time: Time) -> String {
    let alert = scene.alert();
    if time < alert.first_time {
        format!("{} before", span(alert.first_time.distance(time)))
    } else if time > alert.last_time.plus(SAME_MOMENT) {
        format!("{} after", span(time.distance(alert.last_time)))
    } else {
        "during it".to_owned()
    }
}

pub(super) fn lsass_opened(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let timeline = around.timeline;
    let (from, to) = scene.time_around(Duration::ZERO, STILL);
    let mut programs: Vec<String> = Vec::new();
    let mut events = Vec::new();
    for event in around
        .lsass_accesses
        .between(timeline, scene.draft.host, from, to)
    {
        let Some(Fact::ProcessAccess(f)) = around.fact(*event) else {
            continue;
        };
        let by = around
            .processes
            .find(scene.draft.host, f.guid, f.pid, timeline.time(*event));
        let reads = parse_number(timeline.text(f.granted_access))
            .is_none_or(|granted| granted & VM_READ != 0);
        if reads && by.is_some_and(|by| scene.draft.children.contains(&by)) {
            let name = file_name(timeline.text(f.image)).to_owned();
            if !programs.contains(&name) {
                programs.push(name);
            }
            events.push(*event);
        }
    }
    if events.is_empty() {
        return None;
    }
    Some(Found::by(events)?.with("programs", programs.join(", ")))
}

pub(super) fn log_cleared(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let timeline = around.timeline;
    let (from, to) = scene.time_around(NEAR, NEAR);
    let events = around
        .clearings
        .between(timeline, scene.draft.host, from, to);
    let first = *events.first()?;
    let mut channels: Vec<&str> = Vec::new();
    let mut by = "by an account that is not named";
    for event in events {
        let Some(Fact::LogCleared(f)) = around.fact(*event) else {
            continue;
        };
        let channel = timeline.strings().get(f.channel).unwrap_or("Security");
        if !channels.contains(&channel) {
            channels.push(channel);
        }
        by = timeline.strings().get(f.account).unwrap_or(by);
    }
    let by = match by.strip_prefix("by ") {
        Some(_) => by.to_owned(),
        None => format!("by {by}"),
    };
    let logs = match channels.as_slice() {
        [channel] => format!("the {channel} log"),
        several => format!("the logs {}", several.join(" and ")),
    };
    let verb = if channels.len() == 1 { "was" } else { "were" };
    let found = Found::by(events.iter().copied())?
        .with("logs", logs)
        .with("verb", verb)
        .with("when", when(scene, timeline.time(first)))
        .with("by", by);
    Some(found)
}

pub(super) fn protection_off(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let timeline = around.timeline;
    let (from, to) = scene.time_around(NEAR, NEAR);
    let mut events: Vec<EventIndex> = Vec::new();
    let mut change: Option<String> = None;
    for event in around
        .protections
        .between(timeline, scene.draft.host, from, to)
    {
        if let Some(words) = weakening(scene, *event) {
            change.get_or_insert(words);
            events.push(*event);
        }
    }
    let first = *events.first()?;
    let found = Found::by(events)?
        .with("when", when(scene, timeline.time(first)))
        .with("change", change?);
    Some(found)
}

/// What an event took away from the host's protection. Defender writes 5007 for every change of its
/// settings, signature updates too: only exclusions and switches count.
fn weakening(scene: &Scene<'_, '_>, event: EventIndex) -> Option<String> {
    /// `Success removed` and `Failure removed` in audit policy changes (4719).
    const REMOVED: [&str; 2] = ["%%8448", "%%8450"];
    let view = scene.around.timeline.event(event)?;
    let Some(Fact::ProtectionChange(f)) = view.fact else {
        return None;
    };
    let new = scene.around.timeline.text(f.new);
    let lower = new.to_lowercase();
    match view.kind.event_id {
        5001 => Some("Defender's real-time protection was switched off".to_owned()),
        5010 | 5012 => Some("Defender's scanning was switched off".to_owned()),
        5007 if lower.contains("\\exclusions\\") => {
            Some(format!("Defender was told to leave out {}", cut(new, 120)))
        }
        5007 if lower.contains("\\disable") && lower.trim_end().ends_with("= 0x1") => {
            Some(format!("Defender setting {}", cut(new, 120)))
        }
        4719 if REMOVED.iter().any(|removed| new.contains(removed)) => {
            Some("auditing was reduced".to_owned())
        }
        _ => None,
    }
}

/// How bad a verdict is.
#[derive(PartialEq, Eq)]
enum Verdict {
    /// "Potentially unwanted", or the product gives no category.
    Unwanted,
    /// Anything worse.
    Malicious,
}

fn verdict(scene: &Scene<'_, '_>, fact: &Antivirus) -> Verdict {
    const WORSE: [&str; 8] = [
        "trojan",
        "backdoor",
        "ransom",
        "exploit",
        "virus:",
        "worm",
        "behavior:",
        "stealer",
    ];
    let text = |symbol| scene.around.timeline.text(symbol).to_lowercase();
    let (threat, severity) = (text(fact.threat), text(fact.severity));
    let worse = WORSE
        .iter()
        .any(|word| threat.contains(word) || text(fact.category).contains(word));
    // HackTool:Win32/PsExec and its kind name the tool; only severe ones say more.
    if worse || severity == "severe" {
        Verdict::Malicious
    } else {
        Verdict::Unwanted
    }
}

fn name_of(scene: &Scene<'_, '_>, fact: &Antivirus) -> String {
    let text = |symbol| scene.around.timeline.text(symbol);
    let name = if fact.threat.is_none() {
        text(fact.path)
    } else {
        text(fact.threat)
    };
    cut(name, 100)
}

fn verdicts(scene: &Scene<'_, '_>, wanted: &Verdict) -> Option<Found> {
    let mut threat: Option<String> = None;
    let mut events = Vec::new();
    for event in scene.sightings(&[Artefact::Antivirus]) {
        let Some(Fact::Antivirus(fact)) = scene.around.fact(event) else {
            continue;
        };
        if verdict(scene, &fact) == *wanted {
            threat.get_or_insert_with(|| name_of(scene, &fact));
            events.push(event);
        }
    }
    Some(Found::by(events)?.with("threat", threat?))
}

pub(super) fn antivirus_verdict(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    verdicts(scene, &Verdict::Malicious)
}

pub(super) fn antivirus_unwanted(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    verdicts(scene, &Verdict::Unwanted)
}

pub(super) fn antivirus_near(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let (from, to) = scene.time_around(VERDICT_NEAR, VERDICT_NEAR);
    let own: Vec<EventIndex> = scene.sightings(&[Artefact::Antivirus]).collect();
    let mut threat: Option<String> = None;
    let mut events = Vec::new();
    for event in around
        .verdicts
        .between(around.timeline, scene.draft.host, from, to)
    {
        if own.contains(event) {
            continue;
        }
        if let Some(Fact::Antivirus(fact)) = around.fact(*event)
            && !(fact.threat.is_none() && fact.path.is_none())
            && !speaks_of_tool(scene, &fact)
        {
            threat.get_or_insert_with(|| name_of(scene, &fact));
            events.push(*event);
        }
    }
    Some(Found::by(events)?.with("threat", threat?))
}

/// Whether a verdict that belongs to another alert speaks of a tool of the catalogue.
fn speaks_of_tool(scene: &Scene<'_, '_>, fact: &Antivirus) -> bool {
    let text = |symbol| scene.around.timeline.text(symbol);
    let words = format!("{} {}", text(fact.path), text(fact.threat));
    !scene
        .around
        .catalog
        .matches(crate::detect::catalog::On::Antivirus, words.trim())
        .is_empty()
}
