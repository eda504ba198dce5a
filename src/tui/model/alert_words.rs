//! An alert in a few words: the pieces of its line in the list.

use super::short_host;
use crate::event::identity::file_name;
use crate::investigate::{Alert, Role, Severity};

use crate::case::Triage;

/// The severity as a sign that needs no colour.
pub fn severity_glyph(severity: Severity, ascii: bool) -> &'static str {
    match (severity, ascii) {
        (Severity::Critical, false) => "▲",
        (Severity::High, false) => "△",
        (Severity::Medium, false) => "◆",
        (Severity::Low, false) => "◇",
        (Severity::Info, false) => "·",
        (Severity::Critical, true) => "!",
        (Severity::High, true) => "^",
        (Severity::Medium, true) => "*",
        (Severity::Low, true) => "-",
        (Severity::Info, true) => ".",
    }
}

/// The severity as a word of four letters or fewer.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRIT",
        Severity::High => "HIGH",
        Severity::Medium => "MED",
        Severity::Low => "LOW",
        Severity::Info => "INFO",
    }
}

/// Who did it; `~` before a name that is only inferred.
pub fn who(alert: &Alert) -> String {
    match &alert.account {
        Some(account) => format!(
            "{}{}",
            if account.how.is_inferred() { "~" } else { "" },
            account.name
        ),
        None => "account unknown".to_owned(),
    }
}

/// From where: the client's host and address, as far as known.
pub fn from(alert: &Alert) -> String {
    let client = alert
        .client
        .as_ref()
        .and_then(|client| Some((client.host.as_deref()?, client.how)));
    let logon = alert.logon.as_ref();
    let host =
        client.or_else(|| logon.and_then(|logon| Some((logon.workstation.as_deref()?, logon.how))));
    let address = logon.and_then(|logon| Some((logon.source_ip.as_deref()?, logon.how)));
    let mark = |inferred: bool| if inferred { "~" } else { "" };
    match (host, address) {
        (Some((host, how)), Some((address, _))) if !crate::event::same_host(host, address) => {
            format!("{}{} {address}", mark(how.is_inferred()), short_host(host))
        }
        (Some((name, how)), _) | (None, Some((name, how))) => {
            format!("{}{}", mark(how.is_inferred()), short_host(name))
        }
        (None, None) => String::new(),
    }
}

/// What was run: the command lines below the tool's service, else the service's program.
pub fn ran(alert: &Alert) -> String {
    let children: Vec<&str> = alert
        .processes
        .iter()
        .filter(|process| process.role == Role::Child)
        .filter_map(|process| process.command_line.as_deref().or(process.image.as_deref()))
        .collect();
    if let Some(first) = children.first() {
        return match children.len() {
            1 => (*first).to_owned(),
            more => format!("{first}  (+{})", more - 1),
        };
    }
    if let Some(path) = alert
        .service
        .as_ref()
        .and_then(|service| service.image_path.as_deref())
    {
        return format!(
            "installed {}",
            if path.contains(' ') {
                path
            } else {
                file_name(path)
            }
        );
    }
    alert
        .sightings
        .first()
        .map(|sighting| sighting.what.clone())
        .unwrap_or_default()
}

/// The verdict, else where the work stands.
pub fn verdict(triage: Option<&Triage>) -> &'static str {
    match triage {
        Some(triage) if triage.settled_by().is_some() => "known",
        Some(triage) => triage
            .disposition
            .map_or(triage.state.word(), |disposition| disposition.word()),
        None => "new",
    }
}
