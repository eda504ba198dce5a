//! Places to come back to: events and alerts that the analyst put a bookmark on.

use super::{Data, Model, Moved, Page, Target};
use crate::timeline::summary;

impl Data {
    /// The bookmarks, oldest first.
    pub fn bookmarks(&self) -> &[Target] {
        &self.bookmarks
    }

    /// Whether there is one at a place.
    pub fn is_bookmarked(&self, place: &Target) -> bool {
        self.bookmarks.contains(place)
    }

    /// Puts a bookmark at a place, or takes it away; answers whether it is there now.
    pub fn turn_bookmark(&mut self, place: Target) -> bool {
        let before = self.bookmarks.len();
        self.bookmarks.retain(|known| *known != place);
        let is_new = self.bookmarks.len() == before;
        if is_new {
            self.bookmarks.push(place);
        }
        is_new
    }

    /// Where the bookmarks are in a new snapshot.
    pub(super) fn moved_bookmarks(&self, moved: Moved<'_>) -> Vec<Target> {
        let there = |place: &Target| match place {
            Target::Alert(id) => moved.alert(id).map(Target::Alert),
            Target::Event(event) => moved.event(*event).map(Target::Event),
            _ => None,
        };
        self.bookmarks.iter().filter_map(there).collect()
    }

    /// A place in words: what it is, and when.
    pub fn place_words(&self, place: &Target) -> (String, String) {
        match place {
            Target::Alert(id) => self.alert(id).map(|alert| {
                let time = self.zone.seconds(alert.first_time);
                (alert.title.clone(), time)
            }),
            Target::Event(index) => self.timeline().event(*index).map(|event| {
                let host = super::short_host(event.host);
                let what = summary::line(self.timeline(), *index);
                (format!("{host}  {what}"), self.zone.seconds(event.time))
            }),
            _ => None,
        }
        .unwrap_or_default()
    }
}

/// What a bookmark would be put on: the event under the cursor, else the alert.
pub fn place_here(model: &Model) -> Option<Target> {
    let data = &model.data;
    let page = model.page();
    match page {
        Page::Events(_) | Page::Event(_) | Page::Processes(_) => {
            page.event(data).map(Target::Event)
        }
        Page::Alerts(_) | Page::Alert(_) => {
            page.alert_id(data).map(|id| Target::Alert(id.to_owned()))
        }
        Page::Sources(_) | Page::Known(_) | Page::Counts(_) => None,
    }
}
