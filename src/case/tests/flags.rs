//! Each kind of fact that contradicts "it was an administrator" has to be acknowledged.

use super::{admin, event, faults};
use crate::case::sample::alert;
use crate::case::*;
use crate::investigate::{Alert, How, Leaning, Signal, signal_rules};

/// What must be acknowledged before the alert can be attributed.
fn flags(alert: &Alert) -> Vec<String> {
    let mut case = super::case();
    match case.decide(alert, admin(event("FS01", 10))) {
        Ok(_) => Vec::new(),
        Err(error) => faults(error),
    }
}

fn changed(change: impl FnOnce(&mut Alert)) -> Alert {
    let mut alert = alert("FS01", &[10]);
    change(&mut alert);
    alert
}

#[test]
fn an_account_that_is_unknown_or_only_inferred_is_a_red_flag() {
    assert_eq!(flags(&changed(|_| {})), [""; 0]);
    assert_eq!(
        flags(&changed(|alert| alert.account = None)),
        ["unknown-account"]
    );
    let inferred = changed(|alert| {
        alert.account.as_mut().unwrap().how = How::NearestInTime;
    });
    assert_eq!(flags(&inferred), ["inferred-account"]);
}

#[test]
fn a_source_side_that_nobody_saw_is_a_red_flag() {
    let unseen = changed(|alert| {
        alert.client = None;
        alert.processes.clear();
    });
    assert_eq!(flags(&unseen), ["source-not-seen"]);
}

#[test]
fn signals_that_add_up_are_a_red_flag_from_the_threshold_on() {
    assert_eq!(
        flags(&changed(|alert| alert.score = SCORE_THRESHOLD - 1)),
        [""; 0]
    );
    assert_eq!(
        flags(&changed(|alert| alert.score = SCORE_THRESHOLD)),
        ["score"]
    );
}

#[test]
fn every_signal_for_an_attacker_is_a_red_flag_of_its_own() {
    let against = signal_rules().filter(|rule| rule.leans == Leaning::Attacker && rule.weight > 0);
    let mut count = 0;
    for rule in against {
        count += 1;
        let told = changed(|alert| {
            alert.signals.push(Signal {
                id: rule.id.to_owned(),
                leans: rule.leans,
                weight: rule.weight,
                what: "seen".to_owned(),
                events: vec![event("FS01", 10)],
            });
        });
        assert_eq!(flags(&told), [rule.id]);
    }
    assert!(count > 10, "{count}");
}
