//! Finds events for lists, and text in lists. The newest wish of a page replaces older ones.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rayon::prelude::*;
use regex::{Regex, RegexBuilder};

use super::{Answers, profile, spawn};
use crate::investigate::Snapshot;
use crate::timeline::query::Filter;
use crate::timeline::query::tally::{Facet, tally};
use crate::timeline::{EventIndex, Timeline};
use crate::tui::message::Message;
use crate::tui::model::{EventColumn, Found, PageId, Selection, Subject};

/// Which events a page wants.
pub(super) struct Wish {
    pub(super) page: PageId,
    pub(super) job: u64,
    pub(super) filter: Filter,
    pub(super) subject: Subject,
    /// The event that the analyst comes from: what is found around it comes first.
    pub(super) near: Option<EventIndex>,
    /// How long to wait for a newer wish before work begins.
    pub(super) pause: Duration,
}

/// The least time between two answers of one wish while more is found.
const BEAT: Duration = Duration::from_millis(100);

/// Which text a page looks for.
pub(super) struct Search {
    pub(super) page: PageId,
    pub(super) job: u64,
    pub(super) events: Selection,
    pub(super) from: usize,
    pub(super) down: bool,
    pub(super) text: String,
}

/// What is being looked for, by page, so that it can be stopped.
#[derive(Default)]
pub(super) struct Queries {
    running: HashMap<PageId, Running>,
}

/// How what is being looked for is stopped, and begun before its time.
struct Running {
    cancel: Arc<AtomicBool>,
    begin: Sender<()>,
}

/// The other end of a [`Running`].
struct Rein {
    cancel: Arc<AtomicBool>,
    begin: Receiver<()>,
}

impl Rein {
    /// Waits for the end of the pause, or until somebody hurries; answers whether the work is still
    /// wanted.
    fn rest(&self, pause: Duration) -> bool {
        let _ = self.begin.recv_timeout(pause);
        !stopped(&self.cancel)
    }
}

impl Queries {
    /// Finds the events of a page.
    pub(super) fn find(&mut self, wish: Wish, snapshot: &Snapshot, answers: &Answers) {
        let rein = self.replace(wish.page);
        let (snapshot, own) = (snapshot.clone(), answers.clone());
        spawn("query", answers, move || {
            if !rein.rest(wish.pause) {
                return;
            }
            let cancel = rein.cancel;
            let answer = |events: Arc<Vec<EventIndex>>, profile, is_whole| {
                own.send(Message::Found {
                    page: wish.page,
                    job: wish.job,
                    found: Found {
                        events: Selection::Some(events),
                        profile,
                        is_whole,
                    },
                });
            };
            let mut last: Option<Instant> = None;
            let so_far = |events: &[EventIndex]| {
                let is_due = last.is_none_or(|last| last.elapsed() >= BEAT);
                if !events.is_empty() && is_due && !stopped(&cancel) {
                    answer(Arc::new(events.to_vec()), None, false);
                    last = Some(Instant::now());
                }
            };
            if let Some(events) = select(&wish, &snapshot, &cancel, so_far) {
                let events = Arc::new(events);
                // the head of the page may take longer than its rows
                if !events.is_empty() && !stopped(&cancel) {
                    answer(Arc::clone(&events), None, false);
                }
                let profile = profile::of(&wish.subject, &snapshot);
                answer(events, Some(profile), true);
            }
        });
    }

    /// Counts the values of a column among the events of a page.
    pub(super) fn count(
        &mut self,
        wish: Wish,
        facet: Facet,
        snapshot: &Snapshot,
        answers: &Answers,
    ) {
        let rein = self.replace(wish.page);
        let (snapshot, own) = (snapshot.clone(), answers.clone());
        spawn("count", answers, move || {
            if !rein.rest(wish.pause) {
                return;
            }
            let cancel = rein.cancel;
            let Some(events) = select(&wish, &snapshot, &cancel, |_| {}) else {
                return;
            };
            let total = u64::try_from(events.len()).unwrap_or(u64::MAX);
            let events = events.into_par_iter();
            if let Some(counts) = tally(&snapshot.timeline, events, facet, &cancel) {
                own.send(Message::Counted {
                    page: wish.page,
                    job: wish.job,
                    counts,
                    total,
                });
            }
        });
    }

    /// Looks for text in the events of a page.
    pub(super) fn seek(&mut self, search: Search, snapshot: &Snapshot, answers: &Answers) {
        let Rein { cancel, .. } = self.replace(search.page);
        let (timeline, own) = (Arc::clone(&snapshot.timeline), answers.clone());
        spawn("find", answers, move || {
            if let Some(row) = next_match(&search, &timeline, &cancel) {
                own.send(Message::Sought {
                    page: search.page,
                    job: search.job,
                    row,
                });
            }
        });
    }

    /// Begins at once what rests on a page.
    pub(super) fn hurry(&mut self, page: PageId) {
        if let Some(running) = self.running.get(&page) {
            let _ = running.begin.try_send(());
        }
    }

    /// Stops what is being looked for on a page.
    pub(super) fn stop_page(&mut self, page: PageId) {
        if let Some(running) = self.running.remove(&page) {
            running.stop();
        }
    }

    /// Stops everything.
    pub(super) fn stop(&mut self) {
        self.running.drain().for_each(|(_, running)| running.stop());
    }

    fn replace(&mut self, page: PageId) -> Rein {
        let (begin, begins) = bounded(1);
        let cancel = Arc::new(AtomicBool::new(false));
        let running = Running {
            cancel: Arc::clone(&cancel),
            begin,
        };
        if let Some(older) = self.running.insert(page, running) {
            older.stop();
        }
        Rein {
            cancel,
            begin: begins,
        }
    }
}

impl Running {
    /// Stops the work. What rests wakes up, for this is dropped.
    fn stop(self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

/// The events that are wished for, in time order; `None` when stopped.
fn select(
    wish: &Wish,
    snapshot: &Snapshot,
    cancel: &AtomicBool,
    so_far: impl FnMut(&[EventIndex]),
) -> Option<Vec<EventIndex>> {
    if stopped(cancel) {
        return None;
    }
    let Subject::Leg { alert, step } = &wish.subject else {
        let timeline = &snapshot.timeline;
        return wish
            .filter
            .select_in_steps(timeline, cancel, wish.near, so_far);
    };
    let leg = profile::find_leg(alert, *step, snapshot);
    let shows = leg.iter().flat_map(|leg| &leg.events);
    let mut events: Vec<EventIndex> = shows.map(|event| event.index).collect();
    if !wish.filter.terms.is_empty() {
        let fit = wish.filter.select(&snapshot.timeline, cancel)?;
        events.retain(|event| fit.binary_search(event).is_ok());
    }
    Some(events)
}

fn stopped(cancel: &AtomicBool) -> bool {
    cancel.load(Ordering::Relaxed)
}

/// The row of the next match, going round the end once; `None` when stopped.
fn next_match(search: &Search, timeline: &Timeline, cancel: &AtomicBool) -> Option<Option<usize>> {
    const PART: usize = 65_536;
    let len = match &search.events {
        Selection::All => timeline.len(),
        Selection::Some(events) => events.len(),
    };
    let row_at = |step: usize| {
        if search.down {
            (search.from + step) % len
        } else {
            (search.from + len - step) % len
        }
    };
    let event = |row: usize| match &search.events {
        Selection::All => u32::try_from(row).ok().map(EventIndex),
        Selection::Some(events) => events.get(row).copied(),
    };
    let wanted = Wanted::new(&search.text)?;
    let fits = |step: &usize| {
        !stopped(cancel) && event(row_at(*step)).is_some_and(|event| wanted.is_in(event, timeline))
    };
    for start in (0..len).step_by(PART) {
        let steps = (start..(start + PART).min(len)).into_par_iter();
        let found = steps.find_first(fits);
        if stopped(cancel) {
            return None;
        }
        if let Some(step) = found {
            return Some(Some(row_at(step)));
        }
    }
    Some(None)
}

/// Text that is looked for in the columns of a list, without regard to case.
struct Wanted {
    text: Regex,
    /// Whether a time could hold it: to write the times of millions of events takes long.
    may_be_time: bool,
}

impl Wanted {
    fn new(text: &str) -> Option<Wanted> {
        let mut pattern = RegexBuilder::new(&regex::escape(text));
        let of_time = |character: char| character.is_ascii_digit() || "-: ".contains(character);
        Some(Wanted {
            text: pattern.case_insensitive(true).build().ok()?,
            may_be_time: text.chars().all(of_time),
        })
    }

    fn is_in(&self, event: EventIndex, timeline: &Timeline) -> bool {
        let mut columns = EventColumn::ALL
            .into_iter()
            .filter(|column| *column != EventColumn::Time || self.may_be_time);
        columns.any(|column| self.text.is_match(&column.text(event, timeline)))
    }
}
