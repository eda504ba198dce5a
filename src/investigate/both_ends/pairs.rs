//! Which pairs of ends can only mean each other.

/// How well two ends fit in time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As a run takes from client to service, by clocks that agree.
    Prompt,
    /// Within what clocks may differ by.
    Near,
    Not,
}

/// The pairs that can only mean each other: among prompt ones first, then within the tolerance. A
/// target with a single client is certain of it unless another target has no other client either.
pub(super) fn certain<Run: Copy + PartialEq>(
    fitting: &[(usize, Run)],
    fit: impl Fn(usize, Run) -> Option<Fit>,
) -> Vec<(usize, Run)> {
    let mut pairs: Vec<(usize, Run, Fit)> = fitting
        .iter()
        .filter_map(|(place, run)| Some((*place, *run, fit(*place, *run)?)))
        .filter(|(_, _, fit)| *fit != Fit::Not)
        .collect();
    let mut found = Vec::new();
    for wanted in [Some(Fit::Prompt), None] {
        while let Some((place, run)) = forced(&pairs, wanted) {
            pairs.retain(|(other, rival, _)| *other != place && *rival != run);
            found.push((place, run));
        }
    }
    found
}

/// The first target that can only mean one client, while all others that could mean it have another.
fn forced<Run: Copy + PartialEq>(
    pairs: &[(usize, Run, Fit)],
    wanted: Option<Fit>,
) -> Option<(usize, Run)> {
    let fits = |fit: Fit| wanted.is_none_or(|wanted| fit == wanted);
    let clients = |place: usize| {
        pairs
            .iter()
            .filter(|(other, _, fit)| *other == place && fits(*fit))
            .count()
    };
    pairs
        .iter()
        .filter(|(place, _, fit)| fits(*fit) && clients(*place) == 1)
        .find(|(place, run, _)| {
            pairs
                .iter()
                .filter(|(other, rival, fit)| other != place && rival == run && fits(*fit))
                .all(|(other, ..)| clients(*other) > 1)
        })
        .map(|(place, run, _)| (*place, *run))
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
        assert_eq!(certain(&[(2, 5)], near), [(2, 5)]);
    }
}
