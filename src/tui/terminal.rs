//! Takes the terminal and gives it back: on exit, error, panic, suspend and signals.
//!
//! The terminal is never asked anything at the start: late answers would be taken for keys.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, CrosstermBackend};

/// Whether the terminal is ours at this moment; read by the panic hook.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, taken. Dropping it gives it back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

/// Whether there is a terminal to draw on and to read keys from.
pub fn is_available() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

impl Screen {
    /// Takes the terminal, with the mouse or without.
    ///
    /// # Errors
    /// When there is none, or it cannot be set up; it is then as it was before.
    pub(super) fn take(mouse: bool) -> io::Result<Screen> {
        if !is_available() {
            return Err(io::Error::other(
                "the interface needs a terminal for both input and output; without one use `dualuse scan`",
            ));
        }
        // crossterm 0.29 resets bold and reverse under NO_COLOR; our monochrome theme does it right
        crossterm::style::force_color_output(true);
        install_hook();
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        let mut screen = Screen {
            terminal: Terminal::new(backend)?,
            mouse,
        };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal again after [`Screen::leave`]; everything is drawn anew.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        let entered = enable_raw_mode().and_then(|()| {
            execute!(
                io::stdout(),
                EnterAlternateScreen,
                EnableBracketedPaste,
                cursor::Hide
            )?;
            if self.mouse {
                execute!(io::stdout(), EnableMouseCapture)
            } else {
                Ok(())
            }
        });
        if let Err(error) = entered {
            give_back();
            return Err(error);
        }
        self.redraw()
    }

    /// Gives the terminal back.
    pub(super) fn leave(&mut self) {
        give_back();
    }

    /// Has the mouse, or gives it back.
    pub(super) fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            execute!(io::stdout(), DisableMouseCapture)
        }
    }

    /// Draws every cell at the next frame. `Terminal::clear` would ask the terminal where its
    /// cursor is, and wait for the answer; between frames the buffer that is to be drawn on is
    /// blank, so it is made the one that the screen is held against.
    pub(super) fn redraw(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().clear_region(ClearType::All)?;
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Draws a frame in one piece.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.terminal.backend_mut())
    }

    /// Hands text to the terminal's clipboard (OSC 52). The terminal does not answer.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        use base64::Engine;
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{encoded}\x07")?;
        // tmux takes the command itself only with `set-clipboard on`; wrapped, it hands it on where
        // `allow-passthrough` is on. Where both are, the same text is copied twice.
        if std::env::var_os("TMUX").is_some() {
            write!(out, "\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\")?;
        }
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Brings the terminal back to what it was. Never fails and may be called twice: a terminal that
/// is gone needs nothing.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// A panic of the interface gives the terminal back before it is reported. One of a worker is
/// caught there and reported on the screen, so nothing is printed over it.
fn install_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let interface = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if std::thread::current().id() == interface {
            give_back();
            before(info);
            let _ = writeln!(
                io::stderr(),
                "Every decision and note that was shown as saved is in the case file."
            );
        } else if !TAKEN.load(Ordering::SeqCst) {
            before(info);
        }
    }));
}
