//! Both ends of one use: the client process on the source host, joined with the service on the
//! target when both hosts' logs are loaded.
//!
//! The join is certain when a pipe, service or key file on the target names the client's host and
//! process id, or when the client's command line names the target and account and time agree and
//! nothing else could be meant. The alert of the target then takes the client over and that of the
//! source disappears: one use, one alert. In doubt both stay, and each is named as a candidate of
//! the other. Clocks may differ by minutes; the difference is found and said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::alert::{Artefact, ClientRef, How, ProcessRef, Role, Sighting};
use super::assemble::Draft;
use super::processes::ProcessId;
use super::surroundings::Surroundings;
use super::wording::moment;
use crate::event::identity::{file_name, host_key, same_account, same_host};
use crate::event::{Sym, Time};
use crate::timeline::{EventIndex, FactRef, HostId};

/// By how much the clocks of two hosts may differ.
const CLOCKS: Duration = Duration::from_secs(15 * 60);
/// How much a known difference of clocks may waver.
const STEADY: Duration = Duration::from_secs(60);
/// From starting the client to the first trace on the target.
const LATENCY: Duration = Duration::from_secs(30);
/// Differences below this are no difference of clocks.
const SAME_CLOCK: Duration = Duration::from_secs(5);
/// Credentials are used this close to the start of the client.
const MOMENTS: Duration = Duration::from_secs(60);

/// The source side of an alert, as far as it was found.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The loaded host that the use came from.
    pub(super) source: Option<HostId>,
    /// The client process there.
    pub(super) client: Option<ProcessId>,
    /// How far the target's clock is from the source's.
    pub(super) clock: Option<ClockOffset>,
    /// Uses of other credentials on the source that fit (4648).
    pub(super) explicit: Vec<EventIndex>,
    /// Other ends that fit, but not certainly.
    pub(super) candidates: Vec<String>,
    /// Hosts that a client's command line names and no alert was joined for.
    pub(super) unseen_targets: Vec<String>,
}

/// The difference between two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockOffset {
    /// How much.
    pub(super) by: Duration,
    /// Whether the target's clock is ahead of the source's, else behind.
    pub(super) target_ahead: bool,
    /// Whether both ends of one connection show it, rather than the start of the client.
    pub(super) by_connection: bool,
}

impl ClockOffset {
    fn between(source: Time, target: Time, by_connection: bool) -> Self {
        ClockOffset {
            by: source.distance(target),
            target_ahead: target > source,
            by_connection,
        }
    }

    /// A time of the target's clock, as the source's clock would show it.
    fn on_source(self, time: Time) -> Time {
        if self.target_ahead {
            time.minus(self.by)
        } else {
            time.plus(self.by)
        }
    }
}

/// A client process that an alert on its own host shows.
struct ClientRun {
    draft: usize,
    process: ProcessId,
    host: HostId,
    time: Time,
    account: String,
    targets: Vec<String>,
}

/// Joins the drafts of both ends; drafts that are taken over are removed. The answer has one entry
/// per remaining draft, in their order.
pub(super) fn join(around: &Surroundings<'_>, drafts: &mut Vec<Draft>) -> Vec<Ends> {
    let mut joiner = Joiner::new(around, drafts);
    joiner.by_client_name(drafts);
    joiner.by_command_line(drafts);
    joiner.find_connections(drafts);
    joiner.finish(drafts)
}

struct Joiner<'a, 't> {
    around: &'a Surroundings<'t>,
    runs: Vec<ClientRun>,
    /// Run of each client process that an alert shows.
    run_of: HashMap<ProcessId, usize>,
    ends: Vec<Ends>,
    /// Target drafts of each joined client process: one command line may name several computers.
    joined: BTreeMap<ProcessId, Vec<(usize, How)>>,
}

impl<'a, 't> Joiner<'a, 't> {
    fn new(around: &'a Surroundings<'t>, drafts: &[Draft]) -> Self {
        let mut runs: Vec<ClientRun> = Vec::new();
        for (place, draft) in drafts.iter().enumerate() {
            if is_source_side(draft) {
                runs.extend(
                    draft
                        .clients
                        .iter()
                        .filter_map(|process| run(around, place, *process)),
                );
            }
        }
        runs.sort_by_key(|run| (run.time, run.process));
        let run_of = runs
            .iter()
            .enumerate()
            .map(|(place, run)| (run.process, place))
            .collect();
        let mut ends: Vec<Ends> = Vec::new();
        ends.resize_with(drafts.len(), Ends::default);
        for (end, draft) in ends.iter_mut().zip(drafts) {
            end.source = source_host(around, draft);
            if is_source_side(draft) {
                end.client = draft.clients.first().copied();
            }
        }
        Joiner {
            around,
            runs,
            run_of,
            ends,
            joined: BTreeMap::new(),
        }
    }

    /// Joins by the client host and process id that the target's traces carry.
    fn by_client_name(&mut self, drafts: &[Draft]) {
        for (place, draft) in drafts.iter().enumerate() {
            let named = draft.alert.client.as_ref().filter(|client| {
                client.how == How::ClientName && client.image.is_none() && !is_source_side(draft)
            });
            let Some((host, pid)) = named.and_then(|client| {
                let host = self.around.host_named(client.host.as_deref()?)?;
                Some((host, client.pid?))
            }) else {
                continue;
            };
            if host != draft.host
                && let Some(process) = self.process_of(host, pid, draft)
            {
                self.note(place, process, How::ClientName, draft);
            }
        }
    }

    /// The process that a host and a pid mean about the time of a use, if only one can be meant.
    fn process_of(&self, host: HostId, pid: u32, draft: &Draft) -> Option<ProcessId> {
        let around = self.around;
        let first = draft.alert.first_time;
        let near: Vec<ProcessId> = around
            .processes
            .with_pid(host, pid)
            .iter()
            .copied()
            .filter(|id| {
                around.processes.get(*id).is_some_and(|process| {
                    process.start.is_some() && process.first_seen.distance(first) <= CLOCKS
                })
            })
            .collect();
        let only = |fits: &dyn Fn(ProcessId) -> bool| {
            let mut fitting = near.iter().copied().filter(|id| fits(*id));
            fitting.next().filter(|_| fitting.next().is_none())
        };
        let is_run = |id: ProcessId| self.run_of.contains_key(&id);
        let names_target = |id: ProcessId| {
            around.processes.get(id).is_some_and(|process| {
                let line = around.timeline.text(process.command_line);
                targets(line)
                    .iter()
                    .any(|target| self.means(target, draft.host))
            })
        };
        only(&|id| is_run(id) && names_target(id))
            .or_else(|| only(&is_run))
            .or_else(|| only(&names_target))
            .or_else(|| only(&|_| true))
    }

    /// Whether a computer name or address of a command line means a host.
    fn means(&self, target: &str, host: HostId) -> bool {
        same_host(target, self.around.timeline.host_name(host))
            || self.around.host_at(target) == Some(host)
    }

    /// Joins by the target that the client's command line names, with account and time.
    fn by_command_line(&mut self, drafts: &[Draft]) {
        let mut fitting: Vec<(usize, (usize, HostId))> = Vec::new();
        let mut by_target: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, run) in self.runs.iter().enumerate() {
            for target in &run.targets {
                let key = match self.around.host_at(target) {
                    Some(host) => host_key(self.around.timeline.host_name(host)),
                    None => host_key(target),
                };
                by_target.entry(key).or_default().push(number);
            }
        }
        for (place, draft) in drafts.iter().enumerate() {
            let is_open = self
                .ends
                .get(place)
                .is_some_and(|ends| ends.client.is_none());
            if !is_open || is_source_side(draft) {
                continue;
            }
            let runs = by_target.get(&host_key(&draft.alert.host));
            for number in runs.into_iter().flatten() {
                if self
                    .runs
                    .get(*number)
                    .is_some_and(|run| self.agrees(run, draft, drafts))
                {
                    fitting.push((place, (*number, draft.host)));
                }
            }
        }
        let known = self.known_clocks(drafts);
        for (place, (number, _)) in certain(&fitting, |place, (number, _)| {
            let (draft, run) = (drafts.get(place)?, self.runs.get(number)?);
            let time = known
                .get(&(run.host, draft.host))
                .map_or(draft.alert.first_time, |clock| {
                    clock.on_source(draft.alert.first_time)
                });
            let is_known = known.contains_key(&(run.host, draft.host));
            let late = time >= run.time.minus(SAME_CLOCK) && time <= run.time.plus(LATENCY);
            Some(if late {
                Fit::Prompt
            } else if is_known && time.distance(run.time) > STEADY {
                Fit::Not
            } else {
                Fit::Near
            })
        }) {
            let process = self.runs.get(number).map(|run| run.process);
            if let (Some(draft), Some(process)) = (drafts.get(place), process) {
                self.note(place, process, How::SameAccountSourceTime, draft);
            }
        }
        for (place, (number, _)) in fitting {
            self.name_candidates(place, number, drafts);
        }
    }

    /// Whether nothing speaks against a client run being the other end of a draft.
    fn agrees(&self, run: &ClientRun, draft: &Draft, drafts: &[Draft]) -> bool {
        let alert = &draft.alert;
        let same_tool = drafts
            .get(run.draft)
            .is_some_and(|source| source.tool == draft.tool);
        let other_pid = alert.client.as_ref().is_some_and(|client| {
            client.how == How::ClientName
                && client.pid.is_some_and(|pid| {
                    self.around
                        .processes
                        .get(run.process)
                        .is_some_and(|process| process.pid != pid)
                })
        });
        let source = source_host(self.around, draft);
        let account = alert.account.as_ref().map(|account| account.name.as_str());
        same_tool
            && run.host != draft.host
            && !self.is_joined(run.process, draft.host, drafts)
            && !other_pid
            && source.is_none_or(|source| source == run.host)
            && account.is_some_and(|account| same_account(account, &run.account))
            && run.time.distance(alert.first_time) <= CLOCKS
    }

    /// Whether a client process is already the other end of a use on that host.
    fn is_joined(&self, process: ProcessId, host: HostId, drafts: &[Draft]) -> bool {
        self.joined.get(&process).is_some_and(|targets| {
            targets
                .iter()
                .any(|(place, _)| drafts.get(*place).is_some_and(|draft| draft.host == host))
        })
    }

    /// Clock differences that joined pairs of hosts have shown.
    fn known_clocks(&self, drafts: &[Draft]) -> HashMap<(HostId, HostId), ClockOffset> {
        let mut known = HashMap::new();
        for (process, targets) in &self.joined {
            for (place, _) in targets {
                let source = self.around.processes.get(*process);
                if let (Some(source), Some(draft)) = (source, drafts.get(*place)) {
                    let clock =
                        ClockOffset::between(source.first_seen, draft.alert.first_time, false);
                    known.insert((source.host, draft.host), clock);
                }
            }
        }
        known
    }

    fn note(&mut self, place: usize, process: ProcessId, how: How, draft: &Draft) {
        let Some(found) = self.around.processes.get(process) else {
            return;
        };
        self.joined.entry(process).or_default().push((place, how));
        if let Some(ends) = self.ends.get_mut(place) {
            ends.source = Some(found.host);
            ends.client = Some(process);
            let first = draft.alert.first_time;
            let clock = ClockOffset::between(found.first_seen, first, false);
            let late = first > found.first_seen && clock.by <= LATENCY;
            ends.clock = (clock.by > SAME_CLOCK && !late).then_some(clock);
        }
    }

    fn name_candidates(&mut self, place: usize, number: usize, drafts: &[Draft]) {
        let timeline = self.around.timeline;
        let (Some(run), Some(draft)) = (self.runs.get(number), drafts.get(place)) else {
            return;
        };
        let is_open = self
            .ends
            .get(place)
            .is_some_and(|ends| ends.client.is_none());
        let is_free = !self.joined.contains_key(&run.process);
        let Some(process) = self.around.processes.get(run.process) else {
            return;
        };
        if !(is_open && is_free) {
            return;
        }
        let client = format!(
            "{} [{}] on {} at {}",
            file_name(timeline.text(process.image)),
            process.pid,
            timeline.host_name(run.host),
            moment(run.time)
        );
        let target = format!(
            "the use on {} at {}",
            draft.alert.host,
            moment(draft.alert.first_time)
        );
        let source = run.draft;
        if let Some(ends) = self.ends.get_mut(place) {
            ends.candidates.push(client);
        }
        if let Some(ends) = self.ends.get_mut(source) {
            ends.candidates.push(target);
        }
    }

    /// Measures the clocks by a connection that both ends logged with its port, and finds the
    /// credentials that were used on the source.
    fn find_connections(&mut self, drafts: &[Draft]) {
        let around = self.around;
        let timeline = around.timeline;
        let mut wanted: HashMap<(HostId, u32), Vec<usize>> = HashMap::new();
        for (place, (ends, draft)) in self.ends.iter().zip(drafts).enumerate() {
            let port = draft
                .alert
                .logon
                .as_ref()
                .and_then(|logon| logon.source_port);
            if let (Some(source), Some(port), Some(_)) = (ends.source, port, ends.client) {
                wanted.entry((source, port)).or_default().push(place);
            }
        }
        let mut nearest: BTreeMap<usize, (Duration, Time, Time)> = BTreeMap::new();
        for (event, fact) in timeline.tables().network.iter() {
            let key = (timeline.host(event), fact.source_port);
            let places = wanted.get(&key).filter(|_| fact.initiated != Some(false));
            for place in places.into_iter().flatten() {
                let logon = drafts
                    .get(*place)
                    .and_then(|draft| draft.alert.logon.as_ref()?.time);
                let Some(logon) = logon else { continue };
                let time = timeline.time(event);
                let distance = time.distance(logon);
                let best = nearest.get(place).is_none_or(|best| distance < best.0);
                if distance <= CLOCKS && best {
                    nearest.insert(*place, (distance, time, logon));
                }
            }
        }
        for (place, (distance, sent, received)) in nearest {
            if let Some(ends) = self.ends.get_mut(place) {
                let clock = ClockOffset::between(sent, received, true);
                ends.clock = (distance > SAME_CLOCK).then_some(clock);
            }
        }
        for (ends, draft) in self.ends.iter_mut().zip(drafts) {
            ends.explicit = explicit_logons(around, ends, draft);
        }
    }

    /// Moves the clients to their targets and takes the emptied drafts away.
    fn finish(mut self, drafts: &mut Vec<Draft>) -> Vec<Ends> {
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
                FactRef::Network(f) => (f.guid, f.pid),
                FactRef::File(f) => (f.guid, f.pid),
                FactRef::Registry(f) => (f.guid, f.pid),
                FactRef::Pipe(f) => (f.guid, f.pid),
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
        let text = |symbol: Sym| timeline.strings().get(symbol).map(str::to_owned);
        let alert = &mut draft.alert;
        let named = alert.client.as_ref().and_then(|client| client.host.clone());
        alert.client = Some(ClientRef {
            host: named.or_else(|| Some(timeline.host_name(process.host).to_owned())),
            pid: Some(process.pid),
            image: text(process.image),
            account: text(process.account),
            how,
        });
        let mut lineage: Vec<ProcessRef> = Vec::new();
        let mut ancestors = around.processes.ancestors(client);
        ancestors.reverse();
        for id in ancestors {
            lineage.extend(super::assemble::process_ref(
                timeline,
                around.processes,
                id,
                Role::Ancestor,
            ));
        }
        lineage.extend(super::assemble::process_ref(
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
            .map(|id| self.around.processes.key(self.around.timeline, id))
            .collect();
        draft
            .alert
            .processes
            .retain(|process| !gone.contains(&process.key));
        draft.clients.retain(|client| !taken.contains(client));
        let timeline = self.around.timeline;
        let rest = draft
            .clients
            .first()
            .and_then(|client| self.around.processes.get(*client));
        if let Some(process) = rest {
            let text = |symbol: Sym| timeline.strings().get(symbol).map(str::to_owned);
            draft.alert.client = Some(ClientRef {
                host: Some(timeline.host_name(process.host).to_owned()),
                pid: Some(process.pid),
                image: text(process.image),
                account: text(process.account),
                how: How::SameProcessId,
            });
        }
        let times = draft
            .alert
            .sightings
            .iter()
            .map(|sighting| sighting.event.time);
        draft.alert.first_time = times.clone().min().unwrap_or(draft.alert.first_time);
        draft.alert.last_time = times.max().unwrap_or(draft.alert.last_time);
    }
}

/// How well two ends fit in time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// As a run takes from client to service, by clocks that agree.
    Prompt,
    /// Within what clocks may differ by.
    Near,
    Not,
}

/// The pairs that can only mean each other: prompt both ways and no other prompt one, or else the
/// only ones within the tolerance both ways.
fn certain<Run: Copy + PartialEq>(
    fitting: &[(usize, Run)],
    fit: impl Fn(usize, Run) -> Option<Fit>,
) -> Vec<(usize, Run)> {
    let mut pairs: Vec<(usize, Run, Fit)> = fitting
        .iter()
        .filter_map(|(place, number)| Some((*place, *number, fit(*place, *number)?)))
        .filter(|(_, _, fit)| *fit != Fit::Not)
        .collect();
    let mut found = Vec::new();
    for wanted in [Some(Fit::Prompt), None] {
        let fits = |fit: Fit| wanted.is_none_or(|wanted| fit == wanted);
        let only: Vec<(usize, Run)> = pairs
            .iter()
            .filter(|(_, _, fit)| fits(*fit))
            .filter(|(place, number, _)| {
                let mut rivals = pairs
                    .iter()
                    .filter(|(other, run, fit)| fits(*fit) && (other == place || run == number));
                rivals.next().is_some() && rivals.next().is_none()
            })
            .map(|(place, number, _)| (*place, *number))
            .collect();
        for (place, number) in &only {
            pairs.retain(|(other, run, _)| other != place && run != number);
        }
        found.extend(only);
    }
    found
}

/// Whether an alert shows only the client: nothing of a service, and processes that ran the tool.
fn is_source_side(draft: &Draft) -> bool {
    draft.alert.service.is_none()
        && !draft.clients.is_empty()
        && draft.alert.sightings.iter().all(|sighting| {
            matches!(
                sighting.artefact,
                Artefact::ClientProcess
                    | Artefact::Network
                    | Artefact::Registry
                    | Artefact::FileDrop
                    | Artefact::Antivirus
            )
        })
}

/// The loaded host that a draft says it came from.
fn source_host(around: &Surroundings<'_>, draft: &Draft) -> Option<HostId> {
    if is_source_side(draft) {
        return Some(draft.host);
    }
    let alert = &draft.alert;
    let client = alert
        .client
        .as_ref()
        .and_then(|client| client.host.as_deref());
    let logon = alert.logon.as_ref();
    let workstation = logon.and_then(|logon| logon.workstation.as_deref());
    let address = logon.and_then(|logon| logon.source_ip.as_deref());
    client
        .and_then(|name| around.host_named(name))
        .or_else(|| workstation.and_then(|name| around.host_named(name)))
        .or_else(|| address.and_then(|address| around.host_at(address)))
}

fn run(around: &Surroundings<'_>, draft: usize, id: ProcessId) -> Option<ClientRun> {
    let process = around.processes.get(id)?;
    let line = around.timeline.text(process.command_line);
    process.start?;
    Some(ClientRun {
        draft,
        process: id,
        host: process.host,
        time: process.first_seen,
        account: user_option(line)
            .unwrap_or_else(|| around.timeline.text(process.account).to_owned()),
        targets: targets(line),
    })
}

/// The computers that a command line of PsExec and its kind names: words `\\NAME`, several names
/// parted by commas.
pub(super) fn targets(command_line: &str) -> Vec<String> {
    let words = command_line
        .split_whitespace()
        .map(|word| word.trim_matches('"'));
    let computers = words
        .filter_map(|word| word.strip_prefix(r"\\"))
        .find(|names| !names.contains('\\') && !names.is_empty() && *names != "*");
    computers
        .into_iter()
        .flat_map(|names| names.split(','))
        .map(|name| name.trim_start_matches('\\').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The account that `-u` gives.
pub(super) fn user_option(command_line: &str) -> Option<String> {
    let mut words = command_line.split_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("-u") || word.eq_ignore_ascii_case("/u"))?;
    words
        .next()
        .map(|user| user.trim_matches('"').to_owned())
        .filter(|user| !user.is_empty())
}

/// Uses of the actor's credentials towards the target, on the source, about the time of the use.
fn explicit_logons(around: &Surroundings<'_>, ends: &Ends, draft: &Draft) -> Vec<EventIndex> {
    let Some(source) = ends.source.filter(|source| *source != draft.host) else {
        return Vec::new();
    };
    let alert = &draft.alert;
    let (Some(account), time) = (&alert.account, alert.first_time) else {
        return Vec::new();
    };
    let time = ends.clock.map_or(time, |clock| clock.on_source(time));
    around
        .explicit_logons
        .between(
            around.timeline,
            source,
            time.minus(MOMENTS),
            time.plus(MOMENTS),
        )
        .iter()
        .copied()
        .filter(|event| match around.fact(*event) {
            Some(FactRef::ExplicitLogon(f)) => {
                same_host(around.timeline.text(f.target_server), &alert.host)
                    && same_account(around.timeline.text(f.account), &account.name)
            }
            _ => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computers_are_read_from_command_lines() {
        let of = |line: &str| targets(line).join("+");
        assert_eq!(
            of(r"PsExec64.exe \\WS-1017 -s msiexec.exe /i \\FS01\deploy$\a.msi"),
            "WS-1017"
        );
        assert_eq!(of(r#"p.exe -accepteula "\\FS01,FS02" cmd"#), "FS01+FS02");
        assert_eq!(of(r"psexec -s -i cmd.exe /c \\FS01\x\y.bat"), "");
        assert_eq!(of(r"psexec \\* hostname"), "");
    }

    #[test]
    fn only_pairs_that_can_mean_nothing_else_are_certain() {
        let fit = |place: usize, number: usize| {
            Some(if place == number {
                Fit::Prompt
            } else {
                Fit::Near
            })
        };
        assert_eq!(certain(&[(0, 0), (0, 1), (1, 1)], fit), [(0, 0), (1, 1)]);
        let near = |_: usize, _: usize| Some(Fit::Near);
        assert_eq!(certain(&[(0, 0), (0, 1)], near), []);
        assert_eq!(certain(&[(2, 5)], near), [(2, 5)]);
    }
}
