//! `export`

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, ValueEnum};

use super::{CaseFile, Evidence, Showing};
use crate::report::Format;

/// `export`
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 written, 2 error, 3 written, but some evidence could not be read.\n\n\
    Examples:\n  \
    dualuse export logs/ -o note.md\n  \
    dualuse export logs/ --case evening.dualuse-case --format csv -o alerts.csv"
)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    pub(in crate::cli) evidence: Evidence,
    /// Form of the report (default: by the ending of OUT, else markdown)
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<ReportFormat>,
    /// File to write (default: standard output)
    #[arg(short, long, value_name = "OUT")]
    pub(in crate::cli) output: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) showing: Showing,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
}

/// A report format, under the word that the report module gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ReportFormat(pub(in crate::cli) Format);

impl ValueEnum for ReportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<ReportFormat>> =
            LazyLock::new(|| Format::ALL.into_iter().map(ReportFormat).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()).help(self.0.help()))
    }
}
