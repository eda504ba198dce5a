//! From raw values to symbols, without spelling a value twice.

use super::remembered::{ACCOUNT, Remembered, Value};
use super::template::{Literal, Plans, utf16};
use super::value::{Raw, kind, narrow, until_nul};
use crate::event::identity::join_account;
use crate::event::{Interner, Sym};

/// Longest text of a value: its size is 16 bits, a unit two bytes.
const MOST_UNITS: usize = 1 << 15;
/// How many event ids have their System values remembered, and how many values those are.
const SYSTEMS: usize = 32;
const SYSTEM_VALUES: usize = 4;

/// Which values and accounts were met before, and their symbols. It belongs to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    remembered: Remembered,
    /// System values last met, by the last digits of the event id.
    systems: [[Value; SYSTEM_VALUES]; SYSTEMS],
    /// Room for a text in ASCII.
    ascii: Box<[u8]>,
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            remembered: Remembered::default(),
            systems: [[Value::NULL; SYSTEM_VALUES]; SYSTEMS],
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value; `None` when the full reader must spell it.
    #[inline]
    pub(super) fn symbol(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Sym> {
        match self.recent(raw) {
            Some(recent) => Some(recent.symbol),
            None => Some(self.old_value(raw, strings)?.symbol),
        }
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
        if raw.kind < ACCOUNT && self.remembered.is(known, raw.kind, raw.bytes) {
            return Some(known.symbol);
        }
        let value = match self.recent(raw) {
            Some(recent) => recent,
            None => self.old_value(raw, strings)?,
        };
        *self.systems.get_mut(place)?.get_mut(part)? = value;
        Some(value.symbol)
    }

    /// A value that was met lately.
    #[inline(always)]
    fn recent(&self, raw: Raw<'_>) -> Option<Value> {
        let recent = self.remembered.recent(raw.kind, [raw.bytes]);
        recent.filter(|_| raw.kind < ACCOUNT)
    }

    /// A value that was not met lately.
    #[inline(never)]
    fn old_value(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Value> {
        match raw.kind {
            kind::NULL => return Some(Value::NULL),
            ACCOUNT.. => return None,
            _ => {}
        }
        let ascii = &mut self.ascii;
        (self.remembered).recall(raw.kind, [raw.bytes], || match raw.kind {
            kind::STRING => Some(spell(raw.bytes, ascii, strings)),
            _ => Some(strings.intern(&raw.text()?)),
        })
    }

    /// The symbol of an account from the UTF-16 of its two halves.
    #[inline]
    pub(super) fn account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        match self.remembered.recent(ACCOUNT, [domain, user]) {
            Some(recent) => recent.symbol,
            None => self.old_account(domain, user, strings),
        }
    }

    /// The symbol of an account that was not met lately.
    #[inline(never)]
    fn old_account(&mut self, domain: &[u8], user: &[u8], strings: &mut Interner) -> Sym {
        let text = |half| utf16(until_nul(half));
        let account = self.remembered.recall(ACCOUNT, [domain, user], || {
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

    /// Forgets everything, because the interner did.
    pub(super) fn clear(&mut self) {
        self.literals.clear();
        self.remembered.clear();
        self.systems = [[Value::NULL; SYSTEM_VALUES]; SYSTEMS];
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.remembered.size()
    }
}

/// The symbol of a text; `ascii` is room for it.
fn spell(bytes: &[u8], ascii: &mut [u8], strings: &mut Interner) -> Sym {
    let ascii = ascii.get_mut(..bytes.len() / 2).unwrap_or_default();
    if !narrow(bytes, ascii) {
        return strings.intern(&utf16(until_nul(bytes)));
    }
    strings.intern_bytes(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_no_type_is_none_that_was_met() {
        let mut strings = Interner::default();
        let mut memo = Memo::default();
        let (domain, user) = (b"C\0O\0", b"a\0");
        let account = memo.account(domain, user, &mut strings);
        assert_eq!(strings.text(account), "CO\\a");
        for kind in [ACCOUNT, u8::MAX] {
            let bytes = domain;
            let raw = Raw { kind, bytes };
            assert_eq!(memo.symbol(raw, &mut strings), None);
            assert_eq!(memo.system_symbol((1, 0), raw, &mut strings), None);
        }
    }

    #[test]
    fn system_values_are_those_of_the_record_at_hand() {
        let mut strings = Interner::default();
        let mut memo = Memo::default();
        // The first and the last event id share a place.
        for (event_id, text) in [(1, "a"), (1, "b"), (33, "b"), (1, "a"), (33, "c")] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let kind = kind::STRING;
            let raw = Raw {
                kind,
                bytes: &bytes,
            };
            let symbol = memo.system_symbol((event_id, 0), raw, &mut strings);
            assert_eq!(strings.text(symbol.unwrap()), text);
        }
    }
}
