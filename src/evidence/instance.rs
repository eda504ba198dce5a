//! Template instances: which definition one is of, and where its values lie.

use std::ops::Range;

use hashbrown::HashMap;

use super::template::{Cursor, DEFINITION_HEADER, Plan, PlanId, Plans};
use super::value::{Raw, kind};

/// Bytes of definitions that are looked at in one chunk, which holds 65,536: damaged or forged
/// chunks can make them overlap.
const DEFINITION_BUDGET: usize = 1 << 20;

/// Values that are found in one go.
const BLOCK: usize = 4;

/// A template instance. One serves for many records, so that its room is used again.
#[derive(Default)]
pub(super) struct Instance {
    /// Its definition.
    pub(super) plan: PlanId,
    places: Vec<Place>,
}

/// Where a value begins in its chunk, and its descriptor as it lies there: its size in the lowest
/// 16 bits, its type in the next 8. Most values are passed over, so it is unpacked late.
#[derive(Clone, Copy, Default)]
struct Place {
    at: u32,
    descriptor: u32,
}

impl Instance {
    /// Reads `[fragment header] template-instance [end]`, which lies in `place`; `None` for anything
    /// else.
    #[inline]
    pub(super) fn read(
        &mut self,
        chunk: &[u8],
        place: Range<usize>,
        definitions: &mut Definitions,
    ) -> Option<()> {
        let (definition, mut at) = reference(chunk, place.start)?;
        if definition == at {
            let size = Cursor::new(chunk, definition + DEFINITION_HEADER - 4).u32()? as usize;
            at = at.checked_add(DEFINITION_HEADER)?.checked_add(size)?;
        }
        self.plan = definitions.at(chunk, definition)?;
        let end = self.find_values(chunk, at)?;
        let root = definitions.plan(self.plan)?.root_dependency;
        let is_whole = end <= place.end && !root.is_some_and(|number| self.is_null(chunk, number));
        is_whole.then_some(())
    }

    /// Finds the values, whose number stands at `at`; answers where they end.
    fn find_values(&mut self, chunk: &[u8], at: usize) -> Option<usize> {
        let mut cursor = Cursor::new(chunk, at);
        let count = cursor.u32()? as usize;
        // Size (2), type (1), zero (1) for each value.
        let (descriptors, _) = cursor.bytes(count.checked_mul(4)?)?.as_chunks::<4>();
        let mut at = u32::try_from(cursor.at).ok()?;
        if self.places.len() != count {
            self.places.resize(count, Place::default());
        }
        // A chunk has 16,384 descriptors at most, of 65,535 bytes at most.
        let mut find = |place: &mut Place, descriptor: &[u8; 4]| {
            let descriptor = u32::from_le_bytes(*descriptor);
            *place = Place { at, descriptor };
            at += descriptor & 0xffff;
        };
        let (blocks, rest) = descriptors.as_chunks::<BLOCK>();
        let (place_blocks, place_rest) = self.places.as_chunks_mut::<BLOCK>();
        for (places, descriptors) in place_blocks.iter_mut().zip(blocks) {
            (places.iter_mut().zip(descriptors)).for_each(|(place, it)| find(place, it));
        }
        (place_rest.iter_mut().zip(rest)).for_each(|(place, it)| find(place, it));
        Some(at as usize)
    }

    /// Where a value lies, if there is one of that number.
    #[inline]
    pub(super) fn place(&self, number: u16) -> Option<Range<usize>> {
        let Place { at, descriptor } = *self.places.get(usize::from(number))?;
        Some(at as usize..(at + (descriptor & 0xffff)) as usize)
    }

    /// A value; `None` when there is none of that number, or not all of it is in the chunk.
    #[inline]
    pub(super) fn get<'c>(&self, chunk: &'c [u8], number: u16) -> Option<Raw<'c>> {
        let Place { at, descriptor } = *self.places.get(usize::from(number))?;
        let [low, high, kind, _] = descriptor.to_le_bytes();
        let size = usize::from(u16::from_le_bytes([low, high]));
        let bytes = chunk.get(at as usize..at as usize + size)?;
        Some(Raw { kind, bytes })
    }

    /// Whether there is nothing at a number.
    pub(super) fn is_null(&self, chunk: &[u8], number: u16) -> bool {
        self.get(chunk, number)
            .is_none_or(|raw| raw.kind == kind::NULL)
    }
}

/// The definition that an instance at `start` is of, and where the reference to it ends.
#[inline]
fn reference(chunk: &[u8], start: usize) -> Option<(usize, usize)> {
    const FRAGMENT: u8 = 0x0f;
    const TEMPLATE: u8 = 0x0c;
    let bytes = match chunk.get(start..)? {
        [FRAGMENT, _, _, _, bytes @ ..] => bytes,
        bytes => bytes,
    };
    // Token (1), version (1), id (4), definition (4).
    let &[TEMPLATE, _, _, _, _, _, a, b, c, d, ref rest @ ..] = bytes else {
        return None;
    };
    let definition = u32::from_le_bytes([a, b, c, d]) as usize;
    Some((definition, chunk.len() - rest.len()))
}

/// All definitions met so far, and those of the chunk at hand by their offset. Every record asks
/// twice.
#[derive(Default)]
pub(super) struct Definitions {
    plans: Plans,
    /// By offset; `None` for a definition without a plan. They are few: a table of all offsets of a
    /// chunk would drive what is needed more often out of the processor's reach.
    by_offset: HashMap<u16, Option<PlanId>>,
    /// Bytes that may still be looked at.
    budget: usize,
}

impl Definitions {
    /// Begins a chunk.
    pub(super) fn begin(&mut self) {
        self.plans.begin();
        self.budget = DEFINITION_BUDGET;
        self.by_offset.clear();
    }

    /// The plan of the definition at an offset; `None` when it is not of the plain kind.
    #[inline]
    fn at(&mut self, chunk: &[u8], offset: usize) -> Option<PlanId> {
        let offset = u16::try_from(offset).ok()?;
        match self.by_offset.get(&offset) {
            Some(known) => *known,
            None => self.find(chunk, offset),
        }
    }

    #[cold]
    fn find(&mut self, chunk: &[u8], offset: u16) -> Option<PlanId> {
        let plan = (self.plans).find(chunk, usize::from(offset), &mut self.budget);
        self.by_offset.insert(offset, plan);
        plan
    }

    /// A plan that an instance is of.
    #[inline]
    pub(super) fn plan(&self, id: PlanId) -> Option<&Plan> {
        self.plans.plan(id)
    }

    /// All plans.
    pub(super) fn plans(&self) -> &Plans {
        &self.plans
    }
}
