//! Rogue processes in the services session.
//!
//! Since Windows Vista session 0 belongs to services; a process there under a user's account came
//! through some door: a service such as PsExec's, a scheduled task, WMI, WinRM, DCOM … (the second
//! seed article). Service accounts are known by logon session and SID first, by name second, in the
//! languages of Windows, and by the site profile last.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use crate::environment::Environment;
use crate::event::LogonId;
use crate::event::fact::ProcessStart;
use crate::event::identity::{file_name, is_service_sid, split_account};
use crate::event::layout::is_legacy_provider;
use crate::timeline::{EventIndex, EventKind, HostId, Timeline};

/// How a process came into session 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the field's own words")]
pub enum Door {
    Service,
    ScheduledTask,
    Wmi,
    WinRm,
    Dcom,
    Sql,
    Iis,
    Ssh,
    SecondaryLogon,
    Other,
}

impl Door {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Door::Service => "a service",
            Door::ScheduledTask => "a scheduled task",
            Door::Wmi => "WMI",
            Door::WinRm => "WinRM (PowerShell remoting)",
            Door::Dcom => "DCOM",
            Door::Sql => "SQL Server",
            Door::Iis => "IIS",
            Door::Ssh => "OpenSSH",
            Door::SecondaryLogon => "the secondary logon service",
            Door::Other => "an unknown door",
        }
    }

    /// The door that a parent stands for.
    pub fn of(parent_image: &str, parent_command_line: &str) -> Self {
        let command = parent_command_line.to_lowercase();
        match file_name(parent_image).to_lowercase().as_str() {
            "services.exe" => Door::Service,
            "wmiprvse.exe" | "scrcons.exe" | "unsecapp.exe" => Door::Wmi,
            "winrshost.exe" | "wsmprovhost.exe" => Door::WinRm,
            "mmc.exe" | "dllhost.exe" => Door::Dcom,
            "taskeng.exe" | "taskhostw.exe" | "taskhost.exe" | "taskhostex.exe" => {
                Door::ScheduledTask
            }
            "sqlservr.exe" | "sqlagent.exe" | "sqlagent90.exe" | "dtexec.exe" => Door::Sql,
            "w3wp.exe" | "inetinfo.exe" => Door::Iis,
            "sshd.exe" | "sshd-session.exe" | "ssh-shellhost.exe" => Door::Ssh,
            "svchost.exe" if command.contains("schedule") => Door::ScheduledTask,
            "svchost.exe" if command.contains("dcomlaunch") => Door::Dcom,
            "svchost.exe" if command.contains("seclogon") => Door::SecondaryLogon,
            "svchost.exe" if command.contains("winmgmt") => Door::Wmi,
            "svchost.exe" if command.contains("winrm") => Door::WinRm,
            // Before Windows 10 1703 the Schedule service shares the netsvcs group.
            "svchost.exe" if command.trim_end().ends_with("netsvcs") => Door::ScheduledTask,
            _ => Door::Other,
        }
    }
}

/// Domains that only service identities have and that could be read as an ordinary domain:
/// `NT AUTHORITY` in the languages of Windows that hyphenate it. Those with a space are known by
/// [`is_authority`].
const SERVICE_DOMAINS: [&str; 9] = [
    "nt-autorität",
    "nt-autoritaet",
    "nt-hatóság",
    "nt-autoriteit",
    "nt-dienst",
    "nt-myndighet",
    "nt-myndighed",
    "nt-instans",
    "nt-hallinta",
];

/// Names of Windows' own accounts in its languages, for records that name no domain.
const SERVICE_NAMES: [&str; 20] = [
    "system",
    "système",
    "sistema",
    "система",
    "systém",
    "rendszer",
    "järjestelmä",
    "local service",
    "network service",
    "lokaler dienst",
    "netzwerkdienst",
    "service local",
    "service réseau",
    "servicio local",
    "servicio de red",
    "serviço local",
    "serviço de rede",
    "servizio locale",
    "servizio di rete",
    "anonymous logon",
];

/// Whether a domain is an authority of Windows, in any language: `NT AUTHORITY`, `AUTORITE NT`,
/// `NT INSTANS`, `ZARZĄDZANIE NT`, `NT SERVICE`, `IIS APPPOOL`, `Window Manager` … All have a space,
/// which no domain of a site has. `WinRM Virtual Users` has one too but stands for a remote user.
fn is_authority(domain: &str) -> bool {
    domain.contains(' ')
        && (domain.split(' ').any(|word| word == "nt" || word == "iis")
            || ["window manager", "font driver host", "application pool"].contains(&domain))
}

/// Whether a process runs under an identity of Windows, a service or a machine. `None` when the
/// record does not name the account.
pub fn is_service_identity(
    timeline: &Timeline,
    fact: &ProcessStart,
    environment: &Environment,
) -> Option<bool> {
    if fact.logon_id.is_built_in() || is_service_sid(timeline.text(fact.sid)) {
        return Some(true);
    }
    let account = timeline.strings().get(fact.account)?;
    Some(is_service_account_name(account) || environment.is_service_account(account) == Some(true))
}

/// Whether a name alone marks a service identity: an authority of Windows in any language, a
/// virtual account, or a machine or group-managed account (`$`).
pub fn is_service_account_name(account: &str) -> bool {
    let (domain, user) = split_account(account);
    let (domain, user) = (domain.to_lowercase(), user.to_lowercase());
    user.ends_with('$')
        || is_service_sid(account)
        || is_of_the_desktop(&user)
        || SERVICE_DOMAINS.contains(&domain.as_str())
        || is_authority(&domain)
        || (domain.is_empty()
            && SERVICE_NAMES.contains(&user.as_str()))
        // Authorities whose letters a collector has damaged: `NT AUTORIT?T`.
        || (domain.starts_with("nt") && domain.contains("autori"))
}

/// Whether a name is one that Windows numbers for each session, `DWM-3` or `UMFD-0`. The authority
/// before it is translated (`Fenstermanager`, `Gestionnaire de fenêtres`), the name is not.
fn is_of_the_desktop(user: &str) -> bool {
    ["dwm-", "umfd-"]
        .iter()
        .filter_map(|start| user.strip_prefix(start))
        .any(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Hosts that run Windows XP or 2003, where session 0 is the console user's and the rule means
/// nothing. They are left out; whoever reports should say so.
pub fn legacy_hosts(timeline: &Timeline) -> BTreeSet<HostId> {
    let is_legacy = |kind: &EventKind| {
        is_legacy_provider(&kind.provider) && (512..=682).contains(&kind.event_id)
    };
    if !timeline.kinds().iter().any(is_legacy) {
        return BTreeSet::new();
    }
    timeline
        .indices()
        .filter_map(|index| timeline.event(index))
        .filter(|event| is_legacy(event.kind))
        .map(|event| event.host_id)
        .collect()
}

/// Every process start in session 0 under a user's account, in time order. 4688 has no session
/// field and can show none.
pub fn find<'t>(
    timeline: &'t Timeline,
    environment: &'t Environment,
) -> impl Iterator<Item = (EventIndex, ProcessStart)> {
    let legacy = legacy_hosts(timeline);
    let services = ServiceLogons::of(timeline);
    starts(timeline)
        .filter(move |(event, _)| !legacy.contains(&timeline.host(*event)))
        .filter(|(_, fact)| is_service_identity(timeline, fact, environment) == Some(false))
        .filter(move |(event, fact)| !services.hold(timeline, *event, fact))
}

/// Logons of services under a user's account: a service logon (4624 type 5), or that of a program
/// that `services.exe` started. Such an account is a service account on that host, whatever it is
/// called; the same account through another logon is not.
struct ServiceLogons(HashSet<(HostId, LogonId)>);

impl ServiceLogons {
    /// Service logon (4624 `LogonType`).
    const SERVICE: u32 = 5;

    fn of(timeline: &Timeline) -> Self {
        let tables = timeline.tables();
        let logged_on = tables
            .logons
            .iter()
            .filter(|(_, fact)| fact.success && fact.logon_type == Self::SERVICE)
            .map(|(event, fact)| (timeline.host(event), fact.logon_id));
        let started = starts(timeline)
            .filter(|(_, fact)| is_service(timeline, fact))
            .map(|(event, fact)| (timeline.host(event), fact.logon_id));
        ServiceLogons(
            logged_on
                .chain(started)
                .filter(|(_, logon)| !logon.is_none() && !logon.is_built_in())
                .collect(),
        )
    }

    /// Whether a process is a service's own, or works for one. What a service starts on behalf of a
    /// caller (a query, a web page, a remote call) is not.
    fn hold(&self, timeline: &Timeline, event: EventIndex, fact: &ProcessStart) -> bool {
        let parent = timeline.text(fact.parent_image);
        let serves_callers = match Door::of(parent, timeline.text(fact.parent_command_line)) {
            Door::Wmi | Door::WinRm | Door::Dcom | Door::Iis | Door::Ssh => true,
            Door::Sql => file_name(parent).eq_ignore_ascii_case("sqlservr.exe"),
            _ => false,
        };
        is_service(timeline, fact)
            || (!serves_callers && self.0.contains(&(timeline.host(event), fact.logon_id)))
    }
}

/// Whether a process is a service: `services.exe` started it, or it is a worker that IIS keeps for
/// an application pool, whose account is a service account whatever it is called.
fn is_service(timeline: &Timeline, fact: &ProcessStart) -> bool {
    let parent = file_name(timeline.text(fact.parent_image));
    let is_worker = || {
        file_name(timeline.text(fact.image)).eq_ignore_ascii_case("w3wp.exe")
            && parent.eq_ignore_ascii_case("svchost.exe")
    };
    parent.eq_ignore_ascii_case("services.exe") || is_worker()
}

fn starts(timeline: &Timeline) -> impl Iterator<Item = (EventIndex, ProcessStart)> {
    timeline
        .tables()
        .process_starts
        .iter()
        .filter(|(_, fact)| fact.session_id == Some(0))
}

/// How many processes of session 0 were left out, and why: nothing is dropped in silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Process starts in session 0.
    pub all: usize,
    /// Under an identity of Windows, a service or a machine.
    pub service_identities: usize,
    /// Under an account that only the site profile calls a service account.
    pub by_profile: usize,
    /// Under a user's account, but by a service or in its logon.
    pub service_logons: usize,
    /// Under an account that the record does not name.
    pub unknown: usize,
    /// On hosts with Windows XP or 2003.
    pub legacy: usize,
    /// Left over: what [`find`] gives.
    pub shown: usize,
}

/// Counts the processes of session 0.
pub fn tally(timeline: &Timeline, environment: &Environment) -> Tally {
    let legacy = legacy_hosts(timeline);
    let nobody = Environment::default();
    let services = ServiceLogons::of(timeline);
    let mut tally = Tally::default();
    for (event, fact) in starts(timeline) {
        tally.all += 1;
        let place = if legacy.contains(&timeline.host(event)) {
            &mut tally.legacy
        } else {
            match (
                is_service_identity(timeline, &fact, &nobody),
                is_service_identity(timeline, &fact, environment),
            ) {
                (None, _) | (_, None) => &mut tally.unknown,
                (Some(true), _) => &mut tally.service_identities,
                (_, Some(true)) => &mut tally.by_profile,
                _ if services.hold(timeline, event, &fact) => &mut tally.service_logons,
                (_, Some(false)) => &mut tally.shown,
            }
        };
        *place += 1;
    }
    tally
}

/// How a process came in, and the scheduled task that started it where the task log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entrance<'t> {
    /// The door.
    pub door: Door,
    /// Path of the scheduled task.
    pub task: Option<&'t str>,
}

impl Entrance<'_> {
    /// In words.
    pub fn words(&self) -> String {
        match self.task {
            Some(task) => format!("{} ({task})", self.door.words()),
            None => self.door.words().to_owned(),
        }
    }
}

/// From the start of a process to the task log's record of it (TaskScheduler 129).
const TASK_LOG: Duration = Duration::from_secs(5);

/// How a process came in: by its parent, and by the task log, which names tasks and the process ids
/// of what they start.
pub fn entrance<'t>(
    timeline: &'t Timeline,
    event: EventIndex,
    fact: &ProcessStart,
) -> Entrance<'t> {
    let parent = Door::of(
        timeline.text(fact.parent_image),
        timeline.text(fact.parent_command_line),
    );
    let time = timeline.time(event);
    let window = timeline.window(time.minus(TASK_LOG), time.plus(TASK_LOG));
    let task = timeline
        .tables()
        .tasks
        .between(window.start, window.end)
        .find(|(task, logged)| {
            logged.pid != 0
                && logged.pid == fact.pid
                && timeline.host(*task) == timeline.host(event)
                && timeline
                    .event(*task)
                    .is_some_and(|view| view.kind.event_id == 129)
        })
        .map(|(_, logged)| timeline.text(logged.name));
    let door = if task.is_some() {
        Door::ScheduledTask
    } else {
        parent
    };
    Entrance { door, task }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_accounts_are_known_in_the_languages_of_windows() {
        for account in [
            "NT AUTHORITY\\SYSTEM",
            "AUTORITE NT\\Système",
            "NT-AUTORITÄT\\SYSTEM",
            "NT INSTANS\\SYSTEM",
            "ZARZĄDZANIE NT\\SYSTEM",
            "IIS APPPOOL\\DefaultAppPool",
            "CORP\\gmsa-backup$",
            "NT AUTHORITY\\СИСТЕМА",
            "NT-MYNDIGHET\\SYSTEM",
            "NT SERVICE\\MSSQLSERVER",
            "Window Manager\\DWM-1",
            "Font Driver Host\\UMFD-0",
            "Fenstermanager\\DWM-1",
            "Диспетчер окон\\DWM-12",
            "umfd-0",
            "NT AUTORIT?T\\SYSTEM",
            "Système",
            "SERVICE RÉSEAU",
            "S-1-5-80-1-2-3-4-5",
            "CORP\\FS01$",
        ] {
            assert!(is_service_account_name(account), "{account}");
        }
        for account in [
            "CORP\\alice",
            "NTLAB\\alice",
            "CORP\\dwm-admin",
            "NT-LAB\\alice",
            "alice",
            "CORP\\system",
            "WinRM Virtual Users\\WinRM VA_1_CORP_alice",
        ] {
            assert!(!is_service_account_name(account), "{account}");
        }
    }

    #[test]
    fn doors_are_named_by_the_parent() {
        let door = |image, command| Door::of(image, command);
        assert_eq!(
            door("C:\\Windows\\System32\\wbem\\WmiPrvSE.exe", ""),
            Door::Wmi
        );
        assert_eq!(
            door("svchost.exe", "svchost.exe -k netsvcs -p -s Schedule"),
            Door::ScheduledTask
        );
        assert_eq!(door("svchost.exe", "svchost.exe -k DcomLaunch"), Door::Dcom);
    }
}
