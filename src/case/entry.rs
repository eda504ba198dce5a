//! The entries of the case log and the hash chain that holds them.
//!
//! An entry's id is the SHA-256 of its body, and the body names the entries before it. So the log
//! is a chain; when two analysts' files are merged it forks and joins again, like commits, and
//! every link can still be recomputed. Bodies are stored and hashed as the exact bytes written.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::custody::EvidenceSource;
use super::decision::Decision;
use super::known_activity::KnownActivity;
use super::red_flag::RedFlag;
use super::subject::Subject;
use super::transition::State;
use crate::event::Time;
use crate::text::hex;

/// Name of an entry: the SHA-256 of its body in lower-case hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(String);

impl EntryId {
    /// The id that a body has.
    pub fn of(body: &str) -> Self {
        EntryId(hex(Sha256::digest(body)))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits: enough for a human to tell entries apart.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<String> for EntryId {
    fn from(text: String) -> Self {
        EntryId(text)
    }
}

/// One entry of the log. Never changed, never removed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its name, which proves its content.
    pub id: EntryId,
    /// What it says.
    #[serde(flatten)]
    pub content: Content,
    /// The bytes that were hashed.
    #[serde(skip)]
    body: Arc<str>,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The entries before it: one, or several after a merge; none for the first.
    pub before: Vec<EntryId>,
    /// Who.
    pub author: String,
    /// When, UTC, by the clock of `machine`.
    pub time: Time,
    /// On which machine.
    pub machine: String,
    /// With which version of the program.
    pub program: String,
    /// About which alert.
    pub subject: Option<Subject>,
    /// What was done.
    pub act: Act,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Act {
    /// The case was begun.
    Open,
    /// A decision about an alert.
    Decide(Decided),
    /// A note about an alert.
    Note {
        /// The text; empty takes the replaced note away.
        markdown: String,
        /// The note that this one replaces.
        replaces: Option<EntryId>,
    },
    /// A rule about known activity was made, or its text replaced.
    Known {
        /// The rule.
        rule: Box<KnownActivity>,
        /// The text that this one replaces.
        replaces: Option<EntryId>,
    },
    /// A rule about known activity was taken out of force.
    RevokeKnown {
        /// One of its texts.
        of: EntryId,
        /// Why.
        reason: String,
    },
    /// The evidence that the decisions from here on rest on.
    Evidence {
        /// What was read.
        sources: Vec<EvidenceSource>,
    },
    /// An entry was taken back.
    Undo {
        /// Which.
        of: EntryId,
    },
    /// An undo was taken back.
    Redo {
        /// Which undo.
        of: EntryId,
    },
}

/// A decision with what was known when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// State before.
    pub from: State,
    /// State after.
    pub to: State,
    /// The facts that contradicted it.
    pub red_flags: Vec<RedFlag>,
    /// The decisions about the same alert that it follows. Two decisions that do not know each
    /// other are a conflict.
    pub after: Vec<EntryId>,
    /// Name shared by the decisions of one bulk action.
    pub bulk: Option<String>,
}

/// Why stored bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenEntry {
    /// The body is not the one that was hashed.
    #[error("its content has SHA-256 {actual}, not {stored}: it was changed after it was written")]
    Changed {
        /// The id stored with it.
        stored: String,
        /// What the body hashes to.
        actual: String,
    },
    /// The body cannot be read.
    #[error("its content cannot be read: {0}")]
    Unreadable(String),
}

impl Entry {
    /// Makes an entry of its content.
    ///
    /// # Errors
    /// When the content cannot be written as JSON.
    pub(super) fn seal(content: Content) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(&content)?;
        Ok(Entry {
            id: EntryId::of(&body),
            content,
            body: body.into(),
        })
    }

    /// Reads a stored entry and checks it against its id.
    ///
    /// # Errors
    /// [`BrokenEntry`], when the body was changed or cannot be read.
    pub(super) fn read(stored: &str, body: &str) -> Result<Self, BrokenEntry> {
        let id = EntryId::of(body);
        if id.as_str() != stored {
            return Err(BrokenEntry::Changed {
                stored: stored.to_owned(),
                actual: id.0,
            });
        }
        let content = serde_json::from_str(body)
            .map_err(|error| BrokenEntry::Unreadable(error.to_string()))?;
        Ok(Entry {
            id,
            content,
            body: body.into(),
        })
    }

    /// The exact bytes that were hashed.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The decision, if it is one.
    pub fn decided(&self) -> Option<&Decided> {
        match &self.content.act {
            Act::Decide(decided) => Some(decided),
            _ => None,
        }
    }

    /// What was done, in a few words.
    pub fn summary(&self) -> String {
        match &self.content.act {
            Act::Open => "case begun".to_owned(),
            Act::Decide(decided) => {
                format!(
                    "{} → {} ({})",
                    decided.from, decided.to, decided.decision.transition
                )
            }
            Act::Note { markdown, replaces } => match (markdown.trim().is_empty(), replaces) {
                (true, _) => "note removed".to_owned(),
                (false, Some(_)) => "note changed".to_owned(),
                (false, None) => "note".to_owned(),
            },
            Act::Known { rule, replaces } => {
                let what = if replaces.is_some() {
                    "changed"
                } else {
                    "made"
                };
                let scope = rule.scope.words();
                format!("known activity {what}: {} ({scope})", rule.name)
            }
            Act::RevokeKnown { of, reason } => {
                format!("known activity {} revoked: {reason}", of.short())
            }
            Act::Evidence { sources } => {
                let bytes: u64 = sources.iter().map(|source| source.bytes).sum();
                let events: u64 = sources.iter().map(|source| source.events).sum();
                let files = sources.len();
                format!("evidence: {files} sources, {events} events, {bytes} bytes")
            }
            Act::Undo { of } => format!("undo of {}", of.short()),
            Act::Redo { of } => format!("redo of {}", of.short()),
        }
    }
}
