//! What each command does.

use super::{alert_list, close_layer, counts, filter, find, finder, layers, notes, open, timeline};
use crate::tui::command::Command;
use crate::tui::keymap::Mode;
use crate::tui::message::{CaseOrder, Effect};
use crate::tui::model::layer::Among;
use crate::tui::model::{
    AlertColumn, AlertPage, Data, EventColumn, Item, Layer, Model, Page, REACH, Rewrite, Section,
    Step, Subject, Target, unwanted, wanted,
};
use crate::tui::theme::Role;

/// Runs a command that is ready.
pub(super) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    if !model.layers.is_empty()
        && let Some(effects) = layers::run(model, command)
    {
        return effects;
    }
    let none = Vec::new;
    match command {
        Command::Down => row(model, 1),
        Command::Up => row(model, -1),
        Command::PageDown => step(model, Step::Page(1)),
        Command::PageUp => step(model, Step::Page(-1)),
        Command::HalfDown => step(model, Step::Half(1)),
        Command::HalfUp => step(model, Step::Half(-1)),
        Command::Top => step(model, Step::Top),
        Command::Bottom => step(model, Step::Bottom),
        Command::Right | Command::Left if matches!(model.page(), Page::Counts(_)) => {
            return counts::turn(model, if command == Command::Right { 1 } else { -1 });
        }
        Command::Right => sideways(model, 1),
        Command::Left => sideways(model, -1),
        Command::NextSection | Command::PreviousSection
            if matches!(model.page(), Page::Alerts(_)) =>
        {
            timeline::open_bars(model);
        }
        Command::NextSection => section(model, true),
        Command::PreviousSection => section(model, false),

        Command::Open => {
            if matches!(model.page(), Page::Counts(_)) {
                return counts::keep_and_go(model);
            }
            let data = &model.data;
            if let Page::Alerts(page) = model.walk.here_mut()
                && page.group_here().is_some()
            {
                let _ = page.set_open(true, data) || page.set_open(false, data);
                return Vec::new();
            }
            let target = model.page().target(&model.data);
            return target.map_or_else(none, |target| open::target(model, target));
        }
        Command::GoProcesses
        | Command::GoAccount
        | Command::GoSession
        | Command::GoHost
        | Command::GoTime
        | Command::GoAddress
        | Command::GoService
        | Command::GoValue
        | Command::GoEvents
        | Command::GoKnown
        | Command::GoSources => {
            let target = pivot(model, command);
            return target.map_or_else(none, |target| open::target(model, target));
        }
        Command::Wider => return open::reach(model, true),
        Command::Narrower => return open::reach(model, false),
        Command::GoAlerts => model.walk.to_root(),
        Command::NextAlert => return open::neighbour(model, 1),
        Command::PreviousAlert => return open::neighbour(model, -1),
        Command::NextSevere => alert_list::severe(model, true),
        Command::PreviousSevere => alert_list::severe(model, false),
        Command::Back => {
            model.walk.back();
        }
        Command::Forward => {
            model.walk.forward();
        }
        Command::Close => {
            if !model.walk.back() {
                return quit(model, command);
            }
        }

        Command::Find => layers::prompt_find(model),
        Command::FindNext => return find::again(model, true),
        Command::FindPrevious => return find::again(model, false),
        Command::Filter => return filter::open_prompt(model, Rewrite::InForce),
        Command::FilterBar => filter::open_bar(model),
        Command::Timeline => timeline::open_bars(model),
        Command::Keep => return narrow(model, true),
        Command::Drop => return narrow(model, false),
        Command::Unfilter => return open::change_chips(model, |chips| drop(chips.pop())),
        Command::UnfilterAll => return open::change_chips(model, crate::tui::model::Chips::clear),
        Command::SortSeverity
        | Command::SortTime
        | Command::SortTool
        | Command::SortHost
        | Command::SortWho
        | Command::SortFrom
        | Command::SortRan
        | Command::SortVerdict => alert_list::sort(model, command),
        Command::SortReverse => {
            alert_list::rearrange(model, |page| page.reverse = !page.reverse);
        }
        Command::Group => alert_list::group(model),

        Command::Triage => layers::open_triage(model),
        Command::Note => notes::open(model),
        Command::Ask => layers::open_ask(model),
        Command::Know => layers::open_rule(model),
        Command::Revoke => layers::open_revoke(model),
        Command::Mark => alert_list::mark(model),
        Command::MarkRange => alert_list::mark_range(model),
        Command::ClearMarks => model.data.marked.clear(),
        Command::Undo => return order(model, CaseOrder::Undo),
        Command::Redo => return order(model, CaseOrder::Redo),

        Command::Export => return layers::open_export(model),
        Command::CopyCell
        | Command::CopyRow
        | Command::CopyJson
        | Command::CopyXml
        | Command::CopyIndicator => {
            return copy(model, command);
        }

        Command::TimeZone => {
            model.data.zone = model.data.zone.next(model.settings.zone.as_ref());
            let name = model.data.zone.name();
            model.say(Role::Good, format!("times are shown in {name}"));
        }
        Command::Theme => next_theme(model),
        Command::Zoom => zoom(model),
        Command::Wrap => model.wrap = !model.wrap,
        Command::Xml => {
            if let Page::Event(page) = model.walk.here_mut() {
                page.xml = !page.xml;
                page.list.cursor = 0;
            }
        }
        Command::Mouse => {
            model.mouse = !model.mouse;
            let word = if model.mouse {
                "the mouse selects and scrolls"
            } else {
                "the mouse is the terminal's"
            };
            model.say(Role::Good, word);
            return vec![Effect::Mouse(model.mouse)];
        }
        Command::Redraw => return vec![Effect::Redraw],

        Command::Help => layers::open_help(model),
        Command::Palette => layers::open_palette(model),
        Command::Finder => return finder::open_finder(model, Among::Everything),
        Command::Bookmarks => return finder::open_finder(model, Among::Bookmarks),
        Command::Bookmark => bookmark(model),
        Command::Counts => return counts::open_counts(model),
        Command::Cancel => {
            model.pressed.clear();
            model.toast = None;
        }
        Command::Interrupt => return interrupt(model),
        Command::Suspend => return vec![Effect::Suspend],
        Command::Dump => return vec![Effect::Dump(dump(model))],
        Command::Quit => return quit(model, command),
        Command::Accept
        | Command::NextField
        | Command::PreviousField
        | Command::Choose
        | Command::Save
        | Command::Link
        | Command::Editor
        | Command::ToggleFilter
        | Command::EditFilter
        | Command::NegateFilter
        | Command::RemoveFilter
        | Command::FilterBars
        | Command::MarkBar
        | Command::ZoomIn
        | Command::ZoomOut => {}
    }
    Vec::new()
}

/// Sends an order to the case.
pub(super) fn order(model: &mut Model, order: CaseOrder) -> Vec<Effect> {
    model.case.pending += 1;
    vec![Effect::Case(order)]
}

/// Moves the cursor of the layer on top, else of the page.
pub(super) fn step(model: &mut Model, step: Step) {
    if matches!(model.layers.last(), Some(Layer::Timeline(_))) {
        timeline::step(
            model,
            match step {
                Step::By(by) => by,
                Step::Half(by) | Step::Page(by) => by.saturating_mul(10),
                Step::Top => isize::MIN,
                Step::Bottom => isize::MAX,
            },
        );
        return;
    }
    if let Some(layer) = model.layers.last_mut() {
        let len = match &*layer {
            Layer::Help(menu) | Layer::Palette(menu) => menu.len(),
            Layer::Picker(picker) => picker.len(),
            Layer::Finder(finder) => finder.hits.len(),
            Layer::Filters(_) => model
                .walk
                .here()
                .chips()
                .map_or(0, crate::tui::model::Chips::len),
            Layer::Triage(form) => match &form.stage {
                crate::tui::model::layer::TriageStage::Choose(_) => form.offers.len(),
                crate::tui::model::layer::TriageStage::Fill(_, form) => form.fields.len(),
            },
            other => other.form().map_or(0, |form| form.fields.len()),
        };
        if let Some(list) = layer.list_mut() {
            list.step(step, len);
        }
        return;
    }
    let len = model.page().len(&model.data);
    model.walk.here_mut().list_mut().step(step, len);
}

/// One row down or up; out of a strip of legs in one step.
fn row(model: &mut Model, by: isize) {
    let past = match model.page() {
        Page::Alert(page) if model.layers.is_empty() => past_strip(page, by > 0, &model.data),
        _ => None,
    };
    match past {
        Some(row) => model.walk.here_mut().list_mut().cursor = row,
        None => step(model, Step::By(by)),
    }
}

/// Puts the cursor on the row drawn at a line of the screen.
pub(super) fn click(model: &mut Model, line: u16) {
    // on pages of text a line of the screen is no row
    let has_rows = matches!(
        model.page(),
        Page::Alerts(_) | Page::Events(_) | Page::Processes(_) | Page::Counts(_)
    );
    if !model.layers.is_empty() || !has_rows {
        return;
    }
    let len = model.page().len(&model.data);
    let list = model.walk.here_mut().list_mut();
    let Some(row) = usize::from(line).checked_sub(list.top) else {
        return;
    };
    let clicked = list.offset.saturating_add(row);
    if row < list.rows && clicked < len {
        list.cursor = clicked;
    }
}

/// Left and right: between columns, branches, or along a long line.
fn sideways(model: &mut Model, by: isize) {
    let data = &model.data;
    match model.walk.here_mut() {
        Page::Alerts(page) => {
            let first = page.column == AlertColumn::Severity;
            if !first || !page.set_open(by > 0, data) {
                page.column = neighbour(&AlertColumn::ALL, page.column, by);
            }
        }
        Page::Events(page) => {
            let last = page.column == EventColumn::What;
            if last && (by > 0 || page.scroll > 0) {
                page.scroll = page.scroll.saturating_add_signed(by * 16);
            } else {
                page.column = neighbour(&EventColumn::ALL, page.column, by);
            }
        }
        Page::Processes(page) if by > 0 => page.expand(data),
        Page::Processes(page) => page.collapse(data),
        // along the legs of a use
        Page::Alert(page) if page.section_here(data) == Some(Section::Episode) => {
            step(model, Step::By(by));
        }
        Page::Alert(_) | Page::Event(_) | Page::Sources(_) | Page::Known(_) | Page::Counts(_) => {
            section(model, by > 0);
        }
    }
}

fn neighbour<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let place = all.iter().position(|other| *other == now).unwrap_or(0);
    let place = place
        .saturating_add_signed(by)
        .min(all.len().saturating_sub(1));
    all.get(place).copied().unwrap_or(now)
}

fn section(model: &mut Model, down: bool) {
    let starts = model.page().sections(&model.data);
    let list = model.walk.here_mut().list_mut();
    let next = if down {
        starts.iter().find(|start| **start > list.cursor)
    } else {
        starts.iter().rev().find(|start| **start < list.cursor)
    };
    if let Some(start) = next {
        list.cursor = *start;
    }
}

/// Gives the section under the cursor the page for itself, or takes it back.
fn zoom(model: &mut Model) {
    let data = &model.data;
    if let Page::Alert(page) = model.walk.here_mut() {
        let here = page.section_here(data).map(Section::pane);
        page.reshape(data, |page| {
            page.zoom = if page.zoom.is_some() { None } else { here };
        });
    }
}

/// The row that one row up or down from a strip of legs leads to: the legs lie side by side.
fn past_strip(page: &AlertPage, down: bool, data: &Data) -> Option<usize> {
    if !page.is_strip_flat || page.section_here(data) != Some(Section::Episode) {
        return None;
    }
    let items = page.items(data);
    let is_leg = |item: &Item| item.section == Section::Episode;
    if down {
        let last = items.iter().rposition(is_leg)?;
        Some((last + 1).min(items.len() - 1))
    } else {
        let first = items.iter().position(is_leg)?;
        Some(first.saturating_sub(1))
    }
}

/// Where a pivot leads from here.
fn pivot(model: &Model, command: Command) -> Option<Target> {
    let context = model.context();
    let subject = |subject| Some(Target::Subject(subject));
    match command {
        Command::GoProcesses => context.process.map(Target::Process),
        Command::GoAccount => subject(Subject::Account(context.account?)),
        Command::GoSession => context
            .session
            .and_then(|(host, id)| subject(Subject::Session { host, id })),
        Command::GoHost => subject(Subject::Host(context.host?)),
        Command::GoTime => subject(Subject::Time {
            at: context.time?,
            reach: REACH,
        }),
        Command::GoAddress => subject(Subject::Address(context.address?)),
        Command::GoService => context
            .service
            .and_then(|(host, name)| subject(Subject::Service { host, name })),
        Command::GoValue => subject(Subject::Value(model.page().value_here(&model.data)?)),
        Command::GoEvents => subject(Subject::All),
        Command::GoSources => Some(Target::Sources),
        Command::GoKnown => Some(Target::Known),
        _ => None,
    }
}

fn narrow(model: &mut Model, keep: bool) -> Vec<Effect> {
    if matches!(model.page(), Page::Counts(_)) {
        return counts::keep_or_drop(model, keep);
    }
    let Some(test) = model.page().test_here(&model.data) else {
        return Vec::new();
    };
    let term = if keep { wanted(test) } else { unwanted(test) };
    let mut effects = match model.page() {
        Page::Alerts(_) | Page::Events(_) => Vec::new(),
        // a page that is no list narrows the list it was opened from
        _ => open::list(model),
    };
    effects.extend(open::change_chips(model, |chips| chips.add(term)));
    effects
}

/// Puts a bookmark where the cursor is, or takes it away.
fn bookmark(model: &mut Model) {
    let Some(place) = crate::tui::model::place_here(model) else {
        return;
    };
    let (key, all) = (
        model.keymap.key_of(Mode::Normal, Command::Bookmarks),
        Command::Bookmarks.title(),
    );
    let word = if model.data.turn_bookmark(place) {
        format!("bookmarked; {} lists all {all}", key.unwrap_or_default())
    } else {
        "the bookmark is gone".to_owned()
    };
    model.say(Role::Good, word);
}

fn copy(model: &mut Model, command: Command) -> Vec<Effect> {
    let row = model.page().list().cursor;
    let text = match command {
        Command::CopyRow => model.page().text(row, &model.data),
        Command::CopyCell => model.page().cell(&model.data),
        Command::CopyIndicator => model
            .page()
            .cell(&model.data)
            .map(|value| crate::text::defang(&value)),
        Command::CopyXml | Command::CopyJson => structured(model, command),
        _ => None,
    };
    match text {
        Some(text) => vec![Effect::Copy(text)],
        None => {
            model.say(Role::Warning, "there is nothing to copy here");
            Vec::new()
        }
    }
}

/// The record or alert in a form that programs read.
fn structured(model: &Model, command: Command) -> Option<String> {
    if let Page::Event(page) = model.page() {
        let record = page.record.as_ref()?.as_ref().ok()?;
        if command == Command::CopyXml {
            return Some(record.xml.clone());
        }
        let event = model.data.timeline().event(page.index)?;
        let fields = |fields: &[crate::evidence::Field]| {
            fields
                .iter()
                .map(|field| (field.name.clone(), field.value.clone().into()))
                .collect::<serde_json::Map<_, _>>()
        };
        let value = serde_json::json!({
            "time": event.time, "host": event.host, "channel": event.kind.channel,
            "provider": event.kind.provider, "event_id": event.kind.event_id, "record_id": event.record_id,
            "system": fields(&record.system), "data": fields(&record.data),
        });
        return serde_json::to_string_pretty(&value).ok();
    }
    let context = model.context();
    match (
        context.event,
        context.alert.and_then(|id| model.data.alert(&id)),
    ) {
        (_, Some(alert)) if matches!(model.page(), Page::Alerts(_) | Page::Alert(_)) => {
            serde_json::to_string_pretty(alert).ok()
        }
        (Some(index), _) => {
            let event = model.data.timeline().event(index)?;
            let value = serde_json::json!({
                "time": event.time, "host": event.host, "channel": event.kind.channel,
                "provider": event.kind.provider, "event_id": event.kind.event_id,
                "record_id": event.record_id, "account": event.account,
                "what": crate::timeline::summary::line(model.data.timeline(), index),
            });
            serde_json::to_string_pretty(&value).ok()
        }
        _ => None,
    }
}

/// What a bug report needs: the program, how it is set, what happened last. Nothing of what evidence
/// or the analyst says.
fn dump(model: &Model) -> String {
    let settings = &model.settings;
    let page = model.page().title(&model.data).0;
    let mut lines = vec![
        format!(
            "dualuse {} on {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS
        ),
        format!(
            "page: {page}, {} layers, mode {}",
            model.layers.len(),
            model.mode().name()
        ),
        format!("screen: {:?}", model.data.screen),
        format!(
            "settings: theme {}, {:?}, ascii {}, zone {}, mouse {}, wrap {}",
            model.theme.name,
            settings.depth,
            settings.ascii,
            model.data.zone.name(),
            model.mouse,
            model.wrap
        ),
        format!(
            "evidence: {} sources, {} events, {} alerts, {:?}",
            model.data.timeline().sources().len(),
            model.data.timeline().len(),
            model.data.alerts().len(),
            model.loading.stage
        ),
        "keys: those that are not the default".to_owned(),
    ];
    lines.extend(model.keymap.changes());
    lines.push("last messages:".to_owned());
    lines.extend(model.ring.lines());
    lines.join("\n") + "\n"
}

fn next_theme(model: &mut Model) {
    let themes = &model.settings.themes;
    let place = themes
        .iter()
        .position(|theme| theme.name == model.theme.name);
    let next = place.map_or(0, |place| (place + 1) % themes.len().max(1));
    if let Some(theme) = themes.get(next).cloned() {
        let text = format!("theme {}: {}", theme.name, theme.about);
        model.theme = theme;
        model.say(Role::Good, text);
    }
}

/// Ends the program; where something is unsaved, or the analyst wants to be asked, at the second
/// press.
fn quit(model: &mut Model, command: Command) -> Vec<Effect> {
    let unsaved = model.set_aside.is_some();
    let must_ask = unsaved || model.settings.confirm_quit;
    if !must_ask || model.quitting {
        return vec![Effect::Quit];
    }
    model.quitting = true;
    let key = model
        .keymap
        .key_of(crate::tui::keymap::Mode::Normal, command);
    let again = key.unwrap_or_else(|| command.title().to_owned());
    let why = if unsaved {
        "a note or form is not saved; "
    } else {
        ""
    };
    model.say(Role::Warning, format!("{why}{again} again quits"));
    Vec::new()
}

/// Ctrl-c: the nearest running thing stops; when nothing runs, the program ends.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    if close_layer(model).is_some() {
        return Vec::new();
    }
    let id = model.walk.id();
    let was_running = match model.walk.here_mut() {
        Page::Events(page) => page.awaited.take().or(page.sought.take()).is_some(),
        Page::Counts(page) => page.awaited.take().is_some(),
        _ => false,
    };
    if was_running {
        model.say(Role::Warning, "stopped; what was found so far stays");
        return vec![Effect::StopQuery(id)];
    }
    if model.loading.is_running() {
        model.say(Role::Warning, "loading stops; what was read stays");
        return vec![Effect::CancelLoading];
    }
    quit(model, Command::Interrupt)
}
