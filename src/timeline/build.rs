//! Puts the parts that workers read together into one timeline: one interner, hosts under one
//! name, time order, duplicates folded, accounts named.
//!
//! Nothing here depends on the order in which files or chunks came: hosts and kinds are numbered
//! alphabetically and equal times are ordered by host, kind and record id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::load::full_values;
use super::tables::remap;
use super::{EventIndex, EventKind, HostId, KindId, TableId, Timeline};
use crate::event::fact::Fact;
use crate::event::layout::layout;
use crate::event::{Interner, LogonId, Sym, Time};
use crate::evidence::lean::LeanRecord;
use crate::evidence::{Damage, Position, Record, SourceReport};

/// One event before it has its place.
#[derive(Clone, Copy, Debug)]
struct Row {
    time: Time,
    record_id: u64,
    logon_id: LogonId,
    source: u32,
    position: Position,
    kind: u16,
    host: Sym,
    account: Sym,
    sid: Sym,
    fact: u32,
}

const NO_FACT: u32 = u32::MAX;

/// What a chunk has to report beside its events.
#[derive(Clone, Debug, Default)]
pub(super) struct ChunkNotes {
    pub(super) damage: Vec<Damage>,
    pub(super) read_in_full: u64,
}

impl ChunkNotes {
    pub(super) fn damaged(chunk: u32, reason: String) -> Self {
        let offset = 4096 + u64::from(chunk) * crate::evidence::CHUNK_SIZE as u64;
        let bytes = crate::evidence::CHUNK_SIZE as u64;
        ChunkNotes {
            damage: vec![Damage {
                offset,
                bytes,
                reason,
            }],
            read_in_full: 0,
        }
    }
}

/// What one worker has read.
#[derive(Default)]
pub(super) struct Part {
    strings: Interner,
    kinds: HashMap<EventKind, u16>,
    rows: Vec<Row>,
    facts: Vec<Fact>,
    notes: Vec<(u32, ChunkNotes)>,
    skipped: BTreeMap<u32, u64>,
}

/// A state of a part to go back to.
pub(super) struct Mark {
    rows: usize,
    facts: usize,
}

/// The System values of a record, whoever read it.
struct System<'r> {
    time: Time,
    record_id: u64,
    kind: EventKind,
    computer: &'r str,
    user_sid: &'r str,
}

impl Part {
    pub(super) fn event_count(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            rows: self.rows.len(),
            facts: self.facts.len(),
        }
    }

    pub(super) fn roll_back(&mut self, mark: Mark) {
        self.rows.truncate(mark.rows);
        self.facts.truncate(mark.facts);
    }

    pub(super) fn note(&mut self, source: u32, notes: ChunkNotes) {
        if !notes.damage.is_empty() || notes.read_in_full > 0 {
            self.notes.push((source, notes));
        }
    }

    /// Notes a chunk that was not read because loading was cancelled.
    pub(super) fn skip(&mut self, source: u32, _chunk: u32) {
        *self.skipped.entry(source).or_default() += 1;
    }

    /// Adds a record of the fast reader; `false` when the full reader must take it.
    pub(super) fn add_lean(
        &mut self,
        record: &LeanRecord<'_>,
        source: u32,
        position: Position,
    ) -> bool {
        let provider = record.provider();
        let fact = match layout(&provider, record.event_id) {
            None => None,
            Some(layout) => match record.fields(layout.fields) {
                None => return false,
                Some(values) => Some(layout.build(&values, &mut self.strings)),
            },
        };
        let kind = EventKind {
            channel: record.channel().into_owned(),
            provider: provider.into_owned(),
            event_id: record.event_id,
        };
        let system = System {
            time: record.time,
            record_id: record.record_id,
            kind,
            computer: &record.computer(),
            user_sid: &record.user_sid(),
        };
        self.add(system, fact, source, position);
        true
    }

    /// Adds a record of the full reader.
    pub(super) fn add_full(&mut self, record: &Record, source: u32, position: Position) {
        let fact =
            full_values(record).map(|(layout, values)| layout.build(&values, &mut self.strings));
        let header = &record.header;
        let kind = EventKind {
            channel: header.channel.clone(),
            provider: header.provider.clone(),
            event_id: header.event_id,
        };
        let system = System {
            time: header.time,
            record_id: header.record_id,
            kind,
            computer: &header.computer,
            user_sid: &header.user_sid,
        };
        self.add(system, fact, source, position);
    }

    fn add(&mut self, system: System<'_>, mut fact: Option<Fact>, source: u32, position: Position) {
        // Sysmon's own account (SYSTEM) says nothing about who acted.
        let actor = if system.kind.provider == "Microsoft-Windows-Sysmon" {
            ""
        } else {
            system.user_sid
        };
        let actor = self.strings.intern(actor);
        if let Some(Fact::ServiceInstall(install)) = &mut fact
            && install.sid.is_none()
        {
            install.sid = actor;
        }
        let (account, sid, logon_id) = fact.as_ref().map_or_else(Default::default, Fact::identity);
        let sid = if account.is_none() && sid.is_none() {
            actor
        } else {
            sid
        };
        let next = u16::try_from(self.kinds.len()).unwrap_or(u16::MAX);
        let kind = *self.kinds.entry(system.kind).or_insert(next);
        let fact = match fact {
            None | Some(Fact::Identity(_)) => NO_FACT,
            Some(fact) => {
                self.facts.push(fact);
                u32::try_from(self.facts.len() - 1).unwrap_or(NO_FACT)
            }
        };
        self.rows.push(Row {
            time: system.time,
            record_id: system.record_id,
            logon_id,
            source,
            position,
            kind,
            host: self.strings.intern(system.computer),
            account,
            sid,
            fact,
        });
    }
}

/// Builds the timeline.
pub(super) fn finish(parts: Vec<Part>, mut sources: Vec<SourceReport>) -> Timeline {
    let mut timeline = Timeline::default();
    timeline.kinds = parts
        .iter()
        .flat_map(|part| part.kinds.keys().cloned())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let kind_numbers: HashMap<&EventKind, u16> = (0u16..)
        .zip(&timeline.kinds)
        .map(|(n, kind)| (kind, n))
        .collect();

    let mut rows: Vec<Row> = Vec::with_capacity(parts.iter().map(|part| part.rows.len()).sum());
    let mut facts: Vec<Fact> = Vec::with_capacity(parts.iter().map(|part| part.facts.len()).sum());
    for mut part in parts {
        let map = timeline.strings.absorb(&part.strings);
        let kinds: HashMap<u16, u16> = part
            .kinds
            .iter()
            .filter_map(|(kind, local)| Some((*local, *kind_numbers.get(kind)?)))
            .collect();
        let symbol = |symbol: Sym| map.get(symbol.index()).copied().unwrap_or(Sym::NONE);
        let first_fact = u32::try_from(facts.len()).unwrap_or(NO_FACT);
        part.facts.iter_mut().for_each(|fact| remap(fact, &map));
        facts.append(&mut part.facts);
        rows.extend(part.rows.iter().map(|row| Row {
            kind: kinds.get(&row.kind).copied().unwrap_or(u16::MAX),
            host: symbol(row.host),
            account: symbol(row.account),
            sid: symbol(row.sid),
            fact: if row.fact == NO_FACT {
                NO_FACT
            } else {
                row.fact.saturating_add(first_fact)
            },
            ..*row
        }));
        for (source, notes) in part.notes {
            if let Some(report) = sources.get_mut(source as usize) {
                report.damage.extend(notes.damage);
                report.read_in_full += notes.read_in_full;
            }
        }
        for (source, chunks) in part.skipped {
            if let Some(report) = sources.get_mut(source as usize) {
                let reason = format!("{chunks} chunks were not read: loading was cancelled");
                report.damage.push(Damage {
                    offset: 0,
                    bytes: chunks * 65_536,
                    reason,
                });
            }
        }
    }
    drop(kind_numbers);
    report_sources(&rows, &mut sources);

    let hosts = unify_hosts(&timeline.strings, rows.iter().map(|row| row.host).collect());
    timeline.hosts = hosts.names;
    let host_of = |row: &Row| hosts.numbers.get(&row.host).copied().unwrap_or_default();
    rows.par_sort_unstable_by_key(|row| {
        (
            row.time,
            host_of(row),
            row.kind,
            row.record_id,
            row.source,
            row.position,
        )
    });
    timeline.sid_names = name_sids(&rows, &facts, &mut timeline.strings);

    let mut previous: Option<(Time, HostId, u16, u64)> = None;
    let mut facts: Vec<Option<Fact>> = facts.into_iter().map(Some).collect();
    for row in &rows {
        let host = host_of(row);
        let identity = (row.time, host, row.kind, row.record_id);
        if previous == Some(identity) {
            let index = EventIndex(u32::try_from(timeline.len() - 1).unwrap_or(u32::MAX));
            timeline
                .duplicates
                .entry(index)
                .or_default()
                .push((row.source, row.position));
            timeline.duplicate_count += 1;
            continue;
        }
        previous = Some(identity);
        let fact = facts.get_mut(row.fact as usize).and_then(Option::take);
        push(&mut timeline, row, host, fact);
    }
    timeline.sources = sources;
    timeline
}

fn push(timeline: &mut Timeline, row: &Row, host: HostId, fact: Option<Fact>) {
    let index = EventIndex(u32::try_from(timeline.len()).unwrap_or(u32::MAX));
    let mut account = row.account;
    if account.is_none() && !row.sid.is_none() {
        account = timeline.sid_names.get(&row.sid).copied().unwrap_or(row.sid);
    }
    let (table, fact_row) = match fact {
        None => (TableId::None, 0),
        Some(mut fact) => {
            if let Fact::ServiceInstall(install) = &mut fact
                && install.account.is_none()
            {
                install.account = account;
            }
            timeline.tables.push(index, fact)
        }
    };
    let columns = &mut timeline.columns;
    columns.time.push(row.time);
    columns.record_id.push(row.record_id);
    columns.logon_id.push(row.logon_id);
    columns.source.push(row.source);
    columns.chunk.push(row.position.chunk);
    columns.offset.push(row.position.offset);
    columns.kind.push(KindId::new(usize::from(row.kind)));
    columns.host.push(host);
    columns.account.push(account);
    columns.fact_row.push(fact_row);
    columns.fact_table.push(table);
}

fn report_sources(rows: &[Row], sources: &mut [SourceReport]) {
    for row in rows {
        let Some(report) = sources.get_mut(row.source as usize) else {
            continue;
        };
        report.events += 1;
        report.first_time = Some(
            report
                .first_time
                .map_or(row.time, |time| time.min(row.time)),
        );
        report.last_time = Some(report.last_time.map_or(row.time, |time| time.max(row.time)));
        report.first_record_id = Some(
            report
                .first_record_id
                .map_or(row.record_id, |id| id.min(row.record_id)),
        );
        report.last_record_id = Some(
            report
                .last_record_id
                .map_or(row.record_id, |id| id.max(row.record_id)),
        );
    }
    for report in sources {
        report.damage.sort_by_key(|damage| damage.offset);
    }
}

struct Hosts {
    names: Vec<String>,
    numbers: HashMap<Sym, HostId>,
}

/// Gives every host one number: names are compared without case, and a short name belongs to the
/// full name that begins with it when there is only one such.
fn unify_hosts(strings: &Interner, used: BTreeSet<Sym>) -> Hosts {
    let mut by_label: BTreeMap<String, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    for symbol in &used {
        let name = strings.text(*symbol);
        let lower = name.to_lowercase();
        let label = lower.split('.').next().unwrap_or_default().to_owned();
        by_label
            .entry(label)
            .or_default()
            .entry(lower)
            .or_default()
            .insert(name);
    }
    let mut names: Vec<String> = Vec::new();
    let mut number_of: HashMap<String, usize> = HashMap::new();
    for (label, spellings) in &by_label {
        let full: Vec<&String> = spellings.keys().filter(|name| *name != label).collect();
        for (lower, variants) in spellings {
            let target = match full.as_slice() {
                [only] if lower == label => (*only).clone(),
                _ => lower.clone(),
            };
            let number = *number_of.entry(target.clone()).or_insert_with(|| {
                let shown = spellings.get(&target).and_then(|variants| variants.first());
                names.push(
                    shown
                        .or(variants.first())
                        .map_or_else(String::new, |name| (*name).to_owned()),
                );
                names.len() - 1
            });
            number_of.insert(lower.clone(), number);
        }
    }
    let numbers = used
        .iter()
        .filter_map(|symbol| {
            let number = number_of.get(&strings.text(*symbol).to_lowercase())?;
            Some((*symbol, HostId::new(*number)))
        })
        .collect();
    Hosts { names, numbers }
}

/// The account name that the logs give for each SID. Windows' own identities get their English
/// names, because Security events call SYSTEM by the machine's name.
fn name_sids(rows: &[Row], facts: &[Fact], strings: &mut Interner) -> HashMap<Sym, Sym> {
    let mut names: HashMap<Sym, Sym> = HashMap::new();
    let mut note = |sid: Sym, account: Sym| {
        if !sid.is_none() && !account.is_none() {
            let known = names.entry(sid).or_insert(account);
            if strings.text(account) < strings.text(*known) {
                *known = account;
            }
        }
    };
    rows.iter().for_each(|row| note(row.sid, row.account));
    for fact in facts {
        let (account, sid, _) = fact.identity();
        note(sid, account);
    }
    const BUILT_IN: [(&str, &str); 3] = [
        ("S-1-5-18", "NT AUTHORITY\\SYSTEM"),
        ("S-1-5-19", "NT AUTHORITY\\LOCAL SERVICE"),
        ("S-1-5-20", "NT AUTHORITY\\NETWORK SERVICE"),
    ];
    for (sid, name) in BUILT_IN {
        if let Some(sid) = strings.find(sid) {
            names.insert(sid, strings.intern(name));
        }
    }
    names
}
