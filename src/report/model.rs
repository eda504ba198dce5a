//! What all reports need: the chosen alerts, masked, each with what the case says about it.

use super::Report;
use super::masking::{mask, mask_triage};
use crate::case::{Disposition, State, Triage};
use crate::event::Time;
use crate::investigate::Alert;

/// An alert with its triage.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) alert: Alert,
    pub(super) triage: Triage,
}

impl Item {
    /// Whether it is closed with this verdict.
    pub(super) fn is(&self, disposition: Disposition) -> bool {
        self.triage.state == State::Closed && self.triage.disposition == Some(disposition)
    }
}

/// The alerts of a report in their order.
pub(super) fn items(report: &Report<'_>) -> Vec<Item> {
    report
        .alerts
        .iter()
        .map(|alert| (alert, report.case.triage(alert)))
        .filter(|(alert, triage)| {
            report
                .options
                .min_severity
                .is_none_or(|least| alert.severity >= least)
                || !triage.history.is_empty()
        })
        .map(|(alert, triage)| {
            let alert = alert.clone();
            if report.options.show_secrets {
                Item { alert, triage }
            } else {
                Item {
                    alert: mask(alert),
                    triage: mask_triage(triage),
                }
            }
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
