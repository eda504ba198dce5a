//! The forms in which collectors write a time.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::json::Json;
use crate::event::Time;

/// A time as a source gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The time, read as UTC when the source names no zone.
    pub(super) time: Time,
    /// Whether the source names the zone, or the form implies UTC.
    pub(super) zone_known: bool,
}

impl Stamp {
    fn utc(time: Time) -> Self {
        Stamp {
            time,
            zone_known: true,
        }
    }

    /// Reads a time: RFC 3339 and its relatives with or without zone, seconds to nanoseconds since
    /// 1970, FILETIME ticks, or .NET's `/Date(milliseconds)/`. `None` for anything else and for
    /// years before 1970, which no collector means.
    pub(super) fn of(json: &Json<'_>) -> Option<Self> {
        let stamp = match json {
            Json::Integer(number) => of_number(u64::try_from(*number).ok()?),
            Json::Large(number) => of_number(*number),
            Json::Float(seconds) => of_seconds(*seconds),
            Json::Text(text) => Self::of_text(text),
            Json::Array(items) => match items.as_slice() {
                [only] => Self::of(only),
                _ => None,
            },
            Json::Object(_) => ["value", "Value", "DateTime", "$date"]
                .iter()
                .find_map(|name| Self::of(json.get(name)?)),
            Json::Null | Json::Bool(_) => None,
        }?;
        (stamp.time >= Time::from_filetime(UNIX_EPOCH)).then_some(stamp)
    }

    /// Reads a time in words.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(Stamp::utc(Time::from_utc(time.to_utc())));
        }
        if let Some(inner) = text.strip_prefix("/Date(") {
            // A zone after the number only tells how to show it; the number is UTC.
            let number = inner.strip_suffix(")/")?;
            let digits = number.split(['+', '-']).next()?;
            return of_milliseconds(digits.parse().ok()?);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return of_number(text.parse().ok()?);
        }
        if let Ok(seconds) = text.parse::<f64>() {
            return of_seconds(seconds);
        }
        let utc = ["Z", " UTC", " GMT", "UTC"]
            .iter()
            .find_map(|zone| text.strip_suffix(zone));
        if let Some(stamp) = naive(utc.unwrap_or(text)) {
            return Some(Stamp {
                time: stamp,
                zone_known: utc.is_some(),
            });
        }
        const WITH_OFFSET: [&str; 3] = [
            "%Y-%m-%dT%H:%M:%S%.f%#z",
            "%Y-%m-%d %H:%M:%S%.f%#z",
            "%Y-%m-%d %H:%M:%S%.f %#z",
        ];
        WITH_OFFSET.iter().find_map(|form| {
            let time = DateTime::parse_from_str(text, form).ok()?;
            Some(Stamp::utc(Time::from_utc(time.to_utc())))
        })
    }
}

/// FILETIME ticks of 1970-01-01.
const UNIX_EPOCH: u64 = 116_444_736_000_000_000;

/// A time without a zone. `AM` and `PM` are only written by English (US) settings, month first;
/// between dots the day comes first. Slashes without `AM` and `PM` may mean either, so they are
/// not read.
fn naive(text: &str) -> Option<Time> {
    const FORMS: [&str; 7] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y/%m/%d %H:%M:%S%.f",
        "%m/%d/%Y %I:%M:%S%.f %p",
        "%m/%d/%Y, %I:%M:%S%.f %p",
        "%d.%m.%Y %H:%M:%S%.f",
        // Kibana.
        "%b %d, %Y @ %H:%M:%S%.f",
    ];
    FORMS.iter().find_map(|form| {
        let time = NaiveDateTime::parse_from_str(text.trim(), form).ok()?;
        Some(Time::from_utc(time.and_utc()))
    })
}

/// A whole number, by its size: seconds, milliseconds, microseconds or nanoseconds since 1970, or
/// FILETIME ticks. The ranges lie apart for every time between 2001 and 2200.
fn of_number(number: u64) -> Option<Stamp> {
    match number {
        1_000_000_000..=9_999_999_999 => of_milliseconds(number.checked_mul(1000)?),
        1_000_000_000_000..=9_999_999_999_999 => of_milliseconds(number),
        1_000_000_000_000_000..=9_999_999_999_999_999 => of_microseconds(number),
        126_000_000_000_000_000..=200_000_000_000_000_000 => {
            Some(Stamp::utc(Time::from_filetime(number)))
        }
        1_000_000_000_000_000_000.. => of_microseconds(number / 1000),
        _ => None,
    }
}

fn of_milliseconds(number: u64) -> Option<Stamp> {
    of_microseconds(number.checked_mul(1000)?)
}

fn of_microseconds(number: u64) -> Option<Stamp> {
    let time = DateTime::<Utc>::from_timestamp_micros(i64::try_from(number).ok()?)?;
    Some(Stamp::utc(Time::from_utc(time)))
}

/// Seconds since 1970 with a fraction; a double holds them to the microsecond.
fn of_seconds(seconds: f64) -> Option<Stamp> {
    if !(1e9..1e10).contains(&seconds) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    of_microseconds((seconds * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(json: &str) -> (String, bool) {
        let stamp = Stamp::of(&Json::parse(json).unwrap()).unwrap();
        (stamp.time.rfc3339(), stamp.zone_known)
    }

    #[test]
    fn every_form_of_one_moment_gives_that_moment() {
        for form in [
            r#""2020-09-20T05:49:02.1230000Z""#,
            r#""2020-09-20T01:49:02.123-04:00""#,
            r#""2020-09-20 01:49:02.123-0400""#,
            r#""2020-09-20 01:49:02.123 -0400""#,
            r#""2020-09-20 05:49:02.123 UTC""#,
            r#""\/Date(1600580942123)\/""#,
            r#""/Date(1600580942123+0200)/""#,
            "1600580942.123",
            r#""1600580942.123""#,
            "1600580942123",
            "1600580942123000",
            "1600580942123000000",
            "132450545421230000",
            r#"["2020-09-20T05:49:02.123Z"]"#,
            r#"{"value":"\/Date(1600580942123)\/","DateTime":"whenever"}"#,
        ] {
            let expected = ("2020-09-20T05:49:02.1230000Z".to_owned(), true);
            assert_eq!(read(form), expected, "{form}");
        }
    }

    #[test]
    fn a_time_without_zone_is_said_to_be_so() {
        for form in [
            r#""2020-09-20 05:49:02""#,
            r#""2020-09-20T05:49:02""#,
            r#""9/20/2020 5:49:02 AM""#,
            r#""20.09.2020 05:49:02""#,
            r#""Sep 20, 2020 @ 05:49:02.000""#,
        ] {
            let expected = ("2020-09-20T05:49:02.0000000Z".to_owned(), false);
            assert_eq!(read(form), expected, "{form}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for form in [
            r#""yesterday""#,
            r#""20/09/2020 05:49:02""#,
            "17",
            "null",
            "true",
            r#""""#,
            "-1",
            "{}",
            "[1,2]",
            "1e300",
        ] {
            assert_eq!(Stamp::of(&Json::parse(form).unwrap()), None, "{form}");
        }
    }
}
