//! Interned strings: every distinct text of a timeline is kept once and named by a number.

use std::collections::HashMap;
use std::sync::Arc;

/// A text of one [`Interner`]. [`Sym::NONE`] stands for "the record has no such field, or it is
/// empty or `-`"; a real empty text is never interned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(u32);

impl Sym {
    /// No text.
    pub const NONE: Sym = Sym(0);

    /// Whether there is no text.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// `Some(self)` unless there is no text.
    pub fn some(self) -> Option<Sym> {
        (!self.is_none()).then_some(self)
    }

    /// Position in the interner, for side tables indexed by symbol.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// All distinct texts of a timeline, in the order they were first seen.
#[derive(Clone, Debug)]
pub struct Interner {
    texts: Vec<Arc<str>>,
    symbols: HashMap<Arc<str>, Sym>,
}

impl Default for Interner {
    fn default() -> Self {
        Interner {
            texts: vec![Arc::from("")],
            symbols: HashMap::new(),
        }
    }
}

impl Interner {
    /// The symbol of `text`, which is added if it is new. Empty text is [`Sym::NONE`].
    pub fn intern(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return Sym::NONE;
        }
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        let Ok(next) = u32::try_from(self.texts.len()) else {
            return Sym::NONE;
        };
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.symbols.insert(text, Sym(next));
        Sym(next)
    }

    /// The symbol of `text` if it is known.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.symbols.get(text).copied()
    }

    /// The text of a symbol; empty for [`Sym::NONE`].
    pub fn text(&self, symbol: Sym) -> &str {
        self.texts.get(symbol.index()).map_or("", |text| text)
    }

    /// The text of a symbol, or `None` for [`Sym::NONE`].
    pub fn get(&self, symbol: Sym) -> Option<&str> {
        symbol.some().map(|symbol| self.text(symbol))
    }

    /// Every symbol with its text, [`Sym::NONE`] left out.
    pub fn iter(&self) -> impl Iterator<Item = (Sym, &str)> {
        self.texts
            .iter()
            .enumerate()
            .skip(1)
            .filter_map(|(index, text)| Some((Sym(u32::try_from(index).ok()?), text.as_ref())))
    }

    /// How many symbols there are, [`Sym::NONE`] included: the size of a side table.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether nothing was interned yet.
    pub fn is_empty(&self) -> bool {
        self.texts.len() <= 1
    }

    /// Adds all texts of `other`; the answer maps other's symbols (by index) to this interner's.
    pub fn absorb(&mut self, other: &Interner) -> Vec<Sym> {
        other.texts.iter().map(|text| self.intern(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_one_symbol() {
        let mut interner = Interner::default();
        let first = interner.intern("cmd.exe");
        assert_eq!(first, interner.intern("cmd.exe"));
        assert_ne!(first, interner.intern("CMD.EXE"));
        assert_eq!(interner.intern(""), Sym::NONE);
        assert_eq!(interner.text(first), "cmd.exe");
    }

    #[test]
    fn absorbing_maps_symbols() {
        let (mut left, mut right) = (Interner::default(), Interner::default());
        left.intern("a");
        let (b, a) = (right.intern("b"), right.intern("a"));
        let map = left.absorb(&right);
        assert_eq!(left.text(map[a.index()]), "a");
        assert_eq!(left.text(map[b.index()]), "b");
        assert_eq!(map[0], Sym::NONE);
    }
}
