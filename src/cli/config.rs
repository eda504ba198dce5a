//! `dualuse config`: the site profile, and the interface's settings, keys and themes.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::arguments::{Config, ConfigAction, ConfigKind};
use super::output::Output;
use crate::environment::{Environment, TEMPLATE};

pub(super) fn run(arguments: Config, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        ConfigAction::Template { kind } => out.write_all(template(kind).as_bytes())?,
        ConfigAction::Path { kind } => writeln!(out, "{}", path(kind)?.display())?,
        ConfigAction::Check {
            file: Some(file),
            kind,
        } => check(kind, &file, out)?,
        ConfigAction::Check { file: None, .. } => check_own(out)?,
    }
    Ok(Outcome::Done)
}

fn template(kind: ConfigKind) -> &'static str {
    match kind {
        ConfigKind::Site => TEMPLATE,
        #[cfg(feature = "tui")]
        ConfigKind::Interface => crate::tui::config::TEMPLATE,
        #[cfg(feature = "tui")]
        ConfigKind::Keys => crate::tui::keymap::DEFAULT,
        #[cfg(feature = "tui")]
        ConfigKind::Theme => crate::tui::theme::TEMPLATE,
    }
}

/// Where a file of the user's lies, if there is one.
fn path(kind: ConfigKind) -> anyhow::Result<PathBuf> {
    let site = Environment::default_path()?;
    Ok(match kind {
        ConfigKind::Site => site,
        #[cfg(feature = "tui")]
        ConfigKind::Interface => site.with_file_name("config.toml"),
        #[cfg(feature = "tui")]
        ConfigKind::Keys => site.with_file_name("keys.toml"),
        #[cfg(feature = "tui")]
        ConfigKind::Theme => site.with_file_name("themes").join("mine.toml"),
    })
}

/// The folder of the user's themes.
#[cfg(feature = "tui")]
pub(super) fn themes() -> anyhow::Result<PathBuf> {
    Ok(Environment::default_path()?.with_file_name("themes"))
}

/// The user's own file, if it is there.
#[cfg(feature = "tui")]
pub(super) fn own(kind: ConfigKind) -> Option<PathBuf> {
    path(kind).ok().filter(|path| path.exists())
}

/// Checks every file of the user's that is there.
fn check_own(out: &mut Output) -> anyhow::Result<()> {
    use clap::ValueEnum;
    let kinds = ConfigKind::value_variants().iter();
    let mut files = Vec::new();
    for kind in kinds {
        match kind {
            #[cfg(feature = "tui")]
            ConfigKind::Theme => {
                let mut own: Vec<PathBuf> = std::fs::read_dir(themes()?)
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .filter(|path| path.extension().is_some_and(|end| end == "toml"))
                    .collect();
                own.sort();
                files.extend(own.into_iter().map(|path| (*kind, path)));
            }
            _ => files.push((*kind, path(*kind)?)),
        }
    }
    files.retain(|(_, path)| path.exists());
    if files.is_empty() {
        let path = path(ConfigKind::Site)?;
        anyhow::bail!(
            "{}: there is no such file, and no other of yours; begin with `dualuse config template`",
            path.display()
        );
    }
    let mut wrong = Vec::new();
    for (kind, path) in files {
        if let Err(error) = check(kind, &path, out) {
            wrong.push(format!("{error:#}"));
        }
    }
    if !wrong.is_empty() {
        anyhow::bail!("{}", wrong.join("\n"));
    }
    Ok(())
}

fn check(kind: ConfigKind, path: &Path, out: &mut Output) -> anyhow::Result<()> {
    match kind {
        ConfigKind::Site => return check_site(path, out),
        #[cfg(feature = "tui")]
        ConfigKind::Interface => {
            crate::tui::config::Config::with_file(Some(path))?;
        }
        #[cfg(feature = "tui")]
        ConfigKind::Keys => {
            crate::tui::keymap::with_file(Some(path))?;
        }
        #[cfg(feature = "tui")]
        ConfigKind::Theme => {
            let mut library = crate::tui::theme::Library::with_folder(&themes()?)?;
            let name = library.add_file(path)?;
            let theme = library.theme(&name);
            theme.map_err(|fault| anyhow::anyhow!("{}: {fault}", path.display()))?;
        }
    }
    #[cfg(feature = "tui")]
    writeln!(out, "{}: right", path.display())?;
    #[cfg(feature = "tui")]
    Ok(())
}

fn check_site(path: &Path, out: &mut Output) -> anyhow::Result<()> {
    let environment = Environment::load(Some(path))?;
    writeln!(out, "{}: right", path.display())?;
    for (what, number) in [
        ("service accounts", environment.service_accounts.len()),
        ("admin accounts", environment.admin_accounts.len()),
        ("admin groups", environment.admin_groups.len()),
        ("admin hosts", environment.admin_hosts.len()),
        ("admin networks", environment.admin_networks.len()),
        ("management servers", environment.management_servers.len()),
        ("change windows", environment.change_windows.len()),
    ] {
        writeln!(out, "  {number:>4} {what}")?;
    }
    Ok(())
}
