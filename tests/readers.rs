//! The fast reader and the full one agree, field by field, on every record of every log at hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs::File;
use std::path::{Path, PathBuf};

use dualuse::event::Interner;
use dualuse::event::fact::{Fact, Remap};
use dualuse::event::layout::{Values, layout};
use dualuse::evidence::lean::{Reader, Walked};
use dualuse::evidence::{Chunk, EvtxFile, Header, Record, discover::discover};
use forge::event::{Event, Templates};
use forge::kind::Field;
use forge::log::LogWriter;
use forge::time::Time;
use forge::value::Value;

struct Full<'r>(&'r Record, &'static [&'static str]);

impl Values for Full<'_> {
    fn text(&self, slot: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.0.data(self.1[slot]).map(std::borrow::Cow::Borrowed)
    }
}

/// What the fast reader says of a record.
struct Lean {
    offset: u16,
    header: Header,
    fact: Option<Fact>,
}

fn read_lean(reader: &mut Reader, chunk: &Chunk<'_>) -> Vec<Lean> {
    let mut records = Vec::new();
    let mut walk = reader.walk(chunk.data());
    while let Some(step) = walk.step() {
        let Walked::Record(offset, mut record) = step else {
            continue;
        };
        let Some(system) = record.system() else {
            continue;
        };
        let strings = record.strings();
        let text = |symbol| strings.text(symbol).to_owned();
        let mut header = Header {
            provider: text(system.provider),
            channel: text(system.channel),
            computer: text(system.computer),
            user_sid: text(system.user_sid),
            ..Default::default()
        };
        (header.time, header.event_id) = (record.time, record.event_id);
        header.record_id = Some(record.record_id);
        let layout = layout(&header.provider, header.event_id);
        records.push(Lean {
            offset,
            fact: layout.and_then(|layout| record.with_fact(layout, |fact| *fact)),
            header,
        });
    }
    records
}

/// Reads a log with both readers; answers how many facts the fast one built, and how many it left
/// to the full one.
fn compare(reader: &mut Reader, path: &Path) -> (usize, usize) {
    let file = EvtxFile::open(path).unwrap();
    let (mut taken, mut left) = (0, 0);
    // A reader may have two symbols for one text.
    let (mut texts, mut symbols) = (Interner::default(), Vec::new());
    let mut chunks = file.chunks(0..file.chunk_count(), Vec::new()).unwrap();
    while let Some(chunk) = chunks.next() {
        let Some(chunk) = chunk.unwrap() else {
            continue;
        };
        let lean = read_lean(reader, &chunk);
        let offsets: Vec<u16> = lean.iter().map(|record| record.offset).collect();
        for (offset, full) in chunk.read_in_full(&offsets) {
            let lean = lean.iter().find(|record| record.offset == offset).unwrap();
            let full = full.unwrap();
            let place = format!("{} chunk {} offset {offset}", path.display(), chunk.number);
            assert_eq!(lean.header, full.header, "{place}");
            let Some(layout) = layout(&lean.header.provider, lean.header.event_id) else {
                continue;
            };
            let mut slow = layout.build(&Full(&full, layout.fields), reader.strings());
            match lean.fact {
                None => left += 1,
                Some(mut fast) => {
                    texts.absorb(reader.strings(), &mut symbols);
                    fast.remap(&symbols);
                    slow.remap(&symbols);
                    assert_eq!(fast, slow, "{place}: {:?}", full.data);
                    taken += 1;
                }
            }
        }
    }
    (taken, left)
}

/// The logs bundled with the source, and the public corpus where it lies beside it.
fn logs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        root.join("testdata/logs"),
        root.join("../shared/corpus/evtx-attack-samples"),
    ];
    discover(
        &folders
            .into_iter()
            .filter(|folder| folder.exists())
            .collect::<Vec<_>>(),
    )
    .files
}

#[test]
fn both_readers_agree_on_every_log() {
    // One reader for all, as a worker has: what it remembers must be right in the next log too.
    let mut reader = Reader::default();
    let (mut taken, mut left) = (0, 0);
    for path in logs() {
        let counts = compare(&mut reader, &path);
        taken += counts.0;
        left += counts.1;
    }
    assert!(taken > 1_000, "only {taken} facts by the fast reader");
    assert!(left * 100 < taken, "{left} records left to the full reader");
}

/// A log of files that were opened on a share, nearly all of another name.
fn write_share_log(path: &Path) {
    let kind = forge::kind::kind("security-5145").unwrap();
    let layout = kind.layout(None).unwrap();
    let mut log = LogWriter::new(File::create(path).unwrap()).unwrap();
    let mut templates = Templates::default();
    for number in 1..=2500_u64 {
        let name = match number % 100 {
            0 => "-".to_owned(),
            1..50 => format!("Projekte\\Bericht {number}.docx"),
            _ => format!("Projekte\\Übersicht {number}.docx"),
        };
        let value = |field: &Field| match field.name.as_str() {
            "RelativeTargetName" => Value::Text(name.clone()),
            _ => field.default_value().unwrap(),
        };
        let event = Event {
            time: Time::parse("2026-03-10T08:00:00Z").unwrap(),
            computer: "SRV01".into(),
            layout: layout.clone(),
            values: layout.fields.iter().map(value).collect(),
            record_id: number,
            process_id: 4,
            thread_id: 8,
            user: None,
            activity: None,
        };
        templates.write(&mut log, number, &event).unwrap();
    }
    log.finish().unwrap();
}

#[test]
fn both_readers_agree_on_values_that_never_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Security.evtx");
    write_share_log(&path);
    let mut reader = Reader::default();
    for _ in 0..2 {
        assert_eq!(compare(&mut reader, &path), (2500, 0));
        reader.forget();
    }
}
