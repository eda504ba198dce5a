//! What runs on every Windows host before the story begins.

use crate::act::logon::interactive;
use crate::act::process::{Start, ended, start};
use crate::error::{Error, Result};
use crate::identity::Guid;
use crate::random::Random;
use crate::scenario::draft::Draft;
use crate::scenario::format::HostEntry;
use crate::scenario::world::{Handle, Logon, World};
use crate::time::{Span, Time};

/// The sessions that every Windows has: handle, account, logon id.
const SYSTEM_LOGONS: [(&str, &str, u64); 3] = [
    ("logon-system", "SYSTEM", 0x3E7),
    ("logon-network", "NETWORK SERVICE", 0x3E4),
    ("logon-local", "LOCAL SERVICE", 0x3E5),
];

/// The processes that every Windows has: handle, image, arguments, parent, logon, session.
const SYSTEM_PROCESSES: [(&str, &str, &str, &str, &str, u32); 17] = [
    (
        "smss",
        r"C:\Windows\System32\smss.exe",
        "",
        "system",
        "logon-system",
        0,
    ),
    (
        "csrss",
        r"C:\Windows\System32\csrss.exe",
        "",
        "smss",
        "logon-system",
        0,
    ),
    (
        "wininit",
        r"C:\Windows\System32\wininit.exe",
        "",
        "smss",
        "logon-system",
        0,
    ),
    (
        "csrss.1",
        r"C:\Windows\System32\csrss.exe",
        "",
        "smss",
        "logon-system",
        1,
    ),
    (
        "winlogon",
        r"C:\Windows\System32\winlogon.exe",
        "",
        "smss",
        "logon-system",
        1,
    ),
    (
        "services",
        r"C:\Windows\System32\services.exe",
        "",
        "wininit",
        "logon-system",
        0,
    ),
    (
        "lsass",
        r"C:\Windows\System32\lsass.exe",
        "",
        "wininit",
        "logon-system",
        0,
    ),
    (
        "svchost.dcom",
        r"C:\Windows\System32\svchost.exe",
        " -k DcomLaunch -p",
        "services",
        "logon-system",
        0,
    ),
    (
        "svchost.rpc",
        r"C:\Windows\System32\svchost.exe",
        " -k RPCSS -p",
        "services",
        "logon-network",
        0,
    ),
    (
        "svchost.netsvcs",
        r"C:\Windows\System32\svchost.exe",
        " -k netsvcs -p",
        "services",
        "logon-system",
        0,
    ),
    (
        "svchost.schedule",
        r"C:\Windows\System32\svchost.exe",
        " -k netsvcs -p -s Schedule",
        "services",
        "logon-system",
        0,
    ),
    (
        "svchost.eventlog",
        r"C:\Windows\System32\svchost.exe",
        " -k LocalServiceNetworkRestricted -p -s EventLog",
        "services",
        "logon-local",
        0,
    ),
    (
        "svchost.local",
        r"C:\Windows\System32\svchost.exe",
        " -k LocalService -p",
        "services",
        "logon-local",
        0,
    ),
    (
        "spoolsv",
        r"C:\Windows\System32\spoolsv.exe",
        "",
        "services",
        "logon-system",
        0,
    ),
    (
        "sysmon",
        r"C:\Windows\Sysmon64.exe",
        "",
        "services",
        "logon-system",
        0,
    ),
    (
        "defender",
        r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.25110.5-0\MsMpEng.exe",
        "",
        "services",
        "logon-system",
        0,
    ),
    (
        "wmiprvse",
        r"C:\Windows\System32\wbem\WmiPrvSE.exe",
        "",
        "svchost.dcom",
        "logon-network",
        0,
    ),
];

/// Gives the host its sessions and processes.
pub(super) fn settle(world: &mut World, index: usize, entry: &HostEntry) -> Result<()> {
    let (name, boot, windows) = world
        .host(index)
        .map(|host| (host.name.clone(), host.boot, host.windows))?;
    if !windows {
        return Ok(());
    }
    for (handle, account, id) in SYSTEM_LOGONS {
        let logon = Logon {
            host: index,
            account: account.to_owned(),
            id,
            sysmon_guid: world.host(index)?.logon_guid(boot, id),
            kerberos_guid: Guid::default(),
            logon_type: 5,
            ip: "-".to_owned(),
            port: "-".to_owned(),
        };
        world.logons.push(logon);
        world.handles.insert(
            format!("{name}/{handle}"),
            Handle::Logon(world.logons.len() - 1),
        );
    }
    let told = world.events.len();
    let mut now = boot;
    let log_start = Draft::new([("Data", String::new())]);
    world.emit(index, "eventlog-6005", now, &log_start)?;
    let first = Start {
        pid: Some(4),
        command_line: Some("-".to_owned()),
        silent: true,
        ..Start::new("System")
    };
    let system = logon_handle(world, &name, "logon-system")?;
    let made = start(world, index, now, &first, None, system)?;
    world
        .handles
        .insert(format!("{name}/system"), Handle::Process(made));
    let mut pid = 340;
    for (handle, image, arguments, parent, logon, session) in SYSTEM_PROCESSES {
        pid += 4 * (9 + world.host_mut(index)?.random.below32(40));
        now = now.plus(Span::millis(210));
        let wanted = Start {
            command_line: Some(format!("{image}{arguments}")),
            session: Some(session),
            pid: Some(pid),
            ..Start::new(image)
        };
        let logon = logon_handle(world, &name, logon)?;
        let parent = process_handle(world, &name, parent)?;
        let made = start(world, index, now, &wanted, Some(parent), logon)?;
        world
            .handles
            .insert(format!("{name}/{handle}"), Handle::Process(made));
    }
    if let Some(user) = &entry.user {
        console(world, index, &name, now.plus(Span::millis(95_000)), user)?;
    }
    if !entry.boot_logged {
        world.events.truncate(told);
    }
    Ok(())
}

/// The session of the person at the screen.
fn console(world: &mut World, index: usize, name: &str, now: Time, user: &str) -> Result<()> {
    world.account(user)?;
    let id = world.host_mut(index)?.next_logon_id(now);
    let logon = Logon {
        host: index,
        account: user.to_owned(),
        id,
        sysmon_guid: world.host(index)?.logon_guid(now, id),
        kerberos_guid: Random::new(world.seed, &format!("{name} console")).guid(),
        logon_type: 2,
        ip: "127.0.0.1".to_owned(),
        port: "0".to_owned(),
    };
    interactive(world, &logon, now)?;
    world.logons.push(logon);
    let logon = world.logons.len() - 1;
    world
        .handles
        .insert(format!("{name}/console"), Handle::Logon(logon));
    let winlogon = process_handle(world, name, "winlogon")?;
    let userinit = Start {
        session: Some(1),
        integrity: Some("Medium".to_owned()),
        ..Start::new(r"C:\Windows\System32\userinit.exe")
    };
    let userinit = start(world, index, now, &userinit, Some(winlogon), logon)?;
    let explorer = Start {
        command_line: Some(r"C:\Windows\Explorer.EXE".to_owned()),
        session: Some(1),
        integrity: Some("Medium".to_owned()),
        ..Start::new(r"C:\Windows\explorer.exe")
    };
    let shown = now.plus(Span::millis(640));
    let explorer = start(world, index, shown, &explorer, Some(userinit), logon)?;
    world
        .handles
        .insert(format!("{name}/explorer"), Handle::Process(explorer));
    ended(world, userinit, now.plus(Span::millis(24_300)), "0x0")
}

fn logon_handle(world: &World, host: &str, handle: &str) -> Result<usize> {
    match world.handles.get(&format!("{host}/{handle}")) {
        Some(Handle::Logon(index)) => Ok(*index),
        _ => Err(Error::new(format!("no logon `{handle}`"))),
    }
}

fn process_handle(world: &World, host: &str, handle: &str) -> Result<usize> {
    match world.handles.get(&format!("{host}/{handle}")) {
        Some(Handle::Process(index)) => Ok(*index),
        _ => Err(Error::new(format!("no process `{handle}`"))),
    }
}
