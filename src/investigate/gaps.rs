//! What was not there to see: each missing leg of an alert, said out loud. Without it "nothing
//! else happened" could not be told from "nobody looked".

use std::time::Duration;

use super::alert::Role;
use super::coverage::{HostCoverage, SECURITY, SYSMON, SYSTEM, Seen};
use super::signals::Scene;
use super::wording::{counted, cut, moment, span};
use crate::event::Time;
use crate::event::fact::Fact;
use crate::timeline::HostId;

/// So much before and after an alert should be covered.
const AROUND: Duration = Duration::from_secs(3600);
/// Events of one moment are written in any order.
const SAME_MOMENT: Duration = Duration::from_secs(2);
/// Path length shown.
const PATH: usize = 120;

/// Every gap of an alert: of its own host first, then of the source's side.
pub(super) fn gaps(scene: &Scene<'_, '_>) -> Vec<String> {
    let mut gaps = Vec::new();
    let alert = &scene.draft.alert;
    if let Some(host) = scene.around.coverage.host(scene.draft.host) {
        host_gaps(
            scene,
            scene.draft.host,
            host,
            alert.first_time,
            alert.last_time,
            &mut gaps,
        );
    }
    source_gaps(scene, &mut gaps);
    gaps
}

/// What the logs of one host do not show about a span of time.
fn host_gaps(
    scene: &Scene<'_, '_>,
    id: HostId,
    host: &HostCoverage,
    first: Time,
    last: Time,
    gaps: &mut Vec<String>,
) {
    let name = scene.around.timeline.host_name(id);
    let (from, to) = (first.minus(AROUND), last.plus(AROUND));
    let mut missing: Vec<&str> = Vec::new();
    for (channel, short) in [
        (SECURITY, "Security"),
        (SYSTEM, "System"),
        (SYSMON, "Sysmon"),
    ] {
        match host.span(channel) {
            None => missing.push(short),
            Some((begin, end)) => {
                gaps.extend(late_begin(name, short, begin, first, from));
                gaps.extend(early_end(name, short, end, last));
                gaps.extend(holes(name, short, host, channel, from, to));
            }
        }
    }
    if let Some((last, rest)) = missing.split_last() {
        let logs = if rest.is_empty() {
            (*last).to_owned()
        } else {
            format!("{} and no {last}", rest.join(", no "))
        };
        gaps.insert(0, format!("no {logs} log of {name} is loaded"));
    }
    gaps.extend(coverage_line(name, host.seen));
    gaps.extend(clearings(scene, id, name, from, to));
    for (path, parts) in &host.damaged {
        gaps.push(format!(
            "{} of {}, which holds events of {name}, could not be read",
            counted(*parts as u64, "part"),
            cut(path, PATH)
        ));
    }
}

fn late_begin(name: &str, log: &str, begin: Time, first: Time, from: Time) -> Option<String> {
    if begin.distance(first) <= SAME_MOMENT {
        return Some(format!(
            "the {log} log of {name} begins with the first trace, at {}",
            moment(begin)
        ));
    }
    if begin > first {
        let late = span(begin.distance(first));
        return Some(format!(
            "the {log} log of {name} begins {late} after the first trace, at {}",
            moment(begin)
        ));
    }
    (begin > from).then(|| {
        let early = span(begin.distance(first));
        format!(
            "the {log} log of {name} begins only {early} before the first trace, at {}",
            moment(begin)
        )
    })
}

fn early_end(name: &str, log: &str, end: Time, last: Time) -> Option<String> {
    // The last trace itself lies in one of the logs; another may just have had nothing to say.
    const QUIET: Duration = Duration::from_secs(600);
    (end.plus(QUIET) < last).then(|| {
        format!(
            "the {log} log of {name} ends {} before the last trace, at {}",
            span(end.distance(last)),
            moment(end)
        )
    })
}

fn holes(
    name: &str,
    log: &str,
    host: &HostCoverage,
    channel: &str,
    from: Time,
    to: Time,
) -> Option<String> {
    if host.is_excerpt(channel) {
        return Some(format!(
            "only an excerpt of the {log} log of {name} is loaded: its record ids are full of holes"
        ));
    }
    let holes = host.holes(channel, from, to);
    let (first, last) = (holes.first()?, holes.last()?);
    let records: u64 = holes.iter().map(super::coverage::Hole::len).sum();
    let ids = if first.first_id == last.last_id {
        format!("record id {}", first.first_id)
    } else {
        format!("record ids between {} and {}", first.first_id, last.last_id)
    };
    let places = match holes.len() {
        1 => String::new(),
        several => format!(" in {several} places"),
    };
    let missing = if records == 1 { "is" } else { "are" };
    Some(format!(
        "{} of the {log} log of {name} {missing} missing{places} between {} and {} ({ids})",
        counted(records, "record"),
        moment(first.after),
        moment(last.before)
    ))
}

/// Which conclusions the kinds of record seen do not allow, in one line (catalogue B4).
fn coverage_line(name: &str, seen: Seen) -> Option<String> {
    let mut blind: Vec<&str> = Vec::new();
    if !seen.logons {
        blind.push("who logged on from where (no 4624)");
    }
    if !seen.processes() {
        blind.push("what was run (neither 4688 nor Sysmon 1)");
    } else if !seen.command_lines() {
        blind.push("with which arguments it was run (4688 without command lines)");
    } else if !seen.sysmon_processes {
        blind.push("in which terminal session it ran (4688 has none, no Sysmon 1)");
    }
    if !seen.share_files && !seen.pipes {
        blind.push("pipes and files over the network, so that a run without installation leaves hardly a trace (neither 5145 nor Sysmon 17 or 18)");
    } else if !seen.share_files {
        blind.push("files and pipes opened over the network (no 5145)");
    }
    if !seen.services {
        blind.push("services installed (neither 7045 nor 4697)");
    } else if !seen.audited_services {
        blind.push("which logon installed a service (no 4697)");
    }
    (!blind.is_empty())
        .then(|| format!("the loaded logs of {name} never show {}", blind.join("; ")))
}

fn clearings(
    scene: &Scene<'_, '_>,
    id: HostId,
    name: &str,
    from: Time,
    to: Time,
) -> Option<String> {
    let around = scene.around;
    let timeline = around.timeline;
    let events = around.clearings.between(timeline, id, from, to);
    let event = *events.first()?;
    let Some(Fact::LogCleared(f)) = around.fact(event) else {
        return None;
    };
    let channel = timeline.strings().get(f.channel).unwrap_or(SECURITY);
    Some(format!(
        "the {channel} log of {name} was cleared at {}: what it held before is gone",
        moment(timeline.time(event))
    ))
}

/// What is missing of the source's side.
fn source_gaps(scene: &Scene<'_, '_>, gaps: &mut Vec<String>) {
    let alert = &scene.draft.alert;
    let timeline = scene.around.timeline;
    for target in &scene.ends.unseen_targets {
        gaps.push(match scene.around.host_named(target) {
            None => format!("no logs of {target} are loaded: what ran there was not seen"),
            Some(_) => format!(
                "the logs of {target} show no use that this client could be joined with for certain"
            ),
        });
    }
    if let Some(clock) = scene.ends.clock {
        let way = if clock.target_ahead {
            "ahead of"
        } else {
            "behind"
        };
        let shown = if clock.by_connection {
            "by one connection that both logged"
        } else {
            "by the start of the client, so about"
        };
        let source = scene
            .source_host()
            .map_or("the source", |source| timeline.host_name(source));
        gaps.push(format!(
            "the clock of {} runs {} {way} that of {source} ({shown})",
            alert.host,
            span(clock.by)
        ));
    }
    let client_seen = alert
        .processes
        .iter()
        .any(|process| process.role == Role::Client);
    if client_seen {
        if let Some(id) = scene.source_host()
            && let Some(host) = scene.around.coverage.host(id)
        {
            source_host_gaps(scene, id, host, gaps);
        }
        return;
    }
    match (scene.source_host(), scene.source()) {
        (Some(id), _) => {
            let name = timeline.host_name(id);
            let Some(host) = scene.around.coverage.host(id) else {
                return;
            };
            let seen = if host.seen.processes() {
                "hold no process that fits"
            } else {
                "show no process starts (neither 4688 nor Sysmon 1)"
            };
            gaps.push(format!(
                "the source side was not seen: the logs of {name} are loaded but {seen}"
            ));
        }
        (None, Some(source)) => {
            let linux = if scene.tool.from_linux {
                "; a Linux host keeps no Windows logs, its own would tell"
            } else {
                ""
            };
            gaps.push(format!(
                "no logs of {source} are loaded: the source side was not seen{linux}"
            ));
        }
        (None, None) if scene.came_over_network() => {
            gaps.push("where it came from is not known: no record names the source".to_owned());
        }
        (None, None) => {}
    }
}

/// The source host's own gaps, in short: what of its logs does not reach to the use.
fn source_host_gaps(
    scene: &Scene<'_, '_>,
    id: HostId,
    host: &HostCoverage,
    gaps: &mut Vec<String>,
) {
    let name = scene.around.timeline.host_name(id);
    let first = scene.draft.alert.first_time;
    if host.span(SECURITY).is_none() {
        gaps.push(format!(
            "no Security log of {name}, the source, is loaded: its logons were not seen"
        ));
    }
    gaps.extend(clearings(
        scene,
        id,
        name,
        first.minus(AROUND),
        first.plus(AROUND),
    ));
}
