//! From a layout and its values to the two templates of a record: `System` and the data.

use std::collections::HashMap;
use std::io::{Seek, Write};
use std::sync::Arc;

use crate::binxml::{Element, Instance, Part, Template};
use crate::chunk::Record;
use crate::error::Result;
use crate::identity::{Guid, Sid};
use crate::kind::{Body, Layout, Style};
use crate::log::LogWriter;
use crate::time::Time;
use crate::value::{Value, ValueType};

const EVENT_NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";
const USER_NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events";

/// One event, ready to be written.
#[derive(Debug, Clone)]
pub struct Event {
    /// When, by the clock of its host.
    pub time: Time,
    /// `Computer`.
    pub computer: Arc<str>,
    /// The shape.
    pub layout: Arc<Layout>,
    /// One value for each field of the layout.
    pub values: Vec<Value>,
    /// `EventRecordID`.
    pub record_id: u64,
    /// `Execution/@ProcessID`.
    pub process_id: u32,
    /// `Execution/@ThreadID`.
    pub thread_id: u32,
    /// `Security/@UserID`.
    pub user: Option<Sid>,
    /// `Correlation/@ActivityID`.
    pub activity: Option<Guid>,
}

/// The template of `System` and that of the data.
type Pair = (Template, Template);

/// Keeps the templates of a file, so that each is built once.
#[derive(Debug, Default)]
pub struct Templates {
    known: HashMap<(usize, Arc<str>), Arc<Pair>>,
    layouts: Vec<Arc<Layout>>,
}

impl Templates {
    /// Writes the event under the given number of the file.
    pub fn write<W: Write + Seek>(
        &mut self,
        log: &mut LogWriter<W>,
        number: u64,
        event: &Event,
    ) -> Result<()> {
        let templates = self.of(&event.layout, &event.computer);
        let (system, data) = templates.as_ref();
        let data_values = data_values(&event.layout, &event.values);
        let nested = Instance {
            template: data,
            values: &data_values,
            nested: None,
        };
        let system_values = system_values(event);
        let instance = Instance {
            template: system,
            values: &system_values,
            nested: Some(&nested),
        };
        log.push(&Record {
            number,
            time: event.time,
            event: instance,
        })
    }

    fn of(&mut self, layout: &Arc<Layout>, computer: &Arc<str>) -> Arc<Pair> {
        // The layout is kept alive here, so its address names it.
        let key = (Arc::as_ptr(layout) as usize, Arc::clone(computer));
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let made = Arc::new((
            Template::new(system(layout, computer)),
            Template::new(data(layout)),
        ));
        self.layouts.push(Arc::clone(layout));
        self.known.insert(key, Arc::clone(&made));
        made
    }
}

/// The hole of the outer template that holds the data.
fn data_hole(style: Style) -> u16 {
    if style == Style::Manifest { 17 } else { 19 }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn optional(hole: u16, value_type: ValueType) -> Part {
    Part::OptionalHole(hole, value_type)
}

fn system(layout: &Layout, computer: &str) -> Element {
    let provider = &layout.provider;
    let manifest = provider.style == Style::Manifest;
    let modern = provider.style != Style::Classic;
    let mut who = Element::new("Provider");
    if manifest {
        who = who
            .attribute("Name", optional(14, ValueType::Text))
            .attribute("Guid", optional(15, ValueType::Guid));
    } else {
        who = who.attribute("Name", text(&provider.name));
        if let Some(guid) = &provider.guid {
            who = who.attribute("Guid", text(guid));
        }
        if let Some(source) = &provider.source {
            who = who.attribute("EventSourceName", text(source));
        }
    }
    let id = Element::new("EventID")
        .attribute("Qualifiers", optional(4, ValueType::U16))
        .part(optional(3, ValueType::U16))
        .depending_on(3);
    let mut system = Element::new("System").child(who).child(id);
    if modern {
        system = system.child(Element::optional("Version", 11, ValueType::U8));
    }
    system = system
        .child(Element::optional("Level", 0, ValueType::U8))
        .child(Element::optional("Task", 2, ValueType::U16));
    if modern {
        system = system.child(Element::optional("Opcode", 1, ValueType::U8));
    }
    system = system
        .child(Element::optional("Keywords", 5, ValueType::Hex64))
        .child(
            Element::new("TimeCreated").attribute("SystemTime", optional(6, ValueType::FileTime)),
        )
        .child(Element::optional("EventRecordID", 10, ValueType::U64));
    if modern {
        let related = if manifest { 13 } else { 18 };
        let correlation = Element::new("Correlation")
            .attribute("ActivityID", optional(7, ValueType::Guid))
            .attribute("RelatedActivityID", optional(related, ValueType::Guid));
        let execution = Element::new("Execution")
            .attribute("ProcessID", optional(8, ValueType::U32))
            .attribute("ThreadID", optional(9, ValueType::U32));
        system = system.child(correlation).child(execution);
    }
    system = system.child(if manifest {
        Element::optional("Channel", 16, ValueType::Text)
    } else {
        Element::new("Channel").part(text(&provider.channel))
    });
    system = system
        .child(Element::new("Computer").part(text(computer)))
        .child(Element::new("Security").attribute("UserID", optional(12, ValueType::Sid)));
    let hole = data_hole(provider.style);
    let event = Element::new("Event")
        .attribute("xmlns", text(EVENT_NAMESPACE))
        .child(system);
    match layout.body {
        Body::User(..) => event.child(
            Element::new("UserData")
                .part(optional(hole, ValueType::BinXml))
                .depending_on(hole),
        ),
        Body::Named | Body::Unnamed => event
            .part(optional(hole, ValueType::BinXml))
            .depending_on(hole),
    }
}

fn data(layout: &Layout) -> Element {
    let mut root = match &layout.body {
        Body::User(element, namespace) => Element::new(element)
            .attribute("xmlns:auto-ns3", text(USER_NAMESPACE))
            .attribute("xmlns", text(namespace)),
        Body::Named | Body::Unnamed => Element::new("EventData"),
    };
    let mut hole = 0;
    for field in &layout.fields {
        // Windows gives the length of bytes a place of its own before them.
        if field.value_type == ValueType::Binary {
            hole += 1;
            root = root.child(Element::optional(&field.name, hole, field.value_type));
        } else {
            let part = Part::Hole(hole, field.value_type);
            root = root.child(match layout.body {
                Body::User(..) => Element::new(&field.name).part(part),
                Body::Named => Element::new("Data")
                    .attribute("Name", text(&field.name))
                    .part(part),
                Body::Unnamed => Element::optional("Data", hole, field.value_type),
            });
        }
        hole += 1;
    }
    root
}

fn data_values(layout: &Layout, values: &[Value]) -> Vec<Value> {
    let mut all = Vec::with_capacity(values.len() + 1);
    for (field, value) in layout.fields.iter().zip(values) {
        if field.value_type == ValueType::Binary {
            let length = if let Value::Binary(bytes) = value {
                bytes.len()
            } else {
                0
            };
            all.push(Value::U32(u32::try_from(length).unwrap_or(u32::MAX)));
        }
        all.push(value.clone());
    }
    all
}

fn system_values(event: &Event) -> Vec<Value> {
    let layout = &event.layout;
    let provider = &layout.provider;
    let classic = provider.style == Style::Classic;
    let mut values = vec![
        Value::U8(layout.level),
        Value::U8(layout.opcode),
        Value::U16(layout.task),
        Value::U16(layout.event_id),
        layout.qualifiers.map_or(Value::Null, Value::U16),
        Value::Hex64(layout.keywords),
        Value::FileTime(event.time),
        event.activity.map_or(Value::Null, Value::Guid),
        Value::U32(if classic { 0 } else { event.process_id }),
        Value::U32(if classic { 0 } else { event.thread_id }),
        Value::U64(event.record_id),
        Value::U8(layout.version),
        event.user.clone().map_or(Value::Null, Value::Sid),
        Value::Null,
    ];
    if provider.style == Style::Manifest {
        values.push(Value::Text(provider.name.clone()));
        values.push(
            provider
                .guid
                .as_ref()
                .and_then(|guid| guid.parse().ok())
                .map_or(Value::Null, Value::Guid),
        );
        values.push(Value::Text(provider.channel.clone()));
    } else {
        values.resize(usize::from(data_hole(provider.style)), Value::Null);
    }
    values
}
