//! What is found in logs whose every event is known: the tools by what they leave, and the services
//! of ordinary fleets, on which nothing may cry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fmt::Write as _;
use std::sync::LazyLock;

use dualuse::detect::{self, Artefact, Catalog, Certainty, ToolKind};
use dualuse::environment::Environment;
use dualuse::timeline::{Timeline, load};

/// A host with every log, an administrator, and events from 2026-03-10 on.
const WORLD: &str = r#"
title = "test"
start = "2026-03-10T08:00:00Z"
[hosts.DC01]
ip = "10.20.0.10"
boot = "2026-03-01T03:00:00Z"
[hosts.SRV01]
ip = "10.20.0.31"
boot = "2026-03-01T04:00:00Z"
sysmon = "23"
[hosts.ADM01]
ip = "10.20.9.13"
boot = "2026-03-01T05:00:00Z"
[accounts."adm.berg"]
sid = "1109"
admin = true
"#;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::built_in().unwrap());

/// Loads the logs of a scenario.
fn timeline(events: &str) -> Timeline {
    let folder = tempfile::tempdir().unwrap();
    forge::scenario::from_text(&format!("{WORLD}{events}"))
        .unwrap()
        .write_to(folder.path())
        .unwrap();
    load::load(
        &[folder.path().to_owned()],
        load::Options::default(),
        &load::Progress::default(),
    )
}

/// (tool, artefact, certainty, event id) of every sighting.
fn sightings(timeline: &Timeline) -> Vec<(String, Artefact, Certainty, u32)> {
    let catalog = &*CATALOG;
    detect::find(timeline, catalog)
        .into_iter()
        .map(|sighting| {
            let event = timeline.event(sighting.event).unwrap();
            let tool = catalog.tool(sighting.tool).unwrap();
            (
                tool.id.clone(),
                sighting.artefact,
                sighting.certainty,
                event.kind.event_id,
            )
        })
        .collect()
}

/// One installation, an hour's minute each: `(service, display, image)`.
fn installations(services: &[(&str, &str, &str)]) -> String {
    let mut text = String::new();
    for (minute, (service, display, image)) in services.iter().enumerate() {
        let (hour, minute) = (9 + minute / 60, minute % 60);
        write!(
            text,
            "[[event]]\nat = \"2026-03-10T{hour:02}:{minute:02}:00Z\"\nkind = \"service-installed\"\nhost = \"SRV01\"\n\
             service = '''{service}'''\ndisplay = '''{display}'''\nimage = '''{image}'''\n"
        )
        .unwrap();
    }
    text
}

#[test]
fn a_service_is_known_by_the_process_id_of_services_exe_where_4688_names_no_parent() {
    let started = |at: &str, parent: &str, image: &str| {
        format!(
            "[[event]]\nat = \"2026-03-10T{at}:00Z\"\nkind = \"process\"\nhost = \"SRV01\"\nparent = \"{parent}\"\n\
             logon = \"logon-system\"\nimage = '{image}'\ncommand_line = '{image}'\n"
        )
    };
    let file = |channel: &str, reach: &str| {
        format!(
            "[[file]]\npath = \"{channel}.evtx\"\nhosts = [\"SRV01\"]\nchannels = [\"{channel}\"]\n{reach}\n"
        )
    };
    let security = |reach: &str| file("Security", reach);
    let begins_late = security("from = \"2026-03-10T09:00:00Z\"");
    let sysmon = file(
        "Sysmon",
        "from = \"2026-03-10T08:20:00Z\"\nto = \"2026-03-10T09:00:00Z\"",
    );
    let is_found = |files: &str| {
        let events = [
            "[hosts.SRV01.layouts]\nsecurity-4688 = \"9\"\n",
            files,
            &started("08:10", "wininit", r"C:\Windows\System32\services.exe"),
            "as = \"manager\"\n",
            &started("08:30", "manager", r"C:\Windows\System32\svchost.exe"),
            &started("10:00", "manager", r"C:\Users\Public\upd.exe"),
        ];
        let found = sightings(&timeline(&events.concat()));
        found.iter().any(|(tool, artefact, _, id)| {
            tool == "remote-service" && *artefact == Artefact::ServiceProcess && *id == 4688
        })
    };
    assert!(is_found(&security("")), "services.exe was seen starting");
    assert!(!is_found(&begins_late), "nothing names services.exe");
    assert!(
        is_found(&format!("{begins_late}{sysmon}")),
        "Sysmon named it as a parent before"
    );
}

#[test]
fn each_tool_is_told_by_its_installation_in_every_log() {
    let tchopper = "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAA4fug4AtAnNIbgBTM0hVGhpcyBwcm9n";
    let wanted = [
        (
            "psexec",
            "PSEXESVC",
            "PSEXESVC",
            r"%SystemRoot%\PSEXESVC.exe",
        ),
        (
            "psexec",
            "wuausvc2",
            "wuausvc2",
            r"%SystemRoot%\wuausvc2.exe",
        ),
        ("winexe", "winexesvc", "winexesvc", "winexesvc.exe"),
        (
            "paexec",
            "PAExec-4120-ADM01",
            "PAExec-4120-ADM01",
            r"%SYSTEMROOT%\PAExec-4120-ADM01.exe -service",
        ),
        (
            "paexec",
            "PAExec-31337-build01",
            "PAExec-31337-build01",
            r#""%SystemRoot%\PAExec-31337-build01.exe" -service"#,
        ),
        (
            "remcom",
            "RemComSvc",
            "RemCom Service",
            r"%SystemRoot%\system32\RemComSvc.exe",
        ),
        ("csexec", "csexecsvc", "CSExec Service", "csexecsvc.exe"),
        (
            "xcmd",
            "xCmdSvc",
            "xCmd Service",
            r"%SystemRoot%\system32\xCmdSvc.exe",
        ),
        (
            "hpcmd",
            "HPCmdService",
            "HPCmdService",
            r"C:\Windows\System32\HPCmdSvc.exe",
        ),
        (
            "impacket-psexec",
            "AbCd",
            "AbCd",
            r"%systemroot%\kLmNoPqR.exe",
        ),
        (
            "metasploit-psexec",
            "QwErTyUi",
            "QwErTyUiOpAsDfGh",
            r"%SYSTEMROOT%\AsDfGhJk.exe",
        ),
        (
            "metasploit-psexec",
            "hello",
            "hello",
            r"%COMSPEC% /b /c start /b /min powershell.exe -nop -w hidden -noni -c x",
        ),
        (
            "smbexec",
            "BTOBTO",
            "BTOBTO",
            r"%COMSPEC% /Q /c echo cd  ^> \\127.0.0.1\C$\__output 2^>^&1 > %TEMP%\execute.bat & %COMSPEC% /Q /c %TEMP%\execute.bat",
        ),
        (
            "cobalt-strike",
            "a1b2c3d",
            "a1b2c3d",
            r"\\127.0.0.1\ADMIN$\a1b2c3d.exe",
        ),
        (
            "sliver",
            "Sliver",
            "Sliver",
            r"c:\windows\temp\ZFF-1sDwk_2f.exe",
        ),
        (
            "empire",
            "Updater",
            "QWERTYUIOPASDFGHJKLZ",
            r"%COMSPEC% /C start /b C:\Windows\System32\WindowsPowerShell\v1.0\powershell -noP -sta -w 1 -enc SQBG",
        ),
        (
            "covenant",
            "Cyb3rWard0g",
            "OTR",
            r"C:\ProgramData\GruntHTTP.exe",
        ),
        (
            "tchopper",
            "seg243",
            tchopper,
            r#"%COMSPEC% /Q /c powershell -command "Get-Service "seg243" | select -Expand DisplayName |out-file -append tmp_payload.txt""#,
        ),
        (
            "getsystem",
            "msdhch",
            "msdhch",
            r"cmd.exe /c echo msdhch > \\.\pipe\msdhch",
        ),
        ("remote-service", "spoolsv", "spoolsv", "cmd.exe"),
        ("remote-service", "upd", "upd", r"C:\Users\Public\upd.exe"),
        (
            "pdq",
            "PDQDeployRunner-1",
            "PDQDeployRunner-1",
            r"%SystemRoot%\AdminArsenal\PDQDeployRunner\service-1\PDQDeployRunner-1.exe",
        ),
        (
            "nessus",
            "tenable_mw_scan_0123456789abcdef0123456789abcdef",
            "tenable_mw_scan_0123456789abcdef0123456789abcdef",
            r"C:\Windows\tenable_mw_scan_0123456789abcdef0123456789abcdef.exe",
        ),
        (
            "remote-support",
            "TeamViewer",
            "TeamViewer",
            r#""C:\Users\a\AppData\Local\Temp\TeamViewer\TeamViewer_Service.exe""#,
        ),
    ];
    for (tool, service, display, image) in wanted {
        let timeline = timeline(&installations(&[(service, display, image)]));
        let found = sightings(&timeline);
        for event in [7045, 4697, 13] {
            assert!(
                found.iter().any(|(found, _, sure, id)| found == tool
                    && *id == event
                    && *sure >= Certainty::Likely),
                "{tool} by {service} => {image} in {event}: {found:?}"
            );
        }
        let is_management = found.iter().any(|(found, ..)| found == tool)
            && CATALOG
                .tools()
                .iter()
                .any(|known| known.id == tool && known.kind == ToolKind::Management);
        if is_management {
            assert!(
                found.iter().all(|(found, ..)| found == tool),
                "a management product is nothing else: {found:?}"
            );
        }
    }
}

#[test]
fn a_service_installed_through_a_network_logon_is_told() {
    let events = r#"
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "logon"
host = "SRV01"
as = "net"
account = "adm.berg"
from = "ADM01"
[[event]]
at = "+200ms"
kind = "service-installed"
host = "SRV01"
service = "helper"
image = 'D:\tools\helper.exe'
by = "net"
[[event]]
at = "+10s"
kind = "service-installed"
host = "SRV01"
service = "local"
image = 'D:\tools\local.exe'
[[event]]
at = "+10s"
kind = "service-installed"
host = "SRV01"
service = "agent"
image = '"C:\Program Files\Acme\agent.exe"'
by = "net"
"#;
    let timeline = timeline(events);
    let catalog = &*CATALOG;
    let found: Vec<(u32, Certainty, Option<String>)> = detect::find(&timeline, catalog)
        .into_iter()
        .map(|sighting| {
            let id = timeline.event(sighting.event).unwrap().kind.event_id;
            assert_eq!(catalog.tool(sighting.tool).unwrap().id, "remote-service");
            (id, sighting.certainty, sighting.service)
        })
        .collect();
    let of = |service: &str| {
        let mut ids: Vec<(u32, Certainty)> = found
            .iter()
            .filter(|(.., name)| name.as_deref() == Some(service))
            .map(|(id, sure, _)| (*id, *sure))
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(
        of("helper"),
        [(4697, Certainty::Likely), (7045, Certainty::Likely)]
    );
    assert_eq!(
        of("agent"),
        [(4697, Certainty::Possible), (7045, Certainty::Possible)]
    );
    assert_eq!(of("local"), []);
}

#[test]
fn a_program_changed_for_a_moment_and_put_back_is_scshell() {
    let change = |at: &str, service: &str, image: &str| {
        format!(
            "[[event]]\nat = \"{at}\"\nkind = \"sysmon-13\"\nhost = \"SRV01\"\nprocess = \"services\"\n\
             TargetObject = 'HKLM\\System\\CurrentControlSet\\Services\\{service}\\ImagePath'\nDetails = '{image}'\n"
        )
    };
    let ordinary = r"%%SystemRoot%%\system32\svchost.exe -k netsvcs -p";
    let events = [
        change(
            "2026-03-10T10:00:00Z",
            "XblAuthManager",
            r"C:\windows\system32\cmd.exe /c echo x",
        ),
        change("2026-03-10T10:00:01Z", "XblAuthManager", ordinary),
        change(
            "2026-03-10T11:00:00Z",
            "Acme",
            r"C:\Program Files\Acme\1\a.exe",
        ),
        change(
            "2026-03-10T12:00:00Z",
            "Acme",
            r"C:\Program Files\Acme\2\a.exe",
        ),
    ]
    .concat();
    let found = sightings(&timeline(&events));
    let tools: Vec<&str> = found.iter().map(|(tool, ..)| tool.as_str()).collect();
    assert_eq!(tools, ["scshell", "scshell"], "{found:?}");
}

#[test]
fn powershell_text_and_antivirus_lines_name_tools() {
    let events = r#"
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "powershell-4104"
host = "SRV01"
ScriptBlockText = 'Invoke-SMBExec -Target 10.0.0.5 -Command whoami'
ScriptBlockId = "0a1b2c3d-1111-2222-3333-444455556666"
[[event]]
at = "+1m"
kind = "powershell-4104"
host = "SRV01"
ScriptBlockText = 'New-Service -Name Acme -BinaryPathName "C:\Program Files\Acme\a.exe"'
ScriptBlockId = "0a1b2c3d-1111-2222-3333-444455556667"
[[event]]
at = "+1m"
kind = "powershell-4104"
host = "SRV01"
ScriptBlockText = 'Get-Service | Where-Object Status -eq Running'
ScriptBlockId = "0a1b2c3d-1111-2222-3333-444455556668"
[[event]]
at = "+1m"
kind = "symantec-51"
host = "SRV01"
Data = ['Security Risk Found! Remacc.WinExe in File: C:\Windows\winexesvc.exe by: Auto-Protect scan. Action: Cleaned.']
[[event]]
at = "+1m"
kind = "symantec-51"
host = "SRV01"
Data = ['Security Risk Found! EICAR in File: C:\Users\a\concat.exe by: Auto-Protect scan.']
"#;
    let found = sightings(&timeline(events));
    let told: Vec<(&str, Artefact, Certainty)> = found
        .iter()
        .map(|(tool, artefact, sure, _)| (tool.as_str(), *artefact, *sure))
        .collect();
    assert_eq!(
        told,
        [
            ("empire", Artefact::Script, Certainty::Likely),
            ("remote-service", Artefact::Script, Certainty::Possible),
            ("winexe", Artefact::Antivirus, Certainty::Likely),
        ]
    );
}

#[test]
fn session_zero_is_told_on_a_french_windows_and_counted() {
    let events = r#"
[hosts.PARIS01]
ip = "10.30.0.5"
boot = "2026-03-01T04:00:00Z"
sysmon = "23"
system_name = 'AUTORITE NT\Système'
[[event]]
at = "2026-03-10T10:00:00Z"
kind = "service-child"
host = "PARIS01"
service = "Spooler"
display = "Spouleur d’impression"
image = 'C:\Windows\System32\spoolsv.exe'
command_line = 'C:\Windows\System32\spoolsv.exe'
[[event]]
at = "2026-03-10T10:01:00Z"
kind = "wmi-process"
target = "PARIS01"
account = "adm.berg"
source = "ADM01"
command_image = 'C:\Windows\System32\cmd.exe'
command_line = 'cmd.exe /c hostname'
"#;
    let timeline = timeline(events);
    let environment = Environment::default();
    let doors: Vec<&str> = detect::session_zero::find(&timeline, &environment)
        .map(|(event, fact)| {
            assert!(timeline.text(fact.account).contains("adm.berg"));
            detect::session_zero::entrance(&timeline, event, &fact)
                .door
                .words()
        })
        .collect();
    assert!(doors.contains(&"WMI"), "{doors:?}");
    let tally = detect::session_zero::tally(&timeline, &environment);
    assert_eq!(tally.shown, doors.len());
    assert!(tally.service_identities > 0);
    assert_eq!(
        tally.all,
        tally.shown + tally.service_identities + tally.unknown
    );
}
