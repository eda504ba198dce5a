//! The section of one alert.

use std::io::{self, Write};

use crate::case::spelled_out;
use crate::event::same_host;
use crate::investigate::Leaning;
use crate::report::content::{self, verdict};
use crate::report::model::Item;
use crate::report::words;
use crate::text::{markdown as escape, markdown_code as code, markdown_quote};

pub(super) fn write(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let alert = &item.alert;
    writeln!(
        out,
        "### {} ({})\n",
        escape(&alert.title),
        escape(&alert.id)
    )?;
    for (label, text) in verdict::lines(item) {
        writeln!(out, "- **{label}:** {}", escape(&text))?;
    }
    for (label, fact) in content::facts(alert) {
        writeln!(out, "- **{label}:** {}", escape(&fact))?;
    }
    writeln!(out)?;
    ran(item, out)?;
    signals(item, Leaning::Attacker, "For an attacker", out)?;
    signals(item, Leaning::Admin, "For an administrator", out)?;
    signals(item, Leaning::Undetermined, "For neither side", out)?;
    for note in &item.triage.notes {
        let said = spelled_out(&note.markdown, escape);
        writeln!(out, "**Note** by {}:\n", escape(&words::note_author(note)))?;
        writeln!(out, "{}\n", markdown_quote(&said))?;
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
        if branch.depth == 0 && !same_host(&process.host, &item.alert.host) {
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
    let reasons = content::reasons(&item.alert, leaning);
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:\n")?;
    for (weight, what) in reasons {
        writeln!(out, "- {weight} {}", escape(&what))?;
    }
    writeln!(out)
}
