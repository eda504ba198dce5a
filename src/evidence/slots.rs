//! Which of a record's values fill the slots of a layout.
//!
//! A [`SlotMap`] is made once for a pair of definitions and a layout; after that no name is compared.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use hashbrown::HashMap;

use super::instance::Instance;
use super::memo::Memo;
use super::novelty::Novelty;
use super::template::{Literal, Plan, PlanId, Plans, Source};
use super::value::{Raw, kind};
use crate::event::identity::join_account;
use crate::event::layout::{Values, parse_guid, parse_number};
use crate::event::{Interner, Sym};

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
    slots: Vec<(Wanted, Novelty)>,
    /// All fields without a name.
    unnamed: Vec<Candidate>,
    /// Records that it was asked for. They may begin anew.
    records: u32,
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
            slots: (names.iter().map(wanted))
                .map(|wanted| (wanted, Novelty::default()))
                .collect(),
            unnamed: named(None),
            records: 0,
        }
    }
}

/// What a slot map is for: the outer and the inner definition (`u32::MAX` for none) and the address
/// of a layout's field names.
pub(super) type Purpose = (PlanId, PlanId, usize);

/// How many slot maps are found without hashing their purpose.
const RECENT: usize = 64;

/// The slot maps made so far.
pub(super) struct SlotMaps {
    maps: Vec<SlotMap>,
    numbers: HashMap<Purpose, usize>,
    /// Those used lately, each at the place that its definitions give.
    recent: [Option<(Purpose, usize)>; RECENT],
}

impl Default for SlotMaps {
    fn default() -> Self {
        SlotMaps {
            maps: Vec::new(),
            numbers: HashMap::new(),
            recent: [None; RECENT],
        }
    }
}

impl SlotMaps {
    /// The map for a purpose.
    #[inline]
    pub(super) fn get(
        &mut self,
        purpose: Purpose,
        make: impl FnOnce() -> SlotMap,
    ) -> Option<&SlotMap> {
        let (outer, inner, _) = purpose;
        let place = outer.wrapping_mul(7).wrapping_add(inner) as usize % RECENT;
        let number = match self.recent.get(place) {
            Some(Some((recent, number))) if *recent == purpose => *number,
            _ => {
                let number = self.find(purpose, make);
                if let Some(recent) = self.recent.get_mut(place) {
                    *recent = Some((purpose, number));
                }
                number
            }
        };
        let map = self.maps.get_mut(number)?;
        map.records = map.records.wrapping_add(1);
        Some(map)
    }

    #[inline(never)]
    fn find(&mut self, purpose: Purpose, make: impl FnOnce() -> SlotMap) -> usize {
        *self.numbers.entry(purpose).or_insert_with(|| {
            self.maps.push(make());
            self.maps.len() - 1
        })
    }

    /// Notes that all values are forgotten.
    pub(super) fn forget_values(&self) {
        for map in &self.maps {
            (map.slots.iter()).for_each(|(_, novelty)| novelty.forget(map.records));
        }
    }

    /// Forgets all maps, because their definitions are forgotten.
    pub(super) fn clear(&mut self) {
        *self = SlotMaps::default();
    }
}

/// The wanted values of one record, found when they are asked for.
pub(super) struct Fields<'s> {
    pub(super) chunk: &'s [u8],
    pub(super) outer: &'s Instance,
    pub(super) inner: Option<&'s Instance>,
    pub(super) map: &'s SlotMap,
    pub(super) plans: &'s Plans,
    pub(super) memo: RefCell<&'s mut Memo>,
    /// Whether a value was asked for that is of a type or shape that this reader cannot spell.
    pub(super) is_irregular: Cell<bool>,
}

/// The value of a slot.
#[derive(Clone, Copy)]
enum Slot<'s> {
    Literal(Literal),
    Raw(Raw<'s>),
}

impl<'s> Fields<'s> {
    fn wanted(&self, slot: usize) -> Option<&'s Wanted> {
        let (wanted, _) = self.map.slots.get(slot)?;
        Some(wanted)
    }

    /// The value of a slot, if that is one that is always there. It may be of any type.
    #[inline]
    fn raw(&self, slot: usize) -> Option<Raw<'s>> {
        match self.wanted(slot)? {
            Wanted::Value(is_inner, number) => self.instance(*is_inner)?.get(self.chunk, *number),
            _ => None,
        }
    }

    /// What fills a slot.
    #[inline]
    fn slot(&self, slot: usize) -> Option<Slot<'s>> {
        match self.raw(slot) {
            Some(raw) if raw.is_plain() => Some(Slot::Raw(raw)),
            _ => self.unusual(slot),
        }
    }

    /// What fills a slot that has no value which is always there, or one that is not plain.
    #[cold]
    fn unusual(&self, slot: usize) -> Option<Slot<'s>> {
        match self.wanted(slot)? {
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
                let found = self
                    .map
                    .unnamed
                    .iter()
                    .filter_map(|field| self.source(field));
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

    fn instance(&self, is_inner: bool) -> Option<&'s Instance> {
        if is_inner {
            self.inner
        } else {
            Some(self.outer)
        }
    }

    /// Where a field's value is, unless the field is left out.
    fn source(&self, field: &Candidate) -> Option<(&'s Instance, Source)> {
        let instance = self.instance(field.is_inner)?;
        let mut dependencies = field.dependencies.iter();
        let is_left_out = dependencies.any(|number| instance.is_null(self.chunk, *number));
        (!is_left_out).then_some((instance, field.source))
    }

    /// A value, or each text of an array of texts. What is neither makes the record irregular.
    fn items(&self, instance: &Instance, number: u16) -> impl Iterator<Item = Raw<'s>> + use<'s> {
        let raw = instance.get(self.chunk, number);
        let array = raw.filter(|raw| raw.kind == kind::STRING_ARRAY);
        let texts = array.and_then(|array| texts_of(array.bytes));
        let single = raw.filter(|raw| raw.is_plain());
        if single.is_none() && texts.is_none() {
            self.is_irregular.set(true);
        }
        single.into_iter().chain(texts.into_iter().flatten())
    }

    /// The UTF-16 of a value that is text or not there.
    #[inline]
    fn utf16(&self, slot: usize) -> Option<&'s [u8]> {
        match self.raw(slot) {
            Some(raw) if raw.kind == kind::STRING => Some(raw.bytes),
            _ => match self.slot(slot) {
                None => Some(&[]),
                Some(Slot::Raw(raw)) if raw.kind == kind::NULL => Some(&[]),
                Some(Slot::Raw(raw)) if raw.kind == kind::STRING => Some(raw.bytes),
                Some(_) => None,
            },
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
        if let Some(number) = self.raw(slot).and_then(Raw::number) {
            return Some(number);
        }
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
        let value = match self.raw(slot) {
            Some(raw) if raw.is_dash() => return Some(Sym::DASH),
            Some(raw) if raw.is_plain() => raw,
            _ => match self.unusual(slot)? {
                Slot::Raw(raw) => raw,
                Slot::Literal(literal) => {
                    let mut memo = self.memo.borrow_mut();
                    return Some(memo.of_literal(literal, self.plans, strings));
                }
            },
        };
        let mut memo = self.memo.borrow_mut();
        if let Some(recent) = memo.recent(value) {
            return Some(recent.symbol);
        }
        let (_, novelty) = self.map.slots.get(slot)?;
        memo.old_symbol(value, (novelty, self.map.records), strings)
    }

    fn account(&self, domain: usize, user: usize, strings: &mut Interner) -> Sym {
        match (self.utf16(domain), self.utf16(user)) {
            (Some(domain), Some(user)) => self.memo.borrow_mut().account(domain, user, strings),
            _ => {
                let domain = self.text(domain).unwrap_or_default();
                let user = self.text(user).unwrap_or_default();
                strings.intern(&join_account(&domain, &user))
            }
        }
    }
}
