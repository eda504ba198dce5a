//! All events of all sources in time order, in memory.
//!
//! One event is one row in a struct of arrays ([`Timeline::event`] gathers a row back into an
//! [`EventView`]); the events that detection needs also have a typed fact in [`Tables`]. Most columns
//! and all facts are packed (`packed.rs`): a row takes some 20 bytes.
//! Any other field is read again from its source ([`Timeline::read`]).

mod build;
mod events;
mod feed;
mod hosts;
mod kinds;
pub mod load;
mod name;
mod order;
mod packed;
mod part;
pub mod query;
pub mod summary;
mod tables;

use std::ops::Range;

pub use kinds::{EventKind, HostId, KindId};
pub use name::EventName;
pub use tables::{Facts, Table, TableId, Tables};

use events::Columns;
use order::Copied;
use tables::FactPlaces;

use crate::event::fact::Fact;
use crate::event::numbered::Number;
use crate::event::{Interner, LogonId, Sym, Time};
use crate::evidence::{Position, ReadError, Record, RecordKey, SourceReport};

/// The place of an event in its timeline. It orders like time. It means nothing in another
/// timeline: decisions attach to event content, never to this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventIndex(pub u32);

impl Number for EventIndex {
    fn number(self) -> u64 {
        u64::from(self.0)
    }

    fn from_number(number: u64) -> Self {
        EventIndex(u32::from_number(number))
    }
}

impl EventIndex {
    fn row(self) -> usize {
        self.0 as usize
    }
}

/// All events, their facts, and where they came from. Immutable once built.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    strings: Interner,
    kinds: Vec<EventKind>,
    hosts: Vec<String>,
    columns: Columns,
    /// Where the fact of each event is.
    places: FactPlaces,
    tables: Tables,
    sources: Vec<SourceReport>,
    /// Number of each source's first chunk among the chunks of all sources.
    first_chunks: Vec<u32>,
    /// Further places of events that several sources hold, in the order of the events.
    copies: Vec<Copied>,
    /// By symbol: what it is called as an account.
    accounts: Vec<Sym>,
}

/// One row, gathered.
#[derive(Clone, Copy, Debug)]
pub struct EventView<'t> {
    /// Its place.
    pub index: EventIndex,
    /// `TimeCreated`, UTC.
    pub time: Time,
    /// Host that wrote it (`Computer`), under the fullest name seen.
    pub host: &'t str,
    /// The host's number in this timeline.
    pub host_id: HostId,
    /// Channel, provider and event id.
    pub kind: &'t EventKind,
    /// `EventRecordID`; `None` where a collector dropped it.
    pub record_id: Option<u64>,
    /// What tells it from others of the same host, channel and time.
    pub key: RecordKey,
    /// Account the event is about, as `DOMAIN\user` where a name is known, else a SID.
    pub account: Option<&'t str>,
    /// Logon session the event belongs to.
    pub logon_id: Option<LogonId>,
    /// Source it was read from.
    pub source: &'t SourceReport,
    /// Place in the source.
    pub position: Position,
    /// Typed fact.
    pub fact: Option<Fact>,
}

impl EventView<'_> {
    /// The line on which the record begins, for text sources.
    pub fn line(&self) -> Option<u64> {
        self.source.line(self.position)
    }

    /// `record 17`, or `line 4` where the source carries no record ids.
    pub fn record_words(&self) -> String {
        match (self.record_id, self.line()) {
            (Some(id), _) => format!("record {id}"),
            (None, Some(line)) => format!("line {line}"),
            (None, None) => "record without id".to_owned(),
        }
    }
}

impl Timeline {
    /// How many events there are, duplicates counted once.
    pub fn len(&self) -> usize {
        self.columns.kind.len()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every event in time order.
    pub fn indices(
        &self,
    ) -> impl DoubleEndedIterator<Item = EventIndex> + ExactSizeIterator + use<> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(EventIndex)
    }

    /// Gathers one row. `None` beyond the end.
    pub fn event(&self, index: EventIndex) -> Option<EventView<'_>> {
        let row = index.row();
        let columns = &self.columns;
        let host_id = *columns.host.get(row)?;
        let key = RecordKey::from_number(columns.record_id.get(row)?);
        let (source, position) = self.place(columns.chunk.get(row)?, *columns.offset.get(row)?)?;
        Some(EventView {
            index,
            time: columns.time.get(row)?,
            host: self.host_name(host_id),
            host_id,
            kind: self.kinds.get(columns.kind.get(row)?.index())?,
            record_id: key.record_id(),
            key,
            account: self.strings.get(self.account(index)),
            logon_id: columns.logon_id.get(row)?.some(),
            source,
            position,
            fact: self.fact(index),
        })
    }

    /// What an event tells as a typed fact, without the rest of its row.
    pub fn fact(&self, index: EventIndex) -> Option<Fact> {
        let (table, row) = self.places.get(index.row())?;
        self.tables.get(table, row)
    }

    /// Time of an event; [`Time::MAX`] beyond the end.
    pub fn time(&self, index: EventIndex) -> Time {
        self.columns.time.get(index.row()).unwrap_or(Time::MAX)
    }

    /// Host of an event.
    pub fn host(&self, index: EventIndex) -> HostId {
        self.columns
            .host
            .get(index.row())
            .copied()
            .unwrap_or_default()
    }

    /// Kind of an event: a place in [`Timeline::kinds`].
    pub fn kind(&self, index: EventIndex) -> KindId {
        self.columns
            .kind
            .get(index.row())
            .copied()
            .unwrap_or_default()
    }

    /// Host, kind and `EventRecordID` of every event in time order: what a look at all of them needs.
    pub fn rows(&self) -> impl Iterator<Item = (EventIndex, HostId, KindId, Option<u64>)> {
        let columns = &self.columns;
        let keys = columns.record_id.iter().map(RecordKey::from_number);
        let rows = columns.host.iter().zip(&columns.kind).zip(keys);
        let rows = self.indices().zip(rows);
        rows.map(|(event, ((host, kind), key))| (event, *host, *kind, key.record_id()))
    }

    /// `EventRecordID` of an event; `None` beyond the end, and where a collector dropped it.
    pub fn record_id(&self, index: EventIndex) -> Option<u64> {
        let key = self.columns.record_id.get(index.row())?;
        RecordKey::from_number(key).record_id()
    }

    /// Source of an event: a place in [`Timeline::sources`].
    pub fn source(&self, index: EventIndex) -> usize {
        let chunk = self.columns.chunk.get(index.row());
        chunk.map_or(usize::MAX, |chunk| self.source_of_chunk(chunk))
    }

    /// Account of an event; [`Sym::NONE`] when it has none.
    pub fn account(&self, index: EventIndex) -> Sym {
        let account = self.columns.account.get(index.row()).unwrap_or_default();
        self.accounts
            .get(account.index())
            .copied()
            .unwrap_or_default()
    }

    /// Logon session of an event; [`LogonId::NONE`] when it has none.
    pub fn logon_id(&self, index: EventIndex) -> LogonId {
        self.columns.logon_id.get(index.row()).unwrap_or_default()
    }

    /// Events with `from <= time < to`, found by binary search.
    pub fn window(&self, from: Time, to: Time) -> Range<EventIndex> {
        let place = |time: Time| {
            let row = self.columns.time.partition_point(|at| at < time);
            EventIndex(u32::try_from(row).unwrap_or(u32::MAX))
        };
        place(from)..place(to).max(place(from))
    }

    /// The typed tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The text of a symbol; empty for [`Sym::NONE`].
    pub fn text(&self, symbol: Sym) -> &str {
        self.strings.text(symbol)
    }

    /// All texts.
    pub fn strings(&self) -> &Interner {
        &self.strings
    }

    /// All hosts, numbered by [`HostId`], fullest names first seen.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = (HostId, &str)> {
        self.hosts
            .iter()
            .enumerate()
            .map(|(index, name)| (HostId::new(index), name.as_str()))
    }

    /// Name of a host; empty if there is none of that number.
    pub fn host_name(&self, host: HostId) -> &str {
        self.hosts.get(host.index()).map_or("", String::as_str)
    }

    /// The host that a name means, compared by first label without regard to case, at NetBIOS
    /// length.
    pub fn find_host(&self, name: &str) -> Option<HostId> {
        self.hosts()
            .find(|(_, host)| crate::event::same_host(host, name))
            .map(|(id, _)| id)
    }

    /// Every channel, provider and event id seen.
    pub fn kinds(&self) -> &[EventKind] {
        &self.kinds
    }

    /// The sources, each with what was read and what was not.
    pub fn sources(&self) -> &[SourceReport] {
        &self.sources
    }

    /// How many records were second copies of an event.
    pub fn duplicate_count(&self) -> u64 {
        self.copies.len() as u64
    }

    /// Further sources that hold a copy of an event.
    pub fn copies(&self, index: EventIndex) -> impl Iterator<Item = (&SourceReport, Position)> {
        let first = self.copies.partition_point(|copy| copy.event < index);
        self.copies
            .iter()
            .skip(first)
            .take_while(move |copy| copy.event == index)
            .filter_map(|copy| self.place(copy.chunk, copy.offset))
    }

    fn source_of_chunk(&self, chunk: u32) -> usize {
        let after = self.first_chunks.partition_point(|first| *first <= chunk);
        after.checked_sub(1).unwrap_or(usize::MAX)
    }

    /// The source of a chunk that is counted through all sources, and the place in it.
    fn place(&self, chunk: u32, offset: u16) -> Option<(&SourceReport, Position)> {
        let source = self.source_of_chunk(chunk);
        let chunk = chunk - self.first_chunks.get(source)?;
        Some((self.sources.get(source)?, Position { chunk, offset }))
    }

    /// The account name that the logs give for a SID elsewhere.
    pub fn name_of_sid(&self, sid: Sym) -> Option<&str> {
        let name = *self.accounts.get(sid.index())?;
        (name != sid).then(|| self.text(name))
    }

    /// Reads all fields of an event again from its source.
    ///
    /// # Errors
    /// When the source is gone, unreadable, or no longer holds that record at that place.
    pub fn read(&self, index: EventIndex) -> Result<Record, ReadError> {
        let event = self.event(index).ok_or(ReadError::NoSuchEvent)?;
        crate::evidence::read_record(event.source, event.position, event.key)
    }
}
