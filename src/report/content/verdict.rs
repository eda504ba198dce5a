//! What the case says about one alert, line by line.

use crate::case::{Decided, FieldKind, FieldSpec, Transition};
use crate::investigate::EventRef;
use crate::report::model::Item;
use crate::report::words;

/// A label and a text.
pub(in crate::report) type Line = (String, String);

/// Where the work stands, the fields of the verdict, its evidence and its red flags.
pub(in crate::report) fn lines(item: &Item) -> Vec<Line> {
    let triage = &item.triage;
    let mut lines = Vec::new();
    let mut add = |label: &str, text: String| lines.push((label.to_owned(), text));
    for known in &triage.known {
        add(
            "Known activity",
            format!("{} (rule of {})", known.label(), known.author),
        );
    }
    for entry in &triage.conflict {
        if let Some(decided) = entry.decided() {
            let said = decided.decision.transition;
            add(
                "Conflict",
                format!(
                    "{} said {said} at {}",
                    entry.content.author,
                    words::moment(entry.content.time)
                ),
            );
        }
    }
    let Some(entry) = &triage.decided else {
        let what = if triage.conflict.is_empty() {
            "nobody has decided yet"
        } else {
            "not settled"
        };
        add("State", format!("{}, {what}", triage.state));
        return lines;
    };
    add(
        "State",
        format!(
            "{} by {}, {}",
            in_words(item),
            entry.content.author,
            words::moment(entry.content.time)
        ),
    );
    if let Some(stale) = &triage.stale {
        add(
            "Stale",
            format!(
                "the evidence grew after the verdict: {} new events, {} new signals",
                stale.events.len(),
                stale.signals.len()
            ),
        );
    }
    if let Some(decided) = entry.decided() {
        fields(item, decided, &mut add);
        for (host, events) in by_host(&decided.decision.events) {
            let times = events.iter().map(|event| event.time);
            let when = match (times.clone().min(), times.max()) {
                (Some(first), Some(last)) if first < last => {
                    format!("{} to {}", words::moment(first), words::moment(last))
                }
                (first, _) => first.map(words::moment).unwrap_or_default(),
            };
            let cited = words::citations(events.iter().copied(), usize::MAX);
            add("Evidence", format!("on {host}, {when}: {cited}"));
        }
        for flag in &decided.red_flags {
            let why = decided.decision.acknowledged.get(&flag.id);
            let why = why.map_or("", |why| why.trim());
            let colon = if why.is_empty() { "" } else { ": " };
            add(
                "Red flag acknowledged",
                format!("{}{colon}{why}", flag.what),
            );
        }
    }
    lines
}

/// The records of each host, in the order in which they were cited.
fn by_host(events: &[EventRef]) -> Vec<(&str, Vec<&EventRef>)> {
    let mut hosts: Vec<(&str, Vec<&EventRef>)> = Vec::new();
    for event in events {
        match hosts.iter_mut().find(|(host, _)| *host == event.host) {
            Some((_, same)) => same.push(event),
            None => hosts.push((&event.host, vec![event])),
        }
    }
    hosts
}

/// The verdict or state in a few words.
pub(in crate::report) fn in_words(item: &Item) -> String {
    match (item.triage.disposition, &item.triage.outcome) {
        (Some(disposition), Some(outcome)) => format!("{disposition}, outcome {outcome}"),
        (Some(disposition), None) => disposition.to_string(),
        (None, _) => item.triage.state.to_string(),
    }
}

/// The fields under their labels. An outcome is shown with the fields of its escalation.
fn fields(item: &Item, decided: &Decided, add: &mut impl FnMut(&str, String)) {
    let own = decided.decision.transition;
    let escalation = item
        .triage
        .disposition
        .map(Transition::from)
        .filter(|transition| *transition != own);
    let earlier = escalation
        .map_or(&[][..], Transition::fields)
        .iter()
        .filter(|spec| spec.id != "comment");
    let mut values = item.triage.fields.clone();
    for spec in earlier
        .chain(own.fields())
        .filter(|spec| spec.kind != FieldKind::Events)
    {
        if let Some(value) = values.remove(spec.id) {
            add(spec.label, label_of(spec, &value));
        }
    }
}

fn label_of(spec: &FieldSpec, value: &str) -> String {
    let choice = spec.choices().iter().find(|choice| choice.id == value);
    choice.map_or(value, |choice| choice.label).to_owned()
}
