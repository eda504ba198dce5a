//! The list of alerts: filtered, sorted, gathered into groups, marked.

mod column;
mod group;
mod holds;

use std::cmp::Reverse;
use std::collections::BTreeSet;

pub use column::AlertColumn;
use group::Group;
pub(super) use group::GroupKey;

use super::{Chips, Data, List, severity_word};
use crate::event::Time;
use crate::investigate::{Alert, Severity};
use crate::timeline::query::{AlertField, Test};

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertRow {
    /// An alert, by its place in the snapshot.
    Alert(usize),
    /// An alert below the line of its group.
    Member {
        /// Its place in the snapshot.
        place: usize,
        /// Whether it is the last of the group.
        is_last: bool,
    },
    /// A group of several alerts, by its place among the groups.
    Group(usize),
}

/// The first page.
#[derive(Clone, Debug, Default)]
pub struct AlertsPage {
    /// Cursor among the rows.
    pub list: List,
    /// Column under the cursor.
    pub column: AlertColumn,
    /// Filters in force.
    pub chips: Chips,
    /// Column sorted by; severity first, then time, at the start.
    pub sort: AlertColumn,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// Whether uses of one tool by one account from one source share a line.
    pub is_grouped: bool,
    /// What the bars of the timeline are drawn for; `None` is all of it.
    pub span: Option<(Time, Time)>,
    /// Groups whose alerts are shown below them.
    opened: BTreeSet<GroupKey>,
    order: Vec<usize>,
    groups: Vec<Group>,
    rows: Vec<AlertRow>,
}

impl AlertsPage {
    /// The lines shown, from the top.
    pub fn rows(&self) -> &[AlertRow] {
        &self.rows
    }

    /// Places in the snapshot's alerts of those the filters leave, in the order of the list.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The place in the snapshot of the alert at a row; none at the line of a group.
    fn place(&self, row: usize) -> Option<usize> {
        match self.rows.get(row)? {
            AlertRow::Alert(place) | AlertRow::Member { place, .. } => Some(*place),
            AlertRow::Group(_) => None,
        }
    }

    /// The alert at a row; none at the line of a group.
    pub fn alert<'d>(&self, row: usize, data: &'d Data) -> Option<&'d Alert> {
        data.alerts().get(self.place(row)?)
    }

    /// The alert under the cursor; none at the line of a group.
    pub fn here<'d>(&self, data: &'d Data) -> Option<&'d Alert> {
        self.alert(self.list.cursor, data)
    }

    /// The group at a row.
    pub fn group(&self, row: usize) -> Option<&Group> {
        match self.rows.get(row)? {
            AlertRow::Group(place) => self.groups.get(*place),
            AlertRow::Alert(_) | AlertRow::Member { .. } => None,
        }
    }

    /// The group under the cursor.
    pub fn group_here(&self) -> Option<&Group> {
        self.group(self.list.cursor)
    }

    /// Whether the alerts of a group are shown.
    pub fn is_open(&self, group: &Group) -> bool {
        self.opened.contains(&group.key)
    }

    /// The alerts that a row stands for: one, or all of a group.
    pub fn alerts_at<'d>(&self, row: usize, data: &'d Data) -> Vec<&'d Alert> {
        let alert = |place: &usize| data.alerts().get(*place);
        match self.group(row) {
            Some(group) => group.members.iter().filter_map(alert).collect(),
            None => self.alert(row, data).into_iter().collect(),
        }
    }

    /// How severe a row is: a group as its most severe alert.
    pub fn severity(&self, row: usize, data: &Data) -> Option<Severity> {
        match self.group(row) {
            Some(group) => Some(group.severity),
            None => self.alert(row, data).map(|alert| alert.severity),
        }
    }

    /// What a row has in a column.
    pub fn value(&self, row: usize, column: AlertColumn, data: &Data) -> String {
        match self.group(row) {
            Some(group) => group.value(column, data),
            None => self
                .place(row)
                .map_or_else(String::new, |place| column.text(place, data).into_owned()),
        }
    }

    /// How many alerts the filters hide.
    pub fn hidden(&self, data: &Data) -> usize {
        data.alerts().len().saturating_sub(self.order.len())
    }

    /// Opens the group under the cursor or closes it, as asked for; from one of its alerts, too.
    /// Answers whether that changed anything.
    pub fn set_open(&mut self, open: bool, data: &Data) -> bool {
        let cursor = self.list.cursor;
        let above = |row: &AlertRow| matches!(row, AlertRow::Group(_));
        let head = match self.rows.get(cursor) {
            Some(AlertRow::Group(_)) => Some(cursor),
            Some(AlertRow::Member { .. }) => self.rows.iter().take(cursor).rposition(above),
            _ => None,
        };
        let Some(head) = head else { return false };
        let Some(key) = self.group(head).map(|group| group.key.clone()) else {
            return false;
        };
        let changed = if open {
            self.opened.insert(key)
        } else {
            self.opened.remove(&key)
        };
        if changed {
            self.lay_out(data);
            self.list.cursor = head;
        }
        changed
    }

    /// Filters, sorts and groups anew; the cursor stays on `keep` if it is still shown, else it
    /// goes to the top. Done while a key is answered, from texts that were made beforehand; the
    /// benchmark of the interface says how long it takes for thousands of alerts.
    pub fn arrange(&mut self, data: &Data, keep: Option<&str>) {
        let alerts = data.alerts();
        let group = self.group_here().map(|group| group.key.clone());
        let wanted: Vec<_> = self.chips.terms().collect();
        self.order = (0..alerts.len())
            .filter(|place| wanted.iter().all(|term| holds::holds(term, *place, data)))
            .collect();
        let key = |place: &usize| alerts.get(*place);
        let sort = self.sort;
        match sort {
            // the snapshot's own order
            AlertColumn::Severity => {}
            AlertColumn::Time => self
                .order
                .sort_by_key(|place| key(place).map(|alert| alert.first_time)),
            AlertColumn::Age => self
                .order
                .sort_by_key(|place| key(place).map(|alert| Reverse(alert.first_time))),
            _ => self.order.sort_by_cached_key(|place| {
                key(place).map(|alert| {
                    (
                        sort.text(*place, data).to_lowercase(),
                        Reverse(alert.severity),
                        alert.first_time,
                    )
                })
            }),
        }
        if self.reverse {
            self.order.reverse();
        }
        self.lay_out(data);
        let is_group = |row: &AlertRow| match row {
            AlertRow::Group(at) => self.groups.get(*at).map(|group| &group.key) == group.as_ref(),
            AlertRow::Alert(_) | AlertRow::Member { .. } => false,
        };
        if let Some(row) = self.rows.iter().position(is_group) {
            self.list.cursor = row;
        } else if let Some(id) = keep {
            // where the row is no longer shown, reading begins at the top
            self.list.cursor = self.row_of(id, data).unwrap_or(0);
        }
        self.list.clamp(self.rows.len());
    }

    /// Makes the rows of the order: alone, or in groups of which some are open.
    fn lay_out(&mut self, data: &Data) {
        self.groups.clear();
        if !self.is_grouped {
            self.rows = self.order.iter().copied().map(AlertRow::Alert).collect();
            return;
        }
        self.groups = group::gather(&self.order, data);
        self.rows.clear();
        for (at, group) in self.groups.iter().enumerate() {
            if let [only] = group.members.as_slice() {
                self.rows.push(AlertRow::Alert(*only));
                continue;
            }
            self.rows.push(AlertRow::Group(at));
            if self.opened.contains(&group.key) {
                let last = group.members.len() - 1;
                let members = group.members.iter().enumerate();
                self.rows
                    .extend(members.map(|(number, place)| AlertRow::Member {
                        place: *place,
                        is_last: number == last,
                    }));
            }
        }
        self.list.clamp(self.rows.len());
    }

    /// The row of an alert, or of the closed group that it is in, if it is shown.
    pub fn row_of(&self, id: &str, data: &Data) -> Option<usize> {
        let alerts = data.alerts();
        let is = |place: &usize| alerts.get(*place).is_some_and(|alert| alert.id == id);
        let shows = |row: &AlertRow| match row {
            AlertRow::Alert(place) | AlertRow::Member { place, .. } => is(place),
            AlertRow::Group(at) => self
                .groups
                .get(*at)
                .is_some_and(|group| !self.is_open(group) && group.members.iter().any(is)),
        };
        self.rows.iter().position(shows)
    }

    /// The alert that the cursor is on, or the first of its group: what a new order keeps in view.
    pub fn keep<'d>(&self, data: &'d Data) -> Option<&'d Alert> {
        self.alerts_at(self.list.cursor, data).first().copied()
    }

    /// The test that holds for the value under the cursor.
    pub fn test_here(&self, data: &Data) -> Option<Test> {
        self.test_at(self.list.cursor, data)
    }

    /// The test that holds for what a row has in the column under the cursor.
    pub(super) fn test_at(&self, row: usize, data: &Data) -> Option<Test> {
        let alerts = self.alerts_at(row, data);
        let first = alerts.first()?;
        let account = || alerts.iter().find_map(|alert| alert.account.as_ref());
        let address = || {
            let mut logons = alerts.iter().filter_map(|alert| alert.logon.as_ref());
            logons.find_map(|logon| logon.source_ip.clone())
        };
        Some(match self.column {
            AlertColumn::Host => {
                let hosts: BTreeSet<String> =
                    alerts.iter().map(|alert| alert.host.clone()).collect();
                Test::Host(hosts.into_iter().collect())
            }
            AlertColumn::Who => Test::Account(vec![account()?.name.clone()]),
            AlertColumn::From => Test::Address(vec![address()?]),
            AlertColumn::Time | AlertColumn::Age => Test::After(first.first_time),
            AlertColumn::Tool => Test::Alert(AlertField::Tool, vec![first.tool.clone()]),
            AlertColumn::Severity => {
                let words: BTreeSet<&str> =
                    alerts.iter().map(|a| severity_word(a.severity)).collect();
                let words = words.into_iter().map(str::to_lowercase);
                Test::Alert(AlertField::Severity, words.collect())
            }
            AlertColumn::Verdict => {
                let words: BTreeSet<String> =
                    alerts.iter().map(|a| self.column.value(a, data)).collect();
                Test::Alert(AlertField::Verdict, words.into_iter().collect())
            }
            AlertColumn::Ran => Test::Text(AlertColumn::Ran.value(first, data)),
        })
    }
}
