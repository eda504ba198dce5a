//! Alerts made by hand, for tests of this crate.

use crate::event::Time;
use crate::investigate::{
    AccountRef, Alert, Artefact, Certainty, ClientRef, EventRef, How, Leaning, LogonRef,
    ProcessRef, Question, Role, ServiceRef, Severity, Sighting, Signal,
};

/// Seconds after the evening of the story begins.
pub(crate) fn at(second: u64) -> Time {
    let evening = Time::parse("2026-03-10T18:00:00Z").unwrap();
    evening.plus(std::time::Duration::from_secs(second))
}

/// A record of a host's Security log.
pub(crate) fn event(host: &str, record_id: u64) -> EventRef {
    EventRef {
        source: format!("logs/{host}/Security.evtx"),
        host: host.to_owned(),
        channel: "Security".to_owned(),
        event_id: 4688,
        record_id: Some(record_id),
        line: None,
        digest: None,
        time: at(record_id),
        index: Default::default(),
    }
}

/// An administrator's use of PsExec on `host`, sighted in these records. Nothing speaks against it.
pub(crate) fn alert(host: &str, records: &[u64]) -> Alert {
    let sightings: Vec<Sighting> = records
        .iter()
        .map(|record| Sighting {
            artefact: Artefact::ServiceInstall,
            what: "PSEXESVC was installed".to_owned(),
            event: event(host, *record),
        })
        .collect();
    let child = ProcessRef {
        key: "{child}".to_owned(),
        host: host.to_owned(),
        pid: 4242,
        parent_pid: Some(7),
        parent: None,
        parent_how: None,
        image: Some(r"C:\Windows\System32\cmd.exe".to_owned()),
        command_line: Some(r"cmd /c net use \\FS02 -p Winter2026!".to_owned()),
        account: Some(r"NORDHAVN\adm.berg".to_owned()),
        session_id: Some(0),
        logon_id: Some("0x1f2e3".to_owned()),
        integrity: None,
        started: Some(at(3)),
        ended: None,
        role: Role::Child,
        event: None,
    };
    let client = ProcessRef {
        key: "{client}".to_owned(),
        host: "PAW07".to_owned(),
        pid: 900,
        image: Some(r"C:\Tools\PsExec.exe".to_owned()),
        command_line: Some(format!(
            r"PsExec.exe \\{host} -u NORDHAVN\adm.berg -p Winter2026! cmd"
        )),
        parent_pid: None,
        role: Role::Client,
        event: Some(event("PAW07", 9000 + records.first().copied().unwrap_or(0))),
        ..child.clone()
    };
    Alert {
        id: format!("{host}-{}", records.first().copied().unwrap_or(0)),
        tool: "psexec".to_owned(),
        certainty: Certainty::Certain,
        severity: Severity::Low,
        leaning: Leaning::Admin,
        score: -10,
        title: format!("PsExec ran cmd.exe on {host} for NORDHAVN\\adm.berg"),
        host: host.to_owned(),
        first_time: at(records.first().copied().unwrap_or(0)),
        last_time: at(records.last().copied().unwrap_or(0)),
        account: Some(AccountRef {
            name: r"NORDHAVN\adm.berg".to_owned(),
            sid: Some("S-1-5-21-1-2-3-1105".to_owned()),
            how: How::Named,
        }),
        logon: Some(LogonRef {
            id: Some("0x1f2e3".to_owned()),
            other_ids: Vec::new(),
            logon_type: Some(3),
            time: Some(at(1)),
            source_ip: Some("10.20.0.7".to_owned()),
            source_port: Some(50211),
            workstation: Some("PAW07".to_owned()),
            package: Some("Kerberos".to_owned()),
            how: How::SameLogonId,
            event: None,
        }),
        session_id: Some(0),
        service: Some(ServiceRef {
            name: "PSEXESVC".to_owned(),
            image_path: Some(r"%SystemRoot%\PSEXESVC.exe".to_owned()),
            run_as: Some("LocalSystem".to_owned()),
            ..ServiceRef::default()
        }),
        client: Some(ClientRef {
            host: Some("PAW07".to_owned()),
            pid: Some(900),
            image: Some(r"C:\Tools\PsExec.exe".to_owned()),
            account: Some(r"NORDHAVN\adm.berg".to_owned()),
            how: How::ClientName,
        }),
        processes: vec![client, child],
        sightings,
        signals: vec![Signal {
            id: "admin-host".to_owned(),
            leans: Leaning::Admin,
            weight: 10,
            what: "PAW07 is an administrator's host".to_owned(),
            events: Vec::new(),
        }],
        questions: vec![Question {
            ask: "Was it run from Linux?".to_owned(),
            answer: Some("No: PAW07 is a Windows host".to_owned()),
            how: Some("its own logs are here".to_owned()),
        }],
        gaps: vec!["no Sysmon log of PAW07".to_owned()],
    }
}

/// The same with an intruder's traces: the service was renamed.
pub(crate) fn suspicious(host: &str, records: &[u64]) -> Alert {
    let mut alert = alert(host, records);
    alert.severity = Severity::High;
    alert.leaning = Leaning::Attacker;
    alert.score = 30;
    alert.signals.push(Signal {
        id: "renamed-service".to_owned(),
        leans: Leaning::Attacker,
        weight: 40,
        what: "the service was renamed to “winupd”".to_owned(),
        events: vec![event(host, records.first().copied().unwrap_or(0))],
    });
    alert
}
