//! What lies around every alert, indexed once by host: the events that speak for or against it
//! without being part of it. Each table is read once; an alert then looks only at its own host and
//! its own hours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use hashbrown::HashMap;

use super::coverage::Coverage;
use super::processes::{Process, Processes};
use crate::detect::Catalog;
use crate::detect::session_zero::is_service_account_name;
use crate::environment::Environment;
use crate::event::fact::Fact;
use crate::event::identity::{host_key, split_account};
use crate::event::{Sym, Time};
use crate::timeline::{EventIndex, HostId, Timeline, summary};

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
    /// Failed logons (4625).
    pub(super) failed_logons: ByHost,
    /// Other credentials used from a host (4648).
    pub(super) explicit_logons: ByHost,
    /// Logs cleared.
    pub(super) clearings: ByHost,
    /// Antivirus verdicts.
    pub(super) verdicts: ByHost,
    /// Protections changed.
    pub(super) protections: ByHost,
    /// Accounts made, and who was put into groups.
    pub(super) account_changes: AccountChanges,
    /// Processes that opened lsass.exe.
    pub(super) lsass_accesses: ByHost,
    packages: HashMap<(PackageOf, String), Packages>,
    /// Logons of users at the screen of a host.
    interactive: ByHost,
    at_screen: Vec<OnceLock<BTreeMap<String, EventIndex>>>,
    hosts: HashMap<String, HostId>,
    addresses: HashMap<String, BTreeSet<HostId>>,
}

/// Events of one kind, by host, in time order.
#[derive(Debug, Default)]
pub(super) struct ByHost {
    hosts: Vec<Vec<EventIndex>>,
}

impl ByHost {
    fn push(&mut self, host: HostId, event: EventIndex) {
        if self.hosts.len() <= host.index() {
            self.hosts.resize_with(host.index() + 1, Vec::new);
        }
        if let Some(events) = self.hosts.get_mut(host.index()) {
            events.push(event);
        }
    }

    pub(super) fn of(timeline: &Timeline, events: impl Iterator<Item = EventIndex>) -> Self {
        let mut by_host = ByHost::default();
        events.for_each(|event| by_host.push(timeline.host(event), event));
        by_host
    }

    /// The events of all hosts, host by host.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &[EventIndex]> {
        self.hosts.iter().map(Vec::as_slice)
    }

    /// The events of a host.
    pub(super) fn host(&self, host: HostId) -> &[EventIndex] {
        self.hosts
            .get(host.index())
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The events of a host with `from <= time <= to`.
    pub(super) fn between(
        &self,
        timeline: &Timeline,
        host: HostId,
        from: Time,
        to: Time,
    ) -> &[EventIndex] {
        between(timeline, self.host(host), from, to)
    }
}

/// Of events in time order those with `from <= time <= to`.
pub(super) fn between<'e>(
    timeline: &Timeline,
    events: &'e [EventIndex],
    from: Time,
    to: Time,
) -> &'e [EventIndex] {
    let start = events.partition_point(|event| timeline.time(*event) < from);
    let end = events.partition_point(|event| timeline.time(*event) <= to);
    events.get(start..end.max(start)).unwrap_or_default()
}

/// Changes of accounts and groups, by host and by the accounts that they name.
#[derive(Debug, Default)]
pub(super) struct AccountChanges {
    hosts: ByHost,
    /// By SID, and by user name in lower case without domain.
    accounts: HashMap<String, Vec<EventIndex>>,
}

impl AccountChanges {
    fn build(timeline: &Timeline) -> Self {
        let mut changes = AccountChanges::default();
        for (event, fact) in timeline.tables().account_changes.iter() {
            changes.hosts.push(timeline.host(event), event);
            let sids = [fact.sid, fact.member_sid].map(|sid| timeline.text(sid).to_owned());
            let names = [
                timeline.text(fact.account),
                summary::member(timeline, &fact),
            ];
            let mut keys = Vec::from(sids);
            keys.extend(names.map(user_key));
            keys.sort_unstable();
            keys.dedup();
            for key in keys.into_iter().filter(|key| !key.is_empty()) {
                changes.accounts.entry(key).or_default().push(event);
            }
        }
        changes
    }

    /// Those on a host, in time order.
    pub(super) fn on(&self, host: HostId) -> &[EventIndex] {
        self.hosts.host(host)
    }

    /// Those that an account made or that happened to it, in time order; by its SID where that is
    /// known, else by its name.
    pub(super) fn of(&self, name: &str, sid: Option<&str>) -> &[EventIndex] {
        let key = sid.map_or_else(|| user_key(name), str::to_owned);
        self.accounts
            .get(&key)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

fn user_key(account: &str) -> String {
    split_account(account).1.to_lowercase()
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
    ) -> Self {
        let tables = timeline.tables();
        let hosts: HashMap<String, HostId> = timeline
            .hosts()
            .map(|(id, name)| (host_key(name), id))
            .collect();
        let (coverage, (sessions, (lsass_accesses, addresses))) = rayon::join(
            || Coverage::build(timeline),
            || {
                rayon::join(
                    || Sessions::read(timeline),
                    || (lsass_accesses(timeline), addresses(timeline, &hosts)),
                )
            },
        );
        Surroundings {
            timeline,
            processes,
            catalog,
            environment,
            coverage,
            failed_logons: sessions.failed,
            explicit_logons: ByHost::of(
                timeline,
                tables.explicit_logons.iter().map(|(event, _)| event),
            ),
            clearings: ByHost::of(timeline, tables.logs_cleared.iter().map(|(event, _)| event)),
            verdicts: ByHost::of(timeline, tables.antivirus.iter().map(|(event, _)| event)),
            protections: ByHost::of(timeline, tables.protection.iter().map(|(event, _)| event)),
            account_changes: AccountChanges::build(timeline),
            lsass_accesses,
            packages: sessions.packages,
            interactive: sessions.interactive,
            at_screen: timeline.hosts().map(|_| OnceLock::new()).collect(),
            hosts,
            addresses,
        }
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
        let users = self.at_screen.get(host.index());
        users
            .into_iter()
            .flat_map(move |users| users.get_or_init(|| self.users_at(host)))
            .map(|(user, event)| (user.as_str(), *event))
    }

    /// Whoever logs on there interactively, and whoever runs the desktop: one that began before the
    /// logs is known by what it started first; what it starts later may run under other accounts.
    fn users_at(&self, host: HostId) -> BTreeMap<String, EventIndex> {
        let (timeline, processes) = (self.timeline, self.processes);
        let mut users: BTreeMap<String, EventIndex> = BTreeMap::new();
        let mut note = |account: &str, event: EventIndex| {
            let (_, user) = split_account(account);
            users.entry(user.to_lowercase()).or_insert(event);
        };
        for event in self.interactive.host(host) {
            if let Some(Fact::Logon(logon)) = self.fact(*event) {
                note(timeline.text(logon.account), *event);
            }
        }
        for id in processes.running(host, |image| ends_with(image, "\\explorer.exe")) {
            let Some(process) = processes.get(id).filter(|it| it.session_id != Some(0)) else {
                continue;
            };
            let first = || processes.get(*processes.children(id).first()?);
            let seen = |process: &Process| process.start.zip(process.account.some());
            let Some((event, account)) = seen(&process).or_else(|| seen(&first()?)) else {
                continue;
            };
            let account = timeline.text(account);
            if !is_service_account_name(account) {
                note(account, event);
            }
        }
        users
    }

    /// The typed fact of an event.
    pub(super) fn fact(&self, event: EventIndex) -> Option<Fact> {
        self.timeline.fact(event)
    }
}

/// What the logons of all hosts tell.
#[derive(Default)]
struct Sessions {
    failed: ByHost,
    interactive: ByHost,
    packages: HashMap<(PackageOf, String), Packages>,
}

impl Sessions {
    fn read(timeline: &Timeline) -> Self {
        let mut sessions = Sessions::default();
        let mut packages: HashMap<(PackageOf, Sym), Packages> = HashMap::new();
        let mut users: HashMap<Sym, bool> = HashMap::new();
        let mut is_user = |account: Sym| {
            let name = timeline.text(account);
            *users
                .entry(account)
                .or_insert_with(|| !name.is_empty() && !is_service_account_name(name))
        };
        let mut kinds: HashMap<Sym, (bool, bool)> = HashMap::new();
        for (event, logon) in timeline.tables().logons.iter() {
            if !logon.success {
                sessions.failed.push(timeline.host(event), event);
                continue;
            }
            let interactive = INTERACTIVE.contains(&logon.logon_type);
            if !(interactive || logon.logon_type == NETWORK) || !is_user(logon.account) {
                continue;
            }
            // `runas` makes an interactive logon too, but nobody sits there under that name.
            if interactive && !starts_with(timeline.text(logon.logon_process), "seclogo") {
                sessions.interactive.push(timeline.host(event), event);
            }
            if logon.logon_type == NETWORK {
                let (kerberos, ntlm) = *kinds.entry(logon.package).or_insert_with(|| {
                    let package = timeline.text(logon.package);
                    (is_kerberos(package), is_ntlm(package))
                });
                let keys = [
                    (PackageOf::Account, logon.account),
                    (PackageOf::Source, logon.source_ip),
                ];
                for key in keys.into_iter().filter(|(_, symbol)| !symbol.is_none()) {
                    let counts = packages.entry(key).or_default();
                    counts.kerberos += u32::from(kerberos);
                    counts.ntlm += u32::from(ntlm);
                }
            }
        }
        for ((of, symbol), counts) in packages {
            let key = (of, of.key(timeline.text(symbol)));
            let sum = sessions.packages.entry(key).or_default();
            sum.kerberos += counts.kerberos;
            sum.ntlm += counts.ntlm;
        }
        sessions
    }
}

fn lsass_accesses(timeline: &Timeline) -> ByHost {
    let mut known: HashMap<Sym, bool> = HashMap::new();
    let mut is_lsass = |image: Sym| {
        *known
            .entry(image)
            .or_insert_with(|| ends_with(timeline.text(image), "\\lsass.exe"))
    };
    let accesses = timeline.tables().process_accesses.iter();
    let of_lsass = accesses.filter(|(_, fact)| is_lsass(fact.target_image));
    ByHost::of(timeline, of_lsass.map(|(event, _)| event))
}

/// Which addresses are whose: of outbound connections that a host logged itself, and of logons and
/// tickets of its machine account (`NAME$`).
fn addresses(
    timeline: &Timeline,
    hosts: &HashMap<String, HostId>,
) -> HashMap<String, BTreeSet<HostId>> {
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
    let mut known: HashMap<Sym, Option<HostId>> = HashMap::new();
    for (account, address) in logons.chain(tickets) {
        let machine = known.entry(account).or_insert_with(|| {
            let machine = timeline.text(account).strip_suffix('$')?;
            let (_, machine) = split_account(machine.trim_end_matches('$'));
            hosts.get(&host_key(machine)).copied()
        });
        if let (Some(host), Some(address)) = (*machine, address.some()) {
            pairs.insert((address, host));
        }
    }
    let mut addresses: HashMap<String, BTreeSet<HostId>> = HashMap::new();
    for (address, host) in pairs {
        let address = plain_address(timeline.text(address));
        if !is_own_address(address) {
            let owners = addresses.entry(address.to_owned()).or_default();
            owners.insert(host);
        }
    }
    addresses
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
