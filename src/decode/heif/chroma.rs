//! Gives every pixel its own colour samples, of pictures that store fewer of these.

use heifer::heifer_hevc_dec::recon::Frame;

/// Bytes per pixel of the samples.
pub(super) const BYTES: u64 = 4;
/// H.273 chroma formats.
const HALF_BOTH: u8 = 1;
const HALF_WIDTH: u8 = 2;
const FULL: u8 = 3;

/// Interpolates colour samples, which lie in the middle of their pixels, as libheif and libavif see
/// them. heifer would see them on the upper left of these, which shifts colours by half a pixel.
pub(in crate::decode) fn at_every_pixel(frame: Frame) -> Frame {
    let halves_height = match frame.chroma_format {
        HALF_BOTH => true,
        HALF_WIDTH => false,
        _ => return frame,
    };
    let size = (frame.widths[0] as usize, frame.heights[0] as usize);
    let [y, cb, cr] = frame.planes;
    let wider = |plane: &[u16], index: usize| {
        let (width, height) = (frame.widths[index] as usize, frame.heights[index] as usize);
        match width > 0 && height > 0 && plane.len() >= width * height {
            true => interpolate(plane, (width, height), size, halves_height),
            // No decoder gives such planes.
            false => vec![0; size.0 * size.1],
        }
    };
    let planes = [wider(&cb, 1), wider(&cr, 2)];
    let [cb, cr] = planes;
    Frame {
        widths: [frame.widths[0]; 3],
        heights: [frame.heights[0]; 3],
        planes: [y, cb, cr],
        chroma_format: FULL,
        ..frame
    }
}

fn interpolate(
    plane: &[u16],
    (width, height): (usize, usize),
    (to_width, to_height): (usize, usize),
    halves_height: bool,
) -> Vec<u16> {
    let mut out = Vec::with_capacity(to_width * to_height);
    let row = |y: usize| {
        let start = y.min(height - 1) * width;
        &plane[start..start + width]
    };
    let mut blended = vec![0_u32; width];
    for y in 0..to_height {
        let (near, other) = match (halves_height, y.is_multiple_of(2)) {
            (false, _) => (row(y), row(y)),
            (true, true) => (row(y / 2), row((y / 2).saturating_sub(1))),
            (true, false) => (row(y / 2), row(y / 2 + 1)),
        };
        // Three quarters of the nearer sample, here and below.
        for ((out, &near), &other) in blended.iter_mut().zip(near).zip(other) {
            *out = 3 * u32::from(near) + u32::from(other);
        }
        let mut before = blended[0];
        let row_end = out.len() + to_width;
        for (x, &here) in blended.iter().enumerate() {
            let after = blended.get(x + 1).copied().unwrap_or(here);
            for other in [before, after] {
                if out.len() < row_end {
                    out.push(((3 * here + other + 8) / 16) as u16);
                }
            }
            before = here;
        }
        // A plane narrower than half goes on as it ends.
        let last = out.last().copied().unwrap_or(0);
        out.resize(row_end, last);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(chroma_format: u8, chroma: (u32, u32), samples: Vec<u16>) -> Frame {
        Frame {
            widths: [4, chroma.0, chroma.0],
            heights: [2, chroma.1, chroma.1],
            planes: [vec![7; 8], samples.clone(), samples],
            bit_depth: [8; 2],
            chroma_format,
            full_range: true,
            matrix_coeffs: 6,
        }
    }

    #[test]
    fn samples_lie_in_the_middle_of_their_pixels() {
        let both = at_every_pixel(frame(1, (2, 1), vec![0, 160]));
        assert_eq!(both.planes[1], [0, 40, 120, 160, 0, 40, 120, 160]);
        assert_eq!(
            (both.widths, both.heights, both.chroma_format),
            ([4; 3], [2; 3], 3)
        );
        let width = at_every_pixel(frame(2, (2, 2), vec![0, 160, 16, 16]));
        assert_eq!(width.planes[2], [0, 40, 120, 160, 16, 16, 16, 16]);
        let full = frame(3, (4, 2), vec![1; 8]);
        assert_eq!(at_every_pixel(full).planes[1], [1; 8]);
        let odd = at_every_pixel(frame(1, (1, 1), vec![9]));
        assert_eq!(odd.planes[1], [9; 8]);
    }
}
