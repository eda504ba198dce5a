//! Alerts as plain sentences on a terminal: one block each.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Report;
use super::model::{Item, items};
use super::words::{self, NOT_KNOWN};
use crate::case::State;
use crate::investigate::{Leaning, Severity};
use crate::text::{brief, line, paragraph, wrap};

/// How plain text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// Colours, for a terminal that wants them.
    pub colour: bool,
    /// Columns to wrap at; `None` leaves lines whole, as other programs want them.
    pub width: Option<usize>,
}

/// Longest fact shown whole, in characters; what is longer is cut and counted. The other formats
/// hold all of it.
const LONGEST: usize = 400;
/// Columns for the labels.
const LABEL: usize = 14;

/// Writes one block per alert and a line that sums up.
///
/// # Errors
/// What `out` says.
pub fn write_plain(report: &Report<'_>, plain: Plain, out: &mut dyn Write) -> io::Result<()> {
    let items = items(report);
    let mut page = Page { plain, out };
    for item in &items {
        page.alert(item)?;
    }
    page.summary(report, &items)
}

struct Page<'a> {
    plain: Plain,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn alert(&mut self, item: &Item) -> io::Result<()> {
        let alert = &item.alert;
        let severity = words::word(&alert.severity);
        let badge = self.paint(
            badge_style(alert.severity),
            &format!(" {} ", severity.to_uppercase()),
        );
        let title = self.paint(Style::new().bold(), brief(&alert.title, 200).as_str());
        writeln!(self.out, "{badge} {title}")?;
        let about = format!(
            "{}, {} it was this tool; {}, score {:+}; alert {}",
            line(&alert.tool),
            words::word(&alert.certainty),
            leaning(alert.leaning),
            alert.score,
            line(&alert.id)
        );
        writeln!(
            self.out,
            "{}",
            self.paint(Style::new().dimmed(), &format!("  {about}"))
        )?;
        let span = if alert.first_time == alert.last_time {
            words::moment(alert.first_time)
        } else {
            format!(
                "{} to {}",
                words::moment(alert.first_time),
                words::moment(alert.last_time)
            )
        };
        self.row("when", &format!("{span} on {}", alert.host))?;
        self.row("who", &words::who(alert))?;
        self.row("from", &words::source(alert))?;
        self.row(
            "client",
            words::client(alert).as_deref().unwrap_or(NOT_KNOWN),
        )?;
        self.row("logon", words::logon(alert).as_deref().unwrap_or(NOT_KNOWN))?;
        if let Some(service) = words::service(alert) {
            self.row("service", &service)?;
        }
        self.ran(item)?;
        let style = |colour: AnsiColor| colour.on_default();
        self.signals(item, "attacker", Leaning::Attacker, style(AnsiColor::Red))?;
        self.signals(item, "admin", Leaning::Admin, style(AnsiColor::Green))?;
        self.signals(item, "neither", Leaning::Undetermined, Style::new())?;
        self.questions(item)?;
        for (index, gap) in alert.gaps.iter().enumerate() {
            self.row(if index == 0 { "not seen" } else { "" }, gap)?;
        }
        let records = alert.sightings.iter().map(|sighting| &sighting.event);
        self.row("records", &words::citations(records, 12))?;
        self.triage(item)?;
        writeln!(self.out)
    }

    fn ran(&mut self, item: &Item) -> io::Result<()> {
        for (index, branch) in words::tree(&item.alert).iter().enumerate() {
            let process = branch.process;
            let account = process
                .account
                .as_ref()
                .map(|account| format!(" as {account}"));
            let elsewhere = (!crate::event::same_host(&process.host, &item.alert.host))
                .then(|| format!(" on {}", process.host));
            let text = format!(
                "{}{}{}{}",
                "  ".repeat(branch.depth.min(20)),
                words::command(process),
                account.unwrap_or_default(),
                elsewhere.unwrap_or_default()
            );
            self.row(if index == 0 { "processes" } else { "" }, &text)?;
        }
        Ok(())
    }

    fn signals(
        &mut self,
        item: &Item,
        label: &str,
        leaning: Leaning,
        style: Style,
    ) -> io::Result<()> {
        let signals = words::signals(&item.alert, leaning);
        for (index, signal) in signals.into_iter().enumerate() {
            let label = if index == 0 {
                format!("for {label}")
            } else {
                String::new()
            };
            let text = format!("{} {}", words::weight(signal), signal.what);
            self.painted_row(&label, &text, style)?;
        }
        Ok(())
    }

    fn questions(&mut self, item: &Item) -> io::Result<()> {
        for (index, question) in item.alert.questions.iter().enumerate() {
            let how = question
                .how
                .as_ref()
                .map(|how| format!(" ({how})"))
                .unwrap_or_default();
            let answer = question
                .answer
                .as_deref()
                .unwrap_or("open: this evidence does not say");
            let label = if index == 0 { "questions" } else { "" };
            self.row(label, &format!("{} {answer}{how}", question.ask))?;
        }
        Ok(())
    }

    fn triage(&mut self, item: &Item) -> io::Result<()> {
        let triage = &item.triage;
        for known in &triage.known {
            self.row("known", &known.label())?;
        }
        if triage.history.is_empty() {
            return Ok(());
        }
        let mut said = triage.state.to_string();
        if let Some(disposition) = triage.disposition {
            said = format!("{said}, {disposition}");
        }
        if let (Some(author), Some(time)) = (&triage.author, triage.time) {
            said = format!("{said} by {author}, {}", words::moment(time));
        }
        if triage.stale.is_some() {
            said.push_str("; STALE: evidence grew since");
        }
        if !triage.conflict.is_empty() {
            said.push_str("; CONFLICT: verdicts contradict each other");
        }
        self.row("triage", &said)?;
        for note in &triage.notes {
            for (index, part) in paragraph(&words::note(note)).as_str().lines().enumerate() {
                self.row(if index == 0 { "note" } else { "" }, part)?;
            }
        }
        Ok(())
    }

    fn summary(&mut self, report: &Report<'_>, items: &[Item]) -> io::Result<()> {
        let timeline = report.timeline;
        let open = items.iter().filter(|item| item.triage.is_open()).count();
        let closed = items
            .iter()
            .filter(|item| item.triage.state == State::Closed)
            .count();
        let mut said = format!(
            "{} in {} from {} and {}",
            count(items.len(), "alert"),
            count(timeline.len(), "event"),
            count(timeline.hosts().len(), "host"),
            count(timeline.sources().len(), "source"),
        );
        if closed > 0 {
            said.push_str(&format!("; {open} open, {closed} closed"));
        }
        let damaged = timeline
            .sources()
            .iter()
            .filter(|source| !source.damage.is_empty())
            .count();
        if damaged > 0 {
            said.push_str(&format!("; {} not read in full", count(damaged, "source")));
        }
        let unusual: u64 = timeline
            .sources()
            .iter()
            .map(|source| source.read_in_full)
            .sum();
        if unusual > 0 {
            let records = count(usize::try_from(unusual).unwrap_or(usize::MAX), "record");
            said.push_str(&format!(
                "; {records} of an unusual shape left to the full reader"
            ));
        }
        writeln!(self.out, "{said}")
    }

    fn row(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.painted_row(label, text, Style::new())
    }

    fn painted_row(&mut self, label: &str, text: &str, style: Style) -> io::Result<()> {
        let shown = brief(text, LONGEST);
        let lines = match self.plain.width {
            Some(width) => wrap(&shown, width.saturating_sub(LABEL + 2).max(20)),
            None => vec![shown.as_str().to_owned()],
        };
        for (index, part) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint(Style::new().dimmed(), &format!("  {label:<LABEL$}"));
            writeln!(self.out, "{label}{}", self.paint(style, part))?;
        }
        Ok(())
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.plain.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

fn badge_style(severity: Severity) -> Style {
    let style = Style::new().bold();
    match severity {
        Severity::Critical => style
            .fg_color(Some(AnsiColor::White.into()))
            .bg_color(Some(AnsiColor::Red.into())),
        Severity::High => style.fg_color(Some(AnsiColor::Red.into())),
        Severity::Medium => style.fg_color(Some(AnsiColor::Yellow.into())),
        Severity::Low => style.fg_color(Some(AnsiColor::Cyan.into())),
        Severity::Info => Style::new().dimmed(),
    }
}

fn leaning(leaning: Leaning) -> &'static str {
    match leaning {
        Leaning::Admin => "leans towards an administrator",
        Leaning::Attacker => "leans towards an attacker",
        Leaning::Undetermined => "leans neither way",
    }
}

/// "1 alert", "2 alerts".
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
