//! Any keys in any order: nothing panics, what must hold holds.

use proptest::prelude::*;

use super::stage::Stage;
use crate::tui::key;

/// Every key that means something, and some that do not.
const KEYS: &str = "j k l h g g G p a s t i v w e r enter H L q / n N f + - c C space v V x y T w X u ctrl-r ? : tab \
    shift-tab esc ctrl-d ctrl-u pgdn pgup home end up down left right ctrl-s backspace [ ] < > S E 1 z é 日 \" :";

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_leave_the_model_sound(picks in proptest::collection::vec(0usize..80, 1..120), size in 0usize..4) {
        let keys: Vec<&str> = KEYS.split_whitespace().collect();
        let (width, height) = [(80, 24), (40, 12), (24, 6), (160, 50)][size];
        let mut stage = Stage::open(width, height);
        for pick in picks {
            if let Some(name) = keys.get(pick % keys.len()) {
                stage.key(key::parse(name).unwrap());
                stage.check();
            }
        }
    }
}
