//! Stories and laws about uniting cases, and about custody.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{admin, escalated, event};
use crate::case::sample::alert;
use crate::case::*;

/// Two analysts begin with one case and go on apart.
fn apart(folder: &Path) -> (PathBuf, PathBuf) {
    let (left, right) = (folder.join("left"), folder.join("right"));
    let mut case = Case::open_or_create(&left, "ana").unwrap();
    case.note(&alert("FS01", &[10]), "begun together").unwrap();
    drop(case);
    std::fs::copy(&left, &right).unwrap();
    (left, right)
}

#[test]
fn both_histories_are_kept_and_a_conflict_is_shown_until_somebody_settles_it() {
    let folder = tempfile::tempdir().unwrap();
    let (left, right) = apart(folder.path());
    let (first, second) = (alert("FS01", &[10]), alert("FS02", &[20]));
    let mut ana = Case::open(&left, "ana").unwrap();
    ana.decide(&first, escalated()).unwrap();
    let mut bo = Case::open(&right, "bo").unwrap();
    bo.decide(&first, admin(event("FS01", 10))).unwrap();
    bo.decide(&second, escalated()).unwrap();
    drop((ana, bo));

    let output = folder.path().join("united");
    let merged = Case::merge(&[&left, &right], &output).unwrap();
    assert_eq!(merged.case.log().len(), 5);
    let conflicts = merged.case.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].verdicts.len(), 2);
    let mut case = Case::open(&output, "cy").unwrap();
    let triage = case.triage(&first);
    assert!(triage.is_open() && triage.conflict.len() == 2);
    assert_eq!(case.triage(&second).state, State::Closed);
    case.decide(&first, escalated()).unwrap();
    assert!(case.conflicts().is_empty());
    assert_eq!(case.triage(&first).author.as_deref(), Some("cy"));
    assert!(case.verify().unwrap().is_whole());
}

#[test]
fn a_merge_replaces_no_file_and_changes_no_input() {
    let folder = tempfile::tempdir().unwrap();
    let (left, right) = apart(folder.path());
    let before = (
        std::fs::read(&left).unwrap(),
        std::fs::read(&right).unwrap(),
    );
    assert!(matches!(
        Case::merge(&[&left], &right),
        Err(CaseError::AlreadyThere { .. })
    ));
    Case::merge(&[&left, &right], &folder.path().join("new")).unwrap();
    let after = (
        std::fs::read(&left).unwrap(),
        std::fs::read(&right).unwrap(),
    );
    assert_eq!(before, after);
}

#[test]
fn what_holds_of_a_broken_case_is_saved_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    for record in 1..5 {
        case.decide(&alert("FS01", &[record]), escalated()).unwrap();
    }
    drop(case);
    let hand = rusqlite::Connection::open(&path).unwrap();
    hand.execute_batch(
        "DROP TRIGGER entry_is_never_changed;
         UPDATE entry SET body = replace(body, 'Kim', 'Lee') WHERE position = 4",
    )
    .unwrap();
    drop(hand);
    let merged = Case::merge(&[&path], &folder.path().join("saved")).unwrap();
    assert_eq!(
        (merged.inputs[0].entries, merged.inputs[0].left_out),
        (3, 2)
    );
    assert!(merged.case.verify().unwrap().is_whole());
}

#[test]
fn the_evidence_of_a_decision_is_recorded_once_and_found_by_content() {
    let source = |path: &str, hash: &str| SourceReport {
        path: path.into(),
        bytes: 69_632,
        sha256: hash.to_owned().into(),
        events: 120,
        ..SourceReport::default()
    };
    let mut case = super::case();
    case.set_evidence(&[source("a/Security.evtx", "11")]);
    case.note(&alert("FS01", &[10]), "one").unwrap();
    case.decide(&alert("FS01", &[10]), escalated()).unwrap();
    let recorded = |case: &Case| {
        let kinds = case
            .log()
            .iter()
            .filter(|entry| matches!(entry.content.act, Act::Evidence { .. }));
        kinds.count()
    };
    assert_eq!(recorded(&case), 1);
    assert_eq!(case.evidence()[0].sha256.as_deref(), Some("11"));
    case.set_evidence(&[
        source("a/Security.evtx", "11"),
        source("b/System.evtx", "22"),
    ]);
    case.note(&alert("FS01", &[10]), "two").unwrap();
    assert_eq!(recorded(&case), 2);
    let check = EvidenceCheck::of(case.evidence(), &["22".to_owned()]);
    assert_eq!((check.found, check.missing.len()), (1, 1));
}

/// Something an analyst does to one of three alerts.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Escalate(u64),
    Attribute(u64),
    Reopen(u64),
    Note(u64),
    Undo,
    Redo,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (1u64..4).prop_map(Deed::Escalate),
        (1u64..4).prop_map(Deed::Attribute),
        (1u64..4).prop_map(Deed::Reopen),
        (1u64..4).prop_map(Deed::Note),
        Just(Deed::Undo),
        Just(Deed::Redo),
    ]
}

/// Does what can be done; what is refused changes nothing.
fn carry_out(case: &mut Case, deeds: &[Deed]) {
    for deed in deeds {
        let about = |record: &u64| alert("FS01", &[*record]);
        let _ = match deed {
            Deed::Escalate(record) => case.decide(&about(record), escalated()).map(drop),
            Deed::Attribute(record) => case
                .decide(&about(record), admin(event("FS01", *record)))
                .map(drop),
            Deed::Reopen(record) => case
                .decide(
                    &about(record),
                    Decision::new(Transition::Reopen).with("reason", "new facts"),
                )
                .map(drop),
            Deed::Note(record) => case.note(&about(record), "seen").map(drop),
            Deed::Undo => case.undo().map(drop),
            Deed::Redo => case.redo().map(drop),
        };
    }
}

/// What a case says about the three alerts.
fn verdicts(case: &Case) -> Vec<(State, Option<Disposition>, usize, usize)> {
    (1..4)
        .map(|record| {
            let triage = case.triage(&alert("FS01", &[record]));
            (
                triage.state,
                triage.disposition,
                triage.conflict.len(),
                triage.notes.len(),
            )
        })
        .collect()
}

fn united(folder: &Path, name: &str, inputs: &[&Path]) -> PathBuf {
    let output = folder.join(name);
    let merged = Case::merge(inputs, &output).unwrap();
    assert!(merged.case.verify().unwrap().is_whole());
    output
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn any_sequence_verifies_and_merging_obeys_its_laws(
        common in prop::collection::vec(deed(), 0..4),
        apart in prop::collection::vec(prop::collection::vec(deed(), 0..6), 3),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let base = folder.join("base");
        carry_out(&mut Case::open_or_create(&base, "ana").unwrap(), &common);
        let files: Vec<PathBuf> = apart.iter().zip(["ana", "bo", "cy"]).map(|(deeds, author)| {
            let path = folder.join(author);
            std::fs::copy(&base, &path).unwrap();
            carry_out(&mut Case::open(&path, author).unwrap(), deeds);
            path
        }).collect();
        let [a, b, c] = [0, 1, 2].map(|at| files[at].as_path());
        let said = |path: &Path| verdicts(&Case::open_read_only(path).unwrap());

        let ab = united(folder, "ab", &[a, b]);
        let ba = united(folder, "ba", &[b, a]);
        prop_assert_eq!(said(&ab), said(&ba));
        let ab_c = united(folder, "ab_c", &[&ab, c]);
        let bc = united(folder, "bc", &[b, c]);
        let a_bc = united(folder, "a_bc", &[a, &bc]);
        prop_assert_eq!(said(&ab_c), said(&a_bc));
        let aa = united(folder, "aa", &[a, a]);
        prop_assert_eq!(said(&aa), said(a));
        let again = united(folder, "again", &[&ab, a]);
        prop_assert_eq!(said(&again), said(&ab));
        let log = |path: &Path| -> Vec<EntryId> {
            let case = Case::open_read_only(path).unwrap();
            case.log().iter().map(|entry| entry.id.clone()).collect()
        };
        prop_assert_eq!(log(&ab_c), log(&a_bc));
    }
}

#[test]
fn any_flipped_byte_of_the_chain_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    for record in 1..4 {
        case.decide(&alert("FS01", &[record]), escalated()).unwrap();
    }
    let log: Vec<EntryId> = case.log().iter().map(|entry| entry.id.clone()).collect();
    drop(case);
    let pristine = std::fs::read(&path).unwrap();
    let flipped = folder.path().join("flipped");
    // A step without common factor with the page size visits every kind of place.
    for at in (0..pristine.len()).step_by(127) {
        let mut bytes = pristine.clone();
        bytes[at] ^= 1;
        std::fs::write(&flipped, &bytes).unwrap();
        let Ok(case) = Case::open_read_only(&flipped) else {
            continue;
        };
        let is_whole = case.verify().is_ok_and(|found| found.is_whole());
        let same = case.log().iter().map(|entry| &entry.id).eq(&log);
        assert!(
            !is_whole || same,
            "byte {at} was changed and nobody noticed"
        );
    }
    // And every single byte of what was written about alerts.
    for entry in Case::open_read_only(&path).unwrap().log() {
        for at in 0..entry.body().len() {
            let mut body = entry.body().as_bytes().to_vec();
            body[at] ^= 1;
            let body = String::from_utf8_lossy(&body);
            assert!(super::super::Entry::read(entry.id.as_str(), &body).is_err());
        }
    }
}

#[test]
fn hashes_that_come_after_a_decision_are_recorded_and_nothing_else_is() {
    let source = |hash: Option<&str>| SourceReport {
        path: "a/Security.evtx".into(),
        bytes: 69_632,
        sha256: hash.map(|hash| hash.to_owned().into()).unwrap_or_default(),
        events: 120,
        ..SourceReport::default()
    };
    let mut case = super::case();
    case.set_evidence(&[source(Some("11"))]);
    assert_eq!(case.complete_evidence().unwrap(), None, "nobody decided");
    case.set_evidence(&[source(None)]);
    case.decide(&alert("FS01", &[10]), escalated()).unwrap();
    assert_eq!(unhashed(case.evidence()).len(), 1);
    assert_eq!(case.complete_evidence().unwrap(), None, "nothing is known");

    case.set_evidence(&[source(Some("11"))]);
    let entry = case.complete_evidence().unwrap().unwrap();
    assert_eq!(case.evidence()[0].sha256.as_deref(), Some("11"));
    assert_eq!(case.complete_evidence().unwrap(), None, "it is there");
    let before = case
        .log()
        .iter()
        .find(|before| completes_entry(&entry, before));
    assert!(before.is_some());
    let recorded: Vec<EvidenceSource> = case
        .log()
        .iter()
        .filter_map(|entry| match &entry.content.act {
            Act::Evidence { sources } => Some(sources.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(recorded.len(), 2);
    assert!(
        unhashed(&recorded).is_empty(),
        "the second has the hash of the first"
    );
    let check = EvidenceCheck::of(&recorded, &["11".to_owned()]);
    assert_eq!((check.found, check.without_hash), (1, 0));

    let mut grown = source(Some("22"));
    grown.bytes += 1;
    case.set_evidence(&[grown]);
    assert_eq!(case.complete_evidence().unwrap(), None, "other evidence");
    assert!(case.verify().unwrap().is_whole());
}
