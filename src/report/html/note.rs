//! Notes, which are Markdown, as HTML.

use std::fmt;

use askama::filters::HtmlSafe;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::case::{Link, Linked};
use crate::text::paragraph;

/// HTML that holds no markup but what Markdown makes: no tag that was written by hand, no link and
/// no picture, which would lead a reader to what an intruder logged.
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn of(markdown: &str) -> Self {
        let shown = paragraph(markdown.trim_end());
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        // In a note every new line is meant.
        let mut open = None;
        let events = Parser::new_ext(shown.as_str(), options).flat_map(|event| match event {
            Event::SoftBreak => vec![Event::HardBreak],
            Event::Start(Tag::Link { ref dest_url, .. }) => match Linked::parse(dest_url) {
                Some(to) => {
                    let label = String::new();
                    open = Some(Link { label, to });
                    Vec::new()
                }
                None => plain(event),
            },
            // What was pointed at can be looked up, not followed.
            Event::Text(ref text) => {
                if let Some(link) = &mut open {
                    link.label.push_str(text);
                }
                vec![event]
            }
            Event::End(TagEnd::Link) => open.take().map_or_else(Vec::new, |link: Link| {
                let words = crate::text::line(&link.words()).into_string();
                vec![
                    Event::Text(CowStr::Borrowed(" ")),
                    Event::Code(words.into()),
                ]
            }),
            event => plain(event),
        });
        let mut written = String::new();
        html::push_html(&mut written, events);
        Markup(written)
    }
}

/// Text in the place of what may not stand in the page.
fn plain(event: Event<'_>) -> Vec<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            vec![Event::Code(dest_url), Event::Text(CowStr::Borrowed(" "))]
        }
        Event::End(TagEnd::Image) => Vec::new(),
        // The headings of the page are above those of a note.
        Event::Start(Tag::Heading { .. }) => {
            vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]
        }
        Event::End(TagEnd::Heading(_)) => {
            vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]
        }
        event => vec![event],
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_an_event_says_which_event_it_is() {
        let note = "[it *began*](event:FS01/System/812@2026-03-10T18:04:05.1234567Z) here";
        assert_eq!(
            Markup::of(note).to_string().trim(),
            "<p>it <em>began</em> <code>FS01 System #812, 2026-03-10T18:04:05.1234567Z</code> here</p>"
        );
    }

    #[test]
    fn a_note_brings_structure_but_no_tag_link_or_picture() {
        let note = "# Seen\n- **whoami**\n- `reg save`\n\n<script>x</script> <b>y</b>\n\n[a](http://evil.example) ![p](http://evil.example/p) \u{1b}[31m";
        let html = Markup::of(note).to_string();
        for part in [
            "<strong>Seen</strong>",
            "<li><strong>whoami</strong></li>",
            "<code>reg save</code>",
            "&lt;script&gt;x&lt;/script&gt;",
            "&lt;b&gt;y",
            "<code>http://evil.example</code> a",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        for part in ["<script", "<b>", "href", "<img", "\u{1b}"] {
            assert!(!html.contains(part), "{part} stands in {html}");
        }
    }
}
