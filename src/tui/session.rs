//! Where the analyst was when a case was left: cursor, sort, filters, marks, the pages walked.
//!
//! Everything is named by what the evidence says (alerts by id, events by content), never by row,
//! so that it holds for logs that were moved or added to. The file lies in the user's state folder,
//! never beside evidence; one that cannot be read is a reason to begin anew, not to stop.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{Chip, Chips, Data, EventColumn, Item, Model, Page, Subject, Target, wanted};
use crate::event::{LogonId, Time};
use crate::investigate::{ProcessId, Step};
use crate::text::hex;
use crate::timeline::query::{Filter, Test};
use crate::timeline::{EventIndex, EventName};

/// Counts up when the form of the file changes; files of another form are left aside.
const FORM: u32 = 2;

/// Pages remembered; a walk of more is remembered by its end.
const MOST_PAGES: usize = 50;

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    form: u32,
    /// The list of alerts.
    pub alerts: AlertList,
    /// Marked alerts, by id.
    pub marked: Vec<String>,
    /// Places to come back to.
    pub bookmarks: Vec<Bookmark>,
    /// The pages walked, without the list of alerts.
    pub pages: Vec<Visited>,
    /// How many of them lie behind, the one shown included.
    pub at: usize,
}

/// A place to come back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bookmark {
    /// An alert, by id.
    Alert(String),
    /// An event.
    Event(EventName),
}

/// The list of alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertList {
    /// The alert under the cursor, by id.
    pub here: Option<String>,
    /// Column under the cursor, by name.
    pub column: String,
    /// Column sorted by, by name.
    pub sort: String,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// Whether like uses share a line.
    pub grouped: bool,
    /// Filters.
    pub filters: Vec<StoredChip>,
    /// What the bars of the timeline are drawn for; nothing is all of it.
    pub span: Option<(Time, Time)>,
}

/// A filter: as written, and whether it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredChip {
    written: String,
    on: bool,
}

/// A line of a page of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    section: String,
    label: String,
    value: String,
}

/// A page that was visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "page", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Visited {
    /// An alert.
    Alert {
        /// Its id.
        id: String,
        /// The line under the cursor.
        here: Option<Line>,
    },
    /// Events of a subject.
    Events {
        /// What they are about.
        subject: StoredSubject,
        /// Filters.
        filters: Vec<StoredChip>,
        /// Column under the cursor, by title.
        column: String,
        /// First character shown of the last column.
        scroll: usize,
        /// The event under the cursor.
        here: Option<EventName>,
    },
    /// One event.
    Event {
        /// Which.
        event: EventName,
        /// Whether it is shown as XML.
        xml: bool,
        /// Row under the cursor among the lines of this one record.
        row: usize,
    },
    /// A process tree.
    Processes {
        /// The process it is about.
        process: ProcessName,
        /// The process under the cursor.
        here: Option<ProcessName>,
        /// What was opened or closed by hand.
        turned: Vec<Branch>,
    },
    /// What was read.
    Sources {
        /// The line under the cursor.
        here: Option<Line>,
    },
    /// The rules about known activity.
    Rules {
        /// The line under the cursor.
        here: Option<Line>,
    },
}

/// A process, by an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessName {
    /// Its start; that of its first child where its own is not in the logs.
    event: EventName,
    /// Whether it is the child's.
    of_child: bool,
}

/// A process of a tree that was opened or closed by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The process.
    pub process: ProcessName,
    /// Whether its children are shown.
    pub open: bool,
}

/// What a list of events is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "kebab-case", deny_unknown_fields)]
pub enum StoredSubject {
    /// Everything.
    All,
    /// An account.
    Account {
        /// Its name or SID.
        name: String,
    },
    /// A logon session.
    Session {
        /// Host.
        host: String,
        /// Logon id.
        id: u64,
    },
    /// A host.
    Host {
        /// Its name.
        name: String,
    },
    /// A source address.
    Address {
        /// The address.
        address: String,
    },
    /// A service.
    Service {
        /// Host.
        host: String,
        /// Its name.
        name: String,
    },
    /// A time window.
    Time {
        /// Its middle.
        at: Time,
        /// Seconds to each side.
        reach: u64,
    },
    /// A value.
    Value {
        /// As a filter.
        filter: String,
    },
    /// A leg of an alert.
    Leg {
        /// The alert, by id.
        alert: String,
        /// The leg.
        step: Step,
    },
}

impl Session {
    /// What is open now. `None` while evidence is still being read: events have no names yet that
    /// would hold.
    pub fn of(model: &Model) -> Option<Session> {
        let data = &model.data;
        if !data.snapshot.complete || model.session.is_some() {
            return None;
        }
        let list = model.walk.alerts()?;
        let (pages, at) = model.walk.walked();
        let walked: Vec<(bool, Visited)> = pages
            .enumerate()
            .filter_map(|(place, page)| Some((place < at, visited(page, model)?)))
            .collect();
        let at = walked.iter().filter(|(is_behind, _)| *is_behind).count();
        let before = at.saturating_sub(MOST_PAGES);
        let pages = walked.into_iter().map(|(_, page)| page);
        Some(Session {
            form: FORM,
            alerts: AlertList {
                here: list.keep(data).map(|alert| alert.id.clone()),
                column: list.column.name().to_owned(),
                sort: list.sort.name().to_owned(),
                reverse: list.reverse,
                grouped: list.is_grouped,
                filters: stored(&list.chips),
                span: list.span,
            },
            marked: data.marked.iter().cloned().collect(),
            bookmarks: data
                .bookmarks()
                .iter()
                .filter_map(|place| bookmark(place, model))
                .collect(),
            pages: pages.skip(before).take(MOST_PAGES).collect(),
            at: at - before,
        })
    }

    /// Reads a session; `None` when none was kept.
    ///
    /// # Errors
    /// In words, when the file cannot be read or is none of this program's.
    pub fn read(path: &Path) -> Result<Option<Session>, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let session: Session = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if session.form == FORM {
            Ok(Some(session))
        } else {
            Err(format!("form {} is not known", session.form))
        }
    }

    /// Writes it in place of the one before; readable by its user only.
    ///
    /// # Errors
    /// When it cannot be written; the one before then stays.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let new = path.with_extension(format!("{}.new", std::process::id()));
        let text = serde_json::to_vec_pretty(self)?;
        let placed = write_private(&new, &text).and_then(|()| fs::rename(&new, path));
        if placed.is_err() {
            let _ = fs::remove_file(&new);
        }
        placed
    }
}

/// Where the session of a case is kept: `<state folder>/sessions/<case>-<hash of its place>.json`.
/// `None` when the user has no home folder.
pub fn path_for(case: &Path) -> Option<PathBuf> {
    let place = std::path::absolute(case).unwrap_or_else(|_| case.to_owned());
    let hash = Sha256::digest(place.as_os_str().as_encoded_bytes());
    let hash = hex(hash.into_iter().take(4));
    let stem = case.file_stem().unwrap_or_default().to_string_lossy();
    Some(
        state_folder()?
            .join("sessions")
            .join(format!("{stem}-{hash}.json")),
    )
}

/// The folder for what the program remembers on its own: the state folder, else the data folder.
pub fn state_folder() -> Option<PathBuf> {
    let strategy = choose_app_strategy(AppStrategyArgs {
        top_level_domain: String::new(),
        author: String::new(),
        app_name: "dualuse".to_owned(),
    });
    let strategy = strategy.ok()?;
    Some(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()))
}

/// Writes a file that only its user can read, with the folders to it.
pub(super) fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let (mut folders, mut options) = (fs::DirBuilder::new(), OpenOptions::new());
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    if let Some(folder) = path.parent() {
        folders.recursive(true).create(folder)?;
    }
    options.write(true).create(true).truncate(true);
    options.open(path)?.write_all(text)
}

fn stored(chips: &Chips) -> Vec<StoredChip> {
    let store = |chip: &Chip| StoredChip {
        written: chip.term.written.clone(),
        on: chip.on,
    };
    chips.iter().map(store).collect()
}

/// Filters as they were stored; one that can no longer be read is left out.
pub(super) fn chips(stored: &[StoredChip]) -> Chips {
    let mut chips = Chips::default();
    for chip in stored {
        if let Ok(filter) = Filter::parse(&chip.written) {
            for term in filter.terms {
                chips.put(Chip { term, on: chip.on });
            }
        }
    }
    chips
}

fn bookmark(place: &Target, model: &Model) -> Option<Bookmark> {
    match place {
        Target::Alert(id) => Some(Bookmark::Alert(id.clone())),
        Target::Event(index) => {
            let event = model.data.timeline().event(*index)?;
            Some(Bookmark::Event(EventName::of(&event)))
        }
        _ => None,
    }
}

fn visited(page: &Page, model: &Model) -> Option<Visited> {
    let data = &model.data;
    let name = |index: EventIndex| Some(EventName::of(&data.timeline().event(index)?));
    let here = || Some(Line::of(&page.item(data)?));
    Some(match page {
        // counts are made from another page and are quickly asked for again
        Page::Alerts(_) | Page::Counts(_) => return None,
        Page::Alert(alert) => Visited::Alert {
            id: alert.id.clone(),
            here: here(),
        },
        Page::Events(events) => Visited::Events {
            subject: StoredSubject::of(&events.subject),
            filters: stored(&events.chips),
            column: events.column.title().to_owned(),
            scroll: events.scroll,
            here: events.here(data).or(events.keep).and_then(name),
        },
        Page::Event(event) => Visited::Event {
            event: name(event.index)?,
            xml: event.xml,
            row: event.list.cursor,
        },
        Page::Processes(tree) => Visited::Processes {
            process: ProcessName::of(tree.focus, data)?,
            here: tree
                .process_here()
                .and_then(|process| ProcessName::of(process, data)),
            turned: tree
                .turned(data)
                .into_iter()
                .filter_map(|(process, open)| {
                    let process = ProcessName::of(process, data)?;
                    Some(Branch { process, open })
                })
                .collect(),
        },
        Page::Sources(_) => Visited::Sources { here: here() },
        Page::Known(_) => Visited::Rules { here: here() },
    })
}

impl ProcessName {
    fn of(process: ProcessId, data: &Data) -> Option<ProcessName> {
        let start = |process| data.processes().get(process)?.start;
        let own = start(process);
        let child = || start(*data.processes().children(process).first()?);
        let event = data.timeline().event(own.or_else(child)?)?;
        Some(ProcessName {
            event: EventName::of(&event),
            of_child: own.is_none(),
        })
    }

    /// The process, if it is in the logs.
    pub(super) fn find(&self, data: &Data) -> Option<ProcessId> {
        let told = data.process_of(data.timeline().find(&self.event)?)?;
        if !self.of_child {
            return Some(told);
        }
        let (parent, _) = data.processes().get(told)?.parent?;
        Some(parent)
    }
}

impl Line {
    fn of(item: &Item) -> Line {
        Line {
            section: item.section.title().to_owned(),
            label: item.label.clone(),
            value: item.value.clone(),
        }
    }

    /// The row of this line among others.
    pub(super) fn find(&self, items: &[Item]) -> Option<usize> {
        items.iter().position(|item| Line::of(item) == *self)
    }
}

impl StoredSubject {
    fn of(subject: &Subject) -> StoredSubject {
        match subject.clone() {
            Subject::All => StoredSubject::All,
            Subject::Account(name) => StoredSubject::Account { name },
            Subject::Session { host, id } => StoredSubject::Session { host, id: id.0 },
            Subject::Host(name) => StoredSubject::Host { name },
            Subject::Address(address) => StoredSubject::Address { address },
            Subject::Service { host, name } => StoredSubject::Service { host, name },
            Subject::Time { at, reach } => StoredSubject::Time {
                at,
                reach: reach.as_secs(),
            },
            Subject::Value(test) => StoredSubject::Value {
                filter: wanted(test).written,
            },
            Subject::Leg { alert, step } => StoredSubject::Leg { alert, step },
        }
    }

    /// The subject; `None` for a value that can no longer be read.
    pub(super) fn subject(&self) -> Option<Subject> {
        Some(match self.clone() {
            StoredSubject::All => Subject::All,
            StoredSubject::Account { name } => Subject::Account(name),
            StoredSubject::Session { host, id } => Subject::Session {
                host,
                id: LogonId(id),
            },
            StoredSubject::Host { name } => Subject::Host(name),
            StoredSubject::Address { address } => Subject::Address(address),
            StoredSubject::Service { host, name } => Subject::Service { host, name },
            StoredSubject::Time { at, reach } => Subject::Time {
                at,
                reach: Duration::from_secs(reach),
            },
            StoredSubject::Value { filter } => Subject::Value(only_test(&filter)?),
            StoredSubject::Leg { alert, step } => Subject::Leg { alert, step },
        })
    }
}

/// The test that a filter of one term makes.
fn only_test(written: &str) -> Option<Test> {
    let terms = Filter::parse(written).ok()?.terms;
    terms.into_iter().next().map(|term| term.test)
}

/// The column of that title.
pub(super) fn event_column(title: &str) -> EventColumn {
    let mut columns = EventColumn::ALL.into_iter();
    columns
        .find(|column| column.title() == title)
        .unwrap_or_default()
}
