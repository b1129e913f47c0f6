//! 1×1 convolutions on the calling thread: pixels times packed weights.

use std::ops::Range;

use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::product::row_groups;
use crate::engine::cpu::matmul::tile;
use crate::engine::cpu::matmul::tile::{Bounds, Tile};

/// The layout of lines of pixels, each a vector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    /// The number of lines.
    pub(crate) count: usize,
    /// Pixels per line.
    pub(crate) pixels: usize,
    /// Values from one pixel to the next.
    pub(crate) stride: usize,
    /// Values from one line's start to the next.
    pub(crate) pitch: usize,
}

impl Lines {
    /// Adjacent pixels, `stride` values apart.
    pub(crate) fn dense(pixels: usize, stride: usize) -> Self {
        Self {
            count: 1,
            pixels,
            stride,
            pitch: pixels * stride,
        }
    }
}

/// Computes `a Wᵀ + b`, pixel by pixel, only for the columns of `panels`, added to `c` if `add` is
/// set, clamped to `bounds`.
///
/// Whole panels are written: beyond the output's width, up to the next multiple of 16 values, `c`
/// is overwritten.
pub(crate) fn multiply(
    packed: &Packed,
    panels: Range<usize>,
    (a, a_lines): (&[f32], Lines),
    (c, c_lines): (&mut [f32], Lines),
    add: bool,
    bounds: Bounds,
) {
    assert_eq!(
        (a_lines.count, a_lines.pixels),
        (c_lines.count, c_lines.pixels)
    );
    if a_lines.pixels == 0 {
        return;
    }
    let level = packed.level();
    for steps in packed.depths() {
        let (first, last) = (steps.start == 0, steps.end == packed.input());
        for index in panels.clone() {
            let panel = packed.panel(index, &steps);
            let columns = packed.columns(index);
            let bias = if first {
                packed.bias(index).as_ptr()
            } else {
                std::ptr::null()
            };
            for line in 0..a_lines.count {
                for group in row_groups(&(0..a_lines.pixels), level.rows()) {
                    let behind = group.len() - 1;
                    let start = line * a_lines.pitch + group.start * a_lines.stride + steps.start;
                    let left = &a[start..start + behind * a_lines.stride + steps.len()];
                    let start = line * c_lines.pitch
                        + group.start * c_lines.stride
                        + index * level.columns();
                    let target = &mut c[start..start + behind * c_lines.stride + columns];
                    let tile = Tile {
                        a: left.as_ptr(),
                        a_stride: a_lines.stride,
                        b: panel.as_ptr(),
                        depth: steps.len(),
                        c: target.as_mut_ptr(),
                        c_stride: c_lines.stride,
                        bias,
                        add: add || !first,
                        bounds: if last { bounds } else { Bounds::NONE },
                    };
                    // SAFETY: `left` has the group's pixels to the last step, `panel` the steps'
                    // columns, `bias` a panel's, and `target` a panel's for each pixel.
                    unsafe { tile::multiply(level, columns, group.len(), &tile) };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::simd::level::Level;
    use crate::engine::cpu::testing::numbers;

    #[test]
    fn agrees_with_plain_sums_and_leaves_the_margins_alone() {
        for level in Level::available() {
            for (count, pixels, input, output) in [(1, 1, 1, 1), (3, 17, 27, 40), (2, 30, 1100, 24)]
            {
                let (weight, bias) = (numbers(output * input, 1), numbers(output, 2));
                let packed = Packed::new(level, &weight, Some(&bias), output).unwrap();
                let from = Lines {
                    count,
                    pixels,
                    stride: input + 5,
                    pitch: (pixels + 2) * (input + 5),
                };
                let stride = output.next_multiple_of(16) + 16;
                let to = Lines {
                    count,
                    pixels,
                    stride,
                    pitch: (pixels + 1) * stride,
                };
                let a = numbers(count * from.pitch, 3);
                let before = numbers(count * to.pitch, 4);
                for (add, bounds) in [(false, Bounds::RELU6), (true, Bounds::NONE)] {
                    let mut c = before.clone();
                    multiply(
                        &packed,
                        0..packed.panels(),
                        (&a, from),
                        (&mut c, to),
                        add,
                        bounds,
                    );
                    for (i, got) in c.iter().enumerate() {
                        let (line, at) = (i / to.pitch, i % to.pitch);
                        let (pixel, column) = (at / stride, at % stride);
                        let inside = pixel < pixels && column < output;
                        if !inside {
                            let margin = pixel == pixels || column >= output.next_multiple_of(16);
                            assert!(!margin || *got == before[i]);
                            continue;
                        }
                        let row = &a[line * from.pitch + pixel * from.stride..][..input];
                        let products = row.iter().zip(&weight[column * input..][..input]);
                        let sum: f64 = products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                        let old = if add { before[i] } else { 0.0 };
                        let expected = bounds.hold(sum as f32 + bias[column] + old);
                        assert!(
                            (got - expected).abs() < 3e-5,
                            "{level:?} {input}×{output}: {got}, not {expected}"
                        );
                    }
                }
            }
        }
    }
}
