//! Small numbers for what repeats in every row: host, and channel + provider + event id.

use std::hash::Hash;

use hashbrown::HashMap;

/// What an event is: a record's channel, provider and event id together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKind {
    /// `System/Channel`.
    pub channel: String,
    /// `System/Provider@Name`.
    pub provider: String,
    /// `System/EventID`, without qualifiers.
    pub event_id: u32,
}

macro_rules! small_number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// From a position; positions beyond 65,535 share the last number.
            pub fn new(index: usize) -> Self {
                $name(u16::try_from(index).unwrap_or(u16::MAX))
            }

            /// The position.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            fn from(index: usize) -> Self {
                Self::new(index)
            }
        }
    };
}

small_number!(
    /// Number of an [`EventKind`] in its timeline.
    KindId
);
small_number!(
    /// Number of a host in its timeline.
    HostId
);

/// Numbers things in the order in which they are met.
#[derive(Clone, Debug)]
pub(super) struct Numbering<K> {
    numbers: HashMap<K, u16>,
    keys: Vec<K>,
}

impl<K> Default for Numbering<K> {
    fn default() -> Self {
        Numbering {
            numbers: HashMap::new(),
            keys: Vec::new(),
        }
    }
}

impl<K: Copy + Eq + Hash> Numbering<K> {
    /// The position of a key, which is added if it is new. Keys beyond 65,535 share that number.
    pub(super) fn number(&mut self, key: K) -> usize {
        if let Some(number) = self.numbers.get(&key) {
            return usize::from(*number);
        }
        let Some(number) = u16::try_from(self.keys.len())
            .ok()
            .filter(|next| *next < u16::MAX)
        else {
            return usize::from(u16::MAX);
        };
        self.numbers.insert(key, number);
        self.keys.push(key);
        usize::from(number)
    }

    /// The keys, by number.
    pub(super) fn keys(&self) -> &[K] {
        &self.keys
    }
}
