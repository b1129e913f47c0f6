//! Numbers for tests of the kernels.

use crate::engine::cpu::memory::Matrix;

/// Pseudo-random numbers between -1 and 1 (a linear congruential generator; Knuth's constants).
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

/// Pseudo-random rows.
pub(crate) fn matrix(rows: usize, width: usize, seed: u64) -> Matrix {
    let mut matrix = Matrix::zeros(rows, width);
    for (row, values) in numbers(rows * width, seed).chunks(width).enumerate() {
        matrix.row_mut(row).copy_from_slice(values);
    }
    matrix
}
