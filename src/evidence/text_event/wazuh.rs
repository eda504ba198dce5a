//! Wazuh's alerts and archives: `win.system` beside `win.eventdata`, with names that begin in lower
//! case and, from most agents, backslashes written twice.

use std::borrow::Cow;

use super::{Data, Found, Miss, System, found};
use crate::evidence::json::Json;
use crate::evidence::stamp::Stamp;

/// Whether it has the shape.
pub(super) fn is(json: &Json<'_>) -> bool {
    win(json).is_some()
}

fn win<'j, 't>(json: &'j Json<'t>) -> Option<&'j Json<'t>> {
    json.object("win")
        .filter(|win| win.object("system").is_some())
}

/// Members of `win.system` and what they are called in an event.
const SYSTEM: [(&str, &str); 8] = [
    ("providerName", "Provider@Name"),
    ("eventID", "EventID"),
    ("eventRecordID", "EventRecordID"),
    ("channel", "Channel"),
    ("computer", "Computer"),
    ("securityUserID", "Security@UserID"),
    ("processID", "Execution@ProcessID"),
    ("threadID", "Execution@ThreadID"),
];

/// Reads it.
pub(super) fn read(json: &Json<'_>) -> Result<Found, Miss> {
    let win = win(json).unwrap_or(json);
    let get = |name: &str| win.get("system").and_then(|system| system.get(name));
    let mut system = System::default();
    for (own, name) in SYSTEM {
        if let Some(value) = get(own).and_then(Json::plain) {
            system.push(name, value);
        }
    }
    let mut data = Data::default();
    for (name, section) in win.members() {
        if name != "system" {
            for (name, value) in section.members() {
                match value.as_text() {
                    // Values without a name are joined in one.
                    Some(text) if name == "data" => data.push_unnamed(once(text)),
                    Some(text) => data.push(name, once(text)),
                    None => data.push_json(name, value),
                }
            }
        }
    }
    let time = get("systemTime").and_then(Stamp::of);
    found(system.into_record(data.fields)?, time, true)
}

/// The text with each backslash once, where all of them stand in pairs.
fn once(text: &str) -> Cow<'_, str> {
    let pairs = text.split(|character| character != '\\');
    let mut runs = pairs.map(str::len).filter(|length| *length > 0).peekable();
    if runs.peek().is_some() && runs.all(|length| length % 2 == 0) {
        Cow::Owned(text.replace("\\\\", "\\"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::once;

    #[test]
    fn backslashes_are_halved_only_where_all_are_doubled() {
        for (written, meant) in [
            (r"C:\\Windows\\x.exe", r"C:\Windows\x.exe"),
            (r"\\\\FS01\\ADMIN$\\x.exe", r"\\FS01\ADMIN$\x.exe"),
            (r"\\FS01\ADMIN$\x.exe", r"\\FS01\ADMIN$\x.exe"),
            (r"C:\Windows\x.exe", r"C:\Windows\x.exe"),
            ("LocalSystem", "LocalSystem"),
        ] {
            assert_eq!(once(written), meant);
        }
    }
}
