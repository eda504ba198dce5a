//! The interface under test: the real model, the real workers, the real case file; only keys come
//! from a script and the screen is a buffer.

mod alert_list;
mod alert_page;
mod anywhere;
mod filters;
mod keymap;
mod keys;
mod loading;
mod newcomer;
mod notes;
mod owner_and_rules;
#[cfg(unix)]
mod panics;
mod plain;
mod session;
mod sizes;
mod snapshots;
mod stage;
mod stories;
mod views;
