//! `triage decide`: decisions from options or from JSON.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{find, form::transition};
use crate::case::{Case, CaseError, Decision, EntryId, Fault, State, Transition};
use crate::cli::Outcome;
use crate::cli::arguments::Decide;
use crate::cli::evidence::{Findings, case_path, examine_to_decide};
use crate::cli::output::Output;
use crate::event::same_host;
use crate::investigate::{Alert, EventRef};
use crate::report::to_json_line;
use crate::text::line;

/// A decision as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    alert: String,
    transition: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    cite: Vec<String>,
    #[serde(default)]
    acknowledged: BTreeMap<String, String>,
}

/// What became of one decision, as JSON.
#[derive(Serialize)]
struct Answer {
    alert: String,
    /// The entry, when it was saved.
    saved: Option<EntryId>,
    /// Where the alert stands now; `null` when the evidence has no such alert.
    state: Option<State>,
    /// Everything that is missing, when it was refused.
    refused: Vec<Fault>,
}

pub(super) fn run(arguments: &Decide, out: &mut Output) -> anyhow::Result<Outcome> {
    let evidence = &arguments.evidence.evidence;
    case_path(evidence, &arguments.case)?;
    let findings = examine_to_decide(&arguments.evidence)?;
    let mut case = findings.case_for_writing(evidence, &arguments.case)?;
    let all_saved = match &arguments.json {
        Some(file) => from_json(file, &findings, &mut case, out)?,
        None => from_options(arguments, &findings, &mut case, out)?,
    };
    Ok(if all_saved {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

/// Decisions as a stream of JSON objects, or one list of them. Each is saved by itself and
/// answered at once on a line of its own; a refused one does not hold up the others.
fn from_json(
    file: &Path,
    findings: &Findings,
    case: &mut Case,
    out: &mut Output,
) -> anyhow::Result<bool> {
    let mut input = open(file)?;
    let mut all_saved = true;
    let mut carry_out = |order: &Order| -> anyhow::Result<()> {
        let answer = carry_out(order, findings, case)?;
        all_saved &= answer.saved.is_some();
        to_json_line(&answer, out)?;
        Ok(out.flush()?)
    };
    let is_list = loop {
        match input.fill_buf()?.first().copied() {
            Some(byte) if byte.is_ascii_whitespace() => input.consume(1),
            first => break first == Some(b'['),
        }
    };
    if is_list {
        let orders: Vec<Order> =
            serde_json::from_reader(input).context("the decisions are not right")?;
        orders.iter().try_for_each(carry_out)?;
    } else {
        let orders = serde_json::Deserializer::from_reader(input).into_iter::<Order>();
        for (order, number) in orders.zip(1..) {
            carry_out(&order.with_context(|| format!("decision {number} is not right"))?)?;
        }
    }
    Ok(all_saved)
}

/// Saves one order, or says what is wrong with it.
///
/// # Errors
/// What would fail for the others too: the case cannot be written.
fn carry_out(order: &Order, findings: &Findings, case: &mut Case) -> anyhow::Result<Answer> {
    let alert = match find(findings, &order.alert) {
        Ok(alert) => alert,
        Err(error) => {
            return Ok(Answer {
                alert: order.alert.clone(),
                saved: None,
                state: None,
                refused: vec![fault("alert", &error)],
            });
        }
    };
    match (transition(&order.transition), cited(alert, &order.cite)) {
        (Ok(transition), Ok(events)) => {
            let mut decision = Decision::new(transition);
            decision.fields.clone_from(&order.fields);
            decision.acknowledged.clone_from(&order.acknowledged);
            decision.events = events;
            decide(alert, decision, case)
        }
        (transition, events) => {
            let faults = [
                transition.err().map(|error| fault("transition", &error)),
                events.err().map(|error| fault("cite", &error)),
            ];
            Ok(Answer {
                alert: alert.id.clone(),
                saved: None,
                state: Some(case.triage(alert).state),
                refused: faults.into_iter().flatten().collect(),
            })
        }
    }
}

fn fault(field: &str, error: &anyhow::Error) -> Fault {
    Fault {
        field: field.to_owned(),
        what: error.to_string(),
    }
}

fn decide(alert: &Alert, decision: Decision, case: &mut Case) -> anyhow::Result<Answer> {
    let (saved, refused) = match case.decide(alert, decision) {
        Ok(entry) => (Some(entry.id.clone()), Vec::new()),
        Err(CaseError::Refused(refusal)) => (None, refusal.faults),
        Err(error) => return Err(error.into()),
    };
    Ok(Answer {
        alert: alert.id.clone(),
        saved,
        state: Some(case.triage(alert).state),
        refused,
    })
}

/// One alert is decided; several make one bulk decision in which each is named.
fn from_options(
    arguments: &Decide,
    findings: &Findings,
    case: &mut Case,
    out: &mut Output,
) -> anyhow::Result<bool> {
    let mut decision = begin(arguments, findings, case)?;
    decision.fields.extend(pairs("--set", &arguments.set)?);
    for pair in &arguments.acknowledge {
        let (flag, why) = pair.split_once('=').unwrap_or((pair, ""));
        decision
            .acknowledged
            .insert(flag.to_owned(), why.to_owned());
    }
    let alerts: Vec<&Alert> = arguments
        .alert
        .iter()
        .map(|id| find(findings, id))
        .collect::<anyhow::Result<_>>()?;
    let answers = match alerts.as_slice() {
        [alert] => {
            decision.events = cited(alert, &arguments.cite)?;
            vec![decide(alert, decision, case)?]
        }
        alerts if arguments.cite.iter().all(|cite| cite == "all") => bulk(alerts, &decision, case)?,
        _ => anyhow::bail!(
            "several alerts cite their own sightings: leave --cite out, or write --cite all"
        ),
    };
    for answer in &answers {
        say(answer, out)?;
    }
    Ok(answers.iter().all(|answer| answer.saved.is_some()))
}

/// The empty form of a transition, or the one that an owner's answer fills in.
fn begin(arguments: &Decide, findings: &Findings, case: &Case) -> anyhow::Result<Decision> {
    let word = arguments.transition.as_deref();
    let Some(answer) = &arguments.answer else {
        return Ok(Decision::new(transition(word.unwrap_or_default())?));
    };
    let attributes = word.is_none_or(|word| word == Transition::AdminAttributed.word());
    let [id] = arguments.alert.as_slice() else {
        anyhow::bail!("--answer goes with one alert");
    };
    anyhow::ensure!(
        attributes,
        "--answer leads to admin-attributed; for another verdict leave it out and fill in the fields"
    );
    Decision::answered(&case.triage(find(findings, id)?), answer)
        .with_context(|| format!("{id}: nobody was asked about it; `dualuse triage ask` does"))
}

/// `FIELD=VALUE` pairs of an option.
pub(in crate::cli) fn pairs(
    option: &str,
    written: &[String],
) -> anyhow::Result<BTreeMap<String, String>> {
    written
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((field, value)) => Ok((field.to_owned(), value.to_owned())),
            None => anyhow::bail!("{option} {pair}: write NAME=VALUE"),
        })
        .collect()
}

fn bulk(alerts: &[&Alert], decision: &Decision, case: &mut Case) -> anyhow::Result<Vec<Answer>> {
    let named: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    let mut result = case.decide_all(alerts, decision, &named)?;
    let mut saved = result.saved.into_iter();
    let answers = alerts.iter().map(|alert| {
        let refused = result.left_out.iter().position(|(id, _)| *id == alert.id);
        let refused = refused.map(|at| result.left_out.remove(at).1.faults);
        Answer {
            alert: alert.id.clone(),
            saved: if refused.is_none() {
                saved.next().map(|entry| entry.id.clone())
            } else {
                None
            },
            state: Some(case.triage(alert).state),
            refused: refused.unwrap_or_default(),
        }
    });
    Ok(answers.collect())
}

/// A file, or standard input for `-`.
fn open(file: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    Ok(Box::new(std::io::BufReader::new(opened)))
}

/// The records that `[HOST/]CHANNEL/RECORD` or `all` mean, among those that the alert cites.
fn cited(alert: &Alert, cites: &[String]) -> anyhow::Result<Vec<EventRef>> {
    let mut events: Vec<EventRef> = Vec::new();
    for cite in cites {
        let found: Vec<&EventRef> = if cite == "all" {
            alert
                .sightings
                .iter()
                .map(|sighting| &sighting.event)
                .collect()
        } else {
            records(alert)
                .filter(|event| is_meant(event, cite))
                .collect()
        };
        anyhow::ensure!(
            !found.is_empty(),
            "--cite {cite}: the alert has no such record; write [HOST/]CHANNEL/RECORD as `dualuse triage show` lists them, or all"
        );
        for event in found {
            if !events
                .iter()
                .any(|known| known.content_key() == event.content_key())
            {
                events.push(event.clone());
            }
        }
    }
    Ok(events)
}

fn records(alert: &Alert) -> impl Iterator<Item = &EventRef> {
    let signals = alert.signals.iter().flat_map(|signal| &signal.events);
    let logon = alert.logon.iter().filter_map(|logon| logon.event.as_ref());
    alert.evidence().chain(signals).chain(logon)
}

/// Whether `[HOST/]CHANNEL/RECORD` means this record. Channel names may hold slashes.
fn is_meant(event: &EventRef, cite: &str) -> bool {
    let Some((place, record)) = cite.rsplit_once('/') else {
        return false;
    };
    let number = event
        .record_id
        .or(event.line)
        .map(|number| number.to_string());
    if number.as_deref() != Some(record) {
        return false;
    }
    place.eq_ignore_ascii_case(&event.channel)
        || place.split_once('/').is_some_and(|(host, channel)| {
            same_host(host, &event.host) && channel.eq_ignore_ascii_case(&event.channel)
        })
}

fn say(answer: &Answer, out: &mut Output) -> anyhow::Result<()> {
    let alert = line(&answer.alert);
    let state = answer.state.map_or("unknown", State::word);
    match &answer.saved {
        Some(entry) => writeln!(out, "saved {}: {alert} is {state}", entry.short())?,
        None => writeln!(out, "refused: {alert} stays {state}")?,
    }
    for fault in &answer.refused {
        writeln!(out, "  {}: {}", line(&fault.field), line(&fault.what))?;
    }
    Ok(())
}
