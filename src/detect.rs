//! Which events show a dual-use tool: catalogue matches, processes in session zero, and antivirus
//! verdicts. A sighting says what was seen and how sure that is; who meant what is not asked here.

mod antivirus;
mod cache;
pub mod catalog;
mod changed_service;
mod match_artefact;
mod names;
mod over_network;
pub mod pattern;
pub mod pattern_set;
mod pipe_client;
pub mod session_zero;
mod starter;
mod words;

use std::cmp::Reverse;
use std::collections::HashMap;

pub use catalog::{Catalog, CatalogError, Tool, ToolKind};
pub use names::{
    change_words, file_stem, lies_where_clients_write, pipe_name, plain_image, program_name,
    service_key,
};
pub use words::{Artefact, Certainty};

use crate::timeline::{EventIndex, Timeline};

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
    /// What tells one run from the next while the service stays: winexe numbers its pipes.
    pub run: Option<String>,
    /// The low 16 bits of the service's process id, where its pipes carry them: winexe's do.
    pub service_pid: Option<u32>,
}

impl Sighting {
    /// A sighting that names nothing beside the tool.
    pub fn new(
        tool: ToolIndex,
        artefact: Artefact,
        certainty: Certainty,
        event: EventIndex,
        what: String,
    ) -> Self {
        Sighting {
            tool,
            artefact,
            certainty,
            event,
            what,
            service: None,
            client_host: None,
            client_pid: None,
            run: None,
            service_pid: None,
        }
    }
}

/// Every sighting of a catalogue tool, in time order: per event at most one of each tool, the surest.
/// Processes in session zero are found by [`session_zero::find`].
pub fn find(timeline: &Timeline, catalog: &Catalog) -> Vec<Sighting> {
    let mut found = match_artefact::find(timeline, catalog);
    antivirus::find(timeline, catalog, &mut found);
    changed_service::find(timeline, catalog, &mut found);
    over_network::find(timeline, catalog, &mut found);
    found.sort_by_key(|sighting| (sighting.event, sighting.tool, Reverse(sighting.certainty)));
    found.dedup_by_key(|sighting| (sighting.event, sighting.tool));
    yield_to_named_tools(catalog, &mut found);
    pipe_client::settle(timeline, &mut found);
    found
}

/// A behaviour is what is left when no tool is named: on one event it gives way to a named tool
/// that is at least as sure, or likely.
fn yield_to_named_tools(catalog: &Catalog, found: &mut Vec<Sighting>) {
    let is_behaviour = |sighting: &Sighting| {
        catalog
            .tool(sighting.tool)
            .is_some_and(|tool| tool.kind == ToolKind::Behaviour)
    };
    let mut named: HashMap<EventIndex, Certainty> = HashMap::new();
    for sighting in found.iter().filter(|sighting| !is_behaviour(sighting)) {
        let surest = named.entry(sighting.event).or_insert(sighting.certainty);
        *surest = (*surest).max(sighting.certainty);
    }
    found.retain(|sighting| {
        !is_behaviour(sighting)
            || named
                .get(&sighting.event)
                .is_none_or(|surest| *surest < sighting.certainty.min(Certainty::Likely))
    });
}
