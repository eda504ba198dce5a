//! `dualuse case merge`: two analysts' files become one.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::case::{Case, Conflict, Merged};
use crate::cli::Outcome;
use crate::cli::output::Output;
use crate::report::to_json;
use crate::text::line;

pub(super) fn run(
    cases: &[PathBuf],
    output: &Path,
    json: bool,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    let inputs: Vec<&Path> = cases.iter().map(PathBuf::as_path).collect();
    let merged = Case::merge(&inputs, output)?;
    let conflicts = merged.case.conflicts();
    if json {
        let value = serde_json::json!({
            "case": output,
            "entries": merged.case.log().len(),
            "heads": merged.case.heads(),
            "inputs": merged.inputs,
            "conflicts": conflicts,
        });
        to_json(&value, out)?;
    } else {
        say(&merged, &conflicts, output, out)?;
    }
    let left_out = merged.inputs.iter().any(|input| input.left_out > 0);
    Ok(if left_out || !conflicts.is_empty() {
        Outcome::Found
    } else {
        Outcome::Done
    })
}

fn say(
    merged: &Merged,
    conflicts: &[Conflict],
    output: &Path,
    out: &mut Output,
) -> anyhow::Result<()> {
    let path = output.display().to_string();
    writeln!(out, "{}: {} entries", line(&path), merged.case.log().len())?;
    for input in &merged.inputs {
        let path = input.path.display().to_string();
        let left_out = match input.left_out {
            0 => String::new(),
            some => format!(", {some} LEFT OUT: they do not hold, or follow one that does not"),
        };
        writeln!(
            out,
            "  {}: {} entries{left_out}",
            line(&path),
            input.entries
        )?;
    }
    for conflict in conflicts {
        writeln!(
            out,
            "CONFLICT about alert {}: {}",
            line(&conflict.subject.alert),
            line(&conflict.subject.title)
        )?;
        for verdict in &conflict.verdicts {
            writeln!(
                out,
                "  {} said {}, {}",
                line(&verdict.content.author),
                line(&verdict.summary()),
                verdict.content.time
            )?;
        }
    }
    Ok(())
}
