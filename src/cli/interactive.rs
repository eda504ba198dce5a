//! Without a subcommand: the terminal interface, or as `scan` where there is no terminal.

use super::Outcome;
use super::arguments::{Evidence, Interactive, Scan, ScanFormat, Showing};
use super::output::Output;
use super::scan;

/// Runs the interface; without a terminal prints what `scan` prints.
pub(super) fn run(arguments: &Interactive, out: &mut Output) -> anyhow::Result<Outcome> {
    #[cfg(feature = "tui")]
    if crate::tui::is_available() {
        return interface(arguments);
    }
    let scan = Scan {
        evidence: Evidence {
            evidence: arguments.evidence.clone(),
            reading: arguments.reading.clone(),
        },
        format: ScanFormat::Text,
        showing: Showing::default(),
        case: arguments.case.clone(),
    };
    scan::run(&scan, out)
}

#[cfg(feature = "tui")]
fn interface(arguments: &Interactive) -> anyhow::Result<Outcome> {
    use super::evidence::{case_path, catalog};
    crate::tui::run(crate::tui::Options {
        evidence: arguments.evidence.clone(),
        case: case_path(&arguments.evidence, &arguments.case)?,
        author: crate::case::author(arguments.case.author.as_deref()),
        zone: arguments.looks.tz,
        theme: arguments.looks.theme.clone(),
        ascii: arguments.looks.ascii,
        keys: arguments.looks.keys.clone(),
        catalog: catalog(arguments.reading.catalog.as_deref())?,
        environment: crate::environment::Environment::load(arguments.reading.config.as_deref())?,
    })?;
    Ok(Outcome::Done)
}
