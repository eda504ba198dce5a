//! Acts: what a scenario says happened, and the events that this leaves on a host with its auditing.

pub(crate) mod logon;
pub(crate) mod object;
pub(crate) mod process;
pub(crate) mod record;
pub(crate) mod service;
pub(crate) mod task;
mod version;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::scenario::names::{self, Scope};
use crate::scenario::world::{Handle, World};
use crate::time::Time;

/// The acts by name, for messages.
pub(crate) const NAMES: [&str; 23] = [
    "process",
    "process-end",
    "process-access",
    "logon",
    "logon-failed",
    "logoff",
    "explicit-credentials",
    "share",
    "share-access",
    "file",
    "registry",
    "registry-delete",
    "pipe-created",
    "pipe-connected",
    "connect",
    "accept",
    "service-installed",
    "service-state",
    "service-removed",
    "task-registered",
    "task-started",
    "task-ended",
    "log-cleared",
];

/// The parameters of an act; what is left over at the end was not understood.
pub(crate) type Args = BTreeMap<String, String>;

/// Does the act of that name, or says that there is none. Gives the moment at which it is over.
pub(crate) fn run(
    world: &mut World,
    scope: &mut Scope,
    name: &str,
    args: &mut Args,
) -> Result<Option<Time>> {
    let host = scope
        .host
        .ok_or_else(|| Error::new("the event has no host").at_key("host"))?;
    match name {
        "process" => return process::act(world, scope, host, args).map(Some),
        "process-end" => process::end(world, scope, args)?,
        "process-access" => process::access(world, scope, host, args)?,
        "logon" => logon::act(world, scope, host, args)?,
        "logon-failed" => logon::failed(world, scope, host, args)?,
        "logoff" => logon::logoff(world, scope, args)?,
        "explicit-credentials" => logon::explicit(world, scope, host, args)?,
        "share" => object::share(world, scope, host, args)?,
        "share-access" => object::share_access(world, scope, host, args)?,
        "file" => object::file(world, scope, host, args)?,
        "registry" => object::registry(world, scope, host, args)?,
        "registry-delete" => object::registry_delete(world, scope, host, args)?,
        "pipe-created" => object::pipe(world, scope, host, args, "sysmon-17")?,
        "pipe-connected" => object::pipe(world, scope, host, args, "sysmon-18")?,
        "connect" => object::connect(world, scope, host, args)?,
        "accept" => object::accept(world, scope, host, args)?,
        "service-installed" => service::installed(world, scope, host, args)?,
        "service-state" => service::state(world, scope, host, args)?,
        "service-removed" => service::removed(world, scope, host, args)?,
        "task-registered" => task::registered(world, scope, host, args)?,
        "task-started" => task::started(world, scope, host, args)?,
        "task-ended" => task::ended(world, scope, host, args)?,
        "log-cleared" => record::log_cleared(world, scope, host, args)?,
        _ => return Ok(None),
    }
    Ok(Some(scope.now))
}

/// A parameter, if given and not empty.
pub(crate) fn take(args: &mut Args, key: &str) -> Option<String> {
    args.remove(key).filter(|value| !value.is_empty())
}

/// A parameter with a default.
pub(crate) fn take_or(args: &mut Args, key: &str, default: &str) -> String {
    take(args, key).unwrap_or_else(|| default.to_owned())
}

/// A parameter that must be there.
pub(crate) fn need(args: &mut Args, key: &str) -> Result<String> {
    args.remove(key)
        .ok_or_else(|| Error::new("this parameter is missing").at_key(key))
}

/// A yes or no.
pub(crate) fn flag(args: &mut Args, key: &str) -> bool {
    take(args, key).is_some_and(|text| !matches!(text.as_str(), "no" | "false"))
}

/// The process that a parameter names.
pub(crate) fn process_of(
    world: &World,
    scope: &Scope,
    args: &mut Args,
    key: &str,
    default: &str,
) -> Result<usize> {
    let name = take_or(args, key, default);
    match names::find(world, scope, &name) {
        Some(Handle::Process(index)) => {
            same_host(world, scope, world.process(index)?.host, &name)
                .map_err(|error| error.at_key(key))?;
            Ok(index)
        }
        _ => Err(nothing("process", &name).at_key(key)),
    }
}

/// The process of that name that every host has.
pub(crate) fn system_process(world: &World, scope: &Scope, name: &str) -> Result<usize> {
    process_of(world, scope, &mut Args::new(), name, name)
}

/// The logon that a parameter names, or that of the process that it names.
pub(crate) fn logon_of(
    world: &World,
    scope: &Scope,
    args: &mut Args,
    key: &str,
    default: &str,
) -> Result<usize> {
    let name = take_or(args, key, default);
    let index = match names::find(world, scope, &name) {
        Some(Handle::Logon(index)) => index,
        Some(Handle::Process(index)) => world.process(index)?.logon,
        None => return Err(nothing("logon", &name).at_key(key)),
    };
    same_host(world, scope, world.logon(index)?.host, &name).map_err(|error| error.at_key(key))?;
    Ok(index)
}

fn nothing(what: &str, name: &str) -> Error {
    Error::new(format!(
        "no {what} `{name}` here; name one with `as = \"{name}\"` first"
    ))
}

/// What acts on a host must be on that host.
fn same_host(world: &World, scope: &Scope, owner: usize, name: &str) -> Result<()> {
    match scope.host {
        Some(host) if host != owner => Err(Error::new(format!(
            "`{name}` is on {}, the event is on {}",
            world.host(owner)?.name,
            world.host(host)?.name
        ))),
        _ => Ok(()),
    }
}

/// Gives the thing its name: within a recipe for its steps, otherwise for the whole story.
pub(crate) fn name_it(world: &mut World, scope: &mut Scope, name: Option<String>, handle: Handle) {
    let Some(name) = name else { return };
    if scope.random.is_none() {
        world.handles.insert(name.clone(), handle);
    }
    scope.handles.insert(name, handle);
}
