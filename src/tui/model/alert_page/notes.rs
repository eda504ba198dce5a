//! Notes on an alert's page, each with what it points at.

use crate::case::{Act, Entry, Link, Linked, Note, Triage, replace_links};
use crate::tui::model::{Data, Item, Section, Subject, Target};
use crate::tui::theme::Role;

/// The lines of a text of a note. The current one can be changed; earlier ones stay to be read.
pub(super) fn items(head: String, entry: &Entry, triage: &Triage, data: &Data) -> Vec<Item> {
    let Act::Note { markdown, .. } = &entry.content.act else {
        return Vec::new();
    };
    let current = triage.notes.iter().find(|note| note.id == entry.id);
    let target = current.map(|note| Target::Note(note.id.clone()));
    let (strong, plain) = match current {
        Some(_) => (Role::Strong, Role::Text),
        None => (Role::Dim, Role::Dim),
    };
    let mut items = vec![
        Item::new(Section::Decisions, head, entry.summary())
            .role(strong)
            .tail(standing(current))
            .to(target.clone()),
    ];
    // what is pointed at stands below the text
    let text = replace_links(markdown, |link| link.label.clone());
    items.extend(text.lines().map(|line| {
        Item::new(Section::Decisions, "", line)
            .depth(1)
            .role(plain)
            .to(target.clone())
    }));
    let links = current.map_or(&[][..], |note| &note.links);
    items.extend(links.iter().map(|link| item_of(link, data)));
    items
}

fn standing(current: Option<&Note>) -> String {
    match current.map(|note| note.edits) {
        None => "no longer in force".to_owned(),
        Some(0) => String::new(),
        Some(1) => "changed once".to_owned(),
        Some(more) => format!("changed {more} times"),
    }
}

/// What a note points at, to be opened where the evidence holds it.
fn item_of(link: &Link, data: &Data) -> Item {
    let (kind, target) = match &link.to {
        Linked::Event(name) => ("event", name.find(data.timeline()).map(Target::Event)),
        Linked::Process(name) => ("process", name.find(data.timeline()).map(Target::Process)),
        Linked::Account { name } => {
            let account = Subject::Account(name.clone());
            ("account", Some(Target::Subject(account)))
        }
    };
    let (role, missing) = match target {
        Some(_) => (Role::Text, ""),
        None => (Role::Missing, "not in this evidence: "),
    };
    Item::new(Section::Decisions, kind, &link.label)
        .depth(1)
        .role(role)
        .tail(format!("{missing}{}", link.to.words()))
        .to(target)
}
