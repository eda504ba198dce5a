//! Evidence that cannot be read: clear words, and the rest goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::desk::Desk;

fn log(name: &str) -> Vec<u8> {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    fs::read(logs.join(name)).unwrap()
}

#[test]
fn each_part_that_was_not_read_is_named_with_its_reason() {
    let desk = Desk::new();
    let folder = desk.path("logs");
    fs::create_dir(&folder).unwrap();
    let security = log("WS-1017/Security.evtx");
    fs::write(
        folder.join("Security.evtx"),
        &security[..security.len() - 70_000],
    )
    .unwrap();
    fs::write(folder.join("System.evtx"), log("WS-1017/System.evtx")).unwrap();
    fs::write(folder.join("notes.evtx"), "these are my notes\n").unwrap();
    let mut console = desk.start(&[folder.to_str().unwrap()]);
    console.wait_for(" not read").wait_loaded().press("g r");
    console.wait_for("Could not be read").wait_for("notes.evtx");
    console
        .wait_for("not an event log")
        .wait_for("Security.evtx");
    console.press("Q");
    console.left_sane();
}

#[test]
fn a_folder_without_logs_says_so() {
    let desk = Desk::new();
    let folder = desk.path("empty");
    fs::create_dir(&folder).unwrap();
    let mut console = desk.start(&[folder.to_str().unwrap()]);
    console
        .wait_for(&format!("No event log was found in {}", folder.display()))
        .press("q");
    console.left_sane();
}

#[test]
fn a_folder_without_permission_says_so() {
    let desk = Desk::new();
    let folder = desk.path("locked");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&folder).is_ok() {
        // nothing is forbidden to this user
        return;
    }
    let mut console = desk.start(&[folder.to_str().unwrap()]);
    console
        .wait_for("1 not read")
        .press("g r")
        .wait_for("ermission denied");
    console.press("Q");
    console.left_sane();
}

#[test]
fn evidence_that_is_not_there_says_so() {
    let desk = Desk::new();
    let mut console = desk.start(&["testdata/log"]);
    console
        .wait_for("1 not read")
        .press("g r")
        .wait_for("No such file");
    console.press("Q");
    console.left_sane();
}
