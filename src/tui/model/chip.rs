//! Filters in force, each of which can be switched off, turned round, changed or taken away.

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

/// Which filters are being written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// All that are in force; those switched off stay as they are.
    InForce,
    /// The one at a place.
    One(usize),
}

impl Chips {
    /// Adds a term, unless it is there already; then it is switched on. Its opposite goes.
    pub fn add(&mut self, term: Term) {
        self.0
            .retain(|chip| chip.term.test != term.test || chip.term.negated == term.negated);
        match self.0.iter_mut().find(|chip| chip.term == term) {
            Some(chip) => chip.on = true,
            None => self.0.push(Chip { term, on: true }),
        }
    }

    /// Adds a filter that may be switched off.
    pub fn put(&mut self, chip: Chip) {
        let on = chip.on;
        self.add(chip.term);
        if let Some(last) = self.0.last_mut() {
            last.on = on;
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

    /// Takes the filter at a place away.
    pub fn remove(&mut self, place: usize) {
        if place < self.0.len() {
            self.0.remove(place);
        }
    }

    /// Switches the filter at a place off, or on again.
    pub fn toggle(&mut self, place: usize) {
        if let Some(chip) = self.0.get_mut(place) {
            chip.on = !chip.on;
        }
    }

    /// Turns the filter at a place round: what was wanted is hidden, and the reverse.
    pub fn negate(&mut self, place: usize) {
        if let Some(chip) = self.0.get_mut(place) {
            chip.term.negated = !chip.term.negated;
            chip.term.written = match chip.term.written.strip_prefix('-') {
                Some(rest) => rest.to_owned(),
                None => format!("-{}", chip.term.written),
            };
        }
    }

    /// With the terms of a filter in place of those that were written anew.
    #[must_use]
    pub fn rewritten(&self, which: Rewrite, filter: Filter) -> Chips {
        let mut chips = Chips::default();
        let mut terms = Some(filter.terms);
        for (place, chip) in self.0.iter().enumerate() {
            match which {
                Rewrite::InForce if chip.on => {}
                Rewrite::One(one) if one == place => {
                    let new = terms.take().into_iter().flatten();
                    new.for_each(|term| chips.add(term));
                }
                _ => chips.0.push(chip.clone()),
            }
        }
        let rest = terms.into_iter().flatten();
        rest.for_each(|term| chips.add(term));
        chips
    }

    /// Each filter.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Chip> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those in force.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.0.iter().filter(|chip| chip.on).map(|chip| &chip.term)
    }

    /// Those that are written anew, as the analyst would write them.
    pub fn written(&self, which: Rewrite) -> String {
        let chips = self.0.iter().enumerate();
        let chosen = chips.filter(|(place, chip)| match which {
            Rewrite::InForce => chip.on,
            Rewrite::One(one) => one == *place,
        });
        let written = chosen.map(|(_, chip)| chip.term.written.as_str());
        written.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chips(text: &str) -> Chips {
        Chips::default().rewritten(Rewrite::InForce, Filter::parse(text).unwrap())
    }

    #[test]
    fn rewriting_leaves_what_is_switched_off() {
        let mut all = chips("host:a id:1 id:2");
        all.toggle(1);
        let now = all.rewritten(Rewrite::InForce, Filter::parse("host:b").unwrap());
        let written: Vec<&str> = now.iter().map(|chip| chip.term.written.as_str()).collect();
        assert_eq!(written, ["id:1", "host:b"]);
        let now = all.rewritten(Rewrite::One(0), Filter::parse("host:c x").unwrap());
        assert_eq!(now.len(), 4);
        assert_eq!(now.written(Rewrite::InForce), "host:c x id:2");
    }

    #[test]
    fn a_filter_turned_round_twice_is_as_it_was() {
        let mut all = chips("host:a -id:1");
        let before = all.clone();
        all.negate(1);
        assert_eq!(all.written(Rewrite::InForce), "host:a id:1");
        all.negate(1);
        assert_eq!(all, before);
    }

    #[test]
    fn the_opposite_of_a_filter_takes_its_place() {
        let mut all = chips("host:a");
        all.add(Filter::parse("-host:a").unwrap().terms.remove(0));
        assert_eq!(all.written(Rewrite::InForce), "-host:a");
    }
}
