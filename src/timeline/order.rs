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
