//! Winlogbeat 7 and later, Elastic Agent and what Kibana exports of them: `winlog.…`, nested or
//! with dotted names.

use super::{Data, Found, Miss, System, found};
use crate::evidence::json::Json;
use crate::evidence::stamp::Stamp;

/// Whether it has the shape.
pub(super) fn is(json: &Json<'_>) -> bool {
    json.members()
        .iter()
        .any(|(name, value)| (name == "winlog" && value.is_object()) || name.starts_with("winlog."))
}

/// System values and where they lie.
const SYSTEM: [(&str, &str); 10] = [
    ("winlog.provider_name", "Provider@Name"),
    ("winlog.event_id", "EventID"),
    ("event.code", "EventID"),
    ("winlog.record_id", "EventRecordID"),
    ("winlog.channel", "Channel"),
    ("winlog.computer_name", "Computer"),
    ("host.name", "Computer"),
    ("winlog.user.identifier", "Security@UserID"),
    ("winlog.process.pid", "Execution@ProcessID"),
    ("winlog.process.thread.id", "Execution@ThreadID"),
];

/// Times, the most exact first.
const TIMES: [&str; 2] = ["winlog.time_created", "@timestamp"];

const DATA: [&str; 2] = ["winlog.event_data.", "winlog.user_data."];

/// Reads it.
pub(super) fn read(json: &Json<'_>) -> Result<Found, Miss> {
    let mut leaves = Vec::new();
    flatten(String::new(), json, &mut leaves);
    let get = |wanted: &str| leaves.iter().find(|(path, _)| path == wanted);
    let mut system = System::default();
    for (path, name) in SYSTEM {
        if let Some(value) = get(path).and_then(|(_, value)| value.plain()) {
            system.push(name, value);
        }
    }
    let time = TIMES.iter().find_map(|path| Stamp::of(get(path)?.1));
    let mut data = Data::default();
    for (path, value) in &leaves {
        if let Some(name) = DATA.iter().find_map(|start| path.strip_prefix(start))
            && name != "xml_name"
        {
            data.push_json(name, value);
        }
    }
    found(system.into_record(data.fields)?, time, false)
}

/// Every value that is no object, with the dotted path to it.
fn flatten<'j, 't>(path: String, json: &'j Json<'t>, leaves: &mut Vec<(String, &'j Json<'t>)>) {
    let Json::Object(members) = json else {
        leaves.push((path, json));
        return;
    };
    for (name, value) in members {
        let path = if path.is_empty() {
            name.to_string()
        } else {
            format!("{path}.{name}")
        };
        flatten(path, value, leaves);
    }
}
