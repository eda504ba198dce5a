//! Damage is where the scenario puts it, and nowhere else.

// The helpers of a test may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use evtx::{EvtxParser, ParserSettings};
use forge::scenario;

struct Outcome {
    good: usize,
    bad: usize,
    ids: Vec<u64>,
}

fn outcomes() -> BTreeMap<String, Outcome> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/damaged.toml");
    let mut all = BTreeMap::new();
    for log in scenario::load(&path).unwrap().build().unwrap() {
        let name = log.path.parent().unwrap().display().to_string();
        let mut outcome = Outcome {
            good: 0,
            bad: 0,
            ids: Vec::new(),
        };
        let settings = ParserSettings::default()
            .validate_checksums(true)
            .num_threads(1);
        if let Ok(parser) = EvtxParser::from_buffer(log.bytes) {
            for record in parser.with_configuration(settings).records_json_value() {
                match record {
                    Ok(record) => {
                        outcome.good += 1;
                        outcome.ids.push(
                            record.data["Event"]["System"]["EventRecordID"]
                                .as_u64()
                                .unwrap(),
                        );
                    }
                    Err(_) => outcome.bad += 1,
                }
            }
        }
        all.insert(name, outcome);
    }
    all
}

#[test]
fn each_damage_does_what_it_says() {
    let all = outcomes();
    let whole = &all["whole"];
    assert_eq!(whole.bad, 0);
    assert!(whole.good > 500, "{}", whole.good);
    assert_eq!(all["dirty"].good, whole.good);
    for name in [
        "truncated-in-second-chunk",
        "checksum-of-second-chunk",
        "header-of-second-chunk",
    ] {
        assert!(all[name].good < whole.good, "{name}");
        assert!(all[name].good > 0, "{name}");
        assert_eq!(all[name].ids.first(), Some(&1000), "{name}");
    }
    let garbage = &all["record-of-garbage"];
    assert_eq!((garbage.bad, garbage.good), (1, whole.good - 1));
    let hole = &all["hole"];
    assert_eq!(hole.good, whole.good - 3);
    assert!(hole.ids.contains(&1028) && !hole.ids.contains(&1029) && hole.ids.contains(&1032));
    assert_eq!(all["truncated-in-header"].good, 0);
    assert_eq!(all["header-only"].good, 0);
}
