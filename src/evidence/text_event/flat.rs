//! Records whose System values and event data lie side by side: NXLog (and the public data sets
//! that were collected with it), Winlogbeat before 7, EvtxECmd, Azure Monitor and Sentinel,
//! `Get-WinEvent | ConvertTo-Json`, and whatever else names its columns like Windows does.

use std::time::Duration;

use super::windows_event::section;
use super::{Data, Found, Miss, System, found};
use crate::evidence::json::Json;
use crate::evidence::stamp::Stamp;

/// How members are called that hold System values, best first: folded to lower case without
/// punctuation ([`fold`]).
const SYSTEM: [(&str, &[&str]); 6] = [
    (
        "EventID",
        &["eventid", "eventcode", "eventidentifier", "id"],
    ),
    (
        "Provider@Name",
        &[
            "providername",
            "provider",
            "sourcename",
            "eventsourcename",
            "source",
            "eventprovider",
        ],
    ),
    (
        "EventRecordID",
        &[
            "eventrecordid",
            "recordnumber",
            "recordid",
            "eventrecordnumber",
        ],
    ),
    (
        "Channel",
        &[
            "channel",
            "logname",
            "eventlog",
            "eventchannel",
            "logfile",
            "source",
        ],
    ),
    (
        "Computer",
        &[
            "computer",
            "computername",
            "machinename",
            "hostname",
            "host",
            "devicename",
        ],
    ),
    (
        "Security@UserID",
        &[
            "userid",
            "usersid",
            "systemuserid",
            "securityuserid",
            "sid",
            "user",
        ],
    ),
];

/// Times at which an event was written, best first.
const WRITTEN: [&str; 7] = [
    "systemtime",
    "timecreated",
    "eventtime",
    "timecreatedutc",
    "timegenerated",
    "timegeneratedutc",
    "datetime",
];
/// Times of its way here, best first.
const TAKEN: [&str; 3] = ["timestamp", "time", "eventreceivedtime"];

/// Members that hold event data.
const CONTAINERS: [&str; 8] = [
    "eventdata",
    "userdata",
    "payload",
    "parameterxml",
    "stringinserts",
    "strings",
    "data",
    "properties",
];

/// Reads it.
pub(super) fn read(json: &Json<'_>) -> Result<Found, Miss> {
    let members: Vec<Member<'_, '_>> = json
        .members()
        .iter()
        .map(|(name, value)| Member {
            name,
            folded: fold(name),
            value,
        })
        .collect();
    let mut used = vec![false; members.len()];
    let mut system = System::default();
    for (name, candidates) in SYSTEM {
        if let Some((at, value)) = system_value(name, candidates, &members) {
            system.push(name, value);
            if let Some(used) = used.get_mut(at) {
                *used = true;
            }
        }
    }
    if system.get(&["Channel", "Provider@Name"]).is_none() {
        let what = "no Windows event: neither channel nor provider";
        return Err(Miss::Stranger(what.to_owned()));
    }
    let has_container = members.iter().any(Member::is_container);
    let mut data = Data::default();
    for (member, used) in members.iter().zip(&used) {
        if *used || is_clock(&member.folded) {
            continue;
        }
        // EvtxECmd puts its own reading of the payload beside it.
        if has_container && member.folded.starts_with("payloaddata") {
            continue;
        }
        match member.value {
            Json::Text(text) if member.is_strings() => {
                text.split('|').for_each(|value| data.push_unnamed(value));
            }
            _ if member.is_container() => section(member.value, &mut data),
            _ => {}
        }
    }
    for (member, used) in members.iter().zip(&used) {
        let is_rest = !*used && !is_clock(&member.folded) && !member.is_container();
        if is_rest && !member.folded.starts_with("payloaddata") {
            data.push_json(member.data_name(), member.value);
        }
    }
    let sysmon = ["Provider@Name", "Channel"]
        .iter()
        .filter_map(|name| system.get(&[*name]))
        .any(|name| name.starts_with("Microsoft-Windows-Sysmon"));
    let time = time(&members, sysmon);
    found(system.into_record(data.fields)?, time, false)
}

struct Member<'j, 't> {
    name: &'j str,
    folded: String,
    value: &'j Json<'t>,
}

impl Member<'_, '_> {
    /// The name of event data; `event_data.Image` means `Image`.
    fn data_name(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((path, name))
                if path
                    .split('.')
                    .any(|part| CONTAINERS.contains(&fold(part).as_str())) =>
            {
                name
            }
            _ => self.name,
        }
    }

    /// Whether it holds event data rather than being a value of its own.
    fn is_container(&self) -> bool {
        CONTAINERS.contains(&self.folded.as_str())
            && match self.value {
                Json::Object(_) | Json::Array(_) => true,
                Json::Text(text) => {
                    text.trim_start().starts_with(['{', '<', '[']) || self.is_strings()
                }
                _ => false,
            }
    }

    /// Whether it is Log Parser's list of values, with bars between them.
    fn is_strings(&self) -> bool {
        self.folded == "strings"
    }
}

/// Lower case, letters and digits only: `@timestamp`, `Record_Number` and `recordNumber` lose what
/// tells collectors apart.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

fn is_clock(folded: &str) -> bool {
    WRITTEN.contains(&folded) || TAKEN.contains(&folded)
}

/// The value of a System member and where it lies.
fn system_value(
    name: &str,
    candidates: &[&str],
    members: &[Member<'_, '_>],
) -> Option<(usize, String)> {
    candidates.iter().find_map(|candidate| {
        members.iter().enumerate().find_map(|(at, member)| {
            if member.folded != *candidate {
                return None;
            }
            let value = inner_value(name, member.value)?;
            fits(name, candidate, &value, members).map(|value| (at, value))
        })
    })
}

/// The plain value, or what an object of that meaning calls it.
fn inner_value(name: &str, value: &Json<'_>) -> Option<String> {
    let inner: &[&str] = match name {
        "Computer" => &["name", "hostname"],
        "Security@UserID" => &["Value", "identifier", "sid"],
        "EventID" => &["Value", "#text", "code"],
        "Provider@Name" => &["Name", "@Name"],
        _ => &[],
    };
    value
        .plain()
        .or_else(|| inner.iter().find_map(|key| value.get(key)?.plain()))
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// Whether a value can be what its name suggests; the value without a collector's decoration.
fn fits(name: &str, candidate: &str, value: &str, members: &[Member<'_, '_>]) -> Option<String> {
    // Splunk's `source`: `WinEventLog:Security`, `XmlWinEventLog:…`.
    let splunk = value.split_once("WinEventLog:").map(|(_, channel)| channel);
    let fits = match (name, candidate) {
        ("EventID", "id") => members
            .iter()
            .any(|member| matches!(member.folded.as_str(), "logname" | "providername")),
        ("EventID", _) => super::event_id(value).is_some(),
        ("Security@UserID", _) => value.starts_with("S-1-"),
        ("Channel", "source") => return splunk.map(str::to_owned),
        ("Provider@Name", "source") => splunk.is_none() && !value.contains(['/', '\\']),
        _ => true,
    };
    fits.then(|| value.to_owned())
}

/// The time of the event. A time with a zone is preferred; one without is brought to UTC by what
/// the record itself tells: Sysmon's `UtcTime`, or the whole quarters of an hour by which it differs
/// from the collector's clock.
fn time(members: &[Member<'_, '_>], is_sysmon: bool) -> Option<Stamp> {
    let stamp = |wanted: &str| {
        let member = members.iter().find(|member| member.folded == wanted)?;
        Stamp::of(member.value)
    };
    let all = || WRITTEN.iter().filter_map(|name| stamp(name));
    if let Some(sure) = all().find(|stamp| stamp.zone_known) {
        return Some(sure);
    }
    let own = all().next();
    if is_sysmon && let Some(utc) = stamp("utctime") {
        return Some(Stamp {
            zone_known: true,
            ..utc
        });
    }
    let collector = stamp("timestamp").or_else(|| stamp("time"));
    match (own, collector) {
        (Some(own), Some(collector)) if collector.zone_known => {
            Some(by_collector(own, collector).unwrap_or(own))
        }
        (own, collector) => own.or(collector).or_else(|| stamp("eventreceivedtime")),
    }
}

/// Moves a time without zone by the whole quarters of an hour by which the collector's clock is
/// ahead or behind. `None` when that is no offset any zone has, or the rest is longer than a
/// collector takes.
fn by_collector(own: Stamp, collector: Stamp) -> Option<Stamp> {
    const QUARTER: u64 = 900;
    const LONGEST_WAY: u64 = 300;
    const WIDEST_ZONE: u64 = 14 * 4;
    let distance = own.time.distance(collector.time).as_secs();
    let is_behind = own.time <= collector.time;
    // The collector is later than the event: seconds beyond the offset are its way.
    let (quarters, way) = if is_behind {
        (distance / QUARTER, distance % QUARTER)
    } else {
        let quarters = distance.div_ceil(QUARTER);
        (quarters, quarters * QUARTER - distance)
    };
    if way > LONGEST_WAY || quarters > WIDEST_ZONE {
        return None;
    }
    let by = Duration::from_secs(quarters * QUARTER);
    Some(Stamp {
        time: if is_behind {
            own.time.plus(by)
        } else {
            own.time.minus(by)
        },
        zone_known: true,
    })
}
