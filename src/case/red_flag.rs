//! Facts that contradict “it was an administrator”: each must be acknowledged before that verdict
//! is saved.

use serde::{Deserialize, Serialize};

use super::decision::Decision;
use super::transition::Transition;
use crate::environment::{ChangeWindow, Environment};
use crate::event::same_account;
use crate::investigate::{Alert, EventRef, Leaning, Role};
use crate::text::mask_secrets;

/// From this score on, the sum of the signals is a red flag of its own.
pub const SCORE_THRESHOLD: i32 = 50;

/// One fact that contradicts the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedFlag {
    /// Stable name, to be acknowledged by.
    pub id: String,
    /// The fact, in a sentence; passwords are masked, as in everything the case stores.
    pub what: String,
    /// The events that show it.
    pub events: Vec<EventRef>,
}

/// The facts of an alert that contradict a decision. Only verdicts that say “it was authorised
/// administration” have any: admin-attributed, and an escalation that came back benign.
pub fn red_flags(alert: &Alert, decision: &Decision, environment: &Environment) -> Vec<RedFlag> {
    let returned = decision.transition == Transition::Outcome
        && decision.value("outcome") == Some("returned-benign");
    if decision.transition != Transition::AdminAttributed && !returned {
        return Vec::new();
    }
    let mut flags = standing_red_flags(alert, environment);
    flags.extend(outside_window(alert, decision, environment));
    flags.extend(confirmed_by_suspect(alert, decision));
    flags
}

/// The red flags that do not depend on what the analyst writes.
pub fn standing_red_flags(alert: &Alert, environment: &Environment) -> Vec<RedFlag> {
    let mut flags = signal_flags(alert);
    if alert.score >= SCORE_THRESHOLD {
        let what = format!("the signals add up to {} towards an attacker", alert.score);
        flags.push(flag("score", what));
    }
    // The signals may have said the same already.
    let account = account_flag(alert, environment);
    let is_told = |flag: &RedFlag| flags.iter().any(|known| known.id == flag.id);
    flags.extend(
        account
            .filter(|flag| !is_told(flag))
            .into_iter()
            .collect::<Vec<_>>(),
    );
    flags.extend(source_flag(alert));
    flags
}

/// Every signal that leans towards an attacker, one flag per signal id.
fn signal_flags(alert: &Alert) -> Vec<RedFlag> {
    let mut flags: Vec<RedFlag> = Vec::new();
    let against = |leans| leans == Leaning::Attacker;
    for signal in alert
        .signals
        .iter()
        .filter(|signal| against(signal.leans) && signal.weight > 0)
    {
        match flags.iter_mut().find(|flag| flag.id == signal.id) {
            Some(flag) => {
                flag.what = format!("{}; {}", flag.what, mask_secrets(&signal.what));
                flag.events.extend(signal.events.iter().cloned());
            }
            None => flags.push(RedFlag {
                id: signal.id.clone(),
                what: mask_secrets(&signal.what),
                events: signal.events.clone(),
            }),
        }
    }
    flags
}

fn account_flag(alert: &Alert, environment: &Environment) -> Option<RedFlag> {
    let Some(account) = &alert.account else {
        return Some(flag(
            "unknown-account",
            "the evidence does not say which account did it".to_owned(),
        ));
    };
    if account.how.is_inferred() {
        let what = format!(
            "the account {} is only inferred ({})",
            account.name,
            account.how.words()
        );
        return Some(flag("inferred-account", what));
    }
    (environment.is_admin_account(&account.name) == Some(false)).then(|| {
        let what = format!(
            "{} is no administrator's account in the site profile",
            account.name
        );
        flag("not-an-admin-account", what)
    })
}

fn source_flag(alert: &Alert) -> Option<RedFlag> {
    let client_seen = alert
        .processes
        .iter()
        .any(|process| process.role == Role::Client)
        || alert
            .client
            .as_ref()
            .is_some_and(|client| client.image.is_some());
    (!client_seen).then(|| {
        let source = alert
            .client
            .as_ref()
            .and_then(|client| client.host.as_deref());
        let address = alert
            .logon
            .as_ref()
            .and_then(|logon| logon.source_ip.as_deref());
        let what = match source.or(address) {
            Some(source) => format!(
                "the source side was not seen: no client process on {source} in the evidence"
            ),
            None => "the source side was not seen, and where it came from is not known".to_owned(),
        };
        flag("source-not-seen", what)
    })
}

fn outside_window(
    alert: &Alert,
    decision: &Decision,
    environment: &Environment,
) -> Option<RedFlag> {
    let stated = decision.value("window")?;
    let window = match environment.change_window(stated) {
        Some(window) => window.clone(),
        None => match ChangeWindow::parse_span(stated) {
            Some(window) => window,
            None => {
                let what = format!(
                    "the window “{stated}” is neither FROM/TO nor one of the site profile, so it cannot be checked"
                );
                return Some(flag("unchecked-window", what));
            }
        },
    };
    (!window.contains(alert.first_time)).then(|| {
        let what = format!(
            "{} lies outside the stated window “{stated}”",
            alert.first_time
        );
        flag("outside-window", what)
    })
}

fn confirmed_by_suspect(alert: &Alert, decision: &Decision) -> Option<RedFlag> {
    let confirmed_by = decision.value("confirmed_by")?;
    let suspects = alert
        .account
        .iter()
        .map(|account| account.name.as_str())
        .chain(
            alert
                .client
                .iter()
                .filter_map(|client| client.account.as_deref()),
        );
    let suspect = suspects
        .into_iter()
        .find(|account| same_account(account, confirmed_by))?;
    let what = format!("it was confirmed by {suspect}, the very account under suspicion");
    Some(flag("confirmed-by-suspect", what))
}

fn flag(id: &str, what: String) -> RedFlag {
    RedFlag {
        id: id.to_owned(),
        what,
        events: Vec::new(),
    }
}
