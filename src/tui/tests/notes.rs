//! Notes: what they point at, and what becomes of their earlier texts.

use super::stage::Stage;
use crate::case::{Act, Linked};
use crate::tui::model::{Layer, Page, Section};

/// The page of the first alert, with a note that points at an event.
fn noted() -> Stage {
    let mut stage = Stage::open(120, 50);
    stage
        .press("enter a")
        .type_text("it began with ")
        .press("@");
    assert!(stage.shows("point at an event"), "{}", stage.screen());
    stage.type_text("event installed").press("enter");
    assert!(written(&stage).contains("](event:"), "{}", stage.screen());
    stage.press("ctrl-s");
    assert!(stage.shows("saved: note"), "{}", stage.screen());
    stage
}

/// What stands in the editor.
fn written(stage: &Stage) -> String {
    match stage.model.layers.last() {
        Some(Layer::Notes(notes)) => notes.text(),
        other => panic!("no editor but {other:?}"),
    }
}

/// Puts the cursor on the line of the notes that holds a text.
fn go_to(stage: &mut Stage, text: &str) {
    let Page::Alert(page) = stage.model.page() else {
        panic!("no alert is shown");
    };
    let items = page.items(&stage.model.data);
    let row = items
        .iter()
        .position(|item| item.section == Section::Decisions && item.text().contains(text))
        .unwrap_or_else(|| panic!("no line {text}"));
    stage.model.walk.here_mut().list_mut().cursor = row;
    stage.draw();
}

fn notes(stage: &Stage) -> Vec<crate::case::Note> {
    let id = stage.model.context().alert.unwrap();
    stage.model.data.triage(&id).unwrap().notes.clone()
}

#[test]
fn a_note_points_at_an_event_by_content_and_the_page_leads_there() {
    let mut stage = noted();
    let note = notes(&stage).remove(0);
    let [link] = note.links.as_slice() else {
        panic!("{note:?}");
    };
    let Linked::Event(name) = &link.to else {
        panic!("{link:?}");
    };
    let event = name.find(stage.model.data.timeline()).unwrap();
    assert!(note.markdown.starts_with("it began with ["), "{note:?}");
    go_to(&mut stage, &link.to.words());
    stage.press("enter");
    assert!(matches!(stage.model.page(), Page::Event(page) if page.index == event));
}

#[test]
fn processes_and_accounts_can_be_pointed_at_too() {
    for (typed, address) in [("process psexec", "](process:"), ("account", "](account:")] {
        let mut stage = Stage::open(120, 50);
        stage.press("enter a @").type_text(typed).press("enter");
        assert!(written(&stage).contains(address), "{}", stage.screen());
        stage.press("ctrl-s");
        let link = notes(&stage).remove(0).links.remove(0);
        go_to(&mut stage, &link.to.words());
        stage.press("enter");
        let led = match link.to {
            Linked::Process(_) => matches!(stage.model.page(), Page::Processes(_)),
            _ => matches!(stage.model.page(), Page::Events(_)),
        };
        assert!(led, "{}", stage.screen());
    }
}

#[test]
fn an_at_sign_stays_one_in_a_word_and_when_nothing_is_picked() {
    let mut stage = Stage::open(120, 50);
    stage.press("enter a").type_text("kari").press("@");
    stage.type_text("example ").press("@ esc");
    stage.type_text("noon").press("ctrl-s");
    assert_eq!(notes(&stage)[0].markdown, "kari@example @noon");
}

#[test]
fn a_changed_note_keeps_its_earlier_text_in_the_history() {
    let mut stage = noted();
    go_to(&mut stage, "it began with");
    stage.press("enter");
    assert!(stage.shows("earlier text is kept"), "{}", stage.screen());
    stage.type_text(" at night").press("ctrl-s");
    assert!(stage.shows("saved: note changed"), "{}", stage.screen());
    let now = notes(&stage);
    assert_eq!((now.len(), now[0].edits), (1, 1));
    assert!(now[0].markdown.ends_with(" at night"));
    assert_eq!(now[0].links.len(), 1, "the link was lost");
    assert!(stage.shows("no longer in force"), "{}", stage.screen());
    let id = stage.model.context().alert.unwrap();
    let history = &stage.model.data.triage(&id).unwrap().history;
    let texts = history
        .iter()
        .filter(|entry| matches!(entry.content.act, Act::Note { .. }));
    assert_eq!(texts.count(), 2);
    // and an emptied one goes away, until that is taken back
    go_to(&mut stage, "at night");
    stage.press("enter");
    stage.press("ctrl-j ctrl-s");
    assert!(stage.shows("saved: note removed"), "{}", stage.screen());
    assert!(notes(&stage).is_empty());
    stage.press("u");
    assert!(notes(&stage)[0].markdown.ends_with(" at night"));
}
