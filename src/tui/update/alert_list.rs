//! The list of alerts: sorted, gathered into groups, marked.

use super::command::step;
use crate::investigate::Severity;
use crate::tui::command::Command;
use crate::tui::model::{AlertColumn, AlertsPage, Data, Model, Page, Step};
use crate::tui::theme::Role;

/// To the next row of high or critical severity, or the one before.
pub(super) fn severe(model: &mut Model, down: bool) {
    let data = &model.data;
    let Some(page) = model.walk.alerts() else {
        return;
    };
    let is_severe = |row: &usize| {
        page.severity(*row, data)
            .is_some_and(|severity| severity >= Severity::High)
    };
    let cursor = page.list.cursor;
    let row = if down {
        (cursor + 1..page.rows().len()).find(is_severe)
    } else {
        (0..cursor).rev().find(is_severe)
    };
    match (row, model.walk.alerts_mut()) {
        (Some(row), Some(page)) => page.list.cursor = row,
        _ => model.say(Role::Dim, "no further alert of high severity"),
    }
}

/// Sorts by a column; once more by the same turns the order round.
pub(super) fn sort(model: &mut Model, command: Command) {
    let column = match command {
        Command::SortTime => AlertColumn::Time,
        Command::SortTool => AlertColumn::Tool,
        Command::SortHost => AlertColumn::Host,
        Command::SortWho => AlertColumn::Who,
        Command::SortFrom => AlertColumn::From,
        Command::SortRan => AlertColumn::Ran,
        Command::SortVerdict => AlertColumn::Verdict,
        _ => AlertColumn::Severity,
    };
    rearrange(model, |page| {
        page.reverse = page.sort == column && !page.reverse;
        page.sort = column;
        page.column = column;
    });
    model.say(Role::Good, format!("sorted by {}", column.title()));
}

/// Gathers the alerts into groups, or shows a line for each again.
pub(super) fn group(model: &mut Model) {
    rearrange(model, |page| page.is_grouped = !page.is_grouped);
    let Some(page) = model.walk.alerts() else {
        return;
    };
    let word = match (page.is_grouped, page.rows().len()) {
        (false, rows) => format!("one line for each of {rows} alerts"),
        (true, rows) if rows == page.order().len() => {
            "no two alerts share tool, account and source".to_owned()
        }
        (true, rows) => format!(
            "{} alerts on {rows} lines: one tool, account and source share a line",
            page.order().len()
        ),
    };
    model.say(Role::Good, word);
}

/// Changes the list of alerts and puts it in order anew, the cursor on the same alert.
pub(super) fn rearrange(model: &mut Model, change: impl FnOnce(&mut AlertsPage)) {
    let data = &model.data;
    if let Some(page) = model.walk.alerts_mut() {
        let keep = page.keep(data).map(|alert| alert.id.clone());
        change(page);
        page.arrange(data, keep.as_deref());
    }
}

/// Marks the row, or takes its marks away when all of it is marked.
pub(super) fn mark(model: &mut Model) {
    let ids = match model.page() {
        Page::Alerts(page) => ids_at(page, page.list.cursor, &model.data),
        _ => model.context().alert.into_iter().collect(),
    };
    if ids.is_empty() {
        model.say(Role::Dim, "alerts are marked, on their list or page");
        return;
    }
    let marked = &mut model.data.marked;
    if ids.iter().all(|id| marked.contains(id)) {
        marked.retain(|id| !ids.contains(id));
    } else {
        marked.extend(ids);
    }
    if matches!(model.page(), Page::Alerts(_)) {
        step(model, Step::By(1));
    }
}

/// Marks every alert between the nearest marked one above and the cursor.
pub(super) fn mark_range(model: &mut Model) {
    let Page::Alerts(page) = model.page() else {
        return;
    };
    let data = &model.data;
    let is_marked = |row: &usize| {
        let mut ids = ids_at(page, *row, data).into_iter();
        ids.any(|id| data.marked.contains(&id))
    };
    let cursor = page.list.cursor;
    let from = (0..cursor).rev().find(is_marked).unwrap_or(cursor);
    let ids: Vec<String> = (from..=cursor)
        .flat_map(|row| ids_at(page, row, data))
        .collect();
    model.data.marked.extend(ids);
}

/// The alerts of a row, by id.
fn ids_at(page: &AlertsPage, row: usize, data: &Data) -> Vec<String> {
    let alerts = page.alerts_at(row, data);
    alerts.iter().map(|alert| alert.id.clone()).collect()
}
