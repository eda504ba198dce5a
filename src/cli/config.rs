//! `dualuse config`: the site profile.

use std::io::Write;

use super::Outcome;
use super::arguments::{Config, ConfigAction};
use super::output::Output;
use crate::environment::{Environment, TEMPLATE};

pub(super) fn run(arguments: Config, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        ConfigAction::Template => out.write_all(TEMPLATE.as_bytes())?,
        ConfigAction::Path => writeln!(out, "{}", Environment::default_path()?.display())?,
        ConfigAction::Check { file } => {
            let path = match file {
                Some(path) => path,
                None => Environment::default_path()?,
            };
            let environment = Environment::load(Some(&path))?;
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
        }
    }
    Ok(Outcome::Done)
}
