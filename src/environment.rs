//! The site profile: what this site knows about itself. Everything in it may be unknown, and
//! unknown is never read as "no".

mod pattern;
mod profile;
pub(crate) mod strict_toml;

pub use pattern::{Network, Pattern};
pub use profile::{ProfileError, TEMPLATE};
pub use strict_toml::TomlFault;

use crate::event::{NamedZone, Time};

/// What the analyst's site looks like. The default knows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// Time zone in which the site works.
    pub time_zone: Option<NamedZone>,
    /// Whether Linux hosts administer Windows here.
    pub linux: Answer,
    /// Accounts that services run under, beside those that Windows itself has.
    pub service_accounts: Vec<Pattern>,
    /// Accounts of administrators.
    pub admin_accounts: Vec<Pattern>,
    /// Groups of administrators.
    pub admin_groups: Vec<Pattern>,
    /// Hosts that administrators work from.
    pub admin_hosts: Vec<Pattern>,
    /// Networks that administrators work from.
    pub admin_networks: Vec<Network>,
    /// Servers that manage others.
    pub management_servers: Vec<ManagementServer>,
    /// Agreed times for changes.
    pub change_windows: Vec<ChangeWindow>,
}

/// An answer that may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody said.
    #[default]
    Unknown,
}

/// A server that manages others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementServer {
    /// Its name.
    pub host: Pattern,
    /// Its address, when it is fixed.
    pub address: Option<std::net::IpAddr>,
    /// What it runs, such as `PDQ Deploy`.
    pub product: String,
}

/// An agreed time for changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeWindow {
    /// Its name, by which a verdict cites it.
    pub name: String,
    /// Change number.
    pub ticket: Option<String>,
    /// Begin, UTC.
    pub from: Time,
    /// End, UTC, not included.
    pub to: Time,
    /// Hosts it is for; empty means all.
    pub hosts: Vec<Pattern>,
    /// Accounts it is for; empty means all.
    pub accounts: Vec<Pattern>,
}

impl Environment {
    /// Whether an account is one of a service. `None` when the profile lists none.
    pub fn is_service_account(&self, account: &str) -> Option<bool> {
        matches_account(&self.service_accounts, account)
    }

    /// Whether an account is an administrator's. `None` when the profile lists none.
    pub fn is_admin_account(&self, account: &str) -> Option<bool> {
        matches_account(&self.admin_accounts, account)
    }

    /// Whether a group is one of administrators. `None` when the profile lists none.
    pub fn is_admin_group(&self, group: &str) -> Option<bool> {
        matches_account(&self.admin_groups, group)
    }

    /// Whether administrators work from a host name or address. `None` when the profile lists
    /// neither hosts nor networks.
    pub fn is_admin_source(&self, host: Option<&str>, address: Option<&str>) -> Option<bool> {
        if self.admin_hosts.is_empty() && self.admin_networks.is_empty() {
            return None;
        }
        let by_name = host.is_some_and(|host| {
            self.admin_hosts
                .iter()
                .any(|pattern| pattern.matches_host(host))
        });
        let by_address = address
            .and_then(|address| address.parse().ok())
            .is_some_and(|address| {
                self.admin_networks
                    .iter()
                    .any(|network| network.contains(address))
            });
        Some(by_name || by_address)
    }

    /// The management server of that name or address.
    pub fn management_server(
        &self,
        host: Option<&str>,
        address: Option<&str>,
    ) -> Option<&ManagementServer> {
        let address: Option<std::net::IpAddr> = address.and_then(|address| address.parse().ok());
        self.management_servers.iter().find(|server| {
            host.is_some_and(|host| server.host.matches_host(host))
                || (server.address.is_some() && server.address == address)
        })
    }

    /// The change window of that name or ticket.
    pub fn change_window(&self, name: &str) -> Option<&ChangeWindow> {
        let is_meant = |text: &str| text.eq_ignore_ascii_case(name.trim());
        self.change_windows
            .iter()
            .find(|window| is_meant(&window.name) || window.ticket.as_deref().is_some_and(is_meant))
    }

    /// The change windows that cover an account's work on a host at a time.
    pub fn change_windows_at<'a>(
        &'a self,
        time: Time,
        host: &'a str,
        account: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ChangeWindow> {
        self.change_windows
            .iter()
            .filter(move |window| window.covers(time, host, account))
    }
}

fn matches_account(patterns: &[Pattern], account: &str) -> Option<bool> {
    (!patterns.is_empty()).then(|| {
        patterns
            .iter()
            .any(|pattern| pattern.matches_account(account))
    })
}

impl ChangeWindow {
    /// Whether a time lies in it.
    pub fn contains(&self, time: Time) -> bool {
        (self.from..self.to).contains(&time)
    }

    /// Whether it covers an account's work on a host at a time. An unknown account is covered only
    /// by a window for all accounts.
    pub fn covers(&self, time: Time, host: &str, account: Option<&str>) -> bool {
        self.contains(time)
            && (self.hosts.is_empty()
                || self.hosts.iter().any(|pattern| pattern.matches_host(host)))
            && (self.accounts.is_empty()
                || account.is_some_and(|account| {
                    self.accounts
                        .iter()
                        .any(|pattern| pattern.matches_account(account))
                }))
    }

    /// A window written as `FROM/TO`, both in a form that [`Time::parse`] reads.
    pub fn parse_span(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('/')?;
        let (from, to) = (Time::parse(from)?, Time::parse(to)?);
        (from < to).then(|| ChangeWindow {
            name: text.to_owned(),
            ticket: None,
            from,
            to,
            hosts: Vec::new(),
            accounts: Vec::new(),
        })
    }
}
