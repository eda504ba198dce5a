//! The terminal interface: the only code that knows a screen.
//!
//! ```text
//! run terminal input     event loop; enter, leave, panic and suspend; keys and signals
//! message model update   update(&mut Model, Message) -> effects; no terminal, no files
//! command key keymap     one registry of commands; footer, help, palette and the table of keys read it
//! theme                  role -> look; themes/*.toml
//! view widget            draw(&Model, area, buffer), pure, at any size
//! worker editor          what runs beside: loading, queries, the case; the analyst's own editor
//! ```

pub mod command;
mod editor;
mod input;
pub mod key;
pub mod key_table;
pub mod keymap;
pub mod message;
pub mod model;
mod run;
mod terminal;
#[cfg(test)]
mod tests;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use terminal::is_available;

use crate::detect::Catalog;
use crate::environment::Environment;
use model::{Model, Settings};
use theme::{Depth, Theme};

/// What the interface starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders to read.
    pub evidence: Vec<PathBuf>,
    /// The case file; begun when it is not there.
    pub case: PathBuf,
    /// Who decides and notes.
    pub author: String,
    /// Zone of shown times besides UTC and this machine's; times start in it.
    pub zone: Option<chrono_tz::Tz>,
    /// Name of a theme, or the file of one; `None` is the terminal's own colours.
    pub theme: Option<String>,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// A keymap file to lay over the default keys.
    pub keys: Option<PathBuf>,
    /// The tools to look for.
    pub catalog: Catalog,
    /// What the site knows about itself.
    pub environment: Environment,
}

/// Runs the interface until the analyst leaves it.
///
/// # Errors
/// Without a terminal; with a theme or keymap that cannot be used (all mistakes are named); or
/// when the terminal fails. The terminal is then as it was before.
pub fn run(options: Options) -> anyhow::Result<()> {
    let depth = Depth::from_environment(|name| std::env::var_os(name));
    let theme = theme(options.theme.as_deref(), depth)?;
    let keymap = keymap::with_file(options.keys.as_deref())?;
    let settings = Settings {
        evidence: options.evidence.clone(),
        author: options.author.clone(),
        ascii: options.ascii,
        zone: options.zone,
        depth,
        site_zone: options.environment.time_zone,
    };
    let mut model = Model::new(settings, keymap, theme);
    if let Some(zone) = options.zone {
        model.data.zone = model::Zone::Named(zone);
    }
    if !options.evidence.is_empty() {
        model.loading.stage = model::Stage::Reading;
    }
    let task = worker::Task {
        evidence: options.evidence,
        case: options.case,
        author: options.author,
        catalog: Arc::new(options.catalog),
        environment: options.environment,
    };
    run::run(model, |sender| worker::Workers::start(task, sender))?;
    Ok(())
}

/// The theme named; without colours the monochrome one, whatever is named.
fn theme(named: Option<&str>, depth: Depth) -> anyhow::Result<Theme> {
    let theme = match named {
        _ if depth == Depth::None => Theme::built_in("monochrome"),
        None => Theme::built_in("default"),
        Some(file) if file.ends_with(".toml") => {
            return Ok(Theme::from_file(Path::new(file))?.at_depth(depth));
        }
        Some(name) => Theme::built_in(name),
    };
    Ok(theme.map_err(anyhow::Error::msg)?.at_depth(depth))
}
