//! Finds alerts, names and processes by a few of their letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rayon::prelude::*;

use super::{Answers, spawn};
use crate::event::identity::file_name;
use crate::investigate::{Process, ProcessId, Snapshot};
use crate::timeline::query::Test;
use crate::timeline::query::tally::Count;
use crate::tui::message::Message;
use crate::tui::model::layer::{Hit, HitKind, Leads, Matcher, best_first};
use crate::tui::model::{Names, Subject, Target, short_host};

/// Processes looked at before what was found so far is shown.
const PART: usize = 65_536;

/// What is looked for.
pub(super) struct Wanted {
    pub(super) job: u64,
    pub(super) typed: String,
    pub(super) names: Option<Arc<Names>>,
    pub(super) pause: Duration,
}

/// Finds; a job that is stopped answers no more.
pub(super) fn find(wanted: Wanted, snapshot: &Snapshot, stop: Arc<AtomicBool>, answers: &Answers) {
    let (snapshot, own) = (snapshot.clone(), answers.clone());
    spawn("finder", answers, move || {
        std::thread::sleep(wanted.pause);
        let answer = |hits: &[Hit], is_whole| {
            own.send(Message::Hits {
                job: wanted.job,
                hits: hits.to_vec(),
                is_whole,
            });
        };
        let is_stopped = || stop.load(Ordering::Relaxed);
        if is_stopped() {
            return;
        }
        let matcher = Matcher::of(&wanted.typed);
        let mut hits = alerts(&snapshot, &matcher);
        hits.extend(hosts(&snapshot, &matcher));
        if let Some(names) = &wanted.names {
            hits.extend(named(names, &matcher));
        }
        best_first(&mut hits);
        // there are too many processes to show without a word about which
        let all: Vec<ProcessId> = match wanted.typed.trim() {
            "" => Vec::new(),
            _ => snapshot.processes.ids(),
        };
        for part in all.chunks(PART) {
            if is_stopped() {
                return;
            }
            answer(&hits, false);
            let part = part.par_iter();
            let found = part.filter_map(|id| {
                let process = snapshot.processes.get(*id)?;
                self::process(&process, &snapshot, &matcher)
            });
            hits.extend(found.collect::<Vec<_>>());
            best_first(&mut hits);
        }
        answer(&hits, true);
    });
}

fn hit(kind: HitKind, text: String, note: String, target: Target, score: i64) -> Hit {
    Hit {
        kind,
        text,
        note,
        leads: Leads::To(target),
        score,
    }
}

fn alerts(snapshot: &Snapshot, matcher: &Matcher) -> Vec<Hit> {
    let alerts = snapshot.alerts.par_iter();
    let found = alerts.filter_map(|alert| {
        // of alerts that fit alike the severest comes first
        let score = matcher.score(&alert.title)? + alert.severity as i64;
        let target = Target::Alert(alert.id.clone());
        Some(hit(
            HitKind::Alert,
            alert.title.clone(),
            String::new(),
            target,
            score,
        ))
    });
    found.collect()
}

fn hosts(snapshot: &Snapshot, matcher: &Matcher) -> Vec<Hit> {
    let hosts = snapshot
        .timeline
        .hosts()
        .filter(|(_, host)| !host.is_empty());
    let found = hosts.filter_map(|(_, host)| {
        let score = matcher.score(host)?;
        let target = Target::Subject(Subject::Host(host.to_owned()));
        Some(hit(
            HitKind::Host,
            host.to_owned(),
            String::new(),
            target,
            score,
        ))
    });
    found.collect()
}

fn named(names: &Names, matcher: &Matcher) -> Vec<Hit> {
    let of = |counts: &[Count], kind, subject: fn(String) -> Subject| -> Vec<Hit> {
        let found = counts.par_iter().filter_map(|name| {
            let score = matcher.score(&name.value)?;
            let target = Target::Subject(subject(name.value.clone()));
            let note = format!("{} events", name.count);
            Some(hit(kind, name.value.clone(), note, target, score))
        });
        found.collect()
    };
    let mut hits = of(&names.accounts, HitKind::Account, Subject::Account);
    hits.extend(of(&names.addresses, HitKind::Address, Subject::Address));
    hits.extend(of(&names.services, HitKind::Service, |name| {
        Subject::Value(Test::Service(vec![name]))
    }));
    hits.extend(of(&names.programs, HitKind::Program, |name| {
        Subject::Value(Test::Image(vec![name]))
    }));
    hits
}

fn process(process: &Process, snapshot: &Snapshot, matcher: &Matcher) -> Option<Hit> {
    let start = process.start?;
    let timeline = &snapshot.timeline;
    let image = file_name(timeline.text(process.image));
    let host = short_host(timeline.host_name(process.host));
    let line: String = timeline
        .text(process.command_line)
        .chars()
        .take(160)
        .collect();
    let text = format!("{image} [{}] on {host}  {line}", process.pid);
    let score = matcher.score(&text)?;
    let time = crate::tui::model::Zone::Utc.seconds(process.first_seen);
    Some(hit(
        HitKind::Process,
        text,
        time,
        Target::Process(start),
        score,
    ))
}
