//! The bundled case under `testdata/logs` is exactly what its scenario says.

// The helpers of a test may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use forge::scenario;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_bundled_logs_are_what_the_scenario_writes() {
    let folder = testdata().join("logs");
    let built = scenario::load(&testdata().join("scenarios/evening.toml"))
        .unwrap()
        .build()
        .unwrap();
    let built: BTreeMap<PathBuf, Vec<u8>> =
        built.into_iter().map(|log| (log.path, log.bytes)).collect();
    let mut paths = Vec::new();
    files_below(&folder, &mut paths);
    let there: BTreeMap<PathBuf, Vec<u8>> = paths
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(&folder).unwrap().to_path_buf(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect();
    let remedy = "write them anew: rm -r testdata/logs; cargo run -p forge -- build testdata/scenarios/evening.toml -o testdata/logs";
    assert_eq!(
        built.keys().collect::<Vec<_>>(),
        there.keys().collect::<Vec<_>>(),
        "other files; {remedy}"
    );
    for (path, bytes) in &built {
        assert!(
            there.get(path) == Some(bytes),
            "{} differs; {remedy}",
            path.display()
        );
    }
}

#[test]
fn the_bundled_logs_stay_small() {
    let mut paths = Vec::new();
    files_below(&testdata().join("logs"), &mut paths);
    let total: u64 = paths
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    assert!(total < 8 << 20, "{total} bytes");
}
