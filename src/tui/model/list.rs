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
    /// Lines of the row under the cursor above and below the window as last drawn: a row of text may
    /// be taller than the window.
    pub hidden: [usize; 2],
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

    /// Moves the cursor within `0..len`. In a row that is taller than the window it moves the window
    /// first, line by line.
    pub fn step(&mut self, step: Step, len: usize) {
        let page = isize::try_from(self.rows.max(2)).unwrap_or(isize::MAX);
        let by = match step {
            Step::By(by) => by,
            Step::Half(by) => by.saturating_mul(page / 2),
            Step::Page(by) => by.saturating_mul(page - 1),
            Step::Top => {
                self.offset = 0;
                isize::MIN
            }
            Step::Bottom => {
                self.offset = usize::MAX;
                isize::MAX
            }
        };
        let jumps = matches!(step, Step::Top | Step::Bottom);
        if jumps || !self.scroll(by) {
            self.hidden = [0; 2];
            self.cursor = self.cursor.saturating_add_signed(by);
            self.clamp(len);
        }
    }

    /// Moves the window over the row under the cursor; whether there was more of it that way.
    fn scroll(&mut self, by: isize) -> bool {
        let [above, below] = self.hidden;
        let most = if by < 0 { above } else { below };
        let lines = most.min(by.unsigned_abs());
        if by < 0 {
            self.offset = self.offset.saturating_sub(lines);
            self.hidden = [above - lines, below + lines];
        } else {
            self.offset = self.offset.saturating_add(lines);
            self.hidden = [above + lines, below - lines];
        }
        lines > 0
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
            let mut list = List { cursor, offset, rows: height, ..List::default() };
            list.clamp(len);
            let window = list.window(len, height);
            proptest::prop_assert!(window.contains(&list.cursor));
            proptest::prop_assert!(window.end <= len && window.len() <= height);
            proptest::prop_assert!(window.len() == height.min(len), "no row stays empty");
        }

        #[test]
        fn a_tall_row_is_left_when_its_end_was_seen(above in 0usize..9, below in 0usize..9, steps in proptest::collection::vec(-3isize..4, 0..20)) {
            let mut list = List { cursor: 1, offset: above, rows: 5, hidden: [above, below], ..List::default() };
            let end = above + below;
            let mut at = above;
            for by in steps.into_iter().filter(|by| *by != 0) {
                let leaves = if by < 0 { at == 0 } else { at == end };
                list.step(Step::By(by), 9);
                if leaves {
                    proptest::prop_assert!(list.cursor != 1 && list.hidden == [0; 2]);
                    break;
                }
                at = at.saturating_add_signed(by).min(end);
                proptest::prop_assert_eq!((list.cursor, list.offset, list.hidden), (1, at, [at, end - at]));
            }
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
