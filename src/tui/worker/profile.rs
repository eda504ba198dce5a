//! What the head of a pivot says about its subject, from the typed tables.

use std::collections::BTreeMap;

use crate::event::fact::Logon;
use crate::event::{LogonId, Time, same_account, same_host};
use crate::investigate::episode::legs;
use crate::investigate::{Alert, Leg, Snapshot, Step};
use crate::timeline::{EventIndex, Timeline};
use crate::tui::model::{Item, Section, Subject, Zone, short_host};
use crate::tui::theme::Role;

/// What is known about a subject, in a few lines.
pub(super) fn of(subject: &Subject, snapshot: &Snapshot) -> Vec<Item> {
    let timeline = &snapshot.timeline;
    let mut items = match subject {
        Subject::Account(name) => account(name, timeline),
        Subject::Session { host, id } => session(host, *id, timeline),
        Subject::Host(name) => host(name, timeline),
        Subject::Address(address) => address_logons(address, timeline),
        Subject::Service { host, name } => service(host, name, timeline),
        Subject::Leg { alert, step } => leg(alert, *step, snapshot),
        Subject::All | Subject::Time { .. } | Subject::Value(_) => Vec::new(),
    };
    items.extend(alerts(subject, snapshot));
    items
}

/// A leg of an alert's episode.
pub(super) fn find_leg(alert: &str, step: Step, snapshot: &Snapshot) -> Option<Leg> {
    let alert = snapshot.alerts.iter().find(|known| known.id == *alert)?;
    legs(alert, &snapshot.timeline)
        .into_iter()
        .find(|leg| leg.step == step)
}

fn leg(alert: &str, step: Step, snapshot: &Snapshot) -> Vec<Item> {
    let found = find_leg(alert, step, snapshot);
    let item = found.map(|leg| {
        let mut item = line(step.word(), &leg.what);
        item.how = leg.how;
        item
    });
    item.into_iter().collect()
}

fn line(label: &str, value: impl Into<String>) -> Item {
    Item::new(Section::Facts, label, value)
}

/// The alerts that the subject is part of.
fn alerts(subject: &Subject, snapshot: &Snapshot) -> Option<Item> {
    let about = |alert: &&Alert| match subject {
        Subject::Account(name) => alert.account.as_ref().is_some_and(|account| {
            same_account(&account.name, name) || account.sid.as_deref() == Some(name)
        }),
        Subject::Host(name) => same_host(&alert.host, name),
        Subject::Address(address) => alert
            .logon
            .as_ref()
            .is_some_and(|logon| logon.source_ip.as_deref() == Some(address)),
        Subject::Session { host, id } => {
            let id = id.to_string();
            same_host(&alert.host, host)
                && alert.logon.as_ref().is_some_and(|logon| {
                    logon.id.as_ref() == Some(&id) || logon.other_ids.contains(&id)
                })
        }
        Subject::Service { host, name } => {
            same_host(&alert.host, host)
                && alert
                    .service
                    .as_ref()
                    .is_some_and(|service| service.name == *name)
        }
        Subject::Leg { alert: id, .. } => alert.id == *id,
        Subject::All | Subject::Time { .. } | Subject::Value(_) => false,
    };
    let found: Vec<&Alert> = snapshot.alerts.iter().filter(about).collect();
    let first = found.first()?;
    let word = if found.len() == 1 {
        first.title.clone()
    } else {
        format!("{}; first: {}", found.len(), first.title)
    };
    Some(line("alerts", word).role(Role::High))
}

/// `value` with how often each occurs, the most frequent first.
fn counts<'t>(values: impl Iterator<Item = &'t str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), *value));
    let more = sorted.len().saturating_sub(8);
    let mut text: Vec<String> = sorted
        .into_iter()
        .take(8)
        .map(|(value, count)| {
            if count == 1 {
                value.to_owned()
            } else {
                format!("{value} ×{count}")
            }
        })
        .collect();
    if more > 0 {
        text.push(format!("and {more} more"));
    }
    text.join("  ")
}

fn of_account<'t>(timeline: &'t Timeline, name: &str, logon: &'t Logon) -> bool {
    same_account(timeline.text(logon.account), name)
        || timeline.text(logon.sid).eq_ignore_ascii_case(name)
}

fn account(name: &str, timeline: &Timeline) -> Vec<Item> {
    let logons: Vec<(EventIndex, Logon)> = timeline
        .tables()
        .logons
        .iter()
        .filter(|(_, logon)| of_account(timeline, name, logon))
        .collect();
    let failed = logons.iter().filter(|(_, logon)| !logon.success).count();
    let good = || logons.iter().filter(|(_, logon)| logon.success);
    let mut items = Vec::new();
    let sids = counts(
        logons
            .iter()
            .filter_map(|(_, logon)| timeline.strings().get(logon.sid)),
    );
    if !sids.is_empty() {
        items.push(line("SID", sids));
    }
    if logons.is_empty() {
        items.push(line("logons", "none in these logs").role(Role::Missing));
        return items;
    }
    items.push(line(
        "logons",
        format!("{} good, {failed} failed", good().count()),
    ));
    items.push(line(
        "on",
        counts(good().map(|(event, _)| short_host(timeline.host_name(timeline.host(*event))))),
    ));
    let from = counts(good().filter_map(|(_, logon)| timeline.strings().get(logon.source_ip)));
    if !from.is_empty() {
        items.push(line("from", from));
    }
    let types: Vec<String> = good()
        .map(|(_, logon)| logon_type(logon.logon_type))
        .collect();
    items.push(line("types", counts(types.iter().map(String::as_str))));
    items
}

fn logon_type(number: u32) -> String {
    crate::tui::model::logon_type(number)
}

fn session(host: &str, id: LogonId, timeline: &Timeline) -> Vec<Item> {
    if id.is_built_in() {
        return vec![
            line(
                "session",
                "built into Windows: every service of the host shares it",
            )
            .role(Role::Dim),
        ];
    }
    let Some(host) = timeline.find_host(host) else {
        return Vec::new();
    };
    let here = |event: EventIndex| timeline.host(event) == host;
    let mut items = Vec::new();
    let begun = timeline
        .tables()
        .logons
        .iter()
        .find(|(event, logon)| here(*event) && logon.success && logon.logon_id == id);
    match begun {
        Some((event, logon)) => {
            items.push(line("begun", time(timeline, event)).tail(logon_type(logon.logon_type)));
            items.push(line("by", timeline.text(logon.account)).tail(timeline.text(logon.sid)));
            let source = [logon.source_ip, logon.workstation]
                .into_iter()
                .filter_map(|symbol| timeline.strings().get(symbol));
            let source: Vec<&str> = source.collect();
            if !source.is_empty() {
                items.push(line("from", source.join("  ")).tail(timeline.text(logon.package)));
            }
        }
        None => items.push(line("begun", "its logon is not in these logs").role(Role::Missing)),
    }
    let ended = timeline
        .tables()
        .logoffs
        .iter()
        .find(|(event, logoff)| here(*event) && logoff.logon_id == id);
    items.push(match ended {
        Some((event, _)) => line("ended", time(timeline, event)),
        None => line("ended", "no logoff in these logs").role(Role::Missing),
    });
    let privileged = timeline
        .tables()
        .privileged_logons
        .iter()
        .any(|(event, fact)| here(event) && fact.logon_id == id);
    if privileged {
        items.push(line("rights", "administrator-like (4672)").role(Role::Strong));
    }
    items
}

fn time(timeline: &Timeline, event: EventIndex) -> String {
    Zone::Utc.full(timeline.time(event))
}

fn host(name: &str, timeline: &Timeline) -> Vec<Item> {
    let Some(host) = timeline.find_host(name) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    let (mut count, mut first, mut last) = (0u64, Time::MAX, Time::MIN);
    for event in timeline
        .indices()
        .filter(|event| timeline.host(*event) == host)
    {
        let at = timeline.time(event);
        (count, first, last) = (count + 1, first.min(at), last.max(at));
    }
    if count > 0 {
        items.push(line("events", count.to_string()).tail(format!(
            "{} to {}",
            Zone::Utc.seconds(first),
            Zone::Utc.full(last)
        )));
    }
    let good = timeline.tables().logons.iter().filter(|(event, logon)| {
        timeline.host(*event) == host && logon.success && logon.logon_type != 5
    });
    let accounts = counts(good.filter_map(|(_, logon)| timeline.strings().get(logon.account)));
    if !accounts.is_empty() {
        items.push(line("logons of", accounts));
    }
    let installed = timeline
        .tables()
        .service_installs
        .iter()
        .filter(|(event, _)| timeline.host(*event) == host);
    let services =
        counts(installed.filter_map(|(_, service)| timeline.strings().get(service.name)));
    if !services.is_empty() {
        items.push(line("services installed", services));
    }
    for (event, cleared) in timeline
        .tables()
        .logs_cleared
        .iter()
        .filter(|(event, _)| timeline.host(*event) == host)
    {
        let log = timeline
            .strings()
            .get(cleared.channel)
            .unwrap_or("Security");
        items.push(
            line("log CLEARED", format!("{log} at {}", time(timeline, event))).role(Role::Warning),
        );
    }
    items
}

fn address_logons(address: &str, timeline: &Timeline) -> Vec<Item> {
    let logons: Vec<(EventIndex, Logon)> = timeline
        .tables()
        .logons
        .iter()
        .filter(|(_, logon)| {
            timeline.text(logon.source_ip) == address
                || same_host(timeline.text(logon.workstation), address)
        })
        .collect();
    if logons.is_empty() {
        return vec![line("logons", "none in these logs").role(Role::Missing)];
    }
    let failed = logons.iter().filter(|(_, logon)| !logon.success).count();
    let mut items = vec![line(
        "logons",
        format!("{} good, {failed} failed", logons.len() - failed),
    )];
    let names = counts(
        logons
            .iter()
            .filter_map(|(_, logon)| timeline.strings().get(logon.workstation)),
    );
    if !names.is_empty() {
        items.push(line("calls itself", names));
    }
    items.push(line(
        "as",
        counts(
            logons
                .iter()
                .filter_map(|(_, logon)| timeline.strings().get(logon.account)),
        ),
    ));
    items.push(line(
        "to",
        counts(
            logons
                .iter()
                .map(|(event, _)| short_host(timeline.host_name(timeline.host(*event)))),
        ),
    ));
    items
}

fn service(host: &str, name: &str, timeline: &Timeline) -> Vec<Item> {
    let Some(host) = timeline.find_host(host) else {
        return Vec::new();
    };
    let installs = timeline
        .tables()
        .service_installs
        .iter()
        .filter(|(event, fact)| {
            timeline.host(*event) == host && timeline.text(fact.name).eq_ignore_ascii_case(name)
        });
    let mut items: Vec<Item> = installs
        .map(|(event, fact)| {
            line("installed", time(timeline, event)).tail(format!(
                "{}  runs as {}  {}",
                timeline.text(fact.image_path),
                timeline.strings().get(fact.run_as).unwrap_or("?"),
                timeline.text(fact.start_type),
            ))
        })
        .collect();
    if items.is_empty() {
        items.push(line("installed", "not in these logs").role(Role::Missing));
    }
    items
}
