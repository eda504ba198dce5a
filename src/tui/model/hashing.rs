//! How far the hashes of the evidence are.

/// Progress of hashing, as last reported. It begins when everything is read, and whoever decides
/// before it ends has the hashes recorded afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashing {
    /// Bytes hashed so far.
    pub done: u64,
    /// Bytes of all sources.
    pub all: u64,
    /// Whether it still runs.
    pub is_running: bool,
    /// Sources that could not be hashed, each with the reason.
    pub troubles: Vec<String>,
}

impl Hashing {
    /// Share of bytes hashed, 0 to 100.
    pub fn percent(&self) -> u64 {
        let percent = self.done.saturating_mul(100).checked_div(self.all);
        percent.unwrap_or(0).min(100)
    }
}
