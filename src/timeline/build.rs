//! Puts the parts that workers read together into one timeline: one interner, hosts under one
//! name, time order, duplicates folded, accounts named.
//!
//! Nothing here depends on the order in which files or chunks came: hosts and kinds are numbered
//! alphabetically in the end. No row is held twice: a part is gone once it is appended.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::events::{Events, Loose, renumber};
use super::kinds::Numbering;
use super::part::{Desk, Kind, Notes, Part};
use super::{EventKind, HostId, KindId, Timeline, hosts, order};
use crate::event::{Interner, Sym};
use crate::evidence::{CHUNK_SIZE, Damage, SourceReport};

/// Parts that may wait for an earlier one; beyond it they are appended out of order, which costs
/// only time.
const MOST_WAITING: usize = 64;

/// A timeline in the making.
#[derive(Clone, Default)]
pub(super) struct Builder {
    strings: Interner,
    kinds: Numbering<Kind>,
    hosts: Numbering<Sym>,
    events: Events,
    sids: HashMap<Sym, Sym>,
    sources: Vec<SourceReport>,
    first_chunks: Vec<u32>,
    skipped: BTreeMap<u32, u64>,
    waiting: BTreeMap<usize, Loose>,
    next: usize,
}

/// From a worker's symbols and numbers to the builder's.
#[derive(Default)]
pub(super) struct Translation {
    symbols: Vec<Sym>,
    kinds: Vec<KindId>,
    hosts: Vec<HostId>,
}

impl Translation {
    /// Rewrites the events of a part.
    pub(super) fn apply(&self, part: &mut Part) {
        part.events.remap(&self.symbols, &self.kinds, &self.hosts);
    }

    fn symbol(&self, symbol: Sym) -> Sym {
        self.symbols
            .get(symbol.index())
            .copied()
            .unwrap_or_default()
    }
}

impl Builder {
    /// Begins with these sources, whose first chunks have these numbers among all chunks.
    pub(super) fn new(sources: Vec<SourceReport>, first_chunks: Vec<u32>) -> Self {
        Builder {
            sources,
            first_chunks,
            ..Default::default()
        }
    }

    /// Learns what a worker has met since the last time; answers whether parts overlap in time, so that
    /// all events will be sorted in the end.
    pub(super) fn learn(
        &mut self,
        strings: &Interner,
        desk: &mut Desk,
        to: &mut Translation,
    ) -> bool {
        self.strings.absorb(strings, &mut to.symbols);
        for at in to.kinds.len()..desk.kinds.keys().len() {
            let Some((channel, provider, event_id)) = desk.kinds.keys().get(at).copied() else {
                continue;
            };
            let kind = (to.symbol(channel), to.symbol(provider), event_id);
            to.kinds.push(KindId::new(self.kinds.number(kind)));
        }
        for at in to.hosts.len()..desk.hosts.keys().len() {
            let Some(host) = desk.hosts.keys().get(at).copied() else {
                continue;
            };
            to.hosts
                .push(HostId::new(self.hosts.number(to.symbol(host))));
        }
        for (sid, account) in desk.new_sids.drain(..) {
            let (sid, account) = (to.symbol(sid), to.symbol(account));
            let known = self.sids.entry(sid).or_insert(account);
            if self.strings.text(account) < self.strings.text(*known) {
                *known = account;
            }
        }
        self.events.parts_overlap
    }

    /// Takes what is in the translated part of this number. Parts are put in the order of their
    /// numbers, in which most logs are in the order of time.
    pub(super) fn append(&mut self, number: usize, part: &mut Part) {
        for notes in part.notes.drain(..) {
            self.report(notes);
        }
        if number > self.next && self.waiting.len() < MOST_WAITING {
            self.waiting
                .insert(number, std::mem::take(&mut part.events));
            return;
        }
        self.events.append(&mut part.events);
        self.next = self.next.max(number + 1);
        while let Some(mut events) = self.waiting.remove(&self.next) {
            self.events.append(&mut events);
            self.next += 1;
        }
    }

    fn report(&mut self, notes: Notes) {
        if notes.skipped > 0 {
            *self.skipped.entry(notes.source).or_default() += notes.skipped;
        }
        let Some(report) = self.sources.get_mut(notes.source as usize) else {
            return;
        };
        report.events += notes.events;
        report.read_in_full += notes.read_in_full;
        report.damage.extend(notes.damage);
        report.strangers += notes.strangers;
        report.assumed_utc += notes.assumed_utc;
        if let Some((number, place)) = notes.block {
            report.set_block(number, place);
        }
        if let Some((first, last)) = notes.times {
            report.first_time = Some(report.first_time.map_or(first, |time| time.min(first)));
            report.last_time = Some(report.last_time.map_or(last, |time| time.max(last)));
        }
        if let Some((low, high)) = notes.record_ids {
            report.first_record_id = Some(report.first_record_id.map_or(low, |id| id.min(low)));
            report.last_record_id = Some(report.last_record_id.map_or(high, |id| id.max(high)));
        }
    }

    /// Builds the timeline.
    pub(super) fn finish(mut self) -> Timeline {
        for mut events in std::mem::take(&mut self.waiting).into_values() {
            self.events.append(&mut events);
        }
        self.report_skipped();
        let kinds = self.number_kinds();
        let hosts = self.number_hosts();
        let copies = order::arrange(&mut self.events, &self.first_chunks);
        self.events.shrink_to_fit();
        let accounts = self.name_sids();
        self.name_installers(&accounts);
        self.strings.shrink_to_fit();
        Timeline {
            strings: self.strings,
            kinds,
            hosts,
            columns: self.events.columns,
            places: self.events.places,
            tables: self.events.tables,
            sources: self.sources,
            first_chunks: self.first_chunks,
            copies,
            accounts,
        }
    }

    fn report_skipped(&mut self) {
        for (source, chunks) in &self.skipped {
            if let Some(report) = self.sources.get_mut(*source as usize) {
                report.damage.push(Damage {
                    offset: 0,
                    bytes: chunks * CHUNK_SIZE as u64,
                    reason: format!("{chunks} chunks were not read: loading was cancelled"),
                });
            }
        }
        for report in &mut self.sources {
            report.arrange_damage();
        }
    }

    /// Numbers the kinds alphabetically.
    fn number_kinds(&mut self) -> Vec<EventKind> {
        let text = |symbol| self.strings.text(symbol).to_owned();
        let kind = |&(channel, provider, event_id): &Kind| EventKind {
            channel: text(channel),
            provider: text(provider),
            event_id,
        };
        let mut kinds: Vec<(EventKind, usize)> =
            self.kinds.keys().iter().map(kind).zip(0..).collect();
        kinds.sort();
        let mut numbers = vec![KindId::default(); kinds.len()];
        for (new, (_, old)) in kinds.iter().enumerate() {
            if let Some(number) = numbers.get_mut(*old) {
                *number = KindId::new(new);
            }
        }
        renumber(&mut self.events.columns.kind, |kind| {
            numbers.get(kind.index()).copied()
        });
        kinds.into_iter().map(|(kind, _)| kind).collect()
    }

    fn number_hosts(&mut self) -> Vec<String> {
        let given = self.hosts.keys().iter();
        let given: Vec<&str> = given.map(|name| self.strings.text(*name)).collect();
        let hosts = hosts::unify(&given);
        renumber(&mut self.events.columns.host, |host| {
            hosts.numbers.get(host.index()).copied()
        });
        hosts.names
    }

    /// What each symbol is called as an account: the name that the logs give for a SID, else itself.
    /// Windows' own identities get their English names, because Security events call SYSTEM by the
    /// machine's name.
    fn name_sids(&mut self) -> Vec<Sym> {
        const BUILT_IN: [(&str, &str); 3] = [
            ("S-1-5-18", "NT AUTHORITY\\SYSTEM"),
            ("S-1-5-19", "NT AUTHORITY\\LOCAL SERVICE"),
            ("S-1-5-20", "NT AUTHORITY\\NETWORK SERVICE"),
        ];
        let mut names = std::mem::take(&mut self.sids);
        for (sid, name) in BUILT_IN {
            if let Some(sid) = self.strings.find(sid) {
                names.insert(sid, self.strings.intern(name));
            }
        }
        let mut accounts: Vec<Sym> = self.strings.symbols().collect();
        for (sid, name) in names {
            if let Some(place) = accounts.get_mut(sid.index())
                && !name.is_none()
            {
                *place = name;
            }
        }
        accounts
    }

    /// Puts the event's account where a service installation names none.
    fn name_installers(&mut self, accounts: &[Sym]) {
        let of_event = &self.events.columns.account;
        let installs = &mut self.events.tables.service_installs;
        installs.change(|event, install| {
            if install.account.is_none() {
                let account = of_event.get(event.row()).unwrap_or_default();
                install.account = accounts.get(account.index()).copied().unwrap_or_default();
            }
        });
    }
}
