//! `dualuse case`: show, verify, merge and find case files.

mod merge;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Outcome;
use super::arguments::{Case as Arguments, CaseAction};
use super::output::Output;
use crate::case::{
    Act, Case, Entry, EvidenceCheck, EvidenceSource, Verification, default_path, sha256_of,
};
use crate::evidence::discover::discover;
use crate::report::to_json;
use crate::text::line;

pub(super) fn run(arguments: Arguments, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        CaseAction::Show { case, json } => show(&case, json, out),
        CaseAction::Verify {
            case,
            evidence,
            holds,
            json,
        } => verify(&case, &evidence, &holds, json, out),
        CaseAction::Merge {
            cases,
            output,
            json,
        } => merge::run(&cases, &output, json, out),
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
    match &content.act {
        Act::Note { markdown, .. } => {
            for part in markdown.lines() {
                writeln!(out, "    | {}", line(part))?;
            }
        }
        Act::Evidence { sources } => {
            for source in sources {
                writeln!(
                    out,
                    "    {}  {}  {} bytes, {} events",
                    source.sha256.as_deref().unwrap_or("(not hashed)"),
                    line(&source.path),
                    source.bytes,
                    source.events
                )?;
            }
        }
        Act::Known { rule, .. } => {
            writeln!(out, "    until {}: {}", rule.expires, line(&rule.reason))?;
        }
        _ => {}
    }
    Ok(())
}

fn verify(
    path: &Path,
    evidence: &[PathBuf],
    holds: &[String],
    json: bool,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    let case = Case::open_read_only(path)?;
    let verification = case.verify()?;
    let missing: Vec<&String> = holds
        .iter()
        .filter(|cited| !case.log().iter().any(|entry| is_cited(entry, cited)))
        .collect();
    let evidence = (!evidence.is_empty())
        .then(|| check_evidence(&case, evidence))
        .transpose()?;
    let all_there = evidence
        .as_ref()
        .is_none_or(|check| check.missing.is_empty() && check.without_hash == 0);
    let whole = verification.is_whole() && missing.is_empty() && all_there;
    if json {
        to_json(
            &serde_json::json!({ "whole": whole, "chain": verification, "missing": missing, "evidence": evidence }),
            out,
        )?;
    } else {
        say(path, &verification, &missing, out)?;
        if let Some(check) = &evidence {
            say_evidence(check, out)?;
        }
    }
    Ok(if whole { Outcome::Done } else { Outcome::Found })
}

/// Hashes files and holds them against all evidence that the log records.
fn check_evidence(case: &Case, inputs: &[PathBuf]) -> anyhow::Result<EvidenceCheck> {
    let found = discover(inputs);
    if let Some(error) = found.errors.into_iter().next() {
        return Err(error.into());
    }
    let hashes: Vec<String> = found
        .files
        .iter()
        .map(|file| sha256_of(file).with_context(|| file.display().to_string()))
        .collect::<anyhow::Result<_>>()?;
    let mut recorded: Vec<EvidenceSource> = Vec::new();
    for entry in case.log() {
        if let Act::Evidence { sources } = &entry.content.act {
            recorded.extend(sources.iter().cloned());
        }
    }
    recorded.sort();
    recorded.dedup();
    Ok(EvidenceCheck::of(&recorded, &hashes))
}

fn say_evidence(check: &EvidenceCheck, out: &mut Output) -> anyhow::Result<()> {
    writeln!(out, "  evidence: {} sources found by hash", check.found)?;
    for source in &check.missing {
        let hash = source.sha256.as_deref().unwrap_or("");
        writeln!(
            out,
            "  evidence MISSING or changed: {} ({} bytes, SHA-256 {hash})",
            line(&source.path),
            source.bytes
        )?;
    }
    if check.without_hash > 0 {
        writeln!(
            out,
            "  evidence: {} sources were recorded without a hash and cannot be checked",
            check.without_hash
        )?;
    }
    Ok(())
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
