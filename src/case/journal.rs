//! The log in memory and what follows from it. No file, no clock: the same set of entries gives
//! the same answers, in whatever order files were merged.

mod known;
mod order;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::custody::EvidenceSource;
use super::entry::{Act, Decided, Entry, EntryId};
use super::link::links;
use super::red_flag::standing_red_flags;
use super::subject::{EventKey, Subject, event_key};
use super::transition::{State, Transition};
use super::triage::{Note, Stale, Triage};
use crate::environment::Environment;
use crate::investigate::Alert;

/// All entries with the indexes that answer questions about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Arc<Entry>>,
    place: HashMap<EntryId, usize>,
    /// Entries by the anchors of their subject.
    by_event: HashMap<EventKey, Vec<usize>>,
    /// The undos and redos of an entry.
    inverses: HashMap<EntryId, Vec<usize>>,
    /// Entries about known activity.
    known_acts: Vec<usize>,
    /// Entries that no other follows.
    heads: BTreeSet<EntryId>,
}

impl Journal {
    /// Puts entries in causal order, by time where that leaves a choice. Copies count once.
    pub(super) fn of(entries: Vec<Entry>) -> Self {
        let mut journal = Journal::default();
        for entry in order::causal(entries) {
            journal.push(entry);
        }
        journal
    }

    /// Adds an entry at the end, unless it is there.
    pub(super) fn push(&mut self, entry: Entry) -> Arc<Entry> {
        if let Some(known) = self.get(&entry.id) {
            return Arc::clone(known);
        }
        let index = self.entries.len();
        let entry = Arc::new(entry);
        for key in entry
            .content
            .subject
            .iter()
            .flat_map(|subject| &subject.anchors)
        {
            self.by_event.entry(key.clone()).or_default().push(index);
        }
        if let Act::Undo { of } | Act::Redo { of } = &entry.content.act {
            self.inverses.entry(of.clone()).or_default().push(index);
        }
        if matches!(
            entry.content.act,
            Act::Known { .. } | Act::RevokeKnown { .. }
        ) {
            self.known_acts.push(index);
        }
        for before in &entry.content.before {
            self.heads.remove(before);
        }
        self.heads.insert(entry.id.clone());
        self.place.insert(entry.id.clone(), index);
        self.entries.push(Arc::clone(&entry));
        entry
    }

    /// Every entry, oldest first.
    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The entry of that name.
    pub(super) fn get(&self, id: &EntryId) -> Option<&Arc<Entry>> {
        self.entries.get(*self.place.get(id)?)
    }

    /// The entries that no other follows, in the order of their names.
    pub(super) fn heads(&self) -> Vec<EntryId> {
        self.heads.iter().cloned().collect()
    }

    /// Whether an entry is in force: nothing that is in force takes it back.
    pub(super) fn is_in_force(&self, id: &EntryId) -> bool {
        let inverses = self.inverses.get(id).into_iter().flatten();
        !inverses
            .filter_map(|index| self.entries.get(*index))
            .any(|inverse| self.is_in_force(&inverse.id))
    }

    /// The last act of an author that can be taken back; with a bulk action, all of it.
    pub(super) fn undoable(&self, author: &str) -> Vec<Arc<Entry>> {
        let last = self.entries.iter().rev().find(|entry| {
            entry.content.author == author && is_undoable(entry) && self.is_in_force(&entry.id)
        });
        last.map_or_else(Vec::new, |last| self.with_its_bulk(last))
    }

    /// The undos to take back: the last of an author, if nothing but undos and redos followed it.
    pub(super) fn redoable(&self, author: &str) -> Vec<Arc<Entry>> {
        let own = self
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.content.author == author);
        let undo = own.take_while(|entry| !is_undoable(entry)).find(|entry| {
            matches!(entry.content.act, Act::Undo { .. }) && self.is_in_force(&entry.id)
        });
        let Some(Act::Undo { of }) = undo.map(|undo| &undo.content.act) else {
            return Vec::new();
        };
        let Some(undone) = self.get(of) else {
            return Vec::new();
        };
        let undone: HashSet<EntryId> = self
            .bulk_of(undone)
            .map(|entry| entry.id.clone())
            .chain([undone.id.clone()])
            .collect();
        self.entries
            .iter()
            .filter(|entry| match &entry.content.act {
                Act::Undo { of } => undone.contains(of) && self.is_in_force(&entry.id),
                _ => false,
            })
            .cloned()
            .collect()
    }

    fn with_its_bulk(&self, entry: &Arc<Entry>) -> Vec<Arc<Entry>> {
        let mut all: Vec<Arc<Entry>> = self
            .bulk_of(entry)
            .filter(|other| self.is_in_force(&other.id))
            .cloned()
            .collect();
        if all.is_empty() {
            all.push(Arc::clone(entry));
        }
        all
    }

    /// The decisions of the bulk action that an entry is part of; nothing when it is of none.
    fn bulk_of(&self, entry: &Entry) -> impl Iterator<Item = &Arc<Entry>> {
        let bulk = entry.decided().and_then(|decided| decided.bulk.clone());
        self.entries.iter().filter(move |other| {
            bulk.is_some() && other.decided().is_some_and(|decided| decided.bulk == bulk)
        })
    }

    /// The decisions in force about an alert that no later one knew of: normally one.
    pub(super) fn verdicts(&self, subject: &Subject) -> Vec<Arc<Entry>> {
        self.heads_among(&self.about(subject))
    }

    /// The verdicts about an alert that contradict each other; none when they do not.
    pub(super) fn conflict(&self, subject: &Subject) -> Vec<Arc<Entry>> {
        let verdicts = self.verdicts(subject);
        if is_conflict(&verdicts) {
            verdicts
        } else {
            Vec::new()
        }
    }

    /// The evidence recorded last.
    pub(super) fn evidence(&self) -> Option<&[EvidenceSource]> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.content.act {
                Act::Evidence { sources } => Some(sources.as_slice()),
                _ => None,
            })
    }

    /// Everything the log says about an alert.
    pub(super) fn triage(&self, alert: &Alert, environment: &Environment) -> Triage {
        let subject = Subject::of(alert);
        let history = self.about(&subject);
        let heads = self.heads_among(&history);
        let mut triage = Triage {
            alert: alert.id.clone(),
            notes: self.notes(&history),
            red_flags: standing_red_flags(alert, environment),
            history,
            ..Triage::default()
        };
        triage.known = self.known(alert, &triage.red_flags);
        if is_conflict(&heads) {
            triage.state = State::InProgress;
            triage.conflict = heads;
        } else if let Some(chosen) = heads.iter().max_by_key(|entry| weight_of(entry)) {
            self.settle(&mut triage, chosen);
            if triage.state == State::Closed {
                triage.stale = stale(alert, &subject, &heads);
            }
        }
        triage
    }

    /// Fills in what the deciding entry says.
    fn settle(&self, triage: &mut Triage, entry: &Arc<Entry>) {
        let Some(decided) = entry.decided() else {
            return;
        };
        triage.state = decided.to;
        triage.disposition = if decided.to == State::Closed {
            decided.decision.transition.disposition()
        } else {
            None
        };
        triage.author = Some(entry.content.author.clone());
        triage.time = Some(entry.content.time);
        if decided.decision.transition == Transition::Outcome {
            triage.outcome = decided.decision.value("outcome").map(str::to_owned);
            if let Some(escalation) = self.escalation_before(decided) {
                triage.fields.extend(escalation.decision.fields.clone());
            }
        }
        triage.fields.extend(decided.decision.fields.clone());
        triage.decided = Some(Arc::clone(entry));
    }

    /// The escalation that an outcome belongs to.
    fn escalation_before(&self, outcome: &Decided) -> Option<&Decided> {
        let earlier = self.known_to(outcome);
        self.entries
            .iter()
            .rev()
            .filter(|entry| earlier.contains(&entry.id))
            .filter_map(|entry| entry.decided())
            .find(|decided| decided.decision.transition == Transition::Escalated)
    }

    /// Every entry about the alert, oldest first: those that share an anchor with it.
    fn about(&self, subject: &Subject) -> Vec<Arc<Entry>> {
        let indexes: BTreeSet<usize> = subject
            .anchors
            .iter()
            .filter_map(|key| self.by_event.get(key))
            .flatten()
            .copied()
            .collect();
        indexes
            .into_iter()
            .filter_map(|index| self.entries.get(index))
            .cloned()
            .collect()
    }

    /// The decisions among some entries that are in force and that no other of them follows.
    fn heads_among(&self, entries: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
        let decisions: Vec<&Arc<Entry>> = entries
            .iter()
            .filter(|entry| entry.decided().is_some() && self.is_in_force(&entry.id))
            .collect();
        let mut followed = HashSet::new();
        // The newest knows most: what it follows need not be asked again.
        for entry in decisions.iter().rev() {
            if let Some(decided) = entry.decided()
                && !followed.contains(&entry.id)
            {
                followed.extend(self.known_to(decided));
            }
        }
        decisions
            .into_iter()
            .filter(|entry| !followed.contains(&entry.id))
            .cloned()
            .collect()
    }

    /// Every decision that a decision follows, near and far.
    fn known_to(&self, decided: &Decided) -> HashSet<EntryId> {
        let mut known = HashSet::new();
        let mut open: Vec<&EntryId> = decided.after.iter().collect();
        while let Some(id) = open.pop() {
            if known.insert(id.clone())
                && let Some(earlier) = self.get(id).and_then(|entry| entry.decided())
            {
                open.extend(&earlier.after);
            }
        }
        known
    }

    fn notes(&self, history: &[Arc<Entry>]) -> Vec<Note> {
        let mut replaced: HashMap<&EntryId, usize> = HashMap::new();
        let mut notes = Vec::new();
        for entry in history.iter().filter(|entry| self.is_in_force(&entry.id)) {
            let Act::Note { markdown, replaces } = &entry.content.act else {
                continue;
            };
            let edits = match replaces {
                Some(earlier) => {
                    let edits = replaced.get(earlier).map_or(1, |edits| edits + 1);
                    notes.retain(|note: &Note| note.id != *earlier);
                    edits
                }
                None => 0,
            };
            replaced.insert(&entry.id, edits);
            if !markdown.trim().is_empty() {
                notes.push(Note {
                    id: entry.id.clone(),
                    author: entry.content.author.clone(),
                    time: entry.content.time,
                    markdown: markdown.clone(),
                    links: links(markdown),
                    edits,
                });
            }
        }
        notes
    }
}

fn is_undoable(entry: &Entry) -> bool {
    matches!(
        entry.content.act,
        Act::Decide(_) | Act::Note { .. } | Act::Known { .. } | Act::RevokeKnown { .. }
    )
}

/// Whether verdicts contradict each other.
fn is_conflict(heads: &[Arc<Entry>]) -> bool {
    let verdicts: BTreeSet<_> = heads
        .iter()
        .filter_map(|entry| entry.decided())
        .filter(|decided| decided.to == State::Closed)
        .map(|decided| decided.decision.transition.disposition())
        .collect();
    verdicts.len() > 1
}

/// Which of several decisions, made without knowledge of each other but without contradiction,
/// says where the work stands: a reopening keeps the alert open, then a verdict, then a question.
fn weight_of(entry: &Entry) -> u8 {
    match entry.decided().map(|decided| decided.decision.transition) {
        Some(Transition::Reopen) => 4,
        Some(Transition::Outcome) => 3,
        Some(transition) if transition.leads_to() == State::Closed => 2,
        Some(Transition::NeedsInfo) => 1,
        _ => 0,
    }
}

/// What the alert has now that none of its verdicts knew.
fn stale(alert: &Alert, now: &Subject, verdicts: &[Arc<Entry>]) -> Option<Stale> {
    let known: Vec<&Subject> = verdicts
        .iter()
        .filter_map(|entry| entry.content.subject.as_ref())
        .collect();
    let is_new = |key: &EventKey| !known.iter().any(|subject| subject.cites(key));
    let mut events = Vec::new();
    if now.anchors.iter().chain(&now.context).any(is_new) {
        let mut seen = HashSet::new();
        events.extend(
            alert
                .evidence()
                .filter(|event| {
                    let key = event_key(event);
                    now.cites(&key) && is_new(&key) && seen.insert(key)
                })
                .cloned(),
        );
    }
    let signals: Vec<String> = now
        .against
        .iter()
        .filter(|signal| !known.iter().any(|subject| subject.against.contains(signal)))
        .cloned()
        .collect();
    (!events.is_empty() || !signals.is_empty()).then_some(Stale { events, signals })
}
