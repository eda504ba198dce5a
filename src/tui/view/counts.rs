//! Counts per value of a column, with shares.

use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::tui::model::{CountsPage, Model};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top};

/// Columns of the count, of the share, and of the bar.
const COUNT: u16 = 11;
const SHARE: u16 = 8;
const BAR: u16 = 24;

/// Draws the counts.
pub(super) fn draw(
    model: &Model,
    page: &CountsPage,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Window {
    let (head, body) = cut_top(area, 1);
    draw_columns(page, head, canvas);
    let rows = &page.rows;
    if rows.is_empty() {
        let word = if page.awaited.is_some() {
            "Counting …"
        } else {
            "Nothing here has a value in this column."
        };
        let line = Rect {
            x: body.x + 2,
            width: body.width.saturating_sub(2),
            height: body.height.min(1),
            ..body
        };
        canvas.line(line, &[Piece::new(word, Role::Dim)]);
    }
    let window = page.list.window(rows.len(), usize::from(body.height));
    for (y, row) in (body.y..).zip(window.clone()) {
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        draw_row(model, page, row, line, canvas);
    }
    Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    }
}

/// The columns that can be counted, the one that is standing out.
fn draw_columns(page: &CountsPage, area: Rect, canvas: &mut Canvas<'_>) {
    let (names, here) = page.columns();
    let mut pieces = vec![Piece::new("  ", Role::Text)];
    // where all have no room, those from the one that is counted on
    let wide: usize = names.iter().map(|name| name.len() + 2).sum();
    let from = if wide + 6 > usize::from(area.width) {
        here
    } else {
        0
    };
    for (place, name) in names.iter().enumerate().skip(from) {
        let role = if place == here {
            Role::Heading
        } else {
            Role::Dim
        };
        let text = if place == here {
            let (left, right) = (canvas.sign("‹", "<"), canvas.sign("›", ">"));
            format!("{left} {name} {right}")
        } else {
            (*name).to_owned()
        };
        pieces.push(Piece::new(text, role));
        pieces.push(Piece::new("  ", Role::Text));
    }
    canvas.line(area, &pieces);
}

fn draw_row(model: &Model, page: &CountsPage, row: usize, line: Rect, canvas: &mut Canvas<'_>) {
    let Some(count) = page.rows.get(row) else {
        return;
    };
    let bar = if line.width >= 80 { BAR } else { 0 };
    let value_width = line.width.saturating_sub(2 + COUNT + SHARE + bar);
    let value = Rect {
        x: line.x + 2,
        width: value_width,
        ..line
    };
    let piece = Piece::head(&count.value, usize::from(value_width), Role::Strong);
    canvas.line(value.intersection(line), std::slice::from_ref(&piece));
    let at = |x: u16, width: u16| Rect { x, width, ..line }.intersection(line);
    let number = at(value.right(), COUNT);
    canvas.line_right(number, &[Piece::new(count.count.to_string(), Role::Text)]);
    let share = at(number.right(), SHARE);
    canvas.line_right(share, &[Piece::new(page.share(count), Role::Dim)]);
    if bar > 2 {
        let most = page.rows.first().map_or(1, |first| first.count.max(1));
        let room = u64::from(bar - 3);
        let long = usize::try_from((count.count * room).div_ceil(most)).unwrap_or(0);
        let sign = canvas.sign("█", "#").repeat(long);
        canvas.line(
            at(share.right() + 2, bar - 2),
            &[Piece::new(sign, Role::Label)],
        );
    }
    if row == page.list.cursor {
        canvas.patch(line, Role::Cursor);
    }
    mark_matches(model, value, piece.text(), canvas);
}
