//! Who started a process, as far as the logs say.

use hashbrown::HashMap;

use super::cache::Memo;
use crate::event::Sym;
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

/// The process id that `services.exe` has on each host: most 4688 records name no parent, and Sysmon
/// writes `?` just for children of `services.exe`.
pub(super) struct Starters<'t> {
    timeline: &'t Timeline,
    is_manager: Memo<bool>,
    managers: HashMap<HostId, u32>,
}

impl<'t> Starters<'t> {
    pub(super) fn new(timeline: &'t Timeline) -> Self {
        Starters {
            timeline,
            is_manager: Memo::default(),
            managers: HashMap::new(),
        }
    }

    fn is_manager(&mut self, image: Sym) -> bool {
        let timeline = self.timeline;
        self.is_manager.get(image, || {
            file_name(timeline.text(image)).eq_ignore_ascii_case("services.exe")
        })
    }

    /// Who started a process. Processes are asked for in the order of their starts.
    pub(super) fn of_process(&mut self, event: EventIndex, fact: &ProcessStart) -> Starter {
        let timeline = self.timeline;
        let host = || timeline.host(event);
        let is_manager = self.is_manager(fact.image);
        if is_manager {
            self.managers.insert(host(), fact.pid);
        }
        match fact.parent_image.some() {
            Some(image) if self.is_manager(image) => {
                if !is_manager {
                    self.managers.insert(host(), fact.parent_pid);
                }
                Starter::ServiceManager
            }
            Some(_) => Starter::Other,
            None if self.managers.get(&host()) == Some(&fact.parent_pid) => Starter::ServiceManager,
            None => Starter::Unknown,
        }
    }
}
