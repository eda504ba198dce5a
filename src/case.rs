//! The case: every decision and note about the alerts of some evidence, with author and time.
//!
//! ```text
//! transition field     what can be done with an alert, and which fields that asks for (data)
//! decision red_flag    a filled-in form, and whether it may be saved
//! subject link         what it is about, and what a note points at: event content, never rows or paths
//! entry journal triage the log, hash-chained; what follows from it, without files or clocks
//! known_activity rules  rules made from verdicts: label, count, never hide
//! custody verify merge  which evidence, whether the chain holds, uniting two files
//! store location       the SQLite file, and where it lies when nobody says
//! ```
//!
//! Nothing is ever overwritten: a change of mind, an undo and a merge are further entries. What
//! [`Case::decide`] and its siblings return as saved is on the disk.

mod author;
mod custody;
mod decision;
mod entry;
mod error;
mod field;
mod journal;
mod known_activity;
mod link;
mod location;
mod merge;
mod red_flag;
mod rules;
mod store;
mod subject;
mod transition;
mod triage;
mod verify;

use std::path::Path;
use std::sync::Arc;

pub use author::{author, machine};
pub use custody::{EvidenceCheck, EvidenceSource, completes_entry, unhashed};
pub use decision::{Decision, Fault, Refusal, is_offered};
pub use entry::{Act, BrokenEntry, Content, Decided, Entry, EntryId};
pub use error::CaseError;
pub use field::{Choice, FieldKind, FieldSpec, Rule};
pub use known_activity::{KnownActivity, KnownMatch, KnownRule, Scope, Standing};
pub use link::{Link, Linked, RecordName, links, replace_links, spelled_out};
pub use location::{EXTENSION, default_path};
pub use merge::{Conflict, Merged, MergedInput};
pub use red_flag::{RedFlag, SCORE_THRESHOLD, red_flags, standing_red_flags};
pub use subject::{EventKey, Subject, event_key};
pub use transition::{Disposition, State, Transition};
pub use triage::{Note, Stale, Triage};
pub use verify::{BrokenLink, Verification};

use crate::environment::Environment;
use crate::event::Time;
use crate::evidence::SourceReport;
use crate::investigate::Alert;
use journal::Journal;
use store::{OnWait, Row, Seal, Store};

/// The program and version that entries name.
const PROGRAM: &str = concat!("dualuse ", env!("CARGO_PKG_VERSION"));

/// An open case.
#[derive(Debug)]
pub struct Case {
    store: Store,
    journal: Journal,
    environment: Environment,
    author: String,
    is_new: bool,
    revision: u64,
    /// What decisions rest on, to be recorded with the next one.
    evidence: Vec<EvidenceSource>,
}

/// What became of a decision about several alerts.
#[derive(Clone, Debug, Default)]
pub struct BulkResult {
    /// The decisions that were saved, in the order of the alerts.
    pub saved: Vec<Arc<Entry>>,
    /// The alerts that were left out, by id, and why.
    pub left_out: Vec<(String, Refusal)>,
}

/// What is to be appended: about which alert, and what was done.
type Draft = (Option<Subject>, Act);

impl Case {
    /// Opens the case at `path` for writing, or begins it when nothing is there.
    ///
    /// # Errors
    /// When something is there that is no case, is damaged, is from a newer program or cannot be
    /// written. It is never replaced.
    pub fn open_or_create(path: &Path, author: &str) -> Result<Self, CaseError> {
        match Case::open(path, author) {
            Err(CaseError::NotFound { .. }) => match Store::create(path) {
                // Another process was faster.
                Err(CaseError::AlreadyThere { .. }) => Case::open(path, author),
                created => {
                    let mut case = Case::on(created?, author)?;
                    case.append(|_, _| Ok(vec![(None, Act::Open)]))?;
                    case.is_new = true;
                    Ok(case)
                }
            },
            opened => opened,
        }
    }

    /// Opens an existing case for writing.
    ///
    /// # Errors
    /// As [`Case::open_or_create`], and when it is not there.
    pub fn open(path: &Path, author: &str) -> Result<Self, CaseError> {
        let case = Case::on(Store::open(path)?, author)?;
        match case.verify()?.fault() {
            Some(reason) => Err(CaseError::Damaged {
                path: path.to_owned(),
                reason,
            }),
            None => Ok(case),
        }
    }

    /// Opens an existing case for reading. One whose chain is broken opens too, with what still
    /// holds: ask [`Case::verify`].
    ///
    /// # Errors
    /// When it is not there, is no case, or cannot be read at all.
    pub fn open_read_only(path: &Path) -> Result<Self, CaseError> {
        Case::on(Store::open_read_only(path)?, "")
    }

    /// A case without a file, which ends with the program.
    ///
    /// # Errors
    /// When memory does not suffice.
    pub fn in_memory(author: &str) -> Result<Self, CaseError> {
        let mut case = Case::on(Store::in_memory()?, author)?;
        case.append(|_, _| Ok(vec![(None, Act::Open)]))?;
        Ok(case)
    }

    fn on(mut store: Store, author: &str) -> Result<Self, CaseError> {
        let rows = store.read_new()?;
        let entries = rows
            .iter()
            .filter_map(|row| Entry::read(&row.id, &row.body).ok())
            .collect();
        Ok(Case {
            store,
            journal: Journal::of(entries),
            environment: Environment::default(),
            author: author.to_owned(),
            is_new: false,
            revision: 1,
            evidence: Vec::new(),
        })
    }

    /// Lets red flags be judged with what the site knows about itself.
    pub fn set_environment(&mut self, environment: Environment) {
        self.environment = environment;
        self.revision += 1;
    }

    /// Says whom to tell when a write has to wait for another process: it is called with the path
    /// of the case.
    pub fn set_on_wait(&mut self, on_wait: impl Fn(&Path) + Send + 'static) {
        self.store.on_wait = Some(OnWait(Box::new(on_wait)));
    }

    /// Says which evidence decisions and notes from now on rest on. It is recorded in the log with
    /// the next one, unless the log has it already. With hashes it can be proved later which
    /// evidence it was; [`Case::complete_evidence`] adds those that come late.
    pub fn set_evidence(&mut self, sources: &[SourceReport]) {
        self.evidence = sources.iter().map(EvidenceSource::from).collect();
        self.evidence.sort();
    }

    /// Records the hashes of the evidence that decisions rest on already, when they were not known
    /// then: a program that shows alerts before all is hashed calls [`Case::set_evidence`] again,
    /// then this. Answers the entry, if there was something to record.
    ///
    /// # Errors
    /// Why it could not be saved.
    pub fn complete_evidence(&mut self) -> Result<Option<Arc<Entry>>, CaseError> {
        if !custody::completes(&self.evidence, self.evidence()) {
            return Ok(None);
        }
        let sources = self.evidence.clone();
        let mut saved = self.append(|_, _| Ok(vec![(None, Act::Evidence { sources })]))?;
        Ok(saved.pop())
    }

    /// The evidence recorded last; nothing while none was.
    pub fn evidence(&self) -> &[EvidenceSource] {
        self.journal.evidence().unwrap_or_default()
    }

    /// The site profile in use.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Where the case lies.
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// Who writes new entries.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// Whether this call began it.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether it was opened for reading only.
    pub fn is_read_only(&self) -> bool {
        self.store.is_read_only()
    }

    /// Counts up whenever an answer of [`Case::triage`] may have changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in what other processes wrote meanwhile; whether there was anything.
    ///
    /// # Errors
    /// When the file can no longer be read, or what was written is broken.
    pub fn refresh(&mut self) -> Result<bool, CaseError> {
        let rows = self.store.read_new()?;
        let path = self.store.path().to_owned();
        let news = !rows.is_empty();
        absorb(&mut self.journal, &path, rows)?;
        self.revision += u64::from(news);
        Ok(news)
    }

    /// Everything the case says about an alert.
    pub fn triage(&self, alert: &Alert) -> Triage {
        self.journal.triage(alert, &self.environment)
    }

    /// The facts that contradict a decision about an alert; each must be acknowledged.
    pub fn red_flags(&self, alert: &Alert, decision: &Decision) -> Vec<RedFlag> {
        red_flag::red_flags(alert, decision, &self.environment)
    }

    /// Whether a decision could be saved now.
    ///
    /// # Errors
    /// Everything that is missing, at once.
    pub fn check(&self, alert: &Alert, decision: &Decision) -> Result<(), Refusal> {
        judge(&self.journal, &self.environment, alert, decision).map(drop)
    }

    /// Saves a decision about an alert. When it returns, the decision is on the disk.
    ///
    /// # Errors
    /// [`CaseError::Refused`] with all that is missing; otherwise why it could not be saved. Then
    /// nothing was.
    pub fn decide(&mut self, alert: &Alert, decision: Decision) -> Result<Arc<Entry>, CaseError> {
        let decision = decision.tidy();
        let mut saved = self.append(|journal, environment| {
            Ok(vec![draft_decision(
                journal,
                environment,
                alert,
                decision,
                None,
            )?])
        })?;
        saved.pop().ok_or_else(|| self.lost())
    }

    /// Saves one decision about several alerts, all or nothing on the disk. Each is judged and
    /// stored with its own red flags and cites its own sightings, unless the decision cites
    /// events. Alerts with red flags stay out unless `named` has their id; then the flags must be
    /// acknowledged like those of a single decision.
    ///
    /// # Errors
    /// Why nothing could be saved. Alerts left out are no error.
    pub fn decide_all(
        &mut self,
        alerts: &[&Alert],
        decision: &Decision,
        named: &[&str],
    ) -> Result<BulkResult, CaseError> {
        let decision = decision.clone().tidy();
        let mut left_out = Vec::new();
        let saved = self.append(|journal, environment| {
            let bulk = bulk_name(alerts, journal);
            let mut drafts = Vec::new();
            for alert in alerts {
                let mut own = decision.clone();
                if own.events.is_empty() {
                    own.events = alert
                        .sightings
                        .iter()
                        .map(|sighting| sighting.event.clone())
                        .collect();
                }
                if !named.contains(&alert.id.as_str()) {
                    own.acknowledged.clear();
                }
                match draft_decision(journal, environment, alert, own, Some(bulk.clone())) {
                    Ok(draft) => drafts.push(draft),
                    Err(refusal) => left_out.push((alert.id.clone(), refusal)),
                }
            }
            Ok(drafts)
        })?;
        let saved = saved
            .into_iter()
            .filter(|entry| entry.decided().is_some())
            .collect();
        Ok(BulkResult { saved, left_out })
    }

    /// Adds a note, Markdown of any number of lines, to an alert.
    ///
    /// # Errors
    /// Why it could not be saved.
    pub fn note(&mut self, alert: &Alert, markdown: &str) -> Result<Arc<Entry>, CaseError> {
        let act = Act::Note {
            markdown: markdown.to_owned(),
            replaces: None,
        };
        let mut saved = self.append(|_, _| Ok(vec![(Some(Subject::of(alert)), act)]))?;
        saved.pop().ok_or_else(|| self.lost())
    }

    /// Replaces the text of a note; an empty text takes it away. Earlier texts stay in the log.
    ///
    /// # Errors
    /// [`CaseError::NoSuchNote`] when `note` is not a current note of the alert; otherwise why it
    /// could not be saved.
    pub fn edit_note(
        &mut self,
        alert: &Alert,
        note: &EntryId,
        markdown: &str,
    ) -> Result<Arc<Entry>, CaseError> {
        let act = Act::Note {
            markdown: markdown.to_owned(),
            replaces: Some(note.clone()),
        };
        let mut saved = self.append(|journal, environment| {
            let notes = journal.triage(alert, environment).notes;
            if !notes.iter().any(|current| current.id == *note) {
                return Err(CaseError::NoSuchNote);
            }
            Ok(vec![(Some(Subject::of(alert)), act)])
        })?;
        saved.pop().ok_or_else(|| self.lost())
    }

    /// Takes back the author's last decision or note that is in force, or all of his last bulk
    /// action, by appending the inverse. Works across restarts. Answers the acts taken back.
    ///
    /// # Errors
    /// [`CaseError::NothingToUndo`], or why it could not be saved.
    pub fn undo(&mut self) -> Result<Vec<Arc<Entry>>, CaseError> {
        let author = self.author.clone();
        let mut undone = Vec::new();
        self.append(|journal, _| {
            undone = journal.undoable(&author);
            if undone.is_empty() {
                return Err(CaseError::NothingToUndo { author });
            }
            Ok(inverses(&undone, |of| Act::Undo { of }))
        })?;
        Ok(undone)
    }

    /// Brings back what the author's last undo took back, unless he did something else since.
    /// Answers the acts that are in force again.
    ///
    /// # Errors
    /// [`CaseError::NothingToRedo`], or why it could not be saved.
    pub fn redo(&mut self) -> Result<Vec<Arc<Entry>>, CaseError> {
        let author = self.author.clone();
        let mut redone = Vec::new();
        self.append(|journal, _| {
            let undos = journal.redoable(&author);
            if undos.is_empty() {
                return Err(CaseError::NothingToRedo { author });
            }
            for undo in &undos {
                if let Act::Undo { of } = &undo.content.act {
                    redone.extend(journal.get(of).cloned());
                }
            }
            Ok(inverses(&undos, |of| Act::Redo { of }))
        })?;
        Ok(redone)
    }

    /// What [`Case::undo`] would take back now; empty when nothing.
    pub fn undoable(&self) -> Vec<Arc<Entry>> {
        self.journal.undoable(&self.author)
    }

    /// The undos that [`Case::redo`] would take back now; empty when none.
    pub fn redoable(&self) -> Vec<Arc<Entry>> {
        self.journal.redoable(&self.author)
    }

    /// The log, oldest first.
    pub fn log(&self) -> &[Arc<Entry>] {
        self.journal.entries()
    }

    /// The entry of that name.
    pub fn entry(&self, id: &EntryId) -> Option<&Arc<Entry>> {
        self.journal.get(id)
    }

    /// Whether an entry of the log is in force, that is, not taken back.
    pub fn is_in_force(&self, id: &EntryId) -> bool {
        self.journal.is_in_force(id)
    }

    /// The last links of the chain: what a report cites, so that it can later be shown that the
    /// log was not cut.
    pub fn heads(&self) -> Vec<EntryId> {
        self.journal.heads()
    }

    /// Recomputes the whole chain from the file.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn verify(&self) -> Result<Verification, CaseError> {
        verify::verify(&self.store)
    }

    /// Appends what `draft` answers, judged on the newest state of the file.
    fn append(
        &mut self,
        draft: impl FnOnce(&Journal, &Environment) -> Result<Vec<Draft>, CaseError>,
    ) -> Result<Vec<Arc<Entry>>, CaseError> {
        let path = self.store.path().to_owned();
        let (journal, environment, author) = (&mut self.journal, &self.environment, &self.author);
        let evidence = &self.evidence;
        self.revision += 1;
        let saved = self.store.write(|news| {
            absorb(journal, &path, news)?;
            let mut drafts = draft(journal, environment)?;
            let rests_on_evidence = drafts.iter().any(|(subject, _)| subject.is_some());
            if rests_on_evidence && journal.evidence().unwrap_or_default() != evidence.as_slice() {
                let sources = evidence.clone();
                if !sources.is_empty() {
                    drafts.insert(0, (None, Act::Evidence { sources }));
                }
            }
            chain(drafts, journal.heads(), author)
        })?;
        Ok(saved
            .into_iter()
            .map(|entry| self.journal.push(entry))
            .collect())
    }

    fn lost(&self) -> CaseError {
        let reason = "nothing was appended".to_owned();
        CaseError::Io {
            path: self.path().to_owned(),
            reason,
        }
    }
}

/// Takes rows of another process into the journal.
fn absorb(journal: &mut Journal, path: &Path, rows: Vec<Row>) -> Result<(), CaseError> {
    for row in rows {
        let entry = Entry::read(&row.id, &row.body).map_err(|broken| CaseError::Damaged {
            path: path.to_owned(),
            reason: format!("entry {}: {broken}", row.position),
        })?;
        journal.push(entry);
    }
    Ok(())
}

/// Links drafts into a chain that follows `heads`.
fn chain(
    drafts: Vec<Draft>,
    heads: Vec<EntryId>,
    author: &str,
) -> Result<(Vec<Entry>, Seal), CaseError> {
    let mut before = heads;
    let mut entries = Vec::with_capacity(drafts.len());
    for (subject, act) in drafts {
        let entry = Entry::seal(Content {
            before,
            author: author.to_owned(),
            time: Time::now(),
            machine: machine(),
            program: PROGRAM.to_owned(),
            subject,
            act,
        })?;
        before = vec![entry.id.clone()];
        entries.push(entry);
    }
    Ok((
        entries,
        Seal {
            entries: 0,
            heads: before,
        },
    ))
}

/// Judges a decision; the answer is where the alert stands and its red flags.
fn judge(
    journal: &Journal,
    environment: &Environment,
    alert: &Alert,
    decision: &Decision,
) -> Result<(Triage, Vec<RedFlag>), Refusal> {
    let triage = journal.triage(alert, environment);
    let red_flags = red_flag::red_flags(alert, decision, environment);
    let faults = decision::faults(decision, &triage, &red_flags);
    if faults.is_empty() {
        Ok((triage, red_flags))
    } else {
        Err(Refusal {
            transition: decision.transition,
            faults,
        })
    }
}

fn draft_decision(
    journal: &Journal,
    environment: &Environment,
    alert: &Alert,
    decision: Decision,
    bulk: Option<String>,
) -> Result<Draft, Refusal> {
    let (triage, red_flags) = judge(journal, environment, alert, &decision)?;
    let subject = Subject::of(alert);
    let decided = Decided {
        from: triage.state,
        to: decision.transition.leads_to(),
        after: journal
            .verdicts(&subject)
            .iter()
            .map(|entry| entry.id.clone())
            .collect(),
        decision,
        red_flags,
        bulk,
    };
    Ok((Some(subject), Act::Decide(decided)))
}

fn inverses(of: &[Arc<Entry>], act: impl Fn(EntryId) -> Act) -> Vec<Draft> {
    of.iter()
        .map(|entry| (entry.content.subject.clone(), act(entry.id.clone())))
        .collect()
}

/// A name for a bulk action, unlike that of any other: it depends on the log so far.
fn bulk_name(alerts: &[&Alert], journal: &Journal) -> String {
    let ids: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    let heads: Vec<String> = journal.heads().iter().map(EntryId::to_string).collect();
    EntryId::of(&format!("{}\n{}", heads.join(" "), ids.join(" ")))
        .short()
        .to_owned()
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
