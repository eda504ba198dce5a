//! Tells the story: each event is a recipe, an act, or a record of a kind.

use std::collections::BTreeMap;

use toml::Table;

use crate::act;
use crate::error::{Error, Result};
use crate::kind;
use crate::random::Random;
use crate::scenario::names::{self, Scope};
use crate::scenario::recipe::{self, Recipe};
use crate::scenario::world::World;
use crate::scenario::{Part, line_of};
use crate::time::{Span, Time};

const DEEPEST: usize = 8;

/// Runs the events of one file of the scenario.
pub(super) fn events(world: &mut World, part: &Part) -> Result<()> {
    for (name, entry) in &part.file.recipe {
        let recipe = Recipe::from_entry(entry)?;
        world.recipes.insert(name.clone(), recipe);
    }
    let mut now = world.start;
    for (number, event) in part.file.event.iter().enumerate() {
        let mut scope = Scope {
            now,
            ..Scope::default()
        };
        let label = format!(
            "{}#{number}",
            part.path
                .as_ref()
                .and_then(|p| p.file_name())
                .unwrap_or_default()
                .display()
        );
        now = step(world, &mut scope, event.get_ref(), world.start, &label, 0)
            .map_err(|error| error.at_line(line_of(&part.text, event.span().start)))?;
    }
    Ok(())
}

/// Runs one event and says when it ended.
pub(super) fn step(
    world: &mut World,
    scope: &mut Scope,
    table: &Table,
    start: Time,
    label: &str,
    depth: usize,
) -> Result<Time> {
    let mut values = BTreeMap::new();
    for (key, value) in table {
        values.insert(key.clone(), recipe::text(key, value)?);
    }
    if !wanted(world, scope, &mut values)? {
        return Ok(scope.now);
    }
    if let Some(at) = values.remove("at") {
        let at = names::fill(world, scope, &at)?;
        scope.now = moment(&at, scope.now, start).map_err(|error| error.at_key("at"))?;
    }
    let kind_name = values
        .remove("kind")
        .ok_or_else(|| Error::new("every event needs a `kind`").at_key("kind"))?;
    let kind_name = names::fill(world, scope, &kind_name)?;
    if let Some(recipe) = world.recipes.get(&kind_name).cloned() {
        if depth >= DEEPEST {
            return Err(Error::new(format!(
                "recipes call each other more than {DEEPEST} deep; does `{kind_name}` call itself?"
            )));
        }
        return run_recipe(world, scope, &recipe, &kind_name, values, label, depth);
    }
    let host = values
        .remove("host")
        .ok_or_else(|| Error::new("every event needs a `host`").at_key("host"))?;
    let host = names::fill(world, scope, &host)?;
    scope.host = Some(
        world
            .host_index(&host)
            .map_err(|error| error.at_key("host"))?,
    );
    for (key, value) in &mut values {
        *value = names::fill(world, scope, value).map_err(|error| error.at_key(key))?;
    }
    if let Some(done) = act::run(world, scope, &kind_name, &mut values)? {
        return match values.keys().next() {
            Some(key) => {
                Err(Error::new(format!("`{kind_name}` takes no such parameter")).at_key(key))
            }
            None => Ok(done),
        };
    }
    if kind_name == "any" {
        act::record::any(world, scope, values)?;
    } else {
        kind::kind(&kind_name).map_err(|error| {
            Error::new(format!(
                "{error}; nor is it an act ({}) or a recipe (`forge recipes`)",
                act::NAMES.join(", ")
            ))
        })?;
        act::record::of_kind(world, scope, &kind_name, values)?;
    }
    Ok(scope.now)
}

fn wanted(
    world: &mut World,
    scope: &mut Scope,
    values: &mut BTreeMap<String, String>,
) -> Result<bool> {
    for (key, want) in [("when", true), ("unless", false)] {
        if let Some(text) = values.remove(key) {
            let said = names::fill(world, scope, &text)?;
            if !matches!(said.as_str(), "" | "no" | "false") != want {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn moment(text: &str, previous: Time, start: Time) -> Result<Time> {
    if let Some(span) = text.strip_prefix("start") {
        return Ok(start.plus(Span::parse(span)?));
    }
    if text.starts_with('+') || text.starts_with('-') {
        return Ok(previous.plus(Span::parse(text)?));
    }
    Time::parse(text)
}

fn run_recipe(
    world: &mut World,
    outer: &mut Scope,
    recipe: &Recipe,
    name: &str,
    mut values: BTreeMap<String, String>,
    label: &str,
    depth: usize,
) -> Result<Time> {
    let export = values
        .remove("as")
        .map(|text| names::fill(world, outer, &text))
        .transpose()?;
    for (key, value) in &mut values {
        *value = names::fill(world, outer, value).map_err(|error| error.at_key(key))?;
        // A process or logon of the caller keeps its meaning inside.
        if !recipe.needs.contains(key) && !recipe.defaults.contains_key(key) {
            let known: Vec<&str> = recipe
                .needs
                .iter()
                .chain(recipe.defaults.keys())
                .map(String::as_str)
                .collect();
            return Err(Error::new(format!(
                "recipe `{name}` takes no such parameter; it takes {}",
                known.join(", ")
            ))
            .at_key(key));
        }
    }
    if let Some(missing) = recipe.needs.iter().find(|need| !values.contains_key(*need)) {
        return Err(Error::new(format!("recipe `{name}` needs this parameter")).at_key(missing));
    }
    let handles = values
        .values()
        .filter_map(|v| Some((v.clone(), names::named(world, outer, v)?)))
        .collect();
    let mut scope = Scope {
        defaults: recipe
            .defaults
            .iter()
            .filter(|(key, _)| !values.contains_key(*key))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        parameters: values,
        handles,
        random: Some(Random::new(world.seed, &format!("{label}/{name}"))),
        now: outer.now,
        host: outer.host,
    };
    let start = outer.now;
    for (number, table) in recipe.steps.iter().enumerate() {
        let inner = format!("{label}/{name}/{number}");
        scope.now = step(world, &mut scope, table, start, &inner, depth + 1).map_err(|error| {
            Error::new(format!("recipe `{name}`, step {}: {error}", number + 1))
        })?;
    }
    if let Some(export) = export {
        for (inner, handle) in &scope.handles {
            outer.handles.insert(format!("{export}.{inner}"), *handle);
            if depth == 0 {
                world.handles.insert(format!("{export}.{inner}"), *handle);
            }
        }
    }
    Ok(scope.now)
}
