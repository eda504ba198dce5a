//! Rows of numbers that take little room: in blocks of 256 rows, each member of a row takes as many
//! bytes as the block's values of it differ in.
//!
//! A timeline of millions of events is mostly small numbers in wide types: symbols, process ids, ids
//! that grow by one. Of each member a block notes the high bytes that all values have in common or, if
//! that leaves less, the first value, and of each value only what it is above that. Any row is found
//! without a search, and a member that nobody asks for is not unpacked.

use std::marker::PhantomData;
use std::ops::Range;

use crate::event::numbered::Numbered;

/// Rows of a block.
const BLOCK: usize = 256;
/// What is looked at to read one row: wherever a member begins, eight bytes are there.
const WINDOW: usize = u8::MAX as usize + size_of::<u64>();

/// Rows of one type.
#[derive(Clone, Debug)]
pub(super) struct Packed<T> {
    /// Where each full block begins, and the size of its rows.
    blocks: Vec<Block>,
    /// The members of each block, block after block.
    members: Vec<Member>,
    /// The rows of all blocks, and as much as is needed for the last window.
    bytes: Vec<u8>,
    /// Rows that fill no block yet.
    rest: Vec<T>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    start: usize,
    stride: u8,
}

/// How a member is kept in a block.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// What no value is below.
    base: u64,
    /// Where what a value is above it is in a row.
    at: u8,
    /// How many bytes that takes.
    width: u8,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Packed {
            blocks: Vec::new(),
            members: Vec::new(),
            bytes: Vec::new(),
            rest: Vec::new(),
        }
    }
}

impl<T: Numbered> FromIterator<T> for Packed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let mut packed = Packed::default();
        packed.extend(rows);
        packed
    }
}

impl<T: Numbered> Extend<T> for Packed<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, rows: I) {
        let mut rows = rows.into_iter();
        loop {
            let room = BLOCK - self.rest.len();
            self.rest.extend(rows.by_ref().take(room));
            if self.rest.len() < BLOCK {
                return;
            }
            self.pack_full();
        }
    }
}

impl<T: Numbered> Packed<T> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.rest.len()
    }

    /// The row at a position.
    // Inlined, so that members which the caller does not use are not unpacked.
    #[inline(always)]
    pub(super) fn get(&self, row: usize) -> Option<T> {
        match self.block(row / BLOCK) {
            Some(block) => block.row(&self.bytes, row % BLOCK),
            None => self.rest.get(row - self.blocks.len() * BLOCK).copied(),
        }
    }

    #[inline]
    fn block(&self, number: usize) -> Option<Packing<'_, T>> {
        let first = number * T::MEMBERS;
        Some(Packing {
            block: *self.blocks.get(number)?,
            members: self.members.get(first..first + T::MEMBERS)?,
            rows: PhantomData,
        })
    }

    /// The rows of a range, in order.
    pub(super) fn range(&self, rows: Range<usize>) -> Rows<'_, T> {
        Rows {
            packed: self,
            rows: rows.start..rows.end.min(self.len()),
            block: None,
        }
    }

    /// All rows, in order.
    pub(super) fn iter(&self) -> Rows<'_, T> {
        self.range(0..self.len())
    }

    /// The first row of which something no longer holds that holds for all before it and for none
    /// after it.
    pub(super) fn partition_point(&self, holds: impl Fn(T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&holds) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    #[inline]
    pub(super) fn push(&mut self, row: T) {
        self.rest.push(row);
        self.pack_full();
    }

    /// Adds rows.
    pub(super) fn extend_from_slice(&mut self, mut rows: &[T]) {
        while !rows.is_empty() {
            let room = BLOCK - self.rest.len();
            let (now, later) = rows.split_at(room.min(rows.len()));
            match now.len() {
                // They need not wait.
                BLOCK => self.pack(now),
                _ => {
                    self.rest.extend_from_slice(now);
                    self.pack_full();
                }
            }
            rows = later;
        }
    }

    /// Makes a block of the rows that wait for it, when they are enough.
    #[inline]
    fn pack_full(&mut self) {
        if self.rest.len() == BLOCK {
            let mut rest = std::mem::take(&mut self.rest);
            self.pack(&rest);
            rest.clear();
            self.rest = rest;
        }
    }

    /// Makes a block of so many rows.
    fn pack(&mut self, rows: &[T]) {
        const { assert!(T::MEMBERS * size_of::<u64>() <= u8::MAX as usize) }
        let Some(first) = rows.first() else {
            return;
        };
        let first = first.numbers();
        let (mut differing, mut above) = (T::ZERO, T::ZERO);
        for row in rows {
            let row = row.numbers();
            let values = || row.as_ref().iter().zip(first.as_ref());
            for (bits, (value, first)) in differing.as_mut().iter_mut().zip(values()) {
                *bits |= value ^ first;
            }
            for (bits, (value, first)) in above.as_mut().iter_mut().zip(values()) {
                *bits |= value.wrapping_sub(*first);
            }
        }
        let mut stride = 0;
        let members = self.members.len();
        let bits = differing.as_ref().iter().zip(above.as_ref());
        for (first, (differing, above)) in first.as_ref().iter().zip(bits) {
            let low = width_of(*differing);
            let (base, width) = match width_of(*above) {
                // A value below the first would be far above it, and fill eight bytes.
                above if above < low => (*first, above),
                _ => (first & !low_bytes(low), low),
            };
            let at = stride;
            self.members.push(Member { base, at, width });
            stride += width;
        }
        let start = self.bytes.len().saturating_sub(WINDOW);
        self.blocks.push(Block { start, stride });
        let end = start + BLOCK * usize::from(stride);
        self.bytes.resize(end + WINDOW, 0);
        let members = self.members.get(members..).unwrap_or_default();
        let mut bytes = self.bytes.get_mut(start..).unwrap_or_default();
        for row in rows {
            let row = row.numbers();
            if let Some(window) = bytes.first_chunk_mut() {
                for (value, member) in row.as_ref().iter().zip(members) {
                    member.put(*value, window);
                }
            }
            bytes = bytes.get_mut(usize::from(stride)..).unwrap_or_default();
        }
    }

    /// Keeps the rows that `order` names, in that order.
    pub(super) fn gather(&mut self, order: &[u32]) {
        // Room that grows step by step is strewn over the memory.
        let mut gathered = Packed {
            blocks: Vec::with_capacity(self.blocks.len()),
            members: Vec::with_capacity(self.members.len()),
            bytes: Vec::with_capacity(self.bytes.len()),
            rest: Vec::with_capacity(BLOCK),
        };
        gathered.extend(order.iter().filter_map(|row| self.get(*row as usize)));
        *self = gathered;
    }

    /// Replaces every row.
    pub(super) fn replace(&mut self, new: impl FnMut(T) -> T) {
        *self = self.iter().map(new).collect();
    }

    /// Gives back the room that was kept for growth.
    pub(super) fn shrink_to_fit(&mut self) {
        self.blocks.shrink_to_fit();
        self.members.shrink_to_fit();
        self.bytes.shrink_to_fit();
        self.rest.shrink_to_fit();
    }
}

/// How the rows of a block are kept.
#[derive(Clone, Copy, Debug)]
struct Packing<'p, T> {
    block: Block,
    /// As many as a row has.
    members: &'p [Member],
    rows: PhantomData<T>,
}

impl<T: Numbered> Packing<'_, T> {
    #[inline(always)]
    fn row(&self, bytes: &[u8], row: usize) -> Option<T> {
        let start = self.block.start + row * usize::from(self.block.stride);
        let window = bytes.get(start..)?.first_chunk()?;
        let members = self.members.get(..T::MEMBERS)?;
        Some(T::from_numbers(|member| {
            let member = members.get(member);
            member.map_or(0, |member| member.value(window))
        }))
    }
}

/// Some rows, in order.
#[derive(Clone, Debug)]
pub(super) struct Rows<'p, T> {
    packed: &'p Packed<T>,
    rows: Range<usize>,
    /// The block of the next row, once it is known to be in one.
    block: Option<Packing<'p, T>>,
}

impl<T: Numbered> Rows<'_, T> {
    /// Passes a row over.
    #[inline]
    pub(super) fn pass(&mut self) {
        let begins_block = |row: usize| row.is_multiple_of(BLOCK);
        if self.rows.next().is_some_and(begins_block) {
            self.block = None;
        }
    }
}

impl<T: Numbered> Iterator for Rows<'_, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        let row = self.rows.next()?;
        if row.is_multiple_of(BLOCK) || self.block.is_none() {
            self.block = self.packed.block(row / BLOCK);
        }
        match &self.block {
            Some(block) => block.row(&self.packed.bytes, row % BLOCK),
            None => self.packed.get(row),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl<T: Numbered> ExactSizeIterator for Rows<'_, T> {}

impl Member {
    /// Its value in the row that begins with a window.
    #[inline(always)]
    fn value(&self, window: &[u8; WINDOW]) -> u64 {
        let rest = window.get(usize::from(self.at)..);
        let rest = rest.and_then(<[u8]>::first_chunk).copied();
        let above = u64::from_le_bytes(rest.unwrap_or_default()) & low_bytes(self.width);
        self.base.wrapping_add(above)
    }

    /// Puts a value there. What it writes too much belongs to the members and rows after it, which
    /// come later.
    #[inline]
    fn put(&self, value: u64, window: &mut [u8; WINDOW]) {
        let place = window.get_mut(usize::from(self.at)..);
        if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
            *place = value.wrapping_sub(self.base).to_le_bytes();
        }
    }
}

/// How many bytes a number takes.
fn width_of(number: u64) -> u8 {
    let bits = u64::BITS - number.leading_zeros();
    u8::try_from(bits.div_ceil(u8::BITS)).unwrap_or_default()
}

/// The bits of so many low bytes.
#[inline(always)]
fn low_bytes(width: u8) -> u64 {
    const ALL: u64 = u64::MAX;
    const BITS: [u64; 16] = [
        0,
        0xff,
        0xffff,
        0xff_ffff,
        0xffff_ffff,
        0xff_ffff_ffff,
        0xffff_ffff_ffff,
        0xff_ffff_ffff_ffff,
        ALL,
        ALL,
        ALL,
        ALL,
        ALL,
        ALL,
        ALL,
        ALL,
    ];
    let bits = BITS.get(usize::from(width) % BITS.len());
    bits.copied().unwrap_or(ALL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Guid;
    use crate::event::fact::ProcessAccess;

    fn numbers() -> impl proptest::strategy::Strategy<Value = u64> {
        proptest::prop_oneof![0..9u64, 250..260u64, u64::MAX - 9..=u64::MAX]
    }

    proptest::proptest! {
        #[test]
        fn rows_stay_what_they_are(
            seeds in proptest::collection::vec((numbers(), 0..70_000u32), 1..40),
            rows in 0..1200usize,
        ) {
            let all: Vec<ProcessAccess> = seeds.iter().cycle().zip(0u32..).map(|((number, pid), turn)| {
                ProcessAccess {
                    pid: *pid,
                    target_pid: pid + turn / 7,
                    guid: Guid::of(u128::from(*number)),
                    ..Default::default()
                }
            }).take(rows).collect();
            let mut packed: Packed<ProcessAccess> = all.iter().copied().collect();
            proptest::prop_assert_eq!(packed.len(), all.len());
            proptest::prop_assert!(packed.get(all.len()).is_none());
            let mut order: Vec<u32> = (0..u32::try_from(rows).unwrap()).step_by(3).collect();
            order.reverse();
            let ordered: Vec<_> = order.iter().map(|row| all[*row as usize]).collect();
            proptest::prop_assert!(packed.iter().eq(all));
            packed.gather(&order);
            proptest::prop_assert!(packed.iter().eq(ordered));
        }

        #[test]
        fn numbers_of_all_sizes_are_kept(numbers in proptest::collection::vec(numbers(), 250..600)) {
            let packed: Packed<u64> = numbers.iter().copied().collect();
            proptest::prop_assert!(packed.iter().eq(numbers));
        }

        #[test]
        fn a_place_is_found_in_what_is_sorted(mut numbers in proptest::collection::vec(0..400u64, 0..700), wanted in 0..401u64) {
            numbers.sort_unstable();
            let packed: Packed<u64> = numbers.iter().copied().collect();
            let found = packed.partition_point(|number| number < wanted);
            proptest::prop_assert_eq!(found, numbers.partition_point(|number| *number < wanted));
        }
    }
}
