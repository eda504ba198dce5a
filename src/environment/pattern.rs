//! Patterns of names and networks in a site profile.

use std::net::IpAddr;
use std::str::FromStr;

use crate::event::host_key;
use crate::event::identity::split_account;

/// A name in which `*` stands for any characters and `?` for one; case does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    folded: Vec<char>,
}

impl Pattern {
    /// From text as written in the profile.
    pub fn new(written: &str) -> Self {
        Pattern {
            written: written.to_owned(),
            folded: fold(written),
        }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a text matches as a whole.
    pub fn matches(&self, text: &str) -> bool {
        matches(&self.folded, &fold(text))
    }

    /// Whether a host matches, by its full name or its first label.
    pub fn matches_host(&self, host: &str) -> bool {
        self.matches(host) || self.matches(&host_key(host))
    }

    /// Whether an account matches. A pattern without a domain matches the user in any domain;
    /// one with a domain also matches accounts whose domain is not known.
    pub fn matches_account(&self, account: &str) -> bool {
        let (domain, user) = split_account(&self.written);
        let (account_domain, account_user) = split_account(account);
        !account_user.is_empty()
            && matches(&fold(user), &fold(account_user))
            && (domain.is_empty()
                || account_domain.is_empty()
                || matches(&fold(domain), &fold(account_domain))
                || matches(&fold(&host_key(domain)), &fold(&host_key(account_domain))))
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Wildcard match in linear space, going back to the last `*` only.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = text.get(here) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == character => {
                at += 1;
                here += 1;
            }
            _ => match &mut star {
                Some((star_at, taken)) => {
                    *taken += 1;
                    (at, here) = (*star_at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|character| *character == '*'))
}

/// A network such as `10.20.0.0/16` or `fd00::/8`; a lone address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address lies in it. IPv4 written as IPv6 (`::ffff:10.0.0.1`) is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                self.bits == 0 || differ >> (32 - u32::from(self.bits.min(32))) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                self.bits == 0 || differ >> (128 - u32::from(self.bits.min(128))) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("“{text}” is no network; write 10.20.0.0/16 or fd00::/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits
                .trim()
                .parse()
                .ok()
                .filter(|bits| *bits <= most)
                .ok_or_else(wrong)?,
            None => most,
        };
        Ok(Network { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_whole_names_in_any_case() {
        let pattern = Pattern::new("PAW-*");
        assert!(pattern.matches_host("paw-07.nordhavn.example"));
        assert!(!pattern.matches_host("xpaw-07"));
        assert!(Pattern::new("*a*b?").matches("xxaYYbz"));
        assert!(!Pattern::new("*a*b?").matches("xxaYYb"));
    }

    #[test]
    fn accounts_match_with_and_without_domain() {
        assert!(Pattern::new("svc_*").matches_account("NORDHAVN\\svc_backup"));
        assert!(Pattern::new("NORDHAVN\\adm.*").matches_account("adm.berg@nordhavn.example"));
        assert!(!Pattern::new("NORDHAVN\\adm.*").matches_account("OTHER\\adm.berg"));
    }

    #[test]
    fn networks_hold_their_addresses() {
        let network: Network = "10.20.0.0/16".parse().unwrap();
        assert!(network.contains("10.20.3.4".parse().unwrap()));
        assert!(network.contains("::ffff:10.20.3.4".parse().unwrap()));
        assert!(!network.contains("10.21.0.1".parse().unwrap()));
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .contains("8.8.8.8".parse().unwrap())
        );
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!(
            "fd00::/8"
                .parse::<Network>()
                .unwrap()
                .contains("fd12::1".parse().unwrap())
        );
    }
}
