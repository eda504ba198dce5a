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

/// What makes two records the same event.
type Identity = (Time, HostId, KindId, u64);

fn identity(columns: &Columns, row: u32) -> Option<Identity> {
    let row = row as usize;
    Some((
        columns.time.get(row)?,
        *columns.host.get(row)?,
        *columns.kind.get(row)?,
        columns.record_id.get(row)?,
    ))
}

fn has_id(columns: &Columns, row: u32) -> bool {
    let key = columns.record_id.get(row as usize);
    key.is_some_and(|key| RecordKey::from_number(key).record_id().is_some())
}

fn place(columns: &Columns, row: u32) -> Option<(u32, u16)> {
    let row = row as usize;
    Some((columns.chunk.get(row)?, *columns.offset.get(row)?))
}

/// Sorts all events and folds copies; answers the copies, in the order of the events. Records
/// without id that say the same are copies only when they lie in different sources, which begin at
/// these chunks.
pub(super) fn arrange(events: &mut Events, first_chunks: &[u32]) -> Vec<Copied> {
    if !events.is_mixed {
        return Vec::new();
    }
    let columns = &events.columns;
    let rows = events.next().0;
    let timed = (0..rows).zip(columns.time.iter());
    let are_in_order = |(a, earlier): &(u32, Time), (b, later): &(u32, Time)| {
        earlier < later || earlier == later && identity(columns, *a) < identity(columns, *b)
    };
    if timed.is_sorted_by(are_in_order) {
        return Vec::new();
    }
    let mut order: Vec<u32> = (0..rows).collect();
    let times: Vec<Time> = columns.time.iter().collect();
    let time = |row: &u32| times.get(*row as usize);
    order.par_sort_by_key(time);
    for group in order.chunk_by_mut(|a, b| time(a) == time(b)) {
        if group.len() > 1 {
            group.sort_by_cached_key(|row| (identity(columns, *row), place(columns, *row)));
        }
    }
    drop(times);
    let source = |row: u32| {
        let chunk = columns.chunk.get(row as usize)?;
        Some(first_chunks.partition_point(|first| *first <= chunk))
    };
    let mut copies = Vec::new();
    let mut kept = 1;
    order.dedup_by(|row, before| {
        let is_copy = identity(columns, *row) == identity(columns, *before)
            && (has_id(columns, *row) || source(*row) != source(*before));
        match place(columns, *row) {
            Some((chunk, offset)) if is_copy => copies.push(Copied {
                event: EventIndex(kept - 1),
                chunk,
                offset,
            }),
            _ => kept += 1,
        }
        is_copy
    });
    events.reorder(&order);
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
        /// However events are cut into parts, they end in order and with their facts, and each copy is
        /// folded. Events that were dropped again leave nothing.
        #[test]
        fn parts_of_any_kind_end_in_order(
            parts in proptest::collection::vec(
                (proptest::collection::vec((1..6u64, 1..4u64), 0..6), 0..4usize),
                0..5,
            ),
        ) {
            let mut events = Events::default();
            for (chunk, (rows, dropped)) in (0..).zip(&parts) {
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
                part.sort();
                events.append(&mut part);
            }
            let copies = arrange(&mut events, &[0]);
            let mut wanted: Vec<(u64, u64)> = parts.into_iter().flat_map(|(rows, _)| rows).collect();
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
