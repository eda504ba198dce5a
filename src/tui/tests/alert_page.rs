//! The page of an alert: reasons, legs, what is below the fold.

use super::stage::{Stage, bundled};
use crate::tui::message::Message;
use crate::tui::model::{Page, Section, Subject};

/// The page of the intruder's first alert.
fn page(width: u16, height: u16) -> Stage {
    let mut stage = Stage::open(width, height);
    stage.press("enter");
    assert!(stage.shows("wuausvc2"), "{}", stage.screen());
    stage
}

fn section(stage: &Stage) -> Option<Section> {
    match stage.model.page() {
        Page::Alert(page) => page.section_here(&stage.model.data),
        _ => None,
    }
}

#[test]
fn a_page_one_comes_back_to_after_the_screen_has_shrunk_has_its_cursor_on_the_same_line() {
    let mut stage = Stage::open(200, 60);
    stage.press("enter G k");
    let here = |stage: &Stage| {
        let item = stage.model.page().item(&stage.model.data).unwrap();
        (item.section, item.label, item.value)
    };
    let (line, rows) = (here(&stage), stage.model.page().len(&stage.model.data));
    stage.press("H");
    stage.resize(60, 20);
    stage.press("L");
    stage.check();
    assert_ne!(stage.model.page().len(&stage.model.data), rows);
    assert_eq!(here(&stage), line);
}

#[test]
fn at_the_usual_size_reasons_leave_room_for_what_happened() {
    let mut stage = page(80, 24);
    let screen = stage.screen();
    for text in [
        "Points to an attacker  ",
        " more: z shows all",
        "none to an administrator",
        "●install",
        "○delete",
        "What happened",
        "10.20.4.88:52663",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
}

#[test]
fn what_is_folded_is_shown_by_zooming_and_by_finding() {
    let mut stage = page(80, 24);
    let folded = "the command ran as SYSTEM";
    assert!(!stage.shows(folded));
    stage.press("p");
    assert!(stage.shows(folded) && !stage.shows("What happened"));
    stage.press("p /").type_text("ran as SYSTEM").press("enter");
    assert!(stage.shows(folded), "{}", stage.screen());
    assert_eq!(section(&stage), Some(Section::Against));
}

#[test]
fn zooming_and_resizing_keep_the_cursor_on_what_it_was_on() {
    let mut stage = page(120, 60);
    stage.press("tab tab down down");
    let here = stage.model.page().cell(&stage.model.data);
    for change in ["p", "p"] {
        stage.press(change);
        assert_eq!(stage.model.page().cell(&stage.model.data), here);
    }
    for (width, height) in [(80, 24), (40, 12), (200, 60)] {
        stage.resize(width, height);
        assert_eq!(stage.model.page().cell(&stage.model.data), here);
    }
}

#[test]
fn a_leg_tells_what_it_is_and_opens_its_records() {
    let mut stage = page(120, 40);
    stage.press("tab");
    assert_eq!(section(&stage), Some(Section::Episode));
    assert!(stage.shows("How it went  start  20:47:33.907"));
    stage.press("right right right right");
    assert!(
        stage.shows("How it went  install  20:47:34.094") && stage.shows("3 records"),
        "{}",
        stage.screen()
    );
    stage.press("enter");
    let Page::Events(page) = stage.model.page() else {
        panic!("not a list of events")
    };
    assert!(matches!(page.subject, Subject::Leg { .. }));
    assert_eq!(page.events.len(&stage.model.data), 3);
    // a filter narrows the records of the leg, and only them
    stage.press("f").type_text("id:7045").press("enter");
    assert_eq!(stage.model.page().len(&stage.model.data), 1);
    stage.press("C q");
    assert!(stage.shows("How it went  install"), "{}", stage.screen());
}

#[test]
fn a_leg_that_nobody_saw_says_so_and_opens_nothing() {
    let mut stage = page(120, 40);
    stage.press("tab");
    for _ in 0..20 {
        if stage.shows("How it went  delete") {
            break;
        }
        stage.press("right");
    }
    assert!(stage.shows("no record shows it"), "{}", stage.screen());
    stage.press("enter");
    assert!(
        stage.shows("nothing stands behind this line"),
        "{}",
        stage.screen()
    );
}

#[test]
fn one_step_leads_past_legs_that_lie_side_by_side_and_along_those_that_do_not() {
    let mut stage = page(120, 40);
    stage.press("tab down");
    assert_eq!(section(&stage), Some(Section::Facts));
    stage.press("up");
    assert_eq!(section(&stage), Some(Section::Episode));
    stage.press("up");
    assert_eq!(section(&stage), Some(Section::Against));
    let mut stage = page(50, 30);
    stage.press("tab down down");
    assert_eq!(section(&stage), Some(Section::Episode));
}

#[test]
fn a_service_line_of_kilobytes_leaves_room_for_the_rest() {
    let mut snapshot = bundled();
    let mut alerts = snapshot.alerts.to_vec();
    for service in alerts.iter_mut().filter_map(|alert| alert.service.as_mut()) {
        let script = "QUJD".repeat(800);
        service.image_path = Some(format!("%COMSPEC% /c powershell -enc {script} :the-end"));
    }
    snapshot.alerts = std::sync::Arc::new(alerts);
    let mut stage = Stage::empty(100, 44, tempfile::tempdir().unwrap());
    stage.send(Message::snapshot(snapshot));
    stage.press("enter");
    assert!(stage.shows("powershell -enc QUJD"), "{}", stage.screen());
    assert!(stage.shows("more lines: z shows all"), "{}", stage.screen());
    assert!(stage.shows("What ran") && !stage.shows(":the-end"));
    stage.resize(100, 60);
    stage.press("/").type_text(":the-end").press("enter");
    assert!(stage.shows(":the-end"), "{}", stage.screen());
    assert_eq!(section(&stage), Some(Section::Facts));
    stage.resize(100, 44);
    while section(&stage) != Some(Section::Facts) {
        stage.press("tab");
    }
    stage.press("z G");
    assert!(stage.shows(":the-end"), "{}", stage.screen());
    // It is taller than this page: it is read on line by line and page by page.
    stage.resize(100, 30);
    stage.press("g g j j j j j");
    assert!(stage.shows("powershell -enc"), "{}", stage.screen());
    assert!(stage.shows("▼ ") && !stage.shows(":the-end"));
    let here = stage.model.page().list().cursor;
    stage.press("j");
    assert!(!stage.shows("powershell -enc"), "{}", stage.screen());
    stage.press("pgdn");
    assert!(stage.shows(":the-end") && !stage.shows("▼ "));
    assert_eq!(stage.model.page().list().cursor, here);
    stage.press("pgup");
    assert!(stage.shows("powershell -enc"), "{}", stage.screen());
    stage.press("k");
    assert_eq!(stage.model.page().list().cursor, here - 1);
}
