//! A page: one of the views that can be walked to.

use std::rc::Rc;

use super::{
    AlertColumn, AlertPage, AlertsPage, Chips, CountsPage, Data, EventPage, EventsPage, Item,
    KnownPage, List, ProcessesPage, SourcesPage, Subject, Target,
};
use crate::timeline::EventIndex;

/// Names a page for as long as the program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub u64);

/// One view with its cursor and filters.
#[derive(Debug)]
pub enum Page {
    /// All alerts.
    Alerts(AlertsPage),
    /// One alert.
    Alert(AlertPage),
    /// Events of a subject.
    Events(EventsPage),
    /// One event in full.
    Event(EventPage),
    /// A process tree.
    Processes(ProcessesPage),
    /// What was read.
    Sources(SourcesPage),
    /// Rules about known activity.
    Known(KnownPage),
    /// How often each value of a column occurs.
    Counts(CountsPage),
}

/// Where the cursor stands, for a message such as `12/340`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Row, counted from 1; 0 when there is none.
    pub row: usize,
    /// How many rows there are.
    pub of: usize,
    /// How many rows filters hide.
    pub hidden: usize,
}

impl Page {
    /// What kind of page it is, and of what, for breadcrumbs.
    pub fn title(&self, data: &Data) -> (&'static str, String) {
        match self {
            Page::Alerts(_) => ("alerts", String::new()),
            Page::Alert(page) => {
                let host = data
                    .alert(&page.id)
                    .map(|alert| format!("{} on {}", alert.tool, super::short_host(&alert.host)));
                ("alert", host.unwrap_or_else(|| page.id.clone()))
            }
            Page::Events(page) => page.subject.title(),
            Page::Event(page) => ("event", page.title(data)),
            Page::Processes(page) => ("processes", page.title(data)),
            Page::Sources(_) => ("sources", String::new()),
            Page::Known(_) => ("known activity", String::new()),
            Page::Counts(page) => {
                let (names, here) = page.columns();
                (
                    "counts by",
                    names.get(here).copied().unwrap_or_default().to_owned(),
                )
            }
        }
    }

    /// How many rows the cursor can be on.
    pub fn len(&self, data: &Data) -> usize {
        match self {
            Page::Alerts(page) => page.rows().len(),
            Page::Alert(page) => page.items(data).len(),
            Page::Events(page) => page.events.len(data),
            Page::Event(page) => page.items(data).len(),
            Page::Processes(page) => page.rows().len(),
            Page::Sources(page) => page.items(data).len(),
            Page::Known(page) => page.items(data).len(),
            Page::Counts(page) => page.rows.len(),
        }
    }

    /// Its cursor.
    pub fn list(&self) -> &List {
        match self {
            Page::Alerts(page) => &page.list,
            Page::Alert(page) => &page.list,
            Page::Events(page) => &page.list,
            Page::Event(page) => &page.list,
            Page::Processes(page) => &page.list,
            Page::Sources(page) => &page.list,
            Page::Known(page) => &page.list,
            Page::Counts(page) => &page.list,
        }
    }

    /// Its cursor, to change.
    pub fn list_mut(&mut self) -> &mut List {
        match self {
            Page::Alerts(page) => &mut page.list,
            Page::Alert(page) => &mut page.list,
            Page::Events(page) => &mut page.list,
            Page::Event(page) => &mut page.list,
            Page::Processes(page) => &mut page.list,
            Page::Sources(page) => &mut page.list,
            Page::Known(page) => &mut page.list,
            Page::Counts(page) => &mut page.list,
        }
    }

    /// Its filters, on pages that have any.
    pub fn chips(&self) -> Option<&Chips> {
        match self {
            Page::Alerts(page) => Some(&page.chips),
            Page::Events(page) => Some(&page.chips),
            Page::Counts(page) => Some(&page.chips),
            _ => None,
        }
    }

    /// Where the cursor stands.
    pub fn place(&self, data: &Data) -> Place {
        let of = self.len(data);
        let hidden = match self {
            Page::Alerts(page) => page.hidden(data),
            Page::Events(page) if !page.chips.is_empty() || page.subject != Subject::All => {
                page.hidden(data)
            }
            _ => 0,
        };
        Place {
            row: if of == 0 {
                0
            } else {
                self.list().cursor.min(of - 1) + 1
            },
            of,
            hidden,
        }
    }

    /// Where Enter leads.
    pub fn target(&self, data: &Data) -> Option<Target> {
        match self {
            Page::Alerts(page) => page.here(data).map(|alert| Target::Alert(alert.id.clone())),
            Page::Alert(_) | Page::Event(_) | Page::Known(_) => self.item(data)?.target,
            Page::Events(page) => page.here(data).map(Target::Event),
            Page::Processes(page) => page.here(data).map(Target::Event),
            Page::Sources(_) | Page::Counts(_) => None,
        }
    }

    /// The alert it is about, or that is under the cursor.
    pub fn alert_id<'p>(&'p self, data: &'p Data) -> Option<&'p str> {
        match self {
            Page::Alerts(page) => page.here(data).map(|alert| alert.id.as_str()),
            Page::Alert(page) => Some(&page.id),
            _ => None,
        }
    }

    /// The event it is about, or that is under the cursor.
    pub fn event(&self, data: &Data) -> Option<EventIndex> {
        match self {
            Page::Events(page) => page.here(data),
            Page::Event(page) => Some(page.index),
            Page::Processes(page) => page.here(data),
            Page::Alerts(_)
            | Page::Alert(_)
            | Page::Sources(_)
            | Page::Known(_)
            | Page::Counts(_) => None,
        }
    }

    /// The lines of a page of text.
    pub fn items(&self, data: &Data) -> Option<Rc<[Item]>> {
        Some(match self {
            Page::Alert(page) => page.items(data),
            Page::Event(page) => page.items(data),
            Page::Sources(page) => page.items(data),
            Page::Known(page) => page.items(data),
            Page::Alerts(_) | Page::Events(_) | Page::Processes(_) | Page::Counts(_) => {
                return None;
            }
        })
    }

    /// The line of a page of text that the cursor is on.
    pub fn item(&self, data: &Data) -> Option<Item> {
        self.items(data)?.get(self.list().cursor).cloned()
    }

    /// The value under the cursor.
    pub fn cell(&self, data: &Data) -> Option<String> {
        match self {
            Page::Alerts(page) => (page.list.cursor < page.rows().len())
                .then(|| page.value(page.list.cursor, page.column, data)),
            Page::Events(page) => page.here(data).map(|event| page.column.value(event, data)),
            Page::Processes(page) => page.cell(data),
            Page::Counts(page) => page.here().map(|row| row.value.clone()),
            Page::Alert(_) | Page::Event(_) | Page::Sources(_) | Page::Known(_) => {
                self.item(data).map(|item| item.value)
            }
        }
    }

    /// The text of a row, for finding and copying. Not for lists of events, which are searched by
    /// a worker.
    pub fn text(&self, row: usize, data: &Data) -> Option<String> {
        match self {
            Page::Alerts(page) => {
                page.rows().get(row)?;
                let line = |of: &dyn Fn(AlertColumn) -> String| AlertColumn::ALL.map(of).join("  ");
                let mut text = line(&|column| page.value(row, column, data));
                // what a closed group holds is found at its line
                if page.group(row).is_some_and(|group| !page.is_open(group)) {
                    for alert in page.alerts_at(row, data) {
                        text.push('\n');
                        text.push_str(&line(&|column| column.value(alert, data)));
                    }
                }
                Some(text)
            }
            Page::Alert(_) | Page::Event(_) | Page::Sources(_) | Page::Known(_) => {
                self.items(data)?.get(row).map(Item::text)
            }
            Page::Events(page) => {
                let event = page.events.get(row, data)?;
                Some(
                    super::EventColumn::ALL
                        .map(|column| column.value(event, data))
                        .join("  "),
                )
            }
            Page::Processes(page) => page.text(row, data),
            Page::Counts(page) => page.text(row),
        }
    }

    /// The rows at which sections of the page begin.
    pub fn sections(&self, data: &Data) -> Vec<usize> {
        let Some(items) = self.items(data) else {
            return Vec::new();
        };
        let mut starts = Vec::new();
        let mut last = None;
        for (row, item) in items.iter().enumerate() {
            if last != Some(item.section) {
                starts.push(row);
                last = Some(item.section);
            }
        }
        starts
    }
}
