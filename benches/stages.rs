//! How long each stage takes, on forged logs of three sizes, as a Markdown table; and how what
//! comes after loading grows with the uses that are found.
//!
//! `cargo bench --bench stages` prints it; `cargo bench --bench stages -- docs/benchmarks.md`
//! writes it between the marks of that file. Each figure is the median of several runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark may fail"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use dualuse::detect::{self, Catalog};
use dualuse::environment::Environment;
use dualuse::investigate::{Processes, Snapshot, investigate};
use dualuse::timeline::Timeline;
use dualuse::timeline::load::{Options, Progress, load};
use dualuse::timeline::query::Filter;
use forge::bulk::Bulk;

/// Events of each log.
const SIZES: [u64; 3] = [1_000_000, 2_000_000, 4_000_000];
/// Uses of PsExec planted in each.
const PLANTED: u64 = 20;
/// Uses in the smallest log, once more for each.
const MANY: [u64; 3] = [200, 2_000, 20_000];
const RUNS: usize = 5;
/// Everything from the finished timeline to the finished alerts.
const INVESTIGATION: &str = "detect, forest and join at once";
const BEGIN: &str = "<!-- figures begin -->";
const END: &str = "<!-- figures end -->";

fn main() {
    let target = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    // Asked before anything is measured, which takes minutes.
    let target = target.map(|path| Target::of(Path::new(&path)));
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<Column> = SIZES.map(|size| measure(folder.path(), size)).into();
    let table = table(&columns) + &many_uses(folder.path());
    match target {
        None => println!("{table}"),
        Some(target) => target.write(&table),
    }
}

/// What was measured on one log.
struct Column {
    events: usize,
    bytes: u64,
    figures: Vec<(&'static str, Duration)>,
}

impl Column {
    /// What detection, process forest and joining cost, as a share of loading.
    fn share_after_loading(&self) -> f64 {
        let time = |wanted: &str| {
            let mut all = self.figures.iter();
            let found = all.find(|(name, _)| *name == wanted).unwrap();
            found.1.as_secs_f64()
        };
        time(INVESTIGATION) / time("load")
    }
}

fn forge(folder: &Path, records: u64, planted: u64) -> PathBuf {
    let path = folder.join("bulk.evtx");
    let bulk = Bulk {
        records,
        planted,
        seed: 1,
    };
    bulk.write(File::create(&path).unwrap()).unwrap();
    path
}

/// How what comes after loading grows with the uses that are found, as a Markdown table.
fn many_uses(folder: &Path) -> String {
    let catalog = Catalog::built_in().unwrap();
    let environment = Environment::default();
    let mut text = String::from(
        "\n| uses in a million events | alerts | after loading, in all |\n|---:|---:|---:|\n",
    );
    for planted in MANY {
        let path = forge(folder, 1_000_000, planted);
        let timeline = Arc::new(read(&[path]));
        let mut figures = Vec::new();
        let snapshot = stage(&mut figures, INVESTIGATION, || {
            Snapshot::new(1, true, Arc::clone(&timeline), &catalog, &environment)
        });
        let alerts = snapshot.alerts.len();
        let time = figures.first().map_or(Duration::ZERO, |(_, time)| *time);
        writeln!(text, "| {planted} | {alerts} | {} |", milliseconds(time)).unwrap();
    }
    text
}

fn measure(folder: &Path, records: u64) -> Column {
    let path = forge(folder, records, PLANTED);
    let bytes = fs::metadata(&path).unwrap().len();
    let inputs = [path];
    let mut figures = Vec::new();

    let loading = || read(&inputs);
    let timeline = stage(&mut figures, "load", loading);
    let catalog = Catalog::built_in().unwrap();
    let environment = Environment::default();
    stage(&mut figures, "detect", || {
        detect::find(&timeline, &catalog).len()
    });
    let timeline = Arc::new(timeline);
    let processes = stage(&mut figures, "process forest", || {
        let processes = Processes::of(Arc::clone(&timeline));
        processes.prepare_all();
        processes
    });
    let alerts = stage(&mut figures, "join, detection included", || {
        investigate(&timeline, &processes, &catalog, &environment)
    });
    drop(processes);
    stage(&mut figures, INVESTIGATION, || {
        Snapshot::new(1, true, Arc::clone(&timeline), &catalog, &environment)
    });
    assert!(alerts.len() as u64 >= PLANTED, "{} alerts", alerts.len());

    let find = |filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        let found = filter.select(&timeline, &AtomicBool::new(false)).unwrap();
        assert!(!found.is_empty(), "{filter:?}");
        found
    };
    stage(&mut figures, "query: free text", || find("psexesvc"));
    stage(&mut figures, "query: host and id", || {
        find("host:srv-001 id:4624")
    });
    stage(&mut figures, "pivot: account", || find("account:adm.bulk"));
    let first = alerts.first().unwrap().first_time;
    stage(&mut figures, "pivot: ten minutes", || {
        let around = Duration::from_secs(300);
        let window = timeline.window(first.minus(around), first.plus(around));
        (window.start.0..window.end.0).len()
    });
    draw(&mut figures, timeline, &catalog, &environment);
    Column {
        events: usize::try_from(records).unwrap(),
        bytes,
        figures,
    }
}

fn read(inputs: &[PathBuf]) -> Timeline {
    load(inputs, Options::default(), &Progress::default())
}

/// Draws the list of alerts on a large screen.
#[cfg(feature = "tui")]
fn draw(
    figures: &mut Vec<(&'static str, Duration)>,
    timeline: Arc<Timeline>,
    catalog: &Catalog,
    environment: &Environment,
) {
    use dualuse::tui::keymap::Keymap;
    use dualuse::tui::message::Message;
    use dualuse::tui::model::{Model, Settings};
    use dualuse::tui::theme::Theme;
    use dualuse::tui::update::update;
    use dualuse::tui::view;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    let theme = Theme::built_in("default").unwrap();
    let mut model = Model::new(Settings::default(), Keymap::default(), theme);
    let snapshot = Snapshot::new(1, true, timeline, catalog, environment);
    update(&mut model, Message::snapshot(snapshot));
    let area = Rect::new(0, 0, 200, 60);
    let mut buffer = Buffer::empty(area);
    stage(figures, "draw 200×60", || {
        view::draw(&model, area, &mut buffer)
    });
}

#[cfg(not(feature = "tui"))]
fn draw(_: &mut [(&'static str, Duration)], _: Arc<Timeline>, _: &Catalog, _: &Environment) {}

/// Runs a stage several times; notes the median and answers the last result.
fn stage<T>(
    figures: &mut Vec<(&'static str, Duration)>,
    name: &'static str,
    mut work: impl FnMut() -> T,
) -> T {
    let mut last = None;
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            drop(last.take());
            let start = Instant::now();
            last = Some(black_box(work()));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    figures.push((name, times.get(RUNS / 2).copied().unwrap_or_default()));
    last.expect("there was a run")
}

fn table(columns: &[Column]) -> String {
    let mut text = String::from("| stage |");
    for column in columns {
        let megabytes = column.bytes as f64 / f64::from(1 << 20);
        write!(text, " {} events, {megabytes:.0} MiB |", column.events).unwrap();
    }
    text.push_str("\n|---|");
    text.push_str(&"---:|".repeat(columns.len()));
    let stages = columns.first().map_or(0, |column| column.figures.len());
    for at in 0..stages {
        let names = columns.iter().filter_map(|column| column.figures.get(at));
        let name = names.clone().next().map_or("", |(name, _)| name);
        write!(text, "\n| {name} |").unwrap();
        for (_, time) in names {
            write!(text, " {} |", milliseconds(*time)).unwrap();
        }
    }
    write!(text, "\n| after loading, in all / load |").unwrap();
    for column in columns {
        write!(text, " {:.0} % |", 100.0 * column.share_after_loading()).unwrap();
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "Forged logs (`forge bulk`, {PLANTED} uses of PsExec planted), warm cache, median of {RUNS} \
         runs, {} threads on {cores} cores of {}.\n\n{text}\n",
        rayon::current_num_threads(),
        processor()
    )
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.2} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    name.and_then(|line| line.split_once(':'))
        .map_or("this machine", |(_, name)| name.trim())
        .to_owned()
}

/// A file with the place between its marks where the figures go.
struct Target {
    path: PathBuf,
    before: String,
    after: String,
}

impl Target {
    /// Looks for the marks; ends the program with what is missing where they are not.
    fn of(path: &Path) -> Self {
        let refuse = |what: &str| -> ! {
            eprintln!("{}: {what}", path.display());
            std::process::exit(2)
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => refuse(&format!("cannot be read: {error}")),
        };
        let place = text
            .split_once(BEGIN)
            .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
        let Some((before, after)) = place else {
            refuse(&format!(
                "figures go between the lines “{BEGIN}” and “{END}”, which it lacks"
            ));
        };
        Target {
            path: path.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        }
    }

    fn write(&self, table: &str) {
        let Target {
            path,
            before,
            after,
        } = self;
        fs::write(path, format!("{before}{BEGIN}\n{table}{END}{after}")).unwrap();
    }
}
