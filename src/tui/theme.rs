//! Colours by role. Code names a [`Role`]; a theme (`themes/*.toml`) gives each role its style.
//!
//! A theme may inherit from another and then states only what differs. What colours the terminal
//! can show is told from the environment alone, and richer colours are brought down to it here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

mod colour;
#[cfg(test)]
mod contrast;

pub use colour::{Colour, Depth};

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $name:literal,)+) => {
        /// What a piece of the screen means.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $role,)+ }

        impl Role {
            /// Every role, in the order of the documentation.
            pub const ALL: &'static [Role] = &[$(Role::$role,)+];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Role::$role => $name,)+ }
            }
        }
    };
}

roles! {
    /// Ordinary text.
    #[default]
    Text "text",
    /// Text that may be overlooked: units, hints, timestamps of second rank.
    Dim "dim",
    /// Headings inside a page.
    Heading "heading",
    /// Names of fields.
    Label "label",
    /// What matters most on a line.
    Strong "strong",
    /// Lines and frames.
    Border "border",
    /// The frame of what has the keys.
    BorderFocused "border-focused",
    /// The bar at the top.
    Bar "bar",
    /// The page one is on, in the bar.
    BarHere "bar-here",
    /// The row under the cursor.
    Cursor "cursor",
    /// Rows that are marked.
    Marked "marked",
    /// Text that matches what is searched for.
    Match "match",
    /// A filter in force.
    Chip "chip",
    /// A filter switched off.
    ChipOff "chip-off",
    /// Key names in footer and help.
    Key "key",
    /// What a key does.
    KeyText "key-text",
    /// Severity critical.
    Critical "critical",
    /// Severity high.
    High "high",
    /// Severity medium.
    Medium "medium",
    /// Severity low.
    Low "low",
    /// Severity info.
    Info "info",
    /// Leans to an attacker.
    Attacker "attacker",
    /// Leans to an administrator.
    Admin "admin",
    /// A link that the records themselves prove.
    Fact "fact",
    /// A link that is inferred, never to be taken for a fact.
    Inferred "inferred",
    /// What was not there to see.
    Missing "missing",
    /// Something went well.
    Good "good",
    /// Something needs attention.
    Warning "warning",
    /// Something failed.
    Error "error",
    /// Text being typed.
    Input "input",
}

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Look {
    /// Foreground; `None` is the terminal's own.
    pub fg: Option<Colour>,
    /// Background; `None` is the terminal's own.
    pub bg: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Foreground and background exchanged.
    pub reverse: bool,
}

/// A theme as read from its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    about: String,
    inherits: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, Look>,
}

/// A theme, complete: every role has a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Name of its file without `.toml`.
    pub name: String,
    /// What it is for, in a few words.
    pub about: String,
    looks: Vec<Look>,
}

const BUILT_IN: [(&str, &str); 6] = [
    ("default", include_str!("../../themes/default.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
    (
        "colour-blind",
        include_str!("../../themes/colour-blind.toml"),
    ),
    ("monochrome", include_str!("../../themes/monochrome.toml")),
];

/// A theme to begin with, as `dualuse config template theme` prints it.
pub const TEMPLATE: &str = concat!(
    "# Colours of dualuse. `inherits = \"NAME\"` takes what is not named here from a theme that comes with\n",
    "# the program (default, dark, light, high-contrast, colour-blind, monochrome). A colour is a name of\n",
    "# the terminal's 16 (\"red\", \"bright-blue\"), a number of its 256, or \"#rrggbb\"; without one the\n",
    "# terminal's own is used. bold, dim, italic, underline and reverse are true or false.\n",
    include_str!("../../themes/default.toml")
);

impl Theme {
    /// Reads the file of a theme.
    ///
    /// # Errors
    /// When it cannot be read, or is no theme.
    pub fn from_file(path: &Path) -> anyhow::Result<Theme> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("theme {}", path.display()))?;
        let name = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Theme::parse(&name, &text)
            .map_err(|mistake| anyhow::anyhow!("{}: {mistake}", path.display()))
    }

    /// Names of the themes that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A theme that comes with the program.
    ///
    /// # Errors
    /// In words, when there is none of that name; the answer lists those there are.
    pub fn built_in(name: &str) -> Result<Theme, String> {
        let known = || Theme::names().collect::<Vec<_>>().join(", ");
        let (name, text) = BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| format!("there is no theme `{name}`; there are: {}", known()))?;
        Theme::parse(name, text)
    }

    /// Reads a theme from text, on top of the one it inherits from.
    ///
    /// # Errors
    /// In words with the line, for text that is no theme or names an unknown role or parent.
    pub fn parse(name: &str, text: &str) -> Result<Theme, String> {
        Self::parse_within(name, text, 0)
    }

    fn parse_within(name: &str, text: &str, depth: usize) -> Result<Theme, String> {
        let file: ThemeFile =
            toml::from_str(text).map_err(|error| format!("theme {name}: {error}"))?;
        let mut looks = match &file.inherits {
            Some(_) if depth > BUILT_IN.len() => {
                return Err(format!("theme {name} inherits from itself"));
            }
            Some(parent) => {
                let parent_text = BUILT_IN
                    .iter()
                    .find(|(known, _)| known == parent)
                    .map(|(_, text)| *text);
                let parent_text = parent_text.ok_or_else(|| {
                    format!("theme {name} inherits from `{parent}`, which is unknown")
                })?;
                Self::parse_within(parent, parent_text, depth + 1)?.looks
            }
            None => vec![Look::default(); Role::ALL.len()],
        };
        let mut unknown = Vec::new();
        for (role_name, look) in &file.roles {
            match Role::ALL.iter().position(|role| role.name() == role_name) {
                Some(place) => {
                    if let Some(slot) = looks.get_mut(place) {
                        *slot = *look;
                    }
                }
                None => unknown.push(role_name.as_str()),
            }
        }
        if !unknown.is_empty() {
            return Err(format!(
                "theme {name}: unknown roles {}",
                unknown.join(", ")
            ));
        }
        Ok(Theme {
            name: name.to_owned(),
            about: file.about,
            looks,
        })
    }

    /// The same theme in the colours that a terminal of that depth has.
    #[must_use]
    pub fn at_depth(mut self, depth: Depth) -> Theme {
        for look in &mut self.looks {
            look.fg = look.fg.and_then(|colour| colour.at_depth(depth));
            look.bg = look.bg.and_then(|colour| colour.at_depth(depth));
        }
        self
    }

    /// How a role looks.
    pub fn look(&self, role: Role) -> Look {
        self.looks.get(role as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_reads() {
        for name in Theme::names() {
            let theme = Theme::built_in(name).unwrap();
            assert!(!theme.about.is_empty(), "{name}");
        }
    }

    #[test]
    fn the_template_is_a_theme() {
        Theme::parse("template", TEMPLATE).unwrap();
    }

    #[test]
    fn every_built_in_theme_without_parent_names_every_role() {
        for (name, text) in BUILT_IN {
            let file: ThemeFile = toml::from_str(text).unwrap();
            if file.inherits.is_none() {
                for role in Role::ALL {
                    assert!(
                        file.roles.contains_key(role.name()),
                        "{name} lacks {}",
                        role.name()
                    );
                }
            }
        }
    }

    #[test]
    fn the_cursor_never_hangs_on_colour_alone() {
        for name in Theme::names() {
            let cursor = Theme::built_in(name).unwrap().look(Role::Cursor);
            assert!(cursor.reverse || cursor.bold, "{name}");
        }
    }

    #[test]
    fn monochrome_has_no_colour() {
        let theme = Theme::built_in("monochrome").unwrap();
        for role in Role::ALL {
            assert_eq!(
                (theme.look(*role).fg, theme.look(*role).bg),
                (None, None),
                "{}",
                role.name()
            );
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            Theme::built_in("pink")
                .unwrap_err()
                .contains("default, dark")
        );
        assert!(
            Theme::parse("x", "about='x'\n[roles]\nnonsense={}")
                .unwrap_err()
                .contains("nonsense")
        );
        assert!(
            Theme::parse("x", "about='x'\n[roles]\ntext={fg='reddish'}")
                .unwrap_err()
                .contains("reddish")
        );
        assert!(
            Theme::parse("x", "about='x'\ninherits='y'")
                .unwrap_err()
                .contains("`y`")
        );
    }
}
