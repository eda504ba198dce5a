//! The phrases in which every report says who, from where, as whom and what ran. They quote the
//! record as logged: whoever writes them to a human escapes them for his medium.

use std::collections::HashMap;

use serde::Serialize;

use crate::case::{Note, spelled_out};
use crate::event::Time;
use crate::event::identity::logon_type;
use crate::investigate::{Alert, EventRef, Leaning, ProcessRef, Signal};

/// What stands where the evidence is silent.
pub(super) const NOT_KNOWN: &str = "not known from this evidence";

/// Who did it, and how that is known.
pub(super) fn who(alert: &Alert) -> String {
    alert.account.as_ref().map_or_else(
        || NOT_KNOWN.to_owned(),
        |account| match &account.sid {
            Some(sid) if *sid != account.name => {
                format!("{}, {sid} ({})", account.name, account.how.words())
            }
            _ => format!("{} ({})", account.name, account.how.words()),
        },
    )
}

/// From which address and workstation.
pub(super) fn source(alert: &Alert) -> String {
    let Some(logon) = &alert.logon else {
        return NOT_KNOWN.to_owned();
    };
    let address = logon.source_ip.as_ref().map(|ip| match logon.source_port {
        Some(port) if port != 0 => format!("{ip} port {port}"),
        _ => ip.clone(),
    });
    let workstation = logon
        .workstation
        .as_ref()
        .map(|name| format!("workstation {name}"));
    let parts: Vec<String> = address.into_iter().chain(workstation).collect();
    if parts.is_empty() {
        return NOT_KNOWN.to_owned();
    }
    format!("{} ({})", parts.join(", "), logon.how.words())
}

/// The program at the other end.
pub(super) fn client(alert: &Alert) -> Option<String> {
    let client = alert.client.as_ref()?;
    let mut said = client
        .image
        .clone()
        .unwrap_or_else(|| "a client".to_owned());
    if let Some(pid) = client.pid {
        said.push_str(&format!(" [{pid}]"));
    }
    if let Some(host) = &client.host {
        said.push_str(&format!(" on {host}"));
    }
    if let Some(account) = &client.account {
        said.push_str(&format!(" run by {account}"));
    }
    Some(format!("{said} ({})", client.how.words()))
}

/// By which logon and in which session.
pub(super) fn logon(alert: &Alert) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(logon) = &alert.logon {
        parts.extend(
            logon
                .logon_type
                .map(|kind| format!("type {kind} ({})", logon_type(kind))),
        );
        parts.extend(logon.package.clone());
        parts.extend(logon.id.as_ref().map(|id| format!("id {id}")));
        if !logon.other_ids.is_empty() {
            parts.push(format!(
                "and {} of the same run",
                logon.other_ids.join(", ")
            ));
        }
        parts.push(format!("({})", logon.how.words()));
    }
    parts.extend(alert.session_id.map(|session| format!("session {session}")));
    (!parts.is_empty()).then(|| parts.join(", ").replace(", (", " ("))
}

/// The service.
pub(super) fn service(alert: &Alert) -> Option<String> {
    let service = alert.service.as_ref()?;
    let mut said = service.name.clone();
    if let Some(display_name) = service
        .display_name
        .as_ref()
        .filter(|name| **name != service.name)
    {
        said.push_str(&format!(" (shown as {display_name})"));
    }
    if let Some(path) = &service.image_path {
        said.push_str(&format!(", {path}"));
    }
    if let Some(account) = &service.run_as {
        said.push_str(&format!(", runs as {account}"));
    }
    if let Some(starts) = service.starts() {
        said.push_str(&format!(", {starts}"));
    }
    match service.others.len() {
        0 => {}
        1 => said.push_str(&format!(", and one more: {}", service.others.join(", "))),
        more => said.push_str(&format!(", and {more} more services")),
    }
    if service.how.is_inferred() {
        said.push_str(&format!(" (inferred: {})", service.how.words()));
    }
    Some(said)
}

/// A record, so that it can be found again by hand: `Security 4624 #1234`.
pub(super) fn citation(event: &EventRef) -> String {
    let number = match (event.record_id, event.line) {
        (Some(record), _) => format!(" #{record}"),
        (None, Some(line)) => format!(" line {line}"),
        (None, None) => String::new(),
    };
    format!("{} {}{number}", event.channel, event.event_id)
}

/// Several records, those of one kind together: `Security 4624: 1234, 1240; System 7045: 17`.
pub(super) fn citations<'a>(events: impl Iterator<Item = &'a EventRef>, most: usize) -> String {
    let mut kinds: Vec<((&str, u32), Vec<String>)> = Vec::new();
    let mut left_out = 0;
    for (index, event) in events.enumerate() {
        if index >= most {
            left_out += 1;
            continue;
        }
        let number = event
            .record_id
            .or(event.line)
            .map_or_else(|| "?".to_owned(), |number| number.to_string());
        let kind = (event.channel.as_str(), event.event_id);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, numbers)) => numbers.push(number),
            None => kinds.push((kind, vec![number])),
        }
    }
    let mut said: Vec<String> = kinds
        .into_iter()
        .map(|((channel, id), numbers)| format!("{channel} {id}: {}", numbers.join(", ")))
        .collect();
    if left_out > 0 {
        said.push(format!("and {left_out} more"));
    }
    said.join("; ")
}

/// A time for reading on a screen: to the millisecond, with its zone.
pub(super) fn moment(time: Time) -> String {
    time.utc().map_or_else(
        || time.rfc3339(),
        |utc| utc.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string(),
    )
}

/// Who wrote a note, when, and how often it was changed before.
pub(super) fn note_author(note: &Note) -> String {
    let edits = match note.edits {
        0 => String::new(),
        1 => ", changed once".to_owned(),
        more => format!(", changed {more} times"),
    };
    format!("{}, {}{edits}", note.author, moment(note.time))
}

/// A note as plain text: its links say what they lead to.
pub(super) fn note(note: &Note) -> String {
    spelled_out(note.markdown.trim_end(), str::to_owned)
}

/// All notes as one plain text; `None` without any.
pub(super) fn notes(notes: &[Note]) -> Option<String> {
    let texts: Vec<String> = notes.iter().map(note).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// A time to the minute.
pub(super) fn minute(time: Time) -> String {
    time.utc().map_or_else(
        || time.rfc3339(),
        |utc| utc.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// The signals of one side, the heaviest first.
pub(super) fn signals(alert: &Alert, leaning: Leaning) -> Vec<&Signal> {
    let of_side = alert.signals.iter().filter(|it| it.leans == leaning);
    let mut signals: Vec<&Signal> = of_side.collect();
    signals.sort_by_key(|signal| std::cmp::Reverse(signal.weight.abs()));
    signals
}

/// What a signal adds to the score: what leans towards an administrator lowers it.
pub(super) fn weight(signal: &Signal) -> String {
    format!("{:+}", signal.share())
}

/// A process and how deep it lies in the tree of its alert.
pub(super) struct Branch<'a> {
    pub(super) depth: usize,
    pub(super) process: &'a ProcessRef,
}

/// The processes of an alert, children below their parents. Whatever is logged, every process
/// comes once.
pub(super) fn tree(alert: &Alert) -> Vec<Branch<'_>> {
    let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
    let keys: HashMap<&str, usize> = alert
        .processes
        .iter()
        .enumerate()
        .map(|(index, process)| (process.key.as_str(), index))
        .collect();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, process) in alert.processes.iter().enumerate().rev() {
        match process
            .parent
            .as_deref()
            .filter(|parent| keys.get(parent).is_some_and(|at| *at != index))
        {
            Some(parent) => children.entry(parent).or_default().push(index),
            None => open.push((index, 0)),
        }
    }
    let mut drawn = vec![false; alert.processes.len()];
    let mut branches = Vec::new();
    let mut rest = 0..alert.processes.len();
    loop {
        while let Some((index, depth)) = open.pop() {
            let (Some(process), Some(seen)) = (alert.processes.get(index), drawn.get_mut(index))
            else {
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            branches.push(Branch { depth, process });
            let below = children.get(process.key.as_str()).into_iter().flatten();
            open.extend(below.map(|child| (*child, depth + 1)));
        }
        // What hangs in a circle of parents has no root: begin anywhere.
        match rest.find(|index| drawn.get(*index) == Some(&false)) {
            Some(index) => open.push((index, 0)),
            None => return branches,
        }
    }
}

/// What a process is called: its command line, else its program, else its number.
pub(super) fn command(process: &ProcessRef) -> String {
    let known = process.command_line.as_ref().or(process.image.as_ref());
    known.map_or_else(
        || format!("process {}", process.pid),
        |text| text.trim().to_owned(),
    )
}

/// The word that a value has in JSON, such as `high`; empty for values that are no words.
pub fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
