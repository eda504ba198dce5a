//! The terminals that analysts sit at: under screen and tmux, on the Linux console, a dumb one.

use regex::bytes::Regex;

use crate::console::Console;
use crate::desk::{Desk, WORKSTATION};

/// Colours in what was sent, by kind: of the 16, of the 256, exact ones.
fn colours(bytes: &[u8]) -> (bool, bool, bool) {
    let has = |pattern: &str| Regex::new(pattern).unwrap().is_match(bytes);
    (
        has("(?-u)[34]8;5;(?:[0-9]|1[0-5])[;m]"),
        has("(?-u)[34]8;5;(?:1[6-9]|[2-9][0-9]|1[0-9][0-9]|2[0-9][0-9])[;m]"),
        has("(?-u)[34]8;2;"),
    )
}

#[test]
fn every_kind_of_terminal_gets_the_colours_it_has() {
    for (term, more, theme, wanted) in [
        ("screen", None, "dark", (true, false, false)),
        ("screen-256color", None, "dark", (false, true, false)),
        ("tmux-256color", None, "dark", (false, true, false)),
        (
            "tmux-256color",
            Some("truecolor"),
            "dark",
            (false, false, true),
        ),
        ("linux", None, "dark", (true, false, false)),
        ("linux", None, "default", (true, false, false)),
        ("xterm-direct", None, "light", (false, false, true)),
        ("dumb", None, "dark", (false, false, false)),
        ("vt100", None, "default", (false, false, false)),
    ] {
        let desk = Desk::new();
        let mut environment = vec![("TERM", term)];
        environment.extend(more.map(|value| ("COLORTERM", value)));
        let mut console =
            desk.start_with((100, 30), &environment, &["--theme", theme, WORKSTATION]);
        console
            .wait_loaded()
            .press("enter")
            .wait_for("What happened");
        console.wait_until("the place of the cursor", |screen| {
            (0..30).any(|row| {
                (2..40).all(|column| {
                    screen.cell(row, column).is_some_and(|cell| {
                        cell.inverse() || cell.bold() || cell.bgcolor() != vt100::Color::Default
                    })
                })
            })
        });
        console.press("g p").wait_for("processes").press("q");
        console.wait_for("What happened").press("Q");
        let left = console.left_sane();
        assert_eq!(left.code, 0, "{term}");
        assert_eq!(colours(&left.bytes), wanted, "{term} {more:?} {theme}");
    }
}

#[test]
fn an_option_goes_before_the_environment() {
    for (option, wanted) in [
        ("never", (false, false, false)),
        ("16", (true, false, false)),
        ("256", (false, true, false)),
        ("true", (false, false, true)),
    ] {
        let desk = Desk::new();
        let arguments = ["--color", option, "--theme", "dark", WORKSTATION];
        let environment = [("NO_COLOR", "1"), ("TERM", "screen-256color")];
        let mut console = desk.start_with((100, 30), &environment, &arguments);
        console.wait_loaded().press("Q");
        assert_eq!(colours(&console.left_sane().bytes), wanted, "{option}");
    }
}

#[test]
fn under_tmux_copies_are_passed_on_to_the_terminal_outside() {
    let desk = Desk::new();
    let environment = [
        ("TERM", "tmux-256color"),
        ("TMUX", "/tmp/tmux-0/default,1,0"),
    ];
    let mut console = desk.start_with((100, 30), &environment, &[WORKSTATION]);
    console.wait_loaded().press("y y").wait_for("copied");
    console.press("Q");
    let left = console.left_sane();
    let plain = Regex::new("(?-u)\x1b\\]52;c;[A-Za-z0-9+/=]+\x07").unwrap();
    let passed = Regex::new("(?-u)\x1bPtmux;\x1b\x1b\\]52;c;[A-Za-z0-9+/=]+\x07\x1b\\\\").unwrap();
    assert!(passed.is_match(&left.bytes) && plain.find_iter(&left.bytes).count() == 2);
}

#[test]
fn only_ascii_is_drawn_where_that_is_asked_for() {
    let desk = Desk::new();
    draws_only_ascii(desk.open(&["--ascii", WORKSTATION]));
}

#[test]
fn only_ascii_is_drawn_on_the_linux_console() {
    let desk = Desk::new();
    draws_only_ascii(desk.start_with((100, 30), &[("TERM", "linux")], &[WORKSTATION]));
}

fn draws_only_ascii(mut console: Console) {
    console
        .wait_loaded()
        .press("enter")
        .wait_for("What happened");
    console
        .press("?")
        .wait_for("keys that work here")
        .press("esc");
    console
        .wait_gone("keys that work here")
        .press("t")
        .wait_for("decide");
    console.press("esc").wait_gone("decide").press("Q");
    let left = console.left_sane();
    let odd: Vec<u8> = left
        .bytes
        .into_iter()
        .filter(|byte| !byte.is_ascii())
        .collect();
    assert_eq!(String::from_utf8_lossy(&odd), "");
}
