//! Going on where the case was left.

use super::open;
use crate::tui::message::Effect;
use crate::tui::model::{
    AlertColumn, AlertPage, EventPage, EventsPage, KnownPage, Model, Page, PageId, ProcessesPage,
    SourcesPage, Target,
};
use crate::tui::session::{Bookmark, Line, Session, Visited, chips, event_column};
use crate::tui::theme::Role;

/// Sets order and filters of the list at once; cursor, marks and pages follow when all evidence is
/// there.
pub fn begin(model: &mut Model, session: Session) {
    if let Some(list) = model.walk.alerts_mut() {
        let stored = &session.alerts;
        list.column = column(&stored.column).unwrap_or(list.column);
        list.sort = column(&stored.sort).unwrap_or(list.sort);
        (list.reverse, list.is_grouped) = (stored.reverse, stored.grouped);
        list.chips = chips(&stored.filters);
        list.span = stored.span;
    }
    model.session = Some(Box::new(session));
}

/// Goes on with cursor, marks and pages, unless the analyst went on meanwhile.
pub(super) fn pages(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session.take() else {
        return Vec::new();
    };
    if model.touched {
        return Vec::new();
    }
    let known = |id: &String| model.data.alert(id).is_some();
    let marked: Vec<String> = session.marked.into_iter().filter(known).collect();
    model.data.marked.extend(marked);
    for place in &session.bookmarks {
        let target = match place {
            Bookmark::Alert(id) => model.data.alert(id).map(|_| Target::Alert(id.clone())),
            Bookmark::Event(name) => model.data.timeline().find(name).map(Target::Event),
        };
        if let Some(target) = target.filter(|target| !model.data.is_bookmarked(target)) {
            model.data.turn_bookmark(target);
        }
    }
    let data = &model.data;
    if let Some(list) = model.walk.alerts_mut() {
        list.arrange(data, session.alerts.here.as_deref());
    }
    let (mut pages, mut at, mut lost) = (Vec::new(), 0, 0);
    for (place, visited) in session.pages.iter().enumerate() {
        match page(model, visited) {
            Some(page) => {
                pages.push((PageId(model.number()), page));
                at += usize::from(place < session.at);
            }
            None => lost += 1,
        }
    }
    let ids: Vec<PageId> = pages.iter().map(|(id, _)| *id).collect();
    let anything = !ids.is_empty() || !session.alerts.filters.is_empty();
    model.walk.restore(pages, at);
    model.hint &= ids.is_empty();
    if lost > 0 {
        let text = format!("{lost} of the pages you had open are not in this evidence any more");
        model.say(Role::Warning, text);
    } else if anything {
        model.say(Role::Dim, "as you left it; --fresh starts anew");
    }
    ids.into_iter()
        .flat_map(|id| open::fetch(model, id))
        .collect()
}

fn column(name: &str) -> Option<AlertColumn> {
    let mut columns = AlertColumn::ALL.into_iter();
    columns.find(|column| column.name() == name)
}

/// A page as it was left; `None` when what it was about is not there.
fn page(model: &Model, visited: &Visited) -> Option<Page> {
    let data = &model.data;
    let mut page = match visited {
        Visited::Alert { id, .. } => {
            data.alert(id)?;
            Page::Alert(AlertPage::of(id.clone()))
        }
        Visited::Events {
            subject,
            filters,
            column,
            scroll,
            here,
        } => {
            let mut page = EventsPage::about(subject.subject()?);
            page.chips = chips(filters);
            (page.column, page.scroll) = (event_column(column), *scroll);
            page.keep = here.as_ref().and_then(|name| data.timeline().find(name));
            Page::Events(page)
        }
        Visited::Event { event, xml, row } => {
            let mut page = EventPage::of(data.timeline().find(event)?);
            (page.xml, page.keep) = (*xml, Some(*row));
            Page::Event(page)
        }
        Visited::Processes {
            process,
            here,
            turned,
        } => {
            let mut page = ProcessesPage::around(process.find(data)?, data);
            let turned = turned.iter();
            page.turn(
                turned.filter_map(|branch| Some((branch.process.find(data)?, branch.open))),
                data,
            );
            page.stay_on(here.as_ref().and_then(|name| name.find(data)));
            Page::Processes(page)
        }
        Visited::Sources { .. } => Page::Sources(SourcesPage::default()),
        Visited::Rules { .. } => Page::Known(KnownPage::default()),
    };
    let line = match visited {
        Visited::Alert { here, .. } | Visited::Sources { here } | Visited::Rules { here } => here,
        _ => &None,
    };
    put_on(&mut page, line.as_ref(), model);
    Some(page)
}

/// Puts the cursor of a page of text on a line.
fn put_on(page: &mut Page, line: Option<&Line>, model: &Model) {
    let items = page.items(&model.data);
    let row = line.zip(items).and_then(|(line, items)| line.find(&items));
    if let Some(row) = row {
        page.list_mut().cursor = row;
    }
}
