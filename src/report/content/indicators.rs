//! What to look for elsewhere, from the escalated alerts only. Defanged.

use std::collections::BTreeSet;

use crate::case::Disposition;
use crate::event::host_key;
use crate::investigate::{Alert, Role};
use crate::report::model::Item;
use crate::text::defang;

/// Kind and defanged value of every indicator, sorted.
pub(in crate::report) fn of(items: &[Item]) -> BTreeSet<(&'static str, String)> {
    let mut indicators = BTreeSet::new();
    for item in items.iter().filter(|item| item.is(Disposition::Escalated)) {
        collect(&item.alert, &mut indicators);
    }
    indicators
}

fn collect(alert: &Alert, indicators: &mut BTreeSet<(&'static str, String)>) {
    let mut add = |kind: &'static str, value: Option<&String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            indicators.insert((kind, defang(value)));
        }
    };
    add("host", Some(&host_key(&alert.host)));
    add(
        "account",
        alert.account.as_ref().map(|account| &account.name),
    );
    if let Some(logon) = &alert.logon {
        add("address", logon.source_ip.as_ref());
        add("workstation", logon.workstation.as_ref());
    }
    if let Some(service) = &alert.service {
        add("service", Some(&service.name));
        add("service program", service.image_path.as_ref());
    }
    if let Some(client) = &alert.client {
        add("client host", client.host.as_ref());
        add("client program", client.image.as_ref());
    }
    for process in alert
        .processes
        .iter()
        .filter(|process| process.role == Role::Child)
    {
        add("command", process.command_line.as_ref());
    }
}
