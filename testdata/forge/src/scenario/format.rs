//! The scenario file as serde reads it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Table};

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) seed: u64,
    /// The moment before the first event.
    pub(super) start: Option<String>,
    /// The moment at which the logs were taken: later events are not in them.
    pub(super) end: Option<String>,
    /// Whether moments get digits below the millisecond, as real ones have.
    #[serde(default)]
    pub(super) jitter: bool,
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) domain: DomainEntry,
    #[serde(default)]
    pub(super) hosts: BTreeMap<String, HostEntry>,
    #[serde(default)]
    pub(super) accounts: BTreeMap<String, AccountEntry>,
    /// Recipes of this scenario's own.
    #[serde(default)]
    pub(super) recipe: BTreeMap<String, RecipeEntry>,
    #[serde(default)]
    pub(super) event: Vec<Spanned<Table>>,
    #[serde(default)]
    pub(super) background: Vec<Spanned<BackgroundEntry>>,
    #[serde(default)]
    pub(super) file: Vec<FileEntry>,
}

#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct DomainEntry {
    pub(super) name: String,
    pub(super) dns: String,
    pub(super) sid: String,
}

impl Default for DomainEntry {
    fn default() -> Self {
        Self {
            name: "NORDHAVN".to_owned(),
            dns: "nordhavn.example".to_owned(),
            sid: "S-1-5-21-1873426505-2946203179-3360127451".to_owned(),
        }
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct HostEntry {
    /// `Computer` in its events; the host's name in the domain by default.
    pub(super) computer: Option<String>,
    #[serde(default)]
    pub(super) ip: String,
    /// Windows, or something that keeps no Windows logs.
    #[serde(default = "yes")]
    pub(super) windows: bool,
    /// How far the clock is ahead (or behind, with a minus).
    pub(super) clock: Option<String>,
    pub(super) boot: Option<String>,
    /// The account at the console.
    pub(super) user: Option<String>,
    /// Whether the logs hold the start of the system.
    #[serde(default)]
    pub(super) boot_logged: bool,
    /// The channels that come out; all by default.
    pub(super) logs: Option<Vec<String>>,
    /// Event kinds that the host does not write.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// Which Sysmon layout it writes: `21`, `22`, `23` fields, or `none`.
    pub(super) sysmon: Option<String>,
    /// Layouts by event kind.
    #[serde(default)]
    pub(super) layouts: BTreeMap<String, String>,
    /// The first record id by channel.
    #[serde(default)]
    pub(super) records: BTreeMap<String, u64>,
    /// What this Windows calls the system account, as `AUTHORITY\Name`.
    pub(super) system_name: Option<String>,
    /// What a Windows in another language writes instead of an English text, for whole values.
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEntry {
    /// The account's name; the table's key by default.
    pub(super) name: Option<String>,
    pub(super) domain: Option<String>,
    /// The whole SID, or the last part within the domain.
    pub(super) sid: Option<String>,
    #[serde(default)]
    pub(super) admin: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeEntry {
    /// What it stands for.
    #[serde(default)]
    pub(super) about: String,
    /// Parameters that must be given.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// Parameters with what they are when not given.
    #[serde(default)]
    pub(super) defaults: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(super) step: Vec<Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackgroundEntry {
    pub(super) kind: String,
    pub(super) hosts: Vec<String>,
    pub(super) from: String,
    pub(super) to: String,
    /// The mean time between two on one host.
    pub(super) every: String,
    /// Parameters of which one value is drawn each time.
    #[serde(default)]
    pub(super) choose: BTreeMap<String, Vec<toml::Value>>,
    /// Sets of parameters of which one is drawn each time.
    #[serde(default)]
    pub(super) one_of: Vec<Table>,
    /// Parameters that stay.
    #[serde(default)]
    pub(super) with: Table,
}

#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    /// Where the log goes, relative to the folder of all logs.
    pub(super) path: String,
    /// The hosts in it; all by default.
    pub(super) hosts: Option<Vec<String>>,
    /// The channels in it; all by default.
    pub(super) channels: Option<Vec<String>>,
    /// Only events from this moment on.
    pub(super) from: Option<String>,
    /// Only events before this moment.
    pub(super) to: Option<String>,
    /// Header numbers as in a live log (equal to the record ids) instead of an exported one (from 1).
    #[serde(default)]
    pub(super) live: bool,
    /// The flag of a log that was not closed.
    #[serde(default)]
    pub(super) dirty: bool,
    /// Cut the file after so many bytes.
    pub(super) truncate: Option<usize>,
    /// Break the checksum of this chunk's records (counted from 0).
    #[serde(default)]
    pub(super) break_checksum_of_chunk: Vec<usize>,
    /// Overwrite the header of this chunk.
    #[serde(default)]
    pub(super) break_header_of_chunk: Vec<usize>,
    /// Overwrite this record (by its number in the file, from 1) with garbage.
    #[serde(default)]
    pub(super) garble_record: Vec<u64>,
    /// Leave out these records (by their place among the file's events, from 1): a hole in the ids.
    #[serde(default)]
    pub(super) drop_record: Vec<u64>,
}

fn yes() -> bool {
    true
}
