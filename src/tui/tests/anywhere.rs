//! Going anywhere: the finder, counts of a column, bookmarks, and values under the cursor.

use super::stage::Stage;
use crate::tui::model::{Page, Subject};

fn rows(stage: &Stage) -> usize {
    stage.model.page().len(&stage.model.data)
}

fn chips(stage: &Stage) -> Vec<String> {
    let chips = stage.model.page().chips().unwrap();
    chips.iter().map(|chip| chip.term.written.clone()).collect()
}

fn subject(stage: &Stage) -> Subject {
    match stage.model.page() {
        Page::Events(page) => page.subject.clone(),
        other => panic!("not a list of events: {:?}", other.title(&stage.model.data)),
    }
}

#[test]
fn a_few_letters_lead_to_what_is_meant() {
    let mut stage = Stage::open(120, 40);
    stage.press("ctrl-p").type_text("dc01").press("enter");
    assert_eq!(
        subject(&stage),
        Subject::Host("DC01.nordhavn.example".to_owned())
    );
    stage.press("H ctrl-p").type_text("k.holm");
    assert!(
        stage.shows("account  NORDHAVN\\k.holm"),
        "{}",
        stage.screen()
    );
    // every word narrows further, in any kind of thing
    stage.type_text(" psexec srv");
    assert!(stage.shows("alert "), "{}", stage.screen());
    assert!(
        !stage.shows("account  NORDHAVN\\k.holm"),
        "{}",
        stage.screen()
    );
    stage
        .press("esc ctrl-p")
        .type_text("nltest dclist")
        .press("enter");
    assert!(
        matches!(stage.model.page(), Page::Processes(_)),
        "{}",
        stage.screen()
    );
    assert!(stage.shows("nltest.exe"), "{}", stage.screen());
    stage
        .press("g l ctrl-p")
        .type_text("wuausvc2")
        .press("enter");
    assert!(
        !matches!(stage.model.page(), Page::Alerts(_)),
        "{}",
        stage.screen()
    );
}

#[test]
fn commands_are_found_beside_things_and_teach_their_keys() {
    let mut stage = Stage::open(120, 40);
    stage.press("ctrl-p").type_text("alleventz");
    assert!(stage.shows("nothing is like that"), "{}", stage.screen());
    stage.press("backspace s");
    stage.press("ctrl-u").type_text("time zone");
    let screen = stage.screen();
    let line = screen
        .lines()
        .find(|line| line.contains("Switch times"))
        .unwrap();
    assert!(line.contains("command") && line.trim_end_matches(['│', ' ']).ends_with('T'));
    stage.press("enter");
    assert!(stage.shows("times are shown in"), "{}", stage.screen());
}

#[test]
fn values_of_a_column_are_counted_and_filtered_by() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e F");
    let Page::Counts(page) = stage.model.page() else {
        panic!("not the counts")
    };
    assert_eq!(page.columns().0[page.columns().1], "program");
    // hosts: each event has one, so that the counts sum to all events
    stage.press("left left left left left left left");
    let Page::Counts(page) = stage.model.page() else {
        panic!("not the counts")
    };
    assert_eq!(page.columns().0[page.columns().1], "host");
    let all = stage.model.data.timeline().len() as u64;
    assert_eq!(page.rows.iter().map(|row| row.count).sum::<u64>(), all);
    assert!(
        page.rows
            .is_sorted_by(|left, right| left.count >= right.count)
    );
    let (first, second) = (page.rows[0].clone(), page.rows[1].clone());
    // dropping one leaves the others; Enter keeps one and leads back to the list
    stage.press("-");
    let Page::Counts(page) = stage.model.page() else {
        panic!("not the counts")
    };
    assert_eq!(page.rows[0], second);
    assert_eq!(page.total, all - first.count);
    stage.press("g g enter");
    assert_eq!(rows(&stage) as u64, second.count);
    assert_eq!(chips(&stage).len(), 2);
    assert!(
        chips(&stage)[0].starts_with("-host:"),
        "{:?}",
        chips(&stage)
    );
}

#[test]
fn every_counted_value_finds_the_events_it_was_counted_from() {
    let mut stage = Stage::open(120, 40);
    // a column whose filter looks at that column alone gives the count exactly
    for (turns, name) in [(0, "hour"), (1, "host"), (2, "event")] {
        stage.press("g l g e F");
        for _ in 0..12 {
            stage.press("left");
        }
        for _ in 0..turns {
            stage.press("right");
        }
        let Page::Counts(page) = stage.model.page() else {
            panic!("not the counts")
        };
        assert_eq!(page.columns().0[page.columns().1], name);
        let count = page.rows[0].count;
        stage.press("enter");
        assert_eq!(rows(&stage) as u64, count, "{name}");
    }
}

#[test]
fn alerts_are_counted_too() {
    let mut stage = Stage::open(120, 40);
    stage.press("l l F");
    assert!(
        stage.shows("psexec") && stage.shows("winexe"),
        "{}",
        stage.screen()
    );
    let Page::Counts(page) = stage.model.page() else {
        panic!("not the counts")
    };
    let all: u64 = page.rows.iter().map(|row| row.count).sum();
    assert_eq!(all as usize, stage.model.data.alerts().len());
    let (value, count) = (page.rows[0].value.clone(), page.rows[0].count);
    stage.press("enter");
    assert!(matches!(stage.model.page(), Page::Alerts(_)));
    assert_eq!(rows(&stage) as u64, count);
    assert_eq!(chips(&stage), [format!("tool:{value}")]);
}

#[test]
fn bookmarks_lead_back_to_events_and_alerts() {
    let mut stage = Stage::open(120, 40);
    stage.press("'");
    assert!(stage.shows("there are no bookmarks"), "{}", stage.screen());
    stage.press("m g e j j j m");
    let event = stage.model.context().event;
    assert!(stage.shows("bookmarked"), "{}", stage.screen());
    stage.press("G '");
    assert!(stage.shows("bookmark "), "{}", stage.screen());
    stage.press("down enter");
    assert!(
        matches!(stage.model.page(), Page::Event(_)),
        "{}",
        stage.screen()
    );
    assert_eq!(stage.model.context().event, event);
    stage.press("' enter");
    assert!(
        matches!(stage.model.page(), Page::Alert(_)),
        "{}",
        stage.screen()
    );
    // the same key takes it away
    stage.press("m");
    assert_eq!(stage.model.data.bookmarks().len(), 1);
}

#[test]
fn from_any_value_to_everything_with_it() {
    let mut stage = Stage::open(120, 40);
    // on a list of events: the column under the cursor, what happened by its most telling value
    stage
        .press("g e f")
        .type_text("id:7045 wuausvc2")
        .press("enter g w");
    assert!(stage.shows("service:"), "{}", stage.screen());
    assert!(rows(&stage) > 1, "{}", stage.screen());
    // on an event: the line under the cursor
    stage.press("H enter tab");
    let before = stage.model.page().cell(&stage.model.data).unwrap();
    stage.press("g w");
    assert!(rows(&stage) > 0, "{before}: {}", stage.screen());
    // in a process tree: the program
    stage.press("g l enter g p g w");
    assert!(stage.shows("image:"), "{}", stage.screen());
    assert!(rows(&stage) > 0);
}

#[test]
fn values_of_pages_that_are_no_lists_narrow_the_list_before() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e f").type_text("id:4624").press("enter");
    let before = rows(&stage);
    // the second line of an event is its host
    stage.press("enter j +");
    assert!(
        matches!(stage.model.page(), Page::Events(_)),
        "{}",
        stage.screen()
    );
    assert_eq!(chips(&stage).len(), 2);
    let kept = rows(&stage);
    assert!(kept > 0 && kept < before);
    stage.press("c enter j -");
    assert_eq!(rows(&stage) + kept, before);
    // from an alert's page back to the list of alerts
    stage.press("g l enter tab");
    let alerts = stage.model.data.alerts().len();
    for _ in 0..6 {
        stage.press("tab");
    }
    stage.press("+");
    let page = stage.model.page();
    assert!(
        matches!(page, Page::Alerts(_) | Page::Alert(_)),
        "{}",
        stage.screen()
    );
    assert!(rows(&stage) <= alerts.max(200));
}

#[test]
fn numbers_lead_to_the_views() {
    let mut stage = Stage::open(120, 40);
    stage.press("2");
    assert_eq!(subject(&stage), Subject::All);
    stage.press("3");
    assert!(matches!(stage.model.page(), Page::Known(_)));
    stage.press("4");
    assert!(matches!(stage.model.page(), Page::Sources(_)));
    stage.press("1");
    assert!(matches!(stage.model.page(), Page::Alerts(_)));
}
