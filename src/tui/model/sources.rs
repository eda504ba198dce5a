//! What was read, and everything that was not.

use std::rc::Rc;

use super::{Data, Item, List, Memo, Section, Zone};
use crate::evidence::SourceReport;
use crate::tui::theme::Role;

/// The page of sources.
#[derive(Clone, Debug, Default)]
pub struct SourcesPage {
    /// Cursor among the items.
    pub list: List,
    memo: Memo<(u64, Zone)>,
}

impl SourcesPage {
    /// Its lines: troubles first, then every source.
    pub fn items(&self, data: &Data) -> Rc<[Item]> {
        self.memo.of((data.version(), data.zone), || make(data))
    }
}

fn make(data: &Data) -> Vec<Item> {
    let mut items = Vec::new();
    for source in data.timeline().sources() {
        for damage in &source.damage {
            let place = if damage.bytes == 0 {
                format!("at byte {}", damage.offset)
            } else {
                format!("at byte {}, {} bytes", damage.offset, damage.bytes)
            };
            items.push(
                Item::new(Section::Gaps, name(source), &damage.reason)
                    .tail(place)
                    .role(Role::Warning),
            );
        }
    }
    for source in data.timeline().sources() {
        for remark in source.remarks() {
            items.push(Item::new(Section::Remarks, name(source), remark));
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
                name(source),
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
fn name(source: &SourceReport) -> String {
    let parts: Vec<_> = source.path.iter().rev().take(2).collect();
    let parts = parts.iter().rev().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
