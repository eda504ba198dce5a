//! The fast reader: takes values straight from a chunk's bytes.
//!
//! It walks record headers, compiles each template definition once (`template.rs`) and finds
//! every wanted field by its number in the record's value list. No tree, no XML, no text that is
//! not new. A record of an unusual shape is handed back as [`Walked::Irregular`] for the full
//! reader; both give the same fields, which a test proves.
//!
//! One [`Reader`] serves one worker for all its chunks: what it has compiled, spelled and allocated
//! is there for the next.

use std::ops::ControlFlow;

use hashbrown::HashMap;

use super::evtx_file::{CHUNK_HEADER, CHUNK_SIZE};
use super::memo::{Memo, Recent};
use super::slots::{Instance, SlotMap, ValueList};
use super::template::{Cursor, DEFINITION_HEADER, PlanId, Plans, Source};
use super::value::kind;
use crate::event::fact::Fact;
use crate::event::layout::{Layout, parse_number};
use crate::event::{Interner, Sym, Time};

/// Bytes of definitions that are looked at in one chunk, which holds 65,536: damaged or forged
/// chunks can make them overlap.
const DEFINITION_BUDGET: usize = 1 << 20;
/// Bytes of text that a reader keeps at most, from task to task: they shall stay near the processor.
const MOST_TEXTS: usize = 1 << 20;
/// Bytes of definitions that it keeps at most. Windows has some thousand of a kilobyte each.
const MOST_DEFINITIONS: usize = 1 << 22;

/// What one worker keeps from chunk to chunk.
#[derive(Default)]
pub struct Reader {
    plans: Plans,
    strings: Interner,
    memo: Memo,
    /// By outer and inner definition (`u32::MAX` for none) and the address of the layout's fields.
    slot_maps: HashMap<(PlanId, PlanId, usize), SlotMap>,
    definitions: Definitions,
    /// System values last met, by outer definition: provider, channel, computer, user.
    recent: Vec<[Recent; 4]>,
    values: ValueList,
}

/// The definitions of the chunk at hand by their offset. Every record asks twice.
#[derive(Default)]
struct Definitions {
    /// By offset: 0 when not asked for yet, 1 for a definition without a plan, else the plan and 2.
    plans: Vec<PlanId>,
    /// The offsets that were asked for.
    known: Vec<usize>,
}

impl Definitions {
    #[inline]
    fn get(&self, offset: usize) -> Option<Option<PlanId>> {
        match self.plans.get(offset)? {
            0 => None,
            plan => Some(plan.checked_sub(2)),
        }
    }

    fn put(&mut self, offset: usize, plan: Option<PlanId>) {
        // An offset beyond the chunk has no plan, and is not worth being remembered.
        self.plans.resize(CHUNK_SIZE, 0);
        if let Some(place) = self.plans.get_mut(offset) {
            *place = plan.map_or(1, |plan| plan.saturating_add(2));
            self.known.push(offset);
        }
    }

    fn clear(&mut self) {
        for offset in self.known.drain(..) {
            if let Some(place) = self.plans.get_mut(offset) {
                *place = 0;
            }
        }
    }
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
        self.plans.begin();
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
        self.recent.clear();
        if self.plans.size() > MOST_DEFINITIONS {
            self.plans = Plans::default();
            self.slot_maps.clear();
        }
        self.slot_maps.values_mut().for_each(SlotMap::forget);
    }

    fn number(&self, chunk: &[u8], instance: Instance, source: Source) -> Option<u64> {
        match source {
            Source::Literal(literal) => parse_number(self.plans.literal(literal)),
            Source::Value(number) => self.values.get(chunk, instance, number)?.number(),
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
        let plan = match self.definitions.get(definition) {
            Some(known) => known,
            None => {
                let found = self.plans.find(chunk, definition, budget);
                self.definitions.put(definition, found);
                found
            }
        }?;
        let (instance, at) = self.values.add(chunk, cursor.at, plan)?;
        let root = self.plans.plan(plan)?.root_dependency;
        let is_whole =
            at <= end && !root.is_some_and(|number| self.values.is_null(chunk, instance, number));
        is_whole.then_some(instance)
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
            recent,
            ..
        } = &mut *self.reader;
        let plan = plans.plan(self.outer.plan)?;
        let at = self.outer.plan as usize;
        if recent.len() <= at {
            recent.resize(at + 1, Default::default());
        }
        let mut symbol = |recent: &mut Recent, source: Option<Source>| match source {
            None => Some(Sym::NONE),
            Some(Source::Literal(literal)) => Some(memo.of_literal(literal, plans, strings)),
            Some(Source::Value(number)) => {
                memo.among(recent, values.get(self.chunk, self.outer, number)?, strings)
            }
        };
        let [provider, channel, computer, user_sid] = recent.get_mut(at)?;
        Some(System {
            provider: symbol(provider, plan.provider)?,
            channel: symbol(channel, plan.channel)?,
            computer: symbol(computer, plan.computer)?,
            user_sid: symbol(user_sid, plan.user_sid)?,
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
        let Reader {
            plans,
            strings,
            memo,
            slot_maps,
            values,
            ..
        } = &mut *self.reader;
        let key = (
            self.outer.plan,
            inner.map_or(PlanId::MAX, |inner| inner.plan),
            layout.fields.as_ptr() as usize,
        );
        let map = slot_maps.entry(key).or_insert_with(|| {
            let plans = [Some(self.outer), inner]
                .map(|instance| instance.and_then(|instance| plans.plan(instance.plan)));
            SlotMap::new(plans, layout.fields)
        });
        let instances = (self.outer, inner);
        let fields = map.fields(self.chunk, values, instances, plans, memo);
        let fact = layout.build(&fields, strings);
        fields.are_plain().then_some(fact)
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
            let value = reader.values.get(self.chunk, self.outer, number);
            let nested = value.filter(|raw| raw.kind == kind::BIN_XML && !raw.bytes.is_empty());
            let (Some(nested), Some(start)) = (nested, reader.values.offset(self.outer, number))
            else {
                continue;
            };
            let end = start + nested.bytes.len();
            let instance = reader.instance(self.chunk, start, end, self.budget);
            if instance.is_none() || inner.is_some() {
                return irregular;
            }
            inner = instance;
        }
        ControlFlow::Continue(inner)
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
        let time = reader.values.get(chunk, outer, time)?;
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
