//! A record read in full: every System value and every data field, as text.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::event::Time;

/// One named value of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Field {
    /// Name; `#0`, `#1` … for data without one.
    pub name: String,
    /// Value as text.
    pub value: String,
}

/// The System values that every event has, as a reader finds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// `TimeCreated@SystemTime`.
    pub time: Time,
    /// `Provider@Name`.
    pub provider: String,
    /// `EventID`.
    pub event_id: u32,
    /// `EventRecordID`; `None` where a collector dropped it.
    pub record_id: Option<u64>,
    /// `Channel`.
    pub channel: String,
    /// `Computer`.
    pub computer: String,
    /// `Security@UserID`, a SID.
    pub user_sid: String,
}

/// A record with all its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// System values that are used by name.
    pub header: Header,
    /// Every System value, in order, such as `Execution@ProcessID`.
    pub system: Vec<Field>,
    /// Every value of EventData or UserData, in order.
    pub data: Vec<Field>,
    /// The whole record as its source spells it: XML as Windows would show it, or JSON.
    pub xml: String,
}

impl Record {
    /// The first data value of that name.
    pub fn data(&self, name: &str) -> Option<&str> {
        self.data
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.value.as_str())
    }
}

/// Tells a record from others of the same host, channel and time: its `EventRecordID`, or a digest
/// of its content where the source carries no id. One number: a digest has the highest bit set,
/// which no record id of a real log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(u64);

impl RecordKey {
    const DIGEST: u64 = 1 << 63;

    /// From the number that [`RecordKey::number`] gave, or from an `EventRecordID`.
    pub fn from_number(number: u64) -> Self {
        RecordKey(number)
    }

    /// As one number; equal for equal records.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The `EventRecordID`.
    pub fn record_id(self) -> Option<u64> {
        (self.0 & Self::DIGEST == 0).then_some(self.0)
    }

    /// The digest of a record without id, in 16 hexadecimal digits. It is the same in every run.
    pub fn digest(self) -> Option<String> {
        (self.0 & Self::DIGEST != 0).then(|| format!("{:016x}", self.0))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record_id() {
            Some(id) => write!(f, "record {id}"),
            None => f.write_str("record without id"),
        }
    }
}

impl Record {
    /// What tells the record from others.
    pub fn key(&self) -> RecordKey {
        if let Some(id) = self.header.record_id {
            return RecordKey(id);
        }
        let mut hasher = Sha256::new();
        for field in self.system.iter().chain(&self.data) {
            for part in [&field.name, &field.value] {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        let first = hasher.finalize().first_chunk().copied().unwrap_or_default();
        RecordKey(u64::from_le_bytes(first) | RecordKey::DIGEST)
    }
}
