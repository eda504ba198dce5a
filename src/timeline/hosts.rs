//! One number for every host, however its name was written.

use std::collections::{BTreeMap, BTreeSet};

use super::HostId;

/// The hosts of a timeline.
pub(super) struct Hosts {
    /// Their names, alphabetically, each as fully as it was seen.
    pub(super) names: Vec<String>,
    /// The number of each name that was given.
    pub(super) numbers: Vec<HostId>,
}

/// Gives every host one number: names are compared without case, and a short name belongs to the
/// full name that begins with it when there is only one such.
pub(super) fn unify(given: &[&str]) -> Hosts {
    let mut by_label: BTreeMap<String, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    for name in given {
        let lower = name.to_lowercase();
        let label = lower.split('.').next().unwrap_or_default().to_owned();
        by_label
            .entry(label)
            .or_default()
            .entry(lower)
            .or_default()
            .insert(name);
    }
    let mut names: Vec<String> = Vec::new();
    let mut number_of: BTreeMap<String, usize> = BTreeMap::new();
    for (label, spellings) in &by_label {
        let full: Vec<&String> = spellings.keys().filter(|name| *name != label).collect();
        for (lower, variants) in spellings {
            let target = match full.as_slice() {
                [only] if lower == label => (*only).clone(),
                _ => lower.clone(),
            };
            let number = *number_of.entry(target.clone()).or_insert_with(|| {
                let shown = spellings.get(&target).and_then(|variants| variants.first());
                let shown = shown.or(variants.first());
                names.push(shown.map_or_else(String::new, |name| (*name).to_owned()));
                names.len() - 1
            });
            number_of.insert(lower.clone(), number);
        }
    }
    let number = |name: &&str| number_of.get(&name.to_lowercase()).copied();
    let numbers = given
        .iter()
        .map(|name| HostId::new(number(name).unwrap_or(usize::MAX)))
        .collect();
    Hosts { names, numbers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_belongs_to_the_only_full_one() {
        let hosts = unify(&["FS01", "fs01.nordhavn.example", "WS1", "ws1.a", "ws1.b"]);
        let number = |at: usize| hosts.numbers[at];
        assert_eq!(number(0), number(1));
        assert_ne!(number(2), number(3));
        assert_ne!(number(3), number(4));
        assert_eq!(hosts.names[number(0).index()], "fs01.nordhavn.example");
    }
}
