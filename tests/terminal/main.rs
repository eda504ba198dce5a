//! The interface in a real terminal: what only a terminal shows. Each story waits for what is on the
//! screen and never for time to pass.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]
#![cfg(all(unix, feature = "tui"))]

mod console;
mod desk;
mod endings;
mod hostile;
mod kinds;
mod looks;
mod memory;
mod triage;
mod unreadable;
