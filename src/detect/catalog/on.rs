//! Which value of which event a pattern is held against.

use std::borrow::Cow;
use std::fmt;

use crate::detect::names::{pipe_name, plain_image, program_name};
use crate::event::identity::file_name;

macro_rules! kinds_of_value {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// Which value of which event a pattern is held against.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum On { $($(#[doc = $doc])+ $name,)+ }

        impl On {
            /// Every kind of value.
            pub const ALL: &[On] = &[$(On::$name),+];

            /// The word in a catalogue file.
            pub fn word(self) -> &'static str {
                match self { $(On::$name => $word,)+ }
            }

            /// What it is and which events show it, in words.
            pub fn about(self) -> &'static str {
                match self { $(On::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

kinds_of_value! {
    /// Service name, display or key: 7045, 4697, 7036 and relatives, 4674, registry `Services\NAME`. `image` is its program path.
    Service = "service",
    /// Program path of a service as logged, with `%%` undone: 7045, 4697, registry `ImagePath`.
    ServiceImage = "service-image",
    /// File name of a service's program, without folder and arguments: 7045, 4697, registry `ImagePath`.
    ServiceProgram = "service-program",
    /// File name of a program that `services.exe` started, or whose starter is not known: Sysmon 1, 4688.
    ServiceProcess = "service-process",
    /// Full path of a program that `services.exe` started: Sysmon 1, 4688.
    ServiceProcessPath = "service-process-path",
    /// Command line of a child of `services.exe`: Sysmon 1, 4688.
    ServiceCommand = "service-command",
    /// OriginalFileName in the version resource, where it marks the service program: Sysmon 1.
    ServiceOriginalName = "service-original-name",
    /// Description in the version resource, where it marks the service program: Sysmon 1.
    ServiceDescription = "service-description",
    /// File name of any program that starts, connects or uses other credentials: Sysmon 1 and 3, 4688, 5156, 4648.
    Process = "process",
    /// Command line of any program that starts: Sysmon 1, 4688. `image` is the program's file name.
    Command = "command",
    /// Command line of any program that starts: Sysmon 1, 4688. `image` is the file name of what started it, where that is known.
    ChildCommand = "child-command",
    /// OriginalFileName in the version resource, where it marks the client program: Sysmon 1. `image` is the program's file name.
    OriginalName = "original-name",
    /// Description in the version resource, where it marks the client program: Sysmon 1.
    Description = "description",
    /// Hashes of a program that starts, as Sysmon 1 lists them.
    Hash = "hash",
    /// Pipe name without its backslash: Sysmon 17 and 18, 5145 on `IPC$`. `image` is the file name of the program at this end, `System` for one across the network.
    Pipe = "pipe",
    /// File name of a file that is written: Sysmon 11, 5145 with write access.
    File = "file",
    /// Path of a file written over the network: Sysmon 11 by System (`C:\Windows\x.exe`), 5145 with write access to an administrative share (`ADMIN$\x.exe`).
    Dropped = "dropped",
    /// File name of a file opened over a share with any access: 5145.
    ShareFile = "share-file",
    /// Registry path: Sysmon 12, 13, 14. `image` is the file name of the program that wrote it.
    Registry = "registry",
    /// What an antivirus verdict says, `path | threat | process`.
    Antivirus = "antivirus",
    /// PowerShell text: 4104, 4103, 800, and the command line in 400.
    Script = "script",
}

impl On {
    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<On> {
        Self::ALL.iter().copied().find(|on| on.word() == word)
    }

    /// The part of a record's text that patterns of this kind see.
    pub fn value(self, raw: &str) -> Cow<'_, str> {
        match self {
            On::ServiceImage => Cow::Owned(plain_image(raw)),
            On::ServiceProgram => Cow::Owned(program_name(&plain_image(raw)).to_owned()),
            On::ServiceProcess | On::Process | On::File | On::ShareFile => {
                Cow::Borrowed(file_name(raw))
            }
            On::Pipe => Cow::Borrowed(pipe_name(raw)),
            _ => Cow::Borrowed(raw),
        }
    }
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
