//! The verdicts in the words of the systems that desks use, so that an alert can be closed there
//! with the verdict given here.
//!
//! Sources: Microsoft Sentinel incident classification, Microsoft Graph security `alert`
//! classification and determination, Splunk Enterprise Security `disposition`, Elastic Security
//! 9.2 closing reasons, DFIR-IRIS alert resolution status, TheHive 5 alert status. `null` where a
//! system has no word for it.

use serde::Serialize;

use crate::case::{Disposition, Triage};

/// One verdict, system by system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mapped {
    sentinel: Option<Sentinel>,
    defender: Option<Defender>,
    splunk: Option<&'static str>,
    elastic: Option<&'static str>,
    iris: Option<&'static str>,
    thehive: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sentinel {
    classification: &'static str,
    classification_reason: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Defender {
    classification: &'static str,
    determination: &'static str,
}

/// A row of the table.
type Words = (
    Option<(&'static str, Option<&'static str>)>,
    Option<(&'static str, &'static str)>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

/// The verdict of a closed alert; nothing while it is open.
pub(super) fn mapped(triage: &Triage) -> Option<Mapped> {
    let field = |id: &str| triage.fields.get(id).map_or("", String::as_str);
    let (sentinel, defender, splunk, elastic, iris, thehive) = match triage.disposition? {
        Disposition::AdminAttributed => admin(field("performed_by")),
        Disposition::AuthorisedTest => (
            Some(("BenignPositive", Some("SuspiciousButExpected"))),
            Some(("informationalExpectedActivity", "securityTesting")),
            Some("Testing"),
            Some("benign_positive"),
            Some("Legitimate"),
            Some("Other"),
        ),
        Disposition::Escalated => escalated(triage.outcome.as_deref(), field),
        Disposition::FalsePositive => false_positive(field("cause")),
        Disposition::Undetermined => (
            Some(("Undetermined", None)),
            Some(("falsePositive", "notEnoughDataToValidate")),
            Some("disposition:6"),
            Some("other"),
            Some("Unknown"),
            Some("Indeterminate"),
        ),
        Disposition::Duplicate => (
            None,
            None,
            Some("disposition:5"),
            Some("duplicate"),
            Some("Not Applicable"),
            Some("Duplicated"),
        ),
    };
    Some(Mapped {
        sentinel: sentinel.map(|(classification, classification_reason)| Sentinel {
            classification,
            classification_reason,
        }),
        defender: defender.map(|(classification, determination)| Defender {
            classification,
            determination,
        }),
        splunk,
        elastic,
        iris,
        thehive,
    })
}

fn admin(performed_by: &str) -> Words {
    let determination = match performed_by {
        "product" | "automation" => "lineOfBusinessApplication",
        _ => "confirmedActivity",
    };
    (
        Some(("BenignPositive", Some("SuspiciousButExpected"))),
        Some(("informationalExpectedActivity", determination)),
        Some("disposition:2"),
        Some("benign_positive"),
        Some("Legitimate"),
        Some("Other"),
    )
}

/// Until its outcome is known, an escalation is no true positive.
fn escalated<'a>(outcome: Option<&str>, field: impl Fn(&str) -> &'a str) -> Words {
    match outcome {
        Some("confirmed-malicious") => (
            Some(("TruePositive", Some("SuspiciousActivity"))),
            Some(("truePositive", "maliciousUserActivity")),
            Some("disposition:1"),
            Some("true_positive"),
            Some(if field("impact") == "yes" {
                "True Positive With Impact"
            } else {
                "True Positive Without Impact"
            }),
            Some("TruePositive"),
        ),
        Some("returned-benign") => admin(""),
        Some(_) => (
            Some(("Undetermined", None)),
            Some(("unknown", "unknown")),
            Some("disposition:6"),
            Some("other"),
            Some("Unknown"),
            Some("Indeterminate"),
        ),
        None => (None, None, None, None, Some("Escalated"), None),
    }
}

fn false_positive(cause: &str) -> Words {
    let (reason, splunk) = match cause {
        "bad-data" | "wrong-clock" => ("InaccurateData", "disposition:4"),
        _ => ("IncorrectAlertLogic", "disposition:3"),
    };
    (
        Some(("FalsePositive", Some(reason))),
        Some(("falsePositive", "notMalicious")),
        Some(splunk),
        Some("false_positive"),
        Some("False Positive"),
        Some("FalsePositive"),
    )
}
