//! A record read in full: every System value and every data field, as text.

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
    /// `EventRecordID`.
    pub record_id: u64,
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
    /// The whole record as XML, as Windows would show it.
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
