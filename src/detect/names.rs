//! How logs spell services, programs, pipes and registry keys, and the one form they are compared in.

use memchr::memrchr;

use crate::event::fact::ServiceChange;
use crate::event::identity::file_name;

/// A service's program path as compared: Sysmon's doubled percent signs undone, space trimmed.
pub fn plain_image(image: &str) -> String {
    image.replace("%%", "%").trim().to_owned()
}

/// The file name of the program in a service's command line, quoted or not, with or without folder
/// and arguments: `"C:\a b\c.exe" -k x` and `C:\a b\c.exe -k x` → `c.exe`.
pub fn program_name(image: &str) -> &str {
    let image = image.trim();
    if let Some(rest) = image.strip_prefix('"') {
        return file_name(rest.split('"').next().unwrap_or(rest));
    }
    file_name(image.get(..program_end(image)).unwrap_or(image))
}

/// Whether a service's program lies where a client that reaches only administrative shares puts
/// one: in the Windows root or System32, bare, or on a share.
pub fn lies_where_clients_write(image: &str) -> bool {
    let image = plain_image(image).to_lowercase();
    let unquoted = image.trim_start_matches('"');
    let program = program_name(&image);
    let Some((folder, _)) = (!program.is_empty())
        .then(|| unquoted.split_once(program))
        .flatten()
    else {
        return false;
    };
    let folder = folder.trim_end_matches('\\');
    let root = folder.strip_suffix(r"\system32").unwrap_or(folder);
    root.starts_with(r"\\")
        || matches!(root, "" | "%systemroot%" | "%windir%")
        || root
            .strip_suffix(r":\windows")
            .is_some_and(|drive| drive.len() == 1)
}

/// Where an unquoted command line's program ends: behind the first file extension of a program that
/// a space or the end follows, or before the first option, whichever comes first. A name without a
/// folder holds no space.
fn program_end(image: &str) -> usize {
    const EXTENSIONS: [&str; 7] = [".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".sys"];
    let lower = image.to_ascii_lowercase();
    let space = lower.find(char::is_whitespace).unwrap_or(image.len());
    if lower
        .get(..space)
        .is_some_and(|first| !first.contains('\\'))
    {
        return space;
    }
    let option = [" /", " -"]
        .iter()
        .filter_map(|mark| lower.find(mark))
        .min();
    let extension = EXTENSIONS
        .iter()
        .flat_map(|extension| {
            lower
                .match_indices(extension)
                .map(|(at, found)| at + found.len())
        })
        .filter(|end| {
            lower
                .get(*end..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '"', '\t']))
        })
        .min();
    match (extension, option) {
        (Some(extension), Some(option)) => extension.min(option),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => space,
    }
}

/// A pipe's name without its backslash.
pub fn pipe_name(name: &str) -> &str {
    name.trim_start_matches('\\')
}

/// A file's name without folder and last extension, lower case.
pub fn file_stem(path: &str) -> String {
    let name = file_name(path);
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_lowercase()
}

/// Whether a file has the extension of a program.
pub(super) fn is_program(path: &str) -> bool {
    let name = file_name(path);
    let extension = name.len().checked_sub(4).and_then(|at| name.get(at..));
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case(".exe"))
}

/// The service and the value that a registry path below `…\Services\` names.
pub fn service_key(path: &str) -> Option<(&str, &str)> {
    const MARK: &str = "\\services\\";
    let is_mark = |at: &usize| {
        let part = path.get(*at..at + MARK.len());
        part.is_some_and(|part| part.eq_ignore_ascii_case(MARK))
    };
    let mut parts = path.match_indices('\\').map(|(at, _)| at);
    let at = parts.find(is_mark)?;
    let is_control_set = path.get(..at)?.to_ascii_lowercase().contains("controlset");
    let rest = path.get(at + MARK.len()..)?;
    let (service, value) = rest.split_once('\\').unwrap_or((rest, ""));
    (is_control_set && !value.contains('\\') && !service.is_empty()).then_some((service, value))
}

/// The share's own name: `\\*\ADMIN$` → `ADMIN$`. The asterisk is a character of the record.
pub(super) fn share_name(share: &str) -> &str {
    let before = memrchr(b'\\', share.as_bytes()).map_or(0, |at| at + 1);
    share.get(before..).unwrap_or(share)
}

/// The words for a service's change of state.
pub fn change_words(change: ServiceChange) -> &'static str {
    match change {
        ServiceChange::Started => "started",
        ServiceChange::Stopped => "stopped",
        ServiceChange::TimedOut => "did not answer its start in time",
        ServiceChange::StartFailed => "could not be started",
        ServiceChange::Crashed => "ended unexpectedly",
        ServiceChange::StartTypeChanged => "had its start type changed",
        ServiceChange::Unknown => "changed its state",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_paths_of_services_are_taken_apart() {
        assert_eq!(
            service_key(r"HKLM\System\CurrentControlSet\services\hello\ImagePath"),
            Some(("hello", "ImagePath"))
        );
        assert_eq!(
            service_key(r"HKLM\System\ControlSet001\Services\x"),
            Some(("x", ""))
        );
        assert_eq!(service_key(r"HKLM\Software\Services\x\y"), None);
    }

    #[test]
    fn what_clients_push_lies_where_shares_lead() {
        for image in [
            "helpsvc.exe",
            r"%systemroot%\bkagent.exe",
            r"%%SystemRoot%%\system32\RemComSvc.exe",
            r"C:\Windows\x.exe -service",
            r"\\127.0.0.1\C$\kWqRvTzB.exe",
            r#""C:\WINDOWS\a b.exe" -k"#,
        ] {
            assert!(lies_where_clients_write(image), "{image}");
        }
        for image in [
            r#""C:\Program Files\Acme\Agent\agent.exe" --service"#,
            r"C:\Windows\CCM\CcmExec.exe",
            r"C:\ProgramData\x.exe",
            "",
        ] {
            assert!(!lies_where_clients_write(image), "{image}");
        }
    }

    #[test]
    fn the_program_of_a_service_is_found_in_every_spelling() {
        for (image, program) in [
            (r#""C:\Program Files\A B\svc.exe" -k "x y""#, "svc.exe"),
            (r"C:\Program Files\A B\svc.exe -k x", "svc.exe"),
            (
                r"%SYSTEMROOT%\PAExec-41-WS.corp.exe -service",
                "PAExec-41-WS.corp.exe",
            ),
            ("winexesvc.exe", "winexesvc.exe"),
            (r"%COMSPEC% /Q /c echo x > \\127.0.0.1\C$\y", "%COMSPEC%"),
            (
                r"%COMSPEC% /Q /c echo x > %TEMP%\execute.bat & y",
                "%COMSPEC%",
            ),
            (r"C:\Windows\System32\cmd /c C:\a.bat", "cmd"),
            (
                r"\SystemRoot\System32\drivers\PROCEXP152.SYS",
                "PROCEXP152.SYS",
            ),
            (r"\\127.0.0.1\ADMIN$\a1b2c3d.exe", "a1b2c3d.exe"),
            ("", ""),
        ] {
            assert_eq!(program_name(image), program, "{image}");
        }
    }
}
