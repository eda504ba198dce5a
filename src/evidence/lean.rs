//! The fast reader: takes values straight from a chunk's bytes.
//!
//! It walks record headers, compiles each template definition once (`template.rs`) and finds
//! every wanted field by its number in the record's value list. No tree, no XML, no text that is
//! not new. A record of an unusual shape is handed back as [`Walked::Irregular`] for the full
//! reader; both give the same fields, which a test proves.
//!
//! One [`Reader`] serves one worker for all its chunks: what it has compiled, spelled and allocated
//! is there for the next.

use std::cell::{Cell, RefCell};

use super::evtx_file::CHUNK_HEADER;
use super::instance::{Definitions, Instance};
use super::memo::Memo;
pub use super::memo::System;
use super::slots::{Fields, SlotMap, SlotMaps};
use super::template::{Cursor, Plan, PlanId, Source};
use super::value::kind;
use crate::event::fact::Fact;
use crate::event::layout::{Layout, parse_number};
use crate::event::{Interner, Time};

/// Bytes of values and their texts that a reader keeps at most, from task to task. More of them lie too
/// far from the processor, fewer are learned anew too often.
const MOST_TEXTS: usize = 1 << 22;
/// Bytes of definitions that it keeps at most. Windows has some thousand of a kilobyte each.
const MOST_DEFINITIONS: usize = 1 << 22;

/// What one worker keeps from chunk to chunk.
#[derive(Default)]
pub struct Reader {
    definitions: Definitions,
    strings: Interner,
    memo: Memo,
    slot_maps: SlotMaps,
    /// The instances of the record at hand: the event itself, and its EventData or UserData.
    outer: Instance,
    inner: Instance,
}

impl Reader {
    /// Walks the records of a chunk.
    pub fn walk<'w>(&'w mut self, chunk: &'w [u8]) -> Walk<'w> {
        self.definitions.begin();
        Walk::new(self, chunk)
    }

    /// The texts of everything read so far.
    pub fn strings(&mut self) -> &mut Interner {
        &mut self.strings
    }

    /// Whether it holds so many texts that it would be faster with fewer.
    pub fn is_full(&self) -> bool {
        self.strings.text_bytes() + self.memo.size() > MOST_TEXTS
    }

    /// Forgets all texts, and what it has compiled if that is much.
    pub fn forget(&mut self) {
        self.strings.clear();
        self.memo.clear();
        self.slot_maps.forget_values();
        if self.definitions.plans().size() > MOST_DEFINITIONS {
            self.definitions = Definitions::default();
            self.slot_maps.clear();
        }
    }

    /// A number of the event itself.
    #[inline]
    fn number(&self, chunk: &[u8], source: Source) -> Option<u64> {
        match source {
            Source::Literal(literal) => parse_number(self.definitions.plans().literal(literal)),
            Source::Value(number) => self.outer.get(chunk, number)?.number(),
        }
    }
}

/// A record whose System values and data can be taken from the chunk.
pub struct LeanRecord<'w> {
    reader: &'w mut Reader,
    chunk: &'w [u8],
    /// `EventRecordID`.
    pub record_id: u64,
    /// `EventID`.
    pub event_id: u32,
    /// `TimeCreated`.
    pub time: Time,
}

impl LeanRecord<'_> {
    /// Texts of its System; `None` when the full reader must spell one of them.
    #[inline]
    pub fn system(&mut self) -> Option<System> {
        let Reader {
            definitions,
            strings,
            memo,
            outer,
            ..
        } = &mut *self.reader;
        let plan = (outer.plan, definitions.plan(outer.plan)?);
        let raw = |number| outer.get(self.chunk, number);
        memo.system(self.event_id, plan, raw, (definitions.plans(), strings))
    }

    /// The texts of everything read so far, this record's included.
    pub fn strings(&mut self) -> &mut Interner {
        self.reader.strings()
    }

    /// Gives the record's fact to `then`. `None` when a wanted value is of a type or shape that the full
    /// reader must spell: floats, times, arrays of numbers, XML of its own.
    // Facts are large, and to move one that was just made costs more than to make it.
    #[inline]
    pub fn with_fact<T>(
        &mut self,
        layout: &'static Layout,
        then: impl FnOnce(&mut Fact) -> T,
    ) -> Option<T> {
        let has_inner = self.read_inner()?;
        let Reader {
            definitions,
            strings,
            memo,
            slot_maps,
            outer,
            inner,
        } = &mut *self.reader;
        let inner = has_inner.then_some(&*inner);
        let purpose = (
            outer.plan,
            inner.map_or(PlanId::MAX, |inner| inner.plan),
            layout.fields.as_ptr() as usize,
        );
        let map = slot_maps.get(purpose, || {
            let plans = [Some(&*outer), inner].map(|instance| definitions.plan(instance?.plan));
            SlotMap::new(plans, layout.fields)
        })?;
        let fields = Fields {
            chunk: self.chunk,
            outer,
            inner,
            map,
            plans: definitions.plans(),
            memo: RefCell::new(memo),
            is_irregular: Cell::new(false),
        };
        let mut fact = layout.build(&fields, strings);
        if fields.is_irregular.get() {
            return None;
        }
        Some(then(&mut fact))
    }

    /// Reads the instance that holds EventData or UserData; answers whether there is one, and `None`
    /// when it is not of the plain kind.
    fn read_inner(&mut self) -> Option<bool> {
        let Reader {
            definitions,
            outer,
            inner,
            ..
        } = &mut *self.reader;
        let mut is_read = false;
        for at in 0.. {
            let plan: &Plan = definitions.plan(outer.plan)?;
            let Some(number) = plan.nested.get(at).copied() else {
                break;
            };
            let nested = outer.get(self.chunk, number);
            if nested.is_none_or(|raw| raw.kind != kind::BIN_XML || raw.bytes.is_empty()) {
                continue;
            }
            inner.read(self.chunk, outer.place(number)?, definitions)?;
            if std::mem::replace(&mut is_read, true) {
                return None;
            }
        }
        Some(is_read)
    }
}

/// One step of a walk over a chunk.
pub enum Walked<'w> {
    /// A record, at this byte offset of the chunk.
    Record(u16, LeanRecord<'w>),
    /// A record of an unusual shape, for the full reader.
    Irregular(u16),
    /// Bytes that hold no readable record.
    Damaged {
        /// Byte offset in the chunk.
        offset: u16,
        /// How many bytes were passed over.
        bytes: u32,
        /// Why.
        reason: &'static str,
    },
}

/// `**` and two zero bytes, before every record.
const RECORD_MAGIC: [u8; 4] = [0x2a, 0x2a, 0, 0];
/// Magic (4), size (4), number (8), time written (8).
const RECORD_HEADER: usize = 24;

/// Walks the records of a chunk in order.
pub struct Walk<'w> {
    reader: &'w mut Reader,
    chunk: &'w [u8],
    at: usize,
    end: usize,
    last_number: u64,
}

impl<'w> Walk<'w> {
    /// Starts at the first record. The header's end of data is believed only within the chunk.
    fn new(reader: &'w mut Reader, chunk: &'w [u8]) -> Self {
        let field = |at: usize| Cursor::new(chunk, at);
        let end = field(48)
            .u32()
            .map_or(chunk.len(), |end| (end as usize).min(chunk.len()));
        let last_number = field(16).u64().unwrap_or(u64::MAX);
        // A header whose data ends before it begins is broken: look everywhere.
        let end = if end < CHUNK_HEADER { chunk.len() } else { end };
        Walk {
            reader,
            chunk,
            at: CHUNK_HEADER,
            end,
            last_number,
        }
    }

    /// The next step; `None` at the end. The record lends the reader and must be done with first.
    #[inline]
    pub fn step(&mut self) -> Option<Walked<'_>> {
        let at = self.at;
        if at + RECORD_HEADER > self.end {
            return None;
        }
        let offset = u16::try_from(at).ok()?;
        match self.record_size(at) {
            Ok(size) => {
                let number = Cursor::new(self.chunk, at + 8).u64().unwrap_or(0);
                self.at = if number == self.last_number {
                    self.end
                } else {
                    at + size
                };
                Some(match self.record(at, size) {
                    Some(record) => Walked::Record(offset, record),
                    None => Walked::Irregular(offset),
                })
            }
            Err(reason) => {
                let next = self.find_record(at + 1);
                self.at = next.unwrap_or(self.end);
                let passed = self.chunk.get(at..self.at).unwrap_or_default();
                // Zeroes up to the end are free space that the header did not announce.
                if next.is_none() && passed.iter().all(|byte| *byte == 0) {
                    return None;
                }
                let bytes = u32::try_from(passed.len()).unwrap_or(u32::MAX);
                Some(Walked::Damaged {
                    offset,
                    bytes,
                    reason,
                })
            }
        }
    }

    /// The size that a record header at `at` claims, when the copy behind the record agrees.
    fn record_size(&self, at: usize) -> Result<usize, &'static str> {
        let mut cursor = Cursor::new(self.chunk, at);
        if cursor.bytes(4).is_none_or(|magic| magic != RECORD_MAGIC) {
            return Err("no record header where one must be");
        }
        let size = cursor.u32().map_or(0, |size| size as usize);
        if size < RECORD_HEADER + 4 || at + size > self.chunk.len() {
            return Err("record size is impossible");
        }
        let copy = Cursor::new(self.chunk, at + size - 4).u32();
        if copy.is_none_or(|copy| copy as usize != size) {
            return Err("record size and its copy differ");
        }
        Ok(size)
    }

    fn find_record(&self, from: usize) -> Option<usize> {
        (from..self.end.saturating_sub(RECORD_HEADER)).find(|&at| {
            self.chunk
                .get(at..at + 4)
                .is_some_and(|bytes| bytes == RECORD_MAGIC)
                && self.record_size(at).is_ok()
        })
    }

    #[inline(always)]
    fn record(&mut self, at: usize, size: usize) -> Option<LeanRecord<'_>> {
        let Walk { reader, chunk, .. } = self;
        let place = at + RECORD_HEADER..at + size - 4;
        let Reader {
            definitions, outer, ..
        } = &mut **reader;
        outer.read(chunk, place, definitions)?;
        let plan = definitions.plan(outer.plan)?;
        let Source::Value(time) = plan.time? else {
            return None;
        };
        let time = Time::from_filetime(outer.get(chunk, time)?.filetime()?);
        let (record_id, event_id) = (plan.record_id?, plan.event_id?);
        Some(LeanRecord {
            record_id: reader.number(chunk, record_id)?,
            event_id: u32::try_from(reader.number(chunk, event_id)?).ok()?,
            time,
            chunk,
            reader,
        })
    }
}
