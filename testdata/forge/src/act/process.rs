//! Processes: Sysmon 1, 5, 10 and Security 4688, 4689, with one set of ids for both channels.

use std::collections::BTreeMap;

use crate::act::{Args, logon_of, name_it, need, process_of, take, take_or, version};
use crate::error::Result;
use crate::random::Random;
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::{Handle, Process, World, hex};
use crate::time::{Span, Time};
use crate::value::number;

/// A process that shall start.
#[derive(Debug, Default)]
pub(crate) struct Start {
    pub(crate) image: String,
    pub(crate) command_line: Option<String>,
    pub(crate) directory: Option<String>,
    pub(crate) session: Option<u32>,
    pub(crate) integrity: Option<String>,
    pub(crate) pid: Option<u32>,
    /// The version resource, where it differs from the list.
    pub(crate) version: BTreeMap<String, String>,
    /// What Sysmon writes as the parent's image when it does not know it.
    pub(crate) parent_image: Option<String>,
    /// Leaves no events.
    pub(crate) silent: bool,
}

impl Start {
    pub(crate) fn new(image: &str) -> Self {
        Self {
            image: image.to_owned(),
            ..Self::default()
        }
    }
}

/// The act `process`.
pub(crate) fn act(
    world: &mut World,
    scope: &mut Scope,
    host: usize,
    args: &mut Args,
) -> Result<Time> {
    let parent = process_of(world, scope, args, "parent", "services")?;
    let inherited = world.process(parent)?.logon;
    let logon = match args.contains_key("logon") {
        true => logon_of(world, scope, args, "logon", "")?,
        false => inherited,
    };
    let mut wanted = Start::new(&need(args, "image")?);
    wanted.command_line = args.remove("command_line");
    wanted.directory = take(args, "directory");
    wanted.integrity = take(args, "integrity");
    wanted.parent_image = take(args, "parent_image");
    wanted.session = take(args, "session")
        .map(|text| number(&text).map_err(|e| e.at_key("session")))
        .transpose()?;
    wanted.pid = take(args, "pid")
        .map(|text| number(&text).map_err(|e| e.at_key("pid")))
        .transpose()?;
    wanted.silent = crate::act::flag(args, "silent");
    for (key, _) in version::PARAMETERS {
        if let Some(value) = args.remove(key) {
            wanted.version.insert(key.to_owned(), value);
        }
    }
    let lasts = take(args, "lasts")
        .map(|text| Span::parse(&text).map_err(|e| e.at_key("lasts")))
        .transpose()?;
    let name = take(args, "as");
    let status = take_or(args, "status", "0x0");
    let index = start(world, host, scope.now, &wanted, Some(parent), logon)?;
    name_it(world, scope, name, Handle::Process(index));
    if let Some(span) = lasts {
        ended(world, index, scope.now.plus(span), &status)?;
    }
    Ok(scope.now)
}

/// Starts a process and writes what its host logs of it.
pub(crate) fn start(
    world: &mut World,
    host: usize,
    time: Time,
    wanted: &Start,
    parent: Option<usize>,
    logon: usize,
) -> Result<usize> {
    let parent_process = parent
        .map(|index| world.process(index).cloned())
        .transpose()?;
    let at = world.host_mut(host)?;
    let local = at.clock(time);
    let pid = match wanted.pid {
        Some(pid) => {
            at.pids.insert(pid);
            pid
        }
        None => at.next_pid(),
    };
    let guid = at.process_guid(local);
    let session = wanted
        .session
        .unwrap_or_else(|| parent_process.as_ref().map_or(0, |parent| parent.session));
    let integrity = match (&wanted.integrity, &parent_process) {
        (Some(given), _) => given.clone(),
        (None, Some(parent)) if parent.logon == logon => parent.integrity.clone(),
        (None, _) if world.logon(logon)?.id < 0x1000 => "System".to_owned(),
        (None, _) => "High".to_owned(),
    };
    let process = Process {
        host,
        pid,
        guid,
        command_line: wanted
            .command_line
            .clone()
            .unwrap_or_else(|| wanted.image.clone()),
        image: wanted.image.clone(),
        logon,
        session,
        integrity,
        started: local,
    };
    if !wanted.silent
        && let Some(parent) = &parent_process
    {
        sysmon_1(world, time, &process, parent, wanted)?;
        security_4688(world, time, &process, parent)?;
    }
    world.processes.push(process);
    Ok(world.processes.len() - 1)
}

fn sysmon_1(
    world: &mut World,
    time: Time,
    process: &Process,
    parent: &Process,
    wanted: &Start,
) -> Result<()> {
    let logon = world.logon(process.logon)?;
    let mut draft = Draft::new([
        ("UtcTime", process.started.sysmon()),
        ("ProcessGuid", process.guid.to_string()),
        ("ProcessId", process.pid.to_string()),
        ("Image", process.image.clone()),
        ("CommandLine", process.command_line.clone()),
        ("User", world.user(process.logon)?),
        ("LogonGuid", logon.sysmon_guid.to_string()),
        ("LogonId", hex(logon.id)),
        ("TerminalSessionId", process.session.to_string()),
        ("IntegrityLevel", process.integrity.clone()),
        ("ParentProcessGuid", parent.guid.to_string()),
        ("ParentProcessId", parent.pid.to_string()),
        (
            "ParentImage",
            wanted
                .parent_image
                .clone()
                .unwrap_or_else(|| parent.image.clone()),
        ),
        (
            "ParentCommandLine",
            wanted
                .parent_image
                .clone()
                .unwrap_or_else(|| parent.command_line.clone()),
        ),
        ("ParentUser", world.user(parent.logon)?),
    ]);
    if let Some(directory) = &wanted.directory {
        draft = draft.with("CurrentDirectory", directory);
    }
    for (field, value) in version::fields(&process.image, &wanted.version)? {
        draft = draft.with(field, value);
    }
    world.emit(process.host, "sysmon-1", time, &draft)
}

fn security_4688(world: &mut World, time: Time, process: &Process, parent: &Process) -> Result<()> {
    let creator = world.logon(parent.logon)?.clone();
    let mut draft = world.subject(&creator)?;
    let (elevation, label) = match process.integrity.as_str() {
        "Low" => ("%%1938", "S-1-16-4096"),
        "Medium" => ("%%1938", "S-1-16-8192"),
        "High" => ("%%1937", "S-1-16-12288"),
        _ => ("%%1936", "S-1-16-16384"),
    };
    for (field, value) in [
        ("NewProcessId", hex(u64::from(process.pid))),
        ("NewProcessName", process.image.clone()),
        ("TokenElevationType", elevation.to_owned()),
        ("ProcessId", hex(u64::from(parent.pid))),
        ("CommandLine", process.command_line.clone()),
        ("ParentProcessName", parent.image.clone()),
        ("MandatoryLabel", label.to_owned()),
    ] {
        draft = draft.with(field, value);
    }
    // Target is filled when the new process does not run as its creator.
    if process.logon != parent.logon {
        let own = world.logon(process.logon)?;
        let (name, domain) = world.security_name(world.account(&own.account)?, own.host)?;
        let id = hex(own.id);
        draft = draft
            .with("TargetUserName", name)
            .with("TargetDomainName", domain)
            .with("TargetLogonId", id);
    }
    world.emit(process.host, "security-4688", time, &draft)
}

/// The act `process-end`.
pub(crate) fn end(world: &mut World, scope: &Scope, args: &mut Args) -> Result<()> {
    let index = process_of(world, scope, args, "process", "")?;
    let status = take_or(args, "status", "0x0");
    ended(world, index, scope.now, &status)
}

/// Writes what the host logs of a process's end.
pub(crate) fn ended(world: &mut World, index: usize, time: Time, status: &str) -> Result<()> {
    let process = world.process(index)?.clone();
    let local = world.host(process.host)?.clock(time);
    let draft = Draft::new([
        ("UtcTime", local.sysmon()),
        ("ProcessGuid", process.guid.to_string()),
        ("ProcessId", process.pid.to_string()),
        ("Image", process.image.clone()),
        ("User", world.user(process.logon)?),
    ]);
    world.emit(process.host, "sysmon-5", time, &draft)?;
    let logon = world.logon(process.logon)?.clone();
    let draft = world.subject(&logon)?;
    let draft = draft
        .with("Status", status)
        .with("ProcessId", hex(u64::from(process.pid)))
        .with("ProcessName", process.image);
    world.emit(process.host, "security-4689", time, &draft)
}

/// The act `process-access`: one process opens another.
pub(crate) fn access(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let source = process_of(world, scope, args, "process", "")?;
    let target = process_of(world, scope, args, "target", "lsass")?;
    let access = take_or(args, "access", "0x1fffff");
    let trace = take_or(
        args,
        "trace",
        r"C:\Windows\SYSTEM32\ntdll.dll+9d4f4|C:\Windows\System32\KERNELBASE.dll+2bcbe|C:\Windows\System32\comsvcs.dll+2d6a1|C:\Windows\System32\rundll32.exe+3af1",
    );
    let (source_user, target_user) = (
        world.user(world.process(source)?.logon)?,
        world.user(world.process(target)?.logon)?,
    );
    let (source, target) = (world.process(source)?, world.process(target)?);
    let thread = 4 * (100 + Random::new(world.seed, &source.guid.to_string()).below32(2000));
    let draft = Draft::new([
        ("UtcTime", world.host(host)?.clock(scope.now).sysmon()),
        ("SourceProcessGUID", source.guid.to_string()),
        ("SourceProcessId", source.pid.to_string()),
        ("SourceThreadId", thread.to_string()),
        ("SourceImage", source.image.clone()),
        ("TargetProcessGUID", target.guid.to_string()),
        ("TargetProcessId", target.pid.to_string()),
        ("TargetImage", target.image.clone()),
        ("GrantedAccess", access),
        ("CallTrace", trace),
        ("SourceUser", source_user),
        ("TargetUser", target_user),
    ]);
    world.emit(host, "sysmon-10", scope.now, &draft)
}
