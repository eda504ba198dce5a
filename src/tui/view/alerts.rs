//! The list of alerts: each a line that reads like a sentence.

mod empty;
mod histogram;

use chrono::Datelike;
use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::case::{Disposition, State};
use crate::investigate::{Alert, Severity};
use crate::tui::model::{
    AlertColumn, AlertRow, AlertsPage, Model, Page, Target, severity_glyph, severity_word,
};
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

/// How many bars of the timeline are drawn above the list; 0 when it is not there.
pub(super) fn bars(model: &Model, area: Rect) -> usize {
    match model.page() {
        Page::Alerts(_) if !model.data.alerts().is_empty() && histogram::height(area) > 0 => {
            histogram::bars(area.width)
        }
        _ => 0,
    }
}

/// Columns at the left for marks, and for the signs of groups.
const MARKS: u16 = 2;

/// Draws the list.
pub(super) fn draw(
    model: &Model,
    page: &AlertsPage,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Window {
    let area = if bars(model, area) > 0 {
        let (timeline, list) = cut_top(area, histogram::height(area));
        histogram::draw(model, page, timeline, canvas);
        list
    } else {
        area
    };
    let rows = page.rows();
    if rows.is_empty() {
        empty::draw(model, page, area, canvas);
        return Window {
            offset: 0,
            rows: usize::from(area.height.saturating_sub(1)),
            top: usize::from(area.y) + 1,
            ..Window::default()
        };
    }
    let (head, body) = cut_top(area, 1);
    let columns = columns(model, page, area.width);
    draw_head(model, page, &columns, head, canvas);
    let window = page.list.window(rows.len(), usize::from(body.height));
    for (line, row) in (body.y..).zip(window.clone()) {
        let area = Rect {
            y: line,
            height: 1,
            ..body
        };
        draw_row(model, page, row, &columns, area, canvas);
    }
    Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    }
}

fn draw_head(
    model: &Model,
    page: &AlertsPage,
    columns: &[Option<Span>],
    head: Rect,
    canvas: &mut Canvas<'_>,
) {
    for (column, span) in AlertColumn::ALL.into_iter().zip(columns) {
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
            cell(head, *span),
            &[Piece::new(title, role), Piece::new(sorted, Role::Dim)],
        );
    }
}

fn draw_row(
    model: &Model,
    page: &AlertsPage,
    row: usize,
    columns: &[Option<Span>],
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let alerts = page.alerts_at(row, &model.data);
    let Some(first) = alerts.first() else { return };
    let marked = alerts
        .iter()
        .filter(|alert| model.data.marked.contains(&alert.id))
        .count();
    let mark = match marked {
        0 => " ",
        all if all == alerts.len() => canvas.sign("●", "*"),
        _ => canvas.sign("◐", "+"),
    };
    let group = match page.rows().get(row) {
        Some(AlertRow::Group(_)) if page.group(row).is_some_and(|group| page.is_open(group)) => {
            canvas.sign("▾", "v")
        }
        Some(AlertRow::Group(_)) => canvas.sign("▸", ">"),
        Some(AlertRow::Member { is_last: true, .. }) => canvas.sign("└", "`"),
        Some(AlertRow::Member { .. }) => canvas.sign("│", "|"),
        _ if model.data.is_bookmarked(&Target::Alert(first.id.clone())) => "'",
        _ => " ",
    };
    canvas.line(
        area,
        &[
            Piece::new(mark, Role::Marked),
            Piece::new(group, Role::Border),
        ],
    );
    let here = row == page.list.cursor;
    if here {
        canvas.patch(area, Role::Cursor);
    }
    for (column, span) in AlertColumn::ALL.into_iter().zip(columns) {
        let Some(span) = span else { continue };
        let place = cell(area, *span);
        let text = text(model, page, row, column, span.width, canvas);
        let role = role(model, page, row, first, column);
        let piece = Piece::head(&text, usize::from(span.width), role);
        if column == AlertColumn::Age {
            canvas.line_right(place, std::slice::from_ref(&piece));
        } else {
            canvas.line(place, std::slice::from_ref(&piece));
        }
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

fn cell(line: Rect, span: Span) -> Rect {
    Rect {
        x: line.x + MARKS + span.x,
        width: span.width,
        ..line
    }
    .intersection(line)
}

fn text(
    model: &Model,
    page: &AlertsPage,
    row: usize,
    column: AlertColumn,
    width: u16,
    canvas: &Canvas<'_>,
) -> String {
    let value = || page.value(row, column, &model.data);
    match column {
        AlertColumn::Severity => {
            let severity = page.severity(row, &model.data).unwrap_or(Severity::Info);
            let glyph = severity_glyph(severity, canvas.ascii());
            if width < 6 {
                glyph.to_owned()
            } else {
                format!("{glyph} {}", severity_word(severity))
            }
        }
        // where there is no room for all of it, without the year, else without seconds
        AlertColumn::Time if width < 16 => value().get(5..).unwrap_or_default().to_owned(),
        AlertColumn::Time if width < 19 => value().get(..16).unwrap_or_default().to_owned(),
        AlertColumn::Who => narrow_account(&value(), width),
        AlertColumn::From => match value() {
            nowhere if nowhere.is_empty() => nowhere,
            from => format!("{} {from}", canvas.sign("←", "<")),
        },
        _ => value(),
    }
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

fn role(model: &Model, page: &AlertsPage, row: usize, alert: &Alert, column: AlertColumn) -> Role {
    match column {
        AlertColumn::Severity => page
            .severity(row, &model.data)
            .map_or(Role::Info, severity_role),
        AlertColumn::Time | AlertColumn::From | AlertColumn::Age => Role::Dim,
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
            Some(triage) if triage.disposition == Some(Disposition::Escalated) => Role::Attacker,
            Some(triage) if triage.disposition.is_some() => Role::Good,
            Some(triage) if triage.state != State::New => Role::Inferred,
            _ => Role::Dim,
        },
    }
}

/// Whether the year of a time does not go without saying.
fn spans_years(model: &Model) -> bool {
    let year = |alert: &Alert| alert.first_time.utc().map(|time| time.year());
    let mut years = model.data.alerts().iter().filter_map(year);
    let first = years.next();
    years.any(|year| Some(year) != first)
}

/// Where the columns stand.
fn columns(model: &Model, page: &AlertsPage, width: u16) -> Vec<Option<Span>> {
    // as wide as what is on the screen needs, within bounds
    let widest = |column: AlertColumn, least: u16, most: u16| {
        let window = page.list.window(page.rows().len(), 80);
        let widest = window
            .map(|row| {
                let value = page.value(row, column, &model.data);
                Piece::head(&value, usize::from(most), Role::Text).width()
            })
            .max()
            .unwrap_or(0);
        u16::try_from(widest).unwrap_or(most).clamp(least, most)
    };
    let want = |least: u16, most: u16, weight: u8| Want {
        least,
        most,
        weight,
    };
    let tool = widest(AlertColumn::Tool, 6, 18);
    let host = widest(AlertColumn::Host, 6, 15);
    let who = widest(AlertColumn::Who, 8, 34);
    let from = widest(AlertColumn::From, 8, 32) + 2;
    let verdict = widest(AlertColumn::Verdict, 7, 16);
    let time = match width {
        150.. => 19,
        _ if spans_years(model) => 16,
        _ => 14,
    };
    let age = widest(AlertColumn::Age, 0, 4);
    let wants = AlertColumn::ALL.map(|column| match column {
        AlertColumn::Severity if width < 70 => want(2, 6, 100),
        AlertColumn::Severity => want(6, 6, 100),
        AlertColumn::Time => want(time, time, 40),
        AlertColumn::Tool => want(tool.min(9), tool, 90),
        AlertColumn::Host => want(host.min(9), host, 80),
        AlertColumn::Who => want(who.min(12), who, 70),
        AlertColumn::From => want(from.min(12), from, 50),
        AlertColumn::Ran => want(13, 400, 60),
        AlertColumn::Verdict => want(verdict.min(9), verdict, 65),
        AlertColumn::Age if age == 0 => want(4000, 4000, 0),
        AlertColumn::Age => want(age.max(3), age.max(3), 45),
    });
    place(width.saturating_sub(MARKS), &wants)
}
