//! A decoded picture that represents a larger one, or is turned.

use image::metadata::Orientation;

use crate::core::encoder::{Filter, Preprocessing};
use crate::core::pixels::Pixels;
use crate::decode::blocks::Side;
use crate::decode::fit;
use crate::decode::orientation;

/// A picture as its file stores it, possibly scaled down, with the size and orientation of the
/// whole.
///
/// Everything is measured on the whole and then taken from the stored picture, so a scaled decode
/// gives the same crop as a full one to a fraction of a pixel. Only the result, which is small, is
/// turned.
pub(super) struct View<'a> {
    pub(crate) pixels: &'a Pixels,
    /// Width of the whole picture, as stored.
    pub(crate) width: u32,
    /// Height of the whole picture, as stored.
    pub(crate) height: u32,
    /// The size of `pixels` in eighths of the whole.
    pub(crate) eighths: u32,
    /// The orientation to apply.
    pub(crate) orientation: Orientation,
}

impl<'a> View<'a> {
    /// A view of a whole, upright picture.
    pub(super) fn of_whole(pixels: &'a Pixels) -> Self {
        Self {
            pixels,
            width: pixels.width(),
            height: pixels.height(),
            eighths: 8,
            orientation: Orientation::NoTransforms,
        }
    }

    /// Width and height of the upright whole.
    pub(super) fn upright_size(&self) -> (u32, u32) {
        match orientation::swaps_sides(self.orientation) {
            true => (self.height, self.width),
            false => (self.width, self.height),
        }
    }

    /// The encoder's square; `None` if there are no pixels.
    pub(super) fn square(&self, preprocessing: &Preprocessing) -> Option<Pixels> {
        let (width, height) = self.upright_size();
        let (across, down) = fit::sides(width, height, preprocessing);
        let size = (preprocessing.size, preprocessing.size);
        self.part(across, down, size, preprocessing.filter)
    }

    /// The whole picture with a longer side of `edge` pixels, or unscaled if it is smaller; `None`
    /// if there are no pixels.
    pub(super) fn thumbnail(&self, edge: u32) -> Option<Pixels> {
        let (width, height) = self.upright_size();
        let longer = width.max(height);
        if longer <= edge && self.eighths == 8 {
            let (pixels, orientation) = (self.pixels.clone(), self.orientation);
            return orientation::upright(self.width, self.height, pixels.into_data(), orientation);
        }
        let scaled = |side: u32| {
            let exact = f64::from(side) * f64::from(edge.min(longer)) / f64::from(longer.max(1));
            (exact.round() as u32).max(1)
        };
        let size = (scaled(width), scaled(height));
        self.part(fit::whole(width), fit::whole(height), size, Filter::Bicubic)
    }

    /// The part at `across` and `down` of the upright whole, as a picture of `size`.
    fn part(&self, across: Side, down: Side, size: (u32, u32), filter: Filter) -> Option<Pixels> {
        // To the stored axes ...
        let swapped = orientation::swaps_sides(self.orientation);
        let (across, down, size) = match swapped {
            true => (down, across, (size.1, size.0)),
            false => (across, down, size),
        };
        let (from_right, from_below) = orientation::mirrored(self.orientation);
        let across = self.stored(across, self.width, from_right, self.pixels.width());
        let down = self.stored(down, self.height, from_below, self.pixels.height());
        let part = fit::resize(self.pixels, across, down, size, filter)?;
        // ... and back.
        orientation::upright(size.0, size.1, part.into_data(), self.orientation)
    }

    /// Converts a part of a side of `whole` pixels to stored pixels.
    fn stored(&self, side: Side, whole: u32, mirrored: bool, stored: u32) -> Side {
        let start = match mirrored {
            true => f64::from(whole) - side.start - side.length,
            false => side.start,
        };
        let scale = f64::from(self.eighths) / 8.0;
        let start = (start * scale).max(0.0);
        Side {
            start,
            length: (side.length * scale).min(f64::from(stored) - start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::encoder::Fit;

    fn gradient(width: u32, height: u32) -> Pixels {
        let value = |at: u32| {
            let (x, y) = (at % width, at / width);
            [
                (x * 255 / width) as u8,
                (y * 255 / height) as u8,
                (x * y % 251) as u8,
            ]
        };
        Pixels::new(width, height, (0..width * height).flat_map(value).collect()).unwrap()
    }

    #[test]
    fn turning_the_part_is_as_good_as_turning_the_whole() {
        let stored = gradient(157, 90);
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let turned = orientation::upright(157, 90, stored.data().to_vec(), orientation);
            let turned = turned.unwrap();
            let view = View {
                pixels: &stored,
                orientation,
                ..View::of_whole(&stored)
            };
            let (width, height) = view.upright_size();
            assert_eq!((width, height), (turned.width(), turned.height()));
            let mut pairs = vec![(view.thumbnail(60), View::of_whole(&turned).thumbnail(60))];
            pairs.push((view.thumbnail(157), Some(turned.clone())));
            for fit in [Fit::CentreCrop, Fit::Squash] {
                let preprocessing = Preprocessing {
                    fit,
                    ..Preprocessing::clip(32)
                };
                let expected = fit::fit(&turned, &preprocessing);
                pairs.push((view.square(&preprocessing), Some(expected)));
            }
            for (ours, expected) in pairs {
                let (ours, expected) = (ours.unwrap(), expected.unwrap());
                assert_eq!(
                    (ours.width(), ours.height()),
                    (expected.width(), expected.height())
                );
                let pairs = ours.data().iter().zip(expected.data());
                // The order of the passes rounds differently.
                let most = pairs.map(|(a, b)| a.abs_diff(*b)).max();
                assert!(most <= Some(3), "{exif}: {most:?}");
            }
        }
    }

    #[test]
    fn thumbnails_keep_their_proportions_and_are_not_enlarged() {
        for (size, edge, expected) in [
            ((400, 200), 100, (100, 50)),
            ((200, 399), 100, (50, 100)),
            ((1000, 1), 100, (100, 1)),
            ((30, 20), 100, (30, 20)),
        ] {
            let picture = gradient(size.0, size.1);
            let thumbnail = View::of_whole(&picture).thumbnail(edge).unwrap();
            assert_eq!((thumbnail.width(), thumbnail.height()), expected);
        }
        let nothing = Pixels::new(0, 0, Vec::new()).unwrap();
        assert!(
            View::of_whole(&nothing)
                .thumbnail(10)
                .is_none_or(|t| t.width() == 0)
        );
    }
}
