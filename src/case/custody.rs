//! Which evidence a decision rests on: what was read, with hashes, as the log records it.

use std::collections::HashSet;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::entry::{Act, Entry};
use crate::event::Time;
use crate::evidence::SourceReport;

/// One source of evidence as it was when somebody decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EvidenceSource {
    /// Path as found; for readers, not for identity.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex; `null` when it was not computed.
    pub sha256: Option<String>,
    /// Events read.
    pub events: u64,
    /// Parts that could not be read.
    pub damaged_parts: usize,
    /// Earliest event.
    pub first_time: Option<Time>,
    /// Latest event.
    pub last_time: Option<Time>,
    /// Smallest and largest record id.
    pub record_ids: Option<(u64, u64)>,
}

impl From<&SourceReport> for EvidenceSource {
    fn from(source: &SourceReport) -> Self {
        EvidenceSource {
            path: source.path.to_string_lossy().into_owned(),
            bytes: source.bytes,
            sha256: source.sha256.get().map(str::to_owned),
            events: source.events,
            damaged_parts: source.damage.len(),
            first_time: source.first_time,
            last_time: source.last_time,
            record_ids: source.first_record_id.zip(source.last_record_id),
        }
    }
}

impl EvidenceSource {
    /// All that is recorded of it but the hash.
    fn but_hash(&self) -> impl Eq + Hash + use<'_> {
        let spans = (self.first_time, self.last_time, self.record_ids);
        (
            &self.path,
            self.bytes,
            self.events,
            self.damaged_parts,
            spans,
        )
    }
}

/// Whether `now` is the evidence `before` with hashes that were missing there. Both are sorted.
pub(super) fn completes(now: &[EvidenceSource], before: &[EvidenceSource]) -> bool {
    let adds = |(now, before): (&EvidenceSource, &EvidenceSource)| {
        now.but_hash() == before.but_hash()
            && (before.sha256.is_none() || before.sha256 == now.sha256)
    };
    now != before && now.len() == before.len() && now.iter().zip(before).all(adds)
}

/// Whether an entry records the evidence of another with hashes that were missing there.
pub fn completes_entry(later: &Entry, before: &Entry) -> bool {
    match (&later.content.act, &before.content.act) {
        (Act::Evidence { sources: now }, Act::Evidence { sources }) => completes(now, sources),
        _ => false,
    }
}

/// The sources among some records that no record has a hash of: what is known of them is path,
/// size, counts and times.
pub fn unhashed(recorded: &[EvidenceSource]) -> Vec<&EvidenceSource> {
    let hashed = recorded.iter().filter(|source| source.sha256.is_some());
    let mut known: HashSet<_> = hashed.map(EvidenceSource::but_hash).collect();
    recorded
        .iter()
        .filter(|source| source.sha256.is_none() && known.insert(source.but_hash()))
        .collect()
}

/// What became of recorded evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceCheck {
    /// Recorded sources whose content was found, wherever it lies now.
    pub found: usize,
    /// Recorded sources whose content is in none of the files.
    pub missing: Vec<EvidenceSource>,
    /// Recorded without a hash, also later: nothing can be said about them.
    pub without_hash: usize,
}

impl EvidenceCheck {
    /// Holds recorded sources against the hashes of files.
    pub fn of(recorded: &[EvidenceSource], hashes: &[String]) -> Self {
        let mut check = EvidenceCheck {
            without_hash: unhashed(recorded).len(),
            ..EvidenceCheck::default()
        };
        for source in recorded {
            match &source.sha256 {
                None => {}
                Some(hash) if hashes.contains(hash) => check.found += 1,
                Some(_) => check.missing.push(source.clone()),
            }
        }
        check
    }
}
