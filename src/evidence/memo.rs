//! From raw values to symbols, without spelling a value twice that comes back.

use super::novelty::Novelty;
use super::remembered::{ACCOUNT, Remembered, Value};
use super::template::{Literal, Plan, PlanId, Plans, SYSTEM_TEXTS, Source, utf16};
use super::value::{Raw, kind, narrow, until_nul};
use crate::event::identity::join_account;
use crate::event::{Interner, Sym};

/// Longest text of a value: its size is 16 bits, a unit two bytes.
const MOST_UNITS: usize = 1 << 15;
/// How many Systems are known again as a whole.
const SYSTEMS: usize = 128;

/// The texts of a record's System, as symbols of its reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// `Provider@Name`.
    pub provider: Sym,
    /// `Channel`.
    pub channel: Sym,
    /// `Computer`.
    pub computer: Sym,
    /// `Security@UserID`; [`Sym::NONE`] when there is none.
    pub user_sid: Sym,
}

/// The texts of a System that was met lately: plan and values say what they are.
#[derive(Clone, Copy)]
struct KnownSystem {
    plan: PlanId,
    /// What was remembered of those that are values.
    values: [Value; SYSTEM_TEXTS],
    system: System,
}

/// Which values and accounts were met before, and their symbols. It belongs to one interner.
pub(super) struct Memo {
    /// Symbols of literals, by number; `None` where not asked for yet.
    literals: Vec<Option<Sym>>,
    remembered: Remembered,
    /// Those met lately, each at its [`place`].
    systems: [Option<KnownSystem>; SYSTEMS],
    /// Room for a text in ASCII.
    ascii: Box<[u8]>,
}

impl Default for Memo {
    fn default() -> Self {
        Memo {
            literals: Vec::new(),
            remembered: Remembered::default(),
            systems: [None; SYSTEMS],
            ascii: vec![0; MOST_UNITS].into_boxed_slice(),
        }
    }
}

impl Memo {
    /// The symbol of a value that was not met lately, of a field whose values are so often new, in the
    /// last of so many records; `None` when the full reader must spell it.
    #[inline(never)]
    pub(super) fn old_symbol(
        &mut self,
        raw: Raw<'_>,
        (novelty, records): (&Novelty, u32),
        strings: &mut Interner,
    ) -> Option<Sym> {
        if novelty.is_fleeting() && raw.kind == kind::STRING {
            return Some(spell(raw.bytes, &mut self.ascii, strings));
        }
        let is_new = || novelty.count(records);
        Some(self.old_value(raw, is_new, strings)?.symbol)
    }

    /// What is remembered of a value; `None` when the full reader must spell it.
    fn value(&mut self, raw: Raw<'_>, strings: &mut Interner) -> Option<Value> {
        match self.recent(raw) {
            Some(recent) => Some(recent),
            None => self.old_value(raw, || (), strings),
        }
    }

    /// The texts of the System of a record of that event id and plan, which has this number; `raw` gives
    /// its values. `None` when the full reader must spell one of them.
    #[inline]
    pub(super) fn system<'c>(
        &mut self,
        event_id: u32,
        (id, plan): (PlanId, &Plan),
        raw: impl Fn(u16) -> Option<Raw<'c>>,
        (plans, strings): (&Plans, &mut Interner),
    ) -> Option<System> {
        let place = place(id, event_id);
        if let Some(known) = self.systems.get(place)?
            && known.plan == id
        {
            let mut values = plan.system_values.iter().zip(&known.values);
            let is_known = |(number, known): (&u16, &Value)| {
                raw(*number).is_some_and(|raw| self.remembered.is(known, raw.kind, raw.bytes))
            };
            if values.all(is_known) {
                return Some(known.system);
            }
        }
        let known = self.new_system((id, plan), raw, (plans, strings))?;
        *self.systems.get_mut(place)? = Some(known);
        Some(known.system)
    }

    /// As [`Memo::system`], of one that is not as the last was.
    fn new_system<'c>(
        &mut self,
        (id, plan): (PlanId, &Plan),
        raw: impl Fn(u16) -> Option<Raw<'c>>,
        (plans, strings): (&Plans, &mut Interner),
    ) -> Option<KnownSystem> {
        let mut values = [Value::NULL; SYSTEM_TEXTS];
        let mut places = values.iter_mut();
        let mut symbol = |source: Option<Source>| match source {
            None => Some(Sym::NONE),
            Some(Source::Literal(literal)) => Some(self.of_literal(literal, plans, strings)),
            Some(Source::Value(number)) => {
                let value = self.value(raw(number)?, strings)?;
                *places.next()? = value;
                Some(value.symbol)
            }
        };
        let [provider, channel, computer, user_sid] = plan.system_texts();
        let system = System {
            provider: symbol(provider)?,
            channel: symbol(channel)?,
            computer: symbol(computer)?,
            user_sid: symbol(user_sid)?,
        };
        Some(KnownSystem {
            plan: id,
            values,
            system,
        })
    }

    /// A value that was met lately.
    #[inline(always)]
    pub(super) fn recent(&self, raw: Raw<'_>) -> Option<Value> {
        let recent = self.remembered.recent(raw.kind, [raw.bytes]);
        recent.filter(|_| raw.kind < ACCOUNT)
    }

    /// A value that was not met lately; one that was never met is told to `is_new`.
    fn old_value(
        &mut self,
        raw: Raw<'_>,
        is_new: impl FnOnce(),
        strings: &mut Interner,
    ) -> Option<Value> {
        match raw.kind {
            kind::NULL => return Some(Value::NULL),
            ACCOUNT.. => return None,
            _ => {}
        }
        let ascii = &mut self.ascii;
        (self.remembered).recall(raw.kind, [raw.bytes], || {
            is_new();
            match raw.kind {
                kind::STRING => Some(spell(raw.bytes, ascii, strings)),
                _ => Some(strings.intern(&raw.text()?)),
            }
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
        self.systems = [None; SYSTEMS];
    }

    /// Bytes kept, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.remembered.size()
    }
}

/// Where the System of a plan and an event id has its place: records of one event id mostly have the
/// same values. Those that share a place only take turns.
#[inline]
fn place(plan: PlanId, event_id: u32) -> usize {
    const SPREAD: u32 = 37;
    plan.wrapping_mul(SPREAD).wrapping_add(event_id) as usize % SYSTEMS
}

/// The symbol of a text that is hardly known; `ascii` is room for it.
fn spell(bytes: &[u8], ascii: &mut [u8], strings: &mut Interner) -> Sym {
    let ascii = ascii.get_mut(..bytes.len() / 2).unwrap_or_default();
    match (narrow(bytes, ascii), std::str::from_utf8(ascii)) {
        (true, Ok(text)) => strings.append(text),
        _ => strings.append(&utf16(until_nul(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(strings: &Interner, system: Option<System>) -> Option<[&str; SYSTEM_TEXTS]> {
        let System {
            provider,
            channel,
            computer,
            user_sid,
        } = system?;
        Some([provider, channel, computer, user_sid].map(|symbol| strings.text(symbol)))
    }

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
            assert!(memo.recent(raw).is_none());
            let novelty = (&Novelty::default(), 1);
            assert_eq!(memo.old_symbol(raw, novelty, &mut strings), None);
        }
    }

    #[test]
    fn values_that_never_come_back_are_spelled_and_not_remembered() {
        let mut strings = Interner::default();
        let mut memo = Memo::default();
        let novelty = Novelty::default();
        let mut is_remembered = |record: u32, text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let raw = Raw {
                kind: kind::STRING,
                bytes: &units,
            };
            let symbol = memo.old_symbol(raw, (&novelty, record), &mut strings);
            assert_eq!(strings.text(symbol.unwrap()), text);
            memo.recent(raw).is_some()
        };
        let name = |number: u32| format!("Übersicht {number}");
        let mut records = 1..2000;
        let last = records.find(|record| !is_remembered(*record, &name(*record)));
        assert!(last.is_some_and(|record| record > 1000), "{last:?}");
        for record in records {
            for text in ["bericht.docx", "-", "", "?", &name(record)] {
                assert!(!is_remembered(record, text));
            }
        }
    }

    #[test]
    fn the_texts_of_a_system_are_those_of_the_record_at_hand() {
        let mut strings = Interner::default();
        let mut memo = Memo::default();
        let plans = Plans::default();
        let by_value = |numbers: [Option<u16>; SYSTEM_TEXTS]| {
            let [provider, channel, computer, user_sid] =
                numbers.map(|number| number.map(Source::Value));
            Plan {
                provider,
                channel,
                computer,
                user_sid,
                ..Plan::default()
            }
            .with_system_values()
        };
        let two = by_value([None, Some(1), None, Some(0)]);
        let one = by_value([Some(1), None, None, None]);
        let (other_place, other_plan) = (2, 38);
        assert_eq!(place(0, other_plan), place(1, 1));
        assert_ne!(place(0, other_place), place(0, 1));
        for (event_id, id, plan, values, expected) in [
            (1, 0, &two, ["a", "b"], ["", "b", "", "a"]),
            (1, 0, &two, ["a", "b"], ["", "b", "", "a"]),
            (1, 0, &two, ["c", "b"], ["", "b", "", "c"]),
            (1, 0, &two, ["c", "d"], ["", "d", "", "c"]),
            (other_place, 0, &two, ["a", "b"], ["", "b", "", "a"]),
            (1, 1, &one, ["c", "d"], ["d", "", "", ""]),
            (other_plan, 0, &two, ["c", "d"], ["", "d", "", "c"]),
            (1, 1, &one, ["c", "d"], ["d", "", "", ""]),
            (1, 0, &two, ["c", "d"], ["", "d", "", "c"]),
        ] {
            let values = values.map(|text| [text.as_bytes(), &[0]].concat());
            let raw = |number: u16| {
                let bytes = values.get(usize::from(number))?;
                let kind = kind::STRING;
                Some(Raw { kind, bytes })
            };
            let system = memo.system(event_id, (id, plan), raw, (&plans, &mut strings));
            assert_eq!(texts(&strings, system), Some(expected));
        }
        let of_no_type = |_| {
            Some(Raw {
                kind: u8::MAX,
                bytes: &[],
            })
        };
        let system = memo.system(1, (0, &two), of_no_type, (&plans, &mut strings));
        assert_eq!(system, None);
    }
}
