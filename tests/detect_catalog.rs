//! The catalogue holds itself to its own examples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use dualuse::detect::Catalog;

#[test]
fn every_pattern_matches_its_examples_and_spares_its_look_alikes() {
    let catalog = Catalog::built_in().unwrap();
    let problems = catalog.failing_examples();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn no_pattern_is_without_examples() {
    let catalog = Catalog::built_in().unwrap();
    for tool in catalog.tools() {
        for trace in &tool.traces {
            let place = format!("{} line {}: {}", tool.id, trace.line, trace.is);
            assert!(!trace.matches.is_empty(), "no positive example: {place}");
            assert!(!trace.spares.is_empty(), "no look-alike: {place}");
        }
    }
}
