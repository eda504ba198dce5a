//! `case` and its actions.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `case`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 a case is broken or in conflict, 2 error.")]
pub(in crate::cli) struct Case {
    #[command(subcommand)]
    pub(in crate::cli) action: CaseAction,
}

/// What to do with a case file.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CaseAction {
    /// Print the log of a case
    #[command(after_help = "Exit code: 0 printed, 1 printed what holds of a broken log, 2 error.")]
    Show {
        /// Case file
        #[arg(value_name = "CASE")]
        case: PathBuf,
        /// Print JSON, one entry per line, exactly as chained
        #[arg(long)]
        json: bool,
    },
    /// Recompute the hash chain of a case and say what does not hold
    #[command(
        after_help = "Found: any changed byte of an entry, entries removed, added, renumbered or out of order, a cut tail.\n\
        Not found by the file alone: a log that somebody wrote anew as a whole, or cut together with its seal.\n\
        For that, keep the last entry outside: every report cites it, and --holds ENTRY asks for it.\n\n\
        Exit code: 0 whole, 1 broken (or evidence or ENTRY missing), 2 error."
    )]
    Verify {
        /// Case file
        #[arg(value_name = "CASE")]
        case: PathBuf,
        /// Also check that these files and folders still hold the evidence that the log records
        #[arg(long, value_name = "EVIDENCE")]
        evidence: Vec<PathBuf>,
        /// Also check that the log still holds this entry, such as the last one cited by a report
        #[arg(long, value_name = "ENTRY")]
        holds: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Unite case files into a new one; with one damaged file, save what still holds
    #[command(
        after_help = "Every author's history is kept; verdicts that contradict each other are shown as conflicts,\n\
        and a new verdict settles them. Order and repetition of the files make no difference.\n\n\
        Exit code: 0 merged, 1 merged, but verdicts are in conflict or entries were left out, 2 error."
    )]
    Merge {
        /// Case files
        #[arg(value_name = "CASE", required = true)]
        cases: Vec<PathBuf>,
        /// New case file
        #[arg(short, long, value_name = "NEW")]
        output: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print where the case of some evidence lies
    Path {
        /// The evidence
        #[arg(required = true, value_name = "EVIDENCE")]
        evidence: Vec<PathBuf>,
    },
}
