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
    use super::config::{own, themes};
    use super::evidence::{case_path, catalog};
    use crate::tui::Memory;
    use crate::tui::config::Config;
    let looks = &arguments.looks;
    let mut config = Config::with_file(own(ConfigKind::Interface).as_deref())?;
    config.theme = looks.theme.clone().unwrap_or(config.theme);
    config.color = looks.color.unwrap_or(config.color);
    config.zone = looks.tz.clone().unwrap_or(config.zone);
    if looks.ascii {
        config.ascii = Some(true);
    }
    crate::tui::run(crate::tui::Options {
        evidence: arguments.evidence.clone(),
        case: case_path(&arguments.evidence, &arguments.case)?,
        author: crate::case::author(arguments.case.author.as_deref()),
        config,
        themes: themes().ok(),
        keys: looks.keys.clone().or_else(|| own(ConfigKind::Keys)),
        memory: match (looks.no_state, looks.fresh) {
            (true, _) => Memory::Nothing {
                but_the_case: arguments.case.case.is_some(),
            },
            (false, true) => Memory::Fresh,
            (false, false) => Memory::Kept,
        },
        catalog: catalog(arguments.reading.catalog.as_deref())?,
        environment: crate::environment::Environment::load(arguments.reading.config.as_deref())?,
    })?;
    Ok(Outcome::Done)
}
