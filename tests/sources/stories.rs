//! Whole scenarios, as EVTX and as what collectors made of it.

use dualuse::evidence::Record;
use serde_json::{Value, json};

use super::shapes::SHAPES;
use super::{alerts, assert_undamaged, evtx, file, read, records};

pub(crate) const STORIES: [&str; 6] = [
    "psexec-classic",
    "winexe-first-run",
    "smbexec-many-services",
    "antivirus-winexesvc",
    "session-zero-wmi",
    "forwarded-two-hosts",
];

/// Reads a file of that content and holds it against the event logs it was made from.
fn assert_same(
    story: &str,
    what: &str,
    name: &str,
    content: &[u8],
    records: &[Record],
    expected: &[Value],
) {
    let (_folder, path) = file(name, content);
    let timeline = read(&path);
    assert_undamaged(&timeline);
    assert_eq!(timeline.len(), records.len(), "{story} as {what}");
    for (index, record) in timeline.indices().zip(records) {
        let again = timeline.read(index).unwrap();
        assert_eq!(again.header, record.header, "{story} as {what}");
    }
    let found = alerts(timeline);
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{story} as {what}");
    }
    assert_eq!(found.len(), expected.len(), "{story} as {what}");
}

fn for_every_story(check: impl Fn(&str, &[Record], &[Value])) {
    for story in STORIES {
        let folder = evtx(story);
        let timeline = read(folder.path());
        let records = records(&timeline);
        let expected = alerts(timeline);
        assert!(!expected.is_empty(), "{story} has alerts");
        check(story, &records, &expected);
    }
}

#[test]
fn every_collector_tells_the_story_of_the_event_logs() {
    for_every_story(|story, records, expected| {
        for (what, shape) in SHAPES {
            let lines: Vec<String> = records.iter().map(|r| shape(r).to_string()).collect();
            let text = lines.join("\n");
            assert_same(story, what, "log.jsonl", text.as_bytes(), records, expected);
        }
    });
}

#[test]
fn json_may_be_an_array_pretty_printed_or_utf_16() {
    let (_, shape) = SHAPES[0];
    for_every_story(|story, records, expected| {
        let values: Vec<Value> = records.iter().map(shape).collect();
        let pretty = serde_json::to_string_pretty(&values).unwrap();
        let one_line = serde_json::to_string(&values).unwrap();
        let lines: Vec<String> = values.iter().map(Value::to_string).collect();
        let array = format!("[\n{}\n]\n", lines.join(",\n"));
        let windows = lines.join("\r\n");
        let forms = [
            ("pretty", pretty.clone().into_bytes()),
            ("one line", one_line.into_bytes()),
            ("an array with one element a line", array.into_bytes()),
            (
                "with byte order mark",
                format!("\u{feff}{windows}").into_bytes(),
            ),
            ("UTF-16", utf_16(&format!("\u{feff}{windows}"))),
            ("pretty UTF-16 without byte order mark", utf_16(&pretty)),
        ];
        for (what, content) in forms {
            assert_same(story, what, "log.json", &content, records, expected);
        }
    });
}

#[test]
fn xml_may_have_a_root_or_none() {
    for_every_story(|story, records, expected| {
        let events: String = records.iter().map(|record| event(&record.xml)).collect();
        let lines: Vec<&str> = records.iter().map(|record| event(&record.xml)).collect();
        let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>";
        let forms = [
            ("events one after the other", events.clone().into_bytes()),
            ("one event a line", lines.join("\r\n").into_bytes()),
            (
                "with a root",
                format!("{declaration}\n<Events>{events}</Events>\n").into_bytes(),
            ),
            ("UTF-16", utf_16(&format!("\u{feff}{events}"))),
        ];
        for (what, content) in forms {
            assert_same(story, what, "log.xml", &content, records, expected);
        }
    });
}

#[test]
fn an_answer_of_a_search_is_read_from_its_list() {
    let (_, shape) = SHAPES[3];
    for_every_story(|story, records, expected| {
        let hits: Vec<Value> = records
            .iter()
            .map(|record| json!({"_index": "logs", "_source": shape(record)}))
            .collect();
        let answer = json!({"took": 3, "hits": {"total": {"value": hits.len()}, "hits": hits}});
        for text in [
            answer.to_string(),
            serde_json::to_string_pretty(&answer).unwrap(),
        ] {
            let name = "answer.json";
            assert_same(story, "an answer", name, text.as_bytes(), records, expected);
        }
    });
}

/// Rows of text as a table.
pub(crate) fn table(delimiter: char, rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    rows.iter()
        .map(|row| row.iter().map(quoted).collect::<Vec<_>>())
        .map(|row| row.join(&delimiter.to_string()) + "\r\n")
        .collect()
}

#[test]
fn a_table_may_hold_records_in_its_rows() {
    let (what, evtxecmd) = SHAPES[7];
    assert_eq!(what, "evtxecmd");
    for_every_story(|story, records, expected| {
        let plain = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let values: Vec<Value> = records.iter().map(evtxecmd).collect();
        let names: Vec<String> = values[0].as_object().unwrap().keys().cloned().collect();
        let mut rows = vec![names.clone()];
        rows.extend(
            values
                .iter()
                .map(|value| names.iter().map(|name| plain(&value[name])).collect()),
        );
        let mut raw = vec![vec!["_time".to_owned(), "_raw".to_owned()]];
        raw.extend(
            records
                .iter()
                .map(|record| vec!["0".to_owned(), event(&record.xml).to_owned()]),
        );
        let forms = [
            ("EvtxECmd's table", table(',', &rows).into_bytes()),
            (
                "a table in UTF-16",
                utf_16(&format!("\u{feff}{}", table('\t', &rows))),
            ),
            ("Splunk's table", table(';', &raw).into_bytes()),
        ];
        for (what, content) in forms {
            assert_same(story, what, "log.csv", &content, records, expected);
        }
    });
}

/// One use of PsExec as the messages tell it that Windows writes for people.
const MESSAGES: [(&str, u32, &str, &str); 4] = [
    (
        "Security",
        4624,
        "Microsoft-Windows-Security-Auditing",
        "An account was successfully logged on.\n\nSubject:\n\tSecurity ID:\t\tNULL SID\n\tAccount Name:\t\t-\n\tLogon ID:\t\t0x0\n\nLogon Type:\t\t\t3\n\nNew Logon:\n\tSecurity ID:\t\tCORP\\adm\n\tAccount Name:\t\tadm\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x5F0A1\n\nNetwork Information:\n\tWorkstation Name:\tADM01\n\tSource Network Address:\t10.0.0.5\n\tSource Port:\t\t50111\n\nDetailed Authentication Information:\n\tAuthentication Package:\tNTLM",
    ),
    (
        "System",
        7045,
        "Service Control Manager",
        "A service was installed in the system.\n\nService Name:  PSEXESVC\nService File Name:  %SystemRoot%\\PSEXESVC.exe\nService Type:  user mode service\nService Start Type:  demand start\nService Account:  LocalSystem",
    ),
    (
        "Security",
        5145,
        "Microsoft-Windows-Security-Auditing",
        "A network share object was checked.\n\nSubject:\n\tSecurity ID:\t\tCORP\\adm\n\tAccount Name:\t\tadm\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x5F0A1\n\nNetwork Information:\n\tObject Type:\t\tFile\n\tSource Address:\t\t10.0.0.5\n\tSource Port:\t\t50111\n\nShare Information:\n\tShare Name:\t\t\\\\*\\IPC$\n\tShare Path:\n\tRelative Target Name:\tPSEXESVC-ADM01-7316-stdin\n\nAccess Request Information:\n\tAccess Mask:\t\t0x12019F",
    ),
    (
        "Security",
        4688,
        "Microsoft-Windows-Security-Auditing",
        "A new process has been created.\n\nCreator Subject:\n\tAccount Name:\t\tSRV01$\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x3E7\n\nProcess Information:\n\tNew Process ID:\t\t0x834\n\tNew Process Name:\tC:\\Windows\\System32\\whoami.exe\n\tCreator Process ID:\t0x7fc\n\tCreator Process Name:\tC:\\Windows\\PSEXESVC.exe\n\tProcess Command Line:\twhoami /all",
    ),
];

#[test]
fn messages_for_people_tell_one_use() {
    let splunk = |at: usize| {
        let (channel, id, provider, message) = MESSAGES[at];
        format!(
            "05/14/2024 09:00:0{at} AM\r\nLogName={channel}\r\nEventCode={id}\r\nComputerName=SRV01.corp.example\r\nSourceName={provider}\r\nRecordNumber={}\r\nMessage={message}\r\n",
            at + 10
        )
    };
    let wevtutil = |at: usize| {
        let (channel, id, provider, message) = MESSAGES[at];
        format!(
            "Event[{at}]:\n  Log Name: {channel}\n  Source: {provider}\n  Date: 2024-05-14T09:00:0{at}.5000000Z\n  Event ID: {id}\n  Computer: SRV01.corp.example\n  Description: \n{message}\n\n"
        )
    };
    let exported = |at: usize| {
        let (channel, id, provider, message) = MESSAGES[at];
        let cells = [
            message,
            &id.to_string(),
            provider,
            channel,
            "4",
            "SRV01.corp.example",
        ];
        let time = format!("5/14/2024 9:00:0{at} AM");
        cells
            .iter()
            .map(|cell| (*cell).to_owned())
            .chain([time])
            .collect::<Vec<_>>()
    };
    let names = [
        "Message",
        "Id",
        "ProviderName",
        "LogName",
        "ProcessId",
        "MachineName",
        "TimeCreated",
    ];
    let mut rows = vec![names.map(str::to_owned).to_vec()];
    rows.extend((0..MESSAGES.len()).map(exported));
    let all = 0..MESSAGES.len();
    let raw = all
        .clone()
        .map(|at| json!({"result": {"_raw": splunk(at)}}).to_string() + "\n");
    let forms = [
        ("log.log", all.clone().map(splunk).collect::<String>()),
        ("log.json", raw.collect()),
        ("log.txt", all.map(wevtutil).collect()),
        ("log.csv", table(',', &rows)),
    ];
    for (name, text) in forms {
        let (_folder, path) = file(name, text);
        let timeline = read(&path);
        assert_undamaged(&timeline);
        let found = alerts(timeline);
        assert_eq!(found.len(), 1, "{name}");
        let alert = &found[0];
        let expected = json!({"tool": "psexec", "client": "ADM01", "source": "10.0.0.5", "account": "CORP\\adm"});
        let told = json!({
            "tool": alert["tool"],
            "client": alert["client"]["host"],
            "source": alert["logon"]["source_ip"],
            "account": alert["account"]["name"],
        });
        assert_eq!(told, expected, "{name}");
        let ran = alert["processes"].as_array().unwrap();
        assert!(
            ran.iter()
                .any(|process| process["command_line"] == "whoami /all"),
            "{name}"
        );
    }
}

/// The event without the declaration before it.
fn event(xml: &str) -> &str {
    &xml[xml.find("<Event").unwrap()..]
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_copy_in_another_form_is_the_same_event() {
    let folder = evtx("psexec-classic");
    let alone = read(folder.path());
    let lines: Vec<String> = records(&alone)
        .iter()
        .map(|r| SHAPES[0].1(r).to_string())
        .collect();
    std::fs::write(folder.path().join("copy.jsonl"), lines.join("\n")).unwrap();
    let both = read(folder.path());
    assert_eq!(both.duplicate_count(), alone.len() as u64);
    assert_eq!(alerts(both), alerts(alone));
}
