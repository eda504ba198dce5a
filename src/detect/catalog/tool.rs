//! What an entry of the catalogue says.

use serde::Deserialize;

use super::On;
use crate::detect::Certainty;

/// What a tool is for. It decides who is meant to use it, never who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolKind {
    /// Used by administrators and attackers alike.
    DualUse,
    /// Made for attacks and tests.
    Offensive,
    /// A management product: context, severity info.
    Management,
    /// A behaviour without a named tool.
    Behaviour,
}

impl ToolKind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            ToolKind::DualUse => "dual-use: administrators and attackers use it alike",
            ToolKind::Offensive => "offensive: made for attacks and tests",
            ToolKind::Management => "management product: context, never more than info",
            ToolKind::Behaviour => "behaviour: what was done, by no tool that is known by name",
        }
    }
}

/// One pattern of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What it is held against; any of them.
    pub on: Vec<On>,
    /// Regular expression for the whole value, without regard to case. The groups `service`,
    /// `client` and `pid` name the service, the client host and the client's process id; `run` tells
    /// one run of a service from the next, `service_pid` (hexadecimal) names the service's process.
    pub is: String,
    /// Values of that form which are something else.
    pub unless: Option<String>,
    /// What must stand beside the value; what that is depends on [`Trace::on`] ([`On::about`]).
    pub image: Option<String>,
    /// What must not stand beside the value.
    pub unless_image: Option<String>,
    /// Whether the service must be called like its program.
    pub same_name: bool,
    /// How sure this trace alone makes the tool.
    pub sure: Certainty,
    /// What a match shows, in words.
    pub says: Option<String>,
    /// Texts as logs hold them that it matches; `VALUE => IMAGE` where it asks for both.
    pub matches: Vec<String>,
    /// Texts that it must not match: look-alikes.
    pub spares: Vec<String>,
    /// Line in its file, from 1.
    pub line: usize,
}

impl Trace {
    /// Whether it looks at more than one value.
    pub fn looks_beside(&self) -> bool {
        self.image.is_some() || self.unless_image.is_some() || self.same_name
    }

    /// The pattern in words: what is looked at, what form it must have, how sure it makes the tool.
    pub fn in_words(&self) -> String {
        let kinds: Vec<&str> = self.on.iter().map(|on| on.word()).collect();
        let mut words = format!("{} of the form `{}`", kinds.join(" or "), self.is);
        if let Some(unless) = &self.unless {
            words += &format!(", but not `{unless}`");
        }
        if let Some(image) = &self.image {
            words += &format!(", beside `{image}`");
        }
        if let Some(image) = &self.unless_image {
            words += &format!(", not beside `{image}`");
        }
        if self.same_name {
            words += ", service and program of one name";
        }
        words += match self.sure {
            Certainty::Possible => ": possible",
            Certainty::Likely => ": likely",
            Certainty::Certain => ": certain",
        };
        if let Some(says) = &self.says {
            words += &format!(" ({says})");
        }
        words
    }
}

/// A tool of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Stable id, as in JSON.
    pub id: String,
    /// Name for humans.
    pub title: String,
    /// What it is for.
    pub kind: ToolKind,
    /// What it is and who uses it.
    pub about: String,
    /// Where the knowledge comes from.
    pub source: String,
    /// Whether one use makes many services, one per command.
    pub many_services: bool,
    /// Whether the tool is started on Linux, whose side no Windows log shows.
    pub from_linux: bool,
    /// Its patterns.
    pub traces: Vec<Trace>,
}
