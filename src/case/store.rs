//! The case file: one SQLite database that only ever grows.
//!
//! Writing is durable before it is reported: WAL with `synchronous=FULL`, then a checkpoint, so
//! that everything reported saved lies in the main file, synced, and a copy of that file alone is
//! whole. Several processes may have the same case open: each write first takes in what others
//! wrote (see [`Store::write`]).

mod create;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::entry::{Entry, EntryId};
use super::error::CaseError;

/// How long a write waits for another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// After what part of that it says that it waits.
const UNNOTICED: Duration = Duration::from_millis(500);
/// `PRAGMA application_id` of a case: "dual".
const APPLICATION_ID: i64 = 0x6475_616c;
/// `PRAGMA user_version`: the format of the file.
const FORMAT: i64 = 1;

/// An entry as stored, before it is believed.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) position: i64,
    pub(super) id: String,
    pub(super) body: String,
}

/// What the file says about its own log, to notice rows cut off at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Seal {
    pub(super) entries: i64,
    pub(super) heads: Vec<EntryId>,
}

/// Whom to tell when a write has to wait for another process; it is given the path of the case.
pub(super) struct OnWait(pub(super) Box<dyn Fn(&Path) + Send>);

impl std::fmt::Debug for OnWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnWait")
    }
}

/// An open case file.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
    read_only: bool,
    /// The position of the last entry that was read.
    read_to: i64,
    /// Called when a write has to wait for another process.
    pub(super) on_wait: Option<OnWait>,
}

impl Store {
    /// A store without a file, for work that is not to be kept.
    pub(super) fn in_memory() -> Result<Self, CaseError> {
        let path = PathBuf::from("(no case file)");
        let fail = |error: rusqlite::Error| CaseError::sqlite(&path, &error);
        let connection = Connection::open_in_memory().map_err(fail)?;
        create::lay_out(&connection).map_err(fail)?;
        Ok(Store {
            connection,
            path,
            read_only: false,
            read_to: 0,
            on_wait: None,
        })
    }

    /// Opens an existing case for writing.
    pub(super) fn open(path: &Path) -> Result<Self, CaseError> {
        check_head(path)?;
        let fail = |error: rusqlite::Error| CaseError::sqlite(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        if connection.is_readonly("main").map_err(fail)? {
            let reason = "the file is write-protected".to_owned();
            return Err(CaseError::ReadOnly {
                path: path.to_owned(),
                reason,
            });
        }
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fail)?;
        check_format(&connection, path)?;
        make_durable(&connection).map_err(fail)?;
        Ok(Store {
            connection,
            path: path.to_owned(),
            read_only: false,
            read_to: 0,
            on_wait: None,
        })
    }

    /// Opens an existing case for reading only, also on media that cannot be written. Where nobody
    /// else has it open, nothing is left beside it.
    pub(super) fn open_read_only(path: &Path) -> Result<Self, CaseError> {
        check_head(path)?;
        let usable = |connection: Connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(connection)
        };
        let wal = std::fs::metadata(beside(path, "-wal"));
        let connection = match &wal {
            // who has a case open has its log beside it
            Err(error) if error.kind() == ErrorKind::NotFound => read_as_it_lies(path),
            _ => read_with_others(path),
        };
        let connection = connection.and_then(usable).or_else(|error| {
            // A WAL database wants an index beside it even to be read. Where none can be made,
            // nobody else has the case open, and it is read without.
            let is_full = matches!(CaseError::sqlite(path, &error), CaseError::DiskFull { .. });
            match wal.is_ok_and(|wal| wal.len() > 0) {
                false => read_as_it_lies(path),
                true if cfg!(unix) && is_full => read_with_index_in_memory(path),
                true => return Err(error),
            }
            .and_then(usable)
        });
        let connection = connection.map_err(|error| CaseError::sqlite(path, &error))?;
        check_format(&connection, path)?;
        Ok(Store {
            connection,
            path: path.to_owned(),
            read_only: true,
            read_to: 0,
            on_wait: None,
        })
    }

    /// Makes a new, empty case. Never replaces a file.
    pub(super) fn create(path: &Path) -> Result<Self, CaseError> {
        create::create(path, &[], &[])?;
        Store::open(path)
    }

    /// Makes a new case that holds entries from the beginning. Either all of it is there, or
    /// nothing.
    pub(super) fn create_with(
        path: &Path,
        entries: &[Arc<Entry>],
        heads: &[EntryId],
    ) -> Result<(), CaseError> {
        create::create(path, entries, heads)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was opened for reading only.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The entries that were not read yet, own ones included.
    pub(super) fn read_new(&mut self) -> Result<Vec<Row>, CaseError> {
        let rows = rows_after(&self.connection, self.read_to).map_err(|error| self.fail(&error))?;
        self.read_to = rows.last().map_or(self.read_to, |row| row.position);
        Ok(rows)
    }

    /// Appends entries and makes them durable. `compose` gets the rows that other processes wrote
    /// since the last read, and answers what to append; nobody else can write in between. When
    /// anything fails, nothing is stored.
    pub(super) fn write(
        &mut self,
        compose: impl FnOnce(Vec<Row>) -> Result<(Vec<Entry>, Seal), CaseError>,
    ) -> Result<Vec<Entry>, CaseError> {
        let path = self.path.clone();
        let fail = |error: rusqlite::Error| CaseError::sqlite(&path, &error);
        if self.read_only {
            let reason = "it was opened for reading only".to_owned();
            return Err(CaseError::ReadOnly {
                path: path.clone(),
                reason,
            });
        }
        self.wait_for_others().map_err(fail)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fail)?;
        let news = rows_after(&transaction, self.read_to).map_err(fail)?;
        let mut position = news.last().map_or(self.read_to, |row| row.position);
        self.read_to = position;
        let (entries, seal) = compose(news)?;
        for entry in &entries {
            position += 1;
            transaction
                .prepare_cached("INSERT INTO entry (position, id, body) VALUES (?1, ?2, ?3)")
                .and_then(|mut insert| {
                    insert.execute(params![position, entry.id.as_str(), entry.body()])
                })
                .map_err(fail)?;
        }
        let seal = serde_json::to_string(&Seal {
            entries: position,
            ..seal
        })?;
        transaction
            .execute("UPDATE seal SET value = ?1", [seal])
            .map_err(fail)?;
        transaction.commit().map_err(fail)?;
        self.read_to = position;
        self.checkpoint();
        Ok(entries)
    }

    /// Says so when another process holds the case for longer than nobody would notice.
    fn wait_for_others(&mut self) -> rusqlite::Result<()> {
        let Some(OnWait(on_wait)) = &self.on_wait else {
            return Ok(());
        };
        self.connection.busy_timeout(UNNOTICED)?;
        let probe = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map(drop);
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        match probe {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                on_wait(&self.path);
                Ok(())
            }
            other => other,
        }
    }

    /// Every row as it lies in the file, and what the file says about them.
    pub(super) fn read_all(&self) -> Result<(Vec<Row>, Option<Seal>), CaseError> {
        // One transaction: another process may write between the two reads.
        let moment = self
            .connection
            .unchecked_transaction()
            .map_err(|error| self.fail(&error))?;
        let rows = rows_after(&moment, i64::MIN).map_err(|error| self.fail(&error))?;
        let seal = moment
            .query_row("SELECT value FROM seal", [], |row| row.get::<_, String>(0))
            .optional()
            .map_err(|error| self.fail(&error))?;
        Ok((rows, seal.and_then(|text| serde_json::from_str(&text).ok())))
    }

    /// What SQLite finds wrong with the file; empty when it is whole.
    pub(super) fn integrity_faults(&self) -> Result<Vec<String>, CaseError> {
        let check = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            lines
                .filter(|line| !matches!(line.as_deref(), Ok("ok")))
                .collect()
        };
        check(&self.connection).map_err(|error| self.fail(&error))
    }

    /// Moves what was committed from the write-ahead log into the main file. It is durable in
    /// either, so failing (another reader, a full disk) loses nothing, and nobody waits for it.
    fn checkpoint(&self) {
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = self.connection.busy_timeout(BUSY_TIMEOUT);
    }

    fn fail(&self, error: &rusqlite::Error) -> CaseError {
        CaseError::sqlite(&self.path, error)
    }
}

fn rows_after(connection: &Connection, position: i64) -> rusqlite::Result<Vec<Row>> {
    connection
        .prepare_cached(
            "SELECT position, id, body FROM entry WHERE position > ?1 ORDER BY position",
        )?
        .query_map([position], |row| {
            Ok(Row {
                position: row.get(0)?,
                id: row.get(1)?,
                body: row.get(2)?,
            })
        })?
        .collect()
}

fn make_durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Apple's fsync does not reach the platter without these.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)
}

/// A file that SQLite keeps beside a case: `-wal` is its write-ahead log, `-shm` the index of that.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Refuses what is no SQLite file before SQLite touches it: it takes an empty file for a new
/// database.
fn check_head(path: &Path) -> Result<(), CaseError> {
    use std::io::Read;
    let not_a_case = |reason: &str| CaseError::NotACase {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let fail = |error: std::io::Error| CaseError::io(path, &error);
    if path.is_dir() {
        return Err(not_a_case("it is a folder"));
    }
    let mut head = Vec::new();
    std::fs::File::open(path)
        .map_err(fail)?
        .take(16)
        .read_to_end(&mut head)
        .map_err(fail)?;
    match head.as_slice() {
        b"SQLite format 3\0" => Ok(()),
        [] => Err(CaseError::Damaged {
            path: path.to_owned(),
            reason: "it is empty".to_owned(),
        }),
        _ => Err(not_a_case("it does not begin as one")),
    }
}

fn check_format(connection: &Connection, path: &Path) -> Result<(), CaseError> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| CaseError::sqlite(path, &error))
    };
    if pragma("application_id")? != APPLICATION_ID {
        let reason = "it is an SQLite database of another program".to_owned();
        return Err(CaseError::NotACase {
            path: path.to_owned(),
            reason,
        });
    }
    let found = pragma("user_version")?;
    if found > FORMAT {
        return Err(CaseError::Newer {
            path: path.to_owned(),
            found,
            known: FORMAT,
        });
    }
    Ok(())
}

/// Opens a case that others may have open and write to.
fn read_with_others(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Opens a case whose write-ahead log is empty, without any file beside it.
fn read_as_it_lies(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(path, "immutable=1"), flags)
}

/// Opens a case whose entries wait in its write-ahead log, and keeps the log's index in memory.
/// SQLite does that only for who has a file alone and may write to it; nothing is written.
fn read_with_index_in_memory(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path, "vfs=unix-excl"), flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// SQLite's URI for a file and how to open it; the characters with a meaning there are escaped.
fn uri(path: &Path, how: &str) -> String {
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{escaped}?{how}")
}
