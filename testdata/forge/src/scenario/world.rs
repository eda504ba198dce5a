//! The state of the story: hosts, accounts, logons, processes, and the events they have left so far.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::identity::{Guid, Sid};
use crate::kind::{self, Body, Layout};
use crate::random::Random;
use crate::time::{Span, Time};
use crate::value::{Value, ValueType};

/// A host of the story.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) computer: Arc<str>,
    pub(crate) ip: String,
    pub(crate) windows: bool,
    pub(crate) clock: Span,
    pub(crate) boot: Time,
    pub(crate) logs: Option<BTreeSet<String>>,
    pub(crate) without: BTreeSet<String>,
    pub(crate) layouts: BTreeMap<String, String>,
    pub(crate) first_records: BTreeMap<String, u64>,
    pub(crate) system_name: String,
    pub(crate) machine_id: u32,
    pub(crate) pids: HashSet<u32>,
    pub(crate) logon_ids: HashSet<u64>,
    pub(crate) first_logon_id: u64,
    pub(crate) sequence: u16,
    /// The last moment written, and how many events fell on it.
    pub(crate) latest: (Time, i64),
    pub(crate) random: Random,
}

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) sid: String,
    pub(crate) admin: bool,
}

/// A logon session on a host.
#[derive(Debug, Clone)]
pub(crate) struct Logon {
    pub(crate) host: usize,
    pub(crate) account: String,
    pub(crate) id: u64,
    pub(crate) sysmon_guid: Guid,
    pub(crate) kerberos_guid: Guid,
    pub(crate) logon_type: u32,
    pub(crate) ip: String,
    pub(crate) port: String,
}

/// A process on a host.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) host: usize,
    pub(crate) pid: u32,
    pub(crate) guid: Guid,
    pub(crate) image: String,
    pub(crate) command_line: String,
    pub(crate) logon: usize,
    pub(crate) session: u32,
    pub(crate) integrity: String,
    pub(crate) started: Time,
}

/// What a name in a scenario may stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Handle {
    /// A process.
    Process(usize),
    /// A logon.
    Logon(usize),
}

/// The whole state.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) start: Time,
    pub(crate) end: Option<Time>,
    pub(crate) jitter: bool,
    pub(crate) domain: String,
    pub(crate) dns: String,
    pub(crate) domain_sid: String,
    pub(crate) hosts: Vec<Host>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) logons: Vec<Logon>,
    pub(crate) processes: Vec<Process>,
    pub(crate) handles: BTreeMap<String, Handle>,
    pub(crate) recipes: BTreeMap<String, super::recipe::Recipe>,
    /// Events with the host they belong to, in the order they were told.
    pub(crate) events: Vec<(usize, Event)>,
    /// Host, channel and moment (by the host's clock) of each cleared log.
    pub(crate) cleared: Vec<(usize, String, Time)>,
    pub(crate) random: Random,
}

/// An event before it has a layout's order: named values as text.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) user: Option<String>,
    pub(crate) process_id: Option<u32>,
    pub(crate) record_id: Option<u64>,
    pub(crate) layout: Option<String>,
    /// Whether a field that the layout lacks is an error.
    pub(crate) strict: bool,
}

impl Draft {
    pub(crate) fn new<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self {
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn by(mut self, sid: &str) -> Self {
        self.user = Some(sid.to_owned());
        self
    }
}

impl Host {
    /// The host's own clock at a moment of the story.
    pub(crate) fn clock(&self, time: Time) -> Time {
        time.plus(self.clock)
    }

    /// A process id that this host has not used yet.
    pub(crate) fn next_pid(&mut self) -> u32 {
        loop {
            let pid = 4 * (180 + self.random.below32(3600));
            if self.pids.insert(pid) {
                return pid;
            }
            if self.pids.len() > 3000 {
                let pid = 4 * (4000 + self.random.below32(60_000));
                if self.pids.insert(pid) {
                    return pid;
                }
            }
        }
    }

    /// A logon id: it grows with the time since the host started, whatever the order in which the story is told.
    pub(crate) fn next_logon_id(&mut self, time: Time) -> u64 {
        let since = u64::try_from(time.since(self.boot).0.max(0)).unwrap_or(0) / 10_000;
        let mut id = self.first_logon_id + since * 3;
        while !self.logon_ids.insert(id) {
            id += 0x1B;
        }
        id
    }

    /// A process GUID as Sysmon makes it: machine, time, sequence.
    pub(crate) fn process_guid(&mut self, time: Time) -> Guid {
        self.sequence = self.sequence.wrapping_add(1);
        let [low, high] = self.sequence.to_le_bytes();
        self.guid(time, [low, high, 0, 0, 0, 0, 0x0C, 0])
    }

    /// A logon GUID as Sysmon makes it: machine, time, logon id.
    pub(crate) fn logon_guid(&self, time: Time, id: u64) -> Guid {
        self.guid(time, id.to_le_bytes())
    }

    /// A moment with digits below the millisecond; events of one moment keep their order.
    fn finer(&mut self, time: Time) -> Time {
        self.latest = match self.latest {
            (moment, count) if moment == time => (moment, count + 1),
            _ => (time, 0),
        };
        let more = 900 + self.latest.1 * 211 + i64::from(self.random.below32(190));
        time.plus(Span(more))
    }

    fn guid(&self, time: Time, tail: [u8; 8]) -> Guid {
        let seconds = u32::try_from(time.unix_seconds()).unwrap_or(0);
        let [a, b, c, d] = seconds.to_le_bytes();
        Guid::from_parts(
            self.machine_id,
            u16::from_le_bytes([a, b]),
            u16::from_le_bytes([c, d]),
            tail,
        )
    }

    /// The name as Windows writes it where NetBIOS names stand.
    pub(crate) fn netbios(&self) -> String {
        self.name.to_uppercase().chars().take(15).collect()
    }

    /// Whether it writes events of this kind to this channel.
    pub(crate) fn writes(&self, kind: &str, channel: &str) -> bool {
        self.windows
            && !self.without.contains(kind)
            && self
                .logs
                .as_ref()
                .is_none_or(|logs| logs.contains(short_channel(channel)))
    }
}

/// `Microsoft-Windows-Sysmon/Operational` is `Sysmon` in scenarios.
pub(crate) fn short_channel(channel: &str) -> &str {
    let bare = channel
        .strip_prefix("Microsoft-Windows-")
        .unwrap_or(channel);
    bare.split('/').next().unwrap_or(bare)
}

impl World {
    pub(crate) fn host_index(&self, name: &str) -> Result<usize> {
        self.hosts
            .iter()
            .position(|host| host.name == name)
            .ok_or_else(|| {
                let known: Vec<&str> = self.hosts.iter().map(|host| host.name.as_str()).collect();
                Error::new(format!(
                    "no host `{name}`; the scenario has {}",
                    known.join(", ")
                ))
            })
    }

    pub(crate) fn host(&self, index: usize) -> Result<&Host> {
        self.hosts
            .get(index)
            .ok_or_else(|| Error::new("no such host"))
    }

    pub(crate) fn host_mut(&mut self, index: usize) -> Result<&mut Host> {
        self.hosts
            .get_mut(index)
            .ok_or_else(|| Error::new("no such host"))
    }

    pub(crate) fn account(&self, name: &str) -> Result<&Account> {
        self.accounts.get(name).ok_or_else(|| {
            Error::new(format!("no account `{name}`; add [accounts.\"{name}\"] or use SYSTEM, LOCAL SERVICE, NETWORK SERVICE or HOST$"))
        })
    }

    pub(crate) fn process(&self, index: usize) -> Result<&Process> {
        self.processes
            .get(index)
            .ok_or_else(|| Error::new("no such process"))
    }

    pub(crate) fn logon(&self, index: usize) -> Result<&Logon> {
        self.logons
            .get(index)
            .ok_or_else(|| Error::new("no such logon"))
    }

    /// The four Subject fields for a logon, as the Security log writes them.
    pub(crate) fn subject(&self, logon: &Logon) -> Result<Draft> {
        let account = self.account(&logon.account)?;
        let (name, domain) = self.security_name(account, logon.host)?;
        Ok(Draft::new([
            ("SubjectUserSid", account.sid.clone()),
            ("SubjectUserName", name),
            ("SubjectDomainName", domain),
            ("SubjectLogonId", hex(logon.id)),
        ]))
    }

    /// The built-in accounts act under the machine's name in Subject fields.
    pub(crate) fn security_name(&self, account: &Account, host: usize) -> Result<(String, String)> {
        Ok(match account.sid.as_str() {
            "S-1-5-18" | "S-1-5-20" => (
                format!("{}$", self.host(host)?.netbios()),
                self.domain.clone(),
            ),
            _ => (account.name.clone(), account.domain.clone()),
        })
    }

    /// The account as Sysmon writes `User`.
    pub(crate) fn user(&self, logon: usize) -> Result<String> {
        let logon = self.logon(logon)?;
        let account = self.account(&logon.account)?;
        Ok(match account.sid.as_str() {
            "S-1-5-18" => self.host(logon.host)?.system_name.clone(),
            _ => format!("{}\\{}", account.domain, account.name),
        })
    }

    /// Adds an event, unless the host does not write such events.
    pub(crate) fn emit(
        &mut self,
        host: usize,
        kind_name: &str,
        time: Time,
        draft: &Draft,
    ) -> Result<()> {
        let at = self.host(host)?;
        let wanted = draft
            .layout
            .as_deref()
            .or_else(|| at.layouts.get(kind_name).map(String::as_str));
        let layout = Arc::clone(kind::kind(kind_name)?.layout(wanted)?);
        self.emit_layout(host, layout, time, draft)
    }

    /// Adds an event of a layout that need not be in the kind files.
    pub(crate) fn emit_layout(
        &mut self,
        host: usize,
        layout: Arc<Layout>,
        time: Time,
        draft: &Draft,
    ) -> Result<()> {
        if self.end.is_some_and(|end| time > end) {
            return Ok(());
        }
        let at = self.host(host)?;
        if !at.writes(&layout.kind, &layout.provider.channel) {
            return Ok(());
        }
        let mut local = at.clock(time);
        let computer = Arc::clone(&at.computer);
        let values = values(&layout, draft)?;
        let writer = layout.provider.writer.as_deref();
        let process_id = match (draft.process_id, writer) {
            (Some(pid), _) => pid,
            (None, Some(name)) => self.writer_pid(host, name),
            (None, None) => 0,
        };
        let user = draft
            .user
            .as_deref()
            .or(layout.provider.user.as_deref())
            .filter(|sid| !sid.is_empty());
        let user: Option<Sid> = user.map(str::parse).transpose()?;
        if self.jitter {
            local = self.host_mut(host)?.finer(local);
        }
        let thread_id = 4 * (30 + self.host_mut(host)?.random.below32(2400));
        let record_id = draft.record_id.unwrap_or(0);
        let event = Event {
            time: local,
            computer,
            layout,
            values,
            record_id,
            process_id,
            thread_id,
            user,
            activity: None,
        };
        self.events.push((host, event));
        Ok(())
    }

    fn writer_pid(&self, host: usize, name: &str) -> u32 {
        let key = self
            .hosts
            .get(host)
            .map(|at| format!("{}/{name}", at.name))
            .unwrap_or_default();
        match self.handles.get(&key) {
            Some(Handle::Process(index)) => {
                self.processes.get(*index).map_or(0, |process| process.pid)
            }
            _ => 0,
        }
    }
}

/// Puts the draft's fields into the layout's order.
fn values(layout: &Layout, draft: &Draft) -> Result<Vec<Value>> {
    if draft.strict {
        for (name, _) in &draft.fields {
            if !layout.fields.iter().any(|field| field.name == *name) {
                let known: Vec<&str> = layout
                    .fields
                    .iter()
                    .map(|field| field.name.as_str())
                    .collect();
                let what = format!(
                    "{} has no such field; it has {}",
                    layout.kind,
                    known.join(", ")
                );
                return Err(Error::new(what).at_key(name));
            }
        }
    }
    let value = |field: &crate::kind::Field| {
        // The last word counts, so that a caller may refine what a helper filled in.
        let given = draft
            .fields
            .iter()
            .rev()
            .find(|(name, _)| *name == field.name);
        match given {
            Some((_, text)) if field.value_type == ValueType::Binary && text.is_empty() => {
                Ok(Value::Null)
            }
            Some((name, text)) => {
                Value::parse(field.value_type, text).map_err(|error| error.at_key(name))
            }
            None => field.default_value(),
        }
    };
    let values = layout
        .fields
        .iter()
        .map(value)
        .collect::<Result<Vec<_>>>()?;
    debug_assert!(layout.body != Body::Unnamed || layout.fields.len() <= 2);
    Ok(values)
}

/// As the Security log's XML shows numbers.
pub(crate) fn hex(number: u64) -> String {
    format!("0x{number:x}")
}
