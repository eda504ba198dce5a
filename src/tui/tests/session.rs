//! A case goes on where it was left: by what the evidence says, not by rows.

use std::path::Path;
use std::sync::Arc;

use super::stage::{Stage, bundled};
use crate::detect::Catalog;
use crate::environment::Environment;
use crate::investigate::Snapshot;
use crate::timeline::load::{Options, Progress, load};
use crate::tui::message::Message;
use crate::tui::model::{Context, Page};
use crate::tui::session::{Session, path_for};
use crate::tui::update::resume;

/// Leaves and comes back: through a file, to evidence that may have become more.
fn leave_and_return(stage: &mut Stage, evidence: Snapshot) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions/evening.json");
    Session::of(&stage.model).unwrap().write(&file).unwrap();
    let session = Session::read(&file).unwrap().unwrap();
    let size = *stage.draw().area();
    let mut next = Stage::empty(size.width, size.height, tempfile::tempdir().unwrap());
    resume(&mut next.model, session);
    next.send(Message::snapshot(evidence));
    next.draw();
    next
}

/// Where one is: the bar, the filters, and what the cursor is on.
fn place(stage: &mut Stage) -> (Vec<String>, Context) {
    stage.press("esc");
    let screen = stage.screen();
    let head = screen.lines().take(2).map(str::to_owned).collect();
    (head, stage.model.context())
}

#[test]
fn every_page_is_there_again_with_its_cursor() {
    for keys in [
        "j j l l s space j",
        "enter j j j",
        "enter g p j j",
        "enter g a j j j l",
        "enter g s G",
        "enter g h ctrl-d ctrl-d",
        "enter g t j > j",
        "enter g v",
        "enter tab right right enter j",
        "g e ctrl-d ctrl-d enter j j j",
        "g e G enter X j j",
        "enter g w",
        "g r j",
        "enter g a enter H H",
        "j - j + j",
    ] {
        let mut stage = Stage::open(120, 40);
        stage.press(keys);
        let before = place(&mut stage);
        let mut next = leave_and_return(&mut stage, bundled());
        assert_eq!(place(&mut next), before, "{keys}");
    }
}

#[test]
fn the_stretch_of_the_timeline_and_the_branches_of_a_tree_are_as_they_were() {
    let picture = |stage: &mut Stage| {
        // but for what is said of the start, and the keys
        let screen = stage.press("esc").screen();
        let lines: Vec<String> = screen.lines().take(36).map(str::to_owned).collect();
        lines.join("\n")
    };
    for (keys, before) in [("B < <", "esc"), ("enter g p h j h k k l", "enter g p")] {
        let mut stage = Stage::open(120, 40);
        let plain = picture(stage.press(before));
        let mut stage = Stage::open(120, 40);
        let left = picture(stage.press(keys));
        assert_ne!(left, plain, "{keys} must change something");
        let mut next = leave_and_return(&mut stage, bundled());
        assert_eq!(picture(&mut next), left, "{keys}");
    }
}

#[test]
fn back_and_forward_lead_where_they_led() {
    let mut stage = Stage::open(120, 40);
    stage.press("j enter j j g a j j j H");
    let mut next = leave_and_return(&mut stage, bundled());
    for keys in ["L", "H", "H"] {
        stage.press(keys);
        next.press(keys);
        assert_eq!(place(&mut next), place(&mut stage), "{keys}");
    }
}

#[test]
fn filters_stay_as_they_were_written() {
    let mut stage = Stage::open(120, 40);
    stage
        .press("g e f")
        .type_text("id:4624,4688 -account:system \"psexe\"");
    stage.press("enter");
    let before = place(&mut stage);
    let mut next = leave_and_return(&mut stage, bundled());
    assert_eq!(place(&mut next), before);
    assert!(before.0[1].contains("id:4624,4688"), "{before:?}");
}

/// The logs of one host of the bundled case.
fn one_host() -> Snapshot {
    let logs = [Path::new("testdata/logs/SRV-APP02").to_owned()];
    let timeline = load(&logs, Options::default(), &Progress::default());
    let catalog = Catalog::built_in().unwrap();
    Snapshot::new(
        1,
        true,
        Arc::new(timeline),
        &catalog,
        &Environment::default(),
    )
}

#[test]
fn with_more_logs_the_cursor_is_on_the_same_event() {
    let mut stage = Stage::empty(120, 40, tempfile::tempdir().unwrap());
    stage.send(Message::snapshot(one_host()));
    stage.press("enter g h ctrl-d j");
    let event = |stage: &Stage| {
        let index = stage.model.context().event.unwrap();
        let event = stage.model.data.timeline().event(index).unwrap();
        (event.host.to_owned(), event.time, event.record_id)
    };
    let before = event(&stage);
    let next = leave_and_return(&mut stage, bundled());
    assert_eq!(event(&next), before);
}

#[test]
fn what_is_gone_is_left_out_and_said() {
    let mut stage = Stage::open(120, 40);
    stage
        .press("f")
        .type_text("host:ws-1017")
        .press("enter enter g p g h");
    let mut next = leave_and_return(&mut stage, one_host());
    assert!(
        next.shows("not in this evidence any more"),
        "{}",
        next.screen()
    );
    next.press("H H H H");
    assert!(matches!(next.model.page(), Page::Alerts(_)));
}

#[test]
fn whoever_went_on_meanwhile_is_not_taken_elsewhere() {
    let mut stage = Stage::open(120, 40);
    stage.press("enter g p");
    let session = Session::of(&stage.model).unwrap();
    let mut next = Stage::empty(120, 40, tempfile::tempdir().unwrap());
    resume(&mut next.model, session);
    assert_eq!(
        Session::of(&next.model),
        None,
        "nothing is known yet to be kept"
    );
    next.press("g r");
    next.send(Message::snapshot(bundled()));
    assert!(matches!(next.model.page(), Page::Sources(_)));
    assert!(Session::of(&next.model).is_some());
}

#[test]
fn a_file_that_is_no_session_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.json");
    assert_eq!(Session::read(&file), Ok(None));
    let mut stage = Stage::open(80, 24);
    stage.press("enter");
    Session::of(&stage.model).unwrap().write(&file).unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    for text in [
        "",
        "{}",
        whole.get(..whole.len() / 2).unwrap(),
        &whole.replace("\"form\": 2", "\"form\": 9"),
        &whole.replace("\"marked\"", "\"marks\""),
    ] {
        std::fs::write(&file, text).unwrap();
        assert!(Session::read(&file).is_err(), "{text}");
    }
    std::fs::write(&file, [0xff, 0xfe, 0]).unwrap();
    assert!(Session::read(&file).is_err());
    let (a, b) = (
        path_for(Path::new("/x/one.case")),
        path_for(Path::new("/y/one.case")),
    );
    assert_ne!(a, b);
}
