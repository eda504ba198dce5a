//! The bars above the list of alerts: walked along, zoomed, and filtered by.

use super::{close_layer, open};
use crate::event::Time;
use crate::timeline::query::Test;
use crate::tui::command::Command;
use crate::tui::message::Effect;
use crate::tui::model::{Axis, BarCursor, Chips, Layer, Model, Page, wanted};

/// Gives the keys to the bars; the cursor begins at the alert of the list.
pub(super) fn open_bars(model: &mut Model) {
    let Some(axis) = axis(model) else { return };
    let Page::Alerts(page) = model.page() else {
        return;
    };
    let first = page.keep(&model.data).map(|alert| alert.first_time);
    let at = first.unwrap_or(axis.from);
    model
        .layers
        .push(Layer::Timeline(BarCursor { at, mark: None }));
}

fn axis(model: &Model) -> Option<Axis> {
    let Page::Alerts(page) = model.page() else {
        return None;
    };
    page.axis(&model.data, model.data.bars)
}

fn cursor(model: &mut Model) -> Option<&mut BarCursor> {
    match model.layers.last_mut() {
        Some(Layer::Timeline(cursor)) => Some(cursor),
        _ => None,
    }
}

/// Moves along the bars.
pub(super) fn step(model: &mut Model, by: isize) {
    let Some(axis) = axis(model) else { return };
    let last = axis.bars.saturating_sub(1);
    if let Some(cursor) = cursor(model) {
        let bar = axis.nearest(cursor.at).saturating_add_signed(by).min(last);
        cursor.at = axis.stretch(bar).0;
    }
}

/// A command while the bars have the keys.
pub(super) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::MarkBar => {
            if let Some(cursor) = cursor(model) {
                cursor.mark = match cursor.mark {
                    None => Some(cursor.at),
                    Some(_) => None,
                };
            }
        }
        Command::ZoomIn | Command::ZoomOut => zoom(model, command == Command::ZoomOut),
        Command::FilterBars => {
            let Some((from, to)) = stretch(model) else {
                return Vec::new();
            };
            close_layer(model);
            return open::change_chips(model, |chips| during(chips, from, to));
        }
        _ => {}
    }
    Vec::new()
}

/// The stretch that the cursor stands for.
fn stretch(model: &mut Model) -> Option<(Time, Time)> {
    let axis = axis(model)?;
    let cursor = *cursor(model)?;
    let here = axis.nearest(cursor.at);
    let begun = cursor.mark.map_or(here, |mark| axis.nearest(mark));
    let (first, last) = (here.min(begun), here.max(begun));
    Some((axis.stretch(first).0, axis.stretch(last).1))
}

/// Filters by a stretch of time, in place of the one before.
fn during(chips: &mut Chips, from: Time, to: Time) {
    let is_stretch = |chip: &crate::tui::model::Chip| {
        matches!(chip.term.test, Test::During(..)) && !chip.term.negated
    };
    let before = chips.iter().position(is_stretch);
    if let Some(place) = before {
        chips.remove(place);
    }
    chips.add(wanted(Test::During(from, to)));
}

fn zoom(model: &mut Model, wider: bool) {
    let Some(around) = cursor(model).map(|cursor| cursor.at) else {
        return;
    };
    let data = &model.data;
    let Page::Alerts(page) = model.walk.here_mut() else {
        return;
    };
    if !page.zoom_bars(around, wider, data) {
        let word = if wider {
            "this is the whole timeline"
        } else {
            "bars cover a second at least"
        };
        model.say(crate::tui::theme::Role::Dim, word);
    }
}
