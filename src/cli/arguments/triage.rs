//! `triage` and its actions.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CaseFile, Evidence, Whose};

/// `triage`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 something was refused (said in full), 2 error.")]
pub(in crate::cli) struct Triage {
    #[command(subcommand)]
    pub(in crate::cli) action: TriageAction,
}

/// What to do with alerts.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TriageAction {
    /// List the alerts and where the work on each stands
    List {
        #[command(flatten)]
        evidence: Evidence,
        #[command(flatten)]
        case: CaseFile,
        /// Only alerts that somebody still has to look at
        #[arg(long)]
        open: bool,
        /// Print JSON, one alert per line
        #[arg(long)]
        json: bool,
    },
    /// Show one alert, its history, and what a verdict needs
    Show {
        #[command(flatten)]
        evidence: Evidence,
        #[command(flatten)]
        case: CaseFile,
        /// Id of the alert, or the beginning of it
        #[arg(long, value_name = "ID")]
        alert: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Decide about alerts
    #[command(
        after_help = "Exit code: 0 all saved, 1 something was refused (said in full), 2 error.\n\n\
        Examples:\n  \
        dualuse triage decide logs/ --alert 3f2a --as admin-attributed \\\n    \
        --set attributed_to='Client team' --set basis=change-ticket --set ticket=CHG-1042 \\\n    \
        --cite all --acknowledge renamed-service='our packaging renames it'\n  \
        dualuse triage decide logs/ --json decisions.json\n\n\
        JSON: objects, or a list of them, {\"alert\", \"transition\", \"fields\": {…}, \"cite\": [\"Security/4711\"],\n\
        \"acknowledged\": {\"flag\": \"why\"}}; “dualuse triage form” lists transitions and fields."
    )]
    Decide(Decide),
    /// Ask the owner of an account or host: print a message to send, and wait for the answer
    #[command(
        after_help = "Sets the alert to needs-info with a due date. With the answer:\n  \
        dualuse triage decide logs/ --alert 3f2a --answer 'yes, roll-out' --set ticket=CHG-1042 --cite all\n\n\
        Exit code: 0 asked, 1 refused (said in full), 2 error."
    )]
    Ask(Ask),
    /// Add a note to an alert, or change one
    #[command(
        after_help = "Links name events by content (host, channel, record id, time), so that they hold\n\
        wherever the logs lie. In the text itself a link is [words](event:HOST/CHANNEL/RECORD@TIME),\n\
        [words](process:HOST/CHANNEL/RECORD@TIME) or [words](account:NAME).\n\n\
        Exit code: 0 saved, 2 error (nothing was saved).\n\nExample:\n  \
        dualuse triage note logs/ --alert 3f2a --text 'It began here:' --event FS01/System/812"
    )]
    Note(Note),
    /// Take back your last decision or note (nothing is erased)
    Undo(Whose),
    /// Bring back what your last undo took back
    Redo(Whose),
    /// List the transitions and the fields that each needs
    Form {
        /// Only this one
        transition: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// `triage note`
#[derive(Args, Debug)]
pub(in crate::cli) struct Note {
    #[command(flatten)]
    pub(in crate::cli) evidence: Evidence,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
    /// Id of the alert, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) alert: String,
    /// The note, Markdown
    #[arg(
        long,
        value_name = "MARKDOWN",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    pub(in crate::cli) text: Option<String>,
    /// A file with the note; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Put this text in the place of a note, named by its id or the beginning of it; an empty text
    /// takes the note away. Earlier texts stay in the log
    #[arg(long, value_name = "NOTE")]
    pub(in crate::cli) replace: Option<String>,
    /// Link a record: [HOST/]CHANNEL/RECORD[@TIME]
    #[arg(long, value_name = "RECORD")]
    pub(in crate::cli) event: Vec<String>,
    /// Link the process that a record tells of, such as its start
    #[arg(long, value_name = "RECORD")]
    pub(in crate::cli) process: Vec<String>,
    /// Link an account
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) account: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `triage decide`
#[derive(Args, Debug)]
pub(in crate::cli) struct Decide {
    #[command(flatten)]
    pub(in crate::cli) evidence: Evidence,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
    /// Id of an alert, or the beginning of it; several make one bulk decision
    #[arg(long, value_name = "ID", required_unless_present = "json")]
    pub(in crate::cli) alert: Vec<String>,
    /// What to do: admin-attributed, escalated, needs-info …
    #[arg(
        long = "as",
        value_name = "TRANSITION",
        required_unless_present_any = ["json", "answer"]
    )]
    pub(in crate::cli) transition: Option<String>,
    /// The owner who was asked says it was them: fills in admin-attributed from question and answer
    #[arg(long, value_name = "TEXT", conflicts_with = "json")]
    pub(in crate::cli) answer: Option<String>,
    /// Fill in a field
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(in crate::cli) set: Vec<String>,
    /// Cite a record of the alert as evidence: [HOST/]CHANNEL/RECORD, or “all” sightings
    #[arg(long, value_name = "RECORD")]
    pub(in crate::cli) cite: Vec<String>,
    /// Acknowledge a red flag
    #[arg(long, value_name = "FLAG[=WHY]")]
    pub(in crate::cli) acknowledge: Vec<String>,
    /// Read decisions as JSON from a file, - is standard input, and answer in JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["alert", "transition", "set", "cite", "acknowledge"])]
    pub(in crate::cli) json: Option<PathBuf>,
}

/// `triage ask`
#[derive(Args, Debug)]
pub(in crate::cli) struct Ask {
    #[command(flatten)]
    pub(in crate::cli) evidence: Evidence,
    #[command(flatten)]
    pub(in crate::cli) case: CaseFile,
    /// Id of the alert, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) alert: String,
    /// Person or team to ask
    #[arg(long, value_name = "WHOM")]
    pub(in crate::cli) whom: String,
    /// Until when: 2026-03-12, or 2026-03-12 14:00 (UTC)
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) due: String,
    /// What to ask beyond “was it you?”
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) question: String,
    /// Over which channel: in-person, phone, ticket, chat, mail
    #[arg(long, value_name = "CHANNEL", default_value = "")]
    pub(in crate::cli) channel: String,
    /// Their time zone, such as Europe/Oslo (default: that of the site profile, else UTC)
    #[arg(long, value_name = "ZONE")]
    pub(in crate::cli) zone: Option<crate::event::NamedZone>,
    /// Write the message to a file (default: standard output)
    #[arg(short, long, value_name = "OUT")]
    pub(in crate::cli) output: Option<PathBuf>,
}
