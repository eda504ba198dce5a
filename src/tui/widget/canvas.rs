//! Draws pieces into a buffer, never outside of it.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::piece::{Piece, cut};
use crate::tui::theme::{Colour, Look, Role, Theme};

/// A buffer with the theme to draw in.
pub struct Canvas<'b> {
    buffer: &'b mut Buffer,
    theme: &'b Theme,
    ascii: bool,
}

impl<'b> Canvas<'b> {
    /// Draws into a buffer.
    pub fn new(buffer: &'b mut Buffer, theme: &'b Theme, ascii: bool) -> Canvas<'b> {
        Canvas {
            buffer,
            theme,
            ascii,
        }
    }

    /// Whether only ASCII characters may be drawn as signs.
    pub fn ascii(&self) -> bool {
        self.ascii
    }

    /// The buffer, for widgets of other crates.
    pub fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// A sign, or its stand-in where only ASCII is drawn.
    pub fn sign(&self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { sign }
    }

    /// How a role is drawn.
    pub fn style(&self, role: Role) -> Style {
        style(self.theme.look(role))
    }

    /// Clears an area to ordinary text.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(*self.buffer.area());
        let style = self.style(Role::Text);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Lays a role over what is drawn already.
    pub fn patch(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer
            .set_style(area.intersection(*self.buffer.area()), style);
    }

    /// Draws pieces on the first line of an area, cut at its end. Answers the columns used.
    pub fn line(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let pieces = &*self.in_ascii(pieces);
        let area = area.intersection(*self.buffer.area());
        if area.is_empty() {
            return 0;
        }
        let all: usize = pieces.iter().map(Piece::width).sum();
        let fits = all <= usize::from(area.width);
        let mut used = 0u16;
        for (place, piece) in pieces.iter().enumerate() {
            let room = area.width - used;
            if room == 0 {
                break;
            }
            let rest: usize = pieces.iter().skip(place + 1).map(Piece::width).sum();
            let text = if fits
                || piece.width() < usize::from(room)
                || (rest == 0 && piece.width() <= usize::from(room))
            {
                Cow::Borrowed(piece.text())
            } else {
                // wider than the room, or exactly filling it with more to come: say that it is cut
                let width = usize::from(room);
                if piece.width() == width && rest > 0 {
                    Cow::Owned(cut(&format!("{} ", piece.text()), width, self.ascii).into_owned())
                } else {
                    cut(piece.text(), width, self.ascii)
                }
            };
            let style = self.style(piece.role());
            let (end, _) =
                self.buffer
                    .set_stringn(area.x + used, area.y, text, usize::from(room), style);
            used = end - area.x;
        }
        used
    }

    /// Draws pieces at the right end of a line. Answers the columns used.
    pub fn line_right(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let pieces = &*self.in_ascii(pieces);
        let width: usize = pieces.iter().map(Piece::width).sum();
        let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
        self.line(
            Rect {
                x: area.right() - width,
                width,
                ..area
            },
            pieces,
        )
    }

    /// Pieces without the signs that sentences of the program use, where only ASCII is drawn.
    fn in_ascii<'p>(&self, pieces: &'p [Piece]) -> Cow<'p, [Piece]> {
        let has_sign = |piece: &Piece| !piece.text().is_ascii();
        if self.ascii && pieces.iter().any(has_sign) {
            pieces.iter().map(Piece::in_ascii).collect()
        } else {
            Cow::Borrowed(pieces)
        }
    }

    /// A horizontal rule on the first line of an area, with a heading in it.
    pub fn rule(&mut self, area: Rect, heading: &[Piece]) {
        let rule = self.sign("─", "-").repeat(usize::from(area.width));
        self.line(area, &[Piece::new(rule, Role::Border)]);
        if !heading.is_empty() {
            let inner = Rect {
                x: area.x.saturating_add(1),
                width: area.width.saturating_sub(2),
                ..area
            };
            let mut pieces = vec![Piece::new(" ", Role::Text)];
            pieces.extend_from_slice(heading);
            pieces.push(Piece::new(" ", Role::Text));
            self.line(inner, &pieces);
        }
    }

    /// A frame with a title; answers the area inside. Too small an area has no frame.
    pub fn frame(&mut self, area: Rect, title: &[Piece]) -> Rect {
        let area = area.intersection(*self.buffer.area());
        self.clear(area);
        if area.width < 4 || area.height < 3 {
            return area;
        }
        let (h, v) = (self.sign("─", "-"), self.sign("│", "|"));
        let corners = if self.ascii {
            ["+", "+", "+", "+"]
        } else {
            ["┌", "┐", "└", "┘"]
        };
        let across = h.repeat(usize::from(area.width) - 2);
        for (y, left, right) in [
            (area.y, corners[0], corners[1]),
            (area.bottom() - 1, corners[2], corners[3]),
        ] {
            let text = format!("{left}{across}{right}");
            self.line(
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                &[Piece::new(text, Role::BorderFocused)],
            );
        }
        for y in area.y + 1..area.bottom() - 1 {
            for x in [area.x, area.right() - 1] {
                self.line(
                    Rect {
                        x,
                        y,
                        width: 1,
                        height: 1,
                    },
                    &[Piece::new(v, Role::BorderFocused)],
                );
            }
        }
        let head = Rect {
            x: area.x + 2,
            y: area.y,
            width: area.width.saturating_sub(4),
            height: 1,
        };
        let mut pieces = vec![Piece::new(" ", Role::Text)];
        pieces.extend_from_slice(title);
        pieces.push(Piece::new(" ", Role::Text));
        self.line(head, &pieces);
        Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width - 4,
            height: area.height - 2,
        }
    }
}

/// A look in the terms of the drawing crate.
fn style(look: Look) -> Style {
    let mut style = Style::new();
    if let Some(fg) = look.fg {
        style = style.fg(colour(fg));
    }
    if let Some(bg) = look.bg {
        style = style.bg(colour(bg));
    }
    for (on, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn colour(colour: Colour) -> Color {
    const ANSI: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Colour::Ansi(ansi) => ANSI.get(usize::from(ansi)).copied().unwrap_or(Color::Reset),
        Colour::Indexed(index) => Color::Indexed(index),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

/// The upper `rows` lines of an area, and the rest.
pub fn cut_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

/// The area without its lower `rows` lines, and these lines.
pub fn split_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let height = area.height - rows;
    (
        Rect { height, ..area },
        Rect {
            y: area.y + height,
            height: rows,
            ..area
        },
    )
}
