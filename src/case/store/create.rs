//! Making a new case file, so that it is either whole or not there.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, params};

use super::{APPLICATION_ID, FORMAT, Seal, beside, make_durable};
use crate::case::entry::{Entry, EntryId};
use crate::case::error::CaseError;

/// Lays out an empty case in an empty database.
pub(super) fn lay_out(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN;
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = {FORMAT};
         CREATE TABLE entry (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
         CREATE TABLE seal (value TEXT NOT NULL) STRICT;
         INSERT INTO seal VALUES ('{{\"entries\":0,\"heads\":[]}}');
         CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
           BEGIN SELECT raise(ABORT, 'entries are never changed'); END;
         CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
           BEGIN SELECT raise(ABORT, 'entries are never removed'); END;
         COMMIT;"
    ))
}

/// Makes an empty case under a name of its own and then gives it the wanted one, which fails when
/// something is there already.
pub(super) fn create(
    path: &Path,
    entries: &[Arc<Entry>],
    heads: &[EntryId],
) -> Result<(), CaseError> {
    let seal = serde_json::to_string(&Seal {
        entries: entries.len().try_into().unwrap_or(i64::MAX),
        heads: heads.to_vec(),
    })?;
    let wal = beside(path, "-wal");
    // Asked in this order, another process that makes the case just now is not mistaken for one
    // that lost it.
    if wal.exists() && !path.exists() {
        return Err(CaseError::MainFileMissing {
            path: path.to_owned(),
            wal,
        });
    }
    let folder = folder_of(path);
    fs::create_dir_all(&folder).map_err(|error| cannot_make(path, &error))?;
    let draft = draft_of(path);
    let _ = fs::remove_file(&draft);
    let made = write_draft(&draft, entries, &seal)
        .map_err(|error| CaseError::sqlite(path, &error))
        .and_then(|()| publish(&draft, path).map_err(|error| cannot_make(path, &error)));
    let _ = fs::remove_file(&draft);
    made?;
    sync_folder(&folder);
    Ok(())
}

fn write_draft(draft: &Path, entries: &[Arc<Entry>], seal: &str) -> rusqlite::Result<()> {
    let mut connection = Connection::open(draft)?;
    make_durable(&connection)?;
    lay_out(&connection)?;
    let transaction = connection.transaction()?;
    for (entry, position) in entries.iter().zip(1i64..) {
        transaction.execute(
            "INSERT INTO entry (position, id, body) VALUES (?1, ?2, ?3)",
            params![position, entry.id.as_str(), entry.body()],
        )?;
    }
    transaction.execute("UPDATE seal SET value = ?1", [seal])?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}

/// A hard link fails when the name is taken; a file system without them gets a copy under the
/// same condition.
fn publish(draft: &Path, path: &Path) -> std::io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            let mut target = fs::File::options()
                .write(true)
                .create_new(true)
                .open(path)?;
            std::io::copy(&mut fs::File::open(draft)?, &mut target)?;
            target.sync_all()
        }
        done => done,
    }
}

fn cannot_make(path: &Path, error: &std::io::Error) -> CaseError {
    match CaseError::io(path, error) {
        CaseError::NotFound { path } => CaseError::Io {
            path,
            reason: error.to_string(),
        },
        other => other,
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name that nobody else makes a case under.
fn draft_of(path: &Path) -> PathBuf {
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{number}.new", std::process::id()));
    folder_of(path).join(name)
}

/// Makes the new name survive a power cut, where the system lets a folder be synced.
fn sync_folder(folder: &Path) {
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
}
