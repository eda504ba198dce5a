//! Sources that are read from front to back: text, and members of archives. A stream is cut into
//! blocks, in order; the blocks are then read on all cores.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::archive::{self, Member};
use super::evtx_file::{CHUNK_SIZE, FILE_HEADER};
use super::record::{Record, RecordKey};
use super::rendered::Records;
use super::sniff::{Encoding, Layout};
use super::split::Form;
use super::table::Rows;
use super::text_block::{TextBlock, TextBlocks};
use super::{Chunk, Position, ReadError, SourceReport};

/// A source that is read from front to back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    path: PathBuf,
    place: Place,
    content: Content,
    bytes: u64,
}

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    /// A file that gzip packed.
    Gzip(PathBuf),
    Member(Member),
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// EVTX chunks.
    Evtx,
    /// Records as text.
    Text(Form, Encoding),
}

/// Some records of a stream.
pub enum Block {
    /// EVTX chunks.
    Chunks(ChunkBlock),
    /// Text.
    Text(TextBlock),
}

/// EVTX chunks that lie one after the other.
pub struct ChunkBlock {
    first: u32,
    data: Vec<u8>,
    /// Bytes that the stream had; the rest was filled with zeros.
    read: usize,
}

/// Chunks of a block: 1 MiB, as text blocks have.
const BLOCK_CHUNKS: usize = 16;

impl Place {
    /// Hands the bytes to `work`.
    pub(super) fn read<T>(&self, work: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        match self {
            Place::File(path) => Ok(work(&mut File::open(path)?)),
            Place::Gzip(path) => Ok(work(&mut archive::unpacked(path)?)),
            Place::Member(member) => member.read(work),
        }
    }
}

impl Stream {
    pub(super) fn new(path: PathBuf, place: Place, content: Content, bytes: u64) -> Self {
        Stream {
            path,
            place,
            content,
            bytes,
        }
    }

    /// Path as found; `archive.zip!member` in archives.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Size in bytes, unpacked; an archive's word for its members.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// `evtx`, `jsonl`, `json`, `xml`, `csv` or `text`.
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Evtx => "evtx",
            Content::Text(_, encoding) if matches!(encoding.layout(), Layout::Table(_)) => "csv",
            Content::Text(_, encoding) if encoding.layout() == Layout::Rendered => "text",
            Content::Text(Form::Lines, _) => "jsonl",
            Content::Text(Form::Objects, _) => "json",
            Content::Text(Form::Xml, _) => "xml",
        }
    }

    /// The most blocks or chunks that it can have; [`Position::chunk`] is below it.
    pub fn chunk_count(&self) -> u32 {
        let chunks = self.bytes / CHUNK_SIZE as u64 + 2;
        u32::try_from(chunks).unwrap_or(u32::MAX)
    }

    /// Hands the raw bytes to `work`, for a checksum.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn raw<T>(&self, work: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        self.place.read(work)
    }

    /// Hands over its blocks, one after the other, until there are no more or `take` answers
    /// `false`.
    ///
    /// # Errors
    /// In words, when the rest cannot be read; what came before has been handed over.
    pub fn blocks(&self, take: &mut dyn FnMut(Block) -> bool) -> Result<(), String> {
        match self.content {
            Content::Evtx => self
                .place
                .read(|bytes| self.chunk_blocks(bytes, take))
                .map_err(|error| error.to_string())?,
            Content::Text(form, encoding) => {
                let mut blocks = TextBlocks::new(form, self.chunk_count());
                if let Layout::Listed { lines, .. } = encoding.layout() {
                    blocks = blocks.starting_at(lines + 1);
                }
                self.text_from(0, |text| {
                    blocks.read(text, &mut |block| take(Block::Text(block)))
                })
                .map_err(|error| error.to_string())?
            }
        }
    }

    fn chunk_blocks(
        &self,
        bytes: &mut dyn Read,
        take: &mut dyn FnMut(Block) -> bool,
    ) -> Result<(), String> {
        let words = |error: io::Error| error.to_string();
        skip(bytes, FILE_HEADER).map_err(words)?;
        let mut first = 0;
        loop {
            let size = BLOCK_CHUNKS * CHUNK_SIZE;
            let mut data = Vec::with_capacity(size);
            let outcome = Read::take(&mut *bytes, size as u64).read_to_end(&mut data);
            let read = data.len();
            data.resize(read.next_multiple_of(CHUNK_SIZE), 0);
            let chunks = u32::try_from(data.len() / CHUNK_SIZE).unwrap_or(u32::MAX);
            if first + chunks > self.chunk_count() {
                return Err("it is longer than the archive says; the rest was left out".to_owned());
            }
            if read > 0 && !take(Block::Chunks(ChunkBlock { first, data, read })) {
                return Ok(());
            }
            outcome.map_err(words)?;
            if read < size {
                return Ok(());
            }
            first += chunks;
        }
    }

    /// Hands the text from this byte on to `work`, in UTF-8 whatever it is stored in. Offsets count
    /// bytes of that UTF-8 without byte order mark.
    fn text_from<T>(&self, offset: u64, work: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        let Content::Text(_, encoding) = self.content else {
            return Err(io::Error::other("it is no text"));
        };
        if let (Place::File(path), None, Layout::Plain) =
            (&self.place, encoding.decoder(), encoding.layout())
        {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset + encoding.mark()))?;
            return Ok(work(&mut file));
        }
        self.place.read(|bytes| {
            skip(bytes, encoding.mark())?;
            let layout = encoding.layout();
            match encoding.decoder() {
                None => laid_out(layout, bytes, offset, work),
                Some(encoding) => {
                    let mut text = DecodeReaderBytesBuilder::new()
                        .encoding(Some(encoding))
                        .bom_sniffing(false)
                        .build(bytes);
                    laid_out(layout, &mut text, offset, work)
                }
            }
        })?
    }

    /// Reads one record in full.
    ///
    /// # Errors
    /// When the source is gone or unreadable, or holds another record at that place.
    pub(super) fn read_record(
        &self,
        source: &SourceReport,
        position: Position,
        key: RecordKey,
    ) -> Result<Record, ReadError> {
        let mut found = None;
        let outcome = match self.content {
            Content::Evtx => self.blocks(&mut |block| {
                let Block::Chunks(block) = block else {
                    return false;
                };
                if let Some(chunk) = block.chunks().find(|(at, _)| *at == position.chunk) {
                    found = chunk.1.and_then(|chunk| {
                        chunk
                            .read_in_full(&[position.offset])
                            .pop()
                            .map(|(_, record)| record)
                    });
                    return false;
                }
                true
            }),
            Content::Text(form, _) => {
                let offset = source
                    .blocks
                    .get(position.chunk as usize)
                    .map(|block| block.offset);
                let mut blocks = TextBlocks::up_to(form, position.offset);
                let read = self.text_from(offset.unwrap_or(u64::MAX >> 1), |text| {
                    blocks.read(text, &mut |block| {
                        found = block.record(position.offset);
                        false
                    })
                });
                read.map_err(|error| error.to_string()).flatten()
            }
        };
        let gone = |reason: String| ReadError::Gone {
            path: self.path.clone(),
            record: key,
            reason,
        };
        let record = match found {
            Some(record) => record.map_err(gone)?,
            None => return Err(gone(outcome.err().unwrap_or("nothing is there".to_owned()))),
        };
        if record.key() == key {
            Ok(record)
        } else {
            Err(gone(format!("{} is there", record.key())))
        }
    }
}

impl Block {
    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Block::Chunks(block) => block.read,
            Block::Text(block) => block.bytes(),
        }
    }
}

impl ChunkBlock {
    /// Its chunks with their numbers; `None` for one that was never used.
    pub fn chunks(&self) -> impl Iterator<Item = (u32, Option<Chunk<'_>>)> {
        (self.first..)
            .zip(self.data.chunks_exact(CHUNK_SIZE))
            .enumerate()
            .map(|(at, (number, data))| {
                let read = self.read.saturating_sub(at * CHUNK_SIZE).min(CHUNK_SIZE);
                (number, Chunk::new(number, data, read))
            })
    }
}

/// Hands the records' own text from this byte on to `work`.
fn laid_out<T>(
    layout: Layout,
    text: &mut dyn Read,
    offset: u64,
    work: impl FnOnce(&mut dyn Read) -> T,
) -> io::Result<T> {
    match layout {
        Layout::Plain => skip(text, offset)?,
        Layout::Listed { bytes, .. } => skip(text, bytes + offset)?,
        Layout::Rendered => {
            let mut records = Records::new(text);
            skip(&mut records, offset)?;
            return Ok(work(&mut records));
        }
        Layout::Table(delimiter) => {
            let mut rows = Rows::new(text, delimiter);
            skip(&mut rows, offset)?;
            return Ok(work(&mut rows));
        }
    }
    Ok(work(text))
}

fn skip(bytes: &mut dyn Read, count: u64) -> io::Result<()> {
    io::copy(&mut bytes.take(count), &mut io::sink()).map(|_| ())
}
