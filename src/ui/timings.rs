//! How soon a start shows something; printed where `TAGLENS_TIMINGS` is set.

use std::time::Instant;

use eframe::egui;

/// What has been printed.
pub(crate) struct Timings {
    started: Instant,
    drawn: usize,
    loaded: bool,
    pictures: bool,
}

impl Timings {
    /// `None` where nobody asks.
    pub(crate) fn from_env(started: Instant) -> Option<Self> {
        std::env::var_os("TAGLENS_TIMINGS")?;
        Some(Self {
            started,
            drawn: 0,
            loaded: false,
            pictures: false,
        })
    }

    /// At the beginning of a frame: what was drawn in the one before has reached the screen.
    pub(crate) fn frame(&mut self, ctx: &egui::Context, loaded: bool, pictures: bool) {
        let say = |what: &str| {
            let ms = self.started.elapsed().as_millis();
            eprintln!("{what} after {ms} ms");
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
