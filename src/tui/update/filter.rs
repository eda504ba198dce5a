//! Filters: written in a prompt that acts while one types, and changed one by one on their bar.

use std::ops::Range;
use std::time::Duration;

use super::{close_layer, counts, open};
use crate::timeline::query::{Filter, FilterError, Test, words};
use crate::tui::command::Command;
use crate::tui::message::Effect;
use crate::tui::model::layer::{Completion, Filtering, Prompt, PromptKind};
use crate::tui::model::{Chips, Counted, Layer, List, Model, Moved, Page, Rewrite};
use crate::tui::theme::Role;

/// How long a filter rests after a key before events are looked for.
const PAUSE: Duration = Duration::from_millis(120);

/// Opens the prompt with the filters that are to be written anew.
pub(super) fn open_prompt(model: &mut Model, which: Rewrite) -> Vec<Effect> {
    let data = &model.data;
    let chips = model.page().chips().cloned().unwrap_or_default();
    let mut text = chips.written(which);
    if !text.is_empty() && which == Rewrite::InForce {
        text.push(' ');
    }
    let (alert, event, list) = match model.page() {
        Page::Alerts(page) => (page.keep(data).map(|alert| alert.id.clone()), None, None),
        Page::Events(page) => {
            let saved = (data.snapshot.number, page.clone());
            (None, page.here(data).or(page.keep), Some(saved))
        }
        _ => (None, None, None),
    };
    let before = model.page().list().cursor;
    let completion = Completion::of(&text, text.len(), data);
    model.layers.push(Layer::Prompt(Prompt {
        kind: PromptKind::Filter,
        line: tui_input::Input::new(text),
        fault: None,
        before,
        filter: Some(Box::new(Filtering {
            which,
            chips,
            alert,
            event,
            list,
            completion,
        })),
    }));
    gather_names(model)
}

/// Asks for the names that occur in the evidence, unless they are there.
pub(super) fn gather_names(model: &mut Model) -> Vec<Effect> {
    if model.data.has_names() || model.data.timeline().is_empty() {
        return Vec::new();
    }
    vec![Effect::GatherNames]
}

/// There is a new snapshot: what was under the cursor is found again, and names are gathered anew.
pub(super) fn anew(model: &mut Model, moved: Moved<'_>) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let Some(filter) = &mut prompt.filter else {
        return Vec::new();
    };
    filter.event = filter.event.and_then(|event| moved.event(event));
    filter.alert = filter.alert.take().and_then(|id| moved.alert(&id));
    gather_names(model)
}

/// The line changed: what can be read of it acts, what cannot is named at its place.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    let data = &model.data;
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let (text, cursor) = (prompt.line.value().to_owned(), byte_cursor(&prompt.line));
    if let Some(filter) = &mut prompt.filter {
        filter.completion = Completion::of(&text, cursor, data);
    }
    act(model, &text)
}

/// Names are there now: the word being typed may become one of them.
pub(super) fn renew_choices(model: &mut Model) {
    let data = &model.data;
    if let Some(Layer::Prompt(prompt)) = model.layers.last_mut() {
        let cursor = byte_cursor(&prompt.line);
        if let Some(filter) = &mut prompt.filter
            && filter.completion.at.is_none()
        {
            filter.completion = Completion::of(prompt.line.value(), cursor, data);
        }
    }
}

/// Lets the text of the prompt act on the page.
fn act(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some((unfinished, chips, which)) = filtering(model).map(|filter| {
        let unfinished = filter.completion.is_unfinished();
        let place = unfinished.then(|| filter.completion.place());
        (place, filter.chips.clone(), filter.which)
    }) else {
        return Vec::new();
    };
    let (filter, fault) = read_what_can_be(model, without(text, unfinished));
    if let Some(Layer::Prompt(prompt)) = model.layers.last_mut() {
        prompt.fault = fault;
    }
    put(model, chips.rewritten(which, filter), PAUSE)
}

/// The words of a filter that can be read, and what is wrong with the first of the others.
fn read_what_can_be(model: &Model, mut text: String) -> (Filter, Option<FilterError>) {
    let mut first = None;
    loop {
        match read(model, &text) {
            Ok(filter) => return (filter, first),
            Err(error) => {
                text = without(&text, Some(error.at..error.at + error.len.max(1)));
                first.get_or_insert(error);
                if text.trim().is_empty() {
                    return (Filter::default(), first);
                }
            }
        }
    }
}

fn filtering(model: &Model) -> Option<&Filtering> {
    match model.layers.last() {
        Some(Layer::Prompt(prompt)) => prompt.filter.as_deref(),
        _ => None,
    }
}

/// Reads a filter for the page one is on.
fn read(model: &Model, text: &str) -> Result<Filter, FilterError> {
    let filter = Filter::parse(text)?;
    let of_alerts = match model.page() {
        Page::Alerts(_) => true,
        Page::Counts(page) => matches!(page.counted, Counted::Alerts(_)),
        _ => false,
    };
    if !of_alerts {
        let mut terms = filter.terms.iter().zip(words(text));
        let alerts_only = terms.find(|(term, _)| matches!(term.test, Test::Alert(..)));
        if let Some((term, (at, word))) = alerts_only {
            return Err(FilterError {
                at,
                len: word.len(),
                message: format!("`{}` is known of alerts only, not of events", term.written),
            });
        }
    }
    Ok(filter)
}

/// The text with blanks in place of a part, so that what follows keeps its place.
fn without(text: &str, part: Option<Range<usize>>) -> String {
    let mut text = text.to_owned();
    match part {
        Some(part) if text.get(part.clone()).is_some() => {
            let blanks = " ".repeat(part.len());
            text.replace_range(part, &blanks);
        }
        // never met: places of words lie between characters
        Some(_) => text.clear(),
        None => {}
    }
    text
}

/// Puts filters in force. The cursor goes back to what it was on before the prompt, where that is
/// shown.
fn put(model: &mut Model, chips: Chips, pause: Duration) -> Vec<Effect> {
    if model.page().chips() == Some(&chips) {
        return Vec::new();
    }
    let before = filtering(model).map(|filter| (filter.alert.clone(), filter.event));
    let (alert, event) = before.unwrap_or_default();
    let id = model.walk.id();
    let data = &model.data;
    match model.walk.here_mut() {
        Page::Alerts(page) => {
            page.chips = chips;
            page.arrange(data, alert.as_deref());
            Vec::new()
        }
        Page::Events(page) => {
            page.chips = chips;
            page.keep = event.or(page.keep);
            open::fetch_after(model, id, pause)
        }
        Page::Counts(page) => {
            page.chips = chips;
            let mut effects = open::fetch_after(model, id, pause);
            effects.extend(counts::share_chips(model));
            effects
        }
        _ => Vec::new(),
    }
}

/// Puts the next choice for the word at the cursor into the line, or the one before.
pub(super) fn complete(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last_mut() else {
        return Vec::new();
    };
    let Some((place, word)) = prompt
        .filter
        .as_mut()
        .and_then(|filter| filter.completion.turn(forward))
    else {
        return Vec::new();
    };
    let mut text = prompt.line.value().to_owned();
    if text.get(place.clone()).is_none() {
        return Vec::new();
    }
    text.replace_range(place.clone(), &word);
    let cursor = text
        .get(..place.start + word.len())
        .map_or(0, |before| before.chars().count());
    prompt.line = tui_input::Input::new(text.clone()).with_cursor(cursor);
    // a key alone is no wish yet
    if word.ends_with(':') {
        prompt.fault = None;
        return Vec::new();
    }
    act(model, &text)
}

/// Takes the filter as it stands; one that cannot be read stays in the prompt.
pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Prompt(prompt)) = model.layers.last() else {
        return Vec::new();
    };
    let text = prompt.line.value().to_owned();
    match read(model, &text) {
        Ok(filter) => {
            let Some(chips) =
                filtering(model).map(|before| before.chips.rewritten(before.which, filter))
            else {
                return Vec::new();
            };
            let mut effects = put(model, chips, Duration::ZERO);
            if effects.is_empty() {
                // what was typed last still rests
                effects.push(Effect::Hurry(model.walk.id()));
            }
            close_layer(model);
            effects
        }
        Err(error) => {
            if let Some(Layer::Prompt(prompt)) = model.layers.last_mut() {
                prompt.fault = Some(error);
            }
            Vec::new()
        }
    }
}

/// Takes the prompt back: filters, list and cursor are as they were before it.
pub(super) fn cancel(model: &mut Model, before: Filtering) -> Vec<Effect> {
    let id = model.walk.id();
    let data = &model.data;
    match model.walk.here_mut() {
        Page::Alerts(page) => {
            page.chips = before.chips;
            page.arrange(data, before.alert.as_deref());
            Vec::new()
        }
        Page::Events(page) => match before.list {
            Some((number, list)) if number == data.snapshot.number && list.awaited.is_none() => {
                *page = list;
                vec![Effect::StopQuery(id)]
            }
            _ => {
                page.chips = before.chips;
                page.keep = before.event;
                open::fetch(model, id)
            }
        },
        Page::Counts(_) => open::change_chips(model, |chips| *chips = before.chips),
        _ => Vec::new(),
    }
}

/// Goes to the bar of filters.
pub(super) fn open_bar(model: &mut Model) {
    let last = model.page().chips().map_or(0, Chips::len);
    model
        .layers
        .push(Layer::Filters(List::at(last.saturating_sub(1))));
}

/// A command on the bar of filters.
pub(super) fn on_bar(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(Layer::Filters(list)) = model.layers.last() else {
        return Vec::new();
    };
    let place = list.cursor;
    let effects = match command {
        Command::ToggleFilter => open::change_chips(model, |chips| chips.toggle(place)),
        Command::NegateFilter => open::change_chips(model, |chips| chips.negate(place)),
        Command::RemoveFilter => open::change_chips(model, |chips| chips.remove(place)),
        Command::EditFilter => {
            close_layer(model);
            return open_prompt(model, Rewrite::One(place));
        }
        _ => Vec::new(),
    };
    let left = model.page().chips().map_or(0, Chips::len);
    match model.layers.last_mut() {
        Some(Layer::Filters(_)) if left == 0 => {
            close_layer(model);
            model.say(Role::Good, "no filter is left");
        }
        Some(Layer::Filters(list)) => list.clamp(left),
        _ => {}
    }
    effects
}

/// The cursor of a line in bytes.
fn byte_cursor(line: &tui_input::Input) -> usize {
    let text = line.value();
    text.char_indices()
        .nth(line.cursor())
        .map_or(text.len(), |(at, _)| at)
}
