//! What the templates show: safe text and numbers.

use askama::Template;

use super::note::Markup;
use super::picture::{Picture, Tree};
use crate::case::Disposition;
use crate::event::Time;
use crate::investigate::{Leaning, Severity};
use crate::report::Report;
use crate::report::content::{self, AUTHORISED, Part, SET_ASIDE, TO_ACT_ON};
use crate::report::content::{chronicle, indicators, verdict};
use crate::report::model::Item;
use crate::report::words;
use crate::text::{Shown, line};

/// The whole page.
#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
pub(super) struct Page {
    name: Shown,
    scope: Shown,
    version: &'static str,
    situation: Shown,
    counts: Vec<(&'static str, usize)>,
    picture: Option<Picture>,
    to_act_on: Vec<Section>,
    zone: Option<Shown>,
    chronicle: Vec<Row>,
    authorised: Vec<Section>,
    ruled_out: Vec<(Shown, Shown, Shown, Shown)>,
    set_aside: Vec<Section>,
    gaps: Vec<(Shown, Shown)>,
    no_gap: &'static str,
    known: Vec<[Shown; 5]>,
    indicators: Vec<(&'static str, Shown)>,
    sources: Vec<Source>,
    log: Vec<LogRow>,
    heads: Vec<String>,
}

struct Section {
    title: &'static str,
    alerts: Vec<Card>,
}

struct Card {
    class: &'static str,
    id: Shown,
    title: Shown,
    badge: Shown,
    verdict: Vec<(Shown, Shown)>,
    facts: Vec<(&'static str, Shown)>,
    signals: Vec<Signals>,
    tree: Option<Tree>,
    notes: Vec<(Shown, Markup)>,
}

struct Signals {
    title: &'static str,
    class: &'static str,
    signals: Vec<(String, Shown)>,
}

struct Row {
    time: Time,
    local: Option<String>,
    host: Shown,
    record: Shown,
    what: Shown,
}

struct Source {
    path: Shown,
    bytes: u64,
    sha256: Shown,
    events: u64,
    first: String,
    last: String,
    records: String,
    damage: usize,
}

struct LogRow {
    time: Time,
    author: Shown,
    alert: Shown,
    what: Shown,
    entry: String,
}

impl Page {
    pub(super) fn of(report: &Report<'_>, items: &[Item]) -> Self {
        let zone = report.case.environment().time_zone.as_ref();
        Page {
            name: line(&content::case_name(report)),
            scope: line(&format!(
                "{}, {}, {}",
                content::count(items.len(), "alert"),
                content::hosts(items),
                content::time_span(items)
            )),
            version: env!("CARGO_PKG_VERSION"),
            situation: line(&content::situation(report, items)),
            counts: content::counts(items),
            picture: Picture::of(items),
            to_act_on: sections(items, TO_ACT_ON),
            zone: zone.map(|zone| line(zone.name())),
            chronicle: chronicle::rows(items)
                .into_iter()
                .map(|(event, what)| Row {
                    time: event.time,
                    local: zone.map(|zone| chronicle::local_time(event.time, zone)),
                    host: line(&event.host),
                    record: line(&words::citation(event)),
                    what: line(&what),
                })
                .collect(),
            authorised: sections(items, AUTHORISED),
            ruled_out: content::ruled_out(items)
                .iter()
                .map(|row| {
                    (
                        line(row.alert),
                        line(row.question),
                        line(row.answer),
                        line(row.how),
                    )
                })
                .collect(),
            set_aside: sections(items, SET_ASIDE),
            gaps: content::gaps(report, items)
                .iter()
                .map(|gap| (line(&gap.of.join(", ")), line(&gap.what)))
                .collect(),
            no_gap: content::NO_GAP,
            known: content::known_activity(report)
                .into_iter()
                .map(|rule| rule.map(|text| line(&text)))
                .collect(),
            indicators: indicators::of(items)
                .iter()
                .map(|(kind, value)| (*kind, line(value)))
                .collect(),
            sources: sources(report),
            log: log(report),
            heads: report
                .case
                .heads()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}

fn sections(items: &[Item], parts: &[Part]) -> Vec<Section> {
    parts
        .iter()
        .map(|(title, belongs)| Section {
            title,
            alerts: items
                .iter()
                .filter(|item| belongs(item))
                .map(card)
                .collect(),
        })
        .filter(|section| !section.alerts.is_empty())
        .collect()
}

/// How an alert is coloured: by verdict, and by severity while it is open.
pub(super) fn class(item: &Item) -> &'static str {
    match item.triage.disposition {
        _ if item.triage.is_open() && item.alert.severity >= Severity::High => "open critical",
        _ if item.triage.is_open() => "open",
        None => "authorised",
        Some(Disposition::Escalated) => "escalated",
        Some(Disposition::AdminAttributed | Disposition::AuthorisedTest) => "authorised",
        _ => "aside",
    }
}

fn card(item: &Item) -> Card {
    let alert = &item.alert;
    let severity = words::word(&alert.severity);
    Card {
        class: class(item),
        id: line(&alert.id),
        title: line(&alert.title),
        badge: line(&format!("{severity}, {}", verdict::in_words(item))),
        verdict: verdict::lines(item)
            .iter()
            .map(|(label, text)| (line(label), line(text)))
            .collect(),
        facts: content::facts(alert)
            .iter()
            .map(|(label, fact)| (*label, line(fact)))
            .collect(),
        signals: [
            signals(item, Leaning::Attacker, "For an attacker", "attacker"),
            signals(item, Leaning::Admin, "For an administrator", "admin"),
            signals(item, Leaning::Undetermined, "For neither side", "neither"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        tree: Tree::of(alert),
        notes: item
            .triage
            .notes
            .iter()
            .map(|note| (line(&words::note_author(note)), Markup::of(&note.markdown)))
            .collect(),
    }
}

fn signals(
    item: &Item,
    leaning: Leaning,
    title: &'static str,
    class: &'static str,
) -> Option<Signals> {
    let reasons = content::reasons(&item.alert, leaning).into_iter();
    let signals: Vec<(String, Shown)> = reasons
        .map(|(weight, what)| (weight, line(&what)))
        .collect();
    (!signals.is_empty()).then_some(Signals {
        title,
        class,
        signals,
    })
}

fn sources(report: &Report<'_>) -> Vec<Source> {
    let time = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
    let sources = report.timeline.sources().iter();
    sources
        .map(|source| Source {
            path: line(&source.path.to_string_lossy()),
            bytes: source.bytes,
            sha256: line(source.sha256.get().unwrap_or("not computed")),
            events: source.events,
            first: time(source.first_time),
            last: time(source.last_time),
            records: match (source.first_record_id, source.last_record_id) {
                (Some(first), Some(last)) => format!("{first} to {last}"),
                _ => String::new(),
            },
            damage: source.damage.len(),
        })
        .collect()
}

fn log(report: &Report<'_>) -> Vec<LogRow> {
    let entries = report.case.log().iter();
    entries
        .map(|entry| {
            let subject = entry.content.subject.as_ref();
            let taken_back = if report.case.is_in_force(&entry.id) {
                ""
            } else {
                ", taken back"
            };
            LogRow {
                time: entry.content.time,
                author: line(&entry.content.author),
                alert: line(subject.map_or("", |subject| &subject.alert)),
                what: line(&format!("{}{taken_back}", entry.summary())),
                entry: entry.id.short().to_owned(),
            }
        })
        .collect()
}
