//! One picture in full size on the graphics card, cut into tiles, because one upload of it all
//! would stop the window visibly.

use std::path::{Path, PathBuf};

use eframe::egui::{self, ColorImage, Rect, TextureHandle, TextureOptions, pos2};

use crate::app::Picture;
use crate::ui::theme;

/// The edge of a tile, in pixels: 3 MB, uploaded in about a millisecond.
const TILE: usize = 1024;

/// The picture that is on show, if it is needed in full size.
#[derive(Default)]
pub(crate) struct FullSize {
    shown: Option<(PathBuf, Option<Tiles>)>,
    wanted: Option<PathBuf>,
    asked: Option<PathBuf>,
}

/// A picture and its uploaded tiles.
struct Tiles {
    picture: Picture,
    /// Each with its place in the picture, in shares of its width and height.
    uploaded: Vec<(Rect, TextureHandle)>,
}

impl FullSize {
    /// Begins a frame. A picture that the last frame did not show is dropped: it is large.
    pub(crate) fn begin(&mut self) {
        let wanted = self.wanted.take();
        if wanted.is_none() {
            self.asked = None;
        }
        if self
            .shown
            .as_ref()
            .is_some_and(|(path, _)| Some(path) != wanted.as_ref())
        {
            self.shown = None;
        }
    }

    /// Draws what is here of the file's picture over `rect`, and requests it if it is not.
    pub(crate) fn paint(&mut self, painter: &egui::Painter, path: &Path, rect: Rect) {
        self.wanted = Some(path.to_path_buf());
        let Some((_, Some(tiles))) = self.shown.as_ref().filter(|(of, _)| of == path) else {
            return;
        };
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        for (place, texture) in &tiles.uploaded {
            let at = Rect::from_min_max(
                rect.min + place.min.to_vec2() * rect.size(),
                rect.min + place.max.to_vec2() * rect.size(),
            );
            if at.intersects(painter.clip_rect()) {
                painter.image(texture.id(), at, whole, theme::UNTINTED);
            }
        }
    }

    /// The file whose picture is missing and was not requested yet.
    pub(crate) fn to_ask(&self) -> Option<PathBuf> {
        let wanted = self.wanted.as_ref()?;
        let is_here = self.shown.as_ref().is_some_and(|(path, _)| path == wanted);
        (!is_here && self.asked.as_ref() != Some(wanted)).then(|| wanted.clone())
    }

    /// Records that the file's picture was requested.
    pub(crate) fn set_asked(&mut self, path: PathBuf) {
        self.asked = Some(path);
    }

    /// Takes a picture; `None` if there is none. One that nobody waits for any more is dropped.
    pub(crate) fn put(&mut self, path: PathBuf, picture: Option<Picture>) {
        if self.asked.as_ref() != Some(&path) {
            return;
        }
        let whole = picture.filter(|p| p.rgb.len() == p.width * p.height * 3 && !p.rgb.is_empty());
        let tiles = whole.map(|picture| Tiles {
            picture,
            uploaded: Vec::new(),
        });
        self.shown = Some((path, tiles));
    }

    /// Whether tiles wait for upload.
    pub(crate) fn has_more(&self) -> bool {
        let tiles = self.shown.as_ref().and_then(|(_, tiles)| tiles.as_ref());
        tiles.is_some_and(|tiles| !tiles.picture.rgb.is_empty())
    }

    /// Whether a picture is here with all its tiles.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(&self.shown, Some((_, Some(_)))) && !self.has_more()
    }

    /// Uploads the next tile; `false` if there is none.
    pub(crate) fn upload_one(&mut self, ctx: &egui::Context) -> bool {
        match &mut self.shown {
            Some((_, Some(tiles))) => tiles.upload_one(ctx),
            _ => false,
        }
    }
}

impl Tiles {
    fn upload_one(&mut self, ctx: &egui::Context) -> bool {
        let Picture { width, height, rgb } = &mut self.picture;
        let across = width.div_ceil(TILE);
        let (row, column) = (self.uploaded.len() / across, self.uploaded.len() % across);
        let (x, y) = (column * TILE, row * TILE);
        if rgb.is_empty() || y >= *height {
            return false;
        }
        let (right, bottom) = ((x + TILE).min(*width), (y + TILE).min(*height));
        let lines =
            (y..bottom).filter_map(|y| rgb.get((y * *width + x) * 3..(y * *width + right) * 3));
        let tile: Vec<u8> = lines.flatten().copied().collect();
        let image = ColorImage::from_rgb([right - x, bottom - y], &tile);
        let texture = ctx.load_texture("full size", image, TextureOptions::LINEAR);
        let share = |x: usize, y: usize| pos2(x as f32 / *width as f32, y as f32 / *height as f32);
        let place = Rect::from_min_max(share(x, y), share(right, bottom));
        self.uploaded.push((place, texture));
        if (right, bottom) == (*width, *height) {
            // It is all on the graphics card.
            *rgb = Vec::new();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize) -> Picture {
        Picture {
            width,
            height,
            rgb: vec![7; width * height * 3],
        }
    }

    /// A frame that shows the file's picture.
    fn frame(full: &mut FullSize, ctx: &egui::Context, path: &Path) -> Option<PathBuf> {
        full.begin();
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0));
        let layer = egui::LayerId::background();
        full.paint(&egui::Painter::new(ctx.clone(), layer, rect), path, rect);
        let asked = full.to_ask();
        if let Some(path) = &asked {
            full.set_asked(path.clone());
        }
        asked
    }

    #[test]
    fn tiles_cover_the_picture_once() {
        let (ctx, mut full) = (egui::Context::default(), FullSize::default());
        let path = Path::new("/a.jpg");
        assert_eq!(frame(&mut full, &ctx, path).as_deref(), Some(path));
        assert_eq!(frame(&mut full, &ctx, path), None, "it is asked for once");
        full.put(path.into(), Some(picture(2500, 1025)));
        let mut uploads = 0;
        while full.upload_one(&ctx) {
            uploads += 1;
        }
        assert_eq!(uploads, 6);
        assert!(!full.has_more());
        let (_, tiles) = full.shown.as_ref().unwrap();
        let tiles = &tiles.as_ref().unwrap().uploaded;
        let area: f32 = tiles.iter().map(|(place, _)| place.area()).sum();
        assert!((area - 1.0).abs() < 1e-4, "{area}");
        let end = tiles.last().unwrap();
        assert_eq!((end.0.max, end.1.size()), (pos2(1.0, 1.0), [452, 1]));
    }

    #[test]
    fn a_picture_that_is_not_shown_any_more_is_dropped() {
        let (ctx, mut full) = (egui::Context::default(), FullSize::default());
        let (first, second) = (Path::new("/a.jpg"), Path::new("/b.jpg"));
        frame(&mut full, &ctx, first);
        frame(&mut full, &ctx, second);
        full.put(first.into(), Some(picture(10, 10)));
        assert!(full.shown.is_none(), "it came too late");
        full.put(second.into(), None);
        assert_eq!(frame(&mut full, &ctx, second), None, "there is none");
        full.begin();
        full.begin();
        assert!(full.shown.is_none());
        assert_eq!(frame(&mut full, &ctx, second).as_deref(), Some(second));
    }
}
