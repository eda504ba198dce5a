//! The JSON contract `dualuse.scan/1`: keys are only ever added, unknown is `null`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::mapping::{Mapped, mapped};
use super::masking::{mask, mask_fields, mask_notes};
use super::model::{Item, items};
use super::safe_json::{to_json, to_json_line};
use super::{Options, Report};
use crate::case::{Disposition, Entry, KnownMatch, Note, Stale, State, Triage};
use crate::event::Time;
use crate::evidence::{Damage, SourceReport};
use crate::investigate::Alert;
use crate::timeline::{EventIndex, Timeline};

#[derive(Serialize)]
struct ScanJson<'a> {
    schema: &'static str,
    tool: ToolJson,
    sources: Vec<SourceJson<'a>>,
    timeline: TimelineJson<'a>,
    case: CaseJson,
    alerts: Vec<AlertJson<'a>>,
}

#[derive(Serialize)]
struct ToolJson {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    path: String,
    kind: &'a str,
    bytes: u64,
    sha256: Option<&'a str>,
    events: u64,
    first_time: Option<Time>,
    last_time: Option<Time>,
    first_record_id: Option<u64>,
    last_record_id: Option<u64>,
    /// Records that the fast reader left to the full one.
    read_in_full: u64,
    damage: &'a [Damage],
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct TimelineJson<'a> {
    events: usize,
    first_time: Option<Time>,
    last_time: Option<Time>,
    hosts: Vec<&'a str>,
    duplicates: u64,
}

#[derive(Serialize)]
struct CaseJson {
    entries: usize,
    heads: Vec<String>,
}

/// An alert of the contract: the alert as found, and `triage` from the case.
#[derive(Serialize)]
pub struct AlertJson<'a> {
    #[serde(flatten)]
    alert: Cow<'a, Alert>,
    triage: TriageJson<'a>,
}

/// One alert as all JSON reports show it.
pub fn alert_json<'a>(alert: &'a Alert, triage: &'a Triage, options: Options) -> AlertJson<'a> {
    let alert = if options.show_secrets {
        Cow::Borrowed(alert)
    } else {
        Cow::Owned(mask(alert.clone()))
    };
    let mut shown = TriageJson::of(triage);
    if !options.show_secrets {
        let notes = mask_notes(&triage.notes);
        shown.note = Triage::note_of(&notes);
        shown.notes = Cow::Owned(notes);
        shown.fields = Cow::Owned(mask_fields(&triage.fields));
    }
    AlertJson {
        alert,
        triage: shown,
    }
}

/// What the case says about an alert, as JSON.
#[derive(Serialize)]
struct TriageJson<'a> {
    state: State,
    disposition: Option<Disposition>,
    author: Option<&'a str>,
    time: Option<Time>,
    note: Option<String>,
    outcome: Option<&'a str>,
    fields: Cow<'a, BTreeMap<String, String>>,
    red_flags: Vec<&'a str>,
    stale: Option<&'a Stale>,
    conflict: Vec<VerdictJson<'a>>,
    notes: Cow<'a, [Note]>,
    /// The rules about known activity that it falls under.
    known: &'a [KnownMatch],
    /// The rule that settles it, by its entry.
    settled_by: Option<&'a str>,
    /// The verdict in the words of other systems.
    mapped: Option<Mapped>,
}

#[derive(Serialize)]
struct VerdictJson<'a> {
    entry: &'a str,
    disposition: Option<Disposition>,
    author: &'a str,
    time: Time,
}

impl<'a> TriageJson<'a> {
    /// The JSON view of a triage.
    fn of(triage: &'a Triage) -> Self {
        TriageJson {
            state: triage.state,
            disposition: triage.disposition,
            author: triage.author.as_deref(),
            time: triage.time,
            note: triage.note(),
            outcome: triage.outcome.as_deref(),
            fields: Cow::Borrowed(&triage.fields),
            red_flags: triage
                .red_flags
                .iter()
                .map(|flag| flag.id.as_str())
                .collect(),
            stale: triage.stale.as_ref(),
            conflict: triage.conflict.iter().map(|entry| verdict(entry)).collect(),
            notes: Cow::Borrowed(&triage.notes),
            known: &triage.known,
            settled_by: triage.settled_by().map(|known| known.rule.as_str()),
            mapped: mapped(triage),
        }
    }
}

fn verdict(entry: &Entry) -> VerdictJson<'_> {
    VerdictJson {
        entry: entry.id.as_str(),
        disposition: entry
            .decided()
            .and_then(|decided| decided.decision.transition.disposition()),
        author: &entry.content.author,
        time: entry.content.time,
    }
}

/// Writes one object with everything.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let items = items(report);
    let scan = ScanJson {
        schema: "dualuse.scan/1",
        tool: ToolJson {
            name: "dualuse",
            version: env!("CARGO_PKG_VERSION"),
        },
        sources: report.timeline.sources().iter().map(source).collect(),
        timeline: timeline(report.timeline),
        case: CaseJson {
            entries: report.case.log().len(),
            heads: report
                .case
                .heads()
                .iter()
                .map(ToString::to_string)
                .collect(),
        },
        alerts: items.iter().map(alert).collect(),
    };
    to_json(&scan, out)
}

/// Writes one alert per line.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    items(report)
        .iter()
        .try_for_each(|item| to_json_line(&alert(item), out))
}

fn alert(item: &Item) -> AlertJson<'_> {
    AlertJson {
        alert: Cow::Borrowed(&item.alert),
        triage: TriageJson::of(&item.triage),
    }
}

fn source(source: &SourceReport) -> SourceJson<'_> {
    SourceJson {
        path: source.path.to_string_lossy().into_owned(),
        kind: source.kind,
        bytes: source.bytes,
        sha256: source.sha256.get(),
        events: source.events,
        first_time: source.first_time,
        last_time: source.last_time,
        first_record_id: source.first_record_id,
        last_record_id: source.last_record_id,
        read_in_full: source.read_in_full,
        damage: &source.damage,
        remarks: source.remarks(),
    }
}

fn timeline(timeline: &Timeline) -> TimelineJson<'_> {
    let time = |index: Option<EventIndex>| index.map(|index| timeline.time(index));
    let mut hosts: Vec<&str> = timeline.hosts().map(|(_, name)| name).collect();
    hosts.sort_unstable();
    TimelineJson {
        events: timeline.len(),
        first_time: time(timeline.indices().next()),
        last_time: time(timeline.indices().next_back()),
        hosts,
        duplicates: timeline.duplicate_count(),
    }
}
