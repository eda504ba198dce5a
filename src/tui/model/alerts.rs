//! The list of alerts: filtered, sorted, marked.

use std::cmp::Reverse;

use super::{Chips, Data, List, from, ran, severity_word, short_host, verdict, who};
use crate::event::{same_account, same_host};
use crate::investigate::Alert;
use crate::timeline::query::{Term, Test};

/// A column of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each has its title")]
pub enum AlertColumn {
    #[default]
    Severity,
    Time,
    Tool,
    Host,
    Who,
    From,
    Ran,
    Verdict,
}

impl AlertColumn {
    /// Every column, from left to right.
    pub const ALL: [AlertColumn; 8] = [
        AlertColumn::Severity,
        AlertColumn::Time,
        AlertColumn::Tool,
        AlertColumn::Host,
        AlertColumn::Who,
        AlertColumn::From,
        AlertColumn::Ran,
        AlertColumn::Verdict,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            AlertColumn::Severity => "sev",
            AlertColumn::Time => "time",
            AlertColumn::Tool => "tool",
            AlertColumn::Host => "host",
            AlertColumn::Who => "who",
            AlertColumn::From => "from",
            AlertColumn::Ran => "what ran",
            AlertColumn::Verdict => "verdict",
        }
    }

    /// What an alert has in it.
    pub fn value(self, alert: &Alert, data: &Data) -> String {
        match self {
            AlertColumn::Severity => severity_word(alert.severity).to_owned(),
            AlertColumn::Time => data.zone.seconds(alert.first_time),
            AlertColumn::Tool => alert.tool.clone(),
            AlertColumn::Host => short_host(&alert.host).to_owned(),
            AlertColumn::Who => who(alert),
            AlertColumn::From => from(alert),
            AlertColumn::Ran => ran(alert),
            AlertColumn::Verdict => verdict(data.triage(&alert.id)).to_owned(),
        }
    }
}

/// The first page.
#[derive(Clone, Debug, Default)]
pub struct AlertsPage {
    /// Cursor among `order`.
    pub list: List,
    /// Column under the cursor.
    pub column: AlertColumn,
    /// Filters in force.
    pub chips: Chips,
    /// Column sorted by; severity first, then time, at the start.
    pub sort: AlertColumn,
    /// Whether the order is turned round.
    pub reverse: bool,
    order: Vec<usize>,
}

impl AlertsPage {
    /// Places in the snapshot's alerts of the rows shown, from the top.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The alert at a row.
    pub fn alert<'d>(&self, row: usize, data: &'d Data) -> Option<&'d Alert> {
        data.alerts().get(*self.order.get(row)?)
    }

    /// The alert under the cursor.
    pub fn here<'d>(&self, data: &'d Data) -> Option<&'d Alert> {
        self.alert(self.list.cursor, data)
    }

    /// How many alerts the filters hide.
    pub fn hidden(&self, data: &Data) -> usize {
        data.alerts().len().saturating_sub(self.order.len())
    }

    /// Filters and sorts anew; the cursor stays on `keep` if it is still shown, else it
    /// goes to the top.
    pub fn arrange(&mut self, data: &Data, keep: Option<&str>) {
        let alerts = data.alerts();
        self.order = (0..alerts.len())
            .filter(|place| {
                alerts
                    .get(*place)
                    .is_some_and(|alert| self.chips.terms().all(|term| holds(term, alert, data)))
            })
            .collect();
        let key = |place: &usize| alerts.get(*place);
        let sort = self.sort;
        match sort {
            // the snapshot's own order
            AlertColumn::Severity => {}
            AlertColumn::Time => self
                .order
                .sort_by_key(|place| key(place).map(|alert| alert.first_time)),
            _ => self.order.sort_by_cached_key(|place| {
                key(place).map(|alert| {
                    (
                        sort.value(alert, data).to_lowercase(),
                        Reverse(alert.severity),
                        alert.first_time,
                    )
                })
            }),
        }
        if self.reverse {
            self.order.reverse();
        }
        let kept = keep.and_then(|id| {
            self.order
                .iter()
                .position(|place| alerts.get(*place).is_some_and(|alert| alert.id == id))
        });
        if keep.is_some() {
            // where the row is no longer shown, reading begins at the top
            self.list.cursor = kept.unwrap_or(0);
        }
        self.list.clamp(self.order.len());
    }

    /// The row of an alert, if it is shown.
    pub fn row_of(&self, id: &str, data: &Data) -> Option<usize> {
        (0..self.order.len()).find(|row| self.alert(*row, data).is_some_and(|alert| alert.id == id))
    }

    /// The term that tests for the value under the cursor.
    pub fn test_here(&self, data: &Data) -> Option<Test> {
        let alert = self.here(data)?;
        Some(match self.column {
            AlertColumn::Host => Test::Host(vec![alert.host.clone()]),
            AlertColumn::Who => Test::Account(vec![alert.account.as_ref()?.name.clone()]),
            AlertColumn::From => Test::Address(vec![alert.logon.as_ref()?.source_ip.clone()?]),
            AlertColumn::Time => Test::After(alert.first_time),
            other => Test::Text(other.value(alert, data)),
        })
    }
}

/// Whether a term of the filter language holds for an alert.
fn holds(term: &Term, alert: &Alert, data: &Data) -> bool {
    let any =
        |values: &[String], test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
    let has = |text: Option<&str>, part: &str| {
        text.is_some_and(|text| text.to_lowercase().contains(&part.to_lowercase()))
    };
    let logon = alert.logon.as_ref();
    let found = match &term.test {
        Test::Host(names) => any(names, &|name| {
            same_host(&alert.host, name)
                || alert
                    .client
                    .as_ref()
                    .and_then(|client| client.host.as_deref())
                    .is_some_and(|host| same_host(host, name))
        }),
        Test::EventId(ids) => alert.evidence().any(|event| ids.contains(&event.event_id)),
        Test::Account(names) => any(names, &|name| {
            alert.account.as_ref().is_some_and(|account| {
                same_account(&account.name, name) || account.sid.as_deref() == Some(name)
            }) || alert.processes.iter().any(|process| {
                process
                    .account
                    .as_deref()
                    .is_some_and(|account| same_account(account, name))
            })
        }),
        Test::Logon(ids) => logon.is_some_and(|logon| {
            logon
                .id
                .iter()
                .chain(&logon.other_ids)
                .any(|id| ids.iter().any(|wanted| wanted.to_string() == *id))
        }),
        Test::Address(addresses) => any(addresses, &|address| {
            logon.is_some_and(|logon| {
                logon.source_ip.as_deref() == Some(address)
                    || logon
                        .workstation
                        .as_deref()
                        .is_some_and(|name| same_host(name, address))
            })
        }),
        Test::Service(names) => any(names, &|name| {
            alert.service.as_ref().is_some_and(|service| {
                service.name.eq_ignore_ascii_case(name)
                    || service
                        .display_name
                        .as_deref()
                        .is_some_and(|display| display.eq_ignore_ascii_case(name))
            })
        }),
        Test::Pid(pids) => alert
            .processes
            .iter()
            .any(|process| pids.contains(&process.pid)),
        Test::Image(parts) => any(parts, &|part| {
            alert
                .processes
                .iter()
                .any(|process| has(process.image.as_deref(), part))
        }),
        Test::Channel(parts) => any(parts, &|part| {
            alert
                .evidence()
                .any(|event| has(Some(&event.channel), part))
        }),
        Test::Provider(_) => true,
        Test::Record(records) => alert
            .evidence()
            .any(|event| event.record_id.is_some_and(|id| records.contains(&id))),
        Test::After(time) => alert.last_time >= *time,
        Test::Before(time) => alert.first_time < *time,
        Test::Text(text) => {
            AlertColumn::ALL
                .iter()
                .any(|column| has(Some(&column.value(alert, data)), text))
                || has(Some(&alert.title), text)
                || has(Some(&alert.id), text)
                || alert
                    .processes
                    .iter()
                    .any(|process| has(process.command_line.as_deref(), text))
                || alert
                    .service
                    .as_ref()
                    .is_some_and(|service| has(Some(&service.name), text))
        }
    };
    found != term.negated
}
