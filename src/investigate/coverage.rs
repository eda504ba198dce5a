//! What the logs of each host cover: which channels, from when to when, with which holes, and which
//! kinds of record the host's audit policy writes at all. Computed once, in one pass over the
//! timeline; without it "nothing seen" would mean nothing (catalogue B4).

use std::collections::BTreeSet;
use std::time::Duration;

use crate::event::Time;
use crate::timeline::{EventIndex, HostId, KindId, Timeline};

/// The three channels that every alert is looked for in.
pub(super) const SECURITY: &str = "Security";
/// Service installations and state changes.
pub(super) const SYSTEM: &str = "System";
/// Sysmon.
pub(super) const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

/// A log with more runs of record ids than this is an excerpt: its holes mean nothing.
const MAX_RUNS: usize = 1024;
/// Events of one moment are written in any order.
const SAME_MOMENT: Duration = Duration::from_secs(2);
/// The place of the log of a kind that was not seen.
const NOWHERE: usize = usize::MAX;

/// What the logs of all hosts cover.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    hosts: Vec<HostCoverage>,
}

/// What the logs of one host cover.
#[derive(Debug, Default)]
pub(super) struct HostCoverage {
    logs: Vec<Log<Time>>,
    /// Which kinds of record were seen.
    pub(super) seen: Seen,
    /// Sources of this host that could not be read whole: path, and how many parts are missing.
    pub(super) damaged: BTreeSet<(String, usize)>,
}

/// The kinds of record on which conclusions rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Logons (Security 4624).
    pub(super) logons: bool,
    /// Services installed (System 7045 or Security 4697).
    pub(super) services: bool,
    /// Services installed, with the logon (Security 4697).
    pub(super) audited_services: bool,
    /// Files and pipes opened over the network (Security 5145).
    pub(super) share_files: bool,
    /// Processes started (Security 4688).
    pub(super) audited_processes: bool,
    /// Command lines in them.
    pub(super) audited_command_lines: bool,
    /// Processes started (Sysmon 1).
    pub(super) sysmon_processes: bool,
    /// Pipes (Sysmon 17 or 18).
    pub(super) pipes: bool,
}

/// The logs of one host while they are read. What counts there is the order of the events; when they
/// were is asked only of those that begin and end something.
#[derive(Debug, Default)]
struct HostLogs {
    logs: Vec<Log<EventIndex>>,
    /// By kind of event, the place of its log; [`NOWHERE`] where the host has none of that kind.
    places: Vec<usize>,
    seen: Seen,
}

/// One channel of one host.
#[derive(Debug)]
struct Log<W> {
    name: String,
    first: W,
    last: W,
    runs: Runs<W>,
}

/// Record ids that follow one another without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run<W> {
    first_id: u64,
    last_id: u64,
    first: W,
    last: W,
}

/// All record ids of a log, as few runs as there are; memory grows with the holes, not the events.
#[derive(Debug)]
struct Runs<W> {
    runs: Vec<Run<W>>,
    is_excerpt: bool,
    /// The run that was added to last; the next record is most likely its next.
    at: usize,
}

/// Record ids that are missing in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// First missing id.
    pub(super) first_id: u64,
    /// Last missing id.
    pub(super) last_id: u64,
    /// Time of the record before.
    pub(super) after: Time,
    /// Time of the record behind.
    pub(super) before: Time,
}

impl Hole {
    /// How many records are missing.
    pub(super) fn len(&self) -> u64 {
        self.last_id - self.first_id + 1
    }
}

impl Coverage {
    /// Reads every row once.
    pub(super) fn build(timeline: &Timeline) -> Self {
        let kinds = Kinds::of(timeline);
        let mut hosts: Vec<HostLogs> = Vec::new();
        hosts.resize_with(timeline.hosts().len(), HostLogs::default);
        for (event, host, kind, id) in timeline.rows() {
            let host = hosts.get_mut(host.index());
            if let Some(log) = host.and_then(|host| host.log(kind, event, &kinds)) {
                log.take(id, event);
            }
        }
        let hosts = hosts.into_iter().map(|host| host.timed(timeline));
        let mut coverage = Coverage {
            hosts: hosts.collect(),
        };
        let mut damaged: BTreeSet<(usize, HostId)> = BTreeSet::new();
        let is_damaged: Vec<bool> = timeline
            .sources()
            .iter()
            .map(|source| !source.damage.is_empty())
            .collect();
        if is_damaged.contains(&true) {
            for index in timeline.indices() {
                let source = timeline.source(index);
                if is_damaged.get(source) == Some(&true) {
                    damaged.insert((source, timeline.host(index)));
                }
            }
        }
        coverage.note_command_lines(timeline);
        for (source, host) in damaged {
            if let (Some(report), Some(host)) = (
                timeline.sources().get(source),
                coverage.hosts.get_mut(host.index()),
            ) {
                let path = report.path.display().to_string();
                host.damaged.insert((path, report.damage.len()));
            }
        }
        coverage
    }

    /// What the logs of a host cover.
    pub(super) fn host(&self, host: HostId) -> Option<&HostCoverage> {
        self.hosts.get(host.index())
    }

    fn note_command_lines(&mut self, timeline: &Timeline) {
        for (event, fact) in timeline.tables().process_starts.iter() {
            if !fact.by_sysmon
                && !fact.command_line.is_none()
                && let Some(host) = self.hosts.get_mut(timeline.host(event).index())
            {
                host.seen.audited_command_lines = true;
            }
        }
    }
}

impl HostCoverage {
    /// First and last event of a channel; `None` when no event of it is loaded.
    pub(super) fn span(&self, channel: &str) -> Option<(Time, Time)> {
        self.named(channel).map(|log| (log.first, log.last))
    }

    /// The first event of any channel.
    pub(super) fn begins(&self) -> Option<Time> {
        self.logs.iter().map(|log| log.first).min()
    }

    /// The holes of a channel that touch a span of time, oldest first.
    pub(super) fn holes(&self, channel: &str, from: Time, to: Time) -> Vec<Hole> {
        self.named(channel)
            .map(|log| log.runs.holes(from, to))
            .unwrap_or_default()
    }

    /// Whether only an excerpt of a channel is loaded: so many holes that they mean nothing.
    pub(super) fn is_excerpt(&self, channel: &str) -> bool {
        self.named(channel).is_some_and(|log| log.runs.is_excerpt)
    }

    fn named(&self, channel: &str) -> Option<&Log<Time>> {
        self.logs
            .iter()
            .find(|log| log.name.eq_ignore_ascii_case(channel))
    }
}

impl HostLogs {
    /// The log that an event of a kind is in.
    #[inline]
    fn log(
        &mut self,
        kind: KindId,
        event: EventIndex,
        kinds: &Kinds,
    ) -> Option<&mut Log<EventIndex>> {
        let place = match self.places.get(kind.index()) {
            Some(&place) if place != NOWHERE => place,
            _ => self.log_of_new(kind, event, kinds)?,
        };
        self.logs.get_mut(place)
    }

    /// The place of the log that the first event of its kind is in.
    #[cold]
    fn log_of_new(&mut self, kind: KindId, event: EventIndex, kinds: &Kinds) -> Option<usize> {
        self.places.resize(kinds.all.len(), NOWHERE);
        let of_kind = self.places.get_mut(kind.index())?;
        let Kind { channel, shows } = kinds.all.get(kind.index())?;
        self.seen.add(*shows);
        let name = kinds.channels.get(*channel)?;
        let known = self.logs.iter().position(|log| log.name == *name);
        let place = known.unwrap_or_else(|| {
            self.logs.push(Log {
                name: name.clone(),
                first: event,
                last: event,
                runs: Runs::default(),
            });
            self.logs.len() - 1
        });
        *of_kind = place;
        Some(place)
    }

    fn timed(self, timeline: &Timeline) -> HostCoverage {
        let time = |event| timeline.time(event);
        let logs = self.logs.into_iter().map(|log| Log {
            name: log.name,
            first: time(log.first),
            last: time(log.last),
            runs: log.runs.map(time),
        });
        HostCoverage {
            logs: logs.collect(),
            seen: self.seen,
            damaged: BTreeSet::new(),
        }
    }
}

impl Log<EventIndex> {
    /// Takes the next event.
    fn take(&mut self, id: Option<u64>, event: EventIndex) {
        self.last = event;
        if let Some(id) = id {
            self.runs.add(id, event);
        }
    }
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.logons |= other.logons;
        self.services |= other.services;
        self.audited_services |= other.audited_services;
        self.share_files |= other.share_files;
        self.audited_processes |= other.audited_processes;
        self.sysmon_processes |= other.sysmon_processes;
        self.pipes |= other.pipes;
    }

    fn of(provider: &str, event_id: u32) -> Self {
        let mut seen = Seen::default();
        match (provider, event_id) {
            ("Microsoft-Windows-Security-Auditing", 4624) => seen.logons = true,
            ("Microsoft-Windows-Security-Auditing", 4688) => seen.audited_processes = true,
            ("Microsoft-Windows-Security-Auditing", 4697) => {
                (seen.services, seen.audited_services) = (true, true);
            }
            ("Microsoft-Windows-Security-Auditing", 5145) => seen.share_files = true,
            ("Service Control Manager", 7045) => seen.services = true,
            ("Microsoft-Windows-Sysmon", 1) => seen.sysmon_processes = true,
            ("Microsoft-Windows-Sysmon", 17 | 18) => seen.pipes = true,
            _ => {}
        }
        seen
    }

    /// Whether processes are seen to start.
    pub(super) fn processes(self) -> bool {
        self.audited_processes || self.sysmon_processes
    }

    /// Whether they are seen with their command lines.
    pub(super) fn command_lines(self) -> bool {
        self.sysmon_processes || self.audited_command_lines
    }
}

/// Event kinds by number: their channel's number, and what they show.
struct Kinds {
    all: Vec<Kind>,
    channels: Vec<String>,
}

struct Kind {
    channel: usize,
    shows: Seen,
}

impl Kinds {
    fn of(timeline: &Timeline) -> Self {
        let mut channels: Vec<String> = Vec::new();
        let all = timeline
            .kinds()
            .iter()
            .map(|kind| {
                let known = channels
                    .iter()
                    .position(|channel| channel.eq_ignore_ascii_case(&kind.channel));
                let channel = known.unwrap_or_else(|| {
                    channels.push(kind.channel.clone());
                    channels.len() - 1
                });
                Kind {
                    channel,
                    shows: Seen::of(&kind.provider, kind.event_id),
                }
            })
            .collect();
        Kinds { all, channels }
    }
}

impl<W> Default for Runs<W> {
    fn default() -> Self {
        Runs {
            runs: Vec::new(),
            is_excerpt: false,
            at: 0,
        }
    }
}

impl<W: Copy + Ord> Runs<W> {
    fn add(&mut self, id: u64, when: W) {
        if self.is_excerpt || id == 0 {
            return;
        }
        if let Some([run, rest @ ..]) = self.runs.get_mut(self.at..)
            && id == run.last_id + 1
            && rest.first().is_none_or(|next| next.first_id > id + 1)
        {
            run.last_id = id;
            run.last = run.last.max(when);
            return;
        }
        let place = self.runs.partition_point(|run| run.first_id <= id);
        let before = place.checked_sub(1);
        self.at = before.unwrap_or(0);
        if let Some(run) = before.and_then(|before| self.runs.get_mut(before)) {
            if id <= run.last_id {
                return;
            }
            if id == run.last_id + 1 {
                run.last_id = id;
                run.last = run.last.max(when);
                self.close(place);
                return;
            }
        }
        match self.runs.get_mut(place) {
            Some(next) if next.first_id == id + 1 => {
                next.first_id = id;
                next.first = next.first.min(when);
            }
            _ => {
                self.at = place;
                self.runs.insert(
                    place,
                    Run {
                        first_id: id,
                        last_id: id,
                        first: when,
                        last: when,
                    },
                );
            }
        }
        if self.runs.len() > MAX_RUNS {
            *self = Runs {
                is_excerpt: true,
                ..Runs::default()
            };
        }
    }

    /// Joins the run at a place to the one before it, when no id is missing between them.
    fn close(&mut self, place: usize) {
        let Some(next) = self.runs.get(place).copied() else {
            return;
        };
        if let Some(run) = place
            .checked_sub(1)
            .and_then(|before| self.runs.get_mut(before))
            && run.last_id + 1 == next.first_id
        {
            run.last_id = next.last_id;
            run.last = run.last.max(next.last);
            self.runs.remove(place);
        }
    }

    /// The same, with something else in the places of what is when.
    fn map<V>(self, new: impl Fn(W) -> V) -> Runs<V> {
        let runs = self.runs.into_iter().map(|run| Run {
            first_id: run.first_id,
            last_id: run.last_id,
            first: new(run.first),
            last: new(run.last),
        });
        Runs {
            runs: runs.collect(),
            is_excerpt: self.is_excerpt,
            at: self.at,
        }
    }
}

impl Runs<Time> {
    fn holes(&self, from: Time, to: Time) -> Vec<Hole> {
        let pairs = self.runs.iter().zip(self.runs.iter().skip(1));
        pairs
            .map(|(run, next)| Hole {
                first_id: run.last_id + 1,
                last_id: next.first_id - 1,
                after: run.last,
                before: next.first,
            })
            // Ids that do not rise with time come from two machines of one name, or a clock set back.
            .filter(|hole| hole.after <= hole.before.plus(SAME_MOMENT))
            .filter(|hole| hole.after <= to && hole.before >= from)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::parse("2026-03-10")
            .unwrap()
            .plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_log_without_holes_is_one_run_in_whatever_order_it_comes() {
        let mut runs = Runs::default();
        for id in [5, 6, 8, 7, 9, 4] {
            runs.add(id, at(id));
        }
        assert_eq!(runs.runs.len(), 1);
        assert!(runs.holes(Time::MIN, Time::MAX).is_empty());
    }

    #[test]
    fn missing_record_ids_are_a_hole_with_its_span() {
        let mut runs = Runs::default();
        for id in [10, 11, 20, 21, 40] {
            runs.add(id, at(id));
        }
        let near = runs.holes(at(12), at(15));
        assert_eq!(near.len(), 1);
        assert_eq!((near[0].first_id, near[0].len()), (12, 8));
        assert_eq!((near[0].after, near[0].before), (at(11), at(20)));
        assert!(runs.holes(at(41), at(50)).is_empty());
    }

    #[test]
    fn an_excerpt_takes_no_more_memory_than_a_whole_log() {
        let mut runs = Runs::default();
        for id in 0..100_000u64 {
            runs.add(id * 3 + 1, at(id));
        }
        assert!(runs.is_excerpt && runs.runs.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_id_lies_in_a_run_or_in_a_hole(ids in proptest::collection::btree_set(1u64..400, 1..80), seed in 0u64..1000) {
            let mut shuffled: Vec<u64> = ids.iter().copied().collect();
            shuffled.sort_by_key(|id| (id * 7919 + seed * 104_729) % 1009);
            let mut runs = Runs::default();
            for id in shuffled {
                runs.add(id, at(id));
            }
            let missing: u64 = runs.holes(Time::MIN, Time::MAX).iter().map(Hole::len).sum();
            let span = ids.last().unwrap() - ids.first().unwrap() + 1;
            proptest::prop_assert_eq!(missing, span - ids.len() as u64);
        }
    }
}
