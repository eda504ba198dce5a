//! The list of alerts: each a line that reads like a sentence.

use std::path::Path;

use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::investigate::{Alert, Severity};
use crate::tui::command::Command;
use crate::tui::keymap::Mode;
use crate::tui::model::{AlertColumn, AlertsPage, Model, Stage, severity_glyph, severity_word};
use crate::tui::theme::Role;
use crate::tui::widget::columns::{Span, Want, place};
use crate::tui::widget::{Canvas, Piece, cut_top, wrap};

/// The role of a severity.
pub(super) fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Critical => Role::Critical,
        Severity::High => Role::High,
        Severity::Medium => Role::Medium,
        Severity::Low => Role::Low,
        Severity::Info => Role::Info,
    }
}

/// Draws the list.
pub(super) fn draw(
    model: &Model,
    page: &AlertsPage,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Window {
    let (head, body) = cut_top(area, 1);
    let order = page.order();
    if order.is_empty() {
        empty(model, page, area, canvas);
        return Window {
            offset: 0,
            rows: usize::from(body.height),
            top: usize::from(body.y),
        };
    }
    let columns = columns(model, page, area.width);
    let marks = u16::from(area.width > 2) * 2;
    for (column, span) in AlertColumn::ALL.into_iter().zip(&columns) {
        let Some(span) = span else { continue };
        let sorted = if column != page.sort {
            ""
        } else if page.reverse {
            canvas.sign(" ▴", " ^")
        } else {
            canvas.sign(" ▾", " v")
        };
        let role = if column == page.column {
            Role::Heading
        } else {
            Role::Dim
        };
        let title = if column == AlertColumn::Time {
            format!("time {}", model.data.zone.name())
        } else {
            column.title().to_owned()
        };
        canvas.line(
            cell(head, marks, *span),
            &[Piece::new(title, role), Piece::new(sorted, Role::Dim)],
        );
    }
    let window = page.list.window(order.len(), usize::from(body.height));
    for (line, row) in (body.y..).zip(window.clone()) {
        let Some(alert) = page.alert(row, &model.data) else {
            continue;
        };
        let area = Rect {
            y: line,
            height: 1,
            ..body
        };
        let marked = model.data.marked.contains(&alert.id);
        let sign = if marked { canvas.sign("●", "*") } else { " " };
        canvas.line(area, &[Piece::new(sign, Role::Marked)]);
        let here = row == page.list.cursor;
        if here {
            canvas.patch(area, Role::Cursor);
        }
        for (column, span) in AlertColumn::ALL.into_iter().zip(&columns) {
            let Some(span) = span else { continue };
            let place = cell(area, marks, *span);
            let piece = value(model, alert, column, span.width, canvas.ascii());
            canvas.line(place, std::slice::from_ref(&piece));
            if here && column != AlertColumn::Severity {
                canvas.patch(place, Role::Cursor);
            }
            if here && column == page.column {
                canvas.patch(place, Role::Heading);
                canvas.patch(place, Role::Cursor);
            }
            mark_matches(model, place, piece.text(), canvas);
        }
    }
    Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
    }
}

fn cell(line: Rect, marks: u16, span: Span) -> Rect {
    Rect {
        x: line.x + marks + span.x,
        width: span.width,
        ..line
    }
    .intersection(line)
}

fn value(model: &Model, alert: &Alert, column: AlertColumn, width: u16, ascii: bool) -> Piece {
    let text = match column {
        AlertColumn::Severity if width < 6 => severity_glyph(alert.severity, ascii).to_owned(),
        AlertColumn::Severity => format!(
            "{} {}",
            severity_glyph(alert.severity, ascii),
            severity_word(alert.severity)
        ),
        AlertColumn::Time if width < 19 => model.data.zone.short(alert.first_time),
        AlertColumn::Who => narrow_account(&column.value(alert, &model.data), width),
        _ => column.value(alert, &model.data),
    };
    Piece::head(&text, usize::from(width), role(model, alert, column))
}

/// An account without its domain where both have no room.
fn narrow_account(account: &str, width: u16) -> String {
    let fits = Piece::new(account, Role::Text).width() <= usize::from(width);
    match account.split_once('\\') {
        Some((domain, user)) if !fits => {
            let guess = if domain.starts_with('~') { "~" } else { "" };
            format!("{guess}{user}")
        }
        _ => account.to_owned(),
    }
}

fn role(model: &Model, alert: &Alert, column: AlertColumn) -> Role {
    match column {
        AlertColumn::Severity => severity_role(alert.severity),
        AlertColumn::Time | AlertColumn::From => Role::Dim,
        AlertColumn::Tool | AlertColumn::Host => Role::Strong,
        AlertColumn::Who
            if alert
                .account
                .as_ref()
                .is_none_or(|account| account.how.is_inferred()) =>
        {
            Role::Inferred
        }
        AlertColumn::Who | AlertColumn::Ran => Role::Text,
        AlertColumn::Verdict => match model.data.triage(&alert.id) {
            Some(triage) if triage.stale.is_some() || !triage.conflict.is_empty() => Role::Warning,
            Some(triage) if triage.disposition == Some(crate::case::Disposition::Escalated) => {
                Role::Attacker
            }
            Some(triage) if triage.disposition.is_some() => Role::Good,
            Some(triage) if triage.state != crate::case::State::New => Role::Inferred,
            _ => Role::Dim,
        },
    }
}

/// Where the columns stand.
fn columns(model: &Model, page: &AlertsPage, width: u16) -> Vec<Option<Span>> {
    // as wide as what is on the screen needs, within bounds
    let widest = |column: AlertColumn, least: u16, most: u16| {
        let window = page.list.window(page.order().len(), 80);
        let widest = window
            .filter_map(|row| page.alert(row, &model.data))
            .map(|alert| {
                Piece::head(
                    &column.value(alert, &model.data),
                    usize::from(most),
                    Role::Text,
                )
                .width()
            })
            .max()
            .unwrap_or(0);
        u16::try_from(widest).unwrap_or(most).clamp(least, most)
    };
    let wide = width >= 150;
    let tool = widest(AlertColumn::Tool, 6, 18);
    let host = widest(AlertColumn::Host, 6, 15);
    let who = widest(AlertColumn::Who, 8, 34);
    let from = widest(AlertColumn::From, 8, 32);
    let verdict = widest(AlertColumn::Verdict, 7, 16);
    let time = if wide { 19 } else { 14 };
    let wants = [
        Want {
            least: if width < 60 { 2 } else { 6 },
            most: 6,
            weight: 100,
        },
        Want {
            least: time,
            most: time,
            weight: 40,
        },
        Want {
            least: tool.min(9),
            most: tool,
            weight: 90,
        },
        Want {
            least: host.min(9),
            most: host,
            weight: 80,
        },
        Want {
            least: who.min(12),
            most: who,
            weight: 70,
        },
        Want {
            least: from.min(11),
            most: from,
            weight: 50,
        },
        Want {
            least: 14,
            most: 400,
            weight: 60,
        },
        Want {
            least: verdict.min(9),
            most: verdict,
            weight: 65,
        },
    ];
    place(width.saturating_sub(2), &wants)
}

/// What stands where there are no alerts: why, and what to do.
fn empty(model: &Model, page: &AlertsPage, area: Rect, canvas: &mut Canvas<'_>) {
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
