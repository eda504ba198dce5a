//! The zone in which times are shown. Stored and exported times are always UTC.

use chrono::DateTime;

use crate::event::{NamedZone, Time};

/// A zone to show times in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// UTC, the default.
    #[default]
    Utc,
    /// The zone that the analyst named.
    Named(NamedZone),
    /// The zone of this machine.
    Machine,
}

impl std::str::FromStr for Zone {
    type Err = String;

    /// `UTC`, `local`, or the name of a zone.
    fn from_str(text: &str) -> Result<Zone, String> {
        if text.eq_ignore_ascii_case("utc") {
            return Ok(Zone::Utc);
        }
        if text.eq_ignore_ascii_case("local") {
            return Ok(Zone::Machine);
        }
        let named = text.parse().map(Zone::Named);
        named.map_err(|_| {
            format!(
                "there is no time zone `{text}`; write UTC, local or a name such as Europe/Oslo"
            )
        })
    }
}

impl Zone {
    /// The next zone when the analyst switches: UTC, the named one if any, this machine's.
    #[must_use]
    pub fn next(&self, named: Option<&NamedZone>) -> Zone {
        match (&self, named) {
            (Zone::Utc, Some(named)) => Zone::Named(named.clone()),
            (Zone::Utc, None) | (Zone::Named(_), _) => Zone::Machine,
            (Zone::Machine, _) => Zone::Utc,
        }
    }

    /// Its name, always shown beside times.
    pub fn name(&self) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Named(zone) => zone.name().to_owned(),
            Zone::Machine => format!("UTC{}", chrono::Local::now().offset()),
        }
    }

    fn local(&self, time: Time) -> Option<DateTime<chrono::FixedOffset>> {
        match self {
            Zone::Utc => Some(time.utc()?.fixed_offset()),
            Zone::Named(zone) => zone.local(time),
            Zone::Machine => Some(time.utc()?.with_timezone(&chrono::Local).fixed_offset()),
        }
    }

    /// `2026-03-10 18:04:05`.
    pub fn seconds(&self, time: Time) -> String {
        self.form(time, "%Y-%m-%d %H:%M:%S")
    }

    /// `03-10 18:04:05`, where the year is plain from the context.
    pub fn short(&self, time: Time) -> String {
        self.form(time, "%m-%d %H:%M:%S")
    }

    /// `18:04:05`.
    pub fn clock(&self, time: Time) -> String {
        self.form(time, "%H:%M:%S")
    }

    /// `18:04:05.123`.
    pub fn millis(&self, time: Time) -> String {
        self.form(time, "%H:%M:%S%.3f")
    }

    /// `2026-03-10 18:04:05.123 UTC`: with milliseconds and offset.
    pub fn full(&self, time: Time) -> String {
        let zone = match self {
            Zone::Utc => " UTC".to_owned(),
            _ => self.form(time, " %:z"),
        };
        format!("{}{zone}", self.form(time, "%Y-%m-%d %H:%M:%S%.3f"))
    }

    fn form(&self, time: Time, form: &str) -> String {
        match self.local(time) {
            Some(local) => local.format(form).to_string(),
            None => time.rfc3339(),
        }
    }
}

/// A length of time in one unit: `12s`, `4m`, `3h`, `8d`, `5mo`, `2y`.
pub fn span(duration: std::time::Duration) -> String {
    const UNITS: [(u64, &str); 6] = [
        (31_557_600, "y"),
        (2_629_800, "mo"),
        (86_400, "d"),
        (3_600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let seconds = duration.as_secs();
    UNITS.iter().find(|(unit, _)| seconds >= *unit).map_or_else(
        || "0s".to_owned(),
        |(unit, name)| format!("{}{name}", seconds / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_zone() {
        let time = Time::parse("2026-07-10T22:04:05.1234567Z").unwrap();
        assert_eq!(Zone::Utc.full(time), "2026-07-10 22:04:05.123 UTC");
        assert_eq!(
            Zone::Named("Europe/Oslo".parse().unwrap()).full(time),
            "2026-07-11 00:04:05.123 +02:00"
        );
        assert!(!Zone::Utc.seconds(Time::MAX).is_empty());
    }

    #[test]
    fn spans_take_the_largest_unit() {
        let of = |seconds| span(std::time::Duration::from_secs(seconds));
        assert_eq!(
            [of(0), of(59), of(3_700), of(90_000), of(20_000_000)],
            ["0s", "59s", "1h", "1d", "7mo"]
        );
    }
}
