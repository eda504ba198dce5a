//! What a decision is about: the content of events, so that moved files, split logs and added
//! logs keep it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::{Time, same_host};
use crate::investigate::{Alert, EventRef, Leaning, Role};
use crate::text::{hex, mask_secrets};

/// Names an event by its content ([`EventRef::content_key`]): 128 bits of SHA-256, as hex.
pub type EventKey = String;

/// The alert as it was when somebody acted on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The alert's id then; for readers only.
    pub alert: String,
    /// Its title then, passwords masked.
    pub title: String,
    /// Tool.
    pub tool: String,
    /// Host.
    pub host: String,
    /// First sighting.
    pub first_time: Time,
    /// Last sighting.
    pub last_time: Time,
    /// The events on the alert's own host: an alert that has one of them is the same alert.
    pub anchors: Vec<EventKey>,
    /// Further events that it cited then, such as those of the source side.
    pub context: Vec<EventKey>,
    /// The signals for an attacker that it had then.
    pub against: Vec<String>,
}

impl Subject {
    /// The subject that an alert is now.
    ///
    /// Anchors are the sightings on the alert's own host, and what the tool ran there. Its service
    /// is none unless its start was a sighting: a service that stays, as winexe's does, serves many
    /// uses, and a verdict about one of them is none about the next. Nor are ancestors (every use
    /// descends from the same `services.exe`) and the client, which may serve several targets.
    pub fn of(alert: &Alert) -> Self {
        let sightings = alert.sightings.iter().map(|sighting| &sighting.event);
        let of_role = |wanted: fn(Role) -> bool| {
            let processes = alert.processes.iter();
            processes
                .filter(move |process| wanted(process.role))
                .filter_map(|process| process.event.as_ref())
        };
        let (mut anchors, mut context): (Vec<_>, Vec<_>) = sightings
            .chain(of_role(|role| role == Role::Child))
            .partition(|event| same_host(&event.host, &alert.host));
        context.extend(of_role(|role| matches!(role, Role::Service | Role::Client)));
        if anchors.is_empty() {
            std::mem::swap(&mut anchors, &mut context);
        }
        Subject {
            alert: alert.id.clone(),
            title: mask_secrets(&alert.title),
            tool: alert.tool.clone(),
            host: alert.host.clone(),
            first_time: alert.first_time,
            last_time: alert.last_time,
            anchors: keys(&anchors),
            context: keys(&context),
            against: signals_against(alert),
        }
    }

    /// Whether it cites that event.
    pub fn cites(&self, key: &EventKey) -> bool {
        self.anchors.binary_search(key).is_ok() || self.context.binary_search(key).is_ok()
    }
}

/// The key of an event.
pub fn event_key(event: &EventRef) -> EventKey {
    hex(Sha256::digest(event.content_key()).into_iter().take(16))
}

/// Stable names of the signals that lean towards an attacker.
pub(super) fn signals_against(alert: &Alert) -> Vec<String> {
    let against = alert
        .signals
        .iter()
        .filter(|signal| signal.leans == Leaning::Attacker);
    sorted(against.map(|signal| signal.id.clone()).collect())
}

fn keys(events: &[&EventRef]) -> Vec<EventKey> {
    sorted(events.iter().map(|event| event_key(event)).collect())
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts.dedup();
    texts
}
