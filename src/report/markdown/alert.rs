//! The section of one alert.

use std::io::{self, Write};

use crate::case::{Decided, FieldKind};
use crate::event::same_host;
use crate::investigate::Leaning;
use crate::report::model::Item;
use crate::report::words::{self, NOT_KNOWN};
use crate::text::{markdown as escape, markdown_code as code, markdown_quote};

pub(super) fn write(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let alert = &item.alert;
    writeln!(
        out,
        "### {} ({})\n",
        escape(&alert.title),
        escape(&alert.id)
    )?;
    verdict(item, out)?;
    let client = words::client(alert);
    let logon = words::logon(alert);
    let facts = [
        (
            "When",
            format!("{} to {}", alert.first_time, alert.last_time),
        ),
        ("Where", alert.host.clone()),
        ("Who", words::who(alert)),
        ("From", words::source(alert)),
        ("Client", client.unwrap_or_else(|| NOT_KNOWN.to_owned())),
        ("Logon", logon.unwrap_or_else(|| NOT_KNOWN.to_owned())),
        (
            "Service",
            words::service(alert).unwrap_or_else(|| NOT_KNOWN.to_owned()),
        ),
    ];
    for (label, fact) in facts {
        writeln!(out, "- **{label}:** {}", escape(&fact))?;
    }
    let certainty = words::word(&alert.certainty);
    writeln!(
        out,
        "- **Tool:** {} ({certainty}), severity {}, score {:+}, leaning: {}\n",
        escape(&alert.tool),
        words::word(&alert.severity),
        alert.score,
        words::word(&alert.leaning)
    )?;
    ran(item, out)?;
    signals(item, Leaning::Attacker, "For an attacker", out)?;
    signals(item, Leaning::Admin, "For an administrator", out)?;
    for note in &item.triage.notes {
        writeln!(
            out,
            "**Note** by {}, {}:\n",
            escape(&note.author),
            note.time
        )?;
        writeln!(out, "{}\n", markdown_quote(&note.markdown))?;
    }
    Ok(())
}

fn verdict(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let triage = &item.triage;
    for entry in &triage.conflict {
        if let Some(decided) = entry.decided() {
            writeln!(
                out,
                "- **Conflict:** {} said {} at {}",
                escape(&entry.content.author),
                decided.decision.transition,
                entry.content.time
            )?;
        }
    }
    let Some(entry) = &triage.decided else {
        let state = if triage.conflict.is_empty() {
            "nobody has decided yet"
        } else {
            "not settled"
        };
        return writeln!(out, "- **State:** {}, {state}", triage.state);
    };
    writeln!(
        out,
        "- **State:** {} by {}, {}",
        verdict_words(item),
        escape(&entry.content.author),
        entry.content.time
    )?;
    if let Some(stale) = &triage.stale {
        let what = format!(
            "{} new events, {} new signals",
            stale.events.len(),
            stale.signals.len()
        );
        writeln!(
            out,
            "- **Stale:** the evidence grew after the verdict: {what}"
        )?;
    }
    let Some(decided) = entry.decided() else {
        return Ok(());
    };
    fields(item, decided, out)?;
    for event in &decided.decision.events {
        let cited = format!(
            "{} on {} at {}",
            words::citation(event),
            event.host,
            event.time
        );
        writeln!(out, "- **Evidence:** {}", escape(&cited))?;
    }
    for flag in &decided.red_flags {
        let why = decided
            .decision
            .acknowledged
            .get(&flag.id)
            .map_or("", |why| why.trim());
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {}", escape(why))
        };
        writeln!(
            out,
            "- **Red flag acknowledged:** {}{why}",
            escape(&flag.what)
        )?;
    }
    Ok(())
}

fn verdict_words(item: &Item) -> String {
    match (item.triage.disposition, &item.triage.outcome) {
        (Some(disposition), Some(outcome)) => format!("{disposition}, outcome {}", escape(outcome)),
        (Some(disposition), None) => disposition.to_string(),
        (None, _) => item.triage.state.to_string(),
    }
}

/// The fields under their labels. An outcome is shown with the fields of its escalation.
fn fields(item: &Item, decided: &Decided, out: &mut dyn Write) -> io::Result<()> {
    let mut specs: Vec<_> = decided.decision.transition.fields().iter().collect();
    if let Some(disposition) = item.triage.disposition {
        let transition = crate::case::Transition::from(disposition);
        if transition != decided.decision.transition {
            specs.splice(
                0..0,
                transition
                    .fields()
                    .iter()
                    .filter(|spec| spec.id != "comment"),
            );
        }
    }
    let mut fields = item.triage.fields.clone();
    for spec in specs
        .into_iter()
        .filter(|spec| spec.kind != FieldKind::Events)
    {
        if let Some(value) = fields.remove(spec.id) {
            let choice = spec.choices().iter().find(|choice| choice.id == value);
            let said = choice.map_or(value.as_str(), |choice| choice.label);
            writeln!(out, "- **{}:** {}", spec.label, escape(said))?;
        }
    }
    Ok(())
}

fn ran(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let tree = words::tree(&item.alert);
    if tree.is_empty() {
        return Ok(());
    }
    writeln!(out, "Processes:\n")?;
    for branch in tree {
        let process = branch.process;
        let mut said = code(&words::command(process));
        if let Some(account) = &process.account {
            said.push_str(&format!(" as {}", escape(account)));
        }
        if !same_host(&process.host, &item.alert.host) {
            said.push_str(&format!(" on {}", escape(&process.host)));
        }
        if let Some(started) = process.started {
            said.push_str(&format!(", {started}"));
        }
        writeln!(out, "{}- {said}", "  ".repeat(branch.depth.min(20)))?;
    }
    writeln!(out)
}

fn signals(item: &Item, leaning: Leaning, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut signals = item
        .alert
        .signals
        .iter()
        .filter(|signal| signal.leans == leaning)
        .peekable();
    if signals.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{title}:\n")?;
    for signal in signals {
        let weight = if leaning == Leaning::Admin {
            -signal.weight
        } else {
            signal.weight
        };
        let events: Vec<String> = signal.events.iter().take(5).map(words::citation).collect();
        let shown = if events.is_empty() {
            String::new()
        } else {
            format!(" [{}]", events.join(", "))
        };
        writeln!(
            out,
            "- {weight:+} {}",
            escape(&format!("{}{shown}", signal.what))
        )?;
    }
    writeln!(out)
}
