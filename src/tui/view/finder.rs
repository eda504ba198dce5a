//! Draws the finder: a line to type in, and what fits.

use ratatui::layout::Rect;

use super::footer::draw_input;
use super::layers::middle;
use super::{Drawn, Window};
use crate::tui::model::layer::{Among, Finder, Hit, HitKind};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top};

/// Columns of the word that says what a hit is.
const KIND: u16 = 9;

/// Draws the finder over a page.
pub(super) fn draw(finder: &Finder, area: Rect, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let title = match finder.among {
        Among::Everything => "go to an alert, host, account, process … or command",
        Among::Bookmarks => "bookmarks",
    };
    let mut heading = vec![Piece::new(title, Role::Strong)];
    if finder.awaited.is_some() {
        heading.push(Piece::new(", looking …", Role::Dim));
    }
    let inner = canvas.frame(middle(area, 130, area.height), &heading);
    let (line, body) = cut_top(inner, 1);
    let used = canvas.line(line, &[Piece::new("> ", Role::Key)]);
    let field = Rect {
        x: line.x + used,
        width: line.width.saturating_sub(used),
        ..line
    };
    drawn.cursor = Some(draw_input(&finder.line, field, canvas));
    let (_, body) = cut_top(body, u16::from(body.height > 6));
    if finder.hits.is_empty() && finder.awaited.is_none() {
        let line = Rect {
            height: body.height.min(1),
            ..body
        };
        canvas.line(line, &[Piece::new("nothing is like that", Role::Dim)]);
    }
    let window = finder
        .list
        .window(finder.hits.len(), usize::from(body.height));
    for (y, row) in (body.y..).zip(window.clone()) {
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        if let Some(hit) = finder.hits.get(row) {
            draw_hit(hit, line, canvas);
        }
        if row == finder.list.cursor {
            canvas.patch(line, Role::Cursor);
        }
    }
    drawn.layer = Some(Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    });
}

fn draw_hit(hit: &Hit, line: Rect, canvas: &mut Canvas<'_>) {
    let kind = Rect {
        width: KIND.min(line.width),
        ..line
    };
    canvas.line(kind, &[Piece::new(hit.kind.word(), Role::Label)]);
    let rest = Rect {
        x: kind.right(),
        width: line.width.saturating_sub(KIND),
        ..line
    };
    let role = match hit.kind {
        HitKind::Command => Role::Key,
        _ => Role::Dim,
    };
    let note = Piece::new(format!("  {}", hit.note), role);
    let noted = if rest.width > 40 {
        canvas.line_right(rest, std::slice::from_ref(&note))
    } else {
        0
    };
    let rest = Rect {
        width: rest.width - noted,
        ..rest
    };
    let text = Piece::head(&hit.text, usize::from(rest.width), Role::Text);
    canvas.line(rest, &[text]);
}
