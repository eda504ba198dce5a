//! Where the work on one alert stands, computed from the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::entry::{Entry, EntryId};
use super::known_activity::KnownMatch;
use super::link::Link;
use super::red_flag::RedFlag;
use super::transition::{Disposition, State};
use crate::event::Time;
use crate::investigate::EventRef;

/// Everything the case says about one alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triage {
    /// The alert's id, for which this was computed.
    pub alert: String,
    /// Where the work stands. While verdicts contradict each other it is not closed.
    pub state: State,
    /// The verdict, while closed.
    pub disposition: Option<Disposition>,
    /// The entry that says so.
    pub decided: Option<Arc<Entry>>,
    /// The fields of that decision.
    pub fields: BTreeMap<String, String>,
    /// The outcome of an escalation, once there is one.
    pub outcome: Option<String>,
    /// Who decided.
    pub author: Option<String>,
    /// When.
    pub time: Option<Time>,
    /// Current notes, oldest first.
    pub notes: Vec<Note>,
    /// What joined the evidence after the alert was closed.
    pub stale: Option<Stale>,
    /// Verdicts that contradict each other, each made without knowledge of the others.
    pub conflict: Vec<Arc<Entry>>,
    /// The rules about known activity that the alert falls under, expired ones included.
    pub known: Vec<KnownMatch>,
    /// Every entry about this alert, oldest first, those taken back included.
    pub history: Vec<Arc<Entry>>,
    /// Facts of the alert that contradict “it was an administrator”, as of now.
    pub red_flags: Vec<RedFlag>,
}

impl Triage {
    /// Whether somebody still has to look at it. An alert that nobody has touched and that a rule
    /// about known activity settles is not open; it is labelled and counted all the same.
    pub fn is_open(&self) -> bool {
        (self.state != State::Closed && self.settled_by().is_none()) || self.stale.is_some()
    }

    /// The rule that settles the alert: in force, not expired, no red flag it does not accept, and
    /// nobody has taken the alert up.
    pub fn settled_by(&self) -> Option<&KnownMatch> {
        if self.state != State::New {
            return None;
        }
        self.known.iter().find(|known| known.settles())
    }

    /// All current notes as one Markdown text; `None` without any.
    pub fn note(&self) -> Option<String> {
        Triage::note_of(&self.notes)
    }

    /// Some notes as one Markdown text; `None` without any.
    pub fn note_of(notes: &[Note]) -> Option<String> {
        let texts: Vec<&str> = notes.iter().map(|note| note.markdown.trim_end()).collect();
        (!texts.is_empty()).then(|| texts.join("\n\n"))
    }
}

/// A note as it reads now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Names the note for [`super::Case::edit_note`]; changes with each edit.
    pub id: EntryId,
    /// Who wrote this version.
    pub author: String,
    /// When.
    pub time: Time,
    /// The text.
    pub markdown: String,
    /// What it points at, in the order of the text.
    pub links: Vec<Link>,
    /// How often it was edited before.
    pub edits: usize,
}

/// What a closed alert has now that its verdict did not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// New events.
    pub events: Vec<EventRef>,
    /// New signals for an attacker, by id.
    pub signals: Vec<String>,
}
