//! What can go wrong with a case, in words that name the file and the remedy.

use std::path::{Path, PathBuf};

use super::decision::{Fault, Refusal};

/// Why something could not be done with a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A decision is incomplete or not possible now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is nothing to take back.
    #[error("nothing to undo: no decision or note of {author} in this case is in force")]
    NothingToUndo {
        /// Whose.
        author: String,
    },
    /// There is nothing to bring back.
    #[error("nothing to redo: the last act of {author} in this case was not an undo")]
    NothingToRedo {
        /// Whose.
        author: String,
    },
    /// A note to edit is not, or no longer, current.
    #[error("this note was changed or removed meanwhile; look again and edit its current text")]
    NoSuchNote,
    /// A rule about known activity cannot be saved.
    #[error("the rule cannot be saved yet:{}", listed(faults))]
    KnownRefused {
        /// All that is wrong.
        faults: Vec<Fault>,
    },
    /// A rule to edit or revoke is not, or no longer, in force.
    #[error("no such rule is in force; `dualuse known list` names them")]
    NoSuchRule,
    /// A file of rules is wrong.
    #[error("the rules cannot be taken in:\n  {}", faults.join("\n  "))]
    KnownFile {
        /// All that is wrong.
        faults: Vec<String>,
    },
    /// A merge writes to a new file only.
    #[error("{path}: there is a file already, and a merge replaces none; name a new one")]
    AlreadyThere {
        /// Which file.
        path: PathBuf,
    },
    /// The file is not there.
    #[error(
        "{path}: no such case. Name an existing one with --case, or `dualuse EVIDENCE --case {path}` begins a new one"
    )]
    NotFound {
        /// Which file.
        path: PathBuf,
    },
    /// The file is gone, its write-ahead log is not.
    #[error(
        "{path} is missing, but {wal} is there: the case was moved or deleted without it. Put it back beside it, or move that file away; no new case is begun in its place"
    )]
    MainFileMissing {
        /// Which file.
        path: PathBuf,
        /// The write-ahead log.
        wal: PathBuf,
    },
    /// The file is something else.
    #[error(
        "{path}: not a dualuse case ({reason}). Nothing was written to it; name another file with --case"
    )]
    NotACase {
        /// Which file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The file was written by a later program.
    #[error(
        "{path}: written by a newer dualuse (case format {found}, this one knows {known}). Nothing was changed; update dualuse to open it"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this program knows.
        known: i64,
    },
    /// The file is damaged.
    #[error(
        "{path}: the case file is damaged ({reason}). Nothing was changed. `dualuse case verify {path}` says what still holds; go on with a copy from backup, or take what still holds into a new case with `dualuse case merge {path} -o NEW`"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What SQLite or the chain says.
        reason: String,
    },
    /// Another process holds it.
    #[error(
        "{path}: another dualuse is writing to this case and did not finish within {seconds} s. Nothing was saved; try again"
    )]
    Busy {
        /// Which file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// Writing is not allowed.
    #[error(
        "{path}: the case cannot be written here ({reason}). Nothing was saved; make the file, those beside it that begin with its name, and the folder writable, or choose another place with --case"
    )]
    ReadOnly {
        /// Which file.
        path: PathBuf,
        /// What forbids it.
        reason: String,
    },
    /// No room.
    #[error(
        "{path}: no space left on the disk. This was not saved, everything before it is; make room and do it again"
    )]
    DiskFull {
        /// Which file.
        path: PathBuf,
    },
    /// Anything else that the system says.
    #[error("{path}: {reason}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// An entry could not be put into words; never expected.
    #[error("the entry could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// No folder for cases is known.
    #[error("no folder for case files is known ({0}); name one with --case FILE")]
    NoHome(String),
}

impl CaseError {
    /// Puts what SQLite says into words.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let path = path.to_owned();
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => CaseError::DiskFull { path },
            // What fails here is making the shared memory file larger.
            _ if extended(error) == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => {
                CaseError::DiskFull { path }
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => CaseError::Busy {
                path,
                seconds: super::store::BUSY_TIMEOUT.as_secs(),
            },
            Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => {
                CaseError::ReadOnly { path, reason }
            }
            Some(Code::DatabaseCorrupt) => CaseError::Damaged { path, reason },
            Some(Code::NotADatabase) => CaseError::NotACase { path, reason },
            _ => CaseError::Io { path, reason },
        }
    }

    /// Puts what the operating system says into words.
    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let path = path.to_owned();
        match error.kind() {
            Kind::NotFound => CaseError::NotFound { path },
            Kind::AlreadyExists => CaseError::AlreadyThere { path },
            Kind::StorageFull | Kind::QuotaExceeded => CaseError::DiskFull { path },
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => CaseError::ReadOnly {
                path,
                reason: error.to_string(),
            },
            _ => CaseError::Io {
                path,
                reason: error.to_string(),
            },
        }
    }
}

fn extended(error: &rusqlite::Error) -> Option<std::ffi::c_int> {
    error.sqlite_error().map(|error| error.extended_code)
}

fn listed(faults: &[Fault]) -> String {
    let lines = faults
        .iter()
        .map(|fault| format!("\n  {}: {}", fault.field, fault.what));
    lines.collect()
}
