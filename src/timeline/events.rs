//! Events while a timeline is built: as a worker reads them, and put together.

use std::mem::take;

use super::packed::Packed;
use super::tables::{FactPlaces, LooseFacts, TABLES, TableId, Tables};
use super::{EventIndex, HostId, KindId};
use crate::event::fact::{Fact, Remap};
use crate::event::{LogonId, Sym, Time};

/// Rows that are put into the columns in one go.
const ROWS_AT_ONCE: usize = 256;

macro_rules! columns {
    ($($(#[$doc:meta])* $column:ident: $kind:ty as $store:ty,)+) => {
        /// One event as it was read.
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct Row { $($(#[$doc])* pub(super) $column: $kind,)+ }

        /// The columns of a timeline; all have the same length.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Columns { $($(#[$doc])* pub(super) $column: $store,)+ }

        impl Columns {
            fn extend(&mut self, rows: &[Row]) {
                // Few at a time, so that they are still near the processor for the last column.
                for rows in rows.chunks(ROWS_AT_ONCE) {
                    $(self.$column.extend(rows.iter().map(|row| row.$column));)+
                }
            }

            /// Keeps the rows that `order` names, in that order.
            fn gather(&mut self, order: &[u32]) {
                rayon::scope(|scope| { $(scope.spawn(|_| self.$column.gather(order));)+ });
            }

            fn shrink_to_fit(&mut self) { $(self.$column.shrink_to_fit();)+ }
        }
    };
}

columns! {
    /// When.
    time: Time as Packed<Time>,
    /// What tells it from others: [`crate::evidence::RecordKey`] as number.
    record_id: u64 as Packed<u64>,
    /// Logon session.
    logon_id: LogonId as Packed<LogonId>,
    /// Chunk, counted through all sources.
    chunk: u32 as Packed<u32>,
    /// Byte offset in the chunk, or number in the text block.
    offset: u16 as Vec<u16>,
    /// Channel, provider and event id.
    kind: KindId as Vec<KindId>,
    /// Host that wrote it.
    host: HostId as Vec<HostId>,
    /// Account, else SID.
    account: Sym as Packed<Sym>,
}

/// A column whose rows can be brought into another order.
trait Gather {
    /// Keeps the rows that `order` names, in that order.
    fn gather(&mut self, order: &[u32]);
}

impl<T: Copy> Gather for Vec<T> {
    fn gather(&mut self, order: &[u32]) {
        let mut gathered = Vec::with_capacity(order.len());
        gathered.extend(order.iter().filter_map(|row| self.get(*row as usize)));
        *self = gathered;
    }
}

/// Events as a worker reads them.
#[derive(Clone, Debug, Default)]
pub(super) struct Loose {
    rows: Vec<Row>,
    /// The table that the fact of each row is for, if it has one.
    tables: Vec<TableId>,
    facts: LooseFacts,
    /// Whether some row is not later than the one before it.
    is_mixed: bool,
}

impl Loose {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Adds an event. Identities alone are in its row and no fact.
    #[inline]
    pub(super) fn push(&mut self, row: Row, fact: Option<&Fact>) {
        self.is_mixed |= self.rows.last().is_some_and(|last| last.time >= row.time);
        let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let table = fact.map_or(TableId::None, |fact| self.facts.push(place, fact));
        self.rows.push(row);
        self.tables.push(table);
    }

    /// Drops all events from `rows` on.
    pub(super) fn truncate(&mut self, rows: usize) {
        let dropped = self.tables.get(rows..).unwrap_or_default();
        self.facts.drop_last(dropped);
        self.rows.truncate(rows);
        self.tables.truncate(rows);
    }

    /// Rewrites symbols and numbers from those of a part to those of the whole. Kinds and hosts beyond
    /// what can be numbered share the last number.
    pub(super) fn remap(&mut self, symbols: &[Sym], kinds: &[KindId], hosts: &[HostId]) {
        for row in &mut self.rows {
            row.account.remap(symbols);
            let kind = kinds.get(row.kind.index()).copied();
            row.kind = kind.unwrap_or_else(|| KindId::new(usize::MAX));
            let host = hosts.get(row.host.index()).copied();
            row.host = host.unwrap_or_else(|| HostId::new(usize::MAX));
        }
        self.facts.remap(symbols);
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.tables.clear();
        self.facts.clear();
        self.is_mixed = false;
    }

    /// Sorts the rows by time, so that the whole is made of long runs.
    pub(super) fn sort(&mut self) {
        if !self.is_mixed || self.rows.is_sorted_by_key(|row| row.time) {
            return;
        }
        let mut order: Vec<(Time, u32)> = (self.rows.iter().map(|row| row.time)).zip(0..).collect();
        order.sort_unstable();
        // Which fact of its table each row has.
        let mut counts = [0u32; TABLES];
        let count = |table: &TableId| {
            let count = counts.get_mut(*table as usize);
            count.map_or(0, |count| std::mem::replace(count, *count + 1))
        };
        let places: Vec<u32> = self.tables.iter().map(count).collect();
        let mut orders: [Vec<(u32, u32)>; TABLES] = Default::default();
        let (rows, tables) = (take(&mut self.rows), take(&mut self.tables));
        self.rows.reserve_exact(rows.len());
        self.tables.reserve_exact(tables.len());
        for (new, row) in (0..).zip(order.iter().map(|(_, row)| *row as usize)) {
            if let (Some(moved), Some(table)) = (rows.get(row), tables.get(row))
                && let (Some(order), Some(place)) =
                    (orders.get_mut(*table as usize), places.get(row))
            {
                self.rows.push(*moved);
                self.tables.push(*table);
                order.push((new, *place));
            }
        }
        self.facts.reorder(&orders);
    }
}

/// All events read so far, with their facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    pub(super) columns: Columns,
    /// Where the fact of each row is.
    pub(super) places: FactPlaces,
    pub(super) tables: Tables,
    /// Whether some event may not be later than the one before it.
    pub(super) is_mixed: bool,
    /// Whether a part began before the one before it ended: to sort each of them is not enough then.
    pub(super) parts_overlap: bool,
    last: Time,
}

impl Events {
    /// The index that the next row will have.
    pub(super) fn next(&self) -> EventIndex {
        EventIndex(u32::try_from(self.columns.kind.len()).unwrap_or(u32::MAX))
    }

    /// Moves all of a part to the end; its memory stays with it.
    pub(super) fn append(&mut self, part: &mut Loose) {
        if let (Some(first), Some(last)) = (part.rows.first(), part.rows.last()) {
            self.is_mixed |= part.is_mixed || first.time <= self.last;
            self.parts_overlap |= first.time < self.last;
            self.last = last.time;
        }
        self.tables.extend(self.next(), &part.facts);
        self.places.extend(&part.tables);
        self.columns.extend(&part.rows);
        part.clear();
    }

    /// Keeps the rows that `order` names, in that order, and their facts.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        self.columns.gather(order);
        self.places = self.tables.reorder(&self.places, order);
    }

    /// Gives back the room that was kept for growth.
    pub(super) fn shrink_to_fit(&mut self) {
        self.columns.shrink_to_fit();
        self.places.shrink_to_fit();
        self.tables.shrink_to_fit();
    }
}

/// Replaces numbers; those that `new` does not know share the last one.
pub(super) fn renumber<T: Copy + From<usize>>(column: &mut [T], new: impl Fn(T) -> Option<T>) {
    for number in column {
        *number = new(*number).unwrap_or_else(|| T::from(usize::MAX));
    }
}
