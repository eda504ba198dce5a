//! What a timeline keeps, as rows of numbers: everything but the texts themselves, which have symbols.

use super::fact::{AccountAction, FileAction, ServiceChange};
use super::identity::{Guid, LogonId};
use super::symbol::Sym;
use super::time::Time;

/// What can be written as a row of numbers of 64 bits, and read from one.
pub trait Numbered: Copy {
    /// How many numbers a row has.
    const MEMBERS: usize;
    /// An array of as many numbers.
    type Numbers: AsRef<[u64]> + AsMut<[u64]>;
    /// Only zeros.
    const ZERO: Self::Numbers;

    /// The numbers, in the order of the members.
    fn numbers(&self) -> Self::Numbers;

    /// From numbers that [`Numbered::numbers`] gave, asked for by the places of the members. Of other
    /// numbers it makes something valid.
    fn from_numbers(number: impl Fn(usize) -> u64) -> Self;
}

/// What is one number: a member of a fact or of a row.
pub trait Number: Copy {
    /// The number.
    fn number(self) -> u64;

    /// From what [`Number::number`] gave.
    fn from_number(number: u64) -> Self;
}

impl<N: Number> Numbered for N {
    const MEMBERS: usize = 1;
    type Numbers = [u64; 1];
    const ZERO: [u64; 1] = [0];

    fn numbers(&self) -> [u64; 1] {
        [self.number()]
    }

    fn from_numbers(number: impl Fn(usize) -> u64) -> Self {
        N::from_number(number(0))
    }
}

impl Number for u64 {
    fn number(self) -> u64 {
        self
    }

    fn from_number(number: u64) -> Self {
        number
    }
}

impl Number for u32 {
    fn number(self) -> u64 {
        u64::from(self)
    }

    fn from_number(number: u64) -> Self {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

impl Number for u16 {
    fn number(self) -> u64 {
        u64::from(self)
    }

    fn from_number(number: u64) -> Self {
        u16::try_from(number).unwrap_or(u16::MAX)
    }
}

impl Number for bool {
    fn number(self) -> u64 {
        u64::from(self)
    }

    fn from_number(number: u64) -> Self {
        number != 0
    }
}

/// Nothing is 0, and everything else one more than it would be.
macro_rules! optional {
    ($($kind:ty),+) => { $(
        impl Number for Option<$kind> {
            fn number(self) -> u64 {
                self.map_or(0, |some| some.number() + 1)
            }

            fn from_number(number: u64) -> Self {
                number.checked_sub(1).map(Number::from_number)
            }
        }
    )+ };
}
optional!(u16, u32, bool);

impl Number for LogonId {
    fn number(self) -> u64 {
        self.0
    }

    fn from_number(number: u64) -> Self {
        LogonId(number)
    }
}

impl Number for Time {
    fn number(self) -> u64 {
        self.filetime()
    }

    fn from_number(number: u64) -> Self {
        Time::from_filetime(number)
    }
}

impl Number for Sym {
    fn number(self) -> u64 {
        self.index() as u64
    }

    fn from_number(number: u64) -> Self {
        Sym::at(u32::from_number(number))
    }
}

impl Number for Guid {
    fn number(self) -> u64 {
        self.folded()
    }

    fn from_number(number: u64) -> Self {
        Guid::from_folded(number)
    }
}

/// By their places in a list of all of them; the first is what an unknown number means.
macro_rules! listed {
    ($($kind:ident: $first:ident $(, $other:ident)*;)+) => { $(
        impl Number for $kind {
            fn number(self) -> u64 {
                self as u64
            }

            fn from_number(number: u64) -> Self {
                match number {
                    $(number if number == $kind::$other as u64 => $kind::$other,)*
                    _ => $kind::$first,
                }
            }
        }
    )+ };
}
listed! {
    ServiceChange: Unknown, Started, Stopped, TimedOut, StartFailed, Crashed, StartTypeChanged;
    FileAction: Created, Deleted;
    AccountAction: Made, Joined, Left;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<N: Number + PartialEq + std::fmt::Debug>(all: &[N]) {
        for one in all {
            assert_eq!(N::from_number(one.number()), *one);
        }
    }

    #[test]
    fn every_member_comes_back_from_its_number() {
        there_and_back(&[0, 1, u64::MAX]);
        there_and_back(&[0, 1, u32::MAX]);
        there_and_back(&[false, true]);
        there_and_back(&[None, Some(0), Some(u16::MAX)]);
        there_and_back(&[None, Some(0), Some(u32::MAX)]);
        there_and_back(&[None, Some(false), Some(true)]);
        there_and_back(&[LogonId::NONE, LogonId(u64::MAX)]);
        there_and_back(&[Time::MIN, Time::MAX]);
        there_and_back(&[Sym::NONE, Sym::DASH, Sym::NULL_SID]);
        there_and_back(&[Guid::NONE, Guid::of(7), Guid::of(u128::MAX)]);
        there_and_back(&[
            ServiceChange::Unknown,
            ServiceChange::Started,
            ServiceChange::Stopped,
            ServiceChange::TimedOut,
            ServiceChange::StartFailed,
            ServiceChange::Crashed,
            ServiceChange::StartTypeChanged,
        ]);
        there_and_back(&[FileAction::Created, FileAction::Deleted]);
        there_and_back(&[
            AccountAction::Made,
            AccountAction::Joined,
            AccountAction::Left,
        ]);
    }
}
