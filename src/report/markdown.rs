//! The note for a ticket or a colleague: one file per case, one section per alert.
//!
//! Order and content are what readers of hand-over notes ask for: the situation in two sentences,
//! what was escalated and who acts next, the timeline, what was attributed and on what ground,
//! what was ruled out, what is not known, indicators, evidence, and the log of decisions.

mod alert;
mod evidence;
mod indicators;
mod timeline;

use std::io::{self, Write};

use super::Report;
use super::model::{Item, items, span};
use crate::case::{Disposition, State};
use crate::event::host_key;
use crate::text::markdown as escape;

/// Writes the whole note.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let items = items(report);
    let note = Note {
        report,
        items: &items,
    };
    note.heading(out)?;
    note.summary(out)?;
    note.alerts(out, "Escalated", |item| item.is(Disposition::Escalated))?;
    note.alerts(out, "Still open", |item| item.triage.is_open())?;
    timeline::write(report, &items, out)?;
    note.alerts(out, "Attributed to administrators", |item| {
        item.is(Disposition::AdminAttributed)
    })?;
    note.alerts(out, "Authorised tests", |item| {
        item.is(Disposition::AuthorisedTest)
    })?;
    evidence::ruled_out(&items, out)?;
    note.alerts(out, "False positives and duplicates", |item| {
        item.is(Disposition::FalsePositive) || item.is(Disposition::Duplicate)
    })?;
    note.alerts(out, "Closed without a verdict", |item| {
        item.is(Disposition::Undetermined)
    })?;
    evidence::gaps(report, &items, out)?;
    indicators::write(&items, out)?;
    evidence::sources(report, out)?;
    evidence::decision_log(report, out)
}

struct Note<'a> {
    report: &'a Report<'a>,
    items: &'a [Item],
}

impl Note<'_> {
    fn heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = self
            .report
            .case
            .path()
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let span = match span(self.items.iter().map(|item| &item.alert)) {
            Some((first, last)) => format!("{first} to {last}"),
            None => "no alert".to_owned(),
        };
        writeln!(
            out,
            "# Case {}: {}, {}, {span}\n",
            escape(&name),
            count(self.items.len(), "alert"),
            self.hosts()
        )?;
        let head = self
            .report
            .case
            .heads()
            .iter()
            .map(|id| id.short().to_owned())
            .collect::<Vec<_>>();
        writeln!(
            out,
            "dualuse {}. All times are UTC. Decision log ends at {}.\n",
            env!("CARGO_PKG_VERSION"),
            if head.is_empty() {
                "no entry".to_owned()
            } else {
                format!("`{}`", head.join("`, `"))
            }
        )
    }

    fn hosts(&self) -> String {
        let mut hosts: Vec<String> = self
            .items
            .iter()
            .map(|item| host_key(&item.alert.host))
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        match hosts.len() {
            0 => "no host".to_owned(),
            1..=4 => escape(&hosts.join(", ")),
            many => format!("{many} hosts"),
        }
    }

    fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let of = |disposition| {
            self.items
                .iter()
                .filter(|item| item.is(disposition))
                .count()
        };
        let open = self
            .items
            .iter()
            .filter(|item| item.triage.is_open())
            .count();
        let escalated = of(Disposition::Escalated);
        let timeline = self.report.timeline;
        writeln!(out, "## Summary\n")?;
        writeln!(
            out,
            "In {} from {}, {} of dual-use remote administration {} found on {}. {} and {}.\n",
            count(timeline.len(), "event"),
            count(timeline.sources().len(), "source"),
            count(self.items.len(), "use"),
            if self.items.len() == 1 { "was" } else { "were" },
            self.hosts(),
            match escalated {
                0 => "Nothing was escalated".to_owned(),
                some => format!(
                    "{some} of them {} escalated",
                    if some == 1 { "was" } else { "were" }
                ),
            },
            match open {
                0 => "none is open".to_owned(),
                1 => "1 is still open".to_owned(),
                some => format!("{some} are still open"),
            }
        )?;
        writeln!(out, "| state or verdict | alerts |\n|---|---:|")?;
        let states = [State::New, State::InProgress, State::NeedsInfo].map(|state| {
            (
                state.word(),
                self.items
                    .iter()
                    .filter(|item| item.triage.state == state)
                    .count(),
            )
        });
        let verdicts = Disposition::ALL.map(|disposition| (disposition.word(), of(disposition)));
        let stale = self
            .items
            .iter()
            .filter(|item| item.triage.stale.is_some())
            .count();
        let conflict = self
            .items
            .iter()
            .filter(|item| !item.triage.conflict.is_empty())
            .count();
        let flags = [
            ("stale: evidence grew since", stale),
            ("verdicts in conflict", conflict),
        ];
        for (what, number) in states
            .into_iter()
            .chain(verdicts)
            .chain(flags)
            .filter(|(_, number)| *number > 0)
        {
            writeln!(out, "| {what} | {number} |")?;
        }
        writeln!(out)
    }

    fn alerts(
        &self,
        out: &mut dyn Write,
        title: &str,
        belongs: impl Fn(&Item) -> bool,
    ) -> io::Result<()> {
        let mut items = self.items.iter().filter(|item| belongs(item)).peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        writeln!(out, "## {title}\n")?;
        items.try_for_each(|item| alert::write(item, out))
    }
}

/// "1 alert", "2 alerts".
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
