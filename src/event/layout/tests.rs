//! What the layouts make of fields.

use super::*;

struct Named(&'static [&'static str], Vec<(&'static str, &'static str)>);

impl Values for Named {
    fn text(&self, slot: usize) -> Option<Cow<'_, str>> {
        let name = self.0.get(slot)?;
        self.1
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| Cow::from(*value))
    }
}

fn build(provider: &str, id: u32, fields: &[(&'static str, &'static str)]) -> (Fact, Interner) {
    let layout = layout(provider, id).unwrap();
    let mut strings = Interner::default();
    let fact = layout.build(&Named(layout.fields, fields.to_vec()), &mut strings);
    (fact, strings)
}

#[test]
fn event_id_1_of_another_provider_is_no_process() {
    assert!(layout("Microsoft-Windows-Kernel-General", 1).is_none());
}

#[test]
fn a_4688_without_target_belongs_to_its_subject() {
    let fields = [
        ("SubjectUserName", "adm"),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", "0x3e7"),
        ("TargetUserName", "-"),
        ("TargetLogonId", "0x0"),
        ("NewProcessId", "0x1a4"),
    ];
    let (Fact::ProcessStart(start), strings) =
        build("Microsoft-Windows-Security-Auditing", 4688, &fields)
    else {
        panic!("no start")
    };
    assert_eq!(strings.text(start.account), "CORP\\adm");
    assert_eq!((start.logon_id, start.pid), (LogonId::SYSTEM, 420));
}

#[test]
fn a_7036_gives_key_name_and_state_in_any_language() {
    // "winexesvc/4" in UTF-16.
    let binary = "770069006E006500780065007300760063002F0034000000";
    let fields = [
        ("param1", "winexesvc"),
        ("param2", "en cours"),
        ("Binary", binary),
    ];
    let (Fact::ServiceState(state), strings) = build("Service Control Manager", 7036, &fields)
    else {
        panic!("no state")
    };
    assert_eq!(strings.text(state.key_name), "winexesvc");
    assert_eq!(state.change, ServiceChange::Started);
}

#[test]
fn windows_xp_writes_by_position() {
    let fields = [
        ("#0", "PSEXESVC"),
        ("#1", "%SystemRoot%\\PSEXESVC.EXE"),
        ("#5", "adm"),
        ("#6", "CORP"),
        ("#7", "(0x1,0x3E7)"),
    ];
    let (Fact::ServiceInstall(install), strings) = build("Security", 601, &fields) else {
        panic!("no installation")
    };
    assert_eq!(strings.text(install.account), "CORP\\adm");
    assert_eq!(install.logon_id, LogonId(0x1_0000_03e7));
}

#[test]
fn a_reduction_rule_is_named_with_what_was_done() {
    let fields = [
        ("ID", "D1E49AAC-8F56-4280-B9BA-993A6D77406C"),
        ("Process Name", "C:\\Windows\\PSEXESVC.exe"),
    ];
    let (Fact::Antivirus(verdict), strings) =
        build("Microsoft-Windows-Windows Defender", 1122, &fields)
    else {
        panic!("no verdict")
    };
    assert_eq!(
        strings.text(verdict.threat),
        "ASR d1e49aac-8f56-4280-b9ba-993a6d77406c audited"
    );
}

#[test]
fn of_an_engine_start_the_command_line_is_kept() {
    let context =
        "\tNewEngineState=Available\r\n\tHostApplication=powershell -c x\r\n\tRunspaceId=1";
    let (Fact::Script(script), strings) = build("PowerShell", 400, &[("#2", context)]) else {
        panic!("no script")
    };
    assert_eq!(strings.text(script.text), "powershell -c x");
}

#[test]
fn an_absent_resource_differs_from_an_empty_one() {
    let (Fact::ProcessStart(old), _) = build("Microsoft-Windows-Sysmon", 1, &[]) else {
        panic!()
    };
    let (Fact::ProcessStart(new), strings) =
        build("Microsoft-Windows-Sysmon", 1, &[("OriginalFileName", "")])
    else {
        panic!()
    };
    assert!(old.original_file_name.is_none());
    assert_eq!(strings.text(new.original_file_name), "-");
}

#[test]
fn before_vista_a_control_names_the_service() {
    let (fact, strings) = build(
        "Service Control Manager",
        7035,
        &[("param1", "PSEXESVC"), ("param2", "start")],
    );
    let Fact::ServiceState(control) = fact else {
        panic!()
    };
    assert_eq!(strings.text(control.name), "PSEXESVC");
    assert_eq!(control.change, ServiceChange::Unknown);
}

#[test]
fn products_are_known_by_how_their_names_begin() {
    for provider in [
        "ESET Endpoint Security",
        "Sophos Anti-Virus",
        "avp",
        "Kaspersky Endpoint Security",
    ] {
        assert!(layout(provider, 1).is_some(), "{provider}");
    }
    assert!(layout("avpnet", 1).is_none());
}
