//! Values as they lay in their chunks, and the symbols of their texts.
//!
//! To compare bytes is many times quicker than to spell them, and most values were met before. Those
//! met lately have a place that a look at a few of their bytes gives; the others are hashed. Either
//! way all bytes are compared before a value is known again.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::value::kind;
use crate::event::Sym;

/// How many values have a place of their own, which takes 16 bytes.
const RECENT: usize = 1 << RECENT_BITS;
const RECENT_BITS: u32 = 14;

/// In the place of a type: two halves of an account. No type of a value is this or above.
pub(super) const ACCOUNT: u8 = 0xfe;
/// In the place of a type: nothing that could be known again.
const NOTHING: u8 = 0xff;

/// A remembered value: its type, where its bytes are, and its symbol. An account has two parts.
#[derive(Clone, Copy)]
pub(super) struct Value {
    start: u32,
    pub(super) symbol: Sym,
    sizes: [u16; 2],
    kind: u8,
}

impl Value {
    /// The value that is none, and has no text.
    pub(super) const NULL: Value = Value {
        start: 0,
        symbol: Sym::NONE,
        sizes: [0; 2],
        kind: kind::NULL,
    };

    /// A value whose parts are kept from `start` on, if they can be.
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

    fn hash(&self, hasher: &DefaultHashBuilder, bytes: &[u8]) -> u64 {
        let bytes = bytes.get(self.start as usize..).unwrap_or_default();
        let [first, second] = self.sizes.map(usize::from);
        let (first, rest) = bytes.split_at_checked(first).unwrap_or_default();
        match self.kind {
            ACCOUNT => hash(hasher, [first, rest.get(..second).unwrap_or_default()]),
            _ => hash(hasher, [first]),
        }
    }
}

/// The hash of a value's parts.
fn hash<const N: usize>(hasher: &DefaultHashBuilder, parts: [&[u8]; N]) -> u64 {
    let mut hasher = hasher.build_hasher();
    parts.into_iter().for_each(|part| hasher.write(part));
    hasher.finish()
}

/// The values met so far.
pub(super) struct Remembered {
    /// Their bytes, end to end.
    bytes: Vec<u8>,
    all: HashTable<Value>,
    hasher: DefaultHashBuilder,
    /// Those met lately, each at its [`place`].
    recent: Box<[Value]>,
}

impl Default for Remembered {
    fn default() -> Self {
        Remembered {
            bytes: Vec::new(),
            all: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            recent: vec![Value::NULL; RECENT].into_boxed_slice(),
        }
    }
}

impl Remembered {
    /// Whether a remembered value is the one of that type and these bytes.
    #[inline]
    pub(super) fn is(&self, value: &Value, kind: u8, bytes: &[u8]) -> bool {
        kind < ACCOUNT && value.is(kind, [bytes], &self.bytes)
    }

    /// A value of that type, not NULL, and these parts, if it was met lately.
    #[inline(always)]
    pub(super) fn recent<const N: usize>(&self, kind: u8, parts: [&[u8]; N]) -> Option<Value> {
        let value = self.recent.get(place(parts))?;
        value.is(kind, parts, &self.bytes).then_some(*value)
    }

    /// What is remembered of a value of that type, not NULL, and these parts, or what is made now and
    /// remembered. It has been met lately then.
    pub(super) fn recall<const N: usize>(
        &mut self,
        kind: u8,
        parts: [&[u8]; N],
        make: impl FnOnce() -> Option<Sym>,
    ) -> Option<Value> {
        let hash = hash(&self.hasher, parts);
        let is_it = |value: &Value| value.is(kind, parts, &self.bytes);
        let value = match self.all.find(hash, is_it) {
            Some(value) => *value,
            None => self.keep(hash, kind, parts, make()?),
        };
        if let Some(recent) = self.recent.get_mut(place(parts)) {
            *recent = value;
        }
        Some(value)
    }

    /// Keeps a value that is not known yet, which has this hash.
    fn keep<const N: usize>(
        &mut self,
        hash: u64,
        kind: u8,
        parts: [&[u8]; N],
        symbol: Sym,
    ) -> Value {
        let Remembered {
            bytes, all, hasher, ..
        } = self;
        let Some(value) = Value::new(bytes.len(), symbol, kind, parts) else {
            return Value {
                symbol,
                kind: NOTHING,
                ..Value::NULL
            };
        };
        (parts.iter()).for_each(|part| bytes.extend_from_slice(part));
        all.insert_unique(hash, value, |value| value.hash(hasher, bytes));
        value
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.all.clear();
        self.recent.fill(Value::NULL);
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.all.len() * std::mem::size_of::<Value>()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Interner;
    use proptest::prelude::*;

    fn recall<const N: usize>(
        remembered: &mut Remembered,
        kind: u8,
        parts: [&[u8]; N],
        make: impl FnOnce() -> Option<Sym>,
    ) -> Option<Value> {
        let recent = remembered.recent(kind, parts);
        recent.or_else(|| remembered.recall(kind, parts, make))
    }

    proptest! {
        #[test]
        fn short_and_long_values_are_compared_whole(
            left in prop::collection::vec(0..2u8, 0..40),
            at in 0..40usize,
        ) {
            prop_assert!(is_equal(&left, &left.clone()));
            let mut right = left.clone();
            if let Some(byte) = right.get_mut(at) {
                *byte ^= 1;
                prop_assert!(!is_equal(&left, &right));
            }
        }

        #[test]
        fn what_is_recalled_was_made_for_the_same_parts(
            values in prop::collection::vec(
                (any::<bool>(), prop::collection::vec(0..2u8, 0..26), 0..20usize, 0..3u8),
                0..60,
            ),
        ) {
            let mut strings = Interner::default();
            let mut remembered = Remembered::default();
            for (is_account, ends, middle, filling) in values {
                // Their ends are the same, so that they share their places.
                let mut first = ends.clone();
                first.extend(std::iter::repeat_n(filling, middle));
                first.extend(&ends);
                let text = match is_account {
                    true => format!("{first:?} {ends:?}"),
                    false => format!("{first:?}"),
                };
                let make = || Some(strings.intern(&text));
                let value = match is_account {
                    true => recall(&mut remembered, ACCOUNT, [&first, &ends], make),
                    false => recall(&mut remembered, kind::BINARY, [&first], make),
                };
                prop_assert_eq!(strings.text(value.unwrap().symbol), text);
            }
        }
    }
}
