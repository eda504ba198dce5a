//! The case file as the interface knows it: what it said last.

use std::path::PathBuf;

/// State of the case file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFile {
    /// Where it lies; `None` until it was opened.
    pub path: Option<PathBuf>,
    /// Why it cannot be used, when it cannot.
    pub trouble: Option<String>,
    /// Orders sent and not yet confirmed.
    pub pending: usize,
}
