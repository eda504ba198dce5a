//! The columns of the list, and what each says about an alert.

use crate::event::Time;
use crate::investigate::Alert;
use crate::tui::model::{Data, from, ran, severity_word, short_host, span, verdict, who};

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
        match self {
            AlertColumn::Severity => severity_word(alert.severity).to_owned(),
            AlertColumn::Time => data.zone.seconds(alert.first_time),
            AlertColumn::Tool => alert.tool.clone(),
            AlertColumn::Host => short_host(&alert.host).to_owned(),
            AlertColumn::Who => who(alert),
            AlertColumn::From => from(alert),
            AlertColumn::Ran => ran(alert),
            AlertColumn::Verdict => verdict(data.triage(&alert.id)).to_owned(),
            AlertColumn::Age => age(alert.first_time, data),
        }
    }
}

/// How long ago a time is; nothing where it is yet to come.
pub(super) fn age(time: Time, data: &Data) -> String {
    let now = data.now.filter(|now| *now >= time);
    now.map_or_else(String::new, |now| span(now.distance(time)))
}
