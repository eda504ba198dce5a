//! One record of a text source: JSON in the shapes that collectors write, or XML.
//!
//! | shape | written by | where |
//! |---|---|---|
//! | `{"Event":{"System":…,"EventData":…}}`, with or without `Event` | evtx_dump, Chainsaw, python-evtx, Velociraptor, XML-to-JSON converters | [`windows_event`] |
//! | `winlog.…`, nested or dotted | Winlogbeat 7 and later, Elastic Agent, Kibana | [`winlogbeat`] |
//! | `win.system` and `win.eventdata` | Wazuh | [`wazuh`] |
//! | System values and event data side by side | NXLog, Winlogbeat before 7, EvtxECmd, Sentinel, `Get-WinEvent`, Fluentd, Fluent Bit | [`flat`] |
//!
//! Where a record has no data but a message for people, that is read ([`message`]).
//!
//! Envelopes around a record (`_source`, `result`, `data`, `_raw`, `message`) are opened first. A
//! shape is told by what a record holds, one by one: files may mix them.

mod envelope;
mod flat;
mod message;
mod names;
mod positions;
mod wazuh;
mod windows_event;
mod winlogbeat;

use super::json::Json;
use super::record::{Field, Header, Record};
use super::split::Form;
use super::stamp::Stamp;
use super::xml;
use crate::event::Time;

/// A record that was understood.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) record: Record,
    /// The source names no zone for the record's time; it was read as UTC.
    pub(super) assumed_utc: bool,
}

/// Why a piece of text gave no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Well-formed, but no Windows event.
    Stranger(String),
    /// Not well-formed, or a Windows event that lacks what it must have.
    Broken(String),
}

/// Reads a record.
pub(super) fn read(form: Form, text: &[u8]) -> Result<Found, Miss> {
    let text = String::from_utf8_lossy(text);
    let mut found = match form {
        Form::Xml => of_xml(&text),
        Form::Lines | Form::Objects => of_json_text(&text),
    }?;
    names::complete(&mut found.record);
    Ok(found)
}

/// Reads a record and keeps its text.
pub(super) fn read_with_text(form: Form, text: &[u8]) -> Result<Found, Miss> {
    let mut found = read(form, text)?;
    found.record.xml = String::from_utf8_lossy(text).trim().to_owned();
    Ok(found)
}

fn of_xml(text: &str) -> Result<Found, Miss> {
    let mut record = xml::record(text.to_owned()).map_err(Miss::Broken)?;
    record.xml = String::new();
    let time = record.system.iter();
    let time = time
        .filter(|field| field.name == "TimeCreated@SystemTime")
        .find_map(|field| Stamp::of_text(&field.value));
    // Windows writes this attribute in UTC, whatever the tool made of it.
    found(record, time, true)
}

/// What stands before the first brace and after the last one (a syslog header, the comma of an
/// array) is no part of the record.
fn of_json_text(text: &str) -> Result<Found, Miss> {
    let object = text
        .find('{')
        .zip(text.rfind('}'))
        .and_then(|(start, end)| text.get(start..=end))
        .ok_or_else(|| Miss::Broken("no JSON object".to_owned()))?;
    let json = Json::parse(object).map_err(|error| Miss::Broken(format!("not JSON: {error}")))?;
    envelope::open(&json, 0)
}

/// Checks that a record has what every event has.
fn found(mut record: Record, time: Option<Stamp>, is_utc: bool) -> Result<Found, Miss> {
    let header = &mut record.header;
    names::infer(header);
    if header.channel.is_empty() && header.provider.is_empty() {
        let what = "no Windows event: neither channel nor provider";
        return Err(Miss::Stranger(what.to_owned()));
    }
    let Some(stamp) = time else {
        let what = "the event has no time in a form that is known";
        return Err(Miss::Broken(what.to_owned()));
    };
    header.time = stamp.time;
    Ok(Found {
        record,
        assumed_utc: !(is_utc || stamp.zone_known),
    })
}

/// The System values while a record is put together.
#[derive(Default)]
struct System(Vec<Field>);

impl System {
    fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push(Field {
            name: name.into(),
            value: value.into(),
        });
    }

    /// The first of these values that is there and not empty.
    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let field = self.0.iter().find(|field| field.name == *name)?;
            Some(field.value.trim()).filter(|value| !value.is_empty())
        })
    }

    /// The record with these values and data; an error in words when it has no event id.
    fn into_record(self, data: Vec<Field>) -> Result<Record, Miss> {
        let text = |names: &[&str]| self.get(names).unwrap_or_default().to_owned();
        let event_id = self
            .get(&["EventID"])
            .and_then(event_id)
            .ok_or_else(|| Miss::Stranger("no Windows event: it has no event id".to_owned()))?;
        let header = Header {
            time: Time::MIN,
            provider: text(&["Provider@Name", "Provider"]),
            event_id,
            record_id: self
                .get(&["EventRecordID"])
                .and_then(|id| id.parse().ok())
                .filter(|id| *id > 0),
            channel: text(&["Channel"]),
            computer: text(&["Computer"]),
            user_sid: text(&["Security@UserID", "Security@UserId"]),
        };
        Ok(Record {
            header,
            system: self.0,
            data,
            xml: String::new(),
        })
    }
}

/// An event id; qualifiers in the upper half are dropped.
fn event_id(text: &str) -> Option<u32> {
    let number: u64 = text.trim().parse().ok()?;
    let number = u32::try_from(number).ok()?;
    Some(if number > 0xffff {
        number & 0xffff
    } else {
        number
    })
}

/// Puts values of event data under their names; those without one become `#0`, `#1` ….
#[derive(Default)]
struct Data {
    fields: Vec<Field>,
    unnamed: usize,
}

impl Data {
    fn push(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push(Field {
            name: name.to_owned(),
            value: value.into(),
        });
    }

    fn push_unnamed(&mut self, value: impl Into<String>) {
        let name = format!("#{}", self.unnamed);
        self.unnamed += 1;
        self.push(&name, value);
    }

    /// A value of any kind: lists repeat the name, objects stay JSON.
    fn push_json(&mut self, name: &str, json: &Json<'_>) {
        match json {
            Json::Null => self.push(name, ""),
            Json::Array(items) => items.iter().for_each(|item| self.push_json(name, item)),
            Json::Object(_) => self.push(name, json.to_string()),
            plain => self.push(name, plain.plain().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests;
