use super::*;

/// What is given, and what of it must not be seen.
const SECRETS: &[(&str, &str)] = &[
    (
        r"PsExec.exe \\FS01 -u CORP\adm -p Winter2026! cmd",
        "Winter2026!",
    ),
    (
        r"PsExec64.exe \\FS01 -u CORP\adm -pWinter2026! cmd",
        "Winter2026!",
    ),
    (
        r"svc.exe \\FS01 -u CORP\adm -p Winter2026! cmd",
        "Winter2026!",
    ),
    (r#"psexec -p "two words" cmd"#, "two words"),
    (r#"cmd /c "psexec \\h -p \"two words\" cmd""#, "words"),
    (
        r#"cmd.exe /c "net use \\FS02\c$ Winter2026! /user:CORP\adm""#,
        "Winter2026!",
    ),
    (
        r"net use Z: \\FS02\c$ Winter2026! /user:CORP\adm",
        "Winter2026!",
    ),
    (
        r"net use \\FS02\c$ /user:CORP\adm Winter2026!",
        "Winter2026!",
    ),
    (
        r"C:\Windows\system32\net1.exe user helper Winter2026! /add",
        "Winter2026!",
    ),
    (
        r"cmd /c whoami&net user helper Winter2026! /add",
        "Winter2026!",
    ),
    (r"winexe -U CORP/adm%Winter2026! //fs01 cmd", "Winter2026!"),
    (
        r"winexe --user=CORP/adm%Winter2026! //fs01 cmd",
        "Winter2026!",
    ),
    (r"winexe -UCORP/adm%Winter2026! //fs01 cmd", "Winter2026!"),
    (r"winexe --password=Winter2026! //fs01 cmd", "Winter2026!"),
    (r"xfreerdp /v:h /u:adm /p:Winter2026!", "Winter2026!"),
    ("x /p:Winter2026! y", "Winter2026!"),
    (
        r"schtasks /create /s FS02 /u adm /p Winter2026! /ru svc /rp Spring2026! /tn t",
        "2026!",
    ),
    (
        r"wmic /node:FS02 /user:adm /password:Winter2026! process call create x",
        "Winter2026!",
    ),
    (
        r"cmdkey /add:FS02 /user:adm /pass:Winter2026!",
        "Winter2026!",
    ),
    (r"plink -ssh -pw Winter2026! adm@h", "Winter2026!"),
    (
        r"echo Winter2026! | runas /user:CORP\adm cmd",
        "Winter2026!",
    ),
    (
        r"lsrunas /user:adm /password:Winter2026! /command:cmd",
        "Winter2026!",
    ),
    (
        r"sc config svc obj= .\adm password= Winter2026!",
        "Winter2026!",
    ),
    (
        r"RemCom.exe \\h /user:adm /pwd:Winter2026! cmd",
        "Winter2026!",
    ),
    (r"psexec.py CORP/adm:Winter2026!@10.0.0.1", "Winter2026!"),
    (r"wget ftp://adm:Winter2026!@10.0.0.1/a", "Winter2026!"),
    (r"curl -u adm:Winter2026! https://h/", "Winter2026!"),
    (
        r#"sqlcmd -S h -U sa -P Winter2026! -Q "select 1""#,
        "Winter2026!",
    ),
    (
        r#"x "Server=h;Uid=sa;Pwd=Winter2026!;Database=d""#,
        "Winter2026!",
    ),
    (r"7z a -pWinter2026! out.7z C:\data", "Winter2026!"),
    (r"wmiexec.py -hashes aad3b4:31d6cf CORP/adm@h", "31d6cf"),
    (r"mimikatz sekurlsa::pth /user:adm /ntlm:31d6cf", "31d6cf"),
    (
        r"powershell ConvertTo-SecureString -String 'Winter 2026!' -AsPlainText -Force",
        "2026",
    ),
    (
        r"reg add HKLM\x /v DefaultPassword /t REG_SZ /d Winter2026! /f",
        "Winter2026!",
    ),
    (
        r#"powershell -c "$c = New-Object Net.NetworkCredential('adm','Winter2026!')""#,
        "Winter2026!",
    ),
];

/// What holds no secret stays as it is.
const HARMLESS: &[&str] = &[
    r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule",
    "ping -n 1 -p host",
    r"C:\Windows\system32\WerFault.exe -u -p 4242 -s 512",
    r"net use \\FS02\c$ /user:CORP\adm *",
    "net use",
    r"net use Z: /delete",
    "net user helper /domain",
    r"plink -P 22 adm@h",
    r"msbuild a.sln /p:Configuration=Release",
    r"forfiles /p C:\Windows\System32 /m notepad.exe",
    "7z a -r out.7z",
    r"sc query type= service state= all",
    r"runas /user:CORP\adm /savecred cmd",
    "mail to joe@example.org at 10:00",
    r#"cmd /c "echo hello > \\127.0.0.1\ADMIN$\__1700000000.1""#,
    r#""C:\Program Files\Tools\agent.exe" -run "two words" 'three"#,
    "the administrator's own use of PsExec, by the clock of FS01",
    "https://h.example:8080/a?b=c",
];

#[test]
fn no_secret_is_left() {
    for (given, secret) in SECRETS {
        let masked = mask_secrets(given);
        assert!(!masked.contains(secret), "{given}\n  gives {masked}");
        assert!(masked.contains(MASK), "{given}\n  gives {masked}");
    }
}

#[test]
fn what_holds_no_secret_stays() {
    for given in HARMLESS {
        assert_eq!(mask_secrets(given), *given);
    }
}

#[test]
fn only_the_secret_goes() {
    for (given, wanted) in [
        (
            r#"cmd /c "net use \\FS02\c$ geheim /user:CORP\adm""#,
            r#"cmd /c "net use \\FS02\c$ ******** /user:CORP\adm""#,
        ),
        (
            r"PsExec -u a -p b -s cmd",
            r"PsExec -u a -p ******** -s cmd",
        ),
        (r#"psexec -p "two words" cmd"#, r"psexec -p ******** cmd"),
        (
            "winexe -U CORP/adm%secret //fs01 cmd",
            "winexe -U CORP/adm%******** //fs01 cmd",
        ),
        (
            "echo a | runas /user:b c",
            "echo ******** | runas /user:b c",
        ),
    ] {
        assert_eq!(mask_secrets(given), wanted);
    }
}

proptest::proptest! {
    #[test]
    fn words_are_the_whole_text(text in "[a-c\"' \\\\日]{0,30}", depth in 0usize..8) {
        let whole: String = Words::of(&text, depth)
            .map(|word| [word.opening, word.bare, word.closing].concat())
            .collect();
        proptest::prop_assert_eq!(whole, text);
    }

    #[test]
    fn masking_never_panics_and_keeps_harmless_text(text in "[a-z ]{0,40}") {
        proptest::prop_assert_eq!(mask_secrets(&text), text.clone());
    }

    #[test]
    fn masking_takes_any_text(text in "([-/](p|pw|u|pass:|password|rp) ?|net use |[\"'%:@&|;=\\\\]|\\PC| ){0,30}") {
        mask_secrets(&text);
    }
}

#[test]
fn each_program_is_known_once() {
    let names: usize = PROGRAMS.iter().map(|program| program.names.len()).sum();
    assert_eq!(BY_NAME.len(), names);
}
