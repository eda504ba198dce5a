//! Draws the notes editor, and the list of what a note may point at.

use ratatui::layout::Rect;

use super::footer::draw_input;
use super::layers::middle;
use super::{Drawn, Window, form};
use crate::tui::model::layer::{Candidate, NotesEditor, Picker};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top, split_bottom};

/// Columns of the kind of a candidate.
const KIND: usize = 8;

/// Draws the editor.
pub(super) fn draw_notes(
    notes: &NotesEditor,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let title = match (notes.alerts.len(), &notes.replaces) {
        (_, Some(_)) => "change a note; its earlier text is kept".to_owned(),
        (1, None) => "note".to_owned(),
        (more, None) => format!("note to {more} alerts"),
    };
    let saving = if notes.saving { ", saving" } else { "" };
    let height = (area.height * 2 / 3).max(area.height.min(8));
    let inner = canvas.frame(
        middle(area, 92, height),
        &[Piece::new(format!("{title}{saving}"), Role::Strong)],
    );
    let (body, fault) = split_bottom(inner, u16::from(notes.fault.is_some()));
    if let Some(reason) = &notes.fault {
        canvas.line(fault, &[Piece::new(reason, Role::Error)]);
    }
    if notes.area.is_empty() {
        canvas.line(
            Rect {
                x: body.x + 1,
                width: body.width.saturating_sub(1),
                ..body
            },
            &[Piece::new(
                "Markdown, kept with author and time; @ points at an event or account.",
                Role::Dim,
            )],
        );
    }
    form::draw_area(&notes.area, body, canvas, drawn);
}

/// Draws the list to pick from.
pub(super) fn draw_picker(picker: &Picker, area: Rect, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let title = "point at an event, a process or an account";
    let height = (area.height * 3 / 4).max(area.height.min(10));
    let inner = canvas.frame(
        middle(area, 110, height),
        &[Piece::new(title, Role::Strong)],
    );
    let (line, body) = cut_top(inner, 1);
    let used = canvas.line(line, &[Piece::new("@ ", Role::Key)]);
    let field = Rect {
        x: line.x + used,
        width: line.width.saturating_sub(used),
        ..line
    };
    drawn.cursor = Some(draw_input(&picker.line, field, canvas));
    let (_, body) = cut_top(body, 1);
    let window = picker.list.window(picker.len(), usize::from(body.height));
    for (y, row) in (body.y..).zip(window.clone()) {
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        if let Some(candidate) = picker.row(row) {
            draw_candidate(candidate, line, canvas);
        }
        if row == picker.list.cursor {
            canvas.patch(line, Role::Cursor);
        }
    }
    if picker.is_empty() {
        let text = "nothing here is like that; open the page of an event, and it is offered";
        let first = Rect {
            height: body.height.min(1),
            ..body
        };
        canvas.line(first, &[Piece::new(text, Role::Dim)]);
    }
    drawn.layer = Some(Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    });
}

fn draw_candidate(candidate: &Candidate, line: Rect, canvas: &mut Canvas<'_>) {
    let tail = canvas.line_right(line, &[Piece::new(&candidate.tail, Role::Dim)]);
    let room = Rect {
        width: line.width.saturating_sub(tail + u16::from(tail > 0) * 2),
        ..line
    };
    let kind = Piece::new(format!("{:KIND$} ", candidate.kind), Role::Label);
    let label = Piece::head(
        &candidate.link.label,
        usize::from(room.width).saturating_sub(KIND + 1),
        Role::Text,
    );
    canvas.line(room, &[kind, label]);
}
