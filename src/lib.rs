//! **dualuse** answers one question from raw Windows event logs: a dual-use remote-administration
//! tool ran here; was it our administrator, or an attacker?
//!
//! Data flows one way: files → chunks → rows and typed facts → sightings → alerts → a snapshot that
//! is shown, decided about and exported. Modules import only from those below them in this table.
//!
//! | module | what it is for |
//! |---|---|
//! | [`cli`] | arguments and subcommands; stdout is data, stderr is messages |
//! | `tui` | the terminal interface (feature `tui`), the only code that knows a screen |
//! | [`report`] | alerts and decisions → Markdown, HTML, JSON, CSV, Timesketch |
//! | [`case`] | decisions, notes and known activity in a hash-chained SQLite file |
//! | [`investigate`] | sightings → alerts: joins, actors, process trees, signals, questions, gaps |
//! | [`detect`] | facts → sightings: the catalogue, session zero, antivirus |
//! | [`timeline`] | all events in time order: columns, typed tables, loading, filters |
//! | [`evidence`] | files and folders, EVTX by chunk, damage |
//! | [`event`] | the words for one event: time, identities, facts, and which field fills what |
//! | [`environment`] | the site profile: what this site knows about itself |
//! | [`text`] | safe text: the one way from record text to a human |
#![forbid(unsafe_code)]

pub mod case;
pub mod cli;
pub mod detect;
pub mod environment;
pub mod event;
pub mod evidence;
pub mod investigate;
pub mod report;
pub mod text;
pub mod timeline;
#[cfg(feature = "tui")]
pub mod tui;
