//! How every view looks: its text once, and the style of every cell in three themes.
//!
//! After a change that is meant, renew them with
//! `INSTA_UPDATE=always cargo test --lib tui::tests::snapshots` and read the difference.

use std::collections::BTreeMap;
use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::stage::Stage;
use super::views::VIEWS;
use crate::tui::theme::Theme;

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 60)];
const THEMES: [&str; 3] = ["default", "monochrome", "light"];

#[test]
fn every_view_looks_as_it_did() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, keys) in VIEWS {
            insta::assert_snapshot!(*name, look(keys));
        }
    });
}

/// A view at every size and in every theme.
fn look(keys: &str) -> String {
    let mut text = String::new();
    let mut stage = Stage::open(120, 40);
    stage.press(keys);
    for (width, height) in SIZES {
        stage.resize(width, height);
        let _ = writeln!(text, "== {width}x{height}");
        let mut styles = Vec::new();
        for theme in THEMES {
            stage.model.theme = Theme::built_in(theme).unwrap();
            let buffer = stage.draw();
            if styles.is_empty() {
                text.push_str(&letters(buffer));
            }
            styles.push((theme, style_runs(buffer)));
        }
        for (theme, runs) in styles {
            let _ = write!(text, "-- {theme}\n{runs}");
        }
    }
    // what differs from build to build and from run to run has its length kept
    steady(&text)
}

fn lines(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    let width = usize::from(buffer.area().width).max(1);
    buffer.content().chunks(width)
}

/// The text, one line of the screen on each.
fn letters(buffer: &Buffer) -> String {
    lines(buffer)
        .map(|line| {
            let line: String = line.iter().map(Cell::symbol).collect();
            format!("{}\n", line.trim_end())
        })
        .collect()
}

/// The styles: a letter for each, named at the end; for each line that is not plain all over, its
/// number and how many cells have which. Plain cells are dots.
fn style_runs(buffer: &Buffer) -> String {
    let mut names: BTreeMap<String, char> = BTreeMap::new();
    let mut text = String::new();
    for (number, line) in lines(buffer).enumerate() {
        let mut runs: Vec<(char, usize)> = Vec::new();
        for cell in line {
            let name = style(cell);
            let next = char::from(b'a' + u8::try_from(names.len()).unwrap());
            let letter = if name.is_empty() {
                '.'
            } else {
                *names.entry(name).or_insert(next)
            };
            match runs.last_mut() {
                Some((last, count)) if *last == letter => *count += 1,
                _ => runs.push((letter, 1)),
            }
        }
        if runs.last().is_some_and(|(letter, _)| *letter == '.') {
            runs.pop();
        }
        if !runs.is_empty() {
            let runs: String = runs
                .iter()
                .map(|(letter, count)| format!("{letter}{count}"))
                .collect();
            let _ = writeln!(text, "{number} {runs}");
        }
    }
    let mut names: Vec<(char, String)> = names.into_iter().map(|(name, c)| (c, name)).collect();
    names.sort();
    for (letter, name) in names {
        let _ = writeln!(text, "{letter} = {name}");
    }
    text
}

/// A style in words; empty when plain.
fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    for (colour, what) in [(cell.fg, "on"), (cell.bg, "back")] {
        if colour != Color::Reset {
            words.push(format!("{what}-{colour}").to_lowercase());
        }
    }
    words.extend(
        [
            (Modifier::BOLD, "bold"),
            (Modifier::DIM, "dim"),
            (Modifier::ITALIC, "italic"),
            (Modifier::UNDERLINED, "underlined"),
            (Modifier::REVERSED, "reversed"),
        ]
        .into_iter()
        .filter(|(modifier, _)| cell.modifier.contains(*modifier))
        .map(|(_, word)| word.to_owned()),
    );
    words.join(" ").replace("on-", "")
}

/// Version, the end of the decision log and when something was decided, replaced by signs of the
/// same width.
fn steady(text: &str) -> String {
    const LOG: &str = "log ends at `";
    const RULE: &str = "written by analyst, ";
    let is_part = |character: char| character.is_ascii_digit() || "-: ".contains(character);
    let mut text = text.replace(env!("CARGO_PKG_VERSION"), "#.#.#");
    let ends: Vec<usize> = text
        .match_indices(LOG)
        .map(|(at, _)| at + LOG.len())
        .collect();
    for at in ends {
        text.replace_range(at..at + 12, "############");
    }
    let rules: Vec<usize> = text
        .match_indices(RULE)
        .map(|(at, _)| at + RULE.len())
        .collect();
    for at in rules {
        let rest = text.get(at..).unwrap_or_default();
        let when = rest.len() - rest.trim_start_matches(is_part).len();
        text.replace_range(at..at + when, &"#".repeat(when));
    }
    text
}
