//! Signals that the site profile gives: accounts, sources, change windows, hours, Linux.

use chrono::{Datelike, Timelike};

use super::Row;
use super::scene::{Found, Scene};
use crate::environment::{Answer, ManagementServer};
use crate::timeline::EventIndex;

/// Working hours of a weekday, local time.
const WORKING_HOURS: std::ops::Range<u32> = 7..19;

fn is_admin_account(scene: &Scene<'_, '_>, wanted: bool) -> Option<Found> {
    let listed = scene
        .around
        .environment
        .is_admin_account(scene.account()?)?;
    (listed == wanted).then(|| Found::by(account_event(scene)))?
}

/// The event that names the account: the logon, else the first sighting.
fn account_event(scene: &Scene<'_, '_>) -> Option<EventIndex> {
    let alert = scene.alert();
    let logon = alert.logon.as_ref().and_then(|logon| logon.event.as_ref());
    logon
        .or_else(|| alert.sightings.first().map(|sighting| &sighting.event))
        .map(|event| event.index)
}

pub(super) fn admin_account(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    is_admin_account(scene, true)
}

pub(super) fn not_an_admin_account(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    is_admin_account(scene, false)
}

pub(super) fn admin_source(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    is_admin_source(scene, true)
}

pub(super) fn unlisted_source(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    scene.source()?;
    if server(scene).is_some() {
        return None;
    }
    is_admin_source(scene, false)
}

fn is_admin_source(scene: &Scene<'_, '_>, wanted: bool) -> Option<Found> {
    let (name, address) = (scene.source_name(), scene.source_address());
    let listed = scene.around.environment.is_admin_source(name, address)?;
    (listed == wanted).then(|| Found::by(account_event(scene)))?
}

fn server<'a>(scene: &'a Scene<'_, '_>) -> Option<&'a ManagementServer> {
    scene
        .around
        .environment
        .management_server(scene.source_name(), scene.source_address())
}

pub(super) fn management_server(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let server = server(scene)?;
    let found = Found::by(account_event(scene))?
        .with("server", scene.source().unwrap_or_default())
        .with("product", server.product.clone());
    Some(found)
}

pub(super) fn inside_change_window(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let alert = scene.alert();
    let site = scene.around.environment;
    let window = site
        .change_windows_at(alert.first_time, &alert.host, scene.account())
        .next()?;
    let name = match &window.ticket {
        Some(ticket) => format!("{} ({ticket})", window.name),
        None => window.name.clone(),
    };
    Some(Found::by(None)?.with("window", name))
}

pub(super) fn outside_change_window(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let alert = scene.alert();
    let site = scene.around.environment;
    let covered = site
        .change_windows_at(alert.first_time, &alert.host, scene.account())
        .next()
        .is_some();
    if site.change_windows.is_empty() || covered {
        return None;
    }
    Found::by(None)
}

pub(super) fn outside_working_hours(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let zone = scene.around.environment.time_zone.as_ref()?;
    let local = zone.local(scene.alert().first_time)?;
    let weekend = local.weekday().number_from_monday() > 5;
    if !weekend && WORKING_HOURS.contains(&local.hour()) {
        return None;
    }
    let local = format!("{} {}", local.format("%A %H:%M"), zone.name());
    Some(Found::by(None)?.with("local", local))
}

pub(super) fn linux_not_used(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    linux(scene, Answer::No)
}

pub(super) fn linux_in_use(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    linux(scene, Answer::Yes)
}

fn linux(scene: &Scene<'_, '_>, wanted: Answer) -> Option<Found> {
    let ran = scene.alert().sightings.first();
    let fits = scene.tool.from_linux && scene.around.environment.linux == wanted;
    fits.then(|| Found::by(ran.map(|sighting| sighting.event.index)))?
}
