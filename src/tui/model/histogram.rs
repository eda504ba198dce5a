//! The timeline as bars: how many events and which alerts fall into each stretch of time.

use super::{AlertsPage, Data};
use crate::event::Time;
use crate::event::time::TICKS_PER_SECOND;
use crate::investigate::Severity;
use crate::timeline::Timeline;

/// Bars of one width, side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Where the first bar begins.
    pub from: Time,
    /// What each bar covers, in seconds.
    pub step: u64,
    /// How many there are.
    pub bars: usize,
}

/// What falls into a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Events.
    pub events: u32,
    /// Alerts that begin in it and are shown.
    pub alerts: usize,
    /// The severest alert that begins in it and is shown.
    pub worst: Option<Severity>,
    /// The severest one that filters hide.
    pub hidden: Option<Severity>,
}

/// The cursor among the bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarCursor {
    /// A time in the bar under the cursor.
    pub at: Time,
    /// A time in the bar at which a stretch was begun.
    pub mark: Option<Time>,
}

/// Widths of bars that people count in, in seconds.
const STEPS: [u64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000,
];

/// Seconds that bars cover at least, however far one goes in.
const LEAST: u64 = 10;

fn seconds(time: Time) -> u64 {
    time.filetime() / TICKS_PER_SECOND
}

fn at(seconds: u64) -> Time {
    Time::from_filetime(seconds.saturating_mul(TICKS_PER_SECOND))
}

/// From the first event to just after the last. Events without a time tell nothing here.
fn whole(timeline: &Timeline) -> Option<(u64, u64)> {
    let dated = timeline.window(Time::from_filetime(TICKS_PER_SECOND), Time::MAX);
    let last = crate::timeline::EventIndex(dated.end.0.checked_sub(1)?);
    (dated.start <= last).then(|| {
        (
            seconds(timeline.time(dated.start)),
            seconds(timeline.time(last)) + 1,
        )
    })
}

impl Axis {
    /// Bars over a stretch, at most so many; each covers a round time and begins at one.
    pub fn over(from: Time, to: Time, most: usize) -> Axis {
        let (from, to) = (seconds(from), seconds(to).max(seconds(from) + 1));
        let most = u64::try_from(most.max(1)).unwrap_or(1);
        let fits = |step: &u64| (to.div_ceil(*step) - from / step) <= most;
        let step = STEPS.iter().copied().find(fits).unwrap_or_else(|| {
            let month = 2_592_000;
            (to - from).div_ceil(month * most).max(1) * 2 * month
        });
        Axis {
            from: at(from / step * step),
            step,
            bars: usize::try_from(to.div_ceil(step) - from / step).unwrap_or(1),
        }
    }

    /// Where a bar begins and ends.
    pub fn stretch(&self, bar: usize) -> (Time, Time) {
        let begin = |bar: usize| {
            let bar = u64::try_from(bar).unwrap_or(u64::MAX);
            at(seconds(self.from).saturating_add(self.step.saturating_mul(bar)))
        };
        (begin(bar), begin(bar + 1))
    }

    /// The bar that a time falls into.
    pub fn bar(&self, time: Time) -> Option<usize> {
        let after = seconds(time).checked_sub(seconds(self.from))?;
        usize::try_from(after / self.step)
            .ok()
            .filter(|bar| *bar < self.bars)
    }

    /// The bar nearest to a time.
    pub fn nearest(&self, time: Time) -> usize {
        let last = self.bars.saturating_sub(1);
        self.bar(time)
            .unwrap_or(if time < self.from { 0 } else { last })
    }
}

impl AlertsPage {
    /// The bars above the list, at most so many; `None` without events.
    pub fn axis(&self, data: &Data, most: usize) -> Option<Axis> {
        let (from, to) = self.shown_span(data)?;
        Some(Axis::over(at(from), at(to), most))
    }

    /// The stretch that bars are drawn for.
    fn shown_span(&self, data: &Data) -> Option<(u64, u64)> {
        let whole = whole(data.timeline())?;
        let Some((from, to)) = self.span else {
            return Some(whole);
        };
        let (from, to) = (seconds(from).max(whole.0), seconds(to).min(whole.1));
        Some(if from < to { (from, to) } else { whole })
    }

    /// Shows half of the stretch around a time, or twice as much; answers whether that changed
    /// anything.
    pub fn zoom_bars(&mut self, around: Time, wider: bool, data: &Data) -> bool {
        let (Some((from, to)), Some(whole)) = (self.shown_span(data), whole(data.timeline()))
        else {
            return false;
        };
        let len = if wider {
            (to - from).saturating_mul(2)
        } else {
            ((to - from) / 2).max(LEAST)
        };
        let before = self.span;
        self.span = (len < whole.1 - whole.0).then(|| {
            let last = whole.1.saturating_sub(len);
            let from = seconds(around)
                .saturating_sub(len / 2)
                .clamp(whole.0, last.max(whole.0));
            (at(from), at(from + len))
        });
        self.span != before
    }

    /// What falls into each bar.
    pub fn bars(&self, axis: Axis, data: &Data) -> Vec<Bar> {
        let mut bars: Vec<Bar> = (0..axis.bars)
            .map(|bar| {
                let (from, to) = axis.stretch(bar);
                let events = data.timeline().window(from, to);
                Bar {
                    events: events.end.0 - events.start.0,
                    ..Bar::default()
                }
            })
            .collect();
        let mut shown = vec![false; data.alerts().len()];
        for place in self.order() {
            if let Some(shown) = shown.get_mut(*place) {
                *shown = true;
            }
        }
        for (alert, shown) in data.alerts().iter().zip(shown) {
            let Some(bar) = axis.bar(alert.first_time).and_then(|bar| bars.get_mut(bar)) else {
                continue;
            };
            let severity = Some(alert.severity);
            if shown {
                bar.alerts += 1;
                bar.worst = bar.worst.max(severity);
            } else {
                bar.hidden = bar.hidden.max(severity);
            }
        }
        bars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn bars_cover_round_times_and_all_of_the_stretch() {
        let axis = Axis::over(time("2026-03-10T16:45:07"), time("2026-03-10T22:02:13"), 70);
        assert_eq!((axis.step, axis.from), (300, time("2026-03-10T16:45:00")));
        assert_eq!(axis.bar(time("2026-03-10T22:02:12")), Some(axis.bars - 1));
        assert_eq!(axis.bar(time("2026-03-10T16:44:59")), None);
        assert_eq!(axis.nearest(Time::MAX), axis.bars - 1);
        let (from, to) = axis.stretch(1);
        assert_eq!(
            (from, to.distance(from).as_secs()),
            (time("2026-03-10T16:50"), 300)
        );
    }

    proptest::proptest! {
        #[test]
        fn never_more_bars_than_there_is_room_for(from in 0u64..20_000_000_000, len in 0u64..20_000_000_000, most in 1usize..300) {
            let axis = Axis::over(at(from), at(from + len), most);
            proptest::prop_assert!((1..=most.max(2)).contains(&axis.bars), "{axis:?}");
            proptest::prop_assert_eq!(axis.bar(at(from)), Some(0));
            proptest::prop_assert!(axis.bar(at((from + len).saturating_sub(1).max(from))).is_some());
        }
    }
}
