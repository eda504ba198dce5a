//! Draws the model. Pure and total: any model, any size, nothing outside the area.

mod alerts;
mod bar;
mod counts;
mod events;
mod finder;
mod footer;
mod form;
mod layers;
mod notes;
mod page;
mod processes;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::model::{Layer, Model, Page};
use super::theme::Role;
use super::widget::{Canvas, Piece, cut_top, split_bottom};

/// What was drawn where: the update needs it for paging, scrolling and clicks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The window of the page.
    pub page: Window,
    /// The window of the layer on top.
    pub layer: Option<Window>,
    /// Where the terminal's cursor belongs, when text is typed.
    pub cursor: Option<(u16, u16)>,
    /// Columns and lines of the screen.
    pub screen: (u16, u16),
    /// Whether the legs of an alert lie side by side.
    pub is_strip_flat: bool,
    /// Bars of the timeline that have room; 0 where it is not shown.
    pub bars: usize,
}

/// A window into a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First row shown.
    pub offset: usize,
    /// Height in rows.
    pub rows: usize,
    /// Line of the screen on which it begins.
    pub top: usize,
    /// Lines of the row under the cursor that are above it and below it: a row may be taller.
    pub hidden: [usize; 2],
}

/// The smallest screen on which pages are drawn.
pub const LEAST: (u16, u16) = (24, 6);

/// Draws the model into an area.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Drawn {
    let mut canvas = Canvas::new(buffer, &model.theme, model.settings.ascii);
    canvas.clear(area);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!(
            "dualuse: {}x{} is too small, {}x{} is not",
            area.width, area.height, LEAST.0, LEAST.1
        );
        canvas.line(area, &[Piece::new(text, Role::Warning)]);
        return Drawn {
            screen: (area.width, area.height),
            ..Drawn::default()
        };
    }
    let (bar, rest) = cut_top(area, 1);
    bar::draw(model, bar, &mut canvas);
    let (rest, foot) = split_bottom(rest, 1);
    footer::draw(model, foot, &mut canvas);
    let (body, message) = split_bottom(rest, footer::message_height(model));
    let over = body;
    let prompt_cursor = footer::message(model, message, &mut canvas);
    let (chips, body) = cut_top(body, bar::chips_height(model));
    bar::chips(model, chips, &mut canvas);
    let page = match model.page() {
        Page::Alerts(page) => alerts::draw(model, page, body, &mut canvas),
        Page::Events(page) => events::draw(model, page, body, &mut canvas),
        Page::Processes(page) => processes::draw(model, page, body, &mut canvas),
        Page::Counts(page) => counts::draw(model, page, body, &mut canvas),
        Page::Alert(_) | Page::Event(_) | Page::Sources(_) | Page::Known(_) => {
            page::draw(model, body, &mut canvas)
        }
    };
    let mut drawn = Drawn {
        page,
        layer: None,
        cursor: prompt_cursor,
        screen: (area.width, area.height),
        is_strip_flat: page::is_strip_flat(model, body.width),
        bars: match model.page() {
            Page::Alerts(_) => alerts::bars(model, body),
            // keys typed ahead lead back to the list before it is drawn
            _ => model.data.bars,
        },
    };
    if let Some(layer) = model.layers.last() {
        layers::draw(model, layer, over, &mut canvas, &mut drawn);
    } else if !model.pressed.is_empty() {
        layers::which_key(model, over, &mut canvas);
    }
    drawn
}

/// Tells the model what was drawn where.
pub fn remember(model: &mut Model, drawn: Drawn) {
    let keep = |list: &mut super::model::List, window: Window| {
        list.offset = window.offset;
        list.rows = window.rows;
        list.top = window.top;
        list.hidden = window.hidden;
    };
    model.data.screen = drawn.screen;
    model.data.bars = drawn.bars;
    keep(model.walk.here_mut().list_mut(), drawn.page);
    if let Page::Alert(page) = model.walk.here_mut() {
        page.is_strip_flat = drawn.is_strip_flat;
    }
    if let (Some(list), Some(window)) = (
        model.layers.last_mut().and_then(Layer::list_mut),
        drawn.layer,
    ) {
        keep(list, window);
    }
}

/// Marks the text that is searched for in a row drawn already.
fn mark_matches(model: &Model, area: Rect, text: &str, canvas: &mut Canvas<'_>) {
    let Some(wanted) = model.sought.as_deref().filter(|wanted| !wanted.is_empty()) else {
        return;
    };
    let (text, wanted) = (text.to_lowercase(), wanted.to_lowercase());
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&wanted)) {
        let before =
            unicode_width::UnicodeWidthStr::width(text.get(..from + at).unwrap_or_default());
        let width = unicode_width::UnicodeWidthStr::width(wanted.as_str());
        let (Ok(before), Ok(width)) = (u16::try_from(before), u16::try_from(width)) else {
            return;
        };
        if before >= area.width {
            return;
        }
        let hit = Rect {
            x: area.x + before,
            width: width.min(area.width - before),
            ..area
        };
        canvas.patch(hit, Role::Match);
        from += at + wanted.len();
    }
}
