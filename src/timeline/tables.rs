//! Typed tables: the facts of one kind, side by side, each with the event it came from.

use std::ops::Range;

use super::EventIndex;
use super::packed::{Packed, Rows};
use crate::event::Sym;
use crate::event::fact::{
    AccountChange, Antivirus, Authentication, ExplicitLogon, Fact, File, GroupMembership,
    LogCleared, Logoff, Logon, Network, Pipe, PrivilegedLogon, ProcessAccess, ProcessEnd,
    ProcessStart, ProtectionChange, Registry, Remap, Script, ServiceHandle, ServiceInstall,
    ServiceState, ShareAccess, Task,
};
use crate::event::numbered::Numbered;

/// The facts of one kind, in time order once the timeline is built.
#[derive(Clone, Debug)]
pub struct Table<T> {
    events: Packed<EventIndex>,
    facts: Packed<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            events: Packed::default(),
            facts: Packed::default(),
        }
    }
}

impl<T: Numbered> Table<T> {
    /// Every fact with its event. What of a fact is not used costs nothing.
    pub fn iter(&self) -> Facts<'_, T> {
        self.rows(0..self.len())
    }

    /// The facts of these rows with their events, as far as there are such rows.
    pub fn rows(&self, rows: Range<usize>) -> Facts<'_, T> {
        Facts {
            events: self.events.range(rows.clone()),
            facts: self.facts.range(rows),
        }
    }

    /// The events of all facts.
    pub fn events(&self) -> impl ExactSizeIterator<Item = EventIndex> {
        self.events.iter()
    }

    /// The fact at a row of this table.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<T> {
        self.facts.get(row)
    }

    /// The event of the fact at a row of this table.
    pub fn event(&self, row: usize) -> Option<EventIndex> {
        self.events.get(row)
    }

    /// The fact at a row of this table, with its event.
    #[inline(always)]
    pub fn row(&self, row: usize) -> Option<(EventIndex, T)> {
        Some((self.events.get(row)?, self.facts.get(row)?))
    }

    /// The row of the fact of an event, found by binary search.
    pub fn row_of(&self, event: EventIndex) -> Option<usize> {
        let row = self.events.partition_point(|known| known < event);
        (self.events.get(row)? == event).then_some(row)
    }

    /// The facts whose events lie in `from..to` (event positions), found by binary search.
    pub fn between(&self, from: EventIndex, to: EventIndex) -> Facts<'_, T> {
        let start = self.events.partition_point(|event| event < from);
        let end = self.events.partition_point(|event| event < to).max(start);
        self.rows(start..end)
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.facts.len() == 0
    }

    /// Puts the facts in a new order: `events` are the events of the facts to be, `order` the rows
    /// where these are now. Rows that `order` does not name are dropped.
    fn reorder(&mut self, events: Packed<EventIndex>, order: &[u32]) {
        self.facts.gather(order);
        self.events = events;
    }

    /// Changes every fact.
    pub(super) fn change(&mut self, mut change: impl FnMut(EventIndex, &mut T)) {
        let mut events = self.events.iter();
        self.facts.replace(|mut fact| {
            if let Some(event) = events.next() {
                change(event, &mut fact);
            }
            fact
        });
    }

    fn shrink_to_fit(&mut self) {
        self.events.shrink_to_fit();
        self.facts.shrink_to_fit();
    }
}

/// Facts with their events, in time order.
#[derive(Clone, Debug)]
pub struct Facts<'t, T> {
    events: Rows<'t, EventIndex>,
    facts: Rows<'t, T>,
}

impl<'t, T: Numbered> Facts<'t, T> {
    /// Those of events that are wanted; the others are not unpacked.
    pub fn of<F: Fn(EventIndex) -> bool>(
        self,
        is_wanted: F,
    ) -> impl Iterator<Item = (EventIndex, T)> + use<'t, T, F> {
        let Facts { events, mut facts } = self;
        events.filter_map(move |event| {
            if is_wanted(event) {
                return Some((event, facts.next()?));
            }
            facts.pass();
            None
        })
    }
}

impl<T: Numbered> Iterator for Facts<'_, T> {
    type Item = (EventIndex, T);

    // Inlined, so that members which the caller does not use are not unpacked.
    #[inline(always)]
    fn next(&mut self) -> Option<(EventIndex, T)> {
        Some((self.events.next()?, self.facts.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.events.size_hint()
    }
}

/// Which table the fact of each event is in, and where. Facts are in the order of their events, so
/// that a fact's row is how many facts of its table came before it.
#[derive(Clone, Debug, Default)]
pub(super) struct FactPlaces {
    tables: Vec<TableId>,
    /// How many facts of its table came before an event's in its block of events.
    before: Vec<u8>,
    /// How many facts of each table came before each block.
    blocks: Vec<[u32; TABLES]>,
    /// How many facts of each table there are.
    counts: [u32; TABLES],
}

/// Events of a block: as many as one byte can count.
const PLACES: usize = 256;

impl FactPlaces {
    /// Adds events whose facts, if they have any, are added to these tables.
    pub(super) fn extend(&mut self, mut tables: &[TableId]) {
        self.before.reserve(tables.len());
        while !tables.is_empty() {
            let filled = self.tables.len() % PLACES;
            if filled == 0 {
                self.blocks.push(self.counts);
            }
            let Some(block) = self.blocks.last() else {
                return;
            };
            let (now, later) = tables.split_at(tables.len().min(PLACES - filled));
            self.tables.extend_from_slice(now);
            let counts = &mut self.counts;
            self.before.extend(now.iter().map(|table| {
                let place = *table as usize;
                let (Some(count), Some(first)) = (counts.get_mut(place), block.get(place)) else {
                    return 0;
                };
                let before = *count - first;
                *count += 1;
                u8::try_from(before).unwrap_or(u8::MAX)
            }));
            tables = later;
        }
    }

    /// The table and row of an event's fact.
    #[inline]
    pub(super) fn get(&self, event: usize) -> Option<(TableId, usize)> {
        let table = *self.tables.get(event)?;
        let first = *self.blocks.get(event / PLACES)?.get(table as usize)?;
        let before = *self.before.get(event)?;
        Some((table, first as usize + usize::from(before)))
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.tables.shrink_to_fit();
        self.before.shrink_to_fit();
        self.blocks.shrink_to_fit();
    }
}

/// The facts of one kind as they are read, in the order of their rows.
#[derive(Clone, Debug, Default)]
struct LooseTable<T> {
    /// The row of each fact.
    rows: Vec<u32>,
    facts: Vec<T>,
}

impl<T: Copy> LooseTable<T> {
    #[inline]
    fn push(&mut self, row: u32, fact: T) {
        self.rows.push(row);
        self.facts.push(fact);
    }

    fn pop(&mut self) {
        self.rows.pop();
        self.facts.pop();
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.facts.clear();
    }

    /// Puts the facts in a new order: each row to be, with the place where its fact is now.
    fn reorder(&mut self, order: &[(u32, u32)]) {
        let facts = order
            .iter()
            .filter_map(|(_, place)| self.facts.get(*place as usize));
        self.facts = facts.copied().collect();
        self.rows = order.iter().map(|(row, _)| *row).collect();
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $member:ident: $fact:ident,)+) => {
        /// All typed tables of a timeline.
        #[derive(Clone, Debug, Default)]
        pub struct Tables { $($(#[$doc])* pub $member: Table<$fact>,)+ }

        /// Which table a row's fact is in; stored in one byte per event.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum TableId {
            /// The event has no fact.
            #[default]
            None,
            $($(#[$doc])* $fact,)+
        }

        /// How many [`TableId`]s there are.
        pub(super) const TABLES: usize = 1 $(+ { let _ = TableId::$fact; 1 })+;

        /// Facts as they are read.
        #[derive(Clone, Debug, Default)]
        pub(super) struct LooseFacts { $($member: LooseTable<$fact>,)+ }

        impl LooseFacts {
            /// Adds the fact of a row; answers its table. Identities alone are not kept.
            #[inline]
            pub(super) fn push(&mut self, row: u32, fact: &Fact) -> TableId {
                match fact {
                    $(Fact::$fact(fact) => {
                        self.$member.push(row, *fact);
                        TableId::$fact
                    })+
                    Fact::Identity(_) => TableId::None,
                }
            }

            /// Drops the last facts, which are of these tables.
            pub(super) fn drop_last(&mut self, tables: &[TableId]) {
                for table in tables {
                    match table {
                        TableId::None => {}
                        $(TableId::$fact => self.$member.pop(),)+
                    }
                }
            }

            /// Rewrites all symbols.
            pub(super) fn remap(&mut self, symbols: &[Sym]) {
                $(self.$member.facts.iter_mut().for_each(|fact| fact.remap(symbols));)+
            }

            /// Drops all, and keeps their room.
            pub(super) fn clear(&mut self) {
                $(self.$member.clear();)+
            }

            /// Puts the facts in a new order: of each table the rows to be, with the places where
            /// their facts are now.
            pub(super) fn reorder(&mut self, orders: &[Vec<(u32, u32)>; TABLES]) {
                let [_, $($member,)+] = orders;
                $(self.$member.reorder($member);)+
            }
        }

        impl Tables {
            /// Puts all facts in the order of the events: of those that there are in these places,
            /// `order` names the ones to keep. Answers the new places.
            pub(super) fn reorder(&mut self, places: &FactPlaces, order: &[u32]) -> FactPlaces {
                let mut tables = Vec::with_capacity(order.len());
                let mut orders = places.counts.map(|facts| {
                    (Packed::<EventIndex>::default(), Vec::with_capacity(facts as usize))
                });
                for (event, old) in (0..).zip(order) {
                    let Some((table, row)) = places.get(*old as usize) else {
                        continue;
                    };
                    tables.push(table);
                    if table != TableId::None
                        && let Some((events, order)) = orders.get_mut(table as usize)
                    {
                        events.push(EventIndex(event));
                        order.push(u32::try_from(row).unwrap_or(u32::MAX));
                    }
                }
                let [_, $($member,)+] = orders;
                $({
                    let (events, order) = $member;
                    self.$member.reorder(events, &order);
                })+
                let mut places = FactPlaces::default();
                places.extend(&tables);
                places
            }

            /// Gives back the room that was kept for growth.
            pub(super) fn shrink_to_fit(&mut self) {
                $(self.$member.shrink_to_fit();)+
            }

            /// Adds facts that were read apart, whose rows follow this event.
            pub(super) fn extend(&mut self, first: EventIndex, facts: &LooseFacts) {
                let event = |row: &u32| EventIndex(first.0.saturating_add(*row));
                $(
                    self.$member.events.extend(facts.$member.rows.iter().map(event));
                    self.$member.facts.extend_from_slice(&facts.$member.facts);
                )+
            }

            /// The fact at a row of a table.
            #[inline]
            pub(super) fn get(&self, table: TableId, row: usize) -> Option<Fact> {
                match table {
                    TableId::None => None,
                    $(TableId::$fact => self.$member.get(row).map(Fact::$fact),)+
                }
            }
        }
    };
}

tables! {
    /// Processes started.
    process_starts: ProcessStart,
    /// Processes ended.
    process_ends: ProcessEnd,
    /// Logons and failed logons.
    logons: Logon,
    /// Uses of other credentials.
    explicit_logons: ExplicitLogon,
    /// Administrator-like sessions.
    privileged_logons: PrivilegedLogon,
    /// Logoffs.
    logoffs: Logoff,
    /// Services installed.
    service_installs: ServiceInstall,
    /// Service state changes.
    service_states: ServiceState,
    /// Service-manager handles.
    service_handles: ServiceHandle,
    /// Named pipes.
    pipes: Pipe,
    /// Files.
    files: File,
    /// Registry changes.
    registry: Registry,
    /// Network connections.
    network: Network,
    /// Share accesses.
    shares: ShareAccess,
    /// Antivirus verdicts.
    antivirus: Antivirus,
    /// Accounts made, and who was put into groups and taken out.
    account_changes: AccountChange,
    /// Groups of administrators that new sessions are in.
    group_memberships: GroupMembership,
    /// Protections changed.
    protection: ProtectionChange,
    /// Logs cleared.
    logs_cleared: LogCleared,
    /// Scheduled tasks.
    tasks: Task,
    /// Process accesses.
    process_accesses: ProcessAccess,
    /// PowerShell texts.
    scripts: Script,
    /// Domain controller checks.
    authentications: Authentication,
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn facts_move_with_their_events(
            events in proptest::collection::vec((0..3u32, 0..50u32, proptest::bool::ANY), 0..1700)
        ) {
            let (mut tables, mut places) = (Tables::default(), FactPlaces::default());
            let (mut facts, mut all) = (LooseFacts::default(), Vec::new());
            let fact = |row: u32, of: u32| match of {
                0 => None,
                1 => Some(Fact::ProcessEnd(ProcessEnd { pid: row, ..Default::default() })),
                _ => Some(Fact::Pipe(Pipe { pid: row, ..Default::default() })),
            };
            for (row, (of, _, _)) in (0..).zip(&events) {
                all.push(fact(row, *of).map(|fact| facts.push(row, &fact)).unwrap_or_default());
            }
            for some in all.chunks(1 + all.len() / 3) {
                places.extend(some);
            }
            tables.extend(EventIndex(0), &facts);
            let mut order: Vec<u32> = (0..1700).zip(&events).filter(|(_, event)| event.2).map(|(row, _)| row).collect();
            order.sort_by_key(|row| events[*row as usize].1);
            let places = tables.reorder(&places, &order);
            for (event, row) in order.iter().enumerate() {
                let (table, place) = places.get(event).unwrap();
                proptest::prop_assert_eq!(tables.get(table, place), fact(*row, events[*row as usize].0));
            }
            let ends = order.iter().filter(|row| events[**row as usize].0 == 1);
            proptest::prop_assert!(tables.process_ends.iter().map(|(_, end)| end.pid).eq(ends.copied()));
            let (from, to) = (EventIndex(order.len() as u32 / 3), EventIndex(order.len() as u32));
            let ends = || tables.process_ends.between(from, to);
            let wanted = |event: EventIndex| events[order[event.row()] as usize].1 % 2 == 0;
            proptest::prop_assert!(ends().of(wanted).eq(ends().filter(|(event, _)| wanted(*event))));
            for (row, event) in tables.process_ends.events().enumerate() {
                proptest::prop_assert_eq!(tables.process_ends.row_of(event), Some(row));
            }
        }
    }
}
