//! Which of a record's values fill the slots of a layout.
//!
//! A [`SlotMap`] is made once for a pair of definitions and a layout; after that no name is compared.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use super::memo::{Last, Memo};
use super::template::{Cursor, Literal, Plan, PlanId, Plans, Source};
use super::value::{Raw, kind};
use crate::event::identity::join_account;
use crate::event::layout::{Values, parse_guid, parse_number};
use crate::event::{Interner, Sym};

/// A template instance: its definition, and where its values are.
#[derive(Clone, Copy)]
pub(super) struct Instance {
    pub(super) plan: PlanId,
    /// Position of the first value in the [`ValueList`], and how many there are.
    first: u32,
    count: u32,
}

/// The values of one record's instances.
#[derive(Default)]
pub(super) struct ValueList {
    places: Vec<Place>,
}

/// Where a value is in its chunk, in the low half, and its descriptor as it lies there: its size in
/// the lowest 16 bits, its type in the next 8. Most values are passed over, so they are unpacked late.
#[derive(Clone, Copy)]
struct Place(u64);

impl Place {
    fn new(at: u32, descriptor: u32) -> Self {
        Place(u64::from(descriptor) << 32 | u64::from(at))
    }

    fn at(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    fn size(self) -> usize {
        (self.0 >> 32 & 0xffff) as usize
    }

    fn kind(self) -> u8 {
        (self.0 >> 48 & 0xff) as u8
    }
}

impl ValueList {
    /// Begins a record.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// Adds an instance whose number of values stands at `at`; answers it and where it ends.
    #[inline]
    pub(super) fn add(
        &mut self,
        chunk: &[u8],
        at: usize,
        plan: PlanId,
    ) -> Option<(Instance, usize)> {
        let mut cursor = Cursor::new(chunk, at);
        let count = cursor.u32()?;
        // Size (2), type (1), zero (1) for each value.
        let descriptors = cursor.bytes((count as usize).checked_mul(4)?)?;
        let first = u32::try_from(self.places.len()).ok()?;
        let mut at = u32::try_from(cursor.at).ok()?;
        let (descriptors, _) = descriptors.as_chunks::<4>();
        self.places.extend(descriptors.iter().map(|descriptor| {
            let descriptor = u32::from_le_bytes(*descriptor);
            let place = Place::new(at, descriptor);
            // A chunk has 16,384 descriptors at most, of 65,535 bytes at most.
            at += descriptor & 0xffff;
            place
        }));
        let instance = Instance { plan, first, count };
        Some((instance, at as usize))
    }

    #[inline]
    fn place(&self, instance: Instance, number: u16) -> Option<Place> {
        let number = u32::from(number);
        let place = self.places.get((instance.first + number) as usize)?;
        (number < instance.count).then_some(*place)
    }

    /// Where a value begins.
    #[inline]
    pub(super) fn offset(&self, instance: Instance, number: u16) -> Option<usize> {
        Some(self.place(instance, number)?.at())
    }

    /// A value; `None` when there is none of that number, or not all of it is in the chunk.
    #[inline]
    pub(super) fn get<'c>(
        &self,
        chunk: &'c [u8],
        instance: Instance,
        number: u16,
    ) -> Option<Raw<'c>> {
        let place = self.place(instance, number)?;
        let bytes = chunk.get(place.at()..place.at() + place.size())?;
        Some(Raw {
            kind: place.kind(),
            bytes,
        })
    }

    /// Whether there is nothing at a number.
    pub(super) fn is_null(&self, chunk: &[u8], instance: Instance, number: u16) -> bool {
        self.get(chunk, instance, number)
            .is_none_or(|raw| raw.kind == kind::NULL)
    }
}

/// A field of one of two definitions.
struct Candidate {
    is_inner: bool,
    source: Source,
    /// The field is left out when one of these values is null.
    dependencies: Box<[u16]>,
}

/// What a slot wants.
enum Wanted {
    /// A value that is always there: by far the most usual case.
    Value(bool, u16),
    /// The first of these fields that is not left out.
    Named(Vec<Candidate>),
    /// The field of this position among those without a name.
    Unnamed(usize),
}

/// Which values of a pair of definitions fill the slots of a layout.
pub(super) struct SlotMap {
    wanted: Vec<Wanted>,
    /// All fields without a name.
    unnamed: Vec<Candidate>,
    /// What was last met in each slot.
    last: Vec<Last>,
}

impl SlotMap {
    /// For the outer and the inner definition, and the names of a layout's fields.
    pub(super) fn new(plans: [Option<&Plan>; 2], names: &[&str]) -> Self {
        let fields = || {
            let plans = plans.iter().zip([false, true]);
            plans.flat_map(|(plan, is_inner)| {
                let fields = plan.iter().flat_map(|plan| &plan.fields);
                fields.map(move |field| {
                    let candidate = Candidate {
                        is_inner,
                        source: field.source,
                        dependencies: field.dependencies.as_slice().into(),
                    };
                    (field.name.as_deref(), candidate)
                })
            })
        };
        let named = |wanted: Option<&str>| {
            let found = fields().filter(|(name, _)| *name == wanted);
            found.map(|(_, candidate)| candidate).collect()
        };
        let wanted = |name: &&str| {
            if let Some(Ok(position)) = name.strip_prefix('#').map(str::parse) {
                return Wanted::Unnamed(position);
            }
            let candidates: Vec<Candidate> = named(Some(name));
            match candidates.first() {
                Some(&Candidate {
                    is_inner,
                    source: Source::Value(number),
                    ref dependencies,
                }) if dependencies.is_empty() => Wanted::Value(is_inner, number),
                _ => Wanted::Named(candidates),
            }
        };
        SlotMap {
            wanted: names.iter().map(wanted).collect(),
            unnamed: named(None),
            last: vec![Last::default(); names.len()],
        }
    }

    /// Forgets what was last met.
    pub(super) fn forget(&mut self) {
        self.last.iter_mut().for_each(Last::forget);
    }

    /// The fields of one record.
    pub(super) fn fields<'s>(
        &'s mut self,
        chunk: &'s [u8],
        values: &'s ValueList,
        (outer, inner): (Instance, Option<Instance>),
        plans: &'s Plans,
        memo: &'s mut Memo,
    ) -> Fields<'s> {
        Fields {
            chunk,
            values,
            outer,
            inner,
            wanted: &self.wanted,
            unnamed: &self.unnamed,
            plans,
            memory: RefCell::new((memo, &mut self.last)),
            is_irregular: Cell::new(false),
        }
    }
}

/// The wanted values of one record, found when they are asked for.
pub(super) struct Fields<'s> {
    chunk: &'s [u8],
    values: &'s ValueList,
    outer: Instance,
    inner: Option<Instance>,
    wanted: &'s [Wanted],
    unnamed: &'s [Candidate],
    plans: &'s Plans,
    memory: RefCell<(&'s mut Memo, &'s mut [Last])>,
    is_irregular: Cell<bool>,
}

/// The value of a slot.
#[derive(Clone, Copy)]
enum Slot<'s> {
    Literal(Literal),
    Raw(Raw<'s>),
}

impl<'s> Fields<'s> {
    /// Whether all values asked for so far were of types and shapes that this reader can spell.
    pub(super) fn are_plain(&self) -> bool {
        !self.is_irregular.get()
    }

    #[inline]
    fn slot(&self, slot: usize) -> Option<Slot<'s>> {
        let wanted = self.wanted.get(slot)?;
        if let Wanted::Value(is_inner, number) = wanted
            && let Some(instance) = self.instance(*is_inner)
            && let Some(raw) = self.values.get(self.chunk, instance, *number)
            && raw.is_plain()
        {
            return Some(Slot::Raw(raw));
        }
        self.unusual(wanted)
    }

    fn unusual(&self, wanted: &Wanted) -> Option<Slot<'s>> {
        match wanted {
            Wanted::Value(is_inner, number) => {
                let instance = self.instance(*is_inner)?;
                self.items(instance, *number).next().map(Slot::Raw)
            }
            Wanted::Named(candidates) => {
                let mut found = candidates.iter().filter_map(|field| self.source(field));
                match found.next()? {
                    (_, Source::Literal(literal)) => Some(Slot::Literal(literal)),
                    (instance, Source::Value(number)) => {
                        // An array repeats the element; the first counts.
                        self.items(instance, number).next().map(Slot::Raw)
                    }
                }
            }
            Wanted::Unnamed(position) => {
                let found = self.unnamed.iter().filter_map(|field| self.source(field));
                let mut all = found.flat_map(|(instance, source)| {
                    let (literal, number) = match source {
                        Source::Literal(literal) => (Some(Slot::Literal(literal)), None),
                        Source::Value(number) => (None, Some(number)),
                    };
                    let items = number.map(|number| self.items(instance, number));
                    literal
                        .into_iter()
                        .chain(items.into_iter().flatten().map(Slot::Raw))
                });
                all.nth(*position)
            }
        }
    }

    fn instance(&self, is_inner: bool) -> Option<Instance> {
        if is_inner {
            self.inner
        } else {
            Some(self.outer)
        }
    }

    /// Where a field's value is, unless the field is left out.
    fn source(&self, field: &Candidate) -> Option<(Instance, Source)> {
        let instance = self.instance(field.is_inner)?;
        let mut dependencies = field.dependencies.iter();
        let is_left_out =
            dependencies.any(|number| self.values.is_null(self.chunk, instance, *number));
        (!is_left_out).then_some((instance, field.source))
    }

    /// A value, or each text of an array of texts. What is neither makes the record irregular.
    fn items(&self, instance: Instance, number: u16) -> impl Iterator<Item = Raw<'s>> + use<'s> {
        let raw = self.values.get(self.chunk, instance, number);
        let array = raw.filter(|raw| raw.kind == kind::STRING_ARRAY);
        let texts = array.and_then(|array| texts_of(array.bytes));
        let single = raw.filter(|raw| raw.is_plain());
        if single.is_none() && texts.is_none() {
            self.is_irregular.set(true);
        }
        single.into_iter().chain(texts.into_iter().flatten())
    }

    /// The UTF-16 of a value that is text or not there.
    fn utf16(&self, slot: usize) -> Option<&'s [u8]> {
        match self.slot(slot) {
            None => Some(&[]),
            Some(Slot::Raw(raw)) if raw.kind == kind::NULL => Some(&[]),
            Some(Slot::Raw(raw)) if raw.kind == kind::STRING => Some(raw.bytes),
            Some(_) => None,
        }
    }
}

/// The texts of an array, each ended by a NUL; `None` when it has none or its end is missing.
fn texts_of(array: &[u8]) -> Option<impl Iterator<Item = Raw<'_>>> {
    let (units, rest) = array.as_chunks::<2>();
    let (last, texts) = units.split_last()?;
    (rest.is_empty() && *last == [0, 0]).then(|| {
        texts.split(|unit| *unit == [0, 0]).map(|text| Raw {
            kind: kind::STRING,
            bytes: text.as_flattened(),
        })
    })
}

impl Values for Fields<'_> {
    fn text(&self, slot: usize) -> Option<Cow<'_, str>> {
        match self.slot(slot)? {
            Slot::Literal(literal) => Some(Cow::Borrowed(self.plans.literal(literal))),
            Slot::Raw(raw) => raw.text(),
        }
    }

    fn number(&self, slot: usize) -> Option<u64> {
        match self.slot(slot)? {
            Slot::Literal(literal) => parse_number(self.plans.literal(literal)),
            Slot::Raw(raw) => raw.number(),
        }
    }

    fn guid(&self, slot: usize) -> Option<u128> {
        match self.slot(slot)? {
            Slot::Literal(literal) => parse_guid(self.plans.literal(literal)),
            Slot::Raw(raw) => raw.guid(),
        }
    }

    fn symbol(&self, slot: usize, strings: &mut Interner) -> Option<Sym> {
        let value = self.slot(slot)?;
        let (memo, last) = &mut *self.memory.borrow_mut();
        match value {
            Slot::Literal(literal) => Some(memo.of_literal(literal, self.plans, strings)),
            Slot::Raw(raw) => memo.symbol(last.get_mut(slot)?, raw, strings),
        }
    }

    fn account(&self, domain: usize, user: usize, strings: &mut Interner) -> Sym {
        match (self.utf16(domain), self.utf16(user)) {
            (Some(domain), Some(user)) => {
                let (memo, _) = &mut *self.memory.borrow_mut();
                memo.account(domain, user, strings)
            }
            _ => {
                let domain = self.text(domain).unwrap_or_default();
                let user = self.text(user).unwrap_or_default();
                strings.intern(&join_account(&domain, &user))
            }
        }
    }
}
