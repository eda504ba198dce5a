//! What a term of the filter language means for an alert.

use super::AlertColumn;
use crate::event::{same_account, same_host};
use crate::investigate::Severity;
use crate::timeline::query::{AlertField, Term, Test};
use crate::tui::model::{Data, severity_word, verdict};

/// Columns whose text is not among those that are made once for a snapshot.
const CHANGING: [AlertColumn; 4] = [
    AlertColumn::Severity,
    AlertColumn::Verdict,
    AlertColumn::Age,
    AlertColumn::Time,
];

/// Whether a term of the filter language holds for the alert at a place of the snapshot.
pub(super) fn holds(term: &Term, place: usize, data: &Data) -> bool {
    let Some(alert) = data.alerts().get(place) else {
        return false;
    };
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
        Test::Provider(parts) => any(parts, &|part| {
            alert.evidence().any(|event| {
                let event = data.timeline().event(event.index);
                event.is_some_and(|event| has(Some(&event.kind.provider), part))
            })
        }),
        Test::Record(records) => alert
            .evidence()
            .any(|event| event.record_id.is_some_and(|id| records.contains(&id))),
        Test::After(time) => alert.last_time >= *time,
        Test::Before(time) => alert.first_time < *time,
        Test::During(from, to) => alert.last_time >= *from && alert.first_time < *to,
        Test::Alert(field, wanted) => any(wanted, &|wanted| match field {
            AlertField::Tool => alert.tool.eq_ignore_ascii_case(wanted),
            AlertField::Severity => severity(alert.severity, wanted),
            AlertField::Verdict => verdict(data.triage(&alert.id)).eq_ignore_ascii_case(wanted),
        }),
        Test::Text(text) => {
            let texts = data.index().texts(place);
            texts.is_some_and(|texts| texts.all.contains(&text.to_lowercase()))
                || CHANGING
                    .iter()
                    .any(|column| has(Some(&column.text(place, data)), text))
        }
    };
    found != term.negated
}

/// Severities go by the words of the list and of the command line.
fn severity(severity: Severity, wanted: &str) -> bool {
    severity_word(severity).eq_ignore_ascii_case(wanted)
        || format!("{severity:?}").eq_ignore_ascii_case(wanted)
}
