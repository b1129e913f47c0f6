//! Embeddings in 8 bits a value, with a scale for each row: half the memory of the library's 16 bits, to
//! find which rows may be the nearest to a query. Whoever ranks them compares the library's embeddings.
//!
//! Rounding moves each value by up to half a step, a 254th of the row's largest value. Those of several hundred
//! values mostly cancel out: a similarity moves by some 0.0003. Of twice as many candidates as wanted, the
//! last is farther from the query than that by far.

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::NullaryFnOnce;
use rayon::prelude::*;

use crate::tagging::scoring::matrix::ShapeError;
use crate::tagging::scoring::nearest::Best;

/// The greatest value of a row in bytes.
const MOST: f32 = 127.0;
/// The greatest value of a query. Products with bytes then fit into 32 bits up to 4,000 at a time.
const MOST_OF_QUERY: f32 = 4095.0;
/// Rows that one thread scans at a time.
const SCAN_ROWS: usize = 4096;

/// Embeddings in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByteRows {
    /// `[rows, dimension]`.
    values: Vec<i8>,
    /// What a row's bytes are multiplied by.
    scales: Vec<f32>,
    dimension: usize,
}

impl ByteRows {
    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }

    /// Makes room for so many rows.
    pub(crate) fn reserve(&mut self, rows: usize, dimension: usize) {
        self.values.reserve_exact(rows * dimension);
        self.scales.reserve_exact(rows);
    }

    /// Adds rows.
    ///
    /// # Errors
    /// If they have another dimension than those that are there.
    pub(crate) fn push(&mut self, rows: &[f16], dimension: usize) -> Result<(), ShapeError> {
        let fits = self.scales.is_empty() || self.dimension == dimension;
        if !fits || dimension == 0 || !rows.len().is_multiple_of(dimension) {
            return Err(ShapeError::Rows {
                values: rows.len(),
                dimension,
            });
        }
        self.dimension = dimension;
        let mut wide = vec![0.0; dimension];
        for row in rows.chunks_exact(dimension) {
            row.convert_to_f32_slice(&mut wide);
            let largest = wide.iter().fold(0.0f32, |most, v| most.max(v.abs()));
            let scale = largest / MOST;
            let by = if scale > 0.0 { scale.recip() } else { 0.0 };
            // Cutting off rounds like `round` then, which is a call for each value on older processors.
            let bytes = wide.iter().map(|v| (v * by + 0.5f32.copysign(*v)) as i8);
            self.values.extend(bytes);
            self.scales.push(scale);
        }
        Ok(())
    }

    /// The `k` rows that are `wanted` and most similar to a query, in no particular order, and the mean of
    /// all similarities. Both are approximate.
    ///
    /// # Errors
    /// If the query has another dimension.
    pub(crate) fn candidates(
        &self,
        query: &[f32],
        k: usize,
        wanted: impl Fn(usize) -> bool + Sync,
    ) -> Result<(Vec<usize>, f32), ShapeError> {
        if self.scales.is_empty() {
            return Ok((Vec::new(), 0.0));
        }
        if query.len() != self.dimension {
            return Err(ShapeError::Rows {
                values: query.len(),
                dimension: self.dimension,
            });
        }
        let (query, step) = rounded(query);
        let scan = |(chunk, (rows, scales)): (usize, (&[i8], &[f32]))| {
            let (mut best, mut sum) = (Best::new(k), 0.0f64);
            let rows = rows.chunks_exact(self.dimension);
            for (i, (row, scale)) in rows.zip(scales).enumerate() {
                let similarity = dot(row, &query) as f32 * scale * step;
                sum += f64::from(similarity);
                let at = chunk * SCAN_ROWS + i;
                if wanted(at) {
                    best.offer(at, similarity);
                }
            }
            (best, sum)
        };
        let rows = self.values.par_chunks(SCAN_ROWS * self.dimension);
        let (best, sum) = rows
            .zip(self.scales.par_chunks(SCAN_ROWS))
            .enumerate()
            .map(scan)
            .reduce(|| (Best::new(k), 0.0), |(a, x), (b, y)| (a.merge(b), x + y));
        let rows = best.sorted().into_iter().map(|(row, _)| row).collect();
        Ok((rows, (sum / self.len().max(1) as f64) as f32))
    }
}

/// A query in whole numbers, and what they are multiplied by.
fn rounded(query: &[f32]) -> (Vec<i16>, f32) {
    let largest = query.iter().map(|v| v.abs()).fold(0.0, f32::max);
    let step = largest / MOST_OF_QUERY;
    let by = if step > 0.0 { step.recip() } else { 0.0 };
    (
        query.iter().map(|v| (v * by).round() as i16).collect(),
        step,
    )
}

/// The dot product, compiled for this machine.
fn dot(row: &[i8], query: &[i16]) -> i64 {
    pulp::Arch::new().dispatch(Dot { row, query })
}

struct Dot<'a> {
    row: &'a [i8],
    query: &'a [i16],
}

impl NullaryFnOnce for Dot<'_> {
    type Output = i64;

    #[inline(always)]
    fn call(self) -> i64 {
        /// So many products of 19 bits fit into the sum.
        const PART: usize = 2048;
        let parts = self.row.chunks(PART).zip(self.query.chunks(PART));
        let sum = |(row, query): (&[i8], &[i16])| -> i32 {
            let products = row.iter().zip(query);
            products.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
        };
        parts.map(|part| i64::from(sum(part))).sum()
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::core::embedding::Embedding;
    use crate::tagging::Matrix;

    /// Vectors of unit length around some centres, as photos of one kind lie together.
    fn library(rows: usize, dimension: usize, rng: &mut StdRng) -> Vec<Embedding> {
        let mut random = |spread: f32| -> Vec<f32> {
            (0..dimension)
                .map(|_| rng.random_range(-spread..spread))
                .collect()
        };
        let centres: Vec<Vec<f32>> = (0..40).map(|_| random(1.0)).collect();
        (0..rows)
            .map(|i| {
                let centre = &centres[i * 7919 % centres.len()];
                let own = random(1.2);
                let values = centre.iter().zip(own).map(|(a, b)| a + b);
                Embedding::normalised(values.collect()).unwrap()
            })
            .collect()
    }

    #[test]
    fn twice_as_many_candidates_have_all_of_the_nearest() {
        let (dimension, mut rng) = (512, StdRng::seed_from_u64(11));
        let all = library(12_000, dimension, &mut rng);
        let rows: Vec<f16> = all
            .iter()
            .flat_map(|e| e.values())
            .map(|v| f16::from_f32(*v))
            .collect();
        let matrix = Matrix::new(&rows, dimension).unwrap();
        let mut bytes = ByteRows::default();
        for part in rows.chunks(1000 * dimension) {
            bytes.push(part, dimension).unwrap();
        }
        assert_eq!(bytes.len(), 12_000);
        let (mut kept, mut kept_alone) = (0, 0);
        for query in all.iter().step_by(400) {
            let exact = matrix.nearest(query.values(), 100).unwrap();
            let mut similarities = vec![0.0; all.len()];
            matrix.scores(query.values(), &mut similarities).unwrap();
            let usual = similarities.iter().sum::<f32>() / all.len() as f32;
            let has = |candidates: &[usize]| {
                exact
                    .iter()
                    .filter(|(row, _)| candidates.contains(row))
                    .count()
            };
            let (alone, mean) = bytes.candidates(query.values(), 100, |_| true).unwrap();
            let (twice, _) = bytes.candidates(query.values(), 200, |_| true).unwrap();
            assert!((mean - usual).abs() < 1e-4, "{mean} {usual}");
            kept_alone += has(&alone);
            kept += has(&twice);
        }
        assert_eq!(kept, 30 * 100);
        // Ranked by bytes alone, some of the last would be others.
        assert!((2900..3000).contains(&kept_alone), "{kept_alone} of 3000");
    }

    #[test]
    fn only_wanted_rows_are_found_and_odd_rows_harm_nothing() {
        let values = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0].map(f16::from_f32);
        let mut bytes = ByteRows::default();
        bytes.push(&values, 2).unwrap();
        let (found, _) = bytes.candidates(&[1.0, 0.0], 9, |row| row != 0).unwrap();
        assert_eq!(found, [1, 2]);
        let (found, mean) = bytes.candidates(&[1.0, 0.0], 1, |_| true).unwrap();
        assert_eq!((found, (mean * 3.0).round()), (vec![0], 1.0));
        assert!(bytes.push(&values, 3).is_err() && bytes.push(&values[..3], 2).is_err());
        assert!(bytes.candidates(&[1.0], 1, |_| true).is_err());
        let (none, mean) = ByteRows::default().candidates(&[1.0], 3, |_| true).unwrap();
        assert!(none.is_empty() && mean == 0.0);
        // Sums of long rows do not overflow.
        let long = vec![f16::ONE; 9000];
        let mut bytes = ByteRows::default();
        bytes.push(&long, 9000).unwrap();
        let (_, mean) = bytes.candidates(&vec![1.0; 9000], 1, |_| true).unwrap();
        assert!((mean / 9000.0 - 1.0).abs() < 1e-3, "{mean}");
    }
}
