//! `triage decide`: decisions from options or from JSON.

use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::{find, form::transition, read_text};
use crate::case::{Case, CaseError, Decision, EntryId, Fault, State};
use crate::cli::Outcome;
use crate::cli::arguments::Decide;
use crate::cli::evidence::{Findings, examine};
use crate::cli::output::Output;
use crate::event::same_host;
use crate::investigate::{Alert, EventRef};
use crate::report::to_json;
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

#[derive(Deserialize)]
#[serde(untagged)]
enum Orders {
    One(Order),
    Many(Vec<Order>),
}

/// What became of the decisions, as JSON.
#[derive(Default, Serialize)]
struct Answer {
    saved: Vec<Saved>,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Saved {
    alert: String,
    entry: EntryId,
    state: State,
}

#[derive(Serialize)]
struct Refused {
    alert: String,
    faults: Vec<Fault>,
}

pub(super) fn run(arguments: &Decide, out: &mut Output) -> anyhow::Result<Outcome> {
    let orders = match &arguments.json {
        Some(file) => from_json(&read_text(Some(file))?)?,
        None => Vec::new(),
    };
    let evidence = &arguments.evidence.evidence;
    let findings = examine(evidence, &arguments.evidence.reading)?;
    let mut case = findings.case_for_writing(evidence, &arguments.case)?;
    let answer = if arguments.json.is_some() {
        carry_out(&orders, &findings, &mut case)?
    } else {
        from_options(arguments, &findings, &mut case)?
    };
    if arguments.json.is_some() {
        to_json(&answer, out)?;
    } else {
        say(&answer, out)?;
    }
    Ok(if answer.refused.is_empty() {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

fn from_json(text: &str) -> anyhow::Result<Vec<Order>> {
    // Untagged enums hide what is wrong, so the shape is chosen first.
    let orders = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map(Orders::Many)
    } else {
        serde_json::from_str(text).map(Orders::One)
    };
    match orders {
        Ok(Orders::One(order)) => Ok(vec![order]),
        Ok(Orders::Many(orders)) => Ok(orders),
        Err(error) => anyhow::bail!("the decisions are not right: {error}"),
    }
}

/// Each decision is saved by itself; a refused one does not hold up the others.
fn carry_out(orders: &[Order], findings: &Findings, case: &mut Case) -> anyhow::Result<Answer> {
    let mut decisions = Vec::with_capacity(orders.len());
    for order in orders {
        let alert = find(findings, &order.alert)?;
        let mut decision = Decision::new(transition(&order.transition)?);
        decision.fields.clone_from(&order.fields);
        decision.acknowledged.clone_from(&order.acknowledged);
        decision.events = cited(&[alert], &order.cite)?;
        decisions.push((alert, decision));
    }
    let mut answer = Answer::default();
    for (alert, decision) in decisions {
        match case.decide(alert, decision) {
            Ok(entry) => answer.saved.push(Saved {
                alert: alert.id.clone(),
                entry: entry.id.clone(),
                state: case.triage(alert).state,
            }),
            Err(CaseError::Refused(refusal)) => {
                answer.refused.push(Refused {
                    alert: alert.id.clone(),
                    faults: refusal.faults,
                });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(answer)
}

/// One alert is decided; several make one bulk decision in which each is named.
fn from_options(
    arguments: &Decide,
    findings: &Findings,
    case: &mut Case,
) -> anyhow::Result<Answer> {
    let word = arguments.transition.as_deref().unwrap_or_default();
    let mut decision = Decision::new(transition(word)?);
    for pair in &arguments.set {
        let Some((field, value)) = pair.split_once('=') else {
            anyhow::bail!("--set {pair}: write FIELD=VALUE");
        };
        decision.fields.insert(field.to_owned(), value.to_owned());
    }
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
    if let [_] = alerts.as_slice() {
        decision.events = cited(&alerts, &arguments.cite)?;
    } else if !arguments.cite.iter().all(|cite| cite == "all") {
        anyhow::bail!(
            "several alerts cite their own sightings: leave --cite out, or write --cite all"
        );
    }
    let mut answer = Answer::default();
    let result = match alerts.as_slice() {
        [alert] => match case.decide(alert, decision) {
            Ok(entry) => crate::case::BulkResult {
                saved: vec![entry],
                left_out: Vec::new(),
            },
            Err(CaseError::Refused(refusal)) => crate::case::BulkResult {
                saved: Vec::new(),
                left_out: vec![(alert.id.clone(), refusal)],
            },
            Err(error) => return Err(error.into()),
        },
        alerts => {
            let named: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
            case.decide_all(alerts, &decision, &named)?
        }
    };
    for entry in result.saved {
        let alert = entry
            .content
            .subject
            .as_ref()
            .map_or_else(String::new, |subject| subject.alert.clone());
        let state = entry.decided().map_or(State::New, |decided| decided.to);
        answer.saved.push(Saved {
            alert,
            entry: entry.id.clone(),
            state,
        });
    }
    for (alert, refusal) in result.left_out {
        answer.refused.push(Refused {
            alert,
            faults: refusal.faults,
        });
    }
    Ok(answer)
}

/// The records that `[HOST/]CHANNEL/RECORD` or `all` mean, among those that the alerts cite.
fn cited(alerts: &[&Alert], cites: &[String]) -> anyhow::Result<Vec<EventRef>> {
    let mut events: Vec<EventRef> = Vec::new();
    for cite in cites {
        let found: Vec<&EventRef> = if cite == "all" {
            let sightings = alerts.iter().flat_map(|alert| &alert.sightings);
            sightings.map(|sighting| &sighting.event).collect()
        } else {
            let records = alerts.iter().flat_map(|alert| records(alert));
            records.filter(|event| is_meant(event, cite)).collect()
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
    for saved in &answer.saved {
        let entry: String = saved.entry.short().to_owned();
        writeln!(
            out,
            "saved {entry}: {} is {}",
            line(&saved.alert),
            saved.state
        )?;
    }
    for refused in &answer.refused {
        writeln!(out, "refused: {}", line(&refused.alert))?;
        for fault in &refused.faults {
            writeln!(out, "  {}: {}", line(&fault.field), line(&fault.what))?;
        }
    }
    Ok(())
}
