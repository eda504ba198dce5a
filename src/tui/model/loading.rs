//! How far loading is.

use std::path::PathBuf;

/// Where the loader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing to load yet.
    #[default]
    Idle,
    /// Folders are walked, files read.
    Reading,
    /// Traces are looked for and joined.
    Investigating,
    /// Finished.
    Done,
    /// Stopped by the analyst; what was read is there.
    Cancelled,
    /// Failed altogether.
    Failed,
}

/// Progress of the loader, as last reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loading {
    /// Where it stands.
    pub stage: Stage,
    /// Sources with bytes read and bytes in all.
    pub sources: Vec<(PathBuf, u64, u64)>,
    /// Events read so far.
    pub events: u64,
    /// Why it failed.
    pub trouble: Option<String>,
}

impl Loading {
    /// Whether something is still being read.
    pub fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Reading | Stage::Investigating)
    }

    /// Share of bytes read, 0 to 100.
    pub fn percent(&self) -> u64 {
        let (done, all) = self
            .sources
            .iter()
            .fold((0u64, 0u64), |(done, all), (_, d, a)| (done + d, all + a));
        done.saturating_mul(100).checked_div(all).unwrap_or(0)
    }

    /// Sources read to the end.
    pub fn finished(&self) -> usize {
        self.sources
            .iter()
            .filter(|(_, done, all)| done >= all)
            .count()
    }
}
