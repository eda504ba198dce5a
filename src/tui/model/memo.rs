//! Remembers the lines of a page for as long as nothing that they are made from changes: one frame
//! asks for them many times.

use std::cell::RefCell;
use std::rc::Rc;

use super::Item;

/// The lines made last, under what they were made from.
#[derive(Clone, Debug)]
pub struct Memo<K>(RefCell<Option<(K, Rc<[Item]>)>>);

impl<K> Default for Memo<K> {
    fn default() -> Self {
        Memo(RefCell::new(None))
    }
}

impl<K: PartialEq> Memo<K> {
    /// The lines for `key`, made only when the last ones were for another.
    pub fn of(&self, key: K, make: impl FnOnce() -> Vec<Item>) -> Rc<[Item]> {
        if let Some((known, items)) = &*self.0.borrow()
            && *known == key
        {
            return Rc::clone(items);
        }
        let items: Rc<[Item]> = make().into();
        *self.0.borrow_mut() = Some((key, Rc::clone(&items)));
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::model::Section;

    #[test]
    fn lines_are_made_once_for_a_key() {
        let memo = Memo::default();
        let make = |text: &str| vec![Item::new(Section::Facts, "", text)];
        assert_eq!(memo.of(1, || make("one"))[0].value, "one");
        assert_eq!(memo.of(1, || make("two"))[0].value, "one");
        assert_eq!(memo.of(2, || make("two"))[0].value, "two");
    }
}
