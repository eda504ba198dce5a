//! The bar at the top: where one is, the zone of times, how far loading is; below it the filters.

use ratatui::layout::Rect;

use crate::tui::model::{Counted, Layer, Loading, Model, Page, Subject};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece};

/// Draws the bar.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    canvas.patch(area, Role::Bar);
    let right = status(model, canvas);
    let right_width = canvas.line_right(area, &right);
    let left = Rect {
        width: area.width.saturating_sub(right_width + 1),
        ..area
    };
    let separator = canvas.sign(" › ", " > ");
    let (crumbs, forward) = model.walk.crumbs();
    let mut crumbs: Vec<String> = crumbs
        .map(|page| {
            let (kind, name) = page.title(&model.data);
            if name.is_empty() {
                kind.to_owned()
            } else {
                format!("{kind} {name}")
            }
        })
        .collect();
    let here = crumbs.pop().unwrap_or_default();
    // the page one is on always shows; the way to it as far as there is room
    let mut room = usize::from(left.width).saturating_sub(here.chars().count() + 2);
    let mut shown: Vec<String> = Vec::new();
    while let Some(crumb) = crumbs.pop() {
        let width = crumb.chars().count() + separator.chars().count();
        if width > room {
            shown.push(canvas.sign("…", "..").to_owned());
            break;
        }
        room -= width;
        shown.push(crumb);
    }
    let mut pieces = vec![Piece::new(" ", Role::Bar)];
    for crumb in shown.into_iter().rev() {
        pieces.push(Piece::new(crumb, Role::Bar));
        pieces.push(Piece::new(separator, Role::Bar));
    }
    pieces.push(Piece::new(here, Role::BarHere));
    if forward > 0 {
        pieces.push(Piece::new(
            format!("{separator}({forward} forward)"),
            Role::Bar,
        ));
    }
    canvas.line(left, &pieces);
}

/// Marks, troubles, loading, the place of the cursor, the zone.
fn status(model: &Model, canvas: &Canvas<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |text: String, role| {
        pieces.push(Piece::new(format!(" {text} "), role));
    };
    if !model.data.marked.is_empty() {
        add(format!("{} marked", model.data.marked.len()), Role::BarHere);
    }
    let troubles = crate::tui::model::troubles(&model.data);
    if troubles > 0 {
        add(
            format!("{}{troubles} not read", canvas.sign("⚠ ", "! ")),
            Role::BarHere,
        );
    }
    if let Some(text) = loading(&model.loading) {
        add(text, Role::BarHere);
    }
    if model.case.pending > 0 {
        add("saving".to_owned(), Role::BarHere);
    }
    let place = model.page().place(&model.data);
    add(format!("{}/{}", place.row, place.of), Role::Bar);
    add(model.data.zone.name(), Role::BarHere);
    pieces
}

fn loading(loading: &Loading) -> Option<String> {
    use crate::tui::model::Stage;
    match loading.stage {
        Stage::Reading if loading.sources.is_empty() => Some("looking for logs".to_owned()),
        Stage::Reading => Some(format!("reading {}%", loading.percent())),
        Stage::Investigating => Some("joining".to_owned()),
        Stage::Cancelled => Some("loading was stopped".to_owned()),
        Stage::Failed => Some("loading failed".to_owned()),
        Stage::Idle | Stage::Done => None,
    }
}

/// How many lines the filters take.
pub(super) fn chips_height(model: &Model) -> u16 {
    let subject = match model.page() {
        Page::Events(page) => page.subject != Subject::All,
        Page::Counts(_) => true,
        _ => false,
    };
    let chips = model.page().chips().is_some_and(|chips| !chips.is_empty());
    u16::from(subject || chips)
}

/// Draws the filters in force and how many rows they hide.
pub(super) fn chips(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let mut pieces = vec![Piece::new(" ", Role::Text)];
    if let Page::Counts(page) = model.page()
        && let Counted::Events(subject, _) = &page.counted
    {
        for term in subject.terms() {
            pieces.push(Piece::new(&term.written, Role::Label));
            pieces.push(Piece::new("  ", Role::Text));
        }
    }
    if let Page::Events(page) = model.page() {
        if let Subject::Leg { step, .. } = &page.subject {
            pieces.push(Piece::new(format!("leg:{}  ", step.word()), Role::Label));
        }
        for term in page.subject.terms() {
            pieces.push(Piece::new(&term.written, Role::Label));
            pieces.push(Piece::new("  ", Role::Text));
        }
    }
    let chosen = match model.layers.last() {
        Some(Layer::Filters(list)) => Some(list.cursor),
        _ => None,
    };
    let mut shown = Vec::new();
    for (place, chip) in model
        .page()
        .chips()
        .into_iter()
        .flat_map(crate::tui::model::Chips::iter)
        .enumerate()
    {
        let role = if chip.on { Role::Chip } else { Role::ChipOff };
        let off = if chip.on {
            ""
        } else {
            canvas.sign("○ ", "off ")
        };
        let text = format!(" {off}{} ", chip.term.written);
        // the filter under the cursor always has room
        if chosen == Some(place) {
            shown.clear();
            pieces.push(Piece::new(canvas.sign("▸", ">"), Role::Strong));
        }
        shown.push(Piece::new(text, role));
        shown.push(Piece::new(" ", Role::Text));
        pieces.append(&mut shown);
    }
    let hidden = model.page().place(&model.data).hidden;
    let word = match model.page() {
        Page::Events(page) if page.awaited.is_some() => "looking …".to_owned(),
        Page::Counts(page) if page.awaited.is_some() => "counting …".to_owned(),
        Page::Counts(page) => format!("of {}", page.total),
        _ => format!("{hidden} hidden"),
    };
    let right = canvas.line_right(area, &[Piece::new(format!("  {word} "), Role::Dim)]);
    canvas.line(
        Rect {
            width: area.width.saturating_sub(right),
            ..area
        },
        &pieces,
    );
}
