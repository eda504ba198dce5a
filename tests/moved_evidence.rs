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

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use dualuse::case::{Case, Decision, State, Transition};
use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::evidence::CHUNK_SIZE;
use dualuse::investigate::{Alert, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};
use serde_json::{Value, json};
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

/// The program, with the case in a folder of its own.
struct Desk(TempDir);

impl Desk {
    /// What it prints.
    fn says(&self, evidence: &Path, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_dualuse"))
            .args(arguments)
            .arg(evidence)
            .arg("--case")
            .arg(self.0.path().join("a.dualuse-case"))
            .env("DUALUSE_AUTHOR", "ana")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The alerts that somebody worked on, with where the work stands.
    fn worked_on(&self, evidence: &Path) -> Vec<Value> {
        let list = self.says(evidence, &["triage", "list", "--json"]);
        let alerts = list.lines().map(|line| serde_json::from_str(line).unwrap());
        alerts
            .filter(|alert: &Value| alert["triage"]["author"] == "ana")
            .collect()
    }

    /// Escalates every alert, with a note to the first that points at its first trace.
    fn escalate_all(&self, evidence: &Path) -> usize {
        let alerts = alerts(&[evidence.to_owned()]);
        let fields = json!({"escalated_to": "IR", "why": "not ours", "severity": "high", "next_owner": "Kim"});
        let orders = alerts.iter().map(|alert| {
            json!({"alert": alert.id, "transition": "escalated", "fields": fields}).to_string()
        });
        let orders: Vec<String> = orders.collect();
        let file = self.0.path().join("orders");
        fs::write(&file, orders.join("\n")).unwrap();
        let answers = self.says(
            evidence,
            &["triage", "decide", "--json", file.to_str().unwrap()],
        );
        assert_eq!(answers.matches("\"closed\"").count(), alerts.len());
        let first = &alerts[0].sightings[0].event;
        let record = first.record_id.unwrap();
        let record = format!("--event={}/{}/{record}", first.host, first.channel);
        let id = alerts[0].id.as_str();
        self.says(
            evidence,
            &["triage", "note", "--alert", id, "--text", "see", &record],
        );
        alerts.len()
    }
}

/// What every case says after its evidence moved: all is decided, nothing is stale, and the notes
/// lead to events of this evidence.
fn assert_decided(desk: &Desk, evidence: &Path, count: usize) {
    let alerts = desk.worked_on(evidence);
    assert_eq!(alerts.len(), count, "{}", evidence.display());
    for alert in &alerts {
        let triage = &alert["triage"];
        assert_eq!(triage["disposition"], "escalated", "{alert}");
        assert_eq!(triage["stale"], Value::Null, "{alert}");
    }
    let csv = desk.says(evidence, &["export", "--format=timesketch"]);
    assert!(
        csv.contains("noted by ana"),
        "the link leads nowhere: {csv}"
    );
}

/// The logs of a host in a folder, changed on the way.
fn laid_out(host: &str, lay: impl Fn(usize, Vec<u8>) -> Vec<(String, Vec<u8>)>) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (number, file) in logs(host).iter().enumerate() {
        for (name, bytes) in lay(number, fs::read(file).unwrap()) {
            let path = folder.path().join(name);
            let mut file = File::options()
                .create(true)
                .append(true)
                .open(path)
                .unwrap();
            file.write_all(&bytes).unwrap();
        }
    }
    folder
}

#[test]
fn copied_split_and_merged_logs_keep_every_decision_note_and_link() {
    let desk = Desk(TempDir::new().unwrap());
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/logs/WS-1017");
    let count = desk.escalate_all(&host);
    assert_decided(&desk, &host, count);

    let copy = laid_out("WS-1017", |number, bytes| {
        vec![(format!("{number}.evtx"), bytes)]
    });
    assert_decided(&desk, copy.path(), count);

    let split = laid_out("WS-1017", |number, bytes| {
        let (head, chunks) = bytes.split_at(FILE_HEADER);
        let parts = chunks.chunks(CHUNK_SIZE).enumerate();
        parts
            .map(|(part, chunk)| (format!("{number}-{part}.evtx"), [head, chunk].concat()))
            .collect()
    });
    assert_decided(&desk, split.path(), count);

    let merged = laid_out("WS-1017", |number, bytes| {
        let begin = if number == 0 { 0 } else { FILE_HEADER };
        vec![("all.evtx".to_owned(), bytes[begin..].to_vec())]
    });
    assert_eq!(fs::read_dir(merged.path()).unwrap().count(), 1);
    assert_decided(&desk, merged.path(), count);
}

#[test]
fn added_logs_keep_decisions_and_say_which_are_stale() {
    let desk = Desk(TempDir::new().unwrap());
    let few = laid_out("WS-1017", |number, bytes| {
        let name = logs("WS-1017")[number].file_name().unwrap().to_owned();
        let is_kept = name == "System.evtx";
        let name = name.into_string().unwrap();
        is_kept.then_some((name, bytes)).into_iter().collect()
    });
    let count = desk.escalate_all(few.path());
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    let alerts = desk.worked_on(&all);
    assert_eq!(
        alerts.len(),
        count,
        "a decision lost its alert, or covers two"
    );
    let stale = |alert: &&Value| alert["triage"]["stale"] != Value::Null;
    assert!(alerts.iter().any(|alert| stale(&alert)), "nothing is stale");
    let open = desk.says(&all, &["triage", "list", "--open"]);
    for alert in alerts.iter().filter(stale) {
        assert_eq!(alert["triage"]["state"], "closed");
        let id = alert["id"].as_str().unwrap();
        let line = open.lines().find(|line| line.starts_with(id)).unwrap();
        assert!(line.contains("(stale)"), "{line}");
    }
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
