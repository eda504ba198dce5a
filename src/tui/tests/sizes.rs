//! Every view from 1x1 to 250x70: nothing panics, nothing is drawn outside.

use super::stage::Stage;
use super::views::VIEWS;

#[test]
fn every_view_fits_every_size() {
    for (_, keys) in VIEWS {
        let mut stage = Stage::open(120, 40);
        stage.press(keys);
        for width in (1..=26).chain((34..=250).step_by(27)) {
            for height in (1..=8).chain((14..=70).step_by(14)) {
                stage.resize(width, height);
            }
        }
    }
}

#[test]
fn the_cursor_is_always_on_the_screen() {
    for (_, keys) in VIEWS {
        let mut stage = Stage::open(80, 24);
        stage.press(keys);
        for (width, height) in [(24, 6), (40, 12), (80, 24), (200, 60)] {
            stage.resize(width, height);
            for key in ["down", "down", "end", "up", "home"] {
                stage.press(key);
                stage.check();
            }
        }
    }
}
