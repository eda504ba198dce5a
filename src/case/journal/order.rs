//! One order for a set of entries, the same wherever they come from.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::case::entry::{Entry, EntryId};
use crate::event::Time;

/// Every entry once, after all entries it names as earlier; where that leaves a choice, by time,
/// then by name. Entries in a circle, which no hash chain can hold, would be left out.
pub(super) fn causal(entries: Vec<Entry>) -> Vec<Entry> {
    let mut waiting: HashMap<EntryId, Entry> = entries
        .into_iter()
        .map(|entry| (entry.id.clone(), entry))
        .collect();
    let mut followers: HashMap<EntryId, Vec<EntryId>> = HashMap::new();
    let mut missing: HashMap<EntryId, usize> = HashMap::new();
    for entry in waiting.values() {
        let present = entry
            .content
            .before
            .iter()
            .filter(|before| waiting.contains_key(before));
        let mut count = 0;
        for before in present {
            followers
                .entry(before.clone())
                .or_default()
                .push(entry.id.clone());
            count += 1;
        }
        missing.insert(entry.id.clone(), count);
    }
    let mut ready: BinaryHeap<Reverse<(Time, EntryId)>> = waiting
        .values()
        .filter(|entry| missing.get(&entry.id) == Some(&0))
        .map(|entry| Reverse((entry.content.time, entry.id.clone())))
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        for follower in followers.remove(&id).unwrap_or_default() {
            if let Some(count) = missing.get_mut(&follower) {
                *count -= 1;
                if *count == 0
                    && let Some(entry) = waiting.get(&follower)
                {
                    ready.push(Reverse((entry.content.time, follower)));
                }
            }
        }
        ordered.extend(waiting.remove(&id));
    }
    ordered
}
