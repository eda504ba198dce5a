//! The rules about known activity that follow from the log.

use std::collections::HashSet;
use std::sync::Arc;

use super::Journal;
use crate::case::entry::{Act, Entry, EntryId};
use crate::case::known_activity::{KnownActivity, KnownMatch, KnownRule, Standing};
use crate::case::red_flag::RedFlag;
use crate::investigate::Alert;

impl Journal {
    /// The rules in their current text, oldest first, revoked ones included. Two texts written
    /// without knowledge of each other are both there.
    pub(in crate::case) fn rules(&self) -> Vec<KnownRule> {
        let written = |entry: &&Arc<Entry>| {
            matches!(entry.content.act, Act::Known { .. }) && self.is_in_force(&entry.id)
        };
        let known: Vec<&Arc<Entry>> = self.known_acts().filter(written).collect();
        let replaced: HashSet<&EntryId> =
            known.iter().filter_map(|entry| replaces(entry)).collect();
        known
            .iter()
            .filter(|entry| !replaced.contains(&entry.id))
            .filter_map(|entry| {
                let Act::Known { rule, .. } = &entry.content.act else {
                    return None;
                };
                let texts = self.texts_of(entry);
                Some(KnownRule {
                    id: entry.id.clone(),
                    rule: KnownActivity::clone(rule),
                    author: entry.content.author.clone(),
                    time: entry.content.time,
                    standing: self.standing(&texts),
                    edits: texts.len() - 1,
                    alerts: Vec::new(),
                    with_red_flags: 0,
                    expired: 0,
                })
            })
            .collect()
    }

    /// The rules in force that an alert with these red flags falls under.
    pub(super) fn known(&self, alert: &Alert, flags: &[RedFlag]) -> Vec<KnownMatch> {
        if self.known_acts().next().is_none() {
            return Vec::new();
        }
        self.rules()
            .into_iter()
            .filter(|known| known.standing == Standing::InForce && known.rule.scope.covers(alert))
            .map(|known| KnownMatch {
                rule: known.id,
                name: known.rule.name,
                author: known.author,
                expires: known.rule.expires,
                is_expired: alert.first_time >= known.rule.expires,
                red_flags: flags
                    .iter()
                    .filter(|flag| !known.rule.accepted.contains_key(&flag.id))
                    .cloned()
                    .collect(),
            })
            .collect()
    }

    fn known_acts(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.known_acts
            .iter()
            .filter_map(|index| self.entries.get(*index))
    }

    /// A rule's texts, the newest first.
    fn texts_of<'a>(&'a self, newest: &'a Entry) -> Vec<&'a EntryId> {
        let mut texts = vec![&newest.id];
        let mut earlier = replaces(newest);
        while let Some(entry) = earlier.and_then(|id| self.get(id)) {
            texts.push(&entry.id);
            earlier = replaces(entry);
        }
        texts
    }

    /// A rule is revoked when any of its texts is, also by somebody who did not know the newest.
    fn standing(&self, texts: &[&EntryId]) -> Standing {
        let revoking = self
            .known_acts()
            .find_map(|entry| match &entry.content.act {
                Act::RevokeKnown { of, reason }
                    if texts.contains(&of) && self.is_in_force(&entry.id) =>
                {
                    Some((entry, reason))
                }
                _ => None,
            });
        match revoking {
            Some((entry, reason)) => Standing::Revoked {
                author: entry.content.author.clone(),
                time: entry.content.time,
                reason: reason.clone(),
            },
            None => Standing::InForce,
        }
    }
}

fn replaces(entry: &Entry) -> Option<&EntryId> {
    match &entry.content.act {
        Act::Known { replaces, .. } => replaces.as_ref(),
        _ => None,
    }
}
