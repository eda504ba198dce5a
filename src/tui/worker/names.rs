//! Gathers the names that occur in the evidence.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::{Answers, own_pool, spawn};
use crate::investigate::Snapshot;
use crate::timeline::EventIndex;
use crate::timeline::query::tally::{Count, Facet, tally};
use crate::tui::message::Message;
use crate::tui::model::Names;

/// Gathers the names of a snapshot.
pub(super) fn gather(snapshot: &Snapshot, cancel: Arc<AtomicBool>, answers: &Answers) {
    let (snapshot, own) = (snapshot.clone(), answers.clone());
    spawn("names", answers, move || {
        let timeline = &snapshot.timeline;
        let all = u32::try_from(timeline.len()).unwrap_or(u32::MAX);
        let of = |facet| -> Option<Vec<Count>> {
            let events = (0..all).into_par_iter().map(EventIndex);
            tally(timeline, events, facet, &cancel)
        };
        let names = || {
            Some(Names {
                snapshot: snapshot.number,
                accounts: of(Facet::Account)?,
                addresses: of(Facet::Address)?,
                services: of(Facet::Service)?,
                programs: of(Facet::Program)?,
            })
        };
        // what is typed meanwhile has the other cores to itself
        let names = match own_pool("names", 1) {
            Some(pool) => pool.install(names),
            None => names(),
        };
        if let Some(names) = names {
            own.send(Message::Names(Arc::new(names)));
        }
    });
}
