//! Which events show a dual-use tool: catalogue matches, processes in session zero, and antivirus
//! verdicts. A sighting says what was seen and how sure that is; who meant what is not asked here.

mod antivirus;
pub mod catalog;
mod match_artefact;
pub mod session_zero;
mod words;

pub use catalog::{Catalog, CatalogError, Tool, ToolKind};
pub use match_artefact::{change_words, file_stem, find, pipe_name, plain_image, service_key};
pub use words::{Artefact, Certainty};

use crate::timeline::EventIndex;

/// Number of a tool in its [`Catalog`].
pub type ToolIndex = usize;

/// One event that shows a trace of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Tool.
    pub tool: ToolIndex,
    /// Kind of trace.
    pub artefact: Artefact,
    /// How sure this trace alone makes the tool.
    pub certainty: Certainty,
    /// Event.
    pub event: EventIndex,
    /// What it shows, in words; holds record text.
    pub what: String,
    /// Service that the trace belongs to, lower case.
    pub service: Option<String>,
    /// Client host that the trace names.
    pub client_host: Option<String>,
    /// Client process id that the trace names.
    pub client_pid: Option<u32>,
}
