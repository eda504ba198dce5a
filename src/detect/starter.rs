//! Who started a process, as far as the logs say.

use std::collections::HashMap;

use crate::event::Time;
use crate::event::fact::ProcessStart;
use crate::event::identity::file_name;
use crate::timeline::{EventIndex, HostId, Timeline};

/// Who started a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starter {
    ServiceManager,
    Other,
    Unknown,
}

/// The process ids that `services.exe` has had on each host, and since when that is seen: most 4688
/// records name no parent, and Sysmon writes `?` just for children of `services.exe`.
#[derive(Default)]
pub(super) struct Starters {
    managers: HashMap<HostId, Vec<(Time, u32)>>,
}

impl Starters {
    pub(super) fn of(timeline: &Timeline) -> Self {
        let mut starters = Starters::default();
        for (event, fact) in timeline.tables().process_starts.iter() {
            let pid = if is_manager(timeline.text(fact.image)) {
                fact.pid
            } else if is_manager(timeline.text(fact.parent_image)) {
                fact.parent_pid
            } else {
                continue;
            };
            let seen = starters.managers.entry(timeline.host(event)).or_default();
            if seen.last().is_none_or(|(_, last)| *last != pid) {
                seen.push((timeline.time(event), pid));
            }
        }
        starters
    }

    pub(super) fn of_process(
        &self,
        timeline: &Timeline,
        event: EventIndex,
        fact: &ProcessStart,
    ) -> Starter {
        match timeline.strings().get(fact.parent_image) {
            Some(image) if is_manager(image) => Starter::ServiceManager,
            Some(_) => Starter::Other,
            None => match self.manager_at(timeline.host(event), timeline.time(event)) {
                Some(pid) if pid == fact.parent_pid => Starter::ServiceManager,
                _ => Starter::Unknown,
            },
        }
    }

    /// The latest process id of `services.exe` seen on a host at a time.
    fn manager_at(&self, host: HostId, time: Time) -> Option<u32> {
        let seen = self.managers.get(&host)?;
        let after = seen.partition_point(|(since, _)| *since <= time);
        seen.get(after.checked_sub(1)?).map(|(_, pid)| *pid)
    }
}

fn is_manager(image: &str) -> bool {
    file_name(image).eq_ignore_ascii_case("services.exe")
}
