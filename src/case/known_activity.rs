//! Known activity: a rule made from a verdict. It labels and counts later alerts of the same kind;
//! it never hides one, and an alert with red flags stays open whatever the rule says. Whether a
//! rule has expired is judged by the time of the activity, not by a clock, so that a case reads
//! the same tomorrow.

mod scope;
pub(super) mod toml_file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decision::Fault;
use super::entry::EntryId;
use super::field::forms::KNOWN_ACTIVITY;
use super::field::{FieldKind, FieldSpec};
use super::red_flag::RedFlag;
use crate::event::Time;
use crate::investigate::Alert;

pub use scope::Scope;

/// A rule about activity that somebody vouched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownActivity {
    /// What a reader calls it.
    pub name: String,
    /// What it covers.
    pub scope: Scope,
    /// Why that is all right.
    pub reason: String,
    /// Covers only activity before this time.
    pub expires: Time,
    /// Red flags that the rule accepts: id, and why. All others keep an alert open.
    #[serde(default)]
    pub accepted: BTreeMap<String, String>,
    /// Where it came from when it was imported.
    #[serde(default)]
    pub origin: Option<String>,
}

impl KnownActivity {
    /// What a form asks for.
    pub fn fields() -> &'static [FieldSpec] {
        KNOWN_ACTIVITY
    }

    /// The form filled in from an alert, as narrow as the alert allows: its tool, account, source,
    /// service and host. Name, reason and expiry are left to the analyst.
    pub fn proposal(alert: &Alert) -> BTreeMap<String, String> {
        let mut fields = Scope::of(alert).fields();
        fields.insert("name".to_owned(), String::new());
        fields.insert("reason".to_owned(), String::new());
        fields.insert("expires".to_owned(), String::new());
        fields
    }

    /// The rule that a filled-in form means.
    ///
    /// # Errors
    /// Everything that is wrong or missing, at once.
    pub fn from_fields(fields: &BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        let value = |id: &str| fields.get(id).map_or("", |text| text.trim());
        let mut faults = Vec::new();
        let mut fault = |field: &str, what: String| {
            faults.push(Fault {
                field: field.to_owned(),
                what,
            });
        };
        for spec in KNOWN_ACTIVITY {
            if value(spec.id).is_empty() && spec.demanded_by(fields).is_some() {
                fault(spec.id, format!("is missing. {}", spec.help));
            }
            if spec.kind == FieldKind::Date
                && !value(spec.id).is_empty()
                && Time::parse(value(spec.id)).is_none()
            {
                let what = "is no date; write 2026-09-30 or 2026-09-30 14:00 (UTC)";
                fault(spec.id, format!("“{}” {what}", value(spec.id)));
            }
        }
        for field in fields.keys() {
            if !KNOWN_ACTIVITY.iter().any(|spec| spec.id == field) {
                let known: Vec<&str> = KNOWN_ACTIVITY.iter().map(|spec| spec.id).collect();
                fault(
                    field,
                    format!("no such field; there are {}", known.join(", ")),
                );
            }
        }
        let scope = Scope::from_fields(fields);
        for (field, what) in scope.faults() {
            fault(field, what);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(KnownActivity {
            name: value("name").to_owned(),
            scope,
            reason: value("reason").to_owned(),
            expires: Time::parse(value("expires")).unwrap_or_default(),
            accepted: BTreeMap::new(),
            origin: None,
        })
    }

    /// The form that this rule is, for editing.
    pub fn to_fields(&self) -> BTreeMap<String, String> {
        let mut fields = self.scope.fields();
        fields.insert("name".to_owned(), self.name.clone());
        fields.insert("reason".to_owned(), self.reason.clone());
        fields.insert("expires".to_owned(), self.expires.rfc3339());
        fields
    }
}

/// A rule that an alert falls under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownMatch {
    /// The entry that made the rule.
    pub rule: EntryId,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub author: String,
    /// Until when it covers activity.
    pub expires: Time,
    /// Whether the activity is later than that.
    pub is_expired: bool,
    /// The red flags of the alert that the rule does not accept.
    pub red_flags: Vec<RedFlag>,
}

impl KnownMatch {
    /// Whether the rule settles the alert: not expired, and nothing speaks against it.
    pub fn settles(&self) -> bool {
        !self.is_expired && self.red_flags.is_empty()
    }

    /// The label of an alert under this rule.
    pub fn label(&self) -> String {
        if self.is_expired {
            format!("known activity “{}”, expired {}", self.name, self.expires)
        } else if self.red_flags.is_empty() {
            format!("known activity “{}”", self.name)
        } else {
            let flags: Vec<&str> = self.red_flags.iter().map(|flag| flag.id.as_str()).collect();
            format!(
                "known activity “{}”, open for {}",
                self.name,
                flags.join(", ")
            )
        }
    }
}

/// How a rule stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    /// It labels and counts.
    InForce,
    /// Somebody took it out of force.
    Revoked {
        /// Who.
        author: String,
        /// When.
        time: Time,
        /// Why.
        reason: String,
    },
}

/// A rule with what it took in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownRule {
    /// The entry that holds its current text.
    pub id: EntryId,
    /// The rule.
    #[serde(flatten)]
    pub rule: KnownActivity,
    /// Who wrote this text.
    pub author: String,
    /// When.
    pub time: Time,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// How often its text was changed.
    pub edits: usize,
    /// The alerts that fall under it, by id. Those of a revoked rule are no longer counted.
    pub alerts: Vec<String>,
    /// How many of them have red flags that it does not accept.
    pub with_red_flags: usize,
    /// How many of them are later than its expiry.
    pub expired: usize,
}

impl KnownRule {
    /// "took in 41 alerts, 2 with red flags"
    pub fn account(&self) -> String {
        let number = self.alerts.len();
        let mut said = format!(
            "took in {number} alert{}",
            if number == 1 { "" } else { "s" }
        );
        if self.with_red_flags > 0 {
            said.push_str(&format!(", {} with red flags", self.with_red_flags));
        }
        if self.expired > 0 {
            said.push_str(&format!(", {} after it expired", self.expired));
        }
        said
    }
}
