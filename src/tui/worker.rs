//! What runs beside the interface: loading, finding events, reading records, the case file. Each
//! answers by message; none touches the model.

mod case;
mod finder;
mod hasher;
mod loader;
mod names;
mod profile;
mod query;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::Sender;

use super::input::Incoming;
use super::message::{CaseAnswer, CaseOrder, Effect, Message};
use super::session;
use crate::detect::Catalog;
use crate::environment::Environment;
use crate::investigate::Snapshot;
use crate::timeline::load::Progress;

/// What the workers need to begin.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) evidence: Vec<PathBuf>,
    pub(super) case: PathBuf,
    pub(super) author: String,
    /// Whether the case file may be made and written.
    pub(super) keeps_case: bool,
    pub(super) catalog: Arc<Catalog>,
    pub(super) environment: Environment,
}

/// Where workers send their answers.
#[derive(Clone)]
pub(super) struct Answers(pub(super) Sender<Incoming>);

impl Answers {
    /// Sends an answer; nobody listens any more when the interface is closing.
    fn send(&self, message: Message) {
        let _ = self.0.send(Incoming::Worker(message));
    }
}

/// The workers.
pub(super) struct Workers {
    answers: Answers,
    progress: Arc<Progress>,
    stop_hashing: Arc<AtomicBool>,
    orders: Option<Sender<CaseOrder>>,
    case: Option<JoinHandle<()>>,
    queries: query::Queries,
    /// Stops the gathering of names.
    gathering: Arc<AtomicBool>,
    /// Stops the finder.
    finding: Arc<AtomicBool>,
}

impl Workers {
    /// Starts loading and opens the case.
    pub(super) fn start(task: Task, sender: Sender<Incoming>) -> Workers {
        let answers = Answers(sender);
        let progress = Arc::new(Progress::default());
        let (orders, inbox) = crossbeam_channel::unbounded();
        let case = {
            let (task, answers) = (task.clone(), answers.clone());
            spawn("case", &answers.clone(), move || {
                case::work(&task, &inbox, &answers);
            })
        };
        if !task.evidence.is_empty() {
            loader::start(task, Arc::clone(&progress), &answers);
        }
        Workers {
            queries: query::Queries::default(),
            gathering: Arc::default(),
            finding: Arc::default(),
            answers,
            progress,
            stop_hashing: Arc::default(),
            orders: Some(orders),
            case,
        }
    }

    /// Begins what an effect asks for. Effects of the terminal are none of the workers'.
    pub(super) fn perform(&mut self, effect: Effect, snapshot: &Snapshot) {
        match effect {
            Effect::CancelLoading => self.progress.cancel(),
            Effect::Hash => {
                let timeline = Arc::clone(&snapshot.timeline);
                hasher::start(timeline, Arc::clone(&self.stop_hashing), &self.answers);
            }
            Effect::Query {
                page,
                job,
                filter,
                subject,
                near,
                pause,
            } => {
                self.queries.find(
                    query::Wish {
                        page,
                        job,
                        filter,
                        subject,
                        near,
                        pause,
                    },
                    snapshot,
                    &self.answers,
                );
            }
            Effect::GatherNames => {
                self.gathering.store(true, Ordering::Relaxed);
                self.gathering = Arc::default();
                names::gather(snapshot, Arc::clone(&self.gathering), &self.answers);
            }
            Effect::FindAnything {
                job,
                typed,
                names,
                pause,
            } => {
                self.finding.store(true, Ordering::Relaxed);
                self.finding = Arc::default();
                let wanted = finder::Wanted {
                    job,
                    typed,
                    names,
                    pause,
                };
                finder::find(wanted, snapshot, Arc::clone(&self.finding), &self.answers);
            }
            Effect::StopFinder => self.finding.store(true, Ordering::Relaxed),
            Effect::Count {
                page,
                job,
                filter,
                subject,
                facet,
                pause,
            } => {
                let wish = query::Wish {
                    page,
                    job,
                    filter,
                    subject,
                    near: None,
                    pause,
                };
                self.queries.count(wish, facet, snapshot, &self.answers);
            }
            Effect::Hurry(page) => self.queries.hurry(page),
            Effect::StopQuery(page) => self.queries.stop_page(page),
            Effect::Seek {
                page,
                job,
                events,
                from,
                down,
                text,
            } => {
                self.queries.seek(
                    query::Search {
                        page,
                        job,
                        events,
                        from,
                        down,
                        text,
                    },
                    snapshot,
                    &self.answers,
                );
            }
            Effect::Read { page, event } => {
                let (timeline, answers) = (Arc::clone(&snapshot.timeline), self.answers.clone());
                let own = answers.clone();
                spawn("read", &answers, move || {
                    let record = timeline
                        .read(event)
                        .map(Arc::new)
                        .map_err(|error| error.to_string());
                    own.send(Message::Read { page, record });
                });
            }
            Effect::Dump(text) => {
                let own = self.answers.clone();
                spawn("dump", &self.answers.clone(), move || {
                    own.send(Message::Dumped(dump(&text)));
                });
            }
            Effect::Forget(snapshot) => {
                spawn("forget", &self.answers, move || drop(snapshot));
            }
            Effect::Case(order) => {
                let sent = self
                    .orders
                    .as_ref()
                    .is_some_and(|orders| orders.send(order).is_ok());
                if !sent {
                    let reason = "the case file is closed; nothing was saved".to_owned();
                    self.answers
                        .send(Message::Case(CaseAnswer::NotSaved(reason)));
                }
            }
            Effect::Quit
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Mouse(_)
            | Effect::Copy(_)
            | Effect::Edit(_) => {}
        }
    }

    /// Waits until the case has saved everything that was ordered; the rest is dropped.
    pub(super) fn finish(mut self) {
        self.progress.cancel();
        self.stop_hashing.store(true, Ordering::Relaxed);
        self.queries.stop();
        self.gathering.store(true, Ordering::Relaxed);
        self.finding.store(true, Ordering::Relaxed);
        drop(self.orders.take());
        if let Some(case) = self.case.take() {
            let _ = case.join();
        }
    }
}

/// Writes a report for the makers of the program into the user's state folder.
fn dump(text: &str) -> Result<PathBuf, String> {
    let folder = session::state_folder().ok_or("there is no home folder to write to")?;
    let folder = folder.join("dumps");
    let now = chrono::Utc::now().format("%Y%m%dT%H%M%S%3fZ");
    let path = folder.join(format!("dualuse-{now}.txt"));
    session::write_private(&path, text.as_bytes())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Threads for work that may take long, so that what the analyst asks for, which the shared threads
/// answer, need not wait for its end. Of no number there are as many as cores; `None` where the
/// system gives none.
fn own_pool(name: &'static str, threads: usize) -> Option<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |number| format!("{name} {number}"));
    pool.build().ok()
}

/// Runs a job on a thread of its own. A panic there becomes a message; the interface goes on.
pub(super) fn spawn(
    name: &'static str,
    answers: &Answers,
    job: impl FnOnce() + Send + 'static,
) -> Option<JoinHandle<()>> {
    let failed = answers.clone();
    let guarded = move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(job)) {
            let reason = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            failed.send(Message::Failed(format!(
                "internal error in `{name}`: {reason}. The rest goes on"
            )));
        }
    };
    match std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(guarded)
    {
        Ok(handle) => Some(handle),
        Err(error) => {
            answers.send(Message::Failed(format!(
                "`{name}` cannot be started: {error}"
            )));
            None
        }
    }
}
