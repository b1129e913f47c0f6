//! Products of 32-bit vectors: many rows with many labels, and one with another.

use gemm::{Parallelism, gemm};
use pulp::NullaryFnOnce;

/// Parallel sums, so that a dot product is not one long chain of additions.
const LANES: usize = 64;

/// `out = rows · labelsᵀ`, all row by row, on the calling thread.
pub(crate) fn product(rows: &[f32], labels: &[f32], dimension: usize, out: &mut [f32]) {
    let (m, n) = (rows.len() / dimension, labels.len() / dimension);
    assert_eq!((rows.len(), labels.len()), (m * dimension, n * dimension));
    assert_eq!(out.len(), m * n);
    // SAFETY: the asserted lengths are those of an m×dimension, an n×dimension and an m×n matrix,
    // and the strides stay within them: they are those of contiguous rows (the labels' are swapped,
    // to transpose them). `out` is borrowed mutably, so it overlaps neither.
    unsafe {
        gemm(
            m,
            n,
            dimension,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            rows.as_ptr(),
            1,
            dimension as isize,
            labels.as_ptr(),
            dimension as isize,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// The dot product of two vectors of equal length, compiled for this machine.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    debug_assert_eq!(a.len(), b.len());
    pulp::Arch::new().dispatch(Dot { a, b })
}

struct Dot<'a> {
    a: &'a [f32],
    b: &'a [f32],
}

impl NullaryFnOnce for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn call(self) -> f32 {
        let (a, a_rest) = self.a.as_chunks::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        let mut sums = [0f32; LANES];
        for (a, b) in a.iter().zip(b) {
            for i in 0..LANES {
                sums[i] = a[i].mul_add(b[i], sums[i]);
            }
        }
        let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
        // Halving keeps the additions parallel too.
        let mut width = LANES / 2;
        while width > 0 {
            for i in 0..width {
                sums[i] += sums[i + width];
            }
            width /= 2;
        }
        sums[0] + rest
    }
}
