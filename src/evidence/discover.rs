//! Finds event logs in what the analyst hands in.

use std::fs;
use std::path::{Path, PathBuf};

use super::{ReadError, source};

/// Deepest folder nesting followed; beyond it a link loop is more likely than evidence.
const MAX_DEPTH: usize = 64;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Files to read: every file handed in by name, and in the folders every `.evtx` file and every
    /// other file that holds event records, each once, in path order.
    pub files: Vec<PathBuf>,
    /// Folders and files that could not be looked at.
    pub errors: Vec<ReadError>,
}

/// The evidence that a path lies in: a folder that holds it, or the very file. Nothing is written
/// there.
pub fn lies_in(path: &Path, evidence: &[PathBuf]) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = absolute.parent().unwrap_or(&absolute);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let given = evidence
        .iter()
        .filter_map(|given| given.canonicalize().ok());
    given.into_iter().find(|given| {
        if given.is_dir() {
            folder.starts_with(given)
        } else {
            absolute.canonicalize().is_ok_and(|target| target == *given)
        }
    })
}

/// Lists the event logs under files and folders, recursively. Links to folders are not followed.
pub fn discover(inputs: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for input in inputs {
        match fs::metadata(input) {
            Ok(meta) if meta.is_dir() => walk(input, 0, &mut found),
            Ok(_) => found.files.push(input.clone()),
            Err(source) => found.errors.push(ReadError::Io {
                path: input.clone(),
                source,
            }),
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

fn walk(folder: &Path, depth: usize, found: &mut Found) {
    let io = |source| ReadError::Io {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) if depth < MAX_DEPTH => entries,
        Ok(_) => return,
        Err(source) => return found.errors.push(io(source)),
    };
    for entry in entries {
        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
            Ok((path, kind)) if kind.is_dir() => walk(&path, depth + 1, found),
            Ok((path, _)) if source::is_evidence(&path) => found.files.push(path),
            Ok(_) => {}
            Err(source) => found.errors.push(io(source)),
        }
    }
}
