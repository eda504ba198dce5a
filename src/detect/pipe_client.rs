//! Where service and client part in the pipes that PsExec makes: `SERVICE-CLIENT-PID-stdin`.
//!
//! Either may have dashes of its own, so the name alone does not say. What else the host's logs
//! name does: its services, the programs put there, its pipes; else the hosts that are known.

use hashbrown::HashSet;

use super::Sighting;
use super::cache::Memo;
use super::names::{file_stem, is_program, pipe_name, plain_image, program_name, share_name};
use crate::event::fact::Fact;
use crate::event::identity::host_key;
use crate::timeline::{EventIndex, HostId, Timeline};

/// Parts the names anew where more than one place is possible.
pub(super) fn settle(timeline: &Timeline, found: &mut [Sighting]) {
    let mut known: Option<Known> = None;
    for sighting in found {
        let Some(stem) = stem(timeline, sighting) else {
            continue;
        };
        let known = known.get_or_insert_with(|| Known::of(timeline));
        if let Some((service, client)) = known.split(timeline.host(sighting.event), stem) {
            sighting.service = Some(service.to_lowercase());
            sighting.client_host = Some(client.to_owned());
        }
    }
}

/// `SERVICE-CLIENT` of such a pipe, when there are several places to part it.
fn stem<'t>(timeline: &'t Timeline, sighting: &Sighting) -> Option<&'t str> {
    let (service, client) = (
        sighting.service.as_ref()?,
        sighting
            .client_host
            .as_ref()
            .filter(|host| host.contains('-'))?,
    );
    let name = pipe_of(timeline, sighting.event)?;
    let length = service.len() + 1 + client.len();
    let (stem, rest) = name.split_at_checked(length)?;
    let tail = format!("-{}-std", sighting.client_pid?);
    let is_such = stem.to_lowercase() == format!("{service}-{}", client.to_lowercase());
    (is_such && rest.to_lowercase().starts_with(&tail)).then_some(stem)
}

fn pipe_of(timeline: &Timeline, event: EventIndex) -> Option<&str> {
    let name = match timeline.fact(event)? {
        Fact::Pipe(f) => f.name,
        Fact::ShareAccess(f) => f.target,
        _ => return None,
    };
    Some(pipe_name(timeline.text(name)))
}

/// Names that the logs know otherwise, lower case.
struct Known {
    services: HashSet<(HostId, String)>,
    hosts: HashSet<String>,
}

impl Known {
    fn of(timeline: &Timeline) -> Self {
        let t = |symbol| timeline.text(symbol);
        let tables = timeline.tables();
        let mut services = HashSet::new();
        for (event, fact) in tables.service_installs.iter() {
            let host = timeline.host(event);
            let image = plain_image(t(fact.image_path));
            services.insert((host, t(fact.name).to_lowercase()));
            services.insert((host, file_stem(program_name(&image))));
        }
        // Each text is looked at once for each host.
        let (mut names, mut programs) = (HashSet::new(), HashSet::new());
        for (event, fact) in tables.service_states.iter() {
            let host = timeline.host(event);
            names.extend([(host, fact.key_name), (host, fact.name)]);
        }
        for (event, fact) in tables.pipes.iter() {
            let host = timeline.host(event);
            names.insert((host, fact.name));
            programs.insert((host, fact.image));
        }
        for (event, fact) in tables.files.iter() {
            if is_program(t(fact.path)) {
                programs.insert((timeline.host(event), fact.path));
            }
        }
        let mut pipe_shares: Memo<bool> = Memo::default();
        for (event, fact) in tables.shares.iter().filter(|(_, fact)| fact.is_file) {
            let host = timeline.host(event);
            if pipe_shares.get(fact.share, || {
                share_name(t(fact.share)).eq_ignore_ascii_case("IPC$")
            }) {
                names.insert((host, fact.target));
            } else if is_program(t(fact.target)) {
                programs.insert((host, fact.target));
            }
        }
        let lower = |(host, name)| (host, pipe_name(t(name)).to_lowercase());
        services.extend(names.into_iter().map(lower));
        let stem = |(host, path)| (host, file_stem(t(path)));
        services.extend(programs.into_iter().map(stem));
        let mut hosts: HashSet<String> = timeline.hosts().map(|(_, name)| host_key(name)).collect();
        let mut noted: Memo<()> = Memo::default();
        for (_, logon) in tables.logons.iter() {
            let note = || _ = hosts.insert(host_key(t(logon.workstation)));
            noted.get(logon.workstation, note);
        }
        Known { services, hosts }
    }

    /// The longest service, else the longest client, that is known.
    fn split<'s>(&self, host: HostId, stem: &'s str) -> Option<(&'s str, &'s str)> {
        let splits: Vec<(&str, &str)> = stem
            .match_indices('-')
            .filter_map(|(at, _)| Some((stem.get(..at)?, stem.get(at + 1..)?)))
            .filter(|(service, client)| !service.is_empty() && !client.is_empty())
            .collect();
        let mut longest_first = splits.iter().rev();
        longest_first
            .find(|(service, _)| self.services.contains(&(host, service.to_lowercase())))
            .or_else(|| {
                let mut splits = splits.iter();
                splits.find(|(_, client)| self.hosts.contains(&host_key(client)))
            })
            .copied()
    }
}
