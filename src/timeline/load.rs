//! Reads evidence into a timeline: every chunk of every source on all cores, with progress that
//! anyone may watch and a cancel that keeps what was read so far.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Timeline;
use super::build::{ChunkNotes, Part, finish};
use crate::event::layout::{Values, layout};
use crate::evidence::discover::discover;
use crate::evidence::lean::Walked;
use crate::evidence::{Chunk, Damage, EvtxFile, Position, ReadError, Record, SourceReport};

/// How far loading is; shared between the loader and whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    /// Set once the sources are known.
    sources: OnceLock<Vec<SourceProgress>>,
    events: AtomicU64,
    cancelled: AtomicBool,
}

/// How far one source is.
#[derive(Debug)]
pub struct SourceProgress {
    /// Path as found.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    done: AtomicU64,
}

impl SourceProgress {
    /// Bytes read so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed).min(self.bytes)
    }
}

impl Progress {
    /// The sources and how far each is; empty until the folders were walked.
    pub fn sources(&self) -> &[SourceProgress] {
        self.sources.get().map_or(&[], Vec::as_slice)
    }

    /// Events read so far, copies included.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Bytes read and bytes in all.
    pub fn bytes(&self) -> (u64, u64) {
        self.sources().iter().fold((0, 0), |(done, all), source| {
            (done + source.done(), all + source.bytes)
        })
    }

    /// Asks the loader to stop soon and to build the timeline from what it has.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether loading was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What the loader is to do beyond reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Compute the SHA-256 of every source.
    pub hash: bool,
}

/// Loads files and folders. Whatever cannot be read is reported as damage of its source
/// ([`Timeline::sources`]); the rest goes on.
pub fn load(inputs: &[PathBuf], options: Options, progress: &Progress) -> Timeline {
    let found = discover(inputs);
    let mut reports: Vec<SourceReport> = Vec::new();
    let mut files: Vec<Option<EvtxFile>> = Vec::new();
    for path in found.files {
        match EvtxFile::open(&path) {
            Ok(file) => {
                reports.push(SourceReport {
                    path,
                    kind: "evtx",
                    bytes: file.bytes(),
                    ..Default::default()
                });
                files.push(Some(file));
            }
            Err(error) => {
                reports.push(unread(path, &error));
                files.push(None);
            }
        }
    }
    for error in &found.errors {
        let path = match error {
            ReadError::Io { path, .. } => path.clone(),
            _ => PathBuf::new(),
        };
        reports.push(unread(path, error));
        files.push(None);
    }
    let sources = reports
        .iter()
        .map(|report| SourceProgress {
            path: report.path.clone(),
            bytes: report.bytes,
            done: AtomicU64::new(0),
        })
        .collect();
    // A progress that was used before keeps its first sources.
    let _ = progress.sources.set(sources);

    let tasks: Vec<(u32, u32)> = (0..)
        .zip(&files)
        .flat_map(|(source, file)| {
            let chunks = file.as_ref().map_or(0, EvtxFile::chunk_count);
            (0..chunks).map(move |chunk| (source, chunk))
        })
        .collect();
    let hashes: Vec<Option<String>> = if options.hash {
        files
            .par_iter()
            .map(|file| file.as_ref().and_then(|file| sha256(file).ok()))
            .collect()
    } else {
        Vec::new()
    };
    for (report, hash) in reports.iter_mut().zip(hashes) {
        report.sha256 = hash;
    }
    let parts: Vec<Part> = tasks
        .par_iter()
        .fold(Part::default, |mut part, &(source, chunk)| {
            if progress.is_cancelled() {
                part.skip(source, chunk);
            } else if let Some(Some(file)) = files.get(source as usize) {
                let before = part.event_count();
                read_chunk(&mut part, file, source, chunk);
                progress
                    .events
                    .fetch_add(part.event_count() - before, Ordering::Relaxed);
                if let Some(source) = progress.sources().get(source as usize) {
                    source
                        .done
                        .fetch_add(crate::evidence::CHUNK_SIZE as u64, Ordering::Relaxed);
                }
            }
            part
        })
        .collect();
    finish(parts, reports)
}

fn unread(path: PathBuf, error: &ReadError) -> SourceReport {
    let reason = match error {
        ReadError::Io { source, .. } => format!("cannot be read: {source}"),
        ReadError::NotAnEventLog { reason, .. } => format!("not an event log: {reason}"),
        other => other.to_string(),
    };
    let bytes =
        std::fs::metadata(&path).map_or(0, |meta| if meta.is_file() { meta.len() } else { 0 });
    SourceReport {
        path,
        kind: "unread",
        bytes,
        damage: vec![Damage {
            offset: 0,
            bytes,
            reason,
        }],
        ..Default::default()
    }
}

fn sha256(file: &EvtxFile) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut reader = std::fs::File::open(file.path())?;
    let mut block = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut block)?;
        if read == 0 {
            break;
        }
        hasher.update(block.get(..read).unwrap_or_default());
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Reads one chunk into a part. A panic in a parser costs that chunk, not the run.
fn read_chunk(part: &mut Part, file: &EvtxFile, source: u32, number: u32) {
    let mark = part.mark();
    let outcome = catch_unwind(AssertUnwindSafe(|| match file.chunk(number) {
        Ok(Some(chunk)) => {
            let notes = read_records(part, &chunk, source);
            part.note(source, notes);
        }
        Ok(None) => {}
        Err(error) => part.note(source, ChunkNotes::damaged(number, error.to_string())),
    }));
    if outcome.is_err() {
        part.roll_back(mark);
        let reason = format!("chunk {number} could not be read: the parser failed on it");
        part.note(source, ChunkNotes::damaged(number, reason));
    }
}

fn read_records(part: &mut Part, chunk: &Chunk, source: u32) -> ChunkNotes {
    let mut notes = ChunkNotes {
        damage: chunk.damage.clone(),
        ..Default::default()
    };
    let mut irregular = Vec::new();
    for step in chunk.walk() {
        match step {
            Walked::Record(offset, record) => {
                let position = Position {
                    chunk: chunk.number,
                    offset,
                };
                if !part.add_lean(&record, source, position) {
                    irregular.push(offset);
                }
            }
            Walked::Irregular(offset) => irregular.push(offset),
            Walked::Damaged {
                offset,
                bytes,
                reason,
            } => notes.damage.push(Damage {
                offset: chunk.file_offset() + u64::from(offset),
                bytes: u64::from(bytes),
                reason: reason.to_owned(),
            }),
        }
    }
    if !irregular.is_empty() {
        for (offset, record) in chunk.read_in_full(&irregular) {
            let position = Position {
                chunk: chunk.number,
                offset,
            };
            match record {
                Ok(record) => {
                    notes.read_in_full += 1;
                    part.add_full(&record, source, position);
                }
                Err(reason) => notes.damage.push(Damage {
                    offset: chunk.file_offset() + u64::from(offset),
                    bytes: 0,
                    reason: format!("record cannot be read: {reason}"),
                }),
            }
        }
    }
    notes
}

/// The values of a record that was read in full, by layout slot.
pub(super) struct FullValues<'r> {
    pub(super) record: &'r Record,
    pub(super) names: &'static [&'static str],
}

impl Values for FullValues<'_> {
    fn text(&self, slot: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.record
            .data(self.names.get(slot)?)
            .map(std::borrow::Cow::Borrowed)
    }
}

/// The layout of a record read in full, with its values.
pub(super) fn full_values(
    record: &Record,
) -> Option<(&'static crate::event::layout::Layout, FullValues<'_>)> {
    let layout = layout(&record.header.provider, record.header.event_id)?;
    Some((
        layout,
        FullValues {
            record,
            names: layout.fields,
        },
    ))
}
