//! A stage for stories: the bundled case, loaded once, and a screen of any size.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::detect::Catalog;
use crate::environment::Environment;
use crate::event::Time;
use crate::investigate::Snapshot;
use crate::timeline::load::{Options, Progress, load};
use crate::tui::headless::Headless;
use crate::tui::key;
use crate::tui::keymap::Keymap;
use crate::tui::message::{CaseOrder, Effect, Message};
use crate::tui::model::{Loading, Model, Settings, Stage as Loaded};
use crate::tui::theme::{Depth, Library, Theme};
use crate::tui::update::update;
use crate::tui::worker::Task;

/// How long an answer may take before the story fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bundled logs, investigated once for all tests.
pub(super) fn bundled() -> Snapshot {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT
        .get_or_init(|| {
            // relative to the package, as tests run: the same on every machine
            let logs = PathBuf::from("testdata/logs");
            let timeline = load(&[logs], Options::default(), &Progress::default());
            let catalog = Catalog::built_in().unwrap();
            Snapshot::new(
                1,
                true,
                Arc::new(timeline),
                &catalog,
                &Environment::default(),
            )
        })
        .clone()
}

/// The themes that come with the program.
fn themes() -> Vec<Theme> {
    let library = Library::default();
    let themes = library.names().map(|name| library.theme(name).unwrap());
    themes.collect()
}

/// A model with nothing loaded, and what workers need for a case in a folder.
pub(super) fn scene(folder: &Path) -> (Model, Task) {
    let settings = Settings {
        author: "analyst".to_owned(),
        depth: Depth::True,
        themes: themes(),
        ..Settings::default()
    };
    let theme = Theme::built_in("default").unwrap();
    let task = Task {
        evidence: Vec::new(),
        case: folder.join("evening.dualuse-case"),
        author: "analyst".to_owned(),
        keeps_case: true,
        catalog: Arc::new(Catalog::built_in().unwrap()),
        environment: Environment::default(),
    };
    let mut model = Model::new(settings, Keymap::default(), theme);
    // ages are told from the morning after
    model.data.now = Time::parse("2026-03-11T07:00:00Z");
    (model, task)
}

/// The interface with a scripted keyboard.
pub(super) struct Stage {
    interface: Headless,
    pub(super) copied: Vec<String>,
    pub(super) left: bool,
    folder: tempfile::TempDir,
}

/// A script types without pauses, and nothing waits for its next key.
fn dont_rest(effect: &mut Effect) {
    if let Effect::Query { pause, .. }
    | Effect::Count { pause, .. }
    | Effect::FindAnything { pause, .. } = effect
    {
        *pause = Duration::ZERO;
    }
}

impl Deref for Stage {
    type Target = Headless;

    fn deref(&self) -> &Headless {
        &self.interface
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Headless {
        &mut self.interface
    }
}

impl Stage {
    /// The bundled case on a screen of that size, loaded, nothing pressed yet.
    pub(super) fn open(width: u16, height: u16) -> Stage {
        Stage::with(width, height, tempfile::tempdir().unwrap())
    }

    /// The same with a case that may exist already.
    pub(super) fn with(width: u16, height: u16, folder: tempfile::TempDir) -> Stage {
        let mut stage = Stage::empty(width, height, folder);
        stage.send(Message::snapshot(bundled()));
        stage.draw();
        stage
    }

    /// Nothing loaded yet.
    pub(super) fn empty(width: u16, height: u16, folder: tempfile::TempDir) -> Stage {
        let (mut model, task) = scene(folder.path());
        model.loading = Loading {
            stage: Loaded::Done,
            ..Loading::default()
        };
        Stage {
            interface: Headless::with(model, task, (width, height)),
            copied: Vec::new(),
            left: false,
            folder,
        }
    }

    /// Leaves as the program does, and opens again on the same case.
    pub(super) fn restart(mut self) -> Stage {
        self.finish();
        let size = *self.interface.screen().area();
        Stage::with(size.width, size.height, self.folder)
    }

    /// Presses keys, in the notation of keymap files, and waits for every answer.
    pub(super) fn press(&mut self, keys: &str) -> &mut Self {
        for key in key::parse_sequence(keys).unwrap() {
            self.key(key);
        }
        self
    }

    /// Presses one key.
    pub(super) fn key(&mut self, key: key::Key) {
        self.send(Message::Key(key));
        self.draw();
    }

    /// Types text.
    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            let key = match character {
                ' ' => key::parse("space").unwrap(),
                other => key::parse(&other.to_string()).unwrap(),
            };
            self.send(Message::Key(key));
        }
        self.draw();
        self
    }

    /// Changes the size of the screen.
    pub(super) fn resize(&mut self, width: u16, height: u16) {
        self.interface.resize(width, height);
        self.send(Message::Resized(width, height));
        self.draw();
    }

    /// Lets a message act, does what it asks for, and waits for every answer.
    pub(super) fn send(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.perform(effects);
        while self.waits() {
            let answer = self.answer(PATIENCE).expect("a worker never answered");
            let effects = update(&mut self.model, answer);
            self.perform(effects);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for mut effect in effects {
            self.keep_in_folder(&mut effect);
            dont_rest(&mut effect);
            // a report about the program goes to the user's own folder
            if matches!(effect, Effect::Dump(_)) {
                continue;
            }
            match self.interface.perform(effect) {
                Some(Effect::Quit) => self.left = true,
                Some(Effect::Copy(text)) => self.copied.push(text),
                _ => {}
            }
        }
    }

    /// Keys pressed at random may name any file: exports stay in the stage's own folder.
    fn keep_in_folder(&self, effect: &mut Effect) {
        if let Effect::Case(CaseOrder::Export(order)) = effect
            && !order.file.starts_with(self.folder.path())
        {
            let name = order.file.file_name().unwrap_or("export".as_ref());
            order.file = self.folder.path().join(name);
        }
    }

    /// The screen as text, blanks at the ends of lines cut.
    pub(super) fn screen(&mut self) -> String {
        let buffer = self.draw();
        let width = usize::from(buffer.area().width).max(1);
        buffer
            .content()
            .chunks(width)
            .map(|line| {
                line.iter()
                    .map(ratatui::buffer::Cell::symbol)
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What is in each cell of the screen.
    pub(super) fn interface_cells(&self) -> impl Iterator<Item = &str> {
        let cells = self.interface.screen().content().iter();
        cells.map(ratatui::buffer::Cell::symbol)
    }

    /// Whether the screen shows a text.
    pub(super) fn shows(&mut self, text: &str) -> bool {
        self.screen().contains(text)
    }

    /// The folder of the case file.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What holds whatever is pressed.
    pub(super) fn check(&mut self) {
        let len = self.model.page().len(&self.model.data);
        let cursor = self.model.page().list().cursor;
        assert!(
            cursor < len.max(1),
            "the cursor is on row {cursor} of {len}"
        );
        let buffer = self.interface.screen();
        let acts = |text: &str| text.chars().any(char::is_control);
        assert!(
            !buffer.content().iter().any(|cell| acts(cell.symbol())),
            "a control character is on the screen"
        );
    }
}
