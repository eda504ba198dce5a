//! Rows and facts while a timeline is built: they are pushed, put together and brought into order.

use rayon::prelude::*;

use super::numbers::Numbers;
use super::tables::{TableId, Tables};
use super::{EventIndex, HostId, KindId};
use crate::event::{Sym, Time};

macro_rules! columns {
    ($($(#[$doc:meta])* $column:ident: $kind:ty as $store:ty,)+) => {
        /// The columns of a timeline; all have the same length.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Columns { $($(#[$doc])* pub(super) $column: $store,)+ }

        /// One row of them.
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct Row { $($(#[$doc])* pub(super) $column: $kind,)+ }

        impl Columns {
            fn push(&mut self, row: Row) { $(self.$column.push(row.$column);)+ }

            fn append(&mut self, other: &mut Columns) {
                $(self.$column.append(&mut other.$column);)+
            }

            fn truncate(&mut self, rows: usize) { $(self.$column.truncate(rows);)+ }

            /// Keeps the rows that `order` names, in that order.
            fn gather(&mut self, order: &[u32]) { $(self.$column.gather(order);)+ }

            fn shrink_to_fit(&mut self) { $(self.$column.shrink_to_fit();)+ }
        }
    };
}

columns! {
    /// When.
    time: Time as Vec<Time>,
    /// What tells it from others: [`crate::evidence::RecordKey`] as number.
    record_id: u64 as Numbers,
    /// Logon session: [`crate::event::LogonId`] as number.
    logon_id: u64 as Numbers,
    /// Chunk, counted through all sources.
    chunk: u32 as Vec<u32>,
    /// Byte offset in the chunk, or number in the text block.
    offset: u16 as Vec<u16>,
    /// Channel, provider and event id.
    kind: KindId as Vec<KindId>,
    /// Host that wrote it.
    host: HostId as Vec<HostId>,
    /// Account, else SID.
    account: Sym as Vec<Sym>,
    /// Row of the fact in its table.
    fact_row: u32 as Vec<u32>,
    /// Table of the fact.
    fact_table: TableId as Vec<TableId>,
}

/// A column whose rows can be brought into another order.
pub(super) trait Gather {
    /// Keeps the rows that `order` names, in that order.
    fn gather(&mut self, order: &[u32]);
}

impl<T: Copy + Default + Send + Sync> Gather for Vec<T> {
    fn gather(&mut self, order: &[u32]) {
        /// Fewer rows than this are not worth a second core.
        const BLOCK: usize = 65_536;
        *self = order
            .par_iter()
            .with_min_len(BLOCK)
            .map(|row| self.get(*row as usize).copied().unwrap_or_default())
            .collect();
    }
}

/// Rows with their facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    pub(super) columns: Columns,
    pub(super) tables: Tables,
}

impl Events {
    pub(super) fn len(&self) -> usize {
        self.columns.time.len()
    }

    /// The index that the next row will have.
    pub(super) fn next(&self) -> EventIndex {
        EventIndex(u32::try_from(self.len()).unwrap_or(u32::MAX))
    }

    pub(super) fn push(&mut self, row: Row, fact: Option<crate::event::fact::Fact>) {
        let (fact_table, fact_row) = match fact {
            None => (TableId::None, 0),
            Some(fact) => self.tables.push(self.next(), fact),
        };
        self.columns.push(Row {
            fact_table,
            fact_row,
            ..row
        });
    }

    /// Drops all rows from `rows` on.
    pub(super) fn truncate(&mut self, rows: EventIndex) {
        self.columns.truncate(rows.row());
        self.tables.truncate(rows);
    }

    /// Moves all rows of `other` to the end; its memory stays with it.
    pub(super) fn append(&mut self, other: &mut Events) {
        let rows = self.next();
        let bases = self.tables.append(&mut other.tables, rows.0);
        let facts = other.columns.fact_row.iter_mut();
        for (row, table) in facts.zip(&other.columns.fact_table) {
            *row = row.saturating_add(bases.get(*table as usize).copied().unwrap_or(0));
        }
        self.columns.append(&mut other.columns);
    }

    /// Rewrites symbols and numbers from those of a part to those of the whole.
    pub(super) fn remap(&mut self, symbols: &[Sym], kinds: &[KindId], hosts: &[HostId]) {
        let columns = &mut self.columns;
        for account in &mut columns.account {
            *account = symbols.get(account.index()).copied().unwrap_or_default();
        }
        renumber(&mut columns.kind, |kind| kinds.get(kind.index()).copied());
        renumber(&mut columns.host, |host| hosts.get(host.index()).copied());
        self.tables.remap(symbols);
    }

    /// Keeps the rows that `order` names, in that order, and their facts.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        self.columns.gather(order);
        let columns = &mut self.columns;
        self.tables
            .reorder(&columns.fact_table, &mut columns.fact_row);
    }

    /// Gives back the room that was kept for growth.
    pub(super) fn shrink_to_fit(&mut self) {
        self.columns.shrink_to_fit();
        self.tables.shrink_to_fit();
    }
}

/// Replaces numbers; those that `new` does not know share the last one.
pub(super) fn renumber<T: Copy + From<usize>>(column: &mut [T], new: impl Fn(T) -> Option<T>) {
    for number in column {
        *number = new(*number).unwrap_or_else(|| T::from(usize::MAX));
    }
}
