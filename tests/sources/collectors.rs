//! Exports that drop record ids or print times for people: what they tell is held against the event
//! logs by what an analyst reads of it.

use dualuse::evidence::Record;
use serde_json::{Map, Value, json};

use super::shapes::beat_data;
use super::stories::{STORIES, table};
use super::{alerts, assert_undamaged, evtx, file, read, records};

/// What an alert says, without the numbers of its events and without digits below milliseconds.
fn told(timeline: dualuse::timeline::Timeline) -> Vec<Value> {
    let pick = |alert: &Value, name: &str, keys: &[&str]| {
        let inner = &alert[name];
        keys.iter()
            .map(|key| inner[*key].clone())
            .collect::<Vec<_>>()
    };
    let alert = |alert: &Value| {
        let ran = alert["processes"].as_array().into_iter().flatten();
        // What is known of a parent depends on which of two records of one second comes first.
        let ran = ran.filter(|process| process["role"] != "ancestor");
        let ran =
            ran.map(|process| json!([process["role"], process["pid"], process["command_line"]]));
        let signals = alert["signals"].as_array().into_iter().flatten();
        let mut ran: Vec<String> = ran.map(|ran| ran.to_string()).collect();
        ran.sort();
        json!({
            "tool": alert["tool"],
            "host": alert["host"],
            "title": alert["title"],
            "certainty": alert["certainty"],
            "severity": alert["severity"],
            "session": alert["session_id"],
            "account": pick(alert, "account", &["name", "how"]),
            "logon": pick(alert, "logon", &["id", "type", "source_ip", "source_port", "workstation", "package", "how"]),
            "service": pick(alert, "service", &["name", "display_name", "image_path", "start_type", "run_as"]),
            "client": pick(alert, "client", &["host", "pid", "account"]),
            "ran": ran,
            "signals": signals.map(|signal| signal["what"].clone()).collect::<Vec<_>>(),
        })
    };
    alerts(timeline).iter().map(alert).collect()
}

/// Checks that a form of every story tells what its event logs tell.
fn assert_told(what: &str, name: &str, form: impl Fn(&[Record]) -> String) {
    for story in STORIES {
        let folder = evtx(story);
        let timeline = read(folder.path());
        let records = records(&timeline);
        let expected = told(timeline);
        let (_folder, path) = file(name, form(&records));
        let timeline = read(&path);
        assert_undamaged(&timeline);
        assert_eq!(timeline.len(), records.len(), "{story} as {what}");
        let found = told(timeline);
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{story} as {what}");
        }
        assert_eq!(found.len(), expected.len(), "{story} as {what}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// `<EventData>` with its items, as Azure's agents keep it.
fn event_data(record: &Record) -> String {
    let items = record.data.iter().map(|field| {
        let value = escaped(&field.value);
        match field.name.as_str() {
            name if name.starts_with('#') => format!("<Data>{value}</Data>"),
            "Binary" => format!("<Binary>{value}</Binary>"),
            name => format!("<Data Name=\"{name}\">{value}</Data>"),
        }
    });
    format!(
        "<EventData xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">{}</EventData>",
        items.collect::<String>()
    )
}

/// A row of the tables `SecurityEvent` (every value a column of its own) and `Event` of a workspace.
fn workspace_row(record: &Record, time: &str) -> Map<String, Value> {
    let header = &record.header;
    let mut row = json!({
        "TenantId": "11111111-2222-3333-4444-555555555555",
        "TimeGenerated [UTC]": time,
        "Computer": header.computer,
        "EventID": header.event_id,
        "MG": "00000000-0000-0000-0000-000000000001",
    });
    let members = row.as_object_mut().unwrap();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    if header.channel == "Security" {
        put("SourceSystem", json!("OpsManager"));
        put("EventSourceName", json!(header.provider));
        put("Channel", json!(header.channel));
        put("AccountType", json!("User"));
        put(
            "Activity",
            json!(format!("{} - Something happened.", header.event_id)),
        );
        put("Type", json!("SecurityEvent"));
        for field in &record.data {
            put(&field.name, json!(field.value));
        }
        let get = |name: &str| record.data(name).unwrap_or_default();
        let account = format!("{}\\{}", get("SubjectDomainName"), get("SubjectUserName"));
        put("Account", json!(account));
        put("SubjectAccount", json!(account));
        let process = get("NewProcessName")
            .rsplit('\\')
            .next()
            .unwrap_or_default();
        put("Process", json!(process));
    } else {
        let parameters: String = record
            .data
            .iter()
            .map(|field| format!("<Param>{}</Param>", escaped(&field.value)))
            .collect();
        put("Source", json!(header.provider));
        put("EventLog", json!(header.channel));
        put("EventLevelName", json!("Information"));
        put("ParameterXml", json!(parameters));
        put(
            "EventData",
            json!(format!(
                "<DataItem type=\"System.XmlData\" time=\"2026-03-10T10:00:00.0000000Z\" sourceHealthServiceId=\"0\">{}</DataItem>",
                event_data(record)
            )),
        );
        put("RenderedDescription", json!("rendered text"));
        put("UserName", json!("N/A"));
        put("Type", json!("Event"));
    }
    members.clone()
}

/// Rows as a table with a column for every name that any of them has.
fn as_table(rows: &[Map<String, Value>]) -> String {
    let mut names: Vec<&String> = rows.iter().flat_map(Map::keys).collect();
    names.sort();
    names.dedup();
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut cells = vec![names.iter().map(|name| (*name).clone()).collect()];
    cells.extend(rows.iter().map(|row| {
        let row = names.iter().map(|name| cell(row.get(*name)));
        row.collect::<Vec<String>>()
    }));
    table(',', &cells)
}

#[test]
fn what_a_workspace_of_sentinel_exports() {
    let rows = |records: &[Record]| -> Vec<Map<String, Value>> {
        let time = |record: &Record| {
            let utc = record.header.time.utc().unwrap();
            utc.format("%-m/%-d/%Y, %-I:%M:%S%.3f %p").to_string()
        };
        records
            .iter()
            .map(|record| workspace_row(record, &time(record)))
            .collect()
    };
    assert_told("a table", "query_data.csv", |records| {
        as_table(&rows(records))
    });
    assert_told("JSON", "rows.json", |records| {
        serde_json::to_string_pretty(&rows(records)).unwrap()
    });
}

#[test]
fn what_kibana_exports() {
    assert_told("a table", "discover.csv", |records| {
        let row = |record: &Record| {
            let header = &record.header;
            let utc = header.time.utc().unwrap();
            let mut row = json!({
                "@timestamp": utc.format("%b %-d, %Y @ %H:%M:%S%.3f").to_string(),
                "event.code": header.event_id,
                "host.name": "collector",
                "message": "rendered text",
                "winlog.channel": header.channel,
                "winlog.provider_name": header.provider,
                "winlog.computer_name": header.computer,
                "winlog.record_id": format!("{}", header.record_id.unwrap()),
                "winlog.user.identifier": header.user_sid,
            });
            let members = row.as_object_mut().unwrap();
            let mut unnamed = 0;
            for field in &record.data {
                let name = if field.name.starts_with('#') {
                    unnamed += 1;
                    format!("param{unnamed}")
                } else {
                    field.name.clone()
                };
                members.insert(format!("winlog.event_data.{name}"), json!(field.value));
            }
            members.clone()
        };
        as_table(&records.iter().map(row).collect::<Vec<_>>())
    });
}

/// The event without the declaration before it, on one line.
fn one_line(record: &Record) -> String {
    let xml = &record.xml[record.xml.find("<Event").unwrap()..];
    xml.replace(['\r', '\n'], " ")
}

#[test]
fn xml_behind_the_header_of_a_forwarder() {
    assert_told("syslog", "syslog.log", |records| {
        let line = |record: &Record| {
            format!(
                "<13>Mar 10 10:00:00 {} WinEvt: {}\n",
                record.header.computer,
                one_line(record)
            )
        };
        records.iter().map(line).collect()
    });
    assert_told("JSON of Splunk", "splunk.json", |records| {
        let line = |record: &Record| {
            json!({"preview": false, "offset": 0, "lastrow": false, "result": {
                "_time": "2026-03-10 10:00:00.000 UTC",
                "host": "forwarder",
                "source": format!("XmlWinEventLog:{}", record.header.channel),
                "sourcetype": "XmlWinEventLog",
                "index": "windows",
                "EventCode": record.header.event_id.to_string(),
                "_raw": one_line(record),
            }})
            .to_string()
                + "\n"
        };
        records.iter().map(line).collect()
    });
}

#[test]
fn what_log_parser_writes() {
    assert_told("a table", "security.csv", |records| {
        let row = |record: &Record| {
            let header = &record.header;
            let utc = header.time.utc().unwrap();
            let values: Vec<&str> = record
                .data
                .iter()
                .map(|field| field.value.as_str())
                .collect();
            json!({
                "EventLog": header.channel,
                "RecordNumber": header.record_id,
                "TimeGenerated": utc.format("%Y-%m-%d %H:%M:%S").to_string(),
                "TimeWritten": utc.format("%Y-%m-%d %H:%M:%S").to_string(),
                "EventID": header.event_id,
                "EventTypeName": "Success Audit event",
                "SourceName": header.provider,
                "Strings": values.join("|"),
                "ComputerName": header.computer,
                "SID": header.user_sid,
            })
            .as_object()
            .unwrap()
            .clone()
        };
        as_table(&records.iter().map(row).collect::<Vec<_>>())
    });
}

/// The public data sets of the Threat Hunter Playbook: NXLog through a collector.
fn mordor(record: &Record) -> Value {
    let exact = record.header.time.rfc3339();
    let local = exact.replace('T', " ");
    let (seconds, _) = local.split_once('.').unwrap();
    let mut flat = json!({
        "@timestamp": exact,
        "@version": "1",
        "EventTime": seconds,
        "EventReceivedTime": seconds,
        "Hostname": record.header.computer,
        "host": "wec.internal.cloudapp.net",
        "port": 60737,
        "tags": ["mordorDataset"],
        "EventID": record.header.event_id,
        "EventType": "AUDIT_SUCCESS",
        "SourceName": record.header.provider,
        "ProviderGuid": "{54849625-5478-4994-A5BA-3E3B0328C30D}",
        "RecordNumber": record.header.record_id,
        "ExecutionProcessID": 4,
        "ThreadID": 8,
        "Channel": record.header.channel,
        "Domain": "NT AUTHORITY",
        "AccountName": "SYSTEM",
        "AccountType": "User",
        "UserID": record.header.user_sid,
        "Keywords": -9_214_364_837_600_034_816_i64,
        "Severity": "INFO",
        "SeverityValue": 2,
        "Opcode": "Info",
        "Category": "Logon",
        "SourceModuleName": "eventlog",
        "SourceModuleType": "im_msvistalog",
        "Message": "rendered text",
    });
    let members = flat.as_object_mut().unwrap();
    members.extend(beat_data(record));
    flat
}

#[test]
fn what_nxlog_sent_to_a_collector() {
    assert_told("lines", "mordor.json", |records| {
        let lines = records
            .iter()
            .map(|record| mordor(record).to_string() + "\n");
        lines.collect()
    });
}
