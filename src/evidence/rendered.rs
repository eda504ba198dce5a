//! Events as text for people, read as JSON lines: what `wevtutil qe /f:text` prints, and what Splunk
//! takes from an event log that is not rendered as XML. Each is a head of named values, then the
//! message; what the message holds is found later. A record begins on the line on which it began.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use serde_json::{Map, Value};

use super::stamp::Stamp;

/// Whether text begins like this.
pub(super) fn is(text: &[u8]) -> bool {
    let head = text
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty());
    head.is_some_and(|line| begin(&String::from_utf8_lossy(line)).is_some())
}

/// What the first line of a record says.
enum Begin {
    /// Splunk begins with the time.
    Time(String),
    /// `Event[7]:`
    Number,
}

fn begin(line: &str) -> Option<Begin> {
    let line = line.trim_start_matches('\u{feff}').trim_end();
    let number = line
        .strip_prefix("Event[")
        .map(|rest| rest.trim_end_matches(':'));
    if number
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    {
        return Some(Begin::Number);
    }
    let is_time = line.ends_with(" AM") || line.ends_with(" PM");
    (is_time && Stamp::of_text(line).is_some()).then(|| Begin::Time(line.to_owned()))
}

/// The name and the value of a line of the head.
fn named(line: &str) -> Option<(&str, &str)> {
    let at = line.find(['=', ':'])?;
    let (name, value) = line.split_at_checked(at)?;
    Some((name.trim(), value.get(1..)?.trim()))
}

/// The records as JSON lines.
pub(super) struct Records<R> {
    lines: BufReader<R>,
    /// The line that begins the next record.
    next: Option<Begin>,
    /// Number of the line read last.
    read: usize,
    /// Lines written so far.
    written: usize,
    /// What was made and not handed over yet.
    text: Cursor<Vec<u8>>,
}

impl<R: Read> Records<R> {
    pub(super) fn new(text: R) -> Self {
        Records {
            lines: BufReader::new(text),
            next: None,
            read: 0,
            written: 0,
            text: Cursor::default(),
        }
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.read += 1;
        let line = String::from_utf8_lossy(&line);
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Puts the next record into `text`; whether there was one.
    fn record(&mut self) -> io::Result<bool> {
        while self.next.is_none() {
            match self.line()? {
                Some(line) => self.next = begin(&line),
                None => return Ok(false),
            }
        }
        let begins = self.read;
        let mut values = Map::new();
        if let Some(Begin::Time(time)) = self.next.take() {
            values.insert("TimeCreated".to_owned(), Value::from(time));
        }
        let mut message: Option<String> = None;
        while let Some(line) = self.line()? {
            self.next = begin(&line);
            if self.next.is_some() {
                break;
            }
            match (&mut message, named(&line)) {
                (Some(message), _) => {
                    message.push('\n');
                    message.push_str(&line);
                }
                (None, Some(("Message" | "Description", value))) => {
                    message = Some(value.to_owned());
                }
                (None, Some(("Date", value))) => {
                    values.insert("TimeCreated".to_owned(), Value::from(value));
                }
                (None, Some((name, value))) if !value.is_empty() => {
                    values.insert(name.to_owned(), Value::from(value));
                }
                (None, _) => {}
            }
        }
        values.insert("Message".to_owned(), Value::from(message));
        let breaks = "\n".repeat(begins - 1 - self.written);
        let text = format!("{breaks}{}\n", Value::Object(values));
        self.text = Cursor::new(text.into_bytes());
        self.written = begins;
        Ok(true)
    }
}

impl<R: Read> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.text.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.record()? {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> String {
        assert!(is(text.as_bytes()));
        let mut lines = String::new();
        Records::new(text.as_bytes())
            .read_to_string(&mut lines)
            .unwrap();
        lines
    }

    #[test]
    fn a_record_of_splunk_is_a_head_and_a_message() {
        let text = "\n05/14/2024 09:00:01 PM\r\nLogName=System\r\nEventCode=7045\r\nMessage=Installed.\r\n\r\nA: 1\r\n05/14/2024 12:00:02 AM\r\nEventCode=1\r\n";
        let expected = [
            r#"{"TimeCreated":"05/14/2024 09:00:01 PM","LogName":"System","EventCode":"7045","Message":"Installed.\n\nA: 1"}"#,
            r#"{"TimeCreated":"05/14/2024 12:00:02 AM","EventCode":"1","Message":null}"#,
        ];
        assert_eq!(
            lines(text),
            format!("\n{}\n\n\n\n\n\n{}\n", expected[0], expected[1])
        );
    }

    #[test]
    fn a_record_of_wevtutil_is_numbered() {
        let text = "Event[0]:\n  Log Name: System\n  Date: 2024-05-14T09:00:00.500\n  Event ID: 7036\n  Description: \nThe x service\n";
        assert_eq!(
            lines(text),
            "{\"Log Name\":\"System\",\"TimeCreated\":\"2024-05-14T09:00:00.500\",\"Event ID\":\"7036\",\"Message\":\"\\nThe x service\"}\n"
        );
        assert!(!is(b"Event[x]:\n"));
        assert!(!is(b"05/14/2024 some notes\n"));
    }
}
