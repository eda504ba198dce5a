//! Services: System 7045 and 7036, Security 4697 and 4674, and the registry keys behind them.

use crate::act::object::by_process;
use crate::act::{Args, flag, logon_of, need, process_of, system_process, take, take_or};
use crate::error::{Error, Result};
use crate::scenario::draft::Draft;
use crate::scenario::names::Scope;
use crate::scenario::world::{World, hex};

/// The act `service-installed`.
pub(crate) fn installed(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let by = logon_of(world, scope, args, "by", "logon-system")?;
    // The call may come in over another session than the files did.
    let asked = if args.contains_key("rpc") {
        logon_of(world, scope, args, "rpc", "")?
    } else {
        by
    };
    let key = need(args, "service")?;
    let display = take_or(args, "display", &key);
    let image = need(args, "image")?;
    let account = take_or(args, "account", "LocalSystem");
    let (start, start_code) = match take_or(args, "start", "demand").as_str() {
        "auto" => ("auto start", 2),
        "demand" => ("demand start", 3),
        "disabled" => ("disabled", 4),
        other => {
            return Err(Error::new(format!(
                "`{other}` is no start type; use auto, demand or disabled"
            ))
            .at_key("start"));
        }
    };
    let interactive = flag(args, "interactive");
    let type_code = if interactive { 0x110 } else { 0x10 };
    let services = system_process(world, scope, "services")?;
    if flag(args, "handle") {
        let logon = world.logon(asked)?.clone();
        let process = world.process(services)?;
        let (pid, name) = (hex(u64::from(process.pid)), process.image.clone());
        let draft = world
            .subject(&logon)?
            .with("ObjectName", key.clone())
            .with("HandleId", "0x1fd0c2a4b80");
        let draft = draft.with("ProcessId", pid).with("ProcessName", name);
        world.emit(host, "security-4674", scope.now, &draft)?;
    }
    for (value, data) in [
        ("Start", format!("DWORD (0x{start_code:08x})")),
        ("ImagePath", image.clone()),
    ] {
        let draft = by_process(world, scope, host, services)?
            .with(
                "TargetObject",
                format!(r"HKLM\System\CurrentControlSet\Services\{key}\{value}"),
            )
            .with("Details", data.replace('%', "%%"));
        world.emit(host, "sysmon-13", scope.now, &draft)?;
    }
    let logon = world.logon(asked)?.clone();
    let sid = world.account(&logon.account)?.sid.clone();
    let draft = world
        .subject(&logon)?
        .with("ServiceName", key)
        .with("ServiceFileName", image.clone())
        .with("ServiceType", hex(type_code))
        .with("ServiceStartType", start_code.to_string())
        .with("ServiceAccount", account.clone());
    world.emit(host, "security-4697", scope.now, &draft)?;
    let draft = Draft::new([
        ("ServiceName", display),
        ("ImagePath", image),
        ("ServiceType", "user mode service".to_owned()),
        ("StartType", start.to_owned()),
        ("AccountName", account),
    ]);
    world.emit(host, "scm-7045", scope.now, &draft.by(&sid))
}

/// The act `service-state`.
pub(crate) fn state(world: &mut World, scope: &Scope, host: usize, args: &mut Args) -> Result<()> {
    let key = need(args, "service")?;
    let state = take_or(args, "state", "running");
    let code = match take(args, "code").as_deref().unwrap_or(&state) {
        "running" | "4" => 4,
        "stopped" | "1" => 1,
        other => {
            let what = format!(
                "`{other}` is no state; use running or stopped, or give `code` beside a localised word"
            );
            return Err(Error::new(what).at_key("state"));
        }
    };
    let draft = Draft::new([
        ("param1", take_or(args, "display", &key)),
        ("param2", state),
        ("Binary", format!("{key}/{code}")),
    ]);
    world.emit(host, "scm-7036", scope.now, &draft)
}

/// The act `service-removed`: PsExec deletes its service at the end.
pub(crate) fn removed(
    world: &mut World,
    scope: &Scope,
    host: usize,
    args: &mut Args,
) -> Result<()> {
    let key = need(args, "service")?;
    let services = process_of(world, scope, args, "process", "services")?;
    let root = format!(r"HKLM\System\CurrentControlSet\Services\{key}");
    for (value, data) in [
        ("DeleteFlag", "DWORD (0x00000001)"),
        ("Start", "DWORD (0x00000004)"),
    ] {
        let draft = by_process(world, scope, host, services)?
            .with("TargetObject", format!(r"{root}\{value}"))
            .with("Details", data);
        world.emit(host, "sysmon-13", scope.now, &draft)?;
    }
    let draft = by_process(world, scope, host, services)?.with("TargetObject", root);
    world.emit(host, "sysmon-12", scope.now, &draft)
}
