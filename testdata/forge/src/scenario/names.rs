//! `${…}` in scenario text: parameters, and what processes, logons, hosts and accounts are called.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::random::Random;
use crate::scenario::world::{Handle, World};
use crate::time::Time;

/// The names that are known while an event runs.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Parameters of the recipe.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Parameters that nobody gave: their text, not yet filled in.
    pub(crate) defaults: BTreeMap<String, String>,
    /// Processes and logons of the recipe.
    pub(crate) handles: BTreeMap<String, Handle>,
    /// The recipe's own source of chance.
    pub(crate) random: Option<Random>,
    /// The moment of the event.
    pub(crate) now: Time,
    /// The host of the event, once known.
    pub(crate) host: Option<usize>,
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
const CAPITAL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &str = "0123456789abcdef";
const MIXED: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const DIGITS: &str = "0123456789";

/// Replaces every `${…}` of the text.
pub(crate) fn fill(world: &mut World, scope: &mut Scope, text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (inside, tail) = after.split_once('}').ok_or_else(|| {
            Error::new(format!(
                "`${{{after}` has no closing brace; write ${{name}} or ${{name.part}}"
            ))
        })?;
        out.push_str(&one(world, scope, inside)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

fn one(world: &mut World, scope: &mut Scope, inside: &str) -> Result<String> {
    let (name, change) = inside
        .split_once(':')
        .map_or((inside, None), |(n, c)| (n, Some(c)));
    let plain = plain(world, scope, name)?;
    let number = || {
        plain
            .parse::<u64>()
            .map_err(|_| Error::new(format!("`${{{inside}}}` is `{plain}`, no number")))
    };
    Ok(match change {
        None => plain,
        Some("upper") => plain.to_uppercase(),
        Some("lower") => plain.to_lowercase(),
        Some("hex") => format!("0x{:x}", number()?),
        Some("hex4") => format!("{:04x}", number()? & 0xFFFF),
        Some("file") => plain.rsplit('\\').next().unwrap_or_default().to_owned(),
        Some("unc") => plain.replace('\\', "\\\\"),
        Some(other) => {
            return Err(Error::new(format!(
                "`:{other}` is no change; use upper, lower, hex, hex4, file or unc"
            )));
        }
    })
}

fn plain(world: &mut World, scope: &mut Scope, name: &str) -> Result<String> {
    if let Some(value) = parameter(world, scope, name)? {
        return Ok(value);
    }
    let known = |what: &str| Error::new(format!("`${{{name}}}`: no {what} of that name here"));
    match name {
        "now" => return Ok(scope.now.to_string()),
        "now.sysmon" => {
            let host = world.host(scope.host.ok_or_else(|| known("host"))?)?;
            return Ok(host.clock(scope.now).sysmon());
        }
        "domain" => return Ok(world.domain.clone()),
        "dns" => return Ok(world.dns.clone()),
        "backslash" => return Ok("\\".to_owned()),
        _ => {}
    }
    let (object, part) = name.rsplit_once('.').ok_or_else(|| known("parameter"))?;
    if object == "random" {
        return chance(world, scope, part);
    }
    let object = parameter(world, scope, object)?.unwrap_or_else(|| object.to_owned());
    if let Some(handle) = find(world, scope, &object) {
        return match handle {
            Handle::Process(index) => process_part(world, index, part),
            Handle::Logon(index) => logon_part(world, index, part),
        };
    }
    if let Ok(index) = world.host_index(&object) {
        let host = world.host(index)?;
        return match part {
            "name" => Ok(host.name.clone()),
            "computer" => Ok(host.computer.to_string()),
            "ip" => Ok(host.ip.clone()),
            "netbios" => Ok(host.netbios()),
            _ => Err(Error::new(format!(
                "a host has no `{part}`; use name, computer, ip or netbios"
            ))),
        };
    }
    let account = world
        .account(&object)
        .map_err(|_| known("process, logon, host or account"))?;
    match part {
        "name" => Ok(account.name.clone()),
        "domain" => Ok(account.domain.clone()),
        "sid" => Ok(account.sid.clone()),
        "full" => Ok(format!("{}\\{}", account.domain, account.name)),
        _ => Err(Error::new(format!(
            "an account has no `{part}`; use name, domain, sid or full"
        ))),
    }
}

/// The value of a parameter, which is its default when nobody gave one.
fn parameter(world: &mut World, scope: &mut Scope, name: &str) -> Result<Option<String>> {
    if let Some(text) = scope.defaults.remove(name) {
        let value = fill(world, scope, &text)?;
        scope.parameters.insert(name.to_owned(), value);
    }
    Ok(scope.parameters.get(name).cloned())
}

/// The process or logon that the recipe or the story itself named.
pub(crate) fn named(world: &World, scope: &Scope, name: &str) -> Option<Handle> {
    scope
        .handles
        .get(name)
        .or_else(|| world.handles.get(name))
        .copied()
}

/// The process or logon of that name: the recipe's, the story's, or one that every host has.
pub(crate) fn find(world: &World, scope: &Scope, name: &str) -> Option<Handle> {
    named(world, scope, name).or_else(|| {
        let host = world.hosts.get(scope.host?)?;
        world.handles.get(&format!("{}/{name}", host.name)).copied()
    })
}

fn process_part(world: &World, index: usize, part: &str) -> Result<String> {
    let process = world.process(index)?;
    Ok(match part {
        "pid" => process.pid.to_string(),
        "guid" => process.guid.to_string(),
        "image" => process.image.clone(),
        "command_line" => process.command_line.clone(),
        "session" => process.session.to_string(),
        "logon_id" => format!("0x{:x}", world.logon(process.logon)?.id),
        "user" => world.user(process.logon)?,
        "sid" => world
            .account(&world.logon(process.logon)?.account)?
            .sid
            .clone(),
        _ => {
            return Err(Error::new(format!(
                "a process has no `{part}`; use pid, guid, image, command_line, session, logon_id, user or sid"
            )));
        }
    })
}

fn logon_part(world: &World, index: usize, part: &str) -> Result<String> {
    let logon = world.logon(index)?;
    Ok(match part {
        "id" => format!("0x{:x}", logon.id),
        "guid" => logon.kerberos_guid.to_string(),
        "type" => logon.logon_type.to_string(),
        "ip" => logon.ip.clone(),
        "port" => logon.port.clone(),
        "account" => logon.account.clone(),
        "sid" => world.account(&logon.account)?.sid.clone(),
        _ => {
            return Err(Error::new(format!(
                "a logon has no `{part}`; use id, guid, type, ip, port, account or sid"
            )));
        }
    })
}

fn chance(world: &mut World, scope: &mut Scope, part: &str) -> Result<String> {
    let random = scope.random.as_mut().unwrap_or(&mut world.random);
    if part == "guid" {
        return Ok(random.guid().to_string());
    }
    let split = part
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(part.len());
    let (alphabet, length) = part.split_at_checked(split).unwrap_or((part, ""));
    let letters = match alphabet {
        "letters" => LETTERS,
        "lower" => SMALL,
        "upper" => CAPITAL,
        "hex" => HEX,
        "mixed" => MIXED,
        "digits" => DIGITS,
        _ => "",
    };
    match length.parse() {
        Ok(length) if !letters.is_empty() => Ok(random.text(letters, length)),
        _ => Err(Error::new(format!(
            "`${{random.{part}}}`: write guid, or letters, lower, upper, hex, mixed or digits with a length, such as random.hex8"
        ))),
    }
}
