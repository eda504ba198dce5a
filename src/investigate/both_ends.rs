//! Both ends of one use: the client process on the source host, joined with the service on the
//! target when both hosts' logs are loaded.
//!
//! The join is certain when a pipe, service or key file on the target names the client's host and
//! process id, or when the client's command line names the target and account and time agree and
//! nothing else could be meant. The alert of the target then takes the client over and that of the
//! source disappears: one use, one alert. In doubt both stay, and each is named as a candidate of
//! the other. Clocks may differ by minutes; the difference is found and said.

mod by_target;
mod clock;
mod command_line;
mod hand_over;
mod pairs;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::alert::{Artefact, How};
use super::assemble::Draft;
use super::processes::ProcessId;
use super::surroundings::Surroundings;
use super::wording::moment;
use crate::event::Time;
use crate::event::identity::{file_name, host_key, same_account, same_host};
use crate::timeline::{EventIndex, HostId};
pub(super) use clock::ClockOffset;
pub(super) use command_line::{targets, user_option};
use pairs::{Fit, certain};

/// By how much the clocks of two hosts may differ.
const CLOCKS: Duration = Duration::from_secs(15 * 60);
/// How much a known difference of clocks may waver.
const STEADY: Duration = Duration::from_secs(60);
/// From starting the client to the first trace on the target.
const LATENCY: Duration = Duration::from_secs(30);
/// Differences below this are no difference of clocks.
const SAME_CLOCK: Duration = Duration::from_secs(5);

/// The source side of an alert, as far as it was found.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The loaded host that the use came from.
    pub(super) source: Option<HostId>,
    /// The client process there.
    pub(super) client: Option<ProcessId>,
    /// How far the target's clock is from the source's.
    pub(super) clock: Option<ClockOffset>,
    /// Whether the source is known only by its address.
    pub(super) source_by_address: bool,
    /// Uses of other credentials on the source that fit (4648).
    pub(super) explicit: Vec<EventIndex>,
    /// Other ends that fit, but not certainly.
    pub(super) candidates: Vec<String>,
    /// Hosts that a client's command line names and no alert was joined for.
    pub(super) unseen_targets: Vec<String>,
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
    joiner.by_named_target(drafts);
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
            end.source_by_address = end.source.is_some() && named_source(around, draft).is_none();
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
            .into_iter()
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
            // In time order, so that only those of about the same time are looked at.
            let runs = by_target
                .get(&host_key(&draft.alert.host))
                .map(Vec::as_slice)
                .unwrap_or_default();
            let time = |number: &usize| self.runs.get(*number).map(|run| run.time);
            let earliest = draft.alert.first_time.minus(CLOCKS);
            let latest = draft.alert.first_time.plus(CLOCKS);
            let start = runs.partition_point(|number| time(number) < Some(earliest));
            let end = runs.partition_point(|number| time(number) <= Some(latest));
            for number in runs.get(start..end.max(start)).unwrap_or_default() {
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

/// The loaded host that a draft came from: by the name its traces give, else by its address.
fn source_host(around: &Surroundings<'_>, draft: &Draft) -> Option<HostId> {
    let logon = draft.alert.logon.as_ref();
    let address = logon.and_then(|logon| logon.source_ip.as_deref());
    named_source(around, draft).or_else(|| around.host_at(address?))
}

/// The loaded host that a draft names as its source.
fn named_source(around: &Surroundings<'_>, draft: &Draft) -> Option<HostId> {
    if is_source_side(draft) {
        return Some(draft.host);
    }
    let alert = &draft.alert;
    let client = alert.client.as_ref();
    let logon = alert.logon.as_ref();
    let names = [
        client.and_then(|client| client.host.as_deref()),
        logon.and_then(|logon| logon.workstation.as_deref()),
    ];
    names
        .into_iter()
        .flatten()
        .find_map(|name| around.host_named(name))
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
