//! Any keys in any order: nothing panics, what must hold holds, and everything can be taken back.
//!
//! A few thousand keys by default; a million takes minutes with `DUALUSE_RANDOM_KEYS=1000000 cargo test
//! --release --lib tui::tests::keys` (`TMPDIR` on a memory disk spares the real one), and
//! `DUALUSE_RANDOM_SEED` goes on where a failure named its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::stage::Stage;
use crate::tui::key;
use crate::tui::model::Model;

/// Keys pressed when nothing else is asked for.
const FEW: usize = 6_000;
/// Keys of one sitting; then everything is taken back and a new one begins.
const SITTING: usize = 1_500;

/// Every key that means something, and some that do not.
const KEYS: &str = "j k l h g g G p a s t i v w e r enter H L q / n N f + - c C space v V x y T w X z u ctrl-r ? : tab \
    shift-tab esc ctrl-d ctrl-u pgdn pgup home end up down left right ctrl-s backspace [ ] < > S E 1 z é 日 \" : \
    f2 f3 m ' F @ ctrl-p ctrl-f o O A K D I M b B W";

/// What only a lucky hand would find: something saved.
const DEEDS: [&str; 4] = [
    "esc esc a x y ctrl-s",
    "esc esc t enter x tab x tab x tab x ctrl-s",
    "esc esc t down enter x tab x tab space tab x ctrl-s",
    "esc esc g l space a z ctrl-s",
];

/// Small, quick and the same everywhere: xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most
    }
}

fn number(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

#[test]
fn any_keys_leave_the_model_sound_and_can_be_taken_back() {
    let wanted = number("DUALUSE_RANDOM_KEYS").unwrap_or(FEW);
    let first = number("DUALUSE_RANDOM_SEED").unwrap_or(1);
    let keys: Vec<key::Key> = KEYS
        .split_whitespace()
        .map(|name| key::parse(name).unwrap())
        .collect();
    let next = AtomicUsize::new(0);
    let sittings = || {
        loop {
            let sitting = next.fetch_add(1, Ordering::Relaxed);
            let pressed = sitting * SITTING;
            if pressed >= wanted {
                return;
            }
            let seed = first + sitting;
            let played = || sit(seed, &keys, SITTING.min(wanted - pressed));
            if catch_unwind(AssertUnwindSafe(played)).is_err() {
                panic!("DUALUSE_RANDOM_SEED={seed}");
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(sittings);
        }
    });
}

fn sit(seed: usize, keys: &[key::Key], count: usize) {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let sizes = [(80, 24), (40, 12), (24, 6), (160, 50), (1, 1), (100, 30)];
    let mut stage = Stage::open(80, 24);
    let start = decided(&stage.model);
    for _ in 0..count {
        match dice.below(200) {
            0 => {
                let (width, height) = sizes[dice.below(sizes.len())];
                stage.resize(width, height);
            }
            1..=3 => {
                stage.press(DEEDS[dice.below(DEEDS.len())]);
            }
            _ => stage.key(keys[dice.below(keys.len())]),
        }
        stage.check();
    }
    take_everything_back(&mut stage);
    assert_eq!(decided(&stage.model), start, "seed {seed}");
}

/// What was decided and noted: state, verdict and notes in force of every alert.
fn decided(model: &Model) -> Vec<String> {
    model
        .data
        .alerts()
        .iter()
        .filter_map(|alert| model.data.triage(&alert.id))
        .map(|triage| {
            let notes: Vec<_> = triage.notes.iter().map(|note| &note.markdown).collect();
            format!(
                "{} {:?} {:?} {notes:?}",
                triage.alert, triage.state, triage.disposition
            )
        })
        .collect()
}

fn take_everything_back(stage: &mut Stage) {
    for _ in 0..8 {
        stage.press("esc");
    }
    for _ in 0..10_000 {
        stage.press("u");
        if stage
            .model
            .toast
            .as_ref()
            .is_some_and(|toast| toast.text.contains("nothing to undo"))
        {
            return;
        }
    }
    panic!("there is always something to take back");
}
