//! What the program remembers on its own, where, and what it leaves alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::desk::{Desk, EVENING, WORKSTATION};

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The session files of the desk.
fn sessions(desk: &Desk) -> Vec<PathBuf> {
    let mut found = files(desk.home());
    found.retain(|path| path.to_string_lossy().contains("sessions"));
    found
}

#[test]
fn the_next_start_goes_on_where_the_last_one_ended() {
    let desk = Desk::new();
    let mut console = desk.open(&[EVENING]);
    console.wait_for("1/14").press("j j space enter");
    console
        .wait_for("What happened")
        .press("g a")
        .wait_for("logons");
    console.press("Q");
    console.left_sane();

    let mut console = desk.open(&[EVENING]);
    console
        .wait_for("as you left it")
        .wait_for("logons")
        .wait_for("1 marked");
    console.press("H").wait_for("What happened");
    console.press("H").wait_for(" 4/14").press("Q");
    console.left_sane();

    let mut console = desk.open(&["--fresh", EVENING]);
    console.wait_for("1/14").wait_gone("marked").press("Q");
    console.left_sane();
}

#[test]
fn a_hang_up_keeps_the_session_too() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("1/").press("g r").wait_for("Read");
    console.signal("HUP");
    console.left_sane();
    let mut console = desk.open(&[WORKSTATION]);
    console
        .wait_for("as you left it")
        .wait_for("sources")
        .press("Q");
    console.left_sane();
}

#[test]
fn a_broken_session_is_said_and_nothing_more() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console
        .wait_for("1/")
        .press("g r")
        .wait_for("Read")
        .press("Q");
    console.left_sane();
    let files = sessions(&desk);
    assert_eq!(files.len(), 1, "{files:?}");
    fs::write(&files[0], "{ \"form\": ").unwrap();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("cannot be read").wait_loaded().press("Q");
    console.left_sane();
    // the next one is whole again
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_loaded().wait_gone("cannot be read").press("Q");
    console.left_sane();
}

#[test]
fn without_state_nothing_is_written_and_what_was_decided_still_shows() {
    let desk = Desk::new();
    let mut console = desk.open(&["--no-state", WORKSTATION]);
    console
        .wait_loaded()
        .press("t")
        .wait_for("cannot be written");
    console.press("g r").wait_for("Read").press("Q");
    console.left_sane();
    assert_eq!(files(desk.home()), Vec::<PathBuf>::new());

    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("winexe").press("a").wait_for("Ctrl-s");
    console.type_text("seen before").wait_for("seen before");
    console.press("ctrl-s").wait_for("saved: note").press("Q");
    console.left_sane();
    let contents = || {
        let all = files(desk.home()).into_iter();
        let mut all: Vec<(PathBuf, Vec<u8>)> = all
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        all.sort();
        all
    };
    let before = contents();
    let mut console = desk.open(&["--no-state", WORKSTATION]);
    console
        .wait_for("winexe")
        .press("enter")
        .wait_for("What happened");
    console.resize(120, 120).wait_for("seen before").press("Q");
    console.left_sane();
    assert_eq!(contents(), before);
}

#[test]
fn a_note_waits_for_another_process_and_says_so() {
    let desk = Desk::new();
    let mut console = desk.open(&[WORKSTATION]);
    console.wait_for("winexe").press("a").wait_for("Ctrl-s");
    console.type_text("first").press("ctrl-s");
    console.wait_for("saved: note");
    let mut cases = files(desk.home());
    cases.retain(|path| path.extension().is_some_and(|kind| kind == "dualuse-case"));
    let other = rusqlite::Connection::open(&cases[0]).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    console.press("a").wait_for("Ctrl-s");
    console.type_text("second").press("ctrl-s");
    console.wait_for("waiting for it");
    other.execute_batch("ROLLBACK").unwrap();
    console
        .wait_gone("waiting for it")
        .wait_for("saved: note")
        .press("Q");
    console.left_sane();
}

#[test]
fn nothing_is_ever_written_beside_the_evidence() {
    let desk = Desk::new();
    let evidence = desk.path("evidence");
    fs::create_dir(&evidence).unwrap();
    for log in files(Path::new(WORKSTATION)) {
        fs::copy(&log, evidence.join(log.file_name().unwrap())).unwrap();
    }
    let before = files(&evidence);
    let mut console = desk.open(&[evidence.to_str().unwrap()]);
    console
        .wait_loaded()
        .press("enter")
        .wait_for("What happened");
    console.press("f12").wait_for("written: ").press("Q");
    console.left_sane();
    assert_eq!(files(&evidence), before);
    // a report about the program says nothing of the evidence
    let mut dumps = files(desk.home());
    dumps.retain(|path| path.to_string_lossy().contains("dumps"));
    let dump = fs::read_to_string(&dumps[0]).unwrap();
    assert!(
        dump.contains("key: Enter") && dump.contains("snapshot"),
        "{dump}"
    );
    for said in ["winexe", "WS-1017", "nordhavn", "NORDHAVN"] {
        assert!(!dump.contains(said), "{said} in {dump}");
    }
}

#[test]
fn settings_keys_and_themes_of_ones_own_are_in_force() {
    let desk = Desk::new();
    let folder = desk.path(".config/dualuse");
    fs::create_dir_all(folder.join("themes")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "config.toml",
        "theme = 'mine'\ntime-zone = 'Europe/Oslo'\nmouse = true\nsort = 'time'\nconfirm-quit = true\n",
    );
    write("keys.toml", "[normal]\n\"Z\" = \"help\"\n");
    write(
        "themes/mine.toml",
        "about = 'mine'\ninherits = 'dark'\n[roles]\ndim = { fg = '#123456' }\n",
    );
    write("themes/broken.toml", "about = 3\n");
    let mut console = desk.start_with((120, 40), &[("COLORTERM", "truecolor")], &[WORKSTATION]);
    console
        .wait_for("Europe/Oslo")
        .wait_for("left out: theme broken");
    console.wait_until("the mouse", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::AnyMotion
    });
    console.wait_until("the colour of the theme", |screen| {
        let colour = vt100::Color::Rgb(0x12, 0x34, 0x56);
        (0..40).any(|row| {
            (0..120).any(|column| {
                screen
                    .cell(row, column)
                    .is_some_and(|cell| cell.fgcolor() == colour)
            })
        })
    });
    console
        .press("Z")
        .wait_for("keys that work here")
        .press("esc");
    console
        .wait_gone("keys that work here")
        .press("Q")
        .wait_for("Q again quits");
    console.press("Q");
    console.left_sane();

    // what is wrong keeps the interface from starting half configured, and is said in full
    write("config.toml", "mouse = 3\nfont = 'big'\n");
    let mut console = desk.start(&[WORKSTATION]);
    console
        .wait_for("line 1, column 9")
        .wait_for("line 2, column 1");
    assert_eq!(console.left_sane().code, 2);
}
