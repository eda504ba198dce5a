//! Arguments and subcommands, with their help.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::investigate::Severity;
use crate::report::Format;

/// What most subcommands end with.
const EXIT_CODES: &str = "Exit code: 0 done, 2 error.";

/// Was it our administrator, or an attacker? Triage of PsExec, winexe and look-alikes from raw
/// Windows event logs.
#[derive(Debug, Parser)]
#[command(
    name = "dualuse",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Examples:\n  \
        dualuse logs/                          look, pivot and decide in the terminal\n  \
        dualuse                                the same with the bundled logs, in a checkout\n  \
        dualuse scan logs/                     the alerts as text\n  \
        dualuse scan logs/ --format json       … and as JSON, for scripts\n  \
        dualuse export logs/ -o note.md        the note for the ticket\n\n\
        Evidence is opened read-only and nothing is written beside it. Decisions and notes go to a\n\
        case file in your data folder, or where --case says.\n\n\
        Exit code: 0 done, 1 something was found or refused, 2 error, 3 some evidence could not be\n\
        read; each subcommand's help says which."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) interactive: Interactive,
}

impl Cli {
    /// The whole command line. A subcommand whose help says nothing of exit codes has the usual ones.
    pub(super) fn described() -> clap::Command {
        with_exit_codes(Self::command())
    }
}

fn with_exit_codes(command: clap::Command) -> clap::Command {
    let command = command.mut_subcommands(with_exit_codes);
    let help = command.get_after_help().map(ToString::to_string);
    match help {
        Some(help) if help.contains("Exit code") => command,
        Some(help) => command.after_help(format!("{help}\n\n{EXIT_CODES}")),
        None => command.after_help(EXIT_CODES),
    }
}

/// Everything but the terminal interface.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find alerts and print them
    Scan(Scan),
    /// Write a report: alerts, decisions and notes
    Export(Export),
    /// List alerts, decide about them and note, without the interface
    Triage(Triage),
    /// Rules made from verdicts: list, add, edit, revoke, share
    Known(Known),
    /// Show, verify, merge and find case files
    Case(Case),
    /// Show the tools that are looked for, and check a catalogue of your own
    Catalog(Catalog),
    /// Tell dualuse about your site: accounts, admin hosts, change windows
    Config(Config),
    /// List the keys of the interface
    #[cfg(feature = "tui")]
    Keys(Keys),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Of this subcommand
        command: Option<String>,
    },
}

/// What to read.
#[derive(Args, Clone, Debug)]
pub(super) struct Evidence {
    /// Event logs (.evtx, JSON, XML, CSV, text, also packed as .zip, .tar, .gz) and folders that hold them
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(super) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
}

/// How to read it.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Reading {
    /// Add the tools of this catalogue to the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(super) catalog: Option<PathBuf>,
    /// Site profile to judge by (default: see `dualuse config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Compute the SHA-256 of every source
    #[arg(long)]
    pub(super) hash: bool,
}

/// Which case.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct CaseFile {
    /// Case file (default: one per evidence, in your data folder)
    #[arg(long, value_name = "FILE")]
    pub(super) case: Option<PathBuf>,
    /// Who decides (default: $DUALUSE_AUTHOR, else user@host)
    #[arg(long, value_name = "NAME")]
    pub(super) author: Option<String>,
}

/// What to show.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct Showing {
    /// Leave out alerts below this severity, unless somebody decided about them
    #[arg(long, value_name = "LEVEL")]
    pub(super) min_severity: Option<Level>,
    /// Leave passwords in command lines as they are
    #[arg(long)]
    pub(super) show_secrets: bool,
}

/// Without a subcommand: the terminal interface.
#[derive(Args, Clone, Debug)]
pub(super) struct Interactive {
    /// Event logs (.evtx, JSON, XML, CSV, text, also packed as .zip, .tar, .gz) and folders that hold them
    #[arg(value_name = "EVIDENCE")]
    pub(super) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) case: CaseFile,
    #[cfg(feature = "tui")]
    #[command(flatten)]
    pub(super) looks: Looks,
}

/// How the interface looks.
#[cfg(feature = "tui")]
#[derive(Args, Clone, Debug)]
pub(super) struct Looks {
    /// Zone of shown times: UTC, local, or a name such as Europe/Oslo (default: UTC; a key switches)
    #[arg(long, value_name = "ZONE")]
    pub(super) tz: Option<crate::tui::model::Zone>,
    /// Theme: default, dark, light, high-contrast, colour-blind, monochrome, one of yours, or a
    /// theme file
    #[arg(long, value_name = "THEME")]
    pub(super) theme: Option<String>,
    /// Colours of the terminal: auto (by its environment), never, 16, 256 or true
    #[arg(long, alias = "colour", value_name = "COLORS", value_parser = color)]
    pub(super) color: Option<Color>,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub(super) ascii: bool,
    /// Lay the keys of this file over the default ones (default: yours, see `dualuse config path
    /// keys`)
    #[arg(long, value_name = "FILE")]
    pub(super) keys: Option<PathBuf>,
    /// Do not go on where this case was left: cursor, order, filters, marks and pages start anew
    #[arg(long)]
    pub(super) fresh: bool,
    /// Write nothing that is not asked for: remember no session, and make no case file unless
    /// --case names it (nothing can be decided then)
    #[arg(long)]
    pub(super) no_state: bool,
}

/// How many colours the terminal has; `None` is as its environment says.
#[cfg(feature = "tui")]
pub(super) type Color = Option<crate::tui::theme::Depth>;

#[cfg(feature = "tui")]
fn color(word: &str) -> Result<Color, String> {
    crate::tui::config::depth(word)
}

/// `keys`
#[cfg(feature = "tui")]
#[derive(Args, Debug)]
pub(super) struct Keys {
    /// Lay the keys of this file over the default ones
    #[arg(long, value_name = "FILE", conflicts_with = "default")]
    pub(super) keys: Option<PathBuf>,
    /// The default keys, whatever your own file says
    #[arg(long)]
    pub(super) default: bool,
    /// As a Markdown table
    #[arg(long)]
    pub(super) markdown: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(super) json: bool,
}

/// `scan`
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 no alert, 1 alerts found, 2 error, 3 some evidence could not be read \
    (there may be alerts too).\n\nExamples:\n  \
    dualuse scan logs/ --min-severity medium\n  \
    dualuse scan logs/ --format jsonl | jq -r 'select(.leaning==\"attacker\") | .title'"
)]
pub(super) struct Scan {
    #[command(flatten)]
    pub(super) evidence: Evidence,
    /// Form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ScanFormat,
    /// Work on so many threads (default: one for each processor)
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) showing: Showing,
    #[command(flatten)]
    pub(super) case: CaseFile,
}

/// `export`
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 written, 2 error, 3 written, but some evidence could not be read.\n\n\
    Examples:\n  \
    dualuse export logs/ -o note.md\n  \
    dualuse export logs/ --case evening.dualuse-case --format csv -o alerts.csv"
)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) evidence: Evidence,
    /// Form of the report (default: by the ending of OUT, else markdown)
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<ReportFormat>,
    /// File to write (default: standard output)
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) showing: Showing,
    #[command(flatten)]
    pub(super) case: CaseFile,
}

/// `triage`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 something was refused (said in full), 2 error.")]
pub(super) struct Triage {
    #[command(subcommand)]
    pub(super) action: TriageAction,
}

/// What to do with alerts.
#[derive(Debug, Subcommand)]
pub(super) enum TriageAction {
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
pub(super) struct Note {
    #[command(flatten)]
    pub(super) evidence: Evidence,
    #[command(flatten)]
    pub(super) case: CaseFile,
    /// Id of the alert, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(super) alert: String,
    /// The note, Markdown
    #[arg(
        long,
        value_name = "MARKDOWN",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    pub(super) text: Option<String>,
    /// A file with the note; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Put this text in the place of a note, named by its id or the beginning of it; an empty text
    /// takes the note away. Earlier texts stay in the log
    #[arg(long, value_name = "NOTE")]
    pub(super) replace: Option<String>,
    /// Link a record: [HOST/]CHANNEL/RECORD[@TIME]
    #[arg(long, value_name = "RECORD")]
    pub(super) event: Vec<String>,
    /// Link the process that a record tells of, such as its start
    #[arg(long, value_name = "RECORD")]
    pub(super) process: Vec<String>,
    /// Link an account
    #[arg(long, value_name = "NAME")]
    pub(super) account: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// `triage decide`
#[derive(Args, Debug)]
pub(super) struct Decide {
    #[command(flatten)]
    pub(super) evidence: Evidence,
    #[command(flatten)]
    pub(super) case: CaseFile,
    /// Id of an alert, or the beginning of it; several make one bulk decision
    #[arg(long, value_name = "ID", required_unless_present = "json")]
    pub(super) alert: Vec<String>,
    /// What to do: admin-attributed, escalated, needs-info …
    #[arg(
        long = "as",
        value_name = "TRANSITION",
        required_unless_present_any = ["json", "answer"]
    )]
    pub(super) transition: Option<String>,
    /// The owner who was asked says it was them: fills in admin-attributed from question and answer
    #[arg(long, value_name = "TEXT", conflicts_with = "json")]
    pub(super) answer: Option<String>,
    /// Fill in a field
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
    /// Cite a record of the alert as evidence: [HOST/]CHANNEL/RECORD, or “all” sightings
    #[arg(long, value_name = "RECORD")]
    pub(super) cite: Vec<String>,
    /// Acknowledge a red flag
    #[arg(long, value_name = "FLAG[=WHY]")]
    pub(super) acknowledge: Vec<String>,
    /// Read decisions as JSON from a file, - is standard input, and answer in JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["alert", "transition", "set", "cite", "acknowledge"])]
    pub(super) json: Option<PathBuf>,
}

/// `triage ask`
#[derive(Args, Debug)]
pub(super) struct Ask {
    #[command(flatten)]
    pub(super) evidence: Evidence,
    #[command(flatten)]
    pub(super) case: CaseFile,
    /// Id of the alert, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(super) alert: String,
    /// Person or team to ask
    #[arg(long, value_name = "WHOM")]
    pub(super) whom: String,
    /// Until when: 2026-03-12, or 2026-03-12 14:00 (UTC)
    #[arg(long, value_name = "DATE")]
    pub(super) due: String,
    /// What to ask beyond “was it you?”
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) question: String,
    /// Over which channel: in-person, phone, ticket, chat, mail
    #[arg(long, value_name = "CHANNEL", default_value = "")]
    pub(super) channel: String,
    /// Their time zone, such as Europe/Oslo (default: that of the site profile, else UTC)
    #[arg(long, value_name = "ZONE")]
    pub(super) zone: Option<chrono_tz::Tz>,
    /// Write the message to a file (default: standard output)
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: Option<PathBuf>,
}

/// `known`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 refused (said in full), 2 error.")]
pub(super) struct Known {
    #[command(subcommand)]
    pub(super) action: KnownAction,
}

/// What to do with rules about known activity.
#[derive(Debug, Subcommand)]
pub(super) enum KnownAction {
    /// List the rules and what each took in of this evidence
    List {
        #[command(flatten)]
        evidence: Evidence,
        #[command(flatten)]
        case: CaseFile,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a rule from the verdict of an alert
    #[command(
        after_help = "Scope comes from the alert: tool, account, source, service, host. Widen it with --set.\n\
        Fields: name, tool, account, source, service, hosts, window, reason, expires.\n\n\
        Exit code: 0 saved, 1 refused (said in full), 2 error.\n\nExample:\n  \
        dualuse known add logs/ --alert 3f2a --set name='Agent roll-out' --set hosts= \\\n    \
        --set reason='CHG-1042, client team' --set expires=2026-09-30"
    )]
    Add {
        #[command(flatten)]
        evidence: Evidence,
        #[command(flatten)]
        case: CaseFile,
        /// Id of the alert, or the beginning of it
        #[arg(long, value_name = "ID")]
        alert: String,
        #[command(flatten)]
        rule: Rule,
    },
    /// Change a rule; its earlier text stays in the log
    #[command(after_help = "Exit code: 0 saved, 1 refused (said in full), 2 error.")]
    Edit {
        #[command(flatten)]
        whose: Whose,
        /// Id of the rule, or the beginning of it
        #[arg(long, value_name = "ID")]
        rule: String,
        #[command(flatten)]
        change: Rule,
    },
    /// Take a rule out of force; its alerts are open again
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// Id of the rule, or the beginning of it
        #[arg(long, value_name = "ID")]
        rule: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Print the rules in force as TOML
    Export(Whose),
    /// Take in rules from TOML; you answer for them in this case
    Import {
        #[command(flatten)]
        whose: Whose,
        /// The file; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

/// The text of a rule.
#[derive(Args, Debug)]
pub(super) struct Rule {
    /// Fill in a field; an empty value empties it
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
    /// Let the rule accept a red flag; all others keep an alert open
    #[arg(long, value_name = "FLAG=WHY")]
    pub(super) accept: Vec<String>,
}

/// Whose case to undo in.
#[derive(Args, Debug)]
pub(super) struct Whose {
    /// The evidence whose case it is
    #[arg(value_name = "EVIDENCE", required_unless_present = "case")]
    pub(super) evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) case: CaseFile,
}

/// `case`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 a case is broken or in conflict, 2 error.")]
pub(super) struct Case {
    #[command(subcommand)]
    pub(super) action: CaseAction,
}

/// What to do with a case file.
#[derive(Debug, Subcommand)]
pub(super) enum CaseAction {
    /// Print the log of a case
    #[command(after_help = "Exit code: 0 printed, 1 printed what holds of a broken log, 2 error.")]
    Show {
        /// Case file
        #[arg(value_name = "CASE")]
        case: PathBuf,
        /// Print JSON, one entry per line, exactly as chained
        #[arg(long)]
        json: bool,
    },
    /// Recompute the hash chain of a case and say what does not hold
    #[command(
        after_help = "Found: any changed byte of an entry, entries removed, added, renumbered or out of order, a cut tail.\n\
        Not found by the file alone: a log that somebody wrote anew as a whole, or cut together with its seal.\n\
        For that, keep the last entry outside: every report cites it, and --holds ENTRY asks for it.\n\n\
        Exit code: 0 whole, 1 broken (or evidence or ENTRY missing), 2 error."
    )]
    Verify {
        /// Case file
        #[arg(value_name = "CASE")]
        case: PathBuf,
        /// Also check that these files and folders still hold the evidence that the log records
        #[arg(long, value_name = "EVIDENCE")]
        evidence: Vec<PathBuf>,
        /// Also check that the log still holds this entry, such as the last one cited by a report
        #[arg(long, value_name = "ENTRY")]
        holds: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Unite case files into a new one; with one damaged file, save what still holds
    #[command(
        after_help = "Every author's history is kept; verdicts that contradict each other are shown as conflicts,\n\
        and a new verdict settles them. Order and repetition of the files make no difference.\n\n\
        Exit code: 0 merged, 1 merged, but verdicts are in conflict or entries were left out, 2 error."
    )]
    Merge {
        /// Case files
        #[arg(value_name = "CASE", required = true)]
        cases: Vec<PathBuf>,
        /// New case file
        #[arg(short, long, value_name = "NEW")]
        output: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print where the case of some evidence lies
    Path {
        /// The evidence
        #[arg(required = true, value_name = "EVIDENCE")]
        evidence: Vec<PathBuf>,
    },
}

/// `catalog`
#[derive(Args, Debug)]
pub(super) struct Catalog {
    #[command(subcommand)]
    pub(super) action: CatalogAction,
}

/// What to show of the catalogue.
#[derive(Debug, Subcommand)]
pub(super) enum CatalogAction {
    /// List the tools
    List {
        /// Add the tools of this catalogue
        #[arg(long, value_name = "FILE")]
        catalog: Option<PathBuf>,
    },
    /// Say what one tool is and which traces show it
    Explain {
        /// Id of the tool
        tool: String,
        /// Add the tools of this catalogue
        #[arg(long, value_name = "FILE")]
        catalog: Option<PathBuf>,
    },
    /// List the signals that alerts are weighed by: weight, source and what they need
    Signals,
    /// Check a catalogue file and say everything that is wrong with it
    Check {
        /// The file
        file: PathBuf,
    },
}

/// `config`
#[derive(Args, Debug)]
pub(super) struct Config {
    #[command(subcommand)]
    pub(super) action: ConfigAction,
}

/// What to do with the files that change how dualuse works.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// Print a file to begin with, every setting explained
    Template {
        /// Which file
        #[arg(default_value = "site")]
        kind: ConfigKind,
    },
    /// Check your files, or one, and say everything that is wrong
    Check {
        /// The file (default: every one of yours that is there)
        file: Option<PathBuf>,
        /// What the file is
        #[arg(long, default_value = "site", requires = "file")]
        kind: ConfigKind,
    },
    /// Print where a file of yours lies
    Path {
        /// Which file
        #[arg(default_value = "site")]
        kind: ConfigKind,
    },
}

/// The files that change how dualuse works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfigKind {
    /// What the site knows about itself: accounts, admin hosts, change windows
    Site,
    /// Settings of the interface: theme, zone, mouse, order, …
    #[cfg(feature = "tui")]
    Interface,
    /// Keys of the interface, laid over the default ones
    #[cfg(feature = "tui")]
    Keys,
    /// Colours of the interface: a theme of your own
    #[cfg(feature = "tui")]
    Theme,
}

/// Forms of `scan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ScanFormat {
    /// Plain sentences, one block per alert
    Text,
    /// One object with everything
    Json,
    /// One alert per line
    Jsonl,
    /// One alert per row
    Csv,
}

/// A report format, under the word that the report module gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReportFormat(pub(super) Format);

impl ValueEnum for ReportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<ReportFormat>> =
            LazyLock::new(|| Format::ALL.into_iter().map(ReportFormat).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()).help(self.0.help()))
    }
}

/// A severity on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// Context
    Info,
    /// Looks like administration
    Low,
    /// Needs a look
    Medium,
    /// Leans towards an attacker
    High,
    /// Strong facts for an attacker
    Critical,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Severity::Info,
            Level::Low => Severity::Low,
            Level::Medium => Severity::Medium,
            Level::High => Severity::High,
            Level::Critical => Severity::Critical,
        }
    }
}
