//! `dualuse known`: rules about known activity.

use std::collections::BTreeMap;
use std::io::Write;

use super::Outcome;
use super::arguments::{Known, KnownAction, Rule, Whose};
use super::evidence::{case_path, examine, examine_to_decide, say_waiting};
use super::output::Output;
use super::triage::{find, pairs, read_text};
use crate::case::{Case, CaseError, Entry, Fault, KnownActivity, KnownRule, Standing, author};
use crate::report::to_json;
use crate::text::line;

pub(super) fn run(arguments: Known, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        KnownAction::List {
            evidence,
            case,
            json,
        } => {
            let findings = examine(&evidence.evidence, &evidence.reading)?;
            let case = findings.case_for_reading(&evidence.evidence, &case)?;
            list(&case.known_activity(&findings.snapshot.alerts), json, out)
        }
        KnownAction::Add {
            evidence,
            case,
            alert,
            rule,
        } => {
            case_path(&evidence.evidence, &case)?;
            let findings = examine_to_decide(&evidence)?;
            let alert = find(&findings, &alert)?;
            let mut case = findings.case_for_writing(&evidence.evidence, &case)?;
            let known = match filled_in(KnownActivity::proposal(alert), &rule, BTreeMap::new())? {
                Ok(known) => known,
                Err(faults) => return refused(&faults, out),
            };
            match case.know(alert, known) {
                Ok(entry) => saved(&entry, out),
                Err(CaseError::KnownRefused { faults }) => refused(&faults, out),
                Err(error) => Err(error.into()),
            }
        }
        KnownAction::Edit {
            whose,
            rule,
            change,
        } => {
            let mut case = open(&whose)?;
            let known = named(&case, &rule)?;
            let fields = known.rule.to_fields();
            match filled_in(fields, &change, known.rule.accepted.clone())? {
                Ok(changed) => {
                    let changed = KnownActivity {
                        origin: known.rule.origin.clone(),
                        ..changed
                    };
                    saved(&*case.edit_known(&known.id, changed)?, out)
                }
                Err(faults) => refused(&faults, out),
            }
        }
        KnownAction::Revoke {
            whose,
            rule,
            reason,
        } => {
            anyhow::ensure!(!reason.trim().is_empty(), "--reason is empty; say why");
            let mut case = open(&whose)?;
            let known = named(&case, &rule)?;
            saved(&*case.revoke_known(&known.id, &reason)?, out)
        }
        KnownAction::Export(whose) => {
            let case = Case::open_read_only(&case_path(&whose.evidence, &whose.case)?)?;
            out.write_all(case.export_known()?.as_bytes())?;
            Ok(Outcome::Done)
        }
        KnownAction::Import { whose, file } => {
            let text = read_text(Some(&file))?;
            let origin = file.file_name().unwrap_or_default().to_string_lossy();
            let taken = open(&whose)?.import_known(&text, &origin)?;
            for entry in &taken {
                saved(entry, out)?;
            }
            writeln!(out, "{} rules taken in", taken.len())?;
            Ok(Outcome::Done)
        }
    }
}

fn open(whose: &Whose) -> anyhow::Result<Case> {
    let path = case_path(&whose.evidence, &whose.case)?;
    let mut case = Case::open_or_create(&path, &author(whose.case.author.as_deref()))?;
    case.set_on_wait(say_waiting);
    Ok(case)
}

/// A form with what the options say laid over it.
fn filled_in(
    mut fields: BTreeMap<String, String>,
    rule: &Rule,
    mut accepted: BTreeMap<String, String>,
) -> anyhow::Result<Result<KnownActivity, Vec<Fault>>> {
    fields.extend(pairs("--set", &rule.set)?);
    accepted.extend(pairs("--accept", &rule.accept)?);
    Ok(KnownActivity::from_fields(&fields).map(|known| KnownActivity { accepted, ..known }))
}

/// The rule in force whose id is or begins with `id`.
fn named(case: &Case, id: &str) -> anyhow::Result<KnownRule> {
    let mut meant: Vec<KnownRule> = case
        .known_activity(&[])
        .into_iter()
        .filter(|known| known.standing == Standing::InForce)
        .filter(|known| !id.is_empty() && known.id.as_str().starts_with(id))
        .collect();
    match (meant.pop(), meant.is_empty()) {
        (Some(known), true) => Ok(known),
        (Some(_), false) => anyhow::bail!("{id}: several rules begin so; give more of the id"),
        (None, _) => Err(CaseError::NoSuchRule.into()),
    }
}

fn list(rules: &[KnownRule], json: bool, out: &mut Output) -> anyhow::Result<Outcome> {
    if json {
        to_json(&rules, out)?;
        return Ok(Outcome::Done);
    }
    for known in rules {
        let rule = &known.rule;
        writeln!(out, "{}  {}", known.id.short(), line(&rule.name))?;
        writeln!(out, "    {}", line(&rule.scope.words()))?;
        match &known.standing {
            Standing::InForce => writeln!(out, "    {}", known.account())?,
            Standing::Revoked {
                author,
                time,
                reason,
            } => writeln!(
                out,
                "    REVOKED by {}, {time}: {}",
                line(author),
                line(reason)
            )?,
        }
        writeln!(
            out,
            "    by {}, {}; until {}: {}",
            line(&known.author),
            known.time,
            rule.expires,
            line(&rule.reason)
        )?;
        for (flag, why) in &rule.accepted {
            writeln!(out, "    accepts {}: {}", line(flag), line(why))?;
        }
    }
    Ok(Outcome::Done)
}

fn saved(entry: &Entry, out: &mut Output) -> anyhow::Result<Outcome> {
    let summary = entry.summary();
    writeln!(out, "saved {}: {}", entry.id.short(), line(&summary))?;
    Ok(Outcome::Done)
}

fn refused(faults: &[Fault], out: &mut Output) -> anyhow::Result<Outcome> {
    writeln!(out, "refused: the rule cannot be saved yet")?;
    for fault in faults {
        writeln!(out, "  {}: {}", line(&fault.field), line(&fault.what))?;
    }
    Ok(Outcome::Found)
}
