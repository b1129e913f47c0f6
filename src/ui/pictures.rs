//! Pictures on the graphics card, and their upload.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui;

use crate::app::{App, Picture};
use crate::core::photo::ContentHash;
use crate::ui::widgets::full_size::FullSize;
use crate::ui::widgets::textures::Textures;

/// The part of a frame's 16 milliseconds for uploading thumbnails.
const UPLOAD: Duration = Duration::from_millis(3);
/// The most thumbnails on the graphics card, 400 kB each.
const THUMBNAILS: usize = 350;
/// The most large pictures there, 11 MB each.
const PREVIEWS: usize = 8;

/// Thumbnails and large pictures.
pub(crate) struct Pictures {
    pub(crate) thumbnails: Textures<ContentHash>,
    pub(crate) previews: Textures<PathBuf>,
    pub(crate) full_size: FullSize,
    /// Thumbnails waiting for upload.
    arrived: VecDeque<(ContentHash, Option<Picture>)>,
    /// The number of embedded photos at the last check.
    embedded: usize,
    /// Whether any thumbnail was drawn since the start.
    any: bool,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            thumbnails: Textures::new(THUMBNAILS),
            previews: Textures::new(PREVIEWS),
            full_size: FullSize::default(),
            arrived: VecDeque::new(),
            embedded: 0,
            any: false,
        }
    }
}

impl Pictures {
    /// Uploads pictures that were read, a few per frame: a screenful at once would stop the window
    /// visibly.
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
        for (path, picture) in app.take_full_sizes() {
            self.full_size.put(path, picture);
        }
        while start.elapsed() < UPLOAD && self.full_size.upload_one(ctx) {}
        let embedded = app.work.map_or(0, |w| w.now.embedded);
        if embedded != self.embedded {
            self.embedded = embedded;
            self.thumbnails.forget_missing();
        }
    }

    /// Whether some wait for the next frame.
    pub(crate) fn has_more(&self) -> bool {
        !self.arrived.is_empty() || self.full_size.has_more()
    }

    /// Whether any thumbnail was drawn since the start.
    pub(crate) fn any(&self) -> bool {
        self.any
    }

    /// Prepares for a frame.
    pub(crate) fn begin_frame(&mut self) {
        self.thumbnails.begin();
        self.previews.begin();
        self.full_size.begin();
    }

    /// Requests the pictures that the frame lacked.
    pub(crate) fn end_frame(&mut self, app: &mut App) {
        let wanted = self.thumbnails.to_ask();
        if !wanted.is_empty() && app.want_thumbnails(&wanted) {
            self.thumbnails.set_asked(wanted);
        }
        let wanted = self.previews.to_ask();
        if !wanted.is_empty() && app.want_previews(&wanted) {
            self.previews.set_asked(wanted);
        }
        if let Some(path) = self.full_size.to_ask()
            && app.want_full_size(&path)
        {
            self.full_size.set_asked(path);
        }
    }
}
