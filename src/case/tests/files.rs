//! What lies on the disk, and beside it, while a case is written and read.

use super::escalated;
use crate::case::sample::{alert, at};
use crate::case::*;

#[test]
fn everything_lies_in_the_main_file_once_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a"), folder.path().join("copy"));
    let alert = alert("FS01", &[10]);
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    case.decide(&alert, escalated()).unwrap();
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(
        Case::open_read_only(&copy).unwrap().triage(&alert).state,
        State::Closed
    );
}

#[test]
fn reading_leaves_nothing_beside_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let alert = alert("FS01", &[10]);
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    case.decide(&alert, escalated()).unwrap();
    // while somebody else has it open, and when nobody has
    let state = || Case::open_read_only(&path).unwrap().triage(&alert).state;
    assert_eq!(state(), State::Closed);
    drop(case);
    assert_eq!(state(), State::Closed);
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a"]);
}

#[test]
fn a_case_on_read_only_media_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd ?name#100%");
    drop(Case::open_or_create(&path, "ana").unwrap());
    let mut case = Case::open_read_only(&path).unwrap();
    assert!(case.is_read_only());
    let error = case.note(&alert("FS01", &[1]), "x").unwrap_err();
    assert!(matches!(error, CaseError::ReadOnly { .. }), "{error}");
    assert_eq!(at(0).rfc3339(), "2026-03-10T18:00:00.0000000Z");
}
