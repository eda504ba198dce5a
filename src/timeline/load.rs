//! Reads evidence into a timeline: every chunk of every source on all cores, with progress that
//! anyone may watch and a cancel that keeps what was read so far.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rayon::prelude::*;

use super::Timeline;
use super::build::{Builder, Translation};
use super::feed::{Fed, Feed};
use super::part::Worker;
use crate::evidence::discover::discover;
use crate::evidence::{
    self, Block, CHUNK_SIZE, Chunk, Damage, EvtxFile, ReadError, Source, SourceReport,
};

/// How far loading is; shared between the loader and whoever watches.
#[derive(Debug, Default)]
pub struct Progress {
    /// Set once the sources are known.
    sources: OnceLock<Vec<SourceProgress>>,
    events: AtomicU64,
    cancelled: AtomicBool,
}

/// How far one source is.
#[derive(Debug)]
pub struct SourceProgress {
    /// Path as found.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    done: AtomicU64,
}

impl SourceProgress {
    /// Bytes read so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed).min(self.bytes)
    }
}

impl Progress {
    /// The sources and how far each is; empty until the folders were walked.
    pub fn sources(&self) -> &[SourceProgress] {
        self.sources.get().map_or(&[], Vec::as_slice)
    }

    /// Events read so far, copies included.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Bytes read and bytes in all.
    pub fn bytes(&self) -> (u64, u64) {
        self.sources().iter().fold((0, 0), |(done, all), source| {
            (done + source.done(), all + source.bytes)
        })
    }

    /// Sets the sources. A progress that was used before keeps its first ones.
    fn begin(&self, reports: &[SourceReport]) {
        self.sources.get_or_init(|| {
            let source = |report: &SourceReport| SourceProgress {
                path: report.path.clone(),
                bytes: report.bytes,
                done: AtomicU64::new(0),
            };
            reports.iter().map(source).collect()
        });
    }

    /// Counts what was read of a source.
    fn advance(&self, source: usize, bytes: usize, events: usize) {
        self.events.fetch_add(events as u64, Ordering::Relaxed);
        if let Some(source) = self.sources().get(source) {
            source.done.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Asks the loader to stop soon and to build the timeline from what it has.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether loading was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What the loader is to do beyond reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Compute the SHA-256 of every source.
    pub hash: bool,
}

/// Loads files and folders. Whatever cannot be read is reported as damage of its source
/// ([`Timeline::sources`]); the rest goes on.
pub fn load(inputs: &[PathBuf], options: Options, progress: &Progress) -> Timeline {
    Loader::prepare(inputs, options, progress, None).run()
}

/// Loads like [`load`], and hands over what is there so far: the first time after 50 ms, then each
/// time when it took three times as long. The callback gets a timeline of its own, complete in
/// itself, on one of the workers while the others read on; there is one call at a time. What it
/// was given is part of what is returned in the end, under other indices.
pub fn load_in_steps(
    inputs: &[PathBuf],
    options: Options,
    progress: &Progress,
    publish: &(dyn Fn(Timeline) + Sync),
) -> Timeline {
    Loader::prepare(inputs, options, progress, Some(publish)).run()
}

/// When the first step of [`load_in_steps`] is due, and how much later each next one.
const FIRST_STEP: Duration = Duration::from_millis(50);
const LATER: u32 = 3;
/// Most chunks of a task: what a worker holds before it hands over (4 MiB of log).
const TASK_CHUNKS: u64 = 64;
/// Tasks for each worker where there is little to read, so that none idles.
const TASKS_PER_WORKER: u64 = 8;

/// Some chunks of one source.
#[derive(Clone, Debug)]
struct Span {
    source: u32,
    chunks: Range<u32>,
}

struct Loader<'l> {
    files: Vec<Option<EvtxFile>>,
    first_chunks: Vec<u32>,
    tasks: Vec<Vec<Span>>,
    next_task: AtomicUsize,
    feed: Feed,
    next_block: AtomicUsize,
    builder: Mutex<Builder>,
    progress: &'l Progress,
    publish: Option<&'l (dyn Fn(Timeline) + Sync)>,
    steps: Mutex<Steps>,
}

/// When to publish next.
struct Steps {
    started: Instant,
    due: Duration,
}

impl<'l> Loader<'l> {
    fn prepare(
        inputs: &[PathBuf],
        options: Options,
        progress: &'l Progress,
        publish: Option<&'l (dyn Fn(Timeline) + Sync)>,
    ) -> Self {
        let steps = Steps {
            started: Instant::now(),
            due: FIRST_STEP,
        };
        let found = discover(inputs);
        let opened: Vec<_> = found
            .files
            .par_iter()
            .map(|path| evidence::open(path))
            .collect();
        let mut reports: Vec<SourceReport> = Vec::new();
        let mut files: Vec<Option<EvtxFile>> = Vec::new();
        let errors = found.errors.into_iter().map(Err);
        for source in opened.into_iter().flatten().chain(errors) {
            reports.push(match &source {
                Ok(source) => SourceReport::from(source),
                Err(error) => unread(error),
            });
            files.push(match source {
                Ok(Source::Evtx(file)) => Some(file),
                Ok(Source::Stream(_)) | Err(_) => None,
            });
        }
        if options.hash {
            reports.par_iter().for_each(|report| {
                // what cannot be read is said as damage
                let _ = report.hash(&mut |_| true);
            });
        }
        progress.begin(&reports);
        let mut first_chunks = Vec::with_capacity(files.len());
        let mut streams = Vec::new();
        let mut all: u32 = 0;
        for ((number, file), report) in (0..).zip(&files).zip(&reports) {
            first_chunks.push(all);
            let mut chunks = file.as_ref().map_or(0, EvtxFile::chunk_count);
            if let Some(stream) = &report.stream {
                chunks = stream.chunk_count();
                streams.push((number, Arc::clone(stream)));
            }
            all = all.saturating_add(chunks);
        }
        let tasks = tasks(&files);
        Loader {
            next_block: AtomicUsize::new(tasks.len()),
            feed: Feed::new(streams),
            tasks,
            files,
            first_chunks: first_chunks.clone(),
            next_task: AtomicUsize::new(0),
            builder: Mutex::new(Builder::new(reports, first_chunks)),
            progress,
            publish,
            steps: Mutex::new(steps),
        }
    }

    fn run(self) -> Timeline {
        std::thread::scope(|scope| {
            let (sender, fed) = crossbeam_channel::bounded(rayon::current_num_threads());
            for _ in 0..self.feed.width() {
                let (sender, feed, progress) = (sender.clone(), &self.feed, self.progress);
                scope.spawn(move || feed.run(&sender, &|| progress.is_cancelled()));
            }
            drop(sender);
            rayon::broadcast(|_| self.work(&fed));
        });
        let builder = self.builder.into_inner();
        builder.unwrap_or_else(PoisonError::into_inner).finish()
    }

    /// What one worker does: takes a task, reads it, hands over what it has; then the same with the
    /// blocks of streams.
    fn work(&self, fed: &Receiver<Fed>) {
        let mut desk = (Worker::default(), Translation::default());
        let mut room = Vec::new();
        loop {
            let number = self.next_task.fetch_add(1, Ordering::Relaxed);
            let Some(task) = self.tasks.get(number) else {
                break;
            };
            for span in task {
                room = self.read(&mut desk.0, span, room);
            }
            self.hand_over(number, &mut desk);
        }
        drop(room);
        for fed in fed {
            self.read_fed(&mut desk.0, fed);
            let number = self.next_block.fetch_add(1, Ordering::Relaxed);
            self.hand_over(number, &mut desk);
        }
    }

    /// Hands over what a worker has read.
    fn hand_over(&self, number: usize, (worker, translation): &mut (Worker, Translation)) {
        let desk = &mut worker.desk;
        let parts_overlap = (self.builder()).learn(worker.reader.strings(), desk, translation);
        if !parts_overlap {
            desk.part.events.sort();
        }
        translation.apply(&mut desk.part);
        self.builder().append(number, &mut desk.part);
        self.step();
        if worker.is_worn() {
            worker.renew();
            *translation = Translation::default();
        }
    }

    /// Reads a span; `room` is memory to use and is given back.
    fn read(&self, worker: &mut Worker, span: &Span, mut room: Vec<u8>) -> Vec<u8> {
        let source = span.source as usize;
        let (Some(Some(file)), Some(first_chunk)) =
            (self.files.get(source), self.first_chunks.get(source))
        else {
            return room;
        };
        let first = worker.desk.part.events.len();
        match file.chunks(span.chunks.clone(), room) {
            Ok(mut chunks) => {
                for number in span.chunks.clone() {
                    let before = worker.desk.part.events.len();
                    if self.progress.is_cancelled() {
                        worker.desk.notes().skipped += u64::from(span.chunks.end - number);
                        break;
                    }
                    read_chunk(worker, || chunks.next(), number, *first_chunk);
                    let events = worker.desk.part.events.len() - before;
                    self.progress.advance(source, CHUNK_SIZE, events);
                }
                room = chunks.into_room();
            }
            Err(error) => {
                room = Vec::new();
                let damage = chunk_damage(span.chunks.clone(), error.to_string());
                worker.desk.notes().damage.push(damage);
            }
        }
        worker.desk.end_source(span.source, first);
        room
    }

    /// Reads a block of a stream.
    fn read_fed(&self, worker: &mut Worker, Fed { source, block }: Fed) {
        let number = source as usize;
        let first_chunk = self.first_chunks.get(number).copied().unwrap_or_default();
        let first = worker.desk.part.events.len();
        match &block {
            Ok(Block::Chunks(block)) => {
                for (number, chunk) in block.chunks() {
                    read_chunk(worker, || Some(Ok(chunk)), number, first_chunk);
                }
            }
            Ok(Block::Text(block)) => {
                let chunk = first_chunk.saturating_add(block.number());
                if catch_unwind(AssertUnwindSafe(|| worker.read_text(block, chunk))).is_err() {
                    worker.fail(first, block.lost("the parser failed on it"));
                }
            }
            Err(damage) => worker.desk.notes().damage.push(damage.clone()),
        }
        let bytes = block.as_ref().map_or(0, Block::bytes);
        let events = worker.desk.part.events.len() - first;
        self.progress.advance(number, bytes, events);
        worker.desk.end_source(source, first);
    }

    fn builder(&self) -> MutexGuard<'_, Builder> {
        self.builder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes what is there, when it is time.
    fn step(&self) {
        let Some(publish) = self.publish else {
            return;
        };
        // Whoever holds it is publishing.
        let Ok(mut steps) = self.steps.try_lock() else {
            return;
        };
        if steps.started.elapsed() >= steps.due {
            let builder = self.builder().clone();
            publish(builder.finish());
            steps.due = steps.started.elapsed() * LATER;
        }
    }
}

/// Cuts the files into tasks of about the same size; small files go together.
fn tasks(files: &[Option<EvtxFile>]) -> Vec<Vec<Span>> {
    let chunks_of = |file: &Option<EvtxFile>| file.as_ref().map_or(0, EvtxFile::chunk_count);
    let all: u64 = files.iter().map(|file| u64::from(chunks_of(file))).sum();
    let wanted = TASKS_PER_WORKER * rayon::current_num_threads() as u64;
    let size = u32::try_from((all / wanted).clamp(1, TASK_CHUNKS)).unwrap_or(1);
    let mut tasks = Vec::new();
    let mut task = Vec::new();
    let mut room = size;
    for (source, file) in (0..).zip(files) {
        let mut rest = 0..chunks_of(file);
        while !rest.is_empty() {
            let chunks = rest.start..rest.end.min(rest.start.saturating_add(room));
            rest.start = chunks.end;
            room -= chunks.end - chunks.start;
            task.push(Span { source, chunks });
            if room == 0 {
                tasks.push(std::mem::take(&mut task));
                room = size;
            }
        }
    }
    if !task.is_empty() {
        tasks.push(task);
    }
    tasks
}

fn unread(error: &ReadError) -> SourceReport {
    let (path, reason) = match error {
        ReadError::Io { path, source } => (path.clone(), format!("cannot be read: {source}")),
        ReadError::NotAnEventLog { path, reason } => {
            (path.clone(), format!("not an event log: {reason}"))
        }
        other => (PathBuf::new(), other.to_string()),
    };
    let bytes =
        std::fs::metadata(&path).map_or(0, |meta| if meta.is_file() { meta.len() } else { 0 });
    SourceReport {
        path,
        kind: "unread",
        bytes,
        damage: vec![Damage {
            offset: 0,
            bytes,
            reason,
        }],
        ..Default::default()
    }
}

/// Reads a chunk. A panic in a parser costs that chunk, not the run.
fn read_chunk<'c>(
    worker: &mut Worker,
    chunk: impl FnOnce() -> Option<Result<Option<Chunk<'c>>, ReadError>>,
    number: u32,
    first_chunk: u32,
) {
    let mark = worker.desk.part.events.len();
    let one = number..number + 1;
    let outcome = catch_unwind(AssertUnwindSafe(|| match chunk() {
        Some(Ok(Some(chunk))) => worker.read(&chunk, first_chunk.saturating_add(number)),
        Some(Ok(None)) | None => {}
        Some(Err(error)) => {
            let damage = chunk_damage(one.clone(), error.to_string());
            worker.desk.notes().damage.push(damage);
        }
    }));
    if outcome.is_err() {
        let reason = format!("chunk {number} could not be read: the parser failed on it");
        worker.fail(mark, chunk_damage(one, reason));
    }
}

fn chunk_damage(chunks: Range<u32>, reason: String) -> Damage {
    let size = CHUNK_SIZE as u64;
    Damage {
        offset: 4096 + u64::from(chunks.start) * size,
        bytes: chunks.len() as u64 * size,
        reason,
    }
}
