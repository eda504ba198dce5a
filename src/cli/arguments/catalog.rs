//! `catalog` and its actions.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `catalog`
#[derive(Args, Debug)]
pub(in crate::cli) struct Catalog {
    #[command(subcommand)]
    pub(in crate::cli) action: CatalogAction,
}

/// What to show of the catalogue.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CatalogAction {
    /// List the tools
    List {
        /// Add the tools of this catalogue
        #[arg(long, value_name = "FILE")]
        catalog: Option<PathBuf>,
    },
    /// Say what one tool is and which traces show it
    Explain {
        /// Id of the tool
        tool: String,
        /// Add the tools of this catalogue
        #[arg(long, value_name = "FILE")]
        catalog: Option<PathBuf>,
    },
    /// List the signals that alerts are weighed by: weight, source and what they need
    Signals,
    /// Check a catalogue file and say everything that is wrong with it
    Check {
        /// The file
        file: PathBuf,
    },
}
