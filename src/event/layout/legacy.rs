//! Windows XP and 2003 (provider `Security`): values by position, as the message texts of those
//! systems number them. Best effort: no public log of theirs in EVTX form was at hand.

use super::Layout;
use crate::event::fact::{
    ExplicitLogon, LogCleared, Logoff, Logon, PrivilegedLogon, ProcessEnd, ProcessStart,
    ServiceInstall,
};

layout!(
    /// 592: a process started.
    LEGACY_PROCESS_START: ProcessStart {
    pid: number("#0"), image: text("#1"), parent_pid: number("#2"),
    account: account("#4", "#3"), logon_id: logon("#5"),
});
layout!(
    /// 593: a process ended.
    LEGACY_PROCESS_END: ProcessEnd {
    pid: number("#0"), image: text("#1"), account: account("#3", "#2"), logon_id: logon("#4"),
});
layout!(
    /// 528, 540: somebody logged on. Addresses are given since 2003.
    LEGACY_LOGON: Logon {
    account: account("#1", "#0"), logon_id: logon("#2"), logon_type: number("#3"),
    logon_process: text("#4"), package: text("#5"), workstation: text("#6"), logon_guid: guid("#7"),
    source_ip: text("#13"), source_port: number("#14"),
} set { success: true, });
layout!(
    /// 529–537, 539: somebody could not log on.
    LEGACY_FAILED_LOGON: Logon {
    account: account("#1", "#0"), logon_type: number("#2"), logon_process: text("#3"),
    package: text("#4"), workstation: text("#5"), source_ip: text("#11"), source_port: number("#12"),
});
layout!(
    /// 538, 551: a session ended.
    LEGACY_LOGOFF: Logoff {
    account: account("#1", "#0"), logon_id: logon("#2"), logon_type: number("#3"),
});
layout!(
    /// 552: other credentials were used.
    LEGACY_EXPLICIT_LOGON: ExplicitLogon {
    subject: account("#1", "#0"), logon_id: logon("#2"), account: account("#5", "#4"),
    target_server: text("#7"), target_info: text("#8"), pid: number("#9"), source_ip: text("#10"),
    source_port: number("#11"),
});
layout!(
    /// 576: a session with special privileges.
    LEGACY_PRIVILEGED_LOGON: PrivilegedLogon {
    account: account("#1", "#0"), logon_id: logon("#2"),
});
layout!(
    /// 601: a service was installed, under its key name.
    LEGACY_SERVICE_INSTALL: ServiceInstall {
    name: text("#0"), image_path: text("#1"), service_type: text("#2"), start_type: text("#3"),
    run_as: text("#4"), account: account("#6", "#5"), logon_id: logon("#7"),
} set { is_key_name: true, });
layout!(
    /// 517: the log was cleared; the client, not the service that did it for him.
    LEGACY_LOG_CLEARED: LogCleared { account: account("#4", "#3"), logon_id: logon("#5"), });

/// The layouts of Windows XP and 2003. Nothing else writes these ids under provider `Security`.
pub(super) fn layout(event_id: u32) -> Option<&'static Layout> {
    Some(match event_id {
        517 => &LEGACY_LOG_CLEARED,
        528 | 540 => &LEGACY_LOGON,
        529..=537 | 539 => &LEGACY_FAILED_LOGON,
        538 | 551 => &LEGACY_LOGOFF,
        552 => &LEGACY_EXPLICIT_LOGON,
        576 => &LEGACY_PRIVILEGED_LOGON,
        592 => &LEGACY_PROCESS_START,
        593 => &LEGACY_PROCESS_END,
        601 => &LEGACY_SERVICE_INSTALL,
        _ => return None,
    })
}
