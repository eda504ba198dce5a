//! Every theme is readable: contrast after WCAG 2.2, measured for the roles that carry text.

use super::{Colour, Role, Theme};

/// Relative luminance (WCAG 2.2, "relative luminance").
fn luminance(colour: Colour) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    let (r, g, b) = colour.rgb();
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

fn contrast(left: Colour, right: Colour) -> f64 {
    let (left, right) = (luminance(left), luminance(right));
    (left.max(right) + 0.05) / (left.min(right) + 0.05)
}

/// Themes with exact colours, with the background they are made for and the contrast they promise.
const PROMISES: [(&str, Colour, f64); 4] = [
    ("dark", Colour::Rgb(0x1c, 0x1c, 0x1c), 4.5),
    ("light", Colour::Rgb(0xff, 0xff, 0xff), 4.5),
    ("high-contrast", Colour::Rgb(0, 0, 0), 7.0),
    ("colour-blind", Colour::Rgb(0x1c, 0x1c, 0x1c), 4.5),
];

#[test]
fn every_role_can_be_read_on_the_background_of_its_theme() {
    for (name, ground, least) in PROMISES {
        let theme = Theme::built_in(name).unwrap();
        let text = theme
            .look(Role::Text)
            .fg
            .unwrap_or(Colour::Rgb(255, 255, 255));
        for role in Role::ALL {
            // frames carry no text
            if matches!(role, Role::Border | Role::BorderFocused) {
                continue;
            }
            let look = theme.look(*role);
            let (fg, bg) = (look.fg.unwrap_or(text), look.bg.unwrap_or(ground));
            let found = contrast(fg, bg);
            assert!(
                found >= least,
                "{name}: {} has {found:.1}, wants {least}",
                role.name()
            );
        }
    }
}

#[test]
fn for_and_against_differ_in_lightness_or_form_where_colours_are_hard_to_tell() {
    let theme = Theme::built_in("colour-blind").unwrap();
    let (attacker, admin) = (theme.look(Role::Attacker), theme.look(Role::Admin));
    let (attacker_fg, admin_fg) = (attacker.fg.unwrap(), admin.fg.unwrap());
    let (r1, _, b1) = attacker_fg.rgb();
    let (r2, _, b2) = admin_fg.rgb();
    assert!(r1 > b1 && b2 > r2, "orange against blue");
}
