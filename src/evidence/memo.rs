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

/// How many values are found without hashing them. They take 256 KiB.
const RECENT: usize = 1 << RECENT_BITS;
const RECENT_BITS: u32 = 14;
/// How many event ids have their System values remembered, and how many values those are.
const SYSTEMS: usize = 32;
const SYSTEM_VALUES: usize = 4;

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
    /// System values last met, by the last digits of the event id.
    systems: [[Value; SYSTEM_VALUES]; SYSTEMS],
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

    /// No value.
    const NULL: Value = Value {
        start: 0,
        symbol: Sym::NONE,
        sizes: [0; 2],
        kind: kind::NULL,
    };

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
    #[inline(always)]
    fn is<const N: usize>(&self, kind: u8, parts: [&[u8]; N], bytes: &[u8]) -> bool {
        if self.kind != kind {
            return false;
        }
        let mut start = self.start as usize;
        for (part, size) in parts.into_iter().zip(self.sizes) {
            let known = start..start + usize::from(size);
            start = known.end;
            let is_it = part.len() == known.len()
                && (bytes.get(known)).is_some_and(|known| is_equal(part, known));
            if !is_it {
                return false;
            }
        }
        true
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
    if let (17.., Some([first, last])) = (bytes.len(), ends::<16>(bytes)) {
        let [first, last] = [first, last].map(|end| {
            let (words, _) = end.as_chunks();
            let words = words.iter().map(|word| u64::from_le_bytes(*word));
            words.fold(0, |all: u64, word| all.rotate_left(11) ^ word)
        });
        first.rotate_left(33) ^ last
    } else if let Some(both) = ends(bytes) {
        let [first, last] = both.map(|end| u64::from_le_bytes(*end));
        first.rotate_left(11) ^ last
    } else {
        (bytes.iter()).fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

/// Whether two values of the same length are equal. Most are short, and for these a call would cost
/// more than the look.
#[inline]
fn is_equal(left: &[u8], right: &[u8]) -> bool {
    match left.len() {
        0 => true,
        8..=16 => ends::<8>(left) == ends::<8>(right),
        17..=32 => ends::<16>(left) == ends::<16>(right),
        _ => left == right,
    }
}

/// The first and the last bytes, which may overlap.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> Option<[&[u8; N]; 2]> {
    Some([bytes.first_chunk()?, bytes.last_chunk()?])
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            bytes: Vec::new(),
            values: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            recent: vec![Value::NULL; RECENT].into_boxed_slice(),
            systems: [[Value::NULL; SYSTEM_VALUES]; SYSTEMS],
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value; `None` when the full reader must spell it.
    #[inline]
    pub(super) fn symbol(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Sym> {
        Some(self.value(raw, strings)?.symbol)
    }

    /// As [`Memo::symbol`], of a System value: those of a record, numbered by `part`, mostly are what
    /// they were in the last record of that event id.
    #[inline]
    pub(super) fn system_symbol(
        &mut self,
        (event_id, part): (u32, usize),
        raw: Raw<'_>,
        strings: &mut Interner,
    ) -> Option<Sym> {
        let place = event_id as usize % SYSTEMS;
        let known = self.systems.get(place)?.get(part)?;
        if known.is(raw.kind, [raw.bytes], &self.bytes) {
            return Some(known.symbol);
        }
        let value = self.value(raw, strings)?;
        *self.systems.get_mut(place)?.get_mut(part)? = value;
        Some(value.symbol)
    }

    #[inline(always)]
    fn value(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Value> {
        if raw.kind == kind::NULL {
            return Some(Value::NULL);
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
        let account = self.recall(ACCOUNT, [domain, user], |_| {
            Some(strings.intern(&join_account(&text(domain), &text(user))))
        });
        account.map_or(Sym::NONE, |account| account.symbol)
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

    /// What is remembered of a value of that type, not NULL, and these parts, or what is made now.
    #[inline(always)]
    fn recall<const N: usize>(
        &mut self,
        kind: u8,
        parts: [&[u8]; N],
        make: impl FnOnce(&mut Self) -> Option<Sym>,
    ) -> Option<Value> {
        let place = place(parts);
        match self.recent.get(place) {
            Some(value) if value.is(kind, parts, &self.bytes) => Some(*value),
            _ => {
                let value = self.recall_old(kind, parts, make)?;
                if let Some(recent) = self.recent.get_mut(place) {
                    *recent = value;
                }
                Some(value)
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
            // No value is found to be this one.
            let kind = ACCOUNT;
            let sizes = [u16::MAX; 2];
            return Some(Value {
                symbol,
                kind,
                sizes,
                ..Value::NULL
            });
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
        self.recent.fill(Value::NULL);
        self.systems = [[Value::NULL; SYSTEM_VALUES]; SYSTEMS];
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.values.len() * std::mem::size_of::<Value>()
    }
}
