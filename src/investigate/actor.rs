//! Who did it, and through which logon.
//!
//! Every answer says how it is known. A logon found only because it is the nearest in time is
//! never passed off as the logon of the use.

use std::collections::HashSet;
use std::time::Duration;

use super::alert::{AccountRef, EventRef, How, LogonRef};
use super::cite;
use super::processes::{ProcessId, Processes};
use super::surroundings::{ByHost, plain_address};
use crate::detect::session_zero::is_service_account_name;
use crate::event::fact::{Fact, Logon};
use crate::event::{LogonId, Sym, Time, same_account};
use crate::timeline::{EventIndex, HostId, Timeline};

/// Logons of one run begin this close together (catalogue B2: several logon ids per run).
const ONE_CLUSTER: Duration = Duration::from_secs(30);
/// How far back the nearest logon is looked for.
const NEAREST: Duration = Duration::from_secs(30);
/// How far from the use an inbound SMB connection may lie to be its own.
const NEAR_CONNECTION: Duration = Duration::from_secs(10);
/// A session of a script's user began at most so long before.
const ONE_DAY: Duration = Duration::from_secs(24 * 3600);
/// Events of one moment are written in any order.
const SAME_MOMENT: Duration = Duration::from_secs(2);

/// All logons that succeeded.
#[derive(Debug, Default)]
pub(super) struct Logons {
    /// By host, logon id and time.
    by_id: Vec<EventIndex>,
    by_host: ByHost,
}

impl Logons {
    pub(super) fn build(timeline: &Timeline) -> Self {
        let logons = timeline.tables().logons.iter();
        let all = logons.filter_map(|(event, logon)| logon.success.then_some(event));
        let by_host = ByHost::of(timeline, all);
        let mut by_id = Vec::new();
        for host in by_host.hosts() {
            let mut of_host: Vec<(LogonId, EventIndex)> = host
                .iter()
                .map(|event| (timeline.logon_id(*event), *event))
                .collect();
            of_host.sort_unstable();
            by_id.extend(of_host.into_iter().map(|(_, event)| event));
        }
        Logons { by_id, by_host }
    }

    /// The logon that opened a session: the latest with that id at or before a time (ids return
    /// after a reboot).
    pub(super) fn of_id(
        &self,
        timeline: &Timeline,
        host: HostId,
        id: LogonId,
        at: Time,
    ) -> Option<EventIndex> {
        let of = |event: &EventIndex| (timeline.host(*event), timeline.logon_id(*event));
        let latest = (host, id, at.plus(SAME_MOMENT));
        let after = self.by_id.partition_point(|event| {
            let (host, id) = of(event);
            (host, id, timeline.time(*event)) <= latest
        });
        let found = self.by_id.get(after.checked_sub(1)?)?;
        (of(found) == (host, id)).then_some(*found)
    }

    fn between(&self, timeline: &Timeline, host: HostId, from: Time, to: Time) -> &[EventIndex] {
        self.by_host.between(timeline, host, from, to)
    }
}

/// What is looked at to find the actor.
pub(super) struct Search<'t> {
    pub(super) timeline: &'t Timeline,
    pub(super) processes: &'t Processes,
    pub(super) logons: &'t Logons,
    pub(super) host: HostId,
    pub(super) first: Time,
    /// Events of the use, in time order.
    pub(super) events: &'t [EventIndex],
    /// The tool on this host, or whoever drives it from here.
    pub(super) clients: &'t [ProcessId],
    /// The tool's service.
    pub(super) services: &'t [ProcessId],
    /// What was run.
    pub(super) children: &'t [ProcessId],
    /// Whether the tool works over the network, so that the nearest network logon is a clue.
    pub(super) is_remote: bool,
}

/// The actor of a use.
#[derive(Debug, Default)]
pub(super) struct Actor {
    pub(super) account: Option<AccountRef>,
    pub(super) logon: Option<LogonRef>,
}

impl Search<'_> {
    pub(super) fn actor(&self) -> Actor {
        let mut logon = self.logon_by_id();
        let mut account = self.named_account().or_else(|| self.process_account());
        if account.is_none() {
            account = logon
                .as_ref()
                .and_then(|(event, how)| self.account_of_logon(*event, *how));
        }
        if logon.is_none() && self.is_remote {
            logon = self.nearest_logon(account.as_ref());
            if account.is_none() {
                account = logon
                    .as_ref()
                    .and_then(|(event, how)| self.account_of_logon(*event, *how));
            }
        }
        if logon.is_none() {
            logon = self.session_of_script(account.as_ref());
        }
        let account = account
            .map(|account| self.with_name(account))
            .or_else(|| self.registry_account());
        let mut found = match logon {
            Some((event, how)) => self.logon_ref(event, how),
            None => self.logon_without_event(),
        };
        if let Some(found) = &mut found
            && found.source_ip.is_none()
            && self.is_remote
        {
            found.source_ip = self
                .share_source()
                .map(|(ip, _)| ip)
                .or_else(|| self.inbound_peer());
            found.source_port = found
                .source_port
                .or_else(|| self.share_source().map(|(_, port)| port));
        }
        Actor {
            account,
            logon: found,
        }
    }

    fn address(&self, symbol: Sym) -> Option<String> {
        let address = self.timeline.strings().get(symbol)?;
        Some(plain_address(address).to_owned())
    }

    /// An account that is known by its SID alone, with the name that what was run gives: 7045 names
    /// the installer by SID, and without a Security log only the processes name anybody.
    fn with_name(&self, account: AccountRef) -> AccountRef {
        if !account.name.starts_with("S-1-") {
            return account;
        }
        match self.process_account() {
            Some(named) if !named.name.starts_with("S-1-") => AccountRef {
                sid: Some(account.name),
                ..named
            },
            _ => account,
        }
    }

    fn text(&self, symbol: Sym) -> Option<String> {
        self.timeline.strings().get(symbol).map(str::to_owned)
    }

    fn facts(&self) -> impl Iterator<Item = (EventIndex, Fact)> {
        self.events
            .iter()
            .filter_map(|event| Some((*event, self.timeline.fact(*event)?)))
    }

    /// A user's account, as an event of the use names it.
    fn named_account(&self) -> Option<AccountRef> {
        let rank = |event, fact: &Fact| match fact {
            Fact::ServiceInstall(f) if f.is_key_name => Some((0, f.account, f.sid)),
            Fact::ShareAccess(f) => Some((1, f.account, f.sid)),
            Fact::ServiceHandle(f) => Some((2, f.account, f.sid)),
            Fact::ServiceInstall(f) => Some((3, f.account, f.sid)),
            Fact::Antivirus(f) => Some((4, f.account, Sym::NONE)),
            Fact::Network(f) => Some((5, f.account, Sym::NONE)),
            // PowerShell's records name their user in the header.
            Fact::Script(_) => Some((6, self.timeline.account(event), Sym::NONE)),
            Fact::ExplicitLogon(f) => Some((7, f.subject, f.subject_sid)),
            // Before Windows Vista the order to start a service names who gave it.
            Fact::ServiceState(_) => Some((8, self.timeline.account(event), Sym::NONE)),
            _ => None,
        };
        self.facts()
            .filter_map(|(event, fact)| rank(event, &fact))
            .filter(|(_, account, _)| self.is_user(*account))
            .min_by_key(|(rank, ..)| *rank)
            .and_then(|(_, account, sid)| self.account_ref(account, sid, How::Named))
    }

    /// The account of the client, else of what was run, where it is a user's.
    fn process_account(&self) -> Option<AccountRef> {
        self.clients
            .iter()
            .chain(self.children)
            .chain(self.services)
            .find_map(|process| {
                let process = self.processes.get(*process)?;
                self.is_user(process.account)
                    .then(|| self.account_ref(process.account, Sym::NONE, How::SameProcessId))
                    .flatten()
            })
    }

    fn account_of_logon(&self, event: EventIndex, how: How) -> Option<AccountRef> {
        let logon = self.logon(event)?;
        self.is_user(logon.account)
            .then(|| self.account_ref(logon.account, logon.sid, how))
            .flatten()
    }

    /// The owner of the registry hive that the tool wrote to: `HKU\S-1-5-21-…\…`.
    fn registry_account(&self) -> Option<AccountRef> {
        self.facts().find_map(|(_, fact)| {
            let Fact::Registry(f) = fact else {
                return None;
            };
            let key = self.timeline.text(f.key);
            let sid = key.strip_prefix("HKU\\")?.split(['\\', '_']).next()?;
            if !sid.starts_with("S-1-5-21-") {
                return None;
            }
            let symbol = self.timeline.strings().find(sid);
            let name = symbol
                .and_then(|sid| self.timeline.name_of_sid(sid))
                .unwrap_or(sid);
            Some(AccountRef {
                name: name.to_owned(),
                sid: Some(sid.to_owned()),
                how: How::Named,
            })
        })
    }

    fn is_user(&self, account: Sym) -> bool {
        let name = self.timeline.text(account);
        !name.is_empty()
            && !is_service_account_name(name)
            && !name.to_uppercase().ends_with("ANONYMOUS LOGON")
    }

    fn account_ref(&self, account: Sym, sid: Sym, how: How) -> Option<AccountRef> {
        Some(AccountRef {
            name: self.text(account)?,
            sid: self.text(sid),
            how,
        })
    }

    fn logon(&self, event: EventIndex) -> Option<Logon> {
        match self.timeline.fact(event)? {
            Fact::Logon(logon) => Some(logon),
            _ => None,
        }
    }

    /// Logon ids that the events of the use carry, the network's first.
    fn logon_ids(&self) -> Vec<LogonId> {
        let of_facts = |wanted: fn(&Fact) -> Option<LogonId>| {
            self.facts()
                .filter_map(move |(_, fact)| wanted(&fact))
                .collect::<Vec<_>>()
        };
        let mut ids = of_facts(|fact| match fact {
            Fact::ShareAccess(f) => Some(f.logon_id),
            _ => None,
        });
        ids.extend(of_facts(|fact| match fact {
            Fact::ServiceInstall(f) => Some(f.logon_id),
            Fact::ServiceHandle(f) => Some(f.logon_id),
            Fact::ExplicitLogon(f) => Some(f.logon_id),
            _ => None,
        }));
        let processes = self
            .clients
            .iter()
            .chain(self.children)
            .chain(self.services);
        ids.extend(
            processes
                .filter_map(|process| self.processes.get(*process))
                .map(|process| process.logon_id),
        );
        ids.retain(|id| !id.is_none() && !id.is_built_in());
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids
    }

    fn logon_by_id(&self) -> Option<(EventIndex, How)> {
        self.logon_ids().into_iter().find_map(|id| {
            self.logons
                .of_id(self.timeline, self.host, id, self.first)
                .map(|event| (event, How::SameLogonId))
        })
    }

    /// The nearest network or remote-interactive logon before the use; of the same account when
    /// the account is known.
    fn nearest_logon(&self, account: Option<&AccountRef>) -> Option<(EventIndex, How)> {
        let source = self
            .share_source()
            .map(|(ip, _)| ip)
            .or_else(|| self.inbound_peer());
        let (from, to) = (self.first.minus(NEAREST), self.first.plus(SAME_MOMENT));
        let candidates = self.logons.between(self.timeline, self.host, from, to);
        candidates.iter().rev().find_map(|event| {
            let logon = self.logon(*event)?;
            let name = self.timeline.text(logon.account);
            let fits = matches!(logon.logon_type, 3 | 10)
                && self.is_user(logon.account)
                && account.is_none_or(|account| {
                    same_account(&account.name, name)
                        || account.sid.as_deref() == self.timeline.strings().get(logon.sid)
                });
            let same_source = source.is_some() && source == self.address(logon.source_ip);
            let how = if same_source && account.is_some() {
                How::SameAccountSourceTime
            } else {
                How::NearestInTime
            };
            fits.then_some((*event, how))
        })
    }

    /// The latest session of the account that ran a script: a script names its user but no logon.
    fn session_of_script(&self, account: Option<&AccountRef>) -> Option<(EventIndex, How)> {
        let account = account?;
        let is_script = |(_, fact)| matches!(fact, Fact::Script(_));
        if !self.facts().all(is_script) {
            return None;
        }
        let from = self.first.minus(ONE_DAY);
        let logons = self
            .logons
            .between(self.timeline, self.host, from, self.first);
        let event = logons.iter().rev().find(|event| {
            self.logon(**event).is_some_and(|logon| {
                let sid = self.timeline.strings().get(logon.sid);
                same_account(&account.name, self.timeline.text(logon.account))
                    || (sid.is_some() && account.sid.as_deref() == sid)
            })
        })?;
        Some((*event, How::NearestInTime))
    }

    fn logon_ref(&self, event: EventIndex, how: How) -> Option<LogonRef> {
        let logon = self.logon(event)?;
        // The id that the use's own events carry is the one to show, if the cluster has several.
        let own = self.logon_ids();
        let id = own
            .first()
            .copied()
            .filter(|_| how == How::SameLogonId)
            .unwrap_or(logon.logon_id);
        let mut others: Vec<LogonId> = self.cluster(event, &logon);
        others.extend(own);
        others.retain(|other| *other != id);
        others.sort_unstable();
        others.dedup();
        Some(LogonRef {
            id: Some(id.to_string()),
            other_ids: others.iter().map(LogonId::to_string).collect(),
            logon_type: Some(logon.logon_type),
            time: Some(self.timeline.time(event)),
            source_ip: self.address(logon.source_ip),
            source_port: (logon.source_port != 0).then_some(logon.source_port),
            workstation: self.text(logon.workstation),
            package: self
                .text(logon.package)
                .map(|package| package.trim().to_owned()),
            how,
            event: cite(self.timeline, event),
        })
    }

    /// Further logon ids of the same run: equal logon GUID, equal address and port, or the same
    /// account from the same address moments apart (catalogue B2).
    fn cluster(&self, event: EventIndex, logon: &Logon) -> Vec<LogonId> {
        let time = self.timeline.time(event);
        self.logons
            .between(
                self.timeline,
                self.host,
                time.minus(ONE_CLUSTER),
                time.plus(ONE_CLUSTER),
            )
            .iter()
            .filter_map(|other| self.logon(*other))
            .filter(|other| {
                let same_guid = !logon.logon_guid.is_none() && other.logon_guid == logon.logon_guid;
                let same_ip = !logon.source_ip.is_none() && other.source_ip == logon.source_ip;
                let same_port = logon.source_port != 0 && other.source_port == logon.source_port;
                same_guid || (same_ip && (same_port || other.account == logon.account))
            })
            .map(|other| other.logon_id)
            .collect()
    }

    /// What is known of the session when no logon event is: the ids and addresses of the use's own
    /// events, else the session that the program ran in.
    fn logon_without_event(&self) -> Option<LogonRef> {
        let ids = self.logon_ids();
        let built_in = || {
            let processes = self
                .clients
                .iter()
                .chain(self.children)
                .chain(self.services);
            processes
                .filter_map(|process| self.processes.get(*process))
                .find_map(|process| process.logon_id.some())
        };
        let id = ids.first().copied().or_else(built_in);
        let source = self.share_source();
        let source_ip = source
            .clone()
            .map(|(ip, _)| ip)
            .or_else(|| self.is_remote.then(|| self.inbound_peer()).flatten());
        if id.is_none() && source_ip.is_none() {
            return None;
        }
        Some(LogonRef {
            id: id.map(|id| id.to_string()),
            other_ids: ids.iter().skip(1).map(LogonId::to_string).collect(),
            logon_type: None,
            time: None,
            how: if id.is_none() {
                How::NearestInTime
            } else {
                How::Named
            },
            source_port: source.map(|(_, port)| port).filter(|port| *port != 0),
            source_ip,
            workstation: None,
            package: None,
            event: None,
        })
    }

    fn share_source(&self) -> Option<(String, u32)> {
        self.facts().find_map(|(_, fact)| match fact {
            Fact::ShareAccess(f) => Some((self.address(f.source_ip)?, f.source_port)),
            _ => None,
        })
    }

    /// The other end of an SMB connection that reached this host at the time of the use. Sysmon
    /// versions differ in which end they call the source: the end with port 445 is this host.
    fn inbound_peer(&self) -> Option<String> {
        const SMB: u32 = 445;
        let window = self.timeline.window(
            self.first.minus(NEAR_CONNECTION),
            self.first.plus(NEAR_CONNECTION),
        );
        self.timeline
            .tables()
            .network
            .between(window.start, window.end)
            .filter(|(event, fact)| {
                self.timeline.host(*event) == self.host && fact.initiated == Some(false)
            })
            .find_map(
                |(_, fact)| match (fact.source_port, fact.destination_port) {
                    (SMB, _) => self.address(fact.destination_ip),
                    (_, SMB) => self.address(fact.source_ip),
                    _ => None,
                },
            )
    }
}

/// Cites several events.
pub(super) fn cite_all(
    timeline: &Timeline,
    events: impl IntoIterator<Item = EventIndex>,
) -> Vec<EventRef> {
    events
        .into_iter()
        .filter_map(|event| cite(timeline, event))
        .collect()
}
