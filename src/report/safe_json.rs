//! JSON that keeps every text exactly and is still safe to print: what a terminal would act on or
//! not show is written as `\uXXXX`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};

use crate::text::is_hidden;

/// Wraps a formatter; only string fragments are treated differently.
struct Safe<F>(F);

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $kind:ty),*);)+) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })+
    };
}

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.contains('\u{7f}') {
            return self.0.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, hidden)) = rest
            .char_indices()
            .find(|(_, c)| *c == '\u{7f}' || is_hidden(*c))
        {
            let (plain, from_hidden) = rest.split_at(at);
            self.0.write_string_fragment(writer, plain)?;
            let mut units = [0; 2];
            for unit in hidden.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from_hidden.strip_prefix(hidden).unwrap_or("");
        }
        self.0.write_string_fragment(writer, rest)
    }

    pass_on! {
        begin_array(); end_array(); begin_array_value(first: bool); end_array_value();
        begin_object(); end_object(); begin_object_key(first: bool); end_object_key();
        begin_object_value(); end_object_value();
        write_char_escape(escape: CharEscape);
    }
}

/// Writes a value over several lines, with a line feed at the end.
///
/// # Errors
/// What `out` says.
pub fn to_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let formatter = Safe(PrettyFormatter::with_indent(b" "));
    value
        .serialize(&mut Serializer::with_formatter(&mut *out, formatter))
        .map_err(io_error)?;
    out.write_all(b"\n")
}

/// Writes a value on one line, with a line feed at the end.
///
/// # Errors
/// What `out` says.
pub fn to_json_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let formatter = Safe(CompactFormatter);
    value
        .serialize(&mut Serializer::with_formatter(&mut *out, formatter))
        .map_err(io_error)?;
    out.write_all(b"\n")
}

/// Keeps the kind of error, so that a closed pipe stays one.
fn io_error(error: serde_json::Error) -> io::Error {
    match error.io_error_kind() {
        Some(kind) => io::Error::new(kind, error),
        None => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_text_survives_and_nothing_hidden_is_printed(text in "\\PC*|[\\x00-\\xff\u{200b}\u{202a}-\u{202e}\u{e0001}]*") {
            let mut written = Vec::new();
            to_json(&vec![text.clone()], &mut written).unwrap();
            let written = String::from_utf8(written).unwrap();
            proptest::prop_assert!(written.chars().all(|c| c == '\n' || !c.is_control() && !is_hidden(c)));
            proptest::prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), vec![text]);
        }
    }
}
