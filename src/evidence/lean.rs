//! The fast reader: takes values straight from a chunk's bytes.
//!
//! It walks record headers, compiles each template definition of the chunk once
//! ([`super::template`]) and finds every wanted field by its number in the record's value list. No
//! tree, no XML, no text before somebody asks for it. A record of an unusual shape is handed back
//! as [`Walked::Irregular`] for the full reader; both give the same fields, which a test proves.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::template::{BIN_XML, Cursor, DEFINITION_HEADER, Plan, Source, compile, utf16};
use crate::event::layout::{Values, parse_guid, parse_number};
use crate::event::{Interner, Sym, Time};

/// A value as it lies in the chunk: its type ([MS-EVEN6] §2.2.12) and bytes.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'c> {
    kind: u8,
    bytes: &'c [u8],
}

impl<'c> Raw<'c> {
    fn number(self) -> Option<u64> {
        let signed = |value: i64| u64::try_from(value).ok();
        match (self.kind, self.bytes) {
            (0x03, &[a]) => signed(i64::from(i8::from_le_bytes([a]))),
            (0x04, &[a]) => Some(u64::from(a)),
            (0x05, &[a, b]) => signed(i64::from(i16::from_le_bytes([a, b]))),
            (0x06, &[a, b]) => Some(u64::from(u16::from_le_bytes([a, b]))),
            (0x07, &[a, b, c, d]) => signed(i64::from(i32::from_le_bytes([a, b, c, d]))),
            (0x08 | 0x10 | 0x14, &[a, b, c, d]) => {
                Some(u64::from(u32::from_le_bytes([a, b, c, d])))
            }
            (0x09, bytes) => signed(i64::from_le_bytes(bytes.try_into().ok()?)),
            (0x0a | 0x10 | 0x11 | 0x15, bytes) => Some(u64::from_le_bytes(bytes.try_into().ok()?)),
            (0x01, _) => parse_number(&self.text()?),
            _ => None,
        }
    }

    /// The value as the full reader's XML would spell it; `None` for types that are left to it.
    fn text(self) -> Option<Cow<'c, str>> {
        let text = match (self.kind, self.bytes) {
            (0x00, _) => return Some(Cow::Borrowed("")),
            (0x01, bytes) => utf16(until_nul(bytes)),
            (0x03, &[a]) => i8::from_le_bytes([a]).to_string(),
            (0x05, &[a, b]) => i16::from_le_bytes([a, b]).to_string(),
            (0x07, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).to_string(),
            (0x09, bytes) => i64::from_le_bytes(bytes.try_into().ok()?).to_string(),
            (0x04 | 0x06 | 0x08 | 0x0a, _) => self.number()?.to_string(),
            (0x10 | 0x14 | 0x15, _) => format!("0x{:x}", self.number()?),
            (0x0d, &[a, b, c, d]) => match u32::from_le_bytes([a, b, c, d]) {
                0 => "false".to_owned(),
                1 => "true".to_owned(),
                _ => return None,
            },
            (0x0e, bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
            (0x0f, bytes) => guid_text(guid(bytes)?),
            (0x13, bytes) => sid_text(bytes)?,
            _ => return None,
        };
        Some(Cow::Owned(text))
    }

    fn guid(self) -> Option<u128> {
        match self.kind {
            0x0f => guid(self.bytes),
            0x01 => parse_guid(&self.text()?),
            _ => None,
        }
    }

    /// Whether [`Raw::text`] can spell every value of this type.
    fn is_plain(self) -> bool {
        self.text_is_cheap() || self.text().is_some()
    }

    fn text_is_cheap(self) -> bool {
        matches!(self.kind, 0x00 | 0x01 | 0x14 | 0x15 | 0x08 | 0x06 | 0x0e)
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .chunks_exact(2)
        .position(|unit| unit == [0, 0])
        .map_or(bytes.len() & !1, |at| at * 2);
    bytes.get(..end).unwrap_or(bytes)
}

/// The number that a GUID's text form spells.
fn guid(bytes: &[u8]) -> Option<u128> {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let bytes: &[u8; 16] = bytes.try_into().ok()?;
    Some(ORDER.iter().fold(0, |number, &at| {
        (number << 8) | u128::from(bytes.get(at).copied().unwrap_or(0))
    }))
}

fn guid_text(guid: u128) -> String {
    let digits = format!("{guid:032x}");
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or("").to_owned();
    format!(
        "{{{}-{}-{}-{}-{}}}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    )
}

fn sid_text(bytes: &[u8]) -> Option<String> {
    let (&[revision, count, a, b, c, d, e, f], parts) = bytes.split_first_chunk::<8>()?;
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let mut text = format!("S-{revision}-{authority}");
    for part in parts.chunks_exact(4).take(usize::from(count)) {
        let part: [u8; 4] = part.try_into().ok()?;
        text.push_str(&format!("-{}", u32::from_le_bytes(part)));
    }
    Some(text)
}

/// A template instance: its compiled definition and its values.
struct Instance<'c> {
    plan: Rc<Plan>,
    values: Vec<Raw<'c>>,
}

impl<'c> Instance<'c> {
    fn raw(&self, number: u16) -> Option<Raw<'c>> {
        self.values.get(usize::from(number)).copied()
    }

    fn is_null(&self, number: u16) -> bool {
        self.raw(number).is_none_or(|raw| raw.kind == 0)
    }

    fn text<'s>(&'s self, source: &'s Source) -> Option<Cow<'s, str>> {
        match source {
            Source::Literal(text) => Some(Cow::Borrowed(text)),
            Source::Value(number) => self.raw(*number)?.text(),
        }
    }

    fn number(&self, source: &Source) -> Option<u64> {
        match source {
            Source::Literal(text) => parse_number(text),
            Source::Value(number) => self.raw(*number)?.number(),
        }
    }
}

/// A record whose System values and data can be taken from the chunk.
pub struct LeanRecord<'c> {
    outer: Instance<'c>,
    inner: Vec<Instance<'c>>,
    /// `EventRecordID`.
    pub record_id: u64,
    /// `EventID`.
    pub event_id: u32,
    /// `TimeCreated`.
    pub time: Time,
}

impl LeanRecord<'_> {
    /// `Provider@Name`.
    pub fn provider(&self) -> Cow<'_, str> {
        self.system(self.outer.plan.provider.as_ref())
    }

    /// `Channel`.
    pub fn channel(&self) -> Cow<'_, str> {
        self.system(self.outer.plan.channel.as_ref())
    }

    /// `Computer`.
    pub fn computer(&self) -> Cow<'_, str> {
        self.system(self.outer.plan.computer.as_ref())
    }

    /// `Security@UserID`; empty when there is none.
    pub fn user_sid(&self) -> Cow<'_, str> {
        self.system(self.outer.plan.user_sid.as_ref())
    }

    fn system<'s>(&'s self, source: Option<&'s Source>) -> Cow<'s, str> {
        source
            .and_then(|source| self.outer.text(source))
            .unwrap_or_default()
    }

    /// Resolves field names, or `None` when a wanted value is of a type or shape that the full
    /// reader must spell: arrays, floats, times, unnamed data.
    pub fn fields<'s>(&'s self, names: &'static [&'static str]) -> Option<LeanFields<'s>> {
        let mut slots = Vec::with_capacity(names.len());
        for name in names {
            if name.starts_with('#') {
                return None;
            }
            slots.push(self.find(name)?);
        }
        Some(LeanFields { slots })
    }

    /// `Some(None)`: no such field. `None`: not for this reader.
    fn find<'s>(&'s self, name: &str) -> Option<Option<Slot<'s>>> {
        for instance in std::iter::once(&self.outer).chain(&self.inner) {
            for field in &instance.plan.fields {
                if field.name != name
                    || field
                        .dependencies
                        .iter()
                        .any(|number| instance.is_null(*number))
                {
                    continue;
                }
                return match &field.source {
                    Source::Literal(text) => Some(Some(Slot::Literal(text))),
                    Source::Value(number) => {
                        let raw = instance.raw(*number)?;
                        raw.is_plain().then_some(Some(Slot::Raw(raw)))
                    }
                };
            }
        }
        Some(None)
    }
}

#[derive(Clone, Copy)]
enum Slot<'s> {
    Literal(&'s str),
    Raw(Raw<'s>),
}

/// The wanted values of one record.
pub struct LeanFields<'s> {
    slots: Vec<Option<Slot<'s>>>,
}

impl LeanFields<'_> {
    fn slot(&self, slot: usize) -> Option<Slot<'_>> {
        self.slots.get(slot).copied().flatten()
    }
}

impl Values for LeanFields<'_> {
    fn text(&self, slot: usize) -> Option<Cow<'_, str>> {
        match self.slot(slot)? {
            Slot::Literal(text) => Some(Cow::Borrowed(text)),
            Slot::Raw(raw) => raw.text(),
        }
    }

    fn number(&self, slot: usize) -> Option<u64> {
        match self.slot(slot)? {
            Slot::Literal(text) => parse_number(text),
            Slot::Raw(raw) => raw.number(),
        }
    }

    fn guid(&self, slot: usize) -> Option<u128> {
        match self.slot(slot)? {
            Slot::Literal(text) => parse_guid(text),
            Slot::Raw(raw) => raw.guid(),
        }
    }

    fn symbol(&self, slot: usize, strings: &mut Interner) -> Option<Sym> {
        self.text(slot).map(|text| strings.intern(&text))
    }
}

/// One step of a walk over a chunk.
pub enum Walked<'c> {
    /// A record, at this byte offset of the chunk.
    Record(u16, LeanRecord<'c>),
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

/// Size of a chunk's header.
const CHUNK_HEADER: usize = 512;
/// `**` and two zero bytes, before every record.
const RECORD_MAGIC: [u8; 4] = [0x2a, 0x2a, 0, 0];
/// Magic (4), size (4), number (8), time written (8).
const RECORD_HEADER: usize = 24;

/// Walks the records of a chunk in order.
pub struct Walk<'c> {
    chunk: &'c [u8],
    at: usize,
    end: usize,
    last_number: u64,
    plans: HashMap<usize, Option<Rc<Plan>>>,
}

impl<'c> Walk<'c> {
    /// Starts at the first record. The header's end of data is believed only within the chunk.
    pub fn new(chunk: &'c [u8]) -> Self {
        let field = |at: usize| Cursor::new(chunk, at);
        let end = field(48)
            .u32()
            .map_or(chunk.len(), |end| (end as usize).min(chunk.len()));
        let last_number = field(16).u64().unwrap_or(u64::MAX);
        // A header whose data ends before it begins is broken: look everywhere.
        let end = if end < CHUNK_HEADER { chunk.len() } else { end };
        Walk {
            chunk,
            at: CHUNK_HEADER,
            end,
            last_number,
            plans: HashMap::new(),
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

    fn read(&mut self, at: usize, size: usize) -> Option<LeanRecord<'c>> {
        let outer = self.instance(at + RECORD_HEADER, at + size - 4)?;
        let mut inner = Vec::new();
        for number in &outer.plan.nested {
            let Some(raw) = outer.raw(*number) else {
                continue;
            };
            if raw.kind == BIN_XML && !raw.bytes.is_empty() {
                let start = self.offset_of(raw.bytes)?;
                inner.push(self.instance(start, start + raw.bytes.len())?);
            }
        }
        let plan = &outer.plan;
        let time = match plan.time.as_ref()? {
            Source::Value(number) => match outer.raw(*number)? {
                Raw { kind: 0x11, bytes } => {
                    Time::from_filetime(u64::from_le_bytes(bytes.try_into().ok()?))
                }
                _ => return None,
            },
            Source::Literal(_) => return None,
        };
        Some(LeanRecord {
            record_id: outer.number(plan.record_id.as_ref()?)?,
            event_id: u32::try_from(outer.number(plan.event_id.as_ref()?)?).ok()?,
            time,
            outer,
            inner,
        })
    }

    fn offset_of(&self, part: &[u8]) -> Option<usize> {
        (part.as_ptr() as usize).checked_sub(self.chunk.as_ptr() as usize)
    }

    /// Reads `[fragment header] template-instance [end]`; `None` for anything else.
    fn instance(&mut self, start: usize, end: usize) -> Option<Instance<'c>> {
        let mut cursor = Cursor::new(self.chunk, start);
        let mut token = cursor.u8()?;
        if token == 0x0f {
            cursor.bytes(3)?;
            token = cursor.u8()?;
        }
        if token != 0x0c {
            return None;
        }
        cursor.u8()?;
        cursor.u32()?;
        let definition = cursor.u32()? as usize;
        if definition == cursor.at {
            let size = Cursor::new(self.chunk, definition + DEFINITION_HEADER - 4).u32()? as usize;
            cursor.bytes(DEFINITION_HEADER.checked_add(size)?)?;
        }
        let chunk = self.chunk;
        let plan = self
            .plans
            .entry(definition)
            .or_insert_with(|| compile(chunk, definition).map(Rc::new))
            .clone()?;
        let count = cursor.u32()? as usize;
        let mut kinds = Cursor::new(self.chunk, cursor.at);
        cursor.bytes(count.checked_mul(4)?)?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            let size = usize::from(kinds.u16()?);
            let kind = kinds.u8()?;
            kinds.u8()?;
            values.push(Raw {
                kind,
                bytes: cursor.bytes(size)?,
            });
        }
        let instance = Instance { plan, values };
        let is_whole = cursor.at <= end
            && !instance
                .plan
                .root_dependency
                .is_some_and(|number| instance.is_null(number));
        is_whole.then_some(instance)
    }
}

impl<'c> Iterator for Walk<'c> {
    type Item = Walked<'c>;

    fn next(&mut self) -> Option<Walked<'c>> {
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
                Some(match self.read(at, size) {
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
}
