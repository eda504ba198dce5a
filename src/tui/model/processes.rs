//! A process tree around one process: its ancestors as a path, everything below it.

use std::collections::{BTreeSet, HashMap};

use super::{Data, List, Moved};
use crate::event::identity::file_name;
use crate::investigate::{How, Process, ProcessId};
use crate::timeline::EventIndex;

/// How far a process is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    /// Only the child that leads to the process the page is about.
    Path(ProcessId),
    /// All children.
    Full,
}

/// A line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// The process.
    pub id: ProcessId,
    /// How deep it lies.
    pub depth: usize,
    /// How its parent is known; `None` at the root.
    pub how: Option<How>,
    /// Children it has.
    pub children: usize,
    /// Children that are shown below it.
    pub shown: usize,
}

/// The page of a process tree.
#[derive(Clone, Debug)]
pub struct ProcessesPage {
    /// The process it is about.
    pub focus: ProcessId,
    /// Cursor among the rows.
    pub list: List,
    opened: HashMap<ProcessId, Opened>,
    rows: Vec<TreeRow>,
}

/// Processes opened at first below the one the page is about.
const OPENED_AT_FIRST: usize = 500;

impl ProcessesPage {
    /// The tree around a process, the cursor on it.
    pub fn around(focus: ProcessId, data: &Data) -> ProcessesPage {
        let mut opened = HashMap::new();
        let mut below = focus;
        for ancestor in data.processes().ancestors(focus) {
            opened.insert(ancestor, Opened::Path(below));
            below = ancestor;
        }
        for process in data
            .processes()
            .descendants(focus)
            .into_iter()
            .take(OPENED_AT_FIRST)
        {
            opened.insert(process, Opened::Full);
        }
        let mut page = ProcessesPage {
            focus,
            list: List::default(),
            opened,
            rows: Vec::new(),
        };
        page.lay_out(data);
        page.list.cursor = page
            .rows
            .iter()
            .position(|row| row.id == focus)
            .unwrap_or(0);
        page
    }

    /// The processes that were opened or closed since the page was opened, and which of the two.
    pub fn turned(&self, data: &Data) -> Vec<(ProcessId, bool)> {
        let fresh = ProcessesPage::around(self.focus, data);
        let known = self.opened.keys().chain(fresh.opened.keys());
        let all: BTreeSet<ProcessId> = known.copied().collect();
        all.into_iter()
            .filter(|id| self.opened.get(id) != fresh.opened.get(id))
            .map(|id| (id, self.opened.contains_key(&id)))
            .collect()
    }

    /// Opens and closes processes, as [`ProcessesPage::turned`] tells them.
    pub fn turn(&mut self, turned: impl Iterator<Item = (ProcessId, bool)>, data: &Data) {
        for (id, open) in turned {
            if open {
                self.opened.insert(id, Opened::Full);
            } else {
                self.opened.remove(&id);
            }
        }
        self.lay_out(data);
    }

    /// Puts the cursor on a process, if it is shown.
    pub fn stay_on(&mut self, process: Option<ProcessId>) {
        let row = self.rows.iter().position(|row| Some(row.id) == process);
        self.list.cursor = row.unwrap_or(self.list.cursor);
    }

    /// The lines shown.
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// The tree in a new snapshot: as it was opened, the cursor where it was.
    pub fn renew(&mut self, moved: Moved<'_>, data: &Data) {
        let Some(focus) = moved.process(self.focus) else {
            self.rows.clear();
            return;
        };
        let under_cursor = self.rows.get(self.list.cursor).map(|row| row.id);
        let opened = self.opened.drain().filter_map(|(id, opened)| {
            let opened = match opened {
                Opened::Full => Opened::Full,
                Opened::Path(child) => Opened::Path(moved.process(child)?),
            };
            Some((moved.process(id)?, opened))
        });
        self.opened = opened.collect();
        self.focus = focus;
        self.lay_out(data);
        let cursor = under_cursor
            .and_then(|id| moved.process(id))
            .unwrap_or(focus);
        if let Some(row) = self.rows.iter().position(|row| row.id == cursor) {
            self.list.cursor = row;
        }
        self.list.clamp(self.rows.len());
    }

    /// What the page is about.
    pub fn title(&self, data: &Data) -> String {
        data.processes()
            .get(self.focus)
            .map_or_else(String::new, |process| {
                let host = super::short_host(data.timeline().host_name(process.host)).to_owned();
                format!("{} on {host}", name(&process, data))
            })
    }

    /// The process under the cursor.
    pub fn process_here(&self) -> Option<ProcessId> {
        self.rows.get(self.list.cursor).map(|row| row.id)
    }

    /// The start event of the process under the cursor.
    pub fn here(&self, data: &Data) -> Option<EventIndex> {
        data.processes().get(self.process_here()?)?.start
    }

    /// The command line of the process under the cursor, else its program.
    pub fn cell(&self, data: &Data) -> Option<String> {
        let process = data.processes().get(self.process_here()?)?;
        let strings = data.timeline().strings();
        let text = strings
            .get(process.command_line)
            .or(strings.get(process.image));
        text.map(str::to_owned)
    }

    /// A line as text.
    pub fn text(&self, row: usize, data: &Data) -> Option<String> {
        let process = data.processes().get(self.rows.get(row)?.id)?;
        let what = data
            .timeline()
            .strings()
            .get(process.command_line)
            .unwrap_or_default();
        let account = data.timeline().text(process.account);
        Some(format!(
            "{} [{}]  {what}  {account}",
            name(&process, data),
            process.pid
        ))
    }

    /// Opens the process under the cursor; one that is open already hands on to its first child.
    pub fn expand(&mut self, data: &Data) {
        let Some(row) = self.rows.get(self.list.cursor).copied() else {
            return;
        };
        if row.shown < row.children {
            self.opened.insert(row.id, Opened::Full);
            self.lay_out(data);
        } else if row.children > 0 {
            self.list.cursor += 1;
        }
        self.list.clamp(self.rows.len());
    }

    /// Closes the process under the cursor; one that is closed already hands on to its parent.
    pub fn collapse(&mut self, data: &Data) {
        let Some(row) = self.rows.get(self.list.cursor).copied() else {
            return;
        };
        if row.shown > 0 {
            self.opened.remove(&row.id);
            self.lay_out(data);
        } else {
            let above = self
                .rows
                .iter()
                .take(self.list.cursor)
                .rposition(|other| other.depth < row.depth);
            self.list.cursor = above.unwrap_or(0);
        }
        self.list.clamp(self.rows.len());
    }

    fn lay_out(&mut self, data: &Data) {
        let root = data
            .processes()
            .ancestors(self.focus)
            .last()
            .copied()
            .unwrap_or(self.focus);
        self.rows.clear();
        let mut open = vec![(root, 0usize, None)];
        while let Some((id, depth, how)) = open.pop() {
            if data.processes().get(id).is_none() {
                continue;
            }
            let children = data.processes().children(id);
            let below: Vec<ProcessId> = match self.opened.get(&id) {
                None => Vec::new(),
                Some(Opened::Full) => children.to_vec(),
                Some(Opened::Path(child)) => vec![*child],
            };
            self.rows.push(TreeRow {
                id,
                depth,
                how,
                children: children.len(),
                shown: below.len(),
            });
            let how_of = |child: &ProcessId| {
                data.processes()
                    .get(*child)
                    .and_then(|child| child.parent)
                    .map(|(_, how)| how)
            };
            open.extend(
                below
                    .into_iter()
                    .rev()
                    .map(|child| (child, depth + 1, how_of(&child))),
            );
        }
    }
}

/// A process's name: the last part of its path.
pub fn name<'d>(process: &Process, data: &'d Data) -> &'d str {
    match data.timeline().strings().get(process.image) {
        Some(image) => file_name(image),
        None => "unknown program",
    }
}
