//! Known activity as a TOML file, to be kept, reviewed and shared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::KnownActivity;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known_activity: Vec<Written>,
}

/// A rule as written: the fields of its form, and the red flags it accepts.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    accepted: BTreeMap<String, String>,
}

/// The rules as a TOML file.
///
/// # Errors
/// Never in practice: every rule can be written.
pub(in crate::case) fn write<'a>(
    rules: impl Iterator<Item = &'a KnownActivity>,
) -> Result<String, String> {
    let known_activity = rules
        .map(|rule| {
            let mut fields = rule.to_fields();
            fields.retain(|_, text| !text.is_empty());
            Written {
                fields,
                accepted: rule.accepted.clone(),
            }
        })
        .collect();
    toml::to_string_pretty(&File { known_activity }).map_err(|error| error.to_string())
}

/// The rules of a TOML file.
///
/// # Errors
/// Everything that is wrong with it, in words, each with the rule that has it.
pub(in crate::case) fn read(text: &str) -> Result<Vec<KnownActivity>, Vec<String>> {
    let file: File = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut rules = Vec::new();
    let mut faults = Vec::new();
    for (number, written) in file.known_activity.iter().enumerate() {
        match KnownActivity::from_fields(&written.fields) {
            Ok(rule) => rules.push(KnownActivity {
                accepted: written.accepted.clone(),
                ..rule
            }),
            Err(wrong) => faults.extend(wrong.iter().map(|fault| {
                let name = written.fields.get("name").map_or("", String::as_str);
                format!(
                    "rule {} “{name}”: {} {}",
                    number + 1,
                    fault.field,
                    fault.what
                )
            })),
        }
    }
    if faults.is_empty() {
        Ok(rules)
    } else {
        Err(faults)
    }
}
