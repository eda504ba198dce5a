//! Draws a form: labels, fields, what is missing.

use ratatui::layout::Rect;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::footer::draw_input;
use super::{Drawn, Window};
use crate::tui::model::layer::{Field, Form, Input};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top, wrap};

/// Draws the fields into an area and remembers window and cursor.
pub(super) fn draw(form: &Form, area: Rect, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let mut area = area;
    if let Some(fault) = &form.fault {
        for pieces in wrap(&[Piece::new(fault, Role::Error)], usize::from(area.width)) {
            let (line, rest) = cut_top(area, 1);
            canvas.line(line, &pieces);
            area = rest;
        }
    }
    let heights: Vec<u16> = form
        .fields
        .iter()
        .enumerate()
        .map(|(place, field)| height(field, place == form.list.cursor, area.width))
        .collect();
    // begin so that the field with the keys shows whole
    let mut offset = form.list.offset.min(form.list.cursor);
    let needs = |from: usize| -> u32 {
        heights
            .iter()
            .skip(from)
            .take(form.list.cursor + 1 - from)
            .map(|height| u32::from(*height))
            .sum()
    };
    while offset < form.list.cursor && needs(offset) > u32::from(area.height) {
        offset += 1;
    }
    let label_width = form
        .fields
        .iter()
        .filter(|field| !matches!(field.input, Input::Check(_)))
        .map(|field| Piece::new(&field.label, Role::Label).width())
        .max()
        .unwrap_or(0);
    let label_width = u16::try_from(label_width).unwrap_or(0).min(area.width / 3);
    let top = area.y;
    for (place, field) in form.fields.iter().enumerate().skip(offset) {
        if area.is_empty() {
            break;
        }
        let here = place == form.list.cursor;
        let (own, rest) = cut_top(area, heights.get(place).copied().unwrap_or(1));
        draw_field(field, here, label_width, own, canvas, drawn);
        area = rest;
    }
    drawn.layer = Some(Window {
        offset,
        rows: usize::from(area.bottom().saturating_sub(top)),
        top: usize::from(top),
        ..Window::default()
    });
}

fn paragraph_rows(field: &Field) -> u16 {
    match &field.input {
        Input::Paragraph(area) => u16::try_from(area.lines().len())
            .unwrap_or(u16::MAX)
            .clamp(1, 5),
        _ => 1,
    }
}

/// Whether its help is a line of its own: what is missing may be said with it.
fn has_help(field: &Field) -> bool {
    let is_said = |fault: &String| fault.contains(&field.help);
    !field.help.is_empty() && !field.fault.as_ref().is_some_and(is_said)
}

fn height(field: &Field, here: bool, width: u16) -> u16 {
    let base = match &field.input {
        Input::Choice { options, .. } if here => 1 + u16::try_from(options.len()).unwrap_or(0),
        Input::Paragraph(_) if here => paragraph_rows(field).max(3),
        Input::Check(_) => check_lines(field, width),
        _ => 1,
    };
    base + u16::from(here && has_help(field)) + u16::from(field.fault.is_some())
}

fn check_pieces(field: &Field) -> Vec<Piece> {
    vec![Piece::new(
        &field.label,
        if field.label.starts_with("red flag") {
            Role::Attacker
        } else {
            Role::Label
        },
    )]
}

fn check_lines(field: &Field, width: u16) -> u16 {
    u16::try_from(wrap(&check_pieces(field), usize::from(width.saturating_sub(6))).len())
        .unwrap_or(1)
}

fn draw_field(
    field: &Field,
    here: bool,
    label_width: u16,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let (mut line, mut rest) = cut_top(area, 1);
    let sign = if here { canvas.sign("▸", ">") } else { " " };
    canvas.line(line, &[Piece::new(sign, Role::Strong)]);
    line.x = line.x.saturating_add(2).min(line.right());
    line.width = area.width.saturating_sub(2);
    if let Input::Check(on) = field.input {
        let mark = if on { "[x] " } else { "[ ] " };
        for (place, pieces) in wrap(
            &check_pieces(field),
            usize::from(line.width.saturating_sub(4)),
        )
        .into_iter()
        .enumerate()
        {
            if place > 0 {
                if rest.is_empty() {
                    break;
                }
                let (next, after) = cut_top(rest, 1);
                line.y = next.y;
                rest = after;
            }
            let used = if place == 0 {
                canvas.line(
                    line,
                    &[Piece::new(
                        mark,
                        if here { Role::Input } else { Role::Text },
                    )],
                )
            } else {
                4
            };
            canvas.line(
                Rect {
                    x: line.x + used.min(line.width),
                    width: line.width.saturating_sub(used),
                    ..line
                },
                &pieces,
            );
        }
    } else {
        let star = if field.required { "*" } else { " " };
        let label = Rect {
            width: label_width.min(line.width),
            ..line
        };
        canvas.line(
            label,
            &[Piece::new(
                &field.label,
                if here { Role::Strong } else { Role::Label },
            )],
        );
        let star_x = (line.x + label.width).min(line.right());
        canvas.line(
            Rect {
                x: star_x,
                width: line.right() - star_x,
                ..line
            },
            &[Piece::new(star, Role::Warning)],
        );
        let x = (star_x + 2).min(line.right());
        let value = Rect {
            x,
            width: line.right() - x,
            ..line
        };
        rest = draw_value(field, here, value, rest, canvas, drawn);
    }
    if here && has_help(field) && !rest.is_empty() {
        let (help, after) = cut_top(rest, 1);
        canvas.line(indent(help, 4), &[Piece::new(&field.help, Role::Dim)]);
        rest = after;
    }
    if let Some(fault) = &field.fault
        && !rest.is_empty()
    {
        canvas.line(
            indent(Rect { height: 1, ..rest }, 4),
            &[Piece::new(fault, Role::Error)],
        );
    }
}

fn indent(area: Rect, by: u16) -> Rect {
    let by = by.min(area.width);
    Rect {
        x: area.x + by,
        width: area.width - by,
        ..area
    }
}

/// Draws what was filled in; answers what is left below it.
fn draw_value(
    field: &Field,
    here: bool,
    value: Rect,
    rest: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) -> Rect {
    match &field.input {
        Input::Text(line) if here => {
            drawn.cursor = Some(draw_input(line, value, canvas));
            rest
        }
        Input::Text(line) => {
            canvas.line(value, &[Piece::new(line.value(), Role::Text)]);
            rest
        }
        Input::Paragraph(text) => {
            let rows = if here {
                paragraph_rows(field).max(3)
            } else {
                1
            };
            let area = Rect {
                height: rows,
                ..value
            }
            .intersection(Rect {
                height: value.height + rest.height,
                ..value
            });
            if here {
                draw_area(text, area, canvas, drawn);
                cut_top(rest, rows - 1).1
            } else {
                let first = text.lines().first().map(String::as_str).unwrap_or_default();
                let more = if text.lines().len() > 1 {
                    canvas.sign(" …", " ..")
                } else {
                    ""
                };
                canvas.line(
                    value,
                    &[Piece::new(first, Role::Text), Piece::new(more, Role::Dim)],
                );
                rest
            }
        }
        Input::Choice { options, chosen } => {
            let word = chosen
                .and_then(|chosen| options.get(chosen))
                .map(|(_, words)| words.as_str());
            canvas.line(
                value,
                &[match word {
                    Some(word) => Piece::new(word, if here { Role::Input } else { Role::Text }),
                    None => Piece::new("not chosen", Role::Dim),
                }],
            );
            let mut rest = rest;
            if here {
                for (place, (_, words)) in options.iter().enumerate() {
                    if rest.is_empty() {
                        break;
                    }
                    let (line, after) = cut_top(rest, 1);
                    let on = *chosen == Some(place);
                    let sign = if on { "(o) " } else { "( ) " };
                    let x = value.x.min(line.right());
                    canvas.line(
                        Rect {
                            x,
                            width: line.right() - x,
                            ..line
                        },
                        &[
                            Piece::new(sign, if on { Role::Strong } else { Role::Dim }),
                            Piece::new(words, if on { Role::Strong } else { Role::Text }),
                        ],
                    );
                    rest = after;
                }
            }
            rest
        }
        Input::Check(_) => rest,
    }
}

/// Draws a text of several lines with its cursor; long lines go on below.
pub(super) fn draw_area(
    text: &ratatui_textarea::TextArea<'static>,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let ratatui_textarea::DataCursor(row, column) = text.cursor();
    let width = usize::from(area.width).saturating_sub(1).max(1);
    let mut shown: Vec<(&str, Option<usize>)> = Vec::new();
    let mut cursor_row = 0;
    for (place, line) in text.lines().iter().enumerate() {
        let mut left = (place == row).then_some(column);
        let mut parts = fold(line, width).into_iter().peekable();
        while let Some(part) = parts.next() {
            let length = part.chars().count();
            let ends_here = parts.peek().is_none();
            let here = left.filter(|left| *left < length || ends_here);
            if here.is_some() {
                cursor_row = shown.len();
                left = None;
            }
            left = left.map(|left| left - length);
            shown.push((part, here));
        }
    }
    let height = usize::from(area.height).max(1);
    let first = (cursor_row + 1).saturating_sub(height);
    for (y, (part, cursor)) in (area.y..area.bottom()).zip(shown.into_iter().skip(first)) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        canvas.line(
            line,
            &[Piece::head(part, usize::from(area.width), Role::Input)],
        );
        if let Some(column) = cursor {
            let before: String = part.chars().take(column).collect();
            let x = u16::try_from(before.width()).unwrap_or(u16::MAX);
            drawn.cursor = Some((area.x + x.min(area.width.saturating_sub(1)), y));
        }
    }
}

/// A line in parts no wider than `width`: it breaks after a blank where one is, else anywhere.
fn fold(line: &str, width: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((part, after)) =
        end_of_row(rest, width).and_then(|end| rest.split_at_checked(end))
    {
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Where the first row of a text ends that is wider than one; `None` when all of it fits.
fn end_of_row(text: &str, width: usize) -> Option<usize> {
    let (mut used, mut blank) = (0, None);
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(1);
        if used > width && at > 0 {
            return Some(blank.unwrap_or(at));
        }
        if character == ' ' {
            blank = Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_breaks_after_blanks_and_loses_nothing() {
        assert_eq!(fold("", 5), [""]);
        assert_eq!(fold("it began here", 9), ["it began ", "here"]);
        assert_eq!(fold("PSEXESVC.exe", 5), ["PSEXE", "SVC.e", "xe"]);
        assert_eq!(fold("日本語", 1), ["日", "本", "語"]);
    }
}
