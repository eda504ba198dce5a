//! The ordinary life of the hosts: seeded, so that it is the same each time.

use toml::{Table, Value};

use crate::error::Result;
use crate::random::Random;
use crate::scenario::format::BackgroundEntry;
use crate::scenario::names::Scope;
use crate::scenario::run;
use crate::scenario::world::World;
use crate::scenario::{Part, line_of};
use crate::time::{Span, Time};

/// Runs the generators of one file of the scenario.
pub(super) fn run(world: &mut World, part: &Part, part_number: usize) -> Result<()> {
    for (number, entry) in part.file.background.iter().enumerate() {
        let line = line_of(&part.text, entry.span().start);
        for host in &entry.get_ref().hosts {
            let label = format!("background {part_number}.{number} {host}");
            generate(world, entry.get_ref(), host, &label).map_err(|error| error.at_line(line))?;
        }
    }
    Ok(())
}

fn generate(world: &mut World, entry: &BackgroundEntry, host: &str, label: &str) -> Result<()> {
    let mut random = Random::new(world.seed, label);
    let from = Time::parse(&entry.from).map_err(|error| error.at_key("from"))?;
    let to = Time::parse(&entry.to).map_err(|error| error.at_key("to"))?;
    let every = Span::parse(&entry.every)
        .map_err(|error| error.at_key("every"))?
        .0
        .max(1);
    let step = |random: &mut Random| {
        // Between 0.3 and 1.7 times the mean.
        let share = i64::try_from(random.below(1_400_000)).unwrap_or(0) + 300_000;
        Span(every / 1_000_000 * share + every % 1_000_000)
    };
    let first = Span(i64::try_from(random.below(every.unsigned_abs())).unwrap_or(0));
    let mut now = from.plus(first);
    let mut count = 0;
    while now < to {
        let mut table = entry.with.clone();
        for (key, choices) in &entry.choose {
            if let Some(choice) = random.pick(choices) {
                table.insert(key.clone(), choice.clone());
            }
        }
        if let Some(set) = random.pick(&entry.one_of) {
            table.extend(set.clone());
        }
        table.insert("kind".to_owned(), Value::String(entry.kind.clone()));
        table.insert("host".to_owned(), Value::String(host.to_owned()));
        let mut scope = Scope {
            now,
            ..Scope::default()
        };
        run_one(world, &mut scope, &table, &format!("{label} {count}"))?;
        count += 1;
        now = now.plus(step(&mut random));
    }
    Ok(())
}

fn run_one(world: &mut World, scope: &mut Scope, table: &Table, label: &str) -> Result<()> {
    let start = scope.now;
    run::step(world, scope, table, start, label, 0).map(|_| ())
}
