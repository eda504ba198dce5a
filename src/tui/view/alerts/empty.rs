//! What stands where there are no alerts.

use std::path::Path;

use ratatui::layout::Rect;

use crate::tui::command::Command;
use crate::tui::keymap::Mode;
use crate::tui::model::{AlertsPage, Model, Stage};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, wrap};

/// Says why there are none, and what to do.
pub(super) fn draw(model: &Model, page: &AlertsPage, area: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(area.width.saturating_sub(4));
    let lines = match page.hidden(&model.data) {
        0 => nothing(model, usize::from(area.height), canvas.ascii()),
        hidden => vec![
            Piece::new(
                format!("The filters hide all {hidden} alerts."),
                Role::Strong,
            ),
            Piece::new(
                format!(
                    "{} takes the filters away.",
                    key(model, Command::UnfilterAll)
                ),
                Role::Dim,
            ),
        ],
    };
    let lines = lines
        .iter()
        .flat_map(|line| wrap(std::slice::from_ref(line), room));
    for (line, pieces) in (area.y + 1..area.bottom()).zip(lines) {
        canvas.line(
            Rect {
                x: area.x + 2,
                y: line,
                width: area.width.saturating_sub(2),
                height: 1,
            },
            &pieces,
        );
    }
}

/// The key of a command on pages, as the analyst has it.
fn key(model: &Model, command: Command) -> String {
    let key = model.keymap.key_of(Mode::Normal, command);
    key.unwrap_or_else(|| format!(":{}", command.name()))
}

/// Why there are no alerts at all.
fn nothing(model: &Model, height: usize, ascii: bool) -> Vec<Piece> {
    let strong = |text: String| Piece::new(text, Role::Strong);
    let dim = |text: String| Piece::new(text, Role::Dim);
    let loading = &model.loading;
    match loading.stage {
        Stage::Idle => vec![
            strong("Nothing was handed in.".to_owned()),
            dim("Start with: dualuse FOLDER".to_owned()),
        ],
        Stage::Reading | Stage::Investigating => {
            let mut lines = vec![
                strong(format!(
                    "Reading {} sources, {} events so far.",
                    loading.sources.len(),
                    loading.events
                )),
                dim(format!(
                    "Alerts appear here when they are known. {} stops; what was read stays.",
                    key(model, Command::Interrupt)
                )),
                dim(String::new()),
            ];
            let open = loading.sources.iter().filter(|(_, done, all)| done < all);
            lines.extend(
                open.take(height.saturating_sub(5).max(1))
                    .map(|(path, done, all)| progress(path, *done, *all, ascii)),
            );
            lines
        }
        Stage::Done | Stage::Cancelled => {
            let (events, sources) = (
                model.data.timeline().len(),
                model.data.timeline().sources().len(),
            );
            let places: Vec<String> = model
                .settings
                .evidence
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            let why = format!(
                "{} tells what was read and what was not; {} shows every event.",
                key(model, Command::GoSources),
                key(model, Command::GoEvents)
            );
            match (sources, events) {
                (0, _) => vec![
                    strong(format!("No event log was found in {}.", places.join(", "))),
                    dim("dualuse reads .evtx files, and folders that hold them.".to_owned()),
                ],
                (_, 0) => vec![
                    Piece::new("No event could be read.", Role::Warning),
                    dim(why),
                ],
                _ => vec![
                    strong("No trace of a dual-use tool was found.".to_owned()),
                    dim(format!(
                        "{events} events of {sources} sources were read. {why}"
                    )),
                ],
            }
        }
        Stage::Failed => vec![
            Piece::new("Loading failed.", Role::Error),
            Piece::new(loading.trouble.clone().unwrap_or_default(), Role::Text),
        ],
    }
}

/// How far a source is.
fn progress(path: &Path, done: u64, all: u64, ascii: bool) -> Piece {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
    let full = usize::try_from(percent / 5).unwrap_or(0).min(20);
    let (on, off) = if ascii { ("#", ".") } else { ("█", "░") };
    let bar = format!("{}{}", on.repeat(full), off.repeat(20 - full));
    Piece::new(format!("{bar} {percent:>3}%  {name}"), Role::Text)
}
