//! The timeline above the list: events as bars, alerts by the sign of the severest, and its times.

use ratatui::layout::Rect;

use super::severity_role;
use crate::timeline::query::Test;
use crate::tui::model::{AlertsPage, Axis, Bar, BarCursor, Layer, Model, severity_glyph, span};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top};

/// Columns before the bars.
const LEAD: u16 = 8;

/// How many bars have room on a page of a width.
pub(super) fn bars(width: u16) -> usize {
    usize::from(width.saturating_sub(LEAD + 1)).min(240)
}

/// Lines that the timeline takes on a page of a height: none where the list needs them.
pub(super) fn height(area: Rect) -> u16 {
    match area.height {
        _ if area.width < 40 => 0,
        0..17 => 0,
        17..30 => 3,
        30..50 => 5,
        _ => 7,
    }
}

/// Draws the timeline.
pub(super) fn draw(model: &Model, page: &AlertsPage, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(axis) = page.axis(&model.data, bars(area.width)) else {
        return;
    };
    let bars = page.bars(axis, &model.data);
    let cursor = match model.layers.last() {
        Some(Layer::Timeline(cursor)) => Some(*cursor),
        _ => None,
    };
    let (events, rest) = cut_top(area, area.height.saturating_sub(2));
    let (alerts, times) = cut_top(rest, 1);
    draw_events(&bars, events, canvas);
    draw_alerts(&bars, alerts, canvas);
    draw_times(model, page, axis, times, canvas);
    if let Some(cursor) = cursor {
        for bar in chosen(axis, cursor) {
            let column = Rect {
                x: area.x + LEAD + u16::try_from(bar).unwrap_or(u16::MAX - LEAD),
                y: area.y,
                width: 1,
                height: area.height.saturating_sub(1),
            };
            canvas.patch(column.intersection(area), Role::Cursor);
        }
        draw_words(model, axis, cursor, &bars, times, canvas);
    }
}

/// The bars that the cursor stands on: one, or a stretch.
fn chosen(axis: Axis, cursor: BarCursor) -> std::ops::RangeInclusive<usize> {
    let here = axis.nearest(cursor.at);
    let begun = cursor.mark.map_or(here, |mark| axis.nearest(mark));
    here.min(begun)..=here.max(begun)
}

fn label(text: &str, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.line(area, &[Piece::new(format!(" {text}"), Role::Dim)]);
}

fn cell(bar: usize, area: Rect, y: u16) -> Rect {
    Rect {
        x: area.x + LEAD + u16::try_from(bar).unwrap_or(u16::MAX - LEAD),
        y,
        width: 1,
        height: 1,
    }
    .intersection(area)
}

/// How many events each bar has, in eighths of a line; a bar with any has at least one.
fn draw_events(bars: &[Bar], area: Rect, canvas: &mut Canvas<'_>) {
    const SIGNS: [(&str, &str); 8] = [
        ("▁", "."),
        ("▂", "."),
        ("▃", ":"),
        ("▄", ":"),
        ("▅", "+"),
        ("▆", "+"),
        ("▇", "#"),
        ("█", "#"),
    ];
    label("events", area, canvas);
    let most = u64::from(bars.iter().map(|bar| bar.events).max().unwrap_or(0)).max(1);
    let all = u64::from(area.height) * 8;
    for (place, bar) in bars.iter().enumerate().filter(|(_, bar)| bar.events > 0) {
        let mut eighths = (u64::from(bar.events) * all / most).max(1);
        for y in (area.y..area.bottom()).rev() {
            let Some(sign) = eighths.min(8).checked_sub(1) else {
                break;
            };
            let sign = usize::try_from(sign).ok().and_then(|sign| SIGNS.get(sign));
            if let Some((sign, ascii)) = sign {
                let sign = canvas.sign(sign, ascii);
                canvas.line(cell(place, area, y), &[Piece::new(sign, Role::Label)]);
            }
            eighths = eighths.saturating_sub(8);
        }
    }
}

/// The severest alert of each bar; what filters hide stays as a faint sign.
fn draw_alerts(bars: &[Bar], area: Rect, canvas: &mut Canvas<'_>) {
    label("alerts", area, canvas);
    for (place, bar) in bars.iter().enumerate() {
        let (severity, role) = match (bar.worst, bar.hidden) {
            (Some(severity), _) => (severity, severity_role(severity)),
            (None, Some(severity)) => (severity, Role::Dim),
            (None, None) => continue,
        };
        let sign = severity_glyph(severity, canvas.ascii());
        canvas.line(cell(place, area, area.y), &[Piece::new(sign, role)]);
    }
}

/// Times below the bars, as many as have room; a heavier line where the list is filtered by time.
fn draw_times(model: &Model, page: &AlertsPage, axis: Axis, area: Rect, canvas: &mut Canvas<'_>) {
    label(
        &model.data.zone.name(),
        Rect {
            width: LEAD.min(area.width),
            ..area
        },
        canvas,
    );
    let during = page.chips.terms().find_map(|term| match term.test {
        Test::During(from, to) if !term.negated => Some((from, to)),
        _ => None,
    });
    for bar in 0..axis.bars {
        let (from, to) = axis.stretch(bar);
        let inside = during.is_some_and(|(begin, end)| from < end && to > begin);
        let sign = if inside {
            canvas.sign("━", "=")
        } else {
            canvas.sign("─", "-")
        };
        let role = if inside { Role::Strong } else { Role::Border };
        canvas.line(cell(bar, area, area.y), &[Piece::new(sign, role)]);
    }
    let zone = &model.data.zone;
    let (first, last) = (
        axis.stretch(0).0,
        axis.stretch(axis.bars.saturating_sub(1)).1,
    );
    let days = last.distance(first).as_secs() > 86_400;
    let text = |time| match (days, axis.step) {
        (true, 86_400..) => zone.seconds(time).get(..10).unwrap_or_default().to_owned(),
        (true, _) => zone.short(time).get(..11).unwrap_or_default().to_owned(),
        (false, 60..) => zone.clock(time).get(..5).unwrap_or_default().to_owned(),
        (false, _) => zone.clock(time),
    };
    let mut free = 0;
    for bar in 0..axis.bars {
        if bar < free {
            continue;
        }
        let piece = Piece::new(text(axis.stretch(bar).0), Role::Dim);
        let width = piece.width();
        if bar + width > axis.bars {
            break;
        }
        let place = Rect {
            width: u16::try_from(width).unwrap_or(u16::MAX),
            ..cell(bar, area, area.y)
        };
        canvas.line(place.intersection(area), &[piece]);
        free = bar + width + 9;
    }
}

/// In place of the times, what the bar under the cursor or the chosen stretch holds.
fn draw_words(
    model: &Model,
    axis: Axis,
    cursor: BarCursor,
    bars: &[Bar],
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let chosen = chosen(axis, cursor);
    let (from, to) = (
        axis.stretch(*chosen.start()).0,
        axis.stretch(*chosen.end()).1,
    );
    let here = bars
        .iter()
        .skip(*chosen.start())
        .take(chosen.clone().count());
    let (mut events, mut alerts) = (0u64, 0usize);
    here.for_each(|bar| (events, alerts) = (events + u64::from(bar.events), alerts + bar.alerts));
    let zone = &model.data.zone;
    let count = |count: u64, word: &str| {
        let s = if count == 1 { "" } else { "s" };
        format!("  {count} {word}{s}")
    };
    let step = span(std::time::Duration::from_secs(axis.step));
    let pieces = [
        Piece::new(
            format!(" {} to {}", zone.short(from), zone.clock(to)),
            Role::Strong,
        ),
        Piece::new(count(events, "event"), Role::Text),
        Piece::new(
            count(u64::try_from(alerts).unwrap_or(0), "alert"),
            Role::Text,
        ),
        Piece::new(format!("  {step} each bar"), Role::Dim),
    ];
    canvas.clear(area);
    canvas.line(area, &pieces);
}
