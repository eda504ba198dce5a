//! Signals that the loaded logs' own history gives: first times, jobs, roll-outs.

use std::time::Duration;

use super::super::history::Earlier;
use super::super::wording::span;
use super::Row;
use super::scene::{Found, Scene};

/// Less history than this says nothing about first times: what is done once a day must have had its
/// chance.
const ENOUGH: Duration = Duration::from_secs(24 * 3600);
/// Hosts and days that make a habit.
const HABIT: usize = 3;

/// How far the logs of the host reach back before the use, when far enough to say "first".
fn reach(scene: &Scene<'_, '_>) -> Option<Duration> {
    let begins = scene.around.coverage.host(scene.draft.host)?.begins()?;
    let first = scene.alert().first_time;
    (begins <= first && first.distance(begins) >= ENOUGH).then(|| first.distance(begins))
}

/// The first use of the tool that the account is known for, and what else is new with it. An account
/// that nothing names cannot be new: then the host speaks.
pub(super) fn first_use(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let is_first = |earlier: Option<Earlier>| earlier.is_some_and(|earlier| earlier.uses == 0);
    let past = scene.past;
    let by_account = past.by_account.is_some();
    if !is_first(past.by_account.or(past.on_host)) {
        return None;
    }
    let source = scene.source().filter(|_| is_first(past.from_source));
    let of = [
        by_account.then(|| format!("by {}", scene.account().unwrap_or("?"))),
        source.map(|source| format!("from {source}")),
        is_first(past.on_host).then(|| format!("on {}", scene.alert().host)),
    ];
    let of: Vec<String> = of.into_iter().flatten().collect();
    let reach = reach(scene)?;
    let first = scene.alert().sightings.first();
    let found = Found::by(first.map(|sighting| sighting.event.index))?;
    Some(found.with("reach", span(reach)).with("of", of.join(", ")))
}

pub(super) fn used_on_many_hosts(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let earlier = scene.past.by_account?;
    if earlier.hosts < HABIT || earlier.days < HABIT {
        return None;
    }
    let found = Found::by(None)?
        .with("uses", earlier.uses.to_string())
        .with("hosts", earlier.hosts.to_string())
        .with("days", earlier.days.to_string());
    Some(found)
}

pub(super) fn same_minute_job(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let job = scene.past.job.as_ref()?;
    let found = Found::by(job.events.iter().copied())?;
    Some(found.with("hours", job.count.to_string()))
}

pub(super) fn fan_out(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let fan_out = scene.past.fan_out.as_ref()?;
    if scene.is_known_admin() {
        return None;
    }
    let found = Found::by(fan_out.events.iter().copied())?;
    Some(found.with("hosts", fan_out.count.to_string()))
}
