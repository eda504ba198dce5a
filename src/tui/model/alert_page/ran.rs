//! What ran, as a tree.

use std::collections::{HashMap, HashSet};

use crate::investigate::{Alert, ProcessRef, Role as ProcessRole};
use crate::tui::model::{Item, Section, Target};
use crate::tui::theme::Role;

/// The processes as a tree: each below its parent, siblings in the order of the alert.
pub(super) fn items(alert: &Alert) -> Vec<Item> {
    tree(&alert.processes)
        .into_iter()
        .map(|(depth, process)| item(alert, depth, process))
        .collect()
}

/// Processes with their depth, parents first.
fn tree(processes: &[ProcessRef]) -> Vec<(usize, &ProcessRef)> {
    let known: HashSet<&str> = processes
        .iter()
        .map(|process| process.key.as_str())
        .collect();
    let mut below: HashMap<Option<&str>, Vec<&ProcessRef>> = HashMap::new();
    for process in processes.iter().rev() {
        let parent = process.parent.as_deref();
        let parent = parent.filter(|key| known.contains(key) && *key != process.key);
        below.entry(parent).or_default().push(process);
    }
    let roots = below.remove(&None).unwrap_or_default();
    let mut open: Vec<(usize, &ProcessRef)> = roots.into_iter().map(|root| (0, root)).collect();
    let mut tree = Vec::new();
    while let Some((depth, process)) = open.pop() {
        tree.push((depth, process));
        let children = below
            .remove(&Some(process.key.as_str()))
            .unwrap_or_default();
        open.extend(children.into_iter().map(|child| (depth + 1, child)));
    }
    // parents that go round in a circle have no root; their processes are shown nonetheless
    tree.extend(below.into_values().flatten().map(|process| (0, process)));
    tree
}

fn item(alert: &Alert, depth: usize, process: &ProcessRef) -> Item {
    let what = process
        .command_line
        .clone()
        .or_else(|| process.image.clone());
    let mut tail = vec![format!("pid {}", process.pid)];
    tail.extend(process.account.clone());
    tail.extend(
        process
            .session_id
            .map(|session| format!("session {session}")),
    );
    if !crate::event::same_host(&process.host, &alert.host) {
        tail.push(format!("on {}", process.host));
    }
    let (label, role) = match process.role {
        ProcessRole::Client => ("client", Role::Text),
        ProcessRole::Service => ("service", Role::Text),
        ProcessRole::Child => ("ran", Role::Strong),
        ProcessRole::Ancestor => ("above", Role::Text),
    };
    let what = what.unwrap_or_else(|| "not in the logs".to_owned());
    let mut item = Item::new(Section::Ran, label, what)
        .tail(tail.join("  "))
        .depth(depth)
        .role(role)
        .to(process
            .event
            .as_ref()
            .map(|event| Target::Process(event.index)));
    item.how = process.parent_how;
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_stands_below_its_parent_wherever_it_was_listed() {
        let process = |key: &str, parent: Option<&str>| ProcessRef {
            key: key.to_owned(),
            parent: parent.map(str::to_owned),
            ..crate::case::sample::alert("h", &[1]).processes[0].clone()
        };
        let listed = [
            process("service", None),
            process("cmd", Some("service")),
            process("net", Some("cmd")),
            process("quser", Some("cmd")),
            process("net1", Some("net")),
            process("odd", Some("even")),
            process("even", Some("odd")),
        ];
        let shown: Vec<(usize, &str)> = tree(&listed)
            .into_iter()
            .map(|(depth, process)| (depth, process.key.as_str()))
            .collect();
        assert_eq!(
            shown[..5],
            [
                (0, "service"),
                (1, "cmd"),
                (2, "net"),
                (3, "net1"),
                (2, "quser")
            ]
        );
        assert_eq!(shown.len(), listed.len());
    }
}
