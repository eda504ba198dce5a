//! Which pairs of ends can only mean each other.

use std::collections::{BTreeMap, BTreeSet};

/// How well two ends fit in time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As a run takes from client to service, by clocks that agree.
    Prompt,
    /// Within what clocks may differ by.
    Near,
    Not,
}

/// The pairs that can only mean each other: among prompt ones first, then within the tolerance.
///
/// Among targets and clients that fit each other there must be a client for each target; then a
/// target with a single client is certain of it, and by elimination so may be the next.
pub(super) fn certain<Run: Copy + Ord>(
    fitting: &[(usize, Run)],
    fit: impl Fn(usize, Run) -> Option<Fit>,
) -> Vec<(usize, Run)> {
    let mut pairs: Vec<(usize, Run, Fit)> = fitting
        .iter()
        .filter_map(|(place, run)| Some((*place, *run, fit(*place, *run)?)))
        .collect();
    let of = |pairs: &[(usize, Run, Fit)], wanted: Fit| {
        let fitting = pairs.iter().filter(|(_, _, fit)| *fit == wanted);
        Options::of(fitting.map(|(place, run, _)| (*place, *run)))
    };
    let mut prompt = of(&pairs, Fit::Prompt);
    // Where prompt ends are in doubt among each other, distant ones prove nothing.
    pairs.retain(|(place, run, _)| {
        !prompt.clients.contains_key(place) && !prompt.targets.contains_key(run)
    });
    let mut found = prompt.eliminate();
    found.extend(of(&pairs, Fit::Near).eliminate());
    found
}

/// Which clients each target may mean, and the other way round.
struct Options<Run> {
    clients: BTreeMap<usize, BTreeSet<Run>>,
    targets: BTreeMap<Run, BTreeSet<usize>>,
}

impl<Run: Copy + Ord> Options<Run> {
    fn of(pairs: impl Iterator<Item = (usize, Run)>) -> Self {
        let mut options = Options {
            clients: BTreeMap::new(),
            targets: BTreeMap::new(),
        };
        for (place, run) in pairs {
            options.clients.entry(place).or_default().insert(run);
            options.targets.entry(run).or_default().insert(place);
        }
        options
    }

    /// Takes out every pair that is forced.
    fn eliminate(&mut self) -> Vec<(usize, Run)> {
        let short = self.short_of_clients();
        let mut queue: Vec<usize> = self.clients.keys().copied().collect();
        let mut found = Vec::new();
        while let Some(place) = queue.pop() {
            let Some(run) = self.clients.get(&place).and_then(only) else {
                continue;
            };
            if short.contains(&place) {
                continue;
            }
            self.clients.remove(&place);
            for rival in self.targets.remove(&run).unwrap_or_default() {
                if let Some(clients) = self.clients.get_mut(&rival) {
                    clients.remove(&run);
                    queue.push(rival);
                }
            }
            found.push((place, run));
        }
        found.sort_unstable();
        found
    }

    /// The targets of groups that have more targets than clients: one of them came from elsewhere.
    fn short_of_clients(&self) -> BTreeSet<usize> {
        let mut short = BTreeSet::new();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for start in self.clients.keys() {
            if !seen.insert(*start) {
                continue;
            }
            let (mut places, mut runs) = (vec![*start], BTreeSet::new());
            let mut next = 0;
            while let Some(place) = places.get(next).copied() {
                next += 1;
                for run in self.clients.get(&place).into_iter().flatten() {
                    if !runs.insert(*run) {
                        continue;
                    }
                    let others = self.targets.get(run).into_iter().flatten();
                    places.extend(others.filter(|other| seen.insert(**other)));
                }
            }
            if places.len() > runs.len() {
                short.extend(places);
            }
        }
        short
    }
}

fn only<Run: Copy + Ord>(set: &BTreeSet<Run>) -> Option<Run> {
    set.first().copied().filter(|_| set.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_that_can_mean_nothing_else_are_certain() {
        let fit = |place: usize, number: usize| {
            Some(if place == number {
                Fit::Prompt
            } else {
                Fit::Near
            })
        };
        assert_eq!(certain(&[(0, 0), (0, 1), (1, 1)], fit), [(0, 0), (1, 1)]);
        let near = |_: usize, _: usize| Some(Fit::Near);
        assert_eq!(certain(&[(0, 0), (0, 1)], near), []);
        assert_eq!(
            certain(&[(0, 0), (1, 0)], near),
            [],
            "one client, two targets"
        );
        let chain = [(0, 0), (1, 0), (1, 1)];
        assert_eq!(certain(&chain, near), [(0, 0), (1, 1)], "by elimination");
        let short = [(0, 0), (1, 0), (1, 1), (2, 1)];
        assert_eq!(
            certain(&short, near),
            [],
            "one of three came from elsewhere"
        );
        assert_eq!(certain(&[(2, 5)], near), [(2, 5)]);
    }
}
