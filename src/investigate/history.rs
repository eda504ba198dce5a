//! What the loaded logs know of earlier uses: by the same account, on the same host, from the same
//! source; many hosts within minutes; the same minute of many hours.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::assemble::Draft;
use crate::detect::ToolIndex;
use crate::event::Time;
use crate::event::identity::{host_key, split_account};
use crate::event::time::TICKS_PER_SECOND;
use crate::timeline::{EventIndex, HostId};

/// Uses from one source on many hosts within this time are a fan-out (catalogue D16).
const FAN_OUT_SPAN: Duration = Duration::from_secs(600);
/// On so many hosts.
const FAN_OUT_HOSTS: usize = 5;
/// A job shows itself at the same minute of so many hours (catalogue D29).
const JOB_HOURS: usize = 4;
/// Events cited for a pattern of many uses.
const CITED: usize = 8;

/// What came before one use, and around it.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Earlier uses of the tool by the same account; `None` when the account is not known.
    pub(super) by_account: Option<Earlier>,
    /// Earlier uses of the tool on the same host.
    pub(super) on_host: Option<Earlier>,
    /// Earlier uses of the tool from the same source; `None` when the source is not known.
    pub(super) from_source: Option<Earlier>,
    /// Uses from the same source on many hosts within minutes.
    pub(super) fan_out: Option<Pattern>,
    /// Uses by the same account at the same minute of many hours.
    pub(super) job: Option<Pattern>,
}

/// Earlier uses that have something in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Earlier {
    /// How many.
    pub(super) uses: usize,
    /// On how many hosts.
    pub(super) hosts: usize,
    /// On how many days (UTC).
    pub(super) days: usize,
    /// The first of them.
    pub(super) since: Option<Time>,
}

/// A pattern that several uses make together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Hosts, or hours, it is made of.
    pub(super) count: usize,
    /// An event of each of the first uses.
    pub(super) events: Vec<EventIndex>,
}

/// A use, as far as patterns need it.
#[derive(Clone, Copy)]
struct Entry {
    draft: usize,
    time: Time,
    host: HostId,
    event: EventIndex,
}

/// The past of every draft, in their order.
pub(super) fn read(drafts: &[Draft]) -> Vec<Past> {
    let mut past = vec![Past::default(); drafts.len()];
    let groups = |key: fn(&Draft) -> Option<String>| groups(drafts, key);
    for entries in groups(account_key).values() {
        earlier(entries, &mut past, |past| &mut past.by_account);
        jobs(entries, &mut past);
    }
    for entries in groups(|draft| Some(host_key(&draft.alert.host))).values() {
        earlier(entries, &mut past, |past| &mut past.on_host);
    }
    for entries in groups(source_key).values() {
        earlier(entries, &mut past, |past| &mut past.from_source);
        fan_outs(entries, &mut past);
    }
    past
}

/// The uses of one tool that share a key, in time order.
fn groups(
    drafts: &[Draft],
    key: fn(&Draft) -> Option<String>,
) -> BTreeMap<(ToolIndex, String), Vec<Entry>> {
    let mut groups: BTreeMap<(ToolIndex, String), Vec<Entry>> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        let Some(key) = key(draft) else { continue };
        groups.entry((draft.tool, key)).or_default().push(Entry {
            draft: place,
            time: draft.alert.first_time,
            host: draft.host,
            event: first_event(draft),
        });
    }
    for entries in groups.values_mut() {
        entries.sort_by_key(|entry| (entry.time, entry.event));
    }
    groups
}

fn first_event(draft: &Draft) -> EventIndex {
    draft
        .alert
        .sightings
        .iter()
        .find(|sighting| crate::event::same_host(&sighting.event.host, &draft.alert.host))
        .map(|sighting| sighting.event.index)
        .unwrap_or_default()
}

fn account_key(draft: &Draft) -> Option<String> {
    let account = draft.alert.account.as_ref()?;
    let (domain, user) = split_account(&account.name);
    Some(format!("{}\\{}", host_key(domain), user.to_lowercase()))
}

/// The source by name, else by address; the host itself is no source.
pub(super) fn source_key(draft: &Draft) -> Option<String> {
    let alert = &draft.alert;
    let client = alert
        .client
        .as_ref()
        .and_then(|client| client.host.as_deref());
    let logon = alert.logon.as_ref();
    let named = client
        .or_else(|| logon.and_then(|logon| logon.workstation.as_deref()))
        .map(host_key)
        .filter(|name| !name.is_empty());
    let address = logon
        .and_then(|logon| logon.source_ip.clone())
        .filter(|address| !super::surroundings::is_own_address(address));
    named
        .filter(|name| *name != host_key(&alert.host))
        .or(address)
}

fn earlier(entries: &[Entry], past: &mut [Past], part: fn(&mut Past) -> &mut Option<Earlier>) {
    let (mut hosts, mut days) = (BTreeSet::new(), BTreeSet::new());
    let mut so_far = Earlier::default();
    for entry in entries {
        if let Some(past) = past.get_mut(entry.draft) {
            *part(past) = Some(so_far);
        }
        hosts.insert(entry.host);
        days.insert(entry.time.filetime() / (TICKS_PER_SECOND * 86_400));
        so_far = Earlier {
            uses: so_far.uses + 1,
            hosts: hosts.len(),
            days: days.len(),
            since: so_far.since.or(Some(entry.time)),
        };
    }
}

/// Marks every use that lies in a span of time with enough hosts. Spans that overlap are one, told
/// by the most hosts of any of them.
fn fan_outs(entries: &[Entry], past: &mut [Past]) {
    let mut inside: HashMap<HostId, usize> = HashMap::new();
    let mut start = 0;
    // (first, last, hosts) of each stretch of overlapping spans.
    let mut stretches: Vec<(usize, usize, usize)> = Vec::new();
    for (end, entry) in entries.iter().enumerate() {
        *inside.entry(entry.host).or_default() += 1;
        while let Some(first) = entries.get(start)
            && entry.time.distance(first.time) > FAN_OUT_SPAN
        {
            if let Some(count) = inside.get_mut(&first.host) {
                *count -= 1;
                if *count == 0 {
                    inside.remove(&first.host);
                }
            }
            start += 1;
        }
        if inside.len() < FAN_OUT_HOSTS {
            continue;
        }
        match stretches.last_mut() {
            Some((_, last, hosts)) if start <= *last => {
                *last = end;
                *hosts = (*hosts).max(inside.len());
            }
            _ => stretches.push((start, end, inside.len())),
        }
    }
    for (first, last, hosts) in stretches {
        let stretch = entries.get(first..=last).unwrap_or_default();
        let pattern = Pattern {
            count: hosts,
            events: stretch
                .iter()
                .take(CITED)
                .map(|entry| entry.event)
                .collect(),
        };
        for entry in stretch {
            if let Some(past) = past.get_mut(entry.draft) {
                past.fan_out = Some(pattern.clone());
            }
        }
    }
}

/// Marks uses that come at the same minute of many hours, when nearly all uses do.
fn jobs(entries: &[Entry], past: &mut [Past]) {
    const TICKS_PER_MINUTE: u64 = TICKS_PER_SECOND * 60;
    if entries.len() < JOB_HOURS {
        return;
    }
    let minute = |entry: &Entry| entry.time.filetime() / TICKS_PER_MINUTE % 60;
    let mut by_minute: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_minute.entry(minute(entry)).or_default().push(entry);
    }
    for (at, here) in &by_minute {
        // A job starts within a minute of its time.
        let near = [(at + 59) % 60, *at, (at + 1) % 60];
        let same: Vec<&Entry> = near
            .iter()
            .filter_map(|minute| by_minute.get(minute))
            .flatten()
            .copied()
            .collect();
        let mut hours = BTreeMap::new();
        for entry in &same {
            // Half an hour later the minutes around the full hour lie in one hour.
            let shift = if near.contains(&0) { 30 } else { 0 };
            let hour = (entry.time.filetime() / TICKS_PER_MINUTE + shift) / 60;
            hours.entry(hour).or_insert(entry.event);
        }
        if hours.len() < JOB_HOURS || same.len() * 5 < entries.len() * 4 {
            continue;
        }
        let pattern = Pattern {
            count: hours.len(),
            events: hours.values().take(CITED).copied().collect(),
        };
        for entry in here {
            if let Some(past) = past.get_mut(entry.draft) {
                past.job = Some(pattern.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uses at the given minutes of one evening, each on its own host.
    fn uses(minutes: &[u64]) -> Vec<Entry> {
        let start = Time::parse("2026-03-10").unwrap();
        minutes
            .iter()
            .enumerate()
            .map(|(place, minute)| Entry {
                draft: place,
                time: start.plus(Duration::from_secs(minute * 60)),
                host: HostId::new(place),
                event: EventIndex(u32::try_from(place).unwrap()),
            })
            .collect()
    }

    fn past_of(entries: &[Entry], read: fn(&[Entry], &mut [Past])) -> Vec<Past> {
        let mut past = vec![Past::default(); entries.len()];
        read(entries, &mut past);
        past
    }

    #[test]
    fn five_hosts_in_ten_minutes_are_a_fan_out_for_all_five() {
        let past = past_of(&uses(&[0, 2, 4, 6, 8, 90]), fan_outs);
        let counts: Vec<_> = past
            .iter()
            .map(|past| past.fan_out.as_ref().map(|fan_out| fan_out.count))
            .collect();
        assert_eq!(counts, [Some(5), Some(5), Some(5), Some(5), Some(5), None]);
        let slow = past_of(&uses(&[0, 5, 10, 15, 20, 25]), fan_outs);
        assert!(slow.iter().all(|past| past.fan_out.is_none()));
    }

    #[test]
    fn the_same_minute_of_four_hours_is_a_job_also_around_the_full_hour() {
        for minutes in [[7, 67, 128, 187], [0, 59, 120, 181]] {
            let past = past_of(&uses(&minutes), jobs);
            assert_eq!(
                past[0].job.as_ref().map(|job| job.count),
                Some(4),
                "{minutes:?}"
            );
        }
        let by_hand = past_of(&uses(&[7, 91, 110, 187, 203]), jobs);
        assert!(by_hand.iter().all(|past| past.job.is_none()));
    }

    #[test]
    fn what_came_before_is_counted_without_what_comes_after() {
        let mut past = vec![Past::default(); 3];
        earlier(&uses(&[0, 10, 20]), &mut past, |past| &mut past.by_account);
        let uses: Vec<_> = past
            .iter()
            .map(|past| past.by_account.unwrap().uses)
            .collect();
        assert_eq!(uses, [0, 1, 2]);
    }
}
