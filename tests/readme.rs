//! The README keeps its word: every command in it runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap()
}

/// The lines of the README's shell blocks, without comments.
fn commands() -> Vec<String> {
    let text = readme();
    text.split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Runs a command as a user would in a fresh clone, but with an own home and no terminal.
fn run(desk: &TempDir, arguments: &str) -> Option<i32> {
    let logs = Path::new(ROOT).join("testdata/logs");
    let arguments = arguments.split_whitespace().map(|word| {
        if word == "testdata/logs" {
            logs.display().to_string()
        } else {
            word.to_owned()
        }
    });
    Command::cargo_bin("dualuse")
        .unwrap()
        .args(arguments)
        .current_dir(desk.path())
        .env("HOME", desk.path())
        .env("XDG_DATA_HOME", desk.path().join("data"))
        .env("XDG_CONFIG_HOME", desk.path().join("config"))
        .env("DUALUSE_AUTHOR", "reader")
        .output()
        .unwrap()
        .status
        .code()
}

#[test]
fn every_command_runs() {
    let desk = TempDir::new().unwrap();
    let commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands {
        let code = if command == "cargo test --workspace" {
            // This very run; the check that nothing else is promised is below.
            continue;
        } else if let Some(arguments) = command.strip_prefix("cargo run --release --") {
            // Without a terminal the interface gives way to `scan`.
            run(&desk, arguments)
        } else if let Some(arguments) = command.strip_prefix("dualuse ") {
            run(&desk, arguments)
        } else {
            panic!("the README has a command that no test runs: {command}")
        };
        let found_alerts = command.contains("testdata/logs") && !command.contains("export");
        assert_eq!(code, Some(i32::from(found_alerts)), "{command}");
    }
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let ci = fs::read_to_string(Path::new(ROOT).join(".ci/run")).unwrap();
    assert!(
        commands()
            .iter()
            .any(|command| command == "cargo test --workspace")
    );
    assert!(ci.contains("cargo test --workspace"));
}
