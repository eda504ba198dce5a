//! Who had a process id, and when: what the search for a parent looks at, side by side.

use std::time::Duration;

use hashbrown::HashMap;

use super::{Process, ProcessId, SAME_START};
use crate::event::identity::file_name;
use crate::event::{Sym, Time};
use crate::timeline::{HostId, Timeline};

/// So many holders of a pid are looked at, the latest first: those that one log knows and the
/// other does not yet, and those of which only children were seen.
const GIVEN_AGAIN: usize = 8;
/// Clocks of two logs of one host differ by this at most.
const SLACK: Duration = Duration::from_millis(50);

/// The last part of a path, without regard to case: equal when the files have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(u32);

impl Name {
    /// No name.
    pub(super) const NONE: Name = Name(0);
}

/// Numbers file names as they are met.
pub(super) struct FileNames<'t> {
    timeline: &'t Timeline,
    /// By symbol, one more than the name's number; 0 where not asked for yet.
    known: Vec<u32>,
    numbers: HashMap<String, u32>,
}

impl<'t> FileNames<'t> {
    pub(super) fn new(timeline: &'t Timeline) -> Self {
        FileNames {
            timeline,
            known: vec![0; timeline.strings().len()],
            numbers: HashMap::from_iter([(String::new(), Name::NONE.0)]),
        }
    }

    /// The name of the file that a path names.
    pub(super) fn name(&mut self, path: Sym) -> Name {
        let Some(known) = self.known.get_mut(path.index()) else {
            return Name::NONE;
        };
        if let Some(number) = known.checked_sub(1) {
            return Name(number);
        }
        let name = file_name(self.timeline.text(path)).to_ascii_lowercase();
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(name).or_insert(next);
        *known = number.saturating_add(1);
        Name(number)
    }

    /// What is known of a process as a holder of its pid.
    pub(super) fn holder(&mut self, id: ProcessId, process: &Process) -> Holder {
        Holder {
            id,
            name: self.name(process.image),
            first_seen: process.first_seen,
            ended: process.ended.unwrap_or(Time::MAX),
            has_start: process.start.is_some(),
            has_guid: process.guid != 0,
        }
    }
}

/// A process that had a pid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) id: ProcessId,
    pub(super) name: Name,
    pub(super) first_seen: Time,
    /// [`Time::MAX`] when no end was seen.
    ended: Time,
    has_start: bool,
    pub(super) has_guid: bool,
}

/// The holders of every pid of every host, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders(HashMap<(HostId, u32), Vec<Holder>>);

impl Holders {
    /// The holders of a pid.
    pub(super) fn of(&self, host: HostId, pid: u32) -> &[Holder] {
        self.0
            .get(&(host, pid))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Adds one.
    pub(super) fn add(&mut self, host: HostId, pid: u32, holder: Holder) {
        self.0.entry((host, pid)).or_default().push(holder);
    }

    /// Replaces what is known of one.
    pub(super) fn set(&mut self, host: HostId, pid: u32, holder: Holder) {
        let all = self.0.get_mut(&(host, pid));
        let mut latest_first = all.into_iter().flatten().rev();
        if let Some(known) = latest_first.find(|known| known.id == holder.id) {
            *known = holder;
        }
    }

    /// The last one that was alive at a time and fits.
    pub(super) fn alive(
        &self,
        host: HostId,
        pid: u32,
        at: Time,
        fits: impl Fn(&Holder) -> bool,
    ) -> Option<ProcessId> {
        let at = at.plus(SLACK);
        let mut candidates = self
            .of(host, pid)
            .iter()
            .rev()
            .filter(|holder| !holder.has_start || holder.first_seen <= at)
            // A pid that was given again was free: what had it long before is no longer alive.
            .take(GIVEN_AGAIN);
        candidates
            .find(|holder| holder.ended.plus(SAME_START) >= at && fits(holder))
            .map(|holder| holder.id)
    }
}
