//! The interface without a terminal: the same model, workers and drawing, driven by messages.
//! Tests and benchmarks use it; nothing in it is a stand-in.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::input::Incoming;
use super::message::{Effect, Message};
use super::model::layer::Among;
use super::model::{Layer, Model, Page};
use super::update::update;
use super::view;
use super::worker::{Task, Workers};

/// The interface on a screen in memory.
pub struct Headless {
    /// What it knows and shows.
    pub model: Model,
    workers: Option<Workers>,
    incoming: Receiver<Incoming>,
    screen: Buffer,
}

impl Headless {
    /// Starts the interface as [`super::run`] does, on a screen of that size.
    ///
    /// # Errors
    /// As [`super::run`], but for the terminal.
    pub fn open(options: super::Options, size: (u16, u16)) -> anyhow::Result<Headless> {
        let (model, task) = super::prepare(options)?;
        Ok(Headless::with(model, task, size))
    }

    pub(super) fn with(model: Model, task: Task, size: (u16, u16)) -> Headless {
        let (sender, incoming) = unbounded();
        let mut headless = Headless {
            model,
            workers: None,
            incoming,
            screen: Buffer::empty(Rect::new(0, 0, size.0, size.1)),
        };
        headless.draw();
        headless.workers = Some(Workers::start(task, sender));
        headless
    }

    /// Lets a message act and begins what it asks of workers; answers what it asks of the terminal.
    pub fn send(&mut self, message: Message) -> Vec<Effect> {
        let effects = update(&mut self.model, message);
        effects
            .into_iter()
            .filter_map(|effect| self.perform(effect))
            .collect()
    }

    /// Begins what an effect asks of workers; hands back what is the terminal's to do.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Quit
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Mouse(_)
            | Effect::Copy(_)
            | Effect::Edit(_) => Some(effect),
            other => {
                if let Some(workers) = &mut self.workers {
                    workers.perform(other, &self.model.data.snapshot);
                }
                None
            }
        }
    }

    /// The next answer of a worker; `None` when none comes in that time.
    pub fn answer(&self, patience: Duration) -> Option<Message> {
        let deadline = Instant::now() + patience;
        match self.incoming.recv_deadline(deadline) {
            Ok(Incoming::Worker(message)) => Some(message),
            _ => None,
        }
    }

    /// Whether the page or the case waits for an answer.
    pub fn waits(&self) -> bool {
        let page = match self.model.page() {
            Page::Events(page) => page.awaited.is_some() || page.sought.is_some(),
            Page::Event(page) => page.record.is_none(),
            _ => false,
        };
        let model = &self.model;
        let counting = matches!(model.page(), Page::Counts(page) if page.awaited.is_some());
        let finding =
            matches!(model.layers.last(), Some(Layer::Finder(finder)) if finder.awaited.is_some());
        let wants_names = |layer: &Layer| match layer {
            Layer::Prompt(prompt) => prompt.filter.is_some(),
            Layer::Finder(finder) => finder.among == Among::Everything,
            _ => false,
        };
        let nameless = model.layers.iter().any(wants_names)
            && !model.data.has_names()
            && !model.data.timeline().is_empty();
        let case = &model.case;
        let unopened = case.path.is_none() && case.trouble.is_none();
        let case = unopened || model.hashing.is_running || case.pending > 0;
        page || counting || finding || nameless || case
    }

    /// Another size of the screen.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.screen = Buffer::empty(Rect::new(0, 0, width, height));
    }

    /// Draws a frame and answers it.
    pub fn draw(&mut self) -> &Buffer {
        let area = *self.screen.area();
        self.screen.reset();
        let drawn = view::draw(&self.model, area, &mut self.screen);
        view::remember(&mut self.model, drawn);
        &self.screen
    }

    /// The frame drawn last.
    pub fn screen(&self) -> &Buffer {
        &self.screen
    }

    /// Leaves as the program does: waits until the case has saved what was ordered.
    pub fn finish(&mut self) {
        if let Some(workers) = self.workers.take() {
            workers.finish();
        }
    }
}
