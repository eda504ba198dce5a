//! What was read, and everything that was not.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Data, Item, List, Loading, Memo, Section, Zone};
use crate::tui::theme::Role;

/// The page of sources.
#[derive(Clone, Debug, Default)]
pub struct SourcesPage {
    /// Cursor among the items.
    pub list: List,
    /// What is still being read.
    reading: Vec<Reading>,
    memo: Memo<(u64, Zone, Vec<Reading>)>,
}

/// How far a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    path: PathBuf,
    percent: u64,
    bytes: u64,
}

impl SourcesPage {
    /// Its lines: what is still being read, troubles, then every source.
    pub fn items(&self, data: &Data) -> Rc<[Item]> {
        let key = (data.version(), data.zone.clone(), self.reading.clone());
        self.memo.of(key, || make(&self.reading, data))
    }

    /// Takes how far loading is.
    pub fn watch(&mut self, loading: &Loading) {
        let is_open = |source: &&(PathBuf, u64, u64)| source.1 < source.2;
        let sources = loading.sources.iter().filter(is_open);
        let reading = sources.map(|(path, done, bytes)| Reading {
            path: path.clone(),
            percent: done.saturating_mul(100).checked_div(*bytes).unwrap_or(0),
            bytes: *bytes,
        });
        self.reading = match loading.is_running() {
            true => reading.collect(),
            false => Vec::new(),
        };
    }
}

fn make(reading: &[Reading], data: &Data) -> Vec<Item> {
    let mut items: Vec<Item> = reading
        .iter()
        .map(|source| {
            let how_far = format!("{} %", source.percent);
            let tail = format!("of {} bytes", source.bytes);
            Item::new(Section::Reading, name(&source.path), how_far).tail(tail)
        })
        .collect();
    for source in data.timeline().sources() {
        for damage in &source.damage {
            let place = if damage.bytes == 0 {
                format!("at byte {}", damage.offset)
            } else {
                format!("at byte {}, {} bytes", damage.offset, damage.bytes)
            };
            items.push(
                Item::new(Section::Gaps, name(&source.path), &damage.reason)
                    .tail(place)
                    .role(Role::Warning),
            );
        }
    }
    for source in data.timeline().sources() {
        for remark in source.remarks() {
            items.push(Item::new(Section::Remarks, name(&source.path), remark));
        }
    }
    for source in data.timeline().sources() {
        let span = match (source.first_time, source.last_time) {
            (Some(first), Some(last)) => format!(
                "{} to {}",
                data.zone.seconds(first),
                data.zone.seconds(last)
            ),
            _ => "no events".to_owned(),
        };
        let records = match (source.first_record_id, source.last_record_id) {
            (Some(first), Some(last)) => format!("records {first} to {last}"),
            _ => String::new(),
        };
        items.push(
            Item::new(
                Section::Sightings,
                name(&source.path),
                format!("{} events  {span}", source.events),
            )
            .tail(format!(
                "{records}  {} bytes  {}{}",
                source.bytes,
                source.path.display(),
                source
                    .sha256
                    .get()
                    .map(|hash| format!("  SHA-256 {hash}"))
                    .unwrap_or_default()
            )),
        );
    }
    items
}

/// How many things about the evidence the analyst should know that are no damage.
pub fn remarks(data: &Data) -> usize {
    let sources = data.timeline().sources().iter();
    sources.map(|source| source.remarks().len()).sum()
}

/// How many parts of the evidence could not be read.
pub fn troubles(data: &Data) -> usize {
    data.timeline()
        .sources()
        .iter()
        .map(|source| source.damage.len())
        .sum()
}

/// File and folder: every host has a `Security.evtx`.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().rev().take(2).collect();
    let parts = parts.iter().rev().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
