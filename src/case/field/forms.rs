//! The form of each transition. What a verdict cannot be saved without follows design §7.

use super::{Choice, FieldKind, FieldSpec, Rule};
use crate::case::transition::Transition;

const ALWAYS: &[Rule] = &[Rule::Always];
const OPTIONAL: &[Rule] = &[];

const fn field(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    kind: FieldKind,
    required: &'static [Rule],
) -> FieldSpec {
    FieldSpec {
        id,
        label,
        help,
        kind,
        required,
    }
}

const fn choice(id: &'static str, label: &'static str) -> Choice {
    Choice { id, label }
}

const BASIS: &[Choice] = &[
    choice("change-ticket", "a change ticket"),
    choice("change-window", "a change window on file"),
    choice("owner-confirmed", "the owner confirmed it"),
    choice("known-automation", "documented automation"),
    choice("known-activity", "a known-activity rule"),
    choice("analyst-knowledge", "my own knowledge"),
];

const PERFORMED_BY: &[Choice] = &[
    choice("person", "a person"),
    choice("automation", "automation or a service account"),
    choice("product", "a vendor's product"),
];

const CHANNEL: &[Choice] = &[
    choice("in-person", "in person"),
    choice("phone", "phone, number known beforehand"),
    choice("ticket", "ticket system"),
    choice("chat", "chat"),
    choice("mail", "mail"),
];

const SEVERITY: &[Choice] = &[
    choice("critical", "critical"),
    choice("high", "high"),
    choice("medium", "medium"),
    choice("low", "low"),
];

const CAUSE: &[Choice] = &[
    choice("rule-logic", "the rule's logic is wrong"),
    choice("name-collision", "something else has that name"),
    choice("bad-data", "the data is wrong or was misread"),
    choice("wrong-clock", "a clock was wrong"),
];

const OUTCOME: &[Choice] = &[
    choice("confirmed-malicious", "confirmed malicious"),
    choice("returned-benign", "returned: it was authorised"),
    choice("inconclusive", "could not be settled"),
];

const YES_NO: &[Choice] = &[choice("yes", "yes"), choice("no", "no")];

const COMMENT: FieldSpec = field(
    "comment",
    "Comment",
    "Anything else a reader should know.",
    FieldKind::Paragraph,
    OPTIONAL,
);

const ATTRIBUTED_TO: &str = "Person, team or service that did it.";
const BASIS_HELP: &str = "What makes you sure.";

const ADMIN_ATTRIBUTED: &[FieldSpec] = &[
    field(
        "attributed_to",
        "Attributed to",
        ATTRIBUTED_TO,
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "performed_by",
        "Performed by",
        "What kind of actor it was.",
        FieldKind::Choice(PERFORMED_BY),
        OPTIONAL,
    ),
    field(
        "basis",
        "Basis",
        BASIS_HELP,
        FieldKind::Choice(BASIS),
        ALWAYS,
    ),
    field(
        "window",
        "Window",
        "The change window: its name in the site profile, or FROM/TO, such as 2026-03-10 18:00/2026-03-10 20:00 (UTC).",
        FieldKind::Text,
        &[Rule::When("basis", "change-window")],
    ),
    field(
        "confirmed_by",
        "Confirmed by",
        "Who said so. Not the account under suspicion.",
        FieldKind::Text,
        &[Rule::When("basis", "owner-confirmed")],
    ),
    field(
        "channel",
        "Over",
        "Over which channel. An intruder may read mail and chat.",
        FieldKind::Choice(CHANNEL),
        &[Rule::When("basis", "owner-confirmed")],
    ),
    field(
        "confirmed_at",
        "Confirmed at",
        "When they said so.",
        FieldKind::Date,
        OPTIONAL,
    ),
    field(
        "ticket",
        "Ticket",
        "Change, request or incident number.",
        FieldKind::Text,
        &[
            Rule::When("basis", "change-ticket"),
            Rule::Without("no_ticket"),
        ],
    ),
    field(
        "no_ticket",
        "Why no ticket",
        "If there is no ticket: why not.",
        FieldKind::Text,
        OPTIONAL,
    ),
    field(
        "events",
        "Evidence",
        "At least one event that shows it.",
        FieldKind::Events,
        ALWAYS,
    ),
    COMMENT,
];

const AUTHORISED_TEST: &[FieldSpec] = &[
    field(
        "engagement",
        "Engagement",
        "Name or number of the test.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "contact",
        "Contact",
        "Who answers for it.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "window",
        "Window",
        "The agreed time: FROM/TO, or its name in the site profile.",
        FieldKind::Text,
        ALWAYS,
    ),
    COMMENT,
];

const ESCALATED: &[FieldSpec] = &[
    field(
        "escalated_to",
        "Escalated to",
        "Team or person who takes it over.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "why",
        "Why",
        "Which facts make it suspicious.",
        FieldKind::Paragraph,
        ALWAYS,
    ),
    field(
        "severity",
        "Severity",
        "How bad it would be.",
        FieldKind::Choice(SEVERITY),
        ALWAYS,
    ),
    field(
        "next_owner",
        "Next owner",
        "Who acts next.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "asked_action",
        "Asked action",
        "What they are asked to do.",
        FieldKind::Paragraph,
        OPTIONAL,
    ),
    COMMENT,
];

const FALSE_POSITIVE: &[FieldSpec] = &[
    field(
        "cause",
        "Cause",
        "What went wrong.",
        FieldKind::Choice(CAUSE),
        ALWAYS,
    ),
    field(
        "tuning",
        "Tuning",
        "How to keep it from coming back.",
        FieldKind::Paragraph,
        OPTIONAL,
    ),
    COMMENT,
];

const UNDETERMINED: &[FieldSpec] = &[
    field(
        "missing",
        "What is missing",
        "Such as: no Security log of SRV02 before 11 March.",
        FieldKind::Paragraph,
        ALWAYS,
    ),
    field(
        "tried",
        "What was tried",
        "Where you looked.",
        FieldKind::Paragraph,
        ALWAYS,
    ),
    COMMENT,
];

const DUPLICATE: &[FieldSpec] = &[
    field(
        "duplicate_of",
        "Duplicate of",
        "The alert that tells the story.",
        FieldKind::Alert,
        ALWAYS,
    ),
    COMMENT,
];

const NEEDS_INFO: &[FieldSpec] = &[
    field(
        "question",
        "Question",
        "What you asked.",
        FieldKind::Paragraph,
        ALWAYS,
    ),
    field(
        "asked",
        "Asked whom",
        "Person or team.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "due",
        "Due",
        "When you will ask again.",
        FieldKind::Date,
        ALWAYS,
    ),
    field(
        "channel",
        "Over",
        "Over which channel you asked.",
        FieldKind::Choice(CHANNEL),
        OPTIONAL,
    ),
    COMMENT,
];

const IN_PROGRESS: &[FieldSpec] = &[field(
    "reason",
    "Reason",
    "Why you take it up.",
    FieldKind::Text,
    OPTIONAL,
)];

const REOPEN: &[FieldSpec] = &[field(
    "reason",
    "Reason",
    "What makes you look again.",
    FieldKind::Paragraph,
    ALWAYS,
)];

const OUTCOME_FIELDS: &[FieldSpec] = &[
    field(
        "outcome",
        "Outcome",
        "What incident response found.",
        FieldKind::Choice(OUTCOME),
        ALWAYS,
    ),
    field(
        "impact",
        "Impact",
        "Whether damage was done.",
        FieldKind::Choice(YES_NO),
        &[Rule::When("outcome", "confirmed-malicious")],
    ),
    field(
        "attributed_to",
        "Attributed to",
        ATTRIBUTED_TO,
        FieldKind::Text,
        &[Rule::When("outcome", "returned-benign")],
    ),
    field(
        "basis",
        "Basis",
        BASIS_HELP,
        FieldKind::Choice(BASIS),
        &[Rule::When("outcome", "returned-benign")],
    ),
    field(
        "reference",
        "Reference",
        "Incident number or report.",
        FieldKind::Text,
        OPTIONAL,
    ),
    COMMENT,
];

/// The form of a rule about known activity.
pub(in crate::case) const KNOWN_ACTIVITY: &[FieldSpec] = &[
    field(
        "name",
        "Name",
        "What a reader calls it, such as: nightly agent roll-out.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "tool",
        "Tool",
        "Id of the tool in the catalogue; * stands for any characters.",
        FieldKind::Text,
        ALWAYS,
    ),
    field(
        "account",
        "Account",
        "DOMAIN\\user; * stands for any characters.",
        FieldKind::Text,
        &[Rule::Without("source")],
    ),
    field(
        "source",
        "Source",
        "Host name, address or network it comes from.",
        FieldKind::Text,
        &[Rule::Without("account")],
    ),
    field(
        "service",
        "Service",
        "Name of the service it installs or uses.",
        FieldKind::Text,
        OPTIONAL,
    ),
    field(
        "hosts",
        "Hosts",
        "Hosts it happens on, with commas between them; empty means any.",
        FieldKind::Text,
        OPTIONAL,
    ),
    field(
        "window",
        "Window",
        "When: FROM/TO, or a time of day such as 22:00-04:00 (UTC).",
        FieldKind::Text,
        OPTIONAL,
    ),
    field(
        "reason",
        "Reason",
        "Why it is all right, and who said so.",
        FieldKind::Paragraph,
        ALWAYS,
    ),
    field(
        "expires",
        "Expires",
        "Activity from this time on is not covered.",
        FieldKind::Date,
        ALWAYS,
    ),
];

/// The fields of a transition.
pub(in crate::case) fn fields(transition: Transition) -> &'static [FieldSpec] {
    match transition {
        Transition::AdminAttributed => ADMIN_ATTRIBUTED,
        Transition::AuthorisedTest => AUTHORISED_TEST,
        Transition::Escalated => ESCALATED,
        Transition::FalsePositive => FALSE_POSITIVE,
        Transition::Undetermined => UNDETERMINED,
        Transition::Duplicate => DUPLICATE,
        Transition::NeedsInfo => NEEDS_INFO,
        Transition::InProgress => IN_PROGRESS,
        Transition::Reopen => REOPEN,
        Transition::Outcome => OUTCOME_FIELDS,
    }
}
