//! Files, registry values, pipes, connections and shares.

use crate::act::{Args, logon_of, need, process_of, take, take_or};
use crate::error::Result;
use crate::random::Random;
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::World;
use crate::value::number;

/// Access rights of a file, from the lowest bit on, as message codes.
const RIGHTS: [(u32, u32); 14] = [
    (0x1_0000, 1537),
    (0x2_0000, 1538),
    (0x4_0000, 1539),
    (0x8_0000, 1540),
    (0x10_0000, 1541),
    (0x1, 4416),
    (0x2, 4417),
    (0x4, 4418),
    (0x8, 4419),
    (0x10, 4420),
    (0x20, 4421),
    (0x40, 4422),
    (0x80, 4423),
    (0x100, 4424),
];

/// The fields that Sysmon writes about the process that acts.
pub(crate) fn by_process(world: &World, scope: &Scope, host: usize, index: usize) -> Result<Draft> {
    let process = world.process(index)?;
    Ok(Draft::new([
        ("UtcTime", world.host(host)?.clock(scope.now).sysmon()),
        ("ProcessGuid", process.guid.to_string()),
        ("ProcessId", process.pid.to_string()),
        ("Image", process.image.clone()),
        ("User", world.user(process.logon)?),
    ]))
}

/// The act `file`: a file is made.
pub(crate) fn file(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let process = process_of(world, scope, args, "process", "system")?;
    let created = world.host(host)?.clock(scope.now).sysmon();
    let draft = by_process(world, scope, host, process)?
        .with("TargetFilename", need(args, "path")?)
        .with("CreationUtcTime", created);
    world.emit(host, "sysmon-11", scope.now, &draft)
}

/// The act `registry`: a value is set. Sysmon doubles the percent signs of its data.
pub(crate) fn registry(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let process = process_of(world, scope, args, "process", "services")?;
    let draft = by_process(world, scope, host, process)?
        .with("TargetObject", need(args, "key")?)
        .with("Details", need(args, "value")?.replace('%', "%%"));
    world.emit(host, "sysmon-13", scope.now, &draft)
}

/// The act `registry-delete`: a key or value is removed.
pub(crate) fn registry_delete(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let process = process_of(world, scope, args, "process", "services")?;
    let draft = by_process(world, scope, host, process)?
        .with("EventType", take_or(args, "type", "DeleteKey"))
        .with("TargetObject", need(args, "key")?);
    world.emit(host, "sysmon-12", scope.now, &draft)
}

/// The acts `pipe-created` and `pipe-connected`.
pub(crate) fn pipe(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
    kind: &str,
) -> Result<()> {
    let process = process_of(world, scope, args, "process", "system")?;
    let draft = by_process(world, scope, host, process)?.with("PipeName", need(args, "pipe")?);
    world.emit(host, kind, scope.now, &draft)
}

/// The act `connect`: a process connects to another host.
pub(crate) fn connect(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let process = process_of(world, scope, args, "process", "")?;
    let (own_ip, own_name) = world
        .host(host)
        .map(|at| (at.ip.clone(), at.computer.to_string()))?;
    let (far_ip, far_name) = far(world, args)?;
    let port = need(args, "port")?;
    let own_port = take(args, "source_port").unwrap_or_else(|| some_port(world, scope, &far_ip));
    let draft = by_process(world, scope, host, process)?
        .with("SourceIp", own_ip)
        .with("SourceHostname", own_name)
        .with("SourcePort", own_port)
        .with("DestinationIp", far_ip)
        .with("DestinationHostname", far_name)
        .with("DestinationPortName", port_name(&port))
        .with("DestinationPort", port);
    world.emit(host, "sysmon-3", scope.now, &draft)
}

/// The act `accept`: a process is connected to from another host.
pub(crate) fn accept(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let process = process_of(world, scope, args, "process", "system")?;
    let (own_ip, own_name) = world
        .host(host)
        .map(|at| (at.ip.clone(), at.computer.to_string()))?;
    let (far_ip, far_name) = far(world, args)?;
    let port = need(args, "port")?;
    let far_port = take(args, "source_port").unwrap_or_else(|| some_port(world, scope, &far_ip));
    let draft = by_process(world, scope, host, process)?
        .with("Initiated", "false")
        .with("SourceIp", far_ip)
        .with("SourceHostname", far_name)
        .with("SourcePort", far_port)
        .with("DestinationIp", own_ip)
        .with("DestinationHostname", own_name)
        .with("DestinationPortName", port_name(&port))
        .with("DestinationPort", port);
    world.emit(host, "sysmon-3", scope.now, &draft)
}

fn far(world: &World, args: &mut Args) -> Result<(String, String)> {
    let name = need(args, "peer")?;
    Ok(match world.host_index(&name) {
        Ok(index) => world
            .host(index)
            .map(|host| (host.ip.clone(), host.computer.to_string()))?,
        Err(_) => (name, take_or(args, "peer_name", "-")),
    })
}

fn some_port(world: &World, scope: &Scope, label: &str) -> String {
    (50_000 + Random::new(world.seed, &format!("{label} {}", scope.now)).below(14_000)).to_string()
}

fn port_name(port: &str) -> &'static str {
    match port {
        "53" => "domain",
        "80" => "http",
        "88" => "kerberos",
        "135" => "epmap",
        "389" => "ldap",
        "443" => "https",
        "445" => "microsoft-ds",
        _ => "-",
    }
}

/// The act `share`: a share is opened.
pub(crate) fn share(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let draft = shared(world, scope, args)?.with("AccessMask", take_or(args, "mask", "0x1"));
    world.emit(host, "security-5140", scope.now, &draft)
}

/// The act `share-access`: something within a share is opened.
pub(crate) fn share_access(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let draft = shared(world, scope, args)?;
    let mask_text = take_or(args, "mask", "0x12019f");
    let mask: u32 = number(&mask_text).map_err(|error| error.at_key("mask"))?;
    let rights = RIGHTS
        .iter()
        .filter(|(bit, _)| mask & bit != 0)
        .map(|(_, code)| format!("%%{code}\r\n\t\t\t\t"));
    let draft = draft
        .with("RelativeTargetName", need(args, "file")?)
        .with("AccessMask", mask_text)
        .with("AccessList", rights.collect::<String>());
    world.emit(host, "security-5145", scope.now, &draft)
}

fn shared(world: &World, scope: &Scope, args: &mut Args) -> Result<Draft> {
    let logon = world.logon(logon_of(world, scope, args, "logon", "")?)?;
    let share = need(args, "share")?;
    let path = match share.as_str() {
        "ADMIN$" => r"\??\C:\Windows",
        "C$" => r"\??\C:\",
        "SYSVOL" => r"\??\C:\Windows\SYSVOL\sysvol",
        _ => "",
    };
    let default_port = logon.port.clone();
    let draft = world
        .subject(logon)?
        .with("IpAddress", logon.ip.clone())
        .with("IpPort", take_or(args, "port", &default_port))
        .with("ShareName", format!(r"\\*\{share}"));
    Ok(draft.with("ShareLocalPath", take_or(args, "path", path)))
}
