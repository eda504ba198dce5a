//! Links of a note: what the analyst points at, written into the Markdown itself, so that a note
//! stays whole in any editor, report and merged case:
//!
//! ```text
//! [PSEXESVC installed](event:FS01/System/812@2026-03-10T18:04:05.1234567Z)
//! [cmd.exe](process:FS01/Security/4711@2026-03-10T18:04:06.0000000Z)
//! [NORDHAVN\\adm.kari](account:NORDHAVN%5Cadm.kari)
//! ```
//!
//! An event is named by its content, never by path or row: moved, split and merged logs keep it.

use std::fmt;
use std::time::Duration;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::Serialize;

use crate::event::{Time, same_host};
use crate::investigate::EventRef;
use crate::text::{brief, markdown as escape, mask_secrets};
use crate::timeline::{EventIndex, Timeline};

/// A link: what a reader sees, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The words of the note.
    pub label: String,
    /// What they point at.
    #[serde(flatten)]
    pub to: Linked,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Linked {
    /// An event.
    Event(RecordName),
    /// The process that an event tells of, such as its start.
    Process(RecordName),
    /// An account, as `DOMAIN\user` or SID.
    Account {
        /// Its name.
        name: String,
    },
}

/// Names an event wherever its file lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordName {
    /// Host that wrote it.
    pub host: String,
    /// Channel.
    pub channel: String,
    /// `EventRecordID`.
    pub record_id: Option<u64>,
    /// Digest of its content, where there is no record id.
    pub digest: Option<String>,
    /// Time, UTC.
    pub time: Time,
}

impl From<&EventRef> for RecordName {
    fn from(event: &EventRef) -> Self {
        RecordName {
            host: event.host.clone(),
            channel: event.channel.clone(),
            record_id: event.record_id,
            digest: event.digest.clone(),
            time: event.time,
        }
    }
}

impl RecordName {
    /// The event in a timeline; `None` when that evidence does not hold it.
    pub fn find(&self, timeline: &Timeline) -> Option<EventIndex> {
        let moment = timeline.window(self.time, self.time.plus(Duration::from_nanos(100)));
        (moment.start.0..moment.end.0)
            .map(EventIndex)
            .find(|index| {
                timeline.event(*index).is_some_and(|event| {
                    event.record_id == self.record_id
                        && event.key.digest() == self.digest
                        && event.kind.channel == self.channel
                        && same_host(event.host, &self.host)
                })
            })
    }

    /// `HOST/CHANNEL/RECORD@TIME`; a digest stands behind `~`.
    fn parse(text: &str) -> Option<Self> {
        let (place, time) = text.rsplit_once('@')?;
        let (host, place) = place.split_once('/')?;
        let (channel, record) = place.rsplit_once('/')?;
        let (record_id, digest) = match record.strip_prefix('~') {
            Some(digest) => (None, Some(digest.to_owned()).filter(|it| !it.is_empty())),
            None => (Some(record.parse().ok()?), None),
        };
        Some(RecordName {
            host: decoded(host)?,
            channel: decoded(channel)?,
            record_id,
            digest,
            time: Time::parse(time)?,
        })
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/",
            encoded(&self.host, ""),
            encoded(&self.channel, "/")
        )?;
        match (self.record_id, &self.digest) {
            (Some(id), _) => write!(f, "{id}")?,
            (None, digest) => write!(f, "~{}", digest.as_deref().unwrap_or_default())?,
        }
        write!(f, "@{}", self.time.rfc3339())
    }
}

impl Link {
    /// A link with a label from record text: one line without passwords, of at most 80 characters.
    pub fn new(label: &str, to: Linked) -> Self {
        let label = brief(&mask_secrets(label), 80).into_string();
        Link { label, to }
    }

    /// What it leads to, for whoever reads the label before.
    pub fn words(&self) -> String {
        match &self.to {
            Linked::Account { name } if *name == self.label => "account".to_owned(),
            other => other.words(),
        }
    }
}

impl Linked {
    /// What it leads to, in words for a reader without the evidence at hand.
    pub fn words(&self) -> String {
        let record = |name: &RecordName| {
            let number = name.record_id.map(|id| format!(" #{id}"));
            format!(
                "{} {}{}, {}",
                name.host,
                name.channel,
                number.unwrap_or_default(),
                name.time.rfc3339()
            )
        };
        match self {
            Linked::Event(name) => record(name),
            Linked::Process(name) => format!("process of {}", record(name)),
            Linked::Account { name } => format!("account {name}"),
        }
    }

    /// What the address of a Markdown link means; `None` for addresses of another kind.
    pub fn parse(address: &str) -> Option<Self> {
        let (kind, name) = address.split_once(':')?;
        match kind {
            "event" => RecordName::parse(name).map(Linked::Event),
            "process" => RecordName::parse(name).map(Linked::Process),
            "account" => decoded(name)
                .filter(|name| !name.is_empty())
                .map(|name| Linked::Account { name }),
            _ => None,
        }
    }
}

impl fmt::Display for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Linked::Event(name) => write!(f, "event:{name}"),
            Linked::Process(name) => write!(f, "process:{name}"),
            Linked::Account { name } => write!(f, "account:{}", encoded(name, "")),
        }
    }
}

/// The link as Markdown. Its label may be record text: no sign of it acts.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]({})", escape(&self.label), self.to)
    }
}

/// The links of a note, in the order of its text. Web addresses are none.
pub fn links(markdown: &str) -> Vec<Link> {
    found(markdown)
        .into_iter()
        .map(|found| found.link)
        .collect()
}

/// A note with every link followed by what it leads to, for media in which nothing can be followed:
/// `PSEXESVC installed (FS01 System #812, 2026-03-10T18:04:05.1234567Z)`. `dress` makes the
/// words fit for the medium.
pub fn spelled_out(markdown: &str, dress: impl Fn(&str) -> String) -> String {
    replace_links(markdown, |link| {
        format!("{} ({})", dress(&link.label), dress(&link.words()))
    })
}

/// A note with something else in the place of every link.
pub fn replace_links(markdown: &str, with: impl Fn(&Link) -> String) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut done = 0;
    for found in found(markdown) {
        text.push_str(markdown.get(done..found.place.start).unwrap_or_default());
        text.push_str(&with(&found.link));
        done = found.place.end;
    }
    text.push_str(markdown.get(done..).unwrap_or_default());
    text
}

/// A link and where it stands in the text.
struct Found {
    link: Link,
    place: std::ops::Range<usize>,
}

fn found(markdown: &str) -> Vec<Found> {
    let mut all = Vec::new();
    let mut open: Option<Found> = None;
    for (event, place) in Parser::new(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                open = Linked::parse(&dest_url).map(|to| {
                    let label = String::new();
                    let link = Link { label, to };
                    Found { link, place }
                });
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(open) = &mut open {
                    open.link.label.push_str(&text);
                }
            }
            Event::End(TagEnd::Link) => all.extend(open.take()),
            _ => {}
        }
    }
    all
}

/// Percent-encodes all but letters, digits, `-._` and the signs in `kept`.
fn encoded(text: &str, kept: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        let sign = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._".contains(sign) || kept.contains(sign) {
            written.push(sign);
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            u8::try_from(high * 16 + low).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(host: &str, channel: &str, record_id: u64) -> RecordName {
        RecordName {
            host: host.to_owned(),
            channel: channel.to_owned(),
            record_id: Some(record_id),
            digest: None,
            time: Time::parse("2026-03-10T18:04:05.1234567Z").unwrap(),
        }
    }

    #[test]
    fn a_link_reads_as_markdown_and_names_the_event_by_content() {
        let link = Link {
            label: "PSEXESVC installed".to_owned(),
            to: Linked::Event(record("FS01", "System", 812)),
        };
        assert_eq!(
            link.to_string(),
            "[PSEXESVC installed](event:FS01/System/812@2026-03-10T18:04:05.1234567Z)"
        );
        let note = format!("It began with {link}, see [docs](https://example.org).");
        assert_eq!(links(&note), [link]);
        assert_eq!(
            spelled_out(&note, str::to_owned),
            "It began with PSEXESVC installed (FS01 System #812, 2026-03-10T18:04:05.1234567Z), see [docs](https://example.org)."
        );
    }

    #[test]
    fn what_is_only_like_a_link_stays_text() {
        for text in [
            "event:FS01/System/812@2026-03-10",
            "[x](event:FS01)",
            "[x](event:FS01/System/many@2026-03-10)",
            "[x](account:%ZZ)",
            "`[x](account:kari)`",
            "kari@example.org",
        ] {
            assert_eq!(links(text), [], "{text}");
            assert_eq!(spelled_out(text, str::to_owned), text);
        }
    }

    proptest! {
        #[test]
        fn any_name_and_label_survives_the_text(
            label in "[^\u{0}-\u{1f}\u{7f}-\u{9f}\\s]{1,12}",
            host in "\\PC{1,12}",
            channel in "\\PC{1,20}",
            id in any::<u64>(),
            account in "\\PC{1,20}",
        ) {
            let to = [
                Linked::Event(record(&host, &channel, id)),
                Linked::Process(RecordName {
                    record_id: None,
                    digest: Some("8000000000000001".to_owned()),
                    ..record(&host, &channel, id)
                }),
                Linked::Account { name: account },
            ];
            for to in to {
                let link = Link { label: label.clone(), to };
                let read = links(&format!("before {link} after"));
                prop_assert_eq!(read.len(), 1, "{}", link);
                prop_assert_eq!(&read[0].to, &link.to);
            }
        }
    }
}
