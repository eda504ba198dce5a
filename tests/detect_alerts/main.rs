//! Stories whose every event is known, and the alerts that an analyst would expect of them: one for
//! each use, right in tool, account, source, service, session, logon, processes and severity, and
//! nothing else above `info`. They are data, in `testdata/scenarios/stories`; the README there says
//! what an expectation may hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod expected;
#[path = "../sources/shapes.rs"]
#[allow(dead_code, reason = "one of its shapes is enough here")]
mod shapes;
mod story;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use dualuse::environment::Environment;
use dualuse::event::same_host;
use dualuse::investigate::{Severity, Snapshot};
use serde_json::Value;
use story::Telling;
use tempfile::TempDir;

/// Tells stories side by side and fails with everything that is not as it must be.
fn tell(stories: &[Telling], complaints: impl Fn(&Telling) -> Vec<String> + Sync) {
    let next = Mutex::new(stories.iter());
    let failures: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, |count| count.get()) {
            scope.spawn(|| {
                while let Some(story) = { next.lock().unwrap().next() } {
                    let wrong = complaints(story);
                    if !wrong.is_empty() {
                        failures.lock().unwrap().insert(&story.name, wrong);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let told: Vec<String> = failures
        .iter()
        .map(|(name, wrong)| format!("{name}\n    {}", wrong.join("\n    ")))
        .collect();
    let (failing, all) = (told.len(), stories.len());
    assert!(
        told.is_empty(),
        "{failing} of {all} stories:\n{}",
        told.join("\n")
    );
}

fn plain_stories() -> Vec<Telling> {
    let all = story::all().into_iter();
    all.filter(|story| story.is_plain).collect()
}

#[test]
fn every_story_gives_the_alerts_that_an_analyst_expects() {
    tell(&story::all(), |story| {
        let logs = story.logs();
        story.complaints(&story.scan(&[logs.path()]))
    });
}

/// Numbers that look drawn by chance and are the same in every run (a linear congruence).
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for place in (1..items.len()).rev() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(seed >> 33).unwrap() % (place + 1);
        items.swap(place, other);
    }
}

#[test]
fn a_story_told_by_another_collector_in_any_order_is_the_same_story() {
    let (_, shape) = shapes::SHAPES[0];
    tell(&plain_stories(), |story| {
        let logs = story.logs();
        let timeline = story.scan(&[logs.path()]).timeline;
        let mut lines: Vec<String> = timeline
            .indices()
            .map(|event| shape(&timeline.read(event).unwrap()).to_string())
            .collect();
        let seed = lines.len() as u64;
        shuffle(&mut lines, seed);
        let folder = TempDir::new().unwrap();
        let half = lines.len() / 2;
        fs::write(folder.path().join("1.jsonl"), lines[half..].join("\n")).unwrap();
        fs::write(folder.path().join("2.jsonl"), lines[..half].join("\n")).unwrap();
        story.complaints(&story.scan(&[folder.path()]))
    });
}

/// The alerts that one of the hosts has, without where their events lie.
fn content(snapshot: &Snapshot, is_known: impl Fn(&str) -> bool) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("source");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    snapshot
        .alerts
        .iter()
        .filter(|alert| is_known(&alert.host))
        .map(|alert| {
            let mut value = serde_json::to_value(alert).unwrap();
            strip(&mut value);
            value
        })
        .collect()
}

/// Another site, on which the same tools are used at the same time.
const STRANGERS: &str = r#"
start = "2026-03-10T06:00:00Z"
seed = 99
[domain]
name = "FREMMED"
dns = "fremmed.example"
sid = "S-1-5-21-1111111111-2222222222-3333333333"
[hosts.FRM-A]
ip = "172.16.0.1"
user = "boss"
[hosts.FRM-B]
ip = "172.16.0.2"
[accounts.boss]
sid = "1001"
admin = true
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "psexec"
source = "FRM-A"
target = "FRM-B"
account = "boss"
client_pid = 4312
command_image = 'C:\Windows\System32\cmd.exe'
command_line = "cmd.exe"
[[event]]
at = "2026-03-10T10:00:01Z"
kind = "service-installed"
host = "FRM-B"
service = "winexesvc"
image = "winexesvc.exe"
"#;

#[test]
fn copies_and_strangers_change_no_alert() {
    let strangers = story::forge("strangers", STRANGERS);
    let is_known = |host: &str| {
        !["FRM-A", "FRM-B"]
            .iter()
            .any(|other| same_host(host, other))
    };
    tell(&plain_stories(), |story| {
        let (logs, again) = (story.logs(), story.logs());
        let expected = content(&story.scan(&[logs.path()]), is_known);
        let more = story.scan(&[strangers.path(), logs.path(), again.path()]);
        let found = content(&more, is_known);
        let differing = expected.iter().zip(&found).filter(|(old, new)| old != new);
        let mut wrong: Vec<String> = differing
            .map(|(old, new)| format!("{old}\n      is now {new}"))
            .collect();
        if expected.len() != found.len() {
            wrong.push(format!("{} alerts, not {}", found.len(), expected.len()));
        }
        wrong
    });
}

#[test]
fn a_roll_out_on_forty_hosts_is_forty_alerts() {
    let mut scenario = r#"
start = "2026-03-10T06:00:00Z"
[hosts.LNX01]
ip = "10.1.0.50"
windows = false
[hosts.ADM01]
ip = "10.1.0.1"
user = "adm.berg"
[accounts."adm.berg"]
sid = "1109"
admin = true
"#
    .to_owned();
    for host in 0..40 {
        let (seconds, logs) = (host * 7, if host % 2 == 0 { "Security" } else { "Sysmon" });
        write!(
            scenario,
            r#"
[hosts.SRV-{host:02}]
ip = "10.1.2.{host}"
logs = ["System", "{logs}"]
[[event]]
at = "2026-03-10T10:{:02}:{:02}Z"
kind = "psexec"
source = "ADM01"
target = "SRV-{host:02}"
account = "adm.berg"
client_pid = {}
command_image = 'C:\Windows\System32\msiexec.exe'
command_line = 'msiexec.exe /i \\FS01\deploy$\agent.msi /qn'
[[event]]
at = "2026-03-10T12:{:02}:{:02}Z"
kind = "winexe"
source = "LNX01"
target = "SRV-{host:02}"
account = "adm.berg"
command_image = 'C:\Windows\System32\cmd.exe'
command_line = 'cmd.exe /c ver'
"#,
            seconds / 60,
            seconds % 60,
            4000 + 4 * host,
            seconds / 60,
            seconds % 60,
        )
        .unwrap();
    }
    let logs = story::forge("roll-out", &scenario);
    let site = Environment::parse("[accounts]\nadmin = ['adm.*']").unwrap();
    let snapshot = story::scan(&[Path::new(logs.path())], &site);
    for (tool, source) in [("psexec", "ADM01"), ("winexe", "LNX01")] {
        let mut hosts: Vec<&str> = snapshot
            .alerts
            .iter()
            .filter(|alert| alert.tool == tool)
            .map(|alert| alert.host.as_str())
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        assert_eq!(hosts.len(), 40, "{tool} from {source}");
    }
    assert_eq!(snapshot.alerts.len(), 80);
    for alert in snapshot.alerts.iter() {
        assert!(alert.severity <= Severity::Medium, "{}", alert.title);
        if alert.tool == "psexec" {
            let client = alert.client.as_ref().unwrap();
            let host = client.host.as_deref().unwrap_or_default();
            assert!(same_host(host, "ADM01"), "{}: {client:?}", alert.title);
        }
    }
}
