//! Keys of one's own: each does what the default key of its command does, and is shown.

use super::stage::Stage;
use crate::tui::command::{Command, Group, Ready};
use crate::tui::key;
use crate::tui::key_table;
use crate::tui::keymap::{Keymap, Lookup, Mode};

/// A key that nothing is bound to.
const FREE: &str = "alt-z";

fn with_free_key(mode: Mode, command: Command) -> Keymap {
    let mut keymap = Keymap::default();
    let text = format!("[{}]\n\"{FREE}\" = \"{}\"\n", mode.name(), command.name());
    keymap.lay_over(&text).unwrap();
    keymap
}

#[test]
fn every_command_can_be_given_another_key_which_is_then_listed() {
    let free = key::parse(FREE).unwrap();
    for mode in Mode::ALL {
        for command in Command::ALL.iter().copied() {
            let keymap = with_free_key(mode, command);
            let found = keymap.look_up(mode, &[free]);
            assert_eq!(found, Lookup::Command(command), "{}", command.name());
            assert!(keymap.all_keys_of(command).contains(&"Alt-z".to_owned()));
            assert_eq!(keymap.changes().len(), 1);
            let is_at_home = (mode == Mode::Normal) == (command.group() != Group::Text);
            if is_at_home {
                let table = key_table::plain(&keymap);
                let mut lines = table.lines();
                let listed = lines.any(|line| {
                    line.contains("Alt-z") && line.contains(&format!(" {} ", command.name()))
                });
                assert!(listed, "{}: {table}", command.name());
            }
        }
    }
}

#[test]
fn the_other_key_does_what_the_default_key_does() {
    for command in Command::ALL.iter().copied() {
        let default = Keymap::default();
        let Some(keys) = default.first_keys(Mode::Normal, command) else {
            continue;
        };
        // these show the time
        let differs_anyway = matches!(command, Command::Dump | Command::Export);
        if differs_anyway || !is_of_use(command) {
            continue;
        }
        let after = |free: bool| {
            let mut stage = Stage::open(100, 30);
            stage.press("space enter j j");
            stage.model.keymap = with_free_key(Mode::Normal, command);
            if free {
                stage.press(FREE);
            } else {
                keys.iter().for_each(|key| stage.key(*key));
            }
            let menu = matches!(
                stage.model.layers.last(),
                Some(crate::tui::model::Layer::Help(_) | crate::tui::model::Layer::Palette(_))
            );
            // a menu lists both keys; what a page shows does not hang on how it was asked for
            let screen = if menu {
                "a menu".to_owned()
            } else {
                stage.screen()
            };
            (screen, stage.left, stage.model.mouse, stage.copied.clone())
        };
        assert_eq!(after(true), after(false), "{}", command.name());
    }
}

/// Whether the command means anything on the page of the test: a sequence that does not is told so,
/// a single key is not.
fn is_of_use(command: Command) -> bool {
    let mut stage = Stage::open(100, 30);
    stage.press("space enter j j");
    command.ready(&stage.model) != Ready::Elsewhere
}

#[test]
fn a_key_that_is_taken_away_does_nothing_and_is_shown_nowhere() {
    let mut stage = Stage::open(160, 30);
    stage
        .model
        .keymap
        .lay_over("[normal]\n\"t\" = \"none\"\n")
        .unwrap();
    stage.press("t");
    assert!(stage.model.layers.is_empty());
    assert!(!stage.shows(" t triage"), "{}", stage.screen());
    stage.press(":");
    stage.type_text("triage").press("enter");
    assert!(stage.shows("decide"), "{}", stage.screen());
}

#[test]
fn what_cannot_be_used_now_is_greyed_with_its_reason() {
    let mut stage = Stage::open(200, 30);
    stage.model.case.trouble = Some("the disk is full".to_owned());
    let screen = stage.screen();
    let footer = screen.lines().last().unwrap();
    assert!(
        footer.contains("t triage (the case file cannot be written)"),
        "{footer}"
    );
    let row = stage.screen().lines().count() - 1;
    let at = footer.find("t triage").unwrap();
    let frame = stage.draw();
    let width = usize::from(frame.area().width);
    let cell = &frame.content()[row * width + at];
    let dim = ratatui::style::Modifier::DIM;
    assert!(cell.modifier.contains(dim), "{cell:?}");
}
