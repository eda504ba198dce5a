//! Pages of text: an alert, an event, the sources.

use ratatui::layout::Rect;

use super::Window;
use super::alerts::severity_role;
use crate::investigate::{Alert, Leaning};
use crate::tui::model::{Item, Model, Page, Section, severity_glyph, severity_word, verdict};
use crate::tui::theme::Role;
use crate::tui::widget::document::{Layout, Line, lay_out, lines_of};
use crate::tui::widget::{Canvas, Piece, cut_top, wrap};

/// Draws the page.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Window {
    let (items, head) = match model.page() {
        Page::Alert(page) => {
            let head = model
                .data
                .alert(&page.id)
                .map(|alert| alert_head(model, alert, area.width))
                .unwrap_or_default();
            (page.items(&model.data), head)
        }
        Page::Event(page) => (page.items(&model.data), event_head(model, page.index)),
        Page::Sources(page) => (page.items(&model.data), sources_head(model)),
        _ => return Window::default(),
    };
    let head_height = u16::try_from(head.len()).unwrap_or(0).min(area.height / 2);
    let (top, body) = cut_top(area, head_height);
    for (line, pieces) in (top.y..top.bottom()).zip(&head) {
        canvas.line(
            Rect {
                x: area.x + 1,
                y: line,
                width: area.width.saturating_sub(2),
                height: 1,
            },
            pieces,
        );
    }
    let layout = Layout {
        width: body.width,
        wrap: model.wrap,
        ascii: canvas.ascii(),
    };
    let sources = matches!(model.page(), Page::Sources(_));
    let lines = lay_out(&items, layout, |section| {
        Some(heading(section, &items, model, sources))
    });
    draw_lines(model, &lines, body, canvas)
}

fn heading(section: Section, items: &[Item], model: &Model, sources: bool) -> Vec<Piece> {
    let members = items.iter().filter(|item| item.section == section);
    let (title, count) = match section {
        Section::Gaps if sources => ("Could not be read", members.count()),
        Section::Sightings if sources => ("Read", members.count()),
        Section::Against | Section::For => (section.title(), 0),
        _ => (section.title(), members.count()),
    };
    let mut pieces = vec![Piece::new(title, Role::Heading)];
    if matches!(section, Section::Against | Section::For)
        && let Page::Alert(page) = model.page()
        && let Some(alert) = model.data.alert(&page.id)
    {
        let side = if section == Section::Against {
            Leaning::Attacker
        } else {
            Leaning::Admin
        };
        let sum: i32 = alert
            .signals
            .iter()
            .filter(|signal| signal.leans == side)
            .map(|signal| signal.weight.abs())
            .sum();
        pieces.push(Piece::new(format!("  {sum}"), Role::Strong));
    } else if matches!(section, Section::Sightings | Section::Gaps | Section::Ran) {
        pieces.push(Piece::new(format!("  {count}"), Role::Dim));
    }
    pieces
}

/// Draws the lines around the cursor.
fn draw_lines(model: &Model, lines: &[Line], body: Rect, canvas: &mut Canvas<'_>) -> Window {
    let list = model.page().list();
    let height = usize::from(body.height);
    let here = lines_of(lines, list.cursor);
    // the heading above the first item of a section shows with it
    let want_top = if here.start > 0
        && lines
            .get(here.start - 1)
            .is_some_and(|line| line.iter().all(|part| part.item.is_none()))
    {
        here.start - 1
    } else {
        here.start
    };
    let mut offset = list.offset.min(lines.len().saturating_sub(height));
    if here.end > offset + height {
        offset = here.end - height;
    }
    if want_top < offset || here.start < offset {
        offset = want_top.min(here.start);
    }
    if list.cursor == 0 {
        offset = 0;
    }
    let mut pointed = false;
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(offset)) {
        for part in line {
            let place = Rect {
                x: body.x + part.x,
                y,
                width: part.width,
                height: 1,
            }
            .intersection(body);
            canvas.line(place, &part.pieces);
            if part.item == Some(list.cursor) {
                canvas.patch(place, Role::Cursor);
                if !pointed && let Some(x) = place.x.checked_sub(2).filter(|x| *x >= body.x) {
                    let sign = canvas.sign("▸", ">");
                    canvas.line(
                        Rect {
                            x,
                            y,
                            width: 1,
                            height: 1,
                        },
                        &[Piece::new(sign, Role::Strong)],
                    );
                    pointed = true;
                }
            }
            let text: String = part.pieces.iter().map(Piece::text).collect();
            super::mark_matches(model, place, &text, canvas);
        }
    }
    Window {
        offset,
        rows: height,
        top: usize::from(body.y),
    }
}

/// The alert in one plain sentence, and its numbers.
fn alert_head(model: &Model, alert: &Alert, width: u16) -> Vec<Vec<Piece>> {
    let room = usize::from(width.saturating_sub(2));
    let glyph = severity_glyph(alert.severity, model.settings.ascii);
    let mut sentence = vec![
        Piece::new(
            format!("{glyph} {}", severity_word(alert.severity)),
            severity_role(alert.severity),
        ),
        Piece::new("  ", Role::Text),
    ];
    sentence.push(Piece::new(&alert.title, Role::Strong));
    let mut lines = wrap(&sentence, room);
    let leaning = match alert.leaning {
        Leaning::Attacker => Piece::new("leans to an attacker", Role::Attacker),
        Leaning::Admin => Piece::new("leans to an administrator", Role::Admin),
        Leaning::Undetermined => Piece::new("leans to neither side", Role::Dim),
    };
    let certainty = match alert.certainty {
        crate::investigate::Certainty::Certain => "certainly",
        crate::investigate::Certainty::Likely => "likely",
        crate::investigate::Certainty::Possible => "possibly",
    };
    let when = if alert.first_time == alert.last_time {
        model.data.zone.full(alert.first_time)
    } else {
        let end = model.data.zone.clock(alert.last_time);
        format!("{} to {end}", model.data.zone.full(alert.first_time))
    };
    let numbers = [
        Piece::new(format!("{certainty} {}", alert.tool), Role::Text),
        Piece::new("  ", Role::Text),
        leaning,
        Piece::new(format!(" ({:+})", alert.score), Role::Text),
        Piece::new(format!("  {when}  "), Role::Dim),
        Piece::new(verdict(model.data.triage(&alert.id)), Role::Strong),
    ];
    lines.extend(wrap(&numbers, room));
    lines.push(Vec::new());
    lines
}

fn event_head(model: &Model, index: crate::timeline::EventIndex) -> Vec<Vec<Piece>> {
    let Some(event) = model.data.timeline().event(index) else {
        return Vec::new();
    };
    let what = crate::timeline::summary::line(model.data.timeline(), index);
    vec![
        vec![Piece::new(what, Role::Strong)],
        vec![Piece::new(
            format!(
                "{}  {}  event {}  {}",
                event.kind.channel,
                event.kind.provider,
                event.kind.event_id,
                event.record_words()
            ),
            Role::Dim,
        )],
        Vec::new(),
    ]
}

fn sources_head(model: &Model) -> Vec<Vec<Piece>> {
    let timeline = model.data.timeline();
    let troubles = crate::tui::model::troubles(&model.data);
    let mut pieces = vec![Piece::new(
        format!(
            "{} events of {} sources; {} copies counted once. ",
            timeline.len(),
            timeline.sources().len(),
            timeline.duplicate_count()
        ),
        Role::Strong,
    )];
    pieces.push(match troubles {
        0 => Piece::new("Everything could be read.", Role::Good),
        1 => Piece::new("One part could not be read.", Role::Warning),
        more => Piece::new(format!("{more} parts could not be read."), Role::Warning),
    });
    vec![pieces, Vec::new()]
}
