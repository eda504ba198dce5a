//! The facts that lean an alert towards an administrator or an attacker. What they are called, weigh
//! and say is data (`signals.toml`); this module and its parts find them. The score is the sum of
//! the weights shown, and leaning and severity follow from it by thresholds that are data too.

pub(super) mod accounts;
mod around;
mod deeds;
pub(super) mod group;
mod logon;
mod names;
mod profile;
mod scene;
mod service;
mod usual;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::actor::cite_all;
use super::alert::{Alert, Leaning, Severity, Signal};
use crate::detect::pattern::Pattern;
use crate::detect::pattern_set::PatternSet;
use crate::detect::session_zero::Door;
use crate::detect::{Certainty, ToolKind};
use scene::Found;
pub(super) use scene::Scene;

/// The signals of the program.
const DATA: &str = include_str!("signals.toml");

/// Finds one signal; `None` when the evidence does not show it.
type Check = fn(&Scene<'_, '_>, &Row) -> Option<Found>;

/// Which code finds which signal. Rows with `commands` need none.
const CHECKS: &[(&str, Check)] = &[
    ("admin-account", profile::admin_account),
    ("not-an-admin-account", profile::not_an_admin_account),
    ("admin-source", profile::admin_source),
    ("unlisted-source", profile::unlisted_source),
    ("management-server", profile::management_server),
    ("inside-change-window", profile::inside_change_window),
    ("outside-change-window", profile::outside_change_window),
    ("outside-working-hours", profile::outside_working_hours),
    ("linux-not-used", profile::linux_not_used),
    ("linux-in-use", profile::linux_in_use),
    ("first-use", usual::first_use),
    ("used-on-many-hosts-before", usual::used_on_many_hosts),
    ("same-minute-job", usual::same_minute_job),
    ("fan-out", usual::fan_out),
    ("ntlm-where-kerberos-is-usual", logon::unusual_ntlm),
    ("ntlm-without-session-key", logon::no_session_key),
    ("odd-workstation", logon::odd_workstation),
    ("failed-logons-before", logon::failed_before),
    ("other-credentials", logon::other_credentials),
    ("loopback-source", logon::loopback_source),
    ("no-logon-found", logon::no_logon_found),
    ("own-workstation", logon::own_workstation),
    ("ordinary-workstation", logon::ordinary_workstation),
    ("renamed-service", service::renamed_service),
    ("random-service-name", service::random_name),
    ("masquerading-name", service::masquerading_name),
    ("renamed-client", service::renamed_client),
    ("known-copy", service::known_copy),
    ("client-in-odd-folder", service::client_in_odd_folder),
    ("shell-service", service::shell_service),
    ("service-on-own-share", service::on_own_share),
    ("unknown-program-over-admin-share", service::unknown_program),
    ("remcom-pipes-without-remcom", service::remcom_pipes),
    ("attack-tool-shape", service::attack_tool_shape),
    ("runs-as-system", service::runs_as_system),
    ("service-removed-at-once", service::removed_at_once),
    ("ended-at-once", deeds::ended_at_once),
    ("password-visible", deeds::password_visible),
    ("admin-group-joined", group::admin_group_joined),
    ("account-is-new", accounts::account_is_new),
    ("account-made-near", accounts::account_made_near),
    ("admins-joined-near", accounts::admins_joined_near),
    ("lsass-opened", around::lsass_opened),
    ("log-cleared", around::log_cleared),
    ("protection-switched-off", around::protection_off),
    ("antivirus-verdict", around::antivirus_verdict),
    ("antivirus-unwanted", around::antivirus_unwanted),
    ("antivirus-near", around::antivirus_near),
];

/// Which way a signal leans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Leans {
    Admin,
    Attacker,
    Neutral,
}

impl Leans {
    fn leaning(self) -> Leaning {
        match self {
            Leans::Admin => Leaning::Admin,
            Leans::Attacker => Leaning::Attacker,
            Leans::Neutral => Leaning::Undetermined,
        }
    }
}

/// Whose command lines a row looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// What was run, and the service's own line.
    #[default]
    Run,
    /// The tool itself, on its source.
    Client,
    /// The tool and all above it, on its source.
    Lineage,
}

/// One signal as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    leans: Leans,
    weight: i32,
    text: String,
    source: String,
    #[serde(default)]
    needs: Option<String>,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    commands: Vec<String>,
    #[serde(default)]
    of: Of,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    subsumes: Vec<String>,
    #[serde(skip)]
    patterns: PatternSet,
}

fn one() -> usize {
    1
}

/// From which scores on an alert leans one way and has which severity.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    attacker_from: i32,
    admin_to: i32,
    critical_from: i32,
    high_from: i32,
    low_to: i32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    levels: Levels,
    signal: Vec<Row>,
}

/// The program's own rules. They are part of the program: a test reads them.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the data is compiled in, and a test reads it"
    )]
    let rules = Rules::parse(DATA).expect("signals.toml is of the right form");
    rules
});

impl Rules {
    fn parse(text: &str) -> Result<Self, String> {
        let mut rules: Rules = toml::from_str(text).map_err(|error| error.to_string())?;
        // Signals of a tool and of any tool ask for the same commands.
        let mut known: HashMap<String, Arc<Pattern>> = HashMap::new();
        for row in &mut rules.signal {
            let patterns = row.commands.iter().map(|command| {
                let pattern = known.entry(command.clone());
                Arc::clone(pattern.or_insert_with(|| Arc::new(Pattern::new(command.clone()))))
            });
            row.patterns = PatternSet::new(patterns);
        }
        Ok(rules)
    }
}

/// One signal of the program, as its data says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalRule<'d> {
    /// Stable id, as in JSON.
    pub id: &'d str,
    /// Which way it leans; [`Leaning::Undetermined`] is context and weighs nothing.
    pub leans: Leaning,
    /// Its share of the score.
    pub weight: i32,
    /// What it says; `{…}` stands for what is found.
    pub text: &'d str,
    /// Where the knowledge comes from.
    pub source: &'d str,
    /// What must be there for it to be seen.
    pub needs: Option<&'d str>,
    /// Signals that it says too, which are then left out.
    pub subsumes: &'d [String],
}

/// Every signal that alerts are weighed by, in the order in which they are shown.
pub fn rules() -> impl Iterator<Item = SignalRule<'static>> {
    let rules: &'static Rules = &RULES;
    rules.signal.iter().map(|row| SignalRule {
        id: &row.id,
        leans: row.leans.leaning(),
        weight: row.weight,
        text: &row.text,
        source: &row.source,
        needs: row.needs.as_deref(),
        subsumes: &row.subsumes,
    })
}

/// Weighs an alert: its signals, their sum, and what follows from it.
pub(super) fn weigh(scene: &Scene<'_, '_>) -> Weighed {
    let rules: &Rules = &RULES;
    let signals: Vec<Signal> = rules
        .signal
        .iter()
        .filter(|row| row.tools.is_empty() || row.tools.contains(&scene.tool.id))
        .filter_map(|row| signal(scene, row))
        .collect();
    let signals = without_subsumed(&rules.signal, signals);
    let score = score(&signals);
    Weighed {
        leaning: rules.levels.leaning(score),
        severity: rules.levels.severity(score).min(ceiling(scene, score)),
        score,
        signals,
    }
}

/// The signals without those that another of them says better: one fact is weighed once.
fn without_subsumed(rows: &[Row], signals: Vec<Signal>) -> Vec<Signal> {
    let found: HashSet<&str> = signals.iter().map(|signal| signal.id.as_str()).collect();
    let subsumed: HashSet<&str> = rows
        .iter()
        .filter(|row| found.contains(row.id.as_str()))
        .flat_map(|row| row.subsumes.iter().map(String::as_str))
        .collect();
    let keep: Vec<bool> = signals
        .iter()
        .map(|signal| !subsumed.contains(signal.id.as_str()))
        .collect();
    let kept = signals.into_iter().zip(keep);
    kept.filter_map(|(signal, keep)| keep.then_some(signal))
        .collect()
}

/// The highest severity that the tool itself allows. A management product is context. What is only
/// possibly a tool needs signals to be more than a remark: a behaviour that everybody shows, or a
/// name that others bear too.
fn ceiling(scene: &Scene<'_, '_>, score: i32) -> Severity {
    let possible = scene.alert().certainty == Certainty::Possible;
    match scene.tool.kind {
        ToolKind::Management => Severity::Info,
        // A user's scheduled task runs there by design.
        _ if scene.door == Some(Door::ScheduledTask) && score < RULES.levels.attacker_from => {
            Severity::Info
        }
        _ if !possible || score >= RULES.levels.attacker_from => Severity::Critical,
        // Where somebody gave the command, it is worth a line.
        ToolKind::Behaviour if score <= 0 && scene.client().is_none() => Severity::Info,
        _ => Severity::Low,
    }
}

/// What the signals of an alert come to.
pub(super) struct Weighed {
    signals: Vec<Signal>,
    score: i32,
    leaning: Leaning,
    severity: Severity,
}

impl Weighed {
    /// Writes it into the alert.
    pub(super) fn put(self, alert: &mut Alert) {
        alert.signals = self.signals;
        alert.score = self.score;
        alert.leaning = self.leaning;
        alert.severity = self.severity;
    }
}

/// Sum of the attacker weights minus sum of the admin weights.
fn score(signals: &[Signal]) -> i32 {
    signals.iter().map(Signal::share).sum()
}

fn signal(scene: &Scene<'_, '_>, row: &Row) -> Option<Signal> {
    let found = match CHECKS.iter().find(|(id, _)| *id == row.id) {
        Some((_, check)) => check(scene, row)?,
        None => deeds::commands(scene, row)?,
    };
    Some(Signal {
        id: row.id.clone(),
        leans: row.leans.leaning(),
        weight: row.weight,
        what: fill(&row.text, |name| {
            found
                .value(name)
                .or_else(|| scene.value(name))
                .unwrap_or_else(|| "?".to_owned())
        }),
        events: cite_all(scene.around.timeline, found.events()),
    })
}

/// A template with its `{names}` replaced. What is put in is never looked at again.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}') {
            Some((name, behind)) => {
                text.push_str(&value(name));
                rest = behind;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

impl Levels {
    fn leaning(self, score: i32) -> Leaning {
        if score >= self.attacker_from {
            Leaning::Attacker
        } else if score <= self.admin_to {
            Leaning::Admin
        } else {
            Leaning::Undetermined
        }
    }

    fn severity(self, score: i32) -> Severity {
        if score >= self.critical_from {
            Severity::Critical
        } else if score >= self.high_from {
            Severity::High
        } else if score <= self.low_to {
            Severity::Low
        } else {
            Severity::Medium
        }
    }
}

#[cfg(test)]
mod tests;
