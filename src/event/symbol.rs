//! Interned strings: every distinct text of a timeline is kept once and named by a number.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::ops::Range;

/// A text of one [`Interner`]. [`Sym::NONE`] stands for "the record has no such field, or it is
/// empty or `-`"; a real empty text is never interned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(u32);

impl Sym {
    /// No text.
    pub const NONE: Sym = Sym(0);
    /// `-`, by which Windows says that a field has no value. The same in every interner.
    pub const DASH: Sym = Sym(1);
    /// `S-1-0-0`, the SID of nobody. The same in every interner.
    pub const NULL_SID: Sym = Sym(4);

    /// Whether there is no text.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether it is one of the texts by which a record says that it does not say: nothing, `-`,
    /// `?`, `N/A`.
    pub const fn is_placeholder(self) -> bool {
        self.0 < 4
    }

    /// `Some(self)` unless there is no text.
    pub fn some(self) -> Option<Sym> {
        (!self.is_none()).then_some(self)
    }

    /// Position in the interner, for side tables indexed by symbol.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The symbol of a position in the interner.
    pub(super) const fn at(position: u32) -> Self {
        Sym(position)
    }
}

/// What every interner begins with, so that these symbols can be told without looking.
const FIXED: [&str; 5] = ["", "-", "?", "N/A", "S-1-0-0"];
/// Bytes of the longest of these.
const LONGEST_FIXED: usize = 7;

/// All distinct texts of a timeline, in the order they were first seen.
///
/// A text has one symbol, unless it was added by [`Interner::append`].
/// They lie end to end in one buffer; a text costs its UTF-8 bytes and about 15 more.
#[derive(Clone)]
pub struct Interner {
    text: String,
    /// Where each text ends; it begins where the one before it ends.
    ends: Vec<usize>,
    /// Symbols with a part of their texts' hashes, so that growing need not look at the texts.
    symbols: HashTable<(u32, Sym)>,
    hasher: DefaultHashBuilder,
}

impl Default for Interner {
    fn default() -> Self {
        let mut interner = Interner {
            text: String::new(),
            ends: vec![0],
            symbols: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        };
        for text in FIXED {
            interner.intern(text);
        }
        interner
    }
}

impl std::fmt::Debug for Interner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

fn place(ends: &[usize], symbol: Sym) -> Option<Range<usize>> {
    match ends.get(symbol.index().checked_sub(1)?..)? {
        [start, end, ..] => Some(*start..*end),
        _ => None,
    }
}

fn text_at<'t>(text: &'t str, ends: &[usize], symbol: Sym) -> &'t str {
    place(ends, symbol)
        .and_then(|place| text.get(place))
        .unwrap_or_default()
}

/// As [`text_at`], without a look at whether characters are cut.
fn bytes_at<'t>(text: &'t str, ends: &[usize], symbol: Sym) -> &'t [u8] {
    place(ends, symbol)
        .and_then(|place| text.as_bytes().get(place))
        .unwrap_or_default()
}

/// The half of a hash that tables keep beside what they hold.
pub(crate) fn short_hash(hasher: &DefaultHashBuilder, bytes: &[u8]) -> u32 {
    let hash = hasher.hash_one(bytes);
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// A whole hash made of its half: tables look at the lowest and the highest bits.
pub(crate) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Interner {
    /// The symbol of `text`, which is added if it is new. Empty text is [`Sym::NONE`].
    pub fn intern(&mut self, text: &str) -> Sym {
        match self.look_up(text.as_bytes()) {
            Ok(known) => known,
            Err(hash) => self.add(hash, text),
        }
    }

    /// Like [`Interner::intern`], for whoever knows that the text is hardly there and does not mind if
    /// it has two symbols then: it is not looked for. [`Interner::find`] does not find it.
    pub fn append(&mut self, text: &str) -> Sym {
        if text.len() <= LONGEST_FIXED {
            return self.intern(text);
        }
        self.push(text)
    }

    /// The symbol of a text, or its hash when it is not known.
    fn look_up(&self, text: &[u8]) -> Result<Sym, u32> {
        if text.is_empty() {
            return Ok(Sym::NONE);
        }
        let hash = short_hash(&self.hasher, text);
        let equal = |&(known_hash, symbol): &(u32, Sym)| {
            known_hash == hash && bytes_at(&self.text, &self.ends, symbol) == text
        };
        let found = self.symbols.find(spread(hash), equal);
        found.map(|(_, symbol)| *symbol).ok_or(hash)
    }

    /// Adds a text that is not known, which has this hash.
    fn add(&mut self, hash: u32, text: &str) -> Sym {
        let symbol = self.push(text);
        if !symbol.is_none() {
            let entry = (hash, symbol);
            (self.symbols).insert_unique(spread(hash), entry, |(hash, _)| spread(*hash));
        }
        symbol
    }

    /// Adds a text; [`Sym::NONE`] when there is no number left for it.
    fn push(&mut self, text: &str) -> Sym {
        let Ok(next) = u32::try_from(self.ends.len()) else {
            return Sym::NONE;
        };
        self.text.push_str(text);
        self.ends.push(self.text.len());
        Sym(next)
    }

    /// The symbol of `text` if it is known.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.look_up(text.as_bytes()).ok().and_then(Sym::some)
    }

    /// The text of a symbol; empty for [`Sym::NONE`].
    pub fn text(&self, symbol: Sym) -> &str {
        text_at(&self.text, &self.ends, symbol)
    }

    /// The text of a symbol, or `None` for [`Sym::NONE`].
    pub fn get(&self, symbol: Sym) -> Option<&str> {
        symbol.some().map(|symbol| self.text(symbol))
    }

    /// The text at a position, as [`Sym::index`] gives it; empty when there is none.
    pub fn at(&self, position: usize) -> &str {
        u32::try_from(position).map_or("", |number| self.text(Sym(number)))
    }

    /// Every symbol with its text, [`Sym::NONE`] left out.
    pub fn iter(&self) -> impl Iterator<Item = (Sym, &str)> {
        let all = 1..u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        all.map(|number| (Sym(number), self.text(Sym(number))))
    }

    /// Every symbol, [`Sym::NONE`] included, in the order of their positions.
    pub fn symbols(&self) -> impl Iterator<Item = Sym> + use<> {
        (0..u32::try_from(self.ends.len()).unwrap_or(u32::MAX)).map(Sym)
    }

    /// How many symbols there are, [`Sym::NONE`] included: the size of a side table.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether nothing was interned yet.
    pub fn is_empty(&self) -> bool {
        self.ends.len() <= FIXED.len()
    }

    /// UTF-8 bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds the texts of `other` that `map` does not cover yet, so that `map[s.index()]` is this
    /// interner's symbol for each symbol `s` of `other`.
    pub fn absorb(&mut self, other: &Interner, map: &mut Vec<Sym>) {
        let known = u32::try_from(map.len()).unwrap_or(u32::MAX);
        let all = u32::try_from(other.len()).unwrap_or(u32::MAX);
        map.extend((known..all).map(|number| self.intern(other.text(Sym(number)))));
    }

    /// Forgets all texts but keeps the room for new ones.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.truncate(1);
        self.symbols.clear();
        for text in FIXED {
            self.intern(text);
        }
    }

    /// Gives back the room that was kept for growth.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_one_symbol() {
        let mut interner = Interner::default();
        assert!(interner.is_empty());
        let first = interner.intern("cmd.exe");
        assert_eq!(first, interner.intern("cmd.exe"));
        assert_ne!(first, interner.intern("CMD.EXE"));
        assert_eq!(interner.intern(""), Sym::NONE);
        assert_eq!(interner.text(first), "cmd.exe");
        assert_eq!(interner.find("cmd.exe"), Some(first));
        assert_eq!(interner.find("cmd"), None);
    }

    #[test]
    fn placeholders_are_known_by_number() {
        let mut interner = Interner::default();
        assert_eq!(interner.intern("-"), Sym::DASH);
        assert_eq!(interner.intern("S-1-0-0"), Sym::NULL_SID);
        for text in ["", "-", "?", "N/A"] {
            assert!(interner.intern(text).is_placeholder(), "{text}");
        }
        assert!(!interner.intern("S-1-0-0").is_placeholder());
        assert!(!interner.intern("n/a").is_placeholder());
    }

    #[test]
    fn appended_texts_are_not_looked_for_unless_they_are_fixed() {
        assert_eq!(FIXED.map(str::len).into_iter().max(), Some(LONGEST_FIXED));
        let mut interner = Interner::default();
        for (number, text) in (0..).zip(FIXED) {
            assert_eq!(interner.append(text), Sym(number));
        }
        let (first, second) = (
            interner.append("services.exe"),
            interner.append("services.exe"),
        );
        assert_ne!(first, second);
        for symbol in [first, second] {
            assert_eq!(interner.text(symbol), "services.exe");
        }
        let (mut all, mut map) = (Interner::default(), Vec::new());
        all.absorb(&interner, &mut map);
        assert_eq!(map[first.index()], map[second.index()]);
        assert_eq!(all.text(map[second.index()]), "services.exe");
    }

    #[test]
    fn many_texts_keep_their_symbols() {
        let mut interner = Interner::default();
        let name = |number: u32| format!("C:\\Ordner\\ü{number}");
        let symbols: Vec<Sym> = (0..5_000).map(|n| interner.intern(&name(n))).collect();
        for (number, symbol) in (0..).zip(&symbols) {
            assert_eq!(interner.text(*symbol), name(number));
            assert_eq!(interner.intern(&name(number)), *symbol);
        }
    }

    #[test]
    fn absorbing_maps_symbols_and_goes_on_where_it_stopped() {
        let (mut left, mut right) = (Interner::default(), Interner::default());
        left.intern("a");
        let mut map = Vec::new();
        let b = right.intern("b");
        left.absorb(&right, &mut map);
        let a = right.intern("a");
        left.absorb(&right, &mut map);
        assert_eq!(left.text(map[a.index()]), "a");
        assert_eq!(left.text(map[b.index()]), "b");
        assert_eq!(map[0], Sym::NONE);
        assert_eq!(map[Sym::NULL_SID.index()], Sym::NULL_SID);
    }
}
