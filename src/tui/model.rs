//! Everything the interface knows, as plain data: no terminal, no files, no widgets.
//!
//! [`super::update`] is the only code that changes a [`Model`]; [`super::view`] draws it.

mod alert_index;
mod alert_page;
mod alert_words;
mod alerts;
mod bookmarks;
mod case_file;
mod chip;
mod context;
mod counts;
mod data;
mod event_page;
mod events;
mod hashing;
mod histogram;
mod item;
mod known;
pub mod layer;
mod list;
mod loading;
mod memo;
mod moved;
mod names;
mod page;
mod processes;
pub mod ready;
mod ring;
mod sources;
mod target;
mod value;
mod walk;
mod zone;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use alert_index::AlertIndex;
pub use alert_page::{AlertPage, TWO_SIDES, logon_type};
pub use alert_words::{from, ran, severity_glyph, severity_word, verdict, who};
pub use alerts::{AlertColumn, AlertRow, AlertsPage};
pub use bookmarks::place_here;
pub use case_file::CaseFile;
pub use chip::{Chip, Chips, Rewrite};
pub use context::Context;
pub use counts::{Counted, CountsPage};
pub use data::Data;
pub use event_page::EventPage;
pub use events::{EventColumn, EventsPage, Found, Selection};
pub use hashing::Hashing;
pub use histogram::{Axis, Bar, BarCursor};
pub use item::{Cell, Item, Section};
pub use known::KnownPage;
pub use layer::{Layer, Scope};
pub use list::{List, Step};
pub use loading::{Loading, Stage};
pub use memo::Memo;
pub use moved::Moved;
pub use names::Names;
pub use page::{Page, PageId, Place};
pub use processes::{ProcessesPage, TreeRow, name as process_name};
pub use ring::Ring;
pub use sources::{SourcesPage, remarks, troubles};
pub use target::{REACH, Subject, Target, short_host, unwanted, wanted};
pub use walk::Walk;
pub use zone::{Zone, span};

use super::key::Key;
use super::keymap::{Keymap, Mode};
use super::session::Session;
use super::theme::{Depth, Role, Theme};
use crate::event::NamedZone;

/// What was settled before the first frame.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The files and folders that were handed in.
    pub evidence: Vec<PathBuf>,
    /// Who decides and notes.
    pub author: String,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// The zone the analyst named, if any.
    pub zone: Option<NamedZone>,
    /// Colours that the terminal has.
    pub depth: Depth,
    /// The zone that the site works in, if its profile says so.
    pub site_zone: Option<NamedZone>,
    /// The themes to switch between.
    pub themes: Vec<Theme>,
    /// Ask before quitting.
    pub confirm_quit: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            evidence: Vec::new(),
            author: String::new(),
            ascii: false,
            zone: None,
            depth: Depth::Sixteen,
            site_zone: None,
            themes: Vec::new(),
            confirm_quit: false,
        }
    }
}

/// A short message that stays for a few seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What happened.
    pub text: String,
    /// How it is shown: good, warning or error.
    pub role: Role,
    /// When it goes.
    pub until: Instant,
}

/// How long a toast stays.
const TOAST: Duration = Duration::from_secs(6);

/// The state of the interface.
#[derive(Debug)]
pub struct Model {
    /// What was settled before the start.
    pub settings: Settings,
    /// The keys in force.
    pub keymap: Keymap,
    /// The colours in force.
    pub theme: Theme,
    /// What is known about the evidence, and what was decided.
    pub data: Data,
    /// How far loading is.
    pub loading: Loading,
    /// How far the hashes of the evidence are.
    pub hashing: Hashing,
    /// The case file.
    pub case: CaseFile,
    /// The pages walked so far, and where one is.
    pub walk: Walk,
    /// What lies over the page; the last is on top and has the keys.
    pub layers: Vec<Layer>,
    /// A form or note that was closed unsaved; it comes back when it is opened for the same alerts.
    pub set_aside: Option<Layer>,
    /// Keys of a sequence not yet whole.
    pub pressed: Vec<Key>,
    /// What happened last.
    pub toast: Option<Toast>,
    /// What was last searched for.
    pub sought: Option<String>,
    /// Whether the program has the mouse.
    pub mouse: bool,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether the analyst has used the program enough to need no hint.
    pub hint: bool,
    /// Whether the last key asked to quit and the next one may.
    pub quitting: bool,
    /// Where the case was left, until all evidence is there to go on from it.
    pub session: Option<Box<Session>>,
    /// Whether a key was pressed.
    pub touched: bool,
    /// The last messages, for bug reports.
    pub ring: Ring,
    next_number: u64,
}

impl Model {
    /// The start: nothing loaded, the alert list empty.
    pub fn new(settings: Settings, keymap: Keymap, theme: Theme) -> Model {
        let mut model = Model {
            settings,
            keymap,
            theme,
            data: Data::default(),
            loading: Loading::default(),
            hashing: Hashing::default(),
            case: CaseFile::default(),
            walk: Walk::default(),
            layers: Vec::new(),
            set_aside: None,
            pressed: Vec::new(),
            toast: None,
            sought: None,
            mouse: false,
            wrap: true,
            hint: true,
            quitting: false,
            session: None,
            touched: false,
            ring: Ring::default(),
            next_number: 0,
        };
        model.data.ascii = model.settings.ascii;
        model
    }

    /// A number never given before: names pages and jobs, so that late answers find their place
    /// or none.
    pub fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// The page one is on.
    pub fn page(&self) -> &Page {
        self.walk.here()
    }

    /// What the keys act on now.
    pub fn mode(&self) -> Mode {
        self.layers.last().map_or(Mode::Normal, Layer::mode)
    }

    /// What the cursor is on, as far as it is known.
    pub fn context(&self) -> Context {
        Context::of(self.page(), &self.data)
    }

    /// The alerts that a decision or note would be for: the marked ones, else the one or the group
    /// under the cursor.
    pub fn chosen_alerts(&self) -> Vec<String> {
        if self.data.marked.is_empty() {
            match self.page() {
                Page::Alerts(page) => {
                    let alerts = page.alerts_at(page.list.cursor, &self.data);
                    alerts.iter().map(|alert| alert.id.clone()).collect()
                }
                _ => self.context().alert.into_iter().collect(),
            }
        } else {
            self.data.marked.iter().cloned().collect()
        }
    }

    /// Shows a message for a few seconds.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        self.toast = Some(Toast {
            text: text.into(),
            role,
            until: Instant::now() + TOAST,
        });
    }
}
