//! Looking while evidence is still being read: what is open stays what it was.

use std::path::Path;
use std::sync::Arc;

use super::stage::{Stage, bundled};
use crate::detect::Catalog;
use crate::environment::Environment;
use crate::investigate::Snapshot;
use crate::timeline::EventView;
use crate::timeline::load::{Options, Progress, load};
use crate::tui::message::Message;
use crate::tui::model::Page;

/// What is known when the logs of two hosts were read, a step before the bundled case.
fn two_hosts() -> Snapshot {
    let logs = Path::new("testdata/logs");
    let inputs = ["SRV-APP02", "WS-1088"].map(|host| logs.join(host));
    let timeline = Arc::new(load(&inputs, Options::default(), &Progress::default()));
    let catalog = Catalog::built_in().unwrap();
    Snapshot::new(1, false, timeline, &catalog, &Environment::default())
}

/// A stage that has read two hosts, the cursor on the use of a tool.
fn half_read(tool: &str) -> Stage {
    let mut stage = Stage::empty(120, 40, tempfile::tempdir().unwrap());
    stage.send(Message::snapshot(two_hosts()));
    for _ in 0..stage.model.data.alerts().len() {
        if stage.model.data.alert(&alert(&stage)).unwrap().tool == tool {
            return stage;
        }
        stage.press("j");
    }
    panic!("no alert of {tool}: {}", stage.screen());
}

/// The rest arrives.
fn read_on(stage: &mut Stage) {
    let all = Snapshot {
        number: 2,
        ..bundled()
    };
    let known = stage.model.data.timeline().len();
    assert!(all.timeline.len() > known, "the rest must move events");
    stage.send(Message::snapshot(all));
}

fn alert(stage: &Stage) -> String {
    stage.model.context().alert.unwrap()
}

/// The event under the cursor, by what does not move.
fn event(stage: &Stage) -> (String, String, Option<u64>) {
    let index = stage.model.context().event.unwrap();
    let event: EventView<'_> = stage.model.data.timeline().event(index).unwrap();
    let channel = event.kind.channel.clone();
    (event.host.to_owned(), channel, event.record_id)
}

#[test]
fn the_cursor_stays_on_its_alert_and_marks_stay() {
    let mut stage = half_read("psexec");
    stage.press("space k");
    let (here, marked) = (alert(&stage), stage.model.data.marked.clone());
    assert!(marked.contains(&here));
    let few = stage.model.data.alerts().len();
    read_on(&mut stage);
    assert!(stage.model.data.alerts().len() > few);
    assert_eq!(stage.model.data.marked, marked);
    assert_eq!(alert(&stage), here);
}

#[test]
fn reading_begins_at_the_top_until_somebody_moves() {
    let mut stage = half_read("pdq");
    stage.press("g g");
    read_on(&mut stage);
    let Page::Alerts(page) = stage.model.page() else {
        panic!("not the list of alerts")
    };
    assert_eq!(page.list.cursor, 0);
}

#[test]
fn a_client_whose_service_is_read_later_is_followed_into_the_alert_of_both() {
    let host = |stage: &Stage| {
        let alert = stage.model.data.alert(&alert(stage)).unwrap();
        (alert.host.clone(), alert.tool.clone())
    };
    let mut stage = half_read("psexec");
    stage.press("j space k");
    let before = alert(&stage);
    assert_eq!(host(&stage).0, "WS-1088.nordhavn.example");
    stage.press("enter");
    read_on(&mut stage);
    assert_ne!(alert(&stage), before, "it begins with another event now");
    assert_eq!(
        host(&stage),
        ("FS01.nordhavn.example".into(), "psexec".into())
    );
    assert!(stage.model.data.marked.contains(&alert(&stage)));
    stage.press("H");
    assert_eq!(host(&stage).0, "FS01.nordhavn.example");
}

#[test]
fn an_open_alert_and_the_event_behind_it_stay() {
    let mut stage = half_read("psexec");
    stage.press("enter");
    let title = alert(&stage);
    read_on(&mut stage);
    assert_eq!(alert(&stage), title);

    let mut stage = half_read("psexec");
    stage.press("g t").press("j j enter");
    assert!(
        matches!(stage.model.page(), Page::Event(_)),
        "{}",
        stage.screen()
    );
    let (before, shown) = (event(&stage), stage.screen());
    read_on(&mut stage);
    assert_eq!(event(&stage), before);
    assert_eq!(stage.screen(), shown);
}

#[test]
fn a_list_of_events_is_found_anew_around_the_same_event() {
    for keys in ["g t", "g e", "g h"] {
        let mut stage = half_read("psexec");
        stage.press(keys).press("j j j");
        let before = event(&stage);
        read_on(&mut stage);
        assert_eq!(event(&stage), before, "{keys}: {}", stage.screen());
    }
}

#[test]
fn a_process_tree_stays_open_as_it_was() {
    let mut stage = half_read("psexec");
    stage.press("g p").press("j h");
    let (before, shown) = (event(&stage), stage.screen());
    read_on(&mut stage);
    assert_eq!(event(&stage), before);
    assert_eq!(stage.screen(), shown);
}

#[test]
fn nothing_is_decided_written_or_exported_before_all_is_read() {
    let mut stage = half_read("psexec");
    for key in ["t", "a", "x"] {
        stage.press(key);
        assert!(stage.model.layers.is_empty(), "{key} opened a form");
        assert!(
            stage.shows("the evidence is still being read"),
            "{key}: {}",
            stage.screen()
        );
    }
    read_on(&mut stage);
    stage.press("t");
    assert!(!stage.model.layers.is_empty(), "{}", stage.screen());
}

#[test]
fn what_the_finder_found_leads_into_the_new_snapshot() {
    use crate::tui::model::layer::{HitKind, Leads};
    use crate::tui::model::{Layer, Target, process_name};
    let mut stage = half_read("psexec");
    stage.press("ctrl-p").type_text("cmd exe");
    read_on(&mut stage);
    let Some(Layer::Finder(finder)) = stage.model.layers.last() else {
        panic!("not the finder: {}", stage.screen())
    };
    let data = &stage.model.data;
    let mut seen = 0;
    let processes = finder
        .hits
        .iter()
        .filter(|hit| hit.kind == HitKind::Process);
    for hit in processes {
        let Leads::To(Target::Process(event)) = hit.leads else {
            panic!("a process leads to its tree: {hit:?}")
        };
        let id = data.process_of(event).unwrap();
        let name = process_name(&data.processes().get(id).unwrap(), data);
        assert!(hit.text.starts_with(&format!("{name} [")), "{hit:?}");
        seen += 1;
    }
    assert!(seen > 0, "{}", stage.screen());
}
