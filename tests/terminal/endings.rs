//! Every way out, and the way back: the terminal is always as it was before.

use std::fs;

use crate::console::{Console, signal};
use crate::desk::{Desk, WORKSTATION};

#[test]
fn signals_that_end_the_program_give_the_terminal_back() {
    for name in ["TERM", "HUP", "INT"] {
        let desk = Desk::new();
        let mut console = desk.start(&[WORKSTATION]);
        console
            .wait_for("what ran")
            .press("f2")
            .wait_for("the mouse selects");
        console.signal(name);
        let left = console.left_sane();
        assert_eq!((left.code, left.signal), (0, None), "{name}");
    }
}

/// Starts the program below a shell that can stop and continue it; answers its process.
fn below_a_shell(desk: &Desk) -> (Console, u32) {
    let pid = desk.path("pid");
    let line = format!(
        "set -m; sh -c 'echo $$ > {}; exec \"$DUALUSE\" {WORKSTATION}'; \
         printf '\\r\\nshell again\\r\\n'; read word; fg >/dev/null; echo all over",
        pid.display()
    );
    let mut console = desk.shell(&line);
    console.wait_for("what ran").wait_gone("joining");
    // the foot is drawn last: the program is not in the midst of a frame
    console.press("enter").wait_for("gp process tree");
    let process = fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
    (console, process)
}

fn goes_on(mut console: Console) {
    console.wait_for("shell again");
    console.is_sane().unwrap();
    console
        .type_text("on")
        .press("enter")
        .wait_for("What happened");
    console
        .press("q")
        .wait_for("what ran")
        .press("Q")
        .wait_for("all over");
    assert_eq!(console.left_sane().code, 0);
}

#[test]
fn a_key_suspends_and_the_shell_continues() {
    let desk = Desk::new();
    let (mut console, _) = below_a_shell(&desk);
    console.press("ctrl-z");
    goes_on(console);
}

#[test]
fn a_signal_from_outside_suspends_too() {
    let desk = Desk::new();
    let (console, process) = below_a_shell(&desk);
    signal("TSTP", process);
    goes_on(console);
}

#[test]
fn after_a_stop_that_cannot_be_caught_everything_is_drawn_again() {
    let desk = Desk::new();
    let (mut console, process) = below_a_shell(&desk);
    signal("STOP", process);
    console.wait_for("shell again");
    // this shell leaves the terminal as it is: a new line is no Enter here
    console
        .send(b"\n")
        .wait_for("What happened")
        .wait_gone("shell again");
    console.press("Q").wait_for("all over");
    console.left_sane();
}

#[test]
fn without_a_terminal_for_keys_or_for_output_the_program_scans() {
    let desk = Desk::new();
    for line in [
        format!("\"$DUALUSE\" {WORKSTATION} </dev/null; echo code $?"),
        format!("\"$DUALUSE\" {WORKSTATION} | cat; echo code $?"),
    ] {
        let mut console = desk.shell(&line);
        console.wait_for("code ");
        let left = console.left_sane();
        let stream = String::from_utf8_lossy(&left.bytes).into_owned();
        assert!(
            stream.contains("winexe") && !stream.contains("\x1b[?1049h"),
            "{stream}"
        );
    }
}
