//! Brings events into time order and folds the copies of one event.
//!
//! The order does not depend on the order in which files or chunks came: equal times are ordered by
//! host, kind and record id, which are numbered alphabetically by then.

use rayon::prelude::*;

use super::events::{Columns, Events};
use super::{EventIndex, HostId, KindId};
use crate::event::Time;
use crate::evidence::RecordKey;

/// A further place of an event that several sources hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    pub(super) event: EventIndex,
    pub(super) chunk: u32,
    pub(super) offset: u16,
}

/// In the place of a row that was folded into another one.
const FOLDED: u32 = u32::MAX;

/// A row with what makes two records the same event, and where it lies: chunk and offset. The order
/// is that of events of one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    identity: (HostId, KindId, u64),
    place: (u32, u16),
    row: u32,
}

impl Placed {
    fn of(columns: &Columns, row: u32) -> Option<Self> {
        let at = row as usize;
        Some(Placed {
            identity: (
                *columns.host.get(at)?,
                *columns.kind.get(at)?,
                columns.record_id.get(at)?,
            ),
            place: (columns.chunk.get(at)?, *columns.offset.get(at)?),
            row,
        })
    }

    fn has_id(&self) -> bool {
        let (_, _, key) = self.identity;
        RecordKey::from_number(key).record_id().is_some()
    }
}

/// Sorts all events and folds copies; answers the copies, in the order of the events. Records
/// without id that say the same are copies only when they lie in different sources, which begin at
/// these chunks.
pub(super) fn arrange(events: &mut Events, first_chunks: &[u32]) -> Vec<Copied> {
    if !events.is_mixed || are_in_order(events) {
        return Vec::new();
    }
    let mut order: Vec<(Time, u32)> = events.columns.time.iter().zip(0..).collect();
    order.par_sort_unstable();
    let groups = order.chunk_by_mut(|(a, _), (b, _)| a == b);
    let copies = fold_copies(groups, &events.columns, first_chunks);
    let rows = order.into_iter().map(|(_, row)| row);
    let order: Vec<u32> = rows.filter(|row| *row != FOLDED).collect();
    events.reorder(&order);
    copies
}

fn are_in_order(events: &Events) -> bool {
    let columns = &events.columns;
    let identity = |row| Placed::of(columns, row).map(|placed| placed.identity);
    let timed = (0..events.next().0).zip(columns.time.iter());
    timed.is_sorted_by(|(a, earlier), (b, later)| {
        earlier < later || earlier == later && identity(*a) < identity(*b)
    })
}

/// Sorts the rows of each time, and puts [`FOLDED`] in the place of those that are copies of the row
/// before them.
fn fold_copies<'o>(
    groups: impl Iterator<Item = &'o mut [(Time, u32)]>,
    columns: &Columns,
    first_chunks: &[u32],
) -> Vec<Copied> {
    let source = |(chunk, _)| first_chunks.partition_point(|first| *first <= chunk);
    let is_copy = |row: &Placed, of: &Placed| {
        row.identity == of.identity && (row.has_id() || source(row.place) != source(of.place))
    };
    let (mut copies, mut kept) = (Vec::new(), 0);
    let mut at_once: Vec<Placed> = Vec::new();
    for group in groups {
        if let [_] = group {
            kept += 1;
            continue;
        }
        at_once.clear();
        at_once.extend(
            group
                .iter()
                .filter_map(|(_, row)| Placed::of(columns, *row)),
        );
        at_once.sort_unstable();
        let mut last: Option<&Placed> = None;
        for ((_, slot), row) in group.iter_mut().zip(&at_once) {
            if last.is_some_and(|last| is_copy(row, last)) {
                let (event, (chunk, offset)) = (EventIndex(kept - 1), row.place);
                copies.push(Copied {
                    event,
                    chunk,
                    offset,
                });
                *slot = FOLDED;
            } else {
                kept += 1;
                last = Some(row);
                *slot = row.row;
            }
        }
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::super::events::{Loose, Row};
    use super::*;
    use crate::event::fact::{Fact, Pipe, ProcessEnd};

    /// What an event of that time and record id tells: nothing, or a fact of one of two kinds.
    fn fact(time: u64, record_id: u64) -> Option<Fact> {
        let pid = u32::try_from(time).unwrap();
        match record_id {
            1 => None,
            2 => Some(Fact::ProcessEnd(ProcessEnd {
                pid,
                ..Default::default()
            })),
            _ => Some(Fact::Pipe(Pipe {
                pid,
                ..Default::default()
            })),
        }
    }

    proptest::proptest! {
        /// However events are cut into parts, sorted or not, they end in order and with their facts, and
        /// each copy is folded. Events that were dropped again leave nothing.
        #[test]
        fn parts_of_any_kind_end_in_order(
            parts in proptest::collection::vec(
                (proptest::collection::vec((1..6u64, 1..4u64), 0..6), 0..4usize, proptest::bool::ANY),
                0..5,
            ),
        ) {
            let mut events = Events::default();
            for (chunk, (rows, dropped, is_sorted)) in (0..).zip(&parts) {
                let mut part = Loose::default();
                let mut push = |(time, record_id)| {
                    let row = Row {
                        time: Time::from_filetime(time),
                        record_id,
                        chunk,
                        ..Default::default()
                    };
                    part.push(row, fact(time, record_id).as_ref());
                };
                rows.iter().copied().for_each(&mut push);
                rows.iter().take(*dropped).copied().for_each(&mut push);
                part.truncate(rows.len());
                if *is_sorted {
                    part.sort();
                }
                events.append(&mut part);
            }
            let copies = arrange(&mut events, &[0]);
            let mut wanted: Vec<(u64, u64)> = parts.into_iter().flat_map(|(rows, _, _)| rows).collect();
            let all = wanted.len();
            wanted.sort_unstable();
            wanted.dedup();
            let times = events.columns.time.iter().map(Time::filetime);
            let found: Vec<(u64, u64)> = times.zip(events.columns.record_id.iter()).collect();
            proptest::prop_assert_eq!(copies.len(), all - found.len());
            for (event, (time, record_id)) in found.iter().enumerate() {
                let (table, place) = events.places.get(event).unwrap();
                proptest::prop_assert_eq!(events.tables.get(table, place), fact(*time, *record_id));
            }
            proptest::prop_assert_eq!(found, wanted);
        }
    }
}
