//! `known` and its actions.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CaseFile, Evidence, Whose};

/// `known`
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 done, 1 refused (said in full), 2 error.")]
pub(in crate::cli) struct Known {
    #[command(subcommand)]
    pub(in crate::cli) action: KnownAction,
}

/// What to do with rules about known activity.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KnownAction {
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
pub(in crate::cli) struct Rule {
    /// Fill in a field; an empty value empties it
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(in crate::cli) set: Vec<String>,
    /// Let the rule accept a red flag; all others keep an alert open
    #[arg(long, value_name = "FLAG=WHY")]
    pub(in crate::cli) accept: Vec<String>,
}
