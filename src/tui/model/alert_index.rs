//! What lists ask of every alert again and again: made once for a snapshot, beside the interface, so
//! that a key on a list of ten thousand alerts is answered within a frame.

use std::collections::HashMap;

use super::alerts::GroupKey;
use super::{from, ran, short_host, who};
use crate::investigate::{Alert, Snapshot};
use crate::timeline::EventIndex;

/// The alerts of a snapshot, by id and by the events they cite, and their texts.
#[derive(Debug, Default)]
pub struct AlertIndex {
    texts: Vec<AlertTexts>,
    places: HashMap<String, usize>,
    /// Events with the place of an alert that cites them, in order.
    cited: Vec<(EventIndex, usize)>,
}

/// The texts of an alert that neither the case nor the clock changes.
#[derive(Debug)]
pub struct AlertTexts {
    /// Who did it.
    pub who: String,
    /// From where.
    pub from: String,
    /// What ran.
    pub ran: String,
    /// Everything in which free text is looked for, in lower case, a line each.
    pub all: String,
    /// The group that it belongs to.
    pub group: GroupKey,
}

impl AlertIndex {
    /// Of a snapshot.
    pub fn of(snapshot: &Snapshot) -> AlertIndex {
        let alerts = || snapshot.alerts.iter().enumerate();
        let cited = alerts().flat_map(|(place, alert)| {
            let events = alert.evidence();
            events.map(move |event| (event.index, place))
        });
        let mut cited: Vec<(EventIndex, usize)> = cited.collect();
        cited.sort_unstable();
        cited.dedup();
        AlertIndex {
            texts: alerts().map(|(_, alert)| AlertTexts::of(alert)).collect(),
            places: alerts()
                .map(|(place, alert)| (alert.id.clone(), place))
                .collect(),
            cited,
        }
    }

    /// The place of an alert in the snapshot.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The places of the alerts that an event is evidence of.
    pub fn citing(&self, event: EventIndex) -> impl DoubleEndedIterator<Item = usize> {
        let from = self.cited.partition_point(|(cited, _)| *cited < event);
        let to = self.cited.partition_point(|(cited, _)| *cited <= event);
        let cited = self.cited.get(from..to).unwrap_or_default();
        cited.iter().map(|(_, place)| *place)
    }

    /// The texts of the alert at a place.
    pub fn texts(&self, place: usize) -> Option<&AlertTexts> {
        self.texts.get(place)
    }
}

impl AlertTexts {
    fn of(alert: &Alert) -> AlertTexts {
        let (who, from, ran) = (who(alert), from(alert), ran(alert));
        let service = alert.service.as_ref();
        let commands = alert
            .processes
            .iter()
            .filter_map(|process| process.command_line.as_deref());
        let texts = [
            alert.tool.as_str(),
            short_host(&alert.host),
            &who,
            &from,
            &ran,
            &alert.title,
            &alert.id,
            service.map_or("", |service| service.name.as_str()),
        ];
        let all: Vec<&str> = texts.into_iter().chain(commands).collect();
        AlertTexts {
            all: all.join("\n").to_lowercase(),
            group: GroupKey::of(alert),
            who,
            from,
            ran,
        }
    }
}
