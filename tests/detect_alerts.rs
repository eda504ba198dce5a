//! Stories whose every event is known, and the alerts that an analyst would expect of them: one for
//! each use, right in tool, account, source, service, session, logon, processes and severity, and
//! nothing else above `info`. They are data, in `testdata/scenarios/stories`; the README there says
//! what an expectation may hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::event::{same_account, same_host};
use dualuse::investigate::{Alert, Role, Severity, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};
use serde::Deserialize;
use toml::{Table, Value};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::built_in().unwrap());

/// What one alert must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Expected {
    tool: Option<String>,
    host: Option<String>,
    account: Option<Value>,
    source: Option<Value>,
    workstation: Option<String>,
    service: Option<String>,
    session: Option<Value>,
    severity: Option<Value>,
    leaning: Option<String>,
    certainty: Option<String>,
    logon: Option<String>,
    logon_type: Option<u32>,
    client: Option<String>,
    ran: Vec<String>,
    not_ran: Vec<String>,
    artefacts: Vec<String>,
    signals: Vec<String>,
    no_signals: Vec<String>,
    title: Vec<String>,
    gap: Vec<String>,
    times: Option<usize>,
}

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

impl Expected {
    /// What is not as expected; empty when the alert is the one.
    fn complaints(&self, alert: &Alert) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: &str, wanted: &Option<String>, found: Option<&str>, same: Same| {
            if let Some(wanted) = wanted {
                let found = found.unwrap_or_default();
                if !(found == wanted || (!wanted.is_empty() && same(found, wanted))) {
                    wrong.push(format!("{what} is “{found}”, not “{wanted}”"));
                }
            }
        };
        let logon = alert.logon.as_ref();
        let account = alert.account.as_ref().map(|account| account.name.as_str());
        check("tool", &self.tool, Some(&alert.tool), never);
        check("host", &self.host, Some(&alert.host), same_host);
        let station = logon.and_then(|logon| logon.workstation.as_deref());
        check("workstation", &self.workstation, station, never);
        let service = alert.service.as_ref().map(|service| service.name.as_str());
        check("service", &self.service, service, never);
        let leaning = word(alert.leaning);
        check("leaning", &self.leaning, Some(&leaning), never);
        let certainty = word(alert.certainty);
        check("certainty", &self.certainty, Some(&certainty), never);
        let how = logon.map_or("none", |logon| logon.how.words());
        check("logon", &self.logon, Some(how), never);
        let client = alert.client.as_ref().map(|client| {
            let host = client.host.clone().unwrap_or_default();
            let pid = client.pid.map(|pid| format!(":{pid}"));
            host + &pid.unwrap_or_default()
        });
        let client_host = client.as_deref().map(|name| {
            if self.client.as_deref().unwrap_or_default().contains(':') {
                name
            } else {
                name.split(':').next().unwrap_or_default()
            }
        });
        check("client", &self.client, client_host, same_host);
        if let Some(wanted) = self.logon_type
            && logon.and_then(|logon| logon.logon_type).unwrap_or(0) != wanted
        {
            wrong.push(format!("logon is {logon:?}"));
        }
        if let Some(wanted) = &self.session {
            let found = alert.session_id.map(|id| Value::Integer(id.into()));
            if found.unwrap_or(Value::String(String::new())) != *wanted {
                wrong.push(format!("session is {:?}", alert.session_id));
            }
        }
        let source = logon.and_then(|logon| logon.source_ip.clone());
        let account = account.unwrap_or_default().to_owned();
        for (what, wanted, found, same) in [
            ("severity", &self.severity, word(alert.severity), never as Same),
            ("source", &self.source, source.unwrap_or_default(), never),
            ("account", &self.account, account, same_account),
        ] {
            let is = |wanted: &Value| {
                let wanted = wanted.as_str().unwrap_or_default();
                wanted == found || same(wanted, &found)
            };
            let fits = wanted.as_ref().is_none_or(|wanted| match wanted {
                Value::Array(list) => list.iter().any(is),
                one => is(one),
            });
            if !fits {
                wrong.push(format!("{what} is {found}, not {wanted:?}"));
            }
        }
        wrong.extend(self.lists(alert));
        wrong
    }

    fn lists(&self, alert: &Alert) -> Vec<String> {
        let ends = |wanted: &String, role: Option<Role>| {
            alert
                .processes
                .iter()
                .filter(|process| role.is_none_or(|role| process.role == role))
                .any(|process| {
                    let line = process.command_line.as_ref().or(process.image.as_ref());
                    line.is_some_and(|line| line.ends_with(wanted.as_str()))
                })
        };
        let signals: Vec<&str> = alert
            .signals
            .iter()
            .map(|found| found.id.as_str())
            .collect();
        let artefacts: Vec<&str> = alert
            .sightings
            .iter()
            .map(|sighting| sighting.artefact.word())
            .collect();
        let mut wrong = Vec::new();
        let mut all = |what: &str, wanted: &[String], fits: &dyn Fn(&String) -> bool| {
            let failing: Vec<_> = wanted.iter().filter(|wanted| !fits(wanted)).collect();
            if !failing.is_empty() {
                wrong.push(format!("{what}: {failing:?}"));
            }
        };
        all("did not run", &self.ran, &|line| {
            ends(line, Some(Role::Child))
        });
        all("ran", &self.not_ran, &|line| !ends(line, None));
        all("no trace", &self.artefacts, &|kind| {
            artefacts.contains(&kind.as_str())
        });
        all("no signal", &self.signals, &|id| {
            signals.contains(&id.as_str())
        });
        all("wrong signal", &self.no_signals, &|id| {
            !signals.contains(&id.as_str())
        });
        all("title lacks", &self.title, &|part| {
            alert.title.contains(part.as_str())
        });
        all("no gap", &self.gap, &|part| {
            alert.gaps.iter().any(|gap| gap.contains(part.as_str()))
        });
        wrong
    }
}

type Same = fn(&str, &str) -> bool;

fn never(_: &str, _: &str) -> bool {
    false
}

/// A story with one set of logs.
struct Telling {
    name: String,
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

/// The story of a file, and its variants.
fn tellings(path: &Path, world: &Table) -> Vec<Telling> {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let mut story: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let expected = take_list(&mut story, "alert");
    let variants = take_list(&mut story, "variant");
    let site = story.remove("site");
    let telling = |name: String, variant: Table| {
        let mut variant = variant;
        let mut site = site.clone();
        if let Some(own) = variant.remove("site") {
            site = Some(own);
        }
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

impl Telling {
    /// Builds the logs, scans them, and says what is not as expected.
    fn complaints(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let text = toml::to_string(&self.scenario).unwrap();
        forge::scenario::from_text(&text)
            .unwrap_or_else(|error| panic!("{}: {error}\n{text}", self.name))
            .write_to(folder.path())
            .unwrap();
        let timeline = load(
            &[folder.path().to_owned()],
            Options::default(),
            &Progress::default(),
        );
        let snapshot = Snapshot::new(1, true, timeline.into(), &CATALOG, &self.site);
        self.compare(&snapshot)
    }

    fn compare(&self, snapshot: &Snapshot) -> Vec<String> {
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

fn describe(alert: &Alert) -> String {
    let signals: BTreeMap<&str, i32> = alert
        .signals
        .iter()
        .map(|signal| (signal.id.as_str(), signal.weight))
        .collect();
    let seen: Vec<String> = alert
        .sightings
        .iter()
        .map(|sighting| format!("{} {}", sighting.event.event_id, sighting.what))
        .collect();
    format!(
        "{} {:?} {:?} {} “{}” {signals:?} {seen:?} {:?}",
        alert.tool, alert.severity, alert.certainty, alert.host, alert.title, alert.logon
    )
}

#[test]
fn every_story_gives_the_alerts_that_an_analyst_expects() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/scenarios/stories");
    let world: Table =
        toml::from_str(&fs::read_to_string(folder.join("world.toml")).unwrap()).unwrap();
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
    let next = Mutex::new(stories.iter());
    let failures: Mutex<BTreeMap<&str, Vec<String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, |count| count.get()) {
            scope.spawn(|| {
                while let Some(story) = { next.lock().unwrap().next() } {
                    let complaints = story.complaints();
                    if !complaints.is_empty() {
                        failures.lock().unwrap().insert(&story.name, complaints);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let told: Vec<String> = failures
        .iter()
        .map(|(name, wrong)| format!("{name}\n    {}", wrong.join("\n    ")))
        .collect();
    assert!(
        told.is_empty(),
        "{} of {} stories:\n{}",
        told.len(),
        stories.len(),
        told.join("\n")
    );
}
