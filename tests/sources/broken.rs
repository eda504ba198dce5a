//! Text that is broken, strange or says too little.

use std::fs;

use dualuse::evidence::{ReadError, open};
use proptest::prelude::*;

use super::shapes::SHAPES;
use super::{evtx, file, read, records};

fn lines() -> Vec<String> {
    let folder = evtx("psexec-classic");
    let records = records(&read(folder.path()));
    records
        .iter()
        .map(|record| SHAPES[0].1(record).to_string())
        .collect()
}

#[test]
fn a_broken_line_is_named_and_costs_only_itself() {
    let mut lines = lines();
    let whole = lines.len();
    lines[2] = lines[2][..40].to_owned();
    lines.insert(4, "garbage".to_owned());
    let (_folder, path) = file("log.jsonl", lines.join("\n"));
    let timeline = read(&path);
    assert_eq!(timeline.len(), whole - 1);
    let damage = &timeline.sources()[0].damage;
    let reasons: Vec<_> = damage.iter().map(|damage| damage.reason.as_str()).collect();
    assert!(reasons[0].starts_with("line 3: "), "{reasons:?}");
    assert_eq!(reasons[1..], ["line 5: no JSON object"]);
    assert_eq!(damage[0].bytes, 40);
}

#[test]
fn a_thousand_broken_lines_are_counted_not_listed() {
    let mut lines = lines();
    let whole = lines.len();
    lines.extend((0..1000).map(|_| "{\"Event\":".to_owned()));
    let (_folder, path) = file("log.jsonl", lines.join("\n"));
    let timeline = read(&path);
    assert_eq!(timeline.len(), whole);
    let damage = &timeline.sources()[0].damage;
    assert!(damage.len() < 5);
    let last = &damage.last().unwrap().reason;
    assert!(last.ends_with("; and 997 more after it"), "{last}");
}

#[test]
fn records_of_other_programs_are_counted_as_such() {
    let mut lines = lines();
    let whole = lines.len();
    lines.insert(1, r#"{"index":{"_id":"1"}}"#.to_owned());
    lines.push(r#"{"host":"lnx01","program":"sshd","message":"Accepted publickey"}"#.to_owned());
    let (_folder, path) = file("log.ndjson", lines.join("\n"));
    let timeline = read(&path);
    let source = &timeline.sources()[0];
    assert_eq!((timeline.len(), source.strangers), (whole, 2));
    assert_eq!(source.damage, []);
    let remark = "2 records are no Windows events and were passed over";
    assert_eq!(source.remarks(), [remark]);
}

/// Two services installed in the same second, as a collector writes it that drops record ids.
const WITHOUT_ID: &str = r#"{"EventTime":"2026-03-10 18:04:05","Hostname":"SRV-1","Channel":"System","SourceName":"Service Control Manager","EventID":7045,"ServiceName":"PSEXESVC","ImagePath":"%SystemRoot%\\PSEXESVC.exe","ServiceType":"user mode service","StartType":"demand start","AccountName":"LocalSystem"}

{"EventTime":"2026-03-10 18:04:05","Hostname":"SRV-1","Channel":"System","SourceName":"Service Control Manager","EventID":7045,"ServiceName":"winexesvc","ImagePath":"winexesvc.exe","ServiceType":"user mode service","StartType":"demand start","AccountName":"LocalSystem"}
"#;

#[test]
fn events_without_record_id_are_kept_apart_and_cited_by_line() {
    let (folder, path) = file("log.json", WITHOUT_ID);
    fs::copy(&path, folder.path().join("copy.json")).unwrap();
    let timeline = read(folder.path());
    assert_eq!((timeline.len(), timeline.duplicate_count()), (2, 2));
    let cited: Vec<_> = timeline
        .indices()
        .map(|index| dualuse::investigate::cite(&timeline, index).unwrap())
        .collect();
    let mut numbers: Vec<_> = cited
        .iter()
        .map(|event| (event.record_id, event.line))
        .collect();
    numbers.sort();
    assert_eq!(numbers, [(None, Some(1)), (None, Some(3))]);
    assert_ne!(cited[0].content_key(), cited[1].content_key());
    let source = &timeline.sources()[0];
    let remark = "2 events have a time without zone, taken as UTC";
    assert_eq!(source.remarks(), [remark]);
    assert_eq!(source.first_record_id, None);
    for index in timeline.indices() {
        let record = timeline.read(index).unwrap();
        assert!(record.xml.starts_with("{\"EventTime\""), "{}", record.xml);
    }
}

#[test]
fn two_lines_that_say_the_same_are_two_events() {
    let line = WITHOUT_ID.lines().next().unwrap();
    let (folder, path) = file("log.json", format!("{line}\n{line}\n"));
    assert_eq!(read(&path).len(), 2);
    fs::copy(&path, folder.path().join("copy.json")).unwrap();
    let timeline = read(folder.path());
    assert_eq!((timeline.len(), timeline.duplicate_count()), (2, 2));
}

#[test]
fn a_changed_file_is_noticed_when_a_record_is_read_again() {
    let (_folder, path) = file("log.json", WITHOUT_ID);
    let timeline = read(&path);
    fs::write(&path, WITHOUT_ID.replace("PSEXESVC", "other")).unwrap();
    let outcomes = timeline.indices().map(|index| timeline.read(index));
    let failed = outcomes.filter(|read| matches!(read, Err(ReadError::Gone { .. })));
    assert_eq!(failed.count(), 1);
}

#[test]
fn a_folder_is_searched_for_logs_by_content() {
    let (folder, _) = file("events.log", WITHOUT_ID);
    for (name, content) in [
        ("package.json", "{\"name\":\"x\",\"version\":\"1\"}"),
        ("data.json", "[1,2,3]"),
        (
            "config.xml",
            "<configuration><Event>no</Event></configuration>",
        ),
        ("notes.txt", "text"),
        ("empty.json", ""),
        ("hayabusa.jsonl", HAYABUSA),
        ("events.dat", WITHOUT_ID),
        ("prices.csv", "item,price\nnails,2\n"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let timeline = read(folder.path());
    let names: Vec<_> = timeline
        .sources()
        .iter()
        .map(|source| source.path.file_name().unwrap())
        .collect();
    assert_eq!(names, ["events.log"]);
}

const HAYABUSA: &str = r#"{"Timestamp":"2026-03-10 18:04:05.000 +00:00","RuleTitle":"PSExec Lateral Movement","Level":"high","Computer":"SRV-1","Channel":"Sys","EventID":7045,"RecordID":3,"Details":{"Svc":"PSEXESVC"}}"#;

#[test]
fn what_is_no_log_is_refused_with_the_reason_when_named() {
    for (name, content, reason) in [
        ("h.jsonl", HAYABUSA, "a result of Hayabusa, no log"),
        ("a.json", "{\"a\":1,\"b\":2}", "no Windows event"),
        ("a.xml", "<a/>", "XML without <Event> elements"),
        (
            "a.txt",
            "hello",
            "neither `ElfFile` nor JSON, XML or a table",
        ),
        ("a.json", "", "it is empty"),
        ("a.evtx", "hello", "it has only 5 bytes"),
    ] {
        let (_folder, path) = file(name, content);
        let opened = open(&path);
        let [Err(error @ ReadError::NotAnEventLog { .. })] = opened.as_slice() else {
            panic!("{name}: {opened:?}");
        };
        assert!(error.to_string().contains(reason), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_bytes_break_the_readers(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        at in 0usize..2000,
        begin in proptest::sample::select(vec!["", "{", "[", "<Event ", "PK\u{3}\u{4}", "\u{feff}{"]),
    ) {
        let mut content = [begin.as_bytes(), WITHOUT_ID.as_bytes()].concat();
        let at = at.min(content.len());
        content.splice(at..at, bytes);
        for name in ["x.json", "x.xml", "x.zip"] {
            let (_folder, path) = file(name, &content);
            let timeline = read(&path);
            for index in timeline.indices() {
                prop_assert!(timeline.read(index).is_ok());
            }
        }
    }
}
