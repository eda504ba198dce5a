//! Log text that attacks whoever reads it.

use std::fs;
use std::path::Path;

use regex::bytes::Regex;

use crate::console::Heard;
use crate::desk::Desk;

/// Writes the logs of a scenario into a folder.
fn forge(scenario: &str, folder: &Path) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/scenarios")
        .join(scenario);
    for log in forge::scenario::load(&file).unwrap().build().unwrap() {
        let path = folder.join(&log.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &log.bytes).unwrap();
    }
}

/// Everything that the program itself sends to a terminal. Colours are always written in the long
/// form (`38;5;…`, `38;2;…`), so a short one comes from a record.
const OWN: &str = "(?-u)\x1b\\[(?:\
    [0-9]+;[0-9]+H|\
    2J|\
    (?:0|1|2|3|4|7|9|2[2-9]|39|49|59|[345]8;5;[0-9]+|[345]8;2;[0-9]+;[0-9]+;[0-9]+)(?:;(?:39|49|59|[345]8;5;[0-9]+|[345]8;2;[0-9]+;[0-9]+;[0-9]+))*m|\
    \\?(?:25|1049|2004|2026|1000|1002|1003|1015|1006)[hl])";

/// Where the stream holds something that is not the program's own.
fn foreign(bytes: &[u8]) -> Option<String> {
    let rest = Regex::new(OWN).unwrap().replace_all(bytes, &b""[..]);
    let text = String::from_utf8_lossy(&rest).into_owned();
    let acts = |character: char| {
        (character.is_control() && !matches!(character, '\r' | '\n'))
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
    };
    let at = text.find(acts)?;
    let around: String = text[at..].chars().take(40).collect();
    Some(format!("{around:?}"))
}

#[test]
fn no_record_acts_on_the_terminal() {
    let desk = Desk::new();
    let logs = desk.path("logs");
    forge("hostile-text.toml", &logs);
    let mut console = desk.start(&[logs.to_str().unwrap()]);
    console.wait_for("psexec");
    // each alert: its page, its processes, its account, its session, its first event as fields and XML
    let alerts = console
        .text()
        .lines()
        .filter(|line| line.contains(" new"))
        .count();
    assert!(alerts >= 3, "{}", console.text());
    for row in 1..=alerts {
        console.press("g l").wait_for(&format!("/{alerts}  UTC"));
        console.press("g g");
        for _ in 1..row {
            console.press("j");
        }
        console.wait_for(&format!(" {row}/{alerts}  UTC"));
        console.press("enter").wait_for("What happened");
        for pivot in ["g p", "g a", "g s", "g h", "g v"] {
            console
                .press(pivot)
                .press("?")
                .wait_for("keys that work here");
            console
                .press("esc")
                .wait_gone("keys that work here")
                .press("g l");
            console.wait_for(&format!(" {row}/{alerts}  UTC"));
            console.press("enter").wait_for("What happened");
        }
    }
    console
        .press("g e")
        .wait_for("all events")
        .press("enter")
        .wait_for("Leads to");
    console
        .press("X")
        .wait_for("<Event")
        .press("y x")
        .wait_for("copied");
    console.press("Q");
    let heard = console.heard();
    let left = console.left_sane();
    assert_eq!(
        heard,
        Heard {
            copied: heard.copied.clone(),
            odd: Vec::new()
        }
    );
    // the copy is the program's own command; take it out before looking for others
    let copies = Regex::new("(?-u)\x1b\\]52;c;[A-Za-z0-9+/=]*\x07").unwrap();
    assert_eq!(copies.find_iter(&left.bytes).count(), 1);
    let stream = copies.replace_all(&left.bytes, &b""[..]);
    assert_eq!(foreign(&stream), None);
    let cleared = Regex::new("(?-u)\x1b\\[2J")
        .unwrap()
        .find_iter(&stream)
        .count();
    assert_eq!(cleared, 1, "only the start clears the screen");
}

#[test]
fn the_check_itself_sees_what_records_hold() {
    for attack in [
        "\x1b[31m",
        "\x1b[H",
        "\x1b]0;x\x07",
        "\u{9b}31m",
        "\x07",
        "\u{202e}",
        "\x1b[8m",
        "\x1bc",
    ] {
        assert!(foreign(attack.as_bytes()).is_some(), "{attack:?}");
    }
}
