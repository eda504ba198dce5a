//! What the analyst hands in: files and folders, opened read-only, never written to or beside.

pub mod discover;
mod evtx_file;
pub mod lean;
mod memo;
mod record;
mod template;
mod value;
mod xml;

use std::path::PathBuf;

pub use evtx_file::{CHUNK_SIZE, Chunk, Chunks, EvtxFile, read_record};
pub use record::{Field, Header, Record};

use crate::event::Time;

/// The place of a record in its source: for EVTX the number of the 64 KiB chunk and the byte
/// offset of the record in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Chunk number, counted from 0 at file offset 4096.
    pub chunk: u32,
    /// Byte offset in the chunk.
    pub offset: u16,
}

/// A part of a source that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Damage {
    /// Byte offset in the file.
    pub offset: u64,
    /// Size of the part in bytes; 0 when unknown.
    pub bytes: u64,
    /// Why, in words.
    pub reason: String,
}

/// What was read from one source, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SourceReport {
    /// Path as found.
    pub path: PathBuf,
    /// `evtx`.
    pub kind: &'static str,
    /// File size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex, when asked for.
    pub sha256: Option<String>,
    /// Events read.
    pub events: u64,
    /// Earliest event.
    pub first_time: Option<Time>,
    /// Latest event.
    pub last_time: Option<Time>,
    /// Smallest record id.
    pub first_record_id: Option<u64>,
    /// Largest record id.
    pub last_record_id: Option<u64>,
    /// Records that the fast reader left to the full one.
    pub read_in_full: u64,
    /// What could not be read.
    pub damage: Vec<Damage>,
}

/// Why something handed in could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Not an event log.
    #[error("{path}: not an event log ({reason}). dualuse reads .evtx files")]
    NotAnEventLog {
        /// Which file.
        path: PathBuf,
        /// What is wrong with its head.
        reason: String,
    },
    /// The record is no longer where it was.
    #[error(
        "{path}: no record {record_id} at its place any more ({reason}); was the file changed?"
    )]
    Gone {
        /// Which file.
        path: PathBuf,
        /// Which record.
        record_id: u64,
        /// What was found instead.
        reason: String,
    },
    /// The event index is not of this timeline.
    #[error("no such event in this timeline")]
    NoSuchEvent,
}
