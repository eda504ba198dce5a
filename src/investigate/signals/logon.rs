//! Signals of the logon and of the host it came from.

use std::time::Duration;

use super::super::alert::{How, Role};
use super::super::both_ends::user_option;
use super::super::coverage::SECURITY;
use super::super::surroundings::{NETWORK, PackageOf, is_ntlm, is_own_address, plain_address};
use super::Row;
use super::scene::{Found, Scene};
use crate::event::fact::{Fact, Logon};
use crate::event::identity::split_account;
use crate::event::{same_account, same_host};
use crate::timeline::EventIndex;

/// Fewer Kerberos logons than this make no habit.
const HABIT: u32 = 3;
/// Failed logons so long before count.
const JUST_BEFORE: Duration = Duration::from_secs(600);
/// From how many on: one wrong password happens to everybody.
const SEVERAL: usize = 2;
/// A logon lies at most so long before the use.
const LOGON_BEFORE: Duration = Duration::from_secs(60);

/// The NTLM network logon of the use.
fn ntlm(scene: &Scene<'_, '_>) -> Option<(EventIndex, Logon)> {
    let text = |symbol| scene.around.timeline.text(symbol);
    scene
        .logon()
        .filter(|(_, logon)| logon.logon_type == NETWORK && is_ntlm(text(logon.package)))
        .filter(|(_, logon)| !is_own_address(text(logon.source_ip)))
}

pub(super) fn unusual_ntlm(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (event, logon) = ntlm(scene)?;
    let text = |symbol| scene.around.timeline.text(symbol);
    let (account, address) = (text(logon.account), text(logon.source_ip));
    let by_account = scene.around.packages(PackageOf::Account, account);
    let by_source = scene.around.packages(PackageOf::Source, address);
    let (whose, usual) = [(account, by_account), (address, by_source)]
        .into_iter()
        .find(|(_, counts)| counts.kerberos >= HABIT && counts.kerberos > counts.ntlm)?;
    let found = Found::by([event])?
        .with("whose", format!("{whose} usually"))
        .with("kerberos", usual.kerberos.to_string())
        .with("ntlm", usual.ntlm.to_string());
    Some(found)
}

pub(super) fn no_session_key(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (event, logon) = ntlm(scene)?;
    (logon.key_length == Some(0)).then(|| Found::by([event]))?
}

pub(super) fn odd_workstation(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (event, logon) = ntlm(scene)?;
    let name = scene.around.timeline.text(logon.workstation);
    let is_random = name.chars().count() == 16
        && name.chars().all(|c| c.is_ascii_alphanumeric())
        && super::names::looks_random(name);
    let odd = name.eq_ignore_ascii_case("WORKSTATION") || is_random;
    odd.then(|| Some(Found::by([event])?.with("workstation", name)))?
}

pub(super) fn failed_before(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let timeline = around.timeline;
    let (from, to) = scene.time_around(JUST_BEFORE, Duration::ZERO);
    let to = to.min(scene.alert().first_time);
    let (name, address) = (scene.source_name(), scene.source_address());
    let failed: Vec<_> = around
        .failed_logons
        .between(timeline, scene.draft.host, from, to)
        .iter()
        .copied()
        .filter(|event| match around.fact(*event) {
            Some(Fact::Logon(logon)) => {
                let ip = plain_address(timeline.text(logon.source_ip));
                let workstation = timeline.text(logon.workstation);
                address.is_some_and(|address| address == ip)
                    || name.is_some_and(|name| same_host(name, workstation))
            }
            _ => false,
        })
        .collect();
    if failed.len() < SEVERAL {
        return None;
    }
    let count = failed.len().to_string();
    Some(Found::by(failed)?.with("count", count))
}

pub(super) fn other_credentials(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let around = scene.around;
    let timeline = around.timeline;
    let user = scene.user()?;
    for event in &scene.ends.explicit {
        if let Some(Fact::ExplicitLogon(f)) = around.fact(*event) {
            let subject = timeline.text(f.subject);
            if !subject.is_empty() && split_account(subject).1.to_lowercase() != user {
                let client = scene.client().and_then(|client| client.start);
                let found = Found::by([*event].into_iter().chain(client))?;
                return Some(found.with("subject", subject));
            }
        }
    }
    let client = scene.client()?;
    let subject = timeline.text(client.account);
    let given = user_option(timeline.text(client.command_line));
    let used = given.as_deref().or(scene.account())?;
    if subject.is_empty() || same_account(subject, used) {
        return None;
    }
    let found = Found::by(client.start)?
        .with("subject", subject)
        .with("account", used);
    Some(found)
}

pub(super) fn loopback_source(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let alert = scene.alert();
    let logon = alert.logon.as_ref()?;
    let address = logon.source_ip.as_deref()?;
    let is_network = logon.logon_type.is_none_or(|kind| kind == NETWORK);
    let unsure = logon.how == How::NearestInTime;
    let link_local = address.starts_with("169.254.") || address.to_lowercase().starts_with("fe80:");
    let local_client = scene.with_role(Role::Client).next().is_some();
    if !is_network || unsure || local_client || !(is_own_address(address) || link_local) {
        return None;
    }
    let found = Found::by(logon.event.as_ref().map(|event| event.index))?;
    Some(found.with("address", address))
}

pub(super) fn no_logon_found(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let alert = scene.alert();
    let unseen = alert
        .logon
        .as_ref()
        .is_none_or(|logon| logon.event.is_none());
    let host = scene.around.coverage.host(scene.draft.host)?;
    let (first, last) = host.span(SECURITY)?;
    let (from, to) = (alert.first_time.minus(LOGON_BEFORE), alert.first_time);
    let whole = host.holes(SECURITY, from, to).is_empty() && !host.is_excerpt(SECURITY);
    let covered = host.seen.logons && first <= from && last >= to && whole;
    if !unseen || !covered || !scene.came_over_network() {
        return None;
    }
    Found::by(alert.sightings.first().map(|sighting| sighting.event.index))
}

/// Users at the screen of the source host: whether the account is among them, and who else.
fn at_source(scene: &Scene<'_, '_>) -> Option<(bool, Vec<(String, crate::timeline::EventIndex)>)> {
    let source = scene.source_host()?;
    let user = scene.user()?;
    let users: Vec<_> = scene
        .around
        .at_screen(source)
        .map(|(user, event)| (user.to_owned(), event))
        .collect();
    let own = users.iter().any(|(other, _)| *other == user);
    (!users.is_empty()).then_some((own, users))
}

pub(super) fn own_workstation(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (own, users) = at_source(scene)?;
    let user = scene.user()?;
    own.then(|| {
        let mine = users.into_iter().filter(|(other, _)| *other == user);
        Found::by(mine.map(|(_, event)| event))
    })?
}

pub(super) fn ordinary_workstation(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (own, users) = at_source(scene)?;
    if own || scene.is_known_source() {
        return None;
    }
    let names: Vec<&str> = users.iter().map(|(user, _)| user.as_str()).collect();
    let names = names.join(", ");
    let events: Vec<_> = users.iter().map(|(_, event)| *event).collect();
    Some(Found::by(events)?.with("users", names))
}
