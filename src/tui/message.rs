//! What happens to the interface, and what it asks for. Everything it knows comes in as a
//! [`Message`]; everything it wants done goes out as an [`Effect`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::key::Key;
use super::model::layer::Hit;
use super::model::{AlertIndex, Found, Hashing, Loading, Names, PageId, Scope, Selection};
use crate::case::{Decision, EntryId, KnownActivity, KnownRule, Triage};
use crate::evidence::Record;
use crate::investigate::Snapshot;
use crate::timeline::EventIndex;
use crate::timeline::query::Filter;
use crate::timeline::query::tally::{Count, Facet};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The wheel was turned by so many rows.
    Wheel(isize),
    /// A place on the screen was clicked.
    Click {
        /// Column.
        x: u16,
        /// Line.
        y: u16,
    },
    /// The terminal has another size, in columns and lines; the next frame is drawn for it.
    Resized(u16, u16),
    /// The program was asked to end (SIGTERM, SIGHUP, SIGINT).
    Terminate,
    /// The toast's time is over.
    ToastOver,
    /// Loading went on.
    Progress(Loading),
    /// There is a new snapshot; made by [`Message::snapshot`].
    Snapshot(Snapshot, AlertIndex),
    /// Hashing went on, or ended.
    Hashing(Hashing),
    /// A list of events is there.
    Found {
        /// For which page.
        page: PageId,
        /// Answer to which job.
        job: u64,
        /// The events.
        found: Found,
    },
    /// What the finder looked for is there.
    Hits {
        /// Answer to which job.
        job: u64,
        /// The best so far.
        hits: Vec<Hit>,
        /// Whether everything was looked at.
        is_whole: bool,
    },
    /// The values of a column were counted.
    Counted {
        /// For which page.
        page: PageId,
        /// Answer to which job.
        job: u64,
        /// The counts, the most frequent first.
        counts: Vec<Count>,
        /// How many events were looked at.
        total: u64,
    },
    /// The names that occur in the evidence are there.
    Names(Arc<Names>),
    /// The fields of an event are there, or not.
    Read {
        /// For which page.
        page: PageId,
        /// The record, or why it cannot be read.
        record: Result<Arc<Record>, String>,
    },
    /// A match was looked for in a list of events.
    Sought {
        /// For which page.
        page: PageId,
        /// Answer to which job.
        job: u64,
        /// Its row.
        row: Option<usize>,
    },
    /// The case answered.
    Case(CaseAnswer),
    /// A note was written in the analyst's own editor.
    Edited(Result<String, String>),
    /// Text was handed to the terminal's clipboard, or why not.
    Copied(Result<String, String>),
    /// A report for the makers of the program was written, or why not.
    Dumped(Result<PathBuf, String>),
    /// Something that runs beside the interface failed.
    Failed(String),
}

impl Message {
    /// There is a new snapshot. Looks at every alert.
    pub fn snapshot(snapshot: Snapshot) -> Message {
        let index = AlertIndex::of(&snapshot);
        Message::Snapshot(snapshot, index)
    }
}

/// What the case file answered.
#[derive(Debug)]
pub enum CaseAnswer {
    /// It is open.
    Opened {
        /// Where.
        path: PathBuf,
    },
    /// It cannot be used.
    Unusable(String),
    /// Where the work on each alert stands now, and the rules about known activity.
    Triage(Vec<Triage>, Vec<KnownRule>),
    /// A write has to wait for another process, which is writing to the case.
    Waiting,
    /// Something was saved and is on the disk.
    Saved {
        /// What, in words.
        what: String,
        /// Where the work on the alerts stands now.
        triage: Vec<Triage>,
        /// The rules about known activity.
        known: Vec<KnownRule>,
    },
    /// The hashes are recorded, or need not be.
    Hashed,
    /// A decision was refused: field ids with what is wrong.
    Refused(Vec<(String, String)>),
    /// Something could not be saved.
    NotSaved(String),
    /// What an export would begin with.
    Preview {
        /// Answer to which job.
        job: u64,
        /// Its first lines, or why it cannot be made.
        lines: Result<Vec<String>, String>,
    },
    /// An export was written, or why not.
    Exported(Result<PathBuf, String>),
}

/// Something to do outside the model.
#[derive(Debug)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Give the terminal back until the shell continues the program.
    Suspend,
    /// Draw every cell again.
    Redraw,
    /// Have the mouse, or give it back.
    Mouse(bool),
    /// Hand text to the terminal's clipboard.
    Copy(String),
    /// Let the analyst write in the editor of the environment.
    Edit(String),
    /// Write a report for the makers of the program.
    Dump(String),
    /// Stop loading; what was read stays.
    CancelLoading,
    /// Hash the evidence.
    Hash,
    /// Find events.
    Query {
        /// For which page.
        page: PageId,
        /// Which job: a newer one of the same page replaces it.
        job: u64,
        /// Which events.
        filter: Filter,
        /// What the head of the page is to say: the subject.
        subject: super::model::Subject,
        /// The event that the analyst comes from: what is found around it comes first.
        near: Option<EventIndex>,
        /// How long to wait before work begins: while a filter is typed, for the next key.
        pause: Duration,
    },
    /// Begin at once what was to wait for the next key.
    Hurry(PageId),
    /// Stop looking for the events of a page.
    StopQuery(PageId),
    /// Gather the names that occur in the evidence.
    GatherNames,
    /// Find anything by a few letters.
    FindAnything {
        /// Which job: a newer one replaces it.
        job: u64,
        /// The letters.
        typed: String,
        /// Names to look among.
        names: Option<Arc<Names>>,
        /// How long to wait for the next letter before work begins.
        pause: Duration,
    },
    /// Stop finding.
    StopFinder,
    /// Count the values of a column.
    Count {
        /// For which page.
        page: PageId,
        /// Which job: a newer one of the same page replaces it.
        job: u64,
        /// Which events.
        filter: Filter,
        /// What they are about.
        subject: super::model::Subject,
        /// The column.
        facet: Facet,
        /// How long to wait before work begins.
        pause: Duration,
    },
    /// Read an event's fields again.
    Read {
        /// For which page.
        page: PageId,
        /// Which event.
        event: EventIndex,
    },
    /// Look for text in a list of events.
    Seek {
        /// For which page.
        page: PageId,
        /// Which job.
        job: u64,
        /// The list.
        events: Selection,
        /// Row to begin at.
        from: usize,
        /// Downwards, else upwards.
        down: bool,
        /// The text.
        text: String,
    },
    /// Give back the memory of a snapshot that another has replaced: of millions of events that takes
    /// longer than a frame may.
    Forget(Snapshot),
    /// Something for the case file.
    Case(CaseOrder),
}

/// Something for the case file.
#[derive(Debug)]
pub enum CaseOrder {
    /// Tell where the work on every alert of the snapshot stands.
    Review(Snapshot),
    /// Record the hashes of the evidence, which are known now, if a decision rests on it.
    Hashed,
    /// Save a decision about alerts.
    Decide {
        /// Their ids.
        alerts: Vec<String>,
        /// The decision.
        decision: Decision,
    },
    /// Save a note to alerts.
    Note {
        /// Their ids.
        alerts: Vec<String>,
        /// The text; empty takes the replaced note away.
        markdown: String,
        /// The note whose place it takes.
        replaces: Option<EntryId>,
    },
    /// Make a rule about known activity from the verdict on an alert.
    Know {
        /// Its id.
        alert: String,
        /// The rule.
        rule: Box<KnownActivity>,
    },
    /// Replace the text of a rule.
    EditKnown {
        /// The entry that holds it.
        id: EntryId,
        /// The new text.
        rule: Box<KnownActivity>,
    },
    /// Take a rule out of force.
    RevokeKnown {
        /// The entry that holds it.
        id: EntryId,
        /// Why.
        reason: String,
    },
    /// Write a text to a new file.
    Write {
        /// The file.
        file: PathBuf,
        /// The text.
        text: String,
    },
    /// Take back the last act.
    Undo,
    /// Make again what was taken back.
    Redo,
    /// Show what an export would begin with.
    Preview(ExportOrder),
    /// Write an export.
    Export(ExportOrder),
}

/// An export.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// Which job.
    pub job: u64,
    /// Format, by its name on the command line.
    pub format: String,
    /// Which alerts.
    pub scope: Scope,
    /// The marked alerts, or the one under the cursor, by id.
    pub alerts: Vec<String>,
    /// Whether passwords stay as logged.
    pub show_secrets: bool,
    /// Where to write it.
    pub file: PathBuf,
}
