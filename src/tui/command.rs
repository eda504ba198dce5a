//! The one registry of commands. Keys, footer, which-key popup, palette, help, `dualuse keys` and
//! the README's table all read it; nothing else names a command.

use super::model::{Model, ready};

/// Whether a command can be used at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It can.
    Yes,
    /// It belongs here but cannot be used now, and why.
    No(&'static str),
    /// It has no meaning on this page.
    Elsewhere,
}

impl Ready {
    /// `Yes` when `condition` holds, else `No` with the reason.
    pub fn when(condition: bool, reason: &'static str) -> Ready {
        if condition {
            Ready::Yes
        } else {
            Ready::No(reason)
        }
    }

    /// `Yes` when `condition` holds, else `Elsewhere`.
    pub fn here(condition: bool) -> Ready {
        if condition {
            Ready::Yes
        } else {
            Ready::Elsewhere
        }
    }
}

/// Under which heading help lists a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Deciding and noting.
    Decide,
    /// Going to another page.
    Go,
    /// Moving on a page.
    Move,
    /// Finding and filtering.
    Find,
    /// Copying and exporting.
    Take,
    /// How things are shown.
    Show,
    /// The program itself.
    Program,
    /// In a line of text or a form.
    Text,
}

impl Group {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::Decide => "Decide",
            Group::Go => "Go to",
            Group::Move => "Move",
            Group::Find => "Find and filter",
            Group::Take => "Copy and export",
            Group::Show => "Show",
            Group::Program => "Program",
            Group::Text => "In prompts, forms and bars",
        }
    }
}

macro_rules! commands {
    ($($group:ident { $($id:ident $name:literal $title:literal, $help:literal, $ready:expr;)+ })+) => {
        /// Everything that a key or the palette can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each has its help text in the registry")]
        pub enum Command { $($($id,)+)+ }

        impl Command {
            /// Every command, in the order of help.
            pub const ALL: &'static [Command] = &[$($(Command::$id,)+)+];

            /// Its name in keymap files and behind `:`.
            pub fn name(self) -> &'static str {
                match self { $($(Command::$id => $name,)+)+ }
            }

            /// A word or two, for the footer.
            pub fn title(self) -> &'static str {
                match self { $($(Command::$id => $title,)+)+ }
            }

            /// What it does, in a sentence.
            pub fn help(self) -> &'static str {
                match self { $($(Command::$id => $help,)+)+ }
            }

            /// Its heading in help.
            pub fn group(self) -> Group {
                match self { $($(Command::$id => Group::$group,)+)+ }
            }

            /// Whether it can be used now.
            pub fn ready(self, model: &Model) -> Ready {
                let ready: fn(&Model) -> Ready = match self { $($(Command::$id => $ready,)+)+ };
                ready(model)
            }
        }
    };
}

commands! {
    Decide {
        Triage "triage" "triage", "Decide on the alert under the cursor, or on all marked ones", ready::alerts;
        Note "note" "note", "Write a note to the alert under the cursor, or to all marked ones", ready::alerts;
        Ask "ask" "ask owner", "Write to whoever might have done it; the alert then waits for the answer", ready::ask;
        Know "known-activity" "make a rule", "Make a rule about known activity from the verdict; on the page of rules, change the rule", ready::know;
        Revoke "revoke" "revoke", "Take the rule under the cursor out of force; its alerts are open again", ready::rule;
        Mark "mark" "mark", "Mark the row and move on; triage, notes and exports act on marked rows", ready::rows;
        MarkRange "mark-range" "mark to here", "Mark every row from the last marked one to this one", ready::rows;
        ClearMarks "clear-marks" "unmark all", "Take all marks away", ready::marks;
        Undo "undo" "undo", "Take the last decision or note back; the case keeps both on record", ready::case;
        Redo "redo" "redo", "Make again what was undone", ready::case;
    }
    Go {
        Open "open" "open", "Open what is under the cursor", ready::target;
        GoProcesses "processes" "process tree", "Process tree around what is under the cursor", ready::process;
        GoAccount "account" "account", "Everything the account did", ready::account;
        GoSession "session" "logon session", "Everything in the logon session", ready::session;
        GoHost "host" "host", "Everything on the host", ready::host;
        GoTime "time" "time window", "All events of all hosts around this time", ready::time;
        GoAddress "address" "source address", "Everything that came from the address", ready::address;
        GoService "service" "service", "Everything about the service", ready::service;
        GoValue "value" "this value", "Every event that holds the value under the cursor", ready::value;
        Wider "wider" "wider window", "Double the time window", ready::time_window;
        Narrower "narrower" "narrower window", "Halve the time window", ready::time_window;
        GoEvents "events" "all events", "Every event of the timeline", ready::events;
        GoAlerts "alerts" "alert list", "Back to the list of alerts", ready::always;
        GoKnown "rules" "rules", "Rules about known activity, and what each took in", ready::always;
        GoSources "sources" "sources", "What was read, and everything that was not", ready::always;
        NextAlert "next-alert" "next alert", "The next alert of the list", ready::alert_page;
        PreviousAlert "previous-alert" "previous alert", "The previous alert of the list", ready::alert_page;
        NextSevere "next-severe" "next severe", "The next alert of high or critical severity", ready::alert_list;
        PreviousSevere "previous-severe" "previous severe", "The previous alert of high or critical severity", ready::alert_list;
        Back "back" "back", "Back to the page before, as it was left", ready::back;
        Forward "forward" "forward", "Forward again", ready::forward;
        Close "close" "close", "Close this page; on the first page, quit", ready::always;
    }
    Move {
        Down "down" "down", "Down", ready::always;
        Up "up" "up", "Up", ready::always;
        PageDown "page-down" "page down", "A page down", ready::always;
        PageUp "page-up" "page up", "A page up", ready::always;
        HalfDown "half-page-down" "half page down", "Half a page down", ready::always;
        HalfUp "half-page-up" "half page up", "Half a page up", ready::always;
        Top "top" "top", "To the first row", ready::always;
        Bottom "bottom" "bottom", "To the last row", ready::always;
        Right "right" "expand", "Expand, or scroll to the right", ready::always;
        Left "left" "collapse", "Collapse, or scroll to the left", ready::always;
        NextSection "next-section" "next section", "To the next section of the page", ready::sections;
        PreviousSection "previous-section" "previous section", "To the previous section of the page", ready::sections;
    }
    Find {
        Find "find" "find", "Find text on this page; nothing is hidden", ready::rows;
        FindNext "find-next" "next match", "To the next match", ready::found;
        FindPrevious "find-previous" "previous match", "To the previous match", ready::found;
        Filter "filter" "filter", "Show only rows that fit, such as host:fs01 id:4624,4688 \"free text\"", ready::filters;
        Keep "keep" "keep value", "Show only rows with the value of the row under the cursor", ready::narrow;
        Drop "drop" "drop value", "Hide rows with the value of the row under the cursor", ready::narrow;
        Unfilter "unfilter" "last filter off", "Take the last filter away", ready::chips;
        Finder "finder" "go to anything", "Find an alert, host, account, address, service, program, process or command by a few letters", ready::always;
        Counts "counts" "counts", "Count the values of the column under the cursor; Enter filters by one", ready::counts;
        Bookmark "bookmark" "bookmark", "Put a bookmark on what is under the cursor, or take it away", ready::bookmark;
        Bookmarks "bookmarks" "bookmarks", "Go to a bookmark", ready::bookmarks;
        FilterBar "filter-bar" "filter bar", "Go to the filters to switch, edit, turn round or remove each", ready::chips;
        Timeline "timeline" "timeline", "Go to the bars of the timeline to zoom and filter by time", ready::timeline;
        UnfilterAll "unfilter-all" "all filters off", "Take all filters away; the cursor stays on its row", ready::chips;
        SortSeverity "sort-severity" "by severity", "Sort the alerts by severity", ready::alert_list;
        SortTime "sort-time" "by time", "Sort the alerts by time", ready::alert_list;
        SortTool "sort-tool" "by tool", "Sort the alerts by tool", ready::alert_list;
        SortHost "sort-host" "by host", "Sort the alerts by host", ready::alert_list;
        SortWho "sort-who" "by account", "Sort the alerts by account", ready::alert_list;
        SortFrom "sort-from" "by source", "Sort the alerts by where they came from", ready::alert_list;
        SortRan "sort-ran" "by what ran", "Sort the alerts by what ran", ready::alert_list;
        SortVerdict "sort-verdict" "by verdict", "Sort the alerts by verdict", ready::alert_list;
        SortReverse "sort-reverse" "reverse", "Turn the order of the alerts round", ready::alert_list;
        Group "group" "group", "One line for all uses of a tool by one account from one source; Enter opens it", ready::alert_list;
    }
    Take {
        Export "export" "export", "Export triage notes and decisions, with a preview", ready::export;
        CopyCell "copy-cell" "copy value", "Copy the value under the cursor", ready::rows;
        CopyRow "copy-row" "copy row", "Copy the row under the cursor", ready::rows;
        CopyJson "copy-json" "copy as JSON", "Copy the alert or event as JSON", ready::record;
        CopyXml "copy-xml" "copy as XML", "Copy the event as XML, as Windows shows it", ready::event_page;
        CopyIndicator "copy-indicator" "copy defanged", "Copy the value with its dots and schemes defanged, fit for mail", ready::rows;
    }
    Show {
        TimeZone "time-zone" "time zone", "Switch times between UTC and your own zone", ready::always;
        Theme "theme" "next theme", "Switch to the next theme", ready::always;
        Zoom "zoom" "zoom", "Give the section under the cursor the whole page, or show all sections again", ready::zoom;
        Wrap "wrap" "wrap", "Wrap long lines, or cut them", ready::wraps;
        Xml "xml" "fields or XML", "Switch between the event's fields and its XML", ready::event_page;
        Mouse "mouse" "mouse", "Let the program have the mouse, or give it back to the terminal", ready::always;
        Redraw "redraw" "redraw", "Draw the whole screen again", ready::always;
    }
    Program {
        Help "help" "help", "Every key that works here", ready::always;
        Palette "palette" "commands", "Find a command by name", ready::always;
        Cancel "cancel" "cancel", "Close what is open on top, or stop waiting for the next key", ready::always;
        Interrupt "interrupt" "stop", "Stop what is running; when nothing is, quit", ready::always;
        Suspend "suspend" "suspend", "Back to the shell until `fg`", ready::always;
        Dump "dump" "bug report", "Write what the program did last to a file, without any text of the evidence, for a bug report", ready::always;
        Quit "quit" "quit", "Quit; everything decided is saved already", ready::always;
    }
    Text {
        Accept "accept" "accept", "Take it", ready::layer;
        NextField "next-field" "next", "To the next field or row", ready::layer;
        PreviousField "previous-field" "previous", "To the previous field or row", ready::layer;
        Choose "choose" "choose", "Change the choice under the cursor", ready::layer;
        ToggleFilter "toggle-filter" "on/off", "Switch the filter under the cursor off, or on again", ready::filter_bar;
        EditFilter "edit-filter" "edit", "Write the filter under the cursor anew", ready::filter_bar;
        NegateFilter "negate-filter" "turn round", "Hide what the filter wants, or want what it hides", ready::filter_bar;
        RemoveFilter "remove-filter" "remove", "Take the filter under the cursor away", ready::filter_bar;
        FilterBars "filter-bars" "filter by it", "Show only what falls into the bar under the cursor, or into the stretch", ready::bars;
        MarkBar "mark-bar" "stretch from here", "Begin a stretch of several bars here, or give it up", ready::bars;
        ZoomIn "zoom-in" "zoom in", "Show half of the time, around the bar under the cursor", ready::bars;
        ZoomOut "zoom-out" "zoom out", "Show twice the time", ready::bars;
        Save "save" "save", "Save the form or note", ready::layer;
        Link "link" "link", "Point at an event, a process or an account", ready::notes;
        Editor "editor" "$EDITOR", "Write the note in your own editor", ready::notes;
    }
}

impl Command {
    /// The command of that name.
    pub fn named(name: &str) -> Option<Command> {
        Command::ALL
            .iter()
            .copied()
            .find(|command| command.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_speak_the_notation_of_keymaps() {
        let mut seen = std::collections::HashSet::new();
        for command in Command::ALL {
            assert!(seen.insert(command.name()), "{} twice", command.name());
            assert!(
                command
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-')
            );
            assert_eq!(Command::named(command.name()), Some(*command));
            assert!(!command.help().ends_with('.'), "{}", command.name());
        }
    }
}
