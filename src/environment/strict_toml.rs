//! Reads TOML that a human wrote and finds everything that is wrong with it at once, each with its
//! line.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct TomlFault {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, in a sentence.
    pub what: String,
}

impl fmt::Display for TomlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.what
        )
    }
}

/// A value and where it stands.
pub(crate) type Placed<T> = (T, Range<usize>);

/// Collects what is wrong while values are taken out.
#[derive(Debug)]
pub(crate) struct Reader<'i> {
    input: &'i str,
    faults: Vec<TomlFault>,
}

impl<'i> Reader<'i> {
    /// Parses the text as far as it can be.
    pub(crate) fn parse(input: &'i str) -> (Self, DeTable<'i>) {
        let (document, errors) = DeTable::parse_recoverable(input);
        let mut reader = Reader {
            input,
            faults: Vec::new(),
        };
        for error in errors {
            reader.fault(error.span().unwrap_or(0..0), error.message().to_owned());
        }
        (reader, document.into_inner())
    }

    /// Everything that was wrong, in the order of lines.
    pub(crate) fn into_faults(mut self) -> Vec<TomlFault> {
        self.faults.sort();
        self.faults.dedup();
        self.faults
    }

    /// Notes that something is wrong at a place.
    pub(crate) fn fault(&mut self, at: Range<usize>, what: impl Into<String>) {
        let before = self.input.get(..at.start).unwrap_or(self.input);
        let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
        self.faults.push(TomlFault {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            what: what.into(),
        });
    }

    /// Complains of keys that nobody reads.
    pub(crate) fn know(&mut self, table: &DeTable<'i>, place: &str, known: &[&str]) {
        for key in table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let what = format!("no such key in {place}; there are {}", known.join(", "));
            self.fault(key.span(), what);
        }
    }

    /// A text, if it is there.
    pub(crate) fn text(&mut self, table: &DeTable<'i>, key: &str) -> Option<Placed<String>> {
        let value = table.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some((text.to_owned(), value.span())),
            None => {
                self.wrong_kind(key, "a text in quotes", value);
                None
            }
        }
    }

    /// `true` or `false`, if it is there.
    #[cfg(feature = "tui")]
    pub(crate) fn truth(&mut self, table: &DeTable<'i>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_kind(key, "true or false", value);
        }
        found
    }

    /// A text that must be there; `at` is where to complain.
    pub(crate) fn needed_text(
        &mut self,
        table: &DeTable<'i>,
        key: &str,
        at: Range<usize>,
    ) -> Option<String> {
        match table.get(key) {
            Some(_) => self.text(table, key).map(|(text, _)| text),
            None => {
                self.fault(at, format!("{key} is missing"));
                None
            }
        }
    }

    /// A list of texts; empty if it is not there.
    pub(crate) fn texts(&mut self, table: &DeTable<'i>, key: &str) -> Vec<Placed<String>> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(key, "a list of texts, such as [\"one\", \"two\"]", value);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span())),
                None => self.wrong_kind(key, "a list of texts only", item),
            }
        }
        texts
    }

    /// A time as written: a TOML date and time, or a text.
    pub(crate) fn time_text(&mut self, table: &DeTable<'i>, key: &str) -> Option<Placed<String>> {
        let value = table.get(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_kind(key, "a date and time, such as 2026-03-10T18:00:00", value);
                return None;
            }
        };
        Some((text, value.span()))
    }

    /// A table, if it is there.
    pub(crate) fn table<'t>(
        &mut self,
        table: &'t DeTable<'i>,
        key: &str,
    ) -> Option<&'t DeTable<'i>> {
        let value = table.get(key)?;
        let found = value.get_ref().as_table();
        if found.is_none() {
            self.wrong_kind(key, &format!("a table, [{key}]"), value);
        }
        found
    }

    /// A list of tables with their places; empty if it is not there.
    pub(crate) fn tables<'t>(
        &mut self,
        table: &'t DeTable<'i>,
        key: &str,
    ) -> Vec<Placed<&'t DeTable<'i>>> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_kind(
                key,
                &format!("a list of tables, each headed [[{key}]]"),
                value,
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_table() {
                Some(inner) => tables.push((inner, item.span())),
                None => self.wrong_kind(
                    key,
                    &format!("a list of tables, each headed [[{key}]]"),
                    item,
                ),
            }
        }
        tables
    }

    fn wrong_kind(&mut self, key: &str, wanted: &str, found: &Spanned<DeValue<'i>>) {
        let what = format!(
            "{key} must be {wanted}, not a value of type {}",
            found.get_ref().type_str()
        );
        self.fault(found.span(), what);
    }
}
