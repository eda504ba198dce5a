//! Typed tables: the facts of one kind, side by side, each with the event it came from.

use super::EventIndex;
use crate::event::Sym;
use crate::event::fact::{
    Antivirus, Authentication, ExplicitLogon, Fact, File, LogCleared, Logoff, Logon, Network, Pipe,
    PrivilegedLogon, ProcessAccess, ProcessEnd, ProcessStart, ProtectionChange, Registry, Remap,
    Script, ServiceHandle, ServiceInstall, ServiceState, ShareAccess, Task,
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

    /// The fact at a row of this table.
    pub fn get(&self, row: usize) -> Option<&T> {
        self.facts.get(row)
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

        impl Tables {
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

        /// Rewrites the symbols of a fact of any type.
        pub(super) fn remap(fact: &mut Fact, map: &[Sym]) {
            match fact {
                $(Fact::$fact(fact) => fact.remap(map),)+
                Fact::Identity(fact) => fact.remap(map),
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
