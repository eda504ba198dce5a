//! Masks passwords in everything of an alert that may quote a command line.

use crate::investigate::Alert;
use crate::text::mask_secrets;

/// The alert without passwords.
pub(super) fn mask(mut alert: Alert) -> Alert {
    let texts = [&mut alert.title];
    let service = alert.service.iter_mut().flat_map(|service| {
        service
            .image_path
            .iter_mut()
            .chain([&mut service.name])
            .chain(&mut service.others)
    });
    let commands = alert
        .processes
        .iter_mut()
        .filter_map(|process| process.command_line.as_mut());
    let sightings = alert
        .sightings
        .iter_mut()
        .map(|sighting| &mut sighting.what);
    let signals = alert.signals.iter_mut().map(|signal| &mut signal.what);
    let answers = alert
        .questions
        .iter_mut()
        .filter_map(|question| question.answer.as_mut());
    texts
        .into_iter()
        .chain(service)
        .chain(commands)
        .chain(sightings)
        .chain(signals)
        .chain(answers)
        .chain(&mut alert.gaps)
        .for_each(|text| *text = mask_secrets(text));
    alert
}
