//! Stories as data: a scenario, its variants, and the alerts that must come of each.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::investigate::{Alert, Severity, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};
use tempfile::TempDir;
use toml::{Table, Value};

use crate::expected::{Expected, describe};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::built_in().unwrap());

/// A story with one set of logs.
pub(crate) struct Telling {
    pub(crate) name: String,
    /// Whether it is told as written, with no variant laid over it.
    pub(crate) is_plain: bool,
    scenario: Table,
    expected: Vec<Expected>,
    site: Environment,
}

/// Lays one table over another: tables are merged, lists of tables and everything else replaced.
fn lay_over(under: &mut Table, over: &Table) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => lay_over(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Every story with every variant.
pub(crate) fn all() -> Vec<Telling> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/scenarios/stories");
    let world = fs::read_to_string(folder.join("world.toml")).unwrap();
    let world: Table = toml::from_str(&world).unwrap();
    // One story while it is being written: `STORY=name cargo test --test detect_alerts -- --nocapture`.
    let only = std::env::var("STORY").unwrap_or_default();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .filter(|path| !path.ends_with("world.toml") && path.to_string_lossy().contains(&only))
        .collect();
    files.sort();
    let stories: Vec<Telling> = files
        .iter()
        .flat_map(|path| tellings(path, &world))
        .collect();
    assert!(!stories.is_empty());
    stories
}

/// The story of a file, and its variants.
fn tellings(path: &Path, world: &Table) -> Vec<Telling> {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let mut story: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let expected = take_list(&mut story, "alert");
    let variants = take_list(&mut story, "variant");
    let site = story.remove("site");
    let telling = |name: String, mut variant: Table| {
        let is_plain = variant.is_empty();
        let site = variant.remove("site").or_else(|| site.clone());
        let more = variant.remove("alert");
        variant.remove("name");
        let mut scenario = world.clone();
        lay_over(&mut scenario, &story);
        lay_over(&mut scenario, &variant);
        let expected = expected
            .iter()
            .map(|table| {
                let mut table = table.clone();
                if let Some(Value::Table(more)) = &more {
                    lay_over(&mut table, more);
                }
                Value::Table(table)
                    .try_into()
                    .unwrap_or_else(|error| panic!("{name}: {error}"))
            })
            .collect();
        Telling {
            scenario,
            expected,
            is_plain,
            site: site.map_or_else(Environment::default, |site| {
                let text = toml::to_string(&site).unwrap();
                Environment::parse(&text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"))
            }),
            name,
        }
    };
    let mut all = vec![telling(name.clone(), Table::new())];
    for variant in variants {
        let label = variant["name"].as_str().unwrap();
        all.push(telling(format!("{name}, {label}"), variant.clone()));
    }
    all
}

fn take_list(table: &mut Table, key: &str) -> Vec<Table> {
    let Some(list) = table.remove(key) else {
        return Vec::new();
    };
    let items = list.as_array().unwrap().iter();
    items.map(|item| item.as_table().unwrap().clone()).collect()
}

/// Writes the logs of a scenario into a folder of their own.
pub(crate) fn forge(name: &str, scenario: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    forge::scenario::from_text(scenario)
        .unwrap_or_else(|error| panic!("{name}: {error}\n{scenario}"))
        .write_to(folder.path())
        .unwrap();
    folder
}

/// Loads and investigates logs.
pub(crate) fn scan(paths: &[&Path], site: &Environment) -> Snapshot {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let timeline = load(&paths, Options::default(), &Progress::default());
    Snapshot::new(1, true, timeline.into(), &CATALOG, site)
}

impl Telling {
    /// What must come of it.
    pub(crate) fn expected(&self) -> &[Expected] {
        &self.expected
    }

    /// Builds the logs.
    pub(crate) fn logs(&self) -> TempDir {
        forge(&self.name, &toml::to_string(&self.scenario).unwrap())
    }

    /// Loads and investigates logs, as the site of the story sees them.
    pub(crate) fn scan(&self, paths: &[&Path]) -> Snapshot {
        scan(paths, &self.site)
    }

    /// What is not as expected; empty when all is.
    pub(crate) fn complaints(&self, snapshot: &Snapshot) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut left: Vec<&Alert> = snapshot.alerts.iter().collect();
        if std::env::var_os("STORY").is_some() {
            for alert in &left {
                println!("{}: {}", self.name, describe(alert));
            }
        }
        for (number, expected) in self.expected.iter().enumerate() {
            for _ in 0..expected.times.unwrap_or(1) {
                let best = left
                    .iter()
                    .enumerate()
                    .map(|(place, alert)| (expected.complaints(alert), place))
                    .min_by_key(|(complaints, place)| {
                        let is_tool = expected.tool.as_deref() == Some(&left[*place].tool);
                        (complaints.len(), !is_tool, *place)
                    });
                match best {
                    Some((complaints, place)) if complaints.is_empty() => {
                        left.remove(place);
                    }
                    Some((complaints, place)) => {
                        let nearest = describe(left.remove(place));
                        let all = complaints.join("; ");
                        wrong.push(format!("alert {number}: {all}\n      {nearest}"));
                    }
                    None => wrong.push(format!("alert {number} is missing")),
                }
            }
        }
        for alert in left {
            if alert.severity > Severity::Info {
                wrong.push(format!("unexpected: {}", describe(alert)));
            }
        }
        wrong
    }
}
