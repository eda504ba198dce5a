//! The episode: one line of meaning for each leg of the use.

use crate::event::Time;
use crate::investigate::episode::{Leg, legs};
use crate::investigate::{Alert, Known, Side};
use crate::tui::model::item::Cell;
use crate::tui::model::{Data, Item, Section, Subject, Target, short_host};
use crate::tui::theme::Role;

/// The legs in time order.
pub(super) fn items(alert: &Alert, data: &Data) -> Vec<Item> {
    let legs = legs(alert, data.timeline());
    let begin = legs.iter().filter_map(|leg| leg.time).min();
    legs.iter()
        .map(|leg| item(alert, leg, begin, data))
        .collect()
}

fn item(alert: &Alert, leg: &Leg, begin: Option<Time>, data: &Data) -> Item {
    let clock = leg.time.map(|time| data.zone.millis(time));
    let (role, otherwise) = match leg.known {
        Known::Seen => (Role::Fact, ""),
        Known::Inferred => (Role::Inferred, "inferred"),
        Known::Missing => (Role::Missing, "not seen"),
    };
    let target = match leg.events.as_slice() {
        [] => None,
        [event] => Some(Target::Event(event.index)),
        _ => Some(Target::Subject(Subject::Leg {
            alert: alert.id.clone(),
            step: leg.step,
        })),
    };
    let host = match leg.step.side() {
        Side::Target => alert.host.as_str(),
        Side::Source => source_host(alert).unwrap_or("source"),
    };
    let records = match leg.events.len() {
        0 | 1 => String::new(),
        more => format!("{more} records"),
    };
    let mut item = Item::new(Section::Episode, leg.step.word(), &leg.what)
        .role(role)
        .tail(records)
        .to(target);
    item.how = leg.how;
    item.cell = Some(Cell {
        side: leg.step.side(),
        known: leg.known,
        host: short_host(host).to_owned(),
        clock: clock.unwrap_or_else(|| otherwise.to_owned()),
        offset: match (leg.time, begin) {
            (Some(time), Some(begin)) => offset(begin, time),
            _ => String::new(),
        },
    });
    item
}

/// The host that the use came from, as it is called.
fn source_host(alert: &Alert) -> Option<&str> {
    let client = alert.client.as_ref();
    let logon = alert.logon.as_ref();
    client
        .and_then(|client| client.host.as_deref())
        .or_else(|| logon.and_then(|logon| logon.workstation.as_deref()))
        .or_else(|| logon.and_then(|logon| logon.source_ip.as_deref()))
}

/// How long after the beginning, in six characters or fewer: `0.00s`, `+0.14s`, `+7m11s`, `+3h02m`.
fn offset(begin: Time, time: Time) -> String {
    let since = time.distance(begin);
    let seconds = since.as_secs();
    match seconds {
        0 if since.is_zero() => "0.00s".to_owned(),
        0..=9 => format!("+{:.2}s", since.as_secs_f64()),
        10..=99 => format!("+{:.1}s", since.as_secs_f64()),
        100..=5999 => format!("+{}m{:02}", seconds / 60, seconds % 60),
        6000..=359_999 => format!("+{}h{:02}", seconds / 3600, seconds / 60 % 60),
        _ => format!("+{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_short() {
        let begin = Time::parse("2026-03-10T18:00:00Z").unwrap();
        let of = |millis| offset(begin, begin.plus(std::time::Duration::from_millis(millis)));
        assert_eq!(of(0), "0.00s");
        assert_eq!(of(138), "+0.14s");
        assert_eq!(of(27_340), "+27.3s");
        assert_eq!(of(431_000), "+7m11");
        assert_eq!(of(7_380_000), "+2h03");
        assert_eq!(of(900_000_000), "+10d");
    }
}
