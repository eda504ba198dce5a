//! Text in blocks of whole records, and what each record of a block holds.

use std::io::Read;
use std::ops::Range;

use memchr::memchr_iter;

use super::Damage;
use super::record::Record;
use super::split::{Form, Step};
use super::text_event::{self, Found, Miss};

/// Bytes that a block has at least, unless the text ends.
const BLOCK: usize = 1 << 20;
/// Most records of a block, so that their numbers fit [`super::Position::offset`].
const MOST_RECORDS: usize = 1 << 16;
/// Broken records that a block reports one by one; the others are counted.
const MOST_DAMAGE: u64 = 3;

/// Where a block lies, kept for every block of a text source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockPlace {
    /// Offset in the text, in bytes of UTF-8.
    pub(super) offset: u64,
    /// Line of its first record, counted from 1.
    first_line: u32,
    /// Lines of its records, where they are not simply one a line.
    lines: Option<Box<[u32]>>,
}

impl BlockPlace {
    /// The line on which the record of this number begins.
    pub(super) fn line(&self, record: u16) -> Option<u64> {
        match &self.lines {
            None => Some(u64::from(self.first_line) + u64::from(record)),
            Some(lines) => lines.get(usize::from(record)).copied().map(u64::from),
        }
    }
}

/// Whole records of a text.
pub struct TextBlock {
    form: Form,
    number: u32,
    place: BlockPlace,
    text: Vec<u8>,
    pieces: Vec<Piece>,
}

struct Piece {
    range: Range<usize>,
    broken: Option<&'static str>,
}

/// What reading a block gave beside records.
#[derive(Clone, Debug, Default)]
pub struct TextNotes {
    /// Records that could not be read.
    pub damage: Vec<Damage>,
    /// Records that are no Windows events.
    pub strangers: u64,
    /// Events whose time names no zone and was taken as UTC.
    pub assumed_utc: u64,
}

impl TextBlock {
    /// Its number, from 0.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Where it lies.
    pub fn place(&self) -> &BlockPlace {
        &self.place
    }

    /// Hands over its events, each with its number in the block.
    pub fn read(&self, take: &mut dyn FnMut(u16, &Record)) -> TextNotes {
        let mut notes = TextNotes::default();
        let mut broken = 0;
        for (number, piece) in (0..=u16::MAX).zip(&self.pieces) {
            match self.understand(piece, text_event::read) {
                Ok(found) => {
                    notes.assumed_utc += u64::from(found.assumed_utc);
                    take(number, &found.record);
                }
                Err(Miss::Stranger(_)) => notes.strangers += 1,
                Err(Miss::Broken(reason)) => {
                    broken += 1;
                    if broken <= MOST_DAMAGE {
                        notes.damage.push(self.damage(number, piece, &reason));
                    } else if let Some(last) = notes.damage.last_mut() {
                        let bytes = self.place.offset + piece.range.end as u64;
                        last.bytes = bytes.saturating_sub(last.offset);
                    }
                }
            }
        }
        if let Some(last) = notes.damage.last_mut()
            && broken > MOST_DAMAGE
        {
            let more = broken - MOST_DAMAGE;
            last.reason = format!("{}; and {more} more after it", last.reason);
        }
        notes
    }

    /// The damage when the whole block is given up.
    pub fn lost(&self, reason: &str) -> Damage {
        Damage {
            offset: self.place.offset,
            bytes: self.text.len() as u64,
            reason: format!("from line {}: {reason}", self.place.first_line),
        }
    }

    /// Reads one record in full; an error in words. `None` when there is none of that number.
    pub(super) fn record(&self, number: u16) -> Option<Result<Record, String>> {
        let piece = self.pieces.get(usize::from(number))?;
        Some(match self.understand(piece, text_event::read_with_text) {
            Ok(found) => Ok(found.record),
            Err(Miss::Stranger(reason) | Miss::Broken(reason)) => Err(reason),
        })
    }

    /// Why none of its records is an event; `None` when one is.
    pub(super) fn rejection(&self) -> Option<String> {
        let mut reason = None;
        for piece in &self.pieces {
            match self.understand(piece, text_event::read) {
                Ok(_) => return None,
                Err(Miss::Stranger(why) | Miss::Broken(why)) => reason = reason.or(Some(why)),
            }
        }
        Some(reason.unwrap_or_else(|| "it holds no records".to_owned()))
    }

    fn understand(
        &self,
        piece: &Piece,
        read: fn(Form, &[u8]) -> Result<Found, Miss>,
    ) -> Result<Found, Miss> {
        match piece.broken {
            Some(reason) => Err(Miss::Broken(reason.to_owned())),
            None => {
                let text = self.text.get(piece.range.clone()).unwrap_or_default();
                read(self.form, text)
            }
        }
    }

    fn damage(&self, number: u16, piece: &Piece, reason: &str) -> Damage {
        let line = self.place.line(number).unwrap_or_default();
        Damage {
            offset: self.place.offset + piece.range.start as u64,
            bytes: piece.range.len() as u64,
            reason: format!("line {line}: {reason}"),
        }
    }
}

/// Cuts text into blocks.
pub(super) struct TextBlocks {
    form: Form,
    number: u32,
    offset: u64,
    line: u32,
    /// Block numbers stay below it.
    limit: u32,
    /// Most records of a block.
    most: usize,
}

impl TextBlocks {
    /// Begins at the beginning of a text, and ends where there are more than `limit` blocks.
    pub(super) fn new(form: Form, limit: u32) -> Self {
        TextBlocks {
            form,
            number: 0,
            offset: 0,
            line: 1,
            limit,
            most: MOST_RECORDS,
        }
    }

    /// Counts lines from this one on.
    pub(super) fn starting_at(self, line: u32) -> Self {
        TextBlocks { line, ..self }
    }

    /// Begins where a known block begins, and cuts no more of it than up to this record.
    pub(super) fn up_to(form: Form, record: u16) -> Self {
        TextBlocks {
            most: usize::from(record) + 1,
            ..Self::new(form, u32::MAX)
        }
    }

    /// Hands over blocks until the text ends or `take` answers `false`.
    pub(super) fn read(
        &mut self,
        text: &mut dyn Read,
        take: &mut dyn FnMut(TextBlock) -> bool,
    ) -> Result<(), String> {
        let mut rest = Vec::new();
        let mut wanted = BLOCK;
        loop {
            let missing = wanted.saturating_sub(rest.len()) as u64;
            let outcome = Read::take(&mut *text, missing).read_to_end(&mut rest);
            let is_last = rest.len() < wanted || outcome.is_err();
            while !rest.is_empty() {
                let block = self.cut(&rest, is_last);
                if block.text.is_empty() {
                    break;
                }
                rest.drain(..block.text.len());
                if !block.pieces.is_empty() {
                    if self.number > self.limit {
                        return Err("it is longer than its size says".to_owned());
                    }
                    if !take(block) {
                        return Ok(());
                    }
                }
                if rest.len() < BLOCK && !is_last {
                    break;
                }
            }
            outcome.map_err(|error| error.to_string())?;
            if is_last {
                return Ok(());
            }
            // A record longer than the block needs more of the text.
            wanted = if rest.len() >= wanted {
                wanted * 2
            } else {
                BLOCK
            };
        }
    }

    /// Cuts whole records from the front of `text`.
    fn cut(&mut self, text: &[u8], is_last: bool) -> TextBlock {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut lines: Vec<u32> = Vec::new();
        let (mut at, mut counted, mut line) = (0, 0, self.line);
        while pieces.len() < self.most {
            let (range, broken) = match self.form.next(text, at, is_last) {
                Step::Record(range) => (range, None),
                Step::Broken(range, reason) => (range, Some(reason)),
                Step::More(start) => {
                    at = if is_last { text.len() } else { start };
                    break;
                }
            };
            line = line.saturating_add(newlines(text, counted..range.start));
            counted = range.start;
            at = range.end;
            lines.push(line);
            pieces.push(Piece { range, broken });
        }
        let first_line = lines.first().copied().unwrap_or(line);
        let is_simple = (first_line..).zip(&lines).all(|(line, at)| line == *at);
        let block = TextBlock {
            form: self.form,
            number: self.number,
            place: BlockPlace {
                offset: self.offset,
                first_line,
                lines: (!is_simple).then(|| lines.into_boxed_slice()),
            },
            text: text.get(..at).unwrap_or_default().to_vec(),
            pieces,
        };
        self.line = line.saturating_add(newlines(text, counted..at));
        self.offset += at as u64;
        self.number += u32::from(!block.pieces.is_empty());
        block
    }
}

fn newlines(text: &[u8], range: Range<usize>) -> u32 {
    let part = text.get(range).unwrap_or_default();
    u32::try_from(memchr_iter(b'\n', part).count()).unwrap_or(u32::MAX)
}

/// The first block of a text, for a look at what it is.
pub(super) fn first_block(form: Form, text: &[u8], is_last: bool) -> TextBlock {
    TextBlocks::new(form, 1).cut(text, is_last)
}
