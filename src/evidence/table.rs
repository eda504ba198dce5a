//! A table of comma-separated values, read as JSON lines: one object a row, by the names in the
//! first row. Cells without a value are left out, as a table has a column for every field of every
//! event in it. Rows begin on the line on which they began in the table.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

/// What may stand between two cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What PowerShell writes on a line of its own before the names.
const TYPE: &[u8] = b"#TYPE";

/// The delimiter of a table that begins like this; `None` when it is no table.
pub(super) fn delimiter(head: &[u8]) -> Option<u8> {
    let mut lines = head.split_inclusive(|byte| *byte == b'\n');
    let typed = lines.next().filter(|line| line.starts_with(TYPE));
    let names = head.get(typed.map_or(0, <[u8]>::len)..)?;
    let columns = |delimiter| {
        let mut reader = reader(names, delimiter);
        reader.byte_headers().map_or(0, ByteRecord::len)
    };
    let (columns, delimiter) = DELIMITERS
        .iter()
        .map(|delimiter| (columns(*delimiter), *delimiter))
        .max_by_key(|(columns, _)| *columns)?;
    (columns > 1).then_some(delimiter)
}

fn reader<R: Read>(text: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text)
}

/// The table as JSON lines.
pub(super) struct Rows<R> {
    reader: Reader<BufReader<R>>,
    row: ByteRecord,
    names: Vec<String>,
    /// Lines of the table that were read and not written yet.
    owed: usize,
    /// What was made and not handed over yet.
    text: Cursor<Vec<u8>>,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        let mut text = BufReader::new(text);
        let is_typed = text.fill_buf().is_ok_and(|head| head.starts_with(TYPE));
        if is_typed {
            // What cannot be read now is told when the table is.
            let _ = text.skip_until(b'\n');
        }
        Rows {
            reader: reader(text, delimiter),
            row: ByteRecord::new(),
            names: Vec::new(),
            owed: usize::from(is_typed),
            text: Cursor::default(),
        }
    }

    /// Puts the next row into `text`; whether there was one.
    fn next(&mut self) -> io::Result<bool> {
        if self.names.is_empty() {
            let names = self.reader.byte_headers()?;
            self.owed += lines(names);
            self.names = names
                .iter()
                .map(|name| String::from_utf8_lossy(name).trim().to_owned())
                .collect();
        }
        if !self.reader.read_byte_record(&mut self.row)? {
            return Ok(false);
        }
        let cells: Map<String, Value> = self
            .names
            .iter()
            .zip(&self.row)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| (name.clone(), Value::from(String::from_utf8_lossy(cell))))
            .collect();
        let breaks = "\n".repeat(self.owed);
        let text = format!("{breaks}{}\n", Value::Object(cells));
        self.text = Cursor::new(text.into_bytes());
        self.owed = lines(&self.row) - 1;
        Ok(true)
    }
}

/// Lines that a row fills.
fn lines(row: &ByteRecord) -> usize {
    let breaks = row.as_slice().iter().filter(|byte| **byte == b'\n');
    1 + breaks.count()
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.text.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.next()? {
                return Ok(count);
            }
        }
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
            "\n\n{\"Id\":\"1\",\"Text\":\"two\\nlines\",\"Host\":\"A\"}\n\n{\"Id\":\"2\",\"Host\":\"B\"}\n"
        );
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(delimiter(b"Dear all\nthis is it\n"), None);
    }
}
