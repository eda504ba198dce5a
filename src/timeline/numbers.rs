//! A column of numbers of 64 bits, which take half the room as long as all of them are small.

use super::events::Gather;

/// Numbers by row. Record ids and logon ids are below 2³² on nearly every host.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    /// All are below 2³².
    Small(Vec<u32>),
    /// Some are not.
    Large(Vec<u64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers::Small(Vec::new())
    }
}

impl Numbers {
    pub(super) fn len(&self) -> usize {
        match self {
            Numbers::Small(numbers) => numbers.len(),
            Numbers::Large(numbers) => numbers.len(),
        }
    }

    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<u64> {
        match self {
            Numbers::Small(numbers) => numbers.get(row).map(|number| u64::from(*number)),
            Numbers::Large(numbers) => numbers.get(row).copied(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, number: u64) {
        match (&mut *self, u32::try_from(number)) {
            (Numbers::Small(numbers), Ok(number)) => numbers.push(number),
            _ => self.large().push(number),
        }
    }

    /// Moves all of `other` to the end; its memory stays with it where that is possible.
    pub(super) fn append(&mut self, other: &mut Numbers) {
        match (&mut *self, &mut *other) {
            (Numbers::Small(numbers), Numbers::Small(others)) => numbers.append(others),
            _ => self.large().append(other.large()),
        }
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        match self {
            Numbers::Small(numbers) => numbers.truncate(rows),
            Numbers::Large(numbers) => numbers.truncate(rows),
        }
    }

    pub(super) fn shrink_to_fit(&mut self) {
        match self {
            Numbers::Small(numbers) => numbers.shrink_to_fit(),
            Numbers::Large(numbers) => numbers.shrink_to_fit(),
        }
    }

    /// The numbers as large ones, which they are from now on.
    fn large(&mut self) -> &mut Vec<u64> {
        loop {
            match self {
                Numbers::Large(numbers) => return numbers,
                Numbers::Small(numbers) => {
                    *self = Numbers::Large(numbers.iter().copied().map(u64::from).collect());
                }
            }
        }
    }
}

impl Gather for Numbers {
    fn gather(&mut self, order: &[u32]) {
        match self {
            Numbers::Small(numbers) => numbers.gather(order),
            Numbers::Large(numbers) => numbers.gather(order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn numbers_stay_what_they_are(
            parts in proptest::collection::vec(
                proptest::collection::vec(proptest::prop_oneof![0..9u64, u64::MAX - 9..u64::MAX], 0..9),
                0..9,
            )
        ) {
            let mut whole = Numbers::default();
            for part in &parts {
                let mut numbers = Numbers::default();
                part.iter().for_each(|number| numbers.push(*number));
                whole.append(&mut numbers);
                proptest::prop_assert_eq!(numbers.len(), 0);
            }
            let all: Vec<u64> = (0..whole.len()).filter_map(|row| whole.get(row)).collect();
            proptest::prop_assert_eq!(all, parts.concat());
        }
    }
}
