//! One row per alert and record, the alerts themselves, the decisions, and where the evidence
//! begins and ends.

use std::collections::{BTreeMap, HashMap};

use crate::event::Time;
use crate::investigate::EventRef;
use crate::report::Report;
use crate::report::content::{chronicle, verdict};
use crate::report::model::{Item, items};
use crate::report::words;
use crate::text::mask_secrets;

/// The columns. Their number is far below what a Timesketch index holds (about 330).
pub(super) const COLUMNS: [&str; 37] = [
    "message",
    "datetime",
    "timestamp",
    "timestamp_desc",
    "tag",
    "computer_name",
    "channel",
    "event_identifier",
    "record_number",
    "source_file",
    "evtx_time_100ns",
    "event_data_json",
    "alert_id",
    "alert_title",
    "severity",
    "certainty",
    "leaning",
    "score",
    "tool",
    "username",
    "user_sid",
    "source_address",
    "workstation",
    "logon_id",
    "logon_type",
    "session_id",
    "service_name",
    "image_path",
    "client_host",
    "client_image",
    "triage_state",
    "triage_disposition",
    "triage_author",
    "triage_time",
    "triage_note",
    "triage_verdict",
    "red_flags",
];

/// One row.
pub(super) struct Row {
    /// Microseconds since 1970, as `datetime` says.
    pub(super) timestamp: i64,
    /// Without commas.
    pub(super) tags: Vec<String>,
    /// The other columns by name.
    pub(super) texts: BTreeMap<&'static str, String>,
}

/// Every row, in order of time.
pub(super) fn rows(report: &Report<'_>) -> Vec<Row> {
    let items = items(report);
    let mut rows = Vec::new();
    let mut without_time = 0;
    let mut keep = |row: Option<Row>| match row {
        Some(row) => rows.push(row),
        None => without_time += 1,
    };
    for item in &items {
        alert_rows(report, item).into_iter().for_each(&mut keep);
    }
    decisions(report).into_iter().for_each(&mut keep);
    rows.extend(coverage(report, without_time));
    rows.sort_by_key(|row| row.timestamp);
    rows
}

/// A row with its times; `None` for times that the importer cannot hold (pandas: 1677 to 2262;
/// it drops all before 1700).
fn row(time: Time, message: String, description: &str) -> Option<Row> {
    let utc = time.utc()?;
    let year = chrono::Datelike::year(&utc);
    if !(1700..2262).contains(&year) {
        return None;
    }
    let texts = BTreeMap::from([
        ("message", message),
        (
            "datetime",
            utc.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
        ),
        ("timestamp_desc", description.to_owned()),
        ("evtx_time_100ns", time.rfc3339()),
    ]);
    Some(Row {
        timestamp: utc.timestamp_micros(),
        tags: Vec::new(),
        texts,
    })
}

/// The alert itself and every record it cites, each record once with all that it shows.
fn alert_rows(report: &Report<'_>, item: &Item) -> Vec<Option<Row>> {
    let alert = &item.alert;
    let mut records: Vec<(&EventRef, Vec<String>, &'static str)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (event, what, kind) in chronicle::records(item) {
        let place = *places.entry(event.content_key()).or_insert_with(|| {
            records.push((event, Vec::new(), kind));
            records.len() - 1
        });
        if let Some((_, whats, _)) = records.get_mut(place)
            && !whats.contains(&what)
        {
            whats.push(what);
        }
    }
    let shared = of_alert(item);
    let tags = tags(item);
    let add = |row: Option<Row>| {
        row.map(|mut row| {
            row.texts
                .extend(shared.iter().map(|(column, text)| (*column, text.clone())));
            row.tags.clone_from(&tags);
            row
        })
    };
    let mut rows = vec![add(row(
        alert.first_time,
        format!("Alert: {}", alert.title),
        "Alert began",
    ))];
    for (event, whats, kind) in records {
        rows.push(add(row(event.time, whats.join("; "), kind).map(
            |mut row| {
                of_event(report, event, &mut row.texts);
                row
            },
        )));
    }
    rows
}

fn of_event(report: &Report<'_>, event: &EventRef, texts: &mut BTreeMap<&'static str, String>) {
    texts.insert("computer_name", event.host.clone());
    texts.insert("channel", event.channel.clone());
    texts.insert("event_identifier", event.event_id.to_string());
    let number = event.record_id.or(event.line);
    texts.insert(
        "record_number",
        number.map(|number| number.to_string()).unwrap_or_default(),
    );
    texts.insert("source_file", event.source.clone());
    if let Some(data) = event_data(report, event) {
        texts.insert("event_data_json", data);
    }
}

/// The data of the record, read again from its source; nothing when that is gone.
fn event_data(report: &Report<'_>, event: &EventRef) -> Option<String> {
    let record = report.timeline.read(event.index).ok()?;
    if record.header.record_id != event.record_id {
        return None;
    }
    let mask = |text: &str| {
        if report.options.show_secrets {
            text.to_owned()
        } else {
            mask_secrets(text)
        }
    };
    let data: serde_json::Map<String, serde_json::Value> = record
        .data
        .iter()
        .map(|field| (field.name.clone(), mask(&field.value).into()))
        .collect();
    serde_json::to_string(&data).ok()
}

/// What every row of an alert says about it.
fn of_alert(item: &Item) -> BTreeMap<&'static str, String> {
    let alert = &item.alert;
    let triage = &item.triage;
    let mut texts = BTreeMap::new();
    let mut put = |column: &'static str, text: Option<String>| {
        texts.extend(text.map(|text| (column, text)));
    };
    put("alert_id", Some(alert.id.clone()));
    put("alert_title", Some(alert.title.clone()));
    put("severity", Some(words::word(&alert.severity)));
    put("certainty", Some(words::word(&alert.certainty)));
    put("leaning", Some(words::word(&alert.leaning)));
    put("score", Some(alert.score.to_string()));
    put("tool", Some(alert.tool.clone()));
    put("computer_name", Some(alert.host.clone()));
    if let Some(account) = &alert.account {
        put("username", Some(account.name.clone()));
        put("user_sid", account.sid.clone());
    }
    if let Some(logon) = &alert.logon {
        put("source_address", logon.source_ip.clone());
        put("workstation", logon.workstation.clone());
        put("logon_id", logon.id.clone());
        put("logon_type", logon.logon_type.map(|kind| kind.to_string()));
    }
    put("session_id", alert.session_id.map(|id| id.to_string()));
    if let Some(service) = &alert.service {
        put("service_name", Some(service.name.clone()));
        put("image_path", service.image_path.clone());
    }
    if let Some(client) = &alert.client {
        put("client_host", client.host.clone());
        put("client_image", client.image.clone());
    }
    put("triage_state", Some(triage.state.to_string()));
    put(
        "triage_disposition",
        triage
            .disposition
            .map(|disposition| disposition.to_string()),
    );
    put("triage_author", triage.author.clone());
    put("triage_time", triage.time.map(Time::rfc3339));
    put("triage_note", words::notes(&triage.notes));
    if triage.decided.is_some() {
        let said: Vec<String> = verdict::lines(item)
            .iter()
            .map(|(label, text)| format!("{label}: {text}"))
            .collect();
        put("triage_verdict", Some(said.join("; ")));
    }
    let flags: Vec<&str> = triage
        .red_flags
        .iter()
        .map(|flag| flag.id.as_str())
        .collect();
    put("red_flags", Some(flags.join("; ")));
    texts
}

fn tags(item: &Item) -> Vec<String> {
    let alert = &item.alert;
    let triage = &item.triage;
    let verdict = triage
        .disposition
        .map(|disposition| format!("disposition:{disposition}"));
    let flags = [
        ("triage:red-flag", !triage.red_flags.is_empty()),
        ("triage:known-activity", !triage.known.is_empty()),
        ("triage:stale", triage.stale.is_some()),
        ("triage:conflict", !triage.conflict.is_empty()),
    ];
    [
        "dualuse".to_owned(),
        format!("tool:{}", alert.tool.replace(',', " ")),
        format!("severity:{}", words::word(&alert.severity)),
        format!("triage:{}", triage.state),
    ]
    .into_iter()
    .chain(verdict)
    .chain(
        flags
            .iter()
            .filter(|(_, is_so)| *is_so)
            .map(|(tag, _)| (*tag).to_owned()),
    )
    .collect()
}

/// Every entry of the case about an alert, at the time it was made.
fn decisions(report: &Report<'_>) -> Vec<Option<Row>> {
    let entries = report.case.log().iter();
    entries
        .filter_map(|entry| {
            let subject = entry.content.subject.as_ref()?;
            let message = format!(
                "Triage of {} by {}: {}",
                subject.title,
                entry.content.author,
                entry.summary()
            );
            Some(
                row(entry.content.time, message, "Triage entry").map(|mut row| {
                    row.texts.insert("alert_id", subject.alert.clone());
                    row.texts.insert("computer_name", subject.host.clone());
                    row.texts
                        .insert("triage_author", entry.content.author.clone());
                    row.tags.push("dualuse:decision".to_owned());
                    row
                }),
            )
        })
        .collect()
}

/// Where the evidence begins and ends, and what it comes to: so that a quiet stretch can be told
/// from one without logs, and that the importer always gets its three lines.
fn coverage(report: &Report<'_>, without_time: usize) -> Vec<Row> {
    let timeline = report.timeline;
    let usable = |time: &Time| row(*time, String::new(), "").is_some();
    let mut times = timeline.indices().map(|index| timeline.time(index));
    let Some(first) = times.find(usable) else {
        return Vec::new();
    };
    let mut times = timeline.indices().rev().map(|index| timeline.time(index));
    let last = times.find(usable).unwrap_or(first);
    let mut all = format!(
        "{} events of {} sources were read",
        timeline.len(),
        timeline.sources().len()
    );
    if without_time > 0 {
        all.push_str(&format!(
            "; {without_time} rows without a usable time are left out here"
        ));
    }
    [
        (first, "The evidence begins".to_owned(), "Evidence begins"),
        (last, "The evidence ends".to_owned(), "Evidence ends"),
        (last, all, "Evidence read"),
    ]
    .into_iter()
    .filter_map(|(time, message, description)| {
        let mut row = row(time, message, description)?;
        row.tags.push("dualuse:coverage".to_owned());
        Some(row)
    })
    .collect()
}
