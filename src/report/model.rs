//! What all reports need: the chosen alerts, masked, each with what the case says about it.

use rayon::prelude::*;

use super::Report;
use super::masking::{mask, mask_triage};
use crate::case::{Disposition, Linked, State, Triage};
use crate::event::Time;
use crate::investigate::{Alert, EventRef, cite};
use crate::timeline::Timeline;

/// An alert with its triage.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) alert: Alert,
    pub(super) triage: Triage,
    /// The events that notes point at, and what the notes say there.
    pub(super) linked: Vec<(EventRef, String)>,
}

impl Item {
    /// Whether it is closed with this verdict.
    pub(super) fn is(&self, disposition: Disposition) -> bool {
        self.triage.state == State::Closed && self.triage.disposition == Some(disposition)
    }
}

/// The alerts that a report shows, in their order.
fn chosen<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a Alert> {
    let (case, least) = (report.case, report.options.min_severity);
    report.alerts.iter().filter(move |alert| {
        least.is_none_or(|least| alert.severity >= least) || !case.triage(alert).history.is_empty()
    })
}

/// How many alerts a report shows.
pub(super) fn count(report: &Report<'_>) -> usize {
    chosen(report).count()
}

/// The alerts of a report in their order.
pub(super) fn items(report: &Report<'_>) -> Vec<Item> {
    let with_triage = |alert| (alert, report.case.triage(alert));
    let chosen: Vec<(&Alert, Triage)> = chosen(report).map(with_triage).collect();
    let (timeline, show_secrets) = (report.timeline, report.options.show_secrets);
    chosen
        .into_par_iter()
        .map(|(alert, triage)| {
            let alert = alert.clone();
            let (alert, triage) = if show_secrets {
                (alert, triage)
            } else {
                (mask(alert), mask_triage(triage))
            };
            let linked = linked(&triage, timeline);
            Item {
                alert,
                triage,
                linked,
            }
        })
        .collect()
}

fn linked(triage: &Triage, timeline: &Timeline) -> Vec<(EventRef, String)> {
    let links = triage
        .notes
        .iter()
        .flat_map(|note| note.links.iter().map(move |link| (note, link)));
    links
        .filter_map(|(note, link)| {
            let event = match &link.to {
                Linked::Event(name) | Linked::Process(name) => name.find(timeline)?,
                Linked::Account { .. } => return None,
            };
            let said = format!("noted by {}: {}", note.author, link.label);
            Some((cite(timeline, event)?, said))
        })
        .collect()
}

/// First and last time of some alerts.
pub(super) fn span<'a>(alerts: impl Iterator<Item = &'a Alert>) -> Option<(Time, Time)> {
    alerts.fold(None, |span, alert| match span {
        None => Some((alert.first_time, alert.last_time)),
        Some((first, last)) => Some((first.min(alert.first_time), last.max(alert.last_time))),
    })
}
