//! The world before the first event: hosts with the processes that every Windows has, accounts, the sessions of the system.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::kind;
use crate::random::Random;
use crate::scenario::format::{AccountEntry, HostEntry, ScenarioFile};
use crate::scenario::host::Host;
use crate::scenario::population;
use crate::scenario::recipe::{self, Recipe};
use crate::scenario::world::{Account, World};
use crate::time::{Span, Time};

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
        population::settle(&mut world, index, entry)
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
        words: entry.words.clone(),
        machine_id: random.below32(u32::MAX),
        pids: HashSet::from([0, 4]),
        logon_ids: HashSet::new(),
        first_logon_id: 0x2_8000 + random.below(0x1_4000),
        sequence: 0,
        latest: (Time::default(), 0),
        random,
    })
}
