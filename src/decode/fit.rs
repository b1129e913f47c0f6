//! Fits a picture of any size into the encoder's square.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use crate::core::encoder::{Filter, Fit, Preprocessing};
use crate::core::pixels::Pixels;
use crate::decode::blocks::{self, Side};

/// Scales and crops `picture` to `preprocessing.size` pixels a side.
///
/// With antialiasing, first horizontally, then vertically, with 8-bit samples in between, like
/// Pillow's `Image.resize`; sizes and margins are rounded like torchvision's `Resize`
/// and `CenterCrop`. Only what the crop leaves is computed, so a strip of 1×10000 costs no more
/// than a square. A picture without pixels gives a white square.
pub(crate) fn fit(picture: &Pixels, preprocessing: &Preprocessing) -> Pixels {
    let size = preprocessing.size;
    let (across, down) = sides(picture.width(), picture.height(), preprocessing);
    // The clone is never reached, because the white square's length is right.
    resize(picture, across, down, (size, size), preprocessing.filter)
        .or_else(|| white(size))
        .unwrap_or_else(|| picture.clone())
}

/// The parts of a picture of this size that become the square: across, and down.
pub(super) fn sides(width: u32, height: u32, preprocessing: &Preprocessing) -> (Side, Side) {
    let shorter = width.min(height);
    match preprocessing.fit {
        Fit::CentreCrop => (
            centre(width, shorter, preprocessing.size),
            centre(height, shorter, preprocessing.size),
        ),
        Fit::Squash => (whole(width), whole(height)),
    }
}

/// The whole side.
pub(super) fn whole(side: u32) -> Side {
    Side {
        start: 0.0,
        length: f64::from(side),
    }
}

/// The middle `size` pixels of a side that is scaled as `shorter` is scaled to `size`.
///
/// torchvision truncates the scaled length and rounds the margin half to even:
/// `_compute_resized_output_size` and `center_crop` in `torchvision/transforms/functional.py`.
fn centre(side: u32, shorter: u32, size: u32) -> Side {
    let (side, shorter, size) = (f64::from(side), f64::from(shorter), f64::from(size));
    let scaled = (size * side / shorter).trunc();
    let margin = ((scaled - size) / 2.0).round_ties_even();
    let scale = side / scaled;
    let start = margin * scale;
    Side {
        start,
        length: (size * scale).min(side - start),
    }
}

/// Scales the part of `picture` at `across` and `down` to `size`, width and height; `None` if there
/// is nothing to scale.
pub(super) fn resize(
    picture: &Pixels,
    across: Side,
    down: Side,
    size: (u32, u32),
    filter: Filter,
) -> Option<Pixels> {
    let (width, height) = (picture.width(), picture.height());
    if width == 0 || height == 0 || size.0 == 0 || size.1 == 0 {
        return None;
    }
    let (block_across, block_down) = (blocks::block_of(across), blocks::block_of(down));
    if (block_across, block_down) != (1, 1) {
        let smaller = blocks::averaged(picture, block_across, block_down)?;
        let across = blocks::in_blocks(across, block_across);
        let down = blocks::in_blocks(down, block_down);
        return resize(&smaller, across, down, size, filter);
    }
    // The typed functions are for this kind of pixel only; `resize` has those of every kind, 3 MB.
    let source = TypedImageRef::<U8x3>::from_buffer(width, height, picture.data()).ok()?;
    let mut resizer = Resizer::new();

    // First horizontally, over the rows that the second pass needs: the kernel reaches up to
    // three pixels of the larger scale to either side, and one extra row does no harm.
    let reach = 3.0 * (down.length / f64::from(size.1)).max(1.0) + 1.0;
    let top = (down.start - reach).floor().max(0.0);
    let bottom = (down.start + down.length + reach)
        .ceil()
        .min(f64::from(height));
    let rows = bottom - top;
    let mut narrowed = TypedImage::<U8x3>::new(size.0, rows as u32);
    resizer
        .resize_typed(
            &source,
            &mut narrowed,
            &by(filter).crop(across.start, top, across.length, rows),
        )
        .ok()?;

    let mut data = vec![0; size.0 as usize * size.1 as usize * 3];
    let mut resized = TypedImage::<U8x3>::from_buffer(size.0, size.1, &mut data).ok()?;
    let start = down.start - top;
    let length = down.length.min(rows - start);
    resizer
        .resize_typed(
            &narrowed,
            &mut resized,
            &by(filter).crop(0.0, start, f64::from(size.0), length),
        )
        .ok()?;
    Pixels::new(size.0, size.1, data)
}

fn by(filter: Filter) -> ResizeOptions {
    let filter = match filter {
        Filter::Bilinear => FilterType::Bilinear,
        // The cubic with a = -0.5.
        Filter::Bicubic => FilterType::CatmullRom,
        Filter::Lanczos => FilterType::Lanczos3,
    };
    ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter))
}

fn white(size: u32) -> Option<Pixels> {
    let length = size as usize * size as usize * 3;
    Pixels::new(size, size, vec![255; length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_round_as_python_does() {
        // (width, height, size), and torchvision's scaled longer side and margin.
        let cases = [
            (33_u32, 32_u32, 32_u32, 33.0, 0.0),
            (35, 32, 32, 35.0, 2.0),
            (37, 32, 32, 37.0, 2.0),
            (640, 427, 224, 335.0, 56.0),
            (500, 375, 224, 298.0, 37.0),
        ];
        for (width, height, size, scaled, margin) in cases {
            let side = centre(width, height, size);
            let scale = f64::from(width) / scaled;
            assert!((side.start - margin * scale).abs() < 1e-9, "{width}");
            assert!((side.length - f64::from(size) * scale).abs() < 1e-9);
        }
    }

    #[test]
    fn a_picture_of_the_right_size_is_left_alone() {
        let data: Vec<u8> = (0..8 * 8 * 3).map(|v| v as u8).collect();
        let picture = Pixels::new(8, 8, data).unwrap();
        for fit_kind in [Fit::CentreCrop, Fit::Squash] {
            let preprocessing = Preprocessing {
                fit: fit_kind,
                ..Preprocessing::clip(8)
            };
            assert!(fit(&picture, &preprocessing) == picture);
        }
    }

    #[test]
    fn strips_and_nothing_at_all() {
        for (width, height) in [
            (1, 10_000),
            (10_000, 1),
            (1, 1),
            (65_535, 2),
            (200_001, 1),
            (3, 150_000),
            (0, 0),
            (0, 7),
        ] {
            let length = width as usize * height as usize * 3;
            let picture = Pixels::new(width, height, vec![90; length]).unwrap();
            for fit_kind in [Fit::CentreCrop, Fit::Squash] {
                let preprocessing = Preprocessing {
                    fit: fit_kind,
                    ..Preprocessing::clip(224)
                };
                let square = fit(&picture, &preprocessing);
                let level = if length == 0 { 255 } else { 90 };
                assert_eq!((square.width(), square.height()), (224, 224));
                assert!(
                    square.data().iter().all(|&v| v == level),
                    "{width}×{height}"
                );
            }
        }
    }
}
