//! What a file is, told by its content.

use std::io::{self, Read};

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::json::Json;
use super::split::Form;
use super::stream::Content;
use super::text_block::first_block;
use super::{rendered, table};

/// How text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    unit: Unit,
    has_mark: bool,
    layout: Layout,
}

/// Where the records lie in decoded text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Layout {
    /// From its beginning.
    #[default]
    Plain,
    /// In the list that begins after so many bytes and lines: what a search answers.
    Listed { bytes: u64, lines: u32 },
    /// In the rows of a table with this delimiter.
    Table(u8),
    /// In text for people.
    Rendered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    fn of(head: &[u8]) -> Self {
        let (unit, has_mark) = match head {
            [0xef, 0xbb, 0xbf, ..] => (Unit::Utf8, true),
            [0xff, 0xfe, ..] => (Unit::Utf16Le, true),
            [0xfe, 0xff, ..] => (Unit::Utf16Be, true),
            [first, 0, ..] if *first != 0 => (Unit::Utf16Le, false),
            [0, second, ..] if *second != 0 => (Unit::Utf16Be, false),
            _ => (Unit::Utf8, false),
        };
        Encoding {
            unit,
            has_mark,
            layout: Layout::Plain,
        }
    }

    /// Where the records lie.
    pub(super) fn layout(self) -> Layout {
        self.layout
    }

    /// Bytes of the byte order mark.
    pub(super) fn mark(self) -> u64 {
        match (self.has_mark, self.unit) {
            (false, _) => 0,
            (true, Unit::Utf8) => 3,
            (true, _) => 2,
        }
    }

    /// What decodes it; `None` for UTF-8.
    pub(super) fn decoder(self) -> Option<&'static encoding_rs::Encoding> {
        match self.unit {
            Unit::Utf8 => None,
            Unit::Utf16Le => Some(UTF_16LE),
            Unit::Utf16Be => Some(UTF_16BE),
        }
    }

    fn decode(self, head: &[u8]) -> Vec<u8> {
        let mark = usize::try_from(self.mark()).unwrap_or_default();
        let head = head.get(mark..).unwrap_or_default();
        match self.decoder() {
            None => head.to_vec(),
            Some(encoding) => encoding
                .decode_without_bom_handling(head)
                .0
                .into_owned()
                .into_bytes(),
        }
    }
}

/// How much of a file is looked at, first and when that holds no whole record.
const LOOKS: [u64; 2] = [256 << 10, 8 << 20];

/// Tells what a file is.
///
/// # Errors
/// The outer one when it cannot be read, the inner one, in words, when it is no event log.
pub(super) fn sniff(bytes: &mut dyn Read) -> io::Result<Result<Content, String>> {
    let mut head = Vec::new();
    let mut answer = Err(String::new());
    for look in LOOKS {
        let missing = look - head.len() as u64;
        let read = Read::take(&mut *bytes, missing).read_to_end(&mut head)?;
        let is_whole = (read as u64) < missing;
        answer = content(&head, is_whole);
        let is_enough = match &answer {
            Ok(_) => true,
            Err(reason) => is_whole || !reason.is_empty(),
        };
        if is_enough {
            break;
        }
    }
    Ok(answer.map_err(|reason| {
        if reason.is_empty() {
            "no whole record in its first 8 MiB".to_owned()
        } else {
            reason
        }
    }))
}

/// What it is; no reason when more of it must be seen.
fn content(head: &[u8], is_whole: bool) -> Result<Content, String> {
    if head.starts_with(b"ElfFile\0") {
        return Ok(Content::Evtx);
    }
    let encoding = Encoding::of(head);
    let text = encoding.decode(head);
    let reason = match form(&text, is_whole) {
        Ok(form) => {
            let block = first_block(form, &text, is_whole);
            match block.rejection() {
                None => return Ok(Content::Text(form, encoding)),
                Some(_) if block.bytes() == 0 && !is_whole => String::new(),
                Some(reason) => reason,
            }
        }
        Err(reason) => reason,
    };
    let other = listed(&text, is_whole)
        .or_else(|| rendered(&text, is_whole))
        .or_else(|| table(&text, is_whole));
    other.map_or(Err(reason), |(form, layout)| {
        Ok(Content::Text(form, Encoding { layout, ..encoding }))
    })
}

/// Names of the list of records in what a search answers: Elasticsearch and OpenSearch, Azure, others.
const LISTS: [&[u8]; 6] = [
    b"\"hits\"",
    b"\"value\"",
    b"\"results\"",
    b"\"records\"",
    b"\"events\"",
    b"\"rows\"",
];

/// Text that is one object with a list of records in it.
fn listed(text: &[u8], is_whole: bool) -> Option<(Form, Layout)> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    LISTS.iter().find_map(|name| {
        memchr::memmem::find_iter(text, name).find_map(|at| {
            let after = text.get(at + name.len()..)?;
            let list = after.trim_ascii_start().strip_prefix(b":")?;
            let list = list.trim_ascii_start().strip_prefix(b"[")?;
            let bytes = text.len() - list.len();
            let first = first_block(Form::Objects, list, is_whole);
            let lines = memchr::memchr_iter(b'\n', text.get(..bytes)?).count();
            let layout = Layout::Listed {
                bytes: bytes as u64,
                lines: u32::try_from(lines).unwrap_or(u32::MAX),
            };
            first
                .rejection()
                .is_none()
                .then_some((Form::Objects, layout))
        })
    })
}

/// Text for people.
fn rendered(text: &[u8], is_whole: bool) -> Option<(Form, Layout)> {
    if !rendered::is(text) {
        return None;
    }
    let mut lines = Vec::new();
    rendered::Records::new(text).read_to_end(&mut lines).ok()?;
    let first = first_block(Form::Lines, &lines, is_whole);
    first
        .rejection()
        .is_none()
        .then_some((Form::Lines, Layout::Rendered))
}

/// Text that is a table of records.
fn table(text: &[u8], is_whole: bool) -> Option<(Form, Layout)> {
    let delimiter = table::delimiter(text)?;
    let mut lines = Vec::new();
    table::Rows::new(text, delimiter)
        .read_to_end(&mut lines)
        .ok()?;
    let first = first_block(Form::Lines, &lines, is_whole);
    first
        .rejection()
        .is_none()
        .then_some((Form::Lines, Layout::Table(delimiter)))
}

fn form(text: &[u8], is_whole: bool) -> Result<Form, String> {
    let begin = text.trim_ascii_start();
    if begin.is_empty() {
        return Err("it is empty".to_owned());
    }
    let is_xml = |text: &[u8]| {
        let found = |start: &[u8]| memchr::memmem::find(text, start).is_some();
        found(b"<Event ") || found(b"<Event>")
    };
    // Some tools write a line such as `Record 1` before each event.
    if begin.starts_with(b"<") || begin.starts_with(b"Record ") {
        return if is_xml(text) {
            Ok(Form::Xml)
        } else {
            Err("XML without <Event> elements".to_owned())
        };
    }
    let mut lines = text
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| is_whole || line.ends_with(b"\n"));
    // Some broken lines at the beginning do not make it another form.
    if lines.by_ref().take(100).any(is_object) {
        return Ok(Form::Lines);
    }
    if begin.starts_with(b"{") || begin.starts_with(b"[") {
        return Ok(Form::Objects);
    }
    Err("neither `ElfFile` nor JSON, XML or a table at its beginning".to_owned())
}

/// Whether a line holds one JSON object, but for what surrounds it in an array or a log.
fn is_object(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let object = text
        .find('{')
        .zip(text.rfind('}'))
        .and_then(|(start, end)| text.get(start..=end));
    object.is_some_and(|object| {
        // `{}` inside a pretty-printed record is no record.
        Json::parse(object).is_ok_and(|json| json.members().len() > 1 || !text.starts_with(' '))
    })
}
