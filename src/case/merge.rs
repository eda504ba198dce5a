//! Uniting case files: the union of their entries, by content. So the order of the files, doing it
//! twice and doing it in steps make no difference, and every author's history stays whole.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::entry::{Entry, EntryId};
use super::error::CaseError;
use super::subject::Subject;
use super::{Case, Journal, Store};

/// What a merge brought together.
#[derive(Debug)]
pub struct Merged {
    /// The united case, open for reading.
    pub case: Case,
    /// Per input: its path, how many of its entries hold, how many were left out because they, or
    /// an entry they follow, are broken.
    pub inputs: Vec<MergedInput>,
}

/// What one file gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MergedInput {
    /// Which file.
    pub path: PathBuf,
    /// Entries taken.
    pub entries: usize,
    /// Entries that do not hold, or follow one that does not.
    pub left_out: usize,
}

/// Verdicts about one alert that contradict each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// The alert as one of them saw it.
    pub subject: Subject,
    /// The verdicts, none of which knows of the others.
    pub verdicts: Vec<Arc<Entry>>,
}

impl Case {
    /// Unites case files into a new one at `output`, which must not be there yet; the inputs stay
    /// as they are. One damaged file alone is allowed: what holds of it is saved.
    ///
    /// # Errors
    /// When an input is no case or cannot be read, or the output cannot be written.
    pub fn merge(inputs: &[&Path], output: &Path) -> Result<Merged, CaseError> {
        if output.exists() {
            return Err(CaseError::AlreadyThere {
                path: output.to_owned(),
            });
        }
        let mut all = Vec::new();
        let mut report = Vec::new();
        for path in inputs {
            let case = Case::open_read_only(path)?;
            let rows = case.store.read_all()?.0.len();
            let kept = rooted(case.journal.entries());
            report.push(MergedInput {
                path: (*path).to_owned(),
                entries: kept.len(),
                left_out: rows - kept.len(),
            });
            all.extend(kept);
        }
        let journal = Journal::of(all);
        Store::create_with(output, journal.entries(), &journal.heads())?;
        Ok(Merged {
            case: Case::open_read_only(output)?,
            inputs: report,
        })
    }

    /// Every alert whose verdicts contradict each other, as the log knows it. An alert at hand
    /// says the same in [`super::Triage::conflict`].
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut seen: HashSet<Vec<EntryId>> = HashSet::new();
        let decided = self.log().iter().filter(|entry| entry.decided().is_some());
        decided
            .filter_map(|entry| {
                let subject = entry.content.subject.as_ref()?;
                let verdicts = self.journal.conflict(subject);
                let names = verdicts.iter().map(|entry| entry.id.clone()).collect();
                (!verdicts.is_empty() && seen.insert(names)).then(|| Conflict {
                    subject: subject.clone(),
                    verdicts,
                })
            })
            .collect()
    }
}

/// The entries of which every earlier one is there too.
fn rooted(entries: &[Arc<Entry>]) -> Vec<Entry> {
    let mut known: HashSet<&EntryId> = HashSet::new();
    let mut kept = Vec::new();
    for entry in entries {
        if entry.content.before.iter().all(|id| known.contains(id)) {
            known.insert(&entry.id);
            kept.push(Entry::clone(entry));
        }
    }
    kept
}
