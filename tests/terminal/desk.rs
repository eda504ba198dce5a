//! An analyst's desk: an empty home, a terminal, the program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::console::{Console, Setting, text_of};

/// The program under test.
pub(crate) const DUALUSE: &str = env!("CARGO_BIN_EXE_dualuse");

/// The whole bundled case.
pub(crate) const EVENING: &str = "testdata/logs";

/// One workstation of it, for stories that need only some alerts.
pub(crate) const WORKSTATION: &str = "testdata/logs/WS-1017";

/// An analyst with an empty home.
pub(crate) struct Desk {
    home: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk {
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A place in the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Starts the program in a terminal of 120 by 40.
    pub(crate) fn start(&self, arguments: &[&str]) -> Console {
        self.start_with((120, 40), &[], arguments)
    }

    /// The same with a size and an environment.
    pub(crate) fn start_with(
        &self,
        size: (u16, u16),
        environment: &[(&str, &str)],
        arguments: &[&str],
    ) -> Console {
        Console::start(&self.setting(size, environment), DUALUSE, arguments)
    }

    /// The same, and waits until all evidence is read.
    pub(crate) fn open(&self, arguments: &[&str]) -> Console {
        let mut console = self.start(arguments);
        read_all(&mut console);
        console
    }

    /// Runs a line of shell in a terminal; `$DUALUSE` is the program.
    pub(crate) fn shell(&self, line: &str) -> Console {
        let environment = [("DUALUSE", DUALUSE)];
        Console::start(&self.setting((100, 30), &environment), "sh", &["-c", line])
    }

    pub(crate) fn setting<'a>(
        &'a self,
        size: (u16, u16),
        environment: &'a [(&'a str, &'a str)],
    ) -> Setting<'a> {
        Setting {
            size,
            home: self.home(),
            environment,
            latency: Duration::ZERO,
        }
    }
}

/// Waits until all evidence is read: decisions wait for that too.
pub(crate) fn read_all(console: &mut Console) {
    console.wait_until("all is read", |screen| {
        let text = text_of(screen);
        let bar = text.lines().next().unwrap_or_default();
        let reads = ["looking for logs", "reading ", "joining"];
        text.contains("help") && !reads.iter().any(|word| bar.contains(word))
    });
}
