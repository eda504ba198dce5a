//! Identities as Windows logs write them, and when two of them mean the same thing.

use std::fmt;

use memchr::memrchr2;

/// A logon id (LUID): names one logon session on one host until reboot. 64 bits; values above 32
/// bits are real. Zero means "none given".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogonId(pub u64);

impl LogonId {
    /// No logon id.
    pub const NONE: LogonId = LogonId(0);
    /// The session of LocalSystem.
    pub const SYSTEM: LogonId = LogonId(0x3e7);
    /// The session of LOCAL SERVICE.
    pub const LOCAL_SERVICE: LogonId = LogonId(0x3e5);
    /// The session of NETWORK SERVICE.
    pub const NETWORK_SERVICE: LogonId = LogonId(0x3e4);

    /// Whether no logon id was given.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// `Some(self)` unless no logon id was given.
    pub fn some(self) -> Option<LogonId> {
        (!self.is_none()).then_some(self)
    }

    /// Whether it is one of the three built-in service sessions, which exist on every host and
    /// therefore join nothing.
    pub const fn is_built_in(self) -> bool {
        matches!(
            self,
            Self::SYSTEM | Self::LOCAL_SERVICE | Self::NETWORK_SERVICE
        )
    }
}

/// A GUID, folded to 64 bits: the timeline holds millions of them and only asks whether two are the
/// same. Among ten million different ones two fold alike with a chance of three in a million. The
/// records themselves keep them whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u64);

impl Guid {
    /// No GUID, or one of zeros, which Windows writes for none.
    pub const NONE: Guid = Guid(0);

    /// Folds the number that a GUID's text form spells.
    pub fn of(guid: u128) -> Self {
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let [high, low] = [guid >> 64, guid].map(|half| (half & u128::from(u64::MAX)) as u64);
        let folded = high.wrapping_mul(SPREAD).rotate_left(29) ^ low;
        if guid == 0 {
            Guid::NONE
        } else {
            Guid(folded.max(1))
        }
    }

    /// The 64 bits.
    pub(super) const fn folded(self) -> u64 {
        self.0
    }

    /// From what [`Guid::folded`] gave.
    pub(super) const fn from_folded(folded: u64) -> Self {
        Guid(folded)
    }

    /// Whether no GUID was given.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// `Some(self)` unless no GUID was given.
    pub fn some(self) -> Option<Guid> {
        (!self.is_none()).then_some(self)
    }
}

/// What a logon type means, in a word or two (Microsoft, event 4624).
pub fn logon_type(number: u32) -> &'static str {
    match number {
        0 => "system",
        2 => "interactive",
        3 => "network",
        4 => "batch",
        5 => "service",
        7 => "unlock",
        8 => "network, clear text",
        9 => "new credentials",
        10 => "remote desktop",
        11 => "cached interactive",
        12 => "cached remote desktop",
        13 => "cached unlock",
        _ => "unknown type",
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for LogonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:x}", self.0)
    }
}

/// The form in which host names are compared: first DNS label, upper case, at most the 15
/// characters that NetBIOS keeps.
pub fn host_key(name: &str) -> String {
    let label = name
        .trim_start_matches('\\')
        .split('.')
        .next()
        .unwrap_or_default();
    label
        .chars()
        .take(15)
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether two names mean the same host, as far as names can tell. Empty names never match.
pub fn same_host(left: &str, right: &str) -> bool {
    let key = host_key(left);
    !key.is_empty() && key == host_key(right)
}

/// `DOMAIN\user` or `user@domain` cut into (domain, user); the domain is empty when not given.
pub fn split_account(account: &str) -> (&str, &str) {
    if let Some((domain, user)) = account.split_once('\\') {
        (domain, user)
    } else if let Some((user, domain)) = account.split_once('@') {
        (domain, user)
    } else {
        ("", account)
    }
}

/// Joins the two halves that Security events log apart. `-` and empty halves are left out.
pub fn join_account(domain: &str, user: &str) -> String {
    match (domain, user) {
        (_, "" | "-") => String::new(),
        ("" | "-", user) => user.to_owned(),
        (domain, user) => format!("{domain}\\{user}"),
    }
}

/// Whether two account names mean the same account: the user parts are equal without regard to
/// case, and the domains' first labels are too where both are given.
pub fn same_account(left: &str, right: &str) -> bool {
    let ((left_domain, left_user), (right_domain, right_user)) =
        (split_account(left), split_account(right));
    !left_user.is_empty()
        && same_name(left_user, right_user)
        && (left_domain.is_empty()
            || right_domain.is_empty()
            || host_key(left_domain) == host_key(right_domain))
}

/// Whether two names are equal without regard to case. Most are ASCII, which needs no copy.
fn same_name(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || !(left.is_ascii() && right.is_ascii()) && left.to_lowercase() == right.to_lowercase()
}

/// Whether a SID belongs to Windows itself or to a service identity: LocalSystem, LOCAL and
/// NETWORK SERVICE, services (`S-1-5-80`), IIS pools (`-82`), virtual machines (`-83`), the
/// window manager (`-90`) and font drivers (`-96`). Microsoft, "Security identifiers".
pub fn is_service_sid(sid: &str) -> bool {
    const EXACT: [&str; 3] = ["S-1-5-18", "S-1-5-19", "S-1-5-20"];
    const FAMILIES: [&str; 5] = [
        "S-1-5-80-",
        "S-1-5-82-",
        "S-1-5-83-",
        "S-1-5-90-",
        "S-1-5-96-",
    ];
    EXACT.contains(&sid) || FAMILIES.iter().any(|family| sid.starts_with(family))
}

/// The English name of the group when a SID is that of a group of administrators: of the host or
/// domain (`S-1-5-32-544`), of the domain (`-512`), of the schema (`-518`), of the forest (`-519`).
/// Microsoft, "Security identifiers".
pub fn admin_group(sid: &str) -> Option<&'static str> {
    if sid == "S-1-5-32-544" {
        return Some("Administrators");
    }
    match sid.strip_prefix("S-1-5-21-")?.rsplit_once('-')?.1 {
        "512" => Some("Domain Admins"),
        "518" => Some("Schema Admins"),
        "519" => Some("Enterprise Admins"),
        _ => None,
    }
}

/// The last component of a Windows path, without quotes: `"C:\a\b.exe"` → `b.exe`.
pub fn file_name(path: &str) -> &str {
    let path = path.trim().trim_matches('"');
    let folders = memrchr2(b'\\', b'/', path.as_bytes()).map_or(0, |at| at + 1);
    path.get(folders..).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_what_stands_behind_the_last_folder() {
        for (path, name) in [
            (r"C:\Users\æ\b.exe", "b.exe"),
            (r#" "C:\a b\c.exe" "#, "c.exe"),
            (r"\\SRV/share\Übersicht", "Übersicht"),
            (r"C:\a\", ""),
            ("b.exe", "b.exe"),
            ("", ""),
        ] {
            assert_eq!(file_name(path), name);
        }
    }

    #[test]
    fn hosts_compare_by_first_label_and_netbios_length() {
        assert!(same_host("FS01", "fs01.nordhavn.example"));
        assert!(same_host(
            "WIN-77LTAPHIQ1R-LONG.example",
            "WIN-77LTAPHIQ1R-other"
        ));
        assert!(!same_host("", ""));
    }

    #[test]
    fn accounts_compare_without_case_and_with_missing_domains() {
        assert!(same_account("NORDHAVN\\Adm.Berg", "adm.berg"));
        assert!(same_account(
            "adm.berg@nordhavn.example",
            "NORDHAVN\\adm.berg"
        ));
        assert!(!same_account("A\\x", "B\\x"));
        assert!(!same_account("A\\", "A\\"));
    }

    #[test]
    fn a_guid_of_zeros_is_none() {
        assert!(Guid::of(0).is_none());
        // Its halves fold to nothing, yet it is one.
        let folds_to_zero = (1u128 << 64) | u128::from(0x9e37_79b9_7f4a_7c15u64.rotate_left(29));
        assert!(!Guid::of(folds_to_zero).is_none());
    }

    proptest::proptest! {
        #[test]
        fn guids_that_differ_in_one_half_stay_apart(high: u64, low: u64, other: u64) {
            let guid = |high: u64, low: u64| Guid::of(u128::from(high) << 64 | u128::from(low));
            proptest::prop_assume!(other != high && other != low);
            proptest::prop_assert_ne!(guid(high, low), guid(other, low));
            proptest::prop_assert_ne!(guid(high, low), guid(high, other));
        }
    }

    #[test]
    fn groups_of_administrators_are_known_by_sid() {
        assert_eq!(admin_group("S-1-5-32-544"), Some("Administrators"));
        assert_eq!(admin_group("S-1-5-21-1-2-3-512"), Some("Domain Admins"));
        for other in [
            "S-1-5-32-545",
            "S-1-5-21-1-2-3-1512",
            "S-1-5-21-512",
            "512",
            "",
        ] {
            assert_eq!(admin_group(other), None, "{other}");
        }
    }

    #[test]
    fn sids_of_services_are_known_by_family() {
        assert!(is_service_sid("S-1-5-82-3006700770-424185619"));
        assert!(!is_service_sid("S-1-5-21-1-2-3-500"));
        assert!(!is_service_sid("S-1-5-180"));
    }
}
