//! Who started a process, as far as the logs say.

use hashbrown::HashMap;

use super::cache::Memo;
use crate::event::fact::ProcessStart;
use crate::event::identity::file_name;
use crate::event::{Sym, Time};
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
pub(super) struct Starters<'t> {
    timeline: &'t Timeline,
    is_manager: Memo<bool>,
    managers: HashMap<HostId, Vec<(Time, u32)>>,
}

impl<'t> Starters<'t> {
    pub(super) fn of(timeline: &'t Timeline) -> Self {
        let mut starters = Starters {
            timeline,
            is_manager: Memo::default(),
            managers: HashMap::new(),
        };
        for (event, fact) in timeline.tables().process_starts.iter() {
            let pid = if starters.is_manager(fact.image) {
                fact.pid
            } else if starters.is_manager(fact.parent_image) {
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

    fn is_manager(&mut self, image: Sym) -> bool {
        let timeline = self.timeline;
        self.is_manager.get(image, || {
            file_name(timeline.text(image)).eq_ignore_ascii_case("services.exe")
        })
    }

    pub(super) fn of_process(&mut self, event: EventIndex, fact: &ProcessStart) -> Starter {
        let timeline = self.timeline;
        match fact.parent_image.some() {
            Some(image) if self.is_manager(image) => Starter::ServiceManager,
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
