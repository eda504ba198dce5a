//! A page of items laid out as lines: headings, labels, wrapped values, two sides where they
//! belong side by side.

use super::piece::{Piece, wrap};
use super::strip;
use crate::tui::model::{Item, Section, TWO_SIDES};
use crate::tui::theme::Role;

/// A part of a line.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// First column.
    pub x: u16,
    /// Width.
    pub width: u16,
    /// What is drawn.
    pub pieces: Vec<Piece>,
    /// The item it belongs to.
    pub item: Option<usize>,
}

/// A line of a document.
pub type Line = Vec<Part>;

/// How a document is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'l> {
    /// Columns of the line.
    pub width: u16,
    /// Whether long values are wrapped, else cut.
    pub wrap: bool,
    /// Whether only ASCII signs are drawn.
    pub ascii: bool,
    /// What stands behind the number of lines that are left out: how to see them.
    pub more: &'l str,
}

/// Lays items out. `heading` says what stands above a section, if anything.
pub fn lay_out(
    items: &[Item],
    layout: Layout<'_>,
    heading: impl Fn(Section) -> Option<Vec<Piece>>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut rest = items.iter().enumerate().peekable();
    while let Some((_, first)) = rest.peek() {
        let section = first.section;
        let mut members = Vec::new();
        while let Some(member) = rest.next_if(|(_, item)| item.section == section) {
            members.push(member);
        }
        let other = match (section, rest.peek().map(|(_, item)| item.section)) {
            (Section::Against, Some(Section::For)) if layout.width >= TWO_SIDES => {
                std::iter::from_fn(|| rest.next_if(|(_, item)| item.section == Section::For))
                    .collect()
            }
            _ => Vec::new(),
        };
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        let legs = section == Section::Episode;
        if let Some(strip) = legs
            .then(|| strip::lay_out(&members, layout.width, layout.ascii))
            .flatten()
        {
            lines.extend(heading(section).map(|pieces| heading_line(0, layout.width, pieces)));
            lines.extend(strip);
        } else if legs {
            let stacked: Vec<(usize, Item)> = members
                .iter()
                .map(|(place, item)| (*place, strip::stacked(item, layout.ascii)))
                .collect();
            let members: Vec<(usize, &Item)> =
                stacked.iter().map(|(place, item)| (*place, item)).collect();
            lines.extend(one_section(
                section,
                &members,
                0,
                layout.width,
                layout,
                &heading,
            ));
        } else if other.is_empty() {
            lines.extend(one_section(
                section,
                &members,
                0,
                layout.width,
                layout,
                &heading,
            ));
        } else {
            let half = (layout.width - 3) / 2;
            let left = one_section(section, &members, 0, half, layout, &heading);
            let right = one_section(
                Section::For,
                &other,
                half + 3,
                layout.width - half - 3,
                layout,
                &heading,
            );
            lines.extend(side_by_side(left, right, half + 1, layout.ascii));
        }
    }
    lines
}

fn side_by_side(left: Vec<Line>, right: Vec<Line>, bar: u16, ascii: bool) -> Vec<Line> {
    let height = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    (0..height)
        .map(|_| {
            let mut line = left.next().unwrap_or_default();
            let sign = if ascii { "|" } else { "│" };
            line.push(Part {
                x: bar,
                width: 1,
                pieces: vec![Piece::new(sign, Role::Border)],
                item: None,
            });
            line.extend(right.next().unwrap_or_default());
            line
        })
        .collect()
}

fn one_section(
    section: Section,
    members: &[(usize, &Item)],
    x: u16,
    width: u16,
    layout: Layout<'_>,
    heading: &impl Fn(Section) -> Option<Vec<Piece>>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    lines.extend(heading(section).map(|pieces| heading_line(x, width, pieces)));
    let label_width = members
        .iter()
        .map(|(_, item)| Piece::head(&item.label, usize::from(width), Role::Label).width())
        .max()
        .unwrap_or(0)
        .min(usize::from(width) / 3);
    for (place, item) in members {
        lines.extend(one_item(*place, item, x, width, label_width, layout));
    }
    lines
}

fn heading_line(x: u16, width: u16, pieces: Vec<Piece>) -> Line {
    vec![Part {
        x,
        width,
        pieces,
        item: None,
    }]
}

/// The signs of how something is known: `=` proven by the records, `~` inferred.
pub fn how_piece(how: crate::investigate::How) -> Piece {
    if how.is_inferred() {
        Piece::new(format!("~ {}", how.words()), Role::Inferred)
    } else {
        Piece::new(format!("= {}", how.words()), Role::Fact)
    }
}

fn one_item(
    place: usize,
    item: &Item,
    x: u16,
    width: u16,
    label_width: usize,
    layout: Layout<'_>,
) -> Vec<Line> {
    let lead = 2 + u16::try_from(item.depth.min(12) * 2).unwrap_or(0);
    let lead = lead.min(width / 2);
    let label_columns = u16::try_from(label_width).unwrap_or(0);
    let gap = if label_width == 0 { 0 } else { 2 };
    let value_x = lead + label_columns + gap;
    let value_width = width.saturating_sub(value_x).max(1);
    let wraps = layout.wrap && item.most_lines > 1;
    let limit = if wraps {
        usize::MAX - 1
    } else {
        usize::from(value_width)
    };
    let mut pieces = vec![Piece::head(&item.value, limit, item.role)];
    match item.how {
        // every line of a tree is joined: the sign says enough unless it is a guess
        Some(how) if item.section == Section::Ran && !how.is_inferred() => {
            pieces.push(Piece::new("  =", Role::Fact));
        }
        Some(how) => {
            pieces.push(Piece::new("  ", Role::Text));
            pieces.push(how_piece(how));
        }
        None => {}
    }
    if !item.tail.is_empty() {
        pieces.push(Piece::new("  ", Role::Text));
        pieces.push(Piece::head(&item.tail, limit, Role::Dim));
    }
    let rows = if wraps {
        let rows = wrap(&pieces, usize::from(value_width));
        first_of(rows, item.most_lines, layout.more)
    } else {
        vec![pieces]
    };
    let mut lines: Vec<Line> = rows
        .into_iter()
        .map(|pieces| {
            vec![Part {
                x: x + value_x,
                width: value_width.min(width.saturating_sub(value_x)),
                pieces,
                item: Some(place),
            }]
        })
        .collect();
    let label = Piece::head(&item.label, usize::MAX - 1, Role::Label);
    let part = |pieces, width| Part {
        x: x + lead,
        width,
        pieces,
        item: Some(place),
    };
    if layout.wrap && label.width() > label_width {
        // a label that is too long stands above its value: a cut question is no question
        let room = width.saturating_sub(lead);
        let above = wrap(&[label], usize::from(room.max(1)));
        let above = above.into_iter().map(|pieces| vec![part(pieces, room)]);
        lines.splice(0..0, above);
    } else if label_width > 0
        && let Some(first) = lines.first_mut()
    {
        first.insert(0, part(vec![label], label_columns));
    }
    lines
}

/// As many rows as may be there, the last of which tells how many are left out.
fn first_of(mut rows: Vec<Vec<Piece>>, most: usize, more: &str) -> Vec<Vec<Piece>> {
    let shown = most.saturating_sub(1);
    let left_out = rows.len().saturating_sub(shown);
    if rows.len() > most {
        rows.truncate(shown);
        let words = format!("and {left_out} more lines{more}");
        rows.push(vec![Piece::new(words, Role::Dim)]);
    }
    rows
}

/// The lines that show an item, as a range; empty at the end when it is not shown.
pub fn lines_of(lines: &[Line], item: usize) -> std::ops::Range<usize> {
    let shows = |line: &Line| line.iter().any(|part| part.item == Some(item));
    let first = lines.iter().position(shows).unwrap_or(lines.len());
    let count = lines
        .iter()
        .skip(first)
        .take_while(|line| shows(line))
        .count();
    first..first + count
}
