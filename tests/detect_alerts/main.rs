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

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use dualuse::case::Case;
use dualuse::environment::Environment;
use dualuse::event::same_host;
use dualuse::investigate::{Severity, Snapshot, signal_rules};
use dualuse::report::{Format, Options, Plain, Report, write_plain};
use expected::Expected;
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
fn every_story_gives_the_alerts_that_an_analyst_expects_and_shows_their_scores() {
    tell(&story::all(), |story| {
        let logs = story.logs();
        let snapshot = story.scan(&[logs.path()]);
        let mut wrong = story.complaints(&snapshot);
        wrong.extend(scores_not_shown(&snapshot));
        wrong
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

#[test]
fn five_hundred_services_of_one_session_are_one_use() {
    let mut scenario = r#"
start = "2026-03-10T06:00:00Z"
[hosts.LNX01]
ip = "10.1.0.50"
windows = false
[hosts.SRV01]
ip = "10.1.0.21"
logs = ["Security", "System"]
[accounts."adm.berg"]
sid = "1109"
admin = true
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "logon"
host = "SRV01"
as = "net"
account = "adm.berg"
from = "LNX01"
package = "NTLM"
"#
    .to_owned();
    let mut letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
    for number in 0..500 {
        shuffle(&mut letters, number);
        let name: String = letters.iter().take(8).collect();
        write!(
            scenario,
            r#"
[[event]]
at = "+2s"
kind = "shell-service"
target = "SRV01"
service = "{name}"
image = '%COMSPEC% /Q /c echo echo {number} ^> \\%COMPUTERNAME%\C$\__output_{name} 2^>^&1 > %SYSTEMROOT%\{name}.bat & %COMSPEC% /Q /c %SYSTEMROOT%\{name}.bat & del %SYSTEMROOT%\{name}.bat'
child_line = 'C:\Windows\system32\cmd.exe /Q /c echo echo {number} ^> \\SRV01\C$\__output_{name} 2^>^&1 > C:\Windows\{name}.bat'
by = "net"
timeout = true
"#
        )
        .unwrap();
    }
    let logs = story::forge("five hundred services", &scenario);
    let snapshot = story::scan(&[logs.path()], &Environment::default());
    let [alert] = snapshot.alerts.as_slice() else {
        panic!("{} alerts", snapshot.alerts.len());
    };
    let account = alert.account.as_ref().unwrap();
    assert_eq!(
        (alert.tool.as_str(), account.name.as_str()),
        ("smbexec", "NORDHAVN\\adm.berg")
    );
    let installed = alert
        .sightings
        .iter()
        .filter(|sighting| sighting.event.event_id == 7045);
    assert_eq!(installed.count(), 500);
}

/// The signals that stories expect, and those that they expect not to be shown.
#[test]
fn every_signal_is_shown_by_one_story_and_spared_by_another() {
    if std::env::var_os("STORY").is_some() {
        return;
    }
    let stories = story::all();
    for (what, of) in [
        ("shows", Expected::signals as fn(&Expected) -> &[String]),
        ("spares", Expected::no_signals),
    ] {
        let told: BTreeSet<&str> = stories
            .iter()
            .flat_map(Telling::expected)
            .flat_map(of)
            .map(String::as_str)
            .collect();
        let missing: Vec<&str> = signal_rules()
            .map(|rule| rule.id)
            .filter(|id| !told.contains(id))
            .collect();
        assert!(missing.is_empty(), "no story {what} {missing:?}");
        let known: BTreeSet<&str> = signal_rules().map(|rule| rule.id).collect();
        let unknown: Vec<&&str> = told.difference(&known).collect();
        assert!(unknown.is_empty(), "a story {what} {unknown:?}");
    }
}

/// The weights that a report shows below the heading of each alert, summed by the alert's id.
fn shown_sums<'r>(
    report: &'r str,
    id_of: impl Fn(&'r str) -> Option<&'r str>,
    weight_of: impl Fn(&'r str) -> &'r str,
) -> BTreeMap<&'r str, i32> {
    let mut sums = BTreeMap::new();
    let mut current = None;
    for line in report.lines() {
        if let Some(id) = id_of(line) {
            current = Some(id);
            sums.insert(id, 0);
        }
        let (word, _) = weight_of(line).split_once(' ').unwrap_or_default();
        let weight = word.starts_with(['+', '-']).then(|| word.parse::<i32>());
        if let (Some(id), Some(Ok(weight))) = (current, weight) {
            *sums.get_mut(id).unwrap() += weight;
        }
    }
    sums
}

/// Scores that cannot be recomputed by hand from what a report shows, in any of its forms.
fn scores_not_shown(snapshot: &Snapshot) -> Vec<String> {
    let case = Case::in_memory("ana").unwrap();
    let report = Report {
        timeline: &snapshot.timeline,
        alerts: &snapshot.alerts,
        case: &case,
        options: Options::default(),
    };
    let form = |format| {
        let mut bytes = Vec::new();
        report.write(format, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let mut text = Vec::new();
    write_plain(&report, Plain::default(), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let in_text = shown_sums(
        &text,
        |line| line.split_once("; alert ").map(|(_, id)| id),
        |line| line.get(14 + 2..).unwrap_or_default(),
    );
    let markdown = form(Format::Markdown);
    let in_markdown = shown_sums(
        &markdown,
        |line| {
            line.strip_prefix("### ")?
                .rsplit_once('(')?
                .1
                .strip_suffix(')')
        },
        |line| line.strip_prefix("- ").unwrap_or_default(),
    );
    let json: Value = serde_json::from_str(&form(Format::Json)).unwrap();
    let mut wrong = Vec::new();
    for alert in json["alerts"].as_array().unwrap() {
        let id = alert["id"].as_str().unwrap();
        let in_json: i64 = alert["signals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|signal| match signal["leans"].as_str().unwrap() {
                "attacker" => signal["weight"].as_i64().unwrap(),
                "admin" => -signal["weight"].as_i64().unwrap(),
                _ => 0,
            })
            .sum();
        let score = alert["score"].as_i64().unwrap();
        let shown = [
            Some(in_json),
            in_text.get(id).copied().map(i64::from),
            in_markdown.get(id).copied().map(i64::from),
        ];
        if shown != [Some(score); 3] {
            wrong.push(format!("score {score}, shown {shown:?}"));
        }
    }
    wrong
}
