//! The shapes in which collectors write a record, made from the record itself.

use dualuse::evidence::Record;
use serde_json::{Map, Value, json};

/// Writes a record in one shape.
pub(crate) type Shape = fn(&Record) -> Value;

/// Named shapes, all of one record a line.
pub(crate) const SHAPES: [(&str, Shape); 13] = [
    ("evtx_dump", evtx_dump),
    ("xml to json", xml_to_json),
    ("velociraptor", velociraptor),
    ("winlogbeat", winlogbeat),
    ("elastic, dotted", dotted),
    ("winlogbeat 6", winlogbeat_6),
    ("nxlog", nxlog),
    ("evtxecmd", evtxecmd),
    ("sentinel", sentinel),
    ("wazuh", wazuh),
    ("fluent bit", fluent_bit),
    ("velociraptor, rows", velociraptor_rows),
    ("sentinel, WindowsEvent", windows_event),
];

fn time(record: &Record) -> String {
    record.header.time.rfc3339()
}

fn named(record: &Record) -> impl Iterator<Item = (&str, &str)> {
    let fields = record.data.iter();
    fields
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .filter(|(name, _)| !name.starts_with('#'))
}

fn unnamed(record: &Record) -> Vec<&str> {
    let fields = record.data.iter();
    fields
        .filter(|field| field.name.starts_with('#'))
        .map(|field| field.value.as_str())
        .collect()
}

/// Numbers as numbers, as converters that know the types write them.
fn typed(value: &str) -> Value {
    match value.parse::<u64>() {
        Ok(number) if number.to_string() == value => json!(number),
        _ if value.is_empty() => Value::Null,
        _ => json!(value),
    }
}

/// Data with names; unnamed values as beats call them.
pub(crate) fn beat_data(record: &Record) -> Map<String, Value> {
    let unnamed = unnamed(record).into_iter().enumerate();
    let unnamed = unnamed.map(|(at, value)| (format!("param{}", at + 1), json!(value)));
    named(record)
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .chain(unnamed)
        .collect()
}

fn evtx_dump(record: &Record) -> Value {
    let mut data: Map<String, Value> = named(record)
        .map(|(name, value)| (name.to_owned(), typed(value)))
        .collect();
    if !unnamed(record).is_empty() {
        data.insert("Data".to_owned(), json!({"#text": unnamed(record)}));
    }
    json!({"Event": {
        "#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
        "System": {
            "Provider": {"#attributes": {"Name": record.header.provider}},
            "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": record.header.event_id},
            "TimeCreated": {"#attributes": {"SystemTime": time(record)}},
            "EventRecordID": record.header.record_id,
            "Channel": record.header.channel,
            "Computer": record.header.computer,
            "Security": {"#attributes": {"UserID": record.header.user_sid}},
        },
        "EventData": data,
    }})
}

/// What a general converter makes of the XML: all text, attributes marked with `@`.
fn xml_to_json(record: &Record) -> Value {
    let data: Vec<Value> = record
        .data
        .iter()
        .map(|field| match field.name.starts_with('#') {
            true => json!(field.value),
            false => json!({"@Name": field.name, "#text": field.value}),
        })
        .collect();
    json!({"Event": {
        "@xmlns": "http://schemas.microsoft.com/win/2004/08/events/event",
        "System": {
            "Provider": {"@Name": record.header.provider, "@Guid": "{0}"},
            "EventID": {"@Qualifiers": "", "#text": record.header.event_id.to_string()},
            "TimeCreated": {"@SystemTime": time(record).replace('T', " ").replace('Z', "")},
            "EventRecordID": record.header.record_id.unwrap().to_string(),
            "Channel": record.header.channel,
            "Computer": record.header.computer,
            "Security": {"@UserID": record.header.user_sid},
        },
        "EventData": {"Data": data},
    }})
}

fn velociraptor(record: &Record) -> Value {
    let mut data: Map<String, Value> = named(record)
        .map(|(name, value)| (name.to_owned(), typed(value)))
        .collect();
    if !unnamed(record).is_empty() {
        data.insert("Data".to_owned(), json!(unnamed(record)));
    }
    json!({
        "System": {
            "Provider": {"Name": record.header.provider, "Guid": "{0}"},
            "EventID": {"Value": record.header.event_id},
            "TimeCreated": {"SystemTime": time(record)},
            "EventRecordID": record.header.record_id,
            "Correlation": {},
            "Execution": {"ProcessID": 4, "ThreadID": 8},
            "Channel": record.header.channel,
            "Computer": record.header.computer,
            "Security": {"UserID": record.header.user_sid},
        },
        "EventData": data,
        "Message": "rendered text",
    })
}

fn winlogbeat(record: &Record) -> Value {
    json!({
        "@timestamp": time(record),
        "event": {"code": record.header.event_id.to_string(), "kind": "event"},
        "host": {"name": "collector.example"},
        "winlog": {
            "channel": record.header.channel,
            "provider_name": record.header.provider,
            "event_id": record.header.event_id.to_string(),
            "record_id": record.header.record_id,
            "computer_name": record.header.computer,
            "user": {"identifier": record.header.user_sid},
            "event_data": beat_data(record),
        },
        "message": "rendered text",
    })
}

fn dotted(record: &Record) -> Value {
    let mut source = json!({
        "@timestamp": time(record),
        "winlog.channel": record.header.channel,
        "winlog.provider_name": record.header.provider,
        "winlog.event_id": record.header.event_id,
        "winlog.record_id": record.header.record_id.unwrap().to_string(),
        "winlog.computer_name": record.header.computer,
        "winlog.user.identifier": record.header.user_sid,
    });
    let members = source.as_object_mut().unwrap();
    for (name, value) in beat_data(record) {
        members.insert(format!("winlog.event_data.{name}"), value);
    }
    json!({"_index": "winlogbeat", "_source": source})
}

fn winlogbeat_6(record: &Record) -> Value {
    json!({
        "@timestamp": time(record),
        "log_name": record.header.channel,
        "source_name": record.header.provider,
        "event_id": record.header.event_id,
        "record_number": record.header.record_id.unwrap().to_string(),
        "computer_name": record.header.computer,
        "user": {"identifier": record.header.user_sid, "name": "someone"},
        "event_data": beat_data(record),
        "message": "rendered text",
    })
}

fn nxlog(record: &Record) -> Value {
    let mut flat = json!({
        "EventTime": time(record),
        "Hostname": record.header.computer,
        "host": "collector.example",
        "EventID": record.header.event_id,
        "SourceName": record.header.provider,
        "RecordNumber": record.header.record_id,
        "ExecutionProcessID": 4,
        "Channel": record.header.channel,
        "UserID": record.header.user_sid,
        "EventReceivedTime": "2030-01-01 00:00:00",
        "SourceModuleName": "eventlog",
        "Message": "rendered text",
    });
    let members = flat.as_object_mut().unwrap();
    members.extend(beat_data(record));
    flat
}

fn evtxecmd(record: &Record) -> Value {
    let named = named(record).map(|(name, value)| json!({"@Name": name, "#text": value}));
    let unnamed = unnamed(record).into_iter().map(|value| json!(value));
    let payload = json!({"EventData": {"Data": named.chain(unnamed).collect::<Vec<_>>()}});
    json!({
        "PayloadData1": "Target: someone",
        "Payload": payload.to_string(),
        "UserId": record.header.user_sid,
        "Channel": record.header.channel,
        "Provider": record.header.provider,
        "EventId": record.header.event_id,
        "EventRecordId": record.header.record_id.unwrap().to_string(),
        "Computer": record.header.computer,
        "TimeCreated": time(record).replace('Z', "+00:00"),
        "SourceFile": "C:\\logs\\x.evtx",
    })
}

fn sentinel(record: &Record) -> Value {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let data: String = record
        .data
        .iter()
        .map(|field| match field.name.starts_with('#') {
            true => format!("<Data>{}</Data>", escape(&field.value)),
            false => format!(
                "<Data Name=\"{}\">{}</Data>",
                field.name,
                escape(&field.value)
            ),
        })
        .collect();
    json!({
        "TimeGenerated": time(record),
        "Computer": record.header.computer,
        "EventSourceName": record.header.provider,
        "Channel": record.header.channel,
        "EventID": record.header.event_id,
        "EventRecordId": record.header.record_id,
        "SystemUserId": record.header.user_sid,
        "Activity": "a line",
        "Type": "SecurityEvent",
        "EventData": format!("<EventData>{data}</EventData>"),
    })
}

fn wazuh(record: &Record) -> Value {
    let lower = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let twice = |value: &str| json!(value.replace('\\', "\\\\"));
    let mut data: Map<String, Value> = named(record)
        .map(|(name, value)| (lower(name), twice(value)))
        .collect();
    if !unnamed(record).is_empty() {
        data.insert("data".to_owned(), twice(&unnamed(record).join(", ")));
    }
    json!({
        "timestamp": "2030-01-01T00:00:00.000+0000",
        "rule": {"level": 3, "description": "Windows event", "id": "60009"},
        "agent": {"id": "001", "name": "agent"},
        "decoder": {"name": "windows_eventchannel"},
        "data": {"win": {
            "system": {
                "providerName": record.header.provider,
                "eventID": record.header.event_id.to_string(),
                "systemTime": time(record),
                "eventRecordID": record.header.record_id.unwrap().to_string(),
                "channel": record.header.channel,
                "computer": record.header.computer,
                "securityUserID": record.header.user_sid,
                "message": "\"rendered text\"",
            },
            "eventdata": data,
        }},
        "location": "EventChannel",
    })
}

/// Values in their order, without names.
fn fluent_bit(record: &Record) -> Value {
    let values: Vec<&str> = record
        .data
        .iter()
        .map(|field| field.value.as_str())
        .collect();
    json!({
        "ProviderName": record.header.provider,
        "ProviderGuid": "{0}",
        "EventID": record.header.event_id,
        "TimeCreated": time(record),
        "EventRecordID": record.header.record_id,
        "ProcessID": 4,
        "Channel": record.header.channel,
        "Computer": record.header.computer,
        "UserID": record.header.user_sid,
        "Message": "rendered text",
        "StringInserts": values,
    })
}

/// Rows of Velociraptor's artefacts, flat beside the data.
fn velociraptor_rows(record: &Record) -> Value {
    let data = velociraptor(record)["EventData"].clone();
    json!({
        "EventTime": time(record),
        "Computer": record.header.computer,
        "Channel": record.header.channel,
        "Provider": record.header.provider,
        "EventID": record.header.event_id,
        "EventRecordID": record.header.record_id,
        "UserSID": record.header.user_sid,
        "Username": "someone",
        "EventData": data,
        "UserData": null,
        "Message": "rendered text",
        "OSPath": "C:\\Windows\\System32\\winevt\\Logs\\x.evtx",
    })
}

/// Rows of the table `WindowsEvent`, whose data is an object.
fn windows_event(record: &Record) -> Value {
    json!({
        "TimeGenerated": time(record),
        "Provider": record.header.provider,
        "Channel": record.header.channel,
        "Computer": record.header.computer,
        "EventID": record.header.event_id,
        "EventLevel": 4,
        "EventData": beat_data(record),
        "EventRecordId": record.header.record_id.unwrap().to_string(),
        "SystemProcessId": 4,
        "SystemUserId": record.header.user_sid,
        "RawEventData": "",
        "Type": "WindowsEvent",
    })
}
