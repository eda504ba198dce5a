//! Numbers for file names, so that two of them are compared without looking at their letters.

use hashbrown::HashMap;

use crate::event::Sym;
use crate::event::identity::file_name;
use crate::timeline::Timeline;

/// The last part of a path, without regard to case: equal when the files have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(u32);

impl Name {
    /// No name.
    pub(super) const NONE: Name = Name(0);
    /// `services.exe`, the service manager.
    pub(super) const SERVICES: Name = Name(1);
}

/// Numbers file names as they are met.
pub(super) struct FileNames<'t> {
    timeline: &'t Timeline,
    known: HashMap<Sym, Name>,
    numbers: HashMap<String, Name>,
}

impl<'t> FileNames<'t> {
    pub(super) fn new(timeline: &'t Timeline) -> Self {
        FileNames {
            timeline,
            known: HashMap::new(),
            numbers: HashMap::from_iter([
                (String::new(), Name::NONE),
                ("services.exe".to_owned(), Name::SERVICES),
            ]),
        }
    }

    /// The name of the file that a path names.
    pub(super) fn name(&mut self, path: Sym) -> Name {
        if path.is_none() {
            return Name::NONE;
        }
        let (timeline, numbers) = (self.timeline, &mut self.numbers);
        *self.known.entry(path).or_insert_with(|| {
            let name = file_name(timeline.text(path)).to_ascii_lowercase();
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(name).or_insert(Name(next))
        })
    }
}
