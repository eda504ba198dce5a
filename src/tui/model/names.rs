//! What occurs in the evidence, by name: offered while a filter is typed, and found by the finder.

use super::{Data, severity_word, verdict};
use crate::investigate::Severity;
use crate::timeline::query::tally::Count;

/// Names of a timeline, the most frequent first. Gathered by a worker when first asked for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Number of the snapshot they were gathered from.
    pub snapshot: u64,
    /// Accounts.
    pub accounts: Vec<Count>,
    /// Addresses, and names by which clients call themselves.
    pub addresses: Vec<Count>,
    /// Services.
    pub services: Vec<Count>,
    /// Programs, without their folders.
    pub programs: Vec<Count>,
}

/// A value that can stand behind a key of the filter language, with a word about it.
pub(super) fn known(key: &str, data: &Data) -> Vec<(String, String)> {
    let names = data.names();
    let counted = |counts: &[Count]| -> Vec<(String, String)> {
        let counts = counts.iter();
        counts
            .map(|name| (name.value.clone(), format!("{} events", name.count)))
            .collect()
    };
    let plain = |values: Vec<String>| -> Vec<(String, String)> {
        let values = values.into_iter().filter(|value| !value.is_empty());
        values.map(|value| (value, String::new())).collect()
    };
    let distinct = |mut values: Vec<String>| {
        values.sort_unstable();
        values.dedup();
        plain(values)
    };
    let kinds = || data.timeline().kinds().iter();
    match key {
        "host" => plain(
            data.timeline()
                .hosts()
                .map(|(_, host)| host.to_owned())
                .collect(),
        ),
        "id" => {
            let mut ids: Vec<(u32, String)> = kinds()
                .map(|kind| (kind.event_id, kind.provider.clone()))
                .collect();
            ids.sort_unstable();
            ids.dedup_by_key(|(id, _)| *id);
            ids.into_iter()
                .map(|(id, provider)| (id.to_string(), provider))
                .collect()
        }
        "channel" => distinct(kinds().map(|kind| kind.channel.clone()).collect()),
        "provider" => distinct(kinds().map(|kind| kind.provider.clone()).collect()),
        "account" => counted(names.map_or(&[], |names| &names.accounts)),
        "ip" => counted(names.map_or(&[], |names| &names.addresses)),
        "service" => counted(names.map_or(&[], |names| &names.services)),
        "image" => counted(names.map_or(&[], |names| &names.programs)),
        "tool" => distinct(
            data.alerts()
                .iter()
                .map(|alert| alert.tool.clone())
                .collect(),
        ),
        "verdict" => {
            let alerts = data.alerts().iter();
            distinct(
                alerts
                    .map(|alert| verdict(data.triage(&alert.id)).to_owned())
                    .collect(),
            )
        }
        "severity" => {
            use Severity as S;
            let all = [S::Critical, S::High, S::Medium, S::Low, S::Info];
            let words = all.map(|severity| severity_word(severity).to_lowercase());
            plain(words.to_vec())
        }
        _ => Vec::new(),
    }
}
