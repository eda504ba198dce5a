//! Uses of one tool by one account from one source, as one line: a roll-out over forty hosts.

use std::collections::HashMap;

use crate::event::{host_key, same_account};
use crate::investigate::{Alert, Severity};

/// What the alerts of a group have in common. Names one group for as long as the program runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    tool: String,
    account: String,
    source: String,
}

/// Alerts of one tool, account and source.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// Their places in the snapshot, in the order of the list.
    pub members: Vec<usize>,
}

impl Group {
    /// The most severe of its alerts decides how the group is shown.
    pub(super) fn severity(&self, alerts: &[Alert]) -> Severity {
        let members = self.members.iter().filter_map(|place| alerts.get(*place));
        members
            .map(|alert| alert.severity)
            .max()
            .unwrap_or(Severity::Info)
    }
}

/// Gathers alerts, given in the order of the list, into groups in the order of their first.
pub(super) fn gather(order: &[usize], alerts: &[Alert]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // by tool and source; of these there are few accounts each
    let mut places: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for place in order {
        let Some(alert) = alerts.get(*place) else {
            continue;
        };
        let key = key(alert);
        let near = places
            .entry((key.tool.clone(), key.source.clone()))
            .or_default();
        let known = near.iter().copied().find(|at| {
            groups
                .get(*at)
                .is_some_and(|group| belongs(&group.key, &key))
        });
        match known.and_then(|at| groups.get_mut(at)) {
            Some(group) => group.members.push(*place),
            None => {
                near.push(groups.len());
                groups.push(Group {
                    key,
                    members: vec![*place],
                });
            }
        }
    }
    groups
}

/// Who and whence are compared as everywhere; alerts of which neither is known have nothing in
/// common but the tool, and stay apart.
fn belongs(group: &GroupKey, alert: &GroupKey) -> bool {
    match (alert.account.is_empty(), alert.source.is_empty()) {
        (true, true) => false,
        (true, false) => group.account.is_empty(),
        (false, _) => same_account(&group.account, &alert.account),
    }
}

fn key(alert: &Alert) -> GroupKey {
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
