//! `dualuse keys`: what each key of the interface does.

use std::io::Write;

use serde_json::{Value, json};

use super::Outcome;
use super::arguments::{ConfigKind, Keys};
use super::config;
use super::output::Output;
use crate::report::to_json;
use crate::tui::command::Command;
use crate::tui::key_table;
use crate::tui::keymap::{Keymap, with_file};

pub(super) fn run(arguments: &Keys, out: &mut Output) -> anyhow::Result<Outcome> {
    let file = match &arguments.keys {
        _ if arguments.default => None,
        Some(file) => Some(file.clone()),
        None => config::own(ConfigKind::Keys),
    };
    let keymap = with_file(file.as_deref())?;
    if arguments.json {
        to_json(&as_json(&keymap), out)?;
    } else if arguments.markdown {
        out.write_all(key_table::markdown(&keymap).as_bytes())?;
    } else {
        out.write_all(key_table::plain(&keymap).as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn as_json(keymap: &Keymap) -> Vec<Value> {
    let commands = Command::ALL.iter();
    commands
        .map(|command| {
            json!({
                "command": command.name(),
                "title": command.title(),
                "help": command.help(),
                "keys": keymap.all_keys_of(*command),
            })
        })
        .collect()
}
