//! Filters in force, each of which can be switched off or taken away.

use crate::timeline::query::{Filter, Term};

/// One part of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// What it tests.
    pub term: Term,
    /// Whether it is in force.
    pub on: bool,
}

/// The filters of a page, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chips(Vec<Chip>);

impl Chips {
    /// Adds a term, unless it is there already; then it is switched on.
    pub fn add(&mut self, term: Term) {
        match self.0.iter_mut().find(|chip| chip.term == term) {
            Some(chip) => chip.on = true,
            None => self.0.push(Chip { term, on: true }),
        }
    }

    /// Takes the last filter away.
    pub fn pop(&mut self) -> Option<Chip> {
        self.0.pop()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Puts the terms of a filter in place of these.
    pub fn replace(&mut self, filter: Filter) {
        self.0.clear();
        filter.terms.into_iter().for_each(|term| self.add(term));
    }

    /// Each filter.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Chip> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those in force.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.0.iter().filter(|chip| chip.on).map(|chip| &chip.term)
    }

    /// All of them as the analyst would write them, to edit in a prompt.
    pub fn written(&self) -> String {
        self.0
            .iter()
            .map(|chip| chip.term.written.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }
}
