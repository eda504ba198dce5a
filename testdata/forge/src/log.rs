//! A whole log file: header and chunks, written as a stream.

use std::io::{Cursor, Seek, SeekFrom, Write};

use crate::chunk::{Chunk, Record};
use crate::error::{Error, Result};

const FILE_HEADER_SIZE: usize = 0x1000;

/// Writes a log to anything that can seek back to its header. Memory stays at one chunk, however long the log.
#[derive(Debug)]
pub struct LogWriter<W> {
    out: W,
    chunk: Chunk,
    chunks: u64,
    next_number: u64,
    dirty: bool,
}

impl<W: Write + Seek> LogWriter<W> {
    /// Begins a log.
    pub fn new(mut out: W) -> Result<Self> {
        out.write_all(&[0; FILE_HEADER_SIZE])?;
        Ok(Self {
            out,
            chunk: Chunk::new(),
            chunks: 0,
            next_number: 1,
            dirty: false,
        })
    }

    /// Marks the file as not closed properly, as a copy of a running system's log is.
    pub fn set_dirty(&mut self, dirty: bool) {
        self.dirty = dirty;
    }

    /// Adds a record.
    pub fn push(&mut self, record: &Record<'_>) -> Result<()> {
        if !self.chunk.push(record)? {
            self.flush_chunk()?;
            if !self.chunk.push(record)? {
                return Err(Error::new(
                    "the record with its templates does not fit an empty chunk; shorten its fields",
                ));
            }
        }
        self.next_number = record.number.saturating_add(1);
        Ok(())
    }

    /// Writes what is left and the header, and hands back the output.
    pub fn finish(mut self) -> Result<W> {
        if !self.chunk.is_empty() || self.chunks == 0 {
            self.flush_chunk()?;
        }
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&self.header())?;
        self.out.seek(SeekFrom::End(0))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn flush_chunk(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.chunk, Chunk::new());
        self.out.write_all(&full.finish())?;
        self.chunks += 1;
        Ok(())
    }

    fn header(&self) -> Vec<u8> {
        let mut head = b"ElfFile\0".to_vec();
        for number in [0, self.chunks.saturating_sub(1), self.next_number] {
            head.extend(number.to_le_bytes());
        }
        head.extend(0x80_u32.to_le_bytes());
        // Files of more than 65535 chunks (4 GiB) keep the largest count; readers go by the file's length.
        let count = u16::try_from(self.chunks).unwrap_or(u16::MAX);
        for number in [1, 3, 0x1000, count] {
            head.extend(number.to_le_bytes());
        }
        head.resize(0x78, 0);
        let crc = crc32fast::hash(&head);
        head.extend(u32::from(self.dirty).to_le_bytes());
        head.extend(crc.to_le_bytes());
        head.resize(FILE_HEADER_SIZE, 0);
        head
    }
}

impl LogWriter<Cursor<Vec<u8>>> {
    /// Begins a log in memory.
    pub fn in_memory() -> Result<Self> {
        Self::new(Cursor::new(Vec::new()))
    }
}
