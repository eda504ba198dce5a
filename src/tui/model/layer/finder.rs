//! One line to go anywhere: alerts, hosts, accounts, addresses, services, programs, processes and
//! commands, by a few of their letters.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use tui_input::Input as Line;

use crate::tui::command::{Command, Ready};
use crate::tui::model::{List, Model, Target};

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each has its word")]
pub enum HitKind {
    Bookmark,
    Alert,
    Host,
    Account,
    Command,
    Address,
    Service,
    Program,
    Process,
}

impl HitKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            HitKind::Bookmark => "bookmark",
            HitKind::Alert => "alert",
            HitKind::Host => "host",
            HitKind::Account => "account",
            HitKind::Command => "command",
            HitKind::Address => "address",
            HitKind::Service => "service",
            HitKind::Program => "program",
            HitKind::Process => "process",
        }
    }
}

/// Where a hit leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To a page.
    To(Target),
    /// To a command.
    Runs(Command),
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What kind of thing.
    pub kind: HitKind,
    /// Its name, as logged.
    pub text: String,
    /// Smaller print: how often it occurs, or the keys of a command.
    pub note: String,
    /// Where Enter leads.
    pub leads: Leads,
    /// The higher, the better it fits.
    pub score: i64,
}

/// What is looked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Everything there is.
    Everything,
    /// Bookmarks.
    Bookmarks,
}

/// The finder.
#[derive(Debug)]
pub struct Finder {
    /// What is looked among.
    pub among: Among,
    /// What is typed.
    pub line: Line,
    /// Cursor among the hits.
    pub list: List,
    /// What fits, the best first.
    pub hits: Vec<Hit>,
    /// The job whose answer is awaited.
    pub awaited: Option<u64>,
}

/// Most hits shown: who looks for another types on.
pub const MOST: usize = 200;

impl Finder {
    /// A finder with nothing typed.
    pub fn among(among: Among) -> Finder {
        Finder {
            among,
            line: Line::default(),
            list: List::default(),
            hits: Vec::new(),
            awaited: None,
        }
    }

    /// The hit under the cursor.
    pub fn here(&self) -> Option<&Hit> {
        self.hits.get(self.list.cursor)
    }

    /// Takes what fits, the best first. The cursor stays on what it was on, unless it was on the
    /// best.
    pub fn take(&mut self, mut hits: Vec<Hit>) {
        let here = (self.list.cursor > 0)
            .then(|| self.here().cloned())
            .flatten();
        best_first(&mut hits);
        self.hits = hits;
        let same = |hit: &Hit| here.as_ref().is_some_and(|here| hit.leads == here.leads);
        self.list.cursor = self.hits.iter().position(same).unwrap_or(0);
    }
}

/// Puts the best first, and leaves out those nobody would read.
pub fn best_first(hits: &mut Vec<Hit>) {
    hits.sort_by(|left, right| {
        let by_score = right.score.cmp(&left.score);
        by_score
            .then(left.kind.cmp(&right.kind))
            .then_with(|| left.text.len().cmp(&right.text.len()))
            .then_with(|| left.text.cmp(&right.text))
    });
    hits.truncate(MOST);
}

/// Finds by letters in their order, each word for itself, without regard to case.
pub struct Matcher {
    matcher: SkimMatcherV2,
    words: Vec<String>,
}

impl Matcher {
    /// For what is typed.
    pub fn of(typed: &str) -> Matcher {
        Matcher {
            matcher: SkimMatcherV2::default().ignore_case(),
            words: typed.split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// How well a text fits; `None` when it does not.
    pub fn score(&self, text: &str) -> Option<i64> {
        let scores = self.words.iter();
        scores
            .map(|word| self.matcher.fuzzy_match(text, word))
            .sum()
    }
}

/// The commands that fit.
pub fn commands(model: &Model, matcher: &Matcher) -> Vec<Hit> {
    let ready = |command: &&Command| command.ready(model) == Ready::Yes;
    Command::ALL
        .iter()
        .filter(ready)
        .filter_map(|command| {
            let score = matcher.score(&format!("{} {}", command.title(), command.name()))?;
            Some(Hit {
                kind: HitKind::Command,
                text: format!("{}: {}", command.title(), command.help()),
                note: model.keymap.all_keys_of(*command).join(" "),
                leads: Leads::Runs(*command),
                score,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_fit_and_case_does_not_matter() {
        let matcher = Matcher::of("FS01 psx");
        assert!(matcher.score("psexec on fs01").is_some());
        assert!(matcher.score("psexec on fs02").is_none());
        assert_eq!(Matcher::of(" ").score("anything"), Some(0));
    }
}
