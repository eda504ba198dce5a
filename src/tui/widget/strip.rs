//! The strip of an episode: the source's legs above, the target's below, in time order.

use super::document::{Line, Part};
use super::piece::Piece;
use crate::investigate::{Known, Side};
use crate::tui::model::{Cell, Item};
use crate::tui::theme::Role;

/// Most columns of a host's name before its lane, and where room is short.
const NAME: usize = 12;
const SHORT_NAME: usize = 9;

/// A leg of the strip.
struct Slot<'i> {
    place: usize,
    cell: &'i Cell,
    word: Piece,
}

/// How much is drawn of a leg.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// With the time of day below.
    Clock,
    /// With the time since the beginning.
    Offset,
    /// The same, as close together as can be.
    Tight,
}

/// The sign of how a leg is known.
pub fn sign(known: Known, ascii: bool) -> &'static str {
    match (known, ascii) {
        (Known::Seen, false) => "●",
        (Known::Inferred, false) => "◐",
        (Known::Missing, false) => "○",
        (Known::Seen, true) => "*",
        (Known::Inferred, true) => "~",
        (Known::Missing, true) => "-",
    }
}

/// Lays legs out as two lanes of two lines each. `None` where there is no room for it: then they
/// stand one below the other.
pub fn lay_out(members: &[(usize, &Item)], width: u16, ascii: bool) -> Option<Vec<Line>> {
    let slots: Vec<Slot<'_>> = members
        .iter()
        .filter_map(|(place, item)| {
            let cell = item.cell.as_ref()?;
            let sign = sign(cell.known, ascii);
            let word = Piece::new(format!("{sign}{}", item.label), item.role);
            Some(Slot {
                place: *place,
                cell,
                word,
            })
        })
        .collect();
    if slots.len() < members.len() {
        return None;
    }
    let width = usize::from(width);
    // one axis for both lanes where it fits, else each lane for itself
    let all = |_: &Slot<'_>| true;
    let on = |side| move |slot: &Slot<'_>| slot.cell.side == side;
    let sides = [Side::Source, Side::Target];
    let packs = |form: &Form| {
        sides
            .iter()
            .all(|side| end(&slots, *form, on(*side)) <= width)
    };
    let shared = [Form::Clock, Form::Offset]
        .into_iter()
        .find(|form| end(&slots, *form, all) <= width);
    let form = shared.or_else(|| [Form::Offset, Form::Tight].into_iter().find(packs))?;
    let lanes = sides.map(|side| {
        let mut at = lane_at(&slots, form);
        let mut lane = Vec::new();
        for slot in &slots {
            let here = slot.cell.side == side;
            if here {
                lane.push((at, slot));
            }
            if here || shared.is_some() {
                at += columns(slot, form) + 1;
            }
        }
        draw_lane(&lane, form, ascii)
    });
    Some(lanes.into_iter().flatten().collect())
}

/// Where lanes begin.
fn lane_at(slots: &[Slot<'_>], form: Form) -> usize {
    let widths = slots
        .iter()
        .map(|slot| Piece::new(&slot.cell.host, Role::Label).width());
    2 + widths.max().unwrap_or(0).min(name(form)) + 1
}

fn name(form: Form) -> usize {
    if form == Form::Tight {
        SHORT_NAME
    } else {
        NAME
    }
}

/// Where a lane of some legs ends.
fn end(slots: &[Slot<'_>], form: Form, belongs: impl Fn(&Slot<'_>) -> bool) -> usize {
    let legs = slots.iter().filter(|slot| belongs(slot));
    let wide: usize = legs.map(|slot| columns(slot, form) + 1).sum();
    lane_at(slots, form) + wide.saturating_sub(1)
}

fn below(slot: &Slot<'_>, form: Form) -> Piece {
    let text = match form {
        Form::Clock => &slot.cell.clock,
        Form::Offset | Form::Tight => &slot.cell.offset,
    };
    Piece::new(text, Role::Dim)
}

/// Columns of a leg.
fn columns(slot: &Slot<'_>, form: Form) -> usize {
    // room for the sign of the cursor before the leg that follows
    let room = usize::from(form != Form::Tight);
    slot.word.width().max(below(slot, form).width()) + room
}

fn draw_lane(lane: &[(usize, &Slot<'_>)], form: Form, ascii: bool) -> [Line; 2] {
    let [mut words, mut times]: [Line; 2] = [Vec::new(), Vec::new()];
    let rule = if ascii { "-" } else { "─" };
    if let Some((_, first)) = lane.first() {
        let host = Piece::new(&first.cell.host, Role::Label);
        words.push(part(2, name(form), host, None));
    }
    let mut end: Option<usize> = None;
    for (at, slot) in lane {
        if let Some(from) = end
            && *at > from + 2
        {
            let gap = Piece::new(rule.repeat(at - from - 2), Role::Border);
            words.push(part(from + 1, at - from - 2, gap, None));
        }
        let width = columns(slot, form);
        words.push(part(
            *at,
            slot.word.width(),
            slot.word.clone(),
            Some(slot.place),
        ));
        times.push(part(*at, width, below(slot, form), Some(slot.place)));
        end = Some(at + slot.word.width());
    }
    [words, times]
}

fn part(x: usize, width: usize, piece: Piece, item: Option<usize>) -> Part {
    Part {
        x: u16::try_from(x).unwrap_or(u16::MAX),
        width: u16::try_from(width).unwrap_or(0),
        pieces: vec![piece],
        item,
    }
}

/// A leg on a line of its own, where the strip has no room.
pub fn stacked(item: &Item, ascii: bool) -> Item {
    let Some(cell) = &item.cell else {
        return item.clone();
    };
    let mut line = item.clone();
    line.label = format!("{} {}", sign(cell.known, ascii), item.label);
    line.value = format!("{}  {}", cell.clock, item.value);
    line.tail = format!("on {}  {}", cell.host, item.tail)
        .trim_end()
        .to_owned();
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::model::Section;

    fn leg(side: Side, word: &str, clock: &str, offset: &str) -> Item {
        let mut item = Item::new(Section::Episode, word, "something");
        item.cell = Some(Cell {
            side,
            known: Known::Seen,
            host: "FS01".to_owned(),
            clock: clock.to_owned(),
            offset: offset.to_owned(),
        });
        item
    }

    fn text(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                let mut text = String::new();
                for part in line {
                    let before = usize::from(part.x).saturating_sub(text.chars().count());
                    text.push_str(&" ".repeat(before));
                    text.extend(part.pieces.iter().map(Piece::text));
                }
                text
            })
            .collect()
    }

    #[test]
    fn both_lanes_share_an_axis_while_there_is_room() {
        let legs = [
            leg(Side::Source, "start", "18:00:00.000", "0.00s"),
            leg(Side::Target, "logon", "18:00:00.100", "+0.10s"),
            leg(Side::Source, "end", "18:00:09.000", "+9.00s"),
        ];
        let members: Vec<_> = legs.iter().enumerate().collect();
        let wide = text(&lay_out(&members, 60, false).unwrap());
        assert_eq!(
            wide,
            [
                "  FS01 ●start ──────────────────── ●end",
                "       18:00:00.000                18:00:09.000",
                "  FS01               ●logon",
                "                     18:00:00.100",
            ]
        );
        let narrow = text(&lay_out(&members, 30, true).unwrap());
        assert_eq!(narrow[1], "       0.00s           +9.00s");
        let packed = text(&lay_out(&members, 22, true).unwrap());
        assert_eq!(packed[0], "  FS01 *start  *end");
        assert!(lay_out(&members, 12, true).is_none());
    }
}
