//! Cuts text into records without understanding them, and finds its way again after a broken one.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

/// Longest record; a longer one is skipped as damage.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// How records follow one another in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One record a line: JSON lines, or an array with one element a line.
    Lines,
    /// JSON objects that span lines or share them: pretty-printed, one-line arrays.
    Objects,
    /// `<Event>` elements, with or without a root around them.
    Xml,
}

/// What lies at a place of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A record.
    Record(Range<usize>),
    /// Something that begins like a record and is none.
    Broken(Range<usize>, &'static str),
    /// No whole record; one may begin here.
    More(usize),
}

impl Form {
    /// Finds the next record of `text` at or after `from`. `is_last`: no more text will come.
    pub(super) fn next(self, text: &[u8], from: usize, is_last: bool) -> Step {
        let step = match self {
            Form::Lines => next_line(text, from, is_last),
            Form::Objects => next_object(text, from),
            Form::Xml => next_element(text, from),
        };
        let Step::More(start) = step else {
            return step;
        };
        let reason = match text.len().saturating_sub(start) {
            0 => return Step::More(start),
            MAX_RECORD.. => "a record of more than 16 MiB",
            _ if is_last => "the record is cut off",
            _ => return Step::More(start),
        };
        let end = self.resume(text, start).unwrap_or(text.len());
        Step::Broken(start..end, reason)
    }

    /// Where the next record seems to begin after one that begins at `start` and has no end.
    fn resume(self, text: &[u8], start: usize) -> Option<usize> {
        let rest = text.get(start + 1..)?;
        let ahead = match self {
            Form::Lines => memchr(b'\n', rest)?,
            Form::Xml => {
                memmem::find(rest, b"<Event ").or_else(|| memmem::find(rest, b"<Event>"))?
            }
            Form::Objects => {
                // Pretty-printed records begin in the same column.
                let line = text.get(..start)?;
                let line = line
                    .iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |at| at + 1);
                let mut begin = vec![b'\n'];
                begin.extend_from_slice(text.get(line..start)?);
                begin.push(b'{');
                memmem::find(rest, &begin)? + begin.len() - 1
            }
        };
        Some(start + 1 + ahead)
    }
}

fn next_line(text: &[u8], mut from: usize, is_last: bool) -> Step {
    loop {
        let rest = text.get(from..).unwrap_or_default();
        let end = match memchr(b'\n', rest) {
            Some(end) => from + end,
            None if is_last && !rest.is_empty() => text.len(),
            None => return Step::More(from),
        };
        let line = text.get(from..end).unwrap_or_default();
        // `[`, `]` and `,` alone belong to an array with one element a line.
        let is_bare = |byte: &u8| byte.is_ascii_whitespace() || b"[],".contains(byte);
        if !line.iter().all(is_bare) {
            return Step::Record(from..end);
        }
        if end == text.len() {
            return Step::More(end);
        }
        from = end + 1;
    }
}

/// From an opening brace to the one that closes it. Whatever lies between objects is passed over.
fn next_object(text: &[u8], from: usize) -> Step {
    let rest = text.get(from..).unwrap_or_default();
    let Some(start) = memchr(b'{', rest).map(|at| from + at) else {
        return Step::More(text.len());
    };
    let mut depth = 0usize;
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Step::Record(start..at + 1);
                }
            }
            b'"' => match string_end(text, at + 1) {
                Some(end) => at = end,
                None => break,
            },
            _ => {}
        }
        at += 1;
    }
    Step::More(start)
}

/// Where the quote lies that closes a string.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn next_element(text: &[u8], from: usize) -> Step {
    const NAME: &[u8] = b"<Event";
    const END: &[u8] = b"</Event>";
    let mut from = from;
    let start = loop {
        let rest = text.get(from..).unwrap_or_default();
        let Some(start) = memmem::find(rest, NAME).map(|at| from + at) else {
            // The name itself may be cut.
            let cut = (1..NAME.len()).rev().find(|length| {
                let part = NAME.get(..*length).unwrap_or_default();
                rest.ends_with(part)
            });
            return Step::More(text.len() - cut.unwrap_or(0));
        };
        match text.get(start + NAME.len()) {
            Some(b'>' | b' ' | b'\t' | b'\r' | b'\n') => break start,
            Some(_) => from = start + NAME.len(),
            None => return Step::More(start),
        }
    };
    let inner = start + NAME.len();
    let rest = text.get(inner..).unwrap_or_default();
    let Some(end) = memmem::find(rest, END).map(|at| inner + at) else {
        return Step::More(start);
    };
    let inside = text.get(inner..end).unwrap_or_default();
    match memmem::find(inside, b"<Event ").or_else(|| memmem::find(inside, b"<Event>")) {
        Some(next) => Step::Broken(start..inner + next, "the event is cut off"),
        None => Step::Record(start..end + END.len()),
    }
}

#[cfg(test)]
#[allow(
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]
mod tests {
    use super::*;

    fn split(form: Form, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = 0;
        loop {
            match form.next(text.as_bytes(), at, true) {
                Step::Record(range) => {
                    found.push(text.get(range.clone()).unwrap().to_owned());
                    at = range.end;
                }
                Step::Broken(range, _) => {
                    found.push(format!("!{}", text.get(range.clone()).unwrap()));
                    at = range.end;
                }
                Step::More(_) => return found,
            }
        }
    }

    #[test]
    fn lines_of_an_array_lose_only_its_brackets() {
        let text = "[\n{\"a\":1},\n\n{\"b\":2}\n]\n";
        assert_eq!(split(Form::Lines, text), ["{\"a\":1},", "{\"b\":2}"]);
    }

    #[test]
    fn objects_are_found_on_one_line_and_over_many() {
        let text = "[{\"a\":\"}\\\"{\"},{\"b\":\n{}}]";
        assert_eq!(
            split(Form::Objects, text),
            ["{\"a\":\"}\\\"{\"}", "{\"b\":\n{}}"]
        );
    }

    #[test]
    fn a_pretty_record_without_end_costs_only_itself() {
        let text = "[\n  {\n    \"a\": \"cut\n  },\n  {\n    \"b\": 2\n  }\n]";
        let found = split(Form::Objects, text);
        assert!(found[0].starts_with("!{"), "{found:?}");
        assert_eq!(found[1], "{\n    \"b\": 2\n  }");
    }

    #[test]
    fn events_are_found_with_and_without_a_root() {
        let text = "<?xml version='1.0'?><Events><Event a='1'><EventData/></Event>\n\
                    <Event><EventID>1</EventID></Event></Events>";
        assert_eq!(
            split(Form::Xml, text),
            [
                "<Event a='1'><EventData/></Event>",
                "<Event><EventID>1</EventID></Event>"
            ]
        );
    }

    #[test]
    fn an_event_that_is_cut_off_costs_only_itself() {
        let text = "<Event><System><Event ><x/></Event><Event>";
        assert_eq!(
            split(Form::Xml, text),
            ["!<Event><System>", "<Event ><x/></Event>", "!<Event>"]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_into_pieces_that_move_forward(
            bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\",\\\n <Event>/a".to_vec()), 0..200),
            is_last: bool,
        ) {
            for form in [Form::Lines, Form::Objects, Form::Xml] {
                let mut at = 0;
                loop {
                    match form.next(&bytes, at, is_last) {
                        Step::Record(range) | Step::Broken(range, _) => {
                            proptest::prop_assert!(range.start >= at && range.end > range.start);
                            proptest::prop_assert!(range.end <= bytes.len());
                            at = range.end;
                        }
                        Step::More(start) => {
                            proptest::prop_assert!(start >= at && start <= bytes.len());
                            break;
                        }
                    }
                }
            }
        }
    }
}
