//! Columns that adapt: the least important go first when room is short.

/// What a column wants.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// Least useful width.
    pub least: u16,
    /// Width beyond which it gains nothing.
    pub most: u16,
    /// The higher, the later it goes.
    pub weight: u8,
}

/// A column's place on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First column, from the left end of the line.
    pub x: u16,
    /// Width.
    pub width: u16,
}

/// Blanks between columns: fewer on narrow screens.
fn gap(width: u16) -> u16 {
    if width < 100 { 1 } else { 2 }
}

/// Places columns on a line of a width; those that do not fit are `None`. Room left over goes to
/// columns that want more, from left to right, a bit at a time.
pub fn place(width: u16, wants: &[Want]) -> Vec<Option<Span>> {
    let mut kept: Vec<bool> = vec![true; wants.len()];
    let needed = |kept: &[bool]| -> u32 {
        let widths = wants
            .iter()
            .zip(kept)
            .filter(|(_, kept)| **kept)
            .map(|(want, _)| u32::from(want.least));
        let count = u32::try_from(kept.iter().filter(|kept| **kept).count()).unwrap_or(0);
        widths.sum::<u32>() + count.saturating_sub(1) * u32::from(gap(width))
    };
    while needed(&kept) > u32::from(width) {
        let lightest = wants
            .iter()
            .enumerate()
            .filter(|(place, _)| kept.get(*place) == Some(&true))
            .min_by_key(|(_, want)| want.weight);
        match lightest {
            Some((place, _)) if kept.iter().filter(|kept| **kept).count() > 1 => {
                if let Some(slot) = kept.get_mut(place) {
                    *slot = false;
                }
            }
            _ => break,
        }
    }
    let mut widths: Vec<u16> = wants.iter().map(|want| want.least).collect();
    let mut spare = u32::from(width).saturating_sub(needed(&kept));
    while spare > 0 {
        let before = spare;
        for ((slot, want), kept) in widths.iter_mut().zip(wants).zip(&kept) {
            if *kept && *slot < want.most && spare > 0 {
                *slot += 1;
                spare -= 1;
            }
        }
        if spare == before {
            break;
        }
    }
    let mut x = 0u16;
    widths
        .into_iter()
        .zip(kept)
        .map(|(wanted, kept)| {
            if !kept {
                return None;
            }
            let span = Span {
                x,
                width: wanted.min(width.saturating_sub(x)),
            };
            x = x.saturating_add(wanted).saturating_add(gap(width));
            Some(span)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTS: [Want; 3] = [
        Want {
            least: 4,
            most: 4,
            weight: 9,
        },
        Want {
            least: 10,
            most: 20,
            weight: 1,
        },
        Want {
            least: 10,
            most: 500,
            weight: 5,
        },
    ];

    #[test]
    fn the_lightest_goes_first_and_room_is_used() {
        let all = place(60, &WANTS);
        assert_eq!(all[1], Some(Span { x: 5, width: 20 }));
        assert_eq!(all[2], Some(Span { x: 26, width: 34 }));
        assert_eq!(place(20, &WANTS)[1], None);
        assert_eq!(place(3, &WANTS)[0], Some(Span { x: 0, width: 3 }));
    }

    proptest::proptest! {
        #[test]
        fn columns_stay_on_the_line(width in 0u16..300) {
            let mut end = 0;
            for span in place(width, &WANTS).into_iter().flatten() {
                proptest::prop_assert!(span.x >= end);
                end = span.x + span.width;
                proptest::prop_assert!(end <= width);
            }
        }
    }
}
