//! Which field of which event fills which member of which fact.
//!
//! One [`Layout`] per event shape, looked up by provider AND event id (event id 1 alone is not
//! Sysmon). A layout lists its field names in order; whoever reads a record hands over the values
//! in that order ([`Values`]), so the fast reader resolves names once per template, not per record.
//! Field names are those of the events' manifests; a field that a version of the event lacks is
//! simply absent. Fields without a name (classic events) are called `#0`, `#1` …

use std::borrow::Cow;

use super::fact::{
    AccountAction, AccountChange, Authentication, ExplicitLogon, Fact, File, FileAction,
    GroupMembership, Identity, LogCleared, Logoff, Logon, Network, Pipe, PrivilegedLogon,
    ProcessAccess, ProcessEnd, ProcessStart, ProtectionChange, Registry, Script, ServiceChange,
    ServiceHandle, ServiceInstall, ServiceState, ShareAccess, Task,
};
use super::identity::{Guid, LogonId, admin_group, join_account};
use super::symbol::{Interner, Sym};

/// The values of a layout's fields, by their position in [`Layout::fields`].
pub trait Values {
    /// The value as text, or `None` when the record has no such field.
    fn text(&self, slot: usize) -> Option<Cow<'_, str>>;

    /// The value as a number: decimal or `0x` hexadecimal text, or any integer type.
    fn number(&self, slot: usize) -> Option<u64> {
        parse_number(&self.text(slot)?)
    }

    /// The value as a GUID, as the number that its text form spells; `None` when absent.
    fn guid(&self, slot: usize) -> Option<u128> {
        parse_guid(&self.text(slot)?)
    }

    /// The value's symbol. A reader that can intern without decoding overrides it.
    fn symbol(&self, slot: usize, strings: &mut Interner) -> Option<Sym> {
        self.text(slot).map(|text| strings.intern(&text))
    }

    /// The symbol of the account whose two halves are logged apart ([`join_account`]). A reader
    /// that remembers what it joined overrides it.
    fn account(&self, domain: usize, user: usize, strings: &mut Interner) -> Sym {
        let domain = self.text(domain).unwrap_or_default();
        let user = self.text(user).unwrap_or_default();
        strings.intern(&join_account(&domain, &user))
    }
}

/// Reads `123` or `0x7b`.
pub fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Reads a logon id as Windows XP writes it: `(0x0,0x3E7)`, high half first.
fn parse_luid(text: &str) -> Option<u64> {
    let (high, low) = text
        .trim()
        .strip_prefix('(')?
        .strip_suffix(')')?
        .split_once(',')?;
    let (high, low) = (parse_number(high)?, parse_number(low)?);
    (high <= u64::from(u32::MAX) && low <= u64::from(u32::MAX)).then_some(high << 32 | low)
}

/// Reads a GUID with or without braces.
pub fn parse_guid(text: &str) -> Option<u128> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    (digits.len() == 32)
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten()
}

/// Turns values into the members of a fact.
struct Reader<'a> {
    values: &'a dyn Values,
    strings: &'a mut Interner,
}

impl Reader<'_> {
    /// Text; empty, `-` and `?` mean that the record does not say.
    fn text(&mut self, [slot]: [usize; 1]) -> Sym {
        match self.values.symbol(slot, self.strings) {
            Some(symbol) if !symbol.is_placeholder() => symbol,
            _ => Sym::NONE,
        }
    }

    /// Text of a version resource: absent field and empty value are different facts.
    fn resource(&mut self, [slot]: [usize; 1]) -> Sym {
        match self.values.symbol(slot, self.strings) {
            None => Sym::NONE,
            Some(symbol) => match self.strings.text(symbol) {
                "" | "?" => Sym::DASH,
                _ => symbol,
            },
        }
    }

    fn account(&mut self, [domain, user]: [usize; 2]) -> Sym {
        self.values.account(domain, user, self.strings)
    }

    fn sid(&mut self, slot: [usize; 1]) -> Sym {
        match self.text(slot) {
            Sym::NULL_SID => Sym::NONE,
            sid => sid,
        }
    }

    fn number(&mut self, [slot]: [usize; 1]) -> u32 {
        self.values
            .number(slot)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0)
    }

    fn maybe(&mut self, [slot]: [usize; 1]) -> Option<u32> {
        self.values.number(slot).and_then(|n| u32::try_from(n).ok())
    }

    fn session(&mut self, [slot]: [usize; 1]) -> Option<u16> {
        self.values.number(slot).and_then(|n| u16::try_from(n).ok())
    }

    fn flag(&mut self, [slot]: [usize; 1]) -> Option<bool> {
        match self.values.text(slot)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn logon(&mut self, [slot]: [usize; 1]) -> LogonId {
        let number = self.values.number(slot);
        LogonId(
            number
                .or_else(|| parse_luid(&self.values.text(slot)?))
                .unwrap_or(0),
        )
    }

    fn guid(&mut self, [slot]: [usize; 1]) -> Guid {
        self.values.guid(slot).map_or(Guid::NONE, Guid::of)
    }

    /// The groups of administrators in a list of SIDs such as `%{S-1-5-32-544} %{S-1-1-0}`.
    fn admin_groups(&mut self, [slot]: [usize; 1]) -> Sym {
        let listed = self.values.text(slot).unwrap_or_default();
        let sids = listed.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let of_admins: Vec<&str> = sids.filter(|sid| admin_group(sid).is_some()).collect();
        self.strings.intern(&of_admins.join(" "))
    }
}

/// How one event shape becomes a fact.
pub struct Layout {
    /// Names of the fields it wants, in the order in which [`Values`] numbers them.
    pub fields: &'static [&'static str],
    build: fn(&mut Reader<'_>) -> Fact,
}

impl Layout {
    /// Builds the fact of one record.
    pub fn build(&self, values: &dyn Values, strings: &mut Interner) -> Fact {
        (self.build)(&mut Reader { values, strings })
    }
}

macro_rules! layout {
    ($(#[$doc:meta])* $name:ident: $fact:ident {
        $($member:ident: $read:ident($($field:literal),+),)*
    } $(set { $($fixed:ident: $value:expr,)+ })? $(then $finish:expr)?) => {
        $(#[$doc])*
        pub(super) static $name: Layout = Layout {
            fields: &[$($($field,)+)*],
            #[allow(unused_assignments, unused_mut, unused_variables, reason = "one macro for all shapes")]
            build: |reader| {
                let mut slot = 0;
                let mut fact = $fact { $($($fixed: $value,)+)? ..Default::default() };
                $(
                    let slots = [$({ let _ = $field; slot += 1; slot - 1 }),+];
                    fact.$member = reader.$read(slots);
                )*
                $( let finish: fn(&mut $fact, &mut Reader<'_>) = $finish; finish(&mut fact, reader); )?
                fact.into()
            },
        };
    };
}

mod antivirus;
mod legacy;

layout!(SYSMON_PROCESS_START: ProcessStart {
    pid: number("ProcessId"), parent_pid: number("ParentProcessId"),
    guid: guid("ProcessGuid"), parent_guid: guid("ParentProcessGuid"),
    image: text("Image"), command_line: text("CommandLine"),
    parent_image: text("ParentImage"), parent_command_line: text("ParentCommandLine"),
    account: text("User"), logon_id: logon("LogonId"), session_id: session("TerminalSessionId"),
    integrity: text("IntegrityLevel"),
    original_file_name: resource("OriginalFileName"), company: resource("Company"),
    product: resource("Product"), description: resource("Description"), hashes: text("Hashes"),
    current_directory: text("CurrentDirectory"),
} set { by_sysmon: true, });

layout!(
    /// `Target…` of `-`, `0x0` means "same as subject" (catalogue B1).
    SECURITY_PROCESS_START: ProcessStart {
    creator: account("SubjectDomainName", "SubjectUserName"), creator_logon_id: logon("SubjectLogonId"),
    account: account("TargetDomainName", "TargetUserName"), logon_id: logon("TargetLogonId"),
    sid: sid("SubjectUserSid"), pid: number("NewProcessId"), parent_pid: number("ProcessId"),
    image: text("NewProcessName"), command_line: text("CommandLine"),
    parent_image: text("ParentProcessName"), integrity: text("MandatoryLabel"),
} then |fact, _| {
    if fact.logon_id.is_none() {
        fact.account = fact.creator;
        fact.logon_id = fact.creator_logon_id;
        fact.creator = Sym::NONE;
    } else if fact.account != fact.creator {
        // 4688 names the creator's SID surely; the target's is often NULL SID.
        fact.sid = Sym::NONE;
    }
});

layout!(SYSMON_PROCESS_END: ProcessEnd {
    pid: number("ProcessId"), guid: guid("ProcessGuid"), image: text("Image"), account: text("User"),
});
layout!(SECURITY_PROCESS_END: ProcessEnd {
    pid: number("ProcessId"), image: text("ProcessName"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
});

layout!(LOGON: Logon {
    logon_type: number("LogonType"), account: account("TargetDomainName", "TargetUserName"),
    sid: sid("TargetUserSid"), logon_id: logon("TargetLogonId"),
    linked_logon_id: logon("TargetLinkedLogonId"), logon_guid: guid("LogonGuid"),
    source_ip: text("IpAddress"), source_port: number("IpPort"), workstation: text("WorkstationName"),
    package: text("AuthenticationPackageName"),
    key_length: maybe("KeyLength"), logon_process: text("LogonProcessName"),
    process: text("ProcessName"), pid: number("ProcessId"),
    subject: account("SubjectDomainName", "SubjectUserName"), subject_logon_id: logon("SubjectLogonId"),
} set { success: true, });
layout!(FAILED_LOGON: Logon {
    logon_type: number("LogonType"), account: account("TargetDomainName", "TargetUserName"),
    sid: sid("TargetUserSid"), source_ip: text("IpAddress"), source_port: number("IpPort"),
    workstation: text("WorkstationName"), package: text("AuthenticationPackageName"),
    key_length: maybe("KeyLength"),
    logon_process: text("LogonProcessName"), process: text("ProcessName"), pid: number("ProcessId"),
    subject: account("SubjectDomainName", "SubjectUserName"), subject_logon_id: logon("SubjectLogonId"),
    status: text("Status"),
});
layout!(EXPLICIT_LOGON: ExplicitLogon {
    subject: account("SubjectDomainName", "SubjectUserName"), subject_sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"), account: account("TargetDomainName", "TargetUserName"),
    target_server: text("TargetServerName"), target_info: text("TargetInfo"),
    process: text("ProcessName"), pid: number("ProcessId"), source_ip: text("IpAddress"),
    source_port: number("IpPort"), logon_guid: guid("TargetLogonGuid"),
});
layout!(PRIVILEGED_LOGON: PrivilegedLogon {
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
});
layout!(LOGOFF: Logoff {
    account: account("TargetDomainName", "TargetUserName"), sid: sid("TargetUserSid"),
    logon_id: logon("TargetLogonId"), logon_type: number("LogonType"),
});

layout!(SYSTEM_SERVICE_INSTALL: ServiceInstall {
    name: text("ServiceName"), image_path: text("ImagePath"), service_type: text("ServiceType"),
    start_type: text("StartType"), run_as: text("AccountName"),
});
layout!(SECURITY_SERVICE_INSTALL: ServiceInstall {
    name: text("ServiceName"), image_path: text("ServiceFileName"), service_type: text("ServiceType"),
    start_type: text("ServiceStartType"), run_as: text("ServiceAccount"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"), client_pid: number("ClientProcessId"),
} set { is_key_name: true, });

layout!(SERVICE_STATE: ServiceState {
    name: text("param1"), detail: text("param2"), key_name: text("Binary"),
} then |fact, reader| {
    let (key, state) = service_binary(reader.strings.text(fact.key_name));
    fact.change = match state {
        Some('4') => ServiceChange::Started,
        Some('1') => ServiceChange::Stopped,
        _ => state_word(reader.strings.text(fact.detail)),
    };
    fact.key_name = reader.strings.intern(&key);
});
layout!(
    /// 7035, before Windows Vista: somebody sent a service a control. The header names who.
    SERVICE_CONTROL: ServiceState { name: text("param1"), detail: text("param2"), });
layout!(
    /// 7009: `param1` is the timeout, `param2` the display name (design §4, trap 1).
    SERVICE_TIMEOUT: ServiceState {
    detail: text("param1"), name: text("param2"), key_name: text("Binary"),
} set { change: ServiceChange::TimedOut, } then key_name_from_binary);
layout!(SERVICE_START_FAILED: ServiceState {
    name: text("param1"), detail: text("param2"), key_name: text("Binary"),
} set { change: ServiceChange::StartFailed, } then key_name_from_binary);
layout!(SERVICE_CRASHED: ServiceState {
    name: text("param1"), detail: text("param2"), key_name: text("Binary"),
} set { change: ServiceChange::Crashed, } then key_name_from_binary);
layout!(SERVICE_START_TYPE: ServiceState {
    name: text("param1"), detail: text("param3"), key_name: text("param4"),
} set { change: ServiceChange::StartTypeChanged, });
layout!(SERVICE_HANDLE: ServiceHandle {
    object: text("ObjectName"), account: account("SubjectDomainName", "SubjectUserName"),
    sid: sid("SubjectUserSid"), logon_id: logon("SubjectLogonId"), process: text("ProcessName"),
});

layout!(PIPE_CREATED: Pipe {
    name: text("PipeName"), image: text("Image"), pid: number("ProcessId"), guid: guid("ProcessGuid"),
    account: text("User"),
} set { created: true, });
layout!(PIPE_CONNECTED: Pipe {
    name: text("PipeName"), image: text("Image"), pid: number("ProcessId"), guid: guid("ProcessGuid"),
    account: text("User"),
});
layout!(FILE_CREATED: File {
    path: text("TargetFilename"), image: text("Image"), pid: number("ProcessId"),
    guid: guid("ProcessGuid"), account: text("User"),
});
layout!(FILE_DELETED: File {
    path: text("TargetFilename"), image: text("Image"), pid: number("ProcessId"),
    guid: guid("ProcessGuid"), account: text("User"),
} set { action: FileAction::Deleted, });
layout!(REGISTRY: Registry {
    action: text("EventType"), key: text("TargetObject"), details: text("Details"),
    image: text("Image"), pid: number("ProcessId"), guid: guid("ProcessGuid"), account: text("User"),
});
layout!(SYSMON_NETWORK: Network {
    initiated: flag("Initiated"), image: text("Image"), pid: number("ProcessId"),
    guid: guid("ProcessGuid"), account: text("User"), source_ip: text("SourceIp"),
    source_port: number("SourcePort"), source_host: text("SourceHostname"),
    destination_ip: text("DestinationIp"), destination_port: number("DestinationPort"),
    destination_host: text("DestinationHostname"),
});
layout!(
    /// 5156 `Direction`: `%%14593` outbound, `%%14592` inbound.
    SECURITY_NETWORK: Network {
    image: text("Application"), pid: number("ProcessID"), source_ip: text("SourceAddress"),
    source_port: number("SourcePort"), destination_ip: text("DestAddress"),
    destination_port: number("DestPort"), source_host: text("Direction"),
} then |fact, reader| {
    fact.initiated = match reader.strings.text(fact.source_host) {
        "%%14593" => Some(true),
        "%%14592" => Some(false),
        _ => None,
    };
    fact.source_host = Sym::NONE;
});
layout!(SHARE: ShareAccess {
    share: text("ShareName"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"), source_ip: text("IpAddress"), source_port: number("IpPort"),
    access_mask: number("AccessMask"),
});
layout!(SHARE_FILE: ShareAccess {
    share: text("ShareName"), target: text("RelativeTargetName"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"), source_ip: text("IpAddress"), source_port: number("IpPort"),
    access_mask: number("AccessMask"),
} set { is_file: true, });

layout!(ACCOUNT_MADE: AccountChange {
    member: account("TargetDomainName", "TargetUserName"), member_sid: sid("TargetSid"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
});
layout!(GROUP_JOINED: AccountChange {
    member: text("MemberName"), member_sid: sid("MemberSid"),
    group: account("TargetDomainName", "TargetUserName"), group_sid: sid("TargetSid"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
} set { action: AccountAction::Joined, });
layout!(GROUP_LEFT: AccountChange {
    member: text("MemberName"), member_sid: sid("MemberSid"),
    group: account("TargetDomainName", "TargetUserName"), group_sid: sid("TargetSid"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
} set { action: AccountAction::Left, });
layout!(GROUP_MEMBERSHIP: GroupMembership {
    account: account("TargetDomainName", "TargetUserName"), sid: sid("TargetUserSid"),
    logon_id: logon("TargetLogonId"), admin_groups: admin_groups("GroupMembership"),
});
layout!(PROTECTION_CHANGE: ProtectionChange { old: text("Old Value"), new: text("New Value"), });
layout!(AUDIT_POLICY: ProtectionChange {
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"), old: text("SubcategoryGuid"), new: text("AuditPolicyChanges"),
});
layout!(LOG_CLEARED: LogCleared {
    channel: text("Channel"), account: account("SubjectDomainName", "SubjectUserName"),
    sid: sid("SubjectUserSid"), logon_id: logon("SubjectLogonId"),
});

layout!(SECURITY_TASK: Task {
    name: text("TaskName"), content: text("TaskContent"),
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
});
layout!(TASK_REGISTERED: Task { name: text("TaskName"), account: text("UserContext"), });
layout!(TASK_CHANGED: Task { name: text("TaskName"), account: text("UserName"), });
layout!(TASK_PROCESS: Task { name: text("TaskName"), content: text("Path"), pid: number("ProcessID"), });
layout!(TASK_ACTION: Task {
    name: text("TaskName"), content: text("ActionName"), pid: number("EnginePID"),
});

layout!(PROCESS_ACCESS: ProcessAccess {
    image: text("SourceImage"), pid: number("SourceProcessId"), guid: guid("SourceProcessGUID"),
    target_image: text("TargetImage"), target_pid: number("TargetProcessId"),
    granted_access: text("GrantedAccess"),
});
layout!(REMOTE_THREAD: ProcessAccess {
    image: text("SourceImage"), pid: number("SourceProcessId"), guid: guid("SourceProcessGuid"),
    target_image: text("TargetImage"), target_pid: number("TargetProcessId"),
    granted_access: text("StartFunction"),
});

layout!(SCRIPT_BLOCK: Script {
    text: text("ScriptBlockText"), path: text("Path"), block: guid("ScriptBlockId"),
    part: number("MessageNumber"),
});
layout!(PIPELINE: Script { text: text("Payload"), path: text("ContextInfo"), });
layout!(CLASSIC_PIPELINE: Script { text: text("#0"), path: text("#2"), });
layout!(
    /// 400, engine started: of its context only the command line of the host program is kept.
    CLASSIC_ENGINE: Script { text: text("#2"), } then |fact, reader| {
    let line = reader.strings.text(fact.text).lines()
        .find_map(|line| line.trim().strip_prefix("HostApplication="))
        .map(str::to_owned).unwrap_or_default();
    fact.text = reader.strings.intern(&line);
});

layout!(KERBEROS: Authentication {
    account: account("TargetDomainName", "TargetUserName"), sid: sid("TargetSid"),
    service: text("ServiceName"), source_ip: text("IpAddress"), source_port: number("IpPort"),
    status: text("Status"),
});
layout!(NTLM: Authentication {
    account: text("TargetUserName"), workstation: text("Workstation"), status: text("Status"),
});
layout!(
    /// The identities of any Security event that has no layout of its own.
    SECURITY_IDENTITY: Identity {
    account: account("SubjectDomainName", "SubjectUserName"), sid: sid("SubjectUserSid"),
    logon_id: logon("SubjectLogonId"),
});
layout!(SYSMON_IDENTITY: Identity { account: text("User"), });

fn key_name_from_binary(fact: &mut ServiceState, reader: &mut Reader<'_>) {
    let (key, _) = service_binary(reader.strings.text(fact.key_name));
    fact.key_name = reader.strings.intern(&key);
}

/// `Binary` of the service control manager's events: hexadecimal UTF-16 `keyname/state`, where
/// state 4 is running and 1 is stopped (catalogue B1). Answers the key name and the state.
fn service_binary(hex: &str) -> (String, Option<char>) {
    if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return (String::new(), None);
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
    let (units, _) = hex.as_bytes().as_chunks::<4>();
    let units = units.iter().map(|unit| {
        let [a, b, c, d] = unit.map(digit);
        u16::try_from((c << 12) | (d << 8) | (a << 4) | b).unwrap_or_default()
    });
    let text: String = char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    match text.rsplit_once('/') {
        Some((key, state)) if state.len() == 1 => (key.to_owned(), state.chars().next()),
        _ => (text, None),
    }
}

/// The state words of 7036 in languages whose `Binary` is missing.
fn state_word(word: &str) -> ServiceChange {
    const STARTED: [&str; 15] = [
        "running",
        "ausgeführt",
        "wird ausgeführt",
        "en cours d’exécution",
        "en cours d'exécution",
        "en ejecución",
        "in esecuzione",
        "em execução",
        "работает",
        "выполняется",
        "正在运行",
        "実行中",
        "실행 중",
        "uruchomiona",
        "wordt uitgevoerd",
    ];
    const STOPPED: [&str; 14] = [
        "stopped",
        "beendet",
        "arrêté",
        "detenido",
        "arrestato",
        "interrotto",
        "parado",
        "остановлена",
        "остановлен",
        "已停止",
        "停止",
        "중지됨",
        "zatrzymana",
        "gestopt",
    ];
    let word = word.to_lowercase();
    if STARTED.contains(&word.as_str()) {
        ServiceChange::Started
    } else if STOPPED.contains(&word.as_str()) {
        ServiceChange::Stopped
    } else {
        ServiceChange::Unknown
    }
}

/// The layout of an event shape, or `None` when nothing of its fields is kept.
pub fn layout(provider: &str, event_id: u32) -> Option<&'static Layout> {
    let found = match (provider, event_id) {
        ("Microsoft-Windows-Sysmon", 1) => &SYSMON_PROCESS_START,
        ("Microsoft-Windows-Sysmon", 3) => &SYSMON_NETWORK,
        ("Microsoft-Windows-Sysmon", 5) => &SYSMON_PROCESS_END,
        ("Microsoft-Windows-Sysmon", 8) => &REMOTE_THREAD,
        ("Microsoft-Windows-Sysmon", 10) => &PROCESS_ACCESS,
        ("Microsoft-Windows-Sysmon", 11) => &FILE_CREATED,
        ("Microsoft-Windows-Sysmon", 12..=14) => &REGISTRY,
        ("Microsoft-Windows-Sysmon", 17) => &PIPE_CREATED,
        ("Microsoft-Windows-Sysmon", 18) => &PIPE_CONNECTED,
        ("Microsoft-Windows-Sysmon", 23 | 26) => &FILE_DELETED,
        ("Microsoft-Windows-Sysmon", _) => &SYSMON_IDENTITY,
        ("Microsoft-Windows-Security-Auditing", id) => match id {
            4624 => &LOGON,
            4625 => &FAILED_LOGON,
            4627 => &GROUP_MEMBERSHIP,
            4634 | 4647 => &LOGOFF,
            4648 => &EXPLICIT_LOGON,
            4672 => &PRIVILEGED_LOGON,
            4674 => &SERVICE_HANDLE,
            4688 => &SECURITY_PROCESS_START,
            4689 => &SECURITY_PROCESS_END,
            4697 => &SECURITY_SERVICE_INSTALL,
            4698..=4702 => &SECURITY_TASK,
            4719 => &AUDIT_POLICY,
            4720 => &ACCOUNT_MADE,
            4728 | 4732 | 4756 => &GROUP_JOINED,
            4729 | 4733 | 4757 => &GROUP_LEFT,
            4768 | 4769 | 4771 => &KERBEROS,
            4776 => &NTLM,
            5140 => &SHARE,
            5145 => &SHARE_FILE,
            5156 => &SECURITY_NETWORK,
            _ => &SECURITY_IDENTITY,
        },
        ("Microsoft-Windows-Eventlog", 1102 | 104) => &LOG_CLEARED,
        ("Service Control Manager", 7045) => &SYSTEM_SERVICE_INSTALL,
        ("Service Control Manager", 7035) => &SERVICE_CONTROL,
        ("Service Control Manager", 7036) => &SERVICE_STATE,
        ("Service Control Manager", 7009) => &SERVICE_TIMEOUT,
        ("Service Control Manager", 7000) => &SERVICE_START_FAILED,
        ("Service Control Manager", 7031 | 7034) => &SERVICE_CRASHED,
        ("Service Control Manager", 7040) => &SERVICE_START_TYPE,
        ("Microsoft-Windows-Windows Defender", 5001 | 5004 | 5007 | 5010 | 5012) => {
            &PROTECTION_CHANGE
        }
        ("Microsoft-Windows-TaskScheduler", 106) => &TASK_REGISTERED,
        ("Microsoft-Windows-TaskScheduler", 140 | 141) => &TASK_CHANGED,
        ("Microsoft-Windows-TaskScheduler", 129) => &TASK_PROCESS,
        ("Microsoft-Windows-TaskScheduler", 200 | 201) => &TASK_ACTION,
        ("Microsoft-Windows-PowerShell", 4104) => &SCRIPT_BLOCK,
        ("Microsoft-Windows-PowerShell", 4103) => &PIPELINE,
        ("PowerShell", 800) => &CLASSIC_PIPELINE,
        ("PowerShell", 400) => &CLASSIC_ENGINE,
        ("Security", id) => return legacy::layout(id),
        _ => return antivirus::layout(provider, event_id),
    };
    Some(found)
}

/// Whether a provider is the security log of Windows XP and 2003: there session 0 is the console
/// user's, and values have no names.
pub fn is_legacy_provider(provider: &str) -> bool {
    provider == "Security"
}

#[cfg(test)]
mod tests;
