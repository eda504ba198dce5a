//! What one log record says, in normalised terms: time, identities, and the typed facts
//! ([`fact::Fact`]) of the events that detection and pivots need.
//!
//! This module lies at the bottom of the house: it knows neither files nor timelines.

pub mod fact;
pub mod identity;
pub mod layout;
pub mod numbered;
pub mod symbol;
pub mod time;
pub mod zone;

pub use identity::{Guid, LogonId, host_key, same_account, same_host};
pub use symbol::{Interner, Sym};
pub use time::Time;
pub use zone::NamedZone;
