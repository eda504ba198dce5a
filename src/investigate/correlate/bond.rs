//! How strongly a trace is joined with a use, and what keeps the two apart.

use std::time::Duration;

use super::{
    DEPLOYMENT, LONG_RUN, NEXT_COMMAND, ONE_INSTALLATION, SAME_CLIENT, SAME_LOGON, SAME_SERVICE,
    SAME_TOOL, Sweep, Trace, Use, client, is_installation,
};
use crate::detect::{Artefact, ToolIndex, ToolKind};
use crate::event::{Sym, Time, same_account};

impl Sweep<'_> {
    pub(super) fn bond(&self, found: &Use, trace: &Trace) -> Bond {
        let gap = trace.time.distance(found.last);
        let client = client(&trace.sighting);
        if client
            .as_ref()
            .is_some_and(|client| found.clients.contains(client))
            && gap <= SAME_CLIENT
        {
            return Bond::Strong;
        }
        if self.apart(found, trace) != Apart::No || !self.compatible(found, trace) {
            return Bond::None;
        }
        if trace
            .sighting
            .service
            .as_ref()
            .is_some_and(|service| found.services.contains(service))
        {
            return self.service_bond(found, trace, gap);
        }
        if deletes_file_of(found, trace) && gap <= LONG_RUN {
            return Bond::Weak;
        }
        if let Some(bond) = program_bond(found, trace, gap) {
            return bond;
        }
        if runs_service_of(found, trace) {
            return Bond::Weak;
        }
        if !trace.logon.is_none() && found.logons.contains(&trace.logon) && gap <= SAME_LOGON {
            return Bond::Strong;
        }
        if self.serves_deployment(found, trace, gap) || self.uses_service_of(found, trace) {
            return Bond::Weak;
        }
        let kind = self.catalog.tool(trace.sighting.tool);
        let behaviour = kind.is_none_or(|tool| tool.kind == ToolKind::Behaviour);
        let same_tool = found.tools.contains(&trace.sighting.tool);
        let limit = if kind.is_some_and(|tool| tool.many_services) {
            NEXT_COMMAND
        } else {
            SAME_TOOL
        };
        // Two services of one behaviour at one time are two, unless neither has a name.
        let nameless = trace.sighting.service.is_none() && found.services.is_empty();
        let session_zero = kind.is_some_and(|tool| tool.id == "session-zero");
        if same_tool && gap <= limit && (!behaviour || nameless) && !session_zero {
            return Bond::Weak;
        }
        Bond::None
    }

    /// Whether the trace is a service that the same account installs in the course of a named tool's
    /// use: what a roll-out installs belongs to the roll-out.
    fn serves_deployment(&self, found: &Use, trace: &Trace, gap: Duration) -> bool {
        let is_named = |tool: &ToolIndex| {
            self.catalog
                .tool(*tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour)
        };
        trace.sighting.artefact == Artefact::ServiceInstall
            && !is_named(&trace.sighting.tool)
            && found.tools.iter().any(is_named)
            && !trace.account.is_none()
            && !found.accounts.is_empty()
            && gap <= DEPLOYMENT
    }

    /// Whether the trace is a named tool's pipe, used moments after surely the same account installed
    /// a service that no name gives away, with its program where clients put theirs: perhaps the
    /// tool's own, renamed. What follows from it is told as inferred.
    fn uses_service_of(&self, found: &Use, trace: &Trace) -> bool {
        let is_moments_after =
            |time: Time| time <= trace.time && trace.time.distance(time) <= SAME_TOOL;
        matches!(
            trace.sighting.artefact,
            Artefact::NamedPipe | Artefact::ShareAccess
        ) && trace.sighting.service.is_none()
            && found.pushed.is_some_and(is_moments_after)
            && !trace.account.is_none()
            && found
                .accounts
                .iter()
                .any(|account| self.are_surely_one(*account, trace.account))
    }

    fn service_bond(&self, found: &Use, trace: &Trace, gap: Duration) -> Bond {
        let many = self
            .catalog
            .tool(trace.sighting.tool)
            .is_some_and(|tool| tool.many_services);
        if is_installation(&trace.sighting) {
            let limit = if many { NEXT_COMMAND } else { SAME_SERVICE };
            if (is_again(found, trace) && !many) || gap > limit {
                return Bond::None;
            }
        } else if is_upload(trace) && is_again(found, trace) {
            return Bond::None;
        }
        // A trace that names service and logon ties what either of them has gathered.
        if (!trace.logon.is_none() && gap <= SAME_TOOL) || ties_program(found, trace, gap) {
            return Bond::Strong;
        }
        let limit = if trace.ends { LONG_RUN } else { SAME_SERVICE };
        if gap <= limit { Bond::Weak } else { Bond::None }
    }

    /// Whether the trace's tool can be part of the use: the same tool, or one of the two is only a
    /// behaviour, or they share code.
    fn compatible(&self, found: &Use, trace: &Trace) -> bool {
        let named = |tool: ToolIndex| {
            self.catalog
                .tool(tool)
                .is_some_and(|tool| tool.kind != ToolKind::Behaviour)
        };
        found.tools.contains(&trace.sighting.tool)
            || !named(trace.sighting.tool)
            || !found.tools.iter().any(|tool| named(*tool))
    }
}

/// Within it the records of one moment may lie in any order across channels.
const CLOCKS: Duration = Duration::from_secs(2);

/// Whether the trace is the start of a program whose arguments are those of a service that the use
/// installed moments before. The service manager expands variables, so only what stands before
/// the first one is compared.
fn runs_service_of(found: &Use, trace: &Trace) -> bool {
    let Some(line) = trace
        .arguments
        .as_ref()
        .filter(|_| trace.sighting.artefact == Artefact::ServiceProcess)
    else {
        return false;
    };
    let moments_before =
        |(installed, _): &&(Time, String)| installed.plus(NEXT_COMMAND) >= trace.time;
    let mut latest = found.arguments.iter().rev().take_while(moments_before);
    latest.any(|(installed, arguments)| {
        let fixed = arguments.split('%').next().unwrap_or_default().trim_end();
        let gap = trace.time.distance(*installed);
        // A shell within moments is the service's even where its line was rewritten.
        gap <= SAME_TOOL || (gap <= NEXT_COMMAND && fixed.len() >= 4 && line.starts_with(fixed))
    })
}

/// How strongly a trace is joined to a use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bond {
    None,
    /// Only the latest such use takes it.
    Weak,
    Strong,
}

/// Whether the use had installed its service well before the trace, or that was running already:
/// what is installed or uploaded now is the next use's.
fn is_again(found: &Use, trace: &Trace) -> bool {
    let is_running = found.ran.is_some_and(|ran| ran.plus(CLOCKS) <= trace.time);
    found
        .installed
        .is_some_and(|time| trace.time.distance(time) > ONE_INSTALLATION || is_running)
}

fn is_upload(trace: &Trace) -> bool {
    trace.sighting.artefact == Artefact::FileDrop && trace.program.is_some() && !trace.ends
}

/// Whether the trace is the end of a file that the use dropped.
fn deletes_file_of(found: &Use, trace: &Trace) -> bool {
    let file = trace.file.as_ref().filter(|_| trace.ends);
    file.is_some_and(|file| found.files.contains(file))
}

/// How the program of a use's service binds a trace that names no service: the file that was put
/// there, the pipe that it holds, the process. `None` when the trace is of another program.
fn program_bond(found: &Use, trace: &Trace, gap: Duration) -> Option<Bond> {
    let program = trace.program.as_ref()?;
    if !found.programs.contains(program) || gap > SAME_SERVICE {
        return None;
    }
    // What is uploaded or installed once more is the next use's.
    let brings = is_upload(trace) || is_installation(&trace.sighting);
    Some(if brings && is_again(found, trace) {
        Bond::None
    } else if ties_program(found, trace, gap) {
        Bond::Strong
    } else {
        Bond::Weak
    })
}

/// Whether the trace installs a service: it ties what was just gathered under the service's name to
/// what was just gathered under its program's, where neither knows of an installation yet.
fn ties_program(found: &Use, trace: &Trace, gap: Duration) -> bool {
    is_installation(&trace.sighting) && found.installed.is_none() && gap <= ONE_INSTALLATION
}

/// What keeps a trace and a use apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    /// Nothing.
    No,
    /// Only that the trace names another account, or another logon.
    Account,
    /// Another client, or another run of the same service.
    Run,
}

impl Sweep<'_> {
    /// Whether the trace names another client, run, account or logon than the use.
    pub(super) fn apart(&self, found: &Use, trace: &Trace) -> Apart {
        let client = client(&trace.sighting);
        let other_client = client
            .is_some_and(|client| !found.clients.is_empty() && !found.clients.contains(&client));
        let run = trace.sighting.run.as_ref();
        let other_run = run.is_some_and(|run| !found.runs.is_empty() && !found.runs.contains(run));
        if other_client || other_run {
            return Apart::Run;
        }
        let other_account = !trace.account.is_none()
            && !found.accounts.is_empty()
            && !found
                .accounts
                .iter()
                .any(|account| self.may_be_one(*account, trace.account));
        let far = trace.time.distance(found.last) > SAME_TOOL;
        let other_logon = far
            && !trace.logon.is_none()
            && !found.logons.is_empty()
            && !found.logons.contains(&trace.logon);
        if other_account || other_logon {
            Apart::Account
        } else {
            Apart::No
        }
    }

    /// Whether two accounts are one, as far as names tell.
    fn are_surely_one(&self, left: Sym, right: Sym) -> bool {
        left == right || same_account(self.timeline.text(left), self.timeline.text(right))
    }

    /// Whether two accounts may be one. A SID that no record gives a name for (7045 without a
    /// Security log) says nothing about a name.
    fn may_be_one(&self, left: Sym, right: Sym) -> bool {
        let (left, right) = (self.timeline.text(left), self.timeline.text(right));
        let is_bare = |account: &str| account.starts_with("S-1-");
        is_bare(left) != is_bare(right) || same_account(left, right)
    }
}
