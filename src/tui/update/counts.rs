//! Counts of a column: opened from a list, turned to other columns, filtered by.

use std::time::Duration;

use super::open;
use crate::tui::message::Effect;
use crate::tui::model::{Counted, CountsPage, Model, Page, PageId, unwanted, wanted};

/// Opens the counts of the column under the cursor.
pub(super) fn open_counts(model: &mut Model) -> Vec<Effect> {
    let from = model.walk.id();
    let page = match model.page() {
        Page::Alerts(page) => {
            let column = CountsPage::column(page.column);
            CountsPage::of(from, Counted::Alerts(column), page.chips.clone())
        }
        Page::Events(page) => {
            let facet = CountsPage::facet(page.column);
            let counted = Counted::Events(page.subject.clone(), facet);
            CountsPage::of(from, counted, page.chips.clone())
        }
        _ => return Vec::new(),
    };
    open::push(model, Page::Counts(page))
}

/// Counts anew.
pub(super) fn fetch(model: &mut Model, id: PageId, pause: Duration) -> Vec<Effect> {
    let job = model.number();
    let data = &model.data;
    let Some(Page::Counts(page)) = model.walk.find_mut(id) else {
        return Vec::new();
    };
    match page.counted.clone() {
        Counted::Alerts(_) => {
            page.count_alerts(data);
            Vec::new()
        }
        Counted::Events(subject, facet) => {
            page.awaited = Some(job);
            vec![Effect::Count {
                page: id,
                job,
                filter: page.filter(),
                subject,
                facet,
                pause,
            }]
        }
    }
}

/// Turns to the next column, or the one before.
pub(super) fn turn(model: &mut Model, by: isize) -> Vec<Effect> {
    if let Page::Counts(page) = model.walk.here_mut() {
        page.turn(by);
        page.rows.clear();
    }
    let id = model.walk.id();
    fetch(model, id, Duration::ZERO)
}

/// Filters the list by the value under the cursor and goes back to it.
pub(super) fn keep_and_go(model: &mut Model) -> Vec<Effect> {
    let Page::Counts(page) = model.page() else {
        return Vec::new();
    };
    let Some(test) = page.here().and_then(|row| row.test.clone()) else {
        return Vec::new();
    };
    let effects = narrow(model, wanted(test));
    model.walk.back();
    effects
}

/// Keeps or drops the value under the cursor, here and on the list.
pub(super) fn keep_or_drop(model: &mut Model, keep: bool) -> Vec<Effect> {
    let Page::Counts(page) = model.page() else {
        return Vec::new();
    };
    let test = page.here().and_then(|row| row.test.clone());
    test.map_or_else(Vec::new, |test| {
        let term = if keep { wanted(test) } else { unwanted(test) };
        narrow(model, term)
    })
}

fn narrow(model: &mut Model, term: crate::timeline::query::Term) -> Vec<Effect> {
    open::change_chips(model, |chips| chips.add(term))
}

/// Gives the list the filters of its counts.
pub(super) fn share_chips(model: &mut Model) -> Vec<Effect> {
    let Page::Counts(page) = model.page() else {
        return Vec::new();
    };
    let (from, chips) = (page.from, page.chips.clone());
    let data = &model.data;
    match model.walk.find_mut(from) {
        Some(Page::Alerts(page)) => {
            let keep = page.keep(data).map(|alert| alert.id.clone());
            page.chips = chips;
            page.arrange(data, keep.as_deref());
            Vec::new()
        }
        Some(Page::Events(page)) => {
            page.keep = page.here(data).or(page.keep);
            page.chips = chips;
            open::fetch(model, from)
        }
        _ => Vec::new(),
    }
}
