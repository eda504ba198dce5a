//! GUIDs and SIDs in the byte order that Windows stores.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A GUID, kept in its stored (little-endian) bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Guid([u8; 16]);

impl Guid {
    /// Builds a GUID from the four parts of its text form.
    pub fn from_parts(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Self {
        let [a, b, c, d] = first.to_le_bytes();
        let [e, f] = second.to_le_bytes();
        let [g, h] = third.to_le_bytes();
        let [i, j, k, l, m, n, o, p] = rest;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// A GUID made of 128 given bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(bits.to_le_bytes())
    }

    /// The sixteen bytes as stored.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first part as a number: BinXml calls it the template id.
    pub fn first_part(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }

    /// The bucket of the chunk's template table in which Windows keeps this GUID: the name hash over its eight 16-bit units.
    pub(crate) fn bucket(&self) -> usize {
        let units = self
            .0
            .chunks_exact(2)
            .filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
        usize::from(name_hash(units.map(u16::from_le_bytes))) % 32
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, tail @ ..] = self.0;
        let first = u32::from_le_bytes([a, b, c, d]);
        write!(
            f,
            "{{{first:08X}-{:04X}-{:04X}-",
            u16::from_le_bytes([e, g]),
            u16::from_le_bytes([h, i])
        )?;
        for (position, byte) in tail.iter().enumerate() {
            let dash = if position == 2 { "-" } else { "" };
            write!(f, "{dash}{byte:02X}")?;
        }
        f.write_str("}")
    }
}

impl FromStr for Guid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(format!(
                "`{text}` is no GUID; write 8-4-4-4-12 hexadecimal digits, with or without braces"
            ))
        };
        let bare = text.trim_start_matches('{').trim_end_matches('}');
        let parts: Vec<&str> = bare.split('-').collect();
        let [first, second, third, fourth, fifth] = parts.as_slice() else {
            return Err(wrong());
        };
        if [
            first.len(),
            second.len(),
            third.len(),
            fourth.len(),
            fifth.len(),
        ] != [8, 4, 4, 4, 12]
        {
            return Err(wrong());
        }
        let tail = u64::from_str_radix(&format!("{fourth}{fifth}"), 16).map_err(|_| wrong())?;
        Ok(Self::from_parts(
            u32::from_str_radix(first, 16).map_err(|_| wrong())?,
            u16::from_str_radix(second, 16).map_err(|_| wrong())?,
            u16::from_str_radix(third, 16).map_err(|_| wrong())?,
            tail.to_be_bytes(),
        ))
    }
}

/// A security identifier, kept in its stored bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sid(Vec<u8>);

impl Sid {
    /// The bytes as stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Sid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(format!(
                "`{text}` is no SID; write for example S-1-5-21-1-2-3-1106"
            ))
        };
        let mut parts = text.strip_prefix("S-1-").ok_or_else(wrong)?.split('-');
        let authority: u64 = parts
            .next()
            .and_then(|part| part.parse().ok())
            .ok_or_else(wrong)?;
        let subs = parts
            .map(|part| part.parse::<u32>().map_err(|_| wrong()))
            .collect::<Result<Vec<_>>>()?;
        let count = u8::try_from(subs.len())
            .ok()
            .filter(|count| *count <= 15)
            .ok_or_else(wrong)?;
        let mut bytes = vec![1, count];
        bytes.extend(authority.to_be_bytes().iter().skip(2));
        bytes.extend(subs.iter().flat_map(|sub| sub.to_le_bytes()));
        Ok(Self(bytes))
    }
}

/// The hash by which Windows files names (and template GUIDs) in a chunk's tables.
pub(crate) fn name_hash(units: impl Iterator<Item = u16>) -> u16 {
    let full = units.fold(0_u32, |hash, unit| {
        hash.wrapping_mul(65_599).wrapping_add(u32::from(unit))
    });
    (full & 0xFFFF) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guid_text_survives_the_round_trip() {
        let text = "{54849625-5478-4994-A5BA-3E3B0328C30D}";
        assert_eq!(text.parse::<Guid>().unwrap().to_string(), text);
        assert!("54849625".parse::<Guid>().is_err());
    }

    #[test]
    fn sid_bytes_are_what_windows_stores() {
        let sid: Sid = "S-1-5-18".parse().unwrap();
        assert_eq!(sid.as_bytes(), [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
        assert!("S-1-x".parse::<Sid>().is_err());
    }

    /// Pairs read from a log that Windows wrote.
    #[test]
    fn hashes_match_windows() {
        assert_eq!(name_hash("EventData".encode_utf16()), 0x8244);
        assert_eq!(name_hash("System".encode_utf16()), 0x546F);
        assert_eq!(
            "71332429-c5f1-c1b2-76a9-d70a327b278d"
                .parse::<Guid>()
                .unwrap()
                .bucket(),
            1
        );
        assert_eq!(
            "1aad3605-beb0-ab30-3355-0f7d6701feee"
                .parse::<Guid>()
                .unwrap()
                .bucket(),
            27
        );
    }
}
