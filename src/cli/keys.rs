//! `dualuse keys`: the commands of the interface, from the keymap in use.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Outcome;
use super::output::Output;
use crate::report::to_json;
use crate::tui::command::Command;

pub(super) fn run(file: Option<&Path>, as_json: bool, out: &mut Output) -> anyhow::Result<Outcome> {
    let keymap = crate::tui::keymap(file)?;
    if as_json {
        let commands: Vec<Value> = Command::ALL
            .iter()
            .map(|command| {
                json!({
                    "command": command.name(),
                    "title": command.title(),
                    "help": command.help(),
                    "keys": keymap.all_keys_of(*command),
                })
            })
            .collect();
        to_json(&commands, out)?;
        return Ok(Outcome::Done);
    }
    for command in Command::ALL {
        let keys = keymap.all_keys_of(*command).join(", ");
        writeln!(out, "{keys:24} {:24} {}", command.name(), command.help())?;
    }
    Ok(Outcome::Done)
}
