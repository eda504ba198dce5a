//! The records behind the alerts for Timesketch, as CSV and as JSON lines, exactly as its importer
//! wants them (timesketch/lib/utils.py): `message`, `datetime` with offset, `timestamp` in
//! microseconds of the same moment, `timestamp_desc`; no reserved name; no line break in a cell; a
//! tag without commas; at least three lines; a fixed set of columns. Verdicts are tags, since
//! labels and comments cannot be imported.

mod row;

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::Report;
use super::csv::io_error;
use super::safe_json::to_json_line;
use crate::text::{csv_cell, line};
use row::{COLUMNS, Row, rows};

/// Writes the CSV form.
pub(super) fn write_csv(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(io_error)?;
    for row in rows(report) {
        let cells = COLUMNS.iter().map(|column| csv_cell(&cell(&row, column)));
        writer.write_record(cells).map_err(io_error)?;
    }
    writer.flush()
}

fn cell(row: &Row, column: &str) -> String {
    match column {
        "timestamp" => row.timestamp.to_string(),
        "tag" if row.tags.is_empty() => "-".to_owned(),
        "tag" => row.tags.join(","),
        column => row.texts.get(column).cloned().unwrap_or_default(),
    }
}

/// Writes the JSON lines. Every line has every key.
pub(super) fn write_lines(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in rows(report) {
        let mut object = Map::new();
        for column in COLUMNS {
            let value = match column {
                "timestamp" => Value::from(row.timestamp),
                "tag" => row.tags.iter().map(|tag| tag.as_str()).collect(),
                column => {
                    let text = row.texts.get(column).map_or("", String::as_str);
                    Value::from(line(text).into_string())
                }
            };
            object.insert(column.to_owned(), value);
        }
        to_json_line(&object, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
