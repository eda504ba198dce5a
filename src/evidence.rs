//! What the analyst hands in: files and folders, opened read-only, never written to or beside.

mod again;
mod archive;
pub mod discover;
mod evtx_file;
mod hash;
mod instance;
mod json;
pub mod lean;
mod memo;
mod novelty;
mod record;
mod remembered;
mod rendered;
mod slots;
mod sniff;
mod source;
mod split;
mod stamp;
mod stream;
mod table;
mod template;
mod text_block;
mod text_event;
mod value;
mod xml;

use std::path::PathBuf;
use std::sync::Arc;

pub use discover::lies_in;
pub use evtx_file::{CHUNK_SIZE, Chunk, Chunks, EvtxFile};
pub use hash::{Fingerprint, sha256_of};
pub use record::{Field, Header, Record, RecordKey};
pub use source::{Source, open, read_record};
pub use stream::{Block, ChunkBlock, Stream};
pub use text_block::{BlockPlace, TextBlock, TextNotes};

use crate::event::Time;

/// The place of a record in its source: for EVTX the number of the 64 KiB chunk and the byte
/// offset of the record in it, for text the number of the block and of the record in it
/// ([`SourceReport::line`] tells the line).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Chunk number, counted from 0 at file offset 4096; for text the block number, from 0.
    pub chunk: u32,
    /// Byte offset in the chunk; for text the number of the record in the block, from 0.
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
    /// `evtx`, `jsonl` (one record a line), `json`, `xml`, or `unread`.
    pub kind: &'static str,
    /// File size in bytes.
    pub bytes: u64,
    /// Its SHA-256, once computed.
    #[serde(skip)]
    pub sha256: Fingerprint,
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
    /// Records of a text source that are no Windows events, and were passed over.
    pub strangers: u64,
    /// Events whose time names no zone and was taken as UTC.
    pub assumed_utc: u64,
    /// For sources that are read from front to back.
    #[serde(skip)]
    pub stream: Option<Arc<Stream>>,
    /// Where the blocks of a text source lie, by number.
    #[serde(skip)]
    pub blocks: Vec<BlockPlace>,
}

/// A source of which nothing was read yet.
impl From<&Source> for SourceReport {
    fn from(source: &Source) -> Self {
        match source {
            Source::Evtx(file) => SourceReport {
                path: file.path().to_owned(),
                kind: "evtx",
                bytes: file.bytes(),
                ..Default::default()
            },
            Source::Stream(stream) => SourceReport {
                path: stream.path().to_owned(),
                kind: stream.kind(),
                bytes: stream.bytes(),
                stream: Some(Arc::new(stream.clone())),
                ..Default::default()
            },
        }
    }
}

impl SourceReport {
    /// The line on which a record of a text source begins, counted from 1; `None` for EVTX.
    pub fn line(&self, position: Position) -> Option<u64> {
        self.blocks
            .get(position.chunk as usize)?
            .line(position.offset)
    }

    /// Keeps where a block lies.
    pub(crate) fn set_block(&mut self, number: u32, place: BlockPlace) {
        let number = number as usize;
        if self.blocks.len() <= number {
            self.blocks.resize(number + 1, BlockPlace::default());
        }
        if let Some(block) = self.blocks.get_mut(number) {
            *block = place;
        }
    }

    /// Puts damage in the order of the source. A text full of broken lines keeps the first of them
    /// and counts the others.
    pub(crate) fn arrange_damage(&mut self) {
        const MOST: usize = 20;
        self.damage.sort_by_key(|damage| damage.offset);
        if self.blocks.is_empty() || self.damage.len() <= MOST {
            return;
        }
        let rest = self.damage.split_off(MOST);
        self.damage.push(Damage {
            offset: rest.first().map_or(0, |damage| damage.offset),
            bytes: rest.iter().map(|damage| damage.bytes).sum(),
            reason: format!("and {} more places that could not be read", rest.len()),
        });
    }

    /// What the analyst should know about the source that is no damage.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.assumed_utc > 0 {
            remarks.push(format!(
                "{} events have a time without zone, taken as UTC",
                self.assumed_utc
            ));
        }
        if self.strangers > 0 {
            remarks.push(format!(
                "{} records are no Windows events and were passed over",
                self.strangers
            ));
        }
        remarks
    }
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
    #[error(
        "{path}: not an event log ({reason}). dualuse reads .evtx files, event logs as JSON, XML or CSV, and these packed as .zip, .tar or .gz"
    )]
    NotAnEventLog {
        /// Which file.
        path: PathBuf,
        /// What is wrong with its head.
        reason: String,
    },
    /// The record is no longer where it was.
    #[error("{path}: {record} is not at its place any more ({reason}); was the file changed?")]
    Gone {
        /// Which file.
        path: PathBuf,
        /// Which record.
        record: RecordKey,
        /// What was found instead.
        reason: String,
    },
    /// The event index is not of this timeline.
    #[error("no such event in this timeline")]
    NoSuchEvent,
}
