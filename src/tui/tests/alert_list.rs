//! The list of alerts: sorted, gathered into groups, marked.

use super::stage::{Stage, bundled};
use crate::investigate::Severity;
use crate::tui::model::{AlertColumn, Page};

/// The values of a column, from the top.
fn column(stage: &Stage, column: AlertColumn) -> Vec<String> {
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    (0..page.rows().len())
        .map(|row| page.value(row, column, &stage.model.data))
        .collect()
}

#[test]
fn a_roll_out_is_one_line_that_opens() {
    let mut stage = Stage::open(120, 40);
    let alerts = bundled().alerts.len();
    stage.press("o");
    let tools = column(&stage, AlertColumn::Tool);
    let row = tools.iter().position(|tool| tool == "5× winexe").unwrap();
    assert_eq!(column(&stage, AlertColumn::Host)[row], "4 hosts");
    assert!(tools.len() < alerts);
    stage.press("g g");
    for _ in 0..row {
        stage.press("j");
    }
    // its alerts are shown below it, and no others
    stage.press("enter");
    let opened = column(&stage, AlertColumn::Tool);
    assert_eq!(opened.len(), tools.len() + 5);
    assert!(
        opened[row + 1..=row + 5]
            .iter()
            .all(|tool| tool == "winexe")
    );
    stage.press("j enter");
    assert!(stage.shows("used winexe on"), "{}", stage.screen());
    // back on the same line; from a member, h closes the group
    stage.press("H h");
    assert_eq!(column(&stage, AlertColumn::Tool), tools);
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    assert_eq!(page.list.cursor, row);
    stage.press("o");
    assert_eq!(column(&stage, AlertColumn::Tool).len(), alerts);
}

#[test]
fn marks_and_decisions_on_a_group_are_for_all_its_alerts() {
    let mut stage = Stage::open(120, 40);
    stage.press("o s o G");
    stage.press("space");
    let marked = stage.model.data.marked.len();
    assert_eq!(marked, 5, "{}", stage.screen());
    stage.press("G space");
    assert!(stage.model.data.marked.is_empty());
    // without marks a decision is for the group under the cursor
    assert_eq!(stage.model.chosen_alerts().len(), 5);
    stage
        .press("a")
        .type_text("roll-out of the agent")
        .press("ctrl-s");
    assert!(stage.shows("saved: note"), "{}", stage.screen());
    let noted = stage.model.data.alerts().iter().filter(|alert| {
        let triage = stage.model.data.triage(&alert.id);
        triage.is_some_and(|triage| !triage.notes.is_empty())
    });
    assert_eq!(noted.count(), 5);
}

#[test]
fn a_group_is_as_severe_as_its_most_severe_alert() {
    let mut stage = Stage::open(120, 40);
    stage.press("o s r");
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    let data = &stage.model.data;
    for row in 0..page.rows().len() {
        let most = page.alerts_at(row, data).iter().map(|a| a.severity).max();
        assert_eq!(page.severity(row, data), most);
    }
    let all: Vec<Severity> = (0..page.rows().len())
        .flat_map(|row| page.alerts_at(row, data))
        .map(|alert| alert.severity)
        .collect();
    assert_eq!(
        all.len(),
        data.alerts().len(),
        "every alert is on some line"
    );
}

#[test]
fn sorting_is_chosen_by_name_and_keeps_the_alert_under_the_cursor() {
    let mut stage = Stage::open(120, 40);
    stage.press("j j j");
    let here = stage.model.context().alert;
    stage.press("s");
    assert!(stage.shows("by account"), "{}", stage.screen());
    stage.press("h");
    let hosts = column(&stage, AlertColumn::Host);
    assert!(
        hosts.is_sorted_by_key(|host| host.to_lowercase()),
        "{hosts:?}"
    );
    assert_eq!(stage.model.context().alert, here);
    stage.press("S");
    let turned: Vec<String> = hosts.into_iter().rev().collect();
    assert_eq!(column(&stage, AlertColumn::Host), turned);
    assert_eq!(stage.model.context().alert, here);
    stage.press("s t");
    let times = column(&stage, AlertColumn::Time);
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn every_line_says_how_long_ago() {
    let mut stage = Stage::open(120, 40);
    let ages = column(&stage, AlertColumn::Age);
    assert!(ages.iter().all(|age| age.ends_with('h')), "{ages:?}");
    assert!(stage.shows("  10h"), "{}", stage.screen());
}

#[test]
fn the_timeline_above_the_list_is_zoomed_and_filtered_by() {
    let mut stage = Stage::open(120, 40);
    let all = column(&stage, AlertColumn::Tool).len();
    stage.press("tab");
    assert!(
        stage.shows("03-10 20:45:00 to 20:50:00") && stage.shows("5m each bar"),
        "{}",
        stage.screen()
    );
    assert!(stage.shows("1 alert"), "{}", stage.screen());
    // going in around a bar shows it in finer ones
    stage.press("< < <");
    assert!(!stage.shows("5m each bar"), "{}", stage.screen());
    stage.press("> > > >");
    assert!(stage.shows("5m each bar"), "{}", stage.screen());
    // one bar, or a stretch of bars, becomes one filter
    stage.press("enter");
    assert_eq!(
        written(&stage),
        ["time:2026-03-10T20:45:00..2026-03-10T20:50:00"]
    );
    assert!(column(&stage, AlertColumn::Tool).len() < all);
    stage.press("B space right right right enter");
    assert_eq!(
        written(&stage),
        ["time:2026-03-10T20:45:00..2026-03-10T21:05:00"]
    );
    assert_eq!(column(&stage, AlertColumn::Tool), ["psexec", "psexec"]);
    stage.press("C");
    assert_eq!(column(&stage, AlertColumn::Tool).len(), all);
}

#[test]
fn the_timeline_gives_way_to_the_list_and_counts_every_alert_once() {
    let mut stage = Stage::open(120, 40);
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    let data = &stage.model.data;
    for most in [1, 7, 60, 240] {
        let axis = page.axis(data, most).unwrap();
        let bars = page.bars(axis, data);
        let events: usize = bars.iter().map(|bar| bar.events as usize).sum();
        let alerts: usize = bars.iter().map(|bar| bar.alerts).sum();
        assert_eq!(
            (events, alerts),
            (data.timeline().len(), data.alerts().len())
        );
    }
    let is_drawn = |stage: &mut Stage| stage.screen().contains("\n events ");
    assert!(is_drawn(&mut stage));
    stage.resize(120, 15);
    assert!(!is_drawn(&mut stage), "{}", stage.screen());
    stage.press("B");
    assert!(
        stage.shows("too low for the timeline"),
        "{}",
        stage.screen()
    );
    // without colours and without signs beyond ASCII, severity stands by its sign
    let mut stage = Stage::open(80, 24);
    stage.model.settings.ascii = true;
    let screen = stage.screen();
    let line = screen.lines().nth(2).unwrap();
    assert!(line.starts_with(" alerts "), "{screen}");
    assert!(line.contains('!') && line.contains('*'), "{screen}");
}

fn written(stage: &Stage) -> Vec<String> {
    let chips = stage.model.page().chips().unwrap();
    chips.iter().map(|chip| chip.term.written.clone()).collect()
}
