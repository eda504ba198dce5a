//! Every way out, and the way back: the terminal is always as it was before.

use std::fs;

use forge::bulk::Bulk;

use crate::console::{Console, signal};
use crate::desk::{Desk, WORKSTATION};

#[test]
fn signals_that_end_the_program_give_the_terminal_back() {
    for name in ["TERM", "HUP", "INT"] {
        let desk = Desk::new();
        let mut console = desk.start(&[WORKSTATION]);
        console
            .wait_loaded()
            .press("f2")
            .wait_for("the mouse selects");
        console.signal(name);
        let left = console.left_sane();
        assert_eq!((left.code, left.signal), (0, None), "{name}");
    }
}

/// A log that takes a while to read, with uses of PsExec in it.
fn large_log(desk: &Desk) -> String {
    let log = desk.path("large.evtx");
    let bulk = Bulk {
        records: 150_000,
        planted: 20,
        seed: 1,
    };
    bulk.write(fs::File::create(&log).unwrap()).unwrap();
    log.to_str().unwrap().to_owned()
}

#[test]
fn while_evidence_is_read_ctrl_c_stops_reading_and_the_work_goes_on_with_what_is_there() {
    let desk = Desk::new();
    let mut console = desk.start(&[&large_log(&desk)]);
    console.wait_for("reading ").press("ctrl-c");
    console
        .wait_for("loading stops; what was read stays")
        .wait_for("loading was stopped");
    console.press("g e").wait_for("all events");
    console.press("enter").wait_for("Leads to");
    console.press("g r").wait_for("stopped");
    // nothing runs any more: now it means the end
    console.press("ctrl-c");
    assert_eq!(console.left_sane().code, 0);
}

#[test]
fn while_evidence_is_read_the_terminal_is_given_back_too() {
    let desk = Desk::new();
    let log = large_log(&desk);
    for name in ["TERM", "HUP"] {
        let mut console = desk.start(&[&log]);
        console.wait_for("reading ").signal(name);
        let left = console.left_sane();
        assert_eq!((left.code, left.signal), (0, None), "{name}");
    }
}

#[test]
fn leaving_with_an_unsaved_note_asks_first() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("winexe").press("a").wait_for("Ctrl-s");
    console
        .type_text("half a thought")
        .wait_for("half a thought");
    console.press("esc").wait_gone("half a thought").press("Q");
    console.wait_for("a note or form is not saved; Q again quits");
    // anything else means: no
    console.press("a").wait_for("half a thought");
    console.press("esc").wait_gone("half a thought").press("Q");
    console.wait_for("Q again quits").press("Q");
    assert_eq!(console.left_sane().code, 0);
}

/// Starts the program below a shell that continues it once `until` is done; answers its process.
fn below_a_shell(desk: &Desk, until: &str) -> (Console, u32) {
    let pid = desk.path("pid");
    let line = format!(
        "set -m; sh -c 'echo $$ > {}; exec \"$DUALUSE\" {WORKSTATION}'; \
         printf '\\r\\nshell again\\r\\n'; {until}; fg >/dev/null; echo all over",
        pid.display()
    );
    let mut console = desk.shell(&line);
    console.wait_loaded();
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
        .wait_loaded()
        .press("Q")
        .wait_for("all over");
    assert_eq!(console.left_sane().code, 0);
}

#[test]
fn a_key_suspends_and_the_shell_continues() {
    let desk = Desk::new();
    let (mut console, _) = below_a_shell(&desk, "read word");
    console.press("ctrl-z");
    goes_on(console);
}

#[test]
fn a_signal_from_outside_suspends_too() {
    let desk = Desk::new();
    let (console, process) = below_a_shell(&desk, "read word");
    signal("TSTP", process);
    goes_on(console);
}

#[test]
fn after_a_stop_that_cannot_be_caught_everything_is_drawn_again() {
    let desk = Desk::new();
    // This shell leaves the terminal as it is, where to read a line may end at once.
    let go_on = desk.path("go on");
    let until = format!("until [ -e '{}' ]; do sleep 0.05; done", go_on.display());
    let (mut console, process) = below_a_shell(&desk, &until);
    signal("STOP", process);
    console.wait_for("shell again");
    fs::write(go_on, "").unwrap();
    console.wait_for("What happened").wait_gone("shell again");
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
