//! EVTX files: head, chunks, and the full reader for what the fast one leaves over.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::record::{Record, RecordKey};
use super::{Damage, Position, ReadError, SourceReport, xml};

/// Bytes before the first chunk.
pub(super) const FILE_HEADER: u64 = 4096;
/// Bytes of a chunk.
pub const CHUNK_SIZE: usize = 65_536;
/// Bytes of a chunk before its first record.
pub(super) const CHUNK_HEADER: usize = 512;
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";

/// An opened EVTX file.
#[derive(Clone, Debug)]
pub struct EvtxFile {
    path: PathBuf,
    bytes: u64,
}

/// Reads some chunks of a file one after the other, of each no more than its header says is used.
pub struct Chunks<'f> {
    file: &'f EvtxFile,
    handle: File,
    /// The chunks to come.
    rest: Range<u32>,
    /// Room for one chunk.
    room: Vec<u8>,
    /// How much of it is filled.
    filled: usize,
    /// How many bytes, in whole pages, the last chunk used.
    last: usize,
    /// How much of the next chunk is read at once: what both chunks before it used.
    likely: usize,
}

/// One chunk, read into memory.
pub struct Chunk<'b> {
    /// Number in the file, from 0.
    pub number: u32,
    data: &'b [u8],
    /// Where the rest of the chunk can be read.
    file: Option<&'b File>,
    /// What is wrong with the chunk as a whole.
    pub damage: Vec<Damage>,
}

impl EvtxFile {
    /// Opens a file and checks its head.
    ///
    /// # Errors
    /// When it cannot be read, or does not begin as an event log.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let mut head = [0; 8];
        let reason = match file.read_exact(&mut head) {
            Err(_) => Some(format!("it has only {bytes} bytes")),
            Ok(()) if &head != b"ElfFile\0" => Some("it does not begin with `ElfFile`".to_owned()),
            Ok(()) => None,
        };
        match reason {
            Some(reason) => Err(ReadError::NotAnEventLog {
                path: path.to_owned(),
                reason,
            }),
            None => Ok(EvtxFile {
                path: path.to_owned(),
                bytes,
            }),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many chunks the file's size allows, a cut one at the end included. The header's own
    /// count is not believed: it is wrong in logs that were not closed.
    pub fn chunk_count(&self) -> u32 {
        let chunks = self
            .bytes
            .saturating_sub(FILE_HEADER)
            .div_ceil(CHUNK_SIZE as u64);
        u32::try_from(chunks).unwrap_or(u32::MAX)
    }

    /// Opens the file for reading these chunks. `room` is memory to use: give back what
    /// [`Chunks::into_room`] left.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn chunks(&self, range: Range<u32>, mut room: Vec<u8>) -> Result<Chunks<'_>, ReadError> {
        let handle = File::open(&self.path).map_err(|source| self.error(source))?;
        room.resize(CHUNK_SIZE, 0);
        Ok(Chunks {
            file: self,
            handle,
            rest: range,
            room,
            filled: 0,
            last: CHUNK_SIZE,
            likely: CHUNK_SIZE,
        })
    }

    fn error(&self, source: io::Error) -> ReadError {
        ReadError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

impl Chunks<'_> {
    /// The next chunk: `Ok(None)` for one that was never used (all zero), `None` at the end.
    ///
    /// # Errors
    /// When that chunk cannot be read; the next one may be readable again.
    #[allow(
        clippy::should_implement_trait,
        reason = "the chunk borrows the reader's memory"
    )]
    pub fn next(&mut self) -> Option<Result<Option<Chunk<'_>>, ReadError>> {
        let number = self.rest.next()?;
        Some(match self.load(number) {
            Ok(true) => Ok(Some(Chunk {
                number,
                data: self.room.get(..self.filled).unwrap_or_default(),
                file: Some(&self.handle),
                damage: Vec::new(),
            })),
            Ok(false) => Ok(Chunk::new(number, &self.room, self.filled)),
            Err(source) => Err(self.file.error(source)),
        })
    }

    /// The memory, for the next file.
    pub fn into_room(self) -> Vec<u8> {
        self.room
    }

    /// Reads a chunk: as much as is used when its checksums are right, which it answers, else all
    /// that the file has.
    fn load(&mut self, number: u32) -> io::Result<bool> {
        let begin = chunk_offset(number);
        let is_whole = self.file.bytes.saturating_sub(begin) >= CHUNK_SIZE as u64;
        self.filled = 0;
        if is_whole {
            self.fill(begin, self.likely)?;
            if let Some(used) = used(&self.room).filter(|_| self.filled == self.likely) {
                let pages = used.next_multiple_of(PAGE);
                self.likely = pages.min(self.last);
                self.last = pages;
                self.fill(begin, used)?;
                if let Some(data) = self.room.get(..used.min(self.filled))
                    && checksum_error(data).is_none()
                {
                    self.filled = data.len();
                    return Ok(true);
                }
            }
        }
        self.fill(begin, CHUNK_SIZE)?;
        if let Some(missing) = self.room.get_mut(self.filled..) {
            missing.fill(0);
        }
        Ok(false)
    }

    /// Reads on until the room holds that many bytes of the chunk that begins at `begin`, or all
    /// that the file has.
    fn fill(&mut self, begin: u64, wanted: usize) -> io::Result<()> {
        while let Some(rest) =
            (self.room.get_mut(self.filled..wanted)).filter(|rest| !rest.is_empty())
        {
            match read_at(&self.handle, rest, begin + self.filled as u64) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Reads some of a file from an offset on.
#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, at)
}

/// Reads some of a file from an offset on.
#[cfg(not(unix))]
fn read_at(mut file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    file.read(room)
}

/// Least that is read of a chunk.
const PAGE: usize = 4096;

/// How many bytes of a chunk are used, as its header says; `None` when that is no chunk header or
/// says what cannot be.
fn used(chunk: &[u8]) -> Option<usize> {
    let end = number_at(chunk, 48) as usize;
    let is_possible = (CHUNK_HEADER..=CHUNK_SIZE).contains(&end);
    (chunk.starts_with(CHUNK_MAGIC) && is_possible).then_some(end)
}

fn chunk_offset(number: u32) -> u64 {
    FILE_HEADER + u64::from(number) * CHUNK_SIZE as u64
}

impl<'b> Chunk<'b> {
    /// Looks at the chunk in `data`, of which the file had the first `read` bytes.
    pub(super) fn new(number: u32, mut data: &'b [u8], read: usize) -> Option<Self> {
        if read > 0 && data.iter().all(|byte| *byte == 0) {
            return None;
        }
        let mut damage = Vec::new();
        let mut note = |bytes: usize, reason: String| {
            damage.push(Damage {
                offset: chunk_offset(number),
                bytes: bytes as u64,
                reason,
            });
        };
        if read < CHUNK_SIZE {
            note(
                read,
                format!("chunk {number} is cut off: {read} of {CHUNK_SIZE} bytes"),
            );
        }
        if !data.starts_with(CHUNK_MAGIC) {
            note(read, format!("chunk {number} has no chunk header"));
            data = &[];
        } else if read == CHUNK_SIZE
            && let Some(reason) = checksum_error(data)
        {
            note(
                read,
                format!("chunk {number}: {reason}; its records were read, but trust them less"),
            );
        }
        Some(Chunk {
            number,
            data,
            file: None,
            damage,
        })
    }

    /// Its bytes, for a walk over its records; none when the chunk has no header. Of a chunk that is
    /// sound, what follows the last record may be missing.
    pub fn data(&self) -> &'b [u8] {
        self.data
    }

    /// Byte offset in the file.
    pub fn file_offset(&self) -> u64 {
        chunk_offset(self.number)
    }

    /// Reads the records at these byte offsets of the chunk in full, each an error in words where
    /// it cannot be read.
    pub fn read_in_full(&self, wanted: &[u16]) -> Vec<(u16, Result<Record, String>)> {
        let mut found: Vec<(u16, Result<Record, String>)> = Vec::with_capacity(wanted.len());
        if let Err(reason) = self.try_read_in_full(wanted, &mut found) {
            let missing = wanted
                .iter()
                .filter(|offset| found.iter().all(|(at, _)| at != *offset));
            let rest: Vec<_> = missing
                .map(|offset| (*offset, Err(reason.clone())))
                .collect();
            found.extend(rest);
        }
        found
    }

    /// All its bytes.
    fn whole(&self) -> io::Result<Vec<u8>> {
        let mut whole = self.data.to_vec();
        if let Some(mut file) = self.file {
            whole.resize(CHUNK_SIZE, 0);
            file.seek(SeekFrom::Start(chunk_offset(self.number)))?;
            file.read_exact(&mut whole)?;
        }
        Ok(whole)
    }

    fn try_read_in_full(
        &self,
        wanted: &[u16],
        found: &mut Vec<(u16, Result<Record, String>)>,
    ) -> Result<(), String> {
        let settings = Arc::new(evtx::ParserSettings::default().indent(false));
        let words = |error: &dyn std::error::Error| {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(inner) = source {
                text = format!("{text}: {inner}");
                source = inner.source();
            }
            text
        };
        let mut data =
            evtx::EvtxChunkData::new(self.whole().map_err(|error| words(&error))?, false)
                .map_err(|error| words(&error))?;
        let mut chunk = data.parse(settings).map_err(|error| words(&error))?;
        for record in chunk.iter() {
            let Ok(record) = record else { continue };
            let Ok(offset) = u16::try_from(record.binxml_offset.saturating_sub(24)) else {
                continue;
            };
            if !wanted.contains(&offset) {
                continue;
            }
            let read = match record.into_xml() {
                Ok(serialized) => xml::record(serialized.data),
                Err(error) => Err(words(&error)),
            };
            found.push((offset, read));
        }
        Err("the full reader could not find it".to_owned())
    }
}

fn number_at(data: &[u8], at: usize) -> u32 {
    let bytes = data.get(at..).and_then(|rest| rest.first_chunk());
    bytes.copied().map_or(0, u32::from_le_bytes)
}

/// What the checksums say: header bytes 0..120 and 128..512, and the records.
fn checksum_error(data: &[u8]) -> Option<&'static str> {
    let number = |at| number_at(data, at);
    const NO_CRC: u32 = 0x4;
    if number(120) & NO_CRC != 0 {
        return None;
    }
    let mut header = crc32fast::Hasher::new();
    header.update(data.get(..120)?);
    header.update(data.get(128..512)?);
    if header.finalize() != number(124) {
        return Some("its header does not match its checksum");
    }
    match data.get(CHUNK_HEADER..number(48) as usize) {
        None => Some("its header gives an impossible end of data"),
        Some(records) if crc32fast::hash(records) != number(52) => {
            Some("its records do not match their checksum")
        }
        Some(_) => None,
    }
}

/// Reads one record of an EVTX file in full.
///
/// # Errors
/// When the file is gone or unreadable, or holds another record at that place.
pub(super) fn read_record(
    source: &SourceReport,
    position: Position,
    key: RecordKey,
) -> Result<Record, ReadError> {
    let gone = |reason: String| ReadError::Gone {
        path: source.path.clone(),
        record: key,
        reason,
    };
    let file = EvtxFile::open(&source.path)?;
    let next = position.chunk.saturating_add(1);
    let mut chunks = file.chunks(position.chunk..next, Vec::new())?;
    let chunk = chunks
        .next()
        .transpose()?
        .flatten()
        .ok_or_else(|| gone("the chunk is empty".to_owned()))?;
    let (_, record) = chunk
        .read_in_full(&[position.offset])
        .into_iter()
        .next()
        .ok_or_else(|| gone("nothing is there".to_owned()))?;
    let record = record.map_err(gone)?;
    if record.key() == key {
        Ok(record)
    } else {
        Err(gone(format!("{} is there", record.key())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk that uses so many bytes, with right checksums.
    fn chunk(used: usize) -> Vec<u8> {
        let letters = (0..=u8::MAX).cycle().skip(used % 251);
        let mut data: Vec<u8> = letters.take(used).collect();
        data.resize(CHUNK_SIZE, 0);
        data[..CHUNK_HEADER].fill(0);
        data[..CHUNK_MAGIC.len()].copy_from_slice(CHUNK_MAGIC);
        let records = crc32fast::hash(&data[CHUNK_HEADER..used]);
        let put = |data: &mut Vec<u8>, at: usize, number: u32| {
            data[at..at + 4].copy_from_slice(&number.to_le_bytes());
        };
        put(&mut data, 48, u32::try_from(used).unwrap());
        put(&mut data, 52, records);
        let header = [&data[..120], &data[128..CHUNK_HEADER]].concat();
        put(&mut data, 124, crc32fast::hash(&header));
        data
    }

    #[test]
    fn of_each_chunk_what_is_used_is_read_however_much_the_ones_before_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.evtx");
        let all = [CHUNK_SIZE, 600, 9000, CHUNK_SIZE, 5000, 5000, 30_000, 512];
        let mut log = b"ElfFile\0".to_vec();
        log.resize(4096, 0);
        log.extend(all.iter().flat_map(|used| chunk(*used)));
        std::fs::write(&path, log).unwrap();
        let file = EvtxFile::open(&path).unwrap();
        let mut chunks = file.chunks(0..file.chunk_count(), Vec::new()).unwrap();
        for used in all {
            let read = chunks.next().unwrap().unwrap().unwrap();
            assert!(read.damage.is_empty());
            assert_eq!(read.data(), &chunk(used)[..used]);
            assert_eq!(read.whole().unwrap(), chunk(used));
        }
        assert!(chunks.next().is_none());
    }
}
