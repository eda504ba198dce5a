//! Event data out of the message for people, in English, for sources that have nothing else. Labels
//! are those of Windows' message texts; a label may mean one thing in one section and another in the
//! next.

use crate::evidence::record::Field;

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SERVICES: &str = "Service Control Manager";

/// Section (empty: any), label, field. A section that an event numbers otherwise stands in [`AS`].
const LABELS: [(&str, &str, &str); 48] = [
    ("Subject", "Security ID", "SubjectUserSid"),
    ("Subject", "Account Name", "SubjectUserName"),
    ("Subject", "Account Domain", "SubjectDomainName"),
    ("Subject", "Logon ID", "SubjectLogonId"),
    ("Target", "Security ID", "TargetUserSid"),
    ("Target", "Account Name", "TargetUserName"),
    ("Target", "Account Domain", "TargetDomainName"),
    ("Target", "Logon ID", "TargetLogonId"),
    ("Target", "Linked Logon ID", "TargetLinkedLogonId"),
    ("Target", "Logon GUID", "LogonGuid"),
    ("", "Logon Type", "LogonType"),
    ("", "Process ID", "ProcessId"),
    ("", "Process Name", "ProcessName"),
    ("", "Caller Process ID", "ProcessId"),
    ("", "Caller Process Name", "ProcessName"),
    ("", "Workstation Name", "WorkstationName"),
    ("", "Source Network Address", "IpAddress"),
    ("", "Network Address", "IpAddress"),
    ("", "Source Address", "IpAddress"),
    ("", "Source Port", "IpPort"),
    ("", "Port", "IpPort"),
    ("", "Logon Process", "LogonProcessName"),
    ("", "Authentication Package", "AuthenticationPackageName"),
    ("", "Package Name (NTLM only)", "LmPackageName"),
    ("", "Key Length", "KeyLength"),
    ("", "Status", "Status"),
    ("", "Sub Status", "SubStatus"),
    ("", "Target Server Name", "TargetServerName"),
    ("", "Additional Information", "TargetInfo"),
    ("", "Privileges", "PrivilegeList"),
    ("", "New Process ID", "NewProcessId"),
    ("", "New Process Name", "NewProcessName"),
    ("", "Token Elevation Type", "TokenElevationType"),
    ("", "Mandatory Label", "MandatoryLabel"),
    ("", "Creator Process ID", "ProcessId"),
    ("", "Creator Process Name", "ParentProcessName"),
    ("", "Process Command Line", "CommandLine"),
    ("", "Service Name", "ServiceName"),
    ("", "Service File Name", "ServiceFileName"),
    ("", "Service Type", "ServiceType"),
    ("", "Service Start Type", "ServiceStartType"),
    ("", "Service Account", "ServiceAccount"),
    ("", "Object Name", "ObjectName"),
    ("", "Object Server", "ObjectServer"),
    ("", "Share Name", "ShareName"),
    ("", "Share Path", "ShareLocalPath"),
    ("", "Relative Target Name", "RelativeTargetName"),
    ("", "Access Mask", "AccessMask"),
];

/// What a section is about.
const AS: [(&str, &str); 5] = [
    ("Creator Subject", "Subject"),
    ("Target Subject", "Target"),
    ("New Logon", "Target"),
    ("Account For Which Logon Failed", "Target"),
    ("Account Whose Credentials Were Used", "Target"),
];

/// Sentences of the service manager: what stands between these pieces has these names.
const SENTENCES: [(u32, &[&str], &[&str]); 6] = [
    (
        7036,
        &["The ", " service entered the ", " state."],
        &["param1", "param2"],
    ),
    (
        7035,
        &["The ", " service was successfully sent a ", " control."],
        &["param1", "param2"],
    ),
    (
        7009,
        &[
            "A timeout was reached (",
            ") while waiting for the ",
            " service to connect.",
        ],
        &["param1", "param2"],
    ),
    (7000, &["The ", " service failed to start"], &["param1"]),
    (
        7034,
        &["The ", " service terminated unexpectedly"],
        &["param1"],
    ),
    (
        7040,
        &[
            "The start type of the ",
            " service was changed from ",
            " to ",
            ".",
        ],
        &["param1", "param2", "param3"],
    ),
];

/// The data that a message holds.
pub(super) fn data(provider: &str, event_id: u32, message: &str) -> Vec<Field> {
    match (provider, event_id) {
        (SECURITY, _) => labelled(event_id, message),
        (SYSMON, _) => message.lines().filter_map(own).collect(),
        (SERVICES, 7045) => labelled(event_id, message)
            .into_iter()
            .map(|field| match field.name.as_str() {
                "ServiceFileName" => renamed(field, "ImagePath"),
                "ServiceStartType" => renamed(field, "StartType"),
                "ServiceAccount" => renamed(field, "AccountName"),
                _ => field,
            })
            .collect(),
        (SERVICES, _) => sentence(event_id, message),
        ("Microsoft-Windows-PowerShell", 4104) => script(message),
        _ => Vec::new(),
    }
}

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: value.trim().to_owned(),
    }
}

fn renamed(field: Field, name: &str) -> Field {
    Field {
        name: name.to_owned(),
        ..field
    }
}

/// Sysmon's labels are the fields' names.
fn own(line: &str) -> Option<Field> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| field(name, value))
}

fn labelled(event_id: u32, message: &str) -> Vec<Field> {
    let mut section = "";
    let mut found: Vec<Field> = Vec::new();
    for line in message.lines() {
        let Some((label, value)) = line.trim().split_once(':') else {
            continue;
        };
        let value = value.trim();
        if value.is_empty() && !line.starts_with(char::is_whitespace) {
            section = AS
                .iter()
                .find(|(written, _)| *written == label)
                .map_or(label, |(_, meant)| meant);
            // A logoff has only one account, the one that logged off.
            if section == "Subject" && matches!(event_id, 4634 | 4647) {
                section = "Target";
            }
            continue;
        }
        let known = LABELS
            .iter()
            .find(|(within, name, _)| *name == label && (within.is_empty() || *within == section));
        let Some((.., name)) = known else { continue };
        // Some collectors write an account's name for its SID.
        let is_name = name.ends_with("Sid") && !value.starts_with("S-1-");
        if !is_name && found.iter().all(|field| field.name != *name) {
            found.push(field(name, value));
        }
    }
    found
}

fn sentence(event_id: u32, message: &str) -> Vec<Field> {
    let known = SENTENCES.iter().find(|(id, ..)| *id == event_id);
    let Some((_, pieces, names)) = known else {
        return Vec::new();
    };
    let mut rest = message.trim();
    let mut values = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Some((before, after)) = rest.split_once(piece) else {
            return Vec::new();
        };
        if at > 0 {
            values.push(before);
        }
        rest = after;
    }
    let pairs = names.iter().zip(values);
    pairs.map(|(name, value)| field(name, value)).collect()
}

fn script(message: &str) -> Vec<Field> {
    let Some((_, text)) = message.trim_start().split_once('\n') else {
        return Vec::new();
    };
    let (text, rest) = text.split_once("ScriptBlock ID:").unwrap_or((text, ""));
    let path = rest
        .lines()
        .find_map(|line| line.trim().strip_prefix("Path:"));
    vec![
        field("ScriptBlockText", text),
        field("Path", path.unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(provider: &str, event_id: u32, message: &str, expected: &[(&str, &str)]) {
        let found = data(provider, event_id, message);
        let pairs: Vec<_> = found
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn a_label_is_read_in_its_section() {
        let message = "A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tCORP\\bob\r\n\tAccount Name:\t\tbob\r\n\tLogon ID:\t\t0x77\r\n\r\nTarget Subject:\r\n\tAccount Name:\t\t-\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t0x5dc\r\n\tCreator Process ID:\t0x578\r\n\tProcess Command Line:\tcmd /c dir C:\\\r\n\r\nToken Elevation Type indicates: the type.";
        let expected = [
            ("SubjectUserName", "bob"),
            ("SubjectLogonId", "0x77"),
            ("TargetUserName", "-"),
            ("NewProcessId", "0x5dc"),
            ("ProcessId", "0x578"),
            ("CommandLine", "cmd /c dir C:\\"),
        ];
        holds(SECURITY, 4688, message, &expected);
    }

    #[test]
    fn the_service_manager_writes_labels_and_sentences() {
        let message = "A service was installed in the system.\n\nService Name:  PSEXESVC\nService File Name:  %SystemRoot%\\PSEXESVC.exe\nService Type:  user mode service\nService Start Type:  demand start\nService Account:  LocalSystem";
        let expected = [
            ("ServiceName", "PSEXESVC"),
            ("ImagePath", "%SystemRoot%\\PSEXESVC.exe"),
            ("ServiceType", "user mode service"),
            ("StartType", "demand start"),
            ("AccountName", "LocalSystem"),
        ];
        holds(SERVICES, 7045, message, &expected);
        let message = "The PSEXESVC service entered the running state.";
        holds(
            SERVICES,
            7036,
            message,
            &[("param1", "PSEXESVC"), ("param2", "running")],
        );
        holds(SERVICES, 7036, "Der Dienst", &[]);
    }

    #[test]
    fn sysmon_and_powershell_write_their_fields() {
        let message = "Process Create:\nRuleName: -\nImage: C:\\x.exe\nUser: CORP\\a";
        let expected = [
            ("RuleName", "-"),
            ("Image", "C:\\x.exe"),
            ("User", "CORP\\a"),
        ];
        holds(SYSMON, 1, message, &expected);
        let message = "Creating Scriptblock text (1 of 1):\nsc \\\\FS01 create x\n\nScriptBlock ID: 1\nPath: C:\\a.ps1";
        let expected = [
            ("ScriptBlockText", "sc \\\\FS01 create x"),
            ("Path", "C:\\a.ps1"),
        ];
        holds("Microsoft-Windows-PowerShell", 4104, message, &expected);
    }
}
