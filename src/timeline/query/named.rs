//! What an event names besides its own columns. Fixed places, so that looking at millions of events
//! asks for no memory; places without a value hold [`Sym::NONE`].

use crate::event::fact::Fact;
use crate::event::{LogonId, Sym};

const NO: Sym = Sym::NONE;

/// Logon sessions an event names besides its own.
pub(super) fn logons(fact: Fact) -> [LogonId; 3] {
    const NO: LogonId = LogonId::NONE;
    match fact {
        Fact::ProcessStart(f) => [f.logon_id, f.creator_logon_id, NO],
        Fact::Logon(f) => [f.logon_id, f.linked_logon_id, f.subject_logon_id],
        _ => [NO; 3],
    }
}

/// Process ids an event names; 0 is none.
pub(super) fn pids(fact: Fact) -> [u32; 2] {
    match fact {
        Fact::ProcessStart(f) => [f.pid, f.parent_pid],
        Fact::ProcessEnd(f) => [f.pid, 0],
        Fact::Pipe(f) => [f.pid, 0],
        Fact::File(f) => [f.pid, 0],
        Fact::Registry(f) => [f.pid, 0],
        Fact::Network(f) => [f.pid, 0],
        Fact::Logon(f) => [f.pid, 0],
        Fact::ExplicitLogon(f) => [f.pid, 0],
        Fact::ProcessAccess(f) => [f.pid, f.target_pid],
        Fact::Task(f) => [f.pid, 0],
        Fact::ServiceInstall(f) => [f.client_pid, 0],
        _ => [0; 2],
    }
}

/// Accounts an event names, by name or SID.
pub(super) fn accounts(fact: Fact) -> [Sym; 3] {
    match fact {
        Fact::ProcessStart(f) => [f.account, f.creator, f.sid],
        Fact::Logon(f) => [f.account, f.subject, f.sid],
        Fact::ExplicitLogon(f) => [f.subject, f.account, f.subject_sid],
        Fact::ServiceInstall(f) => [f.account, f.run_as, f.sid],
        Fact::PrivilegedLogon(f) => [f.account, f.sid, NO],
        Fact::ShareAccess(f) => [f.account, f.sid, NO],
        Fact::Antivirus(f) => [f.account, NO, NO],
        Fact::Authentication(f) => [f.account, f.sid, NO],
        Fact::Task(f) => [f.account, f.sid, NO],
        Fact::AccountChange(f) => [f.account, f.member, f.member_sid],
        Fact::GroupMembership(f) => [f.account, f.sid, NO],
        _ => [NO; 3],
    }
}

/// Addresses and source workstations an event names.
pub(super) fn addresses(fact: Fact) -> [Sym; 4] {
    match fact {
        Fact::Logon(f) => [f.source_ip, f.workstation, NO, NO],
        Fact::ExplicitLogon(f) => [f.source_ip, f.target_server, NO, NO],
        Fact::ShareAccess(f) => [f.source_ip, NO, NO, NO],
        Fact::Network(f) => [
            f.source_ip,
            f.destination_ip,
            f.source_host,
            f.destination_host,
        ],
        Fact::Authentication(f) => [f.source_ip, f.workstation, NO, NO],
        _ => [NO; 4],
    }
}

/// Services an event names.
pub(super) fn services(fact: Fact) -> [Sym; 2] {
    match fact {
        Fact::ServiceInstall(f) => [f.name, NO],
        Fact::ServiceState(f) => [f.name, f.key_name],
        Fact::ServiceHandle(f) => [f.object, NO],
        _ => [NO; 2],
    }
}

/// Programs an event names.
pub(super) fn images(fact: Fact) -> [Sym; 2] {
    match fact {
        Fact::ProcessStart(f) => [f.image, f.parent_image],
        Fact::ProcessEnd(f) => [f.image, NO],
        Fact::Pipe(f) => [f.image, NO],
        Fact::File(f) => [f.image, NO],
        Fact::Registry(f) => [f.image, NO],
        Fact::Network(f) => [f.image, NO],
        Fact::ServiceInstall(f) => [f.image_path, NO],
        Fact::Logon(f) => [f.process, NO],
        Fact::ExplicitLogon(f) => [f.process, NO],
        Fact::ProcessAccess(f) => [f.image, f.target_image],
        Fact::Antivirus(f) => [f.path, f.process],
        _ => [NO; 2],
    }
}

/// What a fact says in words besides accounts, addresses, services and programs.
pub(super) fn words(fact: Fact) -> [Sym; 9] {
    let some = |words: &[Sym]| {
        let mut all = [NO; 9];
        all.iter_mut().zip(words).for_each(|(at, word)| *at = *word);
        all
    };
    match fact {
        Fact::ProcessStart(f) => [
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
        Fact::Pipe(f) => some(&[f.name]),
        Fact::File(f) => some(&[f.path]),
        Fact::Registry(f) => some(&[f.key, f.details, f.action]),
        Fact::ShareAccess(f) => some(&[f.share, f.target]),
        Fact::Antivirus(f) => some(&[f.threat, f.category, f.severity, f.action]),
        Fact::Task(f) => some(&[f.name, f.content]),
        Fact::Script(f) => some(&[f.text, f.path]),
        Fact::Logon(f) => some(&[f.package, f.logon_process, f.status]),
        Fact::ExplicitLogon(f) => some(&[f.target_info]),
        Fact::LogCleared(f) => some(&[f.channel, f.account]),
        Fact::ProtectionChange(f) => some(&[f.old, f.new]),
        Fact::AccountChange(f) => some(&[f.group, f.group_sid]),
        Fact::GroupMembership(f) => some(&[f.admin_groups]),
        Fact::ServiceState(f) => some(&[f.detail]),
        Fact::Authentication(f) => some(&[f.service]),
        _ => [NO; 9],
    }
}

/// Everything a fact says in words.
pub(super) fn texts(fact: Fact) -> impl Iterator<Item = Sym> {
    let named = accounts(fact).into_iter().chain(addresses(fact));
    let named = named.chain(services(fact)).chain(images(fact));
    named.chain(words(fact))
}
