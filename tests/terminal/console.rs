//! A terminal for tests: a real pseudo terminal, a program in it, and what a human would see.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

/// How long something may take before a test fails; far more than it ever should.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program in a terminal.
pub(crate) struct Console {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    slave: Option<Box<dyn SlavePty + Send>>,
    keyboard: Box<dyn Write + Send>,
    shown: Arc<Shown>,
    reader: Option<JoinHandle<()>>,
    /// The line discipline before the program started.
    before: String,
    latency: Duration,
}

/// What came out of the program so far.
struct Shown {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    screen: vt100::Parser<Heard>,
    bytes: Vec<u8>,
}

/// What the program asked of the terminal beyond drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// What went to the clipboard, in base64.
    pub(crate) copied: Vec<String>,
    /// Everything else: bells, titles, sequences that no terminal knows.
    pub(crate) odd: Vec<String>,
}

impl vt100::Callbacks for Heard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.copied.push(String::from_utf8_lossy(data).into_owned());
    }

    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.odd.push("bell".to_owned());
    }

    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.odd.push("flash".to_owned());
    }

    fn resize(&mut self, _: &mut vt100::Screen, size: (u16, u16)) {
        self.odd.push(format!("size {size:?}"));
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.odd.push(format!("title {title:?}"));
    }

    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.odd.push("asks for the clipboard".to_owned());
    }

    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.odd.push(format!("control {byte:#x}"));
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parameters: &[&[u8]]) {
        self.odd.push(format!("command {parameters:?}"));
    }
}

/// How a program ended and what it left behind.
pub(crate) struct Left {
    pub(crate) code: u32,
    pub(crate) signal: Option<String>,
    /// Everything that the program sent.
    pub(crate) bytes: Vec<u8>,
}

/// A terminal of that size for a program, with nothing in its environment but what is named.
pub(crate) struct Setting<'a> {
    pub(crate) size: (u16, u16),
    pub(crate) home: &'a Path,
    pub(crate) environment: &'a [(&'a str, &'a str)],
    /// Delay of everything, both ways.
    pub(crate) latency: Duration,
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN)
}

fn screen_of((cols, rows): (u16, u16)) -> vt100::Parser<Heard> {
    let (rows, cols) = (at_least_one(rows), at_least_one(cols));
    vt100::Parser::new_with_callbacks(rows, cols, 0, Heard::default())
}

/// How much of what was sent a terminal shows: all but a frame that has begun and not ended
/// (synchronized updates).
fn whole_frames(sent: &[u8]) -> usize {
    let last = |mark: &[u8]| sent.windows(mark.len()).rposition(|part| part == mark);
    match (last(b"\x1b[?2026h"), last(b"\x1b[?2026l")) {
        (Some(begun), ended) if ended.is_none_or(|ended| ended < begun) => begun,
        _ => sent.len(),
    }
}

impl Console {
    /// Starts a program.
    pub(crate) fn start(setting: &Setting<'_>, program: &str, arguments: &[&str]) -> Console {
        let pair = native_pty_system().openpty(pty_size(setting.size)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        for (name, value) in [
            ("HOME", setting.home.to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
            ("TERM", "xterm-256color"),
            ("DUALUSE_AUTHOR", "ana@desk"),
        ] {
            command.env(name, value);
        }
        for (name, value) in setting.environment {
            command.env(name, value);
        }
        let before = discipline(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        let shown = Arc::new(Shown {
            state: Mutex::new(State {
                screen: screen_of(setting.size),
                bytes: Vec::new(),
            }),
            changed: Condvar::new(),
        });
        let mut output = pair.master.try_clone_reader().unwrap();
        let (screen, latency) = (Arc::clone(&shown), setting.latency);
        let reader = std::thread::spawn(move || {
            let (mut buffer, mut held) = ([0; 1 << 14], Vec::new());
            // an error is how a pseudo terminal says that nobody writes to it any more
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                std::thread::sleep(latency);
                held.extend_from_slice(&buffer[..count]);
                let whole: Vec<u8> = held.drain(..whole_frames(&held)).collect();
                let mut state = screen.state.lock().unwrap();
                state.screen.process(&whole);
                state.bytes.extend_from_slice(&buffer[..count]);
                screen.changed.notify_all();
            }
        });
        Console {
            child,
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            slave: Some(pair.slave),
            shown,
            reader: Some(reader),
            before,
            latency: setting.latency,
        }
    }

    /// Presses keys, in the notation of keymap files: `g p`, `enter`, `ctrl-s`.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        let bytes: Vec<u8> = keys.split_whitespace().flat_map(bytes_of).collect();
        self.send(&bytes)
    }

    /// Types text.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.send(text.as_bytes())
    }

    /// Sends what a keyboard or mouse would.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> &mut Self {
        std::thread::sleep(self.latency);
        self.keyboard.write_all(bytes).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        wanted: impl Fn(&vt100::Screen) -> bool,
    ) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shown.state.lock().unwrap();
        while !wanted(state.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let text = text_of(state.screen.screen());
                drop(state);
                panic!("{what}: never came to be on\n{text}");
            }
            state = self.shown.changed.wait_timeout(state, left).unwrap().0;
        }
        drop(state);
        self
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> &mut Self {
        self.wait_until(text, |screen| text_of(screen).contains(text))
    }

    /// Waits until all alerts are listed and nothing is being read any more: decisions wait for that, too.
    #[track_caller]
    pub(crate) fn wait_loaded(&mut self) -> &mut Self {
        self.wait_until("the list of all alerts", |screen| {
            let text = text_of(screen);
            let bar = text.lines().next().unwrap_or_default();
            let busy = ["looking for logs", "reading ", "joining"];
            text.contains("what ran") && !busy.iter().any(|word| bar.contains(word))
        })
    }

    /// Waits until the screen shows a text no longer.
    #[track_caller]
    pub(crate) fn wait_gone(&mut self, text: &str) -> &mut Self {
        self.wait_until(text, |screen| !text_of(screen).contains(text))
    }

    /// The screen as lines of text.
    pub(crate) fn text(&self) -> String {
        text_of(self.shown.state.lock().unwrap().screen.screen())
    }

    /// Something of the screen.
    pub(crate) fn look<T>(&self, at: impl Fn(&vt100::Screen) -> T) -> T {
        at(self.shown.state.lock().unwrap().screen.screen())
    }

    /// Everything that was sent so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.shown.state.lock().unwrap().bytes.clone()
    }

    /// What was asked of the terminal so far, beyond drawing.
    pub(crate) fn heard(&self) -> Heard {
        self.shown.state.lock().unwrap().screen.callbacks().clone()
    }

    /// The process of the program.
    pub(crate) fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, cols: u16, rows: u16) -> &mut Self {
        let mut state = self.shown.state.lock().unwrap();
        let (rows_now, cols_now) = (at_least_one(rows), at_least_one(cols));
        state.screen.screen_mut().set_size(rows_now, cols_now);
        self.master.resize(pty_size((cols, rows))).unwrap();
        drop(state);
        self
    }

    /// Whether the terminal is as it was before the program.
    pub(crate) fn is_sane(&self) -> Result<(), String> {
        let state = self.shown.state.lock().unwrap();
        let screen = state.screen.screen();
        let checks = [
            ("the other screen is shown", screen.alternate_screen()),
            ("the cursor is hidden", screen.hide_cursor()),
            ("pastes are bracketed", screen.bracketed_paste()),
            (
                "the mouse is taken",
                screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None,
            ),
            (
                "text is coloured",
                screen.fgcolor() != vt100::Color::Default
                    || screen.bgcolor() != vt100::Color::Default,
            ),
            (
                "keys are raw",
                discipline(self.master.as_ref()) != self.before,
            ),
        ];
        match checks.iter().find(|(_, holds)| *holds) {
            Some((what, _)) => Err(format!("{what}\n{}", text_of(screen))),
            None => Ok(()),
        }
    }

    /// Waits until the program has ended.
    #[track_caller]
    pub(crate) fn left(mut self) -> Left {
        let status = self.settle();
        self.leave(&status)
    }

    /// The same, and that the terminal is as it was before.
    #[track_caller]
    pub(crate) fn left_sane(mut self) -> Left {
        let status = self.settle();
        self.is_sane().unwrap();
        self.leave(&status)
    }

    fn leave(&self, status: &portable_pty::ExitStatus) -> Left {
        Left {
            code: status.exit_code(),
            signal: status.signal().map(str::to_owned),
            bytes: self.bytes(),
        }
    }

    /// Waits for the end and for everything that was sent before it.
    #[track_caller]
    fn settle(&mut self) -> portable_pty::ExitStatus {
        let status = self.ended();
        drop(self.slave.take());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }

    /// Sends a signal to the program, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        signal(name, self.process());
    }

    #[track_caller]
    fn ended(&mut self) -> portable_pty::ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the program does not end\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // a story that failed leaves no program behind
        if matches!(self.child.try_wait(), Ok(None)) {
            signal("KILL", self.process());
            let _ = self.child.wait();
        }
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let sent = std::process::Command::new("kill")
        .args([format!("-{name}"), process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// How the terminal treats keys: raw, or by lines with echo.
fn discipline(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

/// The screen as lines, blanks at their ends cut.
pub(crate) fn text_of(screen: &vt100::Screen) -> String {
    let (_, columns) = screen.size();
    screen
        .rows(0, columns.get())
        .map(|row| row.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a keyboard sends for a key.
fn bytes_of(key: &str) -> Vec<u8> {
    match key {
        "enter" => b"\r".to_vec(),
        "esc" => b"\x1b".to_vec(),
        "tab" => b"\t".to_vec(),
        "space" => b" ".to_vec(),
        "down" => b"\x1b[B".to_vec(),
        "f2" => b"\x1bOQ".to_vec(),
        "f12" => b"\x1b[24~".to_vec(),
        other => match other.strip_prefix("ctrl-") {
            Some(letter) => letter.bytes().map(|byte| byte & 0x1f).collect(),
            None => other.as_bytes().to_vec(),
        },
    }
}
