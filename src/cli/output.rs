//! Standard output for data, standard error for messages.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstyle::{AnsiColor, Style};

use crate::report::Plain;
use crate::text::paragraph;

/// Widest text on a terminal, in columns: longer lines are hard to read.
const WIDEST: usize = 110;

/// Bytes that are written in one go: reports of many alerts have megabytes.
const AT_ONCE: usize = 1 << 16;

/// Standard output, buffered.
pub(super) struct Output {
    stdout: BufWriter<StdoutLock<'static>>,
}

impl Output {
    /// The standard output of this process.
    pub(super) fn standard() -> Self {
        Output {
            stdout: BufWriter::with_capacity(AT_ONCE, io::stdout().lock()),
        }
    }

    /// Writes what is buffered.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }

    /// How plain text is laid out here.
    pub(super) fn plain(&self) -> Plain {
        let terminal = io::stdout().is_terminal();
        let width = terminal.then(|| {
            let columns =
                terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
            columns.min(WIDEST)
        });
        Plain {
            colour: wants_colour(terminal),
            width,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdout.write(bytes)
    }

    // JSON comes in very small pieces.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdout.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// Colour on a terminal, unless `NO_COLOR` or `TERM=dumb` says no; elsewhere only when
/// `CLICOLOR_FORCE` says so. <https://no-color.org>, <https://bixense.com/clicolors>
fn wants_colour(terminal: bool) -> bool {
    let set =
        |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    set("CLICOLOR_FORCE") || terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Says what went wrong, with its causes, on standard error.
pub(super) fn error(error: &anyhow::Error) {
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            said.push_str(&format!(": {cause}"));
        }
    }
    say("error", AnsiColor::Red, &said);
}

/// Warns on standard error.
pub(super) fn warn(what: &str) {
    say("warning", AnsiColor::Yellow, what);
}

/// Tells something on standard error.
pub(super) fn note(what: &str) {
    say("note", AnsiColor::Cyan, what);
}

fn say(kind: &str, colour: AnsiColor, what: &str) {
    let mut stderr = io::stderr().lock();
    let style = if wants_colour(stderr.is_terminal()) {
        colour.on_default().bold()
    } else {
        Style::new()
    };
    // When standard error is gone there is nobody left to tell.
    let _ = writeln!(stderr, "{style}{kind}{style:#}: {}", paragraph(what));
}
