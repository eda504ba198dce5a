//! Hashes the evidence once everything is read, on one thread, so that the rest stays quick.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Answers, spawn};
use crate::timeline::Timeline;
use crate::tui::message::Message;
use crate::tui::model::Hashing;

/// How often progress is reported.
const BEAT: Duration = Duration::from_millis(200);

/// Starts hashing; `stop` ends it with what is known until then.
pub(super) fn start(timeline: Arc<Timeline>, stop: Arc<AtomicBool>, answers: &Answers) {
    let own = answers.clone();
    spawn("hash", answers, move || {
        let sources = timeline.sources();
        let mut hashing = Hashing {
            all: sources.iter().map(|source| source.bytes).sum(),
            is_running: true,
            ..Hashing::default()
        };
        let mut told = Instant::now();
        let mut done = 0;
        for source in sources {
            let hashed = source.hash(&mut |bytes| {
                done += bytes;
                if told.elapsed() >= BEAT {
                    told = Instant::now();
                    own.send(Message::Hashing(Hashing {
                        done,
                        ..hashing.clone()
                    }));
                }
                std::thread::yield_now();
                !stop.load(Ordering::Relaxed)
            });
            if let Err(error) = hashed {
                let path = source.path.display();
                hashing.troubles.push(format!("{path}: {error}"));
            }
        }
        own.send(Message::Hashing(Hashing {
            done,
            is_running: false,
            ..hashing
        }));
    });
}
