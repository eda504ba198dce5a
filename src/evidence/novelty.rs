//! Fields whose values hardly ever come back, such as names of files on a share.
//!
//! To remember such a value costs more than to spell it, and drives out those that do come back.

use std::cell::Cell;

/// New values after which a field is judged.
const MANY: u16 = 1 << 10;
/// Of so many values of a field not worth remembering at most one comes back.
const SELDOM: u32 = 16;
/// For how many times of forgetting a field's values are not remembered. After that they are once more,
/// to see whether they come back now.
const PAUSE: u8 = 15;

/// How often the values of a field are new.
#[derive(Default)]
pub(super) struct Novelty {
    /// Values that were not remembered yet, since it was judged last.
    news: Cell<u16>,
    pause: Cell<u8>,
    /// How many records had been read by then.
    since: Cell<u32>,
}

impl Novelty {
    /// Whether the field's values are not worth remembering.
    pub(super) fn is_fleeting(&self) -> bool {
        self.pause.get() > 0
    }

    /// Counts a value that was not remembered yet, of the last of so many records with that field.
    pub(super) fn count(&self, records: u32) {
        self.news.set(self.news.get() + 1);
        if self.news.get() < MANY {
            return;
        }
        let records_since = records.wrapping_sub(self.since.get());
        let came_back = records_since.saturating_sub(u32::from(MANY));
        if came_back <= records_since / SELDOM {
            self.pause.set(PAUSE);
        }
        self.begin(records);
    }

    fn begin(&self, records: u32) {
        self.news.set(0);
        self.since.set(records);
    }

    /// Notes that all values are forgotten, after so many records with that field.
    pub(super) fn forget(&self, records: u32) {
        if let Some(pause) = self.pause.get().checked_sub(1) {
            self.pause.set(pause);
            self.begin(records);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads on for so many values, of which every n-th came back.
    fn read(novelty: &Novelty, records: &mut u32, values: u32, comes_back: u32) {
        for value in 1..=values {
            *records = records.wrapping_add(1);
            if value % comes_back != 0 && !novelty.is_fleeting() {
                novelty.count(*records);
            }
        }
    }

    #[test]
    fn a_field_is_fleeting_when_hardly_any_of_many_values_came_back() {
        for (values, comes_back, is_fleeting) in [
            (1023, u32::MAX, false),
            (1024, u32::MAX, true),
            (1100, 20, true),
            (10_000, 12, false),
            (10_000, 2, false),
        ] {
            // The number of records may begin anew.
            for mut records in [0, u32::MAX - 100] {
                let novelty = Novelty::default();
                novelty.begin(records);
                read(&novelty, &mut records, values, comes_back);
                let what = format!("{values} of which every {comes_back}th came back");
                assert_eq!(novelty.is_fleeting(), is_fleeting, "{what}");
            }
        }
    }

    #[test]
    fn a_fleeting_field_is_tried_again_some_time() {
        let novelty = Novelty::default();
        let mut records = 0;
        novelty.forget(records);
        read(&novelty, &mut records, 2000, u32::MAX);
        assert!(novelty.is_fleeting());
        for _ in 1..PAUSE {
            novelty.forget(records);
            read(&novelty, &mut records, 2000, u32::MAX);
            assert!(novelty.is_fleeting());
        }
        novelty.forget(records);
        assert!(!novelty.is_fleeting());
        read(&novelty, &mut records, 2000, 2);
        assert!(!novelty.is_fleeting(), "values come back now");
        read(&novelty, &mut records, 20_000, u32::MAX);
        assert!(novelty.is_fleeting());
    }
}
