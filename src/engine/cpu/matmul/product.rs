//! Multiplies rows with packed weights, on all threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::cpu::matmul::packed::Packed;
use crate::engine::cpu::matmul::tile;
use crate::engine::cpu::matmul::tile::{Bounds, MAX_COLUMNS, MAX_ROWS, Tile};
use crate::engine::cpu::memory::{Matrix, Shared};
use crate::engine::cpu::simd::math::{Apply, Epilogue};

/// Rows per thread and step: they stay in the second-level cache for all panels.
pub(crate) const BLOCK_ROWS: usize = 224;

/// Jobs per thread: with several, a job that another program delays does not delay all.
const JOBS_PER_THREAD: usize = 4;

/// The handling of a product.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish {
    /// Whether to add the product to the result: the residual connection.
    pub(crate) add: bool,
    /// The element-wise operation after the sum.
    pub(crate) then: Epilogue,
}

impl Finish {
    /// Stores the product with its bias.
    pub(crate) const PLAIN: Self = Self {
        add: false,
        then: Epilogue::Nothing,
    };
    /// Adds the product to the result.
    pub(crate) const ADD: Self = Self {
        add: true,
        then: Epilogue::Nothing,
    };

    /// Stores the product with its bias, then applies `then`.
    pub(crate) const fn then(then: Epilogue) -> Self {
        Self { add: false, then }
    }
}

/// Splits `rows` × `panels` into jobs: blocks of rows by groups of panels.
///
/// All rows of a group come one after the other, so that a thread reads its part of the weights
/// from memory once.
pub(crate) fn jobs(rows: usize, panels: &Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let blocks = rows.div_ceil(BLOCK_ROWS);
    let wanted = (rayon::current_num_threads() * JOBS_PER_THREAD).div_ceil(blocks.max(1));
    let groups = wanted.clamp(1, panels.len().max(1));
    let mut jobs = Vec::with_capacity(groups * blocks);
    for group in 0..groups {
        let at = |group: usize| panels.start + group * panels.len() / groups;
        for block in 0..blocks {
            let rows = block * rows / blocks..(block + 1) * rows / blocks;
            jobs.push((rows, at(group)..at(group + 1)));
        }
    }
    jobs
}

/// Computes `a Wᵀ + b` into `c`, only for the columns of `panels`; they keep their places in `c`.
pub(crate) fn multiply_panels(
    a: &Matrix,
    packed: &Packed,
    panels: Range<usize>,
    c: &mut Matrix,
    finish: Finish,
) {
    assert_eq!(a.width(), packed.input());
    assert_eq!((c.rows(), c.width()), (a.rows(), packed.output()));
    assert!(panels.end <= packed.panels());
    if a.rows() == 0 || panels.is_empty() {
        return;
    }
    let shared = Shared::new(c);
    jobs(a.rows(), &panels)
        .into_par_iter()
        .for_each(|(rows, panels)| {
            job(a, packed, rows, panels, &shared, finish);
        });
}

/// `a Wᵀ + b` into `c`.
#[cfg(test)]
pub(crate) fn multiply(a: &Matrix, packed: &Packed, c: &mut Matrix, finish: Finish) {
    multiply_panels(a, packed, 0..packed.panels(), c, finish);
}

/// Groups of rows for the kernel, as even as possible.
pub(crate) fn row_groups(
    rows: &Range<usize>,
    most: usize,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let (start, length) = (rows.start, rows.len());
    let groups = length.div_ceil(most).max(1);
    (0..groups).map(move |g| start + g * length / groups..start + (g + 1) * length / groups)
}

fn job(
    a: &Matrix,
    packed: &Packed,
    rows: Range<usize>,
    panels: Range<usize>,
    c: &Shared,
    finish: Finish,
) {
    let level = packed.level();
    let columns = level.columns();
    let (values, stride) = (a.values(), a.stride());
    for steps in packed.depths() {
        let (first, last) = (steps.start == 0, steps.end == packed.input());
        for index in panels.clone() {
            let panel = packed.panel(index, &steps);
            let bias = if first {
                packed.bias(index).as_ptr()
            } else {
                std::ptr::null()
            };
            let width = columns.min(packed.output() - index * columns);
            for group in row_groups(&rows, level.rows()) {
                let left = &values[group.start * stride..];
                let left = &left[steps.start..(group.len() - 1) * stride + steps.end];
                let target = c.block(group.start, index * columns, group.len(), width);
                let tile = Tile {
                    a: left.as_ptr(),
                    a_stride: stride,
                    b: panel.as_ptr(),
                    depth: steps.len(),
                    c: target,
                    c_stride: c.stride,
                    bias,
                    add: finish.add || !first,
                    bounds: Bounds::NONE,
                };
                let then = if last { finish.then } else { Epilogue::Nothing };
                // SAFETY: `left` has the group's rows to the last step, `panel` the steps' columns,
                // `bias` a panel's; `block` has checked the target, and every block of rows and
                // columns of the result belongs to one job.
                unsafe { compute(packed, index, group.len(), width, &tile, then) };
            }
        }
    }
}

/// Computes one tile of panel `index` and its epilogue; a partial panel goes through a buffer.
///
/// # Safety
/// As for [`tile::multiply`], except that `c` need only have `width` columns.
unsafe fn compute(
    packed: &Packed,
    index: usize,
    rows: usize,
    width: usize,
    tile: &Tile,
    then: Epilogue,
) {
    let (level, columns) = (packed.level(), packed.columns(index));
    if width == columns {
        // SAFETY: as the caller guarantees.
        unsafe { tile::multiply(level, columns, rows, tile) };
        if then != Epilogue::Nothing {
            // Other threads write between the rows, so each row is a separate slice.
            for row in 0..rows {
                // SAFETY: the caller owns `width` values of each row.
                let values = unsafe {
                    std::slice::from_raw_parts_mut(tile.c.add(row * tile.c_stride), width)
                };
                level.run(Apply {
                    then,
                    values,
                    columns: width,
                    stride: width,
                });
            }
        }
        return;
    }
    let mut buffer = [0f32; MAX_ROWS * MAX_COLUMNS];
    let mut own = *tile;
    own.c = buffer.as_mut_ptr();
    own.c_stride = columns;
    own.add = false;
    // SAFETY: the buffer fits the largest tile.
    unsafe { tile::multiply(level, columns, rows, &own) };
    for (row, values) in buffer.chunks_exact_mut(columns).take(rows).enumerate() {
        // SAFETY: the caller owns `width` values of each row.
        let target =
            unsafe { std::slice::from_raw_parts_mut(tile.c.add(row * tile.c_stride), width) };
        if tile.add {
            values
                .iter_mut()
                .zip(target.iter())
                .for_each(|(v, t)| *v += t);
        }
        then.apply(level, &mut values[..width]);
        target.copy_from_slice(&values[..width]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::spec::activation::Activation;
    use crate::engine::cpu::simd::level::Level;
    use crate::engine::cpu::testing::{matrix, numbers};

    #[test]
    fn agrees_with_plain_sums() {
        for level in Level::available() {
            for (rows, input, output) in [
                (1, 1, 1),
                (3, 5, 7),
                (29, 33, 50),
                (15, 600, 64),
                (230, 96, 31),
                (57, 1100, 33),
            ] {
                let weight = numbers(output * input, 1);
                let bias = numbers(output, 2);
                let a = matrix(rows, input, 3);
                let packed = Packed::new(level, &weight, Some(&bias), output).unwrap();
                for (add, then) in [
                    (false, Epilogue::Nothing),
                    (true, Epilogue::Nothing),
                    (true, Epilogue::Activation(Activation::Gelu)),
                    (false, Epilogue::Activation(Activation::QuickGelu)),
                ] {
                    let before = matrix(rows, output, 4);
                    let mut c = before.clone();
                    multiply(&a, &packed, &mut c, Finish { add, then });
                    for row in 0..rows {
                        for column in 0..output {
                            let products =
                                a.row(row).iter().zip(&weight[column * input..][..input]);
                            let sum: f64 =
                                products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                            let mut sum = sum as f32 + bias[column];
                            if add {
                                sum += before.row(row)[column];
                            }
                            then.apply(Level::Portable, std::slice::from_mut(&mut sum));
                            let got = c.row(row)[column];
                            assert!(
                                (got - sum).abs() < 3e-5,
                                "{level:?} {rows}×{input}×{output} at {row}, {column}: {got}, not {sum}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn some_panels_leave_the_others_alone() {
        for level in Level::available() {
            let columns = level.columns();
            let output = columns * 3;
            let packed = Packed::new(level, &numbers(output * 9, 1), None, output).unwrap();
            let a = matrix(5, 9, 2);
            let mut whole = Matrix::zeros(5, output);
            multiply(&a, &packed, &mut whole, Finish::PLAIN);
            let mut part = Matrix::zeros(5, output);
            multiply_panels(&a, &packed, 1..2, &mut part, Finish::PLAIN);
            for row in 0..5 {
                for column in 0..output {
                    let expected = if column / columns == 1 {
                        whole.row(row)[column]
                    } else {
                        0.0
                    };
                    assert_eq!(part.row(row)[column], expected);
                }
            }
        }
    }

    #[test]
    fn jobs_cover_everything_once() {
        for (rows, panels) in [(1, 0..1), (50, 3..99), (1000, 0..24), (225, 0..1)] {
            let mut seen = vec![0; rows * panels.end];
            for (r, p) in jobs(rows, &panels) {
                for row in r {
                    p.clone()
                        .for_each(|panel| seen[row * panels.end + panel] += 1);
                }
            }
            let expected = |i: usize| usize::from(panels.contains(&(i % panels.end)));
            assert!(seen.iter().enumerate().all(|(i, n)| *n == expected(i)));
        }
    }
}
