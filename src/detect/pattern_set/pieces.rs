//! Pieces of text that a match of a regular expression cannot do without.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Shortest piece worth searching for: shorter ones stand in every other text.
pub(super) const SHORTEST: usize = 3;
/// Most pieces of one pattern.
const MOST: usize = 24;

/// Pieces in small letters, of which every ASCII text that the pattern matches, without regard to
/// case, holds at least one; `None` when there are none that are worth it, or the pattern is of more
/// than ASCII.
pub(super) fn pieces(pattern: &str) -> Option<Vec<String>> {
    // Case is left to whoever searches: a class for each letter takes long to make.
    let mut parser = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .build();
    let mut seeker = Seeker::default();
    seeker.visit(&parser.parse(pattern).ok()?);
    seeker.end_run();
    seeker.best
}

/// Walks over what must stand one after the other.
#[derive(Default)]
struct Seeker {
    /// The letters just before, without a gap.
    run: String,
    best: Option<Vec<String>>,
}

impl Seeker {
    fn visit(&mut self, hir: &Hir) {
        match hir.kind() {
            // What takes no room leaves no gap.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Capture(group) => self.visit(&group.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.visit(part)),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) if text.is_ascii() => self.run.push_str(&text.to_ascii_lowercase()),
                _ => self.end_run(),
            },
            HirKind::Class(class) => match letter(class) {
                Some(letter) => self.run.push(letter),
                None => self.end_run(),
            },
            HirKind::Repetition(repetition) => {
                self.end_run();
                if repetition.min > 0 {
                    self.visit(&repetition.sub);
                    self.end_run();
                }
            }
            HirKind::Alternation(branches) => {
                self.end_run();
                let each: Option<Vec<Vec<String>>> = branches.iter().map(pieces_of).collect();
                self.offer(each.map(|each| each.concat()));
            }
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.offer((run.len() >= SHORTEST).then(|| vec![run]));
    }

    /// Keeps the pieces that are rarest: the longest.
    fn offer(&mut self, pieces: Option<Vec<String>>) {
        let worth = |pieces: &Vec<String>| {
            let shortest = pieces.iter().map(String::len).min();
            (shortest, std::cmp::Reverse(pieces.len()))
        };
        let Some(pieces) = pieces.filter(|pieces| pieces.len() <= MOST) else {
            return;
        };
        if self
            .best
            .as_ref()
            .is_none_or(|best| worth(best) < worth(&pieces))
        {
            self.best = Some(pieces);
        }
    }
}

fn pieces_of(branch: &Hir) -> Option<Vec<String>> {
    let mut seeker = Seeker::default();
    seeker.visit(branch);
    seeker.end_run();
    seeker.best
}

/// The one ASCII character, in any case, that a class stands for.
fn letter(class: &Class) -> Option<char> {
    let Class::Bytes(class) = class else {
        return None;
    };
    let mut all = class.iter().flat_map(|range| range.start()..=range.end());
    let first = char::from(all.next()?).to_ascii_lowercase();
    let is_it = |byte: u8| char::from(byte).to_ascii_lowercase() == first;
    (first.is_ascii() && all.all(is_it)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_pieces_are_found() {
        let of = |pattern: &str| pieces(pattern).unwrap_or_default().join(" ");
        assert_eq!(of("^(?:psexesvc)$"), "psexesvc");
        assert_eq!(of(r"^(?:.*\\(paexec-\d+-.+)\.exe)$"), r"\paexec-");
        assert_eq!(of("(?:winexesvc|rem(?:com)svc)x?"), "winexesvc remcomsvc");
        assert_eq!(of("(?:winexesvc|[a-z]{4})"), "");
        assert_eq!(of("ab(?:cd)?ef"), "");
        assert_eq!(of(r"\bnet1?\b.*\buser\b"), "user");
        assert_eq!(of("[kK]sk"), "ksk");
    }
}
