//! Stories and laws about uniting cases, and about custody.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::known::rule;
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
    EditNote(u64),
    Know(u64),
    EditRule,
    Revoke,
    Undo,
    Redo,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (1u64..4).prop_map(Deed::Escalate),
        (1u64..4).prop_map(Deed::Attribute),
        (1u64..4).prop_map(Deed::Reopen),
        (1u64..4).prop_map(Deed::Note),
        (1u64..4).prop_map(Deed::EditNote),
        (1u64..4).prop_map(Deed::Know),
        Just(Deed::EditRule),
        Just(Deed::Revoke),
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
            Deed::EditNote(record) => {
                let notes = case.triage(&about(record)).notes;
                notes.first().map_or(Ok(()), |note| {
                    case.edit_note(&about(record), &note.id, "seen again")
                        .map(drop)
                })
            }
            Deed::Know(record) => case.know(&about(record), rule(&about(record))).map(drop),
            Deed::EditRule => change_rule(case, |case, id| {
                let mut other = rule(&alert("FS01", &[1]));
                other.name = "changed".to_owned();
                case.edit_known(id, other).map(drop)
            }),
            Deed::Revoke => change_rule(case, |case, id| {
                case.revoke_known(id, "no longer").map(drop)
            }),
            Deed::Undo => case.undo().map(drop),
            Deed::Redo => case.redo().map(drop),
        };
    }
}

/// Does something with the first rule, if there is one.
fn change_rule(
    case: &mut Case,
    change: impl FnOnce(&mut Case, &EntryId) -> Result<(), CaseError>,
) -> Result<(), CaseError> {
    match case
        .known_activity(&[])
        .first()
        .map(|known| known.id.clone())
    {
        Some(id) => change(case, &id),
        None => Ok(()),
    }
}

/// What a case says about the three alerts.
fn verdicts(case: &Case) -> (Vec<Triage>, Vec<KnownRule>) {
    let alerts: Vec<Alert> = (1..4).map(|record| alert("FS01", &[record])).collect();
    let triage = alerts.iter().map(|alert| case.triage(alert)).collect();
    (triage, case.known_activity(&alerts))
}

fn united(folder: &Path, name: &str, inputs: &[&Path]) -> PathBuf {
    let output = folder.join(name);
    let merged = Case::merge(inputs, &output).unwrap();
    assert!(merged.case.verify().unwrap().is_whole());
    output
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_sequence_verifies_and_merging_obeys_its_laws(
        common in prop::collection::vec(deed(), 0..4),
        apart in prop::collection::vec(prop::collection::vec(deed(), 0..6), 3),
        later in prop::collection::vec(deed(), 0..6),
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
        let abc = united(folder, "abc", &[c, a, b, a]);
        prop_assert_eq!(said(&abc), said(&ab_c));
        prop_assert_eq!(log(&abc), log(&ab_c));
        // and work goes on in what was united, across all that was done apart
        let mut case = Case::open(&abc, "ana").unwrap();
        carry_out(&mut case, &later);
        prop_assert!(case.verify().unwrap().is_whole());
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
