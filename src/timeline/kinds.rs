//! Small numbers for what repeats in every row: host, and channel + provider + event id.

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
