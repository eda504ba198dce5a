//! The command line. Standard output is data, standard error is messages and progress.
//!
//! | code | means |
//! |---:|---|
//! | 0 | done; `scan`: no alert; `triage decide`, `known add`: saved; `case verify`: whole |
//! | 1 | `scan`: alerts found; `triage`, `known`: something was refused; `case verify`: broken; `case merge`: conflicts |
//! | 2 | error: nothing was done, or not all of it; the message names file, place and remedy |
//! | 3 | `scan`, `export`: some evidence could not be read (there may be alerts too) |

mod arguments;
mod case;
mod catalog;
mod config;
mod evidence;
mod export;
mod generate;
mod interactive;
#[cfg(feature = "tui")]
mod keys;
mod known;
mod output;
mod scan;
mod triage;

use std::io;
use std::process::ExitCode;

use clap::FromArgMatches;

use arguments::{Cli, Command};
use output::Output;

/// How a command ended, when it was not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, nothing to report.
    Done,
    /// Alerts found, a decision refused, a case broken.
    Found,
    /// Some evidence could not be read.
    Unread,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Found => ExitCode::from(1),
            Outcome::Unread => ExitCode::from(3),
        }
    }
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let cli =
        Cli::from_arg_matches(&Cli::described().get_matches()).unwrap_or_else(|error| error.exit());
    match run(cli, &mut Output::standard()) {
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli, out: &mut Output) -> anyhow::Result<Outcome> {
    let outcome = match cli.command {
        Some(Command::Scan(arguments)) => scan::run(&arguments, out)?,
        Some(Command::Export(arguments)) => export::run(&arguments, out)?,
        Some(Command::Triage(arguments)) => triage::run(arguments, out)?,
        Some(Command::Known(arguments)) => known::run(arguments, out)?,
        Some(Command::Case(arguments)) => case::run(arguments, out)?,
        Some(Command::Catalog(arguments)) => catalog::run(arguments, out)?,
        Some(Command::Config(arguments)) => config::run(arguments, out)?,
        #[cfg(feature = "tui")]
        Some(Command::Keys(arguments)) => keys::run(&arguments, out)?,
        Some(Command::Completions { shell }) => generate::completions(shell, out)?,
        Some(Command::Man { command }) => generate::man(command.as_deref(), out)?,
        None => interactive::run(&cli.interactive, out)?,
    };
    out.finish()?;
    Ok(outcome)
}

/// Whether the reader of our output has gone away, as `head` does: no reason to complain.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
