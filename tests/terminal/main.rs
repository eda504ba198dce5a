//! The interface in a real terminal: what only a terminal shows. Each story waits for what is on the
//! screen and never for time to pass.
#![cfg(all(unix, feature = "tui"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test may panic"
)]

mod console;
mod desk;
mod endings;
mod hostile;
mod looks;
mod triage;
mod unreadable;
