//! Pieces of text that a match of a regular expression cannot do without.

use std::cmp::Reverse;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, ClassBracketed, ClassSet, ClassSetItem};
use regex_syntax::ast::{Repetition, RepetitionKind, RepetitionRange};

/// Shortest piece worth searching for: shorter ones stand in every other text.
pub(in crate::detect) const SHORTEST: usize = 3;
/// Most pieces in one list.
const MOST: usize = 32;
/// Most letters of a class that are told apart.
const FEW: usize = 10;

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
struct Seeker {
    /// What the letters just before may be, without a gap.
    runs: Vec<String>,
    needed: Vec<Vec<String>>,
}

impl Seeker {
    fn visit(&mut self, written: &Ast) {
        match written {
            // What takes no room leaves no gap.
            Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => {}
            Ast::Group(group) => self.visit(&group.ast),
            Ast::Concat(parts) => parts.asts.iter().for_each(|part| self.visit(part)),
            Ast::Literal(literal) => self.add_any(&[literal.c]),
            Ast::ClassBracketed(class) => self.add_any(&letters(class)),
            Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) => self.end_run(),
            Ast::Repetition(repetition) => {
                if must_be_there(repetition) {
                    self.visit(&repetition.ast);
                }
                self.end_run();
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

    /// Takes in one of some letters; none stand for any.
    fn add_any(&mut self, letters: &[char]) {
        let is_short = self.runs.iter().all(|run| run.len() < SHORTEST);
        match letters {
            [only] if only.is_ascii() => {
                let small = only.to_ascii_lowercase();
                self.runs.iter_mut().for_each(|run| run.push(small));
            }
            // What is long enough need not be told apart further.
            [_, ..] if is_short && letters.iter().all(char::is_ascii) => {
                let with = |letter: &char| {
                    let letter = letter.to_ascii_lowercase();
                    let longer = self.runs.iter().map(move |run| format!("{run}{letter}"));
                    longer.collect::<Vec<String>>()
                };
                self.runs = letters.iter().flat_map(with).collect();
                if self.runs.len() > MOST {
                    self.end_run();
                }
            }
            _ => self.end_run(),
        }
    }

    fn end_run(&mut self) {
        let runs = std::mem::replace(&mut self.runs, vec![String::new()]);
        let is_piece = runs.iter().all(|run| run.len() >= SHORTEST) && runs.len() <= MOST;
        self.needed.extend(is_piece.then_some(runs));
    }
}

fn needed_by(written: &Ast) -> Vec<Vec<String>> {
    let mut seeker = Seeker {
        runs: vec![String::new()],
        needed: Vec::new(),
    };
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

/// The few letters, in any case, that a class such as `[kK]` or `[0-9]` stands for; none when they
/// are not few.
fn letters(class: &ClassBracketed) -> Vec<char> {
    let items = match &class.kind {
        ClassSet::Item(ClassSetItem::Union(union)) => union.items.as_slice(),
        ClassSet::Item(only) => std::slice::from_ref(only),
        ClassSet::BinaryOp(_) => return Vec::new(),
    };
    let mut letters = Vec::new();
    for item in items {
        match item {
            ClassSetItem::Literal(literal) => letters.push(literal.c.to_ascii_lowercase()),
            ClassSetItem::Range(range) => {
                let range = range.start.c..=range.end.c;
                letters.extend(range.take(FEW + 1).map(|it| it.to_ascii_lowercase()));
            }
            _ => return Vec::new(),
        }
    }
    letters.sort_unstable();
    letters.dedup();
    let are_few = !class.negated && letters.len() <= FEW;
    if are_few { letters } else { Vec::new() }
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
        assert_eq!(of("__[0-2]{5}[0-9]_"), "__0 __1 __2");
        assert_eq!(of("ab[x-z]{2}c"), "abx aby abz");
        assert_eq!(of("svc[0-9]exe"), "svc, exe");
        assert_eq!(of("a[^b][a-z][äb]exe"), "exe");
        assert_eq!(of("[^k]exe(?-i:C)"), "exec");
        assert_eq!(of("(?:svc){0,2}(?:exe){2,}"), "exe");
    }
}
