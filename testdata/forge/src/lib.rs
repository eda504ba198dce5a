//! Writes EVTX files from scenario files, so that tests, benchmarks and the bundled case have logs whose every event is known.
//!
//! | module | what |
//! |---|---|
//! | [`scenario`] | a story in TOML: hosts, accounts, events; builds the log files |
//! | [`kind`] | what each event kind looks like, as data |
//! | [`event`] | an event with its values, and the templates it needs |
//! | [`log`], [`chunk`], [`binxml`] | the file format |
//! | [`value`], [`identity`], [`time`] | typed values |
#![forbid(unsafe_code)]

mod act;
pub mod binxml;
pub mod bulk;
pub mod chunk;
pub mod error;
pub mod event;
pub mod identity;
pub mod kind;
pub mod log;
mod random;
pub mod scenario;
pub mod time;
pub mod value;

pub use error::{Error, Result};
