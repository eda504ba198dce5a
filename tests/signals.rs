//! What speaks for an administrator and what for an attacker, which questions stay open and what was
//! not there to see, in stories of which every event is known.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

use dualuse::detect::Catalog;
use dualuse::environment::{Answer, ChangeWindow, Environment, ManagementServer, Pattern};
use dualuse::event::Time;
use dualuse::investigate::{Alert, How, Leaning, Role, Severity, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};

/// Two administrators, an ordinary user, and six servers.
const WORLD: &str = r#"
title = "test"
seed = 11
start = "2026-03-10T06:00:00Z"
[hosts.DC01]
ip = "10.1.0.10"
[hosts.ADM-1]
ip = "10.1.0.1"
user = "adm.hansen"
[hosts.WS-7]
ip = "10.1.0.7"
user = "k.holm"
[hosts.LNX01]
ip = "10.1.0.50"
windows = false
[hosts.SRV-1]
ip = "10.1.0.21"
[hosts.SRV-2]
ip = "10.1.0.22"
[hosts.SRV-3]
ip = "10.1.0.23"
[hosts.SRV-4]
ip = "10.1.0.24"
[hosts.SRV-5]
ip = "10.1.0.25"
[accounts."adm.hansen"]
sid = "1106"
admin = true
[accounts."k.holm"]
sid = "1153"
[accounts."svc-ossim"]
sid = "1204"
admin = true
"#;

/// The host's logs begin hours before anything happens.
const START: &str = r#"
[[event]]
at = "2026-03-10T06:00:00Z"
kind = "service-state"
host = "SRV-1"
service = "Spooler"
display = "Print Spooler"
"#;

fn told(world: &str, events: &str, site: &Environment) -> Snapshot {
    let folder = tempfile::tempdir().unwrap();
    forge::scenario::from_text(&format!("{world}{events}"))
        .unwrap()
        .write_to(folder.path())
        .unwrap();
    let timeline = load(
        &[folder.path().to_owned()],
        Options::default(),
        &Progress::default(),
    );
    let catalog = Catalog::built_in().unwrap();
    Snapshot::new(1, true, timeline.into(), &catalog, site)
}

fn psexec(at: &str, source: &str, target: &str, more: &str) -> String {
    format!(
        r#"
[[event]]
at = "{at}"
kind = "psexec"
source = "{source}"
target = "{target}"
account = "adm.hansen"
command_image = 'C:\Windows\System32\gpupdate.exe'
command_line = "gpupdate /force"
lasts = "3s"
{more}
"#
    )
}

fn of_tool<'a>(snapshot: &'a Snapshot, tool: &str) -> Vec<&'a Alert> {
    let mut found: Vec<&Alert> = snapshot
        .alerts
        .iter()
        .filter(|alert| alert.tool == tool)
        .collect();
    found.sort_by_key(|alert| alert.first_time);
    found
}

/// The only alert of a tool.
fn only<'a>(snapshot: &'a Snapshot, tool: &str) -> &'a Alert {
    let found = of_tool(snapshot, tool);
    let titles: Vec<&String> = snapshot.alerts.iter().map(|alert| &alert.title).collect();
    assert_eq!(found.len(), 1, "{titles:?}");
    found[0]
}

fn signals(alert: &Alert) -> Vec<&str> {
    alert
        .signals
        .iter()
        .map(|signal| signal.id.as_str())
        .collect()
}

#[track_caller]
fn assert_signals(alert: &Alert, has: &[&str], has_not: &[&str]) {
    let found = signals(alert);
    for id in has {
        assert!(found.contains(id), "{id} is missing: {found:?}");
    }
    for id in has_not {
        assert!(!found.contains(id), "{id} is wrong: {found:?}");
    }
}

fn answer<'a>(alert: &'a Alert, ask: &str) -> Option<&'a str> {
    let question = alert
        .questions
        .iter()
        .find(|question| question.ask.contains(ask));
    let question = question.unwrap_or_else(|| panic!("nobody asks “{ask}”: {:?}", alert.questions));
    assert_eq!(question.answer.is_some(), question.how.is_some());
    question.answer.as_deref()
}

fn has_gap(alert: &Alert, words: &str) -> bool {
    alert.gaps.iter().any(|gap| gap.contains(words))
}

fn window(from: &str, to: &str) -> ChangeWindow {
    ChangeWindow {
        name: "March patch day".to_owned(),
        ticket: Some("CHG-1042".to_owned()),
        from: Time::parse(from).unwrap(),
        to: Time::parse(to).unwrap(),
        hosts: Vec::new(),
        accounts: Vec::new(),
    }
}

#[test]
fn every_score_is_the_sum_of_what_is_shown() {
    let logs = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    let timeline = load(&[logs], Options::default(), &Progress::default());
    let catalog = Catalog::built_in().unwrap();
    let snapshot = Snapshot::new(1, true, timeline.into(), &catalog, &Environment::default());
    assert!(snapshot.alerts.iter().any(|alert| alert.score > 50));
    for alert in snapshot.alerts.iter() {
        let of = |leaning| -> i32 {
            let signals = alert.signals.iter();
            signals
                .filter(|signal| signal.leans == leaning)
                .map(|signal| signal.weight)
                .sum()
        };
        assert_eq!(
            alert.score,
            of(Leaning::Attacker) - of(Leaning::Admin),
            "{}",
            alert.title
        );
        assert_eq!(
            of(Leaning::Undetermined),
            0,
            "neutral signals weigh nothing"
        );
        for signal in &alert.signals {
            assert!(!signal.what.contains('{'), "{}", signal.what);
        }
    }
}

#[test]
fn the_site_profile_speaks_for_its_administrators() {
    let site = Environment {
        admin_accounts: vec![Pattern::new("NORDHAVN\\adm.*")],
        admin_hosts: vec![Pattern::new("ADM-*")],
        change_windows: vec![window("2026-03-10 18:00", "2026-03-10 20:00")],
        time_zone: Some("Europe/Copenhagen".parse().unwrap()),
        ..Environment::default()
    };
    let story = psexec("2026-03-10T18:10:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(WORLD, &story, &site);
    let alert = only(&snapshot, "psexec");
    assert_signals(
        alert,
        &[
            "admin-account",
            "admin-source",
            "inside-change-window",
            "own-workstation",
            "outside-working-hours",
        ],
        &[
            "not-an-admin-account",
            "unlisted-source",
            "outside-change-window",
            "ordinary-workstation",
        ],
    );
    assert_eq!(
        (alert.leaning, alert.severity),
        (Leaning::Admin, Severity::Low)
    );
    assert_eq!(answer(alert, "administrator's account"), Some("Yes"));
    assert_eq!(
        answer(alert, "change window"),
        Some("Yes: March patch day (CHG-1042)")
    );
}

#[test]
fn the_site_profile_speaks_against_strangers() {
    let site = Environment {
        admin_accounts: vec![Pattern::new("NORDHAVN\\boss")],
        admin_hosts: vec![Pattern::new("PAW*")],
        change_windows: vec![window("2026-03-11 18:00", "2026-03-11 20:00")],
        time_zone: Some("Europe/Copenhagen".parse().unwrap()),
        ..Environment::default()
    };
    let story = psexec("2026-03-10T10:10:00Z", "WS-7", "SRV-1", "");
    let snapshot = told(WORLD, &story, &site);
    let alert = only(&snapshot, "psexec");
    assert_signals(
        alert,
        &[
            "not-an-admin-account",
            "unlisted-source",
            "outside-change-window",
            "other-credentials",
        ],
        &[
            "admin-account",
            "admin-source",
            "inside-change-window",
            "own-workstation",
            "outside-working-hours",
        ],
    );
    assert_eq!(alert.leaning, Leaning::Attacker);
    assert_eq!(answer(alert, "change window"), Some("No"));
}

#[test]
fn what_the_profile_does_not_say_is_asked_in_words() {
    let story = psexec("2026-03-10T10:10:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(WORLD, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    for ask in [
        "Is NORDHAVN\\adm.hansen an administrator's account here?",
        "Does a change window cover it?",
        "Do administrators work from ADM-1",
        "Is ADM-1 (10.1.0.1) a server that manages others?",
        "In which time zone does this site work?",
    ] {
        assert_eq!(answer(alert, ask), None);
        let question = alert
            .questions
            .iter()
            .find(|q| q.ask.contains(ask))
            .unwrap();
        assert!(question.ask.contains("dualuse config template"));
    }
    assert_eq!(
        answer(alert, "Who did it?").map(|who| who.starts_with("NORDHAVN\\adm.hansen (S-1-5-21-")),
        Some(true)
    );
    assert!(
        answer(alert, "From where")
            .unwrap()
            .contains("a Windows host")
    );
    assert!(
        answer(alert, "What was installed or run?")
            .unwrap()
            .contains("gpupdate /force")
    );
}

#[test]
fn a_management_server_speaks_for_itself() {
    let site = Environment {
        admin_hosts: vec![Pattern::new("PAW*")],
        management_servers: vec![ManagementServer {
            host: Pattern::new("OSSIM*"),
            address: "10.1.0.50".parse().ok(),
            product: "OSSIM".to_owned(),
        }],
        ..Environment::default()
    };
    let snapshot = told(WORLD, &winexe(), &site);
    let alert = only(&snapshot, "winexe");
    assert_signals(alert, &["management-server"], &["unlisted-source"]);
    assert_eq!(alert.leaning, Leaning::Admin);
}

fn winexe() -> String {
    r#"
[[event]]
at = "2026-03-10T10:00:05Z"
kind = "winexe"
source = "LNX01"
target = "SRV-1"
account = "svc-ossim"
command_image = 'C:\Windows\System32\cmd.exe'
command_line = 'cmd /c hostname'
"#
    .to_owned()
}

#[test]
fn whether_linux_is_in_use_decides_about_winexe() {
    let with = |linux| Environment {
        linux,
        ..Environment::default()
    };
    let ask = "Does this site administer Windows from Linux?";
    let unknown = told(WORLD, &winexe(), &with(Answer::Unknown));
    let alert = only(&unknown, "winexe");
    assert_signals(alert, &[], &["linux-not-used", "linux-in-use"]);
    assert_eq!(answer(alert, ask), None);
    assert!(
        answer(alert, "From where")
            .unwrap()
            .contains("probably a Linux host")
    );

    let no = told(WORLD, &winexe(), &with(Answer::No));
    assert_signals(only(&no, "winexe"), &["linux-not-used"], &[]);
    let yes = told(WORLD, &winexe(), &with(Answer::Yes));
    assert_signals(only(&yes, "winexe"), &["linux-in-use"], &[]);
    assert_eq!(
        only(&no, "winexe").score - only(&yes, "winexe").score,
        40,
        "30 against and 10 for"
    );
}

#[test]
fn five_hosts_in_minutes_are_a_fan_out_unless_an_administrator_is_known() {
    let story: String = (1..=5)
        .map(|n| {
            psexec(
                &format!("2026-03-10T10:0{n}:00Z"),
                "WS-7",
                &format!("SRV-{n}"),
                "",
            )
        })
        .collect();
    let snapshot = told(WORLD, &story, &Environment::default());
    let uses = of_tool(&snapshot, "psexec");
    assert_eq!(uses.len(), 5);
    for alert in uses {
        assert_signals(alert, &["fan-out"], &[]);
        assert_eq!(alert.leaning, Leaning::Attacker);
    }
    let site = Environment {
        admin_accounts: vec![Pattern::new("adm.hansen")],
        ..Environment::default()
    };
    for alert in of_tool(&told(WORLD, &story, &site), "psexec") {
        assert_signals(alert, &["admin-account"], &["fan-out"]);
    }
}

#[test]
fn a_habit_of_days_and_a_job_of_hours_speak_for_an_administrator() {
    let mut story = START.to_owned();
    for (day, host) in [(10, "SRV-1"), (11, "SRV-2"), (12, "SRV-3"), (13, "SRV-4")] {
        story += &psexec(&format!("2026-03-{day}T10:07:00Z"), "ADM-1", host, "");
    }
    let snapshot = told(WORLD, &story, &Environment::default());
    let uses = of_tool(&snapshot, "psexec");
    assert_eq!(uses.len(), 4);
    assert_signals(
        uses[0],
        &["same-minute-job"],
        // Four hours of logs cannot tell a first use from a daily one.
        &["used-on-many-hosts-before", "first-use"],
    );
    assert_signals(
        uses[3],
        &["used-on-many-hosts-before", "same-minute-job"],
        &["first-use"],
    );
    assert!(
        answer(uses[3], "Is it usual")
            .unwrap()
            .contains("3 earlier uses on 3 hosts")
    );
}

#[test]
fn both_ends_are_one_use() {
    let story = psexec(
        "2026-03-10T10:00:00Z",
        "ADM-1",
        "SRV-1",
        "client_pid = 4312",
    );
    let snapshot = told(WORLD, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    let client = alert.client.as_ref().unwrap();
    assert_eq!(
        (client.host.as_deref(), client.pid, client.how),
        (Some("ADM-1"), Some(4312), How::ClientName)
    );
    assert!(client.image.as_deref().unwrap().ends_with("PsExec64.exe"));
    let clients: Vec<_> = alert
        .processes
        .iter()
        .filter(|process| process.role == Role::Client)
        .collect();
    assert_eq!(clients.len(), 1);
    assert!(clients[0].host.starts_with("ADM-1"));
    let parent = alert
        .processes
        .iter()
        .find(|process| Some(&process.key) == clients[0].parent.as_ref());
    assert!(
        parent
            .unwrap()
            .image
            .as_deref()
            .unwrap()
            .ends_with("explorer.exe")
    );
    assert!(
        alert
            .sightings
            .iter()
            .any(|sighting| sighting.event.host.starts_with("ADM-1")),
        "the client's traces belong to it"
    );
    assert!(
        !has_gap(alert, "source side was not seen"),
        "{:?}",
        alert.gaps
    );
}

#[test]
fn clocks_that_differ_by_minutes_do_not_part_the_ends() {
    let late = WORLD.replace("[hosts.SRV-1]\n", "[hosts.SRV-1]\nclock = \"+4m\"\n");
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(&late, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    assert!(alert.client.as_ref().unwrap().image.is_some());
    assert!(
        has_gap(alert, "runs 4 min ahead of that of ADM-1"),
        "{:?}",
        alert.gaps
    );
}

/// Only the System log of the target is there: nothing names the client.
fn bare_target() -> String {
    WORLD.replace("[hosts.SRV-1]\n", "[hosts.SRV-1]\nlogs = [\"System\"]\n")
}

#[test]
fn a_target_that_names_no_client_is_joined_by_the_clients_command_line() {
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "")
        + &psexec("2026-03-10T10:00:20Z", "ADM-1", "SRV-1", "");
    let snapshot = told(&bare_target(), &story, &Environment::default());
    let uses = of_tool(&snapshot, "psexec");
    assert_eq!(uses.len(), 2, "two uses, each with its client");
    for alert in &uses {
        let client = alert.client.as_ref().unwrap();
        assert_eq!(client.how, How::SameAccountSourceTime);
        assert!(alert.host.starts_with("SRV-1"));
        assert!(
            has_gap(alert, "no Security and no Sysmon log of SRV-1"),
            "{:?}",
            alert.gaps
        );
    }
    let pids: Vec<_> = uses
        .iter()
        .map(|alert| alert.client.as_ref().unwrap().pid)
        .collect();
    assert_ne!(pids[0], pids[1]);
}

#[test]
fn a_client_whose_target_is_not_loaded_stays_an_alert_of_its_own() {
    let world = WORLD.replace("[hosts.SRV-1]\n", "[hosts.SRV-1]\nlogs = []\n");
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(&world, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    assert!(alert.host.starts_with("ADM-1"));
    assert!(alert.title.contains("towards SRV-1"), "{}", alert.title);
    assert!(
        has_gap(alert, "no logs of SRV-1 are loaded"),
        "{:?}",
        alert.gaps
    );
}

#[test]
fn a_source_that_was_not_collected_is_a_gap() {
    let world = WORLD.replace("[hosts.ADM-1]\n", "[hosts.ADM-1]\nlogs = []\n");
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(&world, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    assert!(
        has_gap(
            alert,
            "no logs of ADM-1 (10.1.0.1) are loaded: the source side was not seen"
        ),
        "{:?}",
        alert.gaps
    );
}

#[test]
fn wmi_is_seen_from_both_ends() {
    let story = r#"
[[event]]
at = "2026-03-10T09:00:00Z"
kind = "connect"
host = "ADM-1"
process = "explorer"
peer = "10.1.0.10"
port = 443
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "process"
host = "ADM-1"
parent = "explorer"
image = 'C:\Windows\System32\wbem\WMIC.exe'
command_line = 'wmic /node:SRV-1 process call create "cmd.exe /c ipconfig /all"'
pid = 7992
lasts = "2s"
[[event]]
at = "+700ms"
kind = "wmi-process"
source = "ADM-1"
target = "SRV-1"
account = "adm.hansen"
command_image = 'C:\Windows\System32\cmd.exe'
command_line = 'cmd.exe /c ipconfig /all'
"#;
    let snapshot = told(WORLD, story, &Environment::default());
    let alert = only(&snapshot, "session-zero");
    let client = alert.client.as_ref().unwrap();
    assert_eq!(client.pid, Some(7992));
    assert!(alert.title.contains("through WMI"), "{}", alert.title);
    assert_signals(
        alert,
        &["own-workstation", "discovery"],
        &["discovery-burst"],
    );
    assert!(
        of_tool(&snapshot, "windows-remoting").is_empty(),
        "one use, one alert"
    );
}

#[test]
fn policies_that_hide_are_named() {
    let world = WORLD.replace(
        "[hosts.SRV-1]\n",
        "[hosts.SRV-1]\nsysmon = \"none\"\nlogs = [\"Security\", \"System\"]\n\
         without = [\"security-4688\", \"security-4689\", \"security-5145\", \"security-4697\"]\n",
    );
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "");
    let snapshot = told(&world, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    for words in [
        "no Sysmon log of SRV-1",
        "neither 4688 nor Sysmon 1",
        "neither 5145 nor Sysmon 17 or 18",
        "no 4697",
    ] {
        assert!(has_gap(alert, words), "{words}: {:?}", alert.gaps);
    }
}

#[test]
fn missing_records_near_by_are_counted() {
    let story = psexec("2026-03-10T10:00:00Z", "ADM-1", "SRV-1", "")
        + r#"
[[event]]
at = "2026-03-10T10:20:00Z"
kind = "any"
host = "SRV-1"
provider = "EventLog"
channel = "System"
id = 6013
style = "classic"
data = ["", "86400"]
record = 9000
"#;
    let world = WORLD.replace(
        "[hosts.SRV-1]\n",
        "[hosts.SRV-1]\nrecords = { System = 100 }\n",
    );
    let snapshot = told(&world, &story, &Environment::default());
    let alert = only(&snapshot, "psexec");
    assert!(
        has_gap(alert, "of the System log of SRV-1") && has_gap(alert, "are missing between"),
        "{:?}",
        alert.gaps
    );
}

#[test]
fn an_intruders_deeds_weigh_more_than_an_administrators_name() {
    let story = psexec(
        "2026-03-10T10:00:00Z",
        "WS-7",
        "SRV-1",
        "as = \"run\"\nservice = \"wuausvc2\"\npackage = \"NTLM\"\nclient_image = 'C:\\Users\\Public\\p.exe'\n",
    ) + r#"
[[event]]
at = "2026-03-10T10:00:01Z"
kind = "process"
host = "SRV-1"
parent = "run.child"
image = 'C:\Windows\System32\reg.exe'
command_line = 'reg save HKLM\SAM C:\Windows\Temp\s'
[[event]]
at = "2026-03-10T10:30:00Z"
kind = "log-cleared"
host = "SRV-1"
channel = "System"
"#;
    let site = Environment {
        admin_accounts: vec![Pattern::new("adm.hansen")],
        ..Environment::default()
    };
    let snapshot = told(WORLD, &story, &site);
    let alert = only(&snapshot, "psexec");
    assert_signals(
        alert,
        &[
            "admin-account",
            "renamed-service",
            "renamed-client",
            "client-in-odd-folder",
            "credential-access",
            "log-cleared",
            "other-credentials",
        ],
        &["own-workstation"],
    );
    assert_eq!(alert.severity, Severity::Critical);
    assert!(has_gap(alert, "was cleared at 2026-03-10 10:30:00 UTC"));
}
