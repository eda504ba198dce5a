//! `scan`

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use super::{CaseFile, Evidence, Showing};

/// `scan`
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 no alert, 1 alerts found, 2 error, 3 some evidence could not be read \
    (there may be alerts too).\n\nExamples:\n  \
    dualuse scan logs/ --min-severity medium\n  \
    dualuse scan logs/ --format jsonl | jq -r 'select(.leaning==\"attacker\") | .title'"
)]
pub(in crate::cli) struct Scan {
    #[command(flatten)]
    pub(in crate::cli) evidence: Evidence,
    /// Form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: ScanFormat,
    /// Work on so many threads (default: one for each processor)
    #[arg(long, value_name = "N")]
    pub(in crate::cli) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(in crate::cli) showing: Showing,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
}

/// Forms of `scan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ScanFormat {
    /// Plain sentences, one block per alert
    Text,
    /// One object with everything
    Json,
    /// One alert per line
    Jsonl,
    /// One alert per row
    Csv,
}
