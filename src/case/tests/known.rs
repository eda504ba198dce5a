//! Stories about known activity.

use std::collections::BTreeMap;

use super::{admin, case, escalated, event};
use crate::case::sample::{alert, suspicious};
use crate::case::*;
use crate::event::Time;

/// A rule that an analyst makes of the verdict about `alert`, for any host.
pub(super) fn rule(alert: &Alert) -> KnownActivity {
    let mut fields = KnownActivity::proposal(alert);
    let said = [
        ("name", "client roll-out"),
        ("hosts", ""),
        ("reason", "CHG-1042, asked Eva Lund by phone"),
        ("expires", "2026-06-30"),
    ];
    fields.extend(said.map(|(id, text)| (id.to_owned(), text.to_owned())));
    KnownActivity::from_fields(&fields).unwrap()
}

fn case_with_rule() -> (Case, EntryId) {
    let first = alert("FS01", &[10]);
    let mut case = case();
    case.decide(&first, admin(event("FS01", 10))).unwrap();
    let id = case.know(&first, rule(&first)).unwrap().id.clone();
    (case, id)
}

#[test]
fn a_rule_labels_and_counts_and_leaves_red_flags_open() {
    let (case, id) = case_with_rule();
    let alerts = [
        alert("FS01", &[10]),
        alert("FS02", &[20]),
        suspicious("FS03", &[30]),
    ];
    let quiet = case.triage(&alerts[1]);
    assert_eq!(quiet.state, State::New);
    assert!(!quiet.is_open());
    assert_eq!(quiet.settled_by().unwrap().rule, id);
    let flagged = case.triage(&alerts[2]);
    assert!(flagged.is_open());
    assert_eq!(flagged.known[0].red_flags[0].id, "renamed-service");
    let rules = case.known_activity(&alerts);
    assert_eq!(rules[0].account(), "took in 3 alerts, 1 with red flags");
}

#[test]
fn a_red_flag_that_the_rule_accepts_does_not_hold_an_alert_open() {
    let (mut case, id) = case_with_rule();
    let flagged = suspicious("FS03", &[30]);
    let mut wider = rule(&flagged);
    wider.accepted.insert(
        "renamed-service".to_owned(),
        "our packaging does that".to_owned(),
    );
    case.edit_known(&id, wider).unwrap();
    assert!(!case.triage(&flagged).is_open());
    assert_eq!(case.known_activity(&[flagged])[0].edits, 1);
}

#[test]
fn an_expired_rule_says_so_and_settles_nothing() {
    let (case, _) = case_with_rule();
    let mut late = alert("FS02", &[20]);
    late.first_time = Time::parse("2026-07-01").unwrap();
    let triage = case.triage(&late);
    assert!(triage.is_open());
    assert!(triage.known[0].label().contains("expired"));
    assert_eq!(
        case.known_activity(&[late])[0].account(),
        "took in 1 alert, 1 after it expired"
    );
}

#[test]
fn a_revoked_rule_opens_its_alerts_again_and_undo_brings_it_back() {
    let (mut case, id) = case_with_rule();
    let other = alert("FS02", &[20]);
    case.revoke_known(&id, "the roll-out is over").unwrap();
    assert!(case.triage(&other).is_open());
    assert!(matches!(
        case.known_activity(&[])[0].standing,
        Standing::Revoked { .. }
    ));
    assert!(matches!(
        case.edit_known(&id, rule(&other)),
        Err(CaseError::NoSuchRule)
    ));
    case.undo().unwrap();
    assert!(!case.triage(&other).is_open());
}

#[test]
fn a_rule_needs_a_verdict_that_it_covers() {
    let mut case = case();
    let first = alert("FS01", &[10]);
    let refused = |error: CaseError| match error {
        CaseError::KnownRefused { faults } => faults[0].field.clone(),
        other => panic!("not refused but {other}"),
    };
    assert_eq!(
        refused(case.know(&first, rule(&first)).unwrap_err()),
        "alert"
    );
    case.decide(&first, escalated()).unwrap();
    assert_eq!(
        refused(case.know(&first, rule(&first)).unwrap_err()),
        "alert"
    );
    let mut other_tool = rule(&first);
    other_tool.scope.tool = "winexe".to_owned();
    let second = alert("FS02", &[20]);
    case.decide(&second, admin(event("FS02", 20))).unwrap();
    assert_eq!(
        refused(case.know(&second, other_tool).unwrap_err()),
        "alert"
    );
}

#[test]
fn an_incomplete_or_boundless_rule_is_refused_with_all_that_is_wrong() {
    let fields = [
        ("tool", "*"),
        ("source", "0.0.0.0/0"),
        ("expires", "some day"),
        ("window", "at night"),
        ("host", "FS01"),
    ];
    let fields: BTreeMap<String, String> = fields
        .map(|(id, text)| (id.to_owned(), text.to_owned()))
        .into();
    let faults = KnownActivity::from_fields(&fields).unwrap_err();
    let mut wrong: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    wrong.sort_unstable();
    wrong.dedup();
    assert_eq!(
        wrong,
        [
            "expires", "host", "name", "reason", "source", "tool", "window"
        ]
    );
}

#[test]
fn every_part_of_a_scope_must_fit() {
    let alert = alert("FS01", &[10]);
    let fits = |change: fn(&mut Scope)| {
        let mut scope = Scope::of(&alert);
        change(&mut scope);
        scope.covers(&alert)
    };
    assert!(fits(|_| {}));
    assert!(fits(|scope| scope.source = Some("10.20.0.0/16".to_owned())));
    assert!(fits(|scope| scope.source = Some("paw*".to_owned())));
    assert!(fits(
        |scope| scope.account = Some(r"NORDHAVN\adm.*".to_owned())
    ));
    assert!(fits(|scope| scope.window = Some("17:00-19:00".to_owned())));
    assert!(fits(|scope| scope.window = Some("22:00-18:30".to_owned())));
    assert!(!fits(|scope| scope.window = Some("19:00-17:00".to_owned())));
    assert!(!fits(|scope| scope.source = Some("10.21.0.0/16".to_owned())));
    assert!(!fits(
        |scope| scope.account = Some(r"OTHER\adm.*".to_owned())
    ));
    assert!(!fits(|scope| scope.service = Some("winexesvc".to_owned())));
    assert!(!fits(|scope| scope.hosts = vec!["FS02".to_owned()]));
    let mut silent = alert.clone();
    silent.account = None;
    assert!(!Scope::of(&alert).covers(&silent));
}

#[test]
fn rules_travel_as_toml_and_arrive_once() {
    let (case, _) = case_with_rule();
    let toml = case.export_known().unwrap();
    let mut other = Case::in_memory("bo").unwrap();
    assert_eq!(other.import_known(&toml, "ana.toml").unwrap().len(), 1);
    assert_eq!(other.import_known(&toml, "ana.toml").unwrap().len(), 0);
    let known = &other.known_activity(&[])[0];
    assert_eq!(known.author, "bo");
    assert_eq!(known.rule.origin.as_deref(), Some("ana.toml"));
    assert!(!other.triage(&alert("FS02", &[20])).is_open());
    let broken = toml.replace("psexec", "*");
    let CaseError::KnownFile { faults } = other.import_known(&broken, "x").unwrap_err() else {
        panic!("a boundless rule was taken in");
    };
    assert!(faults[0].contains("client roll-out"), "{faults:?}");
}
