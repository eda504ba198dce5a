//! Stories about decisions, as an analyst would tell them.

use super::sample::{alert, event, suspicious};
use super::*;
use crate::investigate::EventRef;

fn admin(event: EventRef) -> Decision {
    Decision::new(Transition::AdminAttributed)
        .with("attributed_to", "Client team")
        .with("basis", "change-ticket")
        .with("ticket", "CHG-1042")
        .citing(event)
}

fn escalated() -> Decision {
    Decision::new(Transition::Escalated)
        .with("escalated_to", "Incident response")
        .with("why", "renamed service, dump of credentials")
        .with("severity", "critical")
        .with("next_owner", "Kim")
}

fn case() -> Case {
    Case::in_memory("ana@desk").unwrap()
}

fn faults(error: CaseError) -> Vec<String> {
    match error {
        CaseError::Refused(refusal) => refusal
            .faults
            .into_iter()
            .map(|fault| fault.field)
            .collect(),
        other => panic!("not refused but {other}"),
    }
}

#[test]
fn a_decision_is_there_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/evening.dualuse-case");
    let alert = alert("FS01", &[10, 11]);
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    assert!(case.is_new());
    case.decide(&alert, admin(event("FS01", 10))).unwrap();
    case.note(&alert, "Asked the client team.\n\n- they said yes")
        .unwrap();
    drop(case);

    let case = Case::open_or_create(&path, "bo").unwrap();
    assert!(!case.is_new());
    let triage = case.triage(&alert);
    assert_eq!(
        (triage.state, triage.disposition),
        (State::Closed, Some(Disposition::AdminAttributed))
    );
    assert_eq!(triage.author.as_deref(), Some("ana"));
    assert_eq!(triage.fields["ticket"], "CHG-1042");
    assert_eq!(
        triage.note().unwrap(),
        "Asked the client team.\n\n- they said yes"
    );
    assert!(case.verify().unwrap().is_whole());
}

#[test]
fn an_incomplete_verdict_is_refused_with_everything_that_is_missing() {
    let mut case = case();
    let alert = alert("FS01", &[10]);
    let refused = case
        .decide(&alert, Decision::new(Transition::AdminAttributed))
        .unwrap_err();
    assert_eq!(
        faults(refused),
        ["attributed_to", "basis", "ticket", "events"]
    );
    let wrong = Decision::new(Transition::Escalated)
        .with("severity", "dreadful")
        .with("colour", "red");
    let refused = case.decide(&alert, wrong).unwrap_err();
    assert_eq!(
        faults(refused),
        ["escalated_to", "why", "severity", "next_owner", "colour"]
    );
    assert_eq!(case.triage(&alert).state, State::New);
    assert_eq!(
        case.log().len(),
        1,
        "nothing but the beginning is in the log"
    );
}

#[test]
fn a_reason_can_stand_in_for_a_ticket_unless_the_ticket_is_the_basis() {
    let mut case = case();
    let alert = alert("FS01", &[10]);
    let mut decision = admin(event("FS01", 10))
        .with("ticket", " ")
        .with("no_ticket", "emergency");
    assert_eq!(
        faults(case.decide(&alert, decision.clone()).unwrap_err()),
        ["ticket"]
    );
    decision = decision.with("basis", "analyst-knowledge");
    case.decide(&alert, decision).unwrap();
}

#[test]
fn every_red_flag_is_acknowledged_one_by_one() {
    let mut case = case();
    let mut alert = suspicious("FS01", &[10]);
    alert.account = None;
    let decision = admin(event("FS01", 10));
    let refused = case.decide(&alert, decision.clone()).unwrap_err();
    assert_eq!(faults(refused), ["renamed-service", "unknown-account"]);
    let decision = decision
        .acknowledging("renamed-service", "our packaging renames it")
        .acknowledging("unknown-account", "");
    let entry = case.decide(&alert, decision).unwrap();
    let decided = entry.decided().unwrap();
    assert_eq!(decided.red_flags.len(), 2);
    assert_eq!(
        decided.decision.acknowledged["renamed-service"],
        "our packaging renames it"
    );
    assert_eq!(decided.red_flags[0].events[0].record_id, Some(10));
}

#[test]
fn the_account_under_suspicion_cannot_vouch_for_itself_unnoticed() {
    let case = case();
    let decision = admin(event("FS01", 10))
        .with("basis", "owner-confirmed")
        .with("confirmed_by", "Adm.Berg@nordhavn.example")
        .with("channel", "mail");
    let flags = case.red_flags(&alert("FS01", &[10]), &decision);
    assert_eq!(
        flags
            .iter()
            .map(|flag| flag.id.as_str())
            .collect::<Vec<_>>(),
        ["confirmed-by-suspect"]
    );
}

#[test]
fn a_stated_window_is_held_against_the_time_of_the_alert() {
    let case = case();
    let alert = alert("FS01", &[10]);
    let with_window = |window: &str| {
        let decision = admin(event("FS01", 10))
            .with("basis", "change-window")
            .with("window", window);
        case.red_flags(&alert, &decision)
            .into_iter()
            .map(|flag| flag.id)
            .collect::<Vec<_>>()
    };
    assert!(with_window("2026-03-10 18:00/2026-03-10 20:00").is_empty());
    assert_eq!(
        with_window("2026-03-11 18:00/2026-03-11 20:00"),
        ["outside-window"]
    );
    assert_eq!(with_window("last Tuesday"), ["unchecked-window"]);
}

#[test]
fn a_closed_alert_is_reopened_before_it_is_decided_anew() {
    let mut case = case();
    let alert = alert("FS01", &[10]);
    case.decide(&alert, escalated()).unwrap();
    assert_eq!(
        faults(case.decide(&alert, admin(event("FS01", 10))).unwrap_err()),
        ["transition"]
    );
    case.decide(
        &alert,
        Decision::new(Transition::Reopen).with("reason", "wrong host"),
    )
    .unwrap();
    assert_eq!(case.triage(&alert).state, State::InProgress);
    case.decide(&alert, admin(event("FS01", 10))).unwrap();
    assert_eq!(case.triage(&alert).history.len(), 3);
}

#[test]
fn an_escalation_gets_its_outcome_later() {
    let mut case = case();
    let alert = alert("FS01", &[10]);
    let outcome = Decision::new(Transition::Outcome).with("outcome", "confirmed-malicious");
    assert_eq!(
        faults(case.decide(&alert, outcome.clone()).unwrap_err()),
        ["transition", "impact"]
    );
    case.decide(&alert, escalated()).unwrap();
    case.decide(&alert, outcome.with("impact", "no")).unwrap();
    let triage = case.triage(&alert);
    assert_eq!(triage.disposition, Some(Disposition::Escalated));
    assert_eq!(triage.outcome.as_deref(), Some("confirmed-malicious"));
    assert_eq!(
        triage.fields["next_owner"], "Kim",
        "the escalation's own fields remain"
    );
}

#[test]
fn undo_and_redo_work_across_restarts_and_erase_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dualuse-case");
    let alert = alert("FS01", &[10]);
    let again = || Case::open_or_create(&path, "ana").unwrap();
    again().decide(&alert, escalated()).unwrap();
    again().note(&alert, "first").unwrap();
    again().undo().unwrap();
    again().undo().unwrap();
    assert_eq!(again().triage(&alert).state, State::New);
    assert!(matches!(
        again().undo(),
        Err(CaseError::NothingToUndo { .. })
    ));
    again().redo().unwrap();
    assert_eq!(
        again().triage(&alert).disposition,
        Some(Disposition::Escalated)
    );
    assert!(again().triage(&alert).notes.is_empty());
    again().redo().unwrap();
    assert_eq!(again().triage(&alert).note().as_deref(), Some("first"));
    assert!(matches!(
        again().redo(),
        Err(CaseError::NothingToRedo { .. })
    ));
    again().undo().unwrap();
    again().note(&alert, "second").unwrap();
    assert!(
        matches!(again().redo(), Err(CaseError::NothingToRedo { .. })),
        "a new act ends redoing"
    );
    assert_eq!(again().log().len(), 9);
    assert!(again().verify().unwrap().is_whole());
}

#[test]
fn undo_takes_back_only_what_the_author_did() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dualuse-case");
    let alert = alert("FS01", &[10]);
    Case::open_or_create(&path, "ana")
        .unwrap()
        .decide(&alert, escalated())
        .unwrap();
    let mut bo = Case::open_or_create(&path, "bo").unwrap();
    assert!(matches!(bo.undo(), Err(CaseError::NothingToUndo { .. })));
}

#[test]
fn notes_are_edited_with_their_history_kept() {
    let mut case = case();
    let alert = alert("FS01", &[10]);
    let first = case.note(&alert, "frist").unwrap();
    case.note(&alert, "other").unwrap();
    let second = case.edit_note(&alert, &first.id, "first").unwrap();
    assert!(matches!(
        case.edit_note(&alert, &first.id, "x"),
        Err(CaseError::NoSuchNote)
    ));
    let notes = case.triage(&alert).notes;
    let texts: Vec<_> = notes
        .iter()
        .map(|note| (note.markdown.as_str(), note.edits))
        .collect();
    assert_eq!(texts, [("other", 0), ("first", 1)]);
    case.edit_note(&alert, &second.id, "").unwrap();
    assert_eq!(case.triage(&alert).notes.len(), 1);
    case.undo().unwrap();
    assert_eq!(case.triage(&alert).notes.len(), 2);
    assert_eq!(case.triage(&alert).history.len(), 5);
}

#[test]
fn moved_split_and_merged_logs_keep_their_decisions() {
    let mut case = case();
    let whole = alert("FS01", &[10, 11, 12]);
    case.decide(&whole, escalated()).unwrap();

    let mut moved = whole.clone();
    moved.id = "another id".to_owned();
    for sighting in &mut moved.sightings {
        sighting.event.source = "/mnt/copy/x.evtx".to_owned();
        sighting.event.host = "fs01.nordhavn.example".to_owned();
    }
    moved.host = "fs01.nordhavn.example".to_owned();
    let triage = case.triage(&moved);
    assert_eq!((triage.state, triage.stale), (State::Closed, None));

    for half in [alert("FS01", &[10]), alert("FS01", &[11, 12])] {
        assert_eq!(case.triage(&half).disposition, Some(Disposition::Escalated));
    }
    assert_eq!(case.triage(&alert("FS01", &[77])).state, State::New);
    assert_eq!(
        case.triage(&alert("FS02", &[10])).state,
        State::New,
        "another host is another story"
    );
}

#[test]
fn new_evidence_makes_a_closed_alert_stale_and_a_new_verdict_settles_it() {
    let mut case = case();
    case.decide(&alert("FS01", &[10]), admin(event("FS01", 10)))
        .unwrap();
    let grown = suspicious("FS01", &[10, 50]);
    let stale = case.triage(&grown).stale.unwrap();
    assert_eq!(
        stale
            .events
            .iter()
            .map(|event| event.record_id)
            .collect::<Vec<_>>(),
        [Some(50)]
    );
    assert_eq!(stale.signals, ["renamed-service"]);
    assert!(case.triage(&grown).is_open());
    case.decide(&grown, escalated()).unwrap();
    let triage = case.triage(&grown);
    assert_eq!(
        (triage.disposition, triage.stale),
        (Some(Disposition::Escalated), None)
    );
}

#[test]
fn alerts_that_grew_together_show_verdicts_that_contradict_each_other() {
    let mut case = case();
    case.decide(&alert("FS01", &[10]), admin(event("FS01", 10)))
        .unwrap();
    case.decide(&alert("FS01", &[20]), escalated()).unwrap();
    let joined = alert("FS01", &[10, 20]);
    let triage = case.triage(&joined);
    assert_eq!(
        (triage.state, triage.disposition),
        (State::InProgress, None)
    );
    assert_eq!(triage.conflict.len(), 2);
    case.decide(&joined, escalated()).unwrap();
    let triage = case.triage(&joined);
    assert_eq!(
        (triage.disposition, triage.conflict.len()),
        (Some(Disposition::Escalated), 0)
    );
}

#[test]
fn a_client_that_ran_against_two_targets_does_not_join_their_verdicts() {
    let mut case = case();
    let (mut first, mut second) = (alert("FS01", &[10]), alert("FS02", &[10]));
    first.processes[0].event = Some(event("PAW07", 1));
    second.processes[0].event = Some(event("PAW07", 1));
    case.decide(&first, escalated()).unwrap();
    assert_eq!(case.triage(&second).state, State::New);
    first.processes[0].event = Some(event("PAW07", 2));
    assert!(
        case.triage(&first).stale.is_some(),
        "but new facts of the source side count"
    );
}

#[test]
fn a_bulk_decision_leaves_out_what_has_red_flags_unless_named() {
    let mut case = case();
    let alerts = [
        alert("FS01", &[10]),
        suspicious("FS02", &[10]),
        alert("FS03", &[10]),
    ];
    let all: Vec<&Alert> = alerts.iter().collect();
    let decision = Decision {
        events: Vec::new(),
        ..admin(event("FS01", 10))
    }
    .acknowledging("renamed-service", "packaging");
    let result = case.decide_all(&all, &decision, &[]).unwrap();
    assert_eq!(result.saved.len(), 2);
    assert_eq!(result.left_out[0].0, "FS02-10");
    case.decide_all(&all[1..2], &decision, &["FS02-10"])
        .unwrap();
    assert!(
        alerts
            .iter()
            .all(|alert| case.triage(alert).state == State::Closed)
    );
    case.undo().unwrap();
    assert_eq!(
        case.undo().unwrap().len(),
        2,
        "a bulk action is taken back as one"
    );
    assert!(
        alerts
            .iter()
            .all(|alert| case.triage(alert).state == State::New)
    );
    assert_eq!(case.redo().unwrap().len(), 2);
}

#[test]
fn two_processes_write_to_one_case_and_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dualuse-case");
    let alert = alert("FS01", &[10]);
    let mut ana = Case::open_or_create(&path, "ana").unwrap();
    let mut bo = Case::open_or_create(&path, "bo").unwrap();
    ana.decide(&alert, escalated()).unwrap();
    let refused = bo.decide(&alert, admin(event("FS01", 10))).unwrap_err();
    assert_eq!(
        faults(refused),
        ["transition"],
        "judged on what the file says, not on an old view"
    );
    bo.note(&alert, "seen").unwrap();
    assert!(ana.refresh().unwrap());
    assert_eq!(ana.triage(&alert).note().as_deref(), Some("seen"));
    assert!(ana.verify().unwrap().is_whole());
    assert_eq!(ana.heads().len(), 1);
}

#[test]
fn a_case_that_several_begin_at_once_is_one_case() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..8 {
        let path = folder.path().join(round.to_string());
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for author in ["ana", "bo", "cy", "di"] {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut case = Case::open_or_create(path, author).unwrap();
                    case.note(&alert("FS01", &[1]), author).unwrap();
                });
            }
        });
        let case = Case::open(&path, "ana").unwrap();
        assert_eq!(case.triage(&alert("FS01", &[1])).notes.len(), 4);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8);
}

#[test]
fn what_is_no_case_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let refusal = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let error = Case::open_or_create(&path, "ana").unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), content);
        error
    };
    assert!(matches!(refusal(b""), CaseError::Damaged { .. }));
    assert!(matches!(
        refusal(b"a shopping list, longer than a head"),
        CaseError::NotACase { .. }
    ));
    assert!(matches!(
        refusal(b"SQLite format 3\0 and then nothing"),
        CaseError::NotACase { .. }
    ));

    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE x (y)")
        .unwrap();
    assert!(matches!(
        Case::open_or_create(&path, "ana"),
        Err(CaseError::NotACase { .. })
    ));

    std::fs::remove_file(&path).unwrap();
    drop(Case::open_or_create(&path, "ana").unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    assert!(matches!(
        Case::open_or_create(&path, "ana"),
        Err(CaseError::Newer { found: 99, .. })
    ));

    std::fs::rename(&path, folder.path().join("b")).unwrap();
    std::fs::write(folder.path().join("a-wal"), b"left behind").unwrap();
    assert!(matches!(
        Case::open_or_create(&path, "ana"),
        Err(CaseError::MainFileMissing { .. })
    ));
}

#[test]
fn any_change_by_hand_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    for record in 1..5 {
        case.decide(&alert("FS01", &[record]), escalated()).unwrap();
    }
    drop(case);
    let pristine = std::fs::read(&path).unwrap();
    let tampered = |sql: &str| {
        std::fs::write(&path, &pristine).unwrap();
        let hand = rusqlite::Connection::open(&path).unwrap();
        hand.execute_batch(
            "DROP TRIGGER entry_is_never_changed; DROP TRIGGER entry_is_never_removed;",
        )
        .unwrap();
        hand.execute_batch(sql).unwrap();
        drop(hand);
        assert!(matches!(
            Case::open(&path, "ana"),
            Err(CaseError::Damaged { .. })
        ));
        Case::open_read_only(&path)
            .unwrap()
            .verify()
            .unwrap()
            .broken
    };
    let changed =
        tampered("UPDATE entry SET body = replace(body, 'Kim', 'Lee') WHERE position = 3");
    assert_eq!(changed[0].position, 3);
    assert!(
        changed[0].reason.contains("changed after it was written"),
        "{}",
        changed[0].reason
    );
    assert_eq!(
        tampered("DELETE FROM entry WHERE position = 2")[0].position,
        3
    );
    assert_eq!(
        tampered("DELETE FROM entry WHERE position = 5")[0].position,
        5
    );
    assert_eq!(
        tampered("UPDATE entry SET position = 9 WHERE position = 5")[0].position,
        9
    );
    assert_eq!(tampered("DELETE FROM seal")[0].position, 6);
    assert_eq!(
        tampered("UPDATE entry SET id = replace(id, substr(id, 1, 1), 'x') WHERE position = 4")[0]
            .position,
        4
    );
}

mod files;
mod flags;
mod known;
mod merge;
mod tampering;
