//! Colours as theme files name them, and how they come down to what a terminal can show.

use std::ffi::OsStr;

/// A colour: one of the terminal's own 16, or an exact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the 16 that the terminal's own settings define: 0–7 plain, 8–15 bright.
    Ansi(u8),
    /// One of the fixed 256.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Names of the 16 colours, in ANSI order.
const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// The usual values of the 16 colours (xterm), to find the nearest.
const ANSI_VALUES: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR` or a dumb terminal.
    None,
    /// The 16.
    Sixteen,
    /// The 256.
    TwoFiftySix,
    /// All.
    True,
}

/// Whether a terminal of this name (`TERM`) lacks the signs beyond ASCII: the fonts of the Linux
/// console have 256 or 512, and hardware terminals have none of Unicode.
pub fn has_ascii_only(term: &str) -> bool {
    term == "linux" || is_old(term)
}

fn is_old(term: &str) -> bool {
    term == "dumb" || term.starts_with("vt1") || term.starts_with("vt2")
}

impl Depth {
    /// What the environment says. The terminal itself is never asked: late answers become keys.
    pub fn from_environment(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Depth {
        let text = |name| {
            variable(name)
                .as_deref()
                .and_then(OsStr::to_str)
                .unwrap_or_default()
                .to_owned()
        };
        // no-color.org: present and not empty
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Depth::None;
        }
        let term = text("TERM");
        if matches!(text("COLORTERM").as_str(), "truecolor" | "24bit") || term.ends_with("-direct")
        {
            Depth::True
        } else if term.contains("256color") || variable("WT_SESSION").is_some() {
            Depth::TwoFiftySix
        } else if is_old(&term) {
            Depth::None
        } else {
            Depth::Sixteen
        }
    }
}

impl Colour {
    /// The nearest colour that a terminal of that depth has; `None` when it has no colour.
    pub fn at_depth(self, depth: Depth) -> Option<Colour> {
        match (depth, self) {
            (Depth::None, _) => None,
            (Depth::True, colour) | (_, colour @ Colour::Ansi(_)) => Some(colour),
            (Depth::TwoFiftySix, colour @ Colour::Indexed(_)) => Some(colour),
            (Depth::TwoFiftySix, Colour::Rgb(r, g, b)) => {
                Some(Colour::Indexed(nearest_of_256(r, g, b)))
            }
            (Depth::Sixteen, colour) => {
                let value = colour.rgb();
                let distance = |other: (u8, u8, u8)| distance(value, other);
                (0..16u8)
                    .zip(ANSI_VALUES)
                    .min_by_key(|(_, other)| distance(*other))
                    .map(|(ansi, _)| Colour::Ansi(ansi))
            }
        }
    }

    /// The colour's usual red, green and blue.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Colour::Ansi(ansi) => ANSI_VALUES
                .get(usize::from(ansi))
                .copied()
                .unwrap_or_default(),
            Colour::Rgb(r, g, b) => (r, g, b),
            Colour::Indexed(index @ 0..=15) => ANSI_VALUES
                .get(usize::from(index))
                .copied()
                .unwrap_or_default(),
            Colour::Indexed(index @ 16..=231) => {
                let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let cube = index - 16;
                (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
            }
            Colour::Indexed(index) => {
                let grey = 8 + 10 * (index - 232);
                (grey, grey, grey)
            }
        }
    }
}

fn distance(left: (u8, u8, u8), right: (u8, u8, u8)) -> u32 {
    let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    // weights after the eye's sensitivity
    2 * part(left.0, right.0) + 4 * part(left.1, right.1) + 3 * part(left.2, right.2)
}

fn nearest_of_256(r: u8, g: u8, b: u8) -> u8 {
    (16..=255u8)
        .min_by_key(|index| distance(Colour::Indexed(*index).rgb(), (r, g, b)))
        .unwrap_or(7)
}

impl std::str::FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Colour, String> {
        if let Some(ansi) = NAMES.iter().position(|name| *name == text) {
            return Ok(Colour::Ansi(u8::try_from(ansi).unwrap_or(0)));
        }
        if let Some(hex) = text.strip_prefix('#')
            && hex.len() == 6
            && let Ok(value) = u32::from_str_radix(hex, 16)
        {
            let [_, r, g, b] = value.to_be_bytes();
            return Ok(Colour::Rgb(r, g, b));
        }
        if let Ok(index) = text.parse::<u8>() {
            return Ok(Colour::Indexed(index));
        }
        Err(format!(
            "`{text}` is no colour: write {}, 0 to 255, or #rrggbb",
            NAMES.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(variables: &[(&str, &str)]) -> Depth {
        Depth::from_environment(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn the_environment_tells_the_depth() {
        assert_eq!(
            depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::TwoFiftySix);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert!(has_ascii_only("linux") && !has_ascii_only("screen-256color"));
        assert_eq!(
            depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]),
            Depth::None
        );
        assert_eq!(
            depth(&[("TERM", "xterm"), ("NO_COLOR", "")]),
            Depth::Sixteen
        );
        assert_eq!(depth(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn colours_come_down_to_the_nearest() {
        let orange = Colour::Rgb(0xff, 0x87, 0x00);
        assert_eq!(orange.at_depth(Depth::True), Some(orange));
        assert_eq!(
            orange.at_depth(Depth::TwoFiftySix),
            Some(Colour::Indexed(208))
        );
        assert_eq!(
            Colour::Rgb(250, 10, 10).at_depth(Depth::Sixteen),
            Some(Colour::Ansi(9))
        );
        assert_eq!(orange.at_depth(Depth::None), None);
    }

    #[test]
    fn the_256_have_their_published_values() {
        assert_eq!(Colour::Indexed(16).rgb(), (0, 0, 0));
        assert_eq!(Colour::Indexed(196).rgb(), (255, 0, 0));
        assert_eq!(Colour::Indexed(255).rgb(), (238, 238, 238));
    }
}
