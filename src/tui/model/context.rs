//! What the cursor is on, gathered: where each pivot would lead from here.

use super::{Data, Page, Section, Subject, Target};
use crate::event::fact::Fact;
use crate::event::layout::parse_number;
use crate::event::{LogonId, Time};
use crate::investigate::{Alert, Role};
use crate::timeline::EventIndex;

/// The things a pivot can start from. Each is the nearest one: of the item under the cursor, else
/// of its event, else of the alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Alert, by id.
    pub alert: Option<String>,
    /// Event.
    pub event: Option<EventIndex>,
    /// Account.
    pub account: Option<String>,
    /// Host and logon session.
    pub session: Option<(String, LogonId)>,
    /// Host.
    pub host: Option<String>,
    /// Source address.
    pub address: Option<String>,
    /// Host and service.
    pub service: Option<(String, String)>,
    /// Time.
    pub time: Option<Time>,
    /// Event of a process.
    pub process: Option<EventIndex>,
}

impl Context {
    /// What the cursor of a page is on.
    pub fn of(page: &Page, data: &Data) -> Context {
        let mut context = Context::default();
        if let Some(alert) = page.alert_id(data).and_then(|id| data.alert(id)) {
            context.take_alert(alert);
        }
        if let Page::Alerts(page) = page
            && page.group_here().is_some()
            && let Some(first) = page.keep(data)
        {
            context.take_group(first);
        }
        if let Some(event) = page.event(data) {
            context.take_event(event, data);
        }
        if let Some(target) = page.target(data).filter(|_| !is_signal(page, data)) {
            context.take_target(&target, data);
        }
        context
    }

    fn take_alert(&mut self, alert: &Alert) {
        self.alert = Some(alert.id.clone());
        self.account = alert.account.as_ref().map(|account| account.name.clone());
        self.host = Some(alert.host.clone());
        self.time = Some(alert.first_time);
        self.event = alert.sightings.first().map(|sighting| sighting.event.index);
        if let Some(logon) = &alert.logon {
            self.address.clone_from(&logon.source_ip);
            self.session = session(&alert.host, logon.id.as_deref());
        }
        self.service = alert
            .service
            .as_ref()
            .map(|service| (alert.host.clone(), service.name.clone()));
        let by_role = |role| {
            alert
                .processes
                .iter()
                .filter(move |process| process.role == role)
                .find_map(|process| process.event.as_ref())
        };
        self.process = by_role(Role::Service)
            .or_else(|| by_role(Role::Child))
            .or_else(|| by_role(Role::Client))
            .map(|event| event.index);
    }

    /// What all alerts of a group share.
    fn take_group(&mut self, first: &Alert) {
        self.account = first.account.as_ref().map(|account| account.name.clone());
        let logon = first.logon.as_ref();
        self.address = logon.and_then(|logon| logon.source_ip.clone());
        self.time = Some(first.first_time);
    }

    fn take_event(&mut self, index: EventIndex, data: &Data) {
        let Some(event) = data.timeline().event(index) else {
            return;
        };
        self.event = Some(index);
        self.time = Some(event.time);
        self.host = Some(event.host.to_owned());
        if let Some(account) = event.account {
            self.account = Some(account.to_owned());
        }
        if let Some(id) = event.logon_id {
            self.session = Some((event.host.to_owned(), id));
        }
        let text = |symbol| data.timeline().strings().get(symbol).map(str::to_owned);
        match event.fact {
            Some(Fact::Logon(fact)) => {
                self.address = text(fact.source_ip).or(self.address.take());
            }
            Some(Fact::ShareAccess(fact)) => {
                self.address = text(fact.source_ip).or(self.address.take());
            }
            Some(Fact::Network(fact)) => {
                self.address = text(fact.source_ip).or(self.address.take());
            }
            Some(Fact::Authentication(fact)) => {
                self.address = text(fact.source_ip).or(self.address.take());
            }
            Some(Fact::ServiceInstall(fact)) => self.take_service(event.host, text(fact.name)),
            Some(Fact::ServiceState(fact)) => {
                self.take_service(event.host, text(fact.key_name).or(text(fact.name)));
            }
            _ => {}
        }
        if data.process_of(index).is_some() {
            self.process = Some(index);
        }
    }

    fn take_service(&mut self, host: &str, name: Option<String>) {
        if let Some(name) = name {
            self.service = Some((host.to_owned(), name));
        }
    }

    fn take_target(&mut self, target: &Target, data: &Data) {
        match target {
            Target::Alert(id) => self.alert = Some(id.clone()),
            Target::Event(event) | Target::Process(event) => self.take_event(*event, data),
            Target::Sources | Target::Known | Target::Note(_) => {}
            Target::Subject(subject) => match subject {
                Subject::Account(name) => self.account = Some(name.clone()),
                Subject::Session { host, id } => self.session = Some((host.clone(), *id)),
                Subject::Host(name) => self.host = Some(name.clone()),
                Subject::Address(address) => self.address = Some(address.clone()),
                Subject::Service { host, name } => {
                    self.service = Some((host.clone(), name.clone()));
                }
                Subject::Time { at, .. } => self.time = Some(*at),
                Subject::Value(_) | Subject::All | Subject::Leg { .. } => {}
            },
        }
    }
}

/// Whether the cursor is on a reason for or against: it opens the event that shows it, but the
/// pivots of the page stay those of the alert.
fn is_signal(page: &Page, data: &Data) -> bool {
    let Page::Alert(page) = page else {
        return false;
    };
    let items = page.items(data);
    let section = items.get(page.list.cursor).map(|item| item.section);
    matches!(section, Some(Section::Against | Section::For))
}

/// Host and logon id from an alert's words.
pub(super) fn session(host: &str, id: Option<&str>) -> Option<(String, LogonId)> {
    let id = LogonId(parse_number(id?)?);
    (!id.is_none()).then(|| (host.to_owned(), id))
}
