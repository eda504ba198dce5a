//! Draws what lies over a page: help, palette, forms, the notes editor, which keys may follow.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::footer::draw_input;
use super::{Drawn, Window, finder, form, notes};
use crate::tui::command::{Command, Group, Ready};
use crate::tui::keymap::Mode;
use crate::tui::model::layer::{
    AskForm, ExportForm, Menu, RuleForm, RuleWork, TriageForm, TriageStage,
};
use crate::tui::model::{Layer, Model};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece, cut_top, split_bottom, wrap};

/// Draws the layer on top.
pub(super) fn draw(
    model: &Model,
    layer: &Layer,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    match layer {
        Layer::Prompt(prompt) => super::footer::above_prompt(prompt, area, canvas),
        Layer::Filters(_) | Layer::Timeline(_) => {}
        Layer::Help(menu) => draw_menu(
            menu,
            "keys that work here; Enter runs one",
            true,
            area,
            canvas,
            drawn,
        ),
        Layer::Palette(menu) => draw_menu(menu, "commands", false, area, canvas, drawn),
        Layer::Finder(finder) => finder::draw(finder, area, canvas, drawn),
        Layer::Triage(form) => draw_triage(model, form, area, canvas, drawn),
        Layer::Notes(editor) => notes::draw_notes(editor, area, canvas, drawn),
        Layer::Picker(picker) => notes::draw_picker(picker, area, canvas, drawn),
        Layer::Export(form) => draw_export(form, area, canvas, drawn),
        Layer::Rule(form) => draw_rule(model, form, area, canvas, drawn),
        Layer::Ask(form) => draw_ask(model, form, area, canvas, drawn),
    }
}

/// A box in the middle of an area, no larger than asked for.
pub(super) fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

fn draw_menu(
    menu: &Menu,
    title: &str,
    headings: bool,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let rows = u16::try_from(menu.len()).unwrap_or(u16::MAX);
    let wanted = if headings {
        area.height
    } else {
        rows.saturating_add(4).max(8)
    };
    let inner = canvas.frame(middle(area, 90, wanted), &[Piece::new(title, Role::Strong)]);
    let (line, body) = cut_top(inner, 1);
    let used = canvas.line(line, &[Piece::new("> ", Role::Key)]);
    let field = Rect {
        x: line.x + used,
        width: line.width.saturating_sub(used),
        ..line
    };
    drawn.cursor = Some(draw_input(&menu.line, field, canvas));
    let (_, body) = cut_top(body, 1);
    let window = menu.list.window(menu.len(), usize::from(body.height));
    let entries: Vec<_> = menu.rows().collect();
    let key_width = entries
        .iter()
        .map(|entry| Piece::new(&entry.keys, Role::Key).width())
        .max()
        .unwrap_or(0)
        .min(22);
    let key_width = u16::try_from(key_width).unwrap_or(0).min(body.width / 3);
    // on a narrow screen what a command does needs the room more than its heading
    let is_wide = body.width >= HEADED;
    let headings = headings && is_wide;
    let title_width = if is_wide { 16 } else { 0 };
    let mut last: Option<Group> = window
        .start
        .checked_sub(1)
        .and_then(|row| entries.get(row))
        .map(|entry| entry.command.group());
    for (y, row) in (body.y..).zip(window.clone()) {
        let Some(entry) = entries.get(row) else {
            continue;
        };
        let line = Rect {
            y,
            height: 1,
            ..body
        };
        let ready = entry.ready == Ready::Yes;
        canvas.line(
            Rect {
                width: key_width,
                ..line
            },
            &[Piece::new(
                &entry.keys,
                if ready { Role::Key } else { Role::Dim },
            )],
        );
        let x = line.x + key_width + 2;
        let mut pieces = vec![
            Piece::new(
                format!("{:<title_width$}", entry.command.title()),
                if ready { Role::Strong } else { Role::Dim },
            ),
            Piece::new(" ", Role::Text),
        ];
        match entry.ready {
            Ready::No(reason) => pieces.push(Piece::new(format!("not now: {reason}"), Role::Dim)),
            _ => pieces.push(Piece::new(
                entry.command.help(),
                if ready { Role::Text } else { Role::Dim },
            )),
        }
        let group = entry.command.group();
        let heading = headings && last != Some(group);
        last = Some(group);
        let rest = Rect {
            x: x.min(line.right()),
            width: line.right().saturating_sub(x),
            ..line
        };
        let room = if heading {
            let width = canvas.line_right(
                rest,
                &[Piece::new(format!(" {}", group.title()), Role::Label)],
            );
            Rect {
                width: rest.width.saturating_sub(width),
                ..rest
            }
        } else {
            rest
        };
        canvas.line(room, &pieces);
        if row == menu.list.cursor {
            canvas.patch(line, Role::Cursor);
        }
    }
    if entries.is_empty() {
        canvas.line(
            Rect {
                height: body.height.min(1),
                ..body
            },
            &[Piece::new("no command is like that", Role::Dim)],
        );
    }
    drawn.layer = Some(Window {
        offset: window.start,
        rows: usize::from(body.height),
        top: usize::from(body.y),
        ..Window::default()
    });
}

fn about(model: &Model, alerts: &[String]) -> Vec<Piece> {
    match alerts {
        [id] => {
            let title = model
                .data
                .alert(id)
                .map_or(id.as_str(), |alert| alert.title.as_str());
            vec![Piece::new(title, Role::Text)]
        }
        more => vec![Piece::new(
            format!("{} marked alerts", more.len()),
            Role::Strong,
        )],
    }
}

fn draw_triage(
    model: &Model,
    form: &TriageForm,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let title = match &form.stage {
        TriageStage::Choose(_) => "decide".to_owned(),
        TriageStage::Fill(transition, _) => transition.title().to_lowercase(),
    };
    let saving = if form.saving { ", saving" } else { "" };
    let height = match &form.stage {
        TriageStage::Choose(_) => u16::try_from(form.offers.len()).unwrap_or(0) + 8,
        TriageStage::Fill(..) => area.height,
    };
    let inner = canvas.frame(
        middle(area, 92, height),
        &[Piece::new(format!("{title}{saving}"), Role::Strong)],
    );
    let mut rest = inner;
    for pieces in wrap(&about(model, &form.alerts), usize::from(inner.width))
        .into_iter()
        .take(2)
    {
        let (line, below) = cut_top(rest, 1);
        canvas.line(line, &pieces);
        rest = below;
    }
    let (_, body) = cut_top(rest, u16::from(rest.height > 8));
    match &form.stage {
        TriageStage::Choose(list) => {
            let (body, help) = split_bottom(body, 2.min(body.height / 3));
            if let Some((transition, _)) = form.offers.get(list.cursor) {
                let (_, help) = cut_top(help, 1);
                canvas.line(help, &[Piece::new(transition.help(), Role::Dim)]);
            }
            let window = list.window(form.offers.len(), usize::from(body.height));
            for (y, row) in (body.y..).zip(window.clone()) {
                let Some((transition, offered)) = form.offers.get(row) else {
                    continue;
                };
                let line = Rect {
                    y,
                    height: 1,
                    ..body
                };
                let help = if *offered {
                    transition.help()
                } else {
                    "not possible from where the alert stands now"
                };
                canvas.line(
                    line,
                    &[
                        Piece::new(
                            format!(" {:<26}", transition.title()),
                            if *offered { Role::Strong } else { Role::Dim },
                        ),
                        Piece::new(help, if *offered { Role::Text } else { Role::Dim }),
                    ],
                );
                if row == list.cursor {
                    canvas.patch(line, Role::Cursor);
                }
            }
            drawn.layer = Some(Window {
                offset: window.start,
                rows: usize::from(body.height),
                top: usize::from(body.y),
                ..Window::default()
            });
        }
        TriageStage::Fill(_, fields) => form::draw(fields, body, canvas, drawn),
    }
}

fn draw_export(form_state: &ExportForm, area: Rect, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let saving = if form_state.saving { ", writing" } else { "" };
    let inner = canvas.frame(
        middle(area, 110, area.height),
        &[Piece::new(format!("export{saving}"), Role::Strong)],
    );
    let rows = inner.height.min(10).max(inner.height / 3);
    let (top, preview) = cut_top(inner, rows);
    form::draw(&form_state.form, top, canvas, drawn);
    let (rule, preview) = cut_top(preview, 1);
    canvas.rule(rule, &[Piece::new("preview", Role::Label)]);
    match &form_state.preview {
        None => {
            canvas.line(
                Rect {
                    height: preview.height.min(1),
                    ..preview
                },
                &[Piece::new("making the preview …", Role::Dim)],
            );
        }
        Some(Err(reason)) => {
            canvas.line(
                Rect {
                    height: preview.height.min(1),
                    ..preview
                },
                &[Piece::new(reason, Role::Error)],
            );
        }
        Some(Ok(lines)) => {
            for (y, line) in (preview.y..preview.bottom()).zip(lines) {
                canvas.line(
                    Rect {
                        y,
                        height: 1,
                        ..preview
                    },
                    &[Piece::head(line, usize::from(preview.width), Role::Text)],
                );
            }
        }
    }
}

fn draw_rule(
    model: &Model,
    rule: &RuleForm,
    area: Rect,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let (title, about) = match &rule.work {
        RuleWork::Make(id) => (
            "known activity: a rule from this verdict",
            about(model, std::slice::from_ref(id)),
        ),
        RuleWork::Edit(known) => (
            "known activity: change the rule",
            vec![Piece::new(&known.rule.name, Role::Text)],
        ),
        RuleWork::Revoke(_) => ("known activity: revoke the rule", Vec::new()),
    };
    let saving = if rule.saving { ", saving" } else { "" };
    let height = match rule.work {
        RuleWork::Revoke(_) => 6,
        _ => area.height,
    };
    let title = Piece::new(format!("{title}{saving}"), Role::Strong);
    let inner = canvas.frame(middle(area, 92, height), &[title]);
    let lines = wrap(&about, usize::from(inner.width));
    let body = top_lines(&lines, inner, canvas);
    form::draw(&rule.form, body, canvas, drawn);
}

/// Draws up to two lines and a blank one, where there is room; answers what is left.
fn top_lines(lines: &[Vec<Piece>], area: Rect, canvas: &mut Canvas<'_>) -> Rect {
    let mut rest = area;
    if area.height > 8 {
        for pieces in lines.iter().take(2) {
            let (line, below) = cut_top(rest, 1);
            canvas.line(line, pieces);
            rest = below;
        }
        (_, rest) = cut_top(rest, 1);
    }
    rest
}

fn draw_ask(model: &Model, ask: &AskForm, area: Rect, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let saving = if ask.saving { ", saving" } else { "" };
    let title = Piece::new(format!("ask the owner{saving}"), Role::Strong);
    let inner = canvas.frame(middle(area, 110, area.height), &[title]);
    let lines = wrap(
        &about(model, std::slice::from_ref(&ask.alert)),
        usize::from(inner.width),
    );
    let body = top_lines(&lines, inner, canvas);
    let rows = body.height.min(12).max(body.height / 3);
    let (top, below) = cut_top(body, rows);
    form::draw(&ask.form, top, canvas, drawn);
    let (rule, below) = cut_top(below, 1);
    canvas.rule(rule, &[Piece::new("message", Role::Label)]);
    match &ask.message {
        None => text_lines(
            ["Say whom to ask and until when: the message is made of it."].into_iter(),
            Role::Dim,
            below,
            canvas,
        ),
        Some(message) => text_lines(message.lines(), Role::Text, below, canvas),
    }
}

/// Draws lines of text, long ones over several lines of the screen, as many as there is room for.
fn text_lines<'t>(
    lines: impl Iterator<Item = &'t str>,
    role: Role,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let mut rest = area;
    for line in lines {
        for pieces in wrap(&[Piece::new(line, role)], usize::from(area.width)) {
            if rest.is_empty() {
                return;
            }
            let (own, below) = cut_top(rest, 1);
            canvas.line(own, &pieces);
            rest = below;
        }
    }
}

/// Columns of a menu from which on there is room for headings, and for titles of one width.
const HEADED: u16 = 60;

/// Draws the keys that may follow those pressed.
pub(super) fn which_key(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let mut next: BTreeMap<Command, String> = BTreeMap::new();
    for (keys, command) in model.keymap.continuations(Mode::Normal, &model.pressed) {
        if command.ready(model) != Ready::Elsewhere {
            let all = next.entry(command).or_default();
            all.push_str(&keys);
            all.push(' ');
        }
    }
    let height = u16::try_from(next.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(area.height);
    let width = 64.min(area.width);
    let place = Rect {
        x: area.right() - width,
        y: area.bottom() - height,
        width,
        height,
    };
    let inner = canvas.frame(
        place,
        &[Piece::new(
            crate::tui::key::show_sequence(&model.pressed),
            Role::Key,
        )],
    );
    let key_width = next.values().map(String::len).max().unwrap_or(0);
    for (y, (command, keys)) in (inner.y..inner.bottom()).zip(next) {
        let ready = command.ready(model);
        let role = if ready == Ready::Yes {
            Role::Text
        } else {
            Role::Dim
        };
        let help = match ready {
            Ready::No(reason) => reason,
            _ => command.help(),
        };
        canvas.line(
            Rect {
                y,
                height: 1,
                ..inner
            },
            &[
                Piece::new(
                    format!("{keys:<key_width$} "),
                    if ready == Ready::Yes {
                        Role::Key
                    } else {
                        Role::Dim
                    },
                ),
                Piece::new(format!("{:<16}", command.title()), role),
                Piece::new(help, Role::Dim),
            ],
        );
    }
}
