//! `dualuse catalog`: the tools that are looked for.

use std::collections::BTreeSet;
use std::io::Write;

use super::Outcome;
use super::arguments::{Catalog as Arguments, CatalogAction};
use super::evidence::catalog;
use super::output::Output;
use crate::detect::Catalog;
use crate::detect::catalog::On;
use crate::investigate::{Leaning, signal_rules};
use crate::text::{line, wrap};

pub(super) fn run(arguments: Arguments, out: &mut Output) -> anyhow::Result<Outcome> {
    match arguments.action {
        CatalogAction::List { catalog: file } => list(&catalog(file.as_deref())?, out)?,
        CatalogAction::Explain {
            tool,
            catalog: file,
        } => explain(&catalog(file.as_deref())?, &tool, out)?,
        CatalogAction::Signals => signals(out)?,
        CatalogAction::Check { file } => {
            let problems = Catalog::check(&file)?;
            if !problems.is_empty() {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                anyhow::bail!("{}:\n{}", file.display(), lines.join("\n"));
            }
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

fn signals(out: &mut Output) -> anyhow::Result<()> {
    let width = out.plain().width.unwrap_or(100).saturating_sub(6);
    for rule in signal_rules() {
        let weight = match rule.leans {
            Leaning::Attacker => format!("+{}", rule.weight),
            Leaning::Admin => format!("-{}", rule.weight),
            Leaning::Undetermined => "0".to_owned(),
        };
        writeln!(out, "{weight:>4}  {}", line(rule.id))?;
        let mut about = vec![rule.text.to_owned(), format!("Source: {}", rule.source)];
        about.extend(rule.needs.map(|needs| format!("Needs: {needs}")));
        if !rule.subsumes.is_empty() {
            about.push(format!("Leaves out: {}", rule.subsumes.join(", ")));
        }
        for part in about.iter().flat_map(|text| wrap(&line(text), width)) {
            writeln!(out, "      {part}")?;
        }
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
    writeln!(out, "{}", tool.kind.words())?;
    let width = out.plain().width.unwrap_or(100);
    writeln!(out, "\nTraces:")?;
    for trace in &tool.traces {
        for part in wrap(&line(&trace.in_words()), width.saturating_sub(4)) {
            writeln!(out, "  {part}")?;
        }
        for example in &trace.matches {
            writeln!(out, "      such as {}", line(example))?;
        }
        for example in &trace.spares {
            writeln!(out, "      but not {}", line(example))?;
        }
    }
    let kinds: BTreeSet<On> = tool
        .traces
        .iter()
        .flat_map(|trace| trace.on.iter().copied())
        .collect();
    writeln!(out, "\nWhat the patterns are held against:")?;
    for on in kinds {
        writeln!(out, "  {on:22} {}", on.about())?;
    }
    Ok(())
}
