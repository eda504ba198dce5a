//! The fast reader and the full one agree, field by field, on every record of every log at hand.

use std::path::{Path, PathBuf};

use dualuse::event::Interner;
use dualuse::event::layout::{Values, layout};
use dualuse::evidence::lean::Walked;
use dualuse::evidence::{EvtxFile, Record, discover::discover};

struct Full<'r>(&'r Record, &'static [&'static str]);

impl Values for Full<'_> {
    fn text(&self, slot: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.0.data(self.1[slot]).map(std::borrow::Cow::Borrowed)
    }
}

/// Reads a log with both readers; answers how many records the fast one took.
fn compare(path: &Path) -> usize {
    let file = EvtxFile::open(path).unwrap();
    let mut taken = 0;
    for number in 0..file.chunk_count() {
        let Some(chunk) = file.chunk(number).unwrap() else {
            continue;
        };
        let lean: Vec<_> = chunk
            .walk()
            .filter_map(|step| match step {
                Walked::Record(offset, record) => Some((offset, record)),
                _ => None,
            })
            .collect();
        let offsets: Vec<u16> = lean.iter().map(|(offset, _)| *offset).collect();
        for (offset, full) in chunk.read_in_full(&offsets) {
            let (_, lean) = lean.iter().find(|(at, _)| *at == offset).unwrap();
            let full = full.unwrap();
            let place = format!("{} chunk {number} offset {offset}", path.display());
            assert_eq!(lean.record_id, full.header.record_id, "{place}");
            assert_eq!(lean.event_id, full.header.event_id, "{place}");
            assert_eq!(lean.time, full.header.time, "{place}");
            assert_eq!(lean.provider(), full.header.provider, "{place}");
            assert_eq!(lean.channel(), full.header.channel, "{place}");
            assert_eq!(lean.computer(), full.header.computer, "{place}");
            assert_eq!(lean.user_sid(), full.header.user_sid, "{place}");
            let Some(layout) = layout(&lean.provider(), lean.event_id) else {
                continue;
            };
            let Some(fields) = lean.fields(layout.fields) else {
                continue;
            };
            let mut strings = Interner::default();
            let fast = layout.build(&fields, &mut strings);
            let slow = layout.build(&Full(&full, layout.fields), &mut strings);
            assert_eq!(fast, slow, "{place}: {:?}", full.data);
            taken += 1;
        }
    }
    taken
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
    let taken: usize = logs().iter().map(|path| compare(path)).sum();
    assert!(
        taken > 1_000,
        "only {taken} records were taken by the fast reader"
    );
}
