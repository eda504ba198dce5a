//! Opening pages, and asking for what they need.

use std::time::Duration;

use super::counts;
use crate::tui::message::Effect;
use crate::tui::model::{
    AlertPage, Chips, EventPage, EventsPage, Found, KnownPage, Model, Page, PageId, ProcessesPage,
    Selection, SourcesPage, Subject, Target,
};
use crate::tui::theme::Role;

/// Opens what a target names.
pub(super) fn target(model: &mut Model, target: Target) -> Vec<Effect> {
    match target {
        Target::Alert(id) => push(model, Page::Alert(AlertPage::of(id))),
        Target::Event(index) => {
            // the page of the event itself is where one is already
            if matches!(model.page(), Page::Event(page) if page.index == index) {
                return Vec::new();
            }
            push(model, Page::Event(EventPage::of(index)))
        }
        Target::Process(event) => match model.data.process_of(event) {
            Some(process) => push(
                model,
                Page::Processes(ProcessesPage::around(process, &model.data)),
            ),
            None => {
                model.say(Role::Warning, "the process is not in the logs");
                Vec::new()
            }
        },
        Target::Subject(subject) => {
            let mut page = EventsPage::about(subject);
            page.keep = model.context().event;
            push(model, Page::Events(page))
        }
        Target::Note(id) => {
            super::notes::change(model, &id);
            Vec::new()
        }
        Target::Known => push(model, Page::Known(KnownPage::default())),
        Target::Sources => {
            let mut page = SourcesPage::default();
            page.watch(&model.loading);
            push(model, Page::Sources(page))
        }
    }
}

pub(super) fn push(model: &mut Model, page: Page) -> Vec<Effect> {
    let id = PageId(model.number());
    model.walk.push(id, page);
    model.hint = false;
    fetch(model, id)
}

/// Asks for what a page shows and does not have yet.
pub(super) fn fetch(model: &mut Model, id: PageId) -> Vec<Effect> {
    fetch_after(model, id, Duration::ZERO)
}

/// Like [`fetch`], unless something newer is asked for within a pause.
pub(super) fn fetch_after(model: &mut Model, id: PageId, pause: Duration) -> Vec<Effect> {
    let job = model.number();
    match model.walk.find_mut(id) {
        Some(Page::Events(page)) => {
            let (filter, subject) = (page.filter(), page.subject.clone());
            if filter.terms.is_empty() && subject == Subject::All {
                // everything needs no search: a key pressed at once acts on it already
                let everything = Found {
                    events: Selection::All,
                    profile: Some(Vec::new()),
                    is_whole: true,
                };
                page.take(everything, &model.data);
                return vec![Effect::StopQuery(id)];
            }
            page.awaited = Some(job);
            vec![Effect::Query {
                page: id,
                job,
                filter,
                subject,
                near: page.keep,
                pause,
            }]
        }
        Some(Page::Counts(_)) => counts::fetch(model, id, pause),
        Some(Page::Event(page)) if page.record.is_none() => vec![Effect::Read {
            page: id,
            event: page.index,
        }],
        _ => Vec::new(),
    }
}

/// Changes the filters of the page and lets them act; the cursor stays on its row if it can.
pub(super) fn change_chips(model: &mut Model, change: impl FnOnce(&mut Chips)) -> Vec<Effect> {
    let id = model.walk.id();
    let data = &model.data;
    match model.walk.here_mut() {
        Page::Alerts(page) => {
            let keep = page.keep(data).map(|alert| alert.id.clone());
            change(&mut page.chips);
            page.arrange(data, keep.as_deref());
            Vec::new()
        }
        Page::Events(page) => {
            page.keep = page.here(data).or(page.keep);
            change(&mut page.chips);
            fetch(model, id)
        }
        Page::Counts(page) => {
            change(&mut page.chips);
            let mut effects = fetch(model, id);
            effects.extend(counts::share_chips(model));
            effects
        }
        _ => Vec::new(),
    }
}

/// The next alert of the list, or the one before, in place of the one shown.
pub(super) fn neighbour(model: &mut Model, by: isize) -> Vec<Effect> {
    let Page::Alert(here) = model.page() else {
        return Vec::new();
    };
    let id = here.id.clone();
    let data = &model.data;
    let Some(list) = model.walk.alerts_mut() else {
        return Vec::new();
    };
    let id_at = |place: &usize| data.alerts().get(*place).map(|alert| alert.id.clone());
    let order = list.order();
    let here = order
        .iter()
        .position(|place| id_at(place).as_ref() == Some(&id));
    let next = here
        .map_or(0, |here| here.saturating_add_signed(by))
        .min(order.len().saturating_sub(1));
    let next = order.get(next).and_then(id_at).filter(|next| *next != id);
    match next {
        Some(next) => {
            if let Some(row) = list.row_of(&next, data) {
                list.list.cursor = row;
            }
            if let Page::Alert(page) = model.walk.here_mut() {
                *page = AlertPage::of(next);
            }
        }
        None => model.say(
            Role::Dim,
            if by > 0 {
                "this is the last alert"
            } else {
                "this is the first alert"
            },
        ),
    }
    Vec::new()
}

/// Doubles or halves a time window.
pub(super) fn reach(model: &mut Model, wider: bool) -> Vec<Effect> {
    let id = model.walk.id();
    let data = &model.data;
    if let Page::Events(page) = model.walk.here_mut()
        && let Subject::Time { reach, .. } = &mut page.subject
    {
        let next = if wider {
            reach.saturating_mul(2)
        } else {
            *reach / 2
        };
        let least = std::time::Duration::from_secs(1);
        let most = std::time::Duration::from_secs(366 * 86_400);
        *reach = next.clamp(least, most);
        page.keep = page.here(data).or(page.keep);
        return fetch(model, id);
    }
    Vec::new()
}

/// Goes back to the list that a page was opened from; where that is none of events, opens the list
/// of all events. An alert's own page came from the list of alerts.
pub(super) fn list(model: &mut Model) -> Vec<Effect> {
    let of_alert = matches!(model.page(), Page::Alert(_));
    let fits = |page: &Page| match page {
        Page::Alerts(_) => of_alert,
        Page::Events(_) => !of_alert,
        _ => false,
    };
    let (crumbs, _) = model.walk.crumbs();
    let pages: Vec<bool> = crumbs.map(fits).collect();
    match pages.iter().rposition(|fits| *fits) {
        Some(place) => {
            for _ in place + 1..pages.len() {
                model.walk.back();
            }
            Vec::new()
        }
        None => target(model, Target::Subject(Subject::All)),
    }
}
