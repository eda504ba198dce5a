//! A form: fields from top to bottom, filled in any order, judged when saved.

use ratatui_textarea::TextArea;
use tui_input::{Input as Line, InputRequest};

use crate::tui::key::{self, Key};
use crate::tui::model::List;

/// How a field is filled in.
#[derive(Debug)]
pub enum Input {
    /// One line of text.
    Text(Line),
    /// Several lines of text.
    Paragraph(Box<TextArea<'static>>),
    /// One of a list, by place; none at the start.
    Choice {
        /// Values with their words.
        options: Vec<(String, String)>,
        /// The place chosen.
        chosen: Option<usize>,
    },
    /// Yes or no.
    Check(bool),
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// Names it to whoever reads the form.
    pub id: String,
    /// What the analyst sees.
    pub label: String,
    /// A sentence on what to write.
    pub help: String,
    /// How it is filled in.
    pub input: Input,
    /// Whether it must be filled as things stand.
    pub required: bool,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// Fields and the one that has the keys.
#[derive(Debug, Default)]
pub struct Form {
    /// The fields.
    pub fields: Vec<Field>,
    /// The field with the keys.
    pub list: List,
    /// What is wrong with the whole.
    pub fault: Option<String>,
}

impl Field {
    /// A field with nothing in it.
    pub fn new(id: &str, label: &str, help: &str, input: Input) -> Field {
        Field {
            id: id.to_owned(),
            label: label.to_owned(),
            help: help.to_owned(),
            input,
            required: false,
            fault: None,
        }
    }

    /// What was filled in, in one text.
    pub fn value(&self) -> String {
        match &self.input {
            Input::Text(line) => line.value().trim().to_owned(),
            Input::Paragraph(area) => area.lines().join("\n").trim().to_owned(),
            Input::Choice { options, chosen } => chosen
                .and_then(|chosen| options.get(chosen))
                .map(|(value, _)| value.clone())
                .unwrap_or_default(),
            Input::Check(on) => if *on { "yes" } else { "" }.to_owned(),
        }
    }

    /// Changes the choice by so many places, round and round.
    pub fn turn(&mut self, by: isize) {
        match &mut self.input {
            Input::Choice { options, chosen } if !options.is_empty() => {
                let count = isize::try_from(options.len()).unwrap_or(isize::MAX);
                let next = match *chosen {
                    Some(now) => isize::try_from(now).unwrap_or(0) + by,
                    None if by > 0 => 0,
                    None => -1,
                };
                *chosen = usize::try_from(next.rem_euclid(count)).ok();
            }
            Input::Check(on) => *on = !*on,
            _ => {}
        }
        self.fault = None;
    }
}

impl Form {
    /// The field with the keys.
    pub fn here(&self) -> Option<&Field> {
        self.fields.get(self.list.cursor)
    }

    /// The field with the keys, to change.
    pub fn here_mut(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.list.cursor)
    }

    /// What was filled in under an id; empty when there is no such field.
    pub fn value(&self, id: &str) -> String {
        self.fields
            .iter()
            .find(|field| field.id == id)
            .map(Field::value)
            .unwrap_or_default()
    }

    /// To the next field, or the one before; stays at the ends.
    pub fn step(&mut self, by: isize) {
        self.list.cursor = self.list.cursor.saturating_add_signed(by);
        self.list.clamp(self.fields.len());
    }

    /// To the next field, or the one before, and round the ends.
    pub fn go_round(&mut self, forward: bool) {
        let len = self.fields.len().max(1);
        let by = if forward { 1 } else { len - 1 };
        self.list.cursor = (self.list.cursor + by) % len;
    }

    /// Whether the keys are on the last field.
    pub fn at_end(&self) -> bool {
        self.list.cursor + 1 >= self.fields.len()
    }

    /// Types a key into the field with the keys.
    pub fn type_key(&mut self, pressed: Key) {
        let Some(field) = self.here_mut() else { return };
        match &mut field.input {
            Input::Text(line) => {
                edit_line(line, pressed);
            }
            Input::Paragraph(area) => {
                edit_area(area, pressed);
            }
            Input::Choice { .. } | Input::Check(_) => return,
        }
        field.fault = None;
    }

    /// Puts text where the cursor is.
    pub fn paste(&mut self, text: &str) {
        match self.here_mut().map(|field| &mut field.input) {
            Some(Input::Text(line)) => paste_line(line, text),
            Some(Input::Paragraph(area)) => {
                area.insert_str(text.replace('\r', "\n"));
            }
            _ => {}
        }
    }

    /// Marks what is wrong, by field id, and moves to the first; what belongs to no field is told
    /// above the form.
    pub fn blame(&mut self, faults: impl IntoIterator<Item = (String, String)>) {
        self.fault = None;
        for field in &mut self.fields {
            field.fault = None;
        }
        let mut first = None;
        for (id, what) in faults {
            match self.fields.iter().position(|field| field.id == id) {
                Some(place) => {
                    first = Some(first.map_or(place, |first: usize| first.min(place)));
                    if let Some(field) = self.fields.get_mut(place) {
                        field.fault = Some(what);
                    }
                }
                None => {
                    let known = self
                        .fault
                        .take()
                        .map(|fault| fault + "; ")
                        .unwrap_or_default();
                    self.fault = Some(known + &what);
                }
            }
        }
        if let Some(first) = first {
            self.list.cursor = first;
        }
    }
}

/// Types a key into a line of text, with the usual Emacs keys. Whether it was for the line.
pub fn edit_line(line: &mut Line, pressed: Key) -> bool {
    use crossterm::event::{KeyCode, KeyModifiers};
    let control = pressed.modifiers.contains(KeyModifiers::CONTROL);
    let alt = pressed.modifiers.contains(KeyModifiers::ALT);
    let request = match *pressed.codes.first() {
        KeyCode::Backspace if alt => InputRequest::DeletePrevWord,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if control || alt => InputRequest::GoToPrevWord,
        KeyCode::Right if control || alt => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char('b') if control => InputRequest::GoToPrevChar,
        KeyCode::Char('f') if control => InputRequest::GoToNextChar,
        KeyCode::Char('b') if alt => InputRequest::GoToPrevWord,
        KeyCode::Char('f') if alt => InputRequest::GoToNextWord,
        KeyCode::Char('d') if control => InputRequest::DeleteNextChar,
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char('u') if control => InputRequest::DeleteFromStart,
        KeyCode::Char('y') if control => InputRequest::Yank,
        _ => match key::typed(pressed) {
            Some(character) if !character.is_control() => InputRequest::InsertChar(character),
            _ => return false,
        },
    };
    line.handle(request);
    true
}

/// Puts text into a line; its line breaks become blanks.
pub fn paste_line(line: &mut Line, text: &str) {
    for character in text.chars() {
        let character = if character.is_control() {
            ' '
        } else {
            character
        };
        line.handle(InputRequest::InsertChar(character));
    }
}

/// Types a key into a text of several lines.
pub fn edit_area(area: &mut TextArea<'static>, pressed: Key) {
    use crossterm::event::{KeyEvent, KeyModifiers};
    if pressed.codes.first() == &crossterm::event::KeyCode::Tab {
        return;
    }
    let mut modifiers = pressed.modifiers;
    // a letter says itself whether it is a capital
    if key::typed(pressed).is_some() {
        modifiers.remove(KeyModifiers::SHIFT);
    }
    area.input(KeyEvent::new(*pressed.codes.first(), modifiers));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        let choice = Input::Choice {
            options: vec![("a".into(), "A".into()), ("b".into(), "B".into())],
            chosen: None,
        };
        Form {
            fields: vec![
                Field::new("one", "One", "", Input::Text(Line::default())),
                Field::new("two", "Two", "", choice),
                Field::new("three", "Three", "", Input::Paragraph(Box::default())),
            ],
            ..Form::default()
        }
    }

    fn type_text(form: &mut Form, text: &str) {
        for character in text.chars() {
            form.type_key(key::parse(&character.to_string()).unwrap());
        }
    }

    #[test]
    fn what_is_typed_is_what_is_read() {
        let mut form = form();
        type_text(&mut form, "Ola Nordmann, ext. 42 Ø");
        form.step(1);
        assert_eq!(form.value("two"), "");
        form.here_mut().unwrap().turn(-1);
        form.step(1);
        type_text(&mut form, "First");
        form.type_key(key::parse("enter").unwrap());
        type_text(&mut form, "Second");
        assert_eq!(
            (form.value("one").as_str(), form.value("two").as_str()),
            ("Ola Nordmann, ext. 42 Ø", "b")
        );
        assert_eq!(form.value("three"), "First\nSecond");
    }

    #[test]
    fn tab_goes_round_the_ends() {
        let mut form = form();
        form.go_round(false);
        assert_eq!(form.list.cursor, 2);
        form.go_round(true);
        assert_eq!(form.list.cursor, 0);
    }

    #[test]
    fn blame_goes_to_the_field_or_above() {
        let mut form = form();
        form.list.cursor = 2;
        form.blame([
            ("two".to_owned(), "is missing".to_owned()),
            ("other".to_owned(), "closed".to_owned()),
        ]);
        assert_eq!(form.list.cursor, 1);
        assert_eq!(form.fields[1].fault.as_deref(), Some("is missing"));
        assert_eq!(form.fault.as_deref(), Some("closed"));
    }
}
