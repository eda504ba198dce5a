//! What comes from outside: keys and signals, each read by a thread of its own that sleeps until
//! there is something.

use crossbeam_channel::{Receiver, Sender};
use crossterm::event::{self, Event, KeyEvent, MouseButton, MouseEventKind};

use super::key;
use super::message::Message;

/// Something from outside the model.
pub(super) enum Incoming {
    /// Keys that were pressed, in order. The reader waits until it is told to go on, so that an
    /// editor or the shell can have the keyboard meanwhile.
    Keys(Vec<Message>),
    /// Anything from a worker.
    Worker(Message),
    /// A signal that asks to end.
    Terminate,
    /// A signal that asks to stop until continued.
    Stop,
    /// The program was continued.
    Continued,
    /// The keyboard is gone.
    NoKeyboard,
}

/// Most keys taken at once, so that a flood still shows frames.
const BATCH: usize = 64;

/// Starts reading keys. After each batch the reader waits for a word on `go_on`.
pub(super) fn read_keys(out: Sender<Incoming>, go_on: Receiver<()>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("keys".to_owned())
        .spawn(move || {
            loop {
                let mut batch = Vec::new();
                loop {
                    match event::read() {
                        Ok(event) => batch.extend(message(event)),
                        Err(_) => {
                            let _ = out.send(Incoming::NoKeyboard);
                            return;
                        }
                    }
                    let more = event::poll(std::time::Duration::ZERO).unwrap_or(false);
                    if !more || batch.len() >= BATCH {
                        break;
                    }
                }
                if batch.is_empty() {
                    continue;
                }
                if out.send(Incoming::Keys(batch)).is_err() || go_on.recv().is_err() {
                    return;
                }
            }
        })?;
    Ok(())
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => pressed(key),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(width, height) => Some(Message::Resized(width, height)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Message::Wheel(3)),
            MouseEventKind::ScrollUp => Some(Message::Wheel(-3)),
            MouseEventKind::Down(MouseButton::Left) => Some(Message::Click {
                x: mouse.column,
                y: mouse.row,
            }),
            _ => None,
        },
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn pressed(event: KeyEvent) -> Option<Message> {
    key::of_event(event).map(Message::Key)
}

/// Starts listening for signals.
#[cfg(unix)]
pub(super) fn listen(out: Sender<Incoming>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals =
        signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let incoming = match signal {
                    SIGTSTP => Incoming::Stop,
                    SIGCONT => Incoming::Continued,
                    _ => Incoming::Terminate,
                };
                if out.send(incoming).is_err() {
                    return;
                }
            }
        })?;
    Ok(())
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(super) fn listen(_out: Sender<Incoming>) -> std::io::Result<()> {
    Ok(())
}

/// Stops the program until the shell continues it.
#[cfg(unix)]
pub(super) fn stop() {
    let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
}

/// There is no job control here.
#[cfg(not(unix))]
pub(super) fn stop() {}
