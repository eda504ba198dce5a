//! A list of events, with what is known about its subject above.

use std::ops::Range;

use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::timeline::EventIndex;
use crate::tui::model::{EventColumn, EventsPage, Model, Target, severity_glyph};
use crate::tui::theme::Role;
use crate::tui::widget::columns::{Span, Want, place};
use crate::tui::widget::document::{Layout, lay_out};
use crate::tui::widget::{Canvas, Piece, cut_top};

/// Columns that a time with its year takes. In fewer the year stands above the times.
const WITH_YEAR: u16 = 19;

/// Draws the list.
pub(super) fn draw(
    model: &Model,
    page: &EventsPage,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Window {
    let area = draw_profile(page, area, canvas);
    let (head, body) = cut_top(area, 1);
    let len = page.events.len(&model.data);
    let columns = columns(page, model, area.width);
    let window = page.list.window(len, usize::from(body.height));
    for (column, span) in EventColumn::ALL.into_iter().zip(&columns) {
        let Some(span) = span else { continue };
        let role = if column == page.column {
            Role::Heading
        } else {
            Role::Dim
        };
        let title = match column {
            EventColumn::Time if span.width < WITH_YEAR => {
                let years = years(page, window.clone(), model);
                format!("{years} {}", model.data.zone.name())
            }
            EventColumn::Time => format!("time {}", model.data.zone.name()),
            EventColumn::What if page.scroll > 0 => format!("‹ {}", column.title()),
            other => other.title().to_owned(),
        };
        canvas.line(cell(head, *span), &[Piece::new(title, role)]);
    }
    if len == 0 {
        let word = if page.awaited.is_some() {
            "Looking …"
        } else {
            "No event fits."
        };
        let (_, body) = cut_top(body, 1);
        canvas.line(
            Rect {
                x: body.x + 2,
                width: body.width.saturating_sub(2),
                height: body.height.min(1),
                ..body
            },
            &[Piece::new(word, Role::Dim)],
        );
    }
    for (y, row) in (body.y..).zip(window.clone()) {
        let Some(event) = page.events.get(row, &model.data) else {
            continue;
        };
        draw_row(
            model,
            page,
            event,
            row == page.list.cursor,
            Rect {
                y,
                height: 1,
                ..body
            },
            &columns,
            canvas,
        );
    }
    Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    }
}

/// The year of the events in these rows, or the first and the last: `2026`, `2026–2027`.
fn years(page: &EventsPage, rows: Range<usize>, model: &Model) -> String {
    let year = |row: usize| {
        let event = page.events.get(row, &model.data)?;
        let time = model.data.zone.seconds(model.data.timeline().time(event));
        time.get(..4).map(str::to_owned)
    };
    match (year(rows.start), year(rows.end.saturating_sub(1))) {
        (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
        (Some(only), _) => only,
        (None, _) => "time".to_owned(),
    }
}

fn draw_row(
    model: &Model,
    page: &EventsPage,
    event: EventIndex,
    here: bool,
    area: Rect,
    columns: &[Option<Span>],
    canvas: &mut Canvas<'_>,
) {
    // events that alerts are made of carry the sign of the severest
    if let Some(alert) = model.data.alerts_citing(event).next() {
        let glyph = severity_glyph(alert.severity, canvas.ascii());
        canvas.line(
            area,
            &[Piece::new(
                glyph,
                super::alerts::severity_role(alert.severity),
            )],
        );
    }
    if model.data.is_bookmarked(&Target::Event(event)) {
        let place = Rect {
            x: area.x + 1,
            width: area.width.saturating_sub(1).min(1),
            ..area
        };
        canvas.line(place, &[Piece::new("'", Role::Marked)]);
    }
    let rest = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(1),
        ..area
    };
    if here {
        canvas.patch(rest, Role::Cursor);
    }
    for (column, span) in EventColumn::ALL.into_iter().zip(columns) {
        let Some(span) = span else { continue };
        let place = cell(area, *span);
        let mut text = match column {
            EventColumn::Time if span.width < WITH_YEAR => {
                model.data.zone.short(model.data.timeline().time(event))
            }
            EventColumn::Id if span.width < 12 => model
                .data
                .timeline()
                .event(event)
                .map(|event| event.kind.event_id.to_string())
                .unwrap_or_default(),
            _ => column.value(event, &model.data),
        };
        if column == EventColumn::What && page.scroll > 0 {
            text = text.chars().skip(page.scroll).collect();
        }
        let role = match column {
            EventColumn::Time | EventColumn::Account => Role::Dim,
            EventColumn::Host => Role::Text,
            EventColumn::Id => Role::Label,
            EventColumn::What => Role::Text,
        };
        let piece = Piece::head(&text, usize::from(span.width), role);
        canvas.line(place, std::slice::from_ref(&piece));
        if here {
            if column == page.column {
                canvas.patch(place, Role::Heading);
            }
            canvas.patch(place, Role::Cursor);
        }
        mark_matches(model, place, piece.text(), canvas);
    }
}

fn cell(line: Rect, span: Span) -> Rect {
    Rect {
        x: line.x + 2 + span.x,
        width: span.width,
        ..line
    }
    .intersection(line)
}

fn columns(page: &EventsPage, model: &Model, width: u16) -> Vec<Option<Span>> {
    let window = page.list.window(page.events.len(&model.data), 80);
    let widest = |column: EventColumn, least: u16, most: u16| {
        let widest = window
            .clone()
            .filter_map(|row| page.events.get(row, &model.data))
            .map(|event| {
                Piece::head(
                    &column.value(event, &model.data),
                    usize::from(most),
                    Role::Text,
                )
                .width()
            })
            .max()
            .unwrap_or(0);
        u16::try_from(widest).unwrap_or(most).clamp(least, most)
    };
    let time = if width >= 120 { WITH_YEAR } else { 14 };
    let id = if width >= 70 {
        widest(EventColumn::Id, 6, 18)
    } else {
        5
    };
    let account = widest(EventColumn::Account, 7, 26);
    let wants = [
        Want {
            least: time,
            most: time,
            weight: 90,
        },
        Want {
            least: widest(EventColumn::Host, 4, 10),
            most: widest(EventColumn::Host, 4, 15),
            weight: 60,
        },
        Want {
            least: id,
            most: id,
            weight: 70,
        },
        // on narrow screens what happened needs the room more than the account
        Want {
            least: if width >= 110 { account.min(16) } else { 4000 },
            most: account,
            weight: 10,
        },
        Want {
            least: 20,
            most: 4000,
            weight: 100,
        },
    ];
    place(width.saturating_sub(2), &wants)
}

/// Draws what is known about the subject, at most a third of the page; answers the rest.
fn draw_profile(page: &EventsPage, area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    if page.profile.is_empty() || area.height < 9 {
        return area;
    }
    let layout = Layout {
        width: area.width,
        wrap: false,
        ascii: canvas.ascii(),
        more: "",
    };
    let lines = lay_out(&page.profile, layout, |_| None);
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(area.height / 3);
    let (top, rest) = cut_top(area, height);
    for (y, line) in (top.y..top.bottom()).zip(&lines) {
        for part in line {
            let place = Rect {
                x: top.x + part.x,
                y,
                width: part.width,
                height: 1,
            }
            .intersection(top);
            canvas.line(place, &part.pieces);
        }
    }
    let (rule, rest) = cut_top(rest, 1);
    canvas.rule(rule, &[]);
    rest
}
