//! Antivirus verdicts that name one of the tools: the "potentially unwanted alerts".
//!
//! Verdict names differ from vendor to vendor and cannot be listed, so the file's path and name
//! decide first. A verdict on a named tool is a sighting of that tool; where only the verdict
//! speaks of the family it is one of `antivirus`.

use super::catalog::On;
use super::{Artefact, Catalog, Sighting};
use crate::timeline::Timeline;

pub(super) fn find(timeline: &Timeline, catalog: &Catalog, found: &mut Vec<Sighting>) {
    for (event, fact) in timeline.tables().antivirus.iter() {
        let text = format!(
            "{} {}",
            timeline.text(fact.path),
            timeline.text(fact.threat)
        );
        let hits = catalog.matches(On::Antivirus, text.trim());
        // Precedence: the first tool that the text names.
        let Some(hit) = hits.first() else { continue };
        let product = timeline
            .event(event)
            .map_or("", |event| event.kind.provider.as_str());
        found.push(Sighting {
            tool: hit.tool,
            artefact: Artefact::Antivirus,
            certainty: hit.trace.sure,
            event,
            what: format!("{product}: {}", text.trim()),
            service: None,
            client_host: None,
            client_pid: None,
        });
    }
}
