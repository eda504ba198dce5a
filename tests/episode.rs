//! The legs of a use: what was seen, what must have been, what nobody saw. On the bundled case.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use dualuse::detect::{Artefact, Catalog};
use dualuse::environment::Environment;
use dualuse::investigate::episode::legs;
use dualuse::investigate::{Alert, Known, Leg, Snapshot, Step};
use dualuse::timeline::load::{Options, Progress, load};

fn bundled() -> &'static Snapshot {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT.get_or_init(|| {
        let logs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/logs");
        let timeline = load(&[logs], Options::default(), &Progress::default());
        let catalog = Catalog::built_in().unwrap();
        Snapshot::new(
            1,
            true,
            Arc::new(timeline),
            &catalog,
            &Environment::default(),
        )
    })
}

fn alert(tool: &str, host: &str) -> Alert {
    let found = bundled()
        .alerts
        .iter()
        .find(|alert| alert.tool == tool && alert.host.starts_with(host));
    found
        .unwrap_or_else(|| panic!("no {tool} on {host}"))
        .clone()
}

fn told(legs: &[Leg]) -> String {
    let line = |leg: &Leg| {
        let time = leg
            .time
            .map_or(String::new(), |time| time.rfc3339()[11..23].to_owned());
        format!("{:?} {:?} {time} {}", leg.step, leg.known, leg.events.len())
    };
    legs.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn known(legs: &[Leg], step: Step) -> Option<Known> {
    let leg = legs.iter().find(|leg| leg.step == step);
    leg.map(|leg| leg.known)
}

#[test]
fn both_ends_of_the_intruders_psexec_stand_in_time_order() {
    let alert = alert("psexec", "SRV-APP02");
    let legs = legs(&alert, &bundled().timeline);
    insta::assert_snapshot!(told(&legs), @r"
    Client Seen 20:47:33.907 3
    Logon Seen 20:47:34.022 1
    Share Seen 20:47:34.045 6
    Drop Seen 20:47:34.045 2
    Install Seen 20:47:34.094 3
    Start Seen 20:47:34.140 2
    Pipe Seen 20:47:34.174 4
    Child Seen 20:47:34.224 7
    End Seen 20:54:44.907 1
    Stop Seen 20:54:45.140 1
    Delete Missing  0
    ");
    let times: Vec<_> = legs.iter().filter_map(|leg| leg.time).collect();
    assert!(times.is_sorted());
    for leg in &legs {
        assert_eq!(leg.known == Known::Seen, !leg.events.is_empty(), "{leg:?}");
        assert_eq!(leg.time, leg.events.first().map(|event| event.time));
    }
}

#[test]
fn every_sighting_of_every_alert_is_in_a_leg_unless_it_is_no_step_of_a_use() {
    for alert in bundled().alerts.iter() {
        let legs = legs(alert, &bundled().timeline);
        for sighting in &alert.sightings {
            let told = legs.iter().any(|leg| leg.events.contains(&sighting.event));
            let no_step = matches!(
                sighting.artefact,
                Artefact::Antivirus | Artefact::Script | Artefact::Registry
            );
            assert!(told || no_step, "{}: {sighting:?}", alert.id);
        }
    }
}

#[test]
fn without_the_records_of_a_leg_it_is_inferred_or_missing_and_never_seen() {
    let mut alert = alert("psexec", "SRV-APP02");
    alert.processes.clear();
    alert
        .sightings
        .retain(|sighting| sighting.artefact == Artefact::FileDrop);
    if let Some(logon) = &mut alert.logon {
        logon.event = None;
    }
    let legs = legs(&alert, &bundled().timeline);
    assert_eq!(known(&legs, Step::Client), Some(Known::Inferred));
    assert_eq!(known(&legs, Step::Logon), Some(Known::Inferred));
    assert_eq!(known(&legs, Step::Drop), Some(Known::Seen));
    assert_eq!(known(&legs, Step::Install), Some(Known::Missing));
    assert_eq!(known(&legs, Step::Child), Some(Known::Missing));
    assert_eq!(known(&legs, Step::End), None);
}

#[test]
fn a_run_whose_start_left_no_record_must_have_started() {
    let mut alert = alert("winexe", "FS01");
    alert
        .processes
        .retain(|process| process.role == dualuse::investigate::Role::Child);
    alert.sightings.retain(|sighting| {
        matches!(
            sighting.artefact,
            Artefact::NamedPipe | Artefact::ChildProcess
        )
    });
    let legs = legs(&alert, &bundled().timeline);
    assert_eq!(known(&legs, Step::Start), Some(Known::Inferred));
    assert_eq!(known(&legs, Step::Install), Some(Known::Missing));
    assert_eq!(known(&legs, Step::Client), Some(Known::Missing));
}
