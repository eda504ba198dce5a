//! The list of alerts: each a line that reads like a sentence.

use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::event::Time;
use crate::investigate::{Alert, Severity};
use crate::tui::model::{AlertColumn, AlertsPage, Model, severity_glyph, severity_word, span};
use crate::tui::theme::Role;
use crate::tui::widget::columns::{Span, Want, place};
use crate::tui::widget::{Canvas, Piece, cut_top};

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
    let mut columns = columns(model, page, area.width);
    let age = columns.pop().flatten();
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
    if let Some(span) = age {
        canvas.line(cell(head, marks, span), &[Piece::new("age", Role::Dim)]);
    }
    let window = page.list.window(order.len(), usize::from(body.height));
    let now = Time::now();
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
        if let Some(span) = age {
            let text = super::alerts::age(now, alert.last_time);
            canvas.line(cell(area, marks, span), &[Piece::new(text, Role::Dim)]);
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

/// How long ago, in one unit.
fn age(now: Time, then: Time) -> String {
    if then > now {
        "ahead".to_owned()
    } else {
        span(now.distance(then))
    }
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

/// Where the columns stand; the last is the age.
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
        Want {
            least: 5,
            most: 5,
            weight: if wide { 30 } else { 10 },
        },
    ];
    place(width.saturating_sub(2), &wants)
}

/// What stands where there are no alerts: why, and what to do.
fn empty(model: &Model, page: &AlertsPage, area: Rect, canvas: &mut Canvas<'_>) {
    use crate::tui::model::Stage;
    let loading = &model.loading;
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut say = |text: String, role| lines.push(vec![Piece::new(text, role)]);
    if page.hidden(&model.data) > 0 {
        say(
            format!("The filters hide all {} alerts.", page.hidden(&model.data)),
            Role::Strong,
        );
        say("C takes the filters away.".to_owned(), Role::Dim);
    } else {
        match loading.stage {
            Stage::Idle => say(
                "Nothing was handed in. Start with: dualuse FOLDER".to_owned(),
                Role::Strong,
            ),
            Stage::Reading | Stage::Investigating => {
                say(
                    format!(
                        "Reading {} sources, {} events so far.",
                        loading.sources.len(),
                        loading.events
                    ),
                    Role::Strong,
                );
                say("Alerts appear here as soon as they are known. Ctrl-c stops; what was read stays.".to_owned(), Role::Dim);
                say(String::new(), Role::Text);
                let room = usize::from(area.height.saturating_sub(5));
                let open: Vec<_> = loading
                    .sources
                    .iter()
                    .filter(|(_, done, all)| done < all)
                    .collect();
                for (path, done, all) in open.iter().take(room.max(1)) {
                    let name = path
                        .file_name()
                        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                    let percent = done.saturating_mul(100).checked_div(*all).unwrap_or(100);
                    let full = usize::try_from(percent / 5).unwrap_or(0).min(20);
                    let (on, off) = if canvas.ascii() {
                        ("#", ".")
                    } else {
                        ("█", "░")
                    };
                    let bar = format!("{}{}", on.repeat(full), off.repeat(20 - full));
                    say(format!("{bar} {percent:>3}%  {name}"), Role::Text);
                }
            }
            Stage::Done | Stage::Cancelled => {
                say(
                    "No trace of a dual-use tool was found.".to_owned(),
                    Role::Strong,
                );
                let events = model.data.timeline().len();
                say(
                    format!(
                        "{events} events of {} sources were read. g r tells what was read and what was not; g e shows every event.",
                        model.data.timeline().sources().len()
                    ),
                    Role::Dim,
                );
            }
            Stage::Failed => {
                say("Loading failed.".to_owned(), Role::Error);
                say(loading.trouble.clone().unwrap_or_default(), Role::Text);
            }
        }
    }
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
