//! A host: its clock, its numbers, and what it logs.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::identity::Guid;
use crate::random::Random;
use crate::time::{Span, Time};

/// A host of the story.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) computer: Arc<str>,
    pub(crate) ip: String,
    pub(crate) windows: bool,
    pub(crate) clock: Span,
    pub(crate) boot: Time,
    pub(crate) logs: Option<BTreeSet<String>>,
    pub(crate) without: BTreeSet<String>,
    pub(crate) layouts: BTreeMap<String, String>,
    pub(crate) first_records: BTreeMap<String, u64>,
    pub(crate) system_name: String,
    pub(crate) words: BTreeMap<String, String>,
    pub(crate) machine_id: u32,
    pub(crate) pids: HashSet<u32>,
    pub(crate) logon_ids: HashSet<u64>,
    pub(crate) first_logon_id: u64,
    pub(crate) sequence: u16,
    /// The last moment written, and how many events fell on it.
    pub(crate) latest: (Time, i64),
    pub(crate) random: Random,
}

impl Host {
    /// The host's own clock at a moment of the story.
    pub(crate) fn clock(&self, time: Time) -> Time {
        time.plus(self.clock)
    }

    /// A process id that this host has not used yet.
    pub(crate) fn next_pid(&mut self) -> u32 {
        loop {
            let pid = 4 * (180 + self.random.below32(3600));
            if self.pids.insert(pid) {
                return pid;
            }
            if self.pids.len() > 3000 {
                let pid = 4 * (4000 + self.random.below32(60_000));
                if self.pids.insert(pid) {
                    return pid;
                }
            }
        }
    }

    /// A logon id: it grows with the time since the host started, whatever the order in which the story is told.
    pub(crate) fn next_logon_id(&mut self, time: Time) -> u64 {
        let since = u64::try_from(time.since(self.boot).0.max(0)).unwrap_or(0) / 10_000;
        let mut id = self.first_logon_id + since * 3;
        while !self.logon_ids.insert(id) {
            id += 0x1B;
        }
        id
    }

    /// A process GUID as Sysmon makes it: machine, time, sequence.
    pub(crate) fn process_guid(&mut self, time: Time) -> Guid {
        self.sequence = self.sequence.wrapping_add(1);
        let [low, high] = self.sequence.to_le_bytes();
        self.guid(time, [low, high, 0, 0, 0, 0, 0x0C, 0])
    }

    /// A logon GUID as Sysmon makes it: machine, time, logon id.
    pub(crate) fn logon_guid(&self, time: Time, id: u64) -> Guid {
        self.guid(time, id.to_le_bytes())
    }

    /// A moment with digits below the millisecond; events of one moment keep their order.
    pub(crate) fn finer(&mut self, time: Time) -> Time {
        self.latest = match self.latest {
            (moment, count) if moment == time => (moment, count + 1),
            _ => (time, 0),
        };
        let more = 900 + self.latest.1 * 211 + i64::from(self.random.below32(190));
        time.plus(Span(more))
    }

    fn guid(&self, time: Time, tail: [u8; 8]) -> Guid {
        let seconds = u32::try_from(time.unix_seconds()).unwrap_or(0);
        let [a, b, c, d] = seconds.to_le_bytes();
        Guid::from_parts(
            self.machine_id,
            u16::from_le_bytes([a, b]),
            u16::from_le_bytes([c, d]),
            tail,
        )
    }

    /// The name as Windows writes it where NetBIOS names stand.
    pub(crate) fn netbios(&self) -> String {
        self.name.to_uppercase().chars().take(15).collect()
    }

    /// Whether it writes events of this kind to this channel.
    pub(crate) fn writes(&self, kind: &str, channel: &str) -> bool {
        self.windows
            && !self.without.contains(kind)
            && self
                .logs
                .as_ref()
                .is_none_or(|logs| logs.contains(short_channel(channel)))
    }
}

/// `Microsoft-Windows-Sysmon/Operational` is `Sysmon` in scenarios.
pub(crate) fn short_channel(channel: &str) -> &str {
    let bare = channel
        .strip_prefix("Microsoft-Windows-")
        .unwrap_or(channel);
    bare.split('/').next().unwrap_or(bare)
}
