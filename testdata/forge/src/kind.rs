//! Event kinds: which provider writes what with which fields. The facts are data, in `kinds/*.toml`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::identity::Guid;
use crate::value::{Value, ValueType, number};

const FILES: [(&str, &str); 3] = [
    ("kinds/system.toml", include_str!("../kinds/system.toml")),
    (
        "kinds/security.toml",
        include_str!("../kinds/security.toml"),
    ),
    (
        "kinds/operational.toml",
        include_str!("../kinds/operational.toml"),
    ),
];

/// How a provider's records look around their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Manifest providers: provider and channel are values of the template.
    #[default]
    Manifest,
    /// Providers whose name and channel are fixed text of the template.
    Fixed,
    /// Classic sources: no version, opcode, correlation or execution.
    Classic,
}

/// Who writes events.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// `Provider/@Name`.
    pub name: String,
    /// `Provider/@Guid`, with braces where Windows writes them.
    #[serde(default)]
    pub guid: Option<String>,
    /// `Provider/@EventSourceName`.
    #[serde(default)]
    pub source: Option<String>,
    /// The look of its records.
    #[serde(default)]
    pub style: Style,
    /// The channel of its events.
    pub channel: String,
    /// The default of `Keywords`.
    #[serde(default)]
    pub keywords: String,
    /// The default of `Level`.
    #[serde(default)]
    pub level: u8,
    /// The process whose id stands in `Execution`: a name such as `lsass`, or nothing for 0.
    #[serde(default)]
    pub writer: Option<String>,
    /// The default of `Security/@UserID`.
    #[serde(default)]
    pub user: Option<String>,
}

/// Where the data of an event stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// `EventData` with named `Data`.
    Named,
    /// `EventData` with one list of unnamed `Data`.
    Unnamed,
    /// `UserData` with this element and namespace.
    User(String, String),
}

/// A field of a layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub value_type: ValueType,
    /// What stands there when the scenario says nothing.
    pub default: Option<String>,
}

/// One shape of one event: everything but the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// The kind's name, for messages.
    pub kind: String,
    /// The provider.
    pub provider: Arc<Provider>,
    /// `EventID`.
    pub event_id: u16,
    /// `EventID/@Qualifiers`.
    pub qualifiers: Option<u16>,
    /// `Version`.
    pub version: u8,
    /// `Level`.
    pub level: u8,
    /// `Task`.
    pub task: u16,
    /// `Opcode`.
    pub opcode: u8,
    /// `Keywords`.
    pub keywords: u64,
    /// Where the data stands.
    pub body: Body,
    /// The fields in order.
    pub fields: Vec<Field>,
}

/// All layouts of a kind; the last is the newest.
#[derive(Debug)]
pub struct Kind {
    layouts: Vec<(String, Arc<Layout>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    provider: BTreeMap<String, Provider>,
    kind: Vec<KindEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEntry {
    name: String,
    provider: String,
    id: u16,
    qualifiers: Option<u16>,
    #[serde(default)]
    version: u8,
    level: Option<u8>,
    #[serde(default)]
    task: u16,
    #[serde(default)]
    opcode: u8,
    keywords: Option<String>,
    channel: Option<String>,
    writer: Option<String>,
    user_data: Option<[String; 2]>,
    #[serde(default)]
    unnamed: bool,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    layout: Vec<LayoutEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutEntry {
    name: String,
    version: u8,
    #[serde(default)]
    drop: Vec<String>,
}

impl Field {
    /// Reads `Name:type` or `Name:type=default`.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(format!(
                "`{text}` is no field; write `Name:type` or `Name:type=default`"
            ))
        };
        let (name, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (type_name, default) = rest
            .split_once('=')
            .map_or((rest, None), |(t, d)| (t, Some(d.to_owned())));
        Ok(Self {
            name: name.to_owned(),
            value_type: ValueType::from_name(type_name)?,
            default,
        })
    }

    /// The value when nobody gives one.
    pub fn default_value(&self) -> Result<Value> {
        match (&self.default, self.value_type) {
            (Some(text), value_type) => {
                Value::parse(value_type, text).map_err(|e| e.at_key(&self.name))
            }
            (None, ValueType::Text) => Ok(Value::Text("-".to_owned())),
            (None, ValueType::Sid) => Value::parse(ValueType::Sid, "-"),
            (None, ValueType::Guid) => Ok(Value::Guid(Guid::default())),
            (
                None,
                ValueType::TextList | ValueType::Binary | ValueType::Null | ValueType::BinXml,
            ) => Ok(Value::Null),
            (None, ValueType::FileTime) => Ok(Value::FileTime(crate::time::Time::default())),
            (None, ValueType::Bool) => Ok(Value::Bool(false)),
            (None, value_type) => Value::parse(value_type, "0"),
        }
    }
}

impl Kind {
    /// The layout of that name, or the newest.
    pub fn layout(&self, name: Option<&str>) -> Result<&Arc<Layout>> {
        let found = match name {
            Some(name) => self.layouts.iter().find(|(known, _)| known == name),
            None => self.layouts.last(),
        };
        found.map(|(_, layout)| layout).ok_or_else(|| {
            let known: Vec<&str> = self.layouts.iter().map(|(name, _)| name.as_str()).collect();
            Error::new(format!(
                "no such layout `{}`; there are {}",
                name.unwrap_or_default(),
                known.join(", ")
            ))
        })
    }

    /// The names of all layouts, oldest first.
    pub fn layout_names(&self) -> impl Iterator<Item = &str> {
        self.layouts.iter().map(|(name, _)| name.as_str())
    }
}

/// All kinds by name.
pub fn kinds() -> Result<&'static BTreeMap<String, Kind>> {
    static KINDS: OnceLock<std::result::Result<BTreeMap<String, Kind>, String>> = OnceLock::new();
    let loaded = KINDS.get_or_init(|| load().map_err(|error| error.to_string()));
    loaded.as_ref().map_err(|text| Error::new(text.clone()))
}

/// The kind of that name.
pub fn kind(name: &str) -> Result<&'static Kind> {
    let all = kinds()?;
    all.get(name).ok_or_else(|| {
        let family = name.split('-').next().unwrap_or(name);
        let near: Vec<&str> = all
            .keys()
            .map(String::as_str)
            .filter(|known| known.starts_with(family))
            .collect();
        let hint = if near.is_empty() {
            "`forge kinds` lists all".to_owned()
        } else {
            format!("there are {}", near.join(", "))
        };
        Error::new(format!("no event kind `{name}`; {hint}"))
    })
}

fn load() -> Result<BTreeMap<String, Kind>> {
    let mut all = BTreeMap::new();
    for (file, text) in FILES {
        let read: KindFile =
            toml::from_str(text).map_err(|error| Error::new(format!("{file}: {error}")))?;
        let providers: BTreeMap<String, Arc<Provider>> = read
            .provider
            .into_iter()
            .map(|(name, provider)| (name, Arc::new(provider)))
            .collect();
        for entry in read.kind {
            let name = entry.name.clone();
            let kind = compile(entry, &providers)
                .map_err(|e| Error::new(format!("{file}: kind {name}: {e}")))?;
            all.insert(name, kind);
        }
    }
    Ok(all)
}

fn compile(entry: KindEntry, providers: &BTreeMap<String, Arc<Provider>>) -> Result<Kind> {
    let mut provider = providers
        .get(&entry.provider)
        .cloned()
        .ok_or_else(|| Error::new(format!("no provider `{}`", entry.provider)))?;
    if entry.channel.is_some() || entry.writer.is_some() {
        let changed = Arc::make_mut(&mut provider);
        changed.channel = entry.channel.unwrap_or_else(|| changed.channel.clone());
        changed.writer = entry.writer.or_else(|| changed.writer.clone());
    }
    let fields = entry
        .fields
        .iter()
        .map(|field| Field::parse(field))
        .collect::<Result<Vec<_>>>()?;
    let body = match entry.user_data {
        Some([element, namespace]) => Body::User(element, namespace),
        None if entry.unnamed => Body::Unnamed,
        None => Body::Named,
    };
    let keywords = entry.keywords.as_deref().unwrap_or(&provider.keywords);
    let newest = Layout {
        kind: entry.name,
        event_id: entry.id,
        qualifiers: entry.qualifiers,
        version: entry.version,
        level: entry.level.unwrap_or(provider.level),
        task: entry.task,
        opcode: entry.opcode,
        keywords: if keywords.is_empty() {
            0
        } else {
            number(keywords)?
        },
        provider,
        body,
        fields,
    };
    let mut layouts = Vec::new();
    for older in entry.layout {
        let mut layout = newest.clone();
        layout.version = older.version;
        layout
            .fields
            .retain(|field| !older.drop.contains(&field.name));
        layouts.push((older.name, Arc::new(layout)));
    }
    if layouts.is_empty() {
        layouts.push(("only".to_owned(), Arc::new(newest)));
    }
    Ok(Kind { layouts })
}
