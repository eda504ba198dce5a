//! What lies around every alert, indexed once by host: the events that speak for or against it
//! without being part of it. Each table is read once; an alert then looks only at its own host and
//! its own hours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::coverage::Coverage;
use super::processes::Processes;
use crate::detect::Catalog;
use crate::detect::session_zero::is_service_account_name;
use crate::environment::Environment;
use crate::event::identity::{host_key, split_account};
use crate::event::{Sym, Time};
use crate::timeline::{EventIndex, FactRef, HostId, Timeline};

/// Logon types of somebody at the screen: interactive, unlock, remote interactive, cached.
const INTERACTIVE: [u32; 4] = [2, 7, 10, 11];
/// The logon type of the network.
pub(super) const NETWORK: u32 = 3;

/// The loaded logs around the alerts.
pub(super) struct Surroundings<'t> {
    pub(super) timeline: &'t Timeline,
    pub(super) processes: &'t Processes,
    pub(super) catalog: &'t Catalog,
    pub(super) environment: &'t Environment,
    pub(super) coverage: Coverage,
    /// Processes started.
    pub(super) starts: ByHost,
    /// Failed logons (4625).
    pub(super) failed_logons: ByHost,
    /// Successful logons over the network or a remote desktop.
    pub(super) remote_logons: ByHost,
    /// Other credentials used from a host (4648).
    pub(super) explicit_logons: ByHost,
    /// Logs cleared.
    pub(super) clearings: ByHost,
    /// Antivirus verdicts.
    pub(super) verdicts: ByHost,
    /// Protections changed.
    pub(super) protections: ByHost,
    /// Processes that opened lsass.exe.
    pub(super) lsass_accesses: ByHost,
    packages: HashMap<(PackageOf, String), Packages>,
    at_screen: HashMap<HostId, BTreeMap<String, EventIndex>>,
    hosts: HashMap<String, HostId>,
    addresses: HashMap<String, BTreeSet<HostId>>,
}

/// Events of one kind, by host, in time order.
#[derive(Debug, Default)]
pub(super) struct ByHost {
    events: HashMap<HostId, Vec<EventIndex>>,
}

impl ByHost {
    fn push(&mut self, timeline: &Timeline, event: EventIndex) {
        self.events
            .entry(timeline.host(event))
            .or_default()
            .push(event);
    }

    fn of(timeline: &Timeline, events: impl Iterator<Item = EventIndex>) -> Self {
        let mut by_host = ByHost::default();
        events.for_each(|event| by_host.push(timeline, event));
        by_host
    }

    /// The events of a host with `from <= time <= to`.
    pub(super) fn between(
        &self,
        timeline: &Timeline,
        host: HostId,
        from: Time,
        to: Time,
    ) -> &[EventIndex] {
        let Some(events) = self.events.get(&host) else {
            return &[];
        };
        let start = events.partition_point(|event| timeline.time(*event) < from);
        let end = events.partition_point(|event| timeline.time(*event) <= to);
        events.get(start..end.max(start)).unwrap_or_default()
    }
}

/// Whose network logons are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PackageOf {
    Account,
    Source,
}

impl PackageOf {
    /// Kerberos and NTLM write the domain differently: its first label decides.
    fn key(self, name: &str) -> String {
        match self {
            PackageOf::Source => plain_address(name).to_owned(),
            PackageOf::Account => {
                let (domain, user) = split_account(name);
                format!("{}\\{}", host_key(domain), user.to_lowercase())
            }
        }
    }
}

/// How often somebody logged on over the network by which package.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Packages {
    pub(super) kerberos: u32,
    pub(super) ntlm: u32,
}

impl<'t> Surroundings<'t> {
    pub(super) fn build(
        timeline: &'t Timeline,
        processes: &'t Processes,
        catalog: &'t Catalog,
        environment: &'t Environment,
        coverage: Coverage,
    ) -> Self {
        let tables = timeline.tables();
        let lsass = tables
            .process_accesses
            .iter()
            .filter(|(_, fact)| ends_with(timeline.text(fact.target_image), "\\lsass.exe"));
        let mut around = Surroundings {
            timeline,
            processes,
            catalog,
            environment,
            coverage,
            starts: ByHost::of(
                timeline,
                tables.process_starts.iter().map(|(event, _)| event),
            ),
            failed_logons: ByHost::default(),
            remote_logons: ByHost::default(),
            explicit_logons: ByHost::of(
                timeline,
                tables.explicit_logons.iter().map(|(event, _)| event),
            ),
            clearings: ByHost::of(timeline, tables.logs_cleared.iter().map(|(event, _)| event)),
            verdicts: ByHost::of(timeline, tables.antivirus.iter().map(|(event, _)| event)),
            protections: ByHost::of(timeline, tables.protection.iter().map(|(event, _)| event)),
            lsass_accesses: ByHost::of(timeline, lsass.map(|(event, _)| event)),
            packages: HashMap::new(),
            at_screen: HashMap::new(),
            hosts: timeline
                .hosts()
                .map(|(id, name)| (host_key(name), id))
                .collect(),
            addresses: HashMap::new(),
        };
        around.read_logons();
        around.read_shells();
        around.read_addresses();
        around
    }

    /// The loaded host that a name means.
    pub(super) fn host_named(&self, name: &str) -> Option<HostId> {
        let key = host_key(name);
        (!key.is_empty())
            .then(|| self.hosts.get(&key).copied())
            .flatten()
    }

    /// The one loaded host that an address belongs to, by its own connections or machine account.
    pub(super) fn host_at(&self, address: &str) -> Option<HostId> {
        let hosts = self.addresses.get(address)?;
        match hosts.len() {
            1 => hosts.first().copied(),
            _ => None,
        }
    }

    /// How an account or source usually logs on over the network.
    pub(super) fn packages(&self, of: PackageOf, name: &str) -> Packages {
        self.packages
            .get(&(of, of.key(name)))
            .copied()
            .unwrap_or_default()
    }

    /// Users who work at the screen of a host, lower case without domain, each with an event that
    /// shows it.
    pub(super) fn at_screen(&self, host: HostId) -> impl Iterator<Item = (&str, EventIndex)> {
        self.at_screen
            .get(&host)
            .into_iter()
            .flatten()
            .map(|(user, event)| (user.as_str(), *event))
    }

    fn read_logons(&mut self) {
        let timeline = self.timeline;
        let mut packages: HashMap<(PackageOf, Sym), Packages> = HashMap::new();
        for (event, logon) in timeline.tables().logons.iter() {
            if !logon.success {
                self.failed_logons.push(timeline, event);
                continue;
            }
            // `runas` makes an interactive logon too, but nobody sits there under that name.
            let run_as = starts_with(timeline.text(logon.logon_process), "seclogo");
            let interactive = INTERACTIVE.contains(&logon.logon_type) && !run_as;
            if logon.logon_type != NETWORK && !interactive {
                continue;
            }
            let account = timeline.text(logon.account);
            if account.is_empty() || is_service_account_name(account) {
                continue;
            }
            if interactive {
                self.note_user(timeline.host(event), account, event);
            }
            if logon.logon_type == NETWORK || logon.logon_type == 10 {
                self.remote_logons.push(timeline, event);
            }
            if logon.logon_type == NETWORK {
                let package = timeline.text(logon.package);
                let keys = [
                    (PackageOf::Account, logon.account),
                    (PackageOf::Source, logon.source_ip),
                ];
                for key in keys.into_iter().filter(|(_, symbol)| !symbol.is_none()) {
                    let counts = packages.entry(key).or_default();
                    if is_kerberos(package) {
                        counts.kerberos += 1;
                    } else if is_ntlm(package) {
                        counts.ntlm += 1;
                    }
                }
            }
        }
        for ((of, symbol), counts) in packages {
            let key = (of, of.key(timeline.text(symbol)));
            let sum = self.packages.entry(key).or_default();
            sum.kerberos += counts.kerberos;
            sum.ntlm += counts.ntlm;
        }
    }

    /// Whoever runs the desktop works at the screen. A desktop that began before the logs is known
    /// by what it started first; what it starts later may run under other accounts.
    fn read_shells(&mut self) {
        let (timeline, processes) = (self.timeline, self.processes);
        for (id, process) in processes.iter() {
            if !ends_with(timeline.text(process.image), "\\explorer.exe")
                || process.session_id == Some(0)
            {
                continue;
            }
            let first = || {
                processes
                    .children(id)
                    .first()
                    .and_then(|id| processes.get(*id))
            };
            let Some((event, account)) = process
                .start
                .zip(process.account.some())
                .or_else(|| first().and_then(|child| child.start.zip(child.account.some())))
            else {
                continue;
            };
            let account = timeline.text(account);
            if !is_service_account_name(account) {
                self.note_user(process.host, account, event);
            }
        }
    }

    fn note_user(&mut self, host: HostId, account: &str, event: EventIndex) {
        let (_, user) = split_account(account);
        let users = self.at_screen.entry(host).or_default();
        if !users.contains_key(user) {
            users.entry(user.to_lowercase()).or_insert(event);
        }
    }

    /// Which addresses are whose: of outbound connections that a host logged itself, and of logons
    /// and tickets of its machine account (`NAME$`).
    fn read_addresses(&mut self) {
        let timeline = self.timeline;
        let tables = timeline.tables();
        let mut pairs: BTreeSet<(Sym, HostId)> = BTreeSet::new();
        for (event, fact) in tables.network.iter() {
            if fact.initiated == Some(true) {
                pairs.insert((fact.source_ip, timeline.host(event)));
            }
        }
        let logons = tables.logons.iter().map(|(_, f)| (f.account, f.source_ip));
        let tickets = tables.authentications.iter();
        let tickets = tickets.map(|(_, f)| (f.account, f.source_ip));
        let mut machines: BTreeSet<(Sym, Sym)> = BTreeSet::new();
        for (account, address) in logons.chain(tickets) {
            if timeline.text(account).ends_with('$') && !address.is_none() {
                machines.insert((account, address));
            }
        }
        for (account, address) in machines {
            let (_, machine) = split_account(timeline.text(account));
            if let Some(host) = self.host_named(machine.trim_end_matches('$')) {
                pairs.insert((address, host));
            }
        }
        for (address, host) in pairs {
            let address = plain_address(timeline.text(address));
            if !is_own_address(address) {
                self.addresses
                    .entry(address.to_owned())
                    .or_default()
                    .insert(host);
            }
        }
    }

    /// The typed fact of an event.
    pub(super) fn fact(&self, event: EventIndex) -> Option<FactRef<'t>> {
        self.timeline.event(event)?.fact
    }
}

/// An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`), as IPv4.
pub(super) fn plain_address(address: &str) -> &str {
    const MAPPED: &str = "::ffff:";
    match address.split_at_checked(MAPPED.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(MAPPED) && rest.contains('.') => rest,
        _ => address,
    }
}

/// Whether an address is the host itself.
pub(super) fn is_own_address(address: &str) -> bool {
    let address = plain_address(address);
    matches!(address, "" | "localhost" | "0.0.0.0" | "::" | "::1") || address.starts_with("127.")
}

/// Whether an authentication package is NTLM.
pub(super) fn is_ntlm(package: &str) -> bool {
    starts_with(package, "ntlm")
}

/// Whether an authentication package is Kerberos.
pub(super) fn is_kerberos(package: &str) -> bool {
    starts_with(package, "kerberos")
}

fn starts_with(text: &str, start: &str) -> bool {
    text.trim_start()
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Whether a text ends so, without regard to case.
pub(super) fn ends_with(text: &str, end: &str) -> bool {
    text.len()
        .checked_sub(end.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}
