//! The catalogue: every tool as data. The program's own entries are in `catalog/*.toml`; a user's
//! file (`--catalog FILE`) has the same form and is laid over them, entry by entry.

mod on;
mod tool;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use on::On;
pub use tool::{Tool, ToolKind, Trace};
pub use written::Problem;

use super::ToolIndex;
use super::names::{file_stem, program_name};
use super::pattern::Pattern;
use super::pattern_set::PatternSet;
use written::{WrittenTool, read};

/// The built-in catalogue, in order of precedence: named tools first, behaviours last.
const BUILT_IN: [(&str, &str); 4] = [
    (
        "built-in dual_use.toml",
        include_str!("catalog/dual_use.toml"),
    ),
    (
        "built-in offensive.toml",
        include_str!("catalog/offensive.toml"),
    ),
    (
        "built-in management.toml",
        include_str!("catalog/management.toml"),
    ),
    (
        "built-in behaviour.toml",
        include_str!("catalog/behaviour.toml"),
    ),
];

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
#[derive(Clone, Debug, Default)]
struct Class {
    patterns: PatternSet,
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    tool: ToolIndex,
    trace: usize,
    conditions: Arc<Conditions>,
}

/// A pattern for a whole value.
fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// What a pattern asks for besides its match.
#[derive(Debug)]
struct Conditions {
    unless: Option<Pattern>,
    image: Option<Pattern>,
    unless_image: Option<Pattern>,
}

impl Conditions {
    fn new(trace: &Trace) -> Self {
        let maybe = |pattern: &Option<String>| pattern.as_deref().map(|it| Pattern::new(whole(it)));
        Conditions {
            unless: maybe(&trace.unless),
            image: maybe(&trace.image),
            unless_image: maybe(&trace.unless_image),
        }
    }

    /// Compiles all of them now, to see whether they can be.
    fn check(&self) -> Result<(), regex::Error> {
        let all = [&self.unless, &self.image, &self.unless_image];
        let mut all = all.into_iter().flatten();
        all.try_for_each(Pattern::check)
    }

    fn spares(&self, value: &str) -> bool {
        self.unless
            .as_ref()
            .is_some_and(|unless| unless.is_match(value))
    }

    fn agrees(&self, trace: &Trace, value: &str, image: Option<&str>) -> bool {
        let has = |pattern: &Pattern| image.is_some_and(|image| pattern.is_match(image));
        self.image.as_ref().is_none_or(has)
            && !self.unless_image.as_ref().is_some_and(has)
            && (!trace.same_name
                || image
                    .is_some_and(|image| file_stem(program_name(image)) == value.to_lowercase()))
    }
}

/// A pattern with its conditions, compiled now to see whether they can be.
fn compile(trace: &Trace) -> Result<(Pattern, Conditions), regex::Error> {
    let (is, conditions) = (Pattern::new(whole(&trace.is)), Conditions::new(trace));
    is.check()?;
    conditions.check()?;
    Ok((is, conditions))
}

/// All tools, with their patterns.
#[derive(Clone, Debug)]
pub struct Catalog {
    tools: Vec<Tool>,
    /// By kind of value, in the order of [`On::ALL`].
    classes: Vec<Class>,
    /// The patterns for what is done to a file over a share.
    over_share: PatternSet,
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
    /// The group `run`, lower case.
    pub run: Option<String>,
    /// The group `service_pid`, hexadecimal: the low 16 bits of the service's process id.
    pub service_pid: Option<u32>,
    conditions: &'c Conditions,
}

impl Hit<'_> {
    /// Whether what stands beside the value (a service's program path, the program that wrote a
    /// registry value …) is of the wanted form, where the pattern asks for one.
    pub fn agrees(&self, value: &str, image: Option<&str>) -> bool {
        self.conditions.agrees(self.trace, value, image)
    }
}

impl Catalog {
    /// The built-in catalogue.
    ///
    /// # Errors
    /// Never in a released program: a test compiles it.
    pub fn built_in() -> Result<Self, CatalogError> {
        Ok(Self::new(built_in_tools()?))
    }

    /// The built-in catalogue with a user's file laid over it: an entry with a known id adds its
    /// patterns to that tool, any other is a new tool.
    ///
    /// # Errors
    /// When the file cannot be read or is not of the right form; all problems at once, with lines.
    pub fn with_file(path: &Path) -> Result<Self, CatalogError> {
        let text = read_file(path)?;
        let (tools, problems) = lay_over(built_in_tools()?, &text);
        if problems.is_empty() {
            Ok(Self::new(tools))
        } else {
            Err(invalid(path, &problems))
        }
    }

    /// Everything that is wrong with a user's file, in order of lines: its form, its regular
    /// expressions, and examples (`matches`, `spares`) that its patterns do not honour.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn check(path: &Path) -> Result<Vec<Problem>, CatalogError> {
        let text = read_file(path)?;
        let (_, mut problems) = lay_over(built_in_tools()?, &text);
        let (tools, _) = read(&text);
        for tool in &tools {
            for trace in &tool.traces {
                problems.extend(failing_examples(&tool.id, trace));
            }
        }
        problems.sort();
        problems.dedup();
        Ok(problems)
    }

    fn new(tools: Vec<Tool>) -> Self {
        let mut classes: Vec<Vec<(Arc<Pattern>, Member)>> = vec![Vec::new(); On::ALL.len()];
        for (index, tool) in tools.iter().enumerate() {
            for (number, trace) in tool.traces.iter().enumerate() {
                let is = Arc::new(Pattern::new(whole(&trace.is)));
                let member = Member {
                    tool: index,
                    trace: number,
                    conditions: Arc::new(Conditions::new(trace)),
                };
                for on in &trace.on {
                    if let Some(class) = classes.get_mut(*on as usize) {
                        class.push((Arc::clone(&is), member.clone()));
                    }
                }
            }
        }
        let class = |members: Vec<(Arc<Pattern>, Member)>| {
            let (patterns, members): (Vec<_>, _) = members.into_iter().unzip();
            Class {
                patterns: PatternSet::new(patterns),
                members,
            }
        };
        let classes: Vec<Class> = classes.into_iter().map(class).collect();
        let of_files = [On::ShareFile, On::File, On::Dropped].into_iter();
        let of_files = of_files.filter_map(|on| Some(&classes.get(on as usize)?.patterns));
        Catalog {
            over_share: PatternSet::of_all(of_files),
            tools,
            classes,
        }
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

    /// Whether a pattern of [`On::ShareFile`], [`On::File`] or [`On::Dropped`] may match a file on a
    /// share, given as `SHARE\path`: hardly any file is worth being held against each kind.
    pub fn may_match_on_share(&self, path: &str) -> bool {
        self.over_share.may_match(path)
    }

    /// Every pattern of that kind that matches the whole value, in order of precedence. The value
    /// is one that [`On::value`] gives; what stands beside it is not looked at ([`Hit::agrees`]).
    pub fn matches(&self, on: On, value: &str) -> Vec<Hit<'_>> {
        let Some(class) = self.classes.get(on as usize) else {
            return Vec::new();
        };
        let places = class.patterns.matches(value).into_iter();
        places
            .filter_map(|place| {
                let member = class.members.get(place)?;
                if member.conditions.spares(value) {
                    return None;
                }
                let groups = class.patterns.get(place)?.named_groups(value);
                let group = |name: &str| groups.as_ref()?.name(name);
                Some(Hit {
                    tool: member.tool,
                    trace: self.tools.get(member.tool)?.traces.get(member.trace)?,
                    service: group("service").map(|name| name.to_lowercase()),
                    client: group("client").map(str::to_owned),
                    pid: group("pid").and_then(|pid| pid.parse().ok()),
                    run: group("run").map(|run| run.to_lowercase()),
                    service_pid: group("service_pid")
                        .and_then(|pid| u32::from_str_radix(pid, 16).ok()),
                    conditions: &member.conditions,
                })
            })
            .collect()
    }

    /// Examples that patterns do not honour, with the tool's id; empty in a sound catalogue.
    pub fn failing_examples(&self) -> Vec<Problem> {
        self.tools
            .iter()
            .flat_map(|tool| {
                tool.traces
                    .iter()
                    .flat_map(|trace| failing_examples(&tool.id, trace))
            })
            .collect()
    }
}

fn read_file(path: &Path) -> Result<String, CatalogError> {
    std::fs::read_to_string(path).map_err(|source| CatalogError::Io {
        path: path.to_owned(),
        source,
    })
}

fn built_in_tools() -> Result<Vec<Tool>, CatalogError> {
    let mut tools = Vec::new();
    for (name, text) in BUILT_IN {
        let (written, mut problems) = read(text);
        for tool in written {
            match tool.complete() {
                Ok(tool) => tools.push(tool),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(invalid(Path::new(name), &problems));
        }
    }
    Ok(tools)
}

/// Lays a user's file over the tools.
fn lay_over(mut tools: Vec<Tool>, text: &str) -> (Vec<Tool>, Vec<Problem>) {
    let (written, mut problems) = read(text);
    for tool in written {
        for trace in &tool.traces {
            if let Err(error) = compile(trace) {
                problems.push(broken(&tool.id, trace, &error));
            }
        }
        if let Err(problem) = add(&mut tools, tool) {
            problems.push(problem);
        }
    }
    problems.sort();
    (tools, problems)
}

fn add(tools: &mut Vec<Tool>, tool: WrittenTool) -> Result<(), Problem> {
    if let Some(known) = tools.iter_mut().find(|known| known.id == tool.id) {
        known.traces.extend(tool.traces);
        return Ok(());
    }
    let tool = tool.complete()?;
    // Before the behaviours, so that a named tool wins over "some service".
    let place = tools
        .iter()
        .position(|known| known.kind == ToolKind::Behaviour);
    tools.insert(place.unwrap_or(tools.len()), tool);
    Ok(())
}

fn invalid(path: &Path, problems: &[Problem]) -> CatalogError {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    CatalogError::Invalid {
        path: path.to_owned(),
        problems: lines.join("\n"),
    }
}

fn broken(tool: &str, trace: &Trace, error: &regex::Error) -> Problem {
    Problem {
        line: trace.line,
        message: format!("tool `{tool}`: {error}"),
    }
}

/// The examples of a pattern that it does not honour, for every kind of value it is held against.
/// Nothing for a pattern that does not compile: that is said elsewhere.
fn failing_examples(tool: &str, trace: &Trace) -> Vec<Problem> {
    let Ok((is, conditions)) = compile(trace) else {
        return Vec::new();
    };
    let sights = |on: On, example: &str| {
        let (raw, image) = match example.split_once(" => ") {
            Some((raw, image)) if trace.looks_beside() => (raw, Some(image)),
            _ => (example, None),
        };
        let value = on.value(raw);
        is.is_match(&value) && !conditions.spares(&value) && conditions.agrees(trace, &value, image)
    };
    let mut problems = Vec::new();
    for on in &trace.on {
        let missed = trace.matches.iter().filter(|text| !sights(*on, text));
        let caught = trace.spares.iter().filter(|text| sights(*on, text));
        let mut wrong = |text: &str, verb: &str| {
            problems.push(Problem {
                line: trace.line,
                message: format!("tool `{tool}`, {on}: pattern {verb} its example `{text}`"),
            });
        };
        missed.for_each(|text| wrong(text, "does not match"));
        caught.for_each(|text| wrong(text, "must not match"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn no_file_on_a_share_that_a_pattern_matches_is_passed_over() {
        let own = "[[tool]]\nid='psexec'\n[[tool.trace]]\non='share-file'\nis='left.over'\nsure='likely'\nmatches=['left-over']\n";
        let (tools, problems) = lay_over(built_in_tools().unwrap(), own);
        assert_eq!(problems, []);
        let catalog = Catalog::new(tools);
        for on in [On::ShareFile, On::File, On::Dropped] {
            let traces = catalog.tools().iter().flat_map(|tool| &tool.traces);
            let its = traces.filter(|trace| trace.on.contains(&on));
            let examples: Vec<&String> = its.flat_map(|trace| &trace.matches).collect();
            assert!(!examples.is_empty(), "{on}");
            for example in examples {
                let path = format!("C$\\Übergabe\\{example}");
                assert!(catalog.may_match_on_share(&path), "{on}: {path}");
            }
        }
        assert!(!catalog.may_match_on_share("profiles$\\a.lund\\Übergabe.docx"));
    }

    #[test]
    fn a_file_may_add_to_a_known_tool_and_bring_new_ones() {
        let text = "[[tool]]\nid='psexec'\n[[tool.trace]]\non='service'\nis='hlpdsk'\nsure='likely'\n\
            [[tool]]\nid='mine'\ntitle='Mine'\nkind='dual-use'\nabout='ours'\n";
        let (tools, problems) = lay_over(built_in_tools().unwrap(), text);
        assert_eq!(problems, []);
        let catalog = Catalog::new(tools);
        let hits = catalog.matches(On::Service, "HLPDSK");
        assert_eq!(
            catalog.tool(hits.first().unwrap().tool).unwrap().id,
            "psexec"
        );
        assert!(catalog.find("mine") < catalog.find("remote-service"));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_its_line() {
        let text = "colour = 1\n[[tool]]\nid='x'\ntitel='x'\n[[tool.trace]]\non='pipes'\nis='a'\nsure='likely'\n\
            [[tool.trace]]\non='pipe'\nis='('\nsure='likely'\nsays2=''\n";
        let (_, problems) = lay_over(built_in_tools().unwrap(), text);
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 2, 4, 6, 11, 13], "{problems:#?}");
        assert!(problems[1].message.contains("lacks title, kind, about"));
        assert!(problems[3].message.contains("no such kind of value"));
    }

    #[test]
    fn an_example_that_fails_is_a_problem() {
        let text = "[[tool]]\nid='psexec'\n[[tool.trace]]\non=['pipe','file']\nis='a+'\nsure='likely'\nmatches=['b']\nspares=['C:\\x\\aa']\n";
        let (tools, _) = read(text);
        let problems = failing_examples("psexec", &tools[0].traces[0]);
        assert_eq!(problems.len(), 3, "{problems:#?}");
    }
}
