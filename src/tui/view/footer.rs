//! The foot of the screen: what happened, what is typed, and which keys work now.

use ratatui::layout::Rect;

use crate::tui::command::{Command, Ready};
use crate::tui::keymap::Mode;
use crate::tui::model::layer::{
    AskForm, Choice, Completion, ExportForm, Input, Prompt, PromptKind, RuleForm, TriageStage,
};
use crate::tui::model::{Layer, List, Model, Page};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Piece};

/// Commands that the footer offers, the most useful first.
fn offered(model: &Model) -> &'static [Command] {
    use Command as C;
    match model.layers.last() {
        Some(Layer::Help(_) | Layer::Palette(_) | Layer::Finder(_)) => {
            &[C::Accept, C::NextField, C::Cancel, C::PreviousField]
        }
        Some(Layer::Prompt(Prompt {
            kind: PromptKind::Filter,
            ..
        })) => &[C::Accept, C::NextField, C::Cancel],
        Some(Layer::Prompt(_)) => &[C::Accept, C::Cancel],
        Some(Layer::Timeline(_)) => &[
            C::FilterBars,
            C::NextField,
            C::PreviousField,
            C::ZoomIn,
            C::ZoomOut,
            C::MarkBar,
            C::Cancel,
        ],
        Some(Layer::Filters(_)) => &[
            C::ToggleFilter,
            C::EditFilter,
            C::NegateFilter,
            C::RemoveFilter,
            C::NextField,
            C::Cancel,
        ],
        Some(Layer::Notes(_)) => &[C::Save, C::Link, C::Editor, C::Cancel],
        Some(Layer::Picker(_)) => &[C::Accept, C::NextField, C::Cancel, C::PreviousField],
        Some(Layer::Triage(form)) => match &form.stage {
            TriageStage::Choose(_) => &[C::Accept, C::NextField, C::Cancel, C::PreviousField],
            TriageStage::Fill(_, form) => form_keys(form),
        },
        Some(Layer::Export(ExportForm { form, .. }))
        | Some(Layer::Rule(RuleForm { form, .. }))
        | Some(Layer::Ask(AskForm { form, .. })) => form_keys(form),
        None => match model.page() {
            Page::Alerts(_) => &[
                C::Open,
                C::Triage,
                C::Note,
                C::Filter,
                C::FilterBar,
                C::Find,
                C::Mark,
                C::Export,
                C::Undo,
                C::Group,
                C::Timeline,
                C::Counts,
                C::Finder,
                C::GoEvents,
                C::GoSources,
            ],
            // what finishes the work first, then where one can look
            Page::Alert(_) => &[
                C::Open,
                C::Triage,
                C::NextAlert,
                C::Close,
                C::Note,
                C::Ask,
                C::Know,
                C::Zoom,
                C::GoProcesses,
                C::GoAccount,
                C::GoSession,
                C::GoHost,
                C::GoTime,
                C::GoAddress,
                C::GoService,
                C::NextSection,
                C::Undo,
                C::Export,
            ],
            Page::Events(_) => &[
                C::Open,
                C::Filter,
                C::FilterBar,
                C::Keep,
                C::Drop,
                C::Counts,
                C::Find,
                C::UnfilterAll,
                C::Wider,
                C::Narrower,
                C::GoProcesses,
                C::GoTime,
                C::Back,
                C::Forward,
                C::Close,
            ],
            Page::Event(_) => &[
                C::Open,
                C::Xml,
                C::GoProcesses,
                C::GoAccount,
                C::GoSession,
                C::GoHost,
                C::GoTime,
                C::CopyCell,
                C::Back,
                C::Close,
            ],
            Page::Processes(_) => &[
                C::Open,
                C::Right,
                C::Left,
                C::GoAccount,
                C::GoSession,
                C::GoTime,
                C::Find,
                C::Back,
                C::Forward,
                C::Close,
            ],
            Page::Counts(_) => &[
                C::Open,
                C::Keep,
                C::Drop,
                C::Filter,
                C::FilterBar,
                C::Find,
                C::GoValue,
                C::Close,
            ],
            Page::Sources(_) => &[C::Find, C::CopyCell, C::Close],
            Page::Known(_) => &[
                C::Open,
                C::Know,
                C::Revoke,
                C::Close,
                C::Find,
                C::Undo,
                C::NextSection,
            ],
        },
    }
}

fn form_keys(form: &crate::tui::model::layer::Form) -> &'static [Command] {
    use Command as C;
    match form.here().map(|field| &field.input) {
        Some(Input::Choice { .. } | Input::Check(_)) => &[
            C::Choose,
            C::NextField,
            C::Save,
            C::Cancel,
            C::PreviousField,
        ],
        _ => &[C::NextField, C::Save, C::Cancel, C::PreviousField],
    }
}

/// Draws the keys that work now, then greyed those that do not, as many as fit; help is always among
/// them.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let mode = model.mode();
    let mut room = area.width;
    let mut rest = area;
    if mode == Mode::Normal {
        let help = hint(model, mode, Command::Help);
        room = room.saturating_sub(canvas.line_right(area, &help) + 1);
        rest.width = room;
    }
    let mut show = |pieces: &[Piece], canvas: &mut Canvas<'_>| {
        let width: usize = pieces.iter().map(Piece::width).sum();
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        let fits = width <= rest.width;
        if fits {
            canvas.line(rest, pieces);
            rest.x += width;
            rest.width -= width;
        }
        fits
    };
    let mut not_now: Vec<(Command, &str)> = Vec::new();
    for command in offered(model) {
        match command.ready(model) {
            Ready::Yes if !show(&hint(model, mode, *command), canvas) => return,
            Ready::No(reason) => not_now.push((*command, reason)),
            Ready::Yes | Ready::Elsewhere => {}
        }
    }
    // what belongs here but cannot be used now comes last, with its reason where there is room
    let mut said = "";
    for (command, reason) in not_now {
        let plain = grey(hint(model, mode, command));
        let mut whole = plain.clone();
        if reason != said {
            whole.push(Piece::new(format!("({reason}) "), Role::Dim));
        }
        if show(&whole, canvas) {
            said = reason;
        } else if !show(&plain, canvas) {
            return;
        }
    }
}

fn grey(pieces: Vec<Piece>) -> Vec<Piece> {
    let pieces = pieces.into_iter();
    pieces.map(|piece| piece.with_role(Role::Dim)).collect()
}

fn hint(model: &Model, mode: Mode, command: Command) -> Vec<Piece> {
    let Some(key) = model.keymap.key_of(mode, command) else {
        return Vec::new();
    };
    vec![
        Piece::new(" ", Role::Text),
        Piece::new(key, Role::Key),
        Piece::new(" ", Role::Text),
        Piece::new(command.title(), Role::KeyText),
        Piece::new(" ", Role::Text),
    ]
}

/// How many lines the message takes.
pub(super) fn message_height(model: &Model) -> u16 {
    u16::from(
        model.toast.is_some()
            || matches!(model.layers.last(), Some(Layer::Prompt(_)))
            || is_at_start(model),
    )
}

/// Whether nothing was opened yet.
fn is_at_start(model: &Model) -> bool {
    let at_list = model.layers.is_empty() && matches!(model.page(), Page::Alerts(_));
    model.hint && at_list && !model.data.alerts().is_empty()
}

/// What a newcomer needs to know, in a line that fits the screen.
fn first_hint(model: &Model, width: u16) -> Option<String> {
    let key = |command| model.keymap.key_of(Mode::Normal, command);
    let (open, decide) = (key(Command::Open)?, key(Command::Triage)?);
    let brief = format!("{open} opens an alert, {decide} decides.");
    let whole = format!(
        "Each line is one use of one tool. {open} shows who, whence and what ran; {decide} decides."
    );
    let fits = |text: &String| Piece::new(text, Role::Dim).width() < usize::from(width);
    is_at_start(model).then(|| if fits(&whole) { whole } else { brief })
}

/// Draws what happened last, or the line being typed. Answers where the cursor belongs.
pub(super) fn message(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Option<(u16, u16)> {
    if area.is_empty() {
        return None;
    }
    if let Some(Layer::Prompt(prompt)) = model.layers.last() {
        return Some(draw_prompt(prompt, area, canvas));
    }
    if let Some(toast) = &model.toast {
        canvas.line(area, &[Piece::new(format!(" {}", toast.text), toast.role)]);
    } else if let Some(hint) = first_hint(model, area.width) {
        canvas.line(area, &[Piece::new(format!(" {hint}"), Role::Dim)]);
    }
    None
}

fn draw_prompt(prompt: &Prompt, area: Rect, canvas: &mut Canvas<'_>) -> (u16, u16) {
    let title = format!(" {}: ", prompt.kind.title());
    let used = canvas.line(area, &[Piece::new(&title, Role::Key)]);
    let field = Rect {
        x: area.x + used,
        width: area.width - used,
        ..area
    };
    if prompt.kind == PromptKind::Filter && prompt.line.value().is_empty() {
        let help = "host: id: account: ip: service: image: logon: after: before: or \"text\"; - before a word turns it round";
        canvas.line(
            Rect {
                x: field.x + 1,
                width: field.width.saturating_sub(1),
                ..field
            },
            &[Piece::new(help, Role::Dim)],
        );
    }
    let cursor = draw_input(&prompt.line, field, canvas);
    if let Some(fault) = &prompt.fault {
        let place = place_in(&prompt.line, fault.at, fault.len, field);
        canvas.patch(place, Role::Error);
    }
    cursor
}

/// Where a part of a line being typed is drawn; nothing where it is out of sight.
fn place_in(line: &tui_input::Input, at: usize, len: usize, field: Rect) -> Rect {
    use unicode_width::UnicodeWidthStr;
    let scroll = line.visual_scroll(usize::from(field.width).saturating_sub(1));
    let before = |end: usize| line.value().get(..end).unwrap_or(line.value()).width();
    let column = |end: usize| before(end).saturating_sub(scroll);
    let clamp = |column: usize| u16::try_from(column).unwrap_or(u16::MAX).min(field.width);
    let (from, to) = (clamp(column(at)), clamp(column(at + len)));
    Rect {
        x: field.x + from,
        width: to.saturating_sub(from),
        ..field
    }
}

/// Columns before the text of a prompt.
fn lead(prompt: &Prompt) -> u16 {
    u16::try_from(prompt.kind.title().len() + 3).unwrap_or(0)
}

/// Draws above the line being typed what is wrong with it, else what its last word may become.
pub(super) fn above_prompt(prompt: &Prompt, over: Rect, canvas: &mut Canvas<'_>) {
    let lead = lead(prompt);
    let field = Rect {
        x: over.x + lead.min(over.width),
        width: over.width.saturating_sub(lead),
        y: over.bottom(),
        height: 1,
    };
    if let Some(fault) = &prompt.fault {
        let place = place_in(&prompt.line, fault.at, fault.len, field);
        let text = Piece::new(format!(" {fault} "), Role::Error);
        let width = u16::try_from(text.width())
            .unwrap_or(u16::MAX)
            .min(over.width);
        let line = Rect {
            x: place.x.min(over.right().saturating_sub(width)),
            y: over.bottom().saturating_sub(1),
            width,
            height: over.height.min(1),
        };
        canvas.clear(line);
        canvas.line(line, &[text]);
    } else if let Some(filter) = &prompt.filter {
        let x = place_in(&prompt.line, filter.completion.start, 0, field).x;
        choices(&filter.completion, x, over, canvas);
    }
}

/// Draws the choices for the word being typed, the one in the line among them.
fn choices(completion: &Completion, x: u16, over: Rect, canvas: &mut Canvas<'_>) {
    const MOST: u16 = 8;
    let all = &completion.choices;
    let is_wanted = completion.at.is_some() || !completion.place().is_empty();
    if all.is_empty() || !is_wanted || over.height < 3 {
        return;
    }
    let height = u16::try_from(all.len())
        .unwrap_or(MOST)
        .min(MOST)
        .min(over.height - 2);
    let list = List::at(completion.at.unwrap_or(0));
    let window = list.window(all.len(), usize::from(height));
    let words = || all.iter().skip(window.start).take(window.len());
    let widest = |of: &dyn Fn(&Choice) -> usize| words().map(of).max().unwrap_or(0);
    let word = widest(&|choice| Piece::head(&choice.word, 60, Role::Text).width()).min(60);
    let note = widest(&|choice| Piece::head(&choice.note, 40, Role::Dim).width()).min(40);
    let width = u16::try_from(word + note + 6)
        .unwrap_or(u16::MAX)
        .min(over.width);
    let area = Rect {
        x: x.saturating_sub(2).min(over.right().saturating_sub(width)),
        y: over.bottom() - height - 2,
        width,
        height: height + 2,
    };
    let count = match completion.at {
        Some(at) => format!("{} of {}", at + 1, all.len()),
        None => all.len().to_string(),
    };
    let inner = canvas.frame(area, &[Piece::new(count, Role::Dim)]);
    for ((y, row), choice) in (inner.y..inner.bottom()).zip(window.clone()).zip(words()) {
        let line = Rect {
            y,
            height: 1,
            ..inner
        };
        let pad =
            " ".repeat(word.saturating_sub(Piece::head(&choice.word, 60, Role::Text).width()));
        canvas.line(
            line,
            &[
                Piece::head(&choice.word, 60, Role::Strong),
                Piece::new(format!("{pad}  "), Role::Text),
                Piece::head(&choice.note, 40, Role::Dim),
            ],
        );
        if completion.at == Some(row) {
            canvas.patch(line, Role::Cursor);
        }
    }
}

/// Draws a line of text being typed. Answers where the cursor belongs.
pub(super) fn draw_input(
    line: &tui_input::Input,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> (u16, u16) {
    let width = usize::from(area.width).saturating_sub(1);
    let scroll = line.visual_scroll(width);
    let shown: String = skip_columns(line.value(), scroll);
    canvas.line(
        area,
        &[Piece::head(&shown, usize::from(area.width), Role::Input)],
    );
    let column = u16::try_from(line.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    (area.x + column.min(area.width.saturating_sub(1)), area.y)
}

/// Text without its first columns.
fn skip_columns(text: &str, columns: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    use unicode_width::UnicodeWidthStr;
    let mut skipped = 0;
    text.graphemes(true)
        .skip_while(|grapheme| {
            let skip = skipped < columns;
            skipped += grapheme.width();
            skip
        })
        .collect()
}
