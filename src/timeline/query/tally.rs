//! How often each value of a column occurs among events.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::{Test, named};
use crate::event::identity::file_name;
use crate::event::time::TICKS_PER_SECOND;
use crate::event::{Sym, Time};
use crate::timeline::{EventIndex, Timeline};

/// A column whose values can be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each has its name")]
pub enum Facet {
    Hour,
    Host,
    #[default]
    EventId,
    Channel,
    Provider,
    Account,
    Address,
    Service,
    Program,
}

/// A value and how many events have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The value, as logged.
    pub value: String,
    /// Events.
    pub count: u64,
}

const HOUR: u64 = 3_600 * TICKS_PER_SECOND;

impl Facet {
    /// Every column.
    pub const ALL: [Facet; 9] = [
        Facet::Hour,
        Facet::Host,
        Facet::EventId,
        Facet::Channel,
        Facet::Provider,
        Facet::Account,
        Facet::Address,
        Facet::Service,
        Facet::Program,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Facet::Hour => "hour",
            Facet::Host => "host",
            Facet::EventId => "event",
            Facet::Channel => "channel",
            Facet::Provider => "provider",
            Facet::Account => "account",
            Facet::Address => "address",
            Facet::Service => "service",
            Facet::Program => "program",
        }
    }

    /// The test that holds for events with a value of this column.
    pub fn test(self, value: &str) -> Option<Test> {
        let values = || vec![value.to_owned()];
        Some(match self {
            Facet::Hour => {
                let from = Time::parse(value)?;
                Test::During(
                    from,
                    Time::from_filetime(from.filetime().checked_add(HOUR)?),
                )
            }
            Facet::Host => Test::Host(values()),
            Facet::EventId => Test::EventId(vec![value.parse().ok()?]),
            Facet::Channel => Test::Channel(values()),
            Facet::Provider => Test::Provider(values()),
            Facet::Account => Test::Account(values()),
            Facet::Address => Test::Address(values()),
            Facet::Service => Test::Service(values()),
            Facet::Program => Test::Image(values()),
        })
    }

    /// The numbers of an event's values.
    fn keys(self, timeline: &Timeline, event: EventIndex, keys: &mut Vec<u64>) {
        let number = |index: usize| u64::try_from(index).unwrap_or(u64::MAX);
        let named = |keys: &mut Vec<u64>, symbols: &[Sym]| {
            for symbol in symbols.iter().filter(|symbol| !symbol.is_placeholder()) {
                let key = number(symbol.index());
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        };
        keys.clear();
        match self {
            Facet::Hour => keys.push(timeline.time(event).filetime() / HOUR),
            Facet::Host => keys.push(number(timeline.host(event).index())),
            Facet::EventId | Facet::Channel | Facet::Provider => {
                keys.push(number(timeline.kind(event).index()));
            }
            Facet::Account => named(keys, &[timeline.account(event)]),
            Facet::Address | Facet::Service | Facet::Program => {
                match (self, timeline.fact(event)) {
                    (_, None) => {}
                    (Facet::Address, Some(fact)) => named(keys, &named::addresses(fact)),
                    (Facet::Service, Some(fact)) => named(keys, &named::services(fact)),
                    (_, Some(fact)) => named(keys, &named::images(fact)),
                }
            }
        }
    }

    /// What a number stands for.
    fn value(self, timeline: &Timeline, key: u64) -> String {
        let index = usize::try_from(key).unwrap_or(usize::MAX);
        let kind = || timeline.kinds().get(index);
        match self {
            Facet::Hour => {
                let time = Time::from_filetime(key.saturating_mul(HOUR)).rfc3339();
                time.get(..16).unwrap_or(&time).to_owned()
            }
            Facet::Host => {
                let mut hosts = timeline.hosts();
                hosts.nth(index).map_or("", |(_, name)| name).to_owned()
            }
            Facet::EventId => kind().map_or_else(String::new, |kind| kind.event_id.to_string()),
            Facet::Channel => kind().map_or_else(String::new, |kind| kind.channel.clone()),
            Facet::Provider => kind().map_or_else(String::new, |kind| kind.provider.clone()),
            Facet::Program => file_name(timeline.strings().at(index)).to_owned(),
            Facet::Account | Facet::Address | Facet::Service => {
                timeline.strings().at(index).to_owned()
            }
        }
    }
}

/// Counts the values of a column among events, the most frequent first; `None` when cancelled. An
/// event with several values counts once for each; one with none counts nowhere.
pub fn tally(
    timeline: &Timeline,
    events: impl IndexedParallelIterator<Item = EventIndex>,
    facet: Facet,
    cancel: &AtomicBool,
) -> Option<Vec<Count>> {
    const BLOCK: usize = 65_536;
    let by_number = events
        .chunks(BLOCK)
        .map(|block| {
            if cancel.load(Ordering::Relaxed) {
                return None;
            }
            let mut counts: HashMap<u64, u64> = HashMap::new();
            let mut keys = Vec::new();
            for event in block {
                facet.keys(timeline, event, &mut keys);
                for key in &keys {
                    *counts.entry(*key).or_default() += 1;
                }
            }
            Some(counts)
        })
        .try_reduce(HashMap::new, |left, right| {
            let (mut more, less) = if left.len() < right.len() {
                (right, left)
            } else {
                (left, right)
            };
            for (key, count) in less {
                *more.entry(key).or_default() += count;
            }
            Some(more)
        })?;
    // what is written differently only in case is one value, under its most frequent form
    let mut numbers: Vec<(u64, u64)> = by_number.into_iter().collect();
    numbers.sort_unstable_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    let mut counts: Vec<Count> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (key, count) in numbers {
        let value = facet.value(timeline, key);
        if value.is_empty() {
            continue;
        }
        let place = *places.entry(value.to_lowercase()).or_insert(counts.len());
        match counts.get_mut(place) {
            Some(known) => known.count += count,
            None => counts.push(Count { value, count }),
        }
    }
    counts.sort_by(|left, right| {
        let by_count = right.count.cmp(&left.count);
        by_count.then_with(|| left.value.cmp(&right.value))
    });
    Some(counts)
}
