//! The value under the cursor as a test: what "everything with it", "keep it" and "drop it" mean.

use super::{AlertPage, Data, EventColumn, Item, Page, Subject, Target};
use crate::event::Sym;
use crate::event::fact::Fact;
use crate::event::identity::file_name;
use crate::timeline::query::Test;
use crate::timeline::{EventIndex, Timeline};

impl Page {
    /// The test that holds for what has the value under the cursor.
    pub fn test_here(&self, data: &Data) -> Option<Test> {
        match self {
            Page::Alerts(page) => page.test_here(data),
            Page::Events(page) => {
                let event = page.here(data)?;
                of_column(page.column, event, data.timeline())
            }
            Page::Processes(page) => {
                let process = data.processes().get(page.process_here()?)?;
                let image = data.timeline().strings().get(process.image)?;
                Some(Test::Image(vec![image.to_owned()]))
            }
            Page::Counts(page) => page.here().and_then(|row| row.test.clone()),
            Page::Alert(page) => of_reason(page, data).or_else(|| of_item(&self.item(data)?)),
            Page::Event(_) | Page::Sources(_) | Page::Known(_) => of_item(&self.item(data)?),
        }
    }

    /// The same for events of every page: times become the minute, and what only alerts have
    /// becomes text.
    pub fn value_here(&self, data: &Data) -> Option<Test> {
        Some(match self.test_here(data)? {
            Test::After(_) => {
                let time = match self {
                    Page::Events(page) => data.timeline().time(page.here(data)?),
                    _ => super::Context::of(self, data).time?,
                };
                let minute = 60 * crate::event::time::TICKS_PER_SECOND;
                let from = time.filetime() / minute * minute;
                let at = crate::event::Time::from_filetime;
                Test::During(at(from), at(from.saturating_add(minute)))
            }
            Test::Alert(_, values) => Test::Text(values.into_iter().next()?),
            other => other,
        })
    }
}

/// A reason for or against is a sentence: nothing else holds it.
fn of_reason(page: &AlertPage, data: &Data) -> Option<Test> {
    use super::Section;
    let section = page.section_here(data)?;
    let is_sentence = matches!(section, Section::Against | Section::For | Section::Episode);
    let alert = data.alert(&page.id)?;
    is_sentence.then(|| Test::Host(vec![alert.host.clone()]))
}

/// What a line of a page of text leads to, else its text.
fn of_item(item: &Item) -> Option<Test> {
    match &item.target {
        Some(Target::Subject(subject)) => match subject {
            Subject::Account(name) => Some(Test::Account(vec![name.clone()])),
            Subject::Session { id, .. } => Some(Test::Logon(vec![*id])),
            Subject::Host(name) => Some(Test::Host(vec![name.clone()])),
            Subject::Address(address) => Some(Test::Address(vec![address.clone()])),
            Subject::Service { name, .. } => Some(Test::Service(vec![name.clone()])),
            Subject::Time { at, .. } => Some(Test::After(*at)),
            Subject::Value(test) => Some(test.clone()),
            Subject::All | Subject::Leg { .. } => None,
        },
        _ => text(&item.value),
    }
}

fn text(value: &str) -> Option<Test> {
    let value = value.trim();
    (!value.is_empty()).then(|| Test::Text(value.to_owned()))
}

fn of_column(column: EventColumn, index: EventIndex, timeline: &Timeline) -> Option<Test> {
    let event = timeline.event(index)?;
    Some(match column {
        EventColumn::Time => Test::After(event.time),
        EventColumn::Host => Test::Host(vec![event.host.to_owned()]),
        EventColumn::Id => Test::EventId(vec![event.kind.event_id]),
        EventColumn::Account => Test::Account(vec![event.account?.to_owned()]),
        EventColumn::What => {
            let telling = event.fact.and_then(|fact| telling(fact, timeline));
            telling.unwrap_or_else(|| Test::EventId(vec![event.kind.event_id]))
        }
    })
}

/// The most telling value of what happened: the program, the service, the file, the address.
fn telling(fact: Fact, timeline: &Timeline) -> Option<Test> {
    let get = |symbol: Sym| {
        timeline
            .strings()
            .get(symbol)
            .filter(|_| !symbol.is_placeholder())
    };
    let image = |symbol| get(symbol).map(|path| Test::Image(vec![file_name(path).to_owned()]));
    let named = |symbol| get(symbol).and_then(text);
    let address = |symbol| get(symbol).map(|ip| Test::Address(vec![ip.to_owned()]));
    let account = |symbol| get(symbol).map(|name| Test::Account(vec![name.to_owned()]));
    let service = |symbol| get(symbol).map(|name| Test::Service(vec![name.to_owned()]));
    match fact {
        Fact::ProcessStart(f) => image(f.image),
        Fact::ProcessEnd(f) => image(f.image),
        Fact::ProcessAccess(f) => image(f.target_image),
        Fact::Logon(f) => address(f.source_ip)
            .or_else(|| address(f.workstation))
            .or_else(|| account(f.account)),
        Fact::Authentication(f) => address(f.source_ip).or_else(|| account(f.account)),
        Fact::ExplicitLogon(f) => account(f.account),
        Fact::PrivilegedLogon(f) => account(f.account),
        Fact::ServiceInstall(f) => service(f.name),
        Fact::ServiceState(f) => service(f.key_name).or_else(|| service(f.name)),
        Fact::ServiceHandle(f) => service(f.object),
        Fact::Network(f) => address(f.destination_ip),
        Fact::Pipe(f) => named(f.name),
        Fact::File(f) => named(f.path),
        Fact::Registry(f) => named(f.key),
        Fact::ShareAccess(f) => named(f.target).or_else(|| named(f.share)),
        Fact::Task(f) => named(f.name),
        Fact::Antivirus(f) => named(f.threat),
        Fact::Script(f) => named(f.path),
        _ => None,
    }
}
