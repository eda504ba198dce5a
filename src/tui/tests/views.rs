//! Every view, with the keys that lead to it from the list of alerts.

/// Name and keys.
pub(super) const VIEWS: &[(&str, &str)] = &[
    ("alerts", "esc"),
    ("alert", "enter"),
    ("alert-leg", "enter tab right right"),
    ("alert-zoom", "enter tab tab tab z"),
    ("processes", "enter g p"),
    ("account", "enter g a"),
    ("session", "enter g s"),
    ("host", "enter g h"),
    ("time", "enter g t"),
    ("address", "enter g i"),
    ("service", "enter g v"),
    ("leg", "enter tab right right enter"),
    ("event", "g e enter"),
    ("event-xml", "g e enter X"),
    ("sources", "g r"),
    ("help", "?"),
    ("palette", ":"),
    ("keys-after-g", "enter g"),
    ("find", "/ w i n"),
    ("filter", "f"),
    ("triage", "t"),
    ("triage-form", "t enter"),
    ("notes", "a"),
    ("export", "x"),
];
