//! One line of meaning on a page of text: what it is, what it says, how it is known, where it
//! leads.

use super::Target;
use crate::investigate::{How, Known, Side};
use crate::tui::theme::Role;

/// The part of a page that an item belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each has its title")]
pub enum Section {
    Against,
    For,
    Episode,
    Facts,
    Ran,
    Neither,
    Decisions,
    Questions,
    Gaps,
    Sightings,
    Links,
    Data,
    System,
    Xml,
    InForce,
    Revoked,
    Remarks,
    Reading,
}

impl Section {
    /// The part of the page that is shown together with it: both sides are read together.
    pub fn pane(self) -> Section {
        match self {
            Section::For => Section::Against,
            other => other,
        }
    }

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Section::Against => "Points to an attacker",
            Section::For => "Points to an administrator",
            Section::Episode => "How it went",
            Section::Facts => "What happened",
            Section::Ran => "What ran",
            Section::Neither => "Points to neither",
            Section::Decisions => "Decisions and notes",
            Section::Questions => "Questions",
            Section::Gaps => "Not there to see",
            Section::Sightings => "Seen in",
            Section::Links => "Leads to",
            Section::Data => "Data",
            Section::System => "System",
            Section::Xml => "XML",
            Section::InForce => "In force",
            Section::Revoked => "Revoked",
            Section::Remarks => "To be known",
            Section::Reading => "Still being read",
        }
    }
}

/// What the strip of an episode draws of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which end it lies on.
    pub side: Side,
    /// How it is known.
    pub known: Known,
    /// The host at that end.
    pub host: String,
    /// When, to the millisecond; else why there is no time.
    pub clock: String,
    /// How long after the first leg; empty without a time.
    pub offset: String,
}

/// One line of meaning. Its texts are as logged; the view makes them safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Part of the page.
    pub section: Section,
    /// What it is; may be empty.
    pub label: String,
    /// What it says.
    pub value: String,
    /// Smaller print behind it.
    pub tail: String,
    /// How the value is known, where it was joined.
    pub how: Option<How>,
    /// How the value is shown.
    pub role: Role,
    /// Levels of indentation.
    pub depth: usize,
    /// Where Enter leads.
    pub target: Option<Target>,
    /// Its place in the strip, for legs of an episode.
    pub cell: Option<Cell>,
    /// Lines that it takes at most; one that has a single line is cut rather than wrapped.
    pub most_lines: usize,
}

impl Item {
    /// A plain item.
    pub fn new(section: Section, label: impl Into<String>, value: impl Into<String>) -> Item {
        Item {
            section,
            label: label.into(),
            value: value.into(),
            tail: String::new(),
            how: None,
            role: Role::Text,
            depth: 0,
            target: None,
            cell: None,
            most_lines: usize::MAX,
        }
    }

    /// Sets how it is known.
    #[must_use]
    pub fn how(mut self, how: How) -> Item {
        self.how = Some(how);
        self
    }

    /// Sets where it leads.
    #[must_use]
    pub fn to(mut self, target: Option<Target>) -> Item {
        self.target = target;
        self
    }

    /// Sets the smaller print.
    #[must_use]
    pub fn tail(mut self, tail: impl Into<String>) -> Item {
        self.tail = tail.into();
        self
    }

    /// Sets how it is shown.
    #[must_use]
    pub fn role(mut self, role: Role) -> Item {
        self.role = role;
        self
    }

    /// Sets its indentation.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Item {
        self.depth = depth;
        self
    }

    /// Its text, for finding and copying.
    pub fn text(&self) -> String {
        let clock = self.cell.as_ref().map_or("", |cell| cell.clock.as_str());
        let parts = [&self.label, clock, &self.value, &self.tail];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("  ")
    }
}
