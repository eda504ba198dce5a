//! Finding text on a page. Nothing is hidden; the cursor goes to the next match.

use crate::tui::message::Effect;
use crate::tui::model::{Model, Page};
use crate::tui::theme::Role;

/// To the next match from the row after (or before) the cursor.
pub(super) fn again(model: &mut Model, down: bool) -> Vec<Effect> {
    let cursor = model.page().list().cursor;
    let len = model.page().len(&model.data);
    let from = if down {
        cursor + 1
    } else {
        cursor + len.max(1) - 1
    } % len.max(1);
    from_row(model, from, down)
}

/// To the first match from a row on; the search goes round the end.
pub(super) fn from_row(model: &mut Model, from: usize, down: bool) -> Vec<Effect> {
    let Some(text) = model.sought.clone().filter(|text| !text.is_empty()) else {
        return Vec::new();
    };
    let id = model.walk.id();
    if let Page::Events(page) = model.page() {
        let events = page.events.clone();
        let job = model.number();
        if let Page::Events(page) = model.walk.here_mut() {
            page.sought = Some(job);
        }
        return vec![Effect::Seek {
            page: id,
            job,
            events,
            from,
            down,
            text,
        }];
    }
    let page = model.page();
    let len = page.len(&model.data);
    let wanted = text.to_lowercase();
    let found = (0..len)
        .map(|step| {
            if down {
                (from + step) % len
            } else {
                (from + len - step) % len
            }
        })
        .find(|row| {
            page.text(*row, &model.data)
                .is_some_and(|text| text.to_lowercase().contains(&wanted))
        });
    if found.is_none() && unfold(model) {
        return from_row(model, from, down);
    }
    let is_behind = found.is_some_and(|row| is_behind(model, row, &wanted));
    land(model, found);
    if is_behind {
        unfold(model);
    }
    Vec::new()
}

/// Whether what was found in a row may be behind the lines that the page shows of it.
fn is_behind(model: &Model, row: usize, wanted: &str) -> bool {
    let (page, data) = (model.page(), &model.data);
    let item = (page.items(data)).and_then(|items| items.get(row).cloned());
    let (Some(item), Some(text)) = (item, page.text(row, data)) else {
        return false;
    };
    // Labels take room, and two sides may share the line.
    let shown = item
        .most_lines
        .saturating_mul(usize::from(data.screen.0) / 3);
    let at = text.to_lowercase().find(wanted);
    at.is_some_and(|at| at >= shown)
}

/// Shows what an alert's page leaves out for want of room; whether there was anything.
fn unfold(model: &mut Model) -> bool {
    let data = &model.data;
    match model.walk.here_mut() {
        Page::Alert(page) if !page.is_unfolded || page.zoom.is_some() => {
            page.reshape(data, |page| (page.is_unfolded, page.zoom) = (true, None));
            true
        }
        _ => false,
    }
}

/// Puts the cursor on a match.
pub(super) fn land(model: &mut Model, row: Option<usize>) {
    match row {
        Some(row) => {
            let len = model.page().len(&model.data);
            let list = model.walk.here_mut().list_mut();
            list.cursor = row;
            list.clamp(len);
        }
        None => {
            let text = crate::text::line(model.sought.as_deref().unwrap_or_default()).into_string();
            model.say(
                Role::Warning,
                format!("\u{201c}{text}\u{201d} is not on this page"),
            );
        }
    }
}
