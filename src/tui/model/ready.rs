//! When a command can be used: what the registry, and through it footer and help, asks.

use super::{Context, Layer, Model, Page, Subject};
use crate::tui::command::Ready;

pub(in crate::tui) fn always(_: &Model) -> Ready {
    Ready::Yes
}

fn context_has(model: &Model, has: impl Fn(&Context) -> bool) -> Ready {
    Ready::here(has(&model.context()))
}

pub(in crate::tui) fn alerts(model: &Model) -> Ready {
    if model.chosen_alerts().is_empty() {
        return Ready::Elsewhere;
    }
    match evidence(model) {
        Ready::Yes => case(model),
        not_yet => not_yet,
    }
}

/// Whether all evidence is there: what is decided or written down must rest on the whole of it.
fn evidence(model: &Model) -> Ready {
    let snapshot = &model.data.snapshot;
    Ready::when(
        snapshot.complete || snapshot.number == 0,
        "the evidence is still being read",
    )
}

pub(in crate::tui) fn case(model: &Model) -> Ready {
    match (&model.case.trouble, &model.case.path) {
        (Some(_), _) => Ready::No("the case file cannot be written"),
        (None, None) => Ready::No("the case file is not open yet"),
        (None, Some(_)) => Ready::Yes,
    }
}

/// A rule is made from a verdict that says "it was us", or changed on the page of rules.
pub(in crate::tui) fn know(model: &Model) -> Ready {
    use crate::case::Disposition;
    if matches!(model.page(), Page::Known(_)) {
        return rule(model);
    }
    let Some(id) = model.context().alert else {
        return Ready::Elsewhere;
    };
    let verdict = model.data.triage(&id).and_then(|triage| triage.disposition);
    let was_us = matches!(
        verdict,
        Some(Disposition::AdminAttributed | Disposition::AuthorisedTest)
    );
    match case(model) {
        Ready::Yes => Ready::when(
            was_us,
            "close the alert as admin-attributed or authorised-test first",
        ),
        other => other,
    }
}

/// The rule under the cursor, unless it is revoked already.
pub(in crate::tui) fn rule(model: &Model) -> Ready {
    let Page::Known(page) = model.page() else {
        return Ready::Elsewhere;
    };
    match page.rule(&model.data).map(|rule| &rule.standing) {
        Some(crate::case::Standing::InForce) => case(model),
        Some(_) => Ready::No("the rule is revoked"),
        None => Ready::No("there is no rule yet"),
    }
}

/// One alert at a time is asked about, and only while that is possible from where it stands.
pub(in crate::tui) fn ask(model: &Model) -> Ready {
    let Some(id) = model.context().alert else {
        return Ready::Elsewhere;
    };
    let offered = model
        .data
        .triage(&id)
        .is_some_and(|triage| crate::case::is_offered(crate::case::Transition::NeedsInfo, triage));
    match case(model) {
        Ready::Yes => Ready::when(offered, "the alert is closed; reopen it first"),
        other => other,
    }
}

pub(in crate::tui) fn rows(model: &Model) -> Ready {
    Ready::when(model.page().len(&model.data) > 0, "there are no rows")
}

pub(in crate::tui) fn marks(model: &Model) -> Ready {
    Ready::here(!model.data.marked.is_empty())
}

pub(in crate::tui) fn target(model: &Model) -> Ready {
    match model.page() {
        _ if model.page().target(&model.data).is_some() => Ready::Yes,
        Page::Alerts(page) => Ready::here(page.group_here().is_some()),
        Page::Counts(page) => Ready::when(
            page.here().is_some_and(|row| row.test.is_some()),
            "no filter says that",
        ),
        Page::Alert(_) | Page::Event(_) => Ready::No("nothing stands behind this line"),
        _ => Ready::Elsewhere,
    }
}

pub(in crate::tui) fn process(model: &Model) -> Ready {
    context_has(model, |context| context.process.is_some())
}

pub(in crate::tui) fn account(model: &Model) -> Ready {
    context_has(model, |context| context.account.is_some())
}

pub(in crate::tui) fn session(model: &Model) -> Ready {
    context_has(model, |context| context.session.is_some())
}

pub(in crate::tui) fn host(model: &Model) -> Ready {
    context_has(model, |context| context.host.is_some())
}

pub(in crate::tui) fn time(model: &Model) -> Ready {
    context_has(model, |context| context.time.is_some())
}

pub(in crate::tui) fn time_window(model: &Model) -> Ready {
    Ready::here(
        matches!(model.page(), Page::Events(page) if matches!(page.subject, Subject::Time { .. })),
    )
}

pub(in crate::tui) fn address(model: &Model) -> Ready {
    context_has(model, |context| context.address.is_some())
}

pub(in crate::tui) fn service(model: &Model) -> Ready {
    context_has(model, |context| context.service.is_some())
}

pub(in crate::tui) fn value(model: &Model) -> Ready {
    Ready::here(model.page().value_here(&model.data).is_some())
}

pub(in crate::tui) fn events(model: &Model) -> Ready {
    Ready::when(
        !model.data.timeline().is_empty(),
        "no events are loaded yet",
    )
}

pub(in crate::tui) fn alert_page(model: &Model) -> Ready {
    Ready::here(matches!(model.page(), Page::Alert(_)))
}

pub(in crate::tui) fn alert_list(model: &Model) -> Ready {
    Ready::here(matches!(model.page(), Page::Alerts(_)))
}

pub(in crate::tui) fn event_page(model: &Model) -> Ready {
    Ready::here(matches!(model.page(), Page::Event(_)))
}

pub(in crate::tui) fn back(model: &Model) -> Ready {
    Ready::here(model.walk.can_back())
}

pub(in crate::tui) fn forward(model: &Model) -> Ready {
    Ready::here(model.walk.can_forward())
}

pub(in crate::tui) fn sections(model: &Model) -> Ready {
    if matches!(model.page(), Page::Alerts(_)) {
        return timeline(model);
    }
    Ready::here(model.page().sections(&model.data).len() > 1)
}

pub(in crate::tui) fn found(model: &Model) -> Ready {
    Ready::here(model.sought.is_some())
}

/// Lists have columns whose values can be counted.
pub(in crate::tui) fn counts(model: &Model) -> Ready {
    match model.page() {
        Page::Alerts(_) | Page::Events(_) => rows(model),
        _ => Ready::Elsewhere,
    }
}

pub(in crate::tui) fn bookmark(model: &Model) -> Ready {
    Ready::here(super::bookmarks::place_here(model).is_some())
}

pub(in crate::tui) fn bookmarks(model: &Model) -> Ready {
    Ready::when(!model.data.bookmarks().is_empty(), "there are no bookmarks")
}

pub(in crate::tui) fn filters(model: &Model) -> Ready {
    Ready::here(model.page().chips().is_some())
}

pub(in crate::tui) fn narrow(model: &Model) -> Ready {
    Ready::here(model.page().test_here(&model.data).is_some())
}

pub(in crate::tui) fn chips(model: &Model) -> Ready {
    Ready::here(model.page().chips().is_some_and(|chips| !chips.is_empty()))
}

pub(in crate::tui) fn filter_bar(model: &Model) -> Ready {
    Ready::here(matches!(model.layers.last(), Some(Layer::Filters(_))))
}

/// Whether the bars of the timeline have room above the list.
pub(in crate::tui) fn timeline(model: &Model) -> Ready {
    match model.page() {
        Page::Alerts(page) if page.axis(&model.data, 1).is_some() => Ready::when(
            model.data.bars > 0,
            "the screen is too low for the timeline",
        ),
        _ => Ready::Elsewhere,
    }
}

pub(in crate::tui) fn bars(model: &Model) -> Ready {
    Ready::here(matches!(model.layers.last(), Some(Layer::Timeline(_))))
}

pub(in crate::tui) fn export(model: &Model) -> Ready {
    if model.data.alerts().is_empty() {
        return Ready::No("there are no alerts to export");
    }
    evidence(model)
}

pub(in crate::tui) fn record(model: &Model) -> Ready {
    let context = model.context();
    Ready::here(context.alert.is_some() || context.event.is_some())
}

pub(in crate::tui) fn zoom(model: &Model) -> Ready {
    match model.page() {
        Page::Alert(page) => Ready::when(
            page.section_here(&model.data).is_some(),
            "there is nothing here",
        ),
        _ => Ready::Elsewhere,
    }
}

pub(in crate::tui) fn wraps(model: &Model) -> Ready {
    Ready::here(matches!(
        model.page(),
        Page::Alert(_) | Page::Event(_) | Page::Sources(_) | Page::Known(_)
    ))
}

pub(in crate::tui) fn layer(model: &Model) -> Ready {
    Ready::here(!model.layers.is_empty())
}

pub(in crate::tui) fn notes(model: &Model) -> Ready {
    Ready::here(matches!(model.layers.last(), Some(Layer::Notes(_))))
}
