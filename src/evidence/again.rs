//! Knows definitions again from chunk to chunk by their bytes.
//!
//! The bytes of a definition are the same in every chunk but for its names: each is a reference to
//! where the name stands in the chunk, and the name stands in the definition that needs it first.
//! Where the names are equal, equal bytes between the references mean equal definitions, and comparing
//! bytes is many times faster than walking over what they say.

use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::template::{Cursor, DEFINITION_HEADER, PlanId};
use crate::event::symbol::{short_hash, spread};

/// Forms that are kept of one definition: they differ in which names stand in it.
const MOST_FORMS: usize = 8;

/// A reference to a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    /// Offset in the chunk of the reference.
    pub(super) at: usize,
    /// Whether the name stands right behind it.
    pub(super) is_here: bool,
}

/// GUID and size of a definition.
type Key = ([u8; 16], u32);

/// The definitions met so far, as they lay in their chunks.
#[derive(Default)]
pub(super) struct Known {
    forms: HashMap<Key, Vec<Form>>,
    names: Names,
    /// The definition at hand, without references.
    bytes: Vec<u8>,
}

/// A definition as it lay in a chunk.
struct Form {
    /// Its bytes, without references.
    bytes: Box<[u8]>,
    references: Box<[Named]>,
    plan: PlanId,
}

/// A reference to a known name.
#[derive(Clone, Copy)]
struct Named {
    /// Where in the bytes of its definition it is.
    at: u16,
    is_here: bool,
    /// The number of the name.
    name: u16,
}

impl Known {
    /// Begins a chunk.
    pub(super) fn begin(&mut self) {
        self.names.begin();
    }

    /// The plan of the definition at `offset`, if it was met before in this form, and its size.
    pub(super) fn find(&mut self, chunk: &[u8], offset: usize) -> Option<(PlanId, usize)> {
        let (key, bytes) = definition(chunk, offset)?;
        let forms = self.forms.get(&key)?;
        let begin = offset + DEFINITION_HEADER;
        let (room, names) = (&mut self.bytes, &mut self.names);
        forms.iter().find_map(|form| {
            room.clear();
            room.extend_from_slice(bytes);
            let room = room.as_mut_slice();
            let is_it = form.references.iter().all(|known| {
                let name = blank(room, begin, known.at, known.is_here);
                // The bytes say what a name is that stands among them.
                name.is_some_and(|name| known.is_here || names.is(chunk, name, known.name))
            });
            (is_it && *room == *form.bytes).then_some((form.plan, bytes.len()))
        })
    }

    /// Keeps the form of the definition that lies there, all of whose references are given; answers
    /// how many bytes that takes. One that ends beyond the size it claims is not kept.
    pub(super) fn keep(
        &mut self,
        chunk: &[u8],
        place: Range<usize>,
        references: &[Reference],
        plan: PlanId,
    ) -> Option<usize> {
        let (key, bytes) = definition(chunk, place.start)?;
        let begin = place.start + DEFINITION_HEADER;
        if place.end > begin + bytes.len() {
            return None;
        }
        let forms = self.forms.entry(key).or_default();
        if forms.len() >= MOST_FORMS {
            return None;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        let mut named = |reference: &Reference| {
            let at = u16::try_from(reference.at.checked_sub(begin)?).ok()?;
            let is_here = reference.is_here;
            let name = blank(&mut self.bytes, begin, at, is_here)?;
            let name = self.names.number(chunk, name)?;
            Some(Named { at, is_here, name })
        };
        let references = references.iter().map(&mut named).collect::<Option<_>>()?;
        forms.push(Form {
            bytes: self.bytes.as_slice().into(),
            references,
            plan,
        });
        Some(bytes.len())
    }
}

/// What a definition claims to be, and its bytes.
fn definition(chunk: &[u8], offset: usize) -> Option<(Key, &[u8])> {
    let mut cursor = Cursor::new(chunk, offset.checked_add(4)?);
    let guid = *cursor.bytes(16)?.first_chunk()?;
    let size = cursor.u32()?;
    Some(((guid, size), cursor.bytes(size as usize)?))
}

/// Blanks the reference at a place of a definition whose bytes begin at `begin` of the chunk; answers
/// the offset it gave, or `None` when the name stands elsewhere than expected. A name that stands
/// behind it begins with a link to another name of the chunk, which says nothing.
#[inline]
fn blank(bytes: &mut [u8], begin: usize, at: u16, is_here: bool) -> Option<usize> {
    let at = usize::from(at);
    let (reference, rest) = bytes.get_mut(at..)?.split_first_chunk_mut::<4>()?;
    let name = u32::from_le_bytes(std::mem::take(reference)) as usize;
    if is_here {
        *rest.first_chunk_mut::<4>()? = [0; 4];
    }
    ((name == begin + at + 4) == is_here).then_some(name)
}

/// How many names of a chunk are known by their offsets.
const RECENT_NAMES: usize = 512;

/// Numbers for the names of definitions.
struct Names {
    hasher: DefaultHashBuilder,
    by_text: HashTable<(u32, u16)>,
    texts: Vec<Box<[u8]>>,
    /// Offset and number of those met lately in the chunk at hand, each at its [`place`].
    recent: [Option<(u16, u16)>; RECENT_NAMES],
}

impl Default for Names {
    fn default() -> Self {
        Names {
            hasher: DefaultHashBuilder::default(),
            by_text: HashTable::new(),
            texts: Vec::new(),
            recent: [None; RECENT_NAMES],
        }
    }
}

/// Where among the recent names the one at an offset has its place.
fn place(offset: u16) -> usize {
    const SPREAD: u16 = 0x9e37;
    usize::from(offset.wrapping_mul(SPREAD) >> (u16::BITS - RECENT_NAMES.ilog2()))
}

impl Names {
    fn begin(&mut self) {
        self.recent.fill(None);
    }

    /// Whether the name at an offset is the one of that number.
    #[inline]
    fn is(&mut self, chunk: &[u8], offset: usize, number: u16) -> bool {
        if let Some(known) = self.met(offset) {
            return known == number;
        }
        let text = Cursor::new(chunk, offset).name_here();
        let is_it = text == self.texts.get(usize::from(number)).map(|text| &**text);
        if is_it {
            self.remember(offset, number);
        }
        is_it
    }

    /// The number of the name at an offset.
    fn number(&mut self, chunk: &[u8], offset: usize) -> Option<u16> {
        if let Some(known) = self.met(offset) {
            return Some(known);
        }
        let number = self.of_text(Cursor::new(chunk, offset).name_here()?)?;
        self.remember(offset, number);
        Some(number)
    }

    /// The number of a name that was met lately.
    #[inline]
    fn met(&self, offset: usize) -> Option<u16> {
        let offset = u16::try_from(offset).ok()?;
        let (known, number) = (*self.recent.get(place(offset))?)?;
        (known == offset).then_some(number)
    }

    fn remember(&mut self, offset: usize, number: u16) {
        if let Ok(offset) = u16::try_from(offset)
            && let Some(recent) = self.recent.get_mut(place(offset))
        {
            *recent = Some((offset, number));
        }
    }

    fn of_text(&mut self, text: &[u8]) -> Option<u16> {
        let hash = short_hash(&self.hasher, text);
        let texts = &self.texts;
        let is_it = |&(known, number): &(u32, u16)| {
            known == hash
                && texts
                    .get(usize::from(number))
                    .is_some_and(|known| **known == *text)
        };
        if let Some((_, number)) = self.by_text.find(spread(hash), is_it) {
            return Some(*number);
        }
        let number = u16::try_from(texts.len())
            .ok()
            .filter(|number| *number < u16::MAX)?;
        let entry = (hash, number);
        (self.by_text).insert_unique(spread(hash), entry, |(hash, _)| spread(*hash));
        self.texts.push(text.into());
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A definition at `offset` of a chunk that opens an element whose name stands in it or, if
    /// given, at another place.
    fn put(chunk: &mut [u8], offset: usize, name: &[u8], elsewhere: Option<usize>) -> Reference {
        let begin = offset + DEFINITION_HEADER;
        let mut bytes = vec![0x01, 0xff, 0xff, 0, 0, 0, 0];
        let at = begin + bytes.len();
        let target = elsewhere.unwrap_or(at + 4);
        bytes.extend_from_slice(&u32::try_from(target).unwrap().to_le_bytes());
        let mut text = vec![offset as u8, 0, 0, 0, 7, 7, (name.len() / 2) as u8, 0];
        text.extend_from_slice(name);
        text.extend_from_slice(&[0, 0]);
        match elsewhere {
            None => bytes.extend_from_slice(&text),
            Some(place) => chunk[place..place + text.len()].copy_from_slice(&text),
        }
        chunk[offset + 4..offset + 20].fill(9);
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        chunk[offset + 20..offset + 24].copy_from_slice(&size);
        chunk[begin..begin + bytes.len()].copy_from_slice(&bytes);
        let is_here = elsewhere.is_none();
        Reference { at, is_here }
    }

    #[test]
    fn a_definition_is_known_again_wherever_it_and_its_names_lie() {
        for elsewhere in [[None, None], [Some(900), Some(1500)]] {
            let mut known = Known::default();
            let mut chunk = vec![0; 2000];
            let reference = put(&mut chunk, 512, b"D\0", elsewhere[0]);
            known.begin();
            assert_eq!(known.find(&chunk, 512), None);
            assert!(known.keep(&chunk, 512..547, &[reference], 3).is_some());
            assert!(known.find(&chunk, 512).is_some());
            let mut other = vec![0; 2000];
            put(&mut other, 700, b"D\0", elsewhere[1]);
            known.begin();
            assert_eq!(known.find(&other, 700).map(|(plan, _)| plan), Some(3));
            put(&mut other, 700, b"E\0", elsewhere[1]);
            known.begin();
            assert_eq!(known.find(&other, 700), None, "another name");
        }
    }

    #[test]
    fn names_that_share_a_place_are_told_apart() {
        let first = 900;
        let mut others = first + 100..u16::MAX;
        let other = others.find(|other| place(*other) == place(first)).unwrap();
        let mut chunk = vec![0; usize::from(other) + 100];
        for (offset, letter) in [(first, b'D'), (other, b'E')] {
            let at = usize::from(offset);
            chunk[at + 6..at + 9].copy_from_slice(&[1, 0, letter]);
        }
        let mut names = Names::default();
        let mut ask = |offset: u16| names.number(&chunk, usize::from(offset)).unwrap();
        let (of_first, of_other) = (ask(first), ask(other));
        assert_eq!((of_first, of_other, ask(first)), (0, 1, 0));
        assert!(!names.is(&chunk, usize::from(other), of_first));
        assert!(names.is(&chunk, usize::from(other), of_other));
    }

    #[test]
    fn one_that_ends_beyond_its_size_is_not_kept() {
        let mut known = Known::default();
        let mut chunk = vec![0; 2000];
        let reference = put(&mut chunk, 512, b"D\0", None);
        known.begin();
        assert_eq!(known.keep(&chunk, 512..600, &[reference], 3), None);
    }
}
