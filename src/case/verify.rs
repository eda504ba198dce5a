//! Recomputing the chain: the answer to "was this log changed after it was written?".

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::entry::{Entry, EntryId};
use super::error::CaseError;
use super::store::{Row, Seal, Store};

/// What recomputing the chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Entries whose content and links hold.
    pub entries: usize,
    /// The last links.
    pub heads: Vec<EntryId>,
    /// What does not hold, first broken entry first.
    pub broken: Vec<BrokenLink>,
    /// What SQLite's own integrity check finds.
    pub file_faults: Vec<String>,
}

/// One entry that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenLink {
    /// Its place in the file, counted from 1.
    pub position: i64,
    /// Its name as stored.
    pub id: String,
    /// What is wrong.
    pub reason: String,
}

impl Verification {
    /// Whether everything holds.
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.file_faults.is_empty()
    }

    /// The first thing that is wrong, in words.
    pub fn fault(&self) -> Option<String> {
        let link = self.broken.first();
        link.map(|link| format!("entry {} ({}): {}", link.position, link.id, link.reason))
            .or_else(|| self.file_faults.first().cloned())
    }
}

pub(super) fn verify(store: &Store) -> Result<Verification, CaseError> {
    let (rows, seal) = store.read_all()?;
    let mut verification = check_chain(&rows, seal);
    verification.file_faults = store.integrity_faults()?;
    Ok(verification)
}

/// Checks every row by itself, its links to the rows before it, and that none is missing.
pub(super) fn check_chain(rows: &[Row], seal: Option<Seal>) -> Verification {
    let mut verification = Verification::default();
    let mut known: HashSet<EntryId> = HashSet::new();
    let mut heads: BTreeSet<EntryId> = BTreeSet::new();
    for (row, expected) in rows.iter().zip(1..) {
        match check_row(row, expected, &known) {
            Ok(entry) => {
                verification.entries += 1;
                for before in &entry.content.before {
                    heads.remove(before);
                }
                heads.insert(entry.id.clone());
                known.insert(entry.id);
            }
            Err(reason) => verification.broken.push(BrokenLink {
                position: row.position,
                id: row.id.clone(),
                reason,
            }),
        }
    }
    verification.heads = heads.into_iter().collect();
    let sealed = Seal {
        entries: rows.len().try_into().unwrap_or(i64::MAX),
        heads: verification.heads.clone(),
    };
    if verification.broken.is_empty() && seal.as_ref() != Some(&sealed) {
        verification.broken.push(BrokenLink {
            position: sealed.entries + 1,
            id: String::new(),
            reason: match seal {
                Some(seal) => format!(
                    "the file says that it holds {} entries, but there are {}, or that another entry is the last: entries were removed or added by hand",
                    seal.entries, sealed.entries
                ),
                None => "the file no longer says how many entries it holds".to_owned(),
            },
        });
    }
    verification
}

fn check_row(row: &Row, expected: i64, known: &HashSet<EntryId>) -> Result<Entry, String> {
    let entry = Entry::read(&row.id, &row.body).map_err(|broken| broken.to_string())?;
    if row.position != expected {
        return Err(format!(
            "it should be entry {expected}: rows were removed or renumbered"
        ));
    }
    if entry.content.before.is_empty() && expected != 1 && !known.is_empty() {
        // Only a merged file holds several beginnings, and each is a beginning of a case.
        if !matches!(entry.content.act, super::entry::Act::Open) {
            return Err("it follows no earlier entry".to_owned());
        }
    }
    match entry
        .content
        .before
        .iter()
        .find(|before| !known.contains(before))
    {
        Some(missing) => Err(format!(
            "it follows entry {}, which is missing or broken",
            missing.short()
        )),
        None => Ok(entry),
    }
}
