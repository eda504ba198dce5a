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

/// How many values are found without hashing them. They take 64 KiB.
const RECENT: usize = 1 << RECENT_BITS;
const RECENT_BITS: u32 = 12;

/// Which values and accounts were met before, as they lay in their chunks, and their symbols. To
/// compare bytes is many times quicker than to spell them, and most values were met before. It
/// belongs to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    /// The bytes of remembered values, end to end.
    bytes: Vec<u8>,
    /// All remembered values.
    values: HashTable<Value>,
    hasher: DefaultHashBuilder,
    /// Those met lately, each at the place that a few of its bytes give ([`place`]).
    recent: Box<[Value]>,
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
    /// A value whose parts are kept from `start` on, if it can be kept there.
    fn new<const N: usize>(start: usize, symbol: Sym, kind: u8, parts: [&[u8]; N]) -> Option<Self> {
        let start = u32::try_from(start).ok()?;
        let mut sizes = [0; 2];
        for (size, part) in sizes.iter_mut().zip(parts) {
            *size = u16::try_from(part.len()).ok()?;
        }
        Some(Value {
            start,
            symbol,
            sizes,
            kind,
        })
    }

    /// One that nothing is found to be.
    fn nothing(symbol: Sym) -> Self {
        Value {
            start: 0,
            symbol,
            sizes: [0; 2],
            kind: kind::NULL,
        }
    }

    /// The bytes of its parts.
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

    /// Whether it is the one of that type and these parts.
    #[inline]
    fn is<const N: usize>(&self, kind: u8, parts: [&[u8]; N], bytes: &[u8]) -> bool {
        let mut start = self.start as usize;
        let mut all = parts.iter().zip(self.sizes);
        self.kind == kind
            && all.all(|(part, size)| {
                let known = start..start + usize::from(size);
                start = known.end;
                part.len() == known.len() && bytes.get(known) == Some(*part)
            })
    }
}

/// The hash of a value's parts.
fn hash<const N: usize>(hasher: &DefaultHashBuilder, parts: [&[u8]; N]) -> u64 {
    let mut hasher = hasher.build_hasher();
    parts.into_iter().for_each(|part| hasher.write(part));
    hasher.finish()
}

/// Where among the recent values one has its place. Values that share a place only take turns.
#[inline]
fn place<const N: usize>(parts: [&[u8]; N]) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |all: u64, part: &[u8]| {
        (all.rotate_left(9) ^ sample(part) ^ part.len() as u64).wrapping_mul(SPREAD)
    };
    (parts.into_iter().fold(0, mix) >> (u64::BITS - RECENT_BITS)) as usize
}

/// A look at both ends of a value: names differ in the beginning, paths in the end.
#[inline]
fn sample(bytes: &[u8]) -> u64 {
    let fold = |words: &[[u8; 8]]| {
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        words.fold(0, |all: u64, word| all.rotate_left(11) ^ word)
    };
    if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<24>()) {
        fold(first.as_chunks().0).rotate_left(33) ^ fold(last.as_chunks().0)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        fold(&[*first, *last])
    } else {
        bytes
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            bytes: Vec::new(),
            values: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            recent: vec![Value::nothing(Sym::NONE); RECENT].into_boxed_slice(),
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
        self.recall(raw.kind, [raw.bytes], |memo| match raw.kind {
            kind::STRING => Some(memo.spell(raw.bytes, strings)),
            _ => Some(strings.intern(&raw.text()?)),
        })
    }

    /// The symbol of an account from the UTF-16 of its two halves.
    #[inline]
    pub(super) fn account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        let text = |half| utf16(until_nul(half));
        let symbol = self.recall(ACCOUNT, [domain, user], |_| {
            Some(strings.intern(&join_account(&text(domain), &text(user))))
        });
        symbol.unwrap_or_default()
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

    /// The symbol remembered for a value of that type, not NULL, and these parts, or what is made now
    /// and remembered.
    #[inline(always)]
    fn recall<const N: usize>(
        &mut self,
        kind: u8,
        parts: [&[u8]; N],
        make: impl FnOnce(&mut Self) -> Option<Sym>,
    ) -> Option<Sym> {
        let place = place(parts);
        match self.recent.get(place) {
            Some(value) if value.is(kind, parts, &self.bytes) => Some(value.symbol),
            _ => {
                let value = self.recall_old(kind, parts, make)?;
                if let Some(recent) = self.recent.get_mut(place) {
                    *recent = value;
                }
                Some(value.symbol)
            }
        }
    }

    /// As [`Memo::recall`], of what is not among the recent values.
    #[inline(never)]
    fn recall_old<const N: usize>(
        &mut self,
        kind: u8,
        parts: [&[u8]; N],
        make: impl FnOnce(&mut Self) -> Option<Sym>,
    ) -> Option<Value> {
        let hash = hash(&self.hasher, parts);
        let is_it = |value: &Value| value.is(kind, parts, &self.bytes);
        if let Some(value) = self.values.find(hash, is_it) {
            return Some(*value);
        }
        let symbol = make(self)?;
        let Some(value) = Value::new(self.bytes.len(), symbol, kind, parts) else {
            return Some(Value::nothing(symbol));
        };
        parts
            .iter()
            .for_each(|part| self.bytes.extend_from_slice(part));
        let (hasher, bytes) = (&self.hasher, &self.bytes);
        self.values
            .insert_unique(hash, value, |value| match value.kind {
                ACCOUNT => self::hash::<2>(hasher, value.parts(bytes)),
                _ => self::hash::<1>(hasher, value.parts(bytes)),
            });
        Some(value)
    }

    /// Forgets everything, because the interner did.
    pub(super) fn clear(&mut self) {
        self.literals.clear();
        self.bytes.clear();
        self.values.clear();
        self.recent.fill(Value::nothing(Sym::NONE));
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.values.len() * std::mem::size_of::<Value>()
    }
}
