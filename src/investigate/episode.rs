//! The legs of one use in time order: what the client did on the source, what the tool did on the
//! target. Each leg is seen in records, inferred from others, or missing; nothing is assumed.

mod facts;

use std::collections::BTreeMap;

use super::alert::{Alert, EventRef, How, ProcessRef, Role};
use crate::event::identity::file_name;
use crate::event::{Time, same_host};
use crate::timeline::Timeline;

/// Which end of a use a leg lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Where the tool was started.
    Source,
    /// Where it did its work.
    Target,
}

/// A leg of a use, in the order in which service tools make them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Source: the client program started.
    Client,
    /// Source: it connected to the target.
    Connect,
    /// Target: somebody logged on over the network.
    Logon,
    /// Target: a share was opened.
    Share,
    /// Target: a file was put there.
    Drop,
    /// Target: a service was made.
    Install,
    /// Target: the service started.
    Start,
    /// Target: a pipe of the tool was made or opened.
    Pipe,
    /// Target: the tool ran something.
    Child,
    /// Target: the service stopped.
    Stop,
    /// Target: the service or its file was deleted.
    Delete,
    /// Source: the client program ended.
    End,
}

impl Step {
    /// The steps of a target, in their usual order.
    pub const TARGET: [Step; 9] = [
        Step::Logon,
        Step::Share,
        Step::Drop,
        Step::Install,
        Step::Start,
        Step::Pipe,
        Step::Child,
        Step::Stop,
        Step::Delete,
    ];

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Step::Client | Step::Start => "start",
            Step::Connect => "connect",
            Step::Logon => "logon",
            Step::Share => "share",
            Step::Drop => "drop",
            Step::Install => "install",
            Step::Pipe => "pipe",
            Step::Child => "child",
            Step::Stop => "stop",
            Step::Delete => "delete",
            Step::End => "end",
        }
    }

    /// Which end it lies on.
    pub fn side(self) -> Side {
        match self {
            Step::Client | Step::Connect | Step::End => Side::Source,
            _ => Side::Target,
        }
    }
}

/// How a leg is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Records show it.
    Seen,
    /// No record of its own, or one joined by inference only.
    Inferred,
    /// No record shows it.
    Missing,
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which.
    pub step: Step,
    /// How it is known.
    pub known: Known,
    /// When, where a record says so.
    pub time: Option<Time>,
    /// What happened, in words; texts are as logged.
    pub what: String,
    /// How it was joined to the alert, where it was joined.
    pub how: Option<How>,
    /// The records that show it, in time order.
    pub events: Vec<EventRef>,
}

/// The legs of an alert in time order. A leg without a time stands behind the one that usually goes
/// before it. Missing legs are told of uses of a service only: other uses have no fixed legs.
pub fn legs(alert: &Alert, timeline: &Timeline) -> Vec<Leg> {
    let mut legs = Gathered::of(alert, timeline);
    legs.infer(alert);
    legs.miss(alert);
    in_order(legs.found.into_values().collect())
}

/// The legs found so far.
struct Gathered {
    found: BTreeMap<Step, Leg>,
    /// Whether records show or name a share, a remote file or a remote pipe.
    over_network: bool,
}

impl Gathered {
    /// What records show.
    fn of(alert: &Alert, timeline: &Timeline) -> Gathered {
        let mut legs = Gathered {
            found: BTreeMap::new(),
            over_network: false,
        };
        for sighting in &alert.sightings {
            let traced = facts::trace(alert, sighting, timeline);
            legs.over_network |= traced.over_network;
            for step in traced.steps {
                legs.add(step, &sighting.what, Some(sighting.event.clone()), None);
            }
        }
        if let Some(logon) = &alert.logon
            && let Some(event) = &logon.event
        {
            let what = match &logon.source_ip {
                Some(address) => format!("logon from {address}"),
                None => "logon".to_owned(),
            };
            legs.add(Step::Logon, &what, Some(event.clone()), Some(logon.how));
        }
        for process in &alert.processes {
            legs.add_process(process, timeline);
        }
        legs
    }

    fn add(&mut self, step: Step, what: &str, event: Option<EventRef>, how: Option<How>) {
        let leg = self.found.entry(step).or_insert_with(|| Leg {
            step,
            known: Known::Seen,
            time: None,
            what: what.to_owned(),
            how,
            events: Vec::new(),
        });
        let Some(event) = event else { return };
        if leg.events.iter().any(|known| known.index == event.index) {
            return;
        }
        let place = leg
            .events
            .partition_point(|known| (known.time, known.index) <= (event.time, event.index));
        if place == 0 {
            what.clone_into(&mut leg.what);
            leg.time = Some(event.time);
        }
        leg.events.insert(place, event);
        if how.is_some_and(How::is_inferred) && leg.events.len() == 1 {
            leg.known = Known::Inferred;
        } else {
            leg.known = Known::Seen;
        }
    }

    fn add_process(&mut self, process: &ProcessRef, timeline: &Timeline) {
        let step = match process.role {
            Role::Client => Step::Client,
            Role::Service => Step::Start,
            Role::Child => Step::Child,
            Role::Ancestor => return,
        };
        let program = process.image.as_deref().map_or("a program", file_name);
        if let Some(event) = &process.event {
            let what = match (&process.command_line, step) {
                (Some(line), Step::Child) => line.clone(),
                _ => format!("{program} [{}] started", process.pid),
            };
            let how = process.parent_how.filter(|_| step == Step::Child);
            self.add(step, &what, Some(event.clone()), how);
        }
        let ends = match process.role {
            Role::Client => Step::End,
            Role::Service => Step::Stop,
            _ => return,
        };
        if let Some(event) = facts::end_of(process, timeline) {
            let what = format!("{program} [{}] ended", process.pid);
            self.add(ends, &what, Some(event), None);
        }
    }

    fn has(&self, step: Step) -> bool {
        self.found.contains_key(&step)
    }

    /// What must have been, because of what was seen.
    fn infer(&mut self, alert: &Alert) {
        if !self.has(Step::Client)
            && let Some(client) = &alert.client
        {
            let host = client.host.as_deref().unwrap_or("an unknown host");
            let what = match client.pid {
                Some(pid) => format!("process {pid} of {host}: no record of its start"),
                None => format!("on {host}: no record of the program's start"),
            };
            self.assume(Step::Client, what, Some(client.how));
        }
        if !self.has(Step::Logon)
            && let Some(logon) = &alert.logon
        {
            let from = logon
                .source_ip
                .as_deref()
                .or(logon.workstation.as_deref())
                .unwrap_or("an unknown source");
            let what = format!("from {from}: no record of the logon itself");
            self.assume(Step::Logon, what, Some(logon.how));
        }
        if !self.has(Step::Share) && self.over_network {
            let what = "what came over the network came through a share or pipe".to_owned();
            self.assume(Step::Share, what, None);
        }
        let ran = self.has(Step::Child) || self.has(Step::Pipe) || self.has(Step::Stop);
        if !self.has(Step::Start) && self.is_of_service() && ran {
            let what = "what it did was seen, its start was not".to_owned();
            self.assume(Step::Start, what, None);
        }
    }

    fn assume(&mut self, step: Step, what: String, how: Option<How>) {
        let leg = Leg {
            step,
            known: Known::Inferred,
            time: None,
            what,
            how,
            events: Vec::new(),
        };
        self.found.insert(step, leg);
    }

    /// Whether the use went through a service, so that its legs are known beforehand.
    fn is_of_service(&self) -> bool {
        [
            Step::Drop,
            Step::Install,
            Step::Start,
            Step::Pipe,
            Step::Stop,
        ]
        .iter()
        .any(|step| self.has(*step))
    }

    /// The legs that no record shows.
    fn miss(&mut self, alert: &Alert) {
        let on_target = self.found.keys().any(|step| step.side() == Side::Target);
        if self.is_of_service() || !on_target {
            for step in Step::TARGET {
                self.miss_one(step);
            }
        }
        let from_elsewhere = alert.logon.as_ref().is_some_and(|logon| {
            let named = logon.source_ip.as_deref().or(logon.workstation.as_deref());
            named.is_some_and(|name| !same_host(name, &alert.host))
        });
        if self.over_network || from_elsewhere {
            self.miss_one(Step::Client);
        }
    }

    fn miss_one(&mut self, step: Step) {
        self.found.entry(step).or_insert_with(|| Leg {
            step,
            known: Known::Missing,
            time: None,
            what: "no record shows it".to_owned(),
            how: None,
            events: Vec::new(),
        });
    }
}

/// Legs by time; those without one behind their predecessor on the same side.
fn in_order(legs: Vec<Leg>) -> Vec<Leg> {
    // `legs` come in the usual order of steps
    let mut last: BTreeMap<Side, Time> = BTreeMap::new();
    let first = |side: Side| {
        let times = legs.iter().filter(|leg| leg.step.side() == side);
        times.filter_map(|leg| leg.time).min()
    };
    for side in [Side::Source, Side::Target] {
        let start = first(side).or_else(|| first(Side::Target));
        last.insert(side, start.unwrap_or(Time::MIN));
    }
    let mut keyed: Vec<(Time, Leg)> = legs
        .into_iter()
        .map(|leg| {
            let side = leg.step.side();
            let key = match leg.time {
                Some(time) => {
                    last.insert(side, time);
                    time
                }
                None => last.get(&side).copied().unwrap_or(Time::MIN),
            };
            (key, leg)
        })
        .collect();
    keyed.sort_by_key(|(key, leg)| (*key, leg.step));
    keyed.into_iter().map(|(_, leg)| leg).collect()
}
