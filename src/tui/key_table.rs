//! The keys as a table, made from the registry: for `dualuse keys`, the README and the manual page.

use std::fmt::Write;

use super::command::{Command, Group};
use super::keymap::{Keymap, Mode};

/// One line of the table.
struct Entry {
    keys: Vec<String>,
    command: Command,
}

/// The commands of each heading that have a key, in the order of the registry.
fn groups(keymap: &Keymap) -> Vec<(Group, Vec<Entry>)> {
    let mut groups: Vec<(Group, Vec<Entry>)> = Vec::new();
    for command in Command::ALL.iter().copied() {
        let keys = keys_of(keymap, command);
        if keys.is_empty() {
            continue;
        }
        let entry = Entry { keys, command };
        match groups.last_mut() {
            Some((group, entries)) if *group == command.group() => entries.push(entry),
            _ => groups.push((command.group(), vec![entry])),
        }
    }
    groups
}

/// The keys of a command where it belongs: on pages, or where text is typed.
fn keys_of(keymap: &Keymap, command: Command) -> Vec<String> {
    if command.group() != Group::Text {
        return keymap.keys_of(Mode::Normal, command);
    }
    let mut keys = Vec::new();
    for mode in [Mode::Prompt, Mode::Filters, Mode::Timeline, Mode::Notes] {
        for key in keymap.keys_of(mode, command) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// The table for a terminal: keys, the name that keymap files use, and what it does.
pub fn plain(keymap: &Keymap) -> String {
    let mut text = String::new();
    for (group, entries) in groups(keymap) {
        let _ = writeln!(text, "{}", group.title());
        for Entry { keys, command } in entries {
            let keys = keys.join(", ");
            let _ = writeln!(
                text,
                "  {keys:<22} {:<17} {}",
                command.name(),
                command.help()
            );
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The table in Markdown.
pub fn markdown(keymap: &Keymap) -> String {
    let mut text = "| key | what it does |\n|---|---|\n".to_owned();
    for (group, entries) in groups(keymap) {
        let _ = writeln!(text, "| **{}** | |", group.title());
        for Entry { keys, command } in entries {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = writeln!(text, "| {} | {} |", keys.join(" "), command.help());
        }
    }
    text
}

/// The table as a section of a manual page.
pub fn roff(keymap: &Keymap) -> String {
    let mut text = ".SH KEYS\n".to_owned();
    for (group, entries) in groups(keymap) {
        let _ = writeln!(text, ".SS \"{}\"", group.title());
        for Entry { keys, command } in entries {
            let (keys, help) = (escape(&keys.join(", ")), escape(command.help()));
            let _ = writeln!(text, ".TP\n\\fB{keys}\\fR\n{help}");
        }
    }
    text
}

/// Text that means nothing to roff.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_with_a_key_is_listed_with_the_keys_in_force() {
        let mut keymap = Keymap::default();
        keymap
            .lay_over("[normal]\n\"Z\" = \"triage\"\n\"t\" = \"none\"\n")
            .unwrap();
        for table in [plain(&keymap), markdown(&keymap), roff(&keymap)] {
            for command in Command::ALL {
                let help = command.help().replace('-', "\\-");
                assert!(
                    table.contains(command.help()) || table.contains(&help),
                    "{}",
                    command.name()
                );
            }
        }
        assert!(
            plain(&keymap)
                .lines()
                .any(|line| line.split_whitespace().take(2).eq(["Z", "triage"]))
        );
        assert!(markdown(&keymap).contains("| `Z` | Decide on"));
    }
}
