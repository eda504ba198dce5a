//! Pages of text: an alert, an event, the sources.

use ratatui::layout::Rect;

use super::Window;
use super::alerts::severity_role;
use crate::case::Standing;
use crate::investigate::{Alert, Known, Leaning};
use crate::tui::command::Command;
use crate::tui::keymap::Mode;
use crate::tui::model::{
    AlertPage, Hashing, Item, Model, Page, Section, TWO_SIDES, severity_glyph, severity_word,
    verdict,
};
use crate::tui::theme::Role;
use crate::tui::widget::document::{Layout, Line, Part, how_piece, lay_out, lines_of};
use crate::tui::widget::{Canvas, Piece, cut_top, strip, wrap};

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
        Page::Known(page) => (page.items(&model.data), known_head(model)),
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
    let more = key_of(model, Command::Zoom);
    let layout = Layout {
        width: body.width,
        wrap: model.wrap,
        ascii: canvas.ascii(),
        more: &more,
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
        pieces.extend(reasons_heading(section, page, alert, model));
    } else if section == Section::Episode
        && let Page::Alert(page) = model.page()
    {
        pieces.extend(episode_heading(page, items, model));
    } else if matches!(
        section,
        Section::Sightings | Section::Gaps | Section::Ran | Section::Remarks
    ) {
        pieces.push(Piece::new(format!("  {count}"), Role::Dim));
    }
    pieces
}

/// Whether the legs of the alert have room side by side.
pub(super) fn is_strip_flat(model: &Model, width: u16) -> bool {
    let Page::Alert(page) = model.page() else {
        return false;
    };
    let items = page.items(&model.data);
    let legs: Vec<(usize, &Item)> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.section == Section::Episode)
        .collect();
    strip::lay_out(&legs, width, model.settings.ascii).is_some()
}

/// What the reasons of a side weigh together, how many are not shown, and whether the other side
/// has any.
fn reasons_heading(section: Section, page: &AlertPage, alert: &Alert, model: &Model) -> Vec<Piece> {
    let (side, other, others) = if section == Section::Against {
        (Leaning::Attacker, Leaning::Admin, "an administrator")
    } else {
        (Leaning::Admin, Leaning::Attacker, "an attacker")
    };
    let of = |side| {
        let signals = alert.signals.iter();
        signals.filter(move |signal| signal.leans == side)
    };
    let sum: i32 = of(side).map(|signal| signal.weight.abs()).sum();
    let mut pieces = vec![Piece::new(format!("  {sum}"), Role::Strong)];
    let folded = page.folded(side, &model.data);
    if folded > 0 {
        let key = key_of(model, Command::Zoom);
        let text = format!("  and {folded} more{key}");
        pieces.push(Piece::new(text, Role::Dim));
    }
    if of(other).next().is_none() {
        pieces.push(Piece::new(format!("  none to {others}"), Role::Dim));
    }
    pieces
}

/// `: z shows them`, when the command has a key.
fn key_of(model: &Model, command: Command) -> String {
    let key = model.keymap.key_of(Mode::Normal, command);
    key.map_or_else(String::new, |key| format!(": {key} shows all"))
}

/// What the leg under the cursor is; else when it began and what the signs mean.
fn episode_heading(page: &AlertPage, items: &[Item], model: &Model) -> Vec<Piece> {
    let here = items
        .get(page.list.cursor)
        .filter(|item| page.is_strip_flat && item.section == Section::Episode);
    let Some((item, cell)) = here.and_then(|item| Some((item, item.cell.as_ref()?))) else {
        let begin = items
            .iter()
            .filter_map(|item| item.cell.as_ref())
            .find(|cell| !cell.offset.is_empty());
        let ascii = model.settings.ascii;
        let signs = [
            (Known::Seen, "seen", Role::Fact),
            (Known::Inferred, "inferred", Role::Inferred),
            (Known::Missing, "not seen", Role::Missing),
        ];
        let begin = begin.map_or(String::new(), |cell| format!("  from {}", cell.clock));
        let mut pieces = vec![Piece::new(begin, Role::Dim)];
        for (known, word, role) in signs {
            let sign = strip::sign(known, ascii);
            pieces.push(Piece::new(format!("  {sign} {word}"), role));
        }
        return pieces;
    };
    let mut pieces = vec![
        Piece::new(format!("  {}  ", item.label), Role::Strong),
        Piece::new(format!("{}  ", cell.clock), Role::Dim),
        Piece::new(&item.value, item.role),
    ];
    if let Some(how) = item.how {
        pieces.push(Piece::new("  ", Role::Text));
        pieces.push(how_piece(how));
    }
    if !item.tail.is_empty() {
        pieces.push(Piece::new(format!("  {}", item.tail), Role::Dim));
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
    let first = if list.cursor == 0 { 0 } else { want_top };
    let mut offset = list.offset.min(lines.len().saturating_sub(height));
    if here.end - first > height {
        // any part of an item that is taller than the page may be shown
        offset = offset.clamp(first, here.end - height);
    } else {
        offset = offset.max(here.end.saturating_sub(height)).min(first);
    }
    let above = offset.saturating_sub(here.start);
    let below = here.end.saturating_sub(offset + height);
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
                let free = |x: &u16| {
                    let taken = |other: &Part| {
                        (body.x + other.x..body.x + other.x + other.width).contains(x)
                    };
                    *x >= body.x && !line.iter().any(taken)
                };
                if !pointed && let Some(x) = place.x.checked_sub(2).filter(free) {
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
    if below > 0 {
        draw_rest(below, body, canvas);
    }
    Window {
        offset,
        rows: height,
        top: usize::from(body.y),
        hidden: [above, below],
    }
}

/// Says at the end of the last line how much of an item follows.
fn draw_rest(lines: usize, body: Rect, canvas: &mut Canvas<'_>) {
    let noun = if lines == 1 { "line" } else { "lines" };
    let words = format!("  {} {lines} more {noun}", canvas.sign("▼", "v"));
    let piece = Piece::new(words, Role::Strong);
    let width = u16::try_from(piece.width())
        .unwrap_or(u16::MAX)
        .min(body.width);
    let place = Rect {
        x: body.right() - width,
        y: body.bottom().saturating_sub(1),
        width,
        height: 1,
    };
    canvas.line(place, &[piece]);
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
    let (leaning, role) = match alert.leaning {
        Leaning::Attacker => ("leans to an attacker", Role::Attacker),
        Leaning::Admin => ("leans to an administrator", Role::Admin),
        Leaning::Undetermined => ("leans to neither side", Role::Dim),
    };
    let narrow = width < TWO_SIDES;
    let leaning = leaning.trim_start_matches(if narrow { "leans to an " } else { "" });
    let leaning = Piece::new(leaning, role);
    let certainty = match alert.certainty {
        crate::investigate::Certainty::Certain => "certainly",
        crate::investigate::Certainty::Likely => "likely",
        crate::investigate::Certainty::Possible => "possibly",
    };
    let zone = &model.data.zone;
    let begin = if narrow {
        format!("{} {}", zone.seconds(alert.first_time), zone.name())
    } else {
        zone.full(alert.first_time)
    };
    let when = if alert.first_time == alert.last_time {
        begin
    } else {
        format!("{begin} to {}", zone.clock(alert.last_time))
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

fn known_head(model: &Model) -> Vec<Vec<Piece>> {
    let rules = model.data.known().iter();
    let in_force = rules.filter(|rule| rule.standing == Standing::InForce);
    let what = match in_force.count() {
        0 => "No rule about known activity is in force. One is made from a verdict.".to_owned(),
        1 => "One rule labels and counts what it covers; it hides nothing.".to_owned(),
        more => format!("{more} rules label and count what they cover; they hide nothing."),
    };
    vec![vec![Piece::new(what, Role::Strong)], Vec::new()]
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
    match crate::tui::model::remarks(&model.data) {
        0 => {}
        1 => pieces.push(Piece::new(" One remark.", Role::Warning)),
        more => pieces.push(Piece::new(format!(" {more} remarks."), Role::Warning)),
    }
    vec![pieces, hashing(&model.hashing), Vec::new()]
}

/// How far the hashes are, and what that means for a decision.
fn hashing(hashing: &Hashing) -> Vec<Piece> {
    let piece = match hashing.troubles.as_slice() {
        _ if hashing.is_running => Piece::new(
            format!(
                "SHA-256: {}%. Decide at will; the case gets the hashes when they are known.",
                hashing.percent()
            ),
            Role::Dim,
        ),
        [] => Piece::new("SHA-256: all known.", Role::Dim),
        [first, ..] => Piece::new(
            format!("SHA-256: {} not known: {first}", hashing.troubles.len()),
            Role::Warning,
        ),
    };
    vec![piece]
}
