//! What collectors put around a record, and which shape lies inside.

use std::io::Read;

use super::{Found, Miss, flat, of_xml, wazuh, windows_event, winlogbeat};
use crate::evidence::json::Json;
use crate::evidence::rendered;

/// Deepest nesting of envelopes.
const MAX_DEPTH: usize = 6;

/// Objects that hold the record: Elasticsearch and Kibana, Splunk, Chainsaw, Azure.
const OBJECTS: [&str; 9] = [
    "_source",
    "fields",
    "result",
    "document",
    "data",
    "Event",
    "event",
    "properties",
    "record",
];

/// Texts that hold the record, as XML or JSON.
const TEXTS: [&str; 10] = [
    "_raw",
    "event.original",
    "original",
    "xml",
    "Xml",
    "EventXml",
    "xml_string",
    "RawEvent",
    "message",
    "Message",
];

/// Reads the record in a JSON value.
pub(super) fn open(json: &Json<'_>, depth: usize) -> Result<Found, Miss> {
    let stranger = |what: &str| Err(Miss::Stranger(what.to_owned()));
    if !json.is_object() {
        return stranger("no Windows event: not a JSON object");
    }
    if depth >= MAX_DEPTH {
        return stranger("no Windows event: nested too deep");
    }
    if let Some(tool) = result_of(json) {
        return Err(Miss::Stranger(format!(
            "a result of {tool}, no log: hand in the event logs that it was made from"
        )));
    }
    if let Some(event) = json
        .object("Event")
        .filter(|event| windows_event::is(event))
    {
        return windows_event::read(event);
    }
    if windows_event::is(json) {
        return windows_event::read(json);
    }
    if winlogbeat::is(json) {
        return winlogbeat::read(json);
    }
    if wazuh::is(json) {
        return wazuh::read(json);
    }
    for name in TEXTS {
        if let Some(found) = embedded(json, name, depth) {
            return found;
        }
    }
    for name in OBJECTS {
        if let Some(inner) = json.object(name)
            && let Ok(found) = open(inner, depth + 1)
        {
            return Ok(found);
        }
    }
    flat::read(json)
}

/// The record that a text holds; `None` when it holds none.
fn embedded(json: &Json<'_>, name: &str, depth: usize) -> Option<Result<Found, Miss>> {
    let text = json
        .get(name)?
        .as_text()?
        .trim_start_matches('\u{feff}')
        .trim();
    if text.starts_with("<Event") {
        return Some(of_xml(text));
    }
    let mut lines = String::new();
    let text = if rendered::is(text.as_bytes()) {
        rendered::Records::new(text.as_bytes())
            .read_to_string(&mut lines)
            .ok()?;
        lines.trim()
    } else {
        text
    };
    if !text.starts_with('{') {
        return None;
    }
    let inner = Json::parse(text).ok()?;
    open(&inner, depth + 1).ok().map(Ok)
}

/// The detection tool whose output this is.
fn result_of(json: &Json<'_>) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().all(|name| json.get(name).is_some());
    if has(&["RuleTitle", "Channel"])
        || has(&["RuleTitle", "Level"])
        || has(&["RuleTitle", "RuleID"])
    {
        return Some("Hayabusa");
    }
    if has(&["rule_level", "rule_title"])
        || has(&["title", "matches", "sigma"])
        || has(&["title", "rule_level", "matches"])
    {
        return Some("Zircolite");
    }
    None
}
