//! The alert: one use of one tool on one host, with all that was joined to it.
//!
//! Its JSON form is the contract of `scan --format json` (schema `dualuse.scan/1`): keys are only
//! ever added, unknown is `null`. The texts are as logged; they reach a human only through
//! [`crate::text`].

use serde::{Deserialize, Serialize};

pub use crate::detect::{Artefact, Certainty};
use crate::event::Time;
use crate::timeline::EventIndex;

/// How an identity, logon or link is known. The order is the order of trust.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum How {
    /// The event itself says so.
    #[default]
    #[serde(rename = "named in the event")]
    Named,
    /// Joined by an equal logon id on the same host.
    #[serde(rename = "same logon id")]
    SameLogonId,
    /// Joined by an equal logon GUID, or address and port.
    #[serde(rename = "same logon cluster")]
    SameLogonCluster,
    /// Joined by Sysmon process GUID, or pid within its lifetime.
    #[serde(rename = "same process id")]
    SameProcessId,
    /// Joined by a pipe, service or key-file name that carries the client's host and pid.
    #[serde(rename = "client named in pipe or service name")]
    ClientName,
    /// Joined by service name on the same host.
    #[serde(rename = "same service")]
    SameService,
    /// Joined by account, source address and time together.
    #[serde(rename = "same account, source and time")]
    SameAccountSourceTime,
    /// Only the nearest in time that fits. A guess, and shown as one.
    #[serde(rename = "nearest in time")]
    NearestInTime,
}

impl How {
    /// The words shown to a human, equal to those in JSON.
    pub fn words(self) -> &'static str {
        match self {
            How::Named => "named in the event",
            How::SameLogonId => "same logon id",
            How::SameLogonCluster => "same logon cluster",
            How::SameProcessId => "same process id",
            How::ClientName => "client named in pipe or service name",
            How::SameService => "same service",
            How::SameAccountSourceTime => "same account, source and time",
            How::NearestInTime => "nearest in time",
        }
    }

    /// Whether it is an inference rather than a fact of the records.
    pub fn is_inferred(self) -> bool {
        self >= How::SameAccountSourceTime
    }
}

/// How much attention an alert deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Context: a management product, a leftover.
    Info,
    /// Looks like administration.
    Low,
    /// Needs a look.
    Medium,
    /// Leans towards an attacker.
    High,
    /// Strong facts for an attacker.
    Critical,
}

/// Which way the signals point when summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leaning {
    /// Towards an administrator.
    Admin,
    /// Towards an attacker.
    Attacker,
    /// Neither.
    Undetermined,
}

/// A record, cited so that it can be found again by hand. Equality of content
/// ([`EventRef::content_key`]) is what decisions attach to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRef {
    /// Path of the source as found.
    pub source: String,
    /// Host that wrote it.
    pub host: String,
    /// Channel.
    pub channel: String,
    /// Event id.
    pub event_id: u32,
    /// `EventRecordID`; `null` for text sources that carry none.
    pub record_id: Option<u64>,
    /// Line on which the record begins, counted from 1, for text sources.
    pub line: Option<u64>,
    /// Digest of the record's content, where there is no record id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Time, UTC.
    pub time: Time,
    /// Its place in the timeline of this run.
    #[serde(skip)]
    pub index: EventIndex,
}

impl EventRef {
    /// What names this event wherever its file lies: host, channel, record id (else a digest of its
    /// content) and time.
    pub fn content_key(&self) -> String {
        let record = match (self.record_id, &self.digest) {
            (Some(id), _) => id.to_string(),
            (None, Some(digest)) => digest.clone(),
            (None, None) => "-".to_owned(),
        };
        format!(
            "{}|{}|{record}|{}",
            crate::event::host_key(&self.host),
            self.channel,
            self.time
        )
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRef {
    /// `DOMAIN\user`, or the SID when no log names it.
    pub name: String,
    /// SID, when known.
    pub sid: Option<String>,
    /// How it is known.
    pub how: How,
}

/// The logon that carried the use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogonRef {
    /// Logon id, `0x…`.
    pub id: Option<String>,
    /// Further logon ids of the same cluster (one PsExec run opens several).
    pub other_ids: Vec<String>,
    /// Logon type number.
    #[serde(rename = "type")]
    pub logon_type: Option<u32>,
    /// Time of the logon.
    pub time: Option<Time>,
    /// Source address.
    pub source_ip: Option<String>,
    /// Source port.
    pub source_port: Option<u32>,
    /// Workstation name the client sent.
    pub workstation: Option<String>,
    /// Authentication package.
    pub package: Option<String>,
    /// How it is known.
    pub how: How,
    /// The logon event, when there is one.
    pub event: Option<EventRef>,
}

/// The service that the tool installed or used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRef {
    /// Key name where known, else the display name.
    pub name: String,
    /// Display name, where it differs or is known.
    pub display_name: Option<String>,
    /// Program path or command line.
    pub image_path: Option<String>,
    /// Account it runs as.
    pub run_as: Option<String>,
    /// Start type as logged: the words of System 7045, or the number of `Start` in the registry, which
    /// Security 4697 gives.
    pub start_type: Option<String>,
    /// Other services of the same use (one per command, with some tools).
    pub others: Vec<String>,
    /// How it is known to be the tool's own.
    #[serde(default)]
    pub how: How,
}

impl ServiceRef {
    /// How it starts, in words for a human.
    pub fn starts(&self) -> Option<String> {
        let logged = self.start_type.as_deref()?;
        let words = match logged.trim_start_matches("0x").trim_start_matches('0') {
            "2" | "auto start" => "starts with the system",
            "3" | "demand start" => "starts on demand",
            "4" | "disabled" => "disabled",
            _ => return Some(format!("start type: {logged}")),
        };
        Some(words.to_owned())
    }
}

/// The other end: where the tool was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRef {
    /// Source host name.
    pub host: Option<String>,
    /// Client process id on that host.
    pub pid: Option<u32>,
    /// Client program.
    pub image: Option<String>,
    /// Account that ran it.
    pub account: Option<String>,
    /// How it is known.
    pub how: How,
}

/// What a process is in an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Above the tool's service: `services.exe` and up.
    Ancestor,
    /// The tool on the source host.
    Client,
    /// The tool's service process.
    Service,
    /// What was run, and below.
    Child,
}

/// A process that belongs to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRef {
    /// Names the process within this run: Sysmon GUID, or host, pid and start time.
    pub key: String,
    /// Host it ran on (the client may be on another).
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// Creator's process id.
    pub parent_pid: Option<u32>,
    /// `key` of the parent, when it is in the logs.
    pub parent: Option<String>,
    /// How the parent is known.
    pub parent_how: Option<How>,
    /// Program path.
    pub image: Option<String>,
    /// Command line as logged; may hold passwords, exports mask them.
    pub command_line: Option<String>,
    /// Account it ran as.
    pub account: Option<String>,
    /// Terminal session.
    pub session_id: Option<u32>,
    /// Logon session, `0x…`.
    pub logon_id: Option<String>,
    /// Integrity level.
    pub integrity: Option<String>,
    /// Start time; `null` when only its children were seen.
    pub started: Option<Time>,
    /// End time.
    pub ended: Option<Time>,
    /// What it is in this alert.
    pub role: Role,
    /// Its start event.
    pub event: Option<EventRef>,
}

/// One event that shows the tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Kind of trace.
    pub artefact: Artefact,
    /// What it shows, in words.
    pub what: String,
    /// The event.
    pub event: EventRef,
}

/// A fact that leans the alert one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Stable name, such as `renamed-service`.
    pub id: String,
    /// Which way.
    pub leans: Leaning,
    /// How much. Score = sum of attacker weights − sum of admin weights.
    pub weight: i32,
    /// In words.
    pub what: String,
    /// The events that show it.
    pub events: Vec<EventRef>,
}

impl Signal {
    /// Its share of the score: what speaks for an administrator is taken off.
    pub fn share(&self) -> i32 {
        match self.leans {
            Leaning::Attacker => self.weight,
            Leaning::Admin => -self.weight,
            Leaning::Undetermined => 0,
        }
    }
}

/// A question of the seeds, answered from evidence or left open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// The answer, or `null` when evidence has none.
    pub answer: Option<String>,
    /// How the answer is known.
    pub how: Option<String>,
}

/// One use of one tool on one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Stable short id, made from content: the same evidence gives the same id.
    pub id: String,
    /// Tool id of the catalogue.
    pub tool: String,
    /// How sure the tool's identity is.
    pub certainty: Certainty,
    /// How much attention it deserves.
    pub severity: Severity,
    /// Where the signals point.
    pub leaning: Leaning,
    /// Sum of attacker weights minus sum of admin weights.
    pub score: i32,
    /// One plain sentence.
    pub title: String,
    /// Host it happened on.
    pub host: String,
    /// First sighting.
    pub first_time: Time,
    /// Last sighting or process of it.
    pub last_time: Time,
    /// Who.
    pub account: Option<AccountRef>,
    /// By which logon.
    pub logon: Option<LogonRef>,
    /// Terminal session of what ran.
    pub session_id: Option<u32>,
    /// Service.
    pub service: Option<ServiceRef>,
    /// Source side.
    pub client: Option<ClientRef>,
    /// Process tree, parents before children.
    pub processes: Vec<ProcessRef>,
    /// The events it is made of, in time order.
    pub sightings: Vec<Sighting>,
    /// Facts for both sides.
    pub signals: Vec<Signal>,
    /// Questions.
    pub questions: Vec<Question>,
    /// What was not there to see.
    pub gaps: Vec<String>,
}

impl Alert {
    /// Every event the alert cites as a sighting or process, by content: what decisions attach to.
    pub fn evidence(&self) -> impl Iterator<Item = &EventRef> {
        let processes = self
            .processes
            .iter()
            .filter_map(|process| process.event.as_ref());
        self.sightings
            .iter()
            .map(|sighting| &sighting.event)
            .chain(processes)
    }
}
