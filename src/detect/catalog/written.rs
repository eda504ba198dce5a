//! The form of a catalogue file: reads it and says everything that is wrong with it at once.

use std::fmt;

use memchr::memchr_iter;
use serde::de::{Error as _, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{On, Tool, ToolKind, Trace};
use crate::detect::Certainty;

/// Something wrong in a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// In words, with the remedy.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// A tool as a file has it. An addition to a known tool need only give the id and patterns.
pub(super) struct WrittenTool {
    pub(super) id: String,
    pub(super) line: usize,
    head: Head,
    pub(super) traces: Vec<Trace>,
}

impl WrittenTool {
    /// The tool, if the file says all that a new one needs; else what is missing.
    pub(super) fn complete(self) -> Result<Tool, Problem> {
        let missing: Vec<&str> = [
            ("title", self.head.title.is_none()),
            ("kind", self.head.kind.is_none()),
            ("about", self.head.about.is_none()),
        ]
        .into_iter()
        .filter_map(|(key, is_missing)| is_missing.then_some(key))
        .collect();
        match (self.head.title, self.head.kind, self.head.about) {
            (Some(title), Some(kind), Some(about)) => Ok(Tool {
                id: self.id,
                title,
                kind,
                about,
                source: self.head.source.unwrap_or_default(),
                many_services: self.head.many_services,
                from_linux: self.head.from_linux,
                traces: self.traces,
            }),
            _ => Err(Problem {
                line: self.line,
                message: format!(
                    "tool `{}` is new and lacks {}; to add to a known tool, use its id",
                    self.id,
                    missing.join(", ")
                ),
            }),
        }
    }
}

#[derive(Deserialize)]
struct Head {
    id: Option<String>,
    title: Option<String>,
    kind: Option<ToolKind>,
    about: Option<String>,
    source: Option<String>,
    #[serde(default)]
    many_services: bool,
    #[serde(default)]
    from_linux: bool,
}

const TOOL_KEYS: &[&str] = &[
    "id",
    "title",
    "kind",
    "about",
    "source",
    "many_services",
    "from_linux",
    "trace",
];

#[derive(Deserialize)]
struct Pattern {
    #[serde(deserialize_with = "one_or_many")]
    on: Vec<On>,
    is: String,
    unless: Option<String>,
    image: Option<String>,
    unless_image: Option<String>,
    #[serde(default)]
    same_name: bool,
    sure: Certainty,
    says: Option<String>,
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    spares: Vec<String>,
}

const TRACE_KEYS: &[&str] = &[
    "on",
    "is",
    "unless",
    "image",
    "unless_image",
    "same_name",
    "sure",
    "says",
    "matches",
    "spares",
];

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<On>, D::Error> {
    struct Words;
    impl<'de> Visitor<'de> for Words {
        type Value = Vec<On>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a kind of value such as \"service\", or a list of them")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Vec<On>, E> {
            On::from_word(word).map(|on| vec![on]).ok_or_else(|| {
                let known: Vec<&str> = On::ALL.iter().map(|on| on.word()).collect();
                E::custom(format!(
                    "no such kind of value `{word}`; kinds are {}",
                    known.join(", ")
                ))
            })
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Vec<On>, A::Error> {
            let mut all = Vec::new();
            while let Some(word) = words.next_element::<String>()? {
                all.extend(Words.visit_str::<A::Error>(&word)?);
            }
            if all.is_empty() {
                return Err(A::Error::custom("`on` names no kind of value"));
            }
            Ok(all)
        }
    }
    deserializer.deserialize_any(Words)
}

/// Reads a catalogue file; whatever is right is read even when something else is wrong.
pub(super) fn read(text: &str) -> (Vec<WrittenTool>, Vec<Problem>) {
    let mut file = File {
        text,
        problems: Vec::new(),
    };
    let tools = file.tools();
    file.problems.sort();
    (tools, file.problems)
}

struct File<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl<'t> File<'t> {
    fn tools(&mut self) -> Vec<WrittenTool> {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            self.wrong(at, error.message().to_owned());
        }
        let mut tools = Vec::new();
        for (key, value) in document.into_inner() {
            if key.get_ref() == "tool" {
                for value in self.tables(value, "tool") {
                    tools.extend(self.tool(value));
                }
            } else {
                let message = format!(
                    "unknown key `{}`; a catalogue holds [[tool]] only",
                    key.get_ref()
                );
                self.wrong(key.span().start, message);
            }
        }
        tools
    }

    fn tool(&mut self, (at, mut table): (usize, DeTable<'t>)) -> Option<WrittenTool> {
        self.drop_unknown(&mut table, TOOL_KEYS, "tool");
        let traces = table
            .remove("trace")
            .map(|value| self.tables(value, "tool.trace"))
            .unwrap_or_default();
        let traces: Vec<Trace> = traces
            .into_iter()
            .filter_map(|trace| self.trace(trace))
            .collect();
        let head: Head = self.decode(at, table)?;
        let Some(id) = head.id.clone().filter(|id| !id.is_empty()) else {
            self.wrong(at, "a tool needs an `id`".to_owned());
            return None;
        };
        Some(WrittenTool {
            id,
            line: self.line(at),
            head,
            traces,
        })
    }

    fn trace(&mut self, (at, mut table): (usize, DeTable<'t>)) -> Option<Trace> {
        self.drop_unknown(&mut table, TRACE_KEYS, "tool.trace");
        let line = self.line(table.get("is").map_or(at, |value| value.span().start));
        let pattern: Pattern = self.decode(at, table)?;
        Some(Trace {
            on: pattern.on,
            is: pattern.is,
            unless: pattern.unless,
            image: pattern.image,
            unless_image: pattern.unless_image,
            same_name: pattern.same_name,
            sure: pattern.sure,
            says: pattern.says,
            matches: pattern.matches,
            spares: pattern.spares,
            line,
        })
    }

    fn decode<T: for<'de> Deserialize<'de>>(&mut self, at: usize, table: DeTable<'t>) -> Option<T> {
        let value = Spanned::new(at..at, DeValue::Table(table));
        match T::deserialize(value.into_deserializer()) {
            Ok(decoded) => Some(decoded),
            Err(error) => {
                let at = error.span().map_or(at, |span| span.start);
                self.wrong(at, error.message().to_owned());
                None
            }
        }
    }

    /// The tables of `[[name]]`, each with its place.
    fn tables(&mut self, value: Value<'t>, name: &str) -> Vec<(usize, DeTable<'t>)> {
        let at = value.span().start;
        let DeValue::Array(items) = value.into_inner() else {
            self.wrong(
                at,
                format!("`{name}` must be a list of tables; write [[{name}]]"),
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.into_inner() {
                DeValue::Table(table) => tables.push((at, table)),
                _ => self.wrong(at, format!("`{name}` must be a table; write [[{name}]]")),
            }
        }
        tables
    }

    fn drop_unknown(&mut self, table: &mut DeTable<'t>, known: &[&str], name: &str) {
        let unknown: Vec<(usize, String)> = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .map(|key| (key.span().start, key.get_ref().to_string()))
            .collect();
        for (at, key) in unknown {
            let message = format!(
                "unknown key `{key}` in [[{name}]]; keys are {}",
                known.join(", ")
            );
            self.wrong(at, message);
            table.remove(key.as_str());
        }
    }

    fn wrong(&mut self, at: usize, message: String) {
        let line = self.line(at);
        self.problems.push(Problem { line, message });
    }

    fn line(&self, at: usize) -> usize {
        self.text.get(..at).map_or(1, |before| {
            memchr_iter(b'\n', before.as_bytes()).count() + 1
        })
    }
}
