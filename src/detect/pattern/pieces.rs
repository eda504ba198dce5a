//! Pieces of text that a match of a regular expression cannot do without.

use std::cmp::Reverse;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, ClassBracketed, ClassSet, ClassSetItem};
use regex_syntax::ast::{Repetition, RepetitionKind, RepetitionRange};

/// Shortest piece worth searching for: shorter ones stand in every other text.
pub(in crate::detect) const SHORTEST: usize = 3;
/// Most pieces in one list.
const MOST: usize = 32;

/// Pieces in small letters: of each list, every text that the pattern matches, without regard to
/// case, holds at least one. The rarest first; none when there are none that are worth it.
pub(super) fn pieces(pattern: &str) -> Vec<Vec<String>> {
    // What is written is enough. What it means, letter for letter, takes longer to find out.
    let Ok(written) = Parser::new().parse(pattern) else {
        return Vec::new();
    };
    let mut needed = needed_by(&written);
    needed.sort_by_key(|pieces| Reverse(rarity(pieces)));
    needed
}

/// How rare texts are that hold one of some pieces: the longer those are, and the fewer.
fn rarity(pieces: &[String]) -> (Option<usize>, Reverse<usize>) {
    let shortest = pieces.iter().map(String::len).min();
    (shortest, Reverse(pieces.len()))
}

/// Walks over what must stand one after the other.
#[derive(Default)]
struct Seeker {
    /// The letters just before, without a gap.
    run: String,
    needed: Vec<Vec<String>>,
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
                let rarest = |branch: &Ast| {
                    needed_by(branch)
                        .into_iter()
                        .max_by_key(|pieces| rarity(pieces))
                };
                let each: Option<Vec<Vec<String>>> = branches.asts.iter().map(rarest).collect();
                let all = each.map(|each| each.concat());
                self.needed.extend(all.filter(|all| all.len() <= MOST));
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
        self.needed
            .extend((run.len() >= SHORTEST).then(|| vec![run]));
    }
}

fn needed_by(written: &Ast) -> Vec<Vec<String>> {
    let mut seeker = Seeker::default();
    seeker.visit(written);
    seeker.end_run();
    seeker.needed
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
    fn all_needed_pieces_are_found_and_the_rarest_first() {
        let of = |pattern: &str| {
            let needed = pieces(pattern);
            let lists: Vec<String> = needed.iter().map(|any| any.join(" ")).collect();
            lists.join(", ")
        };
        assert_eq!(of("^(?:psexesvc)$"), "psexesvc");
        assert_eq!(of(r"^(?:.*\\(paexec-\d+-.+)\.exe)$"), r"\paexec-, .exe");
        assert_eq!(
            of("(?:winexesvc|rem(?:com)svc)x?.+svc"),
            "winexesvc remcomsvc, svc"
        );
        assert_eq!(of("(?:winexesvc|[a-z]{4})"), "");
        assert_eq!(of("(?:cmd|a{1,2}).exe( -e (?:sh|bash -c))"), "exe -e ");
        assert_eq!(of("ab(?:cd)?ef"), "");
        assert_eq!(of(r"\bnet1?\b.*\buser\b"), "user, net");
        assert_eq!(of("[kK]sk"), "ksk");
        assert_eq!(of("[^k]exe(?-i:C)"), "exec");
        assert_eq!(of("(?:svc){0,2}(?:exe){2,}"), "exe");
    }
}
