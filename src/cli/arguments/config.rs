//! `config` and its actions.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `config`
#[derive(Args, Debug)]
pub(in crate::cli) struct Config {
    #[command(subcommand)]
    pub(in crate::cli) action: ConfigAction,
}

/// What to do with the files that change how dualuse works.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigAction {
    /// Print a file to begin with, every setting explained
    Template {
        /// Which file
        #[arg(default_value = "site")]
        kind: ConfigKind,
    },
    /// Check your files, or one, and say everything that is wrong
    Check {
        /// The file (default: every one of yours that is there)
        file: Option<PathBuf>,
        /// What the file is
        #[arg(long, default_value = "site", requires = "file")]
        kind: ConfigKind,
    },
    /// Print where a file of yours lies
    Path {
        /// Which file
        #[arg(default_value = "site")]
        kind: ConfigKind,
    },
}

/// The files that change how dualuse works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ConfigKind {
    /// What the site knows about itself: accounts, admin hosts, change windows
    Site,
    /// Settings of the interface: theme, zone, mouse, order, …
    #[cfg(feature = "tui")]
    Interface,
    /// Keys of the interface, laid over the default ones
    #[cfg(feature = "tui")]
    Keys,
    /// Colours of the interface: a theme of your own
    #[cfg(feature = "tui")]
    Theme,
}
