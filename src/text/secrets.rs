//! Masks the secrets of command lines.
//!
//! What an option means depends on the program: `-p` is a password to PsExec, a number to `ping`,
//! and nothing at all to `svchost`. So the program is told from the words where that can be done;
//! where it cannot, a value that may be a password is masked, since a report leaves the house.
//! Sources: the programs' own help texts, and catalogue A5.

mod words;

use std::borrow::Cow;
use std::sync::LazyLock;

use hashbrown::HashMap;
use words::{Word, Words};

/// What stands where a secret was.
pub const MASK: &str = "********";

/// Options that name a secret whatever the program is, without their `-`, `--` or `/`. The value
/// follows as the next word or behind `:` or `=`.
const ALWAYS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "passphrase",
    "passwordd",
    "passwordo",
    "pd",
    "po",
    "rp",
    "hashes",
    "nthash",
    "ntlm",
    "rc4",
    "aes128",
    "aes256",
    "passin",
    "passout",
];
/// Those among them that are masked only behind `:` or `=`: as a word of their own they are
/// switches of other programs.
const ONLY_GLUED: &[&str] = &[
    "pd", "po", "ntlm", "rc4", "aes128", "aes256", "passin", "passout",
];
/// What stands before a secret inside a word, such as a connection string.
const INSIDE: &[&str] = &[
    "password=",
    "passwd=",
    "pwd=",
    "pass:",
    "networkcredential(",
];

/// What a program takes for a secret.
struct Program {
    /// File names without extension.
    names: &'static [&'static str],
    /// Options whose next word is a secret.
    next: &'static [&'static str],
    /// Options with the secret glued to them.
    glued: &'static [&'static str],
    /// Options whose next word is `user:secret`.
    user: &'static [&'static str],
}

const PROGRAMS: &[Program] = &[
    Program {
        names: &[
            "psexec",
            "psexec64",
            "paexec",
            "csexec",
            "psservice",
            "psservice64",
            "pslist",
            "pslist64",
            "psinfo",
            "psinfo64",
            "pskill",
            "pskill64",
            "psshutdown",
            "psshutdown64",
            "pspasswd",
            "psgetsid",
            "psfile",
            "pssuspend",
            "psloglist",
            "cpau",
            "sshpass",
        ],
        next: &["-p", "/p"],
        glued: &["-p", "/p"],
        user: &[],
    },
    Program {
        names: &[
            "schtasks",
            "systeminfo",
            "tasklist",
            "taskkill",
            "driverquery",
            "getmac",
            "gpresult",
            "openfiles",
            "eventcreate",
            "certutil",
            "rdesktop",
            "evil-winrm",
            "nxc",
            "netexec",
            "crackmapexec",
            "cme",
            "xfreerdp",
            "wfreerdp",
            "winrs",
            "winrm",
        ],
        next: &["-p", "/p"],
        glued: &[],
        user: &[],
    },
    Program {
        names: &["sqlcmd", "osql", "isql", "bcp"],
        next: &["-p"],
        glued: &["-p"],
        user: &[],
    },
    Program {
        names: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mariadb",
            "mariadb-dump",
        ],
        next: &[],
        glued: &["-p"],
        user: &[],
    },
    Program {
        names: &["7z", "7za", "7zr", "7zg", "rar", "winrar", "unrar"],
        next: &[],
        glued: &["-p", "-hp"],
        user: &[],
    },
    Program {
        names: &["curl"],
        next: &[],
        glued: &[],
        user: &["-u", "--user", "--proxy-user"],
    },
    Program {
        // Their `-p` and `/p` are a port, a process, a path, a property, a switch.
        names: &[
            "svchost",
            "ping",
            "werfault",
            "wermgr",
            "netstat",
            "route",
            "tracert",
            "print",
            "forfiles",
            "msiexec",
            "msbuild",
            "dotnet",
            "plink",
            "pscp",
            "psftp",
            "putty",
            "ssh",
            "scp",
            "sftp",
            "smbclient",
            "rpcclient",
            "winexe",
            "nmap",
            "tar",
            "mkdir",
            "robocopy",
            "xcopy",
            "java",
            "javaw",
            "node",
            "docker",
            "powershell",
            "pwsh",
            "rundll32",
            "services",
            "lsass",
            "conhost",
            "dllhost",
            "taskhostw",
            "fsutil",
            "chkdsk",
            "dir",
        ],
        next: &[],
        glued: &[],
        user: &[],
    },
];

/// The programs by their names.
static BY_NAME: LazyLock<HashMap<&str, &Program>> = LazyLock::new(|| {
    let named = |program: &'static Program| program.names.iter().map(move |name| (*name, program));
    PROGRAMS.iter().flat_map(named).collect()
});

/// Programs that may be handed a password through a pipe.
const PIPED: &[&str] = &[
    "runas",
    "sudo",
    "plink",
    "psexec",
    "psexec64",
    "smbclient",
    "net",
];

/// A command line with its secrets masked: values of password options, glued ones, the part
/// behind `%` of winexe's `-U user%password`, the password of `net use` and `net user`, and those
/// in addresses, connection strings and pipes. Text that holds none stays as it is.
pub fn mask_secrets(command_line: &str) -> String {
    let mut masker = Masker::default();
    masker.line(command_line, 0);
    masker.pieces.concat()
}

/// What the next word is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expect {
    #[default]
    Nothing,
    /// A secret, whatever it looks like.
    Secret,
    /// A secret, unless it looks like an option.
    Perhaps,
    /// `user%secret`.
    AfterPercent,
    /// `user:secret`.
    AfterColon,
    /// A secret after options, as `ConvertTo-SecureString -String X`.
    FirstValue,
}

/// Where in `net use` or `net user` the words are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Net {
    #[default]
    No,
    /// After `net`.
    Verb,
    /// After `net use`.
    Resource,
    /// After `net user`.
    Account,
    /// The next word that is no option is the password.
    Password,
}

#[derive(Default)]
struct Masker<'t> {
    pieces: Vec<Cow<'t, str>>,
    program: Option<&'static Program>,
    expect: Expect,
    net: Net,
    /// The pieces that an `echo` writes, until its pipe.
    echo: Option<usize>,
    /// The pieces that are written into the pipe just opened.
    piped: Option<(usize, usize)>,
    /// A registry value that holds a password was named; its `/d` is a secret.
    registry: bool,
}

/// Commands inside quotes inside commands: deeper than anybody writes by hand.
const DEEPEST: usize = 6;

impl<'t> Masker<'t> {
    fn line(&mut self, text: &'t str, depth: usize) {
        for word in Words::of(text, depth) {
            self.word(&word, depth);
        }
    }

    fn word(&mut self, word: &Word<'t>, depth: usize) {
        let lower = word.bare.to_lowercase();
        if lower.is_empty() {
            self.keep(word);
            return;
        }
        match std::mem::take(&mut self.expect) {
            Expect::Secret => return self.hide(word),
            Expect::Perhaps if !lower.starts_with(['-', '/']) => return self.hide(word),
            Expect::AfterPercent => return self.after(word, '%'),
            Expect::AfterColon => return self.after(word, ':'),
            Expect::FirstValue => {
                let is_option = lower.starts_with('-');
                if !is_option {
                    return self.hide(word);
                }
                self.expect = Expect::FirstValue;
            }
            _ => {}
        }
        if word.is_quoted_line() && depth < DEEPEST {
            self.pieces.push(word.opening.into());
            self.line(word.bare, depth + 1);
            self.pieces.push(word.closing.into());
            self.recognise(&lower);
            return;
        }
        self.separators(&lower);
        if self.net_secret(&lower) {
            return self.hide(word);
        }
        if let Some(range) = self.secret_inside(word.bare, &lower) {
            let kept = |from, to| word.bare.get(from..to).unwrap_or("");
            let (before, after) = (kept(0, range.0), kept(range.1, word.bare.len()));
            let masked = [word.opening, before, MASK, after, word.closing].concat();
            self.pieces.push(masked.into());
        } else {
            self.keep(word);
        }
        self.expect_after(&lower);
        self.recognise(&lower);
    }

    fn keep(&mut self, word: &Word<'t>) {
        self.pieces.push(word.whole.into());
    }

    fn hide(&mut self, word: &Word<'t>) {
        // A prompt for the password is no password.
        if word.bare == "*" {
            return self.keep(word);
        }
        let blanks = word.closing.trim_start_matches(['"', '\'', '\\']);
        self.pieces.push([MASK, blanks].concat().into());
    }

    fn after(&mut self, word: &Word<'t>, mark: char) {
        match word.bare.split_once(mark) {
            Some((user, secret)) if !secret.is_empty() && !user.is_empty() => {
                let masked = format!("{}{user}{mark}{MASK}{}", word.opening, word.closing);
                self.pieces.push(masked.into());
            }
            _ => self.keep(word),
        }
    }

    /// A new command begins behind `&`, `|` or `;`.
    fn separators(&mut self, lower: &str) {
        if !lower.contains(['&', '|', ';']) {
            return;
        }
        self.net = Net::No;
        self.registry = false;
        if lower.contains('|') {
            self.piped = self.echo.take().map(|start| (start, self.pieces.len()));
        } else {
            self.echo = None;
        }
    }

    /// Whether this word is the password of `net use` or `net user`.
    fn net_secret(&mut self, lower: &str) -> bool {
        let is_option = lower.starts_with('/') || lower == "-p" || lower.contains('>');
        let (next, secret) = match self.net {
            Net::Verb => match lower {
                "use" => (Net::Resource, false),
                "user" | "users" => (Net::Account, false),
                _ => (Net::No, false),
            },
            Net::Resource if lower.starts_with(r"\\") => (Net::Password, false),
            Net::Account if !is_option => (Net::Password, false),
            Net::Password if !is_option => (Net::No, true),
            same => (same, false),
        };
        self.net = next;
        secret
    }

    /// The bytes of a word that are a secret given within it.
    fn secret_inside(&self, bare: &str, lower: &str) -> Option<(usize, usize)> {
        // Offsets are those of the lower-case text: only where both agree can they be used.
        if bare.len() != lower.len() {
            return None;
        }
        let end = bare.len();
        let option = option_name(lower);
        if let Some(name) = option
            && let Some(at) = name.find([':', '='])
        {
            let (name_only, start) = (name.get(..at)?, end - name.len() + at + 1);
            let is_p =
                name_only == "p" && self.program.is_none_or(|program| !program.next.is_empty());
            if (ALWAYS.contains(&name_only) || is_p) && start < end {
                return Some((start, end));
            }
        }
        // `%USERNAME%` is a variable, not a user with a password.
        if (lower.starts_with("-u") && !lower.starts_with("-u%")) || lower.starts_with("--user=") {
            let secret = lower.find('%').map(|at| at + 1).filter(|at| *at < end);
            if let Some(start) = secret {
                return Some((start, end));
            }
        }
        let glued = self.program.into_iter().flat_map(|program| program.glued);
        for mark in glued {
            if lower.starts_with(mark) && end > mark.len() && !lower.starts_with("-p@") {
                return Some((mark.len(), end));
            }
        }
        // Few words have the character in which a mark ends; to look for the mark is slow.
        let may_hold = |mark: &&&str| {
            mark.chars()
                .next_back()
                .is_some_and(|end| lower.contains(end))
        };
        for mark in INSIDE.iter().filter(may_hold) {
            if let Some(at) = lower.find(mark) {
                let start = at + mark.len();
                let rest = lower.get(start..)?;
                let stop = rest.find([';', '"', ')', '&']).unwrap_or(rest.len());
                if stop > 0 {
                    return Some((start, start + stop));
                }
            }
        }
        address_secret(lower)
    }

    /// What the word says about the next one.
    fn expect_after(&mut self, lower: &str) {
        let own = |options: &[&str]| options.contains(&lower);
        if let Some(name) = option_name(lower)
            && ALWAYS.contains(&name)
            && !ONLY_GLUED.contains(&name)
        {
            self.expect = Expect::Secret;
        } else if self.program.is_some_and(|program| own(program.next)) {
            self.expect = Expect::Secret;
        } else if self.program.is_none() && own(&["-p", "/p"]) {
            self.expect = Expect::Perhaps;
        } else if self.program.is_some_and(|program| own(program.user)) {
            self.expect = Expect::AfterColon;
        } else if own(&["-u", "--user"]) {
            self.expect = Expect::AfterPercent;
        } else if lower.ends_with("password=") || lower == "pwd=" {
            self.expect = Expect::Secret;
        } else if lower.ends_with("convertto-securestring") {
            self.expect = Expect::FirstValue;
        } else if lower == "defaultpassword" {
            self.registry = true;
        } else if lower == "/d" && self.registry {
            self.registry = false;
            self.expect = Expect::Secret;
        }
    }

    /// Notices which program the following words belong to.
    fn recognise(&mut self, lower: &str) {
        let name = program_name(lower);
        if let Some((from, to)) = self.piped
            && !name.is_empty()
        {
            self.piped = None;
            if PIPED.contains(&name) {
                self.hide_pieces(from, to);
            }
        }
        match name {
            "net" | "net1" => self.net = Net::Verb,
            "echo" => self.echo = Some(self.pieces.len()),
            _ => {}
        }
        if let Some(known) = BY_NAME.get(name) {
            self.program = Some(known);
        }
    }

    fn hide_pieces(&mut self, from: usize, to: usize) {
        for piece in self.pieces.get_mut(from..to).into_iter().flatten() {
            let word = piece.trim();
            if !word.is_empty() && word != "|" {
                *piece = piece.replace(word, MASK).into();
            }
        }
    }
}

/// The name of an option and what is glued to it, without its `-`, `--` or `/`.
fn option_name(lower: &str) -> Option<&str> {
    lower
        .strip_prefix("--")
        .or_else(|| lower.strip_prefix(['-', '/']))
}

/// The file name of a program without folders and `.exe`; what a shell puts before it is cut off.
fn program_name(lower: &str) -> &str {
    let parts = |byte: u8| {
        matches!(
            byte,
            b'\\' | b'/' | b'&' | b'|' | b'(' | b';' | b'"' | b'\''
        )
    };
    let begin = lower.bytes().rposition(parts).map_or(0, |at| at + 1);
    let name = lower.get(begin..).unwrap_or(lower);
    name.strip_suffix(".exe")
        .or_else(|| name.strip_suffix(".com"))
        .unwrap_or(name)
}

/// The secret of `scheme://user:secret@host` and impacket's `domain/user:secret@host`.
fn address_secret(lower: &str) -> Option<(usize, usize)> {
    let at = lower.rfind('@')?;
    let begin = match lower.find("://") {
        Some(scheme) => {
            let begin = scheme + 3;
            // In an address the user and password end at the first slash.
            let authority = lower.get(begin..)?.split('/').next()?.len() + begin;
            if at >= authority {
                return None;
            }
            begin
        }
        None => lower.find('/').filter(|slash| *slash > 0)?,
    };
    let colon = lower.get(begin..at)?.find(':')? + begin;
    (colon + 1 < at).then_some((colon + 1, at))
}

#[cfg(test)]
mod tests;
