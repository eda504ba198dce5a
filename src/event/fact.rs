//! The typed facts of the events that detection, joining and pivots need.
//!
//! A fact keeps the meaning of an event's fields, not their names: Security 4688 and Sysmon 1 both
//! become a [`ProcessStart`]. Which field fills which member is written in [`super::layout`].
//! Texts are interned ([`Sym`]); `Sym::NONE` means that the record does not say.

use super::identity::{Guid, LogonId};
use super::numbered::{Number, Numbered};
use super::symbol::Sym;

/// Rewrites symbols from one interner to another when parts of a timeline are put together.
pub trait Remap {
    /// `map[s.index()]` is the new symbol of `s`.
    fn remap(&mut self, map: &[Sym]);
}

impl Remap for Sym {
    fn remap(&mut self, map: &[Sym]) {
        *self = map.get(self.index()).copied().unwrap_or(Sym::NONE);
    }
}

macro_rules! keep_as_is {
    ($($kind:ty),+) => { $(impl Remap for $kind { fn remap(&mut self, _: &[Sym]) {} })+ };
}
keep_as_is!(
    u16,
    u32,
    Guid,
    bool,
    Option<u16>,
    Option<u32>,
    Option<bool>,
    LogonId,
    ServiceChange,
    FileAction,
    AccountAction
);

macro_rules! facts {
    ($($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $member:ident: $kind:ty,)+ })+) => {
        $(
            $(#[$outer])*
            #[derive(Clone, Copy, Debug, Default, PartialEq)]
            pub struct $name { $($(#[$inner])* pub $member: $kind,)+ }
            impl Remap for $name {
                fn remap(&mut self, map: &[Sym]) { $(self.$member.remap(map);)+ }
            }
            impl Numbered for $name {
                const MEMBERS: usize = 0 $(+ { let _ = stringify!($member); 1 })+;
                type Numbers = [u64; Self::MEMBERS];
                const ZERO: Self::Numbers = [0; Self::MEMBERS];

                fn numbers(&self) -> Self::Numbers { [$(self.$member.number(),)+] }

                // Inlined, so that members which the caller does not use are not asked for.
                #[inline(always)]
                #[allow(unused_assignments, reason = "nothing follows the last member")]
                fn from_numbers(number: impl Fn(usize) -> u64) -> Self {
                    let mut member = 0;
                    $(
                        let $member = Number::from_number(number(member));
                        member += 1;
                    )+
                    $name { $($member,)+ }
                }
            }
        )+

        /// One fact of any type.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Fact { $($(#[$outer])* $name($name),)+ }

        $(impl From<$name> for Fact { fn from(fact: $name) -> Self { Fact::$name(fact) } })+

        impl Remap for Fact {
            fn remap(&mut self, map: &[Sym]) {
                match self { $(Fact::$name(fact) => fact.remap(map),)+ }
            }
        }
    };
}

/// What happened to a service (System 7036 and its relatives).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceChange {
    /// 7036 whose state could not be told.
    #[default]
    Unknown,
    /// 7036, running (`Binary` ends in `/4`, or the state word of a known language).
    Started,
    /// 7036, stopped (`Binary` ends in `/1`).
    Stopped,
    /// 7009: did not answer the start request in time, as shell commands run as services do.
    TimedOut,
    /// 7000: could not be started.
    StartFailed,
    /// 7031, 7034: ended unexpectedly.
    Crashed,
    /// 7040: start type changed.
    StartTypeChanged,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileAction {
    /// Sysmon 11: created or overwritten.
    #[default]
    Created,
    /// Sysmon 23 and 26: deleted.
    Deleted,
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountAction {
    /// 4720: made.
    #[default]
    Made,
    /// 4728, 4732, 4756: put into a group.
    Joined,
    /// 4729, 4733, 4757: taken out of a group.
    Left,
}

facts! {
    /// A process started (Sysmon 1, Security 4688).
    ProcessStart {
        /// Process id.
        pid: u32,
        /// Process id of the creator.
        parent_pid: u32,
        /// Sysmon ProcessGuid; none when not given (4688).
        guid: Guid,
        /// Sysmon ParentProcessGuid.
        parent_guid: Guid,
        /// Full path of the program.
        image: Sym,
        /// Command line as logged.
        command_line: Sym,
        /// Full path of the creator; [`Sym::NONE`] where the record says nothing, `?` or `-`.
        parent_image: Sym,
        /// Command line of the creator (Sysmon).
        parent_command_line: Sym,
        /// Account the process runs as: Sysmon `User`, 4688 `Target…` where given, else `Subject…`.
        account: Sym,
        /// SID of that account (4688).
        sid: Sym,
        /// Logon session the process runs in.
        logon_id: LogonId,
        /// Account that created it, where it differs from `account` (4688 `Subject…`).
        creator: Sym,
        /// Logon session of the creator (4688 `SubjectLogonId`).
        creator_logon_id: LogonId,
        /// Terminal session (Sysmon `TerminalSessionId`); 4688 has none. Those above 65,535 are listeners,
        /// in which nothing runs.
        session_id: Option<u16>,
        /// Integrity level or mandatory label.
        integrity: Sym,
        /// Version resource's OriginalFileName. `-` means "the file has none", [`Sym::NONE`]
        /// means "this record has no such field" (Sysmon before 10).
        original_file_name: Sym,
        /// Version resource's company; `-` as above.
        company: Sym,
        /// Version resource's product; `-` as above.
        product: Sym,
        /// Version resource's description; `-` as above.
        description: Sym,
        /// Hashes as Sysmon lists them.
        hashes: Sym,
        /// Working directory.
        current_directory: Sym,
        /// Whether Sysmon wrote it (else Security auditing).
        by_sysmon: bool,
    }
    /// A process ended (Sysmon 5, Security 4689).
    ProcessEnd {
        /// Process id.
        pid: u32,
        /// Sysmon ProcessGuid; none when not given.
        guid: Guid,
        /// Full path of the program.
        image: Sym,
        /// Account (4689 `Subject…`, newer Sysmon `User`).
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session (4689).
        logon_id: LogonId,
    }
    /// Somebody logged on, or tried to (Security 4624, 4625).
    Logon {
        /// 4624, else 4625.
        success: bool,
        /// Logon type: 2 interactive, 3 network, 4 batch, 5 service, 7 unlock, 9 new credentials, 10 remote interactive …
        logon_type: u32,
        /// Account that logged on.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// New logon session.
        logon_id: LogonId,
        /// The other half of a split UAC token.
        linked_logon_id: LogonId,
        /// Kerberos logon GUID.
        logon_guid: Guid,
        /// Source address.
        source_ip: Sym,
        /// Source port.
        source_port: u32,
        /// Workstation name as the client sent it (NTLM).
        workstation: Sym,
        /// Authentication package: Kerberos, NTLM, Negotiate.
        package: Sym,
        /// Session key length; 0 with NTLM from several attack tools.
        key_length: Option<u32>,
        /// Logon process, such as `NtLmSsp`.
        logon_process: Sym,
        /// Program that asked for the logon.
        process: Sym,
        /// Its process id.
        pid: u32,
        /// Account that asked for the logon.
        subject: Sym,
        /// Its logon session.
        subject_logon_id: LogonId,
        /// Failure status (4625).
        status: Sym,
    }
    /// Other credentials were used from here (Security 4648): the source side of a remote run.
    ExplicitLogon {
        /// Who was logged on.
        subject: Sym,
        /// Its SID.
        subject_sid: Sym,
        /// Its logon session.
        logon_id: LogonId,
        /// Whose credentials were used.
        account: Sym,
        /// Host the credentials were used towards.
        target_server: Sym,
        /// Service principal or host.
        target_info: Sym,
        /// Program that used them.
        process: Sym,
        /// Its process id.
        pid: u32,
        /// Address, when given.
        source_ip: Sym,
        /// Port, when given.
        source_port: u32,
        /// Logon GUID.
        logon_guid: Guid,
    }
    /// A new session has administrator-like rights (Security 4672).
    PrivilegedLogon {
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session.
        logon_id: LogonId,
    }
    /// A session ended (Security 4634, 4647).
    Logoff {
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session.
        logon_id: LogonId,
        /// Logon type; 0 when not given.
        logon_type: u32,
    }
    /// A service was installed (System 7045, Security 4697).
    ServiceInstall {
        /// Service name as logged: the display name in 7045, the key name in 4697.
        name: Sym,
        /// Whether `name` is the key name (4697).
        is_key_name: bool,
        /// Program path or command line.
        image_path: Sym,
        /// Service type.
        service_type: Sym,
        /// Start type.
        start_type: Sym,
        /// Account the service runs as. Not the installer.
        run_as: Sym,
        /// Who installed it: 4697 `Subject…`; for 7045 only the SID of System/Security is known.
        account: Sym,
        /// SID of the installer.
        sid: Sym,
        /// Logon session of the installer (4697).
        logon_id: LogonId,
        /// Process id of the caller (newer 4697).
        client_pid: u32,
    }
    /// A service changed its state (System 7036, 7040, 7009, 7000, 7031, 7034).
    ServiceState {
        /// Display name.
        name: Sym,
        /// Key name, from `Binary` (7036, 7000, 7009, 7034) or `param4` (7040).
        key_name: Sym,
        /// What happened.
        change: ServiceChange,
        /// Remaining parameter, such as the error or the new start type.
        detail: Sym,
    }
    /// A service-manager object was opened with privileges (Security 4674).
    ServiceHandle {
        /// Service key name or `ServicesActive`.
        object: Sym,
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session; equal to that of 4697 in the same run.
        logon_id: LogonId,
        /// Program.
        process: Sym,
    }
    /// A named pipe was created or opened (Sysmon 17, 18).
    Pipe {
        /// Created (17), else connected to (18).
        created: bool,
        /// Pipe name with its leading backslash.
        name: Sym,
        /// Program; `System` for a remote client.
        image: Sym,
        /// Process id.
        pid: u32,
        /// Sysmon ProcessGuid.
        guid: Guid,
        /// Account (newer Sysmon).
        account: Sym,
    }
    /// A file was created or deleted (Sysmon 11, 23, 26).
    File {
        /// What happened.
        action: FileAction,
        /// Full path.
        path: Sym,
        /// Program; `System` (pid 4) when it came over SMB.
        image: Sym,
        /// Process id.
        pid: u32,
        /// Sysmon ProcessGuid.
        guid: Guid,
        /// Account (newer Sysmon).
        account: Sym,
    }
    /// A registry key or value changed (Sysmon 12, 13, 14).
    Registry {
        /// `SetValue`, `CreateKey`, `DeleteKey`, `DeleteValue`, `RenameKey` …
        action: Sym,
        /// Key or value path.
        key: Sym,
        /// New content; percent signs are doubled by Sysmon.
        details: Sym,
        /// Program.
        image: Sym,
        /// Process id.
        pid: u32,
        /// Sysmon ProcessGuid.
        guid: Guid,
        /// Account (newer Sysmon).
        account: Sym,
    }
    /// A network connection (Sysmon 3, Security 5156). Sysmon versions differ in which end they
    /// call the source of an inbound connection.
    Network {
        /// Whether this host began it, when given.
        initiated: Option<bool>,
        /// Program.
        image: Sym,
        /// Process id.
        pid: u32,
        /// Sysmon ProcessGuid.
        guid: Guid,
        /// Account (Sysmon).
        account: Sym,
        /// Source address.
        source_ip: Sym,
        /// Source port.
        source_port: u32,
        /// Source host name.
        source_host: Sym,
        /// Destination address.
        destination_ip: Sym,
        /// Destination port.
        destination_port: u32,
        /// Destination host name.
        destination_host: Sym,
    }
    /// A share or a file on it was opened (Security 5140, 5145).
    ShareAccess {
        /// Share, such as `\\*\ADMIN$`; the asterisk is a character.
        share: Sym,
        /// File or pipe below the share (5145).
        target: Sym,
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session.
        logon_id: LogonId,
        /// Source address.
        source_ip: Sym,
        /// Source port.
        source_port: u32,
        /// Access mask; bit 0x2 is WriteData.
        access_mask: u32,
        /// Whether it is the per-file record (5145).
        is_file: bool,
    }
    /// An antivirus product spoke (Defender 1116–1119 and others; see the layouts).
    Antivirus {
        /// Name of the threat.
        threat: Sym,
        /// File, or all text of products that write one unnamed line.
        path: Sym,
        /// Program that touched it.
        process: Sym,
        /// Account.
        account: Sym,
        /// Severity word.
        severity: Sym,
        /// Category word.
        category: Sym,
        /// Action taken.
        action: Sym,
    }
    /// An account was made, or put into a group or taken out of it (Security 4720, 4728, 4729, 4732,
    /// 4733, 4756, 4757).
    AccountChange {
        /// What happened.
        action: AccountAction,
        /// Whom it happened to: `DOMAIN\user` (4720) or a distinguished name; often not given.
        member: Sym,
        /// The SID of whom it happened to.
        member_sid: Sym,
        /// The group, in the language of the host.
        group: Sym,
        /// The group's SID.
        group_sid: Sym,
        /// Who did it.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Its logon session.
        logon_id: LogonId,
    }
    /// Groups that a new session is in (Security 4627): only those of administrators are kept.
    GroupMembership {
        /// Account that logged on.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// New logon session.
        logon_id: LogonId,
        /// SIDs of groups of administrators ([`super::identity::admin_group`]), one space apart.
        admin_groups: Sym,
    }
    /// A protection was switched off or changed (Defender 5001, 5007 …; Security 4719).
    ProtectionChange {
        /// Old value.
        old: Sym,
        /// New value.
        new: Sym,
        /// Account, when given.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session, when given.
        logon_id: LogonId,
    }
    /// An event log was cleared (Security 1102, System 104).
    LogCleared {
        /// Channel that was cleared; [`Sym::NONE`] in 1102, which means Security.
        channel: Sym,
        /// Who did it.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session (1102).
        logon_id: LogonId,
    }
    /// A scheduled task was registered, changed, started or ended (Security 4698–4702,
    /// TaskScheduler 106, 129, 140, 141, 200, 201).
    Task {
        /// Task path.
        name: Sym,
        /// XML of the task (4698, 4702) or the action's program (129, 200, 201).
        content: Sym,
        /// Who registered it or as whom it runs.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session (4698–4702).
        logon_id: LogonId,
        /// Process id of the started action (129).
        pid: u32,
    }
    /// One process opened another (Sysmon 10) or started a thread in it (Sysmon 8).
    ProcessAccess {
        /// Opening program.
        image: Sym,
        /// Its process id.
        pid: u32,
        /// Its Sysmon ProcessGuid.
        guid: Guid,
        /// Opened program.
        target_image: Sym,
        /// Its process id.
        target_pid: u32,
        /// Access rights granted, as logged.
        granted_access: Sym,
    }
    /// PowerShell text (4104 script block, 4103 pipeline, 800 classic).
    Script {
        /// The text.
        text: Sym,
        /// Script file, when given.
        path: Sym,
        /// Script block id.
        block: Guid,
        /// Part number of a long block.
        part: u32,
    }
    /// A domain controller checked somebody (Security 4768, 4769, 4771, 4776).
    Authentication {
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Service asked for (4769).
        service: Sym,
        /// Source address.
        source_ip: Sym,
        /// Source port.
        source_port: u32,
        /// Workstation (4776).
        workstation: Sym,
        /// Status code.
        status: Sym,
    }
    /// Any other event of which only the identities are kept. Never stored in a table: it fills the
    /// row's account and logon columns.
    Identity {
        /// Account.
        account: Sym,
        /// Its SID.
        sid: Sym,
        /// Logon session.
        logon_id: LogonId,
    }
}

impl Fact {
    /// The identities by which an event is found in account and session pivots: account as named,
    /// its SID, its logon session.
    pub fn identity(&self) -> (Sym, Sym, LogonId) {
        let none = (Sym::NONE, Sym::NONE, LogonId::NONE);
        match self {
            Fact::ProcessStart(f) => (f.account, f.sid, f.logon_id),
            Fact::ProcessEnd(f) => (f.account, f.sid, f.logon_id),
            Fact::Logon(f) => (f.account, f.sid, f.logon_id),
            Fact::ExplicitLogon(f) => (f.subject, f.subject_sid, f.logon_id),
            Fact::PrivilegedLogon(f) => (f.account, f.sid, f.logon_id),
            Fact::Logoff(f) => (f.account, f.sid, f.logon_id),
            Fact::ServiceInstall(f) => (f.account, f.sid, f.logon_id),
            Fact::ServiceHandle(f) => (f.account, f.sid, f.logon_id),
            Fact::ShareAccess(f) => (f.account, f.sid, f.logon_id),
            Fact::LogCleared(f) => (f.account, f.sid, f.logon_id),
            Fact::Task(f) => (f.account, f.sid, f.logon_id),
            Fact::ProtectionChange(f) => (f.account, f.sid, f.logon_id),
            Fact::AccountChange(f) => (f.account, f.sid, f.logon_id),
            Fact::GroupMembership(f) => (f.account, f.sid, f.logon_id),
            Fact::Identity(f) => (f.account, f.sid, f.logon_id),
            Fact::Authentication(f) => (f.account, f.sid, LogonId::NONE),
            Fact::Pipe(f) => (f.account, Sym::NONE, LogonId::NONE),
            Fact::File(f) => (f.account, Sym::NONE, LogonId::NONE),
            Fact::Registry(f) => (f.account, Sym::NONE, LogonId::NONE),
            Fact::Network(f) => (f.account, Sym::NONE, LogonId::NONE),
            Fact::Antivirus(f) => (f.account, Sym::NONE, LogonId::NONE),
            Fact::ServiceState(_) | Fact::ProcessAccess(_) | Fact::Script(_) => none,
        }
    }
}
