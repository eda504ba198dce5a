//! The other end is not always a client of the catalogue: `wmic /node:`, `winrs -r:`, `schtasks /s`,
//! `sc \\host`, or a renamed client that only Security 4688 saw. Such a program is joined when it
//! names the target as its computer, ran under the same account moments before, and is the only one.

use super::super::alert::How;
use super::super::assemble::Draft;
use super::super::processes::ProcessId;
use super::{Joiner, LATENCY, SAME_CLOCK, is_source_side};
use crate::detect::ToolKind;
use crate::event::Time;
use crate::event::identity::{same_account, same_host};
use crate::timeline::HostId;

/// What stands before the name of the computer that a program shall work on.
const MARKS: [&str; 8] = [
    "/node:",
    "-computername",
    "-cn",
    "/s",
    "-r:",
    "/r:",
    "-remote:",
    "/remote:",
];

impl Joiner<'_, '_> {
    /// Joins open targets with the one program on their source host that names them.
    pub(super) fn by_named_target(&mut self, drafts: &[Draft]) {
        let known = self.known_clocks(drafts);
        for (place, draft) in drafts.iter().enumerate() {
            let Some(source) = self.ends.get(place).and_then(|ends| {
                let other = ends.source.filter(|source| *source != draft.host);
                other.filter(|_| ends.client.is_none() && ends.candidates.is_empty())
            }) else {
                continue;
            };
            if is_source_side(draft) {
                continue;
            }
            let first = draft.alert.first_time;
            let clock = known.get(&(source, draft.host));
            let time = clock.map_or(first, |clock| clock.on_source(first));
            let mut fitting = self.naming(draft, source, time, drafts);
            // Of a shell and what it started for the same line, the latter did it.
            let all = fitting.clone();
            fitting.retain(|id| {
                !all.iter()
                    .any(|other| self.around.processes.ancestors(*other).contains(id))
            });
            if let [process] = fitting.as_slice() {
                self.note(place, *process, How::SameAccountSourceTime, draft);
            }
        }
    }

    /// Processes of the same account on the source that name the target, moments before the use.
    fn naming(
        &self,
        draft: &Draft,
        source: HostId,
        time: Time,
        drafts: &[Draft],
    ) -> Vec<ProcessId> {
        let around = self.around;
        let timeline = around.timeline;
        let Some(account) = &draft.alert.account else {
            return Vec::new();
        };
        let (from, to) = (time.minus(LATENCY), time.plus(SAME_CLOCK));
        let mut found = Vec::new();
        for id in around.processes.started_between(source, from, to) {
            let Some(process) = around.processes.get(id) else {
                continue;
            };
            let line = timeline.text(process.command_line);
            let is_free = !self.is_joined(id, draft.host, drafts)
                && self.run_of.get(&id).is_none_or(|run| {
                    // A client of another named tool belongs to that tool's own use.
                    self.runs
                        .get(*run)
                        .and_then(|run| drafts.get(run.draft))
                        .and_then(|source| self.around.catalog.tool(source.tool))
                        .is_some_and(|tool| {
                            matches!(tool.kind, ToolKind::Management | ToolKind::Behaviour)
                        })
                });
            let fits = is_free
                && same_account(timeline.text(process.account), &account.name)
                && names_computer(line, &draft.alert.host)
                && self.can_be_client(draft, timeline.text(process.image));
            if fits && !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    /// Whether a program can be the other end of a use: what Windows brings is none of a named tool.
    fn can_be_client(&self, draft: &Draft, image: &str) -> bool {
        let of_windows = image.to_lowercase().contains("\\windows\\sys");
        let behaviour = self
            .around
            .catalog
            .tool(draft.tool)
            .is_some_and(|tool| tool.kind == ToolKind::Behaviour);
        behaviour || !of_windows
    }
}

/// Whether a command line names a host as the computer to work on.
fn names_computer(line: &str, host: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_host = |word: &str| {
        let name = word
            .trim_matches(['"', '\'', ','])
            .trim_start_matches(r"\\");
        !name.contains('\\') && same_host(name, host)
    };
    words.iter().enumerate().any(|(place, word)| {
        let word = word.trim_matches('"');
        let lower = word.to_lowercase();
        let attached = MARKS
            .iter()
            .any(|mark| lower.starts_with(mark) && word.get(mark.len()..).is_some_and(is_host));
        let behind = MARKS.contains(&lower.as_str())
            && words.get(place + 1).is_some_and(|next| is_host(next));
        attached || behind || (word.starts_with(r"\\") && is_host(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_is_named_behind_a_mark_and_not_anywhere() {
        let names = |line| names_computer(line, "WS-1088.nordhavn.example");
        assert!(names(r#"wmic /node:WS-1088 process call create "cmd.exe""#));
        assert!(names("winrs -r:ws-1088 hostname"));
        assert!(names(
            "powershell Invoke-Command -ComputerName WS-1088 -ScriptBlock {x}"
        ));
        assert!(names(r"p.exe -accepteula \\WS-1088 -s cmd.exe"));
        assert!(!names(r"robocopy C:\x \\WS-1088\c$\x"));
        assert!(!names("mstsc /v:WS-1088"));
        assert!(!names("ping WS-1088"));
    }
}
