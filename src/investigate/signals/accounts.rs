//! Signals of accounts that were made, or put into a group of administrators, around the use.

use std::time::Duration;

use super::super::surroundings::between;
use super::super::wording::cut;
use super::Row;
use super::around::when;
use super::scene::{Found, Scene};
use crate::event::fact::{AccountAction, AccountChange, Fact};
use crate::event::identity::admin_group;
use crate::event::{Time, same_account};
use crate::timeline::{EventIndex, summary};

/// Changes so near to the use count.
const NEAR: Duration = Duration::from_secs(3600);
/// Changes of the account of the use itself count for so long.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// What is done at the end of a use may be logged after its last trace.
const MOMENT: Duration = Duration::from_secs(60);
/// How much of a name is shown.
const NAME: usize = 80;

/// One change, with the event that shows it.
type Change<'t> = (EventIndex, AccountChange);

impl<'t> Scene<'_, 't> {
    fn time(&self, event: EventIndex) -> Time {
        self.around.timeline.time(event)
    }

    fn changes_of(&self, events: &[EventIndex], action: AccountAction) -> Vec<Change<'t>> {
        let change = |event: &EventIndex| match self.around.fact(*event)? {
            Fact::AccountChange(f) if f.action == action => Some((*event, f)),
            _ => None,
        };
        events.iter().filter_map(change).collect()
    }

    /// Changes on the host of the use, near to it.
    fn near_changes(&self, action: AccountAction) -> Vec<Change<'t>> {
        let (from, to) = self.time_around(NEAR, NEAR);
        let around = self.around;
        let changes = around.account_changes.on(self.draft.host);
        self.changes_of(between(around.timeline, changes, from, to), action)
    }

    /// Changes on any host that happened to the account of the use or that it made.
    fn own_changes(&self, action: AccountAction) -> Vec<Change<'t>> {
        let Some(account) = &self.alert().account else {
            return Vec::new();
        };
        let (from, to) = self.time_around(FRESH, NEAR);
        let around = self.around;
        let changes = &around.account_changes;
        let changes = changes.of(&account.name, account.sid.as_deref());
        self.changes_of(between(around.timeline, changes, from, to), action)
    }

    /// Whether a change happened to the account of the use. SIDs decide where both are known.
    fn is_own(&self, change: &AccountChange) -> bool {
        let Some(account) = &self.alert().account else {
            return false;
        };
        let timeline = self.around.timeline;
        match (&account.sid, timeline.strings().get(change.member_sid)) {
            (Some(own), Some(other)) => own == other,
            _ => same_account(&account.name, summary::member(timeline, change)),
        }
    }

    /// The name of a group of administrators: by its SID, else by the site profile.
    fn admins(&self, change: &AccountChange) -> Option<String> {
        let text = |symbol| self.around.timeline.text(symbol);
        let site = self.around.environment;
        let (name, sid) = (text(change.group), text(change.group_sid));
        let listed = |group: &str| site.is_admin_group(group) == Some(true);
        let known = admin_group(sid);
        let is_admins = known.is_some() || listed(name) || listed(sid);
        let name = [name, known.unwrap_or(sid)];
        let name = name.into_iter().find(|name| !name.is_empty());
        is_admins.then(|| cut(name.unwrap_or("?"), NAME))
    }
}

/// The signal of a change: whom it happened to, when, where and by whom.
fn found(scene: &Scene<'_, '_>, events: Vec<EventIndex>, change: Change<'_>) -> Option<Found> {
    let (event, fact) = change;
    let timeline = scene.around.timeline;
    let mut when = when(scene, scene.time(event));
    if timeline.host(event) != scene.draft.host {
        let host = timeline.host_name(timeline.host(event));
        when.push_str(&format!(" on {host}"));
    }
    let by = timeline.strings().get(fact.account);
    let found = Found::by(events)?
        .with("member", cut(summary::member(timeline, &fact), NAME))
        .with("when", when)
        .with("by", by.unwrap_or("an account that is not named"));
    Some(found)
}

pub(super) fn account_is_new(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let mut made = scene.own_changes(AccountAction::Made);
    made.retain(|(event, fact)| {
        scene.is_own(fact) && scene.time(*event) <= scene.alert().first_time
    });
    let latest = *made.last()?;
    found(scene, vec![latest.0], latest)
}

pub(super) fn account_made_near(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let mut made = scene.near_changes(AccountAction::Made);
    made.retain(|(_, fact)| !scene.is_own(fact));
    let events = made.iter().map(|(event, _)| *event).collect();
    found(scene, events, *made.first()?)
}

pub(super) fn admins_joined_near(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let (from, _) = scene.time_around(NEAR, NEAR);
    let mut joined = scene.own_changes(AccountAction::Joined);
    // What the account itself did to others counts near the use only.
    joined.retain(|(event, fact)| scene.is_own(fact) || scene.time(*event) >= from);
    joined.extend(scene.near_changes(AccountAction::Joined));
    joined.sort_unstable_by_key(|(event, _)| *event);
    joined.dedup_by_key(|(event, _)| *event);
    let (change, group) = joined
        .iter()
        .find_map(|change| Some((*change, scene.admins(&change.1)?)))?;
    joined.retain(|(_, fact)| scene.admins(fact).is_some());
    let events = joined.iter().map(|(event, _)| *event).collect();
    Some(found(scene, events, change)?.with("group", group))
}

/// Groups of the site's own that somebody was put into on the host during the use: only the site
/// knows what they mean.
pub(in super::super) fn own_groups_joined(scene: &Scene<'_, '_>) -> Vec<String> {
    /// Accounts and groups that a site makes are numbered from here on.
    const FIRST: u32 = 1000;
    let text = |symbol| scene.around.timeline.text(symbol);
    let is_own = |sid: &str| {
        let number = sid
            .rsplit_once('-')
            .and_then(|(_, number)| number.parse().ok());
        sid.starts_with("S-1-5-21-") && number.is_some_and(|number: u32| number >= FIRST)
    };
    let (from, to) = scene.time_around(Duration::ZERO, MOMENT);
    let joined = scene.near_changes(AccountAction::Joined).into_iter();
    let during = joined.filter(|(event, _)| (from..=to).contains(&scene.time(*event)));
    during
        .filter(|(_, fact)| is_own(text(fact.group_sid)))
        .map(|(_, fact)| text(fact.group).to_owned())
        .collect()
}
