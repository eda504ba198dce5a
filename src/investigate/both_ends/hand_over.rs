//! Moves the client's side of a use into the alert of its target, and takes emptied alerts away.

use std::collections::{BTreeMap, BTreeSet};

use super::super::alert::{ClientRef, How, ProcessRef, Role, Sighting};
use super::super::assemble::{Draft, process_ref};
use super::super::processes::{Process, ProcessId};
use super::{Ends, Joiner};
use crate::event::Sym;
use crate::event::fact::Fact;
use crate::timeline::EventIndex;

impl Joiner<'_, '_> {
    /// Moves the clients to their targets and takes the emptied drafts away.
    pub(super) fn finish(mut self, drafts: &mut Vec<Draft>) -> Vec<Ends> {
        let mut taken: BTreeMap<usize, BTreeSet<ProcessId>> = BTreeMap::new();
        for (process, targets) in &self.joined {
            let run = self.run_of.get(process).and_then(|run| self.runs.get(*run));
            let source = run.map(|run| run.draft);
            let mut sightings = Vec::new();
            if let Some(source) = source {
                taken.entry(source).or_default().insert(*process);
                let draft = drafts.get(source);
                sightings = draft
                    .map(|draft| self.share_of(draft, *process))
                    .unwrap_or_default();
            }
            for (target, how) in targets {
                if let Some(draft) = drafts.get_mut(*target) {
                    // Each event is told once: by the first of several targets.
                    self.give(draft, *process, *how, std::mem::take(&mut sightings));
                }
            }
        }
        let mut emptied: BTreeSet<usize> = BTreeSet::new();
        for (source, processes) in taken {
            let Some(draft) = drafts.get_mut(source) else {
                continue;
            };
            if draft
                .clients
                .iter()
                .all(|client| processes.contains(client))
            {
                emptied.insert(source);
            } else {
                self.shrink(draft, &processes);
            }
        }
        for run in &self.runs {
            if !self.joined.contains_key(&run.process)
                && let Some(ends) = self.ends.get_mut(run.draft)
            {
                ends.unseen_targets.extend(run.targets.iter().cloned());
            }
        }
        let mut place = 0;
        drafts.retain(|_| {
            place += 1;
            !emptied.contains(&(place - 1))
        });
        let mut ends: Vec<Ends> = Vec::with_capacity(drafts.len());
        for (place, mut end) in self.ends.into_iter().enumerate() {
            if emptied.contains(&place) {
                continue;
            }
            end.candidates.sort();
            end.candidates.dedup();
            end.unseen_targets.sort();
            end.unseen_targets.dedup();
            ends.push(end);
        }
        ends
    }

    /// What of a source-side draft belongs to one client: all of it when it shows only that one.
    fn share_of(&self, draft: &Draft, client: ProcessId) -> Vec<Sighting> {
        let only = draft.clients.len() == 1 || draft.clients.first() == Some(&client);
        draft
            .alert
            .sightings
            .iter()
            .filter(|sighting| match self.owner(draft, sighting.event.index) {
                Some(owner) => owner == client,
                // What no client owns goes with the first.
                None => only,
            })
            .cloned()
            .collect()
    }

    /// The client process of a draft that an event is of.
    fn owner(&self, draft: &Draft, event: EventIndex) -> Option<ProcessId> {
        let around = self.around;
        let process = around.processes.of_event(event).or_else(|| {
            let (guid, pid) = match around.fact(event)? {
                Fact::Network(f) => (f.guid, f.pid),
                Fact::File(f) => (f.guid, f.pid),
                Fact::Registry(f) => (f.guid, f.pid),
                Fact::Pipe(f) => (f.guid, f.pid),
                _ => return None,
            };
            let time = around.timeline.time(event);
            around.processes.find(draft.host, guid, pid, time)
        })?;
        let mut lineage = vec![process];
        lineage.extend(around.processes.ancestors(process));
        lineage
            .into_iter()
            .find(|process| draft.clients.contains(process))
    }

    /// Adds the client to the alert of the target.
    fn give(&self, draft: &mut Draft, client: ProcessId, how: How, sightings: Vec<Sighting>) {
        let around = self.around;
        let timeline = around.timeline;
        let Some(process) = around.processes.get(client) else {
            return;
        };
        let alert = &mut draft.alert;
        let named = alert.client.as_ref().and_then(|client| client.host.clone());
        let mut seen = self.client_ref(&process, how);
        // The name that the traces give stays as it was given.
        seen.host = named.or(seen.host);
        alert.client = Some(seen);
        let mut lineage: Vec<ProcessRef> = Vec::new();
        let mut ancestors = around.processes.ancestors(client);
        ancestors.reverse();
        for id in ancestors {
            lineage.extend(process_ref(timeline, around.processes, id, Role::Ancestor));
        }
        lineage.extend(process_ref(
            timeline,
            around.processes,
            client,
            Role::Client,
        ));
        lineage.append(&mut alert.processes);
        alert.processes = lineage;
        alert.sightings.extend(sightings);
        alert
            .sightings
            .sort_by_key(|sighting| (sighting.event.time, sighting.event.index));
    }

    /// Leaves in a source-side draft what was not taken over.
    fn shrink(&self, draft: &mut Draft, taken: &BTreeSet<ProcessId>) {
        let first_is_taken = draft
            .clients
            .first()
            .is_some_and(|first| taken.contains(first));
        let kept: Vec<bool> = draft
            .alert
            .sightings
            .iter()
            .map(|sighting| match self.owner(draft, sighting.event.index) {
                Some(owner) => !taken.contains(&owner),
                None => !first_is_taken,
            })
            .collect();
        let mut keeps = kept.into_iter();
        draft.alert.sightings.retain(|_| keeps.next() == Some(true));
        let gone: BTreeSet<String> = taken
            .iter()
            .flat_map(|client| self.around.processes.descendants(*client))
            .map(|id| self.around.processes.key(id))
            .collect();
        draft
            .alert
            .processes
            .retain(|process| !gone.contains(&process.key));
        draft.clients.retain(|client| !taken.contains(client));
        let rest = draft
            .clients
            .first()
            .and_then(|client| self.around.processes.get(*client));
        if let Some(process) = rest {
            draft.alert.client = Some(self.client_ref(&process, How::SameProcessId));
        }
        let times = draft
            .alert
            .sightings
            .iter()
            .map(|sighting| sighting.event.time);
        draft.alert.first_time = times.clone().min().unwrap_or(draft.alert.first_time);
        draft.alert.last_time = times.max().unwrap_or(draft.alert.last_time);
    }

    fn client_ref(&self, process: &Process, how: How) -> ClientRef {
        let timeline = self.around.timeline;
        let text = |symbol: Sym| timeline.strings().get(symbol).map(str::to_owned);
        ClientRef {
            host: Some(timeline.host_name(process.host).to_owned()),
            pid: Some(process.pid),
            image: text(process.image),
            account: text(process.account),
            how,
        }
    }
}
