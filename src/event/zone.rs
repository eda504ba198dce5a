//! Time zones by the names of the tz database, such as `Europe/Oslo`.
//!
//! Their rules come with the program, so that a time reads alike on every machine.

use std::str::FromStr;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::Time;

/// The rules of all zones. They lie in the program as a few long strings of bytes: as tables with
/// pointers, as `chrono-tz` has them, they took the system a millisecond at each start to lay out.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A zone of the tz database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedZone(TimeZone);

/// No zone has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{0}`; write a name such as Europe/Oslo or UTC")]
pub struct NoSuchZone(String);

impl FromStr for NamedZone {
    type Err = NoSuchZone;

    /// By its name, whatever its case.
    fn from_str(name: &str) -> Result<Self, NoSuchZone> {
        let zone = ZONES.get(name).map(NamedZone);
        zone.map_err(|_| NoSuchZone(name.to_owned()))
    }
}

impl NamedZone {
    /// Its name, as the database writes it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or_default()
    }

    /// What its clocks show at a time; `None` beyond the year 9999.
    pub fn local(&self, time: Time) -> Option<DateTime<FixedOffset>> {
        let utc = time.utc()?;
        let instant = Timestamp::from_second(utc.timestamp()).ok()?;
        Some(utc.with_timezone(&fixed(self.0.to_offset(instant))?))
    }

    /// When its clocks show this, for the first time; `None` when they leave it out.
    pub fn earliest(&self, shown: NaiveDateTime) -> Option<Time> {
        let as_if_utc = Timestamp::from_second(shown.and_utc().timestamp()).ok()?;
        let civil = Offset::UTC.to_datetime(as_if_utc);
        let offset = match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { before, .. } => before,
            AmbiguousOffset::Gap { .. } => return None,
        };
        let time = shown.and_local_timezone(fixed(offset)?).single()?;
        Some(Time::from_utc(time.to_utc()))
    }
}

fn fixed(offset: Offset) -> Option<FixedOffset> {
    FixedOffset::east_opt(offset.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> NamedZone {
        name.parse().unwrap()
    }

    fn shown(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    }

    #[test]
    fn a_zone_is_known_by_its_name_only() {
        assert_eq!(zone("europe/OSLO").name(), "Europe/Oslo");
        assert_eq!(zone("UTC").name(), "UTC");
        for none in ["", "Mars/Olympus", "CET-1CEST", "../Europe/Oslo"] {
            assert!(none.parse::<NamedZone>().is_err(), "{none}");
        }
    }

    #[test]
    fn clocks_follow_summer_time() {
        let at = |zone_name, time: &str| {
            let local = zone(zone_name).local(Time::parse(time).unwrap()).unwrap();
            local.format("%Y-%m-%d %H:%M:%S%.9f %z").to_string()
        };
        assert_eq!(
            at("Europe/Oslo", "2026-03-29T00:59:59.1234567Z"),
            "2026-03-29 01:59:59.123456700 +0100"
        );
        assert_eq!(
            at("Europe/Oslo", "2026-03-29T01:00:00Z"),
            "2026-03-29 03:00:00.000000000 +0200"
        );
        assert_eq!(
            at("America/St_Johns", "2060-01-01T00:00:00Z"),
            "2059-12-31 20:30:00.000000000 -0330"
        );
        assert_eq!(zone("Europe/Oslo").local(Time::MAX), None);
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_and_one_left_out_never_was() {
        let earliest = |text: &str| zone("Europe/Copenhagen").earliest(shown(text));
        assert_eq!(
            earliest("2026-10-25 02:30:00"),
            Time::parse("2026-10-25T00:30:00Z")
        );
        assert_eq!(
            earliest("2026-10-25 03:30:00"),
            Time::parse("2026-10-25T02:30:00Z")
        );
        assert_eq!(earliest("2026-03-29 02:30:00"), None);
    }
}
