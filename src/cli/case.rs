//! `dualuse case`: show, verify and find case files.

use std::io::Write;
use std::path::Path;

use super::Outcome;
use super::arguments::{Case as Arguments, CaseAction};
use super::output::Output;
use crate::case::{Case, Entry, Verification, default_path};
use crate::report::to_json;
use crate::text::line;

pub(super) fn run(arguments: Arguments, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        CaseAction::Show { case, json } => show(&case, json, out),
        CaseAction::Verify { case, holds, json } => verify(&case, &holds, json, out),
        CaseAction::Path { evidence } => {
            writeln!(out, "{}", default_path(&evidence)?.display())?;
            Ok(Outcome::Done)
        }
    }
}

fn show(path: &Path, json: bool, out: &mut Output) -> anyhow::Result<Outcome> {
    let case = Case::open_read_only(path)?;
    for entry in case.log() {
        if json {
            writeln!(out, "{}", entry.body())?;
        } else {
            show_entry(&case, entry, out)?;
        }
    }
    let broken = !case.verify()?.is_whole();
    if broken {
        super::output::warn(&format!(
            "{}: the log is broken, only entries that hold are shown; see `dualuse case verify {0}`",
            path.display()
        ));
    }
    Ok(if broken {
        Outcome::Found
    } else {
        Outcome::Done
    })
}

fn show_entry(case: &Case, entry: &Entry, out: &mut Output) -> anyhow::Result<()> {
    let content = &entry.content;
    let taken_back = if case.is_in_force(&entry.id) {
        ""
    } else {
        "  (taken back)"
    };
    writeln!(
        out,
        "{}  {}  {} on {}, {}{taken_back}",
        entry.id.short(),
        content.time,
        line(&content.author),
        line(&content.machine),
        line(&content.program)
    )?;
    writeln!(out, "    {}", line(&entry.summary()))?;
    if let Some(subject) = &content.subject {
        writeln!(
            out,
            "    alert {}: {}",
            line(&subject.alert),
            line(&subject.title)
        )?;
    }
    if let Some(decided) = entry.decided() {
        for (field, value) in &decided.decision.fields {
            writeln!(out, "    {}: {}", line(field), line(value))?;
        }
        for (flag, why) in &decided.decision.acknowledged {
            writeln!(
                out,
                "    red flag acknowledged: {} {}",
                line(flag),
                line(why)
            )?;
        }
    }
    if let crate::case::Act::Note { markdown, .. } = &content.act {
        for part in markdown.lines() {
            writeln!(out, "    | {}", line(part))?;
        }
    }
    Ok(())
}

fn verify(path: &Path, holds: &[String], json: bool, out: &mut Output) -> anyhow::Result<Outcome> {
    let case = Case::open_read_only(path)?;
    let verification = case.verify()?;
    let missing: Vec<&String> = holds
        .iter()
        .filter(|cited| !case.log().iter().any(|entry| is_cited(entry, cited)))
        .collect();
    let whole = verification.is_whole() && missing.is_empty();
    if json {
        to_json(
            &serde_json::json!({ "whole": whole, "chain": verification, "missing": missing }),
            out,
        )?;
    } else {
        say(path, &verification, &missing, out)?;
    }
    Ok(if whole { Outcome::Done } else { Outcome::Found })
}

/// Whether an entry is meant by all or the first digits of its name, at least eight.
fn is_cited(entry: &Entry, cited: &str) -> bool {
    cited.len() >= 8 && entry.id.as_str().starts_with(&cited.to_lowercase())
}

fn say(
    path: &Path,
    found: &Verification,
    missing: &[&String],
    out: &mut Output,
) -> anyhow::Result<()> {
    let path = path.display().to_string();
    let path = line(&path);
    if found.is_whole() && missing.is_empty() {
        writeln!(
            out,
            "{path}: whole, {} entries, every link holds",
            found.entries
        )?;
    } else {
        writeln!(out, "{path}: BROKEN, {} entries hold", found.entries)?;
    }
    for broken in &found.broken {
        writeln!(
            out,
            "  entry {} ({}): {}",
            broken.position,
            line(&broken.id),
            line(&broken.reason)
        )?;
    }
    for fault in &found.file_faults {
        writeln!(out, "  file: {}", line(fault))?;
    }
    for entry in missing {
        writeln!(out, "  no entry {} in this log", line(entry))?;
    }
    for head in &found.heads {
        writeln!(out, "  ends at {head}")?;
    }
    Ok(())
}
