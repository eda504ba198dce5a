//! How far the clocks of two hosts lie apart, and what the source's own records say about the
//! moment.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::super::assemble::Draft;
use super::super::surroundings::Surroundings;
use super::{CLOCKS, Ends, Joiner, SAME_CLOCK};
use crate::event::Time;
use crate::event::fact::Fact;
use crate::event::identity::{same_account, same_host};
use crate::timeline::{EventIndex, HostId};

/// Credentials are used this close to the start of the client.
const MOMENTS: Duration = Duration::from_secs(60);

/// The difference between two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct ClockOffset {
    /// How much.
    pub(in super::super) by: Duration,
    /// Whether the target's clock is ahead of the source's, else behind.
    pub(in super::super) target_ahead: bool,
    /// Whether both ends of one connection show it, rather than the start of the client.
    pub(in super::super) by_connection: bool,
}

impl ClockOffset {
    pub(super) fn between(source: Time, target: Time, by_connection: bool) -> Self {
        ClockOffset {
            by: source.distance(target),
            target_ahead: target > source,
            by_connection,
        }
    }

    /// A time of the target's clock, as the source's clock would show it.
    pub(super) fn on_source(self, time: Time) -> Time {
        if self.target_ahead {
            time.minus(self.by)
        } else {
            time.plus(self.by)
        }
    }
}

impl Joiner<'_, '_> {
    /// Measures the clocks by a connection that both ends logged with its port, and finds the
    /// credentials that were used on the source.
    pub(super) fn find_connections(&mut self, drafts: &[Draft]) {
        let around = self.around;
        let timeline = around.timeline;
        let mut wanted: HashMap<(HostId, u32), Vec<usize>> = HashMap::new();
        for (place, (ends, draft)) in self.ends.iter().zip(drafts).enumerate() {
            let port = draft
                .alert
                .logon
                .as_ref()
                .and_then(|logon| logon.source_port);
            if let (Some(source), Some(port), Some(_)) = (ends.source, port, ends.client) {
                wanted.entry((source, port)).or_default().push(place);
            }
        }
        let mut nearest: BTreeMap<usize, (Duration, Time, Time)> = BTreeMap::new();
        for (event, fact) in timeline.tables().network.iter() {
            let key = (timeline.host(event), fact.source_port);
            let places = wanted.get(&key).filter(|_| fact.initiated != Some(false));
            for place in places.into_iter().flatten() {
                let logon = drafts
                    .get(*place)
                    .and_then(|draft| draft.alert.logon.as_ref()?.time);
                let Some(logon) = logon else { continue };
                let time = timeline.time(event);
                let distance = time.distance(logon);
                let best = nearest.get(place).is_none_or(|best| distance < best.0);
                if distance <= CLOCKS && best {
                    nearest.insert(*place, (distance, time, logon));
                }
            }
        }
        for (place, (distance, sent, received)) in nearest {
            if let Some(ends) = self.ends.get_mut(place) {
                let clock = ClockOffset::between(sent, received, true);
                ends.clock = (distance > SAME_CLOCK).then_some(clock);
            }
        }
        for (ends, draft) in self.ends.iter_mut().zip(drafts) {
            ends.explicit = explicit_logons(around, ends, draft);
        }
    }
}

/// Uses of the actor's credentials towards the target, on the source, about the time of the use.
fn explicit_logons(around: &Surroundings<'_>, ends: &Ends, draft: &Draft) -> Vec<EventIndex> {
    let Some(source) = ends.source.filter(|source| *source != draft.host) else {
        return Vec::new();
    };
    let alert = &draft.alert;
    let (Some(account), time) = (&alert.account, alert.first_time) else {
        return Vec::new();
    };
    let time = ends.clock.map_or(time, |clock| clock.on_source(time));
    around
        .explicit_logons
        .between(
            around.timeline,
            source,
            time.minus(MOMENTS),
            time.plus(MOMENTS),
        )
        .iter()
        .copied()
        .filter(|event| match around.fact(*event) {
            Some(Fact::ExplicitLogon(f)) => {
                same_host(around.timeline.text(f.target_server), &alert.host)
                    && same_account(around.timeline.text(f.account), &account.name)
            }
            _ => false,
        })
        .collect()
}
