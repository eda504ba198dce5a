//! From raw values to symbols, without spelling a value twice.

use hashbrown::{DefaultHashBuilder, HashTable};

use super::template::{Literal, Plans, utf16};
use super::value::{Raw, kind, narrow, until_nul};
use crate::event::identity::join_account;
use crate::event::symbol::{short_hash, spread};
use crate::event::{Interner, Sym};

/// Longest text of a value: its size is 16 bits, a unit two bytes.
const MOST_UNITS: usize = 1 << 15;

/// Which accounts and which values that are no texts were met before, and their symbols. It belongs
/// to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    /// The bytes of remembered values, end to end.
    bytes: Vec<u8>,
    values: Vec<Value>,
    /// Numbers of values with a part of their hashes.
    by_value: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
    ascii: Box<[u8]>,
}

/// The value last met at a place, as it lay there, and its symbol. To compare bytes is many times
/// quicker than to spell them, and most values are what they were before.
#[derive(Clone, Default)]
pub(super) struct Last {
    kind: u8,
    bytes: Vec<u8>,
    symbol: Sym,
}

impl Last {
    #[inline]
    fn is(&self, raw: Raw<'_>) -> bool {
        self.kind == raw.kind && self.bytes == raw.bytes
    }

    fn set(&mut self, raw: Raw<'_>, symbol: Sym) {
        self.kind = raw.kind;
        self.bytes.clear();
        self.bytes.extend_from_slice(raw.bytes);
        self.symbol = symbol;
    }

    /// Forgets the value, because its interner forgot the symbol.
    pub(super) fn forget(&mut self) {
        self.kind = kind::NULL;
        self.bytes.clear();
        self.symbol = Sym::NONE;
    }
}

/// The values last met at a place where a few alternate: a collector's log holds several hosts.
pub(super) type Recent = [Last; 4];

/// A remembered value: where its two parts are, and its symbol.
struct Value {
    start: u32,
    first: u16,
    second: u16,
    symbol: Sym,
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            bytes: Vec::new(),
            values: Vec::new(),
            by_value: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value that may be the same as the last one at its place; `None` when the full
    /// reader must spell it.
    #[inline]
    pub(super) fn symbol(
        &mut self,
        last: &mut Last,
        raw: Raw<'_>,
        strings: &mut Interner,
    ) -> Option<Sym> {
        if last.is(raw) {
            return Some(last.symbol);
        }
        let symbol = match raw.kind {
            kind::NULL => return Some(Sym::NONE),
            kind::STRING => self.spell(raw.bytes, strings),
            kind => {
                let spelled = || Some(strings.intern(&raw.text()?));
                self.recall([&[kind], raw.bytes], spelled)?
            }
        };
        last.set(raw, symbol);
        Some(symbol)
    }

    /// The symbol of a value that may be one of the last ones at its place.
    #[inline]
    pub(super) fn among(
        &mut self,
        recent: &mut Recent,
        raw: Raw<'_>,
        strings: &mut Interner,
    ) -> Option<Sym> {
        if let Some(last) = recent.iter().find(|last| last.is(raw)) {
            return Some(last.symbol);
        }
        recent.rotate_right(1);
        self.symbol(recent.first_mut()?, raw, strings)
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
    pub(super) fn account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        let text = |half| utf16(until_nul(half));
        let account = || Some(strings.intern(&join_account(&text(domain), &text(user))));
        self.recall([domain, user], account).unwrap_or_default()
    }

    /// The symbol of a text.
    fn spell(&mut self, bytes: &[u8], strings: &mut Interner) -> Sym {
        let ascii = self.ascii.get_mut(..bytes.len() / 2).unwrap_or_default();
        if !narrow(bytes, ascii) {
            return strings.intern(&utf16(until_nul(bytes)));
        }
        strings.intern_bytes(ascii)
    }

    /// The symbol remembered for a value of two parts, or what is made now and remembered.
    fn recall(
        &mut self,
        [first, second]: [&[u8]; 2],
        make: impl FnOnce() -> Option<Sym>,
    ) -> Option<Sym> {
        let hash =
            short_hash(&self.hasher, first).rotate_left(1) ^ short_hash(&self.hasher, second);
        let is_it = |&(known, number): &(u32, u32)| {
            let Some(value) = self.values.get(number as usize).filter(|_| known == hash) else {
                return false;
            };
            let parts = (self.bytes.get(value.start as usize..)).and_then(|bytes| {
                let (known, rest) = bytes.split_at_checked(usize::from(value.first))?;
                Some((known, rest.get(..usize::from(value.second))?))
            });
            parts == Some((first, second))
        };
        if let Some((_, number)) = self.by_value.find(spread(hash), is_it) {
            return Some(self.values.get(*number as usize)?.symbol);
        }
        let symbol = make()?;
        let number = u32::try_from(self.values.len()).ok()?;
        self.values.push(Value {
            start: u32::try_from(self.bytes.len()).ok()?,
            first: u16::try_from(first.len()).ok()?,
            second: u16::try_from(second.len()).ok()?,
            symbol,
        });
        self.bytes.extend_from_slice(first);
        self.bytes.extend_from_slice(second);
        let entry = (hash, number);
        (self.by_value).insert_unique(spread(hash), entry, |(hash, _)| spread(*hash));
        Some(symbol)
    }

    /// Forgets everything, because the interner did.
    pub(super) fn clear(&mut self) {
        self.literals.clear();
        self.bytes.clear();
        self.values.clear();
        self.by_value.clear();
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.values.len() * std::mem::size_of::<Value>()
    }
}
