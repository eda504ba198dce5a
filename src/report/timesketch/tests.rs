//! The checks of Timesketch's importer, written from its rules.

use chrono::DateTime;
use serde_json::Value;

use crate::case::Case;
use crate::case::sample::{alert, suspicious};
use crate::report::{Format, Options, Report};
use crate::timeline::Timeline;

const RESERVED: [&str; 5] = ["_id", "_type", "_index", "_source", "__ts_timeline_id"];

fn written(format: Format) -> String {
    let mut hostile = suspicious("FS02", &[10]);
    hostile.title = "=1+1\r\nforged,row".to_owned();
    hostile.tool = "a,b".to_owned();
    let mut ancient = alert("FS03", &[11]);
    ancient.sightings[0].event.time = crate::event::Time::MIN;
    let alerts = [alert("FS01", &[10, 11]), hostile, ancient];
    let mut case = Case::in_memory("ana").unwrap();
    case.note(&alerts[0], "two\nlines").unwrap();
    Report {
        timeline: &Timeline::default(),
        alerts: &alerts,
        case: &case,
        options: Options::default(),
    }
    .to_text(format)
    .unwrap()
}

/// `datetime` has an offset and a year that pandas holds, and is the moment of `timestamp`.
fn check_times(datetime: &str, timestamp: i64) {
    let time = DateTime::parse_from_rfc3339(datetime).unwrap();
    assert!(datetime.ends_with("+00:00"), "{datetime}");
    assert_eq!(time.timestamp_micros(), timestamp);
    assert!((1700..2262).contains(&chrono::Datelike::year(&time)));
}

#[test]
fn json_lines_pass_the_importer() {
    let text = written(Format::TimesketchJsonl);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() >= 3);
    for line in &lines {
        let object = line.as_object().unwrap();
        assert!(object.len() <= 60);
        assert!(RESERVED.iter().all(|name| !object.contains_key(*name)));
        for key in ["message", "datetime", "timestamp_desc"] {
            assert_ne!(object[key].as_str().unwrap(), "", "{key}");
        }
        check_times(
            object["datetime"].as_str().unwrap(),
            object["timestamp"].as_i64().unwrap(),
        );
        for tag in object["tag"].as_array().unwrap() {
            assert!(!tag.as_str().unwrap().contains(','));
        }
    }
    let about = |alert: &str| {
        lines
            .iter()
            .filter(|line| line["alert_id"] == alert && line["timestamp_desc"] == "Tool sighted")
            .count()
    };
    assert_eq!(
        (about("FS01-10"), about("FS02-10"), about("FS03-11")),
        (2, 1, 0)
    );
}

#[test]
fn csv_passes_the_importer() {
    let text = written(Format::Timesketch);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    assert!(head.len() <= 60);
    assert!(
        RESERVED
            .iter()
            .all(|name| head.iter().all(|column| column != *name))
    );
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(rows.len() >= 3);
    assert_eq!(
        text.lines().count(),
        rows.len() + 1,
        "a cell holds a line break"
    );
    for row in &rows {
        assert_ne!(&row[at("message")], "");
        check_times(&row[at("datetime")], row[at("timestamp")].parse().unwrap());
        assert!(row.iter().all(|cell| !cell.starts_with('=')));
    }
    assert!(
        rows.iter()
            .any(|row| row[at("tag")].contains("triage:red-flag"))
    );
}
