//! The turns of phrase that titles, signals, questions and gaps share. Record text stays as logged.

use std::collections::HashSet;
use std::time::Duration;

use crate::event::Time;

/// A time to the second: `2026-03-10 18:04:05 UTC`.
pub(super) fn moment(time: Time) -> String {
    time.utc().map_or_else(
        || time.to_string(),
        |utc| utc.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// A length of time in its two largest units: `90 s`, `12 min`, `4 h 47 min`, `3 days`.
pub(super) fn span(length: Duration) -> String {
    let seconds = (length.as_millis() + 500) / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{minutes} min"),
        7200..=172_799 if minutes % 60 == 0 => format!("{hours} h"),
        7200..=172_799 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{} days", hours / 24),
    }
}

/// At most `limit` characters of a text, with an ellipsis where something was cut.
pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

/// Each text once, in the order in which they come.
pub(super) fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut known: HashSet<String> = HashSet::new();
    texts.filter(|text| known.insert(text.clone())).collect()
}

/// The first few of several things, and how many more there are.
pub(super) fn listed(items: &[String], limit: usize) -> String {
    let mut text = items
        .iter()
        .take(limit)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if items.len() > limit {
        text.push_str(&format!(" and {} more", items.len() - limit));
    }
    text
}

/// `1 record`, `2 records`.
pub(super) fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_well() {
        let of = |seconds| span(Duration::from_secs(seconds));
        assert_eq!(of(90), "90 s");
        assert_eq!(of(720), "12 min");
        assert_eq!(of(17_220), "4 h 47 min");
        assert_eq!(of(7200), "2 h");
        assert_eq!(of(259_200), "3 days");
    }

    #[test]
    fn a_cut_text_says_so_and_keeps_its_letters_whole() {
        assert_eq!(cut("日本語テキスト", 3), "日本語…");
        assert_eq!(cut("short", 80), "short");
    }
}
