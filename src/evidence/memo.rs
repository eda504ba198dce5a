//! From raw values to symbols, without spelling a value twice.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::template::{Literal, Plans, utf16};
use super::value::{Raw, kind, narrow, until_nul};
use crate::event::identity::join_account;
use crate::event::{Interner, Sym};

/// Longest text of a value: its size is 16 bits, a unit two bytes.
const MOST_UNITS: usize = 1 << 15;
/// Tag of a key that is no single value: an account of two halves.
const ACCOUNT: u8 = 0xff;

/// Which raw values were met before, and their symbols. It belongs to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    /// Keys of remembered values, end to end, each with its symbol.
    keys: Vec<u8>,
    remembered: Vec<(usize, Sym)>,
    by_key: HashTable<u32>,
    hasher: DefaultHashBuilder,
    key: Vec<u8>,
    ascii: Box<[u8]>,
}

/// The value that was last met at a place, and its symbol. Most fields say the same again and
/// again, and comparing is faster than looking up.
#[derive(Default)]
pub(super) struct Last {
    kind: u8,
    bytes: Vec<u8>,
    symbol: Sym,
}

impl Last {
    /// Longer values are not worth being copied.
    const MOST: usize = 256;

    fn is(&self, raw: Raw<'_>) -> bool {
        self.kind == raw.kind && self.bytes == raw.bytes
    }

    /// Forgets the value: no value is of this type.
    pub(super) fn clear(&mut self) {
        self.kind = u8::MAX;
    }

    fn set(&mut self, raw: Raw<'_>, symbol: Sym) {
        if raw.bytes.len() <= Self::MOST {
            self.kind = raw.kind;
            self.bytes.clear();
            self.bytes.extend_from_slice(raw.bytes);
            self.symbol = symbol;
        }
    }
}

/// The values last met at a place where a few alternate: a collector's log holds several hosts.
#[derive(Default)]
pub(super) struct Recent {
    values: [Last; 4],
    oldest: usize,
}

impl Recent {
    /// Forgets the values.
    pub(super) fn clear(&mut self) {
        self.values.iter_mut().for_each(Last::clear);
    }
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            keys: Vec::new(),
            remembered: Vec::new(),
            by_key: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            key: Vec::new(),
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value; `None` when the full reader must spell it.
    pub(super) fn symbol(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Sym> {
        match raw.kind {
            kind::NULL => Some(Sym::NONE),
            kind::STRING => Some(self.of_utf16(raw.bytes, strings)),
            kind => {
                self.begin_key(kind, raw.bytes);
                self.recall(|| Some(strings.intern(&raw.text()?)))
            }
        }
    }

    /// The symbol of a value that may be the same as the last one at its place.
    pub(super) fn again(
        &mut self,
        last: &mut Last,
        raw: Raw<'_>,
        strings: &mut Interner,
    ) -> Option<Sym> {
        if last.is(raw) {
            return Some(last.symbol);
        }
        let symbol = self.symbol(raw, strings)?;
        last.set(raw, symbol);
        Some(symbol)
    }

    /// The symbol of a value that may be the same as one of the last ones at its place.
    pub(super) fn among(
        &mut self,
        recent: &mut Recent,
        raw: Raw<'_>,
        strings: &mut Interner,
    ) -> Option<Sym> {
        if let Some(last) = recent.values.iter().find(|last| last.is(raw)) {
            return Some(last.symbol);
        }
        let symbol = self.symbol(raw, strings)?;
        if let Some(oldest) = recent.values.get_mut(recent.oldest) {
            oldest.set(raw, symbol);
        }
        recent.oldest = (recent.oldest + 1) % recent.values.len();
        Some(symbol)
    }

    /// The symbol of a literal.
    pub(super) fn of_literal(
        &mut self,
        literal: Literal,
        plans: &Plans,
        strings: &mut Interner,
    ) -> Sym {
        let at = literal as usize;
        if let Some(Some(symbol)) = self.literals.get(at) {
            return *symbol;
        }
        let symbol = strings.intern(plans.literal(literal));
        if self.literals.len() <= at {
            self.literals.resize(at + 1, None);
        }
        if let Some(place) = self.literals.get_mut(at) {
            *place = Some(symbol);
        }
        symbol
    }

    /// The symbol of an account from the UTF-16 of its two halves.
    pub(super) fn of_account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        // A size of 16 bits keeps the halves apart.
        self.begin_key(ACCOUNT, &domain.len().to_le_bytes());
        self.key.extend_from_slice(domain);
        self.key.extend_from_slice(user);
        let text = |half| utf16(until_nul(half));
        self.recall(|| Some(strings.intern(&join_account(&text(domain), &text(user)))))
            .unwrap_or_default()
    }

    fn of_utf16(&mut self, bytes: &[u8], strings: &mut Interner) -> Sym {
        let ascii = self.ascii.get_mut(..bytes.len() / 2).unwrap_or_default();
        if !narrow(bytes, ascii) {
            return strings.intern(&utf16(until_nul(bytes)));
        }
        let mut text = &*ascii;
        if text.contains(&0) {
            text = text.split(|unit| *unit == 0).next().unwrap_or_default();
        }
        strings.intern_bytes(text)
    }

    fn begin_key(&mut self, tag: u8, bytes: &[u8]) {
        self.key.clear();
        self.key.push(tag);
        self.key.extend_from_slice(bytes);
    }

    /// The symbol remembered for the key, or what is made now and remembered.
    fn recall(&mut self, make: impl FnOnce() -> Option<Sym>) -> Option<Sym> {
        let (keys, remembered, hasher) = (&self.keys, &self.remembered, &self.hasher);
        let key_of = |number: u32| {
            let at = number as usize;
            let start = at
                .checked_sub(1)
                .and_then(|before| remembered.get(before))
                .map_or(0, |(end, _)| *end);
            let (end, _) = remembered.get(at)?;
            keys.get(start..*end)
        };
        let hash = hasher.hash_one(self.key.as_slice());
        let is_it = |number: &u32| key_of(*number) == Some(self.key.as_slice());
        if let Some(number) = self.by_key.find(hash, is_it) {
            return remembered.get(*number as usize).map(|(_, symbol)| *symbol);
        }
        let symbol = make()?;
        let number = u32::try_from(remembered.len()).ok()?;
        self.by_key.insert_unique(hash, number, |number| {
            hasher.hash_one(key_of(*number).unwrap_or_default())
        });
        self.keys.extend_from_slice(&self.key);
        self.remembered.push((self.keys.len(), symbol));
        Some(symbol)
    }

    /// Forgets everything, because the interner did.
    pub(super) fn clear(&mut self) {
        self.literals.clear();
        self.keys.clear();
        self.remembered.clear();
        self.by_key.clear();
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.keys.len()
    }
}
