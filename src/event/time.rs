//! Event time: Windows FILETIME ticks, always UTC.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// Ticks of 100 ns between 1601-01-01 (FILETIME epoch) and 1970-01-01 (Unix epoch).
const UNIX_EPOCH_TICKS: u64 = 116_444_736_000_000_000;
/// Ticks in one second.
pub const TICKS_PER_SECOND: u64 = 10_000_000;

/// A point in time as Windows event logs store it: 100 ns ticks since 1601-01-01 UTC
/// (`System/TimeCreated@SystemTime`, Windows FILETIME).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The earliest time, 1601-01-01. Also what an absent timestamp is stored as.
    pub const MIN: Time = Time(0);
    /// The latest representable time.
    pub const MAX: Time = Time(u64::MAX);

    /// From raw FILETIME ticks.
    pub const fn from_filetime(ticks: u64) -> Self {
        Time(ticks)
    }

    /// Raw FILETIME ticks.
    pub const fn filetime(self) -> u64 {
        self.0
    }

    /// From a `chrono` time; times before 1601 become [`Time::MIN`]. Precision below 100 ns is cut.
    pub fn from_utc(utc: DateTime<Utc>) -> Self {
        let seconds = i128::from(utc.timestamp());
        let ticks = seconds * i128::from(TICKS_PER_SECOND)
            + i128::from(utc.timestamp_subsec_nanos() / 100)
            + i128::from(UNIX_EPOCH_TICKS);
        Time(u64::try_from(ticks.max(0)).unwrap_or(u64::MAX))
    }

    /// As a `chrono` time, or `None` beyond the years that chrono can hold.
    pub fn utc(self) -> Option<DateTime<Utc>> {
        let ticks = i128::from(self.0) - i128::from(UNIX_EPOCH_TICKS);
        let seconds = i64::try_from(ticks.div_euclid(i128::from(TICKS_PER_SECOND))).ok()?;
        let nanos = u32::try_from(ticks.rem_euclid(i128::from(TICKS_PER_SECOND)) * 100).ok()?;
        DateTime::from_timestamp(seconds, nanos)
    }

    /// Now, by this machine's clock.
    pub fn now() -> Self {
        Self::from_utc(Utc::now())
    }

    /// Reads RFC 3339 (any offset), or `YYYY-MM-DD[ HH:MM[:SS[.fff]]]` taken as UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::from_utc(time.to_utc()));
        }
        let text = text.trim_end_matches('Z').replace('T', " ");
        for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
            if let Ok(time) = chrono::NaiveDateTime::parse_from_str(&text, form) {
                return Some(Self::from_utc(time.and_utc()));
            }
        }
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
        Some(Self::from_utc(day.and_hms_opt(0, 0, 0)?.and_utc()))
    }

    /// RFC 3339 UTC with 7 digits: `2026-03-10T18:04:05.1234567Z`, the form of every export.
    pub fn rfc3339(self) -> String {
        match self.utc() {
            Some(utc) => {
                let nanos = utc.to_rfc3339_opts(SecondsFormat::Nanos, true);
                // Always ends in two zeroes: a tick is 100 ns.
                let ticks = nanos.strip_suffix("00Z").unwrap_or(&nanos);
                format!("{ticks}Z")
            }
            None => format!("filetime:{}", self.0),
        }
    }

    /// This time moved later by `by`, at most [`Time::MAX`].
    pub fn plus(self, by: Duration) -> Self {
        Time(self.0.saturating_add(ticks(by)))
    }

    /// This time moved earlier by `by`, at least [`Time::MIN`].
    pub fn minus(self, by: Duration) -> Self {
        Time(self.0.saturating_sub(ticks(by)))
    }

    /// The distance between two times, whichever is later.
    pub fn distance(self, other: Self) -> Duration {
        let ticks = self.0.abs_diff(other.0);
        Duration::new(
            ticks / TICKS_PER_SECOND,
            u32::try_from((ticks % TICKS_PER_SECOND) * 100).unwrap_or(0),
        )
    }
}

fn ticks(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos() / 100).unwrap_or(u64::MAX)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> serde::Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Time::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("no time: {text}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_digits_survive_the_round_trip() {
        let text = "2026-03-10T18:04:05.1234567Z";
        assert_eq!(Time::parse(text).unwrap().rfc3339(), text);
        assert_eq!(Time::MIN.rfc3339(), "1601-01-01T00:00:00.0000000Z");
    }

    #[test]
    fn short_forms_are_utc() {
        let day = Time::parse("2026-03-10").unwrap();
        assert_eq!(day.rfc3339(), "2026-03-10T00:00:00.0000000Z");
        assert_eq!(
            Time::parse("2026-03-10 01:00").unwrap(),
            day.plus(Duration::from_secs(3600))
        );
        assert_eq!(Time::parse("yesterday"), None);
    }

    proptest::proptest! {
        #[test]
        fn every_filetime_of_this_era_round_trips(ticks in 0u64..4_000_000_000_000_000_000) {
            let time = Time::from_filetime(ticks);
            proptest::prop_assert_eq!(Time::from_utc(time.utc().unwrap()), time);
            proptest::prop_assert_eq!(Time::parse(&time.rfc3339()), Some(time));
        }
    }
}
