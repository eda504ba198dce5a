//! One plain line per event. The texts are as logged: show them through [`crate::text`].

use super::{EventIndex, Timeline};
use crate::event::Sym;
use crate::event::fact::{AccountAction, AccountChange, Fact, FileAction, ServiceChange};
use crate::event::identity::file_name;

/// What an event says, in one line, without time and host.
pub fn line(timeline: &Timeline, index: EventIndex) -> String {
    let Some(event) = timeline.event(index) else {
        return String::new();
    };
    let t = |symbol: Sym| timeline.text(symbol);
    let or = |symbol: Sym, otherwise: &'static str| {
        timeline
            .strings()
            .get(symbol)
            .unwrap_or(otherwise)
            .to_owned()
    };
    let by = |symbol: Sym| {
        timeline
            .strings()
            .get(symbol)
            .map(|text| format!(" by {text}"))
            .unwrap_or_default()
    };
    let from = |ip: Sym, port: u32| match (timeline.strings().get(ip), port) {
        (None, _) => String::new(),
        (Some(ip), 0) => format!(" from {ip}"),
        (Some(ip), port) => format!(" from {ip}:{port}"),
    };
    match event.fact {
        Some(Fact::ProcessStart(f)) => {
            let what = timeline.strings().get(f.command_line).unwrap_or(t(f.image));
            let parent = timeline
                .strings()
                .get(f.parent_image)
                .map(|image| format!(" ← {}", file_name(image)));
            format!(
                "started {} [{}] {}{}{}",
                file_name(t(f.image)),
                f.pid,
                what,
                parent.unwrap_or_default(),
                by(f.account)
            )
        }
        Some(Fact::ProcessEnd(f)) => format!("ended {} [{}]", file_name(t(f.image)), f.pid),
        Some(Fact::Logon(f)) => format!(
            "{} type {} of {}{}{}{}",
            if f.success { "logon" } else { "FAILED logon" },
            f.logon_type,
            or(f.account, "?"),
            from(f.source_ip, f.source_port),
            timeline
                .strings()
                .get(f.workstation)
                .map(|name| format!(" ({name})"))
                .unwrap_or_default(),
            timeline
                .strings()
                .get(f.package)
                .map(|name| format!(" {}", name.trim()))
                .unwrap_or_default(),
        ),
        Some(Fact::ExplicitLogon(f)) => format!(
            "{} used credentials of {} towards {} with {}",
            or(f.subject, "?"),
            or(f.account, "?"),
            or(f.target_server, "?"),
            file_name(t(f.process))
        ),
        Some(Fact::PrivilegedLogon(f)) => {
            format!("privileged session of {}", or(f.account, "?"))
        }
        Some(Fact::Logoff(f)) => format!("logoff of {}", or(f.account, "?")),
        Some(Fact::ServiceInstall(f)) => {
            format!(
                "service {} installed: {}{}",
                or(f.name, "?"),
                or(f.image_path, "?"),
                by(f.account)
            )
        }
        Some(Fact::ServiceState(f)) => {
            let change = match f.change {
                ServiceChange::Started => "running",
                ServiceChange::Stopped => "stopped",
                ServiceChange::TimedOut => "did not answer in time",
                ServiceChange::StartFailed => "could not start",
                ServiceChange::Crashed => "ended unexpectedly",
                ServiceChange::StartTypeChanged => "start type changed",
                ServiceChange::Unknown => t(f.detail),
            };
            format!("service {} {change}", or(f.name, "?"))
        }
        Some(Fact::ServiceHandle(f)) => format!(
            "service manager object {} opened{}",
            or(f.object, "?"),
            by(f.account)
        ),
        Some(Fact::Pipe(f)) => format!(
            "pipe {} {} by {} [{}]",
            or(f.name, "?"),
            if f.created { "created" } else { "opened" },
            file_name(t(f.image)),
            f.pid
        ),
        Some(Fact::File(f)) => format!(
            "file {} {} by {} [{}]",
            or(f.path, "?"),
            if f.action == FileAction::Created {
                "written"
            } else {
                "deleted"
            },
            file_name(t(f.image)),
            f.pid
        ),
        Some(Fact::Registry(f)) => format!(
            "registry {} {}{} by {} [{}]",
            or(f.action, "change"),
            or(f.key, "?"),
            timeline
                .strings()
                .get(f.details)
                .map(|details| format!(" = {details}"))
                .unwrap_or_default(),
            file_name(t(f.image)),
            f.pid
        ),
        Some(Fact::Network(f)) => format!(
            "connection {}:{} → {}:{} of {} [{}]{}",
            or(f.source_ip, "?"),
            f.source_port,
            or(f.destination_ip, "?"),
            f.destination_port,
            file_name(t(f.image)),
            f.pid,
            match f.initiated {
                Some(true) => " (outbound)",
                Some(false) => " (inbound)",
                None => "",
            }
        ),
        Some(Fact::ShareAccess(f)) => format!(
            "share {}{}{}{}",
            or(f.share, "?"),
            timeline
                .strings()
                .get(f.target)
                .map(|target| format!(" {target}"))
                .unwrap_or_default(),
            by(f.account),
            from(f.source_ip, f.source_port)
        ),
        Some(Fact::Antivirus(f)) => format!("antivirus: {} {}", t(f.threat), t(f.path))
            .trim_end()
            .to_owned(),
        Some(Fact::AccountChange(f)) => account_change(timeline, &f),
        Some(Fact::GroupMembership(f)) => format!(
            "session of {} in {}",
            or(f.account, "?"),
            or(f.admin_groups, "no group of administrators")
        ),
        Some(Fact::ProtectionChange(f)) => {
            format!("protection changed: {}", or(f.new, "switched off"))
        }
        Some(Fact::LogCleared(f)) => {
            format!("log {} CLEARED{}", or(f.channel, "Security"), by(f.account))
        }
        Some(Fact::Task(f)) => format!("task {}{}", or(f.name, "?"), by(f.account)),
        Some(Fact::ProcessAccess(f)) => format!(
            "{} [{}] opened {} [{}] {}",
            file_name(t(f.image)),
            f.pid,
            file_name(t(f.target_image)),
            f.target_pid,
            t(f.granted_access)
        ),
        Some(Fact::Script(f)) => format!("PowerShell: {}", t(f.text)),
        Some(Fact::Authentication(f)) => format!(
            "{} checked for {}{}{}",
            or(f.account, "?"),
            or(f.service, "logon"),
            from(f.source_ip, f.source_port),
            timeline
                .strings()
                .get(f.workstation)
                .map(|name| format!(" from {name}"))
                .unwrap_or_default()
        ),
        Some(Fact::Identity(_)) | None => {
            let account = event
                .account
                .map(|account| format!(" {account}"))
                .unwrap_or_default();
            format!("{} {}{account}", event.kind.provider, event.kind.event_id)
        }
    }
}

/// Whom a change of accounts or groups happened to, by the best name that the logs give: of 4732 on
/// a host that is in no domain, only the SID is known.
pub(crate) fn member<'t>(timeline: &'t Timeline, change: &AccountChange) -> &'t str {
    let strings = timeline.strings();
    let named = || timeline.name_of_sid(change.member_sid);
    let given = strings.get(change.member);
    match given {
        // CN=Ida Holm,OU=Desk,DC=nordhavn,DC=example
        Some(distinguished) if distinguished.contains('=') => named().unwrap_or(distinguished),
        Some(name) => name,
        None => named()
            .or_else(|| strings.get(change.member_sid))
            .unwrap_or("?"),
    }
}

fn account_change(timeline: &Timeline, change: &AccountChange) -> String {
    let text = |symbol| timeline.strings().get(symbol).unwrap_or("?");
    let (member, by) = (member(timeline, change), text(change.account));
    let group = text(change.group.some().unwrap_or(change.group_sid));
    match change.action {
        AccountAction::Made => format!("account {member} MADE by {by}"),
        AccountAction::Joined => format!("{member} put into group {group} by {by}"),
        AccountAction::Left => format!("{member} taken out of group {group} by {by}"),
    }
}
