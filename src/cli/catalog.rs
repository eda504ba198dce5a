//! `dualuse catalog`: the tools that are looked for.

use std::io::Write;

use super::Outcome;
use super::arguments::{Catalog as Arguments, CatalogAction};
use super::evidence::catalog;
use super::output::Output;
use crate::detect::Catalog;
use crate::text::{line, wrap};

pub(super) fn run(arguments: Arguments, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        CatalogAction::List { catalog: file } => list(&catalog(file.as_deref())?, out)?,
        CatalogAction::Explain {
            tool,
            catalog: file,
        } => explain(&catalog(file.as_deref())?, &tool, out)?,
        CatalogAction::Check { file } => {
            let catalog = catalog(Some(&file))?;
            writeln!(
                out,
                "{}: right, {} tools with the built-in ones",
                file.display(),
                catalog.tools().len()
            )?;
        }
    }
    Ok(Outcome::Done)
}

fn list(catalog: &Catalog, out: &mut Output) -> anyhow::Result<()> {
    let widest = catalog
        .tools()
        .iter()
        .map(|tool| tool.id.len())
        .max()
        .unwrap_or(0);
    for tool in catalog.tools() {
        writeln!(out, "{:widest$}  {}", line(&tool.id), line(&tool.title))?;
    }
    Ok(())
}

fn explain(catalog: &Catalog, id: &str, out: &mut Output) -> anyhow::Result<()> {
    let Some(tool) = catalog.find(id).and_then(|index| catalog.tool(index)) else {
        anyhow::bail!("no such tool: {id}; `dualuse catalog list` names them");
    };
    writeln!(out, "{} ({})", line(&tool.title), line(&tool.id))?;
    for part in wrap(&line(&tool.about), out.plain().width.unwrap_or(100)) {
        writeln!(out, "{part}")?;
    }
    if !tool.source.is_empty() {
        writeln!(out, "Source: {}", line(&tool.source))?;
    }
    writeln!(out, "\nTraces:")?;
    for trace in &tool.traces {
        writeln!(out, "  {}", line(&trace.in_words()))?;
    }
    Ok(())
}
