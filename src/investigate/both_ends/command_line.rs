//! What the command line of a client says about the other end.

/// The computers that a command line of PsExec and its kind names: words `\\NAME`, several names
/// parted by commas.
pub(in super::super) fn targets(command_line: &str) -> Vec<String> {
    let words = command_line
        .split_whitespace()
        .map(|word| word.trim_matches('"'));
    let computers = words
        .filter_map(|word| word.strip_prefix(r"\\"))
        .find(|names| !names.contains('\\') && !names.is_empty() && *names != "*");
    computers
        .into_iter()
        .flat_map(|names| names.split(','))
        .map(|name| name.trim_start_matches('\\').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The account that `-u` gives.
pub(in super::super) fn user_option(command_line: &str) -> Option<String> {
    let mut words = command_line.split_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("-u") || word.eq_ignore_ascii_case("/u"))?;
    words
        .next()
        .map(|user| user.trim_matches('"').to_owned())
        .filter(|user| !user.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computers_are_read_from_command_lines() {
        let of = |line: &str| targets(line).join("+");
        assert_eq!(
            of(r"PsExec64.exe \\WS-1017 -s msiexec.exe /i \\FS01\deploy$\a.msi"),
            "WS-1017"
        );
        assert_eq!(of(r#"p.exe -accepteula "\\FS01,FS02" cmd"#), "FS01+FS02");
        assert_eq!(of(r"psexec -s -i cmd.exe /c \\FS01\x\y.bat"), "");
        assert_eq!(of(r"psexec \\* hostname"), "");
    }
}
