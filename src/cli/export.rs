//! `dualuse export`: a report into a file or to standard output.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use super::Outcome;
use super::arguments::Export;
use super::evidence::{examine_to_decide, keep_out_of_evidence};
use super::output::{Output, note};
use super::scan::options;
use crate::report::{Format, Report};

pub(super) fn run(arguments: &Export, out: &mut Output) -> anyhow::Result<Outcome> {
    let evidence = &arguments.evidence.evidence;
    let output = arguments
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    if let Some(path) = output {
        keep_out_of_evidence(path, evidence)?;
    }
    let format = match arguments.format {
        Some(format) => for_file(format.0, output)?,
        None => output.and_then(format_of).unwrap_or(Format::Markdown),
    };
    // A report lists its evidence with the hashes that prove which it was.
    let findings = examine_to_decide(&arguments.evidence)?;
    let case = findings.case_for_reading(evidence, &arguments.case)?;
    if case
        .log()
        .iter()
        .all(|entry| entry.content.subject.is_none())
    {
        note("the case of this evidence has no decision or note yet; the report says so");
    }
    let report = Report {
        timeline: &findings.snapshot.timeline,
        alerts: &findings.snapshot.alerts,
        case: &case,
        options: options(arguments.showing),
    };
    match output {
        None => report.write(format, out)?,
        Some(path) => {
            write_whole(path, |file| report.write(format, file))
                .with_context(|| format!("{}: the report could not be written", path.display()))?;
        }
    }
    Ok(match findings.outcome(0) {
        Outcome::Unread => Outcome::Unread,
        _ => Outcome::Done,
    })
}

/// Timesketch takes two forms and tells them by the file's ending: so do we.
fn for_file(format: Format, output: Option<&Path>) -> anyhow::Result<Format> {
    let forms = [Format::Timesketch, Format::TimesketchJsonl];
    let Some(path) = output.filter(|_| forms.contains(&format)) else {
        return Ok(format);
    };
    let has_ending = |form: &Format| {
        path.extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case(form.extension()))
    };
    forms.into_iter().find(has_ending).with_context(|| {
        format!(
            "{}: Timesketch imports only files that end in .csv or .jsonl; name it so",
            path.display()
        )
    })
}

/// The format that a file's ending asks for.
fn format_of(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?;
    Format::ALL
        .into_iter()
        .find(|format| format.extension().eq_ignore_ascii_case(ending))
}

/// Writes a file so that its name holds either what it held before or the whole new content.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        // A pipe or a device is written as it is.
        return write(&mut fs::File::options().write(true).open(path)?);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = fs::File::options()
        .write(true)
        .create_new(true)
        .open(&part)
        .and_then(|file| {
            let mut file = BufWriter::new(file);
            write(&mut file)?;
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
            fs::rename(&part, path)
        });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}
