//! Loads the evidence and publishes what it tells: what is known so far, again and again while it
//! reads, and the whole in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::{Answers, Task, own_pool, spawn};
use crate::investigate::Snapshot;
use crate::timeline::load::{Options, Progress, load_in_steps};
use crate::tui::message::Message;
use crate::tui::model::{Loading, Stage};

/// How often progress is reported: ten times a second at most.
const BEAT: Duration = Duration::from_millis(100);

/// Bytes of an EVTX file before its first chunk.
const FILE_HEADER: u64 = 4096;

/// Starts loading.
pub(super) fn start(task: Task, progress: Arc<Progress>, answers: &Answers) {
    let (loaded, is_loaded) = bounded::<()>(0);
    let watched = Arc::clone(&progress);
    let watch = answers.clone();
    spawn("progress", answers, move || {
        loop {
            watch.send(Message::Progress(report(&watched, Stage::Reading)));
            match is_loaded.recv_timeout(BEAT) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    let own = answers.clone();
    let load = move || {
        let number = AtomicU64::new(1);
        let publish = |complete: bool, timeline| {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let Task {
                catalog,
                environment,
                ..
            } = &task;
            let timeline = Arc::new(timeline);
            let snapshot = Snapshot::new(number, complete, timeline, catalog, environment);
            let processes = Arc::clone(&snapshot.processes);
            own.send(Message::snapshot(snapshot));
            processes
        };
        let so_far = |timeline| {
            publish(false, timeline);
        };
        let timeline = load_in_steps(&task.evidence, Options::default(), &progress, &so_far);
        drop(loaded);
        own.send(Message::Progress(report(&progress, Stage::Investigating)));
        let processes = publish(true, timeline);
        let stage = if progress.is_cancelled() {
            Stage::Cancelled
        } else {
            Stage::Done
        };
        own.send(Message::Progress(report(&progress, stage)));
        // Nobody who asks for a process tree shall wait for its host to be read.
        processes.prepare_all();
    };
    spawn("load", answers, move || match own_pool("load", 0) {
        Some(pool) => pool.install(load),
        None => load(),
    });
}

fn report(progress: &Progress, stage: Stage) -> Loading {
    Loading {
        stage,
        sources: progress
            .sources()
            .iter()
            .map(|source| {
                // chunks are counted, the file's header is not
                let done = if source.done() == 0 {
                    0
                } else {
                    source.done() + FILE_HEADER
                };
                (source.path.clone(), done.min(source.bytes), source.bytes)
            })
            .collect(),
        events: progress.events(),
        trouble: None,
    }
}
