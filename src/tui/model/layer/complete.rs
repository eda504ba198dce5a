//! What a word of a filter may become: keys, and values that occur in the evidence.

use std::ops::Range;

use crate::timeline::query::{Filter, KEYS, words};
use crate::tui::model::Data;
use crate::tui::model::names::known;

/// Something that can stand in place of the word being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The whole word.
    pub word: String,
    /// What it is.
    pub note: String,
}

/// The choices for the word at the cursor of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The choices, the likeliest first.
    pub choices: Vec<Choice>,
    /// The one that stands in the line now, when they were gone through.
    pub at: Option<usize>,
    /// Where the word begins, in bytes.
    pub start: usize,
    /// What was typed of it.
    typed: String,
}

/// Most choices offered: who wants another types on.
const MOST: usize = 50;

impl Completion {
    /// What may become of the word that ends at the cursor.
    pub fn of(line: &str, cursor: usize, data: &Data) -> Completion {
        let place = word_at(line, cursor);
        let typed = line.get(place.clone()).unwrap_or_default().to_owned();
        Completion {
            choices: choices(&typed, data),
            at: None,
            start: place.start,
            typed,
        }
    }

    /// The next choice or the one before, round through what was typed. Answers what is to stand in
    /// place of what stands there now.
    pub fn turn(&mut self, forward: bool) -> Option<(Range<usize>, String)> {
        let all = self.choices.len();
        if all == 0 {
            return None;
        }
        let here = self.word().len();
        // one place more than there are choices: what was typed
        let now = self.at.map_or(0, |at| at + 1);
        let next = if forward { now + 1 } else { now + all } % (all + 1);
        self.at = next.checked_sub(1);
        Some((self.start..self.start + here, self.word().to_owned()))
    }

    /// What stands in the line now.
    fn word(&self) -> &str {
        let chosen = self.at.and_then(|at| self.choices.get(at));
        chosen.map_or(&self.typed, |choice| &choice.word)
    }

    /// Whether the word is not yet a wish: the beginning of a key, a key without a value, or the
    /// beginning of a name that must be whole to be found.
    pub fn is_unfinished(&self) -> bool {
        self.at.is_none() && (self.is_in_key() || self.is_in_name() || self.is_in_time())
    }

    fn is_in_name(&self) -> bool {
        const WHOLE: [&str; 7] = ["host", "id", "account", "ip", "service", "tool", "severity"];
        let Some((key, last)) = last_value(&self.typed) else {
            return false;
        };
        let (host, account) = (format!("{last}."), format!("\\{last}"));
        let means = |choice: &Choice| {
            last_value(&choice.word).is_some_and(|(_, value)| {
                value == last || value.starts_with(&host) || value.ends_with(&account)
            })
        };
        let offered = !self.choices.is_empty();
        WHOLE.contains(&key.as_str()) && offered && !self.choices.iter().any(means)
    }

    /// Whether the word cannot be read yet, but is the beginning of one that can.
    fn is_in_time(&self) -> bool {
        !self.choices.is_empty() && Filter::parse(&self.typed).is_err()
    }

    fn is_in_key(&self) -> bool {
        let word = self.typed.trim_start_matches('-').to_lowercase();
        let key = |(name, ..): &&(&str, &str, &str)| {
            (!word.is_empty() && name.starts_with(&word)) || word == format!("{name}:")
        };
        KEYS.iter().any(|entry| key(&entry))
    }

    /// Where what was typed of the word lies in the line.
    pub fn place(&self) -> Range<usize> {
        self.start..self.start + self.typed.len()
    }
}

/// The key of a word and the last of its values, in small letters and without quotes.
fn last_value(word: &str) -> Option<(String, String)> {
    let word = word.trim_start_matches('-').to_lowercase().replace('"', "");
    let (key, values) = word.split_once(':')?;
    let last = values.rsplit(',').next().unwrap_or(values);
    Some((key.to_owned(), last.to_owned()))
}

/// The word that ends at the cursor; an empty one where there is none.
fn word_at(line: &str, cursor: usize) -> Range<usize> {
    words(line)
        .into_iter()
        .map(|(at, word)| at..at + word.len())
        .find(|place| place.end == cursor)
        .unwrap_or(cursor..cursor)
}

fn choices(typed: &str, data: &Data) -> Vec<Choice> {
    let (minus, body) = match typed.strip_prefix('-') {
        Some(body) => ("-", body),
        None => ("", typed),
    };
    let Some((key, value)) = body.split_once(':') else {
        let lower = body.to_lowercase();
        let keys = KEYS.iter().filter(|(name, ..)| name.starts_with(&lower));
        return keys
            .map(|(name, help, _)| Choice {
                word: format!("{minus}{name}:"),
                note: (*help).to_owned(),
            })
            .collect();
    };
    let value = value.replace('"', "");
    let (before, part) = match value.rsplit_once(',') {
        Some((before, part)) => (format!("{before},"), part),
        None => (String::new(), value.as_str()),
    };
    let part = part.to_lowercase();
    // those that begin so come before those that hold it somewhere
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for known in known(&key.to_lowercase(), data) {
        let lower = known.value.to_lowercase();
        if first.len() < MOST && lower.starts_with(&part) {
            first.push(known);
        } else if second.len() < MOST && lower.contains(&part) {
            second.push(known);
        }
    }
    first.append(&mut second);
    first.truncate(MOST);
    let word = |value: &str| {
        let all = format!("{before}{value}");
        if all.contains(char::is_whitespace) {
            format!("{minus}{key}:\"{all}\"")
        } else {
            format!("{minus}{key}:{all}")
        }
    };
    first
        .into_iter()
        .map(|known| Choice {
            word: word(&known.value),
            note: known.note(),
        })
        .collect()
}
