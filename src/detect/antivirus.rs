//! Antivirus verdicts that name one of the tools: the "potentially unwanted alerts".
//!
//! Verdict names differ from vendor to vendor and cannot be listed, so the file's path and name
//! decide first. A verdict on a named tool is a sighting of that tool; where only the verdict
//! speaks of the family it is one of `antivirus`.

use super::catalog::{Hit, On};
use super::{Artefact, Catalog, Sighting};
use crate::event::fact::Antivirus;
use crate::timeline::Timeline;

/// Adds one sighting for each verdict that names a tool: the first in order of precedence.
pub(super) fn find(timeline: &Timeline, catalog: &Catalog, found: &mut Vec<Sighting>) {
    for (event, fact) in timeline.tables().antivirus.iter() {
        let text = verdict(timeline, &fact);
        let path = timeline.text(fact.path);
        let Some(hit) = surest(catalog, path).or_else(|| surest(catalog, &text)) else {
            continue;
        };
        let product = timeline
            .event(event)
            .map_or("", |event| event.kind.provider.as_str());
        let what = format!("{product}: {text}");
        let sure = hit.trace.sure;
        found.push(Sighting::new(
            hit.tool,
            Artefact::Antivirus,
            sure,
            event,
            what,
        ));
    }
}

/// The pattern that names a tool most surely; of equals the first in order of precedence.
fn surest<'c>(catalog: &'c Catalog, text: &str) -> Option<Hit<'c>> {
    catalog
        .matches(On::Antivirus, text)
        .into_iter()
        .min_by_key(|hit| (std::cmp::Reverse(hit.trace.sure), hit.tool))
}

/// What a verdict says, in the form that patterns see: `path | threat | process`.
fn verdict(timeline: &Timeline, fact: &Antivirus) -> String {
    [fact.path, fact.threat, fact.process]
        .iter()
        .filter_map(|symbol| timeline.strings().get(*symbol))
        .collect::<Vec<_>>()
        .join(" | ")
}
