//! Uses of one tool by one account from one source, as one line: a roll-out over forty hosts.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::AlertColumn;
use super::column::age;
use crate::event::{Time, host_key, same_account};
use crate::investigate::{Alert, Severity};
use crate::tui::model::{Data, severity_word};

/// What the alerts of a group have in common. Names one group for as long as the program runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    tool: String,
    account: String,
    source: String,
}

/// Alerts of one tool, account and source, with what their line says: made once, drawn often.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// Their places in the snapshot, in the order of the list.
    pub members: Vec<usize>,
    /// That of the most severe of them.
    pub severity: Severity,
    first: Time,
    newest: Time,
    words: [String; 6],
}

/// Columns of which a group says what its alerts share.
const SHARED: [AlertColumn; 6] = [
    AlertColumn::Tool,
    AlertColumn::Host,
    AlertColumn::Who,
    AlertColumn::From,
    AlertColumn::Ran,
    AlertColumn::Verdict,
];

impl Group {
    fn of(key: GroupKey, members: Vec<usize>, data: &Data) -> Group {
        let alerts: Vec<&Alert> = members
            .iter()
            .filter_map(|place| data.alerts().get(*place))
            .collect();
        let times = || alerts.iter().map(|alert| alert.first_time);
        let severities = alerts.iter().map(|alert| alert.severity);
        Group {
            severity: severities.max().unwrap_or(Severity::Info),
            first: times().min().unwrap_or(Time::MAX),
            newest: times().max().unwrap_or(Time::MAX),
            words: SHARED.map(|column| shared(column, &members, data)),
            key,
            members,
        }
    }

    /// What its line has in a column.
    pub(super) fn value(&self, column: AlertColumn, data: &Data) -> String {
        match column {
            AlertColumn::Severity => severity_word(self.severity).to_owned(),
            AlertColumn::Time => data.zone.seconds(self.first),
            AlertColumn::Age => age(self.newest, data),
            _ => {
                let place = SHARED.iter().position(|other| *other == column);
                let word = place.and_then(|place| self.words.get(place));
                word.cloned().unwrap_or_default()
            }
        }
    }
}

/// What alerts share in a column, else how many different there are.
fn shared(column: AlertColumn, alerts: &[usize], data: &Data) -> String {
    let mut counts: BTreeMap<Cow<'_, str>, usize> = BTreeMap::new();
    for place in alerts {
        *counts.entry(column.text(*place, data)).or_default() += 1;
    }
    let first = || {
        let first = alerts.first();
        first.map_or_else(String::new, |place| column.text(*place, data).into_owned())
    };
    match (column, counts.len()) {
        (AlertColumn::Tool, _) => format!("{}× {}", alerts.len(), first()),
        (_, 1) => first(),
        (AlertColumn::Host, more) => format!("{more} hosts"),
        (AlertColumn::Ran, more) => format!("{more} different, such as {}", first()),
        (AlertColumn::Verdict, _) => {
            let parts = counts.iter().map(|(word, count)| format!("{count} {word}"));
            parts.collect::<Vec<_>>().join(", ")
        }
        // the fullest form in which it was logged
        _ => counts
            .into_keys()
            .max_by_key(|word| word.len())
            .unwrap_or_default()
            .into_owned(),
    }
}

/// Gathers alerts, given in the order of the list, into groups in the order of their first.
pub(super) fn gather(order: &[usize], data: &Data) -> Vec<Group> {
    let mut groups: Vec<(&GroupKey, Vec<usize>)> = Vec::new();
    // by tool and source; of these there are few accounts each
    let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for place in order {
        let Some(texts) = data.index().texts(*place) else {
            continue;
        };
        let key = &texts.group;
        if key.is_unknown() {
            groups.push((key, vec![*place]));
            continue;
        }
        let near = places.entry((&key.tool, &key.source)).or_default();
        let belongs = |at: &usize| {
            let group = groups.get(*at);
            group.is_some_and(|(group, _)| group.is_of(key))
        };
        let known = near.iter().copied().find(belongs);
        match known.and_then(|at| groups.get_mut(at)) {
            Some((_, members)) => members.push(*place),
            None => {
                near.push(groups.len());
                groups.push((key, vec![*place]));
            }
        }
    }
    groups
        .into_iter()
        .map(|(key, members)| Group::of(key.clone(), members, data))
        .collect()
}

impl GroupKey {
    /// Of an alert.
    pub(in crate::tui::model) fn of(alert: &Alert) -> GroupKey {
        let logon = alert.logon.as_ref();
        let address = logon.and_then(|logon| logon.source_ip.clone());
        let client = alert
            .client
            .as_ref()
            .and_then(|client| client.host.as_deref());
        let name = client.or(logon.and_then(|logon| logon.workstation.as_deref()));
        GroupKey {
            tool: alert.tool.clone(),
            account: alert
                .account
                .as_ref()
                .map_or_else(String::new, |account| account.name.to_lowercase()),
            source: address.unwrap_or_else(|| name.map(host_key).unwrap_or_default()),
        }
    }

    /// Alerts of which neither account nor source is known have nothing in common but the tool, and
    /// stay apart.
    fn is_unknown(&self) -> bool {
        self.account.is_empty() && self.source.is_empty()
    }

    /// Accounts are compared as everywhere; tool and source are equal here.
    fn is_of(&self, other: &GroupKey) -> bool {
        match (self.account.is_empty(), other.account.is_empty()) {
            (false, false) => same_account(&self.account, &other.account),
            (here, there) => here && there,
        }
    }
}
