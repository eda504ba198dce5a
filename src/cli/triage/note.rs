//! `triage note`: a note about an alert, with links to what it is about.

use std::io::Write;

use super::{find, read_text};
use crate::case::{Case, EntryId, Link, Linked, Note as Noted, RecordName};
use crate::cli::Outcome;
use crate::cli::arguments::Note;
use crate::cli::evidence::{case_path, examine_to_decide};
use crate::cli::output::Output;
use crate::event::{Time, same_account, same_host};
use crate::investigate::{Alert, EventRef, Snapshot, cite};
use crate::report::to_json_line;
use crate::text::line;
use crate::timeline::{EventIndex, summary};

pub(super) fn run(arguments: &Note, out: &mut Output) -> anyhow::Result<Outcome> {
    let mut text = match (&arguments.text, &arguments.file) {
        (Some(text), _) => text.clone(),
        (None, file) => read_text(file.as_deref())?,
    };
    let evidence = &arguments.evidence.evidence;
    case_path(evidence, &arguments.case)?;
    let findings = examine_to_decide(&arguments.evidence)?;
    let alert = find(&findings, &arguments.alert)?;
    let links = links(arguments, alert, &findings.snapshot)?;
    for link in &links {
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        text.push_str(&format!("{gap}- {link}\n"));
    }
    anyhow::ensure!(
        !text.trim().is_empty() || arguments.replace.is_some(),
        "the note is empty; nothing was saved"
    );
    let mut case = findings.case_for_writing(evidence, &arguments.case)?;
    let entry = match &arguments.replace {
        None => case.note(alert, &text)?,
        Some(id) => {
            let note = named(&case, alert, id)?;
            case.edit_note(alert, &note, &text)?
        }
    };
    if arguments.json {
        let saved = serde_json::json!({
            "alert": alert.id,
            "saved": entry.id,
            "links": crate::case::links(&text),
        });
        to_json_line(&saved, out)?;
    } else {
        writeln!(
            out,
            "saved {}: {} on {}",
            entry.id.short(),
            entry.summary(),
            line(&alert.title)
        )?;
    }
    Ok(Outcome::Done)
}

/// The current note of the alert whose id is or begins with `id`.
fn named(case: &Case, alert: &Alert, id: &str) -> anyhow::Result<EntryId> {
    let notes = case.triage(alert).notes;
    let mut meant = notes
        .iter()
        .filter(|note: &&Noted| !id.is_empty() && note.id.as_str().starts_with(id));
    match (meant.next(), meant.next()) {
        (Some(note), None) => Ok(note.id.clone()),
        (Some(_), Some(_)) => anyhow::bail!("{id}: several notes begin so; give more of the id"),
        (None, _) => anyhow::bail!(
            "{id}: the alert has no current note of that id; `dualuse triage show` names them"
        ),
    }
}

/// What the options point at, each found in the evidence.
fn links(arguments: &Note, alert: &Alert, snapshot: &Snapshot) -> anyhow::Result<Vec<Link>> {
    let mut links = Vec::new();
    for written in &arguments.event {
        let (index, name) = record("--event", written, alert, snapshot)?;
        let label = summary::line(&snapshot.timeline, index);
        links.push(Link::new(&label, Linked::Event(name)));
    }
    for written in &arguments.process {
        let (index, name) = record("--process", written, alert, snapshot)?;
        let process = snapshot.processes.of_event(index);
        let process = process.and_then(|id| snapshot.processes.get(id));
        let Some(process) = process else {
            anyhow::bail!("--process {written}: this record tells of no process; name its start");
        };
        let label = snapshot.timeline.text(process.image);
        links.push(Link::new(label, Linked::Process(name)));
    }
    for written in &arguments.account {
        let timeline = &snapshot.timeline;
        let found = timeline.indices().find_map(|index| {
            let name = timeline.event(index)?.account?;
            same_account(name, written).then(|| name.to_owned())
        });
        let Some(name) = found else {
            anyhow::bail!("--account {written}: no event of this account in the evidence");
        };
        links.push(Link::new(&name.clone(), Linked::Account { name }));
    }
    Ok(links)
}

/// The record that `[HOST/]CHANNEL/RECORD[@TIME]` means. Channel names may hold slashes.
fn record(
    option: &str,
    written: &str,
    alert: &Alert,
    snapshot: &Snapshot,
) -> anyhow::Result<(EventIndex, RecordName)> {
    let timeline = &snapshot.timeline;
    let (place, number) = written.rsplit_once('/').unwrap_or_default();
    let (number, time) = match number.split_once('@') {
        Some((number, time)) => (number, Some(Time::parse(time))),
        None => (number, None),
    };
    let number: Option<u64> = number.parse().ok();
    let is_meant = |index: &EventIndex| {
        number.is_some()
            && timeline.record_id(*index) == number
            && time.is_none_or(|time| time == Some(timeline.time(*index)))
            && timeline.event(*index).is_some_and(|event| {
                let channel = &event.kind.channel;
                place.eq_ignore_ascii_case(channel)
                    || place.split_once('/').is_some_and(|(host, rest)| {
                        same_host(host, event.host) && rest.eq_ignore_ascii_case(channel)
                    })
            })
    };
    let meant: Vec<(EventIndex, EventRef)> = timeline
        .indices()
        .filter(is_meant)
        .filter_map(|index| Some((index, cite(timeline, index)?)))
        .collect();
    // Without a host, that of the alert comes first.
    let (own, others): (Vec<_>, Vec<_>) = meant
        .into_iter()
        .partition(|(_, event)| same_host(&event.host, &alert.host));
    match if own.is_empty() { &others } else { &own }.as_slice() {
        [(index, event)] => Ok((*index, RecordName::from(event))),
        [] => anyhow::bail!(
            "{option} {written}: no such record in the evidence; write [HOST/]CHANNEL/RECORD"
        ),
        [(_, first), (_, second), ..] => anyhow::bail!(
            "{option} {written}: several records are called so, such as {}/{written}@{} and {}/{written}@{}",
            first.host,
            first.time,
            second.host,
            second.time
        ),
    }
}
