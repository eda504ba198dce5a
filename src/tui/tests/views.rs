//! Every view, with the keys that lead to it from the list of alerts.

use std::collections::BTreeSet;

use super::stage::Stage;
use crate::tui::command::Command;
use crate::tui::key;
use crate::tui::keymap::Mode;
use crate::tui::model::layer::{
    Among, Finder, Prompt, PromptKind, RuleForm, RuleWork, TriageForm, TriageStage,
};
use crate::tui::model::{EventsPage, Layer, Model, Page, Subject};

/// From the list to the form of a rule, made from the verdict on the last alert; then more keys.
macro_rules! to_rule {
    ($($more:expr)?) => {
        concat!(
            "G enter t enter o p s tab tab space tab tab tab tab tab C H G - 7 ",
            "tab tab tab tab space ctrl-s g l G K",
            $($more)?
        )
    };
}

/// On to the page of rules, with that rule in force; then more keys.
macro_rules! to_rules {
    ($($more:expr)?) => {
        to_rule!(concat!(
            " p d q tab tab tab tab tab tab tab y e s tab 2 0 9 9 - 0 1 - 0 1 ctrl-s g k",
            $($more)?
        ))
    };
}

/// Name and keys.
pub(super) const VIEWS: &[(&str, &str)] = &[
    ("alerts", "esc"),
    ("alerts-grouped", "o j j j enter j j"),
    ("sort", "s"),
    ("timeline", "B right right"),
    ("timeline-zoomed", "j j B < < space right right right enter"),
    ("alert", "enter"),
    ("alert-leg", "enter tab right right"),
    ("alert-zoom", "enter tab tab tab p"),
    ("processes", "enter g p"),
    ("account", "enter g a"),
    ("session", "enter g s"),
    ("host", "enter g h"),
    ("time", "enter g t"),
    ("address", "enter g i"),
    ("service", "enter g v"),
    ("value", "g e g w"),
    ("leg", "enter tab right right enter"),
    ("all-events", "g e"),
    ("event", "g e enter"),
    ("event-xml", "g e enter X"),
    ("sources", "g r"),
    ("rules", "g k"),
    ("rule-in-force", to_rules!()),
    ("rule-new", to_rule!()),
    ("rule-changed", to_rules!(" K")),
    ("rule-revoked", to_rules!(" R")),
    ("ask-owner", "enter A"),
    ("help", "?"),
    ("palette", ":"),
    ("keys-after-g", "enter g"),
    ("keys-after-y", "enter y"),
    ("find", "/ w i n"),
    ("filter", "f"),
    ("filter-keys", "f a"),
    ("filter-values", "g e f h o s t : tab tab"),
    ("filter-wrong", "g e f i d : x space h"),
    ("filter-bar", "g e + left + b left"),
    ("finder", "ctrl-p a d m"),
    ("finder-empty", "ctrl-p"),
    ("counts-alerts", "l l F"),
    ("counts-events", "g e right F"),
    ("counts-hosts", "g e left left F left"),
    ("bookmarks", "m g e j j m '"),
    ("triage", "t"),
    ("triage-form", "t enter"),
    ("notes", "a"),
    ("note-link", "a @ i n s t"),
    ("export", "x"),
];

/// Names what is shown, exhaustively, and lists all names: what is added to the program and shown by
/// no view fails to compile or fails the test below.
macro_rules! shown {
    ($($name:literal: $pattern:pat,)+) => {
        /// Every page and layer by name.
        const SHOWN: &[&str] = &[$($name),+];

        fn shown(model: &Model) -> &'static str {
            match (model.layers.last(), model.page()) {
                $($pattern => $name,)+
            }
        }
    };
}

shown! {
    "help": (Some(Layer::Help(_)), _),
    "palette": (Some(Layer::Palette(_)), _),
    "finder": (Some(Layer::Finder(Finder { among: Among::Everything, .. })), _),
    "bookmarks": (Some(Layer::Finder(Finder { among: Among::Bookmarks, .. })), _),
    "find": (Some(Layer::Prompt(Prompt { kind: PromptKind::Find, .. })), _),
    "filter": (Some(Layer::Prompt(Prompt { kind: PromptKind::Filter, .. })), _),
    "timeline": (Some(Layer::Timeline(_)), _),
    "filters": (Some(Layer::Filters(_)), _),
    "decisions": (Some(Layer::Triage(TriageForm { stage: TriageStage::Choose(_), .. })), _),
    "decision": (Some(Layer::Triage(TriageForm { stage: TriageStage::Fill(..), .. })), _),
    "note": (Some(Layer::Notes(_)), _),
    "link": (Some(Layer::Picker(_)), _),
    "export": (Some(Layer::Export(_)), _),
    "new rule": (Some(Layer::Rule(RuleForm { work: RuleWork::Make(_), .. })), _),
    "changed rule": (Some(Layer::Rule(RuleForm { work: RuleWork::Edit(_), .. })), _),
    "revoked rule": (Some(Layer::Rule(RuleForm { work: RuleWork::Revoke(_), .. })), _),
    "question": (Some(Layer::Ask(_)), _),
    "alerts": (None, Page::Alerts(_)),
    "alert": (None, Page::Alert(_)),
    "all events": (None, Page::Events(EventsPage { subject: Subject::All, .. })),
    "account": (None, Page::Events(EventsPage { subject: Subject::Account(_), .. })),
    "session": (None, Page::Events(EventsPage { subject: Subject::Session { .. }, .. })),
    "host": (None, Page::Events(EventsPage { subject: Subject::Host(_), .. })),
    "address": (None, Page::Events(EventsPage { subject: Subject::Address(_), .. })),
    "service": (None, Page::Events(EventsPage { subject: Subject::Service { .. }, .. })),
    "time": (None, Page::Events(EventsPage { subject: Subject::Time { .. }, .. })),
    "value": (None, Page::Events(EventsPage { subject: Subject::Value(_), .. })),
    "leg": (None, Page::Events(EventsPage { subject: Subject::Leg { .. }, .. })),
    "event": (None, Page::Event(_)),
    "processes": (None, Page::Processes(_)),
    "sources": (None, Page::Sources(_)),
    "rules": (None, Page::Known(_)),
    "counts": (None, Page::Counts(_)),
}

/// The keys after which others are awaited, from the keymap.
fn prefixes(model: &Model) -> BTreeSet<String> {
    let keys = |command: &Command| model.keymap.first_keys(Mode::Normal, *command);
    let sequences = Command::ALL.iter().filter_map(keys);
    sequences
        .filter(|keys| keys.len() > 1)
        .map(|keys| key::show(keys[0]))
        .collect()
}

#[test]
fn every_page_layer_and_popup_is_among_the_views() {
    let (mut seen, mut popups) = (BTreeSet::new(), BTreeSet::new());
    for (_, keys) in VIEWS {
        let mut stage = Stage::open(120, 40);
        stage.press(keys);
        seen.insert(shown(&stage.model));
        popups.extend(stage.model.pressed.iter().map(|key| key::show(*key)));
    }
    assert_eq!(seen, SHOWN.iter().copied().collect());
    assert_eq!(popups, prefixes(&Stage::open(120, 40).model));
}
