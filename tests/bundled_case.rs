//! The bundled evening at Nordhavn, from the log files to the alerts that an analyst expects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::path::PathBuf;
use std::sync::OnceLock;

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::investigate::{Alert, How, Role, Severity, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};

fn evening() -> &'static Snapshot {
    static EVENING: OnceLock<Snapshot> = OnceLock::new();
    EVENING.get_or_init(|| {
        let logs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
        let timeline = load(&[logs], Options::default(), &Progress::default());
        let catalog = Catalog::built_in().unwrap();
        Snapshot::new(1, true, timeline.into(), &catalog, &Environment::default())
    })
}

fn alerts<'a>(tool: &'a str, host: &'a str) -> Vec<&'a Alert> {
    evening()
        .alerts
        .iter()
        .filter(|alert| alert.tool == tool && alert.host.starts_with(host))
        .collect()
}

fn the_alert(tool: &str, host: &str) -> &'static Alert {
    let found = evening()
        .alerts
        .iter()
        .filter(|alert| alert.tool == tool && alert.host.starts_with(host));
    let found: Vec<_> = found.collect();
    assert_eq!(
        found.len(),
        1,
        "{tool} on {host}: {:?}",
        found.iter().map(|alert| &alert.title).collect::<Vec<_>>()
    );
    found[0]
}

fn account(alert: &Alert) -> &str {
    alert
        .account
        .as_ref()
        .map_or("", |account| account.name.as_str())
}

fn source_ip(alert: &Alert) -> &str {
    alert
        .logon
        .as_ref()
        .and_then(|logon| logon.source_ip.as_deref())
        .unwrap_or_default()
}

fn commands(alert: &Alert, role: Role) -> Vec<&str> {
    let processes = alert
        .processes
        .iter()
        .filter(|process| process.role == role);
    processes
        .filter_map(|process| process.command_line.as_deref())
        .collect()
}

#[test]
fn the_monitoring_appliance_rolls_out_its_agent_with_winexe() {
    for host in ["SRV-APP02", "WS-1042", "FS01"] {
        let alert = the_alert("winexe", host);
        assert_eq!(account(alert), "NORDHAVN\\svc-ossim", "{host}");
        assert_eq!(source_ip(alert), "10.20.0.15", "{host}");
        assert_eq!(alert.service.as_ref().unwrap().name, "winexesvc", "{host}");
        assert!(
            commands(alert, Role::Child)
                .iter()
                .any(|line| line.contains("ossec-agent")),
            "{host}"
        );
    }
}

#[test]
fn the_second_run_of_winexe_is_an_alert_without_installation() {
    let runs = alerts("winexe", "WS-1017");
    assert_eq!(runs.len(), 2);
    let second = runs.iter().max_by_key(|alert| alert.first_time).unwrap();
    assert!(
        second.title.contains("service already present"),
        "{}",
        second.title
    );
    assert_eq!(second.service.as_ref().unwrap().name, "winexesvc");
    assert_eq!(account(second), "NORDHAVN\\svc-ossim");
    assert_eq!(
        commands(second, Role::Child).len(),
        1,
        "only its own command"
    );
}

#[test]
fn the_help_desk_uses_psexec_from_its_own_workstation() {
    for (host, command) in [("WS-1017", "msiexec"), ("WS-1042", "gpupdate")] {
        let alert = the_alert("psexec", host);
        assert_eq!(account(alert), "NORDHAVN\\adm.lindqvist");
        assert_eq!(source_ip(alert), "10.20.9.13");
        assert_eq!(
            alert.client.as_ref().unwrap().host.as_deref(),
            Some("ADM-WS03")
        );
        assert_eq!(alert.service.as_ref().unwrap().name, "PSEXESVC");
        assert!(commands(alert, Role::Child)[0].contains(command));
        let logon = alert.logon.as_ref().unwrap();
        assert_eq!(logon.package.as_deref(), Some("Kerberos"));
        assert!(!logon.other_ids.is_empty(), "one run opens several logons");
    }
}

#[test]
fn the_intruder_is_found_behind_a_renamed_service() {
    for host in ["SRV-APP02", "FS01"] {
        let alert = the_alert("psexec", host);
        assert_eq!(account(alert), "NORDHAVN\\adm.berg");
        assert_eq!(source_ip(alert), "10.20.4.88");
        assert_eq!(alert.service.as_ref().unwrap().name, "wuausvc2");
        assert!(
            alert.severity >= Severity::High,
            "{host} is {:?} at {}",
            alert.severity,
            alert.score
        );
    }
    let dumped = the_alert("psexec", "FS01");
    assert!(
        commands(dumped, Role::Child)
            .iter()
            .any(|line| line.contains("comsvcs.dll"))
    );
    assert!(
        dumped
            .signals
            .iter()
            .any(|signal| signal.id.contains("log-cleared")),
        "{:?}",
        dumped.signals
    );
}

#[test]
fn users_in_session_zero_come_through_a_task_and_through_wmi() {
    let task = the_alert("session-zero", "WS-1017");
    assert_eq!(account(task), "NORDHAVN\\m.falk");
    assert!(
        task.sightings[0].what.contains("scheduled task"),
        "{}",
        task.sightings[0].what
    );
    let wmi = the_alert("session-zero", "WS-1088");
    assert!(
        wmi.sightings[0].what.contains("WMI"),
        "{}",
        wmi.sightings[0].what
    );
    assert_eq!(wmi.logon.as_ref().unwrap().how, How::SameLogonId);
    assert_eq!(wmi.session_id, Some(0));
}

#[test]
fn antivirus_joins_the_use_it_speaks_of() {
    let first = alerts("winexe", "WS-1017")
        .into_iter()
        .min_by_key(|alert| alert.first_time)
        .unwrap();
    assert!(
        first
            .sightings
            .iter()
            .any(|sighting| sighting.what.contains("PUA:Win32/Winexe"))
    );
    let netcat = the_alert("netcat", "NET-WS01");
    assert!(
        netcat
            .sightings
            .iter()
            .any(|sighting| sighting.event.event_id == 1116)
    );
}

#[test]
fn the_ordinary_evening_stays_silent() {
    let tools: Vec<&str> = evening()
        .alerts
        .iter()
        .filter(|alert| alert.severity > Severity::Info)
        .map(|alert| alert.tool.as_str())
        .collect();
    assert!(
        tools
            .iter()
            .all(|tool| ["winexe", "psexec", "session-zero", "netcat"].contains(tool)),
        "{tools:?}"
    );
    assert!(
        evening()
            .timeline
            .sources()
            .iter()
            .all(|source| source.damage.is_empty())
    );
}

#[test]
fn a_verdict_about_one_use_is_about_no_other() {
    // winexe's service stays: the second use on WS-1017 has the process of the first
    let mut owners = std::collections::HashMap::new();
    for alert in evening().alerts.iter() {
        for anchor in dualuse::case::Subject::of(alert).anchors {
            if let Some(other) = owners.insert(anchor, &alert.title) {
                panic!(
                    "one event decides about two alerts: {other} and {}",
                    alert.title
                );
            }
        }
    }
}
