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

/// The pairs that can only mean each other: prompt both ways and no other prompt one, or else the
/// only ones within the tolerance both ways.
pub(super) fn certain<Run: Copy + PartialEq>(
    fitting: &[(usize, Run)],
    fit: impl Fn(usize, Run) -> Option<Fit>,
) -> Vec<(usize, Run)> {
    let mut pairs: Vec<(usize, Run, Fit)> = fitting
        .iter()
        .filter_map(|(place, number)| Some((*place, *number, fit(*place, *number)?)))
        .filter(|(_, _, fit)| *fit != Fit::Not)
        .collect();
    let mut found = Vec::new();
    for wanted in [Some(Fit::Prompt), None] {
        let fits = |fit: Fit| wanted.is_none_or(|wanted| fit == wanted);
        let only: Vec<(usize, Run)> = pairs
            .iter()
            .filter(|(_, _, fit)| fits(*fit))
            .filter(|(place, number, _)| {
                let mut rivals = pairs
                    .iter()
                    .filter(|(other, run, fit)| fits(*fit) && (other == place || run == number));
                rivals.next().is_some() && rivals.next().is_none()
            })
            .map(|(place, number, _)| (*place, *number))
            .collect();
        for (place, number) in &only {
            pairs.retain(|(other, run, _)| other != place && run != number);
        }
        found.extend(only);
    }
    found
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
        assert_eq!(certain(&[(2, 5)], near), [(2, 5)]);
    }
}
