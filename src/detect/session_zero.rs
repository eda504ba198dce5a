//! Rogue processes in the services session.
//!
//! Since Windows Vista session 0 belongs to services; a process there under a user's account came
//! through some door: a service such as PsExec's, a scheduled task, WMI, WinRM, DCOM … (the second
//! seed article). Service accounts are known by logon session and SID first, by name second, in the
//! languages of Windows, and by the site profile last.

use crate::environment::Environment;
use crate::event::fact::ProcessStart;
use crate::event::identity::{file_name, is_service_sid, split_account};
use crate::timeline::{EventIndex, Timeline};

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
            "wmiprvse.exe" | "scrcons.exe" => Door::Wmi,
            "winrshost.exe" | "wsmprovhost.exe" => Door::WinRm,
            "mmc.exe" | "dllhost.exe" => Door::Dcom,
            "taskeng.exe" | "taskhostw.exe" | "taskhost.exe" | "taskhostex.exe" => {
                Door::ScheduledTask
            }
            "sqlservr.exe" | "sqlagent.exe" => Door::Sql,
            "w3wp.exe" => Door::Iis,
            "sshd.exe" | "ssh-shellhost.exe" => Door::Ssh,
            "svchost.exe" if command.contains("schedule") => Door::ScheduledTask,
            "svchost.exe" if command.contains("dcomlaunch") => Door::Dcom,
            "svchost.exe" if command.contains("seclogon") => Door::SecondaryLogon,
            // Before Windows 10 1703 the Schedule service shares the netsvcs group.
            "svchost.exe" if command.trim_end().ends_with("netsvcs") => Door::ScheduledTask,
            _ => Door::Other,
        }
    }
}

/// Domains that only service identities have. `NT AUTHORITY` in the languages of Windows.
const SERVICE_DOMAINS: [&str; 16] = [
    "nt authority",
    "nt-autorität",
    "autorite nt",
    "autorité nt",
    "autoridade nt",
    "nt instans",
    "zarządzanie nt",
    "nt-hatóság",
    "nt-autoriteit",
    "iis apppool",
    "nt service",
    "nt-dienst",
    "nt virtual machine",
    "window manager",
    "font driver host",
    "application pool",
];

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
    let domain = domain.to_lowercase();
    user.ends_with('$')
        || is_service_sid(account)
        || SERVICE_DOMAINS.contains(&domain.as_str())
        // Authorities whose letters a collector has damaged: `NT AUTORIT?T`.
        || (domain.contains("nt") && (domain.contains("authori") || domain.contains("autori")))
}

/// Every process start in session 0 under a user's account, in time order. 4688 has no session
/// field and can show none.
pub fn find<'t>(
    timeline: &'t Timeline,
    environment: &'t Environment,
) -> impl Iterator<Item = (EventIndex, &'t ProcessStart)> {
    timeline
        .tables()
        .process_starts
        .iter()
        .filter(move |(_, fact)| {
            fact.session_id == Some(0)
                && is_service_identity(timeline, fact, environment) == Some(false)
        })
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
        ] {
            assert!(is_service_account_name(account), "{account}");
        }
        for account in ["CORP\\alice", "NTLAB\\alice", "alice"] {
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
