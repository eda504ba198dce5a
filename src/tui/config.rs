//! The user's settings of the interface: `config.toml`, laid over the defaults.

use std::path::Path;

use anyhow::Context;
use toml::de::DeTable;

use super::model::{AlertColumn, Zone};
use super::theme::Depth;
use crate::environment::TomlFault;
use crate::environment::strict_toml::Reader;

/// The settings file with every default in it, as `dualuse config template interface` prints it.
pub const TEMPLATE: &str = include_str!("config.toml");

/// How the interface looks and behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Name of a theme, or the file of one.
    pub theme: String,
    /// Colours of the terminal; `None` is as the environment says.
    pub color: Option<Depth>,
    /// Draw with ASCII characters only; `None` when the terminal's name says whether.
    pub ascii: Option<bool>,
    /// Zone of shown times.
    pub zone: Zone,
    /// Column by which alerts are sorted.
    pub sort: AlertColumn,
    /// Whether that order is turned round.
    pub reverse: bool,
    /// Whether like uses share a line.
    pub group: bool,
    /// Wrap long lines.
    pub wrap: bool,
    /// Have the mouse.
    pub mouse: bool,
    /// Ask before quitting.
    pub confirm_quit: bool,
    /// Go on where the case was left.
    pub session: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            theme: "default".to_owned(),
            color: None,
            ascii: None,
            zone: Zone::Utc,
            sort: AlertColumn::Severity,
            reverse: false,
            group: false,
            wrap: true,
            mouse: false,
            confirm_quit: false,
            session: true,
        }
    }
}

/// The settings that may be named.
const KEYS: [&str; 11] = [
    "theme",
    "color",
    "ascii",
    "time-zone",
    "sort",
    "reverse",
    "group",
    "wrap",
    "mouse",
    "confirm-quit",
    "session",
];

impl Config {
    /// The defaults, with a file of the user's laid over them.
    ///
    /// # Errors
    /// When the file cannot be read, or with everything that is wrong in it.
    pub fn with_file(file: Option<&Path>) -> anyhow::Result<Config> {
        let Some(path) = file else {
            return Ok(Config::default());
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("settings {}", path.display()))?;
        Config::parse(&text).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
            anyhow::anyhow!("settings {}:{}", path.display(), lines.concat())
        })
    }

    /// Reads settings; what is not named is as by default.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines.
    pub fn parse(text: &str) -> Result<Config, Vec<TomlFault>> {
        let (mut reader, table) = Reader::parse(text);
        reader.know(&table, "the settings", &KEYS);
        let mut config = Config::default();
        if let Some((theme, _)) = reader.text(&table, "theme") {
            config.theme = theme;
        }
        word(&mut reader, &table, "color", &mut config.color, depth);
        word(&mut reader, &table, "ascii", &mut config.ascii, ascii);
        word(
            &mut reader,
            &table,
            "time-zone",
            &mut config.zone,
            str::parse,
        );
        word(&mut reader, &table, "sort", &mut config.sort, column);
        for (key, setting) in [
            ("reverse", &mut config.reverse),
            ("group", &mut config.group),
            ("wrap", &mut config.wrap),
            ("mouse", &mut config.mouse),
            ("confirm-quit", &mut config.confirm_quit),
            ("session", &mut config.session),
        ] {
            if let Some(value) = reader.truth(&table, key) {
                *setting = value;
            }
        }
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(faults)
        }
    }
}

/// Takes a setting that is one word of several.
fn word<'i, T>(
    reader: &mut Reader<'i>,
    table: &DeTable<'i>,
    key: &str,
    setting: &mut T,
    read: impl Fn(&str) -> Result<T, String>,
) {
    if let Some((text, at)) = reader.text(table, key) {
        match read(&text) {
            Ok(value) => *setting = value,
            Err(what) => reader.fault(at, what),
        }
    }
}

/// The colours that a word names; `None` for `auto`.
///
/// # Errors
/// In words, for any other word.
pub fn depth(word: &str) -> Result<Option<Depth>, String> {
    Ok(match word {
        "auto" => None,
        "never" => Some(Depth::None),
        "16" => Some(Depth::Sixteen),
        "256" => Some(Depth::TwoFiftySix),
        "true" => Some(Depth::True),
        other => {
            return Err(format!(
                "`{other}` is no choice of colours; there are auto, never, 16, 256, true"
            ));
        }
    })
}

/// Whether only ASCII is drawn; `None` for `auto`.
fn ascii(word: &str) -> Result<Option<bool>, String> {
    match word {
        "auto" => Ok(None),
        "always" => Ok(Some(true)),
        "never" => Ok(Some(false)),
        other => Err(format!(
            "`{other}` is no choice of characters; there are auto, always, never"
        )),
    }
}

fn column(word: &str) -> Result<AlertColumn, String> {
    let all = AlertColumn::ALL;
    let found = all.into_iter().find(|column| column.name() == word);
    found.ok_or_else(|| {
        let names = all.map(AlertColumn::name).join(", ");
        format!("there is no column `{word}`; there are {names}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_what_holds_without_it_and_names_every_setting() {
        assert_eq!(Config::parse(TEMPLATE), Ok(Config::default()));
        for key in KEYS {
            let named = |line: &str| line.starts_with(&format!("{key} = "));
            assert!(TEMPLATE.lines().any(named), "{key}");
        }
    }

    #[test]
    fn every_setting_is_honoured() {
        let text = "theme = 'light'\ncolor = '256'\nascii = 'always'\ntime-zone = 'Europe/Oslo'\nsort = 'ran'\n\
            reverse = true\ngroup = true\nwrap = false\nmouse = true\nconfirm-quit = true\nsession = false\n";
        let wanted = Config {
            theme: "light".to_owned(),
            color: Some(Depth::TwoFiftySix),
            ascii: Some(true),
            zone: Zone::Named("Europe/Oslo".parse().unwrap()),
            sort: AlertColumn::Ran,
            reverse: true,
            group: true,
            wrap: false,
            mouse: true,
            confirm_quit: true,
            session: false,
        };
        assert_eq!(Config::parse(text), Ok(wanted.clone()));
        // none of them is what holds anyway
        for line in text.lines() {
            assert_ne!(Config::parse(line), Ok(Config::default()), "{line}");
        }
        assert_eq!(
            Config::parse("time-zone = 'local'").map(|config| config.zone),
            Ok(Zone::Machine)
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_with_its_line() {
        let faults = Config::parse(
            "mouse = 'yes'\ncolour = 'auto'\ntime-zone = 'Mars/Olympus'\nsort = 'age of empires'\ncolor = 'many'\n",
        )
        .unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5], "{faults:?}");
        assert!(faults[1].what.contains("there are theme, color"));
        assert!(faults[2].what.contains("Mars/Olympus"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = Config::parse(&text);
        }
    }
}
