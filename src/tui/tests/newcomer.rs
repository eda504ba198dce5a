//! Somebody who has never seen the program, reads what is on the screen, and presses no key that the
//! footer does not offer at that moment.

use super::stage::Stage;
use crate::investigate::Leaning;
use crate::tui::key;
use crate::tui::model::Layer;

struct Newcomer {
    stage: Stage,
    /// What is on the screen.
    screen: String,
}

impl Newcomer {
    fn at(mut stage: Stage) -> Newcomer {
        let screen = stage.screen();
        Newcomer { stage, screen }
    }

    fn footer(&self) -> &str {
        self.screen.lines().last().unwrap_or_default()
    }

    /// Presses the key that the footer shows before a word.
    fn press(&mut self, word: &str) {
        assert!(self.offers(word), "no {word} in: {}", self.screen);
        let footer = self.footer();
        let before = footer.split(&format!(" {word} ")).next().unwrap();
        let shown = before.split("  ").last().unwrap().trim();
        let name = shown.to_lowercase();
        // capitals are keys of their own where they stand alone
        let name = if shown.len() == 1 { shown } else { &name };
        self.stage.key(key::parse(name).unwrap());
        self.screen = self.stage.screen();
    }

    fn types(&mut self, text: &str) {
        self.stage.type_text(text);
        self.screen = self.stage.screen();
    }

    fn offers(&self, word: &str) -> bool {
        format!("{} ", self.footer()).contains(&format!(" {word} "))
    }

    fn reads(&self, text: &str) -> bool {
        self.screen.contains(text)
    }

    /// The line of a form or list that has the keys.
    fn line_here(&self) -> String {
        let here = self.screen.lines().find(|line| line.contains("│ ▸"));
        here.unwrap_or_default().to_owned()
    }

    /// What that line is called.
    fn label_here(&self) -> String {
        let line = self.line_here();
        line.chars().skip_while(|c| *c != '▸').take(18).collect()
    }

    /// The first word of that line.
    fn word_here(&self) -> String {
        let label = self.label_here();
        let word = label.split_whitespace().nth(1);
        word.unwrap_or_default().to_owned()
    }

    fn verdict(&mut self) {
        let id = self.stage.model.context().alert.unwrap();
        let leaning = self.stage.model.data.alert(&id).unwrap().leaning;
        self.press("triage");
        if leaning == Leaning::Attacker {
            self.press("next");
        }
        self.press("accept");
        // every line of the form, from the first to the last and round to the first
        let first = self.word_here();
        for _ in 0..60 {
            let line = self.line_here();
            let label = self.label_here();
            let is_open_flag = line.contains("[ ]");
            if self.offers("choose") {
                if is_open_flag || label.contains('*') {
                    self.press("choose");
                }
            } else if label.contains('*') {
                self.types("as the ticket says");
            }
            self.press("next");
            if self.word_here() == first {
                break;
            }
        }
        self.press("save");
        let saved = self.reads("saved: ") && !self.reads("not saved");
        assert!(saved, "{}", self.screen);
    }
}

#[test]
fn a_newcomer_finishes_the_bundled_case_with_the_keys_of_the_footer() {
    let stage = Stage::open(80, 24);
    let mut newcomer = Newcomer::at(stage);
    assert!(newcomer.reads("t decides."), "{}", newcomer.screen);
    newcomer.press("open");
    let alerts = newcomer.stage.model.data.alerts().len();
    for _ in 0..alerts {
        newcomer.verdict();
        newcomer.press("next alert");
    }
    assert!(newcomer.reads("this is the last alert"));
    let data = &newcomer.stage.model.data;
    let open = data.alerts().iter().filter(|alert| {
        let triage = data.triage(&alert.id);
        triage.is_none_or(|triage| triage.disposition.is_none())
    });
    assert_eq!(open.count(), 0);
    newcomer.press("close");
    newcomer.press("export");
    newcomer.press("save");
    assert!(newcomer.reads("written: "), "{}", newcomer.screen);
    assert!(!matches!(
        newcomer.stage.model.layers.last(),
        Some(Layer::Export(_))
    ));
}

#[test]
fn the_first_hint_is_never_cut() {
    for width in [24, 40, 60, 80, 120] {
        let mut stage = Stage::open(width, 24);
        let screen = stage.screen();
        let hint = screen.lines().rev().nth(1).unwrap();
        assert!(
            hint.ends_with("decides.") || width < 40,
            "{width}: {screen}"
        );
    }
}
