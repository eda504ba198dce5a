//! Which evidence a decision rests on: what was read, with hashes, as the log records it.

use std::path::Path;

use serde::{Deserialize, Serialize};

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
            sha256: source.sha256.clone(),
            events: source.events,
            damaged_parts: source.damage.len(),
            first_time: source.first_time,
            last_time: source.last_time,
            record_ids: source.first_record_id.zip(source.last_record_id),
        }
    }
}

/// What became of recorded evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceCheck {
    /// Recorded sources whose content was found, wherever it lies now.
    pub found: usize,
    /// Recorded sources whose content is in none of the files.
    pub missing: Vec<EvidenceSource>,
    /// Recorded without a hash: nothing can be said about them.
    pub without_hash: usize,
}

impl EvidenceCheck {
    /// Holds recorded sources against the hashes of files.
    pub fn of(recorded: &[EvidenceSource], hashes: &[String]) -> Self {
        let mut check = EvidenceCheck::default();
        for source in recorded {
            match &source.sha256 {
                None => check.without_hash += 1,
                Some(hash) if hashes.contains(hash) => check.found += 1,
                Some(_) => check.missing.push(source.clone()),
            }
        }
        check
    }
}

/// The SHA-256 of a file in hex.
///
/// # Errors
/// What the system says.
pub fn sha256_of(path: &Path) -> std::io::Result<String> {
    use sha2::{Digest, Sha256};
    use std::io::Read;
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(part) if read > 0 => hash.update(part),
            _ => break,
        }
    }
    let hex = hash.finalize();
    Ok(hex.iter().map(|byte| format!("{byte:02x}")).collect())
}
