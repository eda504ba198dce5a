//! What occurs in the evidence, by name: offered while a filter is typed, and found by the finder.

use std::borrow::Cow;

use super::{Data, severity_word, verdict};
use crate::investigate::Severity;
use crate::timeline::query::tally::Count;

/// Names of a timeline, the most frequent first. Gathered by a worker when first asked for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Number of the snapshot they were gathered from.
    pub snapshot: u64,
    /// Accounts.
    pub accounts: Vec<Count>,
    /// Addresses, and names by which clients call themselves.
    pub addresses: Vec<Count>,
    /// Services.
    pub services: Vec<Count>,
    /// Programs, without their folders.
    pub programs: Vec<Count>,
}

/// Names looked at while one types: the most frequent, so that a key is answered at once.
const LOOKED_AT: usize = 20_000;

/// What can stand behind a key of the filter language.
pub(super) fn known<'d>(key: &str, data: &'d Data) -> Vec<Known<'d>> {
    let counted = |counts: fn(&Names) -> &Vec<Count>| -> Vec<Known<'d>> {
        let counts = data.names().map(counts).into_iter().flatten();
        let known = counts.take(LOOKED_AT).map(|name| Known {
            value: Cow::Borrowed(&name.value),
            about: About::Events(name.count),
        });
        known.collect()
    };
    let kinds = || data.timeline().kinds().iter();
    match key {
        "host" => distinct(data.timeline().hosts().map(|(_, host)| host)),
        "id" => {
            let mut ids: Vec<(u32, &str)> = kinds()
                .map(|kind| (kind.event_id, kind.provider.as_str()))
                .collect();
            ids.sort_unstable();
            ids.dedup_by_key(|(id, _)| *id);
            let known = ids.into_iter().map(|(id, provider)| Known {
                value: Cow::Owned(id.to_string()),
                about: About::Words(provider),
            });
            known.collect()
        }
        "channel" => distinct(kinds().map(|kind| kind.channel.as_str())),
        "provider" => distinct(kinds().map(|kind| kind.provider.as_str())),
        "account" => counted(|names| &names.accounts),
        "ip" => counted(|names| &names.addresses),
        "service" => counted(|names| &names.services),
        "image" => counted(|names| &names.programs),
        "after" | "before" => times(data, 16),
        "time" => times(data, 13),
        "tool" => distinct(data.alerts().iter().map(|alert| alert.tool.as_str())),
        "verdict" => {
            let alerts = data.alerts().iter();
            distinct(alerts.map(|alert| verdict(data.triage(&alert.id))))
        }
        "severity" => {
            use Severity as S;
            let all = [S::Critical, S::High, S::Medium, S::Low, S::Info];
            let known = all.map(|severity| Known {
                value: Cow::Owned(severity_word(severity).to_lowercase()),
                about: About::Words(""),
            });
            known.into()
        }
        _ => Vec::new(),
    }
}

/// A value that occurs in the evidence.
pub(super) struct Known<'d> {
    /// As logged.
    pub(super) value: Cow<'d, str>,
    about: About<'d>,
}

enum About<'d> {
    Events(u64),
    Words(&'d str),
}

impl Known<'_> {
    /// A word about it.
    pub(super) fn note(&self) -> String {
        match self.about {
            About::Events(count) => format!("{count} events"),
            About::Words(words) => words.to_owned(),
        }
    }
}

/// When alerts began, cut to so many characters: to the minute, or to the hour.
fn times(data: &Data, characters: usize) -> Vec<Known<'_>> {
    let alerts = data.alerts().iter();
    let mut times: Vec<(String, &str)> = alerts
        .filter_map(|alert| {
            let time = alert.first_time.rfc3339();
            Some((time.get(..characters)?.to_owned(), alert.title.as_str()))
        })
        .collect();
    times.sort_unstable();
    times.dedup_by(|(left, _), (right, _)| left == right);
    let known = times.into_iter().map(|(time, title)| Known {
        value: Cow::Owned(time),
        about: About::Words(title),
    });
    known.collect()
}

/// Each value once, by name.
fn distinct<'d>(values: impl Iterator<Item = &'d str>) -> Vec<Known<'d>> {
    let mut values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    values.sort_unstable();
    values.dedup();
    let known = values.into_iter().map(|value| Known {
        value: Cow::Borrowed(value),
        about: About::Words(""),
    });
    known.collect()
}
