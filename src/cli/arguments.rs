//! Arguments and subcommands, with their help: what all share here, each subcommand's own in a file
//! of its name.

mod case;
mod catalog;
mod config;
mod export;
mod interactive;
mod known;
mod scan;
mod triage;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::investigate::Severity;

pub(super) use case::{Case, CaseAction};
pub(super) use catalog::{Catalog, CatalogAction};
pub(super) use config::{Config, ConfigAction, ConfigKind};
pub(super) use export::Export;
pub(super) use interactive::Interactive;
#[cfg(feature = "tui")]
pub(super) use interactive::Keys;
pub(super) use known::{Known, KnownAction, Rule};
pub(super) use scan::{Scan, ScanFormat};
pub(super) use triage::{Ask, Decide, Note, Triage, TriageAction};

/// What most subcommands end with.
const EXIT_CODES: &str = "Exit code: 0 done, 2 error.";

/// Was it our administrator, or an attacker? Triage of PsExec, winexe and look-alikes from raw
/// Windows event logs.
#[derive(Debug, Parser)]
#[command(
    name = "dualuse",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Examples:\n  \
        dualuse logs/                          look, pivot and decide in the terminal\n  \
        dualuse                                the same with the bundled logs, in a checkout\n  \
        dualuse scan logs/                     the alerts as text\n  \
        dualuse scan logs/ --format json       … and as JSON, for scripts\n  \
        dualuse export logs/ -o note.md        the note for the ticket\n\n\
        Evidence is opened read-only and nothing is written beside it. Decisions and notes go to a\n\
        case file in your data folder, or where --case says.\n\n\
        Exit code: 0 done, 1 something was found or refused, 2 error, 3 some evidence could not be\n\
        read; each subcommand's help says which."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) interactive: Interactive,
}

impl Cli {
    /// The whole command line. A subcommand whose help says nothing of exit codes has the usual ones.
    pub(super) fn described() -> clap::Command {
        with_exit_codes(Self::command())
    }
}

fn with_exit_codes(command: clap::Command) -> clap::Command {
    let command = command.mut_subcommands(with_exit_codes);
    let help = command.get_after_help().map(ToString::to_string);
    match help {
        Some(help) if help.contains("Exit code") => command,
        Some(help) => command.after_help(format!("{help}\n\n{EXIT_CODES}")),
        None => command.after_help(EXIT_CODES),
    }
}

/// Everything but the terminal interface.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find alerts and print them
    Scan(Scan),
    /// Write a report: alerts, decisions and notes
    Export(Export),
    /// List alerts, decide about them and note, without the interface
    Triage(Triage),
    /// Rules made from verdicts: list, add, edit, revoke, share
    Known(Known),
    /// Show, verify, merge and find case files
    Case(Case),
    /// Show the tools that are looked for, and check a catalogue of your own
    Catalog(Catalog),
    /// Tell dualuse about your site: accounts, admin hosts, change windows
    Config(Config),
    /// List the keys of the interface
    #[cfg(feature = "tui")]
    Keys(Keys),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Of this subcommand
        command: Option<String>,
    },
}

/// What to read.
#[derive(Args, Clone, Debug)]
pub(super) struct Evidence {
    /// Event logs (.evtx, JSON, XML, CSV, text, also packed as .zip, .tar, .gz) and folders that hold them
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(super) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

/// How to read it.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Reading {
    /// Add the tools of this catalogue to the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(super) catalog: Option<PathBuf>,
    /// Site profile to judge by (default: see `dualuse config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Compute the SHA-256 of every source
    #[arg(long)]
    pub(super) hash: bool,
}

/// Which case.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct CaseFile {
    /// Case file (default: one per evidence, in your data folder)
    #[arg(long, value_name = "FILE")]
    pub(super) case: Option<PathBuf>,
    /// Who decides (default: $DUALUSE_AUTHOR, else user@host)
    #[arg(long, value_name = "NAME")]
    pub(super) author: Option<String>,
}

/// What to show.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct Showing {
    /// Leave out alerts below this severity, unless somebody decided about them
    #[arg(long, value_name = "LEVEL")]
    pub(super) min_severity: Option<Level>,
    /// Leave passwords in command lines as they are
    #[arg(long)]
    pub(super) show_secrets: bool,
}

/// Whose case to undo in.
#[derive(Args, Debug)]
pub(super) struct Whose {
    /// The evidence whose case it is
    #[arg(value_name = "EVIDENCE", required_unless_present = "case")]
    pub(super) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) case: CaseFile,
}

/// A severity on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// Context
    Info,
    /// Looks like administration
    Low,
    /// Needs a look
    Medium,
    /// Leans towards an attacker
    High,
    /// Strong facts for an attacker
    Critical,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Severity::Info,
            Level::Low => Severity::Low,
            Level::Medium => Severity::Medium,
            Level::High => Severity::High,
            Level::Critical => Severity::Critical,
        }
    }
}
