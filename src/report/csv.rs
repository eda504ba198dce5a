//! One alert per row. Every cell is safe to print and no formula to a spreadsheet.

use std::io::{self, Write};

use super::Report;
use super::model::{Item, items};
use super::words::{self, citation, command, word};
use crate::case::KnownMatch;
use crate::investigate::{Alert, Leaning, Role};
use crate::text::csv_cell;

/// A column: its name and how to fill it.
type Column = (&'static str, fn(&Item) -> String);

/// The columns. New ones are added at the end.
const COLUMNS: &[Column] = &[
    ("id", |item| item.alert.id.clone()),
    ("severity", |item| word(&item.alert.severity)),
    ("certainty", |item| word(&item.alert.certainty)),
    ("leaning", |item| word(&item.alert.leaning)),
    ("score", |item| item.alert.score.to_string()),
    ("tool", |item| item.alert.tool.clone()),
    ("title", |item| item.alert.title.clone()),
    ("host", |item| item.alert.host.clone()),
    ("first_time", |item| item.alert.first_time.rfc3339()),
    ("last_time", |item| item.alert.last_time.rfc3339()),
    ("account", |item| {
        of(&item.alert.account, |account| Some(account.name.clone()))
    }),
    ("account_sid", |item| {
        of(&item.alert.account, |account| account.sid.clone())
    }),
    ("account_how", |item| {
        of(&item.alert.account, |account| {
            Some(account.how.words().to_owned())
        })
    }),
    ("logon_id", |item| {
        of(&item.alert.logon, |logon| logon.id.clone())
    }),
    ("logon_type", |item| {
        of(&item.alert.logon, |logon| {
            logon.logon_type.map(|kind| kind.to_string())
        })
    }),
    ("logon_package", |item| {
        of(&item.alert.logon, |logon| logon.package.clone())
    }),
    ("source_ip", |item| {
        of(&item.alert.logon, |logon| logon.source_ip.clone())
    }),
    ("source_port", |item| {
        of(&item.alert.logon, |logon| {
            logon.source_port.map(|port| port.to_string())
        })
    }),
    ("workstation", |item| {
        of(&item.alert.logon, |logon| logon.workstation.clone())
    }),
    ("client_host", |item| {
        of(&item.alert.client, |client| client.host.clone())
    }),
    ("client_image", |item| {
        of(&item.alert.client, |client| client.image.clone())
    }),
    ("client_account", |item| {
        of(&item.alert.client, |client| client.account.clone())
    }),
    ("session_id", |item| {
        of(&item.alert.session_id, |id| Some(id.to_string()))
    }),
    ("service", |item| {
        of(&item.alert.service, |service| Some(service.name.clone()))
    }),
    ("image_path", |item| {
        of(&item.alert.service, |service| service.image_path.clone())
    }),
    ("ran", |item| commands(&item.alert)),
    ("for_attacker", |item| {
        signals(&item.alert, Leaning::Attacker)
    }),
    ("for_admin", |item| signals(&item.alert, Leaning::Admin)),
    ("for_neither", |item| {
        signals(&item.alert, Leaning::Undetermined)
    }),
    ("gaps", |item| item.alert.gaps.join("; ")),
    ("events", |item| events(&item.alert)),
    ("state", |item| item.triage.state.to_string()),
    ("disposition", |item| {
        of(&item.triage.disposition, |disposition| {
            Some(disposition.to_string())
        })
    }),
    ("author", |item| {
        item.triage.author.clone().unwrap_or_default()
    }),
    ("time", |item| {
        of(&item.triage.time, |time| Some(time.rfc3339()))
    }),
    ("note", |item| {
        words::notes(&item.triage.notes).unwrap_or_default()
    }),
    ("fields", |item| fields(item)),
    ("red_flags", |item| {
        let ids: Vec<&str> = item
            .triage
            .red_flags
            .iter()
            .map(|flag| flag.id.as_str())
            .collect();
        ids.join("; ")
    }),
    ("stale", |item| {
        if item.triage.stale.is_some() {
            "yes"
        } else {
            ""
        }
        .to_owned()
    }),
    ("conflict", |item| {
        if item.triage.conflict.is_empty() {
            ""
        } else {
            "yes"
        }
        .to_owned()
    }),
    ("outcome", |item| {
        item.triage.outcome.clone().unwrap_or_default()
    }),
    ("known_activity", |item| {
        let labels: Vec<String> = item.triage.known.iter().map(KnownMatch::label).collect();
        labels.join("; ")
    }),
];

/// Writes a heading and one row per alert.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer
        .write_record(COLUMNS.iter().map(|(name, _)| *name))
        .map_err(io_error)?;
    for item in items(report) {
        writer
            .write_record(COLUMNS.iter().map(|(_, fill)| csv_cell(&fill(&item))))
            .map_err(io_error)?;
    }
    writer.flush()
}

/// The error of the writer below, so that a closed pipe stays one.
pub(super) fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn of<T>(part: &Option<T>, value: impl FnOnce(&T) -> Option<String>) -> String {
    part.as_ref().and_then(value).unwrap_or_default()
}

fn commands(alert: &Alert) -> String {
    let ran = alert
        .processes
        .iter()
        .filter(|process| process.role == Role::Child);
    ran.map(command).collect::<Vec<_>>().join("; ")
}

fn signals(alert: &Alert, leaning: Leaning) -> String {
    let signals = alert
        .signals
        .iter()
        .filter(|signal| signal.leans == leaning);
    signals
        .map(|signal| format!("{} ({})", signal.what, signal.weight))
        .collect::<Vec<_>>()
        .join("; ")
}

fn events(alert: &Alert) -> String {
    let events = alert
        .sightings
        .iter()
        .map(|sighting| citation(&sighting.event));
    events.collect::<Vec<_>>().join("; ")
}

fn fields(item: &Item) -> String {
    let fields = item
        .triage
        .fields
        .iter()
        .map(|(id, value)| format!("{id}={value}"));
    fields.collect::<Vec<_>>().join("; ")
}
