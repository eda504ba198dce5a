//! A table of comma-separated values, read as JSON lines: one object a row, by the names in the
//! first row. Cells without a value are left out, as a table has a column for every field of every
//! event in it. Rows begin on the line on which they began in the table.

use std::io::{self, BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

/// What may stand between two cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The delimiter of a table that begins like this; `None` when it is no table.
pub(super) fn delimiter(head: &[u8]) -> Option<u8> {
    let (columns, delimiter) = DELIMITERS
        .iter()
        .map(|delimiter| {
            (
                reader(head, *delimiter)
                    .headers()
                    .map_or(0, |row| row.len()),
                *delimiter,
            )
        })
        .max_by_key(|(columns, _)| *columns)?;
    (columns > 1).then_some(delimiter)
}

fn reader<R: Read>(text: R, delimiter: u8) -> Reader<R> {
    // PowerShell writes `#TYPE …` before the names.
    ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text)
}

/// The table as JSON lines.
pub(super) struct Rows<R> {
    reader: Reader<BufReader<R>>,
    row: ByteRecord,
    /// Lines written so far.
    line: u64,
    text: Vec<u8>,
    /// How much of `text` was handed over.
    at: usize,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Rows {
            reader: reader(BufReader::new(text), delimiter),
            row: ByteRecord::new(),
            line: 1,
            text: Vec::new(),
            at: 0,
        }
    }

    /// Puts the next row into `text`; whether there was one.
    fn next(&mut self) -> io::Result<bool> {
        let names: Vec<String> = self
            .reader
            .byte_headers()?
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        if !self.reader.read_byte_record(&mut self.row)? {
            return Ok(false);
        }
        let cells: Map<String, Value> = names
            .into_iter()
            .zip(&self.row)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name, Value::from(String::from_utf8_lossy(cell))))
            .collect();
        self.text.clear();
        self.at = 0;
        let begins = self.row.position().map_or(self.line, csv::Position::line);
        while self.line < begins {
            self.text.push(b'\n');
            self.line += 1;
        }
        self.text.extend(Value::Object(cells).to_string().bytes());
        self.text.push(b'\n');
        self.line += 1;
        Ok(true)
    }
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && !self.next()? {
            return Ok(0);
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(table: &str) -> String {
        let delimiter = delimiter(table.as_bytes()).unwrap();
        let mut text = String::new();
        let mut rows = Rows::new(table.as_bytes(), delimiter);
        rows.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_row_is_an_object_on_the_line_where_it_began() {
        let table = "#TYPE x\r\n\"Id\";\"Text\";Host\r\n1;\"two\nlines\";A\r\n2;;B\r\n";
        assert_eq!(
            lines(table),
            "\n\n{\"Host\":\"A\",\"Id\":\"1\",\"Text\":\"two\\nlines\"}\n\n{\"Host\":\"B\",\"Id\":\"2\"}\n"
        );
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(delimiter(b"Dear all\nthis is it\n"), None);
    }
}
