//! `dualuse case`: show, verify, merge and find case files.

mod merge;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Outcome;
use super::arguments::{Case as Arguments, CaseAction};
use super::output::Output;
use crate::case::{
    Act, Case, Entry, EvidenceCheck, EvidenceSource, Verification, completes_entry, default_path,
    unhashed,
};
use crate::evidence::discover::discover;
use crate::evidence::{SourceReport, open, sha256_of};
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
            let rest = unhashed(sources).len();
            if rest > 0 {
                let later = case
                    .log()
                    .iter()
                    .find(|later| completes_entry(later, entry));
                let how = match later {
                    Some(later) => format!("see {} for them", later.id.short()),
                    None => "and are not known to this day".to_owned(),
                };
                writeln!(out, "    {rest} hashes were not computed yet, {how}")?;
            }
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
    let recorded = recorded(&case);
    let unhashed = unhashed(&recorded);
    let evidence = (!evidence.is_empty())
        .then(|| check_evidence(&recorded, evidence))
        .transpose()?;
    let all_there = evidence
        .as_ref()
        .is_none_or(|check| check.missing.is_empty() && check.without_hash == 0);
    let whole = verification.is_whole() && missing.is_empty() && all_there;
    if json {
        to_json(
            &serde_json::json!({ "whole": whole, "chain": verification, "missing": missing, "unhashed": unhashed, "evidence": evidence }),
            out,
        )?;
    } else {
        say(path, &verification, &missing, out)?;
        say_custody(&recorded, &unhashed, out)?;
        if let Some(check) = &evidence {
            say_evidence(check, out)?;
        }
    }
    Ok(if whole { Outcome::Done } else { Outcome::Found })
}

/// Hashes files, and the logs in archives, and holds them against all evidence that the log
/// records.
fn check_evidence(
    recorded: &[EvidenceSource],
    inputs: &[PathBuf],
) -> anyhow::Result<EvidenceCheck> {
    let found = discover(inputs);
    if let Some(error) = found.errors.into_iter().next() {
        return Err(error.into());
    }
    let mut hashes: Vec<String> = Vec::new();
    for file in &found.files {
        let mut is_whole_file = false;
        for source in open(file).into_iter().flatten() {
            let report = SourceReport::from(&source);
            report
                .hash(&mut |_| true)
                .with_context(|| report.path.display().to_string())?;
            hashes.extend(report.sha256.get().map(str::to_owned));
            is_whole_file |= report.path == *file;
        }
        // What is no log is recorded too.
        if !is_whole_file {
            hashes.push(sha256_of(file).with_context(|| file.display().to_string())?);
        }
    }
    Ok(EvidenceCheck::of(recorded, &hashes))
}

/// Every source that the log records, as it was recorded.
fn recorded(case: &Case) -> Vec<EvidenceSource> {
    let mut recorded: Vec<EvidenceSource> = Vec::new();
    for entry in case.log() {
        if let Act::Evidence { sources } = &entry.content.act {
            recorded.extend(sources.iter().cloned());
        }
    }
    recorded.sort();
    recorded.dedup();
    recorded
}

/// Of how much recorded evidence it can be shown which bytes it was.
fn say_custody(
    recorded: &[EvidenceSource],
    unhashed: &[&EvidenceSource],
    out: &mut Output,
) -> anyhow::Result<()> {
    let hashed = recorded.iter().filter(|source| source.sha256.is_some());
    writeln!(
        out,
        "  evidence recorded with SHA-256: {} sources",
        hashed.count()
    )?;
    if unhashed.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "  evidence recorded without: {} sources, known by path, size and counts only; open the case with them again until all is hashed",
        unhashed.len()
    )?;
    for source in unhashed {
        writeln!(out, "    {}  {} bytes", line(&source.path), source.bytes)?;
    }
    Ok(())
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
