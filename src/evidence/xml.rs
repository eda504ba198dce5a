//! An event as XML, taken apart into named values. Field names follow one rule in both readers: the
//! `Name` attribute, else `#n` for the n-th unnamed `Data`, else the element's own name.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::record::{Field, Header, Record};
use crate::event::Time;

/// Reads the XML of one event.
///
/// # Errors
/// In words, when the text is not well-formed.
pub(super) fn record(xml: String) -> Result<Record, String> {
    let mut parts = Parts::default();
    let mut reader = Reader::from_str(&xml);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => parts.open(&element)?,
            Event::Empty(element) => {
                parts.open(&element)?;
                parts.close();
            }
            Event::Text(text) => parts.text.push_str(&text),
            Event::CData(text) => parts.text.push_str(&text),
            Event::GeneralRef(reference) => {
                parts.text.push_str(&resolve(&reference));
            }
            Event::End(_) => parts.close(),
            Event::Eof => break,
            _ => {}
        }
    }
    let header = header(&parts.system);
    Ok(Record {
        header,
        system: parts.system,
        data: parts.data,
        xml,
    })
}

fn resolve(name: &str) -> String {
    let number = name
        .strip_prefix("#x")
        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .or_else(|| {
            name.strip_prefix('#')
                .and_then(|number| number.parse().ok())
        });
    match (number.and_then(char::from_u32), name) {
        (Some(character), _) => character.to_string(),
        (None, "amp") => "&".into(),
        (None, "lt") => "<".into(),
        (None, "gt") => ">".into(),
        (None, "quot") => "\"".into(),
        (None, "apos") => "'".into(),
        (None, other) => format!("&{other};"),
    }
}

#[derive(Default)]
struct Parts {
    path: Vec<(String, Option<String>, bool)>,
    text: String,
    system: Vec<Field>,
    data: Vec<Field>,
    unnamed: usize,
}

impl Parts {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        let name = element.name().as_ref().to_owned();
        if let Some(parent) = self.path.last_mut() {
            parent.2 = true;
        }
        let mut name_attribute = None;
        let in_system = self.path.get(1).is_some_and(|(name, ..)| name == "System");
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key = attribute.key.as_ref().to_owned();
            let raw = attribute.value;
            let value = quick_xml::escape::unescape(&raw)
                .map_or_else(|_| raw.to_string(), |text| text.into_owned());
            if in_system {
                self.system.push(Field {
                    name: format!("{name}@{key}"),
                    value,
                });
            } else if key == "Name" {
                name_attribute = Some(value);
            }
        }
        self.path.push((name, name_attribute, false));
        self.text.clear();
        Ok(())
    }

    fn close(&mut self) {
        let in_system = self.path.get(1).is_some_and(|(name, ..)| name == "System");
        let depth = self.path.len();
        let Some((name, name_attribute, has_children)) = self.path.pop() else {
            return;
        };
        let value = std::mem::take(&mut self.text);
        let is_container = matches!(name.as_str(), "Event" | "EventData" | "UserData");
        if has_children || (is_container && depth <= 2) {
            return;
        }
        if in_system {
            if depth > 2
                && !(value.is_empty()
                    && self
                        .system
                        .last()
                        .is_some_and(|field| field.name.starts_with(&format!("{name}@"))))
            {
                self.system.push(Field { name, value });
            }
            return;
        }
        let name = match name_attribute {
            Some(name) => name,
            None if name == "Data" => {
                self.unnamed += 1;
                format!("#{}", self.unnamed - 1)
            }
            None => name,
        };
        self.data.push(Field { name, value });
    }
}

fn header(system: &[Field]) -> Header {
    let get = |name: &str| {
        system
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.value.trim().to_owned())
            .unwrap_or_default()
    };
    Header {
        time: Time::parse(&get("TimeCreated@SystemTime")).unwrap_or(Time::MIN),
        provider: get("Provider@Name"),
        event_id: get("EventID").parse().unwrap_or(0),
        record_id: get("EventRecordID").parse().ok(),
        channel: get("Channel"),
        computer: get("Computer"),
        user_sid: get("Security@UserID"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_follow_the_one_rule() {
        let xml = r#"<Event><System><Provider Name="P" Guid="{g}"/><EventID Qualifiers="16384">7045</EventID><Security/></System>
            <EventData><Data Name="ServiceName">a&amp;b</Data><Data>x</Data><Data>y</Data><Binary>00FF</Binary></EventData></Event>"#;
        let record = record(xml.to_owned()).unwrap();
        assert_eq!(
            (record.header.event_id, record.header.provider.as_str()),
            (7045, "P")
        );
        let data: Vec<_> = record
            .data
            .iter()
            .map(|f| (f.name.as_str(), f.value.as_str()))
            .collect();
        assert_eq!(
            data,
            [
                ("ServiceName", "a&b"),
                ("#0", "x"),
                ("#1", "y"),
                ("Binary", "00FF")
            ]
        );
    }
}
