//! Colours by role. Code names a [`Role`]; a theme (`themes/*.toml`) gives each role its style.
//!
//! A theme may inherit from another and then states only what differs. What colours the terminal
//! can show is told from the environment alone, and richer colours are brought down to it here.

mod colour;
#[cfg(test)]
mod contrast;
mod library;

pub use colour::{Colour, Depth, has_ascii_only};
pub use library::{Library, TEMPLATE};

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $name:literal,)+) => {
        /// What a piece of the screen means.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $role,)+ }

        impl Role {
            /// Every role, in the order of the documentation.
            pub const ALL: &'static [Role] = &[$(Role::$role,)+];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Role::$role => $name,)+ }
            }
        }
    };
}

roles! {
    /// Ordinary text.
    #[default]
    Text "text",
    /// Text that may be overlooked: units, hints, timestamps of second rank.
    Dim "dim",
    /// Headings inside a page.
    Heading "heading",
    /// Names of fields.
    Label "label",
    /// What matters most on a line.
    Strong "strong",
    /// Lines and frames.
    Border "border",
    /// The frame of what has the keys.
    BorderFocused "border-focused",
    /// The bar at the top.
    Bar "bar",
    /// The page one is on, in the bar.
    BarHere "bar-here",
    /// The row under the cursor.
    Cursor "cursor",
    /// Rows that are marked.
    Marked "marked",
    /// Text that matches what is searched for.
    Match "match",
    /// A filter in force.
    Chip "chip",
    /// A filter switched off.
    ChipOff "chip-off",
    /// Key names in footer and help.
    Key "key",
    /// What a key does.
    KeyText "key-text",
    /// Severity critical.
    Critical "critical",
    /// Severity high.
    High "high",
    /// Severity medium.
    Medium "medium",
    /// Severity low.
    Low "low",
    /// Severity info.
    Info "info",
    /// Leans to an attacker.
    Attacker "attacker",
    /// Leans to an administrator.
    Admin "admin",
    /// A link that the records themselves prove.
    Fact "fact",
    /// A link that is inferred, never to be taken for a fact.
    Inferred "inferred",
    /// What was not there to see.
    Missing "missing",
    /// Something went well.
    Good "good",
    /// Something needs attention.
    Warning "warning",
    /// Something failed.
    Error "error",
    /// Text being typed.
    Input "input",
}

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Foreground; `None` is the terminal's own.
    pub fg: Option<Colour>,
    /// Background; `None` is the terminal's own.
    pub bg: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Foreground and background exchanged.
    pub reverse: bool,
}

/// A theme, complete: every role has a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Name of its file without `.toml`.
    pub name: String,
    /// What it is for, in a few words.
    pub about: String,
    looks: Vec<Look>,
}

impl Theme {
    /// A theme that comes with the program.
    ///
    /// # Errors
    /// In words, when there is none of that name; the answer lists those there are.
    pub fn built_in(name: &str) -> Result<Theme, String> {
        Library::default().theme(name)
    }

    /// The same theme in the colours that a terminal of that depth has.
    #[must_use]
    pub fn at_depth(mut self, depth: Depth) -> Theme {
        for look in &mut self.looks {
            look.fg = look.fg.and_then(|colour| colour.at_depth(depth));
            look.bg = look.bg.and_then(|colour| colour.at_depth(depth));
        }
        self
    }

    /// How a role looks.
    pub fn look(&self, role: Role) -> Look {
        self.looks.get(role as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> impl Iterator<Item = Theme> {
        let library = Library::default();
        let names: Vec<String> = library.names().map(str::to_owned).collect();
        names
            .into_iter()
            .map(move |name| library.theme(&name).unwrap())
    }

    #[test]
    fn every_built_in_theme_reads() {
        assert_eq!(
            built_in().filter(|theme| !theme.about.is_empty()).count(),
            6
        );
    }

    #[test]
    fn the_cursor_never_hangs_on_colour_alone() {
        for theme in built_in() {
            let cursor = theme.look(Role::Cursor);
            assert!(cursor.reverse || cursor.bold, "{}", theme.name);
        }
    }

    #[test]
    fn monochrome_has_no_colour() {
        let theme = Theme::built_in("monochrome").unwrap();
        for role in Role::ALL {
            assert_eq!(
                (theme.look(*role).fg, theme.look(*role).bg),
                (None, None),
                "{}",
                role.name()
            );
        }
    }
}
