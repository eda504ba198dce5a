//! The shape of an event itself: `System` beside `EventData` or `UserData`.
//!
//! Converters spell attributes in different ways; all of these mean the same:
//! `{"#attributes":{"Name":"x"}}`, `{"@Name":"x"}`, `{"-Name":"x"}`, `{"Name":"x"}` and
//! `"Provider_attributes":{"Name":"x"}`; and for the text of an element `#text`, `Value`, `_`.

use super::{Data, Found, Miss, System, found};
use crate::evidence::json::Json;
use crate::evidence::stamp::Stamp;
use crate::evidence::xml;

/// Members that hold the text of an element.
const TEXT: [&str; 6] = ["#text", "Value", "value", "_", "$t", "content"];
/// Members of an event that hold data.
const SECTIONS: [&str; 5] = [
    "EventData",
    "UserData",
    "ProcessingErrorData",
    "BinaryEventData",
    "DebugData",
];

/// Whether it has the shape.
pub(super) fn is(json: &Json<'_>) -> bool {
    json.object("System").is_some()
}

/// Reads it.
pub(super) fn read(event: &Json<'_>) -> Result<Found, Miss> {
    let mut system = System::default();
    let mut time = None;
    for (name, value) in event.object("System").map_or(&[][..], Json::members) {
        element(name, value, &mut system);
        if name.starts_with("TimeCreated") {
            time = time.or_else(|| time_created(value));
        }
    }
    let mut data = Data::default();
    for name in SECTIONS {
        if let Some(value) = event.get(name) {
            section(value, &mut data);
        }
    }
    found(system.into_record(data.fields)?, time, true)
}

/// `TimeCreated`, as element with attribute or as plain value.
fn time_created(value: &Json<'_>) -> Option<Stamp> {
    Stamp::of(value).or_else(|| {
        let members = value.members().iter();
        members
            .filter_map(|(name, inner)| match attribute(name) {
                Some("SystemTime") | None if name == "SystemTime" || attribute(name).is_some() => {
                    Stamp::of(inner)
                }
                None => time_created(inner),
                _ => None,
            })
            .next()
    })
}

/// The name of an attribute, without the mark that tells it from an element.
fn attribute(name: &str) -> Option<&str> {
    name.strip_prefix('@').or_else(|| name.strip_prefix('-'))
}

/// An element of `System` with its attributes.
fn element(name: &str, value: &Json<'_>, system: &mut System) {
    if let Some(name) = name.strip_suffix("_attributes") {
        return attributes(name, value, system);
    }
    match value {
        Json::Null => {}
        Json::Object(_) => attributes(name, value, system),
        Json::Array(items) => items.iter().for_each(|item| element(name, item, system)),
        plain => system.push(name, plain.plain().unwrap_or_default()),
    }
}

fn attributes(name: &str, value: &Json<'_>, system: &mut System) {
    for (key, inner) in value.members() {
        if key == "#attributes" || key == "$" {
            attributes(name, inner, system);
        } else if let Some(text) = inner.plain() {
            if TEXT.contains(&key.as_ref()) {
                system.push(name, text);
            } else {
                let key = attribute(key).unwrap_or(key);
                system.push(format!("{name}@{key}"), text);
            }
        }
    }
}

/// Reads event data, given as object, list, JSON text or XML text.
pub(super) fn section(value: &Json<'_>, data: &mut Data) {
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                member(name, value, data);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| item_of_list(item, data)),
        Json::Text(text) => text_section(text.trim(), data),
        Json::Null => {}
        plain => data.push_unnamed(plain.plain().unwrap_or_default()),
    }
}

fn text_section(text: &str, data: &mut Data) {
    if text.starts_with('{') || text.starts_with('[') {
        if let Ok(json) = Json::parse(text) {
            return match SECTIONS.iter().find_map(|name| json.get(name)) {
                Some(inner) => section(inner, data),
                None => section(&json, data),
            };
        }
    } else if text.starts_with('<')
        && let Ok(record) = xml::record(text.to_owned())
    {
        data.fields.extend(record.data);
        return;
    }
    if !text.is_empty() {
        data.push_unnamed(text);
    }
}

fn member(name: &str, value: &Json<'_>, data: &mut Data) {
    let is_markup = attribute(name).is_some()
        || matches!(name, "#attributes" | "$" | "xmlns" | "xml_name" | "Name")
            && (value.is_object() || name != "Name")
        || name.ends_with("_attributes") && value.is_object();
    match value {
        _ if is_markup => {}
        _ if name == "Data" => items(value, data),
        Json::Object(members) => match text_of(value) {
            Some(text) => data.push(name, text),
            None => {
                for (name, value) in members {
                    member(name, value, data);
                }
            }
        },
        Json::Array(list) => list.iter().for_each(|item| member(name, item, data)),
        _ => data.push_json(name, value),
    }
}

/// The content of `Data`: one item or a list of them.
fn items(value: &Json<'_>, data: &mut Data) {
    match value {
        Json::Array(list) => list.iter().for_each(|item| items(item, data)),
        _ => item_of_list(value, data),
    }
}

/// An item with its name beside its text, or without a name.
fn item_of_list(item: &Json<'_>, data: &mut Data) {
    if !item.is_object() {
        return data.push_unnamed(item.plain().unwrap_or_default());
    }
    let attributes = item
        .object("#attributes")
        .or(item.object("$"))
        .unwrap_or(item);
    let name = ["@Name", "-Name", "Name", "name"]
        .iter()
        .find_map(|key| attributes.get(key)?.as_text());
    let list = item
        .get("#text")
        .filter(|text| matches!(text, Json::Array(_)));
    match (name, list, text_of(item)) {
        (Some(name), _, text) => data.push(name, text.unwrap_or_default()),
        (None, Some(list), _) => items(list, data),
        (None, None, Some(text)) => data.push_unnamed(text),
        (None, None, None)
            if item.get("#text").is_some() || item.object("#attributes").is_some() =>
        {
            data.push_unnamed("");
        }
        // A list of objects such as `[{"SubjectUserName":"x"}]`.
        (None, None, None) => {
            for (name, value) in item.members() {
                member(name, value, data);
            }
        }
    }
}

fn text_of(element: &Json<'_>) -> Option<String> {
    TEXT.iter().find_map(|name| {
        let value = element.get(name)?;
        // A SID in `Get-WinEvent` is an object with a value of its own.
        let inner = value.get("Value").and_then(Json::plain);
        value.plain().or(inner).map(std::borrow::Cow::into_owned)
    })
}
