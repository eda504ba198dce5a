//! From the text of a filter to its terms.

use std::time::Duration;

use super::{AlertField, FilterError, KEYS, Term, Test};
use crate::event::layout::parse_number;
use crate::event::{LogonId, Time};

/// Cuts a filter into words; quoted parts stay whole. Answers each word's place.
pub fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    let mut current: Option<(usize, String)> = None;
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        if character.is_whitespace() && !quoted {
            words.extend(current.take());
            continue;
        }
        if character == '"' {
            quoted = !quoted;
        }
        current
            .get_or_insert_with(|| (at, String::new()))
            .1
            .push(character);
    }
    words.extend(current);
    words
}

/// Reads one word of a filter that begins at `at`.
pub(super) fn term(at: usize, word: &str) -> Result<Term, FilterError> {
    let (negated, body) = match word.strip_prefix('-') {
        Some(body) if !body.is_empty() => (true, body),
        _ => (false, word),
    };
    let len = word.len();
    let error = |message: String| FilterError { at, len, message };
    let key_value = body
        .split_once(':')
        .filter(|(key, _)| KEYS.iter().any(|(name, ..)| name.eq_ignore_ascii_case(key)));
    let Some((key, value)) = key_value else {
        if let Some((key, _)) = body.split_once(':')
            && !key.is_empty()
            && key.chars().all(|c| c.is_ascii_lowercase())
            && !body.starts_with('"')
        {
            let known = KEYS
                .iter()
                .map(|(name, ..)| *name)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(error(format!(
                "no such key `{key}:`; keys are {known}; quote the word to find it as text"
            )));
        }
        let text = body.replace('"', "");
        return Ok(Term {
            negated,
            test: Test::Text(text),
            written: word.to_owned(),
        });
    };
    let value = value.replace('"', "");
    let values: Vec<String> = value
        .split(',')
        .filter(|v| !v.is_empty())
        .map(str::to_owned)
        .collect();
    if values.is_empty() {
        let example = KEYS
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(key))
            .map_or("", |(.., example)| example);
        return Err(error(format!("`{key}:` needs a value, such as {example}")));
    }
    let numbers = || -> Result<Vec<u64>, FilterError> {
        values
            .iter()
            .map(|value| {
                parse_number(value).ok_or_else(|| error(format!("`{value}` is no number")))
            })
            .collect()
    };
    let small = || -> Result<Vec<u32>, FilterError> {
        numbers()?
            .into_iter()
            .map(|number| {
                u32::try_from(number).map_err(|_| error(format!("{number} is too large")))
            })
            .collect()
    };
    let time = || {
        Time::parse(&value).ok_or_else(|| {
            error(format!(
                "`{value}` is no time; write 2026-03-10 or 2026-03-10T18:00"
            ))
        })
    };
    let test = match key.to_ascii_lowercase().as_str() {
        "host" => Test::Host(values),
        "id" => Test::EventId(small()?),
        "account" => Test::Account(values),
        "logon" => Test::Logon(numbers()?.into_iter().map(LogonId).collect()),
        "ip" => Test::Address(values),
        "service" => Test::Service(values),
        "pid" => Test::Pid(small()?),
        "image" => Test::Image(values),
        "channel" => Test::Channel(values),
        "provider" => Test::Provider(values),
        "record" => Test::Record(numbers()?),
        "after" => Test::After(time()?),
        "before" => Test::Before(time()?),
        "tool" => Test::Alert(AlertField::Tool, values),
        "severity" => Test::Alert(AlertField::Severity, values),
        "verdict" => Test::Alert(AlertField::Verdict, values),
        _ => {
            let (from, to) = stretch(&value).ok_or_else(|| {
                error(format!(
                    "`{value}` is no stretch of time; write 2026-03-10, 2026-03-10T18, \
                     2026-03-10T18:05 or 2026-03-10T18:00..2026-03-10T21:00"
                ))
            })?;
            Test::During(from, to)
        }
    };
    Ok(Term {
        negated,
        test,
        written: word.to_owned(),
    })
}

/// A stretch of time: `from..to`, or a day, hour or minute.
fn stretch(value: &str) -> Option<(Time, Time)> {
    if let Some((from, to)) = value.split_once("..") {
        let (from, to) = (Time::parse(from)?, Time::parse(to)?);
        return (from < to).then_some((from, to));
    }
    let (time, seconds) = match value.split_once(['T', ' ']) {
        None => (Time::parse(value)?, 86_400),
        Some((_, hour)) if hour.len() == 2 => (Time::parse(&format!("{value}:00"))?, 3_600),
        Some((_, minute)) if minute.len() == 5 => (Time::parse(value)?, 60),
        Some(_) => (Time::parse(value)?, 1),
    };
    Some((time, time.plus(Duration::from_secs(seconds))))
}
