//! What an event names besides its own columns. Fixed places, so that looking at millions of events
//! asks for no memory; places without a value hold [`Sym::NONE`].

use crate::event::{LogonId, Sym};
use crate::timeline::FactRef;

const NO: Sym = Sym::NONE;

/// Logon sessions an event names besides its own.
pub(super) fn logons(fact: FactRef<'_>) -> [LogonId; 3] {
    const NO: LogonId = LogonId::NONE;
    match fact {
        FactRef::ProcessStart(f) => [f.logon_id, f.creator_logon_id, NO],
        FactRef::Logon(f) => [f.logon_id, f.linked_logon_id, f.subject_logon_id],
        _ => [NO; 3],
    }
}

/// Process ids an event names; 0 is none.
pub(super) fn pids(fact: FactRef<'_>) -> [u32; 2] {
    match fact {
        FactRef::ProcessStart(f) => [f.pid, f.parent_pid],
        FactRef::ProcessEnd(f) => [f.pid, 0],
        FactRef::Pipe(f) => [f.pid, 0],
        FactRef::File(f) => [f.pid, 0],
        FactRef::Registry(f) => [f.pid, 0],
        FactRef::Network(f) => [f.pid, 0],
        FactRef::Logon(f) => [f.pid, 0],
        FactRef::ExplicitLogon(f) => [f.pid, 0],
        FactRef::ProcessAccess(f) => [f.pid, f.target_pid],
        FactRef::Task(f) => [f.pid, 0],
        FactRef::ServiceInstall(f) => [f.client_pid, 0],
        _ => [0; 2],
    }
}

/// Accounts an event names, by name or SID.
pub(super) fn accounts(fact: FactRef<'_>) -> [Sym; 3] {
    match fact {
        FactRef::ProcessStart(f) => [f.account, f.creator, f.sid],
        FactRef::Logon(f) => [f.account, f.subject, f.sid],
        FactRef::ExplicitLogon(f) => [f.subject, f.account, f.subject_sid],
        FactRef::ServiceInstall(f) => [f.account, f.run_as, f.sid],
        FactRef::PrivilegedLogon(f) => [f.account, f.sid, NO],
        FactRef::ShareAccess(f) => [f.account, f.sid, NO],
        FactRef::Antivirus(f) => [f.account, NO, NO],
        FactRef::Authentication(f) => [f.account, f.sid, NO],
        FactRef::Task(f) => [f.account, f.sid, NO],
        FactRef::AccountChange(f) => [f.account, f.member, f.member_sid],
        FactRef::GroupMembership(f) => [f.account, f.sid, NO],
        _ => [NO; 3],
    }
}

/// Addresses and source workstations an event names.
pub(super) fn addresses(fact: FactRef<'_>) -> [Sym; 4] {
    match fact {
        FactRef::Logon(f) => [f.source_ip, f.workstation, NO, NO],
        FactRef::ExplicitLogon(f) => [f.source_ip, f.target_server, NO, NO],
        FactRef::ShareAccess(f) => [f.source_ip, NO, NO, NO],
        FactRef::Network(f) => [
            f.source_ip,
            f.destination_ip,
            f.source_host,
            f.destination_host,
        ],
        FactRef::Authentication(f) => [f.source_ip, f.workstation, NO, NO],
        _ => [NO; 4],
    }
}

/// Services an event names.
pub(super) fn services(fact: FactRef<'_>) -> [Sym; 2] {
    match fact {
        FactRef::ServiceInstall(f) => [f.name, NO],
        FactRef::ServiceState(f) => [f.name, f.key_name],
        FactRef::ServiceHandle(f) => [f.object, NO],
        _ => [NO; 2],
    }
}

/// Programs an event names.
pub(super) fn images(fact: FactRef<'_>) -> [Sym; 2] {
    match fact {
        FactRef::ProcessStart(f) => [f.image, f.parent_image],
        FactRef::ProcessEnd(f) => [f.image, NO],
        FactRef::Pipe(f) => [f.image, NO],
        FactRef::File(f) => [f.image, NO],
        FactRef::Registry(f) => [f.image, NO],
        FactRef::Network(f) => [f.image, NO],
        FactRef::ServiceInstall(f) => [f.image_path, NO],
        FactRef::Logon(f) => [f.process, NO],
        FactRef::ExplicitLogon(f) => [f.process, NO],
        FactRef::ProcessAccess(f) => [f.image, f.target_image],
        FactRef::Antivirus(f) => [f.path, f.process],
        _ => [NO; 2],
    }
}

/// What a fact says in words besides accounts, addresses, services and programs.
pub(super) fn words(fact: FactRef<'_>) -> [Sym; 9] {
    let some = |words: &[Sym]| {
        let mut all = [NO; 9];
        all.iter_mut().zip(words).for_each(|(at, word)| *at = *word);
        all
    };
    match fact {
        FactRef::ProcessStart(f) => [
            f.command_line,
            f.parent_command_line,
            f.original_file_name,
            f.company,
            f.product,
            f.description,
            f.hashes,
            f.current_directory,
            f.integrity,
        ],
        FactRef::Pipe(f) => some(&[f.name]),
        FactRef::File(f) => some(&[f.path]),
        FactRef::Registry(f) => some(&[f.key, f.details, f.action]),
        FactRef::ShareAccess(f) => some(&[f.share, f.target]),
        FactRef::Antivirus(f) => some(&[f.threat, f.category, f.severity, f.action]),
        FactRef::Task(f) => some(&[f.name, f.content]),
        FactRef::Script(f) => some(&[f.text, f.path]),
        FactRef::Logon(f) => some(&[f.package, f.logon_process, f.status]),
        FactRef::ExplicitLogon(f) => some(&[f.target_info]),
        FactRef::LogCleared(f) => some(&[f.channel, f.account]),
        FactRef::ProtectionChange(f) => some(&[f.old, f.new]),
        FactRef::AccountChange(f) => some(&[f.group, f.group_sid]),
        FactRef::GroupMembership(f) => some(&[f.admin_groups]),
        FactRef::ServiceState(f) => some(&[f.detail]),
        FactRef::Authentication(f) => some(&[f.service]),
        _ => [NO; 9],
    }
}

/// Everything a fact says in words.
pub(super) fn texts(fact: FactRef<'_>) -> impl Iterator<Item = Sym> {
    let named = accounts(fact).into_iter().chain(addresses(fact));
    let named = named.chain(services(fact)).chain(images(fact));
    named.chain(words(fact))
}
