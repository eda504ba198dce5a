//! Brings events into time order and folds the copies of one event.
//!
//! The order does not depend on the order in which files or chunks came: equal times are ordered by
//! host, kind and record id, which are numbered alphabetically by then.

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

/// A row with what makes two records the same event, and where it lies: chunk and offset. The order
/// is that of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    time: Time,
    identity: (HostId, KindId, u64),
    place: (u32, u16),
    row: u32,
}

impl Placed {
    // Inlined, so that it is put together where it is kept: a copy waits for each of its members.
    #[inline(always)]
    fn of(columns: &Columns, row: u32) -> Option<Self> {
        let at = row as usize;
        Some(Placed {
            time: columns.time.get(at)?,
            identity: (
                *columns.host.get(at)?,
                *columns.kind.get(at)?,
                columns.record_id.get(at)?,
            ),
            place: (columns.chunk.get(at)?, *columns.offset.get(at)?),
            row,
        })
    }

    /// Whether both say the same of the same moment.
    fn is_like(&self, other: &Self) -> bool {
        self.time == other.time && self.identity == other.identity
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
    if !events.is_mixed || are_in_order(&events.columns) {
        return Vec::new();
    }
    let rows = by_moment(&events.columns);
    let (order, copies) = fold_copies(&rows, &events.columns, first_chunks);
    drop(rows);
    events.reorder(&order);
    copies
}

fn are_in_order(columns: &Columns) -> bool {
    let identity = |row| Placed::of(columns, row).map(|placed| placed.identity);
    let timed = (0..).zip(columns.time.iter());
    timed.is_sorted_by(|(a, earlier), (b, later)| {
        earlier < later || earlier == later && identity(*a) < identity(*b)
    })
}

/// All rows by their time, as far as it fits into half a number beside the row: whole ticks for some
/// minutes, hundredths of a second for a year. Numbers are sorted quickly and take little room.
fn by_moment(columns: &Columns) -> Vec<u64> {
    let times = || columns.time.iter().map(Time::filetime);
    let first = times().min().unwrap_or_default();
    let span = times().max().unwrap_or_default() - first;
    let too_many = (u64::BITS - span.leading_zeros()).saturating_sub(u32::BITS);
    let mut rows: Vec<u64> = (0..)
        .zip(times())
        .map(|(row, time): (u64, u64)| (time - first) >> too_many << u32::BITS | row)
        .collect();
    sort(&mut rows, rayon::current_num_threads());
    rows
}

/// Sorts numbers on so many threads. That of `rayon` takes half as long again on each.
fn sort(numbers: &mut [u64], threads: usize) {
    if threads < 2 || numbers.len() < 2 {
        numbers.sort_unstable();
        return;
    }
    let fewer = threads / 2;
    let (low, _, high) = numbers.select_nth_unstable(numbers.len() * fewer / threads);
    rayon::join(|| sort(low, fewer), || sort(high, threads - fewer));
}

/// The rows of all events in their order, and the copies of each that are folded into it.
fn fold_copies(rows: &[u64], columns: &Columns, first_chunks: &[u32]) -> (Vec<u32>, Vec<Copied>) {
    let source = |(chunk, _)| first_chunks.partition_point(|first| *first <= chunk);
    let is_copy = |row: &Placed, of: &Placed| {
        row.is_like(of) && (row.has_id() || source(row.place) != source(of.place))
    };
    let mut order: Vec<u32> = Vec::with_capacity(rows.len());
    let mut copies = Vec::new();
    let mut at_once: Vec<Placed> = Vec::new();
    for moment in rows.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
        // The lower half of a number is the row.
        let rows = moment.iter().map(|row| *row as u32);
        if moment.len() == 1 {
            order.extend(rows);
            continue;
        }
        at_once.clear();
        for row in rows {
            if let Some(placed) = Placed::of(columns, row) {
                at_once.push(placed);
            }
        }
        at_once.sort_unstable();
        let mut last: Option<(EventIndex, &Placed)> = None;
        for row in &at_once {
            if let Some((event, _)) = last.filter(|(_, last)| is_copy(row, last)) {
                let (chunk, offset) = row.place;
                copies.push(Copied {
                    event,
                    chunk,
                    offset,
                });
            } else {
                let event = u32::try_from(order.len()).unwrap_or(u32::MAX);
                last = Some((EventIndex(event), row));
                order.push(row.row);
            }
        }
    }
    (order, copies)
}

#[cfg(test)]
mod tests {
    use super::super::events::{Loose, Row};
    use super::super::tables::TableId;
    use super::*;
    use crate::event::fact::{Fact, Pipe, ProcessEnd};
    use proptest::prelude::*;

    /// So far apart that the times near one end are the same moment.
    const FAR: u64 = 1 << 60;

    fn some_time() -> impl Strategy<Value = u64> {
        prop_oneof![7 => 1..6u64, 1 => FAR + 1..FAR + 6]
    }

    /// What an event of that time and record id tells: nothing, or a fact of one of two kinds.
    fn fact(time: u64, record_id: u64) -> Option<Fact> {
        let pid = u32::try_from(time % FAR).unwrap();
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

    #[test]
    fn parts_that_are_mixed_only_in_themselves_do_not_overlap() {
        let append = |events: &mut Events, times: [u64; 3]| {
            let mut part = Loose::default();
            for time in times.map(Time::from_filetime) {
                let row = Row {
                    time,
                    ..Default::default()
                };
                part.push(row, None);
            }
            part.sort();
            events.append(&mut part);
        };
        let mut events = Events::default();
        append(&mut events, [2, 1, 3]);
        append(&mut events, [5, 4, 6]);
        assert!(!events.parts_overlap);
        assert!(are_in_order(&events.columns));
        append(&mut events, [5, 7, 8]);
        assert!(events.parts_overlap);
        assert!(!are_in_order(&events.columns));
    }

    proptest! {
        #[test]
        fn any_number_of_threads_sorts_alike(mut numbers in prop::collection::vec(0..50u64, 0..80), threads in 0..9usize) {
            let mut wanted = numbers.clone();
            wanted.sort_unstable();
            sort(&mut numbers, threads);
            prop_assert_eq!(numbers, wanted);
        }

        /// However events are cut into parts, sorted or not, they end in order and with their facts, and
        /// each copy is folded. Events that were dropped again leave nothing.
        #[test]
        fn parts_of_any_kind_end_in_order(
            parts in prop::collection::vec(
                (prop::collection::vec((some_time(), 1..4u64), 0..6), 0..4usize, any::<bool>()),
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
            prop_assert_eq!(copies.len(), all - found.len());
            for (event, (time, record_id)) in found.iter().enumerate() {
                let (table, place) = events.places.get(event).unwrap();
                prop_assert_eq!(events.tables.get(table, place), fact(*time, *record_id));
                let of = match table {
                    TableId::ProcessEnd => events.tables.process_ends.event(place),
                    TableId::Pipe => events.tables.pipes.event(place),
                    _ => continue,
                };
                prop_assert_eq!(of, Some(EventIndex(event as u32)));
            }
            prop_assert_eq!(found, wanted);
        }
    }
}
