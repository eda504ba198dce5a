//! Errors of our own, in a real terminal: this test program runs itself in one.

use std::path::Path;
use std::time::Duration;

use super::stage;
use crate::tui::model::{Loading, Stage as Loaded};
use crate::tui::run::run;
use crate::tui::worker::{Answers, Workers, spawn};

#[path = "../../../tests/terminal/console.rs"]
#[allow(dead_code, reason = "most of it is for the stories in tests/terminal")]
mod console;

use console::{Console, Setting};

/// Names the scene that the program inside the terminal plays.
const SCENE: &str = "DUALUSE_TEST_SCENE";

/// Plays a scene in the terminal that `play` opened.
#[test]
#[ignore = "the other tests of this module run it in a terminal"]
fn inside() {
    let Ok(scene) = std::env::var(SCENE) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut model, task) = stage::scene(folder.path());
    model.loading = Loading {
        stage: Loaded::Done,
        ..Loading::default()
    };
    run(model, |sender| {
        let answers = Answers(sender.clone());
        match scene.as_str() {
            "worker" => {
                let job = || panic!("a record nobody foresaw");
                spawn("query", &answers, job);
            }
            _ => panic!("a page nobody foresaw"),
        }
        Workers::start(task, sender)
    })
    .unwrap();
}

fn play(home: &Path, scene: &str) -> Console {
    let program = std::env::current_exe().unwrap();
    let test = concat!(module_path!(), "::inside")
        .split_once("::")
        .unwrap()
        .1;
    let setting = Setting {
        size: (100, 30),
        home,
        environment: &[(SCENE, scene)],
        latency: Duration::ZERO,
    };
    let arguments = ["--exact", test, "--ignored", "--nocapture"];
    Console::start(&setting, program.to_str().unwrap(), &arguments)
}

#[test]
fn a_worker_that_breaks_is_reported_and_the_rest_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut console = play(home.path(), "worker");
    console.wait_for("internal error in `query`: a record nobody foresaw. The rest goes on");
    console
        .press("?")
        .wait_for("keys that work here")
        .press("esc");
    console.wait_gone("keys that work here").press("Q");
    let left = console.left_sane();
    assert_eq!(left.code, 0);
    // nothing was printed over the screen
    assert!(!String::from_utf8_lossy(&left.bytes).contains("panicked at"));
}

#[test]
fn when_the_interface_itself_breaks_the_terminal_is_given_back_first() {
    let home = tempfile::tempdir().unwrap();
    let mut console = play(home.path(), "interface");
    console.wait_for("a page nobody foresaw");
    console.wait_for("Every decision and note that was shown as saved is in the case file.");
    assert_ne!(console.left_sane().code, 0);
}
