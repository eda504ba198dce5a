//! What an alert must be, and what is not so.

use std::collections::BTreeMap;

use dualuse::event::{same_account, same_host};
use dualuse::investigate::{Alert, Role};
use serde::Deserialize;
use toml::Value;

/// What one alert must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) tool: Option<String>,
    host: Option<String>,
    account: Option<Value>,
    source: Option<Value>,
    workstation: Option<String>,
    service: Option<String>,
    session: Option<Value>,
    severity: Option<Value>,
    leaning: Option<String>,
    certainty: Option<String>,
    logon: Option<String>,
    logon_type: Option<u32>,
    client: Option<String>,
    ran: Vec<String>,
    not_ran: Vec<String>,
    artefacts: Vec<String>,
    signals: Vec<String>,
    no_signals: Vec<String>,
    says: Vec<String>,
    answers: Vec<String>,
    asks: Vec<String>,
    title: Vec<String>,
    not_title: Vec<String>,
    gap: Vec<String>,
    pub(crate) times: Option<usize>,
}

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

impl Expected {
    /// Signals that must be shown.
    pub(crate) fn signals(&self) -> &[String] {
        &self.signals
    }

    /// Signals that must not be shown.
    pub(crate) fn no_signals(&self) -> &[String] {
        &self.no_signals
    }

    /// What is not as expected; empty when the alert is the one.
    pub(crate) fn complaints(&self, alert: &Alert) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: &str, wanted: &Option<String>, found: Option<&str>, same: Same| {
            if let Some(wanted) = wanted {
                let found = found.unwrap_or_default();
                if !(found == wanted || (!wanted.is_empty() && same(found, wanted))) {
                    wrong.push(format!("{what} is “{found}”, not “{wanted}”"));
                }
            }
        };
        let logon = alert.logon.as_ref();
        let account = alert.account.as_ref().map(|account| account.name.as_str());
        check("tool", &self.tool, Some(&alert.tool), never);
        check("host", &self.host, Some(&alert.host), same_host);
        let station = logon.and_then(|logon| logon.workstation.as_deref());
        check("workstation", &self.workstation, station, never);
        let service = alert.service.as_ref().map(|service| service.name.as_str());
        check("service", &self.service, service, never);
        let leaning = word(alert.leaning);
        check("leaning", &self.leaning, Some(&leaning), never);
        let certainty = word(alert.certainty);
        check("certainty", &self.certainty, Some(&certainty), never);
        let how = logon.map_or("none", |logon| logon.how.words());
        check("logon", &self.logon, Some(how), never);
        let client = alert.client.as_ref().map(|client| {
            let host = client.host.clone().unwrap_or_default();
            let pid = client.pid.map(|pid| format!(":{pid}"));
            host + &pid.unwrap_or_default()
        });
        let client_host = client.as_deref().map(|name| {
            if self.client.as_deref().unwrap_or_default().contains(':') {
                name
            } else {
                name.split(':').next().unwrap_or_default()
            }
        });
        check("client", &self.client, client_host, same_host);
        if let Some(wanted) = self.logon_type
            && logon.and_then(|logon| logon.logon_type).unwrap_or(0) != wanted
        {
            wrong.push(format!("logon is {logon:?}"));
        }
        if let Some(wanted) = &self.session {
            let found = alert.session_id.map(|id| Value::Integer(id.into()));
            if found.unwrap_or(Value::String(String::new())) != *wanted {
                wrong.push(format!("session is {:?}", alert.session_id));
            }
        }
        let source = logon.and_then(|logon| logon.source_ip.clone());
        let account = account.unwrap_or_default().to_owned();
        for (what, wanted, found, same) in [
            (
                "severity",
                &self.severity,
                word(alert.severity),
                never as Same,
            ),
            ("source", &self.source, source.unwrap_or_default(), never),
            ("account", &self.account, account, same_account),
        ] {
            let is = |wanted: &Value| {
                let wanted = wanted.as_str().unwrap_or_default();
                wanted == found || same(wanted, &found)
            };
            let fits = wanted.as_ref().is_none_or(|wanted| match wanted {
                Value::Array(list) => list.iter().any(is),
                one => is(one),
            });
            if !fits {
                wrong.push(format!("{what} is {found}, not {wanted:?}"));
            }
        }
        wrong.extend(self.lists(alert));
        wrong
    }

    fn lists(&self, alert: &Alert) -> Vec<String> {
        let ends = |wanted: &String, role: Option<Role>| {
            alert
                .processes
                .iter()
                .filter(|process| role.is_none_or(|role| process.role == role))
                .any(|process| {
                    let line = process.command_line.as_ref().or(process.image.as_ref());
                    line.is_some_and(|line| line.ends_with(wanted.as_str()))
                })
        };
        let signals: Vec<&str> = alert
            .signals
            .iter()
            .map(|found| found.id.as_str())
            .collect();
        let artefacts: Vec<&str> = alert
            .sightings
            .iter()
            .map(|sighting| sighting.artefact.word())
            .collect();
        let mut wrong = Vec::new();
        let mut all = |what: &str, wanted: &[String], fits: &dyn Fn(&String) -> bool| {
            let failing: Vec<_> = wanted.iter().filter(|wanted| !fits(wanted)).collect();
            if !failing.is_empty() {
                wrong.push(format!("{what}: {failing:?}"));
            }
        };
        all("did not run", &self.ran, &|line| {
            ends(line, Some(Role::Child))
        });
        all("ran", &self.not_ran, &|line| !ends(line, None));
        all("no trace", &self.artefacts, &|kind| {
            artefacts.contains(&kind.as_str())
        });
        all("no signal", &self.signals, &|id| {
            signals.contains(&id.as_str())
        });
        all("wrong signal", &self.no_signals, &|id| {
            !signals.contains(&id.as_str())
        });
        all("title lacks", &self.title, &|part| {
            alert.title.contains(part.as_str())
        });
        all("no signal says", &self.says, &|part| {
            alert
                .signals
                .iter()
                .any(|signal| signal.what.contains(part.as_str()))
        });
        all("no answer", &self.answers, &|part| {
            let mut answers = alert
                .questions
                .iter()
                .filter_map(|asked| asked.answer.as_deref());
            answers.any(|answer| answer.contains(part.as_str()))
        });
        all("no open question", &self.asks, &|part| {
            let mut asked = alert
                .questions
                .iter()
                .filter(|asked| asked.answer.is_none());
            asked.any(|asked| asked.ask.contains(part.as_str()))
        });
        all("title has", &self.not_title, &|part| {
            !alert.title.contains(part.as_str())
        });
        all("no gap", &self.gap, &|part| {
            alert.gaps.iter().any(|gap| gap.contains(part.as_str()))
        });
        wrong
    }
}

type Same = fn(&str, &str) -> bool;

fn never(_: &str, _: &str) -> bool {
    false
}

pub(crate) fn describe(alert: &Alert) -> String {
    let signals: BTreeMap<&str, i32> = alert
        .signals
        .iter()
        .map(|signal| (signal.id.as_str(), signal.weight))
        .collect();
    let seen: Vec<String> = alert
        .sightings
        .iter()
        .map(|sighting| format!("{} {}", sighting.event.event_id, sighting.what))
        .collect();
    format!(
        "{} {:?} {:?} {} “{}” {signals:?} {seen:?} {:?}",
        alert.tool, alert.severity, alert.certainty, alert.host, alert.title, alert.logon
    )
}
