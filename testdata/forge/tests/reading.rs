//! What the forge writes, an independent reader reads back: every record, every field.

// The helpers of a test may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use evtx::{EvtxParser, ParserSettings};
use forge::scenario::{self, LogFile};
use serde_json::Value;

/// Every record of a log, with checksums verified.
fn read(log: &LogFile) -> Vec<Value> {
    let settings = ParserSettings::default()
        .validate_checksums(true)
        .num_threads(1);
    let parser = EvtxParser::from_buffer(log.bytes.clone()).unwrap();
    let mut parser = parser.with_configuration(settings);
    let records = parser
        .records_json_value()
        .map(|record| record.map(|record| record.data));
    records
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{}: {error}", log.path.display()))
}

fn build(text: &str) -> Vec<LogFile> {
    scenario::from_text(text).unwrap().build().unwrap()
}

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    paths
}

/// The number of records that the headers of a log promise.
fn promised(log: &LogFile) -> usize {
    let number = |at: usize| u64::from_le_bytes(log.bytes[at..at + 8].try_into().unwrap());
    let chunks = (log.bytes.len() - 4096) / 65536;
    let count = |chunk: usize| {
        let at = 4096 + chunk * 65536;
        let (first, last) = (number(at + 8), number(at + 16));
        usize::try_from(last - first + 1).unwrap()
    };
    (0..chunks).map(count).sum()
}

#[test]
fn every_scenario_is_read_back_whole() {
    for path in scenarios() {
        // That one is broken on purpose; it has tests of its own.
        if path.ends_with("damaged.toml") {
            continue;
        }
        for log in scenario::load(&path).unwrap().build().unwrap() {
            assert_eq!(
                read(&log).len(),
                promised(&log),
                "{}: {}",
                path.display(),
                log.path.display()
            );
        }
    }
}

#[test]
fn a_scenario_gives_the_same_bytes_twice() {
    for path in scenarios() {
        let first = scenario::load(&path).unwrap().build().unwrap();
        assert!(
            first == scenario::load(&path).unwrap().build().unwrap(),
            "{}",
            path.display()
        );
    }
}

#[test]
fn system_fields_are_what_windows_writes() {
    let logs = build(
        r#"
        seed = 1
        [hosts.WS1]
        [[event]]
        at = "2026-03-10T18:00:01.2345678Z"
        host = "WS1"
        kind = "scm-7045"
        record = 4711
        user = "S-1-5-21-1-2-3-1106"
        ServiceName = "winexesvc"
        ImagePath = "winexesvc.exe"
        "#,
    );
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].path, Path::new("WS1/System.evtx"));
    let records = read(&logs[0]);
    let system = &records[0]["Event"]["System"];
    assert_eq!(
        system["Provider"]["#attributes"]["Name"],
        "Service Control Manager"
    );
    assert_eq!(
        system["Provider"]["#attributes"]["EventSourceName"],
        "Service Control Manager"
    );
    assert_eq!(system["EventID"]["#text"], 7045);
    assert_eq!(system["EventID"]["#attributes"]["Qualifiers"], 16384);
    assert_eq!(system["Keywords"], "0x8080000000000000");
    assert_eq!(
        system["TimeCreated"]["#attributes"]["SystemTime"],
        "2026-03-10T18:00:01.2345678Z"
    );
    assert_eq!(system["EventRecordID"], 4711);
    assert_eq!(system["Computer"], "WS1.nordhavn.example");
    assert_eq!(
        system["Security"]["#attributes"]["UserID"],
        "S-1-5-21-1-2-3-1106"
    );
    assert_eq!(system["Correlation"], Value::Null);
    assert_eq!(
        records[0]["Event"]["EventData"]["AccountName"],
        "LocalSystem"
    );
}

#[test]
fn user_data_and_unnamed_data_have_their_own_shapes() {
    let logs = build(
        r#"
        [hosts.WS1]
        [[event]]
        host = "WS1"
        kind = "log-cleared"
        channel = "Security"
        [[event]]
        host = "WS1"
        kind = "symantec-51"
        Data = ["Security Risk Found!", "winexesvc.exe"]
        "#,
    );
    let application = read(
        logs.iter()
            .find(|log| log.path.ends_with("Application.evtx"))
            .unwrap(),
    );
    assert_eq!(
        application[0]["Event"]["EventData"]["Data"]["#text"],
        serde_json::json!(["Security Risk Found!", "winexesvc.exe"])
    );
    let security = read(
        logs.iter()
            .find(|log| log.path.ends_with("Security.evtx"))
            .unwrap(),
    );
    assert_eq!(
        security[0]["Event"]["UserData"]["LogFileCleared"]["SubjectUserName"],
        "SYSTEM"
    );
}

/// Text of every kind that a record may hold, drawn from a seed: no two runs differ.
fn some_text(seed: u64, length: usize) -> String {
    let alphabet: Vec<char> = "aZ09 \\\"'<>&%${\u{7f}\u{1b}\u{202e}\u{200b}åØß€日本語🛠\t"
        .chars()
        .filter(|c| *c != '$')
        .collect();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length)
        .map(|_| alphabet[usize::try_from(next()).unwrap_or(0) % alphabet.len()])
        .collect()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[test]
fn any_text_comes_back_as_it_was_written() {
    for (seed, length) in (0..60_u64).zip(
        [0, 1, 2, 3, 17, 80, 255, 256, 1000, 4000]
            .into_iter()
            .cycle(),
    ) {
        let text = some_text(seed, length);
        let logs = build(&format!(
            "[hosts.WS1]\n[[event]]\nhost = \"WS1\"\nkind = \"scm-7045\"\nServiceName = {}\nImagePath = \"x\"\n",
            quoted(&text)
        ));
        let records = read(&logs[0]);
        assert_eq!(
            records[0]["Event"]["EventData"]["ServiceName"],
            Value::String(text),
            "seed {seed}, length {length}"
        );
    }
}

#[test]
fn typed_values_come_back_as_they_were_written() {
    let logs = build(
        r#"
        [hosts.WS1]
        [[event]]
        host = "WS1"
        kind = "any"
        provider = "Test-Provider"
        guid = "0d2f1c4e-6a3b-4f7d-9c55-1a2b3c4d5e6f"
        channel = "Test/Operational"
        id = 9
        version = 255
        fields = [
          "a:u8=255", "b:u16=65535", "c:u32=4294967295", "d:u64=18446744073709551615", "e:i32=-7", "f:hex32=0xdeadbeef",
          "g:hex64=0x1375fbd00000001", "h:bool=true", "i:guid={5770385F-C22A-43E0-BF4C-06F5698FFBD9}", "j:sid=S-1-5-21-1-2-3-500",
          "k:filetime=2026-03-10T18:00:00.5Z", "m:pointer=0x1c94",
        ]
        "#,
    );
    let records = read(&logs[0]);
    let data = &records[0]["Event"]["EventData"];
    let expected = serde_json::json!({
        "a": 255, "b": 65535, "c": 4_294_967_295_u32, "d": u64::MAX, "e": -7, "f": "0xdeadbeef", "g": "0x1375fbd00000001",
        "h": true, "i": "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", "j": "S-1-5-21-1-2-3-500",
        "k": "2026-03-10T18:00:00.5000000Z", "m": "0x1c94",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&data[field], value, "{field}");
    }
    assert_eq!(records[0]["Event"]["System"]["Version"], 255);
}

/// The largest text that fits a record, and one character more.
#[test]
fn text_up_to_the_size_of_a_chunk_is_written_and_more_is_refused() {
    let with = |length: usize| {
        let text = format!(
            "[hosts.WS1]\n[[event]]\nhost = \"WS1\"\nkind = \"scm-7045\"\nServiceName = \"{}\"\nImagePath = \"x\"\n",
            "x".repeat(length)
        );
        scenario::from_text(&text).unwrap().build()
    };
    let (mut fits, mut fails) = (1000, 40_000);
    while fails - fits > 1 {
        let middle = (fits + fails) / 2;
        if with(middle).is_ok() {
            fits = middle;
        } else {
            fails = middle;
        }
    }
    assert!(fits > 30_000, "{fits}");
    let records = read(&with(fits).unwrap()[0]);
    assert_eq!(
        records[0]["Event"]["EventData"]["ServiceName"]
            .as_str()
            .unwrap()
            .len(),
        fits
    );
    for length in [fails, 32_767, 32_768, 70_000] {
        let error = with(length).unwrap_err().to_string();
        assert!(error.contains("shorten"), "{error}");
    }
}

/// Many records of many sizes, so that chunks end everywhere.
#[test]
fn records_run_over_chunk_ends_without_loss() {
    let mut text = "[hosts.WS1]\nrecords = { System = 5000 }\n".to_owned();
    for number in 0..900_u64 {
        let length = usize::try_from(number * 37 % 700).unwrap();
        text += &format!(
            "[[event]]\nat = \"+1s\"\nhost = \"WS1\"\nkind = \"scm-7045\"\nServiceName = {}\nImagePath = \"n{number}\"\n",
            quoted(&some_text(number, length))
        );
    }
    let logs = build(&text);
    let records = read(&logs[0]);
    assert_eq!(records.len(), 900);
    assert!(logs[0].bytes.len() > 4096 + 5 * 65536);
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record["Event"]["System"]["EventRecordID"], 5000 + number);
        assert_eq!(
            record["Event"]["EventData"]["ImagePath"],
            format!("n{number}")
        );
    }
}

#[test]
fn a_bulk_log_holds_what_was_ordered() {
    let mut out = std::io::Cursor::new(Vec::new());
    let bulk = forge::bulk::Bulk {
        records: 3000,
        planted: 7,
        seed: 3,
    };
    bulk.write(&mut out).unwrap();
    let log = LogFile {
        path: "bulk.evtx".into(),
        bytes: out.into_inner(),
    };
    let records = read(&log);
    assert_eq!(records.len(), 3000);
    let installed = records
        .iter()
        .filter(|record| record["Event"]["EventData"]["ServiceName"] == "PSEXESVC");
    assert_eq!(installed.count(), 7);
}

/// Each kind in each of its layouts, with nothing but defaults: the fields come back by name and in order.
#[test]
fn every_kind_and_layout_can_be_written() {
    for (name, kind) in forge::kind::kinds().unwrap() {
        for layout in kind.layout_names() {
            let text = format!(
                "[hosts.WS1]\n[[event]]\nhost = \"WS1\"\nkind = \"{name}\"\nlayout = \"{layout}\"\n"
            );
            let logs = build(&text);
            let layout = kind.layout(Some(layout)).unwrap();
            let event = &read(&logs[0])[0]["Event"];
            let system = &event["System"];
            let id = system["EventID"]
                .as_u64()
                .or_else(|| system["EventID"]["#text"].as_u64());
            assert_eq!(id, Some(u64::from(layout.event_id)), "{name}");
            assert_eq!(system["Channel"], layout.provider.channel, "{name}");
            let data = match &layout.body {
                forge::kind::Body::User(element, _) => &event["UserData"][element],
                _ => &event["EventData"],
            };
            let read: Vec<&String> = data
                .as_object()
                .map_or(Vec::new(), |fields| fields.keys().collect());
            for field in layout
                .fields
                .iter()
                .filter(|field| !matches!(field.name.as_str(), "Binary" | "Data"))
            {
                assert!(
                    read.contains(&&field.name),
                    "{name}: {} is not in {read:?}",
                    field.name
                );
            }
        }
    }
}
