//! One alert, as lines of meaning: for and against, what happened, what ran, what is open.

mod notes;
mod ran;
mod strip;

use super::context::session;
use std::rc::Rc;

use super::{Data, Item, List, Memo, Section, Subject, Target, Zone};
use crate::case::{Act, Decided, Triage};
use crate::event::identity;
use crate::investigate::{Alert, EventRef, Leaning, Signal};
use crate::tui::theme::Role;

/// The page of an alert.
#[derive(Clone, Debug, Default)]
pub struct AlertPage {
    /// Its id.
    pub id: String,
    /// Cursor among the items.
    pub list: List,
    /// The section that has the page for itself.
    pub zoom: Option<Section>,
    /// Whether every reason is shown, however many there are.
    pub is_unfolded: bool,
    /// Whether the legs were drawn side by side.
    pub is_strip_flat: bool,
    memo: Memo<Made>,
}

/// What the lines of an alert's page are made from.
#[derive(Clone, Debug, PartialEq)]
struct Made {
    version: u64,
    id: String,
    zone: Zone,
    fold: Fold,
    zoom: Option<Section>,
    is_unfolded: bool,
}

/// What the size of the screen leaves room for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fold {
    /// Reasons of a side when both have some.
    of_both: usize,
    /// Reasons of a side when the other has none.
    of_one: usize,
    /// Lines of a reason.
    of_reason: usize,
    /// Lines of anything else: a command line may have many kilobytes.
    of_item: usize,
}

impl AlertPage {
    /// The page of an alert.
    pub fn of(id: String) -> AlertPage {
        AlertPage {
            id,
            ..AlertPage::default()
        }
    }

    /// Its lines; none when the alert is no longer among those known.
    pub fn items(&self, data: &Data) -> Rc<[Item]> {
        let fold = Fold::at(data.screen);
        let made = Made {
            version: data.version(),
            id: self.id.clone(),
            zone: data.zone.clone(),
            fold,
            zoom: self.zoom,
            is_unfolded: self.is_unfolded,
        };
        self.memo.of(made, || self.make(fold, data))
    }

    fn make(&self, fold: Fold, data: &Data) -> Vec<Item> {
        let Some(alert) = data.alert(&self.id) else {
            return Vec::new();
        };
        let mut items = self.reasons(alert, fold);
        let legs = strip::items(alert, data).into_iter();
        items.extend(legs.map(|leg| Item {
            most_lines: if self.zoom.is_none() { 1 } else { usize::MAX },
            ..leg
        }));
        items.extend(facts(alert));
        items.extend(ran::items(alert));
        items.extend(signals(
            alert,
            Leaning::Undetermined,
            Section::Neither,
            Role::Text,
        ));
        if let Some(triage) = data.triage(&self.id) {
            items.extend(decisions(triage, data));
        }
        items.extend(questions(alert));
        items.extend(
            alert
                .gaps
                .iter()
                .map(|gap| Item::new(Section::Gaps, "", gap).role(Role::Missing)),
        );
        items.extend(alert.sightings.iter().map(|sighting| {
            Item::new(
                Section::Sightings,
                data.zone.clock(sighting.event.time),
                &sighting.what,
            )
            .tail(format!(
                "{}  {}",
                sighting.artefact.word(),
                source(&sighting.event)
            ))
            .to(Some(Target::Event(sighting.event.index)))
        }));
        match self.zoom {
            Some(zoom) => items.retain(|item| item.section.pane() == zoom),
            None if self.is_unfolded => {}
            // What was decided and why is read as it was written.
            None => (items.iter_mut())
                .filter(|item| item.section != Section::Decisions)
                .for_each(|item| item.most_lines = item.most_lines.min(fold.of_item)),
        }
        items
    }

    /// The reasons on both sides: all of them, or the heaviest where the screen is low.
    fn reasons(&self, alert: &Alert, fold: Fold) -> Vec<Item> {
        let mut against = signals(alert, Leaning::Attacker, Section::Against, Role::Attacker);
        let mut on_our_side = signals(alert, Leaning::Admin, Section::For, Role::Admin);
        if !self.is_unfolded && self.zoom.is_none() {
            let both = !against.is_empty() && !on_our_side.is_empty();
            let most = if both { fold.of_both } else { fold.of_one };
            for side in [&mut against, &mut on_our_side] {
                // a fold that hides one line saves none
                if side.len() > most + 1 {
                    side.truncate(most);
                }
                for reason in side {
                    reason.most_lines = fold.of_reason;
                }
            }
        }
        against.append(&mut on_our_side);
        against
    }

    /// How many reasons of a side are not shown.
    pub fn folded(&self, side: Leaning, data: &Data) -> usize {
        let Some(alert) = data.alert(&self.id) else {
            return 0;
        };
        let section = match side {
            Leaning::Attacker => Section::Against,
            _ => Section::For,
        };
        let all = alert.signals.iter().filter(|signal| signal.leans == side);
        let items = self.items(data);
        let shown = items.iter().filter(|item| item.section == section);
        all.count().saturating_sub(shown.count())
    }

    /// The section that the cursor is in.
    pub fn section_here(&self, data: &Data) -> Option<Section> {
        let items = self.items(data);
        items.get(self.list.cursor).map(|item| item.section)
    }

    /// What the cursor is on.
    pub fn here(&self, data: &Data) -> Option<Item> {
        self.items(data).get(self.list.cursor).cloned()
    }

    /// Changes what is shown and keeps the cursor on what it was on.
    pub fn reshape(&mut self, data: &Data, change: impl FnOnce(&mut AlertPage)) {
        let here = self.here(data);
        change(self);
        self.stay_on(here.as_ref(), data);
    }

    /// Puts the cursor on an item; where there is none like it, it stays in its section.
    pub fn stay_on(&mut self, here: Option<&Item>, data: &Data) {
        let items = self.items(data);
        let same = |item: &Item| {
            here.is_some_and(|here| {
                (item.section, &item.label, &item.value) == (here.section, &here.label, &here.value)
            })
        };
        let section = here.map(|here| here.section);
        let in_section = |item: &Item| Some(item.section) == section;
        let stays = items.get(self.list.cursor).is_some_and(in_section);
        if let Some(place) = items.iter().position(same) {
            self.list.cursor = place;
        } else if !stays {
            self.list.cursor = items.iter().position(in_section).unwrap_or(0);
        }
        self.list.clamp(items.len());
    }
}

/// The narrowest page on which both sides stand side by side.
pub const TWO_SIDES: u16 = 100;

/// Below this height of the screen a reason has one line.
const LOW: u16 = 30;

impl Fold {
    /// So many reasons leave room for what happened.
    fn at((width, height): (u16, u16)) -> Fold {
        let spare = usize::from(height.saturating_sub(20));
        let of_one = (spare / 2).max(3);
        let stacked = (spare / 4).max(2);
        Fold {
            of_both: if width < TWO_SIDES { stacked } else { of_one },
            of_one,
            of_reason: if height < LOW { 1 } else { usize::MAX },
            of_item: usize::from(height / 6).clamp(3, 8),
        }
    }
}

fn source(event: &EventRef) -> String {
    let record = event
        .record_id
        .map(|id| format!(" #{id}"))
        .unwrap_or_default();
    format!(
        "{} {}{record}",
        super::events::short_channel(&event.channel),
        event.event_id
    )
}

/// The signals of one side, heaviest first.
fn signals(alert: &Alert, leans: Leaning, section: Section, role: Role) -> Vec<Item> {
    let mut signals: Vec<&Signal> = alert
        .signals
        .iter()
        .filter(|signal| signal.leans == leans)
        .collect();
    signals.sort_by_key(|signal| std::cmp::Reverse(signal.weight.abs()));
    signals
        .into_iter()
        .map(|signal| {
            Item::new(section, format!("{:>3}", signal.weight.abs()), &signal.what)
                .role(role)
                .to(signal
                    .events
                    .first()
                    .map(|event| Target::Event(event.index)))
        })
        .collect()
}

fn subject(subject: Subject) -> Option<Target> {
    Some(Target::Subject(subject))
}

/// Who, from where, in which session, with which service, on which host.
fn facts(alert: &Alert) -> Vec<Item> {
    let fact = |label: &str, value: String| Item::new(Section::Facts, label, value);
    let mut items = Vec::new();
    match &alert.account {
        Some(account) => items.push(
            fact("who", account.name.clone())
                .tail(account.sid.clone().unwrap_or_default())
                .how(account.how)
                .role(Role::Strong)
                .to(subject(Subject::Account(account.name.clone()))),
        ),
        None => items.push(fact("who", "not known".to_owned()).role(Role::Missing)),
    }
    let logon = alert.logon.as_ref();
    match logon.and_then(|logon| Some((logon.source_ip.clone()?, logon))) {
        Some((address, logon)) => {
            let port = logon
                .source_port
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            items.push(
                fact("from", format!("{address}{port}"))
                    .tail(
                        logon
                            .workstation
                            .as_ref()
                            .map(|name| format!("workstation {name}"))
                            .unwrap_or_default(),
                    )
                    .how(logon.how)
                    .to(subject(Subject::Address(address))),
            );
        }
        None if alert.client.is_none() => {
            items.push(fact("from", "not known".to_owned()).role(Role::Missing));
        }
        None => {}
    }
    if let Some(client) = &alert.client {
        let mut tail = Vec::new();
        tail.extend(client.image.clone());
        tail.extend(client.pid.map(|pid| format!("pid {pid}")));
        tail.extend(
            client
                .account
                .as_ref()
                .map(|account| format!("run by {account}")),
        );
        items.push(
            fact(
                "client",
                client
                    .host
                    .clone()
                    .unwrap_or_else(|| "host not known".to_owned()),
            )
            .tail(tail.join("  "))
            .how(client.how)
            .to(client
                .host
                .clone()
                .and_then(|host| subject(Subject::Host(host)))),
        );
    }
    items.push(fact("on", alert.host.clone()).to(subject(Subject::Host(alert.host.clone()))));
    if let Some(logon) = logon {
        let id = logon.id.clone().unwrap_or_else(|| "no logon id".to_owned());
        let mut tail = Vec::new();
        tail.extend(logon.logon_type.map(logon_type));
        tail.extend(logon.package.clone());
        if !logon.other_ids.is_empty() {
            tail.push(format!("and {} more", logon.other_ids.len()));
        }
        items.push(
            fact("session", id)
                .tail(tail.join("  "))
                .how(logon.how)
                .to(session(&alert.host, logon.id.as_deref())
                    .and_then(|(host, id)| subject(Subject::Session { host, id }))),
        );
    }
    if let Some(number) = alert.session_id {
        let word = if number == 0 {
            "the services' session"
        } else {
            "a user's session"
        };
        items.push(fact("desktop", format!("terminal session {number}")).tail(word));
    }
    if let Some(service) = &alert.service {
        let mut tail = Vec::new();
        tail.extend(
            service
                .display_name
                .clone()
                .filter(|display| *display != service.name),
        );
        tail.extend(service.image_path.clone());
        tail.extend(
            service
                .run_as
                .as_ref()
                .map(|account| format!("runs as {account}")),
        );
        tail.extend(service.starts());
        if !service.others.is_empty() {
            tail.push(format!("and {} more services", service.others.len()));
        }
        if service.how.is_inferred() {
            tail.push(format!("inferred: {}", service.how.words()));
        }
        items.push(
            fact("service", service.name.clone())
                .tail(tail.join("  "))
                .to(subject(Subject::Service {
                    host: alert.host.clone(),
                    name: service.name.clone(),
                })),
        );
    }
    items
}

/// A logon type in words.
pub fn logon_type(number: u32) -> String {
    format!("{} logon", identity::logon_type(number))
}

fn questions(alert: &Alert) -> Vec<Item> {
    alert
        .questions
        .iter()
        .map(|question| {
            // what would answer it stands behind the question
            let (ask, remedy) = match question.ask.split_once("? ") {
                Some((ask, remedy)) => (format!("{ask}?"), remedy),
                None => (question.ask.clone(), ""),
            };
            match &question.answer {
                Some(answer) => Item::new(Section::Questions, ask, answer)
                    .tail(question.how.clone().unwrap_or_default()),
                None => Item::new(Section::Questions, ask, "open")
                    .role(Role::Missing)
                    .tail(remedy),
            }
        })
        .collect()
}

/// What was decided and noted, oldest first.
fn decisions(triage: &Triage, data: &Data) -> Vec<Item> {
    let mut items = Vec::new();
    if triage.stale.is_some() {
        let word = "the evidence grew since this was decided: look again";
        items.push(Item::new(Section::Decisions, "stale", word).role(Role::Warning));
    }
    for known in &triage.known {
        let role = if known.settles() {
            Role::Good
        } else {
            Role::Warning
        };
        items.push(
            Item::new(Section::Decisions, "known", known.label())
                .role(role)
                .tail(format!("{} answers for it", known.author))
                .to(Some(Target::Known)),
        );
    }
    for entry in &triage.history {
        let head = format!(
            "{} {}",
            data.zone.seconds(entry.content.time),
            entry.content.author
        );
        let (what, lines, in_force) = match &entry.content.act {
            Act::Decide(decided) => {
                let in_force = triage
                    .decided
                    .as_ref()
                    .is_some_and(|decision| decision.id == entry.id);
                (
                    decided.decision.transition.title().to_lowercase(),
                    decision_lines(decided),
                    in_force,
                )
            }
            Act::Note { .. } => {
                items.extend(notes::items(head, entry, triage, data));
                continue;
            }
            _ => (entry.summary(), Vec::new(), true),
        };
        let (role, tail) = if in_force {
            (Role::Strong, "")
        } else {
            (Role::Dim, "no longer in force")
        };
        items.push(
            Item::new(Section::Decisions, head, what)
                .role(role)
                .tail(tail),
        );
        let role = if in_force { Role::Text } else { Role::Dim };
        items.extend(
            lines
                .into_iter()
                .map(|line| Item::new(Section::Decisions, "", line).depth(1).role(role)),
        );
    }
    items
}

/// The fields of a decision, one line each; longer texts keep their lines.
fn decision_lines(decided: &Decided) -> Vec<String> {
    let decision = &decided.decision;
    let mut lines: Vec<String> = decision
        .transition
        .fields()
        .iter()
        .filter_map(|spec| Some(format!("{}: {}", spec.label, decision.words(spec)?)))
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    if !decision.events.is_empty() {
        lines.push(format!("Evidence: {} events cited", decision.events.len()));
    }
    for flag in &decided.red_flags {
        lines.push(format!("Acknowledged: {}", flag.what));
    }
    lines
}
