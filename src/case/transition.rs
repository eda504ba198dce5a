//! What an analyst can do with an alert, as data: where it leads and which fields it asks for.
//!
//! The interface and the command line build their forms from [`Transition::fields`]; whether a
//! decision is complete is judged in one place, [`super::decision`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::{FieldSpec, forms};

/// Where the work on an alert stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has touched it.
    #[default]
    New,
    /// Somebody works on it.
    InProgress,
    /// Waiting for somebody's answer.
    NeedsInfo,
    /// Decided.
    Closed,
}

impl State {
    /// The word of JSON and command line.
    pub fn word(self) -> &'static str {
        match self {
            State::New => "new",
            State::InProgress => "in-progress",
            State::NeedsInfo => "needs-info",
            State::Closed => "closed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The analyst's verdict on a closed alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// The detection is right and the activity was authorised administration.
    AdminAttributed,
    /// Penetration test, red team, attack simulation, lab.
    AuthorisedTest,
    /// Passed on to incident response; may be malicious.
    Escalated,
    /// The detection is wrong.
    FalsePositive,
    /// Closed without a verdict, because the evidence for one does not exist.
    Undetermined,
    /// The same activity as another alert.
    Duplicate,
}

impl Disposition {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Disposition; 6] = [
        Disposition::AdminAttributed,
        Disposition::Escalated,
        Disposition::AuthorisedTest,
        Disposition::FalsePositive,
        Disposition::Undetermined,
        Disposition::Duplicate,
    ];

    /// The word of JSON and command line.
    pub fn word(self) -> &'static str {
        match self {
            Disposition::AdminAttributed => "admin-attributed",
            Disposition::AuthorisedTest => "authorised-test",
            Disposition::Escalated => "escalated",
            Disposition::FalsePositive => "false-positive",
            Disposition::Undetermined => "undetermined",
            Disposition::Duplicate => "duplicate",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One step in the work on an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transition {
    /// Take it up.
    InProgress,
    /// Ask somebody and wait.
    NeedsInfo,
    /// Close: it was an administrator.
    AdminAttributed,
    /// Close: it was an authorised test.
    AuthorisedTest,
    /// Close: passed on to incident response.
    Escalated,
    /// Close: the detection is wrong.
    FalsePositive,
    /// Close: no verdict is possible.
    Undetermined,
    /// Close: the same activity as another alert.
    Duplicate,
    /// Open a closed alert again; its verdict stays in the history.
    Reopen,
    /// Add to an escalated alert what became of it.
    Outcome,
}

impl Transition {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Transition; 10] = [
        Transition::AdminAttributed,
        Transition::Escalated,
        Transition::NeedsInfo,
        Transition::AuthorisedTest,
        Transition::FalsePositive,
        Transition::Undetermined,
        Transition::Duplicate,
        Transition::InProgress,
        Transition::Reopen,
        Transition::Outcome,
    ];

    /// The word of JSON and command line.
    pub fn word(self) -> &'static str {
        match self {
            Transition::InProgress => "in-progress",
            Transition::NeedsInfo => "needs-info",
            Transition::Reopen => "reopen",
            Transition::Outcome => "outcome",
            _ => self.disposition().map_or("", Disposition::word),
        }
    }

    /// The transition of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Transition::ALL
            .into_iter()
            .find(|transition| transition.word() == word)
    }

    /// A title of a few words.
    pub fn title(self) -> &'static str {
        match self {
            Transition::InProgress => "In progress",
            Transition::NeedsInfo => "Needs information",
            Transition::AdminAttributed => "Admin-attributed",
            Transition::AuthorisedTest => "Authorised test",
            Transition::Escalated => "Escalated",
            Transition::FalsePositive => "False positive",
            Transition::Undetermined => "Undetermined",
            Transition::Duplicate => "Duplicate",
            Transition::Reopen => "Reopen",
            Transition::Outcome => "Outcome of the escalation",
        }
    }

    /// One sentence that says when to choose it.
    pub fn help(self) -> &'static str {
        match self {
            Transition::InProgress => "You are working on it.",
            Transition::NeedsInfo => "You asked somebody and wait for the answer.",
            Transition::AdminAttributed => {
                "The detection is right, and the activity was authorised administration."
            }
            Transition::AuthorisedTest => {
                "Penetration test, red team, attack simulation or lab, agreed beforehand."
            }
            Transition::Escalated => "Passed on to incident response: it may be malicious.",
            Transition::FalsePositive => "The detection is wrong: the tool did not run here.",
            Transition::Undetermined => {
                "No verdict is possible, because the evidence for one does not exist."
            }
            Transition::Duplicate => "The same activity as another alert.",
            Transition::Reopen => "Take up a closed alert again; its verdict stays in the history.",
            Transition::Outcome => "What became of the escalation.",
        }
    }

    /// The verdict it gives, if it closes the alert.
    pub fn disposition(self) -> Option<Disposition> {
        Some(match self {
            Transition::AdminAttributed => Disposition::AdminAttributed,
            Transition::AuthorisedTest => Disposition::AuthorisedTest,
            Transition::Escalated | Transition::Outcome => Disposition::Escalated,
            Transition::FalsePositive => Disposition::FalsePositive,
            Transition::Undetermined => Disposition::Undetermined,
            Transition::Duplicate => Disposition::Duplicate,
            Transition::InProgress | Transition::NeedsInfo | Transition::Reopen => return None,
        })
    }

    /// The state it leads to.
    pub fn leads_to(self) -> State {
        match self {
            Transition::InProgress | Transition::Reopen => State::InProgress,
            Transition::NeedsInfo => State::NeedsInfo,
            _ => State::Closed,
        }
    }

    /// What it asks for, in the order of its form.
    pub fn fields(self) -> &'static [FieldSpec] {
        forms::fields(self)
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl From<Disposition> for Transition {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::AdminAttributed => Transition::AdminAttributed,
            Disposition::AuthorisedTest => Transition::AuthorisedTest,
            Disposition::Escalated => Transition::Escalated,
            Disposition::FalsePositive => Transition::FalsePositive,
            Disposition::Undetermined => Transition::Undetermined,
            Disposition::Duplicate => Transition::Duplicate,
        }
    }
}
