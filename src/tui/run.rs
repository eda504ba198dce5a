//! The event loop: sleeps until something happens, lets the model change, draws once.

use std::io;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::input::{self, Incoming};
use super::message::{Effect, Message};
use super::model::Model;
use super::terminal::Screen;
use super::update::update;
use super::view;
use super::worker::Workers;

/// Most characters handed to the terminal's clipboard; many terminals take no more.
const MOST_COPIED: usize = 74_000;

/// Runs the interface until it is left; answers how it was left. The workers begin when the first
/// frame is drawn.
pub(super) fn run(
    mut model: Model,
    start: impl FnOnce(Sender<Incoming>) -> Workers,
) -> io::Result<Model> {
    let mut screen = Screen::take(model.mouse)?;
    let (sender, incoming) = unbounded();
    draw(&mut screen, &mut model)?;
    let (go_on, reader_waits) = bounded(1);
    input::read_keys(sender.clone(), reader_waits)?;
    input::listen(sender.clone())?;
    let mut session = Session {
        screen,
        workers: start(sender),
        go_on,
        leaving: false,
    };
    while !session.leaving {
        let first = match wait(&incoming, &model) {
            Some(first) => first,
            None => Incoming::Worker(Message::ToastOver),
        };
        session.take(&mut model, first)?;
        // everything that has happened meanwhile shows in the same frame
        while !session.leaving
            && let Ok(next) = incoming.try_recv()
        {
            session.take(&mut model, next)?;
        }
        if !session.leaving {
            draw(&mut session.screen, &mut model)?;
        }
    }
    session.workers.finish();
    Ok(model)
}

/// Waits for something to happen; `None` when a toast's time is over first.
fn wait(incoming: &Receiver<Incoming>, model: &Model) -> Option<Incoming> {
    match &model.toast {
        None => Some(incoming.recv().unwrap_or(Incoming::Terminate)),
        Some(toast) => match incoming.recv_deadline(toast.until) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Incoming::Terminate),
        },
    }
}

fn draw(screen: &mut Screen, model: &mut Model) -> io::Result<()> {
    model.data.now = Some(crate::event::Time::now());
    let mut drawn = view::Drawn::default();
    screen.draw(|frame| {
        drawn = view::draw(model, frame.area(), frame.buffer_mut());
        if let Some(cursor) = drawn.cursor {
            frame.set_cursor_position(cursor);
        }
    })?;
    view::remember(model, drawn);
    Ok(())
}

struct Session {
    screen: Screen,
    workers: Workers,
    go_on: Sender<()>,
    leaving: bool,
}

impl Session {
    fn take(&mut self, model: &mut Model, incoming: Incoming) -> io::Result<()> {
        match incoming {
            Incoming::Worker(message) => self.act(model, message)?,
            Incoming::Keys(messages) => {
                for message in messages {
                    if self.leaving {
                        break;
                    }
                    self.act(model, message)?;
                }
                let _ = self.go_on.try_send(());
            }
            Incoming::Terminate | Incoming::NoKeyboard => self.act(model, Message::Terminate)?,
            Incoming::Stop => self.suspend()?,
            Incoming::Continued => self.screen.enter()?,
        }
        Ok(())
    }

    fn act(&mut self, model: &mut Model, message: Message) -> io::Result<()> {
        let mut effects = update(model, message);
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                if let Some(answer) = self.perform(model, effect)? {
                    next.extend(update(model, answer));
                }
            }
            effects = next;
        }
        Ok(())
    }

    /// Does what the model asks for; what is known at once is answered at once.
    fn perform(&mut self, model: &Model, effect: Effect) -> io::Result<Option<Message>> {
        match effect {
            Effect::Quit => self.leaving = true,
            Effect::Suspend => self.suspend()?,
            Effect::Redraw => self.screen.redraw()?,
            Effect::Mouse(on) => self.screen.set_mouse(on)?,
            Effect::Copy(text) => return self.copy(&text).map(Some),
            Effect::Edit(text) => {
                self.screen.leave();
                let edited = super::editor::edit(&text);
                self.screen.enter()?;
                return Ok(Some(Message::Edited(edited)));
            }
            other => self.workers.perform(other, &model.data.snapshot),
        }
        Ok(None)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.leave();
        input::stop();
        self.screen.enter()
    }

    fn copy(&mut self, text: &str) -> io::Result<Message> {
        let safe = crate::text::paragraph(text);
        let all = safe.as_str().chars().count();
        let text: String = safe.as_str().chars().take(MOST_COPIED).collect();
        self.screen.copy(&text)?;
        Ok(Message::Copied(if all > MOST_COPIED {
            Err(format!(
                "only the first {MOST_COPIED} of {all} characters were copied; terminals take no more"
            ))
        } else {
            Ok(format!(
                "copied {all} characters through the terminal (OSC 52)"
            ))
        }))
    }
}
