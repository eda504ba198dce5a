//! What one worker reads: rows and facts of some chunks, in its own symbols and numbers.

use hashbrown::HashSet;

use super::events::{Loose, Row};
use super::kinds::Numbering;
use super::{HostId, KindId};
use crate::event::fact::{AccountAction, Fact};
use crate::event::layout::{Layout, Values, layout};
use crate::event::{Interner, Sym, Time};
use crate::evidence::lean::{LeanRecord, Reader, System, Walked};
use crate::evidence::{BlockPlace, Chunk, Damage, Record, RecordKey, TextBlock};

/// Channel, provider and event id, in symbols.
pub(super) type Kind = (Sym, Sym, u32);

/// What was read of one source, and what was not.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub(super) source: u32,
    pub(super) events: u64,
    /// First and last time.
    pub(super) times: Option<(Time, Time)>,
    /// Smallest and largest record id.
    pub(super) record_ids: Option<(u64, u64)>,
    pub(super) read_in_full: u64,
    pub(super) damage: Vec<Damage>,
    /// Chunks left out because loading was cancelled.
    pub(super) skipped: u64,
    /// Number and place of a text block.
    pub(super) block: Option<(u32, BlockPlace)>,
    /// Records of a text block that are no events.
    pub(super) strangers: u64,
    /// Events whose time was taken as UTC.
    pub(super) assumed_utc: u64,
}

/// Rows and facts of some chunks, and what each source had to report.
#[derive(Default)]
pub(super) struct Part {
    pub(super) events: Loose,
    pub(super) notes: Vec<Notes>,
}

/// Reads chunks into a part.
#[derive(Default)]
pub(super) struct Worker {
    pub(super) reader: Reader,
    pub(super) desk: Desk,
    has_failed: bool,
}

/// Turns records into rows. Symbols are those of the worker's reader, kinds and hosts are numbered
/// here; [`super::build::Builder`] translates all of them.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) kinds: Numbering<Kind>,
    rules: Vec<Rule>,
    recent_kinds: RecentKinds,
    pub(super) hosts: Numbering<Sym>,
    /// The number of each host by its symbol, where it is known.
    host_of: Vec<Option<HostId>>,
    sids: HashSet<(Sym, Sym)>,
    /// The account name that each SID last had, by symbol.
    name_of: Vec<Sym>,
    /// SIDs with an account name that the logs give for them, not yet translated.
    pub(super) new_sids: Vec<(Sym, Sym)>,
    pub(super) part: Part,
    notes: Notes,
}

/// Kinds met lately, by the last digits of the event id: most records are of one of these.
struct RecentKinds([Option<(Kind, KindId, Rule)>; RECENT_KINDS]);

/// How many kinds are found without hashing. With fewer, 4624 and 4688 would share a place.
const RECENT_KINDS: usize = 128;

impl Default for RecentKinds {
    fn default() -> Self {
        RecentKinds([None; RECENT_KINDS])
    }
}

/// What holds for all events of a kind.
#[derive(Clone, Copy)]
struct Rule {
    layout: Option<&'static Layout>,
    /// Sysmon's own account (SYSTEM) says nothing about who acted.
    ignores_user: bool,
}

impl Rule {
    fn of(provider: &str, event_id: u32) -> Self {
        Rule {
            layout: layout(provider, event_id),
            ignores_user: provider == "Microsoft-Windows-Sysmon",
        }
    }
}

/// The System values of a record, whoever read it.
struct Head {
    system: System,
    event_id: u32,
    record_id: u64,
    time: Time,
    /// Chunk, counted through all sources, and byte offset in it.
    place: (u32, u16),
}

impl Worker {
    /// Reads all records of a chunk, which has this number among the chunks of all sources.
    pub(super) fn read(&mut self, chunk: &Chunk<'_>, number: u32) {
        let Worker { reader, desk, .. } = self;
        let mut irregular = Vec::new();
        desk.notes.damage.extend_from_slice(&chunk.damage);
        let mut walk = reader.walk(chunk.data());
        while let Some(step) = walk.step() {
            match step {
                Walked::Record(offset, record) => {
                    if desk.add_lean(record, (number, offset)).is_none() {
                        irregular.push(offset);
                    }
                }
                Walked::Irregular(offset) => irregular.push(offset),
                Walked::Damaged {
                    offset,
                    bytes,
                    reason,
                } => desk.notes.damage.push(Damage {
                    offset: chunk.file_offset() + u64::from(offset),
                    bytes: u64::from(bytes),
                    reason: reason.to_owned(),
                }),
            }
        }
        if irregular.is_empty() {
            return;
        }
        for (offset, record) in chunk.read_in_full(&irregular) {
            match record {
                Ok(record) => {
                    desk.notes.read_in_full += 1;
                    desk.add_full(&record, (number, offset), reader.strings());
                }
                Err(reason) => desk.notes.damage.push(Damage {
                    offset: chunk.file_offset() + u64::from(offset),
                    bytes: 0,
                    reason: format!("record cannot be read: {reason}"),
                }),
            }
        }
    }
}

impl Worker {
    /// Reads all records of a text block, which has this number among the chunks of all sources.
    pub(super) fn read_text(&mut self, block: &TextBlock, number: u32) {
        let Worker { reader, desk, .. } = self;
        desk.notes.block = Some((block.number(), block.place().clone()));
        let notes = block.read(&mut |at, record| {
            desk.add_full(record, (number, at), reader.strings());
        });
        desk.notes.damage.extend(notes.damage);
        desk.notes.strangers += notes.strangers;
        desk.notes.assumed_utc += notes.assumed_utc;
    }

    /// Gives up the chunk whose rows began at `mark`, because its parser panicked.
    pub(super) fn fail(&mut self, mark: usize, damage: Damage) {
        self.has_failed = true;
        self.desk.part.events.truncate(mark);
        self.desk.notes.damage.push(damage);
    }

    /// Whether it should begin anew: it holds much, or something went wrong in it.
    pub(super) fn is_worn(&self) -> bool {
        self.has_failed || self.reader.is_full()
    }

    /// Begins anew. The part must have been handed over; its memory is used again.
    pub(super) fn renew(&mut self) {
        if std::mem::take(&mut self.has_failed) {
            self.reader = Reader::default();
        } else {
            self.reader.forget();
        }
        self.desk = Desk {
            part: std::mem::take(&mut self.desk.part),
            ..Desk::default()
        };
    }
}

impl Desk {
    /// The notes of the source at hand.
    pub(super) fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    /// Ends a source whose rows began at `first`.
    pub(super) fn end_source(&mut self, source: u32, first: usize) {
        let rows = self.part.events.rows().get(first..).unwrap_or_default();
        let mut notes = Notes {
            source,
            events: rows.len() as u64,
            ..std::mem::take(&mut self.notes)
        };
        for row in rows {
            widen(&mut notes.times, row.time);
            if let Some(id) = RecordKey::from_number(row.record_id).record_id() {
                widen(&mut notes.record_ids, id);
            }
        }
        self.part.notes.push(notes);
    }

    /// Adds a record of the fast reader; `None` when the full reader must take it.
    fn add_lean(&mut self, mut record: LeanRecord<'_>, place: (u32, u16)) -> Option<()> {
        let head = Head {
            system: record.system()?,
            event_id: record.event_id,
            record_id: record.record_id,
            time: record.time,
            place,
        };
        let (kind, rule) = self.kind(&head, record.strings());
        match rule.layout {
            None => self.add(&head, kind, rule, None),
            Some(layout) => {
                record.with_fact(layout, |fact| self.add(&head, kind, rule, Some(fact)))?;
            }
        }
        Some(())
    }

    /// Adds a record of the full reader.
    fn add_full(&mut self, record: &Record, place: (u32, u16), strings: &mut Interner) {
        let header = &record.header;
        let head = Head {
            system: System {
                provider: strings.intern(&header.provider),
                channel: strings.intern(&header.channel),
                computer: strings.intern(&header.computer),
                user_sid: strings.intern(&header.user_sid),
            },
            event_id: header.event_id,
            record_id: record.key().number(),
            time: header.time,
            place,
        };
        let (kind, rule) = self.kind(&head, strings);
        let mut fact = rule.layout.map(|layout| {
            let names = layout.fields;
            layout.build(&FullValues { record, names }, strings)
        });
        self.add(&head, kind, rule, fact.as_mut());
    }

    fn kind(&mut self, head: &Head, strings: &Interner) -> (KindId, Rule) {
        let Head {
            system, event_id, ..
        } = *head;
        let kind = (system.channel, system.provider, event_id);
        let place = event_id as usize % RECENT_KINDS;
        if let Some(Some((known, number, rule))) = self.recent_kinds.0.get(place)
            && *known == kind
        {
            return (*number, *rule);
        }
        let number = self.kinds.number(kind);
        let rule = || Rule::of(strings.text(system.provider), event_id);
        if number == self.rules.len() {
            self.rules.push(rule());
        }
        let rule = self.rules.get(number).copied().unwrap_or_else(rule);
        let number = KindId::new(number);
        if let Some(recent) = self.recent_kinds.0.get_mut(place) {
            *recent = Some((kind, number, rule));
        }
        (number, rule)
    }

    fn host(&mut self, name: Sym) -> HostId {
        let at = name.index();
        if let Some(Some(known)) = self.host_of.get(at) {
            return *known;
        }
        let number = HostId::new(self.hosts.number(name));
        if self.host_of.len() <= at {
            self.host_of.resize(at + 1, None);
        }
        if let Some(place) = self.host_of.get_mut(at) {
            *place = Some(number);
        }
        number
    }

    fn learn_name(&mut self, sid: Sym, account: Sym) {
        let at = sid.index();
        if self.name_of.get(at) == Some(&account) {
            return;
        }
        if self.name_of.len() <= at {
            self.name_of.resize(at + 1, Sym::NONE);
        }
        if let Some(place) = self.name_of.get_mut(at) {
            *place = account;
        }
        if self.sids.insert((sid, account)) {
            self.new_sids.push((sid, account));
        }
    }

    fn add(&mut self, head: &Head, kind: KindId, rule: Rule, mut fact: Option<&mut Fact>) {
        let actor = if rule.ignores_user {
            Sym::NONE
        } else {
            head.system.user_sid
        };
        if let Some(Fact::ServiceInstall(install)) = &mut fact
            && install.sid.is_none()
        {
            install.sid = actor;
        }
        let fact = fact.as_deref();
        let (mut account, mut sid, logon_id) = fact.map_or_else(Default::default, Fact::identity);
        if account.is_none() {
            // Until all names are known, the SID stands for the account.
            sid = sid.some().unwrap_or(actor);
            account = sid;
        } else if !sid.is_none() {
            self.learn_name(sid, account);
        }
        if let Some(Fact::AccountChange(change)) = fact
            && change.action == AccountAction::Made
            && !change.member_sid.is_none()
        {
            self.learn_name(change.member_sid, change.member);
        }
        let (chunk, offset) = head.place;
        let row = Row {
            time: head.time,
            record_id: head.record_id,
            logon_id,
            chunk,
            offset,
            kind,
            host: self.host(head.system.computer),
            account,
        };
        self.part.events.push(row, fact);
    }
}

/// Widens a range, if need be, to hold a value.
fn widen<T: Copy + Ord>(range: &mut Option<(T, T)>, value: T) {
    *range = Some(match *range {
        None => (value, value),
        Some((low, high)) => (low.min(value), high.max(value)),
    });
}

/// The values of a record that was read in full, by layout slot.
struct FullValues<'r> {
    record: &'r Record,
    names: &'static [&'static str],
}

impl Values for FullValues<'_> {
    fn text(&self, slot: usize) -> Option<std::borrow::Cow<'_, str>> {
        self.record
            .data(self.names.get(slot)?)
            .map(std::borrow::Cow::Borrowed)
    }
}
