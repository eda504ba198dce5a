//! A list to choose from by typing: the palette, help, what a note may point at.

use std::cmp::Reverse;

use fuzzy_matcher::skim::SkimMatcherV2;
use tui_input::Input as Line;

use super::form::{edit_line, paste_line};
use crate::tui::key::Key;
use crate::tui::model::List;

/// Something to choose.
pub trait Choosable {
    /// How well it fits what is typed, the higher the better; `None` when it does not.
    fn score(&self, matcher: &SkimMatcherV2, typed: &str) -> Option<i64>;
}

/// Things to choose from, narrowed by what is typed.
#[derive(Debug)]
pub struct Choices<T> {
    /// What is typed.
    pub line: Line,
    /// Cursor among the rows shown.
    pub list: List,
    all: Vec<T>,
    shown: Vec<usize>,
    by_score: bool,
}

impl<T: Choosable> Choices<T> {
    /// All of them, with nothing typed. What is typed puts the best first, or leaves the order.
    pub(super) fn of(all: Vec<T>, by_score: bool) -> Choices<T> {
        let mut choices = Choices {
            line: Line::default(),
            list: List::default(),
            all,
            shown: Vec::new(),
            by_score,
        };
        choices.narrow();
        choices
    }

    /// Types a key into the line.
    pub fn type_key(&mut self, key: Key) {
        if edit_line(&mut self.line, key) {
            self.narrow();
        }
    }

    /// Pastes text into the line.
    pub fn paste(&mut self, text: &str) {
        paste_line(&mut self.line, text);
        self.narrow();
    }

    /// Narrows the list to what is typed. The cursor goes to the first.
    fn narrow(&mut self) {
        let typed = self.line.value().trim();
        let matcher = SkimMatcherV2::default();
        let all = self.all.iter().enumerate();
        let mut scored: Vec<(i64, usize)> = all
            .filter_map(|(place, choice)| Some((choice.score(&matcher, typed)?, place)))
            .collect();
        if self.by_score && !typed.is_empty() {
            scored.sort_by_key(|(score, place)| (Reverse(*score), *place));
        }
        self.shown = scored.into_iter().map(|(_, place)| place).collect();
        self.list = List {
            rows: self.list.rows,
            ..List::default()
        };
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether nothing fits what is typed.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The rows shown.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.shown.iter().filter_map(|place| self.all.get(*place))
    }

    /// A row.
    pub fn row(&self, row: usize) -> Option<&T> {
        self.all.get(*self.shown.get(row)?)
    }

    /// The row under the cursor.
    pub fn here(&self) -> Option<&T> {
        self.row(self.list.cursor)
    }
}
