//! Typed tables: the facts of one kind, side by side, each with the event it came from.

use super::EventIndex;
use crate::event::Sym;
use crate::event::fact::{
    AccountChange, Antivirus, Authentication, ExplicitLogon, Fact, File, GroupMembership,
    LogCleared, Logoff, Logon, Network, Pipe, PrivilegedLogon, ProcessAccess, ProcessEnd,
    ProcessStart, ProtectionChange, Registry, Remap, Script, ServiceHandle, ServiceInstall,
    ServiceState, ShareAccess, Task,
};

/// The facts of one kind, in time order once the timeline is built.
#[derive(Clone, Debug)]
pub struct Table<T> {
    events: Vec<EventIndex>,
    facts: Vec<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            events: Vec::new(),
            facts: Vec::new(),
        }
    }
}

impl<T> Table<T> {
    /// Every fact with its event.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (EventIndex, &T)> + ExactSizeIterator {
        self.events.iter().copied().zip(&self.facts)
    }

    /// Every fact, to be changed, with its event.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (EventIndex, &mut T)> {
        self.events.iter().copied().zip(&mut self.facts)
    }

    /// The fact at a row of this table.
    pub fn get(&self, row: usize) -> Option<&T> {
        self.facts.get(row)
    }

    /// The fact at a row of this table, with its event.
    pub fn row(&self, row: usize) -> Option<(EventIndex, &T)> {
        Some((*self.events.get(row)?, self.facts.get(row)?))
    }

    /// The row of the fact of an event, found by binary search.
    pub fn row_of(&self, event: EventIndex) -> Option<usize> {
        self.events.binary_search(&event).ok()
    }

    /// The facts whose events lie in `from..to` (event positions), found by binary search.
    pub fn between(
        &self,
        from: EventIndex,
        to: EventIndex,
    ) -> impl Iterator<Item = (EventIndex, &T)> {
        let start = self.events.partition_point(|event| *event < from);
        let end = self.events.partition_point(|event| *event < to).max(start);
        self.iter().skip(start).take(end - start)
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    fn push(&mut self, event: EventIndex, fact: T) -> usize {
        self.events.push(event);
        self.facts.push(fact);
        self.facts.len() - 1
    }

    /// Moves the facts of `other` to the end, for events that moved on by `rows`; answers the row
    /// of the first.
    fn append(&mut self, other: &mut Self, rows: u32) -> u32 {
        let first = u32::try_from(self.facts.len()).unwrap_or(u32::MAX);
        let moved = |event: EventIndex| EventIndex(event.0.saturating_add(rows));
        self.events.extend(other.events.drain(..).map(moved));
        self.facts.append(&mut other.facts);
        first
    }

    /// Drops the facts of events from `end` on, which were pushed last.
    fn truncate(&mut self, end: EventIndex) {
        let kept = self.events.partition_point(|event| *event < end);
        self.events.truncate(kept);
        self.facts.truncate(kept);
    }

    /// Puts the facts in a new order: `events` are the events of the facts to be, `order` the rows
    /// where these are now. Rows that `order` does not name are dropped.
    fn reorder(&mut self, events: Vec<EventIndex>, mut order: Vec<u32>) {
        let kept = order.len();
        complete(&mut order, self.facts.len());
        apply(&mut self.facts, &mut order);
        self.facts.truncate(kept);
        self.events = events;
    }

    fn shrink_to_fit(&mut self) {
        self.events.shrink_to_fit();
        self.facts.shrink_to_fit();
    }
}

/// Adds to `order` the numbers below `all` that it lacks.
fn complete(order: &mut Vec<u32>, all: usize) {
    if order.len() >= all {
        return;
    }
    let mut is_there = vec![false; all];
    for row in &*order {
        if let Some(there) = is_there.get_mut(*row as usize) {
            *there = true;
        }
    }
    let missing = (0..).zip(is_there).filter(|(_, is_there)| !is_there);
    order.extend(missing.map(|(row, _)| row));
}

/// Moves `items` so that place `i` holds what was at `order[i]`, without a second copy of them.
/// `order` names every place once and is used up.
fn apply<T>(items: &mut [T], order: &mut [u32]) {
    for start in 0..order.len() {
        let mut at = start;
        while let Some(place) = order.get_mut(at) {
            let from = std::mem::replace(place, u32::try_from(at).unwrap_or(u32::MAX)) as usize;
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $member:ident: $fact:ident,)+) => {
        /// All typed tables of a timeline.
        #[derive(Clone, Debug, Default)]
        pub struct Tables { $($(#[$doc])* pub $member: Table<$fact>,)+ }

        /// A fact in its table.
        #[derive(Clone, Copy, Debug)]
        pub enum FactRef<'t> { $($(#[$doc])* $fact(&'t $fact),)+ }

        /// Which table a row's fact is in; stored in one byte per event.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum TableId {
            /// The event has no fact.
            #[default]
            None,
            $($(#[$doc])* $fact,)+
        }

        /// How many [`TableId`]s there are.
        const TABLES: usize = 1 $(+ { let _ = TableId::$fact; 1 })+;

        impl Tables {
            /// Moves all facts of `other` to the end, for events that moved on by `rows`; answers
            /// the first new row of each table, by [`TableId`].
            pub(super) fn append(&mut self, other: &mut Tables, rows: u32) -> [u32; TABLES] {
                [0, $(self.$member.append(&mut other.$member, rows),)+]
            }

            /// Drops the facts of events from `end` on.
            pub(super) fn truncate(&mut self, end: EventIndex) {
                $(self.$member.truncate(end);)+
            }

            /// Puts all facts in the order of the events, of which these are the tables and rows
            /// as they were; the rows are made good.
            pub(super) fn reorder(&mut self, tables: &[TableId], rows: &mut [u32]) {
                let mut orders: [(Vec<EventIndex>, Vec<u32>); TABLES] = Default::default();
                for ((event, table), row) in (0..).zip(tables).zip(rows) {
                    if let Some((events, order)) = orders.get_mut(*table as usize)
                        && *table != TableId::None
                    {
                        let new = u32::try_from(order.len()).unwrap_or(u32::MAX);
                        events.push(EventIndex(event));
                        order.push(std::mem::replace(row, new));
                    }
                }
                let [_, $($member,)+] = orders;
                $(self.$member.reorder($member.0, $member.1);)+
            }

            /// Rewrites the symbols of all facts.
            pub(super) fn remap(&mut self, map: &[Sym]) {
                $(self.$member.facts.iter_mut().for_each(|fact| fact.remap(map));)+
            }

            /// Gives back the room that was kept for growth.
            pub(super) fn shrink_to_fit(&mut self) {
                $(self.$member.shrink_to_fit();)+
            }

            /// Adds a fact; answers where it went. Identities alone are not stored.
            pub(super) fn push(&mut self, event: EventIndex, fact: Fact) -> (TableId, u32) {
                match fact {
                    $(Fact::$fact(fact) => {
                        let row = self.$member.push(event, fact);
                        (TableId::$fact, u32::try_from(row).unwrap_or(u32::MAX))
                    })+
                    Fact::Identity(_) => (TableId::None, 0),
                }
            }

            /// The fact that `push` stored there.
            pub(super) fn get(&self, table: TableId, row: u32) -> Option<FactRef<'_>> {
                match table {
                    TableId::None => None,
                    $(TableId::$fact => self.$member.get(row as usize).map(FactRef::$fact),)+
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
            keys in proptest::collection::vec((0u32..50, proptest::bool::ANY), 0..60)
        ) {
            let mut table = Table::default();
            for (row, (key, _)) in (0..).zip(&keys) {
                table.push(EventIndex(row), (*key, row));
            }
            let mut order: Vec<u32> = (0..60).zip(&keys).filter(|(_, key)| key.1).map(|(row, _)| row).collect();
            order.sort_by_key(|row| keys[*row as usize].0);
            let events = (0..60).map(EventIndex).take(order.len()).collect();
            let wanted: Vec<(u32, u32)> = order.iter().map(|row| (keys[*row as usize].0, *row)).collect();
            table.reorder(events, order);
            proptest::prop_assert_eq!(table.facts, wanted);
        }
    }
}
