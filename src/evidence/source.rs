//! One thing to read, whatever holds it: opens what the analyst hands in and tells what it is.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::archive::{self, Member, Packing};
use super::evtx_file::{self, EvtxFile};
use super::record::{Record, RecordKey};
use super::sniff::sniff;
use super::stream::{Place, Stream};
use super::{Position, ReadError, SourceReport};

/// One file, or one member of an archive, that holds event records.
#[derive(Clone, Debug)]
pub enum Source {
    /// An EVTX file: chunks are read in any order, several at a time.
    Evtx(EvtxFile),
    /// Text, or a member of an archive: read from front to back.
    Stream(Stream),
}

/// Endings of files that are looked at: the event logs themselves, text and archives.
const ENDINGS: [&str; 13] = [
    "evtx", "json", "jsonl", "ndjson", "log", "txt", "xml", "csv", "tsv", "zip", "gz", "tgz", "tar",
];

/// Whether the name of a file says that it may be an event log or hold some.
fn has_ending(path: &Path) -> bool {
    ENDINGS.iter().any(|ending| has_extension(path, ending))
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension()
        .is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// Whether a file in a folder is evidence: every `.evtx` file, and what else holds events.
pub(super) fn is_evidence(path: &Path) -> bool {
    let holds_events = |source: &Result<Source, ReadError>| {
        !matches!(source, Err(ReadError::NotAnEventLog { .. }))
    };
    has_extension(path, "evtx") || has_ending(path) && open(path).iter().any(holds_events)
}

/// Opens a file by its content: one source, or those of an archive.
pub fn open(path: &Path) -> Vec<Result<Source, ReadError>> {
    let io = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(archive::HEAD).read_to_end(&mut head));
    if let Err(error) = read {
        return vec![Err(io(error))];
    }
    match archive::packing(path, &head) {
        Ok(Some(Packing::Gzip)) => return vec![open_packed(path)],
        Ok(Some(packing)) => return open_archive(path, packing),
        Ok(None) => {}
        Err(error) => return vec![Err(io(error))],
    }
    if has_extension(path, "evtx") || head.starts_with(b"ElfFile\0") {
        return vec![EvtxFile::open(path).map(Source::Evtx)];
    }
    let bytes = match std::fs::metadata(path) {
        Ok(meta) => meta.len(),
        Err(error) => return vec![Err(io(error))],
    };
    vec![open_stream(path, Place::File(path.to_owned()), bytes)]
}

fn open_stream(path: &Path, place: Place, bytes: u64) -> Result<Source, ReadError> {
    let content = place.read(|bytes| sniff(bytes)).and_then(|inner| inner);
    match content {
        Ok(Ok(content)) => Ok(Source::Stream(Stream::new(
            path.to_owned(),
            place,
            content,
            bytes,
        ))),
        Ok(Err(reason)) => Err(ReadError::NotAnEventLog {
            path: path.to_owned(),
            reason,
        }),
        Err(source) => Err(ReadError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Opens a file that gzip packed. What it holds is counted first: its own word for its size is no
/// more than the last 32 bits of it.
fn open_packed(path: &Path) -> Result<Source, ReadError> {
    let io = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut unpacked = archive::unpacked(path).map_err(io)?;
    let bytes = io::copy(&mut unpacked, &mut io::sink()).map_err(io)?;
    open_stream(path, Place::Gzip(path.to_owned()), bytes)
}

fn open_archive(path: &Path, packing: Packing) -> Vec<Result<Source, ReadError>> {
    let members = match archive::members(path, packing) {
        Ok(members) => members,
        Err(reason) => {
            let error = io::Error::other(reason);
            return vec![Err(ReadError::Io {
                path: path.to_owned(),
                source: error,
            })];
        }
    };
    let sources: Vec<_> = members.into_iter().filter_map(open_member).collect();
    if sources.is_empty() {
        return vec![Err(ReadError::NotAnEventLog {
            path: path.to_owned(),
            reason: "the archive holds no event log".to_owned(),
        })];
    }
    sources
}

/// Opens a member. `None` for those that are no event logs and do not claim to be.
fn open_member(member: Member) -> Option<Result<Source, ReadError>> {
    let name = Path::new(&member.name);
    if !has_ending(name) {
        return None;
    }
    let (path, bytes) = (member.path(), member.bytes);
    if ["zip", "gz", "tgz", "tar"]
        .iter()
        .any(|ending| has_extension(name, ending))
    {
        let source = io::Error::other("an archive in an archive is not opened: unpack it");
        return Some(Err(ReadError::Io { path, source }));
    }
    let is_evtx = has_extension(name, "evtx");
    match open_stream(&path, Place::Member(member), bytes) {
        Err(ReadError::NotAnEventLog { .. }) if !is_evtx => None,
        source => Some(source),
    }
}

/// Reads one record of a source in full.
///
/// # Errors
/// When the source is gone or unreadable, or holds another record at that place.
pub fn read_record(
    source: &SourceReport,
    position: Position,
    key: RecordKey,
) -> Result<Record, ReadError> {
    match &source.stream {
        Some(stream) => stream.read_record(source, position, key),
        None => evtx_file::read_record(source, position, key),
    }
}
