//! How threads report to the window.

use crossbeam_channel::Sender;

use crate::app::messages::event::{Event, Wake};
use crate::app::messages::message::Severity;
use crate::words::Phrase;

/// The channel to the window, and what wakes it.
#[derive(Clone)]
pub(crate) struct Outbox {
    events: Sender<Event>,
    wake: Wake,
}

impl Outbox {
    /// Sends into `events`, and calls `wake` after each.
    pub(crate) fn new(events: Sender<Event>, wake: Wake) -> Self {
        Self { events, wake }
    }

    /// Sends a report; blocks if too many are waiting. Returns `false` if the window is gone.
    pub(crate) fn send(&self, event: Event) -> bool {
        let heard = self.events.send(event).is_ok();
        if heard {
            self.wake();
        }
        heard
    }

    /// Makes the window check for changes without an event.
    pub(crate) fn wake(&self) {
        (self.wake)();
    }

    /// Sends the user a message.
    pub(crate) fn tell(&self, severity: Severity, said: impl Into<Phrase>) {
        self.send(Event::Message(severity, said.into()));
    }
}
