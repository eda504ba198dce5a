//! A process tree.

use ratatui::layout::Rect;

use super::{Window, mark_matches};
use crate::tui::model::{Model, ProcessesPage, TreeRow, process_name, severity_glyph};
use crate::tui::theme::Role;
use crate::tui::widget::document::how_piece;
use crate::tui::widget::{Canvas, Piece, cut_top};

/// Draws the tree.
pub(super) fn draw(
    model: &Model,
    page: &ProcessesPage,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Window {
    let (head, body) = cut_top(area, 1);
    let signs = format!(
        "{} of an alert  {} children shown  {} hidden  = parent known  ~ parent inferred",
        severity_glyph(crate::investigate::Severity::High, canvas.ascii()),
        canvas.sign("▾", "v"),
        canvas.sign("▸", ">"),
    );
    canvas.line(
        Rect {
            x: head.x + 2,
            width: head.width.saturating_sub(2),
            ..head
        },
        &[Piece::new(signs, Role::Dim)],
    );
    let rows = page.rows();
    if rows.is_empty() {
        canvas.line(
            Rect {
                x: body.x + 2,
                width: body.width.saturating_sub(2),
                height: body.height.min(1),
                ..body
            },
            &[Piece::new(
                "The process is not in the logs that are loaded now.",
                Role::Dim,
            )],
        );
    }
    let window = page.list.window(rows.len(), usize::from(body.height));
    for (y, place) in (body.y..).zip(window.clone()) {
        let Some(row) = rows.get(place) else { continue };
        let area = Rect {
            y,
            height: 1,
            ..body
        };
        draw_row(model, page, row, place == page.list.cursor, area, canvas);
    }
    Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    }
}

fn draw_row(
    model: &Model,
    page: &ProcessesPage,
    row: &TreeRow,
    here: bool,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let Some(process) = model.data.processes().get(row.id) else {
        return;
    };
    let alert = [process.start, process.other_start]
        .into_iter()
        .flatten()
        .find_map(|event| model.data.alerts_citing(event).next());
    if let Some(alert) = alert {
        let glyph = severity_glyph(alert.severity, canvas.ascii());
        canvas.line(
            area,
            &[Piece::new(
                glyph,
                super::alerts::severity_role(alert.severity),
            )],
        );
    }
    let rest = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(2),
        ..area
    };
    let sign = match (row.children, row.shown) {
        (0, _) => canvas.sign("·", "-"),
        (all, shown) if shown < all => canvas.sign("▸", ">"),
        _ => canvas.sign("▾", "v"),
    };
    let text = |symbol| model.data.timeline().strings().get(symbol);
    // deep trees keep room for names
    let depth = row.depth.min(usize::from(area.width) / 6);
    let mut pieces = vec![
        Piece::new("  ".repeat(depth), Role::Text),
        Piece::new(format!("{sign} "), Role::Dim),
        Piece::new(
            process_name(&process, &model.data),
            if row.id == page.focus || alert.is_some() {
                Role::Strong
            } else {
                Role::Text
            },
        ),
        Piece::new(format!(" [{}]", process.pid), Role::Dim),
    ];
    if row.shown > 0 && row.shown < row.children {
        pieces.push(Piece::new(
            format!(" +{} more", row.children - row.shown),
            Role::Dim,
        ));
    }
    if process.start.is_none() {
        pieces.push(Piece::new("  started before the logs begin", Role::Missing));
    } else {
        pieces.push(Piece::new(
            format!("  {}", model.data.zone.clock(process.first_seen)),
            Role::Dim,
        ));
    }
    if let Some(account) = text(process.account) {
        pieces.push(Piece::new(format!("  {account}"), Role::Label));
    }
    if let Some(session) = process.session_id {
        pieces.push(Piece::new(format!("  s{session}"), Role::Dim));
    }
    if row.how.is_some_and(|how| how.is_inferred())
        && let Some(how) = row.how
    {
        pieces.push(Piece::new("  ", Role::Text));
        pieces.push(how_piece(how));
    }
    if let Some(line) = text(process.command_line) {
        pieces.push(Piece::new("  ", Role::Text));
        pieces.push(Piece::head(line, usize::from(area.width), Role::Text));
    }
    canvas.line(rest, &pieces);
    if here {
        canvas.patch(rest, Role::Cursor);
    }
    let shown: String = pieces.iter().map(Piece::text).collect();
    mark_matches(model, rest, &shown, canvas);
}
