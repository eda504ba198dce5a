//! The catalogue: every tool as data. The program's own entries are in `catalog.toml` beside this
//! file; a user's file (`--catalog FILE`) has the same form and is laid over them, entry by entry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::{Certainty, ToolIndex};

/// The built-in catalogue.
const BUILT_IN: &str = include_str!("catalog.toml");

/// What a tool is for. It decides who is meant to use it, never who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolKind {
    /// Used by administrators and attackers alike.
    DualUse,
    /// Made for attacks and tests.
    Offensive,
    /// A management product: context, severity info.
    Management,
    /// A behaviour without a named tool.
    Behaviour,
}

/// Which value of which event a pattern is held against.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// Service name, display or key: 7045, 4697, 7036 and relatives, registry `Services\NAME`, 4674.
    Service,
    /// Program path of a service as logged, with `%%` undone: 7045, 4697, registry `ImagePath`.
    ServiceImage,
    /// File name of a program that `services.exe` started, or whose starter is not known.
    ServiceProcess,
    /// File name of any program that starts.
    Process,
    /// OriginalFileName of the service program.
    ServiceOriginalName,
    /// OriginalFileName of the client program.
    OriginalName,
    /// Command line of any program that starts.
    Command,
    /// Command line of a child of `services.exe`.
    ServiceCommand,
    /// Pipe name without its backslash: Sysmon 17, 18 and 5145 on `IPC$`.
    Pipe,
    /// File name of a file written: Sysmon 11 and 5145 with write access.
    File,
    /// Registry path: Sysmon 12, 13, 14.
    Registry,
    /// Text of an antivirus verdict: path or threat.
    Antivirus,
}

/// One pattern of a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// What it is held against.
    pub on: On,
    /// Regular expression for the whole value, without regard to case. The groups `service`,
    /// `client` and `pid` name the service, the client host and the client's process id.
    pub is: String,
    /// For [`On::Service`]: the program path must match too.
    pub image: Option<String>,
    /// How sure this trace alone makes the tool.
    pub sure: Certainty,
    /// What a match shows, in words.
    pub says: Option<String>,
}

/// A tool of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Stable id, as in JSON.
    pub id: String,
    /// Name for humans.
    pub title: String,
    /// What it is for.
    pub kind: ToolKind,
    /// What it is and who uses it.
    pub about: String,
    /// Where the knowledge comes from.
    pub source: String,
    /// Whether one use makes many services, one per command.
    #[serde(default)]
    pub many_services: bool,
    /// Whether the tool is started on Linux, whose side no Windows log shows.
    #[serde(default)]
    pub from_linux: bool,
    /// Its patterns.
    #[serde(default, rename = "trace")]
    pub traces: Vec<Trace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tool: Vec<Tool>,
}

/// What is wrong with a catalogue file, and where.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not of the right form, or patterns are no regular expressions.
    #[error("{path}: {problems}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Every problem with its line.
        problems: String,
    },
}

/// Patterns for one kind of value, matched together.
#[derive(Clone, Debug)]
struct Class {
    set: RegexSet,
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    tool: ToolIndex,
    trace: usize,
    regex: Regex,
    image: Option<Regex>,
}

/// All tools, with their patterns compiled.
#[derive(Clone, Debug)]
pub struct Catalog {
    tools: Vec<Tool>,
    classes: BTreeMap<On, Class>,
}

/// A pattern that matched a value.
#[derive(Clone, Debug)]
pub struct Hit<'c> {
    /// Tool.
    pub tool: ToolIndex,
    /// Pattern.
    pub trace: &'c Trace,
    /// The group `service`, lower case.
    pub service: Option<String>,
    /// The group `client`.
    pub client: Option<String>,
    /// The group `pid`.
    pub pid: Option<u32>,
    image: Option<&'c Regex>,
}

impl Hit<'_> {
    /// Whether the service's program path is of the wanted form, where the pattern asks for one.
    pub fn allows_image(&self, image: Option<&str>) -> bool {
        match (self.image, image) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(regex), Some(image)) => regex.is_match(image),
        }
    }
}

impl Catalog {
    /// The built-in catalogue.
    ///
    /// # Errors
    /// Never in a released program: a test compiles it.
    pub fn built_in() -> Result<Self, CatalogError> {
        let path = Path::new("built-in catalogue");
        Self::compile(parse(path, BUILT_IN)?, path, BUILT_IN)
    }

    /// The built-in catalogue with a user's file laid over it: an entry with a known id adds its
    /// patterns to that tool, any other is a new tool.
    ///
    /// # Errors
    /// When the file cannot be read or is not of the right form; all problems at once, with lines.
    pub fn with_file(path: &Path) -> Result<Self, CatalogError> {
        let text = std::fs::read_to_string(path).map_err(|source| CatalogError::Io {
            path: path.to_owned(),
            source,
        })?;
        let mut tools = parse(Path::new("built-in catalogue"), BUILT_IN)?;
        for tool in parse(path, &text)? {
            match tools.iter_mut().find(|known| known.id == tool.id) {
                Some(known) => known.traces.extend(tool.traces),
                // Before the behaviours, so that a named tool wins over "some service".
                None => {
                    let place = tools
                        .iter()
                        .position(|known| known.kind == ToolKind::Behaviour);
                    tools.insert(place.unwrap_or(tools.len()), tool);
                }
            }
        }
        Self::compile(tools, path, &text)
    }

    fn compile(tools: Vec<Tool>, path: &Path, text: &str) -> Result<Self, CatalogError> {
        let mut problems = Vec::new();
        let mut patterns: BTreeMap<On, (Vec<String>, Vec<Member>)> = BTreeMap::new();
        for (index, tool) in tools.iter().enumerate() {
            for (number, trace) in tool.traces.iter().enumerate() {
                let (written, members) = patterns.entry(trace.on).or_default();
                let compiled = whole(&trace.is)
                    .and_then(|regex| Ok((regex, trace.image.as_deref().map(whole).transpose()?)));
                match compiled {
                    Ok((regex, image)) => {
                        written.push(regex.as_str().to_owned());
                        members.push(Member {
                            tool: index,
                            trace: number,
                            regex,
                            image,
                        });
                    }
                    Err(error) => problems.push(format!(
                        "line {}: tool `{}`: {error}",
                        line_of(text, &trace.is),
                        tool.id
                    )),
                }
            }
        }
        if !problems.is_empty() {
            return Err(CatalogError::Invalid {
                path: path.to_owned(),
                problems: problems.join("\n"),
            });
        }
        let mut classes = BTreeMap::new();
        for (on, (written, members)) in patterns {
            let set = RegexSetBuilder::new(&written)
                .case_insensitive(true)
                .build()
                .map_err(|error| CatalogError::Invalid {
                    path: path.to_owned(),
                    problems: error.to_string(),
                })?;
            classes.insert(on, Class { set, members });
        }
        Ok(Catalog { tools, classes })
    }

    /// All tools, in order of precedence.
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// A tool by number.
    pub fn tool(&self, index: ToolIndex) -> Option<&Tool> {
        self.tools.get(index)
    }

    /// The number of a tool.
    pub fn find(&self, id: &str) -> Option<ToolIndex> {
        self.tools.iter().position(|tool| tool.id == id)
    }

    /// Every pattern of that kind that matches the whole value, in order of precedence.
    pub fn matches(&self, on: On, value: &str) -> Vec<Hit<'_>> {
        let Some(class) = self.classes.get(&on) else {
            return Vec::new();
        };
        class
            .set
            .matches(value)
            .into_iter()
            .filter_map(|place| {
                let member = class.members.get(place)?;
                let captures = member.regex.captures(value)?;
                let group = |name: &str| captures.name(name).map(|found| found.as_str().to_owned());
                Some(Hit {
                    tool: member.tool,
                    trace: self.tools.get(member.tool)?.traces.get(member.trace)?,
                    service: group("service").map(|name| name.to_lowercase()),
                    client: group("client"),
                    pid: group("pid").and_then(|pid| pid.parse().ok()),
                    image: member.image.as_ref(),
                })
            })
            .collect()
    }
}

fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .build()
}

fn parse(path: &Path, text: &str) -> Result<Vec<Tool>, CatalogError> {
    toml::from_str::<File>(text)
        .map(|file| file.tool)
        .map_err(|error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            CatalogError::Invalid {
                path: path.to_owned(),
                problems: format!("line {line}: {}", error.message()),
            }
        })
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset)
        .map_or(1, |before| before.matches('\n').count() + 1)
}

fn line_of(text: &str, pattern: &str) -> usize {
    text.find(pattern).map_or(0, |offset| line_at(text, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_compiles() {
        let catalog = Catalog::built_in().unwrap();
        assert!(catalog.find("winexe").is_some());
        let ids: std::collections::BTreeSet<_> =
            catalog.tools().iter().map(|tool| &tool.id).collect();
        assert_eq!(ids.len(), catalog.tools().len(), "ids are unique");
    }

    #[test]
    fn a_pipe_names_service_client_and_pid() {
        let catalog = Catalog::built_in().unwrap();
        let hits = catalog.matches(On::Pipe, "blabla-NLLT108334-37048-stdin");
        let hit = hits.first().unwrap();
        assert_eq!(catalog.tool(hit.tool).unwrap().id, "psexec");
        assert_eq!(hit.service.as_deref(), Some("blabla"));
        assert_eq!(
            (hit.client.as_deref(), hit.pid),
            (Some("NLLT108334"), Some(37048))
        );
    }

    #[test]
    fn a_broken_pattern_is_named_with_its_line() {
        let text = "[[tool]]\nid='x'\ntitle='x'\nkind='dual-use'\nabout=''\nsource=''\n[[tool.trace]]\non='pipe'\nis='('\nsure='likely'\n";
        let path = Path::new("mine.toml");
        let error = Catalog::compile(parse(path, text).unwrap(), path, text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("line"), "{error}");
    }
}
