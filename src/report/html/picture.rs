//! The drawings: alerts in time, as wide as the page, and the process tree of one alert in CSS
//! pixels.

use unicode_width::UnicodeWidthStr;

use super::view::class;
use crate::event::identity::file_name;
use crate::event::{Time, same_host};
use crate::investigate::{Alert, Role};
use crate::report::content::verdict;
use crate::report::model::{Item, span};
use crate::report::words;
use crate::text::{Shown, brief, line};

/// Units of the time axis: a bar's place and length are given in them.
const AXIS: u64 = 1000;
/// Shortest bar that can be seen.
const SHORTEST: u64 = 6;
/// Most rows drawn; further ones are counted.
const MOST_LANES: usize = 60;

/// Alerts in time: a row of words and a bar for each.
pub(super) struct Picture {
    pub(super) axis: u64,
    /// Begin, middle and end.
    pub(super) times: [String; 3],
    pub(super) lanes: Vec<Lane>,
    pub(super) left_out: usize,
}

pub(super) struct Lane {
    pub(super) id: Shown,
    pub(super) x: u64,
    pub(super) width: u64,
    pub(super) class: &'static str,
    pub(super) label: Shown,
    pub(super) verdict: Shown,
    pub(super) span: String,
}

impl Picture {
    /// Nothing when there is no alert.
    pub(super) fn of(items: &[Item]) -> Option<Self> {
        let (first, last) = span(items.iter().map(|item| &item.alert))?;
        let all = last.filetime().saturating_sub(first.filetime()).max(1);
        let place = |time: Time| {
            let past = time.filetime().saturating_sub(first.filetime());
            u64::try_from(u128::from(past) * u128::from(AXIS) / u128::from(all)).unwrap_or(AXIS)
        };
        let mut by_time: Vec<&Item> = items.iter().collect();
        by_time.sort_by_key(|item| item.alert.first_time);
        let lanes = by_time
            .iter()
            .take(MOST_LANES)
            .map(|item| {
                let alert = &item.alert;
                let x = place(alert.first_time).min(AXIS - SHORTEST);
                Lane {
                    id: line(&alert.id),
                    x,
                    width: place(alert.last_time).saturating_sub(x).max(SHORTEST),
                    class: class(item),
                    label: brief(&alert.title, 160),
                    verdict: line(&verdict::in_words(item)),
                    span: format!("{} to {}", alert.first_time, alert.last_time),
                }
            })
            .collect();
        let middle = Time::from_filetime(first.filetime() + all / 2);
        Some(Picture {
            axis: AXIS,
            times: [first, middle, last].map(words::minute),
            left_out: items.len().saturating_sub(MOST_LANES),
            lanes,
        })
    }
}

/// The process tree of an alert.
pub(super) struct Tree {
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Node {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) text_x: u64,
    pub(super) text_y: u64,
    pub(super) class: &'static str,
    pub(super) name: Shown,
    pub(super) about: Shown,
}

/// From a parent's left edge down and right to its child.
pub(super) struct Link {
    pub(super) x: u64,
    pub(super) from_y: u64,
    pub(super) y: u64,
    pub(super) to_x: u64,
}

pub(super) struct Row {
    pub(super) started: String,
    pub(super) pid: u32,
    pub(super) account: Shown,
    pub(super) command: Shown,
}

/// Height of a process and the gap below it.
const STEP: u64 = 30;
/// How far a child is set in.
const INDENT: u64 = 18;
/// Deepest level drawn further in.
const DEEPEST: usize = 20;

impl Tree {
    /// Nothing when no process was seen.
    pub(super) fn of(alert: &Alert) -> Option<Self> {
        let branches = words::tree(alert);
        let mut tree = Tree {
            width: 0,
            height: STEP * u64::try_from(branches.len()).ok()?,
            nodes: Vec::new(),
            links: Vec::new(),
            rows: Vec::new(),
        };
        // The height of the last node on each level: what a child hangs from.
        let mut above: Vec<u64> = Vec::new();
        for (branch, row) in branches.iter().zip(0u64..) {
            let process = branch.process;
            let depth = branch.depth.min(DEEPEST);
            let (x, y) = (
                1 + INDENT * u64::try_from(depth).unwrap_or(0),
                1 + STEP * row,
            );
            above.truncate(depth);
            if let Some(parent_y) = above.last().filter(|_| depth > 0) {
                tree.links.push(Link {
                    x: x - INDENT + 10,
                    from_y: parent_y + 22,
                    y: y + 11,
                    to_x: x,
                });
            }
            above.push(y);
            let image = process.image.as_deref().map_or("?", file_name);
            // the host is said where a tree begins, not at every process
            let elsewhere = branch.depth == 0 && !same_host(&process.host, &alert.host);
            let about = format!(
                "{}{}{}",
                process.pid,
                process
                    .account
                    .as_ref()
                    .map(|account| format!(" as {account}"))
                    .unwrap_or_default(),
                if elsewhere {
                    format!(" on {}", process.host)
                } else {
                    String::new()
                }
            );
            let (name, about) = (brief(image, 40), brief(&about, 60));
            // A column of this type is at most 8.2 px wide.
            let columns = name.as_str().width() + about.as_str().width() + 1;
            let width = 20 + u64::try_from(columns).unwrap_or(0) * 41 / 5;
            tree.width = tree.width.max(x + width + 1);
            tree.nodes.push(Node {
                x,
                y,
                width,
                text_x: x + 10,
                text_y: y + 15,
                class: match process.role {
                    Role::Ancestor => "ancestor",
                    Role::Client => "client",
                    Role::Service => "service",
                    Role::Child => "child",
                },
                name,
                about,
            });
            tree.rows.push(Row {
                started: process
                    .started
                    .map(|time| time.to_string())
                    .unwrap_or_default(),
                pid: process.pid,
                account: line(process.account.as_deref().unwrap_or("")),
                command: line(&words::command(process)),
            });
        }
        (!tree.nodes.is_empty()).then_some(tree)
    }
}
