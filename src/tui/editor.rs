//! Lets the analyst write a note in the editor of the environment.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opens `text` in `$VISUAL` or `$EDITOR` and answers what was saved.
///
/// # Errors
/// In words, when no editor is named, it cannot be started, or it failed.
pub(super) fn edit(text: &str) -> Result<String, String> {
    let named = ["VISUAL", "EDITOR"].iter().find_map(|name| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    });
    let named = named.ok_or("no editor is named: set VISUAL or EDITOR")?;
    let mut words = named.split_whitespace();
    let program = words
        .next()
        .ok_or("no editor is named: set VISUAL or EDITOR")?;
    let file = Scratch::new(text)
        .map_err(|error| format!("the note cannot be handed to {program}: {error}"))?;
    let status = Command::new(program)
        .args(words)
        .arg(&file.path)
        .status()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if !status.success() {
        return Err(format!("{program} failed; the note is as it was"));
    }
    std::fs::read_to_string(&file.path)
        .map(|text| text.trim_end().to_owned())
        .map_err(|error| format!("the note cannot be read back: {error}"))
}

/// A file that only this user can read and that goes away with its value.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(text: &str) -> std::io::Result<Scratch> {
        let folder = std::env::temp_dir();
        for attempt in 0..100 {
            let path = folder.join(format!("dualuse-note-{}-{attempt}.md", std::process::id()));
            match private(&path) {
                Ok(mut file) => {
                    let scratch = Scratch { path };
                    file.write_all(text.as_bytes())?;
                    return Ok(scratch);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::Error::other(format!(
            "no free name in {}",
            folder.display()
        )))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
