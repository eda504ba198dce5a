//! Logons: Security 4624, 4672, 4625, 4634, 4647, 4648, and on the domain controller 4768, 4769, 4776.

use crate::act::{Args, flag, logon_of, name_it, need, process_of, take, take_or};
use crate::error::{Error, Result};
use crate::identity::Guid;
use crate::random::Random;
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::{Handle, Logon, World, hex};
use crate::time::{Span, Time};
use crate::value::number;

/// The act `logon`. With `count`, several sessions within milliseconds, as one SMB client opens them.
pub(crate) fn act(
    world: &mut World,
    scope: &mut Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let account = need(args, "account")?;
    world
        .account(&account)
        .map_err(|error| error.at_key("account"))?;
    let logon_type: u32 =
        number(&take_or(args, "type", "3")).map_err(|error| error.at_key("type"))?;
    let network = logon_type == 3;
    let package = take_or(
        args,
        "package",
        if network { "Kerberos" } else { "Negotiate" },
    );
    let from = take_or(args, "from", "-");
    let from_host = world.host_index(&from).ok();
    let ip = match from_host {
        Some(index) => world.host(index)?.ip.clone(),
        None => from,
    };
    let default_workstation = match (package.as_str(), from_host) {
        ("NTLM", Some(index)) => world.host(index)?.netbios(),
        ("Negotiate", _) => world.host(host)?.netbios(),
        _ => "-".to_owned(),
    };
    let workstation = take_or(args, "workstation", &default_workstation);
    let count: u16 = number(&take_or(args, "count", "1")).map_err(|error| error.at_key("count"))?;
    let ticket = match take(args, "guid") {
        Some(text) => text.parse().map_err(|error: Error| error.at_key("guid"))?,
        None if package == "NTLM" => Guid::default(),
        None => scope.random.as_mut().unwrap_or(&mut world.random).guid(),
    };
    let default_port = client_port(world, &ip, scope.now);
    // A loopback logon has a port only where the story gives one, as through a tunnel.
    let has_port = ip != "-" && (ip != "127.0.0.1" || args.contains_key("port"));
    let first_port: u16 =
        number(&take_or(args, "port", &default_port)).map_err(|error| error.at_key("port"))?;
    let key_length = take_or(
        args,
        "key_length",
        if package == "NTLM" { "128" } else { "0" },
    );
    let elevated = match take(args, "elevated") {
        Some(text) => text == "true",
        None => world.account(&account)?.admin,
    };
    let caller = caller(world, scope, args, logon_type)?;
    let controller = take(args, "dc")
        .map(|name| world.host_index(&name))
        .transpose()
        .map_err(|error| error.at_key("dc"))?;
    let name = take(args, "as");
    for number in 0..count {
        let time = scope.now.plus(Span::millis(i64::from(number) * 4));
        let at = world.host_mut(host)?;
        let local = at.clock(time);
        let id = at.next_logon_id(time);
        let logon = Logon {
            host,
            account: account.clone(),
            id,
            sysmon_guid: at.logon_guid(local, id),
            kerberos_guid: ticket,
            logon_type,
            ip: ip.clone(),
            port: if has_port {
                first_port.saturating_add(number).to_string()
            } else {
                "-".to_owned()
            },
        };
        if let (Some(controller), 0) = (controller, number) {
            on_controller(world, controller, &logon, &package, &workstation, time)?;
        }
        let details = Details {
            package: &package,
            workstation: &workstation,
            key_length: &key_length,
            elevated,
            caller: &caller,
        };
        write(world, &logon, &details, time)?;
        world.logons.push(logon);
        let handle = Handle::Logon(world.logons.len() - 1);
        let own = name.as_ref().map(|name| {
            if number == 0 {
                name.clone()
            } else {
                format!("{name}.{}", number + 1)
            }
        });
        name_it(world, scope, own, handle);
    }
    Ok(())
}

/// Writes the logon of the person at the screen.
pub(crate) fn interactive(world: &mut World, logon: &Logon, time: Time) -> Result<()> {
    let host = world.host(logon.host)?;
    let workstation = host.netbios();
    let key = format!("{}/winlogon", host.name);
    let winlogon = match world.handles.get(&key) {
        Some(Handle::Process(index)) => world.process(*index)?,
        _ => return Err(Error::new("the host has no winlogon")),
    };
    let caller = Some((winlogon.pid, winlogon.image.clone()));
    let details = Details {
        package: "Negotiate",
        workstation: &workstation,
        key_length: "0",
        elevated: false,
        caller: &caller,
    };
    write(world, logon, &details, time)
}

/// What 4624 says beside the session itself.
struct Details<'a> {
    package: &'a str,
    workstation: &'a str,
    key_length: &'a str,
    elevated: bool,
    caller: &'a Option<(u32, String)>,
}

/// A port that grows with time, as clients use them.
fn client_port(world: &World, ip: &str, time: Time) -> String {
    let seconds = u64::try_from(time.unix_seconds()).unwrap_or(0);
    let start = Random::new(world.seed, ip).below(12_000);
    (49_700 + (start + seconds / 3 + Random::new(seconds, ip).below(40)) % 15_000).to_string()
}

/// The process that asked for the logon, for the types that name one.
fn caller(
    world: &World,
    scope: &Scope,
    args: &mut Args,
    logon_type: u32,
) -> Result<Option<(u32, String)>> {
    let default = match logon_type {
        3 => "",
        4 => "svchost.schedule",
        5 => "services",
        10 => "svchost.netsvcs",
        _ => "winlogon",
    };
    if default.is_empty() && !args.contains_key("process") {
        return Ok(None);
    }
    let process = world.process(process_of(world, scope, args, "process", default)?)?;
    Ok(Some((process.pid, process.image.clone())))
}

fn write(world: &mut World, logon: &Logon, details: &Details<'_>, time: Time) -> Result<()> {
    let account = world.account(&logon.account)?.clone();
    let own_work = matches!(logon.logon_type, 2 | 4 | 5 | 7 | 10 | 11) || details.caller.is_some();
    let mut draft = if own_work {
        Draft::new([
            ("SubjectUserSid", "S-1-5-18".to_owned()),
            (
                "SubjectUserName",
                format!("{}$", world.host(logon.host)?.netbios()),
            ),
            ("SubjectDomainName", world.domain.clone()),
            ("SubjectLogonId", "0x3e7".to_owned()),
        ])
    } else {
        Draft::default()
    };
    let way = match (logon.logon_type, details.package) {
        (4 | 5, _) => "Advapi  ",
        (2 | 7 | 10 | 11, _) => "User32 ",
        (_, "NTLM") => "NtLmSsp ",
        _ => "Kerberos",
    };
    let level = if own_work || account.admin {
        "%%1833"
    } else {
        "%%1840"
    };
    for (field, value) in [
        ("TargetUserSid", account.sid.clone()),
        ("TargetUserName", account.name.clone()),
        ("TargetDomainName", account.domain.clone()),
        ("TargetLogonId", hex(logon.id)),
        ("LogonType", logon.logon_type.to_string()),
        ("LogonProcessName", way.to_owned()),
        ("AuthenticationPackageName", details.package.to_owned()),
        ("WorkstationName", details.workstation.to_owned()),
        ("LogonGuid", logon.kerberos_guid.to_string()),
        (
            "LmPackageName",
            if details.package == "NTLM" {
                "NTLM V2"
            } else {
                "-"
            }
            .to_owned(),
        ),
        ("KeyLength", details.key_length.to_owned()),
        ("IpAddress", logon.ip.clone()),
        ("IpPort", logon.port.clone()),
        ("ImpersonationLevel", level.to_owned()),
        (
            "ElevatedToken",
            if details.elevated { "%%1842" } else { "%%1843" }.to_owned(),
        ),
    ] {
        draft = draft.with(field, value);
    }
    if let Some((pid, image)) = details.caller {
        draft = draft
            .with("ProcessId", hex(u64::from(*pid)))
            .with("ProcessName", image.clone());
    }
    world.emit(logon.host, "security-4624", time, &draft)?;
    if details.elevated {
        let draft = world.subject(logon)?;
        world.emit(logon.host, "security-4672", time, &draft)?;
    }
    Ok(())
}

fn on_controller(
    world: &mut World,
    controller: usize,
    logon: &Logon,
    package: &str,
    workstation: &str,
    time: Time,
) -> Result<()> {
    let account = world.account(&logon.account)?.clone();
    let before = time.plus(Span::millis(-3));
    if package == "NTLM" {
        let draft = Draft::new([
            ("TargetUserName", account.name),
            ("Workstation", workstation.to_owned()),
        ]);
        return world.emit(controller, "security-4776", before, &draft);
    }
    let service = world.host(logon.host)?;
    let machine = world.account(&format!("{}$", service.name))?;
    let realm = world.dns.to_uppercase();
    let draft = Draft::new([
        ("TargetUserName", format!("{}@{realm}", account.name)),
        ("TargetDomainName", realm),
        ("ServiceName", machine.name.clone()),
        ("ServiceSid", machine.sid.clone()),
        ("IpAddress", format!("::ffff:{}", logon.ip)),
        ("IpPort", client_port(world, "kdc", time)),
        ("LogonGuid", logon.kerberos_guid.to_string()),
    ]);
    world.emit(controller, "security-4769", before, &draft)
}

/// The act `logon-failed`.
pub(crate) fn failed(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let name = need(args, "account")?;
    let from = take_or(args, "from", "-");
    let ip = world
        .host_index(&from)
        .ok()
        .and_then(|index| world.hosts.get(index))
        .map_or(from.clone(), |h| h.ip.clone());
    let (user, domain) = world
        .account(&name)
        .map_or((name.clone(), world.domain.clone()), |a| {
            (a.name.clone(), a.domain.clone())
        });
    let port = client_port(world, &ip, scope.now);
    let draft = Draft::new([
        ("TargetUserName", user),
        ("TargetDomainName", domain),
        ("LogonType", take_or(args, "type", "3")),
        (
            "WorkstationName",
            take_or(args, "workstation", &from.to_uppercase()),
        ),
        ("IpAddress", ip),
        ("IpPort", take_or(args, "port", &port)),
        ("SubStatus", take_or(args, "sub_status", "0xC000006A")),
    ]);
    world.emit(host, "security-4625", scope.now, &draft)
}

/// The act `logoff`.
pub(crate) fn logoff(world: &mut World, scope: &Scope, args: &mut Args) -> Result<()> {
    let index = logon_of(world, scope, args, "logon", "")?;
    let by_user = flag(args, "by_user");
    let logon = world.logon(index)?.clone();
    let account = world.account(&logon.account)?;
    let draft = Draft::new([
        ("TargetUserSid", account.sid.clone()),
        ("TargetUserName", account.name.clone()),
        ("TargetDomainName", account.domain.clone()),
        ("TargetLogonId", hex(logon.id)),
        ("LogonType", logon.logon_type.to_string()),
    ]);
    world.emit(
        logon.host,
        if by_user {
            "security-4647"
        } else {
            "security-4634"
        },
        scope.now,
        &draft,
    )
}

/// The act `explicit-credentials`: a process uses an account other than its own, or its own towards another host.
pub(crate) fn explicit(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let process = world
        .process(process_of(world, scope, args, "process", "")?)?
        .clone();
    let target = take_or(args, "target", "localhost");
    let account = world
        .account(&need(args, "account")?)
        .map_err(|error| error.at_key("account"))?
        .clone();
    let subject = world.logon(process.logon)?.clone();
    let draft = world
        .subject(&subject)?
        .with("LogonGuid", subject.kerberos_guid.to_string())
        .with("TargetUserName", account.name)
        .with("TargetDomainName", account.domain)
        .with("TargetServerName", target.clone())
        .with("TargetInfo", take_or(args, "info", &target))
        .with("ProcessId", hex(u64::from(process.pid)))
        .with("ProcessName", process.image)
        .with("IpAddress", take_or(args, "ip", "-"))
        .with("IpPort", take_or(args, "port", "-"));
    world.emit(host, "security-4648", scope.now, &draft)
}
