//! What must not change an alert: the order of files, copies, how a log is cut, unrelated hosts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::evidence::CHUNK_SIZE;
use dualuse::investigate::Snapshot;
use dualuse::timeline::load::{Options, Progress, load};
use serde_json::Value;
use tempfile::TempDir;

/// Bytes before the first chunk of an EVTX file.
const FILE_HEADER: usize = 4096;

fn bundled() -> Vec<PathBuf> {
    let logs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    dualuse::evidence::discover::discover(&[logs]).files
}

fn investigate(folders: &[&Path]) -> Snapshot {
    let folders: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    let timeline = load(&folders, Options::default(), &Progress::default());
    Snapshot::new(
        1,
        true,
        timeline.into(),
        &Catalog::built_in().unwrap(),
        &Environment::default(),
    )
}

/// The alerts without the paths of their sources.
fn content(snapshot: &Snapshot) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("source");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    snapshot
        .alerts
        .iter()
        .map(|alert| {
            let mut value = serde_json::to_value(alert).unwrap();
            strip(&mut value);
            value
        })
        .collect()
}

fn expected() -> Vec<Value> {
    let logs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    content(&investigate(&[&logs]))
}

fn assert_same(found: &[Value], expected: &[Value]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let folder = TempDir::new().unwrap();
    for (number, file) in bundled().iter().rev().enumerate() {
        fs::copy(file, folder.path().join(format!("{number:04}.evtx"))).unwrap();
    }
    assert_same(&content(&investigate(&[folder.path()])), &expected());
}

#[test]
fn a_second_copy_of_everything_is_only_counted() {
    let folder = TempDir::new().unwrap();
    for (number, file) in bundled().iter().enumerate() {
        fs::copy(file, folder.path().join(format!("{number}-first.evtx"))).unwrap();
        fs::copy(file, folder.path().join(format!("{number}-second.evtx"))).unwrap();
    }
    let twice = investigate(&[folder.path()]);
    assert_eq!(
        twice.timeline.duplicate_count(),
        twice.timeline.len() as u64
    );
    assert_same(&content(&twice), &expected());
}

#[test]
fn cutting_logs_into_their_chunks_changes_nothing() {
    let folder = TempDir::new().unwrap();
    for (number, file) in bundled().iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        let (head, chunks) = bytes.split_at(FILE_HEADER);
        for (part, chunk) in chunks.chunks(CHUNK_SIZE).enumerate() {
            let path = folder.path().join(format!("{number}-{part}.evtx"));
            fs::write(path, [head, chunk].concat()).unwrap();
        }
    }
    assert_same(&content(&investigate(&[folder.path()])), &expected());
}

#[test]
fn an_unrelated_host_changes_no_alert() {
    let story = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/scenarios/cobalt-strike-unc-self.toml");
    let folder = TempDir::new().unwrap();
    let scenario = forge::scenario::load(&story).unwrap();
    for log in scenario.build().unwrap() {
        let path = folder.path().join(&log.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &log.bytes).unwrap();
    }
    let logs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    let with = investigate(&[&logs, folder.path()]);
    let is_stranger = |host: &str| host.split('.').next() == Some("SRV-1");
    assert!(
        with.timeline.hosts().any(|(_, host)| is_stranger(host)),
        "the stranger is loaded"
    );
    let alerts = content(&with);
    let known: Vec<Value> = alerts
        .into_iter()
        .filter(|alert| !is_stranger(alert["host"].as_str().unwrap()))
        .collect();
    assert_same(&known, &expected());
}
