//! Where a picture lies in the loupe: fitted, or zoomed and moved.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::ui::theme::sizes;

/// The zoom.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Zoom {
    /// The whole picture, as large as the view allows, and not larger than its pixels.
    #[default]
    Fit,
    /// A part of it.
    Part {
        /// In points by pixel of the picture.
        scale: f32,
        /// The point in the middle of the view, in shares of the picture's width and height.
        centre: Pos2,
    },
}

/// A picture in a view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoupeView {
    /// The view, in points.
    pub(crate) rect: Rect,
    /// The picture's size, in pixels.
    pub(crate) picture: Vec2,
    /// Pixels of the screen by point.
    pub(crate) pixels_per_point: f32,
}

impl LoupeView {
    /// The scale at which a pixel of the picture is a pixel of the screen.
    pub(crate) fn actual(&self) -> f32 {
        1.0 / self.pixels_per_point
    }

    fn fitted(&self) -> f32 {
        let fit = self.rect.size() / self.picture.max(vec2(1.0, 1.0));
        fit.min_elem().min(self.actual())
    }

    /// The scale, in points by pixel of the picture.
    pub(crate) fn scale(&self, zoom: Zoom) -> f32 {
        match zoom {
            Zoom::Fit => self.fitted(),
            Zoom::Part { scale, .. } => scale,
        }
    }

    /// The place of the whole picture. Where it is smaller than the view, it is centred; where it
    /// is larger, it covers the view.
    pub(crate) fn place(&self, zoom: Zoom) -> Rect {
        let size = self.picture * self.scale(zoom);
        let Zoom::Part { centre, .. } = zoom else {
            return Rect::from_center_size(self.rect.center(), size);
        };
        let min = self.rect.center() - centre.to_vec2() * size;
        let along = |view: (f32, f32), min: f32, size: f32| {
            let room = view.1 - view.0 - size;
            match room >= 0.0 {
                true => view.0 + room / 2.0,
                false => min.clamp(view.0 + room, view.0),
            }
        };
        let (from, to) = (self.rect.min, self.rect.max);
        let min = pos2(
            along((from.x, to.x), min.x, size.x),
            along((from.y, to.y), min.y, size.y),
        );
        Rect::from_min_size(min, size)
    }

    /// The zoom by which the picture lies at `min` with that scale.
    fn part(&self, scale: f32, min: Pos2) -> Zoom {
        if scale <= self.fitted() {
            return Zoom::Fit;
        }
        let size = self.picture * scale;
        let centre = ((self.rect.center() - min) / size).to_pos2();
        let place = self.place(Zoom::Part { scale, centre });
        Zoom::Part {
            scale,
            centre: ((self.rect.center() - place.min) / size).to_pos2(),
        }
    }

    /// Zooms by a factor; the point of the picture at `at` stays there.
    pub(crate) fn zoomed(&self, zoom: Zoom, factor: f32, at: Pos2) -> Zoom {
        let most = (sizes::ZOOM_MOST * self.actual()).max(self.fitted());
        let scale = (self.scale(zoom) * factor).min(most);
        let place = self.place(zoom);
        let factor = scale / self.scale(zoom);
        self.part(scale, at - (at - place.min) * factor)
    }

    /// Moves the picture.
    pub(crate) fn moved(&self, zoom: Zoom, by: Vec2) -> Zoom {
        match zoom {
            Zoom::Fit => zoom,
            Zoom::Part { scale, .. } => self.part(scale, self.place(zoom).min + by),
        }
    }

    /// Switches between the whole picture and its actual pixels around `at`.
    pub(crate) fn toggled(&self, zoom: Zoom, at: Pos2) -> Zoom {
        match zoom {
            Zoom::Fit => self.zoomed(zoom, self.actual() / self.fitted(), at),
            Zoom::Part { .. } => Zoom::Fit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> LoupeView {
        LoupeView {
            rect: Rect::from_min_size(pos2(10.0, 20.0), vec2(800.0, 600.0)),
            picture: vec2(6000.0, 4000.0),
            pixels_per_point: 2.0,
        }
    }

    /// The point of the picture, in its pixels, that lies there.
    fn point_at(view: &LoupeView, zoom: Zoom, at: Pos2) -> Vec2 {
        (at - view.place(zoom).min) / view.scale(zoom)
    }

    #[test]
    fn the_whole_picture_is_centred_and_never_enlarged() {
        let view = view();
        let place = view.place(Zoom::Fit);
        assert_eq!(place.center(), view.rect.center());
        assert!((place.width() - 800.0).abs() < 1e-3 && place.height() < 600.0);
        let small = LoupeView {
            picture: vec2(100.0, 50.0),
            ..view
        };
        assert_eq!(small.place(Zoom::Fit).size(), vec2(50.0, 25.0));
        assert_eq!(small.toggled(Zoom::Fit, small.rect.center()), Zoom::Fit);
    }

    #[test]
    fn the_point_under_the_pointer_stays() {
        let view = view();
        for at in [pos2(300.0, 250.0), pos2(500.0, 400.0)] {
            let zoom = view.toggled(Zoom::Fit, at);
            assert!((view.scale(zoom) - 0.5).abs() < 1e-6);
            let further = view.zoomed(zoom, 1.5, at);
            let (before, after) = (point_at(&view, zoom, at), point_at(&view, further, at));
            assert!((before - after).length() < 0.5, "{before:?} {after:?}");
            let fitted = point_at(&view, Zoom::Fit, at);
            assert!((before - fitted).length() < 0.5, "{before:?} {fitted:?}");
            assert_eq!(view.toggled(zoom, at), Zoom::Fit);
        }
    }

    #[test]
    fn it_cannot_be_moved_out_of_the_view() {
        let view = view();
        let zoom = view.toggled(Zoom::Fit, view.rect.center());
        for by in [vec2(1e6, 1e6), vec2(-1e6, -1e6), vec2(1e6, -1e6)] {
            let moved = view.moved(zoom, by);
            assert!(view.place(moved).contains_rect(view.rect), "{by:?}");
            // What is stored is what is shown, so moving back begins at once.
            let back = view.moved(moved, -by.normalized());
            assert_ne!(view.place(back), view.place(moved), "{by:?}");
        }
        assert_eq!(view.moved(Zoom::Fit, vec2(5.0, 5.0)), Zoom::Fit);
    }

    #[test]
    fn zooming_out_ends_at_the_whole_and_zooming_in_at_eight() {
        let view = view();
        let at = pos2(200.0, 200.0);
        let mut zoom = Zoom::Fit;
        for _ in 0..40 {
            zoom = view.zoomed(zoom, 1.25, at);
        }
        assert!((view.scale(zoom) * view.pixels_per_point - 8.0).abs() < 1e-3);
        for _ in 0..40 {
            zoom = view.zoomed(zoom, 0.8, at);
        }
        assert_eq!(zoom, Zoom::Fit);
    }
}
