//! Very large logs for benchmarks: a realistic mix, written as a stream.

use std::io::{Seek, Write};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{Event, Templates};
use crate::identity::Sid;
use crate::kind::{self, Layout};
use crate::log::LogWriter;
use crate::random::Random;
use crate::time::Time;
use crate::value::{Value, ValueType};

mod running;

use running::{Process, Running};

/// Kinds with their share of a hundred records: 36 are of interest to detection, 64 are not.
const MIX: [(&str, u64); 13] = [
    ("security-4624", 9),
    ("security-4688", 9),
    ("sysmon-1", 8),
    ("security-5145", 7),
    ("security-4672", 2),
    ("scm-7036", 1),
    ("security-4634", 14),
    ("security-4769", 12),
    ("security-4776", 4),
    ("sysmon-7", 14),
    ("sysmon-22", 10),
    ("sysmon-10", 6),
    ("group-policy-1500", 4),
];
const HOSTS: usize = 3;
const USERS: usize = 400;
/// The records that one planted use of PsExec leaves.
const PLANTED: u64 = 5;
const START: &str = "2026-03-01T00:00:00Z";

/// What shall be written.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// How many records, planted ones included.
    pub records: u64,
    /// How many uses of PsExec among them.
    pub planted: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

/// The layouts, looked up once.
struct Kinds {
    mix: Vec<(Arc<Layout>, u64)>,
    logon: Arc<Layout>,
    share: Arc<Layout>,
    installed: Arc<Layout>,
    process: Arc<Layout>,
}

/// The state while writing.
struct Writer {
    random: Random,
    kinds: Kinds,
    computers: Vec<Arc<str>>,
    running: Running,
    sids: Vec<Sid>,
    /// Whom the event at hand is about.
    user: usize,
    number: u64,
    time: Time,
}

impl Bulk {
    /// Writes the log. Memory stays bounded, however many records there are.
    pub fn write<W: Write + Seek>(&self, out: W) -> Result<()> {
        let room = self.records / (PLANTED + 1);
        if self.planted > room {
            return Err(Error::new(format!(
                "{} planted uses need more than {} records",
                self.planted, self.records
            )));
        }
        let mut log = LogWriter::new(out)?;
        let mut templates = Templates::default();
        let mut writer = Writer::new(self.seed)?;
        let gap = self
            .records
            .checked_div(self.planted)
            .unwrap_or(u64::MAX)
            .max(PLANTED);
        let mut planted = 0;
        while writer.number < self.records {
            if planted < self.planted && writer.number >= planted * gap + gap / 2 {
                planted += 1;
                for event in writer.psexec(planted)? {
                    writer.number += 1;
                    templates.write(&mut log, writer.number, &event)?;
                }
                continue;
            }
            let event = writer.ordinary()?;
            writer.number += 1;
            templates.write(&mut log, writer.number, &event)?;
        }
        log.finish().map(|_| ())
    }
}

impl Writer {
    fn new(seed: u64) -> Result<Self> {
        let newest = |name: &str| kind::kind(name).and_then(|kind| kind.layout(None).cloned());
        let mix = MIX
            .iter()
            .map(|(name, share)| Ok((newest(name)?, *share)))
            .collect::<Result<_>>()?;
        let kinds = Kinds {
            mix,
            logon: newest("security-4624")?,
            share: newest("security-5145")?,
            installed: newest("scm-7045")?,
            process: newest("sysmon-1")?,
        };
        let sid = |rid: usize| {
            format!("S-1-5-21-1873426505-2946203179-3360127451-{}", 1100 + rid).parse()
        };
        let mut random = Random::new(seed, "bulk");
        Ok(Self {
            kinds,
            computers: (0..HOSTS)
                .map(|host| Arc::from(format!("SRV-{host:03}.nordhavn.example")))
                .collect(),
            running: Running::new(HOSTS, &mut random),
            random,
            sids: (0..USERS).map(sid).collect::<Result<_>>()?,
            user: 0,
            number: 0,
            time: Time::parse(START)?,
        })
    }

    fn event(&mut self, layout: &Arc<Layout>, computer: &Arc<str>, values: Vec<Value>) -> Event {
        self.time = Time(self.time.0 + 1 + i64::from(self.random.below32(120_000)));
        Event {
            time: self.time,
            computer: Arc::clone(computer),
            layout: Arc::clone(layout),
            values,
            record_id: self.number + 1,
            process_id: 4 * (150 + self.random.below32(50)),
            thread_id: 4 * (30 + self.random.below32(2000)),
            user: None,
            activity: None,
        }
    }

    /// One of the hosts: its number and name.
    fn computer(&mut self) -> (usize, Arc<str>) {
        let number = usize::try_from(self.random.below(HOSTS as u64)).unwrap_or(0);
        let name = self.computers.get(number);
        (number, name.map_or_else(|| Arc::from("SRV"), Arc::clone))
    }

    fn ordinary(&mut self) -> Result<Event> {
        let mut share = self.random.below(100);
        let mut layout = Arc::clone(&self.kinds.logon);
        for (candidate, part) in &self.kinds.mix {
            if share < *part {
                layout = Arc::clone(candidate);
                break;
            }
            share -= part;
        }
        let (host, computer) = self.computer();
        self.user = usize::try_from(self.random.below(USERS as u64)).unwrap_or(0);
        let starts = |field: &kind::Field| {
            matches!(field.name.as_str(), "ParentImage" | "ParentProcessName")
        };
        let other = self.running.any(host, &mut self.random);
        let process = if layout.fields.iter().any(starts) {
            self.running.start(host, &mut self.random)
        } else {
            self.running.any(host, &mut self.random)
        };
        let mut values = Vec::with_capacity(layout.fields.len());
        for field in &layout.fields {
            let likely = match self.of_process(&field.name, field.value_type, process, other) {
                Some(value) => value,
                None => self.value(&field.name, field.value_type)?,
            };
            values.push(match likely {
                Value::Null => field.default_value()?,
                likely => likely,
            });
        }
        Ok(self.event(&layout, &computer, values))
    }

    /// What a field says of the process an event is about, or of the other one: its parent, or the
    /// one it opens.
    fn of_process(
        &self,
        name: &str,
        value_type: ValueType,
        process: Process,
        other: Process,
    ) -> Option<Value> {
        Some(match (name, value_type) {
            ("ProcessGuid" | "SourceProcessGUID", _) => Value::Guid(process.guid),
            ("ParentProcessGuid" | "TargetProcessGUID", _) => Value::Guid(other.guid),
            ("ProcessId" | "SourceProcessId", ValueType::U32) => Value::U32(process.pid),
            ("ParentProcessId" | "TargetProcessId", ValueType::U32) => Value::U32(other.pid),
            ("NewProcessId", ValueType::Pointer) => Value::Hex64(u64::from(process.pid)),
            ("ProcessId", ValueType::Pointer) => Value::Hex64(u64::from(other.pid)),
            ("Image" | "NewProcessName" | "SourceImage", _) => Value::Text(process.image()),
            ("ParentImage" | "ParentProcessName" | "TargetImage", _) => Value::Text(other.image()),
            ("Hashes", _) => Value::Text(self.running.hash(process).to_owned()),
            _ => return None,
        })
    }

    /// Something likely for a field; null where the kind's own default will do.
    fn value(&mut self, name: &str, value_type: ValueType) -> Result<Value> {
        let random = &mut self.random;
        Ok(match (name, value_type) {
            (_, ValueType::Guid) => Value::Guid(random.guid()),
            (_, ValueType::Sid) => {
                let sid = self.sids.get(self.user).cloned();
                sid.map_or(Value::Null, Value::Sid)
            }
            ("TargetLogonId" | "SubjectLogonId" | "LogonId", _) => {
                Value::Hex64(0x1_0000 + random.below(0xFFF_FFFF))
            }
            ("TargetUserName" | "SubjectUserName", _) => {
                Value::Text(format!("user{:03}", self.user))
            }
            ("User" | "ParentUser", _) => Value::Text(format!(r"NORDHAVN\user{:03}", self.user)),
            ("SubjectDomainName" | "TargetDomainName", _) => Value::Text("NORDHAVN".to_owned()),
            ("IpAddress", _) => Value::Text(format!(
                "10.20.{}.{}",
                random.below(20),
                1 + random.below(250)
            )),
            ("IpPort", _) => Value::Text((49_152 + random.below(16_000)).to_string()),
            // Users' programs run in their own sessions; in session 0 each would be an alert.
            ("TerminalSessionId", _) => Value::U32(1 + random.below32(3)),
            ("UtcTime", _) => Value::Text(self.time.sysmon()),
            ("CommandLine" | "ParentCommandLine", _) => Value::Text(format!(
                r#""C:\Program Files\Vendor\tool.exe" --job {} --quiet"#,
                random.below(5000)
            )),
            ("QueryName", _) => Value::Text(format!("host{}.nordhavn.example", random.below(300))),
            ("ShareName", _) => Value::Text(r"\\*\profiles$".to_owned()),
            ("RelativeTargetName", _) => Value::Text(format!(
                r"user{:03}\Documents\file{}.docx",
                self.user,
                random.below(999)
            )),
            ("param1", _) => Value::Text("Windows Update".to_owned()),
            ("Binary", _) => Value::parse(ValueType::Binary, "wuauserv/4")?,
            _ => Value::Null,
        })
    }

    /// One use of PsExec: logon, drop, pipe, service, process.
    fn psexec(&mut self, use_number: u64) -> Result<Vec<Event>> {
        let (_, computer) = self.computer();
        let address = format!("10.20.9.{}", 1 + use_number % 250);
        let client = format!("ADM-{use_number:04}");
        let logon = format!("0x{:x}", 0x2000_0000 + use_number);
        let pipe = format!("PSEXESVC-{client}-{}-stdin", 4 * (800 + use_number));
        let kinds = [
            &self.kinds.logon,
            &self.kinds.share,
            &self.kinds.share,
            &self.kinds.installed,
            &self.kinds.process,
        ]
        .map(Arc::clone);
        let fields: [&[(&str, &str)]; 5] = [
            &[
                ("TargetUserName", "adm.bulk"),
                ("TargetDomainName", "NORDHAVN"),
                ("TargetLogonId", &logon),
                ("IpAddress", &address),
            ],
            &[
                ("SubjectUserName", "adm.bulk"),
                ("SubjectLogonId", &logon),
                ("IpAddress", &address),
                ("ShareName", r"\\*\ADMIN$"),
                ("RelativeTargetName", "PSEXESVC.exe"),
            ],
            &[
                ("SubjectUserName", "adm.bulk"),
                ("SubjectLogonId", &logon),
                ("IpAddress", &address),
                ("ShareName", r"\\*\IPC$"),
                ("RelativeTargetName", &pipe),
            ],
            &[
                ("ServiceName", "PSEXESVC"),
                ("ImagePath", r"%SystemRoot%\PSEXESVC.exe"),
            ],
            &[
                ("Image", r"C:\Windows\PSEXESVC.exe"),
                ("CommandLine", r"C:\Windows\PSEXESVC.exe"),
                ("User", r"NT AUTHORITY\SYSTEM"),
                ("ParentImage", r"C:\Windows\System32\services.exe"),
                ("OriginalFileName", "psexesvc.exe"),
            ],
        ];
        let mut events = Vec::new();
        for (layout, given) in kinds.iter().zip(fields) {
            let value =
                |field: &kind::Field| match given.iter().find(|(name, _)| *name == field.name) {
                    Some((_, text)) => Value::parse(field.value_type, text),
                    None => field.default_value(),
                };
            let values = layout
                .fields
                .iter()
                .map(value)
                .collect::<Result<Vec<_>>>()?;
            let mut event = self.event(layout, &computer, values);
            event.record_id = self.number + 1 + u64::try_from(events.len()).unwrap_or(0);
            events.push(event);
        }
        Ok(events)
    }
}
