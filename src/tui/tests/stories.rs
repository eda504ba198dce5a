//! What an analyst does, from beginning to end.

use super::stage::{Stage, bundled};
use crate::tui::model::{AlertColumn, Page};

/// Puts the cursor of the list on the alert of a tool on a host.
fn go_to(stage: &mut Stage, tool: &str, host: &str) {
    stage.press("g l g g");
    let alerts = bundled().alerts;
    for _ in 0..alerts.len() {
        let here = stage.model.context().alert.unwrap();
        let alert = stage.model.data.alert(&here).unwrap();
        if alert.tool == tool && AlertColumn::Host.value(alert, &stage.model.data) == host {
            return;
        }
        stage.press("j");
    }
    panic!("no alert of {tool} on {host}");
}

fn escalate(stage: &mut Stage) {
    stage
        .press("t")
        .press("down enter")
        .type_text("incident response")
        .press("tab");
    stage
        .type_text("renamed service, credentials dumped")
        .press("tab space tab")
        .type_text("duty officer")
        .press("ctrl-s");
}

#[test]
fn the_walk_of_an_escalation_is_there_again_after_a_restart() {
    let mut stage = Stage::open(120, 40);
    go_to(&mut stage, "psexec", "SRV-APP02");
    stage.press("enter");
    assert!(stage.shows("wuausvc2"), "{}", stage.screen());
    stage.press("g p");
    assert!(
        stage.shows("whoami.exe") && stage.shows("wuausvc2.exe [7432]"),
        "{}",
        stage.screen()
    );
    stage.press("H g a");
    assert!(
        stage.shows("account:NORDHAVN\\adm.berg"),
        "{}",
        stage.screen()
    );
    stage.press("H g s");
    assert!(
        stage.shows("begun") && stage.shows("WS-1088"),
        "{}",
        stage.screen()
    );
    stage.press("H");
    escalate(&mut stage);
    assert!(stage.shows("saved: escalated"), "{}", stage.screen());
    stage
        .press("a")
        .type_text("rang the duty officer")
        .press("enter")
        .type_text("no answer")
        .press("ctrl-s");
    assert!(stage.shows("saved: note"), "{}", stage.screen());
    let mut stage = stage.restart();
    go_to(&mut stage, "psexec", "SRV-APP02");
    assert!(stage.shows("escalated"));
    stage.press("enter G");
    stage.resize(120, 120);
    assert!(
        stage.shows("Escalated to: incident response") && stage.shows("no answer"),
        "{}",
        stage.screen()
    );
}

#[test]
fn a_roll_out_is_attributed_in_one_go_and_taken_back_in_one_go() {
    let mut stage = Stage::open(120, 40);
    stage.press("f").type_text("winexe").press("enter");
    let rows = stage.model.page().len(&stage.model.data);
    assert!(rows >= 4);
    stage
        .press("space G v t enter")
        .type_text("monitoring")
        .press("tab tab space tab tab tab tab tab");
    stage.type_text("CHG-7").press("ctrl-s");
    // red flags were not acknowledged: refused, with everything that was typed still there
    assert!(stage.shows("not saved"), "{}", stage.screen());
    assert!(
        stage.shows("monitoring") && stage.shows("[ ] red flag"),
        "{}",
        stage.screen()
    );
    for _ in 0..20 {
        stage.press("shift-tab");
    }
    for _ in 0..20 {
        if !stage.shows("[ ] red flag") {
            break;
        }
        stage.press("tab");
        let on_flag = stage
            .screen()
            .lines()
            .any(|line| line.contains("▸ [ ] red flag"));
        if on_flag {
            stage.press("space");
        }
    }
    stage.press("ctrl-s");
    assert!(stage.shows("saved: admin-attributed"), "{}", stage.screen());
    let attributed = |stage: &mut Stage| stage.screen().matches("admin-").count();
    assert!(attributed(&mut stage) >= rows);
    stage.press("u esc");
    assert_eq!(attributed(&mut stage), 0, "{}", stage.screen());
    stage.press("ctrl-r esc");
    assert!(attributed(&mut stage) >= rows);
}

#[test]
fn what_is_missing_is_said_and_nothing_typed_is_lost() {
    let mut stage = Stage::open(100, 30);
    stage.press("t down enter ctrl-s");
    assert!(stage.shows("4 things are missing"), "{}", stage.screen());
    stage.type_text("somebody").press("esc");
    assert!(stage.shows("nothing was decided"));
    stage.press("t");
    assert!(stage.shows("somebody"), "{}", stage.screen());
}

#[test]
fn back_and_forward_keep_cursor_and_filter() {
    let mut stage = Stage::open(120, 40);
    stage
        .press("g e f")
        .type_text("id:4624")
        .press("enter j j j j");
    let Page::Events(page) = stage.model.page() else {
        panic!("not a list of events")
    };
    let (cursor, event) = (page.list.cursor, page.here(&stage.model.data));
    stage.press("g h H");
    let Page::Events(page) = stage.model.page() else {
        panic!("not a list of events")
    };
    assert_eq!(
        (page.list.cursor, page.here(&stage.model.data)),
        (cursor, event)
    );
    assert!(stage.shows("id:4624"));
    // without the filter the cursor is on the same record
    stage.press("C");
    let Page::Events(page) = stage.model.page() else {
        panic!("not a list of events")
    };
    assert_eq!(page.here(&stage.model.data), event);
    stage.press("L");
    assert!(
        matches!(stage.model.page(), Page::Events(page) if page.subject != crate::tui::model::Subject::All)
    );
}

#[test]
fn an_event_shows_all_its_fields_and_its_xml() {
    let mut stage = Stage::open(120, 60);
    stage
        .press("g e f")
        .type_text("id:7045 wuausvc2")
        .press("enter");
    stage.press("enter");
    assert!(
        stage.shows("ServiceName") && stage.shows("ImagePath"),
        "{}",
        stage.screen()
    );
    stage.press("X");
    assert!(stage.shows("<EventID"), "{}", stage.screen());
    stage.press("y x");
    assert!(stage.copied[0].contains("wuausvc2"));
}

#[test]
fn escape_never_leaves_and_q_leaves_at_the_first_page() {
    let mut stage = Stage::open(80, 24);
    for _ in 0..5 {
        stage.press("esc");
    }
    stage.press("enter q");
    assert!(!stage.left);
    stage.press("q");
    assert!(stage.left);
}

#[test]
fn an_export_is_what_the_command_line_writes() {
    let mut stage = Stage::open(100, 30);
    stage.press("x");
    assert!(
        stage.shows("preview") && stage.shows("# Case"),
        "{}",
        stage.screen()
    );
    let file = stage.folder().join("note.md");
    stage
        .press("tab tab tab ctrl-u")
        .type_text(&file.display().to_string())
        .press("ctrl-s");
    assert!(stage.shows("written"), "{}", stage.screen());
    let written = std::fs::read_to_string(&file).unwrap();
    let snapshot = bundled();
    let case =
        crate::case::Case::open_read_only(&stage.folder().join("evening.dualuse-case")).unwrap();
    let report = crate::report::Report {
        timeline: &snapshot.timeline,
        alerts: &snapshot.alerts,
        case: &case,
        options: crate::report::Options::default(),
    };
    assert_eq!(
        written,
        report.to_text(crate::report::Format::Markdown).unwrap()
    );
    // a file that is there is never replaced
    stage
        .press("x tab tab tab ctrl-u")
        .type_text(&file.display().to_string())
        .press("ctrl-s");
    assert!(stage.shows("is there already"), "{}", stage.screen());
}

#[test]
fn a_wrong_filter_is_explained_and_the_list_stays() {
    let mut stage = Stage::open(120, 30);
    let before = stage.model.page().len(&stage.model.data);
    stage.press("f").type_text("hots:x").press("enter");
    assert!(stage.shows("no such key"), "{}", stage.screen());
    assert_eq!(stage.model.page().len(&stage.model.data), before);
    stage.press("esc");
    assert_eq!(stage.model.page().len(&stage.model.data), before);
}
