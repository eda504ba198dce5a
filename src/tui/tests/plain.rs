//! Without colours and without anything but ASCII the screen still says everything.

use super::stage::Stage;
use super::views::VIEWS;

/// Characters that are in the records of the bundled case, not the program's own.
fn is_of_a_record(symbol: &str, records: &str) -> bool {
    symbol.chars().all(|c| records.contains(c))
}

#[test]
fn ascii_swaps_every_sign_and_line() {
    let records = texts_of_records();
    for (name, keys) in VIEWS {
        let mut stage = Stage::empty(120, 40, tempfile::tempdir().unwrap());
        stage.model.settings.ascii = true;
        stage.model.data.ascii = true;
        stage.send(crate::tui::message::Message::snapshot(
            super::stage::bundled(),
        ));
        stage.press(keys);
        for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
            stage.resize(width, height);
            let screen = stage.screen();
            let odd: Vec<&str> = stage
                .interface_cells()
                .filter(|symbol| !symbol.is_ascii() && !is_of_a_record(symbol, &records))
                .collect();
            assert!(
                odd.is_empty(),
                "{name} at {width}x{height}: {odd:?}\n{screen}"
            );
        }
    }
}

/// Every character beyond ASCII in what the bundled case says.
fn texts_of_records() -> String {
    let snapshot = super::stage::bundled();
    let texts = snapshot.timeline.strings().iter();
    texts
        .flat_map(|(_, text)| text.chars().filter(|c| !c.is_ascii()).collect::<Vec<_>>())
        .collect()
}
