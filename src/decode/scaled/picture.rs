//! Assembles the scaled picture, one row of units at a time.

use crate::core::pixels::Pixels;
use crate::decode::scaled::Odd;
use crate::decode::scaled::header::Colours;
use crate::decode::scaled::layout::Layout;

/// A block without coefficients: T.81, A.3.1.
const GREY: u8 = 128;

/// A row of units, and the picture of all those before it.
pub(super) struct Picture<'a> {
    layout: &'a Layout,
    colours: Colours,
    /// Samples of one row of units, for each component; `layout.stride` per row.
    planes: Vec<Vec<u8>>,
    rgb: Vec<u8>,
}

impl<'a> Picture<'a> {
    pub(super) fn new(layout: &'a Layout, colours: Colours) -> Result<Self, Odd> {
        let mut rgb = Vec::new();
        let length = layout.width * layout.height * 3;
        rgb.try_reserve_exact(length).map_err(|_| Odd)?;
        let plane = vec![0; layout.stride * layout.rows];
        Ok(Self {
            layout,
            colours,
            planes: vec![plane; layout.parts.len()],
            rgb,
        })
    }

    /// The samples of a component's block at this column and row within the row of units, in rows
    /// of `layout.stride`.
    #[inline(always)]
    pub(super) fn block(&mut self, component: usize, column: usize, row: usize) -> &mut [u8] {
        let part = &self.layout.parts[component];
        let at = row * part.block_height * self.layout.stride + column * part.block_width;
        &mut self.planes[component][at..]
    }

    /// Fills missing rows with JPEG's grey, and returns how many rows there are.
    pub(super) fn fill_up(&mut self) -> u32 {
        let there = self.rgb.len() / (self.layout.width * 3).max(1);
        self.rgb
            .resize(self.layout.width * self.layout.height * 3, GREY);
        there as u32
    }

    /// Finishes a row of units.
    pub(super) fn finish_row(&mut self) {
        let Layout {
            width,
            height,
            stride,
            rows,
            ..
        } = *self.layout;
        let missing = height - self.rgb.len() / (width * 3).max(1);
        for row in 0..rows.min(missing) {
            let start = self.rgb.len();
            self.rgb.resize(start + width * 3, 0);
            let out = self.rgb[start..].as_chunks_mut::<3>().0;
            let line = |plane: &'_ Vec<u8>| row * stride..row * stride + width.min(plane.len());
            match self.planes.as_slice() {
                [grey] => {
                    for (out, &grey) in out.iter_mut().zip(&grey[line(grey)]) {
                        *out = [grey; 3];
                    }
                }
                [a, b, c] => {
                    let (a, b, c) = (&a[line(a)], &b[line(b)], &c[line(c)]);
                    let samples = a.iter().zip(b).zip(c);
                    if self.colours == Colours::Rgb {
                        for (out, ((&r, &g), &b)) in out.iter_mut().zip(samples) {
                            *out = [r, g, b];
                        }
                    } else {
                        for (out, ((&y, &cb), &cr)) in out.iter_mut().zip(samples) {
                            *out = rgb(y, cb, cr);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn into_pixels(self) -> Result<Pixels, Odd> {
        let (width, height) = (self.layout.width as u32, self.layout.height as u32);
        Pixels::new(width, height, self.rgb).ok_or(Odd)
    }
}

/// JFIF's conversion (ITU-T T.871, section 7), in steps of 1/65536.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let y = i32::from(y) * 65_536 + 32_768;
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let level = |sum: i32| (sum >> 16).clamp(0, 255) as u8;
    [
        level(y + 91_881 * cr),
        level(y - 22_554 * cb - 46_802 * cr),
        level(y + 116_130 * cb),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_the_standards() {
        for y in (0..=255).step_by(15) {
            for cb in (0..=255).step_by(17) {
                for cr in (0..=255).step_by(17) {
                    let (fy, fb, fr) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
                    let exact = [
                        fy + 1.402 * fr,
                        fy - 0.344_136_286 * fb - 0.714_136_286 * fr,
                        fy + 1.772 * fb,
                    ];
                    for (ours, exact) in rgb(y, cb, cr).into_iter().zip(exact) {
                        assert!((f64::from(ours) - exact.clamp(0.0, 255.0)).abs() < 0.51);
                    }
                }
            }
        }
    }
}
