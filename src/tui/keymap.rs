//! Which key does what: the default file, the user's file laid over it, and look-up.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use toml::de::{DeTable, DeValue};

use super::command::Command;
use super::key::{self, Key};

/// The default keymap, as `dualuse config template keys` prints it.
pub const DEFAULT: &str = include_str!("keymap.toml");

/// The default keys, with a file of the user's laid over them.
///
/// # Errors
/// When the file cannot be read, or with everything that is wrong in it.
pub fn with_file(file: Option<&Path>) -> anyhow::Result<Keymap> {
    let mut keymap = Keymap::default();
    if let Some(path) = file {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("keymap {}", path.display()))?;
        keymap.lay_over(&text).map_err(|mistakes| {
            let lines: Vec<String> = mistakes
                .iter()
                .map(|mistake| format!("\n  {mistake}"))
                .collect();
            anyhow::anyhow!("keymap {}:{}", path.display(), lines.concat())
        })?;
    }
    Ok(keymap)
}

/// Where keys are pressed; each mode has a table of its own in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Pages and lists.
    Normal,
    /// One-line prompts, the palette, forms.
    Prompt,
    /// The bar of filters.
    Filters,
    /// The bars of the timeline.
    Timeline,
    /// The notes editor.
    Notes,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 5] = [
        Mode::Normal,
        Mode::Prompt,
        Mode::Filters,
        Mode::Timeline,
        Mode::Notes,
    ];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Normal => "normal",
            Mode::Prompt => "prompt",
            Mode::Filters => "filters",
            Mode::Timeline => "timeline",
            Mode::Notes => "notes",
        }
    }
}

/// A mistake in a keymap file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What the keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A command.
    Command(Command),
    /// The beginning of longer sequences.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The keys in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    mode: Mode,
    keys: Vec<Key>,
    command: Command,
}

impl Default for Keymap {
    fn default() -> Self {
        // a test holds that the embedded file has no mistakes
        let mut keymap = Keymap {
            bindings: Vec::new(),
        };
        let _ = keymap.lay_over(DEFAULT);
        keymap
    }
}

impl Keymap {
    /// Lays a file over the keys in force.
    ///
    /// # Errors
    /// All mistakes of the file, each with its line. What is right is taken over nonetheless; the
    /// caller decides whether to go on.
    pub fn lay_over(&mut self, text: &str) -> Result<(), Vec<Mistake>> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![Mistake {
                line: line_of(text, at),
                what: error.message().to_owned(),
            }]
        })?;
        let mut mistakes = Vec::new();
        let mut laid: BTreeMap<(Mode, String), usize> = BTreeMap::new();
        for (name, value) in table.get_ref() {
            let line = line_of(text, name.span().start);
            let Some(mode) = Mode::ALL
                .into_iter()
                .find(|mode| mode.name() == name.get_ref())
            else {
                let known: Vec<_> = Mode::ALL
                    .iter()
                    .map(|mode| format!("[{}]", mode.name()))
                    .collect();
                mistakes.push(Mistake {
                    line,
                    what: format!(
                        "unknown table [{}]; there are {}",
                        name.get_ref(),
                        known.join(", ")
                    ),
                });
                continue;
            };
            let DeValue::Table(bindings) = value.get_ref() else {
                mistakes.push(Mistake {
                    line,
                    what: format!("[{}] is a table of keys", mode.name()),
                });
                continue;
            };
            // the table is sorted by name; the file's own order decides which key is shown first
            let mut bindings: Vec<_> = bindings.iter().collect();
            bindings.sort_by_key(|(keys, _)| keys.span().start);
            for (keys, command) in bindings {
                let line = line_of(text, keys.span().start);
                let bound = self.bind(mode, keys.get_ref(), command.get_ref());
                match bound {
                    Ok(keys) => {
                        if let Some(earlier) = laid.insert((mode, key::show_sequence(&keys)), line)
                        {
                            let keys = key::show_sequence(&keys);
                            mistakes.push(Mistake {
                                line,
                                what: format!("{keys} is bound on line {earlier} already"),
                            });
                        }
                    }
                    Err(what) => mistakes.push(Mistake { line, what }),
                }
            }
        }
        mistakes.extend(self.hidden(text, &laid));
        mistakes.sort_by_key(|mistake| mistake.line);
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(mistakes)
        }
    }

    fn bind(&mut self, mode: Mode, keys: &str, command: &DeValue<'_>) -> Result<Vec<Key>, String> {
        let keys = key::parse_sequence(keys)?;
        let DeValue::String(name) = command else {
            return Err("a key is bound to the name of a command, in quotes".to_owned());
        };
        if name == "none" {
            self.bindings
                .retain(|binding| binding.mode != mode || binding.keys != keys);
            return Ok(keys);
        }
        let command = Command::named(name).ok_or_else(|| match nearest(name) {
            Some(near) => format!("there is no command `{name}`; did you mean `{near}`?"),
            None => format!("there is no command `{name}`; `dualuse keys` lists them"),
        })?;
        match self
            .bindings
            .iter_mut()
            .find(|binding| binding.mode == mode && binding.keys == keys)
        {
            Some(binding) => binding.command = command,
            None => self.bindings.push(Binding {
                mode,
                keys: keys.clone(),
                command,
            }),
        }
        Ok(keys)
    }

    /// Sequences that can never be reached, because a shorter one is a command already.
    fn hidden(&self, text: &str, laid: &BTreeMap<(Mode, String), usize>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for short in &self.bindings {
            for long in &self.bindings {
                let hides = short.mode == long.mode
                    && short.keys.len() < long.keys.len()
                    && long.keys.starts_with(&short.keys);
                if !hides {
                    continue;
                }
                let (short_keys, long_keys) = (
                    key::show_sequence(&short.keys),
                    key::show_sequence(&long.keys),
                );
                let line = laid
                    .get(&(short.mode, short_keys.clone()))
                    .or_else(|| laid.get(&(long.mode, long_keys.clone())))
                    .copied()
                    .unwrap_or_else(|| line_of(text, 0));
                mistakes.push(Mistake {
                    line,
                    what: format!(
                        "{short_keys} is bound to `{}`, so {long_keys} can never be pressed",
                        short.command.name()
                    ),
                });
            }
        }
        mistakes
    }

    /// What the keys pressed so far mean.
    pub fn look_up(&self, mode: Mode, keys: &[Key]) -> Lookup {
        let mut prefix = false;
        for binding in self.bindings.iter().filter(|binding| binding.mode == mode) {
            if binding.keys == keys {
                return Lookup::Command(binding.command);
            }
            prefix |= binding.keys.starts_with(keys);
        }
        if prefix {
            Lookup::Prefix
        } else {
            Lookup::Nothing
        }
    }

    /// The commands that may follow the keys pressed so far, with the keys still to press.
    pub fn continuations(&self, mode: Mode, pressed: &[Key]) -> Vec<(String, Command)> {
        self.bindings
            .iter()
            .filter(|binding| binding.mode == mode && binding.keys.len() > pressed.len())
            .filter_map(|binding| {
                Some((
                    key::show_sequence(binding.keys.strip_prefix(pressed)?),
                    binding.command,
                ))
            })
            .collect()
    }

    /// The keys to press for a command in a mode, by the first binding.
    pub fn first_keys(&self, mode: Mode, command: Command) -> Option<Vec<Key>> {
        let mut bindings = self.bindings.iter();
        let of = |binding: &&Binding| binding.mode == mode && binding.command == command;
        bindings.find(of).map(|binding| binding.keys.clone())
    }

    /// The first key of a command in a mode: what the footer shows.
    pub fn key_of(&self, mode: Mode, command: Command) -> Option<String> {
        self.keys_of(mode, command).into_iter().next()
    }

    /// All keys of a command in a mode, in the order of the file.
    pub fn keys_of(&self, mode: Mode, command: Command) -> Vec<String> {
        self.bindings
            .iter()
            .filter(|binding| binding.mode == mode && binding.command == command)
            .map(|binding| key::show_sequence(&binding.keys))
            .collect()
    }

    /// What differs from the default keys, a line for each.
    pub fn changes(&self) -> Vec<String> {
        let default = Keymap::default();
        let line = |sign: char, binding: &Binding| {
            let keys = key::show_sequence(&binding.keys);
            format!(
                "{sign} [{}] {keys} = {}",
                binding.mode.name(),
                binding.command.name()
            )
        };
        let without = |from: &Keymap, others: &Keymap, sign| {
            let own = from.bindings.iter();
            let own = own.filter(|binding| !others.bindings.contains(binding));
            own.map(|binding| line(sign, binding)).collect::<Vec<_>>()
        };
        let mut changes = without(&default, self, '-');
        changes.extend(without(self, &default, '+'));
        changes
    }

    /// All keys of a command in every mode.
    pub fn all_keys_of(&self, command: Command) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for mode in Mode::ALL {
            for shown in self.keys_of(mode, command) {
                if !keys.contains(&shown) {
                    keys.push(shown);
                }
            }
        }
        keys
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before: Range<usize> = 0..offset.min(text.len());
    text.get(before).unwrap_or("").matches('\n').count() + 1
}

/// The command whose name is most like `name`, when one is alike at all.
fn nearest(name: &str) -> Option<&'static str> {
    use fuzzy_matcher::FuzzyMatcher;
    let matcher = fuzzy_matcher::skim::SkimMatcherV2::default();
    let score = |candidate: &str| {
        matcher
            .fuzzy_match(candidate, name)
            .or_else(|| matcher.fuzzy_match(name, candidate))
    };
    Command::ALL
        .iter()
        .filter_map(|command| Some((score(command.name())?, command.name())))
        .max()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        key::parse_sequence(text).unwrap()
    }

    #[test]
    fn the_default_file_has_no_mistakes_and_binds_what_the_footer_offers() {
        let mut keymap = Keymap {
            bindings: Vec::new(),
        };
        keymap.lay_over(DEFAULT).unwrap();
        for command in Command::ALL {
            assert!(
                !keymap.all_keys_of(*command).is_empty(),
                "`{}` has no key",
                command.name()
            );
        }
    }

    #[test]
    fn keys_that_are_other_keys_in_disguise_stay_free() {
        // without the kitty protocol these four are Tab, Enter, Backspace and Esc
        for text in ["ctrl-i", "ctrl-m", "ctrl-h", "ctrl-["] {
            for mode in Mode::ALL {
                assert_eq!(
                    Keymap::default().look_up(mode, &keys(text)),
                    Lookup::Nothing,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_sequence_is_a_prefix_until_it_is_whole() {
        let keymap = Keymap::default();
        assert_eq!(keymap.look_up(Mode::Normal, &keys("g")), Lookup::Prefix);
        assert_eq!(
            keymap.look_up(Mode::Normal, &keys("g p")),
            Lookup::Command(Command::GoProcesses)
        );
        assert_eq!(keymap.look_up(Mode::Normal, &keys("g z")), Lookup::Nothing);
        assert!(
            keymap
                .continuations(Mode::Normal, &keys("g"))
                .contains(&("p".to_owned(), Command::GoProcesses))
        );
    }

    #[test]
    fn the_users_keys_are_honoured() {
        let mut keymap = Keymap::default();
        keymap
            .lay_over("[normal]\n\"z\" = \"triage\"\n\"t\" = \"none\"\n")
            .unwrap();
        assert_eq!(
            keymap.look_up(Mode::Normal, &keys("z")),
            Lookup::Command(Command::Triage)
        );
        assert_eq!(keymap.look_up(Mode::Normal, &keys("t")), Lookup::Nothing);
        assert_eq!(
            keymap.key_of(Mode::Normal, Command::Triage).as_deref(),
            Some("z")
        );
    }

    #[test]
    fn all_mistakes_are_reported_at_once_with_their_lines() {
        let mut keymap = Keymap::default();
        let mistakes = keymap
            .lay_over("[normal]\n\"hyper-x\" = \"export\"\n\"z\" = \"triag\"\n\"o\" = 3\n\"g\" = \"help\"\n[odd]\n")
            .unwrap_err();
        let lines: Vec<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
        assert!(lines.starts_with(&[2, 3, 4, 5]), "{mistakes:?}");
        assert_eq!(lines.last(), Some(&6));
        assert!(mistakes[1].what.contains("did you mean `triage`"));
        assert!(mistakes[3].what.contains("can never be pressed"));
        let broken = keymap.lay_over("[normal]\n\"z\" = \n").unwrap_err();
        assert_eq!(broken[0].line, 2);
        let twice = Keymap::default()
            .lay_over("[normal]\n\"ctrl-d\" = \"up\"\n\"Ctrl-D\" = \"down\"\n")
            .unwrap_err();
        assert!(twice[0].what.contains("line 2 already"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = Keymap::default().lay_over(&text);
            let _ = key::parse_sequence(&text);
        }
    }
}
