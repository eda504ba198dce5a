//! The uses of a host that a later trace may still join. Most can only be joined within minutes;
//! what reaches further back asks by name, so that a day with thousands of uses is not gone through
//! for each trace.

use std::collections::{BTreeSet, HashMap};

use super::{SAME_LOGON, Trace, client};
use crate::event::Time;

/// Open uses, by their places.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Those with a trace of the last minutes, by which nearly all is joined.
    recent: BTreeSet<usize>,
    of_client: HashMap<(String, u32), BTreeSet<usize>>,
    of_service: HashMap<String, BTreeSet<usize>>,
    of_file: HashMap<String, BTreeSet<usize>>,
}

impl Open {
    /// Takes note that a use has a trace.
    pub(super) fn note(&mut self, place: usize, trace: &Trace) {
        self.recent.insert(place);
        if let Some(client) = client(&trace.sighting) {
            self.of_client.entry(client).or_default().insert(place);
        }
        if let Some(service) = &trace.sighting.service {
            let of_service = self.of_service.entry(service.clone()).or_default();
            of_service.insert(place);
        }
        if let Some(file) = trace.file.as_ref().filter(|_| !trace.ends) {
            let of_file = self.of_file.entry(file.clone()).or_default();
            of_file.insert(place);
        }
    }

    /// A use that became part of another.
    pub(super) fn close(&mut self, place: usize) {
        self.recent.remove(&place);
    }

    /// Forgets what is too long ago; `last` says when a use had its last trace.
    pub(super) fn forget(&mut self, now: Time, last: impl Fn(usize) -> Option<Time>) {
        self.recent
            .retain(|place| last(*place).is_some_and(|last| last.plus(SAME_LOGON) >= now));
    }

    /// The uses that a trace may join by anything but the end of a service or file, in the order in
    /// which they began.
    pub(super) fn near(&self, trace: &Trace) -> BTreeSet<usize> {
        let of_client = client(&trace.sighting).and_then(|client| self.of_client.get(&client));
        let of_client = of_client.into_iter().flatten();
        self.recent.iter().chain(of_client).copied().collect()
    }

    /// The uses of a trace's service, the latest first.
    pub(super) fn of_service(&self, trace: &Trace) -> impl Iterator<Item = usize> {
        let service = trace.sighting.service.as_ref();
        let uses = service.and_then(|service| self.of_service.get(service));
        uses.into_iter().flatten().rev().copied()
    }

    /// The uses that dropped a trace's file, the latest first.
    pub(super) fn of_file(&self, trace: &Trace) -> impl Iterator<Item = usize> {
        let uses = trace.file.as_ref().and_then(|file| self.of_file.get(file));
        uses.into_iter().flatten().rev().copied()
    }

    /// The uses of the last minutes, the latest first.
    pub(super) fn latest(&self) -> impl Iterator<Item = usize> {
        self.recent.iter().rev().copied()
    }
}
