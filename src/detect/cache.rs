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

/// Remembers what is so of each text, by its symbol.
#[derive(Debug)]
pub(super) struct Memo<T>(Vec<Option<T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo(Vec::new())
    }
}

impl<T: Copy> Memo<T> {
    /// What is so of a text; `find` finds it out the first time.
    pub(super) fn get(&mut self, text: Sym, find: impl FnOnce() -> T) -> T {
        let at = text.index();
        if let Some(Some(known)) = self.0.get(at) {
            return *known;
        }
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        let found = find();
        if let Some(place) = self.0.get_mut(at) {
            *place = Some(found);
        }
        found
    }
}

/// What is known of the texts of one kind. Nearly every text matches nothing: a bit tells that.
#[derive(Default)]
struct Known<'t> {
    quiet: Bits,
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

impl<'t> Known<'t> {
    /// What matches a text that is not known to match nothing.
    fn find(
        &mut self,
        on: On,
        symbol: Sym,
        timeline: &Timeline,
        catalog: &'t Catalog,
    ) -> Vec<Hit<'t>> {
        if let Some(known) = self.hits.get(&symbol) {
            return known.clone();
        }
        let hits = catalog.matches(on, &on.value(timeline.text(symbol)));
        if hits.is_empty() {
            self.quiet.set(symbol.index());
        } else {
            self.hits.insert(symbol, hits.clone());
        }
        hits
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
    #[inline]
    pub(super) fn hits(&mut self, on: On, symbol: Sym) -> Vec<Hit<'t>> {
        match self.known.get_mut(on as usize) {
            Some(known) if !symbol.is_none() && !known.quiet.get(symbol.index()) => {
                known.find(on, symbol, self.timeline, self.catalog)
            }
            _ => Vec::new(),
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
