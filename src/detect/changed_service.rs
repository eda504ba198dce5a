//! Services whose program was changed for a moment and put back: the way of SCShell, which installs
//! nothing and therefore leaves no installation event. Sysmon 13 on `…\Services\NAME\ImagePath`
//! shows it as two changes, the second back to an ordinary program.

use std::collections::HashMap;
use std::time::Duration;

use super::names::{plain_image, service_key};
use super::{Artefact, Catalog, Certainty, Sighting};
use crate::event::identity::file_name;
use crate::timeline::{EventIndex, HostId, Timeline};

/// From the change to putting it back: SCShell waits for the start to time out (30 s).
const PUT_BACK: Duration = Duration::from_secs(120);

/// Adds a sighting of `scshell` for each change that is put back.
pub(super) fn find(timeline: &Timeline, catalog: &Catalog, found: &mut Vec<Sighting>) {
    let Some(tool) = catalog.find("scshell") else {
        return;
    };
    let t = |symbol| timeline.text(symbol);
    let mut last: HashMap<(HostId, String), (EventIndex, String)> = HashMap::new();
    let mut created: HashMap<(HostId, String), EventIndex> = HashMap::new();
    for (event, fact) in timeline.tables().registry.iter() {
        let Some((service, value)) = service_key(t(fact.key)) else {
            continue;
        };
        let key = (timeline.host(event), service.to_lowercase());
        if value.is_empty() && t(fact.action).eq_ignore_ascii_case("CreateKey") {
            created.insert(key, event);
            continue;
        }
        if !value.eq_ignore_ascii_case("ImagePath")
            || !file_name(t(fact.image)).eq_ignore_ascii_case("services.exe")
        {
            continue;
        }
        let image = plain_image(t(fact.details));
        let is_recent =
            |other: &EventIndex| timeline.time(*other).plus(PUT_BACK) >= timeline.time(event);
        let before = last.insert(key.clone(), (event, image.clone()));
        let Some((changed, changed_to)) = before.filter(|(changed, _)| is_recent(changed)) else {
            continue;
        };
        let is_new = created.get(&key).is_some_and(is_recent);
        if is_new || changed_to.eq_ignore_ascii_case(&image) {
            continue;
        }
        for (event, what) in [
            (
                changed,
                format!("program of service {service} changed to {changed_to}"),
            ),
            (
                event,
                format!("program of service {service} put back to {image}"),
            ),
        ] {
            found.push(Sighting {
                service: Some(service.to_lowercase()),
                ..Sighting::new(tool, Artefact::Registry, Certainty::Likely, event, what)
            });
        }
    }
}
