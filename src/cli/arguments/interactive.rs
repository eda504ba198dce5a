//! The arguments of the terminal interface.

use std::path::PathBuf;

use clap::Args;

use super::{CaseFile, Reading};

/// Without a subcommand: the terminal interface.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Interactive {
    /// Event logs (.evtx, JSON, XML, CSV, text, also packed as .zip, .tar, .gz) and folders that hold them
    #[arg(value_name = "EVIDENCE")]
    pub(in crate::cli) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
    #[cfg(feature = "tui")]
    #[command(flatten)]
    pub(in crate::cli) looks: Looks,
}

/// How the interface looks.
#[cfg(feature = "tui")]
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Looks {
    /// Zone of shown times: UTC, local, or a name such as Europe/Oslo (default: UTC; a key switches)
    #[arg(long, value_name = "ZONE")]
    pub(in crate::cli) tz: Option<crate::tui::model::Zone>,
    /// Theme: default, dark, light, high-contrast, colour-blind, monochrome, one of yours, or a
    /// theme file
    #[arg(long, value_name = "THEME")]
    pub(in crate::cli) theme: Option<String>,
    /// Colours of the terminal: auto (by its environment), never, 16, 256 or true
    #[arg(long, alias = "colour", value_name = "COLORS", value_parser = color)]
    pub(in crate::cli) color: Option<Color>,
    /// Draw with ASCII characters only, as on the Linux console
    #[arg(long)]
    pub(in crate::cli) ascii: bool,
    /// Lay the keys of this file over the default ones (default: yours, see `dualuse config path
    /// keys`)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) keys: Option<PathBuf>,
    /// Do not go on where this case was left: cursor, order, filters, marks and pages start anew
    #[arg(long)]
    pub(in crate::cli) fresh: bool,
    /// Write nothing that is not asked for: remember no session, and make no case file unless
    /// --case names it (nothing can be decided then)
    #[arg(long)]
    pub(in crate::cli) no_state: bool,
}

/// How many colours the terminal has; `None` is as its environment says.
#[cfg(feature = "tui")]
pub(in crate::cli) type Color = Option<crate::tui::theme::Depth>;

#[cfg(feature = "tui")]
fn color(word: &str) -> Result<Color, String> {
    crate::tui::config::depth(word)
}

/// `keys`
#[cfg(feature = "tui")]
#[derive(Args, Debug)]
pub(in crate::cli) struct Keys {
    /// Lay the keys of this file over the default ones
    #[arg(long, value_name = "FILE", conflicts_with = "default")]
    pub(in crate::cli) keys: Option<PathBuf>,
    /// The default keys, whatever your own file says
    #[arg(long)]
    pub(in crate::cli) default: bool,
    /// As a Markdown table
    #[arg(long)]
    pub(in crate::cli) markdown: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(in crate::cli) json: bool,
}
