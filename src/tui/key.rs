//! Names of keys: one notation for the keymap file, the footer, help and tests.
//!
//! A key is written as text (`ctrl-d`, `G`, `space`, `f1`), a sequence with spaces between (`g p`).

use crokey::KeyCombination;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// One key with its modifiers, in the one form that all terminals agree on.
pub type Key = KeyCombination;

/// The key of a terminal event; `None` for releases, which only some terminals send.
pub fn of_event(event: KeyEvent) -> Option<Key> {
    (event.kind != KeyEventKind::Release).then(|| normal(event.code, event.modifiers))
}

/// Terminals disagree on whether shift is reported with a character. Letters carry it, everything
/// else (`?`, `+`) does not: there the character says it already.
fn normal(code: KeyCode, modifiers: KeyModifiers) -> Key {
    let mut modifiers = modifiers
        & (KeyModifiers::SHIFT | KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER);
    let code = match code {
        KeyCode::Char('\r' | '\n') => KeyCode::Enter,
        KeyCode::Char(letter) if letter.is_alphabetic() => {
            if letter.is_uppercase() && !modifiers.contains(KeyModifiers::CONTROL) {
                modifiers.insert(KeyModifiers::SHIFT);
            }
            match (
                modifiers.contains(KeyModifiers::SHIFT),
                modifiers.contains(KeyModifiers::CONTROL),
            ) {
                (true, false) => KeyCode::Char(letter.to_uppercase().next().unwrap_or(letter)),
                (_, true) => KeyCode::Char(letter.to_lowercase().next().unwrap_or(letter)),
                _ => KeyCode::Char(letter),
            }
        }
        KeyCode::Char(other) => {
            modifiers.remove(KeyModifiers::SHIFT);
            KeyCode::Char(other)
        }
        KeyCode::BackTab => {
            modifiers.insert(KeyModifiers::SHIFT);
            KeyCode::BackTab
        }
        KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        other => other,
    };
    KeyCombination::one_key(code, modifiers)
}

/// Reads one key.
///
/// # Errors
/// In words, when the text names no key.
pub fn parse(text: &str) -> Result<Key, String> {
    let mut characters = text.chars();
    if let (Some(single), None) = (characters.next(), characters.next()) {
        return Ok(normal(KeyCode::Char(single), KeyModifiers::NONE));
    }
    let text = match text.to_ascii_lowercase().as_str() {
        "pgdn" => "pagedown".to_owned(),
        "pgup" => "pageup".to_owned(),
        "shift-tab" => "backtab".to_owned(),
        "escape" => "esc".to_owned(),
        "return" => "enter".to_owned(),
        other => other.to_owned(),
    };
    let key = crokey::parse(&text).map_err(|_| format!("`{text}` is no key"))?;
    if !key.is_ansi_compatible() {
        return Err(format!(
            "`{text}`: keys pressed together are written with spaces between"
        ));
    }
    Ok(normal(*key.codes.first(), key.modifiers))
}

/// Reads a sequence of keys, such as `g p`.
///
/// # Errors
/// In words, when a part names no key or there is none.
pub fn parse_sequence(text: &str) -> Result<Vec<Key>, String> {
    let keys: Vec<Key> = text
        .split_whitespace()
        .map(parse)
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        Err("no key given".to_owned())
    } else {
        Ok(keys)
    }
}

/// A key as a human reads it: `Ctrl-d`, `G`, `?`, `Space`.
pub fn show(key: Key) -> String {
    let mut shown = String::new();
    let code = *key.codes.first();
    let letter = matches!(code, KeyCode::Char(letter) if letter.is_alphabetic());
    for (modifier, name) in [
        (KeyModifiers::CONTROL, "Ctrl-"),
        (KeyModifiers::ALT, "Alt-"),
        (KeyModifiers::SUPER, "Cmd-"),
        (KeyModifiers::SHIFT, "Shift-"),
    ] {
        let implied = modifier == KeyModifiers::SHIFT && (letter || code == KeyCode::BackTab);
        if key.modifiers.contains(modifier) && !implied {
            shown.push_str(name);
        }
    }
    match code {
        KeyCode::Char(' ') => shown.push_str("Space"),
        KeyCode::Char(character) => shown.push(character),
        KeyCode::PageDown => shown.push_str("PgDn"),
        KeyCode::PageUp => shown.push_str("PgUp"),
        KeyCode::BackTab => shown.push_str("Shift-Tab"),
        KeyCode::Delete => shown.push_str("Del"),
        KeyCode::Insert => shown.push_str("Ins"),
        KeyCode::F(number) => shown.push_str(&format!("F{number}")),
        other => shown.push_str(&format!("{other:?}")),
    }
    shown
}

/// A sequence as a human reads it: `gp` for plain characters, else with spaces between.
pub fn show_sequence(keys: &[Key]) -> String {
    let parts: Vec<String> = keys.iter().map(|key| show(*key)).collect();
    let tight = parts.iter().all(|part| part.chars().count() == 1);
    parts.join(if tight { "" } else { " " })
}

/// The character a key types into a text field.
pub fn typed(key: Key) -> Option<char> {
    match *key.codes.first() {
        KeyCode::Char(character)
            if !key
                .modifiers
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER) =>
        {
            Some(character)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_shown() {
        for text in [
            "ctrl-d",
            "G",
            "g",
            "?",
            "+",
            "-",
            "space",
            "enter",
            "esc",
            "f1",
            "shift-tab",
            "pgdn",
            "alt-enter",
            "ctrl-p",
            "home",
            "backspace",
            "del",
            "shift-up",
            "/",
        ] {
            let key = parse(text).unwrap();
            assert_eq!(
                parse(
                    &show(key)
                        .to_lowercase()
                        .replace('g', if text == "G" { "G" } else { "g" })
                ),
                Ok(key),
                "{text}"
            );
        }
    }

    #[test]
    fn terminals_that_report_shift_and_those_that_do_not_agree() {
        let event = |code, modifiers| of_event(KeyEvent::new(code, modifiers)).unwrap();
        assert_eq!(
            event(KeyCode::Char('?'), KeyModifiers::SHIFT),
            parse("?").unwrap()
        );
        assert_eq!(
            event(KeyCode::Char('G'), KeyModifiers::NONE),
            parse("G").unwrap()
        );
        assert_eq!(
            event(KeyCode::Char('g'), KeyModifiers::SHIFT),
            parse("G").unwrap()
        );
        assert_eq!(
            event(KeyCode::BackTab, KeyModifiers::SHIFT),
            parse("shift-tab").unwrap()
        );
    }

    #[test]
    fn nonsense_is_named() {
        assert!(parse("hyper-q").unwrap_err().contains("hyper-q"));
        assert!(parse_sequence("  ").is_err());
        assert_eq!(show_sequence(&parse_sequence("g p").unwrap()), "gp");
    }
}
