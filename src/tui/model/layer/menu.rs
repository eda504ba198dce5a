//! A list to choose from by typing: the palette and help.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use tui_input::Input as Line;

use super::form::edit_line;
use crate::tui::command::{Command, Ready};
use crate::tui::key::Key;
use crate::tui::model::{List, Model};

/// One row of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub command: Command,
    /// Its keys, as shown.
    pub keys: String,
    /// Whether it can be used now.
    pub ready: Ready,
}

/// Commands narrowed by what is typed.
#[derive(Debug)]
pub struct Menu {
    /// What is typed.
    pub line: Line,
    /// Cursor among `shown`.
    pub list: List,
    entries: Vec<Entry>,
    shown: Vec<usize>,
    by_score: bool,
}

impl Menu {
    /// All commands that can be used here, those that work first.
    pub fn palette(model: &Model) -> Menu {
        let mut entries = entries(model);
        entries.sort_by_key(|entry| entry.ready != Ready::Yes);
        Menu::of(entries, true)
    }

    /// All commands with keys, by heading, those of other pages last.
    pub fn help(model: &Model) -> Menu {
        let mut entries = entries(model);
        entries.sort_by_key(|entry| entry.command.group());
        Menu::of(entries, false)
    }

    fn of(entries: Vec<Entry>, by_score: bool) -> Menu {
        let mut menu = Menu {
            line: Line::default(),
            list: List::default(),
            entries,
            shown: Vec::new(),
            by_score,
        };
        menu.narrow();
        menu
    }

    /// Types a key into the line.
    pub fn type_key(&mut self, key: Key) {
        if edit_line(&mut self.line, key) {
            self.narrow();
        }
    }

    /// Narrows the list to what is typed. The cursor goes to the best.
    pub fn narrow(&mut self) {
        let typed = self.line.value().trim();
        let matcher = SkimMatcherV2::default();
        let mut scored: Vec<(i64, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(place, entry)| {
                let title = format!("{} {}", entry.command.title(), entry.command.name());
                let score = matcher.fuzzy_match(&title, typed);
                // help is also searched by what commands do, word for word
                let said = entry
                    .command
                    .help()
                    .to_lowercase()
                    .contains(&typed.to_lowercase());
                let score = score.or_else(|| (said || entry.keys == typed).then_some(0))?;
                Some((score, place))
            })
            .collect();
        if self.by_score && !typed.is_empty() {
            scored.sort_by_key(|(score, place)| (std::cmp::Reverse(*score), *place));
        }
        self.shown = scored.into_iter().map(|(_, place)| place).collect();
        self.list = List {
            rows: self.list.rows,
            ..List::default()
        };
    }

    /// The rows shown.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.shown
            .iter()
            .filter_map(|place| self.entries.get(*place))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether nothing fits what is typed.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The row under the cursor.
    pub fn here(&self) -> Option<&Entry> {
        self.entries.get(*self.shown.get(self.list.cursor)?)
    }
}

fn entries(model: &Model) -> Vec<Entry> {
    Command::ALL
        .iter()
        .map(|command| Entry {
            command: *command,
            keys: model.keymap.all_keys_of(*command).join(" "),
            ready: command.ready(model),
        })
        .filter(|entry| entry.ready != Ready::Elsewhere)
        .collect()
}
