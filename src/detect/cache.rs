//! Remembers what the catalogue says of each distinct text, so that a text is matched once however
//! many events repeat it.

use hashbrown::HashMap;

use super::Catalog;
use super::catalog::{Hit, On};
use crate::event::Sym;
use crate::timeline::Timeline;

pub(super) struct Cache<'t> {
    timeline: &'t Timeline,
    catalog: &'t Catalog,
    /// By kind of value, in the order of [`On::ALL`].
    known: Vec<Known<'t>>,
    service_keys: HashMap<Sym, Vec<Hit<'t>>>,
}

/// Remembers what is so of each text.
#[derive(Debug)]
pub(super) struct Memo<T>(HashMap<Sym, T>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo(HashMap::new())
    }
}

impl<T: Copy> Memo<T> {
    /// What is so of a text; `find` finds it out the first time.
    pub(super) fn get(&mut self, text: Sym, find: impl FnOnce() -> T) -> T {
        *self.0.entry(text).or_insert_with(find)
    }
}

/// What is known of the texts of one kind. Nearly every text matches nothing: two bits tell that.
#[derive(Default)]
struct Known<'t> {
    asked: Bits,
    matched: Bits,
    hits: HashMap<Sym, Vec<Hit<'t>>>,
}

#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn get(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn set(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
}

impl<'t> Cache<'t> {
    pub(super) fn new(timeline: &'t Timeline, catalog: &'t Catalog) -> Self {
        Cache {
            timeline,
            catalog,
            known: On::ALL.iter().map(|_| Known::default()).collect(),
            service_keys: HashMap::new(),
        }
    }

    /// Patterns of that kind that match the symbol's text. Patterns that also look at what stands
    /// beside it must still be asked whether they agree.
    pub(super) fn hits(&mut self, on: On, symbol: Sym) -> Vec<Hit<'t>> {
        if symbol.is_none() {
            return Vec::new();
        }
        let Some(known) = self.known.get_mut(on as usize) else {
            return Vec::new();
        };
        if !known.asked.get(symbol.index()) {
            known.asked.set(symbol.index());
            let hits = self
                .catalog
                .matches(on, &on.value(self.timeline.text(symbol)));
            if !hits.is_empty() {
                known.matched.set(symbol.index());
                known.hits.insert(symbol, hits);
            }
        }
        if known.matched.get(symbol.index()) {
            known.hits.get(&symbol).cloned().unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// Patterns that match the service that a registry key names.
    pub(super) fn hits_of_service_key(&mut self, key: Sym, service: &str) -> Vec<Hit<'t>> {
        let catalog = self.catalog;
        self.service_keys
            .entry(key)
            .or_insert_with(|| catalog.matches(On::Service, service))
            .clone()
    }
}
