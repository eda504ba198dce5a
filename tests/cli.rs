//! The command line as a script or an analyst in a hurry meets it, on the bundled evening.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A user with an empty home.
struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        Desk {
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualuse"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("DUALUSE_AUTHOR", "ana@desk")
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Runs and expects an exit code; answers standard output.
    fn says(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}\n{output:#?}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs, expects an error and that nothing goes to standard output; answers the message.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{output:#?}");
        assert!(output.stdout.is_empty(), "{output:#?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn scan(&self, evidence: &str) -> Value {
        serde_json::from_str(&self.says(1, &["scan", evidence, "--format", "json"])).unwrap()
    }

    /// The id of the first alert of a tool.
    fn alert_of(&self, tool: &str) -> String {
        let scan = self.scan(LOGS);
        let alerts = scan["alerts"].as_array().unwrap();
        let alert = alerts.iter().find(|alert| alert["tool"] == tool).unwrap();
        alert["id"].as_str().unwrap().to_owned()
    }
}

/// One workstation of the bundled evening, on which both winexe and PsExec were used.
const LOGS: &str = "testdata/logs/WS-1017";

/// Every byte under a folder, to see that evidence stays as it was.
fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn scan_prints_the_contract() {
    let desk = Desk::new();
    let scan = desk.scan(LOGS);
    assert_eq!(scan["schema"], "dualuse.scan/1");
    assert_eq!(scan["tool"]["name"], "dualuse");
    let source = &scan["sources"][0];
    for key in [
        "path",
        "kind",
        "bytes",
        "sha256",
        "events",
        "first_time",
        "last_time",
        "damage",
    ] {
        assert!(source.get(key).is_some(), "sources lack {key}");
    }
    assert_eq!(source["sha256"], Value::Null, "hashes only when asked for");
    for key in ["events", "first_time", "last_time", "hosts", "duplicates"] {
        assert!(scan["timeline"].get(key).is_some(), "timeline lacks {key}");
    }
    for alert in scan["alerts"].as_array().unwrap() {
        for key in [
            "id",
            "tool",
            "certainty",
            "severity",
            "leaning",
            "score",
            "title",
            "host",
            "first_time",
            "last_time",
            "account",
            "logon",
            "session_id",
            "service",
            "client",
            "processes",
            "sightings",
            "signals",
            "questions",
            "gaps",
            "triage",
        ] {
            assert!(alert.get(key).is_some(), "alerts lack {key}");
        }
        let triage = &alert["triage"];
        assert_eq!(triage["state"], "new");
        for key in ["disposition", "author", "time", "note"] {
            assert_eq!(triage[key], Value::Null, "triage.{key}");
        }
    }
}

#[test]
fn lines_and_table_hold_the_same_alerts_and_hashes_come_on_demand() {
    let desk = Desk::new();
    let scan: Value =
        serde_json::from_str(&desk.says(1, &["scan", LOGS, "--hash", "--format", "json"])).unwrap();
    assert_eq!(scan["sources"][0]["sha256"].as_str().unwrap().len(), 64);
    let count = scan["alerts"].as_array().unwrap().len();
    assert_eq!(
        desk.says(1, &["scan", LOGS, "--format", "jsonl"])
            .lines()
            .count(),
        count
    );
    assert_eq!(
        desk.says(1, &["scan", LOGS, "--format", "csv"])
            .lines()
            .count(),
        count + 1
    );
}

#[test]
fn text_is_plain_where_nobody_watches() {
    let desk = Desk::new();
    let text = desk.says(1, &["scan", LOGS]);
    assert!(text.contains("winexe"), "{text}");
    assert!(!text.contains('\u{1b}'));
    let mut forced = desk.command(&["scan", LOGS]);
    let forced = forced.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stdout.contains(&0x1b));
    let mut silenced = desk.command(&["scan", LOGS]);
    let silenced = silenced
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!silenced.stdout.contains(&0x1b));
}

#[test]
fn without_a_terminal_the_program_scans() {
    let desk = Desk::new();
    assert_eq!(desk.says(1, &[LOGS]), desk.says(1, &["scan", LOGS]));
}

#[test]
fn unreadable_evidence_is_named_and_the_rest_goes_on() {
    let desk = Desk::new();
    let folder = desk.path("evidence");
    fs::create_dir(&folder).unwrap();
    let name = folder.to_str().unwrap();
    assert!(desk.fails(&["scan", name]).contains("no event log there"));
    assert!(desk.fails(&["scan", "/nowhere"]).contains("/nowhere"));

    fs::write(folder.join("notes.evtx"), "this is no event log").unwrap();
    assert!(
        desk.fails(&["scan", name])
            .contains("notes.evtx: not an event log")
    );

    let log = fs::read("testdata/logs/FS01/System.evtx").unwrap();
    fs::write(folder.join("System.evtx"), &log).unwrap();
    let output = desk.run(&["scan", name, "--format", "json"]);
    assert_eq!(output.status.code(), Some(3), "{output:#?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("notes.evtx: not an event log"));
    let scan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(scan["timeline"]["events"].as_u64().unwrap() > 0);

    fs::write(folder.join("notes.evtx"), &log[..log.len() - 30_000]).unwrap();
    let output = desk.run(&["scan", name]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "a log cut off in the middle is damage: {output:#?}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    let mut child = desk
        .command(&["scan", LOGS, "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{output:#?}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_decision_from_the_command_line_is_in_every_later_report() {
    let desk = Desk::new();
    let before = content(Path::new(LOGS));
    let alert = desk.alert_of("winexe");
    let decide = |more: &[&str]| {
        let mut arguments = vec![
            "triage",
            "decide",
            LOGS,
            "--alert",
            &alert,
            "--as",
            "escalated",
        ];
        arguments.extend(more);
        desk.run(&arguments)
    };
    let refused = decide(&["--set", "severity=dreadful"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:#?}");
    let said = String::from_utf8(refused.stdout).unwrap();
    for field in ["escalated_to", "why", "severity", "next_owner"] {
        assert!(
            said.contains(&format!("\n  {field}: ")),
            "{field} is not named in {said}"
        );
    }
    let saved = decide(&[
        "--set",
        "escalated_to=IR",
        "--set",
        "why=unknown roll-out",
        "--set",
        "severity=high",
        "--set",
        "next_owner=Kim",
    ]);
    assert_eq!(saved.status.code(), Some(0), "{saved:#?}");
    desk.says(
        0,
        &[
            "triage",
            "note",
            LOGS,
            "--alert",
            &alert,
            "--text",
            "Called the owner.\n\n**No answer.**",
        ],
    );

    let scan = desk.scan(LOGS);
    let found = scan["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["id"] == *alert)
        .unwrap();
    assert_eq!(found["triage"]["disposition"], "escalated");
    assert_eq!(found["triage"]["author"], "ana@desk");
    assert_eq!(
        found["triage"]["note"],
        "Called the owner.\n\n**No answer.**"
    );

    let note = desk.path("note.md");
    desk.says(0, &["export", LOGS, "-o", note.to_str().unwrap()]);
    let note = fs::read_to_string(note).unwrap();
    assert!(
        note.contains("## Escalated") && note.contains("> **No answer.**"),
        "{note}"
    );
    assert_eq!(
        note,
        desk.says(0, &["export", LOGS]),
        "a report is the same wherever it goes"
    );

    let list = desk.says(0, &["triage", "list", LOGS]);
    assert!(
        list.lines()
            .any(|line| line.starts_with(&alert) && line.contains("escalated")),
        "{list}"
    );
    desk.says(0, &["triage", "undo", LOGS]);
    desk.says(0, &["triage", "undo", LOGS]);
    assert!(
        desk.fails(&["triage", "undo", LOGS])
            .contains("nothing to undo")
    );
    desk.says(0, &["triage", "redo", LOGS]);
    let case = desk.says(0, &["case", "path", LOGS]);
    let verified = desk.says(0, &["case", "verify", case.trim()]);
    assert!(verified.contains("whole, 7 entries"), "{verified}");
    assert!(
        desk.says(0, &["case", "show", case.trim()])
            .contains("Called the owner")
    );
    assert!(case.trim().starts_with(desk.home.path().to_str().unwrap()));
    assert_eq!(content(Path::new(LOGS)), before, "evidence stays as it was");
}

#[test]
fn scripts_decide_in_json_and_are_answered_line_by_line() {
    let desk = Desk::new();
    let (winexe, psexec) = (desk.alert_of("winexe"), desk.alert_of("psexec"));
    let orders = desk.path("decisions.json");
    fs::write(
        &orders,
        format!(
            r#"{{"alert": "{winexe}", "transition": "needs-info", "fields": {{"question": "Was it you?", "asked": "OSSEC team", "due": "2026-03-12"}}}}
               {{"alert": "{psexec}", "transition": "admin-attributed", "cite": ["all"]}}
               {{"alert": "nowhere", "transition": "escalated"}}
               {{"alert": "{psexec}", "transition": "ignored", "cite": ["System/0"]}}
               {{"alert": "{psexec}", "transition": "in-progress"}}"#
        ),
    )
    .unwrap();
    let said = desk.says(
        1,
        &["triage", "decide", LOGS, "--json", orders.to_str().unwrap()],
    );
    let answers: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers[0]["state"], "needs-info");
    assert_eq!(answers[0]["saved"].as_str().unwrap().len(), 64);
    assert_eq!(answers[1]["saved"], Value::Null);
    let missing: Vec<&str> = answers[1]["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].as_str().unwrap())
        .collect();
    assert_eq!(missing[..3], ["attributed_to", "basis", "ticket"]);
    // What is wrong in one order does not hold up those after it.
    assert_eq!(answers[2]["refused"][0]["field"], "alert");
    assert_eq!(answers[2]["state"], Value::Null);
    assert_eq!(answers[3]["refused"][0]["field"], "transition");
    assert_eq!(answers[3]["refused"][1]["field"], "cite");
    assert_eq!(answers[4]["state"], "in-progress");

    fs::write(
        &orders,
        r#"[{"alert": "x", "transition": "escalated", "colour": "red"}]"#,
    )
    .unwrap();
    let said = desk.fails(&["triage", "decide", LOGS, "--json", orders.to_str().unwrap()]);
    assert!(said.contains("unknown field `colour`"), "{said}");
}

#[test]
fn nothing_is_written_into_evidence() {
    let desk = Desk::new();
    let folder = desk.path("evidence");
    fs::create_dir(&folder).unwrap();
    fs::copy("testdata/logs/FS01/System.evtx", folder.join("System.evtx")).unwrap();
    let before = content(&folder);
    let evidence = folder.to_str().unwrap();
    let inside = folder.join("out").to_str().unwrap().to_owned();
    let log = folder.join("System.evtx").to_str().unwrap().to_owned();
    for arguments in [
        vec!["export", evidence, "-o", &inside],
        vec!["export", &log, "-o", &log],
        vec![
            "triage", "note", evidence, "--alert", "x", "--text", "x", "--case", &inside,
        ],
    ] {
        let said = desk.fails(&arguments);
        assert!(said.contains("lies in the evidence"), "{said}");
    }
    assert_eq!(content(&folder), before);
}

#[test]
fn a_named_case_must_be_one() {
    let desk = Desk::new();
    let missing = desk.path("missing").to_str().unwrap().to_owned();
    assert!(
        desk.fails(&["export", LOGS, "--case", &missing])
            .contains("no such case")
    );
    assert!(
        desk.fails(&["scan", LOGS, "--case", &missing])
            .contains("no such case")
    );
    assert!(
        desk.fails(&["case", "verify", &missing])
            .contains("no such case")
    );
    assert!(
        !Path::new(&missing).exists(),
        "asking for a case makes none"
    );
    assert!(
        desk.fails(&["case", "show", "Cargo.toml"])
            .contains("not a dualuse case")
    );
}

#[test]
fn the_site_profile_can_be_printed_checked_and_found() {
    let desk = Desk::new();
    let template = desk.says(0, &["config", "template"]);
    let path = desk.says(0, &["config", "path"]);
    let path = Path::new(path.trim());
    assert!(path.starts_with(desk.home.path()));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, template).unwrap();
    assert!(desk.says(0, &["config", "check"]).contains("right"));
    fs::write(path, "linux = 3\ncolour = 1\n").unwrap();
    let said = desk.fails(&["config", "check"]);
    assert!(said.contains("line 1") && said.contains("line 2"), "{said}");
    assert!(
        desk.fails(&["scan", LOGS]).contains("line 1"),
        "a wrong profile is never half used"
    );
}

#[test]
#[cfg(feature = "tui")]
fn keys_and_colours_are_changed_in_files_of_ones_own() {
    let desk = Desk::new();
    for kind in ["interface", "keys", "theme"] {
        let template = desk.says(0, &["config", "template", kind]);
        let path = desk.says(0, &["config", "path", kind]);
        let path = Path::new(path.trim());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, template).unwrap();
    }
    let said = desk.says(0, &["config", "check"]);
    assert_eq!(said.matches("right").count(), 3, "{said}");
    let settings = desk.says(0, &["config", "path", "interface"]);
    assert!(
        settings.trim().ends_with("dualuse/config.toml"),
        "{settings}"
    );
    fs::write(
        settings.trim(),
        "mouse = 1\ntheme = \"dark\"\nfont = \"Courier\"\n",
    )
    .unwrap();
    let said = String::from_utf8(desk.run(&["config", "check"]).stderr).unwrap();
    assert!(
        said.contains("line 1, column 9: mouse must be true or false")
            && said.contains("line 3, column 1: no such key in the settings"),
        "{said}"
    );
    fs::remove_file(settings.trim()).unwrap();
    let keys = desk.says(0, &["config", "path", "keys"]);
    fs::write(
        keys.trim(),
        "[normal]\n\"z\" = \"triage\"\n\"o\" = \"triag\"\n\"p\" = 3\n",
    )
    .unwrap();
    let said = desk.fails(&["config", "check", "--kind", "keys", keys.trim()]);
    assert!(
        said.contains("line 3: there is no command `triag`; did you mean `triage`?")
            && said.contains("line 4"),
        "{said}"
    );
    // each file is checked, whatever is wrong with another
    let both = desk.run(&["config", "check"]);
    assert_eq!(both.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&both.stdout).contains("mine.toml: right"));
    assert!(String::from_utf8_lossy(&both.stderr).contains("line 3"));
    assert!(desk.fails(&["keys"]).contains("line 3"));
    fs::write(keys.trim(), "[normal]\n\"z\" = \"triage\"\n").unwrap();
    assert!(desk.says(0, &["keys"]).contains("t, z"));
    assert!(!desk.says(0, &["keys", "--default"]).contains("t, z"));
}

#[test]
#[cfg(feature = "tui")]
fn the_readme_and_the_manual_list_the_keys_there_are() {
    let desk = Desk::new();
    let table = desk.says(0, &["keys", "--default", "--markdown"]);
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let marked = readme
        .split("<!-- keys: made by `dualuse keys --default --markdown` -->\n")
        .nth(1)
        .and_then(|rest| rest.split("<!-- end of keys -->").next());
    assert_eq!(
        marked.map(str::trim),
        Some(table.trim()),
        "put the output of `dualuse keys --default --markdown` between the markers of README.md"
    );
    let manual = desk.says(0, &["man"]);
    assert!(manual.contains(".SH KEYS"));
    assert!(manual.contains("Decide on the alert under the cursor"));
}

#[test]
fn the_program_explains_itself() {
    let desk = Desk::new();
    assert!(desk.says(0, &["catalog", "list"]).contains("winexe"));
    assert!(
        desk.says(0, &["catalog", "explain", "psexec"])
            .contains("service")
    );
    assert!(
        desk.fails(&["catalog", "explain", "nothing"])
            .contains("no such tool")
    );
    for command in [
        "triage undo",
        "triage ask",
        "known edit",
        "case show",
        "config check",
        "man",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        assert!(desk.says(0, &words).contains("Exit code: 0"), "{command}");
    }
    assert!(desk.says(0, &["man", "known"]).contains("Exit code: 0"));
    assert!(desk.says(0, &["completions", "bash"]).contains("dualuse"));
    assert!(desk.says(0, &["man"]).starts_with(".ie"));
    assert!(desk.says(0, &["man", "scan"]).contains("dualuse\\-scan"));
    assert!(
        desk.says(0, &["triage", "form", "escalated"])
            .contains("next_owner")
    );
    let forms: Value = serde_json::from_str(&desk.says(0, &["triage", "form", "--json"])).unwrap();
    assert_eq!(forms.as_array().unwrap().len(), 10);
    assert!(desk.says(0, &["--help"]).contains("Examples:"));
}

/// Closes an alert as an administrator's, whatever speaks against it.
fn attribute(desk: &Desk, alert: &str) {
    let shown: Value =
        serde_json::from_str(&desk.says(0, &["triage", "show", LOGS, "--alert", alert, "--json"]))
            .unwrap();
    let flags = shown["red_flags"].as_array().unwrap();
    let flags: Vec<String> = flags
        .iter()
        .map(|flag| format!("--acknowledge={}=seen", flag["id"].as_str().unwrap()))
        .collect();
    let mut arguments = vec![
        "triage",
        "decide",
        LOGS,
        "--alert",
        alert,
        "--as",
        "admin-attributed",
        "--set",
        "attributed_to=Client team",
        "--set",
        "basis=change-ticket",
        "--set",
        "ticket=CHG-1042",
        "--cite",
        "all",
    ];
    arguments.extend(flags.iter().map(String::as_str));
    desk.says(0, &arguments);
}

#[test]
fn a_rule_is_made_listed_shared_and_revoked() {
    let desk = Desk::new();
    let alert = desk.alert_of("winexe");
    let add = |code: i32, more: &[&str]| {
        let base = ["known", "add", LOGS, "--alert", &alert];
        desk.says(code, &[&base, more].concat())
    };
    let refused = add(1, &["--set", "expires=2027-01-01"]);
    assert!(
        refused.contains("name:") && refused.contains("reason:"),
        "{refused}"
    );
    let full = [
        "--set",
        "name=agent roll-out",
        "--set",
        "reason=CHG-1042",
        "--set",
        "expires=2027-01-01",
        "--accept",
        "source-not-seen=Linux",
    ];
    assert!(add(1, &full).contains("made from a verdict"));
    attribute(&desk, &alert);
    add(0, &full);
    let rules = || -> Value {
        serde_json::from_str(&desk.says(0, &["known", "list", LOGS, "--json"])).unwrap()
    };
    let listed = rules();
    assert!(
        listed[0]["alerts"]
            .as_array()
            .unwrap()
            .contains(&alert.as_str().into())
    );
    let id = listed[0]["id"]
        .as_str()
        .unwrap()
        .get(..12)
        .unwrap()
        .to_owned();
    desk.says(
        0,
        &[
            "known",
            "edit",
            LOGS,
            "--rule",
            &id,
            "--set",
            "name=roll-out",
        ],
    );
    let toml = desk.says(0, &["known", "export", LOGS]);
    assert!(toml.contains("roll-out"), "{toml}");
    let file = desk.path("rules.toml");
    fs::write(&file, toml).unwrap();
    let other = desk.path("other.dualuse-case");
    let other = other.to_str().unwrap();
    let import = [
        "known",
        "import",
        "--case",
        other,
        "--file",
        file.to_str().unwrap(),
    ];
    assert!(desk.says(0, &import).contains("1 rules taken in"));
    assert!(desk.says(0, &import).contains("0 rules taken in"));
    let id = rules()[0]["id"].as_str().unwrap().to_owned();
    desk.says(
        0,
        &["known", "revoke", LOGS, "--rule", &id, "--reason", "over"],
    );
    assert_eq!(rules()[0]["standing"], "revoked");
    assert!(
        desk.fails(&["known", "revoke", LOGS, "--rule", &id, "--reason", "x"])
            .contains("known list")
    );
}

#[test]
fn two_cases_become_one_with_their_conflict() {
    let desk = Desk::new();
    let alert = desk.alert_of("winexe");
    let [left, right, united] = ["left", "right", "united"].map(|name| desk.path(name));
    let [left, right, united] = [&left, &right, &united].map(|path| path.to_str().unwrap());
    let decide = |case: &str, transition: &str, fields: &[&str]| {
        let mut arguments = vec![
            "triage", "decide", LOGS, "--case", case, "--alert", &alert, "--as", transition,
        ];
        arguments.extend(fields.iter().flat_map(|field| ["--set", field]));
        desk.says(0, &arguments);
    };
    decide(left, "false-positive", &["cause=name-collision"]);
    decide(
        right,
        "undetermined",
        &["missing=source logs", "tried=asked"],
    );
    let merge = ["case", "merge", left, right, "-o", united, "--json"];
    let merged: Value = serde_json::from_str(&desk.says(1, &merge)).unwrap();
    assert_eq!(
        merged["conflicts"][0]["verdicts"].as_array().unwrap().len(),
        2
    );
    assert!(desk.fails(&merge).contains("name a new one"));
    desk.says(0, &["case", "verify", united, "--evidence", LOGS]);
    let elsewhere = desk.says(
        1,
        &["case", "verify", united, "--evidence", "testdata/logs/FS01"],
    );
    assert!(elsewhere.contains("MISSING"), "{elsewhere}");
    let shown = desk.says(0, &["case", "show", united]);
    assert!(
        shown.contains("evidence: ") && shown.contains("Security.evtx"),
        "{shown}"
    );
}

#[test]
fn the_owner_is_asked_and_the_answer_becomes_the_basis() {
    let desk = Desk::new();
    let alert = desk.alert_of("winexe");
    let message = desk.says(
        0,
        &[
            "triage",
            "ask",
            LOGS,
            "--alert",
            &alert,
            "--whom",
            "Monitoring team",
            "--due",
            "2026-03-12",
            "--channel",
            "phone",
            "--zone",
            "Europe/Oslo",
        ],
    );
    assert!(
        message.contains("Hello Monitoring team") && message.contains("Europe/Oslo"),
        "{message}"
    );
    let answered = desk.says(
        1,
        &[
            "triage",
            "decide",
            LOGS,
            "--alert",
            &alert,
            "--answer",
            "yes, the roll-out",
            "--set",
            "ticket=CHG-1042",
            "--cite",
            "all",
        ],
    );
    assert!(
        !answered.contains("confirmed_by") && !answered.contains("channel:"),
        "{answered}"
    );
    let due = desk.says(0, &["triage", "show", LOGS, "--alert", &alert]);
    assert!(due.contains("needs-info"), "{due}");
}

#[test]
fn the_page_and_the_timesketch_files_are_written() {
    let desk = Desk::new();
    let write = |name: &str, format: &str| {
        let path = desk.path(name);
        desk.says(
            0,
            &[
                "export",
                LOGS,
                "--format",
                format,
                "-o",
                path.to_str().unwrap(),
            ],
        );
        fs::read_to_string(path).unwrap()
    };
    let page = write("a.html", "html");
    assert!(
        page.contains("<svg")
            && !page.contains("<script")
            && !page.contains("<link")
            && !page.contains("src="),
        "no page"
    );
    let lines = write("a.jsonl", "timesketch");
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["timestamp"].is_i64());
    assert!(lines.contains("event_data_json\":\"{"), "no record data");
    assert!(write("a.csv", "timesketch").starts_with("message,datetime,timestamp,"));
    let wrong = desk.path("a.txt");
    let wrong = [
        "export",
        LOGS,
        "--format",
        "timesketch",
        "-o",
        wrong.to_str().unwrap(),
    ];
    assert!(desk.fails(&wrong).contains(".csv or .jsonl"));
}

#[test]
fn without_evidence_the_bundled_logs_are_read_in_a_checkout_and_nothing_elsewhere() {
    let desk = Desk::new();
    let bundled = desk.command(&[]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(bundled.status.code(), Some(1));
    assert!(
        String::from_utf8(bundled.stderr)
            .unwrap()
            .contains("bundled logs")
    );
    let mut elsewhere = desk.command(&[]);
    let elsewhere = elsewhere.current_dir(desk.home.path()).output().unwrap();
    assert_eq!(elsewhere.status.code(), Some(2));
    assert!(
        String::from_utf8(elsewhere.stderr)
            .unwrap()
            .contains("dualuse logs/")
    );
}

#[cfg(feature = "tui")]
#[test]
fn the_keys_are_printed_from_the_keymap_in_use() {
    let desk = Desk::new();
    let keys: Value = serde_json::from_str(&desk.says(0, &["keys", "--json"])).unwrap();
    let with_keys = |command: &Value| !command["keys"].as_array().unwrap().is_empty();
    assert!(
        keys.as_array()
            .unwrap()
            .iter()
            .filter(|command| with_keys(command))
            .count()
            > 20
    );
}
