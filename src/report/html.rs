//! The page for a client: one file without scripts or anything from elsewhere, light and dark,
//! for wide and narrow screens and for paper.
//!
//! Every text in the templates is a [`Shown`](crate::text::Shown), or a word of this program, and the template engine
//! escapes it once more for HTML. Only notes bring markup of their own, made by [`note`].

mod note;
mod picture;
mod view;

use std::io::{self, Write};

use askama::Template;

use super::Report;
use super::model::items;

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    view::Page::of(report, &items(report)).write_into(&mut IoOnly(out))
}

/// The engine asks for a sized writer.
struct IoOnly<'a>(&'a mut dyn Write);

impl Write for IoOnly<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
