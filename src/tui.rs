//! The terminal interface: the only code that knows a screen.
//!
//! ```text
//! run terminal input     event loop; enter, leave, panic and suspend; keys and signals
//! message model update   update(&mut Model, Message) -> effects; no terminal, no files
//! command key keymap     one registry of commands; footer, help, palette and the table of keys read it
//! theme                  role -> look; themes/*.toml
//! session                where a case was left, kept in the user's state folder
//! config                 the user's settings
//! view widget            draw(&Model, area, buffer), pure, at any size
//! worker editor          what runs beside: loading, queries, the case; the analyst's own editor
//! headless               the same without a terminal, for tests and benchmarks
//! ```

pub mod command;
pub mod config;
mod editor;
pub mod headless;
mod input;
pub mod key;
pub mod key_table;
pub mod keymap;
pub mod message;
pub mod model;
mod run;
pub mod session;
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
use config::Config;
use model::{Model, Settings, Zone};
use theme::{Depth, Library, Role, Theme};

/// What the interface starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders to read.
    pub evidence: Vec<PathBuf>,
    /// The case file; begun when it is not there.
    pub case: PathBuf,
    /// Who decides and notes.
    pub author: String,
    /// How it looks and behaves; what the command line says is in it already.
    pub config: Config,
    /// The folder of the user's own themes.
    pub themes: Option<PathBuf>,
    /// A keymap file to lay over the default keys.
    pub keys: Option<PathBuf>,
    /// What is remembered of the case beside decisions and notes.
    pub memory: Memory,
    /// The tools to look for.
    pub catalog: Catalog,
    /// What the site knows about itself.
    pub environment: Environment,
}

/// What the program keeps on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Go on where the case was left, and remember where it is left now.
    Kept,
    /// Begin anew, and remember where it is left now.
    Fresh,
    /// Begin anew and write nothing that was not asked for: no session, and no case file unless
    /// one is named.
    Nothing {
        /// Whether the case file may be written all the same.
        but_the_case: bool,
    },
}

/// Runs the interface until the analyst leaves it.
///
/// # Errors
/// Without a terminal; with a theme or keymap that cannot be used (all mistakes are named); or
/// when the terminal fails. The terminal is then as it was before.
pub fn run(options: Options) -> anyhow::Result<()> {
    let session = session_file(&options);
    let (mut model, task) = prepare(options)?;
    let resumed = session.as_ref().map(|(path, resumes)| (path, *resumes));
    if let Some((path, true)) = resumed {
        match session::Session::read(path) {
            Ok(Some(session)) => update::resume(&mut model, session),
            Ok(None) => {}
            Err(reason) => {
                let text =
                    format!("where you left off cannot be read ({reason}); this starts anew");
                model.say(Role::Warning, text);
            }
        }
    }
    let left = run::run(model, |sender| worker::Workers::start(task, sender))?;
    if let Some((path, _)) = session
        && let Some(session) = session::Session::of(&left)
        && let Err(error) = session.write(&path)
    {
        anyhow::bail!(
            "{}: where you left off was not kept: {error} (--no-state keeps nothing)",
            path.display()
        );
    }
    Ok(())
}

/// Where the session is kept, and whether to go on from it.
fn session_file(options: &Options) -> Option<(PathBuf, bool)> {
    if !options.config.session || matches!(options.memory, Memory::Nothing { .. }) {
        return None;
    }
    let path = session::path_for(&options.case)?;
    let beside_evidence = crate::evidence::lies_in(&path, &options.evidence).is_some();
    (!beside_evidence).then_some((path, options.memory == Memory::Kept))
}

/// What is there before the first frame, and what the workers begin with.
fn prepare(options: Options) -> anyhow::Result<(Model, worker::Task)> {
    let config = options.config;
    let by_environment = || Depth::from_environment(|name| std::env::var_os(name));
    let depth = config.color.unwrap_or_else(by_environment);
    let (theme, themes, left_out) = themes(options.themes.as_deref(), &config.theme, depth)?;
    let keymap = keymap::with_file(options.keys.as_deref())?;
    let settings = Settings {
        evidence: options.evidence.clone(),
        author: options.author.clone(),
        ascii: config.ascii.unwrap_or_else(|| {
            let term = std::env::var("TERM").unwrap_or_default();
            theme::has_ascii_only(&term)
        }),
        zone: match &config.zone {
            Zone::Named(zone) => Some(zone.clone()),
            Zone::Utc | Zone::Machine => None,
        },
        depth,
        site_zone: options.environment.time_zone.clone(),
        themes,
        confirm_quit: config.confirm_quit,
    };
    let mut model = Model::new(settings, keymap, theme);
    model.data.zone = config.zone;
    (model.wrap, model.mouse) = (config.wrap, config.mouse);
    if let Some(list) = model.walk.alerts_mut() {
        (list.sort, list.column, list.reverse) = (config.sort, config.sort, config.reverse);
        list.is_grouped = config.group;
    }
    if let Some(reason) = left_out {
        model.say(Role::Warning, reason);
    }
    if !options.evidence.is_empty() {
        model.loading.stage = model::Stage::Reading;
    }
    let task = worker::Task {
        evidence: options.evidence,
        case: options.case,
        author: options.author,
        keeps_case: !matches!(
            options.memory,
            Memory::Nothing {
                but_the_case: false
            }
        ),
        catalog: Arc::new(options.catalog),
        environment: options.environment,
    };
    Ok((model, task))
}

/// The theme to begin with, all themes there are, and why some of the user's are left out.
fn themes(
    folder: Option<&Path>,
    named: &str,
    depth: Depth,
) -> anyhow::Result<(Theme, Vec<Theme>, Option<String>)> {
    let mut library = match folder {
        Some(folder) => Library::with_folder(folder)?,
        None => Library::default(),
    };
    let name = if named.ends_with(".toml") {
        library.add_file(Path::new(named))?
    } else {
        named.to_owned()
    };
    // a theme that was asked for must be right; another one may be left out
    let chosen = library.theme(&name).map_err(anyhow::Error::msg)?;
    let (mut themes, mut faults) = (Vec::new(), Vec::new());
    for name in library.names() {
        match library.theme(name) {
            Ok(theme) => themes.push(theme.at_depth(depth)),
            Err(fault) => faults.push(fault.lines().map(str::trim).collect::<Vec<_>>().join(" ")),
        }
    }
    let first = match depth {
        // without colours the monochrome one, whatever is named
        Depth::None => Theme::built_in("monochrome").map_err(anyhow::Error::msg)?,
        _ => chosen,
    };
    let left_out = (!faults.is_empty()).then(|| format!("left out: {}", faults.join("; ")));
    Ok((first.at_depth(depth), themes, left_out))
}
