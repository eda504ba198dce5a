//! From sightings to alerts: joins the traces of one use, names who and from where, and says how
//! each link is known.

mod actor;
pub mod alert;
mod assemble;
mod both_ends;
mod correlate;
mod coverage;
pub mod episode;
mod gaps;
mod history;
pub mod processes;
mod program;
mod questions;
mod signals;
mod surroundings;
mod title;
mod trail;
mod wording;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

pub use alert::{
    AccountRef, Alert, Artefact, Certainty, ClientRef, EventRef, How, Leaning, LogonRef,
    ProcessRef, Question, Role, ServiceRef, Severity, Sighting, Signal,
};
pub use episode::{Known, Leg, Side, Step};
pub use processes::{Process, ProcessId, Processes};
pub use signals::{SignalRule, rules as signal_rules};

use rayon::prelude::*;

use crate::detect::session_zero::Door;
use crate::detect::{self, Catalog, ToolIndex};
use crate::environment::Environment;
use crate::event::fact::{Fact, ProcessStart};
use crate::event::identity::file_name;
use crate::timeline::{EventIndex, HostId, Timeline};
use actor::Logons;
use assemble::{Draft, Workshop};
use correlate::Turns;
use signals::{Scene, Weighed};
use surroundings::Surroundings;

/// What the program knows at one moment, published whole. Later snapshots have higher numbers;
/// results computed from an older one are stale and dropped.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts up from 1; 0 is the empty start.
    pub number: u64,
    /// Whether loading is finished (or was cancelled).
    pub complete: bool,
    /// The events.
    pub timeline: Arc<Timeline>,
    /// The process forest of all hosts.
    pub processes: Arc<Processes>,
    /// The alerts, most severe first, then oldest first.
    pub alerts: Arc<Vec<Alert>>,
}

impl Snapshot {
    /// Investigates a timeline.
    pub fn new(
        number: u64,
        complete: bool,
        timeline: Arc<Timeline>,
        catalog: &Catalog,
        environment: &Environment,
    ) -> Self {
        let processes = Processes::of(Arc::clone(&timeline));
        let alerts = investigate(&timeline, &processes, catalog, environment);
        Snapshot {
            number,
            complete,
            timeline,
            processes: Arc::new(processes),
            alerts: Arc::new(alerts),
        }
    }
}

/// Every alert of a timeline, most severe first, then oldest first. The same events give the same
/// alerts in whatever order they were read.
pub fn investigate(
    timeline: &Timeline,
    processes: &Processes,
    catalog: &Catalog,
    environment: &Environment,
) -> Vec<Alert> {
    let (sightings, (logons, around)) = rayon::join(
        || sightings(timeline, processes, catalog, environment),
        || {
            rayon::join(
                || Logons::build(timeline),
                || Surroundings::build(timeline, processes, catalog, environment),
            )
        },
    );
    let uses = correlate::correlate(timeline, processes, catalog, sightings);
    let taken: HashSet<EventIndex> = uses
        .iter()
        .flat_map(|found| &found.traces)
        .map(|trace| trace.sighting.event)
        .collect();
    let turns = Turns::of(&uses);
    let workshop = Workshop {
        turns: &turns,
        timeline,
        processes,
        logons: &logons,
        catalog,
    };
    let mut drafts: Vec<Draft> = uses
        .par_iter()
        .enumerate()
        .filter_map(|(number, found)| workshop.draft(number, found, &taken))
        .collect();
    let ends = both_ends::join(&around, &mut drafts);
    let past = history::read(&drafts);
    let judged: Vec<Option<Judged>> = drafts
        .par_iter()
        .zip(ends.par_iter().zip(&past))
        .map(|(draft, (ends, past))| {
            let scene = Scene {
                around: &around,
                draft,
                tool: catalog.tool(draft.tool)?,
                ends,
                past,
                door: draft_door(&around, draft),
            };
            Some(Judged::of(&scene))
        })
        .collect();
    for (draft, judged) in drafts.iter_mut().zip(judged) {
        if let Some(judged) = judged {
            judged.put(&mut draft.alert);
        }
    }
    let mut alerts: Vec<Alert> = drafts.into_iter().map(|draft| draft.alert).collect();
    alerts.sort_by(|a, b| {
        (b.severity, a.first_time, &a.host, &a.id).cmp(&(a.severity, b.first_time, &b.host, &b.id))
    });
    alerts
}

/// What shows a tool, or a user's process in the services session. The processes of the hosts that
/// show anything are read at once.
fn sightings(
    timeline: &Timeline,
    processes: &Processes,
    catalog: &Catalog,
    environment: &Environment,
) -> Vec<detect::Sighting> {
    let (mut found, rogues) = rayon::join(
        || detect::find(timeline, catalog),
        || detect::session_zero::find(timeline, environment).collect::<Vec<_>>(),
    );
    let events = found.iter().map(|sighting| sighting.event);
    let hosts: BTreeSet<HostId> = events
        .chain(rogues.iter().map(|(event, _)| *event))
        .map(|event| timeline.host(event))
        .collect();
    processes.prepare(hosts);
    if let Some(tool) = catalog.find("session-zero") {
        let rogues = rogues.into_iter();
        found.extend(rogues.map(|(event, fact)| rogue(timeline, processes, tool, event, &fact)));
    }
    found
}

/// The sighting of a user's process in the services session.
fn rogue(
    timeline: &Timeline,
    processes: &Processes,
    tool: ToolIndex,
    event: EventIndex,
    fact: &ProcessStart,
) -> detect::Sighting {
    let t = |symbol| timeline.text(symbol);
    let door = door(timeline, processes, event, fact);
    let what = format!(
        "{} [{}] in session 0 as {}, through {}",
        file_name(t(fact.image)),
        fact.pid,
        t(fact.account),
        door.words()
    );
    let kind = Artefact::ChildProcess;
    detect::Sighting::new(tool, kind, Certainty::Likely, event, what)
}

/// What is said of an alert once all others are known.
struct Judged {
    weighed: Weighed,
    questions: Vec<Question>,
    gaps: Vec<String>,
    title: String,
}

impl Judged {
    fn of(scene: &Scene<'_, '_>) -> Self {
        Judged {
            weighed: signals::weigh(scene),
            questions: questions::questions(scene),
            gaps: gaps::gaps(scene),
            title: title::title(scene),
        }
    }

    fn put(self, alert: &mut Alert) {
        self.weighed.put(alert);
        alert.questions = self.questions;
        alert.gaps = self.gaps;
        alert.title = self.title;
    }
}

/// The door of the process that an alert of session 0 is about.
fn draft_door(around: &Surroundings<'_>, draft: &Draft) -> Option<Door> {
    if draft.alert.tool != "session-zero" {
        return None;
    }
    draft.alert.sightings.iter().find_map(|sighting| {
        let event = sighting.event.index;
        if around.timeline.host(event) != draft.host {
            return None;
        }
        match around.fact(event)? {
            Fact::ProcessStart(fact) => Some(door(around.timeline, around.processes, event, &fact)),
            _ => None,
        }
    })
}

/// The door that a process came through: its parent's, or that of the nearest ancestor that is one.
fn door(
    timeline: &Timeline,
    processes: &Processes,
    event: EventIndex,
    fact: &ProcessStart,
) -> Door {
    let direct = Door::of(
        timeline.text(fact.parent_image),
        timeline.text(fact.parent_command_line),
    );
    if direct != Door::Other {
        return direct;
    }
    let ancestors = processes
        .of_event(event)
        .map(|process| processes.ancestors(process))
        .unwrap_or_default();
    let doors = ancestors.iter().map(|ancestor| {
        let Some(process) = processes.get(*ancestor) else {
            return Door::Other;
        };
        match Door::of(
            timeline.text(process.image),
            timeline.text(process.command_line),
        ) {
            Door::Other if processes.is_service_program(*ancestor) => Door::Service,
            door => door,
        }
    });
    doors
        .into_iter()
        .find(|door| *door != Door::Other)
        .unwrap_or(Door::Other)
}

/// Cites an event so that it can be found again by hand.
pub fn cite(timeline: &Timeline, event: EventIndex) -> Option<EventRef> {
    let view = timeline.event(event)?;
    Some(EventRef {
        source: view.source.path.display().to_string(),
        host: view.host.to_owned(),
        channel: view.kind.channel.clone(),
        event_id: view.kind.event_id,
        record_id: view.record_id,
        line: view.line(),
        digest: view.key.digest(),
        time: view.time,
        index: event,
    })
}
