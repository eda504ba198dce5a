//! The main job, from the first command of the README to the second start.

use std::fs;

use crate::console::{Console, text_of};
use crate::desk::{Desk, EVENING, WORKSTATION};

/// Shows only the alerts that fit a filter.
fn only(console: &mut Console, filter: &str) {
    console.press("f").wait_for("filter:").type_text(filter);
    console.press("enter").wait_for(" hidden");
}

/// The line of the form that has the keys.
fn line_here(screen: &vt100::Screen) -> String {
    let text = text_of(screen);
    let here = text.lines().find(|line| line.contains("│ ▸"));
    here.unwrap_or_default().to_owned()
}

/// The next line of the form.
fn next_line(console: &mut Console) {
    let before = console.look(line_here);
    console
        .press("tab")
        .wait_until("the next line", |screen| line_here(screen) != before);
}

/// Changes the choice of a line until it is the one named.
fn choose(console: &mut Console, label: &str, choice: &str) {
    go_to(console, label);
    for _ in 0..10 {
        let before = console.look(line_here);
        if before.contains(choice) {
            return;
        }
        console
            .press("space")
            .wait_until("the next choice", |screen| line_here(screen) != before);
    }
    panic!("no choice {choice} in\n{}", console.text());
}

/// Goes to the line of the form that shows a text.
fn go_to(console: &mut Console, label: &str) {
    for _ in 0..40 {
        if console.look(line_here).contains(label) {
            return;
        }
        next_line(console);
    }
    panic!("no line {label} in\n{}", console.text());
}

fn fill(console: &mut Console, label: &str, value: &str) {
    go_to(console, label);
    console.type_text(value).wait_for(value);
}

fn escalate(console: &mut Console) {
    console.press("t").wait_for("decide").press("down");
    console.press("enter").wait_for("Escalated to");
    fill(console, "Escalated to", "incident response");
    fill(console, "Why", "renamed service and a credential dump");
    choose(console, "Severity", "critical");
    fill(console, "Next owner", "duty officer");
    console.press("ctrl-s").wait_for("saved: escalated");
}

#[test]
fn an_escalation_and_a_roll_out_are_all_there_after_a_restart() {
    let desk = Desk::new();
    let mut console = desk.open(&[EVENING]);
    // all hosts are read
    console.wait_for("1/14");

    only(&mut console, "psexec host:srv-app02");
    console.press("enter").wait_for("wuausvc2");
    console
        .press("g p")
        .wait_for("processes")
        .wait_for("whoami.exe");
    console.press("H").wait_for("What happened");
    console.press("g a").wait_for("account:NORDHAVN\\adm.berg");
    console.press("H").wait_for("What happened");
    console.press("g s").wait_for("logon:0x").wait_for("begun");
    console.press("H").wait_for("What happened");
    console.press("L").wait_for("logon:0x");
    console.press("H").wait_for("What happened");
    escalate(&mut console);
    console.press("a").wait_for("Ctrl-s");
    console.type_text("rang the duty officer, no answer yet");
    console.wait_for("no answer yet");
    console.press("ctrl-s").wait_for("saved: note");

    console.press("H").wait_for(" hidden").press("C");
    console.wait_gone(" hidden");
    only(&mut console, "ossec-agent-win32");
    console.wait_for("1/4");
    for marked in ["1 marked", "2 marked", "3 marked", "4 marked"] {
        console.press("space").wait_for(marked);
    }
    console.press("t").wait_for("decide");
    console.press("enter").wait_for("Attributed to");
    fill(&mut console, "Attributed to", "monitoring team");
    choose(&mut console, "Basis", "a change ticket");
    fill(&mut console, "Ticket", "CHG-4711");
    while console.text().contains("[ ] red flag") {
        go_to(&mut console, "[ ] red flag");
        console.press("space").wait_until("acknowledged", |screen| {
            text_of(screen).contains("│ ▸ [x] red flag")
        });
    }
    console.press("ctrl-s").wait_for("saved: admin-attributed");

    let note = desk.path("note.md");
    console.press("x").wait_for("preview");
    go_to(&mut console, "File");
    console.press("ctrl-u").type_text(note.to_str().unwrap());
    console.press("ctrl-s").wait_for("written: ");
    console.press("Q");
    assert_eq!(console.left_sane().code, 0);
    let exported = fs::read_to_string(&note).unwrap();
    assert!(exported.contains("rang the duty officer, no answer yet"));
    assert_eq!(exported.matches("CHG-4711").count(), 4, "{exported}");

    let mut console = desk.open(&["--fresh", EVENING]);
    console.wait_for("escalated");
    only(&mut console, "ossec-agent-win32");
    console.wait_until("four attributed alerts", |screen| {
        text_of(screen)
            .lines()
            .filter(|line| line.contains("winexe") && line.contains("admin-"))
            .count()
            == 4
    });
    console.press("C").wait_gone(" hidden");
    only(&mut console, "psexec host:srv-app02");
    console.press("enter").wait_for("What happened");
    console
        .resize(120, 120)
        .wait_for("Escalated to: incident response");
    console.wait_for("rang the duty officer, no answer yet");
    console.press("Q");
    console.left_sane();
}

#[test]
fn what_was_shown_as_saved_survives_kill_9() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("winexe");
    console
        .press("a")
        .wait_for("Ctrl-s")
        .type_text("seen at once");
    console.wait_for("seen at once").press("ctrl-s");
    console.wait_for("saved: note");
    console.signal("KILL");
    assert!(console.left().signal.is_some());

    let mut console = desk.open(&[WORKSTATION]);
    console
        .wait_for("winexe")
        .press("enter")
        .wait_for("What happened");
    console.resize(120, 120).wait_for("seen at once");
}

#[test]
fn what_is_copied_goes_through_the_terminal() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("winexe");
    only(&mut console, "ossec-agent-win32");
    console.press("enter").wait_for("What happened");
    console.press("/").wait_for("find:").type_text("S-1-5-21");
    console
        .press("enter")
        .wait_until("the cursor on the account", |screen| {
            text_of(screen).contains("▸ who ")
        });
    console.press("y c").wait_for("copied ");
    // NORDHAVN\svc-ossim
    assert_eq!(console.heard().copied, ["Tk9SREhBVk5cc3ZjLW9zc2lt"]);
}
