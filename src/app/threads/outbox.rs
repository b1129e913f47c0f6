//! How the threads report.

use crossbeam_channel::Sender;

use crate::app::messages::event::{Event, Wake};
use crate::app::messages::message::{Message, Severity};

/// The way to the window: its events, and what has it look at them.
#[derive(Clone)]
pub(crate) struct Outbox {
    events: Sender<Event>,
    wake: Wake,
}

impl Outbox {
    /// Into `events`; `wake` is called after each.
    pub(crate) fn new(events: Sender<Event>, wake: Wake) -> Self {
        Self { events, wake }
    }

    /// Reports; waits where much is reported already. `false` where the window is gone.
    pub(crate) fn send(&self, event: Event) -> bool {
        let heard = self.events.send(event).is_ok();
        if heard {
            self.wake();
        }
        heard
    }

    /// Has the window look at what has changed without an event.
    pub(crate) fn wake(&self) {
        (self.wake)();
    }

    /// Tells a person something.
    pub(crate) fn tell(&self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        self.send(Event::Message(Message { severity, text }));
    }
}
