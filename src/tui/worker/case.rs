//! The case file: one thread has it, takes orders one after the other, and says "saved" only when
//! it is on the disk.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;

use super::{Answers, Task};
use crate::case::{Case, CaseError, Decision, EntryId, Fault, KnownActivity, Refusal, Triage};
use crate::evidence::lies_in;
use crate::investigate::{Alert, Snapshot};
use crate::report::{Format, Options, Report};
use crate::tui::message::{CaseAnswer, CaseOrder, ExportOrder, Message};
use crate::tui::model::Scope;

/// Lines of an export that a preview shows.
const PREVIEW: usize = 200;

/// What was decided so far, without writing anything.
fn look_only(task: &Task) -> Result<Case, CaseError> {
    match Case::open_read_only(&task.case) {
        Err(CaseError::NotFound { .. }) => Case::in_memory(&task.author),
        opened => opened,
    }
}

/// Opens the case and works until nobody can send orders any more.
pub(super) fn work(task: &Task, inbox: &Receiver<CaseOrder>, answers: &Answers) {
    let answer = |answer| answers.send(Message::Case(answer));
    let opened = if task.keeps_case {
        Case::open_or_create(&task.case, &task.author)
    } else {
        look_only(task)
    };
    let mut case = match opened {
        Ok(case) => case,
        Err(error) => {
            let reason = error.to_string();
            answer(CaseAnswer::Unusable(reason.clone()));
            for _ in inbox {
                answer(CaseAnswer::NotSaved(reason.clone()));
            }
            return;
        }
    };
    case.set_environment(task.environment.clone());
    let waiting = answers.clone();
    case.set_on_wait(move |_| waiting.send(Message::Case(CaseAnswer::Waiting)));
    answer(if task.keeps_case {
        CaseAnswer::Opened {
            path: case.path().to_owned(),
        }
    } else {
        CaseAnswer::Unusable("nothing is kept (--no-state): no decision can be saved".to_owned())
    });
    let mut snapshot = Snapshot::default();
    for order in inbox {
        match order {
            CaseOrder::Review(new) => {
                snapshot = new;
                // what decisions rest on is recorded with the first of them
                case.set_evidence(snapshot.timeline.sources());
                let known = case.known_activity(&snapshot.alerts);
                answer(CaseAnswer::Triage(triage(&case, &snapshot), known));
            }
            CaseOrder::Hashed => {
                case.set_evidence(snapshot.timeline.sources());
                answer(match case.complete_evidence() {
                    Ok(_) => CaseAnswer::Hashed,
                    Err(error) => CaseAnswer::NotSaved(error.to_string()),
                });
            }
            CaseOrder::Decide { alerts, decision } => {
                answer(decide(&mut case, &snapshot, &alerts, decision));
            }
            CaseOrder::Note {
                alerts,
                markdown,
                replaces,
            } => {
                let replaces = replaces.as_ref();
                answer(note(&mut case, &snapshot, &alerts, &markdown, replaces));
            }
            CaseOrder::Know { alert, rule } => {
                answer(know(&mut case, &snapshot, &alert, *rule));
            }
            CaseOrder::EditKnown { id, rule } => {
                let name = rule.name.clone();
                let edited = case.edit_known(&id, *rule).map(|_| name);
                answer(done(&case, &snapshot, "rule changed", edited));
            }
            CaseOrder::RevokeKnown { id, reason } => {
                let revoked = case.revoke_known(&id, &reason).map(|_| reason);
                answer(done(&case, &snapshot, "rule revoked", revoked));
            }
            CaseOrder::Write { file, text } => {
                let written = write_new(&file, &text, &task.evidence);
                answer(CaseAnswer::Exported(written.map(|()| file)));
            }
            CaseOrder::Undo => {
                let undone = case.undo();
                answer(done(
                    &case,
                    &snapshot,
                    "taken back",
                    undone.map(|entries| {
                        entries
                            .first()
                            .map(|entry| entry.summary())
                            .unwrap_or_default()
                    }),
                ));
            }
            CaseOrder::Redo => {
                let redone = case.redo();
                answer(done(
                    &case,
                    &snapshot,
                    "made again",
                    redone.map(|entries| {
                        entries
                            .first()
                            .map(|entry| entry.summary())
                            .unwrap_or_default()
                    }),
                ));
            }
            CaseOrder::Preview(order) => {
                let text = text(&case, &snapshot, &order);
                let lines =
                    text.map(|text| text.lines().take(PREVIEW).map(str::to_owned).collect());
                answer(CaseAnswer::Preview {
                    job: order.job,
                    lines,
                });
            }
            CaseOrder::Export(order) => {
                // a report names the evidence by its hashes
                for source in snapshot.timeline.sources() {
                    let _ = source.hash(&mut |_| true);
                }
                let written = text(&case, &snapshot, &order)
                    .and_then(|text| write_new(&order.file, &text, &task.evidence));
                answer(CaseAnswer::Exported(written.map(|()| order.file)));
            }
        }
    }
}

fn triage(case: &Case, snapshot: &Snapshot) -> Vec<Triage> {
    snapshot
        .alerts
        .iter()
        .map(|alert| case.triage(alert))
        .collect()
}

fn named<'s>(snapshot: &'s Snapshot, ids: &[String]) -> Vec<&'s Alert> {
    snapshot
        .alerts
        .iter()
        .filter(|alert| ids.contains(&alert.id))
        .collect()
}

fn refused(refusal: Refusal) -> CaseAnswer {
    CaseAnswer::Refused(named_faults(refusal.faults))
}

fn named_faults(faults: Vec<Fault>) -> Vec<(String, String)> {
    let named = faults.into_iter().map(|fault| (fault.field, fault.what));
    named.collect()
}

fn failed(error: CaseError) -> CaseAnswer {
    match error {
        CaseError::Refused(refusal) => refused(refusal),
        CaseError::KnownRefused { faults } => CaseAnswer::Refused(named_faults(faults)),
        other => CaseAnswer::NotSaved(other.to_string()),
    }
}

fn done(
    case: &Case,
    snapshot: &Snapshot,
    how: &str,
    result: Result<String, CaseError>,
) -> CaseAnswer {
    match result {
        Ok(what) => saved(case, snapshot, format!("{how}: {what}")),
        Err(error) => failed(error),
    }
}

fn saved(case: &Case, snapshot: &Snapshot, what: String) -> CaseAnswer {
    CaseAnswer::Saved {
        what,
        triage: triage(case, snapshot),
        known: case.known_activity(&snapshot.alerts),
    }
}

fn know(case: &mut Case, snapshot: &Snapshot, id: &str, rule: KnownActivity) -> CaseAnswer {
    let Some(alert) = snapshot.alerts.iter().find(|alert| alert.id == id) else {
        return CaseAnswer::NotSaved(GONE.to_owned());
    };
    let name = rule.name.clone();
    let made = case.know(alert, rule).map(|_| name);
    done(case, snapshot, "rule", made)
}

/// Why nothing was saved when the evidence no longer gives an alert.
const GONE: &str = "the alert is no longer among those loaded";

fn decide(case: &mut Case, snapshot: &Snapshot, ids: &[String], decision: Decision) -> CaseAnswer {
    let alerts = named(snapshot, ids);
    let word = decision.transition.title().to_lowercase();
    let decided = match alerts.as_slice() {
        [] => return CaseAnswer::NotSaved(GONE.to_owned()),
        [alert] => case.decide(alert, decision).map(|_| word),
        more => {
            let named: Vec<&str> = ids.iter().map(String::as_str).collect();
            match case.decide_all(more, &decision, &named) {
                Ok(result) if result.saved.is_empty() => match result.left_out.into_iter().next() {
                    Some((_, refusal)) => return refused(refusal),
                    None => Ok(word),
                },
                Ok(result) if result.left_out.is_empty() => {
                    Ok(format!("{word}, {} alerts", result.saved.len()))
                }
                Ok(result) => {
                    let out: Vec<&str> =
                        result.left_out.iter().map(|(id, _)| id.as_str()).collect();
                    Ok(format!(
                        "{word}, {} alerts; left out: {}",
                        result.saved.len(),
                        out.join(", ")
                    ))
                }
                Err(error) => Err(error),
            }
        }
    };
    match decided {
        Ok(what) => saved(case, snapshot, what),
        Err(error) => failed(error),
    }
}

fn note(
    case: &mut Case,
    snapshot: &Snapshot,
    ids: &[String],
    markdown: &str,
    replaces: Option<&EntryId>,
) -> CaseAnswer {
    let alerts = named(snapshot, ids);
    if alerts.is_empty() {
        return CaseAnswer::NotSaved(GONE.to_owned());
    }
    for alert in &alerts {
        let saved = match replaces {
            Some(earlier) => case.edit_note(alert, earlier, markdown),
            None => case.note(alert, markdown),
        };
        if let Err(error) = saved {
            return failed(error);
        }
    }
    let what = match (alerts.len(), replaces) {
        (_, Some(_)) if markdown.is_empty() => "note removed".to_owned(),
        (_, Some(_)) => "note changed".to_owned(),
        (1, None) => "note".to_owned(),
        (more, None) => format!("note to {more} alerts"),
    };
    saved(case, snapshot, what)
}

/// The report that an order asks for: the same bytes as `dualuse export` writes.
fn text(case: &Case, snapshot: &Snapshot, order: &ExportOrder) -> Result<String, String> {
    let format = Format::from_word(&order.format)
        .ok_or_else(|| format!("there is no format `{}`", order.format))?;
    let chosen: Vec<Alert> = snapshot
        .alerts
        .iter()
        .filter(|alert| match order.scope {
            Scope::All => true,
            Scope::Marked | Scope::One => order.alerts.contains(&alert.id),
            Scope::Worked => !case.triage(alert).history.is_empty(),
        })
        .cloned()
        .collect();
    let report = Report {
        timeline: &snapshot.timeline,
        alerts: &chosen,
        case,
        options: Options {
            show_secrets: order.show_secrets,
            ..Options::default()
        },
    };
    report.to_text(format).map_err(|error| error.to_string())
}

/// Writes a new file; one that is there already stays as it is, and nothing is written beside
/// evidence.
fn write_new(path: &Path, text: &str, evidence: &[PathBuf]) -> Result<(), String> {
    if let Some(given) = lies_in(path, evidence) {
        return Err(format!(
            "this lies in the evidence ({}), where nothing is written; name a place outside",
            given.display()
        ));
    }
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!("{} is there already; name another file", path.display())
        }
        _ => format!("{}: {error}", path.display()),
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(fail)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(fail)
}
