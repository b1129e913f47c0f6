//! The few matrix algorithms that candle has no operation for.

use anyhow::Result;
use candle_core::{Device, Tensor};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Sweeps of the subspace iteration; the axes that matter have settled long before.
const SWEEPS: usize = 40;

/// The `count` orthonormal directions along which the rows of `x` `[n, width]` spread most:
/// `[width, count]`, by subspace iteration on the covariance.
pub fn principal_axes(x: &Tensor, count: usize) -> Result<Tensor> {
    let covariance = x.t()?.contiguous()?.matmul(x)?;
    let width = covariance.dim(0)?;
    // A fixed start, so that the axes are the same in every run.
    let mut rng = StdRng::seed_from_u64(1);
    let start: Vec<f32> = (0..width * count)
        .map(|_| rng.random_range(-1f32..1.0))
        .collect();
    let mut rows = start;
    for _ in 0..SWEEPS {
        orthonormalise(&mut rows, width);
        let axes = Tensor::from_vec(rows, (count, width), &Device::Cpu)?;
        rows = axes.matmul(&covariance)?.flatten_all()?.to_vec1()?;
    }
    orthonormalise(&mut rows, width);
    Ok(Tensor::from_vec(rows, (count, width), &Device::Cpu)?
        .t()?
        .contiguous()?)
}

/// Gram-Schmidt over the rows, each of `width` values.
fn orthonormalise(rows: &mut [f32], width: usize) {
    let count = rows.len() / width;
    for i in 0..count {
        let (done, rest) = rows.split_at_mut(i * width);
        let row = &mut rest[..width];
        for _ in 0..2 {
            for other in done.chunks(width) {
                let along: f32 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                for (r, o) in row.iter_mut().zip(other) {
                    *r -= along * o;
                }
            }
        }
        let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
        for v in row {
            *v /= norm;
        }
    }
}
