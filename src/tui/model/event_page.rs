//! One event with all its fields, read again from its source, and where it leads.

use std::rc::Rc;
use std::sync::Arc;

use super::events::short_channel;
use super::{Context, Data, Item, List, Memo, Page, Section, Subject, Target, Zone};
use crate::evidence::Record;
use crate::timeline::EventIndex;
use crate::tui::theme::Role;

/// The page of an event.
#[derive(Clone, Debug, Default)]
pub struct EventPage {
    /// The event.
    pub index: EventIndex,
    /// Cursor among the items.
    pub list: List,
    /// All its fields, once read; or why not.
    pub record: Option<Result<Arc<Record>, String>>,
    /// Whether it is shown as XML.
    pub xml: bool,
    /// The row to put the cursor on when the fields are there.
    pub keep: Option<usize>,
    memo: Memo<(u64, EventIndex, Zone, bool, bool)>,
}

impl EventPage {
    /// The page of an event, its fields not read yet.
    pub fn of(index: EventIndex) -> EventPage {
        EventPage {
            index,
            ..EventPage::default()
        }
    }

    /// Takes its fields, or why they cannot be read.
    pub fn take(&mut self, record: Result<Arc<Record>, String>, data: &Data) {
        self.record = Some(record);
        if let Some(row) = self.keep.take() {
            self.list.cursor = row;
            self.list.clamp(self.items(data).len());
        }
    }

    /// Channel, id and record number.
    pub fn title(&self, data: &Data) -> String {
        data.timeline()
            .event(self.index)
            .map_or_else(String::new, |event| {
                let number = event
                    .record_id
                    .map_or_else(|| event.record_words(), |id| format!("#{id}"));
                let channel = short_channel(&event.kind.channel);
                format!("{channel} {} {number}", event.kind.event_id)
            })
    }

    /// Its lines.
    pub fn items(&self, data: &Data) -> Rc<[Item]> {
        let is_read = self.record.is_some();
        let made = (
            data.version(),
            self.index,
            data.zone.clone(),
            self.xml,
            is_read,
        );
        self.memo.of(made, || self.make(data))
    }

    fn make(&self, data: &Data) -> Vec<Item> {
        let mut items = Vec::new();
        if !self.xml {
            items.extend(self.links(data));
        }
        match &self.record {
            None => items.push(Item::new(Section::Data, "", "reading …").role(Role::Dim)),
            Some(Err(reason)) => {
                items.push(Item::new(Section::Data, "cannot be read", reason).role(Role::Error));
            }
            Some(Ok(record)) if self.xml => {
                items.extend(
                    xml_lines(&record.xml)
                        .into_iter()
                        .map(|line| Item::new(Section::Xml, "", line)),
                );
            }
            Some(Ok(record)) => {
                let fields = |section, fields: &[crate::evidence::Field]| {
                    fields
                        .iter()
                        .map(|field| Item::new(section, &field.name, &field.value))
                        .collect::<Vec<_>>()
                };
                items.extend(fields(Section::Data, &record.data));
                items.extend(fields(Section::System, &record.system));
            }
        }
        items
    }

    /// The things named in the event that have pages of their own.
    fn links(&self, data: &Data) -> Vec<Item> {
        let Some(event) = data.timeline().event(self.index) else {
            return Vec::new();
        };
        let context = Context::of(
            &Page::Event(EventPage {
                xml: true,
                ..EventPage::of(self.index)
            }),
            data,
        );
        let link = |label: &str, value: &str, subject: Subject| {
            Item::new(Section::Links, label, value).to(Some(Target::Subject(subject)))
        };
        let mut items = Vec::new();
        items.push(link(
            "time",
            &data.zone.full(event.time),
            Subject::Time {
                at: event.time,
                reach: super::REACH,
            },
        ));
        items.push(link(
            "host",
            event.host,
            Subject::Host(event.host.to_owned()),
        ));
        if let Some(account) = &context.account {
            items.push(link("account", account, Subject::Account(account.clone())));
        }
        if let Some((host, id)) = &context.session {
            let subject = Subject::Session {
                host: host.clone(),
                id: *id,
            };
            items.push(link("session", &id.to_string(), subject));
        }
        if let Some(address) = &context.address {
            items.push(link("address", address, Subject::Address(address.clone())));
        }
        if let Some((host, name)) = &context.service {
            let subject = Subject::Service {
                host: host.clone(),
                name: name.clone(),
            };
            items.push(link("service", name, subject));
        }
        if context.process.is_some() {
            items.push(
                Item::new(Section::Links, "process", "tree around it")
                    .to(Some(Target::Process(self.index))),
            );
        }
        for alert in data.alerts_citing(self.index) {
            items.push(
                Item::new(Section::Links, "alert", &alert.title)
                    .to(Some(Target::Alert(alert.id.clone()))),
            );
        }
        let source = event.source.path.display().to_string();
        let place = format!(
            "chunk {} offset {}",
            event.position.chunk, event.position.offset
        );
        items.push(Item::new(Section::Links, "source", source).tail(place));
        for (copy, _) in data.timeline().copies(self.index) {
            items.push(Item::new(
                Section::Links,
                "also in",
                copy.path.display().to_string(),
            ));
        }
        items
    }
}

/// XML cut into lines, one element each, indented. For reading only; copies are exact.
fn xml_lines(xml: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut depth = 0usize;
    for part in xml.replace("><", ">\n<").lines() {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let closes = part.starts_with("</");
        if closes {
            depth = depth.saturating_sub(1);
        }
        lines.push(format!("{}{part}", "  ".repeat(depth.min(20))));
        let opens = part.starts_with('<')
            && !closes
            && !part.starts_with("<?")
            && !part.ends_with("/>")
            && !part.contains("</");
        if opens {
            depth += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_indented_by_element() {
        let lines = xml_lines("<Event><System><EventID>1</EventID></System><EventData/></Event>");
        assert_eq!(
            lines,
            [
                "<Event>",
                "  <System>",
                "    <EventID>1</EventID>",
                "  </System>",
                "  <EventData/>",
                "</Event>"
            ]
        );
    }
}
