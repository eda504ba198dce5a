//! A case outlives the way its evidence lies on disk: copies elsewhere, logs cut or put together,
//! logs added.
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

use dualuse::case::{Case, Decision, State, Transition};
use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::evidence::CHUNK_SIZE;
use dualuse::investigate::{Alert, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};
use tempfile::TempDir;

/// Bytes before the first chunk of an EVTX file.
const FILE_HEADER: usize = 4096;

fn logs(host: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/logs")
        .join(host);
    dualuse::evidence::discover::discover(&[folder]).files
}

fn alerts(inputs: &[PathBuf]) -> Vec<Alert> {
    let timeline = load(inputs, Options::default(), &Progress::default());
    let catalog = Catalog::built_in().unwrap();
    let environment = Environment::default();
    let snapshot = Snapshot::new(1, true, timeline.into(), &catalog, &environment);
    snapshot.alerts.to_vec()
}

/// Escalates every alert.
fn decided(alerts: &[Alert]) -> Case {
    let mut case = Case::in_memory("ana").unwrap();
    let decision = Decision::new(Transition::Escalated)
        .with("escalated_to", "Incident response")
        .with("why", "not ours")
        .with("severity", "high")
        .with("next_owner", "Kim");
    let every: Vec<&Alert> = alerts.iter().collect();
    let result = case.decide_all(&every, &decision, &[]).unwrap();
    assert_eq!(result.saved.len(), alerts.len());
    case
}

fn assert_all_closed(case: &Case, alerts: &[Alert]) {
    assert!(!alerts.is_empty());
    for alert in alerts {
        let triage = case.triage(alert);
        assert_eq!(triage.state, State::Closed, "{}", alert.title);
        assert_eq!(triage.stale, None, "{}", alert.title);
    }
}

#[test]
fn a_copy_elsewhere_keeps_every_decision() {
    let before = logs("WS-1017");
    let case = decided(&alerts(&before));
    let elsewhere = TempDir::new().unwrap();
    for (number, file) in before.iter().enumerate() {
        fs::copy(file, elsewhere.path().join(format!("{number}.evtx"))).unwrap();
    }
    assert_all_closed(&case, &alerts(&[elsewhere.path().to_owned()]));
}

#[test]
fn cut_and_put_together_logs_keep_every_decision() {
    let before = logs("WS-1017");
    let whole = alerts(&before);
    let folder = TempDir::new().unwrap();
    for (number, file) in before.iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        let (head, chunks) = bytes.split_at(FILE_HEADER);
        for (part, chunk) in chunks.chunks(CHUNK_SIZE).enumerate() {
            let path = folder.path().join(format!("{number}-{part}.evtx"));
            fs::write(path, [head, chunk].concat()).unwrap();
        }
    }
    let cut = alerts(&[folder.path().to_owned()]);
    assert_all_closed(&decided(&whole), &cut);
    assert_all_closed(&decided(&cut), &whole);
}

#[test]
fn added_logs_make_only_those_decisions_stale_whose_evidence_grew() {
    let everything = logs("WS-1017");
    let few: Vec<PathBuf> = everything
        .iter()
        .filter(|path| path.ends_with("System.evtx"))
        .cloned()
        .collect();
    let before = alerts(&few);
    let case = decided(&before);
    let after = alerts(&everything);
    let known: Vec<&Alert> = after
        .iter()
        .filter(|alert| !case.triage(alert).history.is_empty())
        .collect();
    assert_eq!(known.len(), before.len(), "a decision lost its alert");
    let grew = |alert: &&&Alert| {
        let same = before.iter().find(|earlier| {
            let anchor = earlier.sightings[0].event.content_key();
            alert
                .sightings
                .iter()
                .any(|sighting| sighting.event.content_key() == anchor)
        });
        same.is_some_and(|earlier| alert.evidence().count() > earlier.evidence().count())
    };
    let growing: Vec<&&Alert> = known.iter().filter(grew).collect();
    assert!(!growing.is_empty(), "nothing grew");
    for alert in growing {
        let triage = case.triage(alert);
        assert_eq!(triage.state, State::Closed);
        assert!(
            triage.stale.is_some() && triage.is_open(),
            "{}",
            alert.title
        );
    }
}
