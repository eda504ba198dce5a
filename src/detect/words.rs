//! The words in which a sighting is told.

use serde::{Deserialize, Serialize};

/// How sure it is that the named tool was used (identity, not intent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// A name alone, or a weak shape.
    Possible,
    /// A shape, or a name in the right place.
    Likely,
    /// Several artefacts that agree, or one that nothing else makes.
    Certain,
}

/// A kind of trace that a tool leaves (design §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the field's own words")]
pub enum Artefact {
    ServiceInstall,
    ServiceState,
    ServiceProcess,
    ChildProcess,
    ClientProcess,
    NamedPipe,
    FileDrop,
    ShareAccess,
    Registry,
    Logon,
    Antivirus,
    Network,
    Script,
}

impl Artefact {
    /// The word of the design, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Artefact::ServiceInstall => "service-install",
            Artefact::ServiceState => "service-state",
            Artefact::ServiceProcess => "service-process",
            Artefact::ChildProcess => "child-process",
            Artefact::ClientProcess => "client-process",
            Artefact::NamedPipe => "named-pipe",
            Artefact::FileDrop => "file-drop",
            Artefact::ShareAccess => "share-access",
            Artefact::Registry => "registry",
            Artefact::Logon => "logon",
            Artefact::Antivirus => "antivirus",
            Artefact::Network => "network",
            Artefact::Script => "script",
        }
    }
}
