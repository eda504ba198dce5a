//! The fast reader: takes values straight from a chunk's bytes.
//!
//! It walks record headers, compiles each template definition once (`template.rs`) and finds
//! every wanted field by its number in the record's value list. No tree, no XML, no text that is
//! not new. A record of an unusual shape is handed back as [`Walked::Irregular`] for the full
//! reader; both give the same fields, which a test proves.
//!
//! One [`Reader`] serves one worker for all its chunks: what it has compiled, spelled and allocated
//! is there for the next.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;

use hashbrown::HashMap;

use super::memo::Memo;
use super::template::{Cursor, DEFINITION_HEADER, Plan, PlanId, Plans, Source};
use super::value::{Raw, kind};
use crate::event::fact::Fact;
use crate::event::identity::join_account;
use crate::event::layout::{Layout, Values, parse_guid, parse_number};
use crate::event::{Interner, Sym, Time};

/// Bytes of definitions that are looked at in one chunk, which holds 65,536: damaged or forged
/// chunks can make them overlap.
const DEFINITION_BUDGET: usize = 1 << 20;
/// What a reader may keep before it is worth forgetting.
const MOST_KEPT: usize = 1 << 21;

/// Where a value lies in its chunk.
#[derive(Clone, Copy, Debug)]
struct Value {
    at: u32,
    size: u16,
    kind: u8,
}

impl Value {
    fn raw(self, chunk: &[u8]) -> Raw<'_> {
        let at = self.at as usize;
        Raw {
            kind: self.kind,
            bytes: chunk
                .get(at..at + usize::from(self.size))
                .unwrap_or_default(),
        }
    }
}

/// A template instance: its definition, and its values in [`Reader::values`].
#[derive(Clone, Copy)]
struct Instance {
    plan: PlanId,
    first: usize,
    end: usize,
}

/// A wanted field of a pair of definitions.
struct Candidate {
    slot: usize,
    is_inner: bool,
    source: Source,
    dependencies: Box<[u16]>,
}

/// Which values of a pair of definitions fill the slots of a layout.
struct SlotMap {
    named: Vec<Candidate>,
    /// All fields without a name, when the layout wants any; `slot` is unused.
    unnamed: Vec<Candidate>,
    /// Which slots want the n-th of them.
    wanted: Vec<(usize, usize)>,
}

/// The wanted value of one slot.
#[derive(Clone, Copy, Default)]
enum Slot {
    #[default]
    Absent,
    Literal(u32),
    Value(Value),
}

/// What one worker keeps from chunk to chunk.
#[derive(Default)]
pub struct Reader {
    plans: Plans,
    strings: Interner,
    memo: RefCell<Memo>,
    /// By outer and inner definition (`u32::MAX` for none) and the address of the layout's fields.
    slot_maps: HashMap<(PlanId, PlanId, usize), SlotMap>,
    /// Definitions of the chunk at hand by their offset.
    definitions: HashMap<usize, Option<PlanId>>,
    values: Vec<Value>,
    slots: Vec<Slot>,
}

/// System values of a record, as symbols of its reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// `Provider@Name`.
    pub provider: Sym,
    /// `Channel`.
    pub channel: Sym,
    /// `Computer`.
    pub computer: Sym,
    /// `Security@UserID`; [`Sym::NONE`] when there is none.
    pub user_sid: Sym,
}

impl Reader {
    /// Walks the records of a chunk.
    pub fn walk<'w>(&'w mut self, chunk: &'w [u8]) -> Walk<'w> {
        self.definitions.clear();
        Walk::new(self, chunk)
    }

    /// The texts of everything read so far.
    pub fn strings(&mut self) -> &mut Interner {
        &mut self.strings
    }

    /// Whether so much is kept that the reader should begin anew.
    pub fn is_full(&self) -> bool {
        self.strings.text_bytes() + self.memo.borrow().size() + self.plans.size() > MOST_KEPT
    }

    fn raw<'c>(&self, chunk: &'c [u8], instance: Instance, number: u16) -> Option<Raw<'c>> {
        self.value(instance, number).map(|value| value.raw(chunk))
    }

    fn value(&self, instance: Instance, number: u16) -> Option<Value> {
        let values = self.values.get(instance.first..instance.end)?;
        values.get(usize::from(number)).copied()
    }

    fn is_null(&self, instance: Instance, number: u16) -> bool {
        self.value(instance, number)
            .is_none_or(|value| value.kind == kind::NULL)
    }

    fn number(&self, chunk: &[u8], instance: Instance, source: Source) -> Option<u64> {
        match source {
            Source::Literal(literal) => parse_number(self.plans.literal(literal)),
            Source::Value(number) => self.raw(chunk, instance, number)?.number(),
        }
    }

    /// Reads `[fragment header] template-instance [end]`; `None` for anything else.
    fn instance(
        &mut self,
        chunk: &[u8],
        start: usize,
        end: usize,
        budget: &mut usize,
    ) -> Option<Instance> {
        const FRAGMENT: u8 = 0x0f;
        const TEMPLATE: u8 = 0x0c;
        let mut cursor = Cursor::new(chunk, start);
        let mut token = cursor.u8()?;
        if token == FRAGMENT {
            cursor.bytes(3)?;
            token = cursor.u8()?;
        }
        if token != TEMPLATE {
            return None;
        }
        cursor.u8()?;
        cursor.u32()?;
        let definition = cursor.u32()? as usize;
        if definition == cursor.at {
            let size = Cursor::new(chunk, definition + DEFINITION_HEADER - 4).u32()? as usize;
            cursor.bytes(DEFINITION_HEADER.checked_add(size)?)?;
        }
        let plans = &mut self.plans;
        let plan = (*self
            .definitions
            .entry(definition)
            .or_insert_with(|| plans.find(chunk, definition, budget)))?;
        let count = cursor.u32()? as usize;
        let (kinds, _) = cursor.bytes(count.checked_mul(4)?)?.as_chunks::<4>();
        let first = self.values.len();
        let mut at = cursor.at;
        for &[low, high, kind, _] in kinds {
            let size = u16::from_le_bytes([low, high]);
            self.values.push(Value {
                at: u32::try_from(at).ok()?,
                size,
                kind,
            });
            at += usize::from(size);
        }
        let instance = Instance {
            plan,
            first,
            end: self.values.len(),
        };
        let root = self.plans.plan(plan)?.root_dependency;
        let is_whole = at <= end && !root.is_some_and(|number| self.is_null(instance, number));
        is_whole.then_some(instance)
    }

    /// Resolves the slots of a layout into `self.slots`; `None` when a wanted value is of a type or
    /// shape that the full reader must spell.
    fn resolve(
        &mut self,
        chunk: &[u8],
        outer: Instance,
        inner: Option<Instance>,
        fields: &'static [&'static str],
    ) -> Option<()> {
        let inner_plan = inner.map_or(PlanId::MAX, |inner| inner.plan);
        let key = (outer.plan, inner_plan, fields.as_ptr() as usize);
        if !self.slot_maps.contains_key(&key) {
            let plans = [Some(outer.plan), inner.map(|inner| inner.plan)]
                .map(|plan| plan.and_then(|id| self.plans.plan(id)));
            let map = SlotMap::new(plans, fields);
            self.slot_maps.insert(key, map);
        }
        let map = self.slot_maps.get(&key)?;
        let mut slots = std::mem::take(&mut self.slots);
        slots.clear();
        slots.resize(fields.len(), Slot::Absent);
        let filled = self.fill(chunk, outer, inner, map, &mut slots);
        self.slots = slots;
        filled
    }

    fn fill(
        &self,
        chunk: &[u8],
        outer: Instance,
        inner: Option<Instance>,
        map: &SlotMap,
        slots: &mut [Slot],
    ) -> Option<()> {
        let found = |candidate: &Candidate| {
            let instance = if candidate.is_inner { inner? } else { outer };
            let left_out = candidate
                .dependencies
                .iter()
                .any(|number| self.is_null(instance, *number));
            (!left_out).then_some(instance)
        };
        for candidate in &map.named {
            let Some(slot @ Slot::Absent) = slots.get_mut(candidate.slot) else {
                continue;
            };
            let Some(instance) = found(candidate) else {
                continue;
            };
            *slot = match candidate.source {
                Source::Literal(literal) => Slot::Literal(literal),
                Source::Value(number) => {
                    let value = self.value(instance, number)?;
                    if value.kind == kind::STRING_ARRAY {
                        // The element is repeated for each text; the first counts.
                        Slot::Value(array_items(value, chunk)?.next()?)
                    } else if value.raw(chunk).is_plain() {
                        Slot::Value(value)
                    } else {
                        return None;
                    }
                }
            };
        }
        let mut position = 0;
        let mut assign = |value: Slot| {
            for (slot, wanted) in &map.wanted {
                if *wanted == position
                    && let Some(slot @ Slot::Absent) = slots.get_mut(*slot)
                {
                    *slot = value;
                }
            }
            position += 1;
        };
        for candidate in &map.unnamed {
            let Some(instance) = found(candidate) else {
                continue;
            };
            match candidate.source {
                Source::Literal(literal) => assign(Slot::Literal(literal)),
                Source::Value(number) => {
                    let value = self.value(instance, number)?;
                    if value.kind == kind::STRING_ARRAY {
                        array_items(value, chunk)?.for_each(|item| assign(Slot::Value(item)));
                    } else if value.raw(chunk).is_plain() {
                        assign(Slot::Value(value));
                    } else {
                        return None;
                    }
                }
            }
        }
        Some(())
    }
}

/// The texts of an array, each ended by a NUL; `None` when it has none or its end is missing.
fn array_items(array: Value, chunk: &[u8]) -> Option<impl Iterator<Item = Value>> {
    let bytes = array.raw(chunk).bytes;
    if !bytes.len().is_multiple_of(2) || !bytes.ends_with(&[0, 0]) {
        return None;
    }
    let mut start = array.at;
    let ends = bytes.as_chunks::<2>().0.iter().zip(0u32..);
    Some(
        ends.filter(|(unit, _)| **unit == [0, 0])
            .filter_map(move |(_, unit)| {
                let end = array.at + unit * 2;
                let item = Value {
                    at: start,
                    size: u16::try_from(end - start).ok()?,
                    kind: kind::STRING,
                };
                start = end + 2;
                Some(item)
            }),
    )
}

impl SlotMap {
    fn new(plans: [Option<&Plan>; 2], fields: &[&str]) -> Self {
        let mut map = SlotMap {
            named: Vec::new(),
            unnamed: Vec::new(),
            wanted: Vec::new(),
        };
        for (slot, name) in fields.iter().enumerate() {
            if let Some(position) = name.strip_prefix('#').and_then(|n| n.parse().ok()) {
                map.wanted.push((slot, position));
            }
        }
        for (plan, is_inner) in plans.into_iter().zip([false, true]) {
            for field in plan.into_iter().flat_map(|plan| &plan.fields) {
                let candidate = |slot| Candidate {
                    slot,
                    is_inner,
                    source: field.source,
                    dependencies: field.dependencies.as_slice().into(),
                };
                match &field.name {
                    None if !map.wanted.is_empty() => map.unnamed.push(candidate(0)),
                    None => {}
                    Some(name) => {
                        let slots = fields.iter().enumerate();
                        let wanting = slots.filter(|(_, wanted)| *wanted == name);
                        map.named.extend(wanting.map(|(slot, _)| candidate(slot)));
                    }
                }
            }
        }
        map
    }
}

/// A record whose System values and data can be taken from the chunk.
pub struct LeanRecord<'w> {
    reader: &'w mut Reader,
    chunk: &'w [u8],
    budget: &'w mut usize,
    outer: Instance,
    /// `EventRecordID`.
    pub record_id: u64,
    /// `EventID`.
    pub event_id: u32,
    /// `TimeCreated`.
    pub time: Time,
}

impl LeanRecord<'_> {
    /// System values; `None` when the full reader must spell one of them.
    pub fn system(&mut self) -> Option<System> {
        let Reader {
            plans,
            strings,
            memo,
            values,
            ..
        } = &mut *self.reader;
        let values = values.get(self.outer.first..self.outer.end)?;
        let plan = plans.plan(self.outer.plan)?;
        let memo = memo.get_mut();
        let mut symbol = |place, source: Option<Source>| match source {
            None => Some(Sym::NONE),
            Some(Source::Literal(literal)) => Some(memo.of_literal(literal, plans, strings)),
            Some(Source::Value(number)) => {
                let value = values.get(usize::from(number))?;
                memo.of_steady(place, value.raw(self.chunk), strings)
            }
        };
        Some(System {
            provider: symbol(0, plan.provider)?,
            channel: symbol(1, plan.channel)?,
            computer: symbol(2, plan.computer)?,
            user_sid: symbol(3, plan.user_sid)?,
        })
    }

    /// The texts of everything read so far, this record's included.
    pub fn strings(&mut self) -> &mut Interner {
        self.reader.strings()
    }

    /// The record's fact, or `None` when a wanted value is of a type or shape that the full reader
    /// must spell: floats, times, arrays of numbers, XML of its own.
    pub fn fact(&mut self, layout: &'static Layout) -> Option<Fact> {
        let inner = match self.inner() {
            ControlFlow::Continue(inner) => inner,
            ControlFlow::Break(()) => return None,
        };
        let reader = &mut *self.reader;
        reader.resolve(self.chunk, self.outer, inner, layout.fields)?;
        let fields = LeanFields {
            chunk: self.chunk,
            slots: &reader.slots,
            plans: &reader.plans,
            memo: &reader.memo,
        };
        Some(layout.build(&fields, &mut reader.strings))
    }

    /// The instance that holds EventData or UserData; `Break` when it is not of the plain kind.
    fn inner(&mut self) -> ControlFlow<(), Option<Instance>> {
        let irregular = ControlFlow::Break(());
        let mut inner = None;
        let reader = &mut *self.reader;
        for at in 0.. {
            let nested = reader.plans.plan(self.outer.plan).map(|plan| &plan.nested);
            let Some(number) = nested.and_then(|nested| nested.get(at).copied()) else {
                break;
            };
            let Some(value) = reader.value(self.outer, number) else {
                continue;
            };
            if value.kind != kind::BIN_XML || value.size == 0 {
                continue;
            }
            let start = value.at as usize;
            let end = start + usize::from(value.size);
            let instance = reader.instance(self.chunk, start, end, self.budget);
            if instance.is_none() || inner.is_some() {
                return irregular;
            }
            inner = instance;
        }
        ControlFlow::Continue(inner)
    }
}

/// The wanted values of one record.
struct LeanFields<'s> {
    chunk: &'s [u8],
    slots: &'s [Slot],
    plans: &'s Plans,
    memo: &'s RefCell<Memo>,
}

/// A slot with its value at hand.
enum Held<'s> {
    Literal(&'s str),
    Raw(Raw<'s>),
}

impl<'s> LeanFields<'s> {
    fn held(&self, slot: usize) -> Option<Held<'s>> {
        match *self.slots.get(slot)? {
            Slot::Absent => None,
            Slot::Literal(literal) => Some(Held::Literal(self.plans.literal(literal))),
            Slot::Value(value) => Some(Held::Raw(value.raw(self.chunk))),
        }
    }

    /// The UTF-16 of a value that is text or not there.
    fn utf16(&self, slot: usize) -> Option<&'s [u8]> {
        match *self.slots.get(slot)? {
            Slot::Absent => Some(&[]),
            Slot::Value(value) if value.kind == kind::NULL => Some(&[]),
            Slot::Value(value) if value.kind == kind::STRING => Some(value.raw(self.chunk).bytes),
            Slot::Literal(_) | Slot::Value(_) => None,
        }
    }
}

impl Values for LeanFields<'_> {
    fn text(&self, slot: usize) -> Option<Cow<'_, str>> {
        match self.held(slot)? {
            Held::Literal(text) => Some(Cow::Borrowed(text)),
            Held::Raw(raw) => raw.text(),
        }
    }

    fn number(&self, slot: usize) -> Option<u64> {
        match self.held(slot)? {
            Held::Literal(text) => parse_number(text),
            Held::Raw(raw) => raw.number(),
        }
    }

    fn guid(&self, slot: usize) -> Option<u128> {
        match self.held(slot)? {
            Held::Literal(text) => parse_guid(text),
            Held::Raw(raw) => raw.guid(),
        }
    }

    fn symbol(&self, slot: usize, strings: &mut Interner) -> Option<Sym> {
        match *self.slots.get(slot)? {
            Slot::Absent => None,
            Slot::Literal(literal) => {
                let mut memo = self.memo.borrow_mut();
                Some(memo.of_literal(literal, self.plans, strings))
            }
            Slot::Value(value) => {
                let mut memo = self.memo.borrow_mut();
                memo.symbol(value.raw(self.chunk), strings)
            }
        }
    }

    fn account(&self, domain: usize, user: usize, strings: &mut Interner) -> Sym {
        match (self.utf16(domain), self.utf16(user)) {
            (Some(domain), Some(user)) => self.memo.borrow_mut().of_account(domain, user, strings),
            _ => {
                let domain = self.text(domain).unwrap_or_default();
                let user = self.text(user).unwrap_or_default();
                strings.intern(&join_account(&domain, &user))
            }
        }
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

/// Size of a chunk's header.
const CHUNK_HEADER: usize = 512;
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
    budget: usize,
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
            budget: DEFINITION_BUDGET,
        }
    }

    /// The next step; `None` at the end. The record lends the reader and must be done with first.
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

    fn record(&mut self, at: usize, size: usize) -> Option<LeanRecord<'_>> {
        let Walk {
            reader,
            chunk,
            budget,
            ..
        } = self;
        reader.values.clear();
        let outer = reader.instance(chunk, at + RECORD_HEADER, at + size - 4, budget)?;
        let plan = reader.plans.plan(outer.plan)?;
        let Source::Value(time) = plan.time? else {
            return None;
        };
        let time = reader.raw(chunk, outer, time)?;
        if time.kind != kind::FILETIME {
            return None;
        }
        let time = Time::from_filetime(time.number()?);
        let record_id = reader.number(chunk, outer, plan.record_id?)?;
        let event_id = reader.number(chunk, outer, plan.event_id?)?;
        Some(LeanRecord {
            record_id,
            event_id: u32::try_from(event_id).ok()?,
            time,
            outer,
            chunk,
            budget,
            reader,
        })
    }
}
