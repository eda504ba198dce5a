//! Single records as collectors write them.

use super::*;

fn json(text: &str) -> Result<Found, Miss> {
    read(Form::Lines, text.as_bytes())
}

#[track_caller]
fn record(text: &str) -> Record {
    json(text).unwrap().record
}

#[test]
fn a_local_time_is_brought_to_utc_by_the_collectors_clock() {
    let text = r#"{"@timestamp":"2026-03-10T17:04:09.512Z","EventTime":"2026-03-10 13:04:05",
        "host":"collector","Hostname":"WS-1","Channel":"Security",
        "SourceName":"Microsoft-Windows-Security-Auditing","EventID":4624,"RecordNumber":7}"#;
    let found = json(text).unwrap();
    assert_eq!(
        found.record.header.time.rfc3339(),
        "2026-03-10T17:04:05.0000000Z"
    );
    assert_eq!(found.record.header.computer, "WS-1");
    assert!(!found.assumed_utc);
}

#[test]
fn a_local_time_hours_before_the_collectors_clock_is_not_guessed() {
    let text = r#"{"@timestamp":"2026-03-12T17:14:09Z","EventTime":"2026-03-10 13:04:05",
        "Hostname":"WS-1","Channel":"Security","EventID":4624}"#;
    let found = json(text).unwrap();
    assert_eq!(
        found.record.header.time.rfc3339(),
        "2026-03-10T13:04:05.0000000Z"
    );
    assert!(found.assumed_utc);
}

#[test]
fn sysmon_says_in_utc_when_it_happened() {
    let text = r#"{"EventTime":"2026-03-10 13:04:05","Hostname":"WS-1","EventID":1,
        "Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2026-03-10 17:04:05.678","User":"CORP\\a"}"#;
    let found = json(text).unwrap();
    assert_eq!(found.record.header.provider, "Microsoft-Windows-Sysmon");
    assert_eq!(
        found.record.header.time.rfc3339(),
        "2026-03-10T17:04:05.6780000Z"
    );
    assert!(!found.assumed_utc);
    assert_eq!(found.record.data("User"), Some("CORP\\a"));
}

#[test]
fn get_winevent_gives_values_without_names() {
    let text = r#"{"Id":7045,"Version":0,"Qualifiers":16384,"Level":4,"RecordId":4711,
        "ProviderName":"Service Control Manager","LogName":"System","ProcessId":600,"MachineName":"SRV-1",
        "UserId":{"BinaryLength":28,"Value":"S-1-5-21-1-2-3-500"},"TimeCreated":"\/Date(1773165845123)\/",
        "Properties":[{"Value":"PSEXESVC"},{"Value":"%SystemRoot%\\PSEXESVC.exe"},{"Value":"user mode service"},
        {"Value":"demand start"},{"Value":"LocalSystem"}],"Message":"A service was installed."}"#;
    let record = record(text);
    let header = &record.header;
    assert_eq!((header.event_id, header.record_id), (7045, Some(4711)));
    assert_eq!(header.user_sid, "S-1-5-21-1-2-3-500");
    assert_eq!(header.time.rfc3339(), "2026-03-10T18:04:05.1230000Z");
    assert_eq!(record.data("ServiceName"), Some("PSEXESVC"));
    assert_eq!(record.data("AccountName"), Some("LocalSystem"));
}

#[test]
fn sysmon_values_without_names_go_by_their_number() {
    let values = |count: usize| {
        let items: Vec<String> = (0..count)
            .map(|n| format!(r#"{{"Value":"v{n}"}}"#))
            .collect();
        record(&format!(
            r#"{{"Id":1,"ProviderName":"Microsoft-Windows-Sysmon","LogName":"Microsoft-Windows-Sysmon/Operational",
            "MachineName":"W","TimeCreated":"2026-03-10T18:04:05Z","Properties":[{}]}}"#,
            items.join(",")
        ))
    };
    assert_eq!(values(21).data("CommandLine"), Some("v9"));
    assert_eq!(values(22).data("CommandLine"), Some("v10"));
    assert_eq!(values(15).data("CommandLine"), None);
}

#[test]
fn splunk_wraps_the_event_as_xml_or_as_columns() {
    let xml = r#"{"preview":false,"result":{"host":"SRV-1","source":"XmlWinEventLog:System","_raw":"<Event xmlns='x'><System><Provider Name='Service Control Manager'/><EventID>7036</EventID><TimeCreated SystemTime='2026-03-10T18:04:05.1Z'/><EventRecordID>3</EventRecordID><Channel>System</Channel><Computer>SRV-1</Computer></System><EventData><Data Name='param1'>PSEXESVC</Data></EventData></Event>"}}"#;
    let columns = r#"{"result":{"host":"SRV-1","source":"WinEventLog:System","SourceName":"Service Control Manager","EventCode":"7036","RecordNumber":"3","_time":"2026-03-10T18:04:05.100+00:00","param1":"PSEXESVC"}}"#;
    for text in [xml, columns] {
        let record = record(text);
        let header = &record.header;
        assert_eq!(
            (header.event_id, header.record_id),
            (7036, Some(3)),
            "{text}"
        );
        assert_eq!(
            (header.channel.as_str(), header.computer.as_str()),
            ("System", "SRV-1")
        );
        assert_eq!(header.provider, "Service Control Manager");
        assert_eq!(header.time.rfc3339(), "2026-03-10T18:04:05.1000000Z");
        assert_eq!(record.data("param1"), Some("PSEXESVC"));
    }
}

#[test]
fn sentinel_has_tables_of_three_kinds() {
    let columns = r#"{"TimeGenerated [UTC]":"2026-03-10T18:04:05Z","Computer":"W","EventID":4688,"Channel":"Security","EventSourceName":"Microsoft-Windows-Security-Auditing","NewProcessId":"0x1a4","CommandLine":"cmd","Type":"SecurityEvent"}"#;
    let object = r#"{"TimeGenerated":"2026-03-10T18:04:05Z","Computer":"W","EventID":4688,"Channel":"Security","Provider":"Microsoft-Windows-Security-Auditing","EventData":{"NewProcessId":"0x1a4","CommandLine":"cmd"},"Type":"WindowsEvent"}"#;
    let xml = r#"{"TimeGenerated":"2026-03-10T18:04:05Z","Computer":"W","EventID":4688,"EventLog":"Security","Source":"Microsoft-Windows-Security-Auditing","EventData":"<DataItem type=\"System.XmlData\"><EventData xmlns=\"x\"><Data Name=\"NewProcessId\">0x1a4</Data><Data Name=\"CommandLine\">cmd</Data></EventData></DataItem>","Type":"Event"}"#;
    for text in [columns, object, xml] {
        let record = record(text);
        assert_eq!(
            record.header.provider,
            "Microsoft-Windows-Security-Auditing"
        );
        assert_eq!(record.header.channel, "Security");
        assert_eq!(record.data("NewProcessId"), Some("0x1a4"), "{text}");
        assert_eq!(record.data("CommandLine"), Some("cmd"), "{text}");
    }
}

#[test]
fn logstash_may_leave_the_record_as_text() {
    let text = r#"{"@timestamp":"2026-03-10T19:00:00Z","host":"relay","message":"{\"EventTime\":\"2026-03-10T18:04:05Z\",\"Hostname\":\"W\",\"EventID\":4624,\"Channel\":\"Security\"}"}"#;
    let record = record(text);
    assert_eq!(record.header.computer, "W");
    assert_eq!(
        record.header.provider,
        "Microsoft-Windows-Security-Auditing"
    );
    assert_eq!(record.header.time.rfc3339(), "2026-03-10T18:04:05.0000000Z");
}

#[test]
fn names_and_channels_are_inferred_only_where_they_follow() {
    let provider = |channel: &str, id: u32| {
        let text = format!(
            r#"{{"EventID":{id},"Channel":"{channel}","Computer":"W","TimeCreated":"2026-03-10T18:04:05Z"}}"#
        );
        record(&text).header.provider
    };
    assert_eq!(provider("System", 7045), "Service Control Manager");
    assert_eq!(provider("Security", 1102), "Microsoft-Windows-Eventlog");
    assert_eq!(
        provider("Microsoft-Windows-PowerShell/Operational", 4104),
        "Microsoft-Windows-PowerShell"
    );
    assert_eq!(provider("System", 1), "");
}

#[test]
fn changed_spellings_of_fields_are_undone() {
    let text = r#"{"event_id":1116,"provider_name":"Microsoft-Windows-Windows Defender","computer":"W",
        "time_created":1773165845.5,"event_data":{"Threat_Name":"HackTool:Win32/Winexe","path":"file:_C:\\x.exe"}}"#;
    let record = record(text);
    assert_eq!(record.data("Threat Name"), Some("HackTool:Win32/Winexe"));
    assert_eq!(record.data("Path"), Some("file:_C:\\x.exe"));
    assert_eq!(
        record.header.channel,
        "Microsoft-Windows-Windows Defender/Operational"
    );
}

#[test]
fn user_data_loses_only_its_wrapper() {
    let text = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Eventlog"}},"EventID":1102,
        "TimeCreated":{"#attributes":{"SystemTime":"2026-03-10T18:04:05Z"}},"EventRecordID":9,"Channel":"Security","Computer":"W","Security":null},
        "UserData":{"LogFileCleared":{"#attributes":{"xmlns":"x"},"SubjectUserName":"adm","SubjectLogonId":"0x5"}}}}"##;
    let record = record(text);
    let names: Vec<_> = record
        .data
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(names, ["SubjectUserName", "SubjectLogonId"]);
}

#[test]
fn what_is_no_event_is_said_to_be_none() {
    for text in [
        r#"{"a":1}"#,
        r#"{"index":{"_index":"x"}}"#,
        r#"{"eventID":"5f1c-uuid","eventSource":"signin.amazonaws.com","eventTime":"2026-03-10T18:04:05Z"}"#,
        r#"{"id":4624,"channel":"Security","time":"2026-03-10T18:04:05Z"}"#,
        r#"{"RuleTitle":"x","Channel":"Sec","EventID":4624,"Timestamp":"2026-03-10T18:04:05Z"}"#,
    ] {
        assert!(
            matches!(json(text), Err(Miss::Stranger(_))),
            "{text}: {:?}",
            json(text)
        );
    }
}

#[test]
fn an_event_without_a_time_is_damage() {
    for time in ["\"\"", "\"soon\"", "null", "{}"] {
        let text = format!(r#"{{"EventID":4624,"Channel":"Security","EventTime":{time}}}"#);
        assert!(matches!(json(&text), Err(Miss::Broken(_))), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_json_breaks_the_shapes(
        keys in proptest::collection::vec(proptest::sample::select(vec![
            "Event", "System", "EventData", "winlog", "winlog.event_id", "EventID", "#text",
            "Data", "Channel", "Provider", "TimeCreated", "@timestamp", "message", "Properties", "Value",
        ]), 1..12),
        leaves in proptest::collection::vec(proptest::sample::select(vec![
            "1", "\"\"", "null", "[]", "{}", "\"<Event\"", "\"{}\"", "1e99", "[[{}]]", "\"/Date(\"", "-1",
        ]), 12),
    ) {
        let mut text = String::new();
        for (place, (key, leaf)) in keys.iter().zip(&leaves).enumerate() {
            text = match place % 3 {
                0 => format!("{{\"{key}\":{leaf}{}}}", if text.is_empty() { String::new() } else { format!(",\"x\":{text}") }),
                1 => format!("{{\"{key}\":{text},\"EventID\":{leaf}}}"),
                _ => format!("{{\"{key}\":[{text},{leaf}],\"Channel\":\"S\"}}"),
            };
        }
        let _ = json(&text);
        let _ = read(Form::Xml, text.as_bytes());
    }
}
