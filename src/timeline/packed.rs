//! Rows of numbers that take little room: in blocks of 256 rows, each member of a row takes as many
//! bytes as the block's values of it differ.
//!
//! A timeline of millions of events is mostly small numbers in wide types: symbols, process ids, ids
//! that grow by one. A block notes the smallest value of each member and how many bytes the others
//! are above it at most. Any row is found without a search, and a member that nobody asks for is not
//! unpacked.

use std::marker::PhantomData;

use crate::event::numbered::Numbered;

/// Rows of a block.
const BLOCK: usize = 256;
/// What may be read beyond the last row, because a number is always read as eight bytes.
const SLACK: usize = size_of::<u64>();

/// Rows of one type.
#[derive(Clone, Debug)]
pub(super) struct Packed<T> {
    /// Where each full block begins, and the size of its rows.
    blocks: Vec<Block>,
    /// The members of each block, block after block.
    members: Vec<Member>,
    bytes: Vec<u8>,
    /// Numbers of the rows that fill no block yet, row after row.
    rest: Vec<u64>,
    rows: PhantomData<T>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    start: usize,
    stride: u16,
}

/// How a member is kept in a block.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// The smallest value.
    base: u64,
    /// Which bits of the eight bytes are the value's.
    mask: u64,
    /// Where it is in a row.
    at: u16,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Packed {
            blocks: Vec::new(),
            members: Vec::new(),
            bytes: Vec::new(),
            rest: Vec::new(),
            rows: PhantomData,
        }
    }
}

impl<T: Numbered> FromIterator<T> for Packed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let mut packed = Packed::default();
        rows.into_iter().for_each(|row| packed.push(row));
        packed
    }
}

impl<T: Numbered> Packed<T> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.rest.len() / T::MEMBERS
    }

    /// The row at a position.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<T> {
        let (number, row) = (row / BLOCK, row % BLOCK);
        let Some(block) = self.blocks.get(number) else {
            let row = (number - self.blocks.len()) * BLOCK + row;
            let numbers = self.rest.get(row * T::MEMBERS..)?.get(..T::MEMBERS)?;
            return Some(T::from_numbers(|member| {
                numbers.get(member).copied().unwrap_or_default()
            }));
        };
        let members = self.members.get(number * T::MEMBERS..)?;
        let bytes = self
            .bytes
            .get(block.start + row * usize::from(block.stride)..)?;
        Some(T::from_numbers(|member| unpack(members, member, bytes)))
    }

    /// The rows of a range, in order.
    pub(super) fn range(
        &self,
        rows: std::ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + Clone {
        debug_assert!(rows.end <= self.len());
        rows.map(|row| self.get(row).unwrap_or_else(|| T::from_numbers(|_| 0)))
    }

    /// All rows, in order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + Clone {
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

    pub(super) fn push(&mut self, row: T) {
        self.rest.extend_from_slice(row.numbers().as_ref());
        if self.rest.len() == BLOCK * T::MEMBERS {
            self.pack();
        }
    }

    /// Makes a block of what is waiting for it.
    fn pack(&mut self) {
        let start = self.bytes.len().saturating_sub(SLACK);
        let mut stride = 0;
        let first = self.members.len();
        for member in 0..T::MEMBERS {
            let values = || self.rest.iter().skip(member).step_by(T::MEMBERS);
            let base = values().min().copied().unwrap_or_default();
            let span = values().max().copied().unwrap_or_default() - base;
            let width = (u64::BITS - span.leading_zeros()).div_ceil(8);
            let mask = 1u64.checked_shl(8 * width).unwrap_or(0).wrapping_sub(1);
            self.members.push(Member {
                base,
                mask,
                at: stride,
            });
            stride += u16::try_from(width).unwrap_or_default();
        }
        self.blocks.push(Block { start, stride });
        self.bytes
            .resize(start + BLOCK * usize::from(stride) + SLACK, 0);
        let members = self.members.get(first..).unwrap_or_default();
        let mut bytes = self.bytes.get_mut(start..).unwrap_or_default();
        for row in self.rest.chunks_exact(T::MEMBERS) {
            for (value, member) in row.iter().zip(members) {
                // What it writes too much is overwritten by the members after it.
                let place = bytes.get_mut(usize::from(member.at)..);
                if let Some(place) = place.and_then(|place| place.first_chunk_mut()) {
                    *place = (value - member.base).to_le_bytes();
                }
            }
            bytes = bytes.get_mut(usize::from(stride)..).unwrap_or_default();
        }
        self.rest.clear();
    }

    /// Keeps the rows that `order` names, in that order.
    pub(super) fn gather(&mut self, order: &[u32]) {
        let rows = order.iter().filter_map(|row| self.get(*row as usize));
        *self = rows.collect();
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

/// A number of the row that begins with `bytes`.
#[inline]
fn unpack(members: &[Member], member: usize, bytes: &[u8]) -> u64 {
    let Some(member) = members.get(member) else {
        return 0;
    };
    let bytes = bytes.get(usize::from(member.at)..);
    let word = bytes.and_then(|bytes| bytes.first_chunk()).copied();
    let above = u64::from_le_bytes(word.unwrap_or_default()) & member.mask;
    member.base.wrapping_add(above)
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
