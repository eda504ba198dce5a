//! The columns of the list, and what each says about an alert.

use std::borrow::Cow;

use crate::event::Time;
use crate::investigate::Alert;
use crate::tui::model::{Data, severity_word, short_host, span, verdict};

/// A column of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each has its title")]
pub enum AlertColumn {
    #[default]
    Severity,
    Time,
    Tool,
    Host,
    Who,
    From,
    Ran,
    Verdict,
    Age,
}

impl AlertColumn {
    /// Every column, from left to right.
    pub const ALL: [AlertColumn; 9] = [
        AlertColumn::Severity,
        AlertColumn::Time,
        AlertColumn::Tool,
        AlertColumn::Host,
        AlertColumn::Who,
        AlertColumn::From,
        AlertColumn::Ran,
        AlertColumn::Verdict,
        AlertColumn::Age,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            AlertColumn::Severity => "sev",
            AlertColumn::Time => "time",
            AlertColumn::Tool => "tool",
            AlertColumn::Host => "host",
            AlertColumn::Who => "who",
            AlertColumn::From => "from",
            AlertColumn::Ran => "what ran",
            AlertColumn::Verdict => "verdict",
            AlertColumn::Age => "age",
        }
    }

    /// Its name in settings.
    pub fn name(self) -> &'static str {
        match self {
            AlertColumn::Severity => "severity",
            AlertColumn::Ran => "ran",
            other => other.title(),
        }
    }

    /// What an alert has in it.
    pub fn value(self, alert: &Alert, data: &Data) -> String {
        let place = data.index().place(&alert.id);
        place.map_or_else(String::new, |place| self.text(place, data).into_owned())
    }

    /// What the alert at a place of the snapshot has in it.
    pub(super) fn text(self, place: usize, data: &Data) -> Cow<'_, str> {
        let alert = data.alerts().get(place);
        let Some((alert, texts)) = alert.zip(data.index().texts(place)) else {
            return Cow::default();
        };
        match self {
            AlertColumn::Severity => severity_word(alert.severity).into(),
            AlertColumn::Time => data.zone.seconds(alert.first_time).into(),
            AlertColumn::Tool => alert.tool.as_str().into(),
            AlertColumn::Host => short_host(&alert.host).into(),
            AlertColumn::Who => texts.who.as_str().into(),
            AlertColumn::From => texts.from.as_str().into(),
            AlertColumn::Ran => texts.ran.as_str().into(),
            AlertColumn::Verdict => verdict(data.triage(&alert.id)).into(),
            AlertColumn::Age => age(alert.first_time, data).into(),
        }
    }
}

/// How long ago a time is; nothing where it is yet to come.
pub(super) fn age(time: Time, data: &Data) -> String {
    let now = data.now.filter(|now| *now >= time);
    now.map_or_else(String::new, |now| span(now.distance(time)))
}
