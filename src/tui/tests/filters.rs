//! Filters: they act while they are typed, complete, and are changed one by one.

use super::stage::Stage;
use crate::tui::model::{Layer, Page};

fn rows(stage: &Stage) -> usize {
    stage.model.page().len(&stage.model.data)
}

fn written(stage: &Stage) -> Vec<String> {
    let chips = stage.model.page().chips().unwrap();
    chips
        .iter()
        .map(|chip| format!("{}{}", if chip.on { "" } else { "off " }, chip.term.written))
        .collect()
}

#[test]
fn a_filter_acts_while_it_is_typed_and_escape_takes_it_back() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e j j j j j");
    let (all, before) = (rows(&stage), stage.model.context().event);
    let offset = stage.model.page().list().offset;
    stage.press("f").type_text("id:4624");
    assert!(rows(&stage) < all && rows(&stage) > 0);
    assert!(stage.shows("hidden"), "{}", stage.screen());
    stage.press("esc");
    assert_eq!((rows(&stage), stage.model.context().event), (all, before));
    assert_eq!(stage.model.page().list().offset, offset);
    assert!(written(&stage).is_empty());
}

#[test]
fn what_cannot_be_read_is_named_at_its_place_and_the_list_stays() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e f").type_text("host:fs01 id:x");
    let fit = rows(&stage);
    assert!(stage.shows("`x` is no number"), "{}", stage.screen());
    let screen = stage.screen();
    let line = |text: &str| screen.lines().position(|line| line.contains(text)).unwrap();
    assert_eq!(line("is no number") + 1, line("filter: host:fs01"));
    // Enter keeps what is typed, and the list of what could be read before
    stage.press("enter");
    assert!(matches!(stage.model.layers.last(), Some(Layer::Prompt(_))));
    assert_eq!(rows(&stage), fit);
    stage.press("backspace").type_text("4624").press("enter");
    assert_eq!(written(&stage), ["host:fs01", "id:4624"]);
    assert!(rows(&stage) > 0 && rows(&stage) < fit, "{}", stage.screen());
}

#[test]
fn the_beginning_of_a_key_is_not_yet_looked_for() {
    let mut stage = Stage::open(120, 40);
    let all = rows(&stage);
    stage.press("f").type_text("hos");
    assert_eq!(rows(&stage), all);
    assert!(
        stage.shows("host that wrote the event"),
        "{}",
        stage.screen()
    );
    // but it is, when it was meant
    stage.press("enter");
    assert_eq!(written(&stage), ["hos"]);
}

#[test]
fn the_beginning_of_a_name_is_not_yet_looked_for() {
    let mut stage = Stage::open(120, 40);
    let all = rows(&stage);
    stage.press("f").type_text("host:fs");
    assert_eq!(rows(&stage), all, "{}", stage.screen());
    stage.type_text("01");
    let fit = rows(&stage);
    assert!(fit > 0 && fit < all, "{}", stage.screen());
    // a second value of the same key changes nothing until it is whole
    stage.type_text(",ws-10");
    assert!(rows(&stage) >= fit);
    stage.type_text("88");
    assert!(rows(&stage) > fit, "{}", stage.screen());
}

#[test]
fn times_complete_to_when_alerts_began() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e");
    let all = rows(&stage);
    stage.press("f").type_text("after:2026-03-10T20");
    assert!(!stage.shows("is no time"), "{}", stage.screen());
    assert!(stage.shows("after:2026-03-10T20:47"), "{}", stage.screen());
    assert_eq!(rows(&stage), all);
    stage.press("tab enter");
    assert_eq!(written(&stage), ["after:2026-03-10T20:47"]);
    assert!(rows(&stage) > 0 && rows(&stage) < all);
}

#[test]
fn keys_and_values_complete_and_go_round_to_what_was_typed() {
    let mut stage = Stage::open(120, 40);
    stage.press("g e f").type_text("acc").press("tab");
    assert!(stage.shows("filter: account:"), "{}", stage.screen());
    stage.type_text("svc-o").press("tab");
    assert!(
        stage.shows("filter: account:svc-ossim"),
        "{}",
        stage.screen()
    );
    let fit = rows(&stage);
    assert!(fit > 0);
    stage
        .press("space")
        .type_text("chan")
        .press("tab")
        .type_text("sec");
    stage.press("tab enter");
    assert_eq!(written(&stage), ["account:svc-ossim", "channel:Security"]);
    assert!(rows(&stage) > 0 && rows(&stage) < fit);
    // round past the last choice stands what was typed
    stage.press("C f").type_text("tim").press("tab tab");
    assert!(stage.shows("filter: tim"), "{}", stage.screen());
}

#[test]
fn values_with_blanks_are_quoted() {
    let mut stage = Stage::open(120, 40);
    stage
        .press("g e f")
        .type_text("channel:Windows")
        .press("tab enter");
    let chips = written(&stage);
    assert!(
        chips[0].contains("Windows") && chips[0].starts_with("channel:"),
        "{chips:?}"
    );
    assert!(rows(&stage) > 0);
}

#[test]
fn each_filter_is_switched_turned_round_edited_and_removed_on_the_bar() {
    let mut stage = Stage::open(120, 40);
    stage
        .press("g e")
        .press("f")
        .type_text("host:fs01 id:4624")
        .press("enter");
    let both = rows(&stage);
    stage.press("b space");
    assert_eq!(written(&stage), ["host:fs01", "off id:4624"]);
    let one = rows(&stage);
    assert!(one > both);
    stage.press("space -");
    assert_eq!(written(&stage), ["host:fs01", "-id:4624"]);
    assert_eq!(rows(&stage) + both, one);
    // writing the filter anew keeps those that are switched off
    stage.press("left space esc f");
    assert!(stage.shows("filter: -id:4624"), "{}", stage.screen());
    stage
        .press("esc b enter ctrl-u")
        .type_text("id:4672")
        .press("enter");
    assert_eq!(written(&stage), ["off host:fs01", "id:4672"]);
    stage.press("b c c");
    assert!(written(&stage).is_empty() && stage.model.layers.is_empty());
    assert!(stage.shows("no filter is left"));
}

#[test]
fn alerts_are_filtered_by_what_only_they_have() {
    let mut stage = Stage::open(120, 40);
    let all = rows(&stage);
    stage.press("f").type_text("severity:crit");
    let severe = rows(&stage);
    assert!(severe > 0 && severe < all);
    stage.press("esc");
    assert_eq!(rows(&stage), all);
    stage
        .press("f")
        .type_text("tool:winexe -verdict:new")
        .press("enter");
    assert_eq!(rows(&stage), 0);
    stage.press("C g e f").type_text("tool:winexe");
    assert!(stage.shows("known of alerts only"), "{}", stage.screen());
}

#[test]
fn keeping_a_value_takes_the_place_of_dropping_it() {
    let mut stage = Stage::open(120, 40);
    stage.press("l l -");
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    assert_eq!(page.chips.len(), 1);
    stage.press("C g g +");
    assert_eq!(written(&stage), ["tool:psexec"]);
}
