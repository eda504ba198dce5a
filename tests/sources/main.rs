//! Event logs that reach the analyst in another form than EVTX tell the same story.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

mod archives;
mod broken;
mod collectors;
mod shapes;
mod stories;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::evidence::Record;
use dualuse::investigate::Snapshot;
use dualuse::timeline::Timeline;
use dualuse::timeline::load::{Options, Progress, load};
use serde_json::Value;
use tempfile::TempDir;

/// The event logs of a scenario, in a folder of their own.
fn evtx(scenario: &str) -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let story = root.join(format!("testdata/scenarios/{scenario}.toml"));
    let folder = TempDir::new().unwrap();
    for log in forge::scenario::load(&story).unwrap().build().unwrap() {
        let path = folder.path().join(&log.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &log.bytes).unwrap();
    }
    folder
}

fn read(path: &Path) -> Timeline {
    load(&[path.to_owned()], Options::default(), &Progress::default())
}

/// A folder with one file.
fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// Every record of a timeline, read again from its source.
fn records(timeline: &Timeline) -> Vec<Record> {
    timeline
        .indices()
        .map(|index| timeline.read(index).unwrap())
        .collect()
}

/// The alerts without where their events lie.
fn alerts(timeline: Timeline) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("source");
                members.remove("line");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let catalog = CATALOG.get_or_init(|| Catalog::built_in().unwrap());
    let snapshot = Snapshot::new(1, true, timeline.into(), catalog, &Environment::default());
    let alerts = snapshot.alerts.iter();
    alerts
        .map(|alert| {
            let mut value = serde_json::to_value(alert).unwrap();
            strip(&mut value);
            value
        })
        .collect()
}

fn assert_undamaged(timeline: &Timeline) {
    for source in timeline.sources() {
        assert_eq!(source.damage, [], "{}", source.path.display());
    }
}
