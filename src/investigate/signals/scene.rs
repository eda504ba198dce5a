//! What a signal looks at: one alert with its source side, its past and the logs around it.

use std::time::Duration;

use super::super::alert::{Alert, Artefact, ProcessRef, Role};
use super::super::assemble::Draft;
use super::super::both_ends::Ends;
use super::super::history::Past;
use super::super::processes::Process;
use super::super::surroundings::{Surroundings, is_own_address};
use crate::detect::Tool;
use crate::detect::session_zero::Door;
use crate::event::fact::{Fact, Logon};
use crate::event::identity::split_account;
use crate::event::{Time, same_host};
use crate::timeline::{EventIndex, HostId};

/// Events cited for one signal.
const CITED: usize = 12;

/// One alert and what lies around it.
pub(in super::super) struct Scene<'a, 't> {
    pub(in super::super) around: &'a Surroundings<'t>,
    pub(in super::super) draft: &'a Draft,
    pub(in super::super) tool: &'a Tool,
    pub(in super::super) ends: &'a Ends,
    pub(in super::super) past: &'a Past,
    /// The way into session 0, where that is what the alert is about.
    pub(in super::super) door: Option<Door>,
}

/// A signal that was found: what fills its text, and the events that show it.
#[derive(Debug, Default)]
pub(super) struct Found {
    values: Vec<(&'static str, String)>,
    events: Vec<EventIndex>,
}

impl Found {
    /// Something shown by events.
    pub(super) fn by(events: impl IntoIterator<Item = EventIndex>) -> Option<Self> {
        let mut found = Found::default();
        for event in events {
            if !found.events.contains(&event) && found.events.len() < CITED {
                found.events.push(event);
            }
        }
        Some(found)
    }

    /// With a value for the text.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        let found = self.values.iter().find(|(known, _)| *known == name)?;
        Some(found.1.clone())
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventIndex> {
        self.events.iter().copied()
    }
}

impl<'t> Scene<'_, 't> {
    pub(in super::super) fn alert(&self) -> &Alert {
        &self.draft.alert
    }

    /// The values that every text may use.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let alert = self.alert();
        match name {
            "account" => self.account().map(str::to_owned),
            "host" => Some(alert.host.clone()),
            "source" => self.source(),
            "tool" => Some(self.tool.title.clone()),
            "service" => alert.service.as_ref().map(|service| service.name.clone()),
            _ => None,
        }
    }

    pub(in super::super) fn account(&self) -> Option<&str> {
        let account = self.alert().account.as_ref()?;
        Some(account.name.as_str())
    }

    /// The user part of the account, lower case.
    pub(super) fn user(&self) -> Option<String> {
        let (_, user) = split_account(self.account()?);
        Some(user.to_lowercase())
    }

    /// Name of the host it came from, when that is another host.
    pub(in super::super) fn source_name(&self) -> Option<&str> {
        let alert = self.alert();
        let client = alert.client.as_ref();
        let logon = alert.logon.as_ref();
        let named = client
            .and_then(|client| client.host.as_deref())
            .or_else(|| logon.and_then(|logon| logon.workstation.as_deref()))
            .or_else(|| {
                let host = self.source_host()?;
                Some(self.around.timeline.host_name(host))
            });
        named.filter(|name| !same_host(name, &alert.host))
    }

    /// Address it came from, when that is not the host itself.
    pub(in super::super) fn source_address(&self) -> Option<&str> {
        let logon = self.alert().logon.as_ref()?;
        logon
            .source_ip
            .as_deref()
            .filter(|address| !is_own_address(address))
    }

    /// The loaded host it came from, when that is another one.
    pub(in super::super) fn source_host(&self) -> Option<HostId> {
        self.ends.source.filter(|source| *source != self.draft.host)
    }

    /// Where it came from, in words.
    pub(in super::super) fn source(&self) -> Option<String> {
        match (self.source_name(), self.source_address()) {
            (Some(name), Some(address)) => Some(format!("{name} ({address})")),
            (Some(name), None) => Some(name.to_owned()),
            (None, Some(address)) => Some(address.to_owned()),
            (None, None) => None,
        }
    }

    /// Whether traces of the network are part of the alert.
    pub(in super::super) fn came_over_network(&self) -> bool {
        let alert = self.alert();
        self.source_name().is_some()
            || self.source_address().is_some()
            || alert
                .sightings
                .iter()
                .any(|sighting| sighting.artefact == Artefact::ShareAccess)
            || alert
                .logon
                .as_ref()
                .is_some_and(|logon| logon.logon_type == Some(3))
    }

    /// The client's process, where it was seen.
    pub(in super::super) fn client(&self) -> Option<Process> {
        let client = self
            .ends
            .client
            .or_else(|| self.draft.clients.first().copied())?;
        self.around.processes.get(client)
    }

    /// Events of the alert's sightings.
    pub(in super::super) fn sightings(
        &self,
        kinds: &[Artefact],
    ) -> impl Iterator<Item = EventIndex> {
        self.alert()
            .sightings
            .iter()
            .filter(|sighting| kinds.contains(&sighting.artefact))
            .map(|sighting| sighting.event.index)
    }

    /// The facts of the alert's sightings on its own host.
    pub(super) fn facts(&self) -> impl Iterator<Item = (EventIndex, Fact)> {
        self.alert()
            .sightings
            .iter()
            .map(|sighting| sighting.event.index)
            .filter(|event| self.around.timeline.host(*event) == self.draft.host)
            .filter_map(|event| Some((event, self.around.fact(event)?)))
    }

    /// The alert's processes of a role.
    pub(in super::super) fn with_role(&self, role: Role) -> impl Iterator<Item = &ProcessRef> {
        self.alert()
            .processes
            .iter()
            .filter(move |process| process.role == role)
    }

    /// The time of the use, with some of it before and behind.
    pub(super) fn time_around(&self, before: Duration, behind: Duration) -> (Time, Time) {
        let alert = self.alert();
        (alert.first_time.minus(before), alert.last_time.plus(behind))
    }

    /// The logon's event and fact.
    pub(in super::super) fn logon(&self) -> Option<(EventIndex, Logon)> {
        let event = self.alert().logon.as_ref()?.event.as_ref()?.index;
        match self.around.fact(event)? {
            Fact::Logon(logon) => Some((event, logon)),
            _ => None,
        }
    }

    /// Whether the site profile knows the source as its administrators' or as a server of theirs.
    pub(super) fn is_known_source(&self) -> bool {
        let site = self.around.environment;
        let (name, address) = (self.source_name(), self.source_address());
        site.is_admin_source(name, address) == Some(true)
            || site.management_server(name, address).is_some()
    }

    /// Whether the site profile knows the account or the source as its administrators'.
    pub(super) fn is_known_admin(&self) -> bool {
        let site = self.around.environment;
        let listed = |account| site.is_admin_account(account) == Some(true);
        self.account().is_some_and(listed) || self.is_known_source()
    }
}
