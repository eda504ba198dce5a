//! How quick the interface is on a large timeline: every key to its frame, every pivot and filter
//! to its first and its last row, memory, and what an idle interface costs.
//!
//! `cargo bench --bench desk` takes a million events; `cargo bench --bench desk -- 10` ten million
//! (7 GiB of log, forged into a temporary folder and deleted); a second number is that of the uses of
//! PsExec in it. It drives what the program runs: the
//! same model, workers and drawing on a screen of 200×60.

#![cfg_attr(not(feature = "tui"), allow(unused))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark may fail"
)]

#[cfg(feature = "tui")]
#[path = "desk/walk.rs"]
mod walk;

fn main() {
    #[cfg(feature = "tui")]
    walk::main();
}
