//! Size, colour, mouse and a slow line.

use std::time::Duration;

use regex::bytes::Regex;

use crate::console::Console;
use crate::desk::{DUALUSE, Desk, WORKSTATION, read_all};

#[test]
fn every_size_is_drawn_when_it_comes() {
    let desk = Desk::new();
    let mut console = desk.start(&[WORKSTATION]);
    console
        .wait_loaded()
        .press("enter")
        .wait_for("What happened");
    for (width, height) in [(40, 12), (24, 6), (200, 60), (80, 24)] {
        console.resize(width, height);
        console.wait_until("the zone at the right edge", |screen| {
            screen
                .rows(0, width)
                .next()
                .is_some_and(|bar| bar.trim_end().ends_with("UTC"))
                && screen
                    .rows(0, width)
                    .last()
                    .is_some_and(|foot| foot.contains("help"))
        });
    }
    console
        .resize(1, 1)
        .wait_until("one sign", |screen| screen.contents() == "…");
    console.resize(20, 4).wait_for("dualuse: 20x4 is to…");
    console.resize(120, 40).wait_for("What happened").press("Q");
    console.left_sane();
}

#[test]
fn without_colours_the_cursor_still_shows() {
    let desk = Desk::new();
    let mut console = desk.start_with((100, 30), &[("NO_COLOR", "1")], &[WORKSTATION]);
    console
        .wait_loaded()
        .wait_until("a row in reverse", |screen| {
            (0..30).any(|row| {
                (2..60).all(|column| screen.cell(row, column).is_some_and(vt100::Cell::inverse))
            })
        });
    console.press("Q");
    let left = console.left_sane();
    let coloured = Regex::new("(?-u)\x1b\\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7])[0-9;]*m").unwrap();
    assert!(!coloured.is_match(&left.bytes));
}

#[test]
fn the_mouse_is_the_terminals_until_asked_for() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    let mode = |mode| move |screen: &vt100::Screen| screen.mouse_protocol_mode() == mode;
    console.wait_loaded().wait_for(" 1/");
    console.wait_until("no mouse", mode(vt100::MouseProtocolMode::None));
    console
        .press("f2")
        .wait_for("the mouse selects and scrolls");
    console.wait_until("the mouse", mode(vt100::MouseProtocolMode::AnyMotion));
    // a click on the third row, then the wheel
    let text = console.text();
    let head = text.lines().position(|line| line.contains("what ran"));
    let line = head.unwrap() + 1 + 3;
    let click = format!("\x1b[<0;10;{line}M\x1b[<0;10;{line}m");
    console.send(click.as_bytes()).wait_for(" 3/");
    console.send(b"\x1b[<64;10;5M").wait_for(" 1/");
    console.press("f2").wait_for("the mouse is the terminal's");
    console.wait_until("no mouse", mode(vt100::MouseProtocolMode::None));
    console
        .press("f2")
        .wait_for("the mouse selects and scrolls")
        .press("Q");
    console.left_sane();
}

#[test]
fn a_line_with_200_milliseconds_of_latency_loses_no_key() {
    let desk = Desk::new();
    let mut setting = desk.setting((80, 24), &[]);
    setting.latency = Duration::from_millis(200);
    let mut console = Console::start(&setting, DUALUSE, &[WORKSTATION]);
    read_all(&mut console);
    // typed ahead in one go, as somebody does who knows the way
    console
        .press("j j enter a")
        .type_text("slow line")
        .press("ctrl-s");
    console.wait_for("saved: note").press("g l").wait_for(" 3/");
    console.press("Q");
    assert_eq!(console.left_sane().code, 0);
}

#[test]
fn nothing_is_asked_of_the_terminal_at_the_start() {
    let desk = Desk::new();
    let mut console = desk.start(&[WORKSTATION]);
    console.wait_loaded().press("Q");
    let left = console.left_sane();
    // an answer that comes late would be taken for keys: attributes, cursor, colours, kitty keys
    let asks =
        Regex::new("(?-u)\x1b\\[[>?=]?[0-9;]*[cn]|\x1b\\[\\?u|\x1b\\][0-9]+;\\?|\x1bP").unwrap();
    assert!(!asks.is_match(&left.bytes));
}
