//! Asking the owner, and rules about known activity: what follows from "it was us".

use super::stage::Stage;
use crate::case::{Case, State};
use crate::tui::model::Page;

/// The page of the least severe alert, which nobody minds.
fn page() -> Stage {
    let mut stage = Stage::open(110, 44);
    stage.press("G enter");
    stage
}

fn attribute(stage: &mut Stage) {
    stage.press("t enter").type_text("deployment team");
    stage
        .press("tab tab space tab tab tab tab tab")
        .type_text("CHG-7");
    // the red flags, one by one
    for _ in 0..20 {
        stage.press("tab");
        if stage
            .screen()
            .lines()
            .any(|line| line.contains("▸ [ ] red flag"))
        {
            stage.press("space");
        }
    }
    stage.press("ctrl-s");
    assert!(stage.shows("saved: admin-attributed"), "{}", stage.screen());
}

#[test]
fn asking_the_owner_saves_copies_and_writes_the_message() {
    let mut stage = page();
    let file = stage.folder().join("question.txt");
    stage.press("A ctrl-s");
    assert!(stage.shows("is missing"), "{}", stage.screen());
    stage.type_text("deployment team").press("tab");
    stage.type_text("2026-03-12").press("tab tab tab tab tab");
    stage.type_text(&file.display().to_string());
    assert!(stage.shows("Hello deployment team,"), "{}", stage.screen());
    stage.press("ctrl-s");
    assert!(stage.shows("written: "), "{}", stage.screen());
    let message = std::fs::read_to_string(&file).unwrap();
    assert_eq!(stage.copied, std::slice::from_ref(&message));
    assert!(message.contains("Please answer by 2026-03-12"));
    let id = stage.model.context().alert.unwrap();
    let triage = stage.model.data.triage(&id).unwrap();
    assert_eq!(triage.state, State::NeedsInfo);
    assert_eq!(triage.fields["asked"], "deployment team");
    stage.press("u");
    let triage = stage.model.data.triage(&id).unwrap();
    assert_eq!(triage.state, State::New);
}

#[test]
fn a_rule_is_made_from_a_verdict_changed_and_revoked() {
    let mut stage = page();
    stage.press("K");
    assert!(
        stage.shows("close the alert as admin-attributed"),
        "{}",
        stage.screen()
    );
    attribute(&mut stage);
    stage.press("K").type_text("agent roll-out").press("ctrl-s");
    assert!(stage.shows("is missing"), "{}", stage.screen());
    let mut filled = 0;
    for _ in 0..20 {
        let screen = stage.screen();
        let here = screen.lines().find(|line| line.contains("│ ▸")).unwrap();
        if here.contains("Reason") || here.contains("Expires") {
            let text = if here.contains("Reason") {
                "nightly deployment"
            } else {
                "2027-01-01"
            };
            stage.type_text(text);
            filled += 1;
        }
        if filled == 2 {
            break;
        }
        stage.press("tab");
    }
    stage.press("ctrl-s");
    assert!(
        stage.shows("saved: rule: agent roll-out"),
        "{}",
        stage.screen()
    );
    stage.press("g k");
    assert!(
        stage.shows("One rule labels") && stage.shows("took in 1 alert"),
        "{}",
        stage.screen()
    );
    // another text for the same rule
    stage.press("K end").type_text(" of winter").press("ctrl-s");
    assert!(
        stage.shows("agent roll-out of winter"),
        "{}",
        stage.screen()
    );
    // from the rule to an alert under it
    stage.press("down down down down enter");
    assert!(matches!(stage.model.page(), Page::Alert(_)));
    stage
        .press("q R")
        .type_text("the deployment is over")
        .press("ctrl-s");
    assert!(
        stage.shows("Revoked") && stage.shows("No rule about known activity is in force"),
        "{}",
        stage.screen()
    );
    stage.press("R");
    assert!(stage.shows("the rule is revoked"), "{}", stage.screen());
    let mut stage = stage.restart();
    stage.press("g k");
    assert!(stage.shows("the deployment is over"), "{}", stage.screen());
}

#[test]
fn a_rule_labels_its_alert_on_its_page_and_custody_lists_the_evidence() {
    let mut stage = page();
    attribute(&mut stage);
    let case = Case::open_read_only(&stage.folder().join("evening.dualuse-case")).unwrap();
    let evidence = case.evidence();
    assert_eq!(evidence.len(), stage.model.data.timeline().sources().len());
    assert!(evidence.iter().all(|source| source.sha256.is_some()));
}
