//! The program that a service's command line or a trace stands for, as far as it names one tool and
//! not a shell or a part of Windows that everybody starts.

use crate::detect::{file_stem, plain_image, program_name};

/// Programs that run others: their name says nothing about a service.
const CARRIERS: [&str; 14] = [
    "cmd",
    "powershell",
    "pwsh",
    "rundll32",
    "regsvr32",
    "mshta",
    "wscript",
    "cscript",
    "msiexec",
    "%comspec%",
    "svchost",
    "services",
    "system",
    "explorer",
];

/// The file name without extension, lower case, of the program in a service's command line or path;
/// `None` for a shell, a host process of Windows, or nothing.
pub(super) fn own_program(line: &str) -> Option<String> {
    let line = plain_image(line);
    let name = program_name(&line);
    let stem = file_stem(name);
    (!stem.is_empty() && !CARRIERS.contains(&stem.as_str())).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::own_program;

    #[test]
    fn a_shell_is_nobodys_own_program() {
        for (line, program) in [
            (r"%%SystemRoot%%\kWqRvTzB.exe", Some("kwqrvtzb")),
            (r#""C:\Program Files\A B\svc.exe" -k"#, Some("svc")),
            (r"%COMSPEC% /Q /c echo", None),
            (r"C:\Windows\System32\svchost.exe -k netsvcs", None),
            ("System", None),
            ("", None),
        ] {
            assert_eq!(own_program(line).as_deref(), program, "{line}");
        }
    }
}
