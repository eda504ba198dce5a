//! The message to the person or team that might have done it: who, what, which hosts, when in
//! their time zone, and how to answer. No secrets; indicators defanged, so that nobody clicks one.

use super::content::chronicle::local_time;
use super::content::count;
use super::masking::mask;
use super::words;
use crate::case::{Decision, Transition};
use crate::event::{NamedZone, Time};
use crate::investigate::{Alert, Role};
use crate::text::{brief, defang, paragraph};

/// A question to the owner of an account, a host or a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Person or team that is asked.
    pub whom: String,
    /// What is asked beyond "was it you?"; may be empty.
    pub question: String,
    /// Until when an answer is needed.
    pub due: Time,
    /// Over which channel it is asked, a word of the `channel` field; may be empty.
    pub channel: String,
    /// Their time zone; times are UTC without it.
    pub zone: Option<NamedZone>,
    /// Who asks, and whom to answer.
    pub from: String,
}

/// Most commands quoted, and most characters of one.
const MOST_COMMANDS: usize = 5;
const LONGEST_COMMAND: usize = 200;

impl Ask {
    /// The question in one sentence, as the case records it.
    pub fn question(&self) -> String {
        let own = self.question.trim();
        if own.is_empty() {
            "Was this you or your team, and under which ticket?".to_owned()
        } else {
            own.to_owned()
        }
    }

    /// What asking does to the alert: it waits for information, with a due date.
    pub fn decision(&self) -> Decision {
        Decision::new(Transition::NeedsInfo)
            .with("question", self.question())
            .with("asked", self.whom.clone())
            .with("due", self.due.rfc3339())
            .with("channel", self.channel.clone())
    }

    /// The message, plain text, ready to be sent.
    pub fn message(&self, alert: &Alert) -> String {
        let alert = mask(alert.clone());
        let mut lines = vec![
            format!(
                "Subject: Was this you? Remote administration of {} on {}",
                defang(&alert.host),
                self.day(alert.first_time)
            ),
            String::new(),
            format!("Hello {},", self.whom.trim()),
            String::new(),
            "our monitoring saw the use of a remote administration tool. It may well be ordinary \
             work; please help us to tell."
                .to_owned(),
            String::new(),
        ];
        lines.extend(self.facts(&alert));
        lines.extend([
            String::new(),
            self.question(),
            String::new(),
            "Please tell us:".to_owned(),
            "  1. Was it you or your team? If so, who exactly?".to_owned(),
            "  2. Which change, request or task was it for (ticket number)?".to_owned(),
            "  3. Will it happen again: when, from where, on which hosts?".to_owned(),
            "If you do not recognise it, please say so at once and change nothing on the hosts."
                .to_owned(),
            String::new(),
            format!(
                "Please answer by {} to {}, by phone or in person if you can: if the account was \
                 misused, its mail and chat may be too. Quote alert {}.",
                self.moment(self.due),
                self.from.trim(),
                alert.id
            ),
        ]);
        paragraph(&(lines.join("\n") + "\n")).into_string()
    }

    fn facts(&self, alert: &Alert) -> Vec<String> {
        let from = alert.logon.as_ref().and_then(|logon| {
            let parts = [logon.workstation.as_ref(), logon.source_ip.as_ref()];
            let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        });
        let account = alert.account.as_ref().map(|account| account.name.clone());
        let unknown = || words::NOT_KNOWN.to_owned();
        let mut facts = vec![
            format!("  What     {}", defang(&alert.tool)),
            format!("  Account  {}", defang(&account.unwrap_or_else(unknown))),
            format!("  Host     {}", defang(&alert.host)),
            format!("  From     {}", defang(&from.unwrap_or_else(unknown))),
            format!("  When     {}", self.moment(alert.first_time)),
        ];
        if alert.last_time != alert.first_time {
            facts.push(format!("  until    {}", self.moment(alert.last_time)));
        }
        let ran: Vec<String> = alert
            .processes
            .iter()
            .filter(|process| process.role == Role::Child)
            .map(words::command)
            .collect();
        for (index, command) in ran.iter().take(MOST_COMMANDS).enumerate() {
            let label = if index == 0 { "Ran" } else { "" };
            let command = defang(brief(command, LONGEST_COMMAND).as_str());
            facts.push(format!("  {label:8} {command}"));
        }
        if let Some(more) = ran
            .len()
            .checked_sub(MOST_COMMANDS)
            .filter(|more| *more > 0)
        {
            facts.push(format!("           and {}", count(more, "more command")));
        }
        facts
    }

    fn moment(&self, time: Time) -> String {
        match &self.zone {
            Some(zone) => format!(
                "{} {} ({})",
                local_time(time, zone),
                zone.name(),
                words::moment(time)
            ),
            None => words::moment(time),
        }
    }

    fn day(&self, time: Time) -> String {
        let shown = match &self.zone {
            Some(zone) => local_time(time, zone),
            None => words::moment(time),
        };
        shown.get(..10).unwrap_or(&shown).to_owned()
    }
}
