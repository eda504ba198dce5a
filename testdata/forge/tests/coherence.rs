//! One thing that happened carries the same ids in every channel, and the parts of the bundled story are where they belong.

// The helpers of a test may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use evtx::EvtxParser;
use forge::scenario;
use serde_json::Value;

/// One event of the bundled case.
struct Event {
    host: String,
    channel: String,
    id: u64,
    record: u64,
    time: String,
    actor: String,
    data: Value,
}

impl Event {
    fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str) -> u64 {
        let value = &self.data[field];
        value.as_u64().unwrap_or_else(|| {
            u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
        })
    }
}

fn story() -> &'static [Event] {
    static STORY: OnceLock<Vec<Event>> = OnceLock::new();
    STORY.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/evening.toml");
        let mut events = Vec::new();
        for log in scenario::load(&path).unwrap().build().unwrap() {
            for record in EvtxParser::from_buffer(log.bytes)
                .unwrap()
                .records_json_value()
            {
                events.push(event(&record.unwrap().data["Event"]));
            }
        }
        events
    })
}

fn event(event: &Value) -> Event {
    let system = &event["System"];
    let id = system["EventID"]
        .as_u64()
        .or_else(|| system["EventID"]["#text"].as_u64())
        .unwrap();
    Event {
        host: system["Computer"]
            .as_str()
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned(),
        channel: system["Channel"].as_str().unwrap().to_owned(),
        id,
        record: system["EventRecordID"].as_u64().unwrap(),
        time: system["TimeCreated"]["#attributes"]["SystemTime"]
            .as_str()
            .unwrap()
            .to_owned(),
        actor: system["Security"]["#attributes"]["UserID"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        data: event["EventData"].clone(),
    }
}

fn of(host: &str, channel: &str, id: u64) -> impl Iterator<Item = &'static Event> {
    let (host, channel) = (host.to_owned(), channel.to_owned());
    story().iter().filter(move |event| {
        event.host == host && event.channel.contains(&channel) && event.id == id
    })
}

#[test]
fn record_ids_ascend_with_time_within_each_channel() {
    let mut channels: BTreeMap<(&str, &str), Vec<&Event>> = BTreeMap::new();
    for event in story() {
        channels
            .entry((&event.host, &event.channel))
            .or_default()
            .push(event);
    }
    for (channel, events) in channels {
        for pair in events.windows(2) {
            assert_eq!(pair[0].record + 1, pair[1].record, "{channel:?}");
            assert!(
                pair[0].time <= pair[1].time,
                "{channel:?} at {}",
                pair[1].record
            );
        }
    }
}

#[test]
fn security_and_sysmon_tell_of_the_same_processes() {
    for host in ["WS-1017", "WS-1088", "ADM-WS03"] {
        let sysmon: BTreeSet<(u64, &str)> = of(host, "Sysmon", 1)
            .map(|event| (event.number("ProcessId"), event.text("CommandLine")))
            .collect();
        let security: BTreeSet<(u64, &str)> = of(host, "Security", 4688)
            .map(|event| (event.number("NewProcessId"), event.text("CommandLine")))
            .collect();
        assert!(sysmon.len() > 50, "{host}");
        assert_eq!(sysmon, security, "{host}");
    }
}

#[test]
fn parents_are_who_they_say() {
    let mut known: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let starts = || {
        story()
            .iter()
            .filter(|event| event.channel.contains("Sysmon") && event.id == 1)
    };
    for event in starts() {
        let old = known.insert(
            event.text("ProcessGuid"),
            (event.number("ProcessId"), event.text("Image")),
        );
        assert!(
            old.is_none(),
            "{} is there twice",
            event.text("ProcessGuid")
        );
    }
    let mut found = 0;
    for event in starts() {
        if let Some((pid, image)) = known.get(event.text("ParentProcessGuid")) {
            found += 1;
            assert_eq!(
                (*pid, *image),
                (event.number("ParentProcessId"), event.text("ParentImage"))
            );
        }
    }
    assert!(found > 60, "{found}");
}

#[test]
fn the_help_desk_s_psexec_has_both_ends() {
    let client = of("ADM-WS03", "Sysmon", 1)
        .find(|event| event.number("ProcessId") == 7316)
        .unwrap();
    assert_eq!(client.text("OriginalFileName"), "psexec.c");
    let pipes: Vec<&str> = of("WS-1017", "Security", 5145)
        .map(|event| event.text("RelativeTargetName"))
        .collect();
    for end in ["stdin", "stdout", "stderr"] {
        assert!(pipes.contains(&format!("PSEXESVC-ADM-WS03-7316-{end}").as_str()));
    }
    let install = of("WS-1017", "Security", 4697)
        .find(|event| event.text("ServiceName") == "PSEXESVC")
        .unwrap();
    let share = of("WS-1017", "Security", 5145)
        .find(|event| event.text("RelativeTargetName") == "PSEXESVC.exe")
        .unwrap();
    assert_ne!(install.text("SubjectLogonId"), share.text("SubjectLogonId"));
    let logons: Vec<&Event> = of("WS-1017", "Security", 4624)
        .filter(|event| {
            event.text("TargetUserName") == "adm.lindqvist"
                && event.time.starts_with("2026-03-10T18:21:09")
        })
        .collect();
    assert_eq!(logons.len(), 5);
    assert!(
        logons
            .iter()
            .all(|event| event.text("LogonGuid") == logons[0].text("LogonGuid"))
    );
    assert!(
        logons
            .iter()
            .any(|event| event.text("TargetLogonId") == install.text("SubjectLogonId"))
    );
}

#[test]
fn winexe_comes_once_with_and_once_without_an_installation() {
    let installed: Vec<&str> = story()
        .iter()
        .filter(|event| event.id == 7045 && event.text("ServiceName") == "winexesvc")
        .map(|event| {
            assert_eq!(event.text("ImagePath"), "winexesvc.exe");
            assert!(event.actor.ends_with("-1204"));
            event.host.as_str()
        })
        .collect();
    assert_eq!(
        installed.iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([&"FS01", &"SRV-APP02", &"WS-1017", &"WS-1042"])
    );
    assert_eq!(installed.len(), 4);
    // The service's process is 6112, which is 0x17e0.
    let pipes: BTreeSet<&str> = of("WS-1017", "Sysmon", 17)
        .map(|event| event.text("PipeName"))
        .collect();
    assert!(pipes.contains(r"\ahexec_stdin17e00001") && pipes.contains(r"\ahexec_stderr17e00002"));
}

#[test]
fn the_file_server_s_security_log_begins_with_its_clearing() {
    let first = story()
        .iter()
        .find(|event| event.host == "FS01" && event.channel == "Security")
        .unwrap();
    assert_eq!(first.id, 1102);
    assert!(first.time.starts_with("2026-03-10T21:09"), "{}", first.time);
    assert!(of("FS01", "System", 7045).any(|event| event.text("ServiceName") == "wuausvc2"));
    assert!(
        of("FS01", "Sysmon", 1)
            .any(|event| event.text("CommandLine").contains("comsvcs.dll, MiniDump"))
    );
}

#[test]
fn session_zero_holds_the_two_user_processes_and_the_tools() {
    let users: BTreeSet<(&str, &str)> = story()
        .iter()
        .filter(|event| {
            event.channel.contains("Sysmon")
                && event.id == 1
                && event.number("TerminalSessionId") == 0
        })
        .filter(|event| event.number("LogonId") > 0x3e7)
        .map(|event| (event.host.as_str(), event.text("User")))
        .collect();
    let expected = [
        ("FS01", r"NORDHAVN\svc-ossim"),
        ("WS-1017", r"NORDHAVN\m.falk"),
        ("WS-1017", r"NORDHAVN\svc-ossim"),
        ("WS-1088", r"NORDHAVN\adm.lindqvist"),
    ];
    assert_eq!(users, BTreeSet::from(expected));
}

#[test]
fn one_clock_is_ninety_seconds_ahead() {
    let there = of("WS-1042", "System", 7045)
        .find(|event| event.text("ServiceName") == "PSEXESVC")
        .unwrap();
    assert!(
        there.time.starts_with("2026-03-10T18:36:18"),
        "{}",
        there.time
    );
}
