//! Hands the blocks of sources that are read from front to back to the workers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::Sender;

use crate::evidence::{Block, Damage, Stream};

/// A block on its way to a worker.
pub(super) struct Fed {
    /// Number of the source.
    pub(super) source: u32,
    /// The block, or why the rest of the source was not read.
    pub(super) block: Result<Block, Damage>,
}

/// The streams, in the order of their sources. Feeders share it.
pub(super) struct Feed {
    streams: Vec<(u32, Arc<Stream>)>,
    next: AtomicUsize,
}

impl Feed {
    pub(super) fn new(streams: Vec<(u32, Arc<Stream>)>) -> Self {
        Feed {
            streams,
            next: AtomicUsize::new(0),
        }
    }

    /// How many feeders make sense.
    pub(super) fn width(&self) -> usize {
        self.streams.len().min(rayon::current_num_threads())
    }

    /// What one feeder does: takes a stream, cuts it into blocks, hands them over; the channel makes
    /// it wait while workers are busy. A panic in a reader costs the rest of that stream.
    pub(super) fn run(&self, blocks: &Sender<Fed>, is_cancelled: &dyn Fn() -> bool) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((source, stream)) = self.streams.get(number) else {
                return;
            };
            let send = |block| {
                let source = *source;
                blocks.send(Fed { source, block }).is_ok()
            };
            let mut was_cancelled = is_cancelled();
            let mut offset = 0;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if was_cancelled {
                    return Ok(());
                }
                stream.blocks(&mut |block| {
                    was_cancelled = is_cancelled();
                    offset += block.bytes() as u64;
                    !was_cancelled && send(Ok(block))
                })
            }));
            let reason = match outcome {
                _ if was_cancelled => "the rest was not read: loading was cancelled".to_owned(),
                Ok(Ok(())) => continue,
                Ok(Err(reason)) => format!("the rest could not be read: {reason}"),
                Err(_) => "the rest could not be read: its reader failed".to_owned(),
            };
            send(Err(Damage {
                offset,
                bytes: stream.bytes().saturating_sub(offset),
                reason,
            }));
        }
    }
}
