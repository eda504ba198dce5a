//! What names an event in any timeline of the same evidence, in this run and in later ones.

use serde::{Deserialize, Serialize};

use super::{EventIndex, EventView, Timeline};
use crate::event::{Time, same_host};
use std::time::Duration;

/// An event by what it is: host, channel, provider, id, record and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventName {
    /// `TimeCreated`, UTC.
    pub time: Time,
    /// Host that wrote it.
    pub host: String,
    /// Channel.
    pub channel: String,
    /// Provider.
    pub provider: String,
    /// Event id.
    pub event_id: u32,
    /// Record id or digest, as [`crate::evidence::RecordKey::number`] gives it.
    pub record: u64,
}

impl EventName {
    /// The name of an event.
    pub fn of(event: &EventView<'_>) -> EventName {
        EventName {
            time: event.time,
            host: event.host.to_owned(),
            channel: event.kind.channel.clone(),
            provider: event.kind.provider.clone(),
            event_id: event.kind.event_id,
            record: event.key.number(),
        }
    }

    fn names(&self, event: &EventView<'_>) -> bool {
        event.key.number() == self.record
            && event.kind.event_id == self.event_id
            && event.kind.channel == self.channel
            && event.kind.provider == self.provider
            && same_host(event.host, &self.host)
    }
}

impl Timeline {
    /// The event of that name.
    pub fn find(&self, name: &EventName) -> Option<EventIndex> {
        let moment = self.window(name.time, name.time.plus(Duration::from_nanos(100)));
        (moment.start.0..moment.end.0)
            .map(EventIndex)
            .find(|index| self.event(*index).is_some_and(|event| name.names(&event)))
    }
}
