//! How often each value of a column occurs among the events or alerts of a list.

use std::collections::HashMap;

use super::{AlertColumn, AlertsPage, Chips, Data, EventColumn, List, PageId, Subject};
use crate::timeline::query::tally::{Count, Facet};
use crate::timeline::query::{Filter, Test};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A column of the list of alerts.
    Alerts(AlertColumn),
    /// A column of events about something.
    Events(Subject, Facet),
}

/// A value and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// The value, as logged.
    pub value: String,
    /// How often.
    pub count: u64,
    /// What holds for all that have it.
    pub test: Option<Test>,
}

/// The page of counts.
#[derive(Clone, Debug)]
pub struct CountsPage {
    /// The list whose rows are counted.
    pub from: PageId,
    /// What is counted.
    pub counted: Counted,
    /// The filters of that list.
    pub chips: Chips,
    /// Cursor among the values.
    pub list: List,
    /// The values, the most frequent first.
    pub rows: Vec<CountRow>,
    /// How many rows the list has.
    pub total: u64,
    /// The job whose answer is awaited.
    pub awaited: Option<u64>,
}

/// Columns of alerts that have values worth counting.
const OF_ALERTS: [AlertColumn; 7] = [
    AlertColumn::Severity,
    AlertColumn::Tool,
    AlertColumn::Host,
    AlertColumn::Who,
    AlertColumn::From,
    AlertColumn::Ran,
    AlertColumn::Verdict,
];

impl CountsPage {
    /// Counts of a list's column.
    pub fn of(from: PageId, counted: Counted, chips: Chips) -> CountsPage {
        CountsPage {
            from,
            counted,
            chips,
            list: List::default(),
            rows: Vec::new(),
            total: 0,
            awaited: None,
        }
    }

    /// The column of events that stands for one of their list.
    pub fn facet(column: EventColumn) -> Facet {
        match column {
            EventColumn::Time => Facet::Hour,
            EventColumn::Host => Facet::Host,
            EventColumn::Id => Facet::EventId,
            EventColumn::Account => Facet::Account,
            EventColumn::What => Facet::Program,
        }
    }

    /// The column of alerts nearest to one of their list.
    pub fn column(column: AlertColumn) -> AlertColumn {
        match column {
            AlertColumn::Time | AlertColumn::Age => AlertColumn::Tool,
            other => other,
        }
    }

    /// Names of all columns that can be counted here, and the place of the one that is.
    pub fn columns(&self) -> (Vec<&'static str>, usize) {
        match &self.counted {
            Counted::Alerts(column) => (
                OF_ALERTS.iter().map(|column| column.title()).collect(),
                OF_ALERTS
                    .iter()
                    .position(|other| other == column)
                    .unwrap_or(0),
            ),
            Counted::Events(_, facet) => (
                Facet::ALL.iter().map(|facet| facet.name()).collect(),
                Facet::ALL
                    .iter()
                    .position(|other| other == facet)
                    .unwrap_or(0),
            ),
        }
    }

    /// Goes to the next column or the one before.
    pub fn turn(&mut self, by: isize) {
        let (names, here) = self.columns();
        let next = here
            .saturating_add_signed(by)
            .min(names.len().saturating_sub(1));
        match &mut self.counted {
            Counted::Alerts(column) => *column = OF_ALERTS.get(next).copied().unwrap_or_default(),
            Counted::Events(_, facet) => {
                *facet = Facet::ALL.get(next).copied().unwrap_or_default();
            }
        }
        self.list.cursor = 0;
    }

    /// The row under the cursor.
    pub fn here(&self) -> Option<&CountRow> {
        self.rows.get(self.list.cursor)
    }

    /// A row as text.
    pub fn text(&self, row: usize) -> Option<String> {
        let row = self.rows.get(row)?;
        Some(format!("{}  {}  {}", row.value, row.count, self.share(row)))
    }

    /// Which part of the list has the value.
    pub fn share(&self, row: &CountRow) -> String {
        let thousandths = row
            .count
            .saturating_mul(1000)
            .checked_div(self.total)
            .unwrap_or(0);
        match thousandths {
            0 => "<0.1%".to_owned(),
            some => format!("{}.{}%", some / 10, some % 10),
        }
    }

    /// The events that are counted, as a filter.
    pub fn filter(&self) -> Filter {
        let subject = match &self.counted {
            Counted::Events(subject, _) => subject.terms(),
            Counted::Alerts(_) => Vec::new(),
        };
        let terms = subject.into_iter().chain(self.chips.terms().cloned());
        Filter {
            terms: terms.collect(),
        }
    }

    /// Takes the counts of events.
    pub fn take(&mut self, counts: Vec<Count>, total: u64) {
        let Counted::Events(_, facet) = self.counted else {
            return;
        };
        let rows = counts.into_iter().map(|count| CountRow {
            test: facet.test(&count.value),
            value: count.value,
            count: count.count,
        });
        self.set(rows.collect(), total);
    }

    /// Counts the alerts that a list with these filters would show.
    pub fn count_alerts(&mut self, data: &Data) {
        let Counted::Alerts(column) = self.counted else {
            return;
        };
        let mut alerts = AlertsPage::default();
        alerts.chips.clone_from(&self.chips);
        alerts.column = column;
        alerts.arrange(data, None);
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut rows: Vec<CountRow> = Vec::new();
        for row in 0..alerts.rows().len() {
            let value = alerts.value(row, column, data);
            let place = *places.entry(value.clone()).or_insert(rows.len());
            match rows.get_mut(place) {
                Some(known) => known.count += 1,
                None => rows.push(CountRow {
                    test: alerts.test_at(row, data),
                    value,
                    count: 1,
                }),
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.count));
        let total = u64::try_from(alerts.rows().len()).unwrap_or(u64::MAX);
        self.set(rows, total);
    }

    /// Puts rows in place; the cursor stays on its value.
    fn set(&mut self, rows: Vec<CountRow>, total: u64) {
        let here = self.here().map(|row| row.value.clone());
        self.rows = rows;
        self.total = total;
        self.awaited = None;
        let kept = self
            .rows
            .iter()
            .position(|row| Some(&row.value) == here.as_ref());
        self.list.cursor = kept.unwrap_or(self.list.cursor);
        self.list.clamp(self.rows.len());
    }
}
