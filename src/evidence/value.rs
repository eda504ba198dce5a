//! A value as it lies in a chunk, and how its text would read.

use std::borrow::Cow;
use std::fmt::Write;

use super::template::utf16;
use crate::event::layout::{parse_guid, parse_number};

/// Value types ([MS-EVEN6] §2.2.12).
pub(super) mod kind {
    pub(crate) const NULL: u8 = 0x00;
    pub(crate) const STRING: u8 = 0x01;
    pub(crate) const INT8: u8 = 0x03;
    pub(crate) const UINT8: u8 = 0x04;
    pub(crate) const INT16: u8 = 0x05;
    pub(crate) const UINT16: u8 = 0x06;
    pub(crate) const INT32: u8 = 0x07;
    pub(crate) const UINT32: u8 = 0x08;
    pub(crate) const INT64: u8 = 0x09;
    pub(crate) const UINT64: u8 = 0x0a;
    pub(crate) const BOOL: u8 = 0x0d;
    pub(crate) const BINARY: u8 = 0x0e;
    pub(crate) const GUID: u8 = 0x0f;
    pub(crate) const SIZE: u8 = 0x10;
    pub(crate) const FILETIME: u8 = 0x11;
    pub(crate) const SID: u8 = 0x13;
    pub(crate) const HEX32: u8 = 0x14;
    pub(crate) const HEX64: u8 = 0x15;
    pub(crate) const BIN_XML: u8 = 0x21;
    pub(crate) const STRING_ARRAY: u8 = 0x81;
}

/// A value: its type and bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'c> {
    pub(super) kind: u8,
    pub(super) bytes: &'c [u8],
}

impl<'c> Raw<'c> {
    /// The value as a number, if it is one or a text that spells one.
    #[inline(always)]
    pub(super) fn number(self) -> Option<u64> {
        let signed = |value: i64| u64::try_from(value).ok();
        match (self.kind, self.bytes) {
            (kind::UINT32 | kind::SIZE | kind::HEX32, &[a, b, c, d]) => {
                Some(u64::from(u32::from_le_bytes([a, b, c, d])))
            }
            (kind::UINT64 | kind::SIZE | kind::HEX64, bytes) => {
                Some(u64::from_le_bytes(bytes.try_into().ok()?))
            }
            (kind::STRING, bytes) => number_in(bytes),
            (kind::UINT8, &[a]) => Some(u64::from(a)),
            (kind::UINT16, &[a, b]) => Some(u64::from(u16::from_le_bytes([a, b]))),
            (kind::INT8, &[a]) => signed(i64::from(i8::from_le_bytes([a]))),
            (kind::INT16, &[a, b]) => signed(i64::from(i16::from_le_bytes([a, b]))),
            (kind::INT32, &[a, b, c, d]) => signed(i64::from(i32::from_le_bytes([a, b, c, d]))),
            (kind::INT64, bytes) => signed(i64::from_le_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    /// The value as a moment, in the ticks that Windows counts.
    pub(super) fn filetime(self) -> Option<u64> {
        let ticks = || Some(u64::from_le_bytes(self.bytes.try_into().ok()?));
        (self.kind == kind::FILETIME).then(ticks)?
    }

    /// The value as the full reader's XML would spell it; `None` for types that are left to it.
    pub(super) fn text(self) -> Option<Cow<'c, str>> {
        let text = match (self.kind, self.bytes) {
            (kind::NULL, _) => return Some(Cow::Borrowed("")),
            (kind::STRING, bytes) => utf16(until_nul(bytes)),
            (kind::INT8, &[a]) => i8::from_le_bytes([a]).to_string(),
            (kind::INT16, &[a, b]) => i16::from_le_bytes([a, b]).to_string(),
            (kind::INT32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).to_string(),
            (kind::INT64, bytes) => i64::from_le_bytes(bytes.try_into().ok()?).to_string(),
            (kind::UINT8 | kind::UINT16 | kind::UINT32 | kind::UINT64, _) => {
                self.number()?.to_string()
            }
            (kind::SIZE | kind::HEX32 | kind::HEX64, _) => format!("0x{:x}", self.number()?),
            (kind::BOOL, &[a, b, c, d]) => match u32::from_le_bytes([a, b, c, d]) {
                0 => "false".to_owned(),
                1 => "true".to_owned(),
                _ => return None,
            },
            (kind::BINARY, bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
            (kind::GUID, bytes) => guid_text(guid(bytes)?),
            (kind::SID, bytes) => sid_text(bytes)?,
            _ => return None,
        };
        Some(Cow::Owned(text))
    }

    pub(super) fn guid(self) -> Option<u128> {
        match self.kind {
            kind::GUID => guid(self.bytes),
            kind::STRING => parse_guid(&self.text()?),
            _ => None,
        }
    }

    /// Whether the value is the text `-`: of all texts it is the most frequent.
    #[inline]
    pub(super) fn is_dash(self) -> bool {
        self.kind == kind::STRING && self.bytes == [b'-', 0]
    }

    /// Whether [`Raw::text`] can spell the value.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.kind == kind::STRING || self.is_plain_other()
    }

    /// As [`Raw::is_plain`], of what is no text.
    fn is_plain_other(self) -> bool {
        let size = self.bytes.len();
        match self.kind {
            kind::NULL | kind::BINARY => true,
            kind::INT8 | kind::UINT8 => size == 1,
            kind::INT16 | kind::UINT16 => size == 2,
            kind::INT32 | kind::UINT32 | kind::HEX32 => size == 4,
            kind::INT64 | kind::UINT64 | kind::HEX64 => size == 8,
            kind::SIZE => size == 4 || size == 8,
            kind::BOOL => matches!(self.bytes, [0 | 1, 0, 0, 0]),
            kind::GUID => size == 16,
            kind::SID => size >= 8,
            _ => false,
        }
    }
}

/// The text up to its first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .chunks_exact(2)
        .position(|unit| unit == [0, 0])
        .map_or(bytes.len() & !1, |at| at * 2);
    bytes.get(..end).unwrap_or(bytes)
}

/// The number that a text spells. Most are a few digits and nothing else.
#[inline(never)]
fn number_in(text: &[u8]) -> Option<u64> {
    decimal(text).or_else(|| short_ascii(text, parse_number))
}

/// Reads a text of few digits and nothing else.
fn decimal(bytes: &[u8]) -> Option<u64> {
    /// No more fit for sure.
    const MOST: usize = 19;
    let (units, _) = bytes.as_chunks::<2>();
    if !(1..=MOST).contains(&units.len()) {
        return None;
    }
    units.iter().try_fold(0, |number, unit| match unit {
        [digit @ b'0'..=b'9', 0] => Some(number * 10 + u64::from(digit - b'0')),
        _ => None,
    })
}

/// Reads a text that is too short to be worth an allocation.
fn short_ascii<T>(bytes: &[u8], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut buffer = [0; 32];
    let text = until_nul(bytes);
    let room = buffer.get_mut(..text.len() / 2);
    let is_ascii = room.is_some_and(|room| narrow(text, room));
    if !is_ascii {
        return read(&utf16(text));
    }
    read(std::str::from_utf8(buffer.get(..text.len() / 2)?).ok()?)
}

/// Writes the low bytes of UTF-16 text to `to`, which has one place a unit; answers whether that is
/// the text, because all of it is ASCII and none of it NUL.
pub(super) fn narrow(units: &[u8], to: &mut [u8]) -> bool {
    const NOT_ASCII: u16 = !0x7f;
    /// As many as the processor takes at once.
    const BLOCK: usize = 8;
    let mut all = 0;
    let mut one = |to: &mut u8, unit: &[u8; 2]| {
        let unit = u16::from_le_bytes(*unit);
        // One less than NUL has all bits.
        all |= unit | unit.wrapping_sub(1);
        let [low, _] = unit.to_le_bytes();
        *to = low;
    };
    let (units, _) = units.as_chunks::<2>();
    let (blocks, rest) = units.as_chunks::<BLOCK>();
    let (to_blocks, to_rest) = to.as_chunks_mut::<BLOCK>();
    for (to, units) in to_blocks.iter_mut().zip(blocks) {
        to.iter_mut()
            .zip(units)
            .for_each(|(to, unit)| one(to, unit));
    }
    to_rest
        .iter_mut()
        .zip(rest)
        .for_each(|(to, unit)| one(to, unit));
    all & NOT_ASCII == 0
}

/// The number that a GUID's text form spells.
fn guid(bytes: &[u8]) -> Option<u128> {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes else {
        return None;
    };
    Some(u128::from_be_bytes([
        d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p,
    ]))
}

fn guid_text(guid: u128) -> String {
    let part = |shift: u32, digits: u32| (guid >> shift) & ((1 << (4 * digits)) - 1);
    format!(
        "{{{:08x}-{:04x}-{:04x}-{:04x}-{:012x}}}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    )
}

fn sid_text(bytes: &[u8]) -> Option<String> {
    let (&[revision, count, a, b, c, d, e, f], parts) = bytes.split_first_chunk::<8>()?;
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let mut text = format!("S-{revision}-{authority}");
    let (parts, _) = parts.as_chunks::<4>();
    for part in parts.iter().take(usize::from(count)) {
        write!(text, "-{}", u32::from_le_bytes(*part)).ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: u8, bytes: &[u8]) -> String {
        Raw { kind, bytes }.text().unwrap().into_owned()
    }

    fn units(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn values_read_as_windows_spells_them() {
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 0x20, 0, 0, 0, 0x20, 0x02, 0, 0];
        assert_eq!(text(kind::SID, &sid), "S-1-5-32-544");
        let guid: Vec<u8> = (0..16).collect();
        assert_eq!(
            text(kind::GUID, &guid),
            "{03020100-0504-0706-0809-0a0b0c0d0e0f}"
        );
        assert_eq!(text(kind::HEX64, &0x3e7u64.to_le_bytes()), "0x3e7");
        assert_eq!(text(kind::STRING, &units("ü42\0x")), "ü42");
    }

    proptest::proptest! {
        #[test]
        fn only_plain_ascii_is_narrowed(text in "[a-z]{0,40}|[a-zü\0]{0,20}|\\PC{0,20}") {
            let units = units(&text);
            let mut narrowed = vec![0; units.len() / 2];
            let is_plain = text.is_ascii() && !text.contains('\0');
            proptest::prop_assert_eq!(narrow(&units, &mut narrowed), is_plain);
            proptest::prop_assert!(!is_plain || narrowed == text.as_bytes());
        }

        #[test]
        fn plain_values_are_those_with_a_text(
            kind: u8,
            bytes in proptest::collection::vec(0..3u8, 0..20),
        ) {
            let raw = Raw { kind, bytes: &bytes };
            proptest::prop_assert_eq!(raw.is_plain(), raw.text().is_some());
        }
    }

    #[test]
    fn numbers_are_read_from_text_too() {
        let number = |text: &str| {
            let bytes = &units(text);
            let kind = kind::STRING;
            Raw { kind, bytes }.number()
        };
        assert_eq!(number("42"), Some(42));
        assert_eq!(number("0x10\0\0"), Some(16));
        assert_eq!(number("-"), None);
        assert_eq!(number("\u{ff14}"), None);
        assert_eq!(number(&" 7".repeat(40)), None);
    }
}
