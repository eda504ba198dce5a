//! The finder: a few letters lead to any alert, host, account, process, page or command.

use std::time::Duration;

use super::{close_layer, command, filter, open};
use crate::tui::command::Ready;
use crate::tui::message::Effect;
use crate::tui::model::layer::{Among, Finder, Hit, HitKind, Leads, Matcher, commands};
use crate::tui::model::{Layer, Model};
use crate::tui::theme::Role;

/// How long a line rests after a key before it is looked for.
const PAUSE: Duration = Duration::from_millis(60);

/// Opens the finder.
pub(super) fn open_finder(model: &mut Model, among: Among) -> Vec<Effect> {
    model.layers.push(Layer::Finder(Finder::among(among)));
    let mut effects = gather(model);
    effects.extend(look(model));
    effects
}

/// Looks for what is typed. Commands and bookmarks are known at once; a worker finds the rest.
pub(super) fn look(model: &mut Model) -> Vec<Effect> {
    let job = model.number();
    let Some(Layer::Finder(finder)) = model.layers.last() else {
        return Vec::new();
    };
    let (among, typed) = (finder.among, finder.line.value().to_owned());
    match among {
        Among::Bookmarks => {
            let hits = bookmarks(model, &Matcher::of(&typed));
            if let Some(Layer::Finder(finder)) = model.layers.last_mut() {
                finder.take(hits);
            }
            Vec::new()
        }
        Among::Everything => {
            let names = model.data.shared_names();
            if let Some(Layer::Finder(finder)) = model.layers.last_mut() {
                finder.awaited = Some(job);
            }
            let pause = match typed.is_empty() {
                true => Duration::ZERO,
                false => PAUSE,
            };
            vec![Effect::FindAnything {
                job,
                typed,
                names,
                pause,
            }]
        }
    }
}

fn bookmarks(model: &Model, matcher: &Matcher) -> Vec<Hit> {
    let places = model.data.bookmarks().iter();
    let hits = places.filter_map(|place| {
        let (text, note) = model.data.place_words(place);
        let score = matcher.score(&text)?;
        Some(Hit {
            kind: HitKind::Bookmark,
            text,
            note,
            leads: Leads::To(place.clone()),
            score,
        })
    });
    hits.collect()
}

/// Takes what a worker found, and the commands that fit.
pub(super) fn take(model: &mut Model, job: u64, mut hits: Vec<Hit>, is_whole: bool) {
    let typed = match model.layers.last() {
        Some(Layer::Finder(finder)) if finder.awaited == Some(job) => {
            finder.line.value().to_owned()
        }
        _ => return,
    };
    // without a word, what the evidence holds comes first
    if !typed.trim().is_empty() {
        let layer = model.layers.pop();
        hits.extend(commands(model, &Matcher::of(&typed)));
        model.layers.extend(layer);
    }
    if let Some(Layer::Finder(finder)) = model.layers.last_mut() {
        finder.take(hits);
        if is_whole {
            finder.awaited = None;
        }
    }
}

/// Names are there now: they may be among what is looked for.
pub(super) fn renew(model: &mut Model) -> Vec<Effect> {
    match model.layers.last() {
        Some(Layer::Finder(_)) => look(model),
        _ => Vec::new(),
    }
}

/// There is a new snapshot: what was found leads into the one before, and is found again.
pub(super) fn anew(model: &mut Model) -> Vec<Effect> {
    let Some(Layer::Finder(finder)) = model.layers.last_mut() else {
        return Vec::new();
    };
    finder.hits.clear();
    let mut effects = look(model);
    effects.extend(gather(model));
    effects
}

/// Asks for the names that are looked among.
fn gather(model: &mut Model) -> Vec<Effect> {
    match model.layers.last() {
        Some(Layer::Finder(finder)) if finder.among == Among::Everything => {
            filter::gather_names(model)
        }
        _ => Vec::new(),
    }
}

/// Goes to what the cursor is on.
pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    let hit = match model.layers.last() {
        Some(Layer::Finder(finder)) => finder.here().cloned(),
        _ => None,
    };
    let Some(hit) = hit else { return Vec::new() };
    close_layer(model);
    let mut effects = vec![Effect::StopFinder];
    match hit.leads {
        Leads::To(target) => effects.extend(open::target(model, target)),
        Leads::Runs(command) => match command.ready(model) {
            Ready::Yes => effects.extend(command::run(model, command)),
            Ready::No(reason) => {
                model.say(Role::Warning, format!("{}: {reason}", command.title()));
            }
            Ready::Elsewhere => {}
        },
    }
    effects
}
