//! The walk of keys, and the table that comes of it.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::tui::config::Config;
use dualuse::tui::headless::Headless;
use dualuse::tui::key;
use dualuse::tui::message::Message;
use dualuse::tui::model::{Page, Stage};
use dualuse::tui::{Memory, Options};
use forge::bulk::Bulk;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::buffer::Buffer;

/// Uses of PsExec planted in the log, where nothing else is asked for.
const PLANTED: u64 = 40;
const SCREEN: (u16, u16) = (200, 60);
const PATIENCE: Duration = Duration::from_secs(120);
/// Keys for moving about on a page.
const ABOUT: &str =
    "j j j j k ctrl-d ctrl-d ctrl-u pgdn pgdn pgup l l h G k k g g down down tab end up home";
/// How long the idle program is watched.
const IDLE: Duration = Duration::from_secs(5);

/// Pivots from the page of an alert.
const PIVOTS: &[(&str, &str)] = &[
    ("process tree", "g p"),
    ("account", "g a"),
    ("logon session", "g s"),
    ("host", "g h"),
    ("time window", "g t"),
    ("source address", "g i"),
    ("service", "g v"),
];

/// What the list of alerts is asked to do.
const ALERT_LIST: &[(&str, &str)] = &[
    ("sort by time", "s t"),
    ("sort by what ran", "s r"),
    ("turn round", "S"),
    ("group", "o"),
    ("one line each", "o"),
    ("type a filter", "f h o s t : s r v - 0 0 1 enter"),
    ("type free text", "f space a d m . b u l k enter"),
    ("no filter", "C"),
    ("find text that is nowhere", "/ n o t h i n g enter"),
    ("mark all", "space G v"),
    ("no marks", "V"),
    ("count by host", "h h h h h h h h h l l l F"),
    ("back", "q s s g g"),
];

/// Filters over all events.
const FILTERS: &[&str] = &[
    "psexesvc",
    "host:srv-001 id:4624",
    "account:adm.bulk",
    "id:4688",
    "image:cmd.exe",
    "ip:10.20.0.15",
    "nothing-holds-this",
];

pub(crate) fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let millions: u64 = numbers.next().unwrap_or(1);
    let planted = numbers.next().unwrap_or(PLANTED);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("bulk.evtx");
    let records = millions * 1_000_000;
    let bulk = Bulk {
        records,
        planted,
        seed: 1,
    };
    bulk.write(File::create(&log).unwrap()).unwrap();
    let bytes = fs::metadata(&log).unwrap().len();
    println!(
        "{records} events, {planted} uses of PsExec, {} MiB, screen {}×{}\n",
        bytes >> 20,
        SCREEN.0,
        SCREEN.1
    );

    let mut desk = Desk::open(&log, folder.path());
    println!("| what | first | all |\n|---|---:|---:|");
    desk.load(records);
    desk.alerts();
    desk.pivots();
    desk.filters();
    desk.walk();
    desk.frames();
    drop(desk);
    fs::remove_file(&log).unwrap();
    idle(folder.path());
}

/// The interface with a clock.
struct Desk {
    interface: Headless,
    before: Buffer,
    frames: Vec<(Duration, String)>,
}

impl Desk {
    fn open(log: &Path, folder: &Path) -> Desk {
        let started = Instant::now();
        let options = Options {
            evidence: vec![log.to_owned()],
            case: folder.join("desk.dualuse-case"),
            author: "bench".to_owned(),
            config: Config::default(),
            themes: None,
            keys: None,
            memory: Memory::Fresh,
            catalog: Catalog::built_in().unwrap(),
            environment: Environment::default(),
        };
        let interface = Headless::open(options, SCREEN).unwrap();
        println!("first paint: {}", show(started.elapsed()));
        Desk {
            before: interface.screen().clone(),
            interface,
            frames: Vec::new(),
        }
    }

    /// Draws, and finds what to send to the terminal.
    fn draw(&mut self) {
        let frame = self.interface.draw();
        std::hint::black_box(self.before.diff(frame).len());
        self.before.clone_from(frame);
    }

    /// Lets a message act and shows it; how long that took.
    fn act(&mut self, message: Message, what: &str) -> Duration {
        let begun = Instant::now();
        self.interface.send(message);
        self.draw();
        let took = begun.elapsed();
        self.frames.push((took, what.to_owned()));
        took
    }

    fn load(&mut self, records: u64) {
        let begun = Instant::now();
        let mut first = None;
        while self.interface.model.loading.stage != Stage::Done {
            let message = self.interface.answer(PATIENCE).expect("loading goes on");
            let what = match &message {
                Message::Snapshot(snapshot, _) => {
                    format!("snapshot of {}", snapshot.timeline.len())
                }
                _ => "while loading".to_owned(),
            };
            self.act(message, &what);
            let some = !self.interface.model.data.alerts().is_empty();
            first = first.or(some.then(|| begun.elapsed()));
        }
        self.settle();
        let all = begun.elapsed();
        println!(
            "| load: first alerts, all | {} | {} |",
            show(first.unwrap_or(all)),
            show(all)
        );
        let resident = resident();
        println!(
            "| memory resident | {} MiB | {} bytes an event |",
            resident >> 20,
            resident / records
        );
    }

    /// Takes answers until nothing is awaited.
    fn settle(&mut self) {
        while self.interface.waits() {
            let answer = self.interface.answer(PATIENCE).expect("a worker answers");
            let what = format!("answer: {}", name(&answer));
            self.act(answer, &what);
        }
    }

    fn press(&mut self, keys: &str) {
        for key in key::parse_sequence(keys).unwrap() {
            self.act(Message::Key(key), &format!("{keys}: {}", key::show(key)));
        }
    }

    /// Presses keys of which the last asks for rows: time to the first and to the last of them.
    fn ask(&mut self, keys: &str, what: &str) {
        let keys = key::parse_sequence(keys).unwrap();
        let (last, before) = keys.split_last().unwrap();
        for key in before {
            self.act(Message::Key(*key), what);
        }
        let begun = Instant::now();
        let mut first = None;
        self.act(Message::Key(*last), what);
        loop {
            let page = self.interface.model.page();
            let some = page.len(&self.interface.model.data) > 0 && !is_stale(page);
            first = first.or(some.then(|| begun.elapsed()));
            if !self.interface.waits() {
                break;
            }
            let answer = self.interface.answer(PATIENCE).expect("a worker answers");
            let rows = is_awaited(&answer, self.interface.model.page());
            let label = format!("{what}: answer: {}", name(&answer));
            self.act(answer, &label);
            first = first.or(rows.then(|| begun.elapsed()));
        }
        let all = begun.elapsed();
        let rows = self.interface.model.page().len(&self.interface.model.data);
        println!(
            "| {what} ({rows} rows) | {} | {} |",
            show(first.unwrap_or(all)),
            show(all)
        );
    }

    /// What is done to the list of alerts while the key is answered: the longest of its frames.
    fn alerts(&mut self) {
        let alerts = self.interface.model.data.alerts().len();
        for (what, keys) in ALERT_LIST {
            let before = self.frames.len();
            self.press(keys);
            let frames = self.frames.iter().skip(before);
            let longest = frames.map(|(took, _)| *took).max().unwrap_or_default();
            println!("| {alerts} alerts: {what} | {0} | {0} |", show(longest));
        }
        self.settle();
    }

    fn pivots(&mut self) {
        for (name, keys) in PIVOTS {
            self.press("g l g g enter");
            self.ask(keys, &format!("pivot: {name}"));
        }
        self.press("g e");
        self.settle();
        self.ask("enter", "open an event");
    }

    fn filters(&mut self) {
        for filter in FILTERS {
            self.press("g e f");
            for character in filter.chars() {
                let key = match character {
                    ' ' => key::parse("space").unwrap(),
                    other => key::parse(&other.to_string()).unwrap(),
                };
                self.act(Message::Key(key), "typing a filter");
            }
            self.ask("enter", &format!("filter: `{filter}`"));
        }
        self.press("g e /");
        for character in "nothing-holds-this".chars() {
            self.act(
                Message::Key(key::parse(&character.to_string()).unwrap()),
                "typing a search",
            );
        }
        self.ask("enter", "find: text that is nowhere");
    }

    /// Moves about on every kind of page.
    fn walk(&mut self) {
        for page in [
            "g l",
            "g l enter",
            "g l enter g p",
            "g l enter g a",
            "g l enter g s",
            "g l enter g h",
            "g l enter g t",
            "g e",
            "g e enter",
            "g e enter X",
            "g r",
            "g k",
            "g l ?",
            "g l :",
        ] {
            for key in page.split_inclusive(' ') {
                self.press(key);
                self.settle();
            }
            for key in ABOUT.split(' ') {
                self.press(key);
                self.settle();
            }
            for _ in 0..40 {
                self.press("j");
            }
            self.press("esc");
        }
    }

    /// What all frames took.
    fn frames(&mut self) {
        self.frames.sort_by_key(|(took, _)| *took);
        let at = |share: usize| {
            let place = (self.frames.len() * share / 1000).min(self.frames.len() - 1);
            show(
                self.frames
                    .get(place)
                    .map_or(Duration::ZERO, |(took, _)| *took),
            )
        };
        println!(
            "\nkey or answer to frame, {} frames: p50 {}, p99 {}, longest:",
            self.frames.len(),
            at(500),
            at(990)
        );
        for (took, what) in self.frames.iter().rev().take(10) {
            println!("  {} {what}", show(*took));
        }
    }
}

/// What an answer is about, for the list of the longest frames.
fn name(answer: &Message) -> &'static str {
    match answer {
        Message::Found { .. } => "events",
        Message::Hits { .. } => "hits of the finder",
        Message::Counted { .. } => "counts",
        Message::Names(_) => "names",
        Message::Read { .. } => "record",
        Message::Sought { .. } => "match",
        Message::Hashing(_) => "hashing",
        Message::Case(_) => "case",
        _ => "other",
    }
}

/// Whether a list still shows what an earlier question found.
fn is_stale(page: &Page) -> bool {
    matches!(page, Page::Events(page) if page.awaited.is_some())
}

/// Whether a worker found the events that a list waits for, or some of them.
fn is_awaited(answer: &Message, page: &Page) -> bool {
    match (answer, page) {
        (Message::Found { job, .. }, Page::Events(page)) => page.awaited == Some(*job),
        _ => false,
    }
}

fn show(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.2} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

/// Bytes of memory that this process has now.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kilobytes.unwrap_or(0u64) << 10
}

/// What the real program costs in a terminal while nobody touches it.
fn idle(folder: &Path) {
    let pair = native_pty_system()
        .openpty(PtySize {
            rows: 40,
            cols: 120,
            ..PtySize::default()
        })
        .unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dualuse"));
    command.args(["testdata/logs"]);
    command.cwd(env!("CARGO_MANIFEST_DIR"));
    command.env("HOME", folder);
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut output = pair.master.try_clone_reader().unwrap();
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(1..) = output.read(&mut buffer) {}
    });
    let process = child.process_id().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let before = ticks(process);
    std::thread::sleep(IDLE);
    let spent = ticks(process) - before;
    println!(
        "\nidle for {} s: {spent} clock ticks of processor time",
        IDLE.as_secs()
    );
    let killed = Command::new("kill").arg(process.to_string()).status();
    assert!(killed.unwrap().success());
    child.wait().unwrap();
    drop(pair);
    reader.join().unwrap();
}

/// Clock ticks that a process has run, in user and system mode.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, after) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let field = |place: usize| fields.get(place).unwrap().parse::<u64>().unwrap();
    field(11) + field(12)
}
