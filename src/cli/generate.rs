//! Completions and manual pages, made from the arguments themselves.

use std::io::Write;

use clap_complete::Shell;

use super::Outcome;
use super::arguments::Cli;
use super::output::Output;

/// Prints a completion script.
pub(super) fn completions(shell: Shell, out: &mut Output) -> anyhow::Result<Outcome> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::described(), "dualuse", &mut script);
    out.write_all(&script)?;
    Ok(Outcome::Done)
}

/// Prints a manual page: of the program, or of one subcommand.
pub(super) fn man(name: Option<&str>, out: &mut Output) -> anyhow::Result<Outcome> {
    let mut command = Cli::described();
    command.build();
    let page = match name {
        None => command,
        Some(name) => {
            let Some(found) = command.find_subcommand(name) else {
                let known: Vec<&str> = command
                    .get_subcommands()
                    .map(clap::Command::get_name)
                    .collect();
                anyhow::bail!("no such subcommand: {name}; there are {}", known.join(", "));
            };
            found.clone()
        }
    };
    clap_mangen::Man::new(page).render(out)?;
    #[cfg(feature = "tui")]
    if name.is_none() {
        let keymap = crate::tui::keymap::Keymap::default();
        out.write_all(crate::tui::key_table::roff(&keymap).as_bytes())?;
    }
    Ok(Outcome::Done)
}
