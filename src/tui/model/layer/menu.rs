//! Commands to choose from by typing: the palette and help.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::choices::{Choices, Choosable};
use crate::tui::command::{Command, Ready};
use crate::tui::model::Model;

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
pub type Menu = Choices<Entry>;

impl Menu {
    /// All commands that can be used here, those that work first.
    pub fn palette(model: &Model) -> Menu {
        let mut entries = entries(model);
        entries.sort_by_key(|entry| entry.ready != Ready::Yes);
        Choices::of(entries, true)
    }

    /// All commands with keys, by heading, those of other pages last.
    pub fn help(model: &Model) -> Menu {
        let mut entries = entries(model);
        entries.sort_by_key(|entry| entry.command.group());
        Choices::of(entries, false)
    }
}

impl Choosable for Entry {
    fn score(&self, matcher: &SkimMatcherV2, typed: &str) -> Option<i64> {
        let title = format!("{} {}", self.command.title(), self.command.name());
        // help is also searched by what commands do, word for word
        let help = self.command.help().to_lowercase();
        let said = help.contains(&typed.to_lowercase()) || self.keys == typed;
        matcher.fuzzy_match(&title, typed).or(said.then_some(0))
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
