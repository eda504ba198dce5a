//! From sightings to alerts: joins the traces of one use, names who and from where, and says how
//! each link is known.

pub mod alert;
pub mod processes;

use std::sync::Arc;

pub use alert::{
    AccountRef, Alert, Artefact, Certainty, ClientRef, EventRef, How, Leaning, LogonRef,
    ProcessRef, Question, Role, ServiceRef, Severity, Sighting, Signal,
};
pub use processes::{Process, ProcessId, Processes};

use crate::timeline::Timeline;

/// What the program knows at one moment, published whole. Later snapshots have higher numbers;
/// results computed from an older one are stale and dropped.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts up from 1; 0 is the empty start.
    pub number: u64,
    /// Whether loading is finished (or was cancelled).
    pub complete: bool,
    /// The events.
    pub timeline: Arc<Timeline>,
    /// The process forest of all hosts.
    pub processes: Arc<Processes>,
    /// The alerts, most severe first, then oldest first.
    pub alerts: Arc<Vec<Alert>>,
}
