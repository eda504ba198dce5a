//! A cursor in a list of which only a window is drawn.

use std::ops::Range;

/// Cursor and window of a list. The length is not stored: it is handed in, so that it cannot be
/// stale, and every answer is in range for every length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Row under the cursor.
    pub cursor: usize,
    /// First row of the window as last drawn.
    pub offset: usize,
    /// Height of the window as last drawn.
    pub rows: usize,
    /// Line of the screen on which the window began when last drawn.
    pub top: usize,
}

/// A step of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// By so many rows.
    By(isize),
    /// By so many half pages.
    Half(isize),
    /// By so many pages.
    Page(isize),
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
}

impl List {
    /// With the cursor on a row.
    pub fn at(cursor: usize) -> List {
        List {
            cursor,
            ..List::default()
        }
    }

    /// Moves the cursor within `0..len`.
    pub fn step(&mut self, step: Step, len: usize) {
        let page = isize::try_from(self.rows.max(2)).unwrap_or(isize::MAX);
        let by = match step {
            Step::By(by) => by,
            Step::Half(by) => by.saturating_mul(page / 2),
            Step::Page(by) => by.saturating_mul(page - 1),
            Step::Top => isize::MIN,
            Step::Bottom => isize::MAX,
        };
        self.cursor = self.cursor.saturating_add_signed(by);
        self.clamp(len);
    }

    /// Brings the cursor into `0..len` (0 when there is nothing).
    pub fn clamp(&mut self, len: usize) {
        self.cursor = self.cursor.min(len.saturating_sub(1));
    }

    /// The rows that a window of that height shows: as last drawn, moved only as far as the cursor
    /// needs.
    pub fn window(&self, len: usize, height: usize) -> Range<usize> {
        let cursor = self.cursor.min(len.saturating_sub(1));
        let last_start = len.saturating_sub(height);
        let mut start = self.offset.min(last_start).min(cursor);
        if height > 0 && cursor >= start + height {
            start = cursor + 1 - height;
        }
        start..len.min(start + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_window_always_shows_the_cursor(cursor in 0usize..300, offset in 0usize..300, len in 1usize..200, height in 1usize..60) {
            let mut list = List { cursor, offset, rows: height, top: 0 };
            list.clamp(len);
            let window = list.window(len, height);
            proptest::prop_assert!(window.contains(&list.cursor));
            proptest::prop_assert!(window.end <= len && window.len() <= height);
            proptest::prop_assert!(window.len() == height.min(len), "no row stays empty");
        }

        #[test]
        fn steps_stay_in_range(len in 0usize..50, rows in 0usize..20, steps in proptest::collection::vec((0u8..5, -3isize..4), 0..40)) {
            let mut list = List { rows, ..List::default() };
            for (kind, by) in steps {
                let step = match kind { 0 => Step::By(by), 1 => Step::Half(by), 2 => Step::Page(by), 3 => Step::Top, _ => Step::Bottom };
                list.step(step, len);
                proptest::prop_assert!(list.cursor < len.max(1));
            }
        }
    }
}
