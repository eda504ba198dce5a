//! The world before the first event: hosts with the processes that every Windows has, accounts, the sessions of the system.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::act::logon::interactive;
use crate::act::process::{Start, start};
use crate::error::{Error, Result};
use crate::identity::Guid;
use crate::kind;
use crate::random::Random;
use crate::scenario::format::{AccountEntry, HostEntry, ScenarioFile};
use crate::scenario::recipe::{self, Recipe};
use crate::scenario::world::{Account, Draft, Handle, Host, Logon, World};
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

/// Makes the world.
pub(super) fn world(file: &ScenarioFile) -> Result<World> {
    let start_text = file.start.as_deref().unwrap_or("2026-03-10T18:00:00Z");
    let mut recipes = recipe::built_in()?;
    for (name, entry) in &file.recipe {
        recipes.insert(name.clone(), Recipe::from_entry(entry)?);
    }
    let mut world = World {
        seed: file.seed,
        start: Time::parse(start_text).map_err(|error| error.at_key("start"))?,
        end: file
            .end
            .as_deref()
            .map(Time::parse)
            .transpose()
            .map_err(|error| error.at_key("end"))?,
        jitter: file.jitter,
        domain: file.domain.name.clone(),
        dns: file.domain.dns.clone(),
        domain_sid: file.domain.sid.clone(),
        hosts: Vec::new(),
        accounts: BTreeMap::new(),
        logons: Vec::new(),
        processes: Vec::new(),
        handles: BTreeMap::new(),
        recipes,
        events: Vec::new(),
        cleared: Vec::new(),
        random: Random::new(file.seed, "scenario"),
    };
    built_in_accounts(&mut world);
    for (key, entry) in &file.accounts {
        let made = account(&world, key, entry);
        world.accounts.insert(key.clone(), made);
    }
    for (position, (name, entry)) in file.hosts.iter().enumerate() {
        let made =
            host(&world, name, entry).map_err(|error| error.at_key(&format!("hosts.{name}")))?;
        let machine = Account {
            name: format!("{}$", made.netbios()),
            domain: world.domain.clone(),
            sid: format!("{}-{}", world.domain_sid, 1600 + position),
            admin: false,
        };
        world.accounts.insert(format!("{name}$"), machine);
        world.hosts.push(made);
    }
    for (index, (name, entry)) in file.hosts.iter().enumerate() {
        populate(&mut world, index, entry)
            .map_err(|error| error.at_key(&format!("hosts.{name}")))?;
    }
    Ok(world)
}

fn built_in_accounts(world: &mut World) {
    let authority = "NT AUTHORITY";
    for (name, sid) in [
        ("SYSTEM", "S-1-5-18"),
        ("LOCAL SERVICE", "S-1-5-19"),
        ("NETWORK SERVICE", "S-1-5-20"),
        ("ANONYMOUS LOGON", "S-1-5-7"),
    ] {
        let account = Account {
            name: name.to_owned(),
            domain: authority.to_owned(),
            sid: sid.to_owned(),
            admin: sid == "S-1-5-18",
        };
        world.accounts.insert(name.to_owned(), account);
    }
}

fn account(world: &World, key: &str, entry: &AccountEntry) -> Account {
    let given = entry.sid.clone().unwrap_or_else(|| {
        // The last part of the SID, from the name: the same in every run.
        (1200 + Random::new(world.seed, key).below32(4000)).to_string()
    });
    Account {
        name: entry.name.clone().unwrap_or_else(|| key.to_owned()),
        domain: entry.domain.clone().unwrap_or_else(|| world.domain.clone()),
        sid: if given.starts_with("S-") {
            given
        } else {
            format!("{}-{given}", world.domain_sid)
        },
        admin: entry.admin,
    }
}

fn host(world: &World, name: &str, entry: &HostEntry) -> Result<Host> {
    let mut random = Random::new(world.seed, name);
    let boot = match &entry.boot {
        Some(text) => Time::parse(text).map_err(|error| error.at_key("boot"))?,
        None => world.start.plus(Span::millis(
            -8 * 3_600_000 - i64::from(random.below32(4 * 3_600_000)),
        )),
    };
    let mut layouts = entry.layouts.clone();
    let mut without: BTreeSet<String> = entry.without.iter().cloned().collect();
    for kind_name in kind::kinds()?
        .keys()
        .filter(|kind_name| kind_name.starts_with("sysmon-"))
    {
        let layout = match (entry.sysmon.as_deref().unwrap_or("23"), kind_name.as_str()) {
            ("none", _) => {
                without.insert(kind_name.clone());
                continue;
            }
            (fields @ ("21" | "22" | "23"), "sysmon-1") => fields,
            ("21" | "22" | "23", "sysmon-3") => "only",
            ("23", _) => "with-user",
            ("21" | "22", _) => "without-user",
            (other, _) => {
                return Err(Error::new(format!(
                    "`{other}` is no Sysmon layout; use 21, 22, 23 or none"
                ))
                .at_key("sysmon"));
            }
        };
        layouts
            .entry(kind_name.clone())
            .or_insert_with(|| layout.to_owned());
    }
    Ok(Host {
        name: name.to_owned(),
        computer: Arc::from(
            entry
                .computer
                .clone()
                .unwrap_or_else(|| format!("{name}.{}", world.dns)),
        ),
        ip: entry.ip.clone(),
        windows: entry.windows,
        clock: entry
            .clock
            .as_deref()
            .map(Span::parse)
            .transpose()?
            .unwrap_or_default(),
        boot,
        logs: entry.logs.clone().map(|logs| logs.into_iter().collect()),
        without,
        layouts,
        first_records: entry.records.clone(),
        system_name: entry
            .system_name
            .clone()
            .unwrap_or_else(|| r"NT AUTHORITY\SYSTEM".to_owned()),
        machine_id: random.below32(u32::MAX),
        pids: HashSet::from([0, 4]),
        logon_ids: HashSet::new(),
        first_logon_id: 0x2_8000 + random.below(0x1_4000),
        sequence: 0,
        latest: (Time::default(), 0),
        random,
    })
}

fn populate(world: &mut World, index: usize, entry: &HostEntry) -> Result<()> {
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
    let parent = process_handle(world, name, "winlogon")?;
    let image = r"C:\Windows\explorer.exe";
    let wanted = Start {
        command_line: Some(r"C:\Windows\Explorer.EXE".to_owned()),
        session: Some(1),
        integrity: Some("Medium".to_owned()),
        ..Start::new(image)
    };
    let explorer = start(world, index, now, &wanted, Some(parent), logon)?;
    world
        .handles
        .insert(format!("{name}/explorer"), Handle::Process(explorer));
    Ok(())
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
