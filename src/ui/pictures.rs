//! The pictures on the graphics card, and how they get there.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui;

use crate::app::{App, Picture};
use crate::core::photo::ContentHash;
use crate::ui::widgets::textures::Textures;

/// Of a frame's 16 milliseconds, what copying thumbnails may take.
const UPLOAD: Duration = Duration::from_millis(3);
/// Thumbnails kept on the graphics card: 400 kB each.
const THUMBNAILS: usize = 350;
/// Large pictures kept there: 8 MB each.
const PREVIEWS: usize = 6;

/// Thumbnails and large pictures.
pub(crate) struct Pictures {
    pub(crate) thumbnails: Textures<ContentHash>,
    pub(crate) previews: Textures<PathBuf>,
    /// Thumbnails that wait to be copied.
    arrived: VecDeque<(ContentHash, Option<Picture>)>,
    /// How many photos were embedded when it was last looked.
    embedded: usize,
    /// Whether any thumbnail was drawn since the start.
    any: bool,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            thumbnails: Textures::new(THUMBNAILS),
            previews: Textures::new(PREVIEWS),
            arrived: VecDeque::new(),
            embedded: 0,
            any: false,
        }
    }
}

impl Pictures {
    /// Takes in what has been read; a screenful of thumbnails at once would be seen as a halt.
    pub(crate) fn take_in(&mut self, ctx: &egui::Context, app: &mut App) {
        let start = Instant::now();
        self.arrived.extend(app.take_pictures());
        while start.elapsed() < UPLOAD
            && let Some((hash, picture)) = self.arrived.pop_front()
        {
            self.any |= picture.is_some();
            self.thumbnails.put(ctx, hash, picture.as_ref());
        }
        for (path, picture) in app.take_previews() {
            self.previews.put(ctx, path, picture.as_ref().ok());
        }
        let embedded = app.work.map_or(0, |w| w.now.embedded);
        if embedded != self.embedded {
            self.embedded = embedded;
            self.thumbnails.forget_missing();
        }
    }

    /// Whether some wait for the next frame.
    pub(crate) fn has_more(&self) -> bool {
        !self.arrived.is_empty()
    }

    /// Whether any thumbnail was drawn since the start.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Before a frame is drawn.
    pub(crate) fn begin_frame(&mut self) {
        self.thumbnails.begin();
        self.previews.begin();
    }

    /// Asks for what was to be drawn and is not there.
    pub(crate) fn end_frame(&mut self, app: &mut App) {
        let wanted = self.thumbnails.to_ask();
        if !wanted.is_empty() && app.want_thumbnails(&wanted) {
            self.thumbnails.set_asked(wanted);
        }
        let wanted = self.previews.to_ask();
        if let Some(path) = wanted.first()
            && app.want_preview(path)
        {
            self.previews.set_asked(wanted);
        }
    }
}
