//! The last messages, for bug reports: what happened and when, never what evidence or the analyst
//! says.

use std::collections::VecDeque;
use std::time::Instant;

use crate::tui::key;
use crate::tui::keymap::Mode;
use crate::tui::message::{CaseAnswer, Message};

/// Messages remembered.
const MOST: usize = 500;

/// The last messages in words.
#[derive(Debug)]
pub struct Ring {
    begun: Instant,
    last: VecDeque<(u128, String)>,
}

impl Default for Ring {
    fn default() -> Self {
        Ring {
            begun: Instant::now(),
            last: VecDeque::with_capacity(MOST),
        }
    }
}

impl Ring {
    /// Remembers a message that arrived while the keys did what `mode` says.
    pub fn note(&mut self, message: &Message, mode: Mode) {
        // progress comes ten times a second and says little
        if matches!(message, Message::Progress(_)) {
            return;
        }
        if self.last.len() == MOST {
            self.last.pop_front();
        }
        let at = self.begun.elapsed().as_millis();
        self.last.push_back((at, in_words(message, mode)));
    }

    /// One line for each, the oldest first.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.last
            .iter()
            .map(|(at, what)| format!("{at:>9} ms  {what}"))
    }
}

fn in_words(message: &Message, mode: Mode) -> String {
    match message {
        // what is typed is the analyst's own
        Message::Key(pressed) if mode != Mode::Normal && key::typed(*pressed).is_some() => {
            "key: a character".to_owned()
        }
        Message::Key(pressed) => format!("key: {}", key::show(*pressed)),
        Message::Paste(text) => format!("paste of {} characters", text.chars().count()),
        Message::Wheel(rows) => format!("wheel {rows}"),
        Message::Click { x, y } => format!("click {x},{y}"),
        Message::Resized(width, height) => format!("resized {width}x{height}"),
        Message::Terminate => "asked to end".to_owned(),
        Message::ToastOver => "toast over".to_owned(),
        Message::Progress(loading) => format!("progress: {:?}", loading.stage),
        Message::Snapshot(snapshot, _) => format!(
            "snapshot {}: {} events, {} alerts{}",
            snapshot.number,
            snapshot.timeline.len(),
            snapshot.alerts.len(),
            if snapshot.complete { ", complete" } else { "" }
        ),
        Message::Found { page, job, .. } => format!("found: page {}, job {job}", page.0),
        Message::Read { page, record } => {
            let how = if record.is_ok() {
                "there"
            } else {
                "not readable"
            };
            format!("read: page {}, {how}", page.0)
        }
        Message::Sought { page, job, row } => {
            format!("sought: page {}, job {job}, row {row:?}", page.0)
        }
        Message::Hits {
            job,
            hits,
            is_whole,
        } => format!("hits: job {job}, {}, whole {is_whole}", hits.len()),
        Message::Counted { page, job, .. } => format!("counted: page {}, job {job}", page.0),
        Message::Hashing(hashing) => format!("hashing, runs {}", hashing.is_running),
        Message::Names(_) => "names for completion".to_owned(),
        Message::Case(answer) => format!("case: {}", case_in_words(answer)),
        Message::Edited(result) => format!("edited: {}", worked(result.is_ok())),
        Message::Copied(result) => format!("copied: {}", worked(result.is_ok())),
        Message::Dumped(result) => format!("dumped: {}", worked(result.is_ok())),
        // a failure of the program's own: its reason is what the report is about
        Message::Failed(what) => format!("failed: {what}"),
    }
}

fn worked(well: bool) -> &'static str {
    if well { "well" } else { "failed" }
}

fn case_in_words(answer: &CaseAnswer) -> String {
    match answer {
        CaseAnswer::Opened { .. } => "opened".to_owned(),
        CaseAnswer::Unusable(reason) => format!("unusable: {reason}"),
        CaseAnswer::Triage(triage, known) => {
            format!("triage of {} alerts, {} rules", triage.len(), known.len())
        }
        CaseAnswer::Saved { .. } => "saved".to_owned(),
        CaseAnswer::Refused(faults) => format!("refused, {} faults", faults.len()),
        CaseAnswer::NotSaved(reason) => format!("not saved: {reason}"),
        CaseAnswer::Waiting => "waiting for another process".to_owned(),
        CaseAnswer::Hashed => "hashed".to_owned(),
        CaseAnswer::Preview { job, .. } => format!("preview, job {job}"),
        CaseAnswer::Exported(result) => format!("exported: {}", worked(result.is_ok())),
    }
}
