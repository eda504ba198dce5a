//! Recipes: one use of a tool as the list of things it does, in TOML.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::scenario::format::RecipeEntry;

const FILES: [(&str, &str); 4] = [
    (
        "recipes/tools.toml",
        include_str!("../../recipes/tools.toml"),
    ),
    (
        "recipes/services.toml",
        include_str!("../../recipes/services.toml"),
    ),
    (
        "recipes/attacks.toml",
        include_str!("../../recipes/attacks.toml"),
    ),
    (
        "recipes/everyday.toml",
        include_str!("../../recipes/everyday.toml"),
    ),
];

/// A list of steps with parameters.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) needs: Vec<String>,
    pub(crate) defaults: BTreeMap<String, String>,
    pub(crate) steps: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeFile {
    recipe: BTreeMap<String, RecipeEntry>,
}

/// The recipes that come with the forge.
pub(crate) fn built_in() -> Result<BTreeMap<String, Recipe>> {
    let mut all = BTreeMap::new();
    for (name, text) in FILES {
        let read: RecipeFile =
            toml::from_str(text).map_err(|error| Error::new(format!("{name}: {error}")))?;
        for (key, entry) in read.recipe {
            all.insert(key, Recipe::from_entry(&entry)?);
        }
    }
    Ok(all)
}

/// Name, what it stands for and what it needs, for each built-in recipe.
pub fn list() -> Result<Vec<(String, String, Vec<String>)>> {
    let mut all = Vec::new();
    for (name, text) in FILES {
        let read: RecipeFile =
            toml::from_str(text).map_err(|error| Error::new(format!("{name}: {error}")))?;
        all.extend(
            read.recipe
                .into_iter()
                .map(|(key, entry)| (key, entry.about, entry.needs)),
        );
    }
    Ok(all)
}

impl Recipe {
    pub(super) fn from_entry(entry: &RecipeEntry) -> Result<Self> {
        let defaults = entry
            .defaults
            .iter()
            .map(|(key, value)| Ok((key.clone(), text(key, value)?)));
        Ok(Self {
            needs: entry.needs.clone(),
            defaults: defaults.collect::<Result<_>>()?,
            steps: entry.step.clone(),
        })
    }
}

/// A parameter's value as text; the items of a list are kept apart by the unit separator.
pub(crate) fn text(key: &str, value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Array(items) => items
            .iter()
            .map(|item| text(key, item))
            .collect::<Result<Vec<_>>>()?
            .join("\u{1F}"),
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => {
            return Err(Error::new(
                "write text in quotes, a whole number, true or false, or a list of these",
            )
            .at_key(key));
        }
    })
}
