//! What leaves the program: the alerts and what the case says about them, in the forms that
//! people and other programs read.
//!
//! The command line and the interface call the same code with the same input, so a report is the
//! same byte for byte. It holds no time but those of the evidence and of the case, and its order
//! is fixed. Record text passes [`crate::text`]; passwords in command lines are masked unless
//! asked for.

mod ask;
mod content;
mod csv;
mod html;
mod json;
mod mapping;
mod markdown;
mod masking;
mod model;
mod plain;
mod safe_json;
mod timesketch;
mod words;

use std::io::{self, Write};

use crate::case::Case;
use crate::investigate::{Alert, Severity};
use crate::timeline::Timeline;

pub use ask::Ask;
pub use json::{AlertJson, alert_json};
pub use plain::{Plain, write_plain};
pub use safe_json::{to_json, to_json_line};
pub use words::word;

/// A form of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The note for a ticket or a colleague.
    Markdown,
    /// The page for a client: one file that needs nothing else.
    Html,
    /// One object with everything (schema `dualuse.scan/1`).
    Json,
    /// One alert per line, each as in [`Format::Json`].
    Jsonl,
    /// One alert per row.
    Csv,
    /// One record per row, as Timesketch imports it.
    Timesketch,
    /// One record per line, as Timesketch imports it.
    TimesketchJsonl,
}

impl Format {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Format; 7] = [
        Format::Markdown,
        Format::Html,
        Format::Json,
        Format::Jsonl,
        Format::Csv,
        Format::Timesketch,
        Format::TimesketchJsonl,
    ];

    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Format::Markdown => "markdown",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::Timesketch => "timesketch",
            Format::TimesketchJsonl => "timesketch-jsonl",
        }
    }

    /// The format of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Format::ALL.into_iter().find(|format| format.word() == word)
    }

    /// The usual file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Markdown => "md",
            Format::Json => "json",
            Format::Jsonl | Format::TimesketchJsonl => "jsonl",
            Format::Csv | Format::Timesketch => "csv",
            Format::Html => "html",
        }
    }

    /// One line that says what it is for.
    pub fn help(self) -> &'static str {
        match self {
            Format::Markdown => "the note for a ticket or a colleague",
            Format::Json => "one object with everything",
            Format::Jsonl => "one alert per line",
            Format::Csv => "one alert per row, for spreadsheets",
            Format::Html => "one page for a client, on screen or paper",
            Format::Timesketch => "one record per row, for Timesketch (CSV)",
            Format::TimesketchJsonl => "one record per line, for Timesketch (JSON lines)",
        }
    }
}

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The events and their sources.
    pub timeline: &'a Timeline,
    /// The alerts, in the order in which they are shown.
    pub alerts: &'a [Alert],
    /// Decisions and notes.
    pub case: &'a Case,
    /// What to leave out or show.
    pub options: Options,
}

/// What a report leaves out or shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave passwords in command lines as they are.
    pub show_secrets: bool,
    /// Leave out alerts below this severity, unless the case has a decision or note about them.
    pub min_severity: Option<Severity>,
}

impl Report<'_> {
    /// How many alerts the report shows.
    pub fn alert_count(&self) -> usize {
        model::count(self)
    }

    /// Writes the report in a format.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Markdown => markdown::write(self, out),
            Format::Json => json::write(self, out),
            Format::Jsonl => json::write_lines(self, out),
            Format::Csv => csv::write(self, out),
            Format::Html => html::write(self, out),
            Format::Timesketch => timesketch::write_csv(self, out),
            Format::TimesketchJsonl => timesketch::write_lines(self, out),
        }
    }

    /// The report as text.
    ///
    /// # Errors
    /// Never in practice: all formats are UTF-8 and memory does not fail to be written.
    pub fn to_text(&self, format: Format) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.write(format, &mut bytes)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests;
