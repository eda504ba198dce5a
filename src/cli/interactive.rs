//! Without a subcommand: the terminal interface, or as `scan` where there is no terminal.

use std::path::PathBuf;

use super::Outcome;
use super::arguments::{Evidence, Interactive, Scan, ScanFormat, Showing};
use super::output::{Output, note};
use super::scan;

/// Runs the interface; without a terminal prints what `scan` prints.
pub(super) fn run(arguments: &Interactive, out: &mut Output) -> anyhow::Result<Outcome> {
    let mut arguments = arguments.clone();
    if arguments.evidence.is_empty() {
        arguments.evidence = vec![bundled_logs()?];
    }
    let arguments = &arguments;
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
        threads: None,
    };
    scan::run(&scan, out)
}

/// Where the logs lie that come with the sources: from the current folder upwards.
const BUNDLED: &str = "testdata/logs";

/// The bundled logs, for whoever runs it from a checkout without saying what to read.
fn bundled_logs() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let found = here
        .ancestors()
        .filter(|folder| folder.join("testdata/forge/Cargo.toml").is_file())
        .map(|folder| folder.join(BUNDLED))
        .find(|logs| logs.is_dir());
    match found {
        Some(logs) => {
            note(&format!(
                "no evidence named; reading the bundled logs, {}",
                logs.display()
            ));
            Ok(logs)
        }
        None => anyhow::bail!(
            "no evidence named. Begin with event logs and folders that hold them: `dualuse logs/`, \
             or `dualuse scan logs/` to print the alerts; `dualuse --help` says more"
        ),
    }
}

#[cfg(feature = "tui")]
fn interface(arguments: &Interactive) -> anyhow::Result<Outcome> {
    use super::arguments::ConfigKind;
    use super::config::own;
    use super::evidence::{case_path, catalog};
    let own_theme = || own(ConfigKind::Theme).map(|path| path.to_string_lossy().into_owned());
    crate::tui::run(crate::tui::Options {
        evidence: arguments.evidence.clone(),
        case: case_path(&arguments.evidence, &arguments.case)?,
        author: crate::case::author(arguments.case.author.as_deref()),
        zone: arguments.looks.tz,
        theme: arguments.looks.theme.clone().or_else(own_theme),
        ascii: arguments.looks.ascii,
        keys: arguments
            .looks
            .keys
            .clone()
            .or_else(|| own(ConfigKind::Keys)),
        catalog: catalog(arguments.reading.catalog.as_deref())?,
        environment: crate::environment::Environment::load(arguments.reading.config.as_deref())?,
    })?;
    Ok(Outcome::Done)
}
