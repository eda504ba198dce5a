//! What `case verify` finds of changes made by hand, and the one that only a cited head shows.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::escalated;
use crate::case::sample::alert;
use crate::case::*;

/// A case of four entries.
fn case_of_four(folder: &Path) -> PathBuf {
    let path = folder.join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    for record in 1..4 {
        case.decide(&alert("FS01", &[record]), escalated()).unwrap();
    }
    path
}

/// What a hand does to a copy of the case that may change anything.
fn tampered(path: &Path, hand: impl FnOnce(&Connection)) -> Verification {
    let copy = path.with_extension("copy");
    let _ = std::fs::remove_file(&copy);
    std::fs::copy(path, &copy).unwrap();
    let connection = Connection::open(&copy).unwrap();
    connection
        .execute_batch("DROP TRIGGER entry_is_never_changed; DROP TRIGGER entry_is_never_removed;")
        .unwrap();
    hand(&connection);
    connection.close().unwrap();
    Case::open_read_only(&copy).unwrap().verify().unwrap()
}

fn run(sql: &str) -> impl FnOnce(&Connection) {
    move |connection| connection.execute_batch(sql).unwrap()
}

#[test]
fn any_flipped_byte_of_the_chain_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    for record in 1..4 {
        case.decide(&alert("FS01", &[record]), escalated()).unwrap();
    }
    let log: Vec<EntryId> = case.log().iter().map(|entry| entry.id.clone()).collect();
    drop(case);
    let pristine = std::fs::read(&path).unwrap();
    let flipped = folder.path().join("flipped");
    // A step without common factor with the page size visits every kind of place.
    for at in (0..pristine.len()).step_by(61) {
        let mut bytes = pristine.clone();
        bytes[at] ^= 1;
        std::fs::write(&flipped, &bytes).unwrap();
        let Ok(case) = Case::open_read_only(&flipped) else {
            continue;
        };
        let is_whole = case.verify().is_ok_and(|found| found.is_whole());
        let same = case.log().iter().map(|entry| &entry.id).eq(&log);
        assert!(
            !is_whole || same,
            "byte {at} was changed and nobody noticed"
        );
    }
    // And every single byte of what was written about alerts.
    for entry in Case::open_read_only(&path).unwrap().log() {
        for at in 0..entry.body().len() {
            let mut body = entry.body().as_bytes().to_vec();
            body[at] ^= 1;
            let body = String::from_utf8_lossy(&body);
            assert!(Entry::read(entry.id.as_str(), &body).is_err());
        }
    }
}

#[test]
fn every_changed_byte_of_every_column_is_found_and_the_entry_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_of_four(folder.path());
    let rows: Vec<(i64, String, String)> = Connection::open(&path)
        .unwrap()
        .prepare("SELECT position, id, body FROM entry")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 4);
    for (position, id, body) in &rows {
        // Bytes of the body are flipped one by one above; here a few through the file.
        for (column, text, step) in [("id", id, 9), ("body", body, body.len() / 3)] {
            for at in (0..text.len()).step_by(step) {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] ^= 1;
                let changed = String::from_utf8(bytes).unwrap();
                let found = tampered(&path, |connection| {
                    let sql = format!("UPDATE entry SET {column} = ?1 WHERE position = ?2");
                    connection.execute(&sql, (&changed, position)).unwrap();
                });
                assert!(!found.is_whole(), "{column} {at} of entry {position}");
                assert_eq!(found.broken[0].position, *position);
            }
        }
        for other in [0, -1, position + 10] {
            let sql = format!("UPDATE entry SET position = {other} WHERE position = {position}");
            assert!(!tampered(&path, run(&sql)).is_whole(), "{sql}");
        }
    }
    assert!(
        tampered(&path, |_| {}).is_whole(),
        "the triggers alone are no fault"
    );
}

#[test]
fn removed_swapped_and_added_entries_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_of_four(folder.path());
    for position in 1..=4 {
        for sql in [
            format!("DELETE FROM entry WHERE position = {position}"),
            format!(
                "DELETE FROM entry WHERE position = {position};
                 UPDATE entry SET position = position - 1 WHERE position > {position}"
            ),
            format!("DELETE FROM entry WHERE position >= {position}"),
        ] {
            let found = tampered(&path, run(&sql));
            assert!(!found.is_whole(), "{sql}");
        }
    }
    for sql in [
        "UPDATE entry SET position = 99 WHERE position = 2;
         UPDATE entry SET position = 2 WHERE position = 3;
         UPDATE entry SET position = 3 WHERE position = 99",
        "DELETE FROM seal",
        "UPDATE seal SET value = replace(value, '4', '3')",
    ] {
        assert!(!tampered(&path, run(sql)).is_whole(), "{sql}");
    }
}

#[test]
fn a_forged_entry_is_found_unless_the_seal_is_forged_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_of_four(folder.path());
    let case = Case::open_read_only(&path).unwrap();
    let first = &case.log()[0];
    let forged = Entry::seal(Content {
        before: vec![first.id.clone()],
        author: "bo".to_owned(),
        ..first.content.clone()
    })
    .unwrap();
    let insert = |connection: &Connection| {
        let sql = "INSERT INTO entry VALUES (5, ?1, ?2)";
        let row = (forged.id.as_str(), forged.body());
        connection.execute(sql, row).unwrap();
    };
    assert!(!tampered(&path, insert).is_whole());
}

#[test]
fn a_tail_cut_off_together_with_its_seal_is_shown_by_a_cited_head_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = case_of_four(folder.path());
    let case = Case::open_read_only(&path).unwrap();
    let (cited, third) = (case.heads().remove(0), case.log()[2].id.clone());
    let seal = format!(r#"{{"entries":3,"heads":["{third}"]}}"#);
    let sql = format!("DELETE FROM entry WHERE position = 4; UPDATE seal SET value = '{seal}'");
    let found = tampered(&path, run(&sql));
    // A chain that is written anew as a whole holds in itself: nothing inside a file can show it.
    assert!(found.is_whole(), "{found:?}");
    // What a report cited outside of the file does: `case verify --holds`.
    let cut = Case::open_read_only(&path.with_extension("copy")).unwrap();
    assert!(case.entry(&cited).is_some() && cut.entry(&cited).is_none());
}
