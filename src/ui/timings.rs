//! Prints how long the window takes to show something, if `TAGLENS_TIMINGS` is set.

use std::io::Write;
use std::time::Instant;

use eframe::egui;

/// The times printed so far.
pub(crate) struct Timings {
    started: Instant,
    drawn: usize,
    loaded: bool,
    pictures: bool,
}

impl Timings {
    /// `None` if the variable is not set.
    pub(crate) fn from_env(started: Instant) -> Option<Self> {
        std::env::var_os("TAGLENS_TIMINGS")?;
        Some(Self {
            started,
            drawn: 0,
            loaded: false,
            pictures: false,
        })
    }

    /// Called at the start of a frame: the previous one has reached the screen.
    pub(crate) fn frame(&mut self, ctx: &egui::Context, loaded: bool, pictures: bool) {
        let say = |what: &str| {
            let ms = self.started.elapsed().as_millis();
            // If nobody reads it, the window goes on.
            let _ = writeln!(std::io::stderr(), "{what} after {ms} ms");
        };
        match self.drawn {
            0 => ctx.request_repaint(),
            1 => say("first frame"),
            _ => {}
        }
        if loaded && !self.loaded {
            say("library shown");
        }
        if pictures && !self.pictures {
            say("first thumbnails");
        }
        (self.loaded, self.pictures) = (loaded, pictures);
        self.drawn += 1;
    }
}
