//! What the note and the page say, before either puts it into its medium: parts, sentences, rows.
//! The texts quote records as logged; whoever writes them escapes them.

pub(super) mod chronicle;
pub(super) mod indicators;
pub(super) mod verdict;

use std::collections::HashMap;

use super::Report;
use super::model::{Item, span};
use super::words::{self, NOT_KNOWN};
use crate::case::{Disposition, Standing, State};
use crate::event::host_key;
use crate::investigate::{Alert, Leaning};

/// A part of the report that tells of alerts: its heading, and which alerts belong there.
pub(super) type Part = (&'static str, fn(&Item) -> bool);

/// Before the timeline: what somebody has to act on.
pub(super) const TO_ACT_ON: &[Part] = &[
    ("Escalated", |item| item.is(Disposition::Escalated)),
    ("Still open", |item| item.triage.is_open()),
];
/// After the timeline: what was authorised.
pub(super) const AUTHORISED: &[Part] = &[
    ("Attributed to administrators", |item| {
        item.is(Disposition::AdminAttributed)
    }),
    ("Authorised tests", |item| {
        item.is(Disposition::AuthorisedTest)
    }),
    ("Under a rule of known activity", |item| {
        !item.triage.is_open() && item.triage.settled_by().is_some()
    }),
];
/// After what was ruled out: the rest.
pub(super) const SET_ASIDE: &[Part] = &[
    ("False positives and duplicates", |item| {
        item.is(Disposition::FalsePositive) || item.is(Disposition::Duplicate)
    }),
    ("Closed without a verdict", |item| {
        item.is(Disposition::Undetermined)
    }),
];

/// The name of the case.
pub(super) fn case_name(report: &Report<'_>) -> String {
    let name = report.case.path().file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// From when to when the alerts lie.
pub(super) fn time_span(items: &[Item]) -> String {
    match span(items.iter().map(|item| &item.alert)) {
        Some((first, last)) => format!("{} to {}", words::minute(first), words::minute(last)),
        None => "no alert".to_owned(),
    }
}

/// The hosts with alerts, by name while they are few.
pub(super) fn hosts(items: &[Item]) -> String {
    let mut hosts: Vec<String> = items
        .iter()
        .map(|item| host_key(&item.alert.host))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    match hosts.len() {
        0 => "no host".to_owned(),
        1..=4 => hosts.join(", "),
        many => format!("{many} hosts"),
    }
}

/// The situation in two sentences.
pub(super) fn situation(report: &Report<'_>, items: &[Item]) -> String {
    let count_of = |belongs: fn(&Item) -> bool| items.iter().filter(|item| belongs(item)).count();
    let escalated = count_of(|item| item.is(Disposition::Escalated));
    let open = count_of(|item| item.triage.is_open());
    let timeline = report.timeline;
    format!(
        "In {} from {}, {} of dual-use remote administration {} found on {}. {} and {}.",
        count(timeline.len(), "event"),
        count(timeline.sources().len(), "source"),
        count(items.len(), "use"),
        if items.len() == 1 { "was" } else { "were" },
        hosts(items),
        match escalated {
            0 => "Nothing was escalated".to_owned(),
            1 => "1 of them was escalated".to_owned(),
            some => format!("{some} of them were escalated"),
        },
        match open {
            0 => "none is open".to_owned(),
            1 => "1 is still open".to_owned(),
            some => format!("{some} are still open"),
        }
    )
}

/// How many alerts are in each state or have each verdict, those without any left out.
pub(super) fn counts(items: &[Item]) -> Vec<(&'static str, usize)> {
    let count_of =
        |belongs: &dyn Fn(&Item) -> bool| items.iter().filter(|item| belongs(item)).count();
    let states = [State::New, State::InProgress, State::NeedsInfo]
        .map(|state| (state.word(), count_of(&|item| item.triage.state == state)));
    let verdicts = Disposition::ALL
        .map(|disposition| (disposition.word(), count_of(&|item| item.is(disposition))));
    let flags = [
        (
            "settled by known activity",
            count_of(&|item| item.triage.settled_by().is_some()),
        ),
        (
            "stale: evidence grew since",
            count_of(&|item| item.triage.stale.is_some()),
        ),
        (
            "verdicts in conflict",
            count_of(&|item| !item.triage.conflict.is_empty()),
        ),
    ];
    let all = states.into_iter().chain(verdicts).chain(flags);
    all.filter(|(_, number)| *number > 0).collect()
}

/// What an alert is about, label by label.
pub(super) fn facts(alert: &Alert) -> Vec<(&'static str, String)> {
    let known = |fact: Option<String>| fact.unwrap_or_else(|| NOT_KNOWN.to_owned());
    vec![
        (
            "When",
            format!(
                "{} to {}",
                words::moment(alert.first_time),
                words::moment(alert.last_time)
            ),
        ),
        ("Where", alert.host.clone()),
        ("Who", words::who(alert)),
        ("From", words::source(alert)),
        ("Client", known(words::client(alert))),
        ("Logon", known(words::logon(alert))),
        ("Service", known(words::service(alert))),
        (
            "Tool",
            format!(
                "{} ({}), severity {}, score {:+}, leaning: {}",
                alert.tool,
                words::word(&alert.certainty),
                words::word(&alert.severity),
                alert.score,
                words::word(&alert.leaning)
            ),
        ),
    ]
}

/// The signals of one side, the heaviest first: weight as it counts in the score, and the fact with
/// the records that show it.
pub(super) fn reasons(alert: &Alert, leaning: Leaning) -> Vec<(String, String)> {
    words::signals(alert, leaning)
        .into_iter()
        .map(|signal| {
            let records = words::citations(signal.events.iter(), 5);
            let said = match records.as_str() {
                "" => signal.what.clone(),
                records => format!("{} [{records}]", signal.what),
            };
            (words::weight(signal), said)
        })
        .collect()
}

/// A question that evidence answered.
pub(super) struct RuledOut<'a> {
    pub(super) alert: &'a str,
    pub(super) question: &'a str,
    pub(super) answer: &'a str,
    pub(super) how: &'a str,
}

/// The questions that evidence answered.
pub(super) fn ruled_out(items: &[Item]) -> Vec<RuledOut<'_>> {
    items
        .iter()
        .flat_map(|item| {
            item.alert.questions.iter().filter_map(|question| {
                Some(RuledOut {
                    alert: &item.alert.id,
                    question: &question.ask,
                    answer: question.answer.as_deref()?,
                    how: question.how.as_deref().unwrap_or(""),
                })
            })
        })
        .collect()
}

/// Something that was not there to see.
pub(super) struct Gap {
    /// The alerts that lack it, or the file.
    pub(super) of: Vec<String>,
    pub(super) what: String,
}

/// What was not there to see. What several alerts lack is said once.
pub(super) fn gaps(report: &Report<'_>, items: &[Item]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let missing = items.iter().flat_map(|item| {
        let gaps = item.alert.gaps.iter();
        gaps.map(move |gap| (item, gap.clone()))
    });
    let open = items.iter().flat_map(|item| {
        let questions = item.alert.questions.iter();
        let open = questions.filter(|question| question.answer.is_none());
        open.map(move |question| (item, format!("open question: {}", asked(&question.ask))))
    });
    for (item, gap) in missing.chain(open) {
        let of = item.alert.id.clone();
        match known.get(&gap).and_then(|at| gaps.get_mut(*at)) {
            Some(same) => same.of.push(of),
            None => {
                known.insert(gap.clone(), gaps.len());
                gaps.push(Gap {
                    of: vec![of],
                    what: gap,
                });
            }
        }
    }
    for source in report.timeline.sources() {
        for damage in &source.damage {
            let part = match damage.bytes {
                0 => format!("from byte {}", damage.offset),
                bytes => format!("{bytes} bytes from byte {}", damage.offset),
            };
            gaps.push(Gap {
                of: vec![source.path.to_string_lossy().into_owned()],
                what: format!("not read, {part}: {}", damage.reason),
            });
        }
    }
    gaps
}

/// A question without the advice for whoever runs the program that may stand behind it.
fn asked(question: &str) -> &str {
    let end = question.find("? ").map_or(question.len(), |at| at + 1);
    question.get(..end).unwrap_or(question)
}

/// A rule about known activity: name, what it covers, what it took in, who answers for it, expiry.
pub(super) fn known_activity(report: &Report<'_>) -> Vec<[String; 5]> {
    let rules = report.case.known_activity(report.alerts).into_iter();
    rules
        .map(|known| {
            let took_in = match &known.standing {
                Standing::InForce => known.account(),
                Standing::Revoked {
                    author,
                    time,
                    reason,
                } => format!("revoked by {author}, {time}: {reason}"),
            };
            [
                known.rule.name.clone(),
                known.rule.scope.words(),
                took_in,
                format!("{}: {}", known.author, known.rule.reason),
                known.rule.expires.to_string(),
            ]
        })
        .collect()
}

/// What is said when there is no gap.
pub(super) const NO_GAP: &str =
    "Every source was read in full, and no alert lacks a leg that was looked for.";

/// "1 alert", "2 alerts".
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
