//! Pieces of text that a match of a regular expression cannot do without.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, ClassBracketed, ClassSet, ClassSetItem};
use regex_syntax::ast::{Repetition, RepetitionKind, RepetitionRange};

/// Shortest piece worth searching for: shorter ones stand in every other text.
pub(in crate::detect) const SHORTEST: usize = 3;
/// Most pieces of one pattern.
const MOST: usize = 24;

/// Pieces in small letters, of which every text that the pattern matches, without regard to case,
/// holds at least one; `None` when there are none that are worth it.
pub(super) fn pieces(pattern: &str) -> Option<Vec<String>> {
    // What is written is enough. What it means, letter for letter, takes longer to find out.
    pieces_of(&Parser::new().parse(pattern).ok()?)
}

/// Walks over what must stand one after the other.
#[derive(Default)]
struct Seeker {
    /// The letters just before, without a gap.
    run: String,
    best: Option<Vec<String>>,
}

impl Seeker {
    fn visit(&mut self, written: &Ast) {
        match written {
            // What takes no room leaves no gap.
            Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => {}
            Ast::Group(group) => self.visit(&group.ast),
            Ast::Concat(parts) => parts.asts.iter().for_each(|part| self.visit(part)),
            Ast::Literal(literal) => self.add(literal.c),
            Ast::ClassBracketed(class) => match letter(class) {
                Some(letter) => self.add(letter),
                None => self.end_run(),
            },
            Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) => self.end_run(),
            Ast::Repetition(repetition) => {
                self.end_run();
                if must_be_there(repetition) {
                    self.visit(&repetition.ast);
                    self.end_run();
                }
            }
            Ast::Alternation(branches) => {
                self.end_run();
                let each: Option<Vec<Vec<String>>> = branches.asts.iter().map(pieces_of).collect();
                self.offer(each.map(|each| each.concat()));
            }
        }
    }

    fn add(&mut self, letter: char) {
        if letter.is_ascii() {
            self.run.push(letter.to_ascii_lowercase());
        } else {
            self.end_run();
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

fn pieces_of(written: &Ast) -> Option<Vec<String>> {
    let mut seeker = Seeker::default();
    seeker.visit(written);
    seeker.end_run();
    seeker.best
}

fn must_be_there(repetition: &Repetition) -> bool {
    match &repetition.op.kind {
        RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => false,
        RepetitionKind::OneOrMore => true,
        RepetitionKind::Range(
            RepetitionRange::Exactly(least)
            | RepetitionRange::AtLeast(least)
            | RepetitionRange::Bounded(least, _),
        ) => *least > 0,
    }
}

/// The one letter, in any case, that a class such as `[kK]` stands for.
fn letter(class: &ClassBracketed) -> Option<char> {
    let ClassSet::Item(ClassSetItem::Union(union)) = &class.kind else {
        return None;
    };
    let mut letters = union.items.iter().map(|item| match item {
        ClassSetItem::Literal(literal) => Some(literal.c),
        _ => None,
    });
    let first = letters.next()??;
    let all = letters.all(|letter| letter.is_some_and(|it| it.eq_ignore_ascii_case(&first)));
    (all && !class.negated).then_some(first)
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
        assert_eq!(of("[^k]exe(?-i:C)"), "exec");
        assert_eq!(of("(?:svc){0,2}(?:exe){2,}"), "exe");
    }
}
