//! Shrinks very long pictures by whole blocks of pixels, before they are scaled.
//!
//! The scaler has a table with some numbers for each pixel of a side, and between its two passes a picture
//! as high as the source. For a picture of millions by two pixels, both would take gigabytes.

use crate::core::pixels::Pixels;

/// One side: the part of the source that becomes the `size` pixels of the square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Side {
    pub(crate) start: f64,
    pub(crate) length: f64,
}

/// The longest side that is scaled as it is: more than a JPEG has.
const MOST_SIDE: f64 = 65_536.0;

/// How many pixels of a side become one.
pub(super) fn block_of(side: Side) -> u32 {
    (side.length / MOST_SIDE).ceil().max(1.0) as u32
}

/// The same part of a side of which `block` pixels have become one.
pub(super) fn in_blocks(side: Side, block: u32) -> Side {
    Side {
        start: side.start / f64::from(block),
        length: side.length / f64::from(block),
    }
}

/// Averages blocks of `across` by `down` pixels. At the right and below they may be smaller.
pub(super) fn averaged(picture: &Pixels, across: u32, down: u32) -> Option<Pixels> {
    let (width, across, down) = (picture.width() as usize, across as usize, down as usize);
    let new_width = width.div_ceil(across);
    let (rows, pixel) = (width.checked_mul(3)?, 3);
    let mut data = Vec::new();
    let mut sums = vec![0_u64; new_width * pixel];
    for block in picture.data().chunks(rows.checked_mul(down)?) {
        sums.fill(0);
        for row in block.chunks_exact(rows) {
            for (part, sum) in row.chunks(across * pixel).zip(sums.as_chunks_mut::<3>().0) {
                for sample in part.as_chunks::<3>().0 {
                    (0..3).for_each(|i| sum[i] += u64::from(sample[i]));
                }
            }
        }
        let high = block.len() / rows;
        for (x, sum) in sums.as_chunks::<3>().0.iter().enumerate() {
            let count = (across.min(width - x * across) * high) as u64;
            data.extend(sum.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    let new_height = (picture.height() as usize).div_ceil(down);
    Pixels::new(new_width as u32, new_height as u32, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_their_mean() {
        let grey = |levels: &[u8]| levels.iter().flat_map(|l| [*l, 0, 255]).collect::<Vec<_>>();
        let picture = Pixels::new(3, 3, grey(&[1, 3, 9, 5, 8, 12, 7, 8, 20])).unwrap();
        let expected = Pixels::new(2, 2, grey(&[4, 11, 8, 20])).unwrap();
        assert!(averaged(&picture, 2, 2).unwrap() == expected);
        assert!(averaged(&picture, 1, 1).unwrap() == picture);
    }

    #[test]
    fn only_what_is_longer_than_a_jpeg_becomes_blocks() {
        for (length, block) in [
            (1.0, 1),
            (65_535.0, 1),
            (65_536.0, 1),
            (65_537.0, 2),
            (178e6, 2717),
        ] {
            assert_eq!(block_of(Side { start: 0.0, length }), block, "{length}");
        }
    }
}
