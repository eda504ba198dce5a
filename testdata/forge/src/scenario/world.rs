//! The state of the story: hosts, accounts, logons, processes, and the events they have left so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::identity::{Guid, Sid};
use crate::kind::{self, Layout};
use crate::random::Random;
use crate::scenario::draft::{self, Draft};
use crate::scenario::host::Host;
use crate::time::Time;
use crate::value::Value;

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
        let mut values = draft::values(&layout, draft)?;
        for value in &mut values {
            if let Value::Text(text) = value
                && let Some(word) = at.words.get(text)
            {
                text.clone_from(word);
            }
        }
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

/// As the Security log's XML shows numbers.
pub(crate) fn hex(number: u64) -> String {
    format!("0x{number:x}")
}
