//! Typed substitution values and their stored form.

use crate::error::{Error, Result};
use crate::identity::{Guid, Sid};
use crate::time::Time;

/// The types that templates and template instances name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// No value.
    Null,
    /// UTF-16 text.
    Text,
    /// Several UTF-16 texts, each closed by a zero: the unnamed `Data` items of classic providers.
    TextList,
    /// Unsigned 8 bits.
    U8,
    /// Unsigned 16 bits.
    U16,
    /// Unsigned 32 bits.
    U32,
    /// Unsigned 64 bits.
    U64,
    /// Signed 32 bits.
    I32,
    /// True or false, stored in 32 bits.
    Bool,
    /// Bytes.
    Binary,
    /// A GUID.
    Guid,
    /// Declared as "size of a pointer", stored as 64 bits shown in hexadecimal: process ids of the Security log.
    Pointer,
    /// A moment.
    FileTime,
    /// A security identifier.
    Sid,
    /// 32 bits shown in hexadecimal.
    Hex32,
    /// 64 bits shown in hexadecimal.
    Hex64,
    /// An embedded BinXml fragment.
    BinXml,
}

impl ValueType {
    /// The code that a template writes for this type.
    pub fn declared_code(self) -> u8 {
        match self {
            Self::Null => 0x00,
            Self::Text => 0x01,
            Self::U8 => 0x04,
            Self::U16 => 0x06,
            Self::I32 => 0x07,
            Self::U32 => 0x08,
            Self::U64 => 0x0A,
            Self::Bool => 0x0D,
            Self::Binary => 0x0E,
            Self::Guid => 0x0F,
            Self::Pointer => 0x10,
            Self::FileTime => 0x11,
            Self::Sid => 0x13,
            Self::Hex32 => 0x14,
            Self::Hex64 => 0x15,
            Self::BinXml => 0x21,
            Self::TextList => 0x81,
        }
    }

    /// The type that kind and scenario files call `name`.
    pub fn from_name(name: &str) -> Result<Self> {
        Ok(match name {
            "null" => Self::Null,
            "text" => Self::Text,
            "texts" => Self::TextList,
            "u8" => Self::U8,
            "u16" => Self::U16,
            "u32" => Self::U32,
            "u64" => Self::U64,
            "i32" => Self::I32,
            "bool" => Self::Bool,
            "binary" => Self::Binary,
            "guid" => Self::Guid,
            "pointer" => Self::Pointer,
            "filetime" => Self::FileTime,
            "sid" => Self::Sid,
            "hex32" => Self::Hex32,
            "hex64" => Self::Hex64,
            _ => {
                return Err(Error::new(format!(
                    "`{name}` is no field type; use text, texts, u8, u16, u32, u64, i32, bool, binary, guid, pointer, filetime, sid, hex32 or hex64"
                )));
            }
        })
    }
}

/// One substitution value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value: an optional element or attribute that depends on it is left out.
    Null,
    /// UTF-16 text.
    Text(String),
    /// Several texts.
    TextList(Vec<String>),
    /// Unsigned 8 bits.
    U8(u8),
    /// Unsigned 16 bits.
    U16(u16),
    /// Unsigned 32 bits.
    U32(u32),
    /// Unsigned 64 bits.
    U64(u64),
    /// Signed 32 bits.
    I32(i32),
    /// True or false.
    Bool(bool),
    /// Bytes.
    Binary(Vec<u8>),
    /// A GUID.
    Guid(Guid),
    /// A moment.
    FileTime(Time),
    /// A security identifier.
    Sid(Sid),
    /// 32 bits shown in hexadecimal.
    Hex32(u32),
    /// 64 bits shown in hexadecimal.
    Hex64(u64),
}

impl Value {
    /// The type code that the instance writes beside this value.
    pub fn stored_code(&self) -> u8 {
        match self {
            Self::Null => ValueType::Null,
            Self::Text(_) => ValueType::Text,
            Self::TextList(_) => ValueType::TextList,
            Self::U8(_) => ValueType::U8,
            Self::U16(_) => ValueType::U16,
            Self::U32(_) => ValueType::U32,
            Self::U64(_) => ValueType::U64,
            Self::I32(_) => ValueType::I32,
            Self::Bool(_) => ValueType::Bool,
            Self::Binary(_) => ValueType::Binary,
            Self::Guid(_) => ValueType::Guid,
            Self::FileTime(_) => ValueType::FileTime,
            Self::Sid(_) => ValueType::Sid,
            Self::Hex32(_) => ValueType::Hex32,
            Self::Hex64(_) => ValueType::Hex64,
        }
        .declared_code()
    }

    /// Appends the stored bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Text(text) => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::TextList(texts) => {
                for text in texts {
                    out.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
                }
            }
            Self::U8(number) => out.push(*number),
            Self::U16(number) => out.extend(number.to_le_bytes()),
            Self::U32(number) | Self::Hex32(number) => out.extend(number.to_le_bytes()),
            Self::U64(number) | Self::Hex64(number) => out.extend(number.to_le_bytes()),
            Self::I32(number) => out.extend(number.to_le_bytes()),
            Self::Bool(flag) => out.extend(u32::from(*flag).to_le_bytes()),
            Self::Binary(bytes) => out.extend(bytes),
            Self::Guid(guid) => out.extend(guid.as_bytes()),
            Self::FileTime(time) => out.extend(time.filetime().to_le_bytes()),
            Self::Sid(sid) => out.extend(sid.as_bytes()),
        }
    }

    /// Reads a value of the given type from its text in a scenario.
    pub fn parse(value_type: ValueType, text: &str) -> Result<Self> {
        Ok(match value_type {
            ValueType::Null | ValueType::BinXml => Self::Null,
            ValueType::Text => Self::Text(text.to_owned()),
            ValueType::TextList => {
                Self::TextList(text.split('\u{1F}').map(str::to_owned).collect())
            }
            ValueType::U8 => Self::U8(number(text)?),
            ValueType::U16 => Self::U16(number(text)?),
            ValueType::U32 => Self::U32(number(text)?),
            ValueType::U64 => Self::U64(number(text)?),
            ValueType::I32 => Self::I32(
                text.parse()
                    .map_err(|_| Error::new(format!("`{text}` is no whole number")))?,
            ),
            ValueType::Hex32 => Self::Hex32(number(text)?),
            ValueType::Hex64 | ValueType::Pointer => Self::Hex64(number(text)?),
            ValueType::Bool => match text {
                "true" => Self::Bool(true),
                "false" => Self::Bool(false),
                _ => return Err(Error::new(format!("`{text}` is neither true nor false"))),
            },
            ValueType::Binary => Self::Binary(bytes(text)?),
            ValueType::Guid => Self::Guid(text.parse()?),
            ValueType::FileTime => Self::FileTime(Time::parse(text)?),
            ValueType::Sid if text.is_empty() || text == "-" => Self::Sid("S-1-0-0".parse()?),
            ValueType::Sid => Self::Sid(text.parse()?),
        })
    }
}

/// A whole number, decimal or `0x` hexadecimal, within the range of `T`.
pub(crate) fn number<T: TryFrom<u64>>(text: &str) -> Result<T> {
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    parsed
        .and_then(|wide| T::try_from(wide).ok())
        .ok_or_else(|| {
            let bits = 8 * std::mem::size_of::<T>();
            Error::new(format!(
                "`{text}` is no whole number of {bits} bits; write it in decimal or as 0x…"
            ))
        })
}

/// `hex:00ff` is bytes; anything else is text in UTF-16 closed by a zero, as the service manager stores key names.
fn bytes(text: &str) -> Result<Vec<u8>> {
    let Some(digits) = text.strip_prefix("hex:") else {
        return Ok(text
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect());
    };
    let wrong = || {
        Error::new(format!(
            "`{text}` is not an even number of hexadecimal digits"
        ))
    };
    let pairs: Vec<char> = digits.chars().collect();
    if !pairs.len().is_multiple_of(2) {
        return Err(wrong());
    }
    pairs
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).map_err(|_| wrong()))
        .collect()
}
