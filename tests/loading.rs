//! What a timeline holds depends on what the logs say, not on how they were cut, named, repeated
//! or damaged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use dualuse::evidence::discover::discover;
use dualuse::timeline::load::{Options, Progress, load, load_in_steps};
use dualuse::timeline::{Timeline, summary};
use proptest::prelude::*;

const FILE_HEADER: usize = 4096;
const CHUNK: usize = 65_536;

fn bundled() -> Vec<PathBuf> {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
    discover(&[logs]).files
}

fn read(inputs: &[PathBuf]) -> Timeline {
    load(inputs, Options::default(), &Progress::default())
}

/// Everything that a timeline says of its events, in words, without where they were read.
fn story(timeline: &Timeline) -> Vec<String> {
    timeline
        .indices()
        .map(|index| {
            let event = timeline.event(index).unwrap();
            format!(
                "{} {} {:?} {:?} {:?} {:?} {}",
                event.time,
                event.host,
                event.kind,
                event.record_id,
                event.account,
                event.logon_id,
                summary::line(timeline, index)
            )
        })
        .collect()
}

/// The head of a log and its chunks.
fn parts(path: &Path) -> (Vec<u8>, Vec<Vec<u8>>) {
    let bytes = fs::read(path).unwrap();
    let chunks = bytes[FILE_HEADER..].chunks(CHUNK).map(<[u8]>::to_vec);
    (bytes[..FILE_HEADER].to_vec(), chunks.collect())
}

fn write(folder: &Path, name: &str, head: &[u8], chunks: &[Vec<u8>]) {
    let bytes = [head, &chunks.concat()].concat();
    fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn the_order_of_files_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let logs = bundled();
    for (number, log) in logs.iter().rev().enumerate() {
        fs::copy(log, folder.path().join(format!("{number:03}.evtx"))).unwrap();
    }
    let renamed = read(&[folder.path().to_owned()]);
    assert!(renamed.len() > 1_000);
    assert_eq!(story(&renamed), story(&read(&logs)));
}

#[test]
fn a_log_cut_into_many_is_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let logs = bundled();
    for (number, log) in logs.iter().enumerate() {
        let (head, chunks) = parts(log);
        for (part, chunk) in chunks.into_iter().enumerate().rev() {
            let name = format!("{}-{number}.evtx", 999 - part);
            write(folder.path(), &name, &head, &[chunk]);
        }
    }
    let cut = read(&[folder.path().to_owned()]);
    assert_eq!(story(&cut), story(&read(&logs)));
}

#[test]
fn one_log_out_of_order_is_brought_into_order() {
    let folder = tempfile::tempdir().unwrap();
    let logs = bundled();
    let head = parts(&logs[0]).0;
    let chunks: Vec<Vec<u8>> = logs.iter().rev().flat_map(|log| parts(log).1).collect();
    write(folder.path(), "all.evtx", &head, &chunks);
    let joined = read(&[folder.path().to_owned()]);
    assert_eq!(story(&joined), story(&read(&logs)));
}

#[test]
fn copies_are_folded_and_every_copy_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut logs = bundled();
    let once = read(&logs);
    for (number, log) in logs.clone().iter().enumerate() {
        let copy = folder.path().join(format!("{number}.evtx"));
        fs::copy(log, &copy).unwrap();
        logs.push(copy);
    }
    let twice = read(&logs);
    assert_eq!(story(&once), story(&twice));
    assert_eq!(
        twice.duplicate_count(),
        once.len() as u64 + 2 * once.duplicate_count()
    );
    for index in twice.indices() {
        let event = twice.event(index).unwrap();
        let (copy, position) = twice.copies(index).next().unwrap();
        assert_ne!((&copy.path, position), (&event.source.path, event.position));
    }
}

#[test]
fn every_event_is_read_again_from_its_place() {
    let timeline = read(&bundled());
    for index in timeline.indices().step_by(97) {
        let event = timeline.event(index).unwrap();
        let record = timeline.read(index).unwrap();
        assert_eq!(record.header.time, event.time);
        assert_eq!(record.header.record_id, event.record_id);
    }
}

#[test]
fn what_is_published_on_the_way_is_a_part_of_the_whole() {
    let steps = Mutex::new(Vec::new());
    let publish = |timeline: Timeline| steps.lock().unwrap().push(story(&timeline));
    let mut logs = Vec::new();
    for _ in 0..40 {
        logs.extend(bundled());
    }
    let folder = tempfile::tempdir().unwrap();
    for (number, log) in logs.iter().enumerate() {
        fs::copy(log, folder.path().join(format!("{number}.evtx"))).unwrap();
    }
    let inputs = [folder.path().to_owned()];
    let whole = load_in_steps(&inputs, Options::default(), &Progress::default(), &publish);
    let whole = story(&whole);
    assert_eq!(whole, story(&read(&bundled())));
    let steps = steps.into_inner().unwrap();
    assert!(!steps.is_empty(), "loading was too fast to be watched");
    for step in steps {
        // Account names and the fullest host names may still be missing: times and ids are not.
        assert!(step.len() <= whole.len());
    }
}

#[test]
fn a_cancelled_load_says_what_it_left_out() {
    let progress = Progress::default();
    progress.cancel();
    let timeline = load(&bundled(), Options::default(), &progress);
    assert!(timeline.is_empty());
    for source in timeline.sources() {
        assert!(source.damage[0].reason.contains("cancelled"), "{source:?}");
        assert_eq!(source.damage[0].bytes, source.bytes - FILE_HEADER as u64);
    }
}

/// One thing that happens to bytes.
#[derive(Clone, Debug)]
enum Harm {
    Flip(usize, u8),
    Zero(usize, usize),
    Copy(usize, usize, usize),
    Number(usize, u32),
    Cut(usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = 0..CHUNK;
    prop_oneof![
        4 => (place.clone(), 1..=255u8).prop_map(|(at, bits)| Harm::Flip(at, bits)),
        1 => (place.clone(), 1..4_000usize).prop_map(|(at, size)| Harm::Zero(at, size)),
        2 => (place.clone(), place.clone(), 1..2_000usize)
            .prop_map(|(from, to, size)| Harm::Copy(from, to, size)),
        // Small numbers at places of four bytes: offsets, sizes, counts.
        3 => (place.clone(), 0..70_000u32).prop_map(|(at, number)| Harm::Number(at, number)),
        1 => place.prop_map(Harm::Cut),
    ]
}

fn suffer(chunk: &mut Vec<u8>, harm: &Harm) {
    let end = |at: usize, size: usize| (at + size).min(chunk.len());
    match *harm {
        Harm::Flip(at, bits) => {
            if let Some(byte) = chunk.get_mut(at) {
                *byte ^= bits;
            }
        }
        Harm::Zero(at, size) => {
            let end = end(at, size);
            chunk[at.min(end)..end].fill(0);
        }
        Harm::Copy(from, to, size) => {
            let size = size.min(end(from, size).saturating_sub(from));
            let size = size.min(end(to, size).saturating_sub(to));
            if size > 0 {
                chunk.copy_within(from..from + size, to);
            }
        }
        Harm::Number(at, number) => {
            let at = at & !3;
            if let Some(place) = chunk.get_mut(at..at + 4) {
                place.copy_from_slice(&number.to_le_bytes());
            }
        }
        Harm::Cut(at) => chunk.truncate(at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever happened to a chunk: no panic, nothing out of order, and what is not read is said.
    #[test]
    fn damage_is_survived_and_reported(
        log in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        harms in prop::collection::vec(harm(), 1..24),
    ) {
        let logs = bundled();
        let (head, chunks) = parts(&logs[log.index(logs.len())]);
        let mut chunk = chunks[at.index(chunks.len())].clone();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "whole.evtx", &head, std::slice::from_ref(&chunk));
        let whole = read(&[folder.path().join("whole.evtx")]);
        harms.iter().for_each(|harm| suffer(&mut chunk, harm));
        let is_gone = chunk.iter().all(|byte| *byte == 0);
        write(folder.path(), "log.evtx", &head, &[chunk]);
        let timeline = read(&[folder.path().join("log.evtx")]);
        let told = story(&timeline);
        prop_assert!(timeline.indices().is_sorted_by_key(|index| timeline.time(index)));
        let source = &timeline.sources()[0];
        prop_assert!(
            source.damage.iter().all(|damage| !damage.reason.contains("the parser failed")),
            "{:?}", source.damage
        );
        prop_assert!(
            told == story(&whole) || !source.damage.is_empty() || is_gone,
            "events changed without a word"
        );
    }
}
