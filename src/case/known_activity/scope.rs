//! What a rule covers, and whether an alert falls under it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::environment::{ChangeWindow, Network, Pattern};
use crate::event::time::TICKS_PER_SECOND;
use crate::event::{Time, host_key};
use crate::investigate::Alert;

/// What a rule covers. Every part that is given must fit; `*` stands for any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Tool of the catalogue.
    pub tool: String,
    /// Account that did it.
    #[serde(default)]
    pub account: Option<String>,
    /// Host name, address or network it came from.
    #[serde(default)]
    pub source: Option<String>,
    /// Service that was installed or used.
    #[serde(default)]
    pub service: Option<String>,
    /// Hosts it happened on; empty means any.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// `FROM/TO`, or a time of day such as `22:00-04:00` (UTC).
    #[serde(default)]
    pub window: Option<String>,
}

impl Scope {
    /// The narrowest scope that holds an alert.
    pub fn of(alert: &Alert) -> Self {
        let logon = alert.logon.as_ref();
        let client = alert.client.as_ref();
        Scope {
            tool: alert.tool.clone(),
            account: alert.account.as_ref().map(|account| account.name.clone()),
            source: logon
                .and_then(|logon| logon.source_ip.clone())
                .or_else(|| client.and_then(|client| client.host.clone())),
            service: alert.service.as_ref().map(|service| service.name.clone()),
            hosts: vec![host_key(&alert.host)],
            window: None,
        }
    }

    pub(super) fn from_fields(fields: &BTreeMap<String, String>) -> Self {
        let value = |id: &str| {
            let text = fields.get(id).map_or("", |text| text.trim());
            (!text.is_empty()).then(|| text.to_owned())
        };
        Scope {
            tool: value("tool").unwrap_or_default(),
            account: value("account"),
            source: value("source"),
            service: value("service"),
            hosts: value("hosts")
                .unwrap_or_default()
                .split(',')
                .map(|host| host.trim().to_owned())
                .filter(|host| !host.is_empty())
                .collect(),
            window: value("window"),
        }
    }

    pub(super) fn fields(&self) -> BTreeMap<String, String> {
        let parts = [
            ("tool", Some(self.tool.clone())),
            ("account", self.account.clone()),
            ("source", self.source.clone()),
            ("service", self.service.clone()),
            ("hosts", Some(self.hosts.join(", "))),
            ("window", self.window.clone()),
        ];
        let given = parts
            .into_iter()
            .map(|(id, text)| (id.to_owned(), text.unwrap_or_default()));
        given.collect()
    }

    /// What makes it no scope: field, and what is wrong.
    pub(super) fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let parts = [
            ("tool", Some(&self.tool)),
            ("account", self.account.as_ref()),
            ("source", self.source.as_ref()),
        ];
        for (field, text) in parts {
            let is_any = |c| matches!(c, '*' | '?' | '\\');
            let covers_all = |text: &String| {
                !text.is_empty() && text.chars().all(is_any) || text.ends_with("/0")
            };
            if text.is_some_and(covers_all) {
                let what = "covers everything; say which one, or leave it empty";
                faults.push((field, what.to_owned()));
            }
        }
        if let Some(window) = &self.window
            && Window::parse(window).is_none()
        {
            let what = "is neither FROM/TO nor a time of day such as 22:00-04:00 (UTC)";
            faults.push(("window", format!("“{window}” {what}")));
        }
        faults
    }

    /// Whether an alert falls under it. What the evidence does not say fits no part that is given.
    pub fn covers(&self, alert: &Alert) -> bool {
        let logon = alert.logon.as_ref();
        let client = alert.client.as_ref();
        let account = alert.account.as_ref().map(|account| &account.name);
        let pattern = |written: &str| Pattern::new(written);
        let names = [
            client.and_then(|client| client.host.as_deref()),
            logon.and_then(|logon| logon.workstation.as_deref()),
        ];
        let address = logon.and_then(|logon| logon.source_ip.as_deref());
        let services = alert.service.iter().flat_map(|service| {
            let names = [Some(&service.name), service.display_name.as_ref()];
            names.into_iter().flatten()
        });
        let mut services = services.peekable();
        pattern(&self.tool).matches(&alert.tool)
            && self.account.as_ref().is_none_or(|wanted| {
                account.is_some_and(|account| pattern(wanted).matches_account(account))
            })
            && self
                .source
                .as_ref()
                .is_none_or(|wanted| is_source(wanted, &names, address))
            && self.service.as_ref().is_none_or(|wanted| {
                services.peek().is_some() && services.any(|name| pattern(wanted).matches(name))
            })
            && (self.hosts.is_empty()
                || self
                    .hosts
                    .iter()
                    .any(|host| pattern(host).matches_host(&alert.host)))
            && self.window.as_deref().is_none_or(|window| {
                Window::parse(window).is_some_and(|window| window.contains(alert.first_time))
            })
    }

    /// In a few words.
    pub fn words(&self) -> String {
        let mut said = vec![self.tool.clone()];
        said.extend(self.account.iter().map(|text| format!("by {text}")));
        said.extend(self.source.iter().map(|text| format!("from {text}")));
        said.extend(self.service.iter().map(|text| format!("service {text}")));
        if !self.hosts.is_empty() {
            said.push(format!("on {}", self.hosts.join(", ")));
        }
        said.extend(self.window.iter().map(|text| format!("within {text}")));
        said.join(" ")
    }
}

/// Whether a name or address is the source that is wanted. An address is held against addresses
/// only: a workstation's name is what the client claims.
fn is_source(wanted: &str, names: &[Option<&str>], address: Option<&str>) -> bool {
    if let Ok(network) = wanted.parse::<Network>() {
        return address
            .and_then(|address| address.parse::<IpAddr>().ok())
            .is_some_and(|address| network.contains(address));
    }
    let pattern = Pattern::new(wanted);
    names
        .iter()
        .flatten()
        .any(|name| pattern.matches_host(name))
}

/// When a rule holds.
enum Window {
    Span(ChangeWindow),
    /// Minutes after midnight UTC; the end may lie on the next day.
    Daily(u64, u64),
}

const MINUTES_PER_DAY: u64 = 24 * 60;

impl Window {
    fn parse(text: &str) -> Option<Self> {
        if text.contains('/') {
            return ChangeWindow::parse_span(text).map(Window::Span);
        }
        let (from, to) = text.split_once('-')?;
        let minutes = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        Some(Window::Daily(minutes(from)?, minutes(to)?))
    }

    fn contains(&self, time: Time) -> bool {
        match self {
            Window::Span(window) => window.contains(time),
            Window::Daily(from, to) => {
                let minute = time.filetime() / (60 * TICKS_PER_SECOND) % MINUTES_PER_DAY;
                if from <= to {
                    (*from..*to).contains(&minute)
                } else {
                    minute >= *from || minute < *to
                }
            }
        }
    }
}
