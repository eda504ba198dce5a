//! The site profile as a TOML file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use toml::de::DeTable;

use super::strict_toml::{Placed, Reader, TomlFault};
use super::{Answer, ChangeWindow, Environment, ManagementServer, Pattern};
use crate::event::{NamedZone, Time};

/// A profile to begin with: every setting, explained, and all of them unknown.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Why a profile could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is written in it is wrong: everything at once.
    #[error("{path}: the site profile is not right{}", list(.faults))]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// What is wrong, in the order of lines.
        faults: Vec<TomlFault>,
    },
    /// There is no place for it.
    #[error("no folder for the site profile is known ({0}); name a file with --config FILE")]
    NoHome(String),
}

fn list(faults: &[TomlFault]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

impl Environment {
    /// Where the profile lies when nobody says: `site.toml` in the user's configuration folder.
    ///
    /// # Errors
    /// When the user has no home folder.
    pub fn default_path() -> Result<PathBuf, ProfileError> {
        let strategy = choose_app_strategy(AppStrategyArgs {
            top_level_domain: String::new(),
            author: String::new(),
            app_name: "dualuse".to_owned(),
        })
        .map_err(|error| ProfileError::NoHome(error.to_string()))?;
        Ok(strategy.config_dir().join("site.toml"))
    }

    /// Reads the profile at `path`, or the user's own when none is named; without one, nothing is
    /// known.
    ///
    /// # Errors
    /// When a named file is not there, or a file cannot be read or is wrong.
    pub fn load(path: Option<&Path>) -> Result<Self, ProfileError> {
        let (path, named) = match path {
            Some(path) => (path.to_owned(), true),
            None => match Environment::default_path() {
                Ok(path) => (path, false),
                Err(_) => return Ok(Environment::default()),
            },
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                Environment::parse(&text).map_err(|faults| ProfileError::Wrong { path, faults })
            }
            Err(error) if !named && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Environment::default())
            }
            Err(source) => Err(ProfileError::Io { path, source }),
        }
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines.
    pub fn parse(text: &str) -> Result<Self, Vec<TomlFault>> {
        let (mut reader, root) = Reader::parse(text);
        let environment = environment(&mut reader, &root);
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(environment)
        } else {
            Err(faults)
        }
    }
}

fn environment<'i>(reader: &mut Reader<'i>, root: &DeTable<'i>) -> Environment {
    let known = [
        "time_zone",
        "linux",
        "accounts",
        "admin_sources",
        "management_server",
        "change_window",
    ];
    reader.know(root, "the profile", &known);
    let mut environment = Environment {
        time_zone: time_zone(reader, root),
        linux: linux(reader, root),
        ..Environment::default()
    };
    if let Some(accounts) = reader.table(root, "accounts") {
        reader.know(
            accounts,
            "[accounts]",
            &["service", "admin", "admin_groups"],
        );
        environment.service_accounts = patterns(reader, accounts, "service");
        environment.admin_accounts = patterns(reader, accounts, "admin");
        environment.admin_groups = patterns(reader, accounts, "admin_groups");
    }
    if let Some(sources) = reader.table(root, "admin_sources") {
        reader.know(sources, "[admin_sources]", &["hosts", "networks"]);
        environment.admin_hosts = patterns(reader, sources, "hosts");
        for (text, at) in reader.texts(sources, "networks") {
            match text.parse() {
                Ok(network) => environment.admin_networks.push(network),
                Err(what) => reader.fault(at, what),
            }
        }
    }
    for (table, at) in reader.tables(root, "management_server") {
        environment
            .management_servers
            .extend(management_server(reader, table, at));
    }
    for (table, at) in reader.tables(root, "change_window") {
        environment.change_windows.extend(change_window(
            reader,
            table,
            at,
            environment.time_zone.as_ref(),
        ));
    }
    environment
}

fn time_zone<'i>(reader: &mut Reader<'i>, root: &DeTable<'i>) -> Option<NamedZone> {
    let (name, at) = reader.text(root, "time_zone")?;
    let zone = name.parse().ok();
    if zone.is_none() {
        reader.fault(
            at,
            format!("“{name}” is no time zone; write a name such as Europe/Copenhagen or UTC"),
        );
    }
    zone
}

fn linux<'i>(reader: &mut Reader<'i>, root: &DeTable<'i>) -> Answer {
    match reader.text(root, "linux") {
        None => Answer::Unknown,
        Some((answer, at)) => match answer.to_lowercase().as_str() {
            "yes" => Answer::Yes,
            "no" => Answer::No,
            "unknown" => Answer::Unknown,
            _ => {
                reader.fault(at, "linux must be \"yes\", \"no\" or \"unknown\"");
                Answer::Unknown
            }
        },
    }
}

/// A list of patterns. One that matches everything would quietly switch a check off.
fn patterns<'i>(reader: &mut Reader<'i>, table: &DeTable<'i>, key: &str) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for (text, at) in reader.texts(table, key) {
        if text
            .chars()
            .all(|character| matches!(character, '*' | '\\' | ' '))
        {
            reader.fault(at, format!("“{text}” in {key} would match every name"));
        } else {
            patterns.push(Pattern::new(text.trim()));
        }
    }
    patterns
}

fn management_server<'i>(
    reader: &mut Reader<'i>,
    table: &DeTable<'i>,
    at: Range<usize>,
) -> Option<ManagementServer> {
    reader.know(
        table,
        "[[management_server]]",
        &["host", "address", "product"],
    );
    let host = reader.needed_text(table, "host", at.clone());
    let product = reader.needed_text(table, "product", at);
    let address = reader.text(table, "address").and_then(|(text, at)| {
        let address = text.trim().parse().ok();
        if address.is_none() {
            reader.fault(at, format!("“{text}” is no address"));
        }
        address
    });
    Some(ManagementServer {
        host: Pattern::new(&host?),
        address,
        product: product?,
    })
}

fn change_window<'i>(
    reader: &mut Reader<'i>,
    table: &DeTable<'i>,
    at: Range<usize>,
    zone: Option<&NamedZone>,
) -> Option<ChangeWindow> {
    reader.know(
        table,
        "[[change_window]]",
        &["name", "ticket", "from", "to", "hosts", "accounts"],
    );
    let name = reader.needed_text(table, "name", at.clone());
    let ticket = reader.text(table, "ticket").map(|(text, _)| text);
    let hosts = patterns(reader, table, "hosts");
    let accounts = patterns(reader, table, "accounts");
    let mut time = |key: &str| match reader.time_text(table, key) {
        Some(placed) => local_time(reader, placed, zone),
        None => {
            if table.get(key).is_none() {
                reader.fault(at.clone(), format!("{key} is missing"));
            }
            None
        }
    };
    let (from, to) = (time("from"), time("to"));
    let (from, to) = (from?, to?);
    if from >= to {
        reader.fault(at, "the window ends before it begins");
        return None;
    }
    Some(ChangeWindow {
        name: name?,
        ticket,
        from,
        to,
        hosts,
        accounts,
    })
}

/// A time with an offset, or in the site's own zone. Where clocks are set back and a time comes
/// twice, the first is meant.
fn local_time(
    reader: &mut Reader<'_>,
    (text, at): Placed<String>,
    zone: Option<&NamedZone>,
) -> Option<Time> {
    let plain = text.trim().replace('T', " ");
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let local = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&plain, form).ok());
    let time = match (local, zone) {
        (Some(local), Some(zone)) => zone.earliest(local),
        _ => Time::parse(&text),
    };
    if time.is_none() {
        reader.fault(
            at,
            format!("“{text}” is no date and time, or one that never was in this zone"),
        );
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_right_and_knows_nothing() {
        assert_eq!(Environment::parse(TEMPLATE), Ok(Environment::default()));
    }

    #[test]
    fn every_line_of_the_template_is_right_once_uncommented() {
        let settings = TEMPLATE.lines().map(|line| {
            let bare = line.trim_start();
            let setting = bare
                .strip_prefix("# ")
                .filter(|rest| rest.contains(" = ") || rest.starts_with(['[', '\'', '"']));
            setting.unwrap_or(line)
        });
        let text: Vec<&str> = settings.collect();
        let environment = Environment::parse(&text.join("\n")).unwrap();
        assert_eq!(
            environment.is_service_account(r"NORDHAVN\svc_backup"),
            Some(true)
        );
        assert_eq!(environment.is_admin_account(r"NORDHAVN\anna"), Some(false));
        assert_eq!(
            environment.is_admin_source(None, Some("10.20.0.7")),
            Some(true)
        );
        assert_eq!(
            environment
                .management_server(Some("deploy01"), None)
                .unwrap()
                .product,
            "PDQ Deploy"
        );
        let window = environment.change_window("chg-1042").unwrap();
        assert_eq!(
            window.from,
            Time::parse("2026-03-10T17:00:00Z").unwrap(),
            "Copenhagen is UTC+1 in March"
        );
        assert!(window.covers(
            window.from,
            "FS01.nordhavn.example",
            Some("adm.berg@nordhavn")
        ));
        assert!(!window.covers(window.to, "FS01", Some("adm.berg")));
        assert!(!window.covers(window.from, "FS01", None));
    }

    #[test]
    fn everything_wrong_is_said_at_once_with_its_line() {
        let text = "linux = \"maybe\"\ntime_zone = 3\ncolour = \"red\"\n\n[accounts]\nadmin = [\"ok\", 7, \"*\"]\n\n[[change_window]]\nname = \"x\"\nfrom = 2026-03-10T18:00:00\nto = 2026-03-10T17:00:00\n[[management_server]]\naddress = \"nowhere\"\n";
        let faults = Environment::parse(text).unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 2, 3, 6, 6, 8, 12, 12, 13], "{faults:#?}");
        assert_eq!(
            faults[0].to_string(),
            "line 1, column 9: linux must be \"yes\", \"no\" or \"unknown\""
        );
    }

    #[test]
    fn a_broken_file_says_where() {
        let faults = Environment::parse("linux = \"yes\"\n[accounts\nadmin = []\n").unwrap_err();
        assert_eq!(faults[0].line, 2, "{faults:?}");
    }

    #[test]
    fn a_named_profile_must_be_there() {
        let error = Environment::load(Some(Path::new("/nowhere/site.toml"))).unwrap_err();
        assert!(
            error.to_string().starts_with("/nowhere/site.toml: "),
            "{error}"
        );
    }
}
