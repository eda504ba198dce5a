//! From arguments to findings: the evidence read, investigated, and the case opened.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::Outcome;
use super::arguments::{CaseFile, Evidence, Reading};
use super::output::{note, warn};
use crate::case::{Case, CaseError, author, default_path};
use crate::detect::Catalog;
use crate::environment::Environment;
use crate::evidence::{SourceReport, lies_in};
use crate::investigate::Snapshot;
use crate::timeline::load::{Options, Progress, load};

/// What the evidence holds.
pub(super) struct Findings {
    pub(super) snapshot: Snapshot,
    pub(super) environment: Environment,
}

/// Reads and investigates evidence, with progress on a terminal.
pub(super) fn examine(evidence: &[PathBuf], reading: &Reading) -> anyhow::Result<Findings> {
    // On one of the shared threads: what they are given from outside waits for one to wake, each time.
    rayon::scope(|_| read_and_investigate(evidence, reading))
}

fn read_and_investigate(evidence: &[PathBuf], reading: &Reading) -> anyhow::Result<Findings> {
    let catalog = catalog(reading.catalog.as_deref())?;
    let environment = Environment::load(reading.config.as_deref())?;
    let progress = Progress::default();
    let options = Options { hash: reading.hash };
    let timeline = watched(&progress, || load(evidence, options, &progress));
    for source in timeline
        .sources()
        .iter()
        .filter(|source| !source.damage.is_empty())
    {
        warn(&damage(source));
    }
    for source in timeline.sources() {
        for remark in source.remarks() {
            note(&format!("{}: {remark}", source.path.display()));
        }
    }
    if timeline.sources().is_empty() {
        anyhow::bail!(
            "{}: no event log there; dualuse reads .evtx files, event logs as JSON, XML or CSV, these packed as .zip, .tar or .gz, and folders that hold them",
            names(evidence)
        );
    }
    if timeline.is_empty()
        && timeline
            .sources()
            .iter()
            .all(|source| !source.damage.is_empty())
    {
        anyhow::bail!("{}: nothing could be read", names(evidence));
    }
    let snapshot = Snapshot::new(1, true, Arc::new(timeline), &catalog, &environment);
    Ok(Findings {
        snapshot,
        environment,
    })
}

/// As [`examine`], with the hashes that a decision is recorded with.
pub(super) fn examine_to_decide(evidence: &Evidence) -> anyhow::Result<Findings> {
    let reading = Reading {
        hash: true,
        ..evidence.reading.clone()
    };
    examine(&evidence.evidence, &reading)
}

fn names(evidence: &[PathBuf]) -> String {
    let names: Vec<String> = evidence
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

/// The built-in catalogue, or with a user's file laid over it.
pub(super) fn catalog(file: Option<&Path>) -> anyhow::Result<Catalog> {
    Ok(match file {
        Some(file) => Catalog::with_file(file)?,
        None => Catalog::built_in()?,
    })
}

impl Findings {
    /// The outcome when everything else went well: alerts or none, or evidence unread.
    pub(super) fn outcome(&self, alerts: usize) -> Outcome {
        let sources = self.snapshot.timeline.sources();
        if sources.iter().any(|source| !source.damage.is_empty()) {
            Outcome::Unread
        } else if alerts > 0 {
            Outcome::Found
        } else {
            Outcome::Done
        }
    }

    /// The case for reading: the named one, else the usual one for this evidence, else an empty
    /// one in memory. Nothing is created.
    pub(super) fn case_for_reading(
        &self,
        evidence: &[PathBuf],
        file: &CaseFile,
    ) -> anyhow::Result<Case> {
        let mut case = match &file.case {
            Some(path) => Case::open_read_only(path)?,
            None => self.usual_case(evidence)?,
        };
        if let Some(fault) = case.verify()?.fault() {
            let path = case.path().display().to_string();
            warn(&format!(
                "{path}: the log of the case is broken ({fault}); only entries that hold are used"
            ));
        }
        case.set_environment(self.environment.clone());
        Ok(case)
    }

    fn usual_case(&self, evidence: &[PathBuf]) -> anyhow::Result<Case> {
        let opened = default_path(evidence).and_then(|path| Case::open_read_only(&path));
        match opened {
            Ok(case) => Ok(case),
            Err(CaseError::NotFound { .. } | CaseError::NoHome(_)) => Ok(Case::in_memory("")?),
            Err(error) => {
                warn(&format!("{error}"));
                Ok(Case::in_memory("")?)
            }
        }
    }

    /// The case for writing: the named one, else the usual one for this evidence; begun when it is
    /// not there.
    pub(super) fn case_for_writing(
        &self,
        evidence: &[PathBuf],
        file: &CaseFile,
    ) -> anyhow::Result<Case> {
        let path = case_path(evidence, file)?;
        let mut case = Case::open_or_create(&path, &author(file.author.as_deref()))?;
        if case.is_new() {
            note(&format!("began a new case: {}", path.display()));
        }
        case.set_on_wait(say_waiting);
        case.set_environment(self.environment.clone());
        case.set_evidence(self.snapshot.timeline.sources());
        Ok(case)
    }
}

/// Says why nothing happens.
pub(super) fn say_waiting(path: &Path) {
    note(&format!(
        "{}: another dualuse is writing to this case; waiting for it",
        path.display()
    ));
}

/// Where the case lies that arguments mean.
pub(super) fn case_path(evidence: &[PathBuf], file: &CaseFile) -> anyhow::Result<PathBuf> {
    let path = match &file.case {
        Some(path) => path.clone(),
        None => default_path(evidence)?,
    };
    keep_out_of_evidence(&path, evidence)?;
    Ok(path)
}

/// Refuses to write into a folder of evidence or over a file of it.
pub(super) fn keep_out_of_evidence(path: &Path, evidence: &[PathBuf]) -> anyhow::Result<()> {
    if let Some(given) = lies_in(path, evidence) {
        anyhow::bail!(
            "{}: this lies in the evidence ({}), where nothing is written; name a place outside",
            path.display(),
            given.display()
        );
    }
    Ok(())
}

fn damage(source: &SourceReport) -> String {
    let path = source.path.display();
    match source.damage.as_slice() {
        [only] if only.offset == 0 => format!("{path}: {}", only.reason),
        [only] => format!("{path}: not read at byte {}: {}", only.offset, only.reason),
        [first, ..] => format!(
            "{path}: {} parts could not be read, the first at byte {}: {}",
            source.damage.len(),
            first.offset,
            first.reason
        ),
        [] => path.to_string(),
    }
}

/// Does the work while a bar on standard error shows how far it is, if that is a terminal.
fn watched<T: Send>(progress: &Progress, work: impl FnOnce() -> T + Send) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let bar = ProgressBar::no_length().with_style(style());
            while !done.load(Ordering::Relaxed) {
                let (read, all) = progress.bytes();
                bar.set_length(all);
                bar.set_position(read);
                bar.set_message(format!("{} events", HumanCount(progress.events())));
                std::thread::park_timeout(Duration::from_millis(80));
            }
            bar.finish_and_clear();
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(
        "{spinner} reading {bar:30} {binary_bytes}/{binary_total_bytes} {msg} {eta}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar())
}
