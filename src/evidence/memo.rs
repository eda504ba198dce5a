//! From raw values to symbols, without spelling a value twice.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::template::{Literal, Plans, utf16};
use super::value::{Raw, kind, narrow, until_nul};
use crate::event::identity::join_account;
use crate::event::{Interner, Sym};

/// Longest text of a value: its size is 16 bits, a unit two bytes.
const MOST_UNITS: usize = 1 << 15;
/// Stands in the place of a value's type for the two halves of an account. No type has it.
const ACCOUNT: u8 = 0xff;

/// Which values and accounts were met before, as they lay in their chunks, and their symbols. To
/// compare bytes is many times quicker than to spell them, and most values were met before. It
/// belongs to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    /// The bytes of remembered values, end to end.
    bytes: Vec<u8>,
    values: HashTable<Value>,
    hasher: DefaultHashBuilder,
    ascii: Box<[u8]>,
}

/// A remembered value: its type, where its bytes are, and its symbol. An account has two parts.
#[derive(Clone, Copy)]
struct Value {
    start: u32,
    symbol: Sym,
    sizes: [u16; 2],
    kind: u8,
}

impl Value {
    /// The bytes of its parts.
    #[inline]
    fn parts<const N: usize>(self, bytes: &[u8]) -> [&[u8]; N] {
        let mut rest = bytes.get(self.start as usize..).unwrap_or_default();
        let mut sizes = self.sizes.into_iter();
        std::array::from_fn(|_| {
            let size = usize::from(sizes.next().unwrap_or_default());
            let (part, after) = rest.split_at_checked(size).unwrap_or_default();
            rest = after;
            part
        })
    }
}

/// The hash of a value's parts.
#[inline]
fn hash<const N: usize>(hasher: &DefaultHashBuilder, parts: [&[u8]; N]) -> u64 {
    let mut hasher = hasher.build_hasher();
    parts.into_iter().for_each(|part| hasher.write(part));
    hasher.finish()
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            bytes: Vec::new(),
            values: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value; `None` when the full reader must spell it.
    #[inline]
    pub(super) fn symbol(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Sym> {
        if raw.kind == kind::NULL {
            return Some(Sym::NONE);
        }
        match self.find(raw.kind, [raw.bytes]) {
            Ok(symbol) => Some(symbol),
            Err(hash) => {
                let symbol = match raw.kind {
                    kind::STRING => self.spell(raw.bytes, strings),
                    _ => strings.intern(&raw.text()?),
                };
                self.keep(hash, raw.kind, [raw.bytes], symbol);
                Some(symbol)
            }
        }
    }

    /// The symbol of an account from the UTF-16 of its two halves.
    #[inline]
    pub(super) fn account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        match self.find(ACCOUNT, [domain, user]) {
            Ok(symbol) => symbol,
            Err(hash) => {
                let text = |half| utf16(until_nul(half));
                let symbol = strings.intern(&join_account(&text(domain), &text(user)));
                self.keep(hash, ACCOUNT, [domain, user], symbol);
                symbol
            }
        }
    }

    /// The symbol of a literal.
    #[inline]
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

    /// The symbol of a text.
    fn spell(&mut self, bytes: &[u8], strings: &mut Interner) -> Sym {
        let ascii = self.ascii.get_mut(..bytes.len() / 2).unwrap_or_default();
        if !narrow(bytes, ascii) {
            return strings.intern(&utf16(until_nul(bytes)));
        }
        strings.intern_bytes(ascii)
    }

    /// The symbol remembered for a value of these parts, else its hash.
    #[inline]
    fn find<const N: usize>(&self, kind: u8, parts: [&[u8]; N]) -> Result<Sym, u64> {
        let hash = hash(&self.hasher, parts);
        let is_it = |value: &Value| value.kind == kind && value.parts(&self.bytes) == parts;
        let found = self.values.find(hash, is_it);
        found.map(|value| value.symbol).ok_or(hash)
    }

    /// Remembers a value that was not found.
    #[cold]
    fn keep<const N: usize>(&mut self, hash_: u64, kind: u8, parts: [&[u8]; N], symbol: Sym) {
        let mut sizes = [0; 2];
        for (size, part) in sizes.iter_mut().zip(parts) {
            let Ok(whole) = u16::try_from(part.len()) else {
                return;
            };
            *size = whole;
        }
        let Ok(start) = u32::try_from(self.bytes.len()) else {
            return;
        };
        parts
            .iter()
            .for_each(|part| self.bytes.extend_from_slice(part));
        let value = Value {
            start,
            symbol,
            sizes,
            kind,
        };
        let again = |value: &Value| match value.kind {
            ACCOUNT => hash::<2>(&self.hasher, value.parts(&self.bytes)),
            _ => hash::<1>(&self.hasher, value.parts(&self.bytes)),
        };
        self.values.insert_unique(hash_, value, again);
    }

    /// Forgets everything, because the interner did.
    pub(super) fn clear(&mut self) {
        self.literals.clear();
        self.bytes.clear();
        self.values.clear();
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.values.len() * std::mem::size_of::<Value>()
    }
}
