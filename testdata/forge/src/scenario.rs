//! A story: hosts, accounts and events in TOML, and the log files they leave.
//!
//! The format is described in `testdata/forge/README.md`.

mod background;
mod damage;
pub(crate) mod draft;
mod files;
mod format;
pub(crate) mod host;
pub(crate) mod names;
mod population;
pub mod recipe;
mod run;
mod setup;
pub(crate) mod world;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use format::ScenarioFile;

/// A scenario that has been read.
#[derive(Debug)]
pub struct Scenario {
    path: Option<PathBuf>,
    parts: Vec<Part>,
}

/// One file of a scenario: the main file first, then those it includes.
#[derive(Debug)]
struct Part {
    path: Option<PathBuf>,
    text: String,
    file: ScenarioFile,
}

/// A log file that a scenario leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Where it belongs, relative to the folder of all logs.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Reads a scenario file and the files it includes.
pub fn load(path: &Path) -> Result<Scenario> {
    let main = Part::read(path)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let includes = main.file.include.clone();
    let mut parts = vec![main];
    for name in includes {
        parts.push(Part::read(&folder.join(name))?);
    }
    Ok(Scenario {
        path: Some(path.to_path_buf()),
        parts,
    })
}

/// Reads a scenario from text. It cannot include files.
pub fn from_text(text: &str) -> Result<Scenario> {
    let part = Part::parse(None, text.to_owned())?;
    if !part.file.include.is_empty() {
        return Err(Error::new(
            "a scenario given as text cannot include files; load it from a path",
        )
        .at_key("include"));
    }
    Ok(Scenario {
        path: None,
        parts: vec![part],
    })
}

impl Part {
    fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::from(error).in_file(path))?;
        Self::parse(Some(path), text).map_err(|error| error.in_file(path))
    }

    fn parse(path: Option<&Path>, text: String) -> Result<Self> {
        let file = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            Error::new(error.message()).at_line(line)
        })?;
        Ok(Self {
            path: path.map(Path::to_path_buf),
            text,
            file,
        })
    }
}

impl Scenario {
    /// The title.
    pub fn title(&self) -> &str {
        self.parts
            .first()
            .map_or("", |part| part.file.title.as_str())
    }

    /// What the story tells.
    pub fn description(&self) -> &str {
        self.parts
            .first()
            .map_or("", |part| part.file.description.as_str())
    }

    /// The log files that the story leaves. The same scenario gives the same bytes on every machine.
    pub fn build(&self) -> Result<Vec<LogFile>> {
        let built = self.build_inner();
        match &self.path {
            Some(path) => built.map_err(|error| error.in_file(path)),
            None => built,
        }
    }

    /// Builds the log files and writes them below the folder, making folders as needed.
    pub fn write_to(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for log in self.build()? {
            let path = folder.join(&log.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)
                    .map_err(|error| Error::from(error).in_file(parent))?;
            }
            std::fs::write(&path, &log.bytes).map_err(|error| Error::from(error).in_file(&path))?;
            written.push(path);
        }
        Ok(written)
    }

    fn build_inner(&self) -> Result<Vec<LogFile>> {
        let main = self
            .parts
            .first()
            .ok_or_else(|| Error::new("the scenario is empty"))?;
        let mut world = setup::world(&main.file)?;
        for part in &self.parts {
            run::events(&mut world, part).map_err(|error| part.place(error))?;
        }
        for (number, part) in self.parts.iter().enumerate() {
            background::run(&mut world, part, number).map_err(|error| part.place(error))?;
        }
        files::write(&mut world, &main.file)
    }
}

impl Part {
    fn place(&self, error: Error) -> Error {
        match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        }
    }
}

/// The line, counted from 1, on which a byte of the text stands.
fn line_of(text: &str, position: usize) -> usize {
    text.bytes()
        .take(position)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
