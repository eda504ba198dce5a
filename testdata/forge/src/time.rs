//! Moments (FILETIME, 100 ns since 1601) and spans as scenarios write them.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

const TICKS_PER_SECOND: i64 = 10_000_000;
const UNIX_EPOCH_TICKS: i64 = 116_444_736_000_000_000;

/// A moment in FILETIME ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

/// A span in ticks; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span(pub i64);

impl Span {
    /// Whole milliseconds.
    pub const fn millis(count: i64) -> Self {
        Self(count * TICKS_PER_SECOND / 1000)
    }

    /// Reads `1.250s`, `40ms`, `3m`, `2h`, `90s` or `-5s`; a leading `+` is allowed.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(format!(
                "`{text}` is no span of time; write for example +1.250s, 40ms, 3m or -2h"
            ))
        };
        let bare = text.strip_prefix('+').unwrap_or(text);
        let split = bare
            .find(|c: char| c.is_ascii_alphabetic() || c == 'µ')
            .ok_or_else(wrong)?;
        let (number, unit) = bare.split_at_checked(split).ok_or_else(wrong)?;
        let ticks_per_unit = match unit {
            "us" | "µs" => 10,
            "ms" => TICKS_PER_SECOND / 1000,
            "s" => TICKS_PER_SECOND,
            "m" => 60 * TICKS_PER_SECOND,
            "h" => 3600 * TICKS_PER_SECOND,
            "d" => 86_400 * TICKS_PER_SECOND,
            _ => return Err(wrong()),
        };
        let (negative, digits) = number
            .strip_prefix('-')
            .map_or((false, number), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let scale = 10_i64.pow(u32::try_from(fraction.len()).map_err(|_| wrong())?);
        let part: i64 = if fraction.is_empty() {
            0
        } else {
            fraction.parse().map_err(|_| wrong())?
        };
        let ticks = whole
            .checked_mul(ticks_per_unit)
            .and_then(|t| t.checked_add(part * ticks_per_unit / scale));
        ticks
            .map(|t| Self(if negative { -t } else { t }))
            .ok_or_else(wrong)
    }
}

impl Time {
    /// Reads an RFC 3339 moment such as `2026-03-10T18:02:11.250Z`.
    pub fn parse(text: &str) -> Result<Self> {
        let moment = DateTime::parse_from_rfc3339(text).map_err(|error| {
            Error::new(format!(
                "`{text}` is no moment ({error}); write for example 2026-03-10T18:02:11.250Z"
            ))
        })?;
        Ok(Self::from_utc(moment.with_timezone(&Utc)))
    }

    /// The same moment in ticks.
    pub fn from_utc(moment: DateTime<Utc>) -> Self {
        let ticks = i64::from(moment.timestamp_subsec_nanos()) / 100;
        Self(moment.timestamp() * TICKS_PER_SECOND + ticks + UNIX_EPOCH_TICKS)
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this moment.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The FILETIME as stored.
    pub fn filetime(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// Whole seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        (self.0 - UNIX_EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)
    }

    fn utc(self) -> DateTime<Utc> {
        let ticks = self.0 - UNIX_EPOCH_TICKS;
        let nanos = u32::try_from(ticks.rem_euclid(TICKS_PER_SECOND) * 100).unwrap_or(0);
        DateTime::from_timestamp(ticks.div_euclid(TICKS_PER_SECOND), nanos).unwrap_or_default()
    }

    /// As Sysmon writes `UtcTime`: `2026-03-10 18:02:11.250`.
    pub fn sysmon(self) -> String {
        self.utc().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = (self.0 - UNIX_EPOCH_TICKS).rem_euclid(TICKS_PER_SECOND);
        write!(f, "{}.{ticks:07}Z", self.utc().format("%Y-%m-%dT%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_spans_read_and_print() {
        let time = Time::parse("2026-03-10T19:02:11.250+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-03-10T18:02:11.2500000Z");
        assert_eq!(
            time.plus(Span::parse("+1.5s").unwrap()).sysmon(),
            "2026-03-10 18:02:12.750"
        );
        assert_eq!(Span::parse("-2m").unwrap(), Span(-1_200_000_000));
        assert!(Span::parse("5 parsecs").is_err());
        assert!(Time::parse("tomorrow").is_err());
    }
}
