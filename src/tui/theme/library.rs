//! The themes there are: those that come with the program, and the user's own files.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use super::{Colour, Look, Role, Theme};
use crate::environment::strict_toml::Reader;
use toml::de::{DeTable, DeValue};

const BUILT_IN: [(&str, &str); 6] = [
    ("default", include_str!("../../../themes/default.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../../themes/high-contrast.toml"),
    ),
    (
        "colour-blind",
        include_str!("../../../themes/colour-blind.toml"),
    ),
    (
        "monochrome",
        include_str!("../../../themes/monochrome.toml"),
    ),
];

/// A theme to begin with, as `dualuse config template theme` prints it.
pub const TEMPLATE: &str = concat!(
    "# Colours of dualuse. `inherits = \"NAME\"` takes what is not named here from another theme: one that\n",
    "# comes with the program (default, dark, light, high-contrast, colour-blind, monochrome) or a file\n",
    "# of yours beside this one. A colour is a name of the terminal's 16 (\"red\", \"bright-blue\"), a number\n",
    "# of its 256, or \"#rrggbb\"; without one the terminal's own is used. bold, dim, italic, underline and\n",
    "# reverse are true or false. Choose it with --theme NAME, or `theme = \"NAME\"` in the settings.\n",
    include_str!("../../../themes/default.toml")
);

/// Themes by name.
#[derive(Clone, Debug)]
pub struct Library {
    /// In the order in which a key goes round them.
    texts: Vec<(String, String)>,
}

impl Default for Library {
    fn default() -> Self {
        let texts = BUILT_IN.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Library {
            texts: texts.into(),
        }
    }
}

impl Library {
    /// The themes that come with the program, and the `.toml` files of a folder; a file may take
    /// the name of a theme that comes with the program and is then used in its place.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read. A folder that is not there has no files.
    pub fn with_folder(folder: &Path) -> anyhow::Result<Library> {
        let mut library = Library::default();
        let mut files = BTreeMap::new();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(library),
            Err(error) => return Err(error).with_context(|| format!("{}", folder.display())),
        };
        for entry in entries {
            let path = entry
                .with_context(|| format!("{}", folder.display()))?
                .path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.insert(name_of(&path), read(&path)?);
            }
        }
        for (name, text) in files {
            library.put(name, text);
        }
        Ok(library)
    }

    /// Adds the theme of a file and answers its name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn add_file(&mut self, path: &Path) -> anyhow::Result<String> {
        let name = name_of(path);
        self.put(name.clone(), read(path)?);
        Ok(name)
    }

    fn put(&mut self, name: String, text: String) {
        match self.texts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = text,
            None => self.texts.push((name, text)),
        }
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(name, _)| name.as_str())
    }

    /// The theme of that name, on top of those that it inherits from.
    ///
    /// # Errors
    /// In words: when there is none of that name (the answer lists those there are), or with
    /// everything that is wrong in its file, each with its line.
    pub fn theme(&self, name: &str) -> Result<Theme, String> {
        let text = self.text(name).ok_or_else(|| {
            let known: Vec<&str> = self.names().collect();
            format!(
                "there is no theme `{name}`; there are: {}",
                known.join(", ")
            )
        })?;
        self.parse(name, text, &mut Vec::new())
    }

    fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.iter();
        let found = texts.find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Reads a theme; `below` are those that inherit from it.
    fn parse(&self, name: &str, text: &str, below: &mut Vec<String>) -> Result<Theme, String> {
        below.push(name.to_owned());
        let (mut reader, table) = Reader::parse(text);
        reader.know(&table, "a theme", &["about", "inherits", "roles"]);
        let about = reader
            .needed_text(&table, "about", 0..0)
            .unwrap_or_default();
        let mut theme = Theme {
            name: name.to_owned(),
            about,
            looks: vec![Look::default(); Role::ALL.len()],
        };
        if let Some((parent, at)) = reader.text(&table, "inherits") {
            match self.parent(&parent, below) {
                Ok(parent) => theme.looks = parent.looks,
                Err(what) => reader.fault(at, what),
            }
        }
        if let Some(roles) = reader.table(&table, "roles") {
            for (role_name, value) in roles {
                let mut roles = Role::ALL.iter();
                let place = roles.position(|role| role.name() == role_name.get_ref());
                let slot = place.and_then(|place| theme.looks.get_mut(place));
                match (slot, value.get_ref()) {
                    (Some(slot), DeValue::Table(look)) => *slot = read_look(&mut reader, look),
                    (Some(_), _) => reader.fault(
                        value.span(),
                        "a role has a look, such as { fg = \"cyan\", bold = true }",
                    ),
                    (None, _) => {
                        let what = format!("there is no role `{}`", role_name.get_ref());
                        reader.fault(role_name.span(), what);
                    }
                }
            }
        }
        let faults = reader.into_faults();
        if faults.is_empty() {
            return Ok(theme);
        }
        let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        Err(format!("theme {name}:{}", lines.concat()))
    }

    fn parent(&self, name: &str, below: &mut Vec<String>) -> Result<Theme, String> {
        // a file of the user's may stand for a built-in theme and still begin from that
        let own_name = below.last().is_some_and(|child| child == name);
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        let text = match built_in {
            Some((_, text)) if own_name => text,
            _ if below.iter().any(|child| child == name) => {
                return Err(format!("{} inherit from each other", below.join(", ")));
            }
            _ => self
                .text(name)
                .ok_or_else(|| format!("inherits from `{name}`, and there is no such theme"))?,
        };
        self.parse(name, text, below)
    }
}

fn read_look<'i>(reader: &mut Reader<'i>, table: &DeTable<'i>) -> Look {
    const KEYS: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];
    reader.know(table, "a look", &KEYS);
    let mut colour = |key| match table.get(key).map(|value| (value, value.get_ref())) {
        // a number of the 256 may stand without quotes
        Some((value, DeValue::Integer(number))) => {
            read_colour(reader, number.as_str(), value.span())
        }
        _ => {
            let (text, at) = reader.text(table, key)?;
            read_colour(reader, &text, at)
        }
    };
    let (fg, bg) = (colour("fg"), colour("bg"));
    let mut is = |key| reader.truth(table, key).unwrap_or(false);
    Look {
        fg,
        bg,
        bold: is("bold"),
        dim: is("dim"),
        italic: is("italic"),
        underline: is("underline"),
        reverse: is("reverse"),
    }
}

fn read_colour(reader: &mut Reader<'_>, text: &str, at: std::ops::Range<usize>) -> Option<Colour> {
    match text.parse() {
        Ok(colour) => Some(colour),
        Err(what) => {
            reader.fault(at, what);
            None
        }
    }
}

fn name_of(path: &Path) -> String {
    let stem = path.file_stem();
    stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("theme {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_a_theme() {
        let mut library = Library::default();
        library.put("mine".to_owned(), TEMPLATE.to_owned());
        library.theme("mine").unwrap();
    }

    #[test]
    fn every_built_in_theme_without_parent_names_every_role() {
        for (name, text) in BUILT_IN {
            if text.contains("\ninherits = ") {
                continue;
            }
            for role in Role::ALL {
                let line = format!("\n{} = ", role.name());
                assert!(text.contains(&line), "{name} lacks {}", role.name());
            }
        }
    }

    #[test]
    fn files_of_ones_own_inherit_from_each_other_and_from_built_in_themes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write(
            "night.toml",
            "about = 'mine'\ninherits = 'dark'\n[roles]\nkey = { fg = 208 }\n",
        );
        write(
            "late-night.toml",
            "about = 'later'\ninherits = 'night'\n[roles]\nhigh = { bold = true }\n",
        );
        write(
            "light.toml",
            "about = 'the usual, with red keys'\ninherits = 'light'\n[roles]\nkey = { fg = 'red' }\n",
        );
        write("a.toml", "about = 'round'\ninherits = 'b'\n");
        write("b.toml", "about = 'round'\ninherits = 'a'\n");
        write("readme.txt", "no theme");
        let library = Library::with_folder(folder.path()).unwrap();
        assert_eq!(library.names().count(), BUILT_IN.len() + 4);
        let late = library.theme("late-night").unwrap();
        assert_eq!(late.look(Role::Key).fg, Some(Colour::Indexed(208)));
        let dark = library.theme("dark").unwrap();
        assert_eq!(late.look(Role::Medium), dark.look(Role::Medium));
        assert!(late.look(Role::High).bold && late.look(Role::High).fg.is_none());
        let light = library.theme("light").unwrap();
        assert_eq!(light.look(Role::Key).fg, Some(Colour::Ansi(1)));
        let usual = Library::default().theme("light").unwrap();
        assert_eq!(light.look(Role::High), usual.look(Role::High));
        assert!(
            library
                .theme("a")
                .unwrap_err()
                .contains("inherit from each other")
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_with_its_line() {
        let mut library = Library::default();
        let text = "about = 'x'\ncolour = 'no'\ninherits = 'y'\n[roles]\nnonsense = {}\n\
            text = { fg = 'reddish', blink = true }\nbar = 'red'\nkey = { bold = 'very', bg = 300 }\n";
        library.put("x".to_owned(), text.to_owned());
        let said = library.theme("x").unwrap_err();
        for part in [
            "line 2, column 1: no such key in a theme",
            "line 3, column 12: inherits from `y`",
            "line 5, column 1: there is no role `nonsense`",
            "line 6, column 15: `reddish` is no colour",
            "line 6, column 26: no such key in a look",
            "line 7, column 7: a role has a look",
            "line 8, column 16: bold must be true or false",
            "line 8, column 29: `300` is no colour",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(library.theme("pink").unwrap_err().contains("default, dark"));
    }
}
